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
	// Copy is the file of a DuckDB data source, as the server sees it; empty if the data source itself has the marts.
	Copy string
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

// copyForm is a path that can stand in a query: absolute, and nothing of it a parameter to Redash.
var copyForm = regexp.MustCompile(`^/[^{}\x00-\x1f]+$`)

// opening is what a query begins with. A DuckDB file that is given to Redash as a data source's is opened read-write by each of
// its processes, so that of two at once one fails, the pages' own requests too (measured on 26.08: of 30 requests six at a time 17
// were answered by 500). So the data source is :memory:, and each query attaches the file read-only, which any number may do.
func (t Target) opening() string {
	if t.Copy == "" {
		return ""
	}
	return "attach if not exists " + t.literal(t.Copy) + " as fourfold (read_only);\nuse fourfold;\n"
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
