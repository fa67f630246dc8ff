package redash

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"
	"time"

	"fourfold/dashboards"
	"fourfold/dbt"
)

// Target is what the wanted state depends on, besides the catalogue.
type Target struct {
	Kind     string // type of the data source: bigquery or duckdb
	Marts    string // prefix of a mart's name in BigQuery: `project`.dataset_marts.
	Language string // en or ja
	Refresh  time.Duration
	Columns  int  // of a dashboard: 6 or 12
	People   bool // whether panels of persons are made
}

// Kinds are the types of data sources that there are queries for.
var Kinds = []string{"bigquery", "duckdb"}

var (
	projectForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.:_-]*$`)
	datasetForm = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
)

// BigQueryMarts is the prefix of the marts of a project and a dataset, less its ending _marts.
func BigQueryMarts(project, dataset string) (string, error) {
	if !projectForm.MatchString(project) || !datasetForm.MatchString(dataset) {
		return "", fmt.Errorf("redash: project %q and dataset %q do not name where the marts are: set warehouse.project and warehouse.dataset", project, dataset)
	}
	return "`" + project + "`." + dataset + "_marts.", nil
}

// Refreshes reports whether Redash takes a time between runs: none, or whole minutes from one to thirty days.
func Refreshes(d time.Duration) bool {
	return d == 0 || d >= time.Minute && d <= 30*24*time.Hour && d%time.Minute == 0
}

func (t Target) bigquery() bool { return t.Kind == "bigquery" }

func (t Target) engine() dashboards.Engine {
	if t.bigquery() {
		e := dashboards.BigQuery
		e.Marts = t.Marts
		return e
	}
	return dashboards.DuckDB
}

// say gives a text in the target's language.
func (t Target) say(english, japanese string) string {
	return dashboards.Text{English: english, Japanese: japanese}.In(t.Language)
}

// literal is a text of ours as SQL. None has a backslash or a line break, which the engines read differently.
func (t Target) literal(text string) string {
	if t.bigquery() {
		return "'" + strings.ReplaceAll(text, "'", `\'`) + "'"
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// metricWords are the title, the meaning and the unit of a metric.
type metricWords struct{ title, meaning, unit string }

// metricsOf reads what the metrics of the marts are called.
func metricsOf(language string) (map[string]metricWords, error) {
	f, err := dbt.Project.Open("seeds/static/metrics.csv")
	if err != nil {
		return nil, fmt.Errorf("redash: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("redash: the metrics' names: %w", err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	out := map[string]metricWords{}
	for _, r := range rows[1:] {
		out[r[at["metric"]]] = metricWords{title: r[at["title_"+language]], meaning: r[at["description_"+language]], unit: r[at["unit"]]}
	}
	return out, nil
}
