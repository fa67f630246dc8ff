package web

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// buildInfo is the published build and what has to be known to show it.
type buildInfo struct {
	ID             string
	AsOf, BuiltAt  time.Time
	AsOfDate       day
	FirstDate      day // of anything measured; AsOfDate when there is nothing
	LastDate       day // likewise
	Calendar       calendar
	ProgramVersion string
	Streams        []streamInfo
	Metrics        map[string]metricInfo
	Choices        map[string][]string // severity (most severe first), incident_type, service, team, repository; deployments: counted, excluded
	Fields         []fieldValue        // of incidents, a row for each value
	Teams          map[string]string   // by service
}

// streamInfo is the freshness of a stream.
type streamInfo struct {
	Source   string    `json:"source"`
	Stream   string    `json:"stream"`
	Status   string    `json:"status"`
	LastOKAt time.Time `json:"last_ok_at"`
}

// metricInfo is a row of dim_metrics.
type metricInfo struct {
	Unit, Better, Rules string
	Title, Text         map[string]string // by language
	LevelYear           string            // of the report whose levels it is given; "" for none
	Comparison          string            // how a value reaches a limit: below, at_most or at_least
	Limits              []float64         // of the levels elite, high and medium, in the metric's unit
}

// buildQueries are what build reads.
var buildQueries = []string{"publication", "metrics", "choices"}

// build reads what is the same for every page of a build.
func (s *server) build(ctx context.Context, id string) (buildInfo, error) {
	b := buildInfo{ID: id}
	t, err := s.store.tables(ctx, id, nil, buildQueries...)
	if err != nil {
		return b, err
	}
	if len(t["publication"].Rows) != 1 {
		return b, fmt.Errorf("web: publication of build %s has %d rows; it must have one", id, len(t["publication"].Rows))
	}
	r := t["publication"].rows()[0]
	b.AsOf, b.BuiltAt, b.ProgramVersion = r.at("as_of"), r.at("built_at"), r.text("program_version")
	zone, err := time.LoadLocation(r.text("timezone"))
	if err != nil {
		return b, fmt.Errorf("web: time zone of build %s: %w", id, err)
	}
	b.Calendar = calendar{zone: zone, zoneName: r.text("timezone"), sundayWeek: r.text("week_start") == "sunday"}
	if b.AsOfDate, err = parseDay(r.text("as_of_date")); err != nil {
		return b, err
	}
	if err := json.Unmarshal([]byte(r.text("freshness")), &b.Streams); err != nil {
		return b, fmt.Errorf("web: freshness of build %s: %w", id, err)
	}
	b.Metrics = map[string]metricInfo{}
	for _, r := range t["metrics"].rows() {
		info := metricInfo{
			Unit: r.text("unit"), Better: r.text("better"), Rules: r.text("rules"),
			Title: map[string]string{"en": r.text("title_en"), "ja": r.text("title_ja")},
			Text:  map[string]string{"en": r.text("description_en"), "ja": r.text("description_ja")},
		}
		if info.Comparison = r.text("level_comparison"); info.Comparison != "" {
			info.LevelYear = r.text("level_year")
			for _, column := range []string{"level_elite", "level_high", "level_medium"} {
				if limit := r.number(column); limit != nil {
					info.Limits = append(info.Limits, *limit)
				}
			}
		}
		b.Metrics[r.text("metric")] = info
	}
	return b, b.choose(t["choices"])
}

// choose reads what the filters offer.
func (b *buildInfo) choose(t *Table) error {
	b.Choices, b.Teams, b.FirstDate, b.LastDate = map[string][]string{}, map[string]string{}, b.AsOfDate, b.AsOfDate
	for _, r := range t.rows() {
		var err error
		switch kind, value := r.text("kind"), r.text("value"); kind {
		case "first_date":
			b.FirstDate, err = parseDay(value)
		case "last_date":
			b.LastDate, err = parseDay(value)
		case "field":
			b.Fields = append(b.Fields, fieldValue{r.text("detail"), value})
		case "service":
			b.Teams[value] = r.text("detail")
			b.Choices[kind] = append(b.Choices[kind], value)
		default:
			b.Choices[kind] = append(b.Choices[kind], value)
		}
		if err != nil {
			return err
		}
	}
	if b.FirstDate.after(b.AsOfDate) {
		b.FirstDate = b.AsOfDate
	}
	return nil
}

// title of a metric in a language; its name where the build is from before the metric.
func (b buildInfo) title(l *language, metric string) string {
	if m := b.Metrics[metric]; m.Title[l.Code] != "" {
		return m.Title[l.Code]
	}
	return metric
}

// tables runs queries side by side, all with the same parameters.
func (s *store) tables(ctx context.Context, build string, params map[string]any, names ...string) (map[string]*Table, error) {
	return s.tablesBy(ctx, build, func(string) map[string]any { return params }, names...)
}
