package dialect_test

import (
	"context"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"fourfold/dashboards"
	"fourfold/dbt"
	"fourfold/internal/dialect"
	"fourfold/internal/explain"
	"fourfold/load"
	"fourfold/load/duckdb"
)

// asked answers from the marts of explain's own tests, and keeps what it was asked in words of its own, with the values.
type asked struct {
	*duckdb.Reader
	statements map[string][]any
}

func (a *asked) Engine() dashboards.Engine { return dashboards.DuckDB }

func (a *asked) Query(ctx context.Context, q string, args ...any) (*load.Rows, error) {
	if !strings.HasPrefix(q, "-- ") { // that is a query of the dashboards
		a.statements[q] = args
	}
	return a.Reader.Query(ctx, "b1", q, args...)
}

func newAsked(t *testing.T) *asked {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dialect.Root(t), "internal", "explain", "testdata", "marts.sql"))
	if err != nil {
		t.Fatal(err)
	}
	seeds := t.TempDir()
	static, err := fs.Sub(dbt.Project, "seeds/static")
	if err == nil {
		err = os.CopyFS(seeds, static)
	}
	if err != nil {
		t.Fatal(err)
	}
	b := duckdb.Builds{Dir: t.TempDir()}
	if err := b.Prepare(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", b.Next())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(strings.ReplaceAll(string(text), "$dir", seeds)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Keep("b1"); err != nil {
		t.Fatal(err)
	}
	a := &asked{duckdb.NewReader(b.Dir, duckdb.Limits{}), map[string][]any{}}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// marts are the tables of those marts, with the types of BigQuery.
func (a *asked) marts(t *testing.T) []dialect.Table {
	t.Helper()
	rows, err := a.Reader.Query(t.Context(), "b1", "select table_name, column_name, data_type from information_schema.columns order by 1, 2")
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{"VARCHAR": "STRING", "BIGINT": "INT64", "INTEGER": "INT64", "BOOLEAN": "BOOL", "DOUBLE": "FLOAT64", "DATE": "DATE", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP"}
	var out []dialect.Table
	for row, err := range rows.All {
		if err != nil {
			t.Fatal(err)
		}
		if name := build + "." + row[0].(string); len(out) == 0 || out[len(out)-1].Name != name {
			out = append(out, dialect.Table{Name: name})
		}
		last := &out[len(out)-1]
		last.Columns = append(last.Columns, dialect.Column{Name: row[1].(string), Type: types[row[2].(string)]})
	}
	return out
}

var numbered = regexp.MustCompile(`\$([0-9]+)`)

// positional gives a statement whose parameters are $1, $2 as one of places, and their types in order.
func positional(t *testing.T, text string, args []any) dialect.Statement {
	t.Helper()
	s := dialect.Statement{Name: text, Dataset: build}
	s.SQL = numbered.ReplaceAllStringFunc(text, func(m string) string {
		n, err := strconv.Atoi(m[1:])
		if err != nil {
			t.Fatal(err)
		}
		s.Parameters = append(s.Parameters, dialect.TypeOf(t, args[n-1]))
		return "?"
	})
	return s
}

// What explain asks in words of its own is BigQuery's, with the values as they are given.
func TestWhatExplainAsksIsBigQuerys(t *testing.T) {
	t.Parallel()
	a := newAsked(t)
	rules := explain.Rules{Start: []string{"Reported at"}, End: []string{"Fixed at"}, Acknowledge: []string{"Accepted at"}, CauseField: "Caused by", FailureWindow: "24h"}
	found := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"INC-5", "INC-6", "7", "01JKL"} {
		found(explain.FindIncident(t.Context(), a, name, rules))
	}
	for _, name := range []string{"deployments:102", "103", "105", "7", "runs:55", "b2b2b2b", "acme/web@a1a1a1a", "https://github.com/acme/api/deployments/102"} {
		found(explain.FindDeployment(t.Context(), a, name))
	}
	for _, name := range []string{"acme/api#12", "#13", "acme/api@d4d4d4d", "b1b1b1b", "1212121", "https://github.com/acme/api/pull/12"} {
		found(explain.FindChange(t.Context(), a, name))
	}
	for _, find := range []func() error{
		func() error { _, err := explain.FindIncident(t.Context(), a, "INC-999", rules); return err },
		func() error { _, err := explain.FindDeployment(t.Context(), a, "999"); return err },
		func() error { _, err := explain.FindChange(t.Context(), a, "acme/api#999"); return err },
	} {
		if find() == nil {
			t.Error("what is not there is explained")
		}
	}
	for _, req := range []explain.MetricRequest{
		{Metric: "change_failure_rate", Repository: "ACME/web", Service: "api", Team: "payments"},
		{Metric: "time_to_restore_median_seconds", Period: "day", Start: time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC), Severity: "major"},
		{Metric: "time_to_acknowledge_median_seconds", Period: "month", Field: "cause", FieldValue: "deployment"},
		{Metric: "incidents", Period: "month", IncidentType: "Production"},
		{Metric: "lead_time_p90_seconds", Period: "week"},
		{Metric: "commit_lead_time_median_seconds"},
		{Metric: "rework_rate", Period: "quarter"},
	} {
		found(explain.FindMetric(t.Context(), a, req))
	}
	var statements []dialect.Statement
	for text, args := range a.statements {
		statements = append(statements, positional(t, text, args))
	}
	if len(statements) < 30 {
		t.Errorf("only %d statements were asked", len(statements))
	}
	for _, answer := range dialect.Read(t, a.marts(t), statements) {
		if answer.Error != "" {
			t.Errorf("%s\n%s", answer.Name, answer.Error)
		}
	}
}
