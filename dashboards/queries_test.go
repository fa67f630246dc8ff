package dashboards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/dbt"
)

// everything has a value for each parameter that a query may have.
var everything = map[string]any{
	"period": "month", "from_date": "2026-01-01", "as_of_date": "2026-11-25", "from_at": 1, "to_at": 2, "as_of": 3, "severity": "", "service": "",
	"team": "", "repository": "", "before_from_date": "2025-01-31", "before_to_date": "2025-12-31", "counted": "", "incident": "", "deployment": "", "latest": 10, "row_limit": 100, "week_anchor": "1970-01-05",
	"to_date": "2026-11-25", "metric": "deployments", "measure": "deployments", "incident_type": "", "field": "", "field_value": "",
}

// engines are all that queries are written for.
var engines = map[string]Engine{"DuckDB": DuckDB, "BigQuery": {Marts: "marts.", Metric: dbt.MetricBigQuery, words: bigqueryWords}}

func TestEveryQueryBindsForEachEngine(t *testing.T) {
	for engine, e := range engines {
		for _, name := range Names() {
			q, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			sql, args, err := q.Bind(e, everything)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(sql, "?"); n != len(args) {
				t.Errorf("%s on %s has %d places and %d values", name, engine, n, len(args))
			}
			if m := regexp.MustCompile(`[{}@]`).FindString(sql); m != "" {
				t.Errorf("%s on %s still has a %s", name, engine, m)
			}
			if !strings.HasPrefix(sql, "-- "+name+"\n") {
				t.Errorf("%s on %s does not begin with its name", name, engine)
			}
		}
	}
}

// The cards, the trend and the table of services show the same metrics by the same template, under the same filters: they
// differ in the group, the period and the range only.
func TestTheKeysAreTheMetricTemplateUnderOneFilter(t *testing.T) {
	for engine, e := range engines {
		for name, calls := range map[string]int{"keys": 2, "key_trend": 1, "key_services": 1} {
			q, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			found := metricCall.FindAllStringSubmatch(q.text, -1)
			if len(found) != calls {
				t.Errorf("%s calls the template %d times, want %d", name, len(found), calls)
			}
			for _, call := range found {
				slots, err := readSlots(call[1])
				if err != nil {
					t.Fatal(err)
				}
				for slot, want := range map[string]string{
					"filters": "m.object_type in ('deployment', 'change', 'commit')", "metrics": "metrics.metric in (",
				} {
					if !strings.HasPrefix(slots[slot], want) {
						t.Errorf("%s: %s is %q", name, slot, slots[slot])
					}
				}
				for _, filter := range []string{"m.service = @service", "m.team = @team", "m.repository = @repository"} {
					if !strings.Contains(slots["filters"], filter) {
						t.Errorf("%s lacks the filter %s", name, filter)
					}
				}
				if strings.Contains(slots["filters"], "severity") {
					t.Errorf("%s filters by severity, which no deployment has", name)
				}
				delete(slots, "filters")
				delete(slots, "metrics")
				for slot := range slots {
					if !slices.Contains([]string{"dimension", "dimension_value", "period", "from_date", "to_date", "objects_only", "labels_only"}, slot) {
						t.Errorf("%s fills the slot %s", name, slot)
					}
				}
			}
			sql, args, err := q.Bind(e, everything)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(sql, mondayAnchor) || !slices.Contains(args, any("1970-01-05")) {
				t.Errorf("%s on %s does not ask when weeks begin", name, engine)
			}
		}
	}
}

// The time to compare with ends before the range begins, whatever is asked.
func TestTheTimeBeforeHasBoundsOfItsOwn(t *testing.T) {
	q, err := Load("keys")
	if err != nil {
		t.Fatal(err)
	}
	_, before, found := strings.Cut(q.text, "earlier as (")
	if !found || !strings.Contains(before, "from_date: cast(@before_from_date as date)") || !strings.Contains(before, "to_date: cast(@before_to_date as date)") {
		t.Errorf("%s", q.text)
	}
}

// Dashboards read marts and nothing else, and make no metric of their own.
func TestQueriesReadMartsAndDefineNoMetric(t *testing.T) {
	marts := dbt.Marts()
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

func TestRenderPutsSQLInPlaceOfParameters(t *testing.T) {
	q := Query{Name: "x", text: "select @b from {marts}t where a = @a and b = @b"}
	sql, err := q.Render(Engine{Marts: "d.", Metric: DuckDB.Metric}, func(name string) string {
		return map[string]string{"a": "'{{ a }}'", "b": "(select b from {marts}u)"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "-- x\nselect (select b from d.u) from d.t where a = '{{ a }}' and b = (select b from d.u)"; sql != want {
		t.Errorf("%s, want %s", sql, want)
	}
	if _, err := q.Render(DuckDB, func(name string) string { return map[string]string{"a": "1"}[name] }); err == nil || !strings.Contains(err.Error(), "no value for b") {
		t.Errorf("%v", err)
	}
}

// What the engines say differently is said in each one's words, and a call that does not fit is an error.
func TestWordsAreThoseOfTheEngine(t *testing.T) {
	for text, want := range map[string][2]string{
		"{local_date i.at}":         {"cast(timezone(publication.timezone, i.at) as date)", "date(i.at, publication.timezone)"},
		"{seconds_between a.at at}": {"cast(floor((epoch_us(at) - epoch_us(a.at)) / 1000000) as bigint)", "cast(floor(timestamp_diff(at, a.at, microsecond) / 1000000) as int64)"},
		"{local_hour at}":           {"cast(extract(hour from (at at time zone publication.timezone)) as bigint)", "cast(format_timestamp('%H', at, publication.timezone) as int64)"},
	} {
		for i, e := range []Engine{DuckDB, BigQuery} {
			got, _, err := (Query{Name: "x", text: text}).Bind(e, everything)
			if err != nil || got != "-- x\n"+want[i] {
				t.Errorf("%s: %s, %v", text, got, err)
			}
		}
	}
	for _, wrong := range []string{"{local_date}", "{local_date a b}", "{seconds_between a}", "{freshness a}"} {
		if _, _, err := (Query{Name: "x", text: wrong}).Bind(DuckDB, everything); err == nil || !strings.Contains(err.Error(), "expressions") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	if diff := cmp.Diff([]string{"from_date", "period"}, (Query{Name: "x", text: "{period_of d} @period"}).Parameters()); diff != "" {
		t.Error(diff)
	}
}

// A query that has what its engine needs is bound to the same statement.
func TestAPreparedQueryBindsToTheSame(t *testing.T) {
	for engine, e := range engines {
		for _, name := range Names() {
			q, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			prepared, err := q.In(e)
			if err != nil {
				t.Fatal(err)
			}
			want, values, err := q.Bind(e, everything)
			if err != nil {
				t.Fatal(err)
			}
			got, again, err := prepared.Bind(e, everything)
			if err != nil || got != want || !cmp.Equal(values, again) {
				t.Errorf("%s on %s: %v\n%s", name, engine, err, cmp.Diff(want, got))
			}
		}
	}
}

// A name may look like a place of a template, and is a name all the same.
func TestAValueIsNoPlaceOfTheTemplate(t *testing.T) {
	q := Query{Name: "x", text: "select {local_date t.at} from {marts}t cross join {marts}publication as publication where a = @a and b = @b"}
	for _, value := range []string{"{marts}x", "{local_date}", "{local_date t.at}", "{parts/spread}", "{metric\n    period: 'day'\n}", "@b", "?"} {
		for engine, e := range map[string]Engine{"DuckDB": {Marts: "m.", Metric: dbt.MetricDuckDB, words: duckdbWords, quote: quoteDuckDB}, "BigQuery": {Marts: "m.", Metric: dbt.MetricBigQuery, words: bigqueryWords, quote: quoteBigQuery}} {
			got, err := q.Statement(e, map[string]any{"a": value, "b": "b"})
			if err != nil {
				t.Fatal(err)
			}
			if want := "where a = " + e.Text(value) + " and b = 'b'"; !strings.HasSuffix(got, want) || strings.Count(got, "m.") != 2+strings.Count(value, "m.") {
				t.Errorf("%s: %s, want the end %s", engine, got, want)
			}
			_, args, err := q.Bind(e, map[string]any{"a": value, "b": "b"})
			if diff := cmp.Diff([]any{value, "b"}, args); err != nil || diff != "" {
				t.Errorf("%s: %v %s", engine, err, diff)
			}
		}
	}
}
