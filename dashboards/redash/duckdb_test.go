package redash

import (
	"database/sql"
	"fmt"
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
