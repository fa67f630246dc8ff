package redash

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards/calendar"
)

// empty is a DuckDB with the tables of the marts as their contracts have them, and nothing in them but the names of metrics.
func empty(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	run(t, db, "set timezone = 'America/New_York'") // whatever the server's is
	types := map[string]string{"FLOAT64": "double", "TIMESTAMP": "timestamptz", "INT64": "bigint", "STRING": "varchar", "BOOL": "boolean", "DATE": "date"}
	for _, m := range marts(t, "x") {
		var columns []string
		for _, c := range m.Columns {
			columns = append(columns, fmt.Sprintf("%q %s", c.Name, types[c.Type]))
		}
		run(t, db, fmt.Sprintf("create table %s (%s)", strings.TrimPrefix(m.Name, "x."), strings.Join(columns, ", ")))
	}
	english, err := metricsOf("en")
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range english {
		run(t, db, "insert into dim_metrics (metric, title_en, title_ja, unit) values (?, ?, ?, ?)", name, m.title, m.title+" (ja)", m.unit)
	}
	return db
}

func run(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// rows gives the rows of a query, each as its column's words by name.
func rows(t *testing.T, db *sql.DB, statement string) []map[string]string {
	t.Helper()
	r, err := db.QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatalf("%v: %s", err, statement)
	}
	defer r.Close()
	names, _ := r.Columns()
	out := []map[string]string{}
	for r.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		if err := r.Scan(values...); err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, n := range names {
			row[n] = fmt.Sprint(*values[i].(*any))
		}
		out = append(out, row)
	}
	if err := r.Err(); err != nil {
		t.Fatalf("%v: %s", err, statement)
	}
	return out
}

func publish(t *testing.T, db *sql.DB, asOf, zone, week string) {
	t.Helper()
	run(t, db, "delete from publication")
	run(t, db, "insert into publication (as_of_date, as_of, timezone, week_start) values (cast(? as date), now(), ?, ?)", asOf, zone, week)
}

func duckdbTarget() Target { return Target{Kind: "duckdb", Language: "en", Columns: 12} }

// Every query runs on DuckDB with every choice, on marts that hold nothing; the cards say so, where a card without a row would be blank.
func TestEveryQueryRunsOnDuckDBWithNothingInTheMarts(t *testing.T) {
	db := empty(t)
	publish(t, db, "2026-11-25", "Asia/Tokyo", "sunday")
	for _, q := range wanted(t, duckdbTarget()).Queries {
		usual := rows(t, db, chosen(q.SQL, defaults(q)))
		if q.Key == panelKey("keys") {
			if len(usual) != 5 || usual[0]["value"] != "no data" || usual[0]["metric"] != "Deployment frequency" {
				t.Errorf("%v", usual)
			}
		}
		for _, p := range q.Parameters {
			for _, v := range append(p.Values, map[bool][]string{true: {`it''s`, `back\slash`}}[p.Choices != ""]...) {
				values := defaults(q)
				values[p.Name] = v
				rows(t, db, chosen(q.SQL, values))
			}
		}
	}
}

// The range begins where the web page's does: at the first day of the period that the months before the open one are in.
func TestTheRangeBeginsWithAPeriod(t *testing.T) {
	db := empty(t)
	target := duckdbTarget()
	for _, asOf := range []string{"2026-11-25", "2026-01-01", "2026-03-31", "2024-02-29", "2026-12-31"} {
		for _, week := range []string{"monday", "sunday"} {
			publish(t, db, asOf, "Asia/Tokyo", week)
			day, err := time.Parse(time.DateOnly, asOf)
			if err != nil {
				t.Fatal(err)
			}
			for _, period := range calendar.Periods {
				for _, r := range target.ranges() {
					values := map[string]string{"range": r.name, "period": period}
					at := func(parameter string) string {
						text := strings.ReplaceAll(target.parameterSQL(parameter), "{marts}", "")
						return rows(t, db, "select cast("+chosen(text, values)+" at time zone 'UTC' as varchar) as v")[0]["v"]
					}
					date := func(parameter string) string {
						text := strings.ReplaceAll(target.parameterSQL(parameter), "{marts}", "")
						return rows(t, db, "select cast("+chosen(text, values)+" as varchar) as v")[0]["v"]
					}
					first := calendar.Weekday(week)
					if r.months == 0 {
						if got := date("from_date"); got != "1970-01-01" {
							t.Errorf("everything begins at %s", got)
						}
						continue
					}
					want := calendar.Start(period, lastDayLike(calendar.Start(period, day, first), -r.months), first)
					days := int(day.Sub(want).Hours()/24) + 1
					got := []string{date("from_date"), date("before_to_date"), date("before_from_date"), date("as_of_date"), at("from_at"), at("to_at")}
					wanted := []string{
						want.Format(time.DateOnly), want.AddDate(0, 0, -1).Format(time.DateOnly), want.AddDate(0, 0, -days).Format(time.DateOnly), asOf,
						want.Add(-9 * time.Hour).Format(time.DateTime), day.AddDate(0, 0, 1).Add(-9 * time.Hour).Format(time.DateTime),
					}
					if diff := cmp.Diff(wanted, got); diff != "" {
						t.Errorf("%s, %s of %s, weeks from %s:\n%s", asOf, r.name, period, week, diff)
					}
				}
			}
		}
	}
}

// lastDayLike is the same day of another month, or its last one, as SQL counts.
func lastDayLike(d time.Time, months int) time.Time {
	first := time.Date(d.Year(), d.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(d.Day(), last)-1)
}

// What can be chosen filters by what it names, with whatever in its name.
func TestAChoiceFiltersByWhatItNames(t *testing.T) {
	db := empty(t)
	publish(t, db, "2026-11-25", "UTC", "monday")
	names := []string{"Minor", `O'Brien's`, `back\slash`, `'; drop table fct_incidents; --`, "{{ range }}", "(all)"}
	for i, n := range names {
		run(t, db, "insert into fct_incidents (incident_id, severity, severity_rank, is_counted, started_at, created_at) values (?, ?, ?, true, timestamptz '2026-11-01 00:00:00+00', now())",
			fmt.Sprint(i), n, i)
	}
	queries := map[string]Query{}
	for _, q := range wanted(t, duckdbTarget()).Queries {
		queries[q.Key] = q
	}
	offered := rows(t, db, queries[choicesKey("severity")].SQL)
	if len(offered) != len(names) || offered[0]["value"] != everyone || offered[0]["name"] != "All" {
		t.Fatalf("%v", offered)
	}
	counted := queries[panelKey("counted")]
	for _, o := range offered {
		values := defaults(counted)
		values["severity"] = o["value"]
		want := "1"
		if o["value"] == everyone {
			want = fmt.Sprint(len(names))
		}
		if got := rows(t, db, chosen(counted.SQL, values)); len(got) != 1 || got[0]["incidents"] != want {
			t.Errorf("%s (%s): %v, want %s", o["name"], o["value"], got, want)
		}
	}
}

// A choice of a custom field is its name and a value, whatever is in them; it finds the incidents of both, and those of the
// incident type that is chosen beside it.
func TestAChoiceOfACustomFieldIsItsNameAndAValue(t *testing.T) {
	db := empty(t)
	publish(t, db, "2026-11-25", "UTC", "monday")
	values := [][2]string{
		{"Product", "API"}, {"Product", `O'Brien\s`}, {"Owner: team", "API"}, {"原因", "決済: 遅延"}, {"Product", "(all)"}, {"Product", "a␟b"},
	}
	for i, v := range values {
		id := fmt.Sprint(i)
		run(t, db, "insert into fct_incidents (incident_id, incident_type, is_counted, started_at, created_at) values (?, ?, true, timestamptz '2026-11-01 00:00:00+00', now())", id, "Type "+id)
		run(t, db, "insert into fct_incident_fields (incident_id, field, value, field_type) values (?, ?, ?, 'single_select')", id, v[0], v[1])
	}
	queries := map[string]Query{}
	for _, q := range wanted(t, duckdbTarget()).Queries {
		queries[q.Key] = q
	}
	counted := queries[panelKey("counted")]
	found := map[string]string{}
	for _, o := range rows(t, db, queries[choicesKey("field")].SQL) {
		chosenValues := defaults(counted)
		chosenValues["field"] = o["value"]
		answer := rows(t, db, chosen(counted.SQL, chosenValues))
		if len(answer) != 1 {
			t.Fatalf("%s: %v", o["name"], answer)
		}
		found[o["name"]] = answer[0]["incidents"]
	}
	want := map[string]string{"All": "6", "Product: API": "1", `Product: O'Brien\s`: "1", "Owner: team: API": "1", "原因: 決済: 遅延": "1"}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("choices and the incidents that they find (-want +got):\n%s", diff)
	}
	types := rows(t, db, queries[choicesKey("incident_type")].SQL)
	if len(types) != 7 {
		t.Errorf("types: %v", types)
	}
	both := defaults(counted)
	both["incident_type"], both["field"] = "Type 1", "Product␟API"
	if answer := rows(t, db, chosen(counted.SQL, both)); len(answer) != 0 {
		t.Errorf("an incident of another type: %v", answer)
	}
}

// Codes are shown in words, in the target's language.
func TestCodesAreInWords(t *testing.T) {
	db := empty(t)
	publish(t, db, "2026-11-25", "UTC", "monday")
	run(t, db, "insert into fct_changes (change_id, service, is_counted, deployed_at, lead_time_seconds, coding_seconds, review_seconds, deploy_seconds) values ('c', 's', true, timestamptz '2026-11-01 00:00:00+00', 6, 3600, 7200, 10800)")
	for language, want := range map[string][]string{"en": {"Waiting for deployment", "Review", "Coding"}, "ja": {"デプロイ待ち", "レビュー", "コーディング"}} {
		target := duckdbTarget()
		target.Language = language
		for _, q := range wanted(t, target).Queries {
			if q.Key != panelKey("lead_phases") {
				continue
			}
			var got []string
			for _, r := range rows(t, db, chosen(q.SQL, defaults(q))) {
				got = append(got, r["phase"])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", language, diff)
			}
		}
	}
}

// Panels of persons are made where people are included.
func TestPersonsAreShownWherePeopleAreIncluded(t *testing.T) {
	for _, people := range []bool{false, true} {
		target := duckdbTarget()
		target.People = people
		s := wanted(t, target)
		made := slices.ContainsFunc(s.Queries, func(q Query) bool { return q.Key == panelKey("workload_people") })
		placed := false
		for _, d := range s.Dashboards {
			placed = placed || slices.ContainsFunc(d.Widgets, func(w Widget) bool { return w.Key == "panel/workload_people" })
		}
		if made != people || placed != people {
			t.Errorf("people %v: a query %v, a widget %v", people, made, placed)
		}
	}
}
