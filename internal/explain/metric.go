package explain

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fourfold/dashboards"
)

// MetricRequest asks for one number: a metric, the time that it is of, and whose it is. What is empty does not narrow.
type MetricRequest struct {
	Metric string
	// Period is day, week, month, quarter or year, and Start any day of it; without a Start it is the period that the build
	// was made in.
	Period string
	Start  time.Time
	// Without a Period the number is of the days From to To, both inclusive: the 90 up to that of the build unless given.
	From, To time.Time

	Service, Team, Repository, Severity, IncidentType string
	Field, FieldValue                                 string // a custom field and its value, together
}

// Metric is what stands behind a number. Dates are local, both ends inclusive.
type Metric struct {
	Metric      string            `json:"metric"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Kind        string            `json:"kind"` // count, rate or duration
	Aggregate   string            `json:"aggregate"`
	Unit        string            `json:"unit"`
	Rules       []string          `json:"rules"`
	Period      string            `json:"period"` // day, week, month, quarter, year, or range
	FromDate    string            `json:"from_date"`
	ToDate      string            `json:"to_date"`
	Timezone    string            `json:"timezone"`
	WeekStart   string            `json:"week_start"`
	IsOpen      bool              `json:"is_open"` // the period has not ended: what follows is of the days begun
	Filters     map[string]string `json:"filters"`
	Value       *float64          `json:"value"` // null for the rate or median of nothing
	SampleSize  int64             `json:"sample_size"`
	Low         *float64          `json:"low"`
	High        *float64          `json:"high"`
	Level       string            `json:"level,omitempty"`
	LevelYear   int64             `json:"level_year,omitempty"`
	Numerator   *int64            `json:"numerator"` // of a rate, like the denominator
	Denominator *int64            `json:"denominator"`
	Calculation []string          `json:"calculation"` // how the value comes of the rows, in words
	Rows        []MetricRow       `json:"rows"`
	Excluded    []ExcludedRow     `json:"excluded"` // of the same days, and why they are in no count
	BuildID     string            `json:"build_id"`

	measure string
	object  string // incident, deployment, change or commit
	zone    *time.Location
	from    time.Time
	to      time.Time
	asOf    time.Time // the day of the build
	anchor  string
}

// MetricRow is an object that the number is made of. Of a rate every row is in the denominator.
type MetricRow struct {
	ObjectType  string    `json:"object_type"`
	ObjectID    string    `json:"object_id"`
	Name        string    `json:"name"`
	Service     string    `json:"service"` // the first where it counts in several
	Repository  string    `json:"repository"`
	At          time.Time `json:"at"` // what puts it in the period
	LocalDate   string    `json:"local_date"`
	Value       *int64    `json:"value"`
	InNumerator *bool     `json:"in_numerator"`
	Rule        string    `json:"rule"`
	Why         string    `json:"why"`
	From        *Bound    `json:"from"` // of a duration, like To
	To          *Bound    `json:"to"`
	numerator   int64
	denominator int64
}

// Bound is an end of a duration, and where it was found.
type Bound struct {
	At    *time.Time `json:"at"`
	Basis string     `json:"basis"`
}

// ExcludedRow is an object of the same days that is not in the number.
type ExcludedRow struct {
	ObjectType string     `json:"object_type"`
	ObjectID   string     `json:"object_id"`
	Name       string     `json:"name"`
	At         *time.Time `json:"at"`
	Reason     string     `json:"reason"`
}

// FindMetric explains a number of the published build.
func FindMetric(ctx context.Context, q Querier, req MetricRequest) (*Metric, error) {
	r := reader{ctx: ctx, q: q}
	m, err := r.metricNamed(req.Metric)
	if err != nil {
		return nil, err
	}
	if err := r.span(m, req); err != nil {
		return nil, err
	}
	if err := r.narrow(m, req); err != nil {
		return nil, err
	}
	r.metricRows(m)
	r.metricValue(m)
	r.metricExcluded(m)
	if r.err != nil {
		return nil, r.err
	}
	m.calculate()
	return m, nil
}

// metricNamed finds a metric by its name, in any case.
func (r *reader) metricNamed(name string) (*Metric, error) {
	var known []string
	var found *Metric
	for _, x := range r.rows(`select metric, measure, object_type, kind, aggregate, unit, rules, title_en, description_en, level_year from dim_metrics order by metric`) {
		known = append(known, text(x[0]))
		if !strings.EqualFold(text(x[0]), strings.TrimSpace(name)) {
			continue
		}
		found = &Metric{
			Metric: text(x[0]), measure: text(x[1]), object: text(x[2]), Kind: text(x[3]), Aggregate: text(x[4]), Unit: text(x[5]),
			Rules: strings.Fields(text(x[6])), Title: text(x[7]), Description: text(x[8]), LevelYear: number(x[9]),
			Filters: map[string]string{}, Calculation: []string{}, Rows: []MetricRow{}, Excluded: []ExcludedRow{},
		}
	}
	if r.err == nil && found == nil {
		return nil, fmt.Errorf("metric %s: %w: there are %s", name, ErrNotFound, strings.Join(known, ", "))
	}
	return found, r.err
}

// query runs a query of the catalogue with the filters of a metric.
func (r *reader) query(name string, m *Metric, values map[string]any) [][]any {
	if r.err != nil {
		return nil
	}
	q, err := dashboards.Load(name)
	if err != nil {
		r.err = err
		return nil
	}
	all := map[string]any{"week_anchor": m.anchor, "from_date": m.from.Format(time.DateOnly), "to_date": m.to.Format(time.DateOnly)}
	for _, key := range []string{"service", "team", "repository", "severity", "incident_type", "field", "field_value"} {
		all[key] = m.Filters[key]
	}
	for key, v := range values {
		all[key] = v
	}
	sql, args, err := q.Bind(r.q.Engine(), all)
	if err != nil {
		r.err = err
		return nil
	}
	return r.rows(sql, args...)
}

// metricRows reads what the number is made of.
func (r *reader) metricRows(m *Metric) {
	rate := m.Kind == "rate"
	for _, x := range r.query("metric_rows", m, map[string]any{"measure": m.measure}) {
		row := MetricRow{
			ObjectType: text(x[0]), ObjectID: text(x[1]), At: *instant(x[2]), LocalDate: day(x[3]), Service: text(x[4]), Repository: text(x[6]),
			numerator: number(x[8]), denominator: number(x[9]), Rule: text(x[10]),
		}
		if rate {
			in := row.numerator > 0
			row.InNumerator = &in
		} else {
			row.Value = whole(x[7])
		}
		m.Rows = append(m.Rows, row)
	}
	r.describe(m)
}

// metricValue reads the number itself, as the metric template makes it.
func (r *reader) metricValue(m *Metric) {
	period := m.Period
	if period == "range" {
		period = "whole"
	}
	for _, x := range r.query("metric_value", m, map[string]any{"period": period, "metric": m.Metric}) {
		m.Value, m.SampleSize, m.Low, m.High, m.Level = real(x[2]), number(x[3]), real(x[4]), real(x[5]), text(x[6])
		if m.Period == "range" {
			if begun, err := time.Parse(time.DateOnly, day(x[1])); err == nil && begun.After(m.from) {
				m.from, m.FromDate = begun, day(x[1])
				m.Calculation = append(m.Calculation, "the first data of any metric here is of "+m.FromDate+": the range begins there")
			}
		}
	}
	if m.Kind == "rate" {
		var numerator, denominator int64
		for _, row := range m.Rows {
			numerator += row.numerator
			denominator += row.denominator
		}
		m.Numerator, m.Denominator = &numerator, &denominator
	}
}

func real(v any) *float64 {
	if f, ok := v.(float64); ok {
		return &f
	}
	return nil
}

// day is a local date as text.
func day(v any) string {
	if t, ok := v.(time.Time); ok {
		return t.UTC().Format(time.DateOnly)
	}
	return text(v)
}
