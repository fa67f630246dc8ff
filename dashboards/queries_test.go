package dashboards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything has a value for each parameter that a query may have.
var everything = map[string]any{
	"period": "month", "from_date": "2026-01-01", "as_of_date": "2026-11-25", "from_at": 1, "to_at": 2, "as_of": 3, "severity": "", "service": "",
	"team": "", "repository": "", "before_from_date": "2025-01-31", "before_to_date": "2025-12-31", "counted": "", "incident": "", "latest": 10, "row_limit": 100, "week_anchor": "1970-01-05",
}

func TestEveryQueryBindsForTheEngine(t *testing.T) {
	for _, name := range Names() {
		q, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		sql, args, err := q.Bind(DuckDB, everything)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(sql, "?"); n != len(args) {
			t.Errorf("%s has %d places and %d values", name, n, len(args))
		}
		if m := regexp.MustCompile(`[{}@]`).FindString(sql); m != "" {
			t.Errorf("%s still has a %s", name, m)
		}
		if !strings.HasPrefix(sql, "-- "+name+"\n") {
			t.Errorf("%s does not begin with its name", name)
		}
	}
}

// Dashboards read marts and nothing else, and make no metric of their own.
func TestQueriesReadMartsAndDefineNoMetric(t *testing.T) {
	marts := []string{
		"fct_incidents", "fct_incident_services", "fct_incident_fields", "fct_incident_timestamps", "fct_incident_status_intervals",
		"fct_deployments", "fct_changes", "fct_commits", "fct_incident_deployments", "fct_follow_ups", "dim_services", "dim_severities",
		"dim_repositories", "dim_metrics", "dim_limits", "fct_measures", "four_keys", "data_quality", "publication",
	}
	comment := regexp.MustCompile(`--[^\n]*|/\*.*?\*/`)
	named := regexp.MustCompile(`(?:from|join)\s+([A-Za-z_.{}]+)`)
	with := regexp.MustCompile(`(?m)^\s*([a-z_]+) as \(`)
	for _, name := range Names() {
		q, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		text := comment.ReplaceAllString(metricCall.ReplaceAllString(q.text, "(select 1)"), "")
		var steps []string
		for _, m := range with.FindAllStringSubmatch(text, -1) {
			steps = append(steps, m[1])
		}
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			mart, isMart := strings.CutPrefix(m[1], "{marts}")
			if isMart && !slices.Contains(marts, mart) || !isMart && !slices.Contains(steps, m[1]) {
				t.Errorf("%s reads %s, which is no mart and no step of its own", name, m[1])
			}
		}
		if m := regexp.MustCompile(`(?i)\b(avg|median|quantile\w*|percentile\w*|approx_\w+|date_trunc|date_diff)\s*\(`).FindString(text); m != "" {
			t.Errorf("%s computes with %s: a metric comes from four_keys or the metric template", name, m)
		}
	}
}

func TestParametersAreInTheOrderOfTheirPlaces(t *testing.T) {
	q := Query{Name: "x", text: "select @b from {marts}t where a = @a and b = @b"}
	sql, args, err := q.Bind(Engine{Marts: "d.", Metric: DuckDB.Metric}, map[string]any{"a": 1, "b": "two"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "-- x\nselect ? from d.t where a = ? and b = ?"; sql != want {
		t.Errorf("%s, want %s", sql, want)
	}
	if diff := cmp.Diff([]any{"two", 1, "two"}, args); diff != "" {
		t.Error(diff)
	}
	if _, _, err := q.Bind(DuckDB, map[string]any{"a": 1}); err == nil || !strings.Contains(err.Error(), "no value for b") {
		t.Errorf("%v", err)
	}
	if _, err := Load("nothing"); err == nil || !strings.Contains(err.Error(), "trend") {
		t.Errorf("%v", err)
	}
}

func TestSlotsOfTheMetricTemplateAreFilledEverywhere(t *testing.T) {
	const template = "-- made\nselect /*<a>*/ 1 /*</a>*/, /*<b>*/ 2 /*</b>*/ from /*<marts>*/ /*</marts>*/t where /*<a>*/ 1 /*</a>*/ > " + mondayAnchor
	e := Engine{Marts: "m.", Metric: template}
	q := Query{Name: "x", text: "from (\n{metric\n    a: case\n        when $1 then 2 end\n}\n)"}
	got, _, err := q.Bind(e, map[string]any{"week_anchor": "1970-01-04"})
	if err != nil {
		t.Fatal(err)
	}
	want := "-- x\nfrom (\n-- made\nselect case\n        when $1 then 2 end, /*<b>*/ 2 /*</b>*/ from m.t where case\n        when $1 then 2 end > cast(? as date)\n)"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{
		"{metric\n    c: 1\n}":           "no slot c",
		"{metric\n    a: 1\n    a: 2\n}": "given twice",
		"{metric\nhello\n}":              "in no slot",
	} {
		if _, _, err := (Query{Name: "x", text: text}).Bind(e, everything); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, _, err := q.Bind(Engine{}, everything); err == nil || !strings.Contains(err.Error(), "by which weeks begin") {
		t.Errorf("an empty template: %v", err)
	}
}
