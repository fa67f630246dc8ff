package redash

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
	fake "fourfold/internal/fake/redash"
)

// panelQuery is the query of a panel.
func panelQuery(t *testing.T, target Target, panel string) Query {
	t.Helper()
	for _, q := range wanted(t, target).Queries {
		if q.Key == panelKey(panel) {
			return q
		}
	}
	t.Fatalf("there is no panel %s", panel)
	return Query{}
}

// shown are the rows of a panel by its usual choices.
func shown(t *testing.T, db *sql.DB, panel string) []map[string]string {
	t.Helper()
	q := panelQuery(t, duckdbTarget(), panel)
	return rows(t, db, chosen(q.SQL, defaults(q)))
}

// values are those of one column, in the order of the rows.
func values(all []map[string]string, column string) []string {
	var out []string
	for _, r := range all {
		out = append(out, r[column])
	}
	return out
}

// The copy is read by as many processes as there are, from data sources that have nothing of their own, and is not changed.
func TestQueriesAttachTheCopyReadOnly(t *testing.T) {
	db := empty(t)
	publish(t, db, "2026-11-25", "UTC", "monday")
	file := filepath.Join(t.TempDir(), "it's a copy.duckdb")
	run(t, db, "attach '"+strings.ReplaceAll(file, "'", "''")+"' as given")
	run(t, db, "copy from database memory to given")
	run(t, db, "detach given")
	target := duckdbTarget()
	target.Copy = file
	var open []*sql.DB
	for range 2 {
		one, err := sql.Open("duckdb", "")
		if err != nil {
			t.Fatal(err)
		}
		defer one.Close()
		one.SetMaxOpenConns(1)
		open = append(open, one)
	}
	for _, q := range wanted(t, target).Queries {
		if !slices.Contains([]string{choicesKey("service"), panelKey("keys"), panelKey("incidents"), panelKey("lead_times")}, q.Key) {
			continue
		}
		for _, one := range open { // each holds it open from its first query on
			rows(t, one, "/* Username: somebody */ "+chosen(q.SQL, defaults(q)))
		}
	}
	if _, err := open[0].ExecContext(t.Context(), "create table fourfold.main.x (a int)"); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("the copy can be written: %v", err)
	}
	for _, q := range wanted(t, targets()["BigQuery"]).Queries {
		if strings.Contains(q.SQL, "attach ") {
			t.Errorf("%s attaches a file in BigQuery", q.Key)
		}
	}
}

// A data source that opens the copy itself is told from the server's words, and how to mend it is said.
func TestADataSourceThatOpensTheCopyItselfIsSaidHowToMend(t *testing.T) {
	s := fake.New(fake.V26)
	s.AddSource("warehouse", "duckdb")
	s.Answer = func(string) ([]map[string]any, error) {
		return nil, fmt.Errorf("Binder Error: Database %q is already attached in READ_WRITE mode, cannot re-attach in READ_ONLY mode", "fourfold")
	}
	r := ask(small(t))
	r.Marts, r.Copy = nil, "/srv/redash/fourfold.duckdb"
	_, err := Provision(t.Context(), client(t, s, fake.DefaultKey), r)
	if err == nil || !strings.Contains(err.Error(), "give the data source the path :memory:") {
		t.Errorf("%v", err)
	}
}

// A page writes "null" where there is nothing and a share as it stands, and knows no time zone but its reader's.
func TestTablesSayNothingWhereThereIsNothingAndTimesByTheConfiguredClock(t *testing.T) {
	db := empty(t)
	publish(t, db, "2026-11-25", "Asia/Tokyo", "monday")
	run(t, db, `insert into fct_incidents (incident_id, reference, is_counted, started_at, created_at, restored_at, severity, severity_rank) values
		('1', 'INC-1', true, timestamptz '2026-11-01 20:30:00+00', now(), null, null, null),
		('2', 'INC-2', true, timestamptz '2026-11-02 20:30:00+00', now(), timestamptz '2026-11-02 21:30:00+00', 'Major', 1)`)
	run(t, db, "insert into fct_postmortems (incident_id, seconds_after_restoration) values ('2', 60)")
	got := shown(t, db, "incidents")
	if diff := cmp.Diff([]string{"INC-2", "INC-1"}, values(got, "reference")); diff != "" {
		t.Errorf("the latest first:\n%s", diff)
	}
	want := map[string]string{"started_at": "2026-11-02 05:30", "restored_at": "", "severity": "", "permalink": "", "permalink_word": "", "exclusion_reason": ""}
	for column, value := range want {
		if got[1][column] != value {
			t.Errorf("%s is %q, want %q", column, got[1][column], value)
		}
	}
	if diff := cmp.Diff([]string{"100"}, values(shown(t, db, "postmortems"), "value")); diff != "" {
		t.Errorf("the per cent of all:\n%s", diff)
	}
}

// Pages put the classes of stacked columns in the order in which the first series has them.
func TestTheFirstSeriesOfColumnsHasEveryClassInItsPlace(t *testing.T) {
	db := empty(t)
	publish(t, db, "2026-11-25", "UTC", "monday")
	run(t, db, "insert into fct_incidents (incident_id, is_counted, started_at, created_at) values ('1', true, timestamptz '2026-01-01 00:00:00+00', now())")
	for i, x := range []struct {
		priority string
		days     int
	}{{"A", 100}, {"A", 10}, {"B", 40}, {"B", 1}} {
		run(t, db, `insert into fct_follow_ups (follow_up_id, incident_id, priority, is_open, is_drill, age_seconds) values (?, '1', ?, true, false, ?)`, fmt.Sprint(i), x.priority, x.days*86400)
	}
	got := shown(t, db, "follow_up_ages")
	var first, sizes []string
	for _, r := range got {
		if r["priority"] == got[0]["priority"] {
			first = append(first, r["age"])
			sizes = append(sizes, r["follow_ups"])
		}
	}
	if diff := cmp.Diff([]string{"under 7 d", "7-30 d", "30-90 d", "90 d and over"}, first); diff != "" {
		t.Errorf("the classes of %s:\n%s", got[0]["priority"], diff)
	}
	if diff := cmp.Diff([]string{"0", "1", "0", "1"}, sizes); diff != "" {
		t.Errorf("how many of each:\n%s", diff)
	}
}

// An axis of names puts hours in the order of their letters.
func TestHoursAreInTheirOrder(t *testing.T) {
	db := empty(t)
	publish(t, db, "2026-11-25", "UTC", "monday")
	for i, hour := range []int{9, 10, 23} {
		run(t, db, "insert into fct_incidents (incident_id, is_counted, started_at, created_at) values (?, true, timestamptz '2026-11-02 00:15:00+00' + to_hours(?), now())", fmt.Sprint(i), hour)
	}
	hours := values(shown(t, db, "hours"), "hour_of_day")
	for _, h := range hours {
		if len(h) != 2 {
			t.Fatalf("hours %v", hours)
		}
	}
	if !slices.Contains(hours, "09") {
		t.Errorf("hours %v", hours)
	}
}

// A heat map of names puts them in the order in which rows first name them, its rows from the bottom to the top.
func TestSeveritiesStandByTheirRankOnBothAxes(t *testing.T) {
	db := empty(t)
	publish(t, db, "2026-11-25", "UTC", "monday")
	for rank, severity := range []string{"Zero", "Minor", "Critical"} {
		run(t, db, "insert into dim_severities (severity_id, severity, severity_rank) values (?, ?, ?)", fmt.Sprint(rank), severity, rank+1)
	}
	for i, x := range [][2]any{{"Critical", "Critical"}, {"Minor", "Critical"}, {"Zero", "Zero"}, {nil, "Minor"}} {
		run(t, db, "insert into fct_incidents (incident_id, is_counted, started_at, declared_severity, severity) values (?, true, timestamptz '2026-11-02 00:15:00+00', ?, ?)", fmt.Sprint(i), x[0], x[1])
	}
	got := shown(t, db, "severity_drift")
	if diff := cmp.Diff([]string{"Critical", "Minor", "Zero", "none"}, slices.Compact(values(got, "declared_severity"))); diff != "" {
		t.Errorf("rows from the bottom:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"none", "Zero", "Minor", "Critical"}, values(got[:4], "severity")); diff != "" {
		t.Errorf("columns:\n%s", diff)
	}
	sum := map[string]string{}
	for _, r := range got {
		if r["incidents"] != "0" {
			sum[r["declared_severity"]+" "+r["severity"]] = r["incidents"]
		}
	}
	if diff := cmp.Diff(map[string]string{"Critical Critical": "1", "Minor Critical": "1", "Zero Zero": "1", "none Minor": "1"}, sum); diff != "" {
		t.Error(diff)
	}
	o := duckdbTarget().chart(catalogue(t).Panel("severity_drift"), nil)
	if o["sortX"] != false || o["showDataLabels"] != true {
		t.Errorf("the page would sort by letters, or write no number: %v", o)
	}
}

// A row leads to a page with the choice that it names, quoted for the query and for an address.
func TestARowLeadsToAPageWithItsChoice(t *testing.T) {
	db := empty(t)
	publish(t, db, "2026-11-25", "UTC", "monday")
	names := []string{"", "100% & more", "O'Brien"}
	for i, n := range names {
		run(t, db, `insert into fct_incidents (incident_id, is_counted, started_at, created_at, restored_at, severity, severity_rank)
			values (?, true, timestamptz '2026-11-02 00:15:00+00', now(), timestamptz '2026-11-02 01:15:00+00', nullif(?, ''), ?)`, fmt.Sprint(i), n, i)
	}
	got := shown(t, db, "postmortems")
	if diff := cmp.Diff([]string{"O'Brien", "100% & more", "none"}, values(got, "severity")); diff != "" {
		t.Errorf("the words of the links:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"O''Brien", "100%25 %26 more", everyone}, values(got, "drill_severity")); diff != "" {
		t.Errorf("what they choose:\n%s", diff)
	}
}

// Pages link to each other, by ids and below the organisation; a panel without a filter that pages offer links to none.
func TestPagesLinkToEachOther(t *testing.T) {
	s := fake.New(fake.V26).WithOrganisation("acme")
	s.AddSource("warehouse", "bigquery")
	c := client(t, s, fake.DefaultKey)
	c.base += "/acme"
	report, err := Provision(t.Context(), c, ask(catalogue(t)))
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for key, id := range report.Dashboards {
		d, err := c.dashboard(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		text := d.Widgets[0].Text
		for other, to := range report.Dashboards {
			if linked := strings.Contains(text, fmt.Sprintf("](/acme/dashboards/%d)", to)); linked == (other == key) {
				t.Errorf("%s and %s: %s", key, other, text)
			}
		}
	}
	incidents := fmt.Sprintf("/acme/dashboards/%d", report.Dashboards["dashboard/incidents"])
	all, err := list[*remoteQuery](t.Context(), c, "/api/queries", map[string][]string{"tags": {Tag}})
	if err != nil {
		t.Fatal(err)
	}
	for _, listed := range all {
		q, err := c.query(t.Context(), listed.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range q.Visualizations {
			if strings.Contains(fmt.Sprint(v.Options), "{dashboard:") {
				t.Errorf("%s: an address is not in place: %v", q.Name, v.Options)
			}
			columns, _ := v.Options["columns"].([]any)
			for _, x := range columns {
				column := x.(map[string]any)
				if column["name"] == "severity" && column["linkUrlTemplate"] == incidents+"?p_severity={{ drill_severity }}" {
					links++
				}
				if column["name"] == "reference" && column["displayAs"] == "link" {
					t.Errorf("%s: no page is of one incident", q.Name)
				}
			}
		}
	}
	if links != 1 { // of the post-mortems by severity
		t.Errorf("%d links by severity to the incidents", links)
	}
}

// A card of four rows shows no number at all, and a text that is cut off cannot be read.
func TestWidgetsHaveRoomForWhatTheyShow(t *testing.T) {
	c := catalogue(t)
	for _, columns := range []int{6, 12} {
		target := targets()["DuckDB"]
		target.Columns = columns
		for _, d := range wanted(t, target).Dashboards {
			right := map[float64]float64{} // how far each row reaches
			for _, w := range d.Widgets {
				p := plain(w.Options)["position"].(map[string]any)
				right[p["row"].(float64)] += p["sizeX"].(float64)
				key, isPanel := strings.CutPrefix(w.Key, "panel/")
				switch {
				case strings.Contains(key, "/") && isPanel && p["sizeY"].(float64) < 5:
					t.Errorf("%s: a card of %v rows", d.Key, p["sizeY"])
				case isPanel && !strings.Contains(key, "/") && c.Panel(key).Chart == dashboards.Grid && len(c.Panel(key).Columns) > 12 && p["sizeX"] != float64(columns):
					t.Errorf("%s: %s is %v of %d columns wide", d.Key, key, p["sizeX"], columns)
				case w.Key == "text/definitions" && p["sizeY"].(float64)*50 < float64(19*strings.Count(w.Text, "\n- ")):
					t.Errorf("%s: %v rows for %s", d.Key, p["sizeY"], w.Text)
				}
			}
			for row, to := range right {
				if to != float64(columns) {
					t.Errorf("%s: row %v reaches to %v of %d", d.Key, row, to, columns)
				}
			}
		}
	}
}

// The order of a table's rows is that of its query, whatever is around it.
func TestATableIsOrderedAsItsQueryIs(t *testing.T) {
	p := &dashboards.Panel{Key: "x", Chart: dashboards.Grid, Columns: []dashboards.Column{{Name: "a"}, {Name: "b"}}}
	for text, want := range map[string]string{
		"select 1\norder by\n    t.a desc,\n    b\nlimit 1000":                                         "answer.a desc, answer.b",
		"with x as (\nselect 1\norder by z\n)\nselect 1\norder by case t.a when 'b' then 1 else 2 end": "case answer.a when 'b' then 1 else 2 end",
	} {
		if got, err := orderOf(p, text); err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	for text, want := range map[string]string{"select 1": "has no order", "select 1\norder by t.c, a": "ordered by c, which is none of its columns"} {
		if got, err := orderOf(p, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q, %v; want %s", got, err, want)
		}
	}
}

// What is the same for everybody is chosen by words of the language, and asks the same.
func TestJapaneseChoicesAskTheSame(t *testing.T) {
	db := empty(t)
	publish(t, db, "2026-11-25", "UTC", "monday")
	for i, at := range []string{"2026-10-05", "2026-10-06"} {
		run(t, db, "insert into fct_incidents (incident_id, is_counted, started_at, created_at) values (?, ?, cast(? as timestamptz), now())", fmt.Sprint(i), i == 0, at+" 12:00:00+00")
	}
	answers := map[string][][]map[string]string{}
	for _, language := range []string{"en", "ja"} {
		target := duckdbTarget()
		target.Language = language
		for _, panel := range []string{"incidents", "incidents_by_severity"} {
			q := panelQuery(t, target, panel)
			for _, p := range q.Parameters {
				if p.Name != "period" && p.Name != "counted" {
					continue
				}
				if language == "ja" && (p.Value == "month" || p.Value == "counted") {
					t.Errorf("%s is chosen by %q", p.Name, p.Value)
				}
				for _, v := range p.Values {
					chosenValues := defaults(q)
					chosenValues[p.Name] = v
					got := rows(t, db, chosen(q.SQL, chosenValues))
					for _, r := range got {
						delete(r, "severity") // none, in words
					}
					answers[language] = append(answers[language], got)
				}
			}
		}
	}
	if diff := cmp.Diff(answers["en"], answers["ja"]); diff != "" || len(answers["en"]) < 7 {
		t.Errorf("%d answers (-English +Japanese):\n%s", len(answers["en"]), diff)
	}
}
