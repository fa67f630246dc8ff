package redash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
	fake "fourfold/internal/fake/redash"
)

var update = flag.Bool("update", false, "write the golden files anew")

// direct answers requests in this goroutine, without a network.
type direct struct{ s *fake.Server }

func (d direct) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer func() {
		if recover() != nil {
			resp, err = nil, errors.New("the connection broke")
		}
	}()
	w := httptest.NewRecorder()
	d.s.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func client(t *testing.T, s *fake.Server, key string) *Client {
	t.Helper()
	c, err := NewClient("https://redash.example.com", key)
	if err != nil {
		t.Fatal(err)
	}
	c.http.Transport = direct{s}
	c.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return c
}

// server has a data source called warehouse.
func server(version string) *fake.Server {
	s := fake.New(version)
	s.AddSource("warehouse", "bigquery")
	return s
}

// small is a catalogue of one dashboard with one panel of each way in which panels are stored.
func small(t *testing.T) *dashboards.Catalogue {
	c := *catalogue(t)
	d := *c.Dashboard("overview")
	d.Panels = slices.DeleteFunc(slices.Clone(d.Panels), func(p dashboards.Place) bool {
		return !slices.Contains([]string{"keys", "lead_times"}, p.Panel)
	})
	c.Dashboards = []dashboards.Dashboard{d}
	c.Panels = slices.DeleteFunc(slices.Clone(c.Panels), func(p dashboards.Panel) bool {
		return !slices.ContainsFunc(d.Panels, func(x dashboards.Place) bool { return x.Panel == p.Key })
	})
	for i := range c.Panels {
		c.Panels[i].Metrics = c.Panels[i].Metrics[:2]
	}
	return &c
}

func ask(c *dashboards.Catalogue) Request {
	return Request{
		Catalogue: c, DataSource: "warehouse", Language: "en", Refresh: time.Hour, Patience: time.Minute,
		Marts: func(string) (string, error) { return BigQueryMarts("acme-metrics", "fourfold") },
	}
}

func provision(t *testing.T, s *fake.Server, r Request) *Report {
	t.Helper()
	report, err := Provision(t.Context(), client(t, s, fake.DefaultKey), r)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func text(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnEmptyServerGetsTheWholeCatalogueAndASecondRunWritesNothing(t *testing.T) {
	for _, version := range fake.Versions {
		s := server(version)
		first := provision(t, s, ask(catalogue(t)))
		if first.Count(Update)+first.Count(Delete)+first.Count(Skip) != 0 || first.Count(Create) < 100 {
			t.Errorf("%s: the first run: %s", version, text(t, first))
		}
		if len(first.Dashboards) != len(catalogue(t).Dashboards) {
			t.Errorf("%s: dashboards %v", version, first.Dashboards)
		}
		before := s.Snapshot()
		s.Forget()
		second := provision(t, s, ask(catalogue(t)))
		if s.Writes() != 0 || second.Changed() || !strings.HasPrefix(text(t, second), "nothing to do: all ") {
			t.Errorf("%s: the second run wrote %d times and says %s", version, s.Writes(), text(t, second))
		}
		if diff := cmp.Diff(before, s.Snapshot()); diff != "" {
			t.Errorf("%s: the second run changed something:\n%s", version, diff)
		}
	}
}

func TestThePlanOfAnEmptyServer(t *testing.T) {
	s := server(fake.V26)
	r := ask(catalogue(t))
	r.DryRun = true
	got := text(t, provision(t, s, r))
	if s.Writes() != 0 || len(s.Snapshot()) != 0 {
		t.Errorf("a dry run wrote %d times: %v", s.Writes(), s.Snapshot())
	}
	golden(t, "plan.txt", []byte(got))
	done := text(t, provision(t, s, ask(catalogue(t))))
	lines := func(text string) []string { l := strings.Split(text, "\n"); return l[:len(l)-2] }
	if diff := cmp.Diff(lines(got), lines(done)); diff != "" {
		t.Errorf("what was done is not what was told (-told +done):\n%s", diff)
	}
}

// One panel of each kind of chart, as its options are sent: to be read by who knows what Redash draws of them.
func TestTheOptionsOfEachKindOfChart(t *testing.T) {
	var got bytes.Buffer
	for _, key := range []string{"keys", "deployments_by_service", "lead_times", "failure_rates", "slowest_changes", "phases", "restores", "hours", "open_incidents", "cause_lags", "throughput_stability", "restores_by_severity", "follow_ups_by_team"} {
		for _, q := range wanted(t, targets()["BigQuery"]).Queries {
			if q.Key != panelKey(key) {
				continue
			}
			for _, v := range q.Visualizations {
				text, err := json.MarshalIndent(v.Options, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&got, "%s %s %s\n%s\n", v.Type, v.Key, v.Name, text)
			}
		}
	}
	golden(t, "charts.txt", got.Bytes())
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got); to write it anew: go test ./dashboards/redash -update\n%s", file, diff)
	}
}

// Whatever breaks a run, and wherever, the next one ends where an unbroken one does, and the one after it writes nothing.
func TestABrokenRunIsFinishedByTheNext(t *testing.T) {
	english := ask(small(t))
	japanese := english
	japanese.Language = "ja"
	for _, version := range fake.Versions {
		var name string
		var breaks func(s *fake.Server, n int, stop func())
		switch version { // each way with one of the versions
		case fake.V10:
			name = "lost answer"
			breaks = func(s *fake.Server, n int, _ func()) { s.Lose(n) }
		case fake.V25:
			name = "failed"
			breaks = func(s *fake.Server, n int, _ func()) { s.Fail(n, http.StatusInternalServerError) }
		default:
			name = "stopped"
			breaks = func(s *fake.Server, n int, stop func()) {
				s.Before = func(i int, _ fake.Request) {
					if i == n {
						stop()
					}
				}
			}
		}
		t.Run(version+" "+name, func(t *testing.T) {
			t.Parallel()
			straight := server(version)
			provision(t, straight, english)
			requests := len(straight.Requests())
			created := straight.Snapshot()
			straight.Forget()
			provision(t, straight, japanese)
			changes := len(straight.Requests())
			translated := straight.Snapshot()
			try := func(s *fake.Server, r Request, n int, want []string) {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				breaks(s, n, stop)
				_, err := Provision(ctx, client(t, s, fake.DefaultKey), r)
				if name == "stopped" && err == nil {
					t.Errorf("%s, %s at %d: nothing broke", version, name, n)
				}
				s.Before = nil
				s.Forget()
				provision(t, s, r)
				if diff := cmp.Diff(want, s.Snapshot()); diff != "" {
					t.Fatalf("%s, %s at %d (-unbroken +finished):\n%s", version, name, n, diff)
				}
				s.Forget()
				provision(t, s, r)
				if s.Writes() != 0 {
					t.Errorf("%s, %s at %d: the run after it wrote %d times", version, name, n, s.Writes())
				}
			}
			for n := 1; n <= requests; n++ {
				try(server(version), english, n, created)
			}
			for n := 1; n <= changes; n++ {
				s := server(version)
				provision(t, s, english)
				s.Forget()
				try(s, japanese, n, translated)
			}
		})
	}
}

// call makes a request as a person who works with the server does.
func call(t *testing.T, s *fake.Server, key, method, path string, content, out any) {
	t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(text))
	r.Header.Set("Authorization", "Key "+key)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			t.Fatal(err)
		}
	}
}

type made struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	Visuals []made `json:"visualizations"`
	Widgets []made `json:"widgets"`
}

// foreign makes queries and dashboards of the names of ours, with a widget each, and drafts too.
func foreign(t *testing.T, s *fake.Server, key string, want State) {
	for _, q := range want.Queries {
		var m made
		call(t, s, key, "POST", "/api/queries", body{"name": q.Name, "query": "select 1", "data_source_id": 1, "tags": []string{"fourfold", "ours"}}, &m)
		call(t, s, key, "POST", fmt.Sprintf("/api/queries/%d", m.ID), body{"is_draft": false}, nil)
	}
	for _, d := range want.Dashboards {
		var m made
		call(t, s, key, "POST", "/api/dashboards", body{"name": d.Name}, &m)
		call(t, s, key, "POST", "/api/widgets", body{"dashboard_id": m.ID, "visualization_id": 1, "text": "", "width": 1, "options": body{}}, nil)
	}
}

func TestWhatItDidNotMakeIsNotTouched(t *testing.T) {
	for _, version := range fake.Versions {
		s := server(version)
		s.AddUser("somebody", "somebodysKey000000000")
		want := wanted(t, targets()["BigQuery"])
		foreign(t, s, "somebodysKey000000000", want)
		foreign(t, s, fake.DefaultKey, want) // those of the very user of the key, too
		before := s.Snapshot()
		for range 2 {
			provision(t, s, ask(catalogue(t)))
		}
		r := ask(catalogue(t))
		r.Catalogue = &dashboards.Catalogue{} // everything of ours goes
		provision(t, s, r)
		if diff := cmp.Diff(before, s.Snapshot()); diff != "" {
			t.Errorf("%s (-before +after):\n%s", version, diff)
		}
	}
}

// A copy that somebody makes of a query or a dashboard of ours has our tags, and is theirs.
func TestCopiesOfOthersAreLeftAlone(t *testing.T) {
	s := server(fake.V25)
	s.AddUser("somebody", "somebodysKey000000000")
	var q made
	call(t, s, "somebodysKey000000000", "POST", "/api/queries", body{
		"name": "Copy of", "query": "select 1", "data_source_id": 1, "tags": []string{Tag, keyTag + "panel/keys"},
	}, &q)
	call(t, s, "somebodysKey000000000", "POST", fmt.Sprintf("/api/queries/%d", q.ID), body{"is_draft": false}, nil)
	before := s.Snapshot()
	report := provision(t, s, ask(small(t)))
	if len(report.Left) != 1 || !strings.Contains(report.Left[0], `"Copy of" (panel/keys): it belongs to user 2`) {
		t.Errorf("left: %v", report.Left)
	}
	after := s.Snapshot()
	for _, line := range before {
		if !slices.Contains(after, line) {
			t.Errorf("gone, or changed: %s", line)
		}
	}
}

// What people add to ours stays: visualizations, widgets and tags. What they change of ours is put right.
func TestWhatPeopleAddStaysAndWhatTheyChangeIsPutRight(t *testing.T) {
	s := server(fake.V25)
	first := provision(t, s, ask(small(t)))
	clean := s.Snapshot()
	var queries struct{ Results []made }
	call(t, s, fake.DefaultKey, "GET", "/api/queries?tags="+keyTag+"panel/lead_times", nil, &queries)
	id := queries.Results[0].ID
	var theirs made
	call(t, s, fake.DefaultKey, "POST", "/api/visualizations", body{"query_id": id, "type": "CHART", "name": "theirs", "options": body{"a": 1}}, &theirs)
	page := first.Dashboards["dashboard/overview"]
	call(t, s, fake.DefaultKey, "POST", "/api/widgets", body{"dashboard_id": page, "visualization_id": theirs.ID, "text": "", "width": 1, "options": body{}}, nil)
	call(t, s, fake.DefaultKey, "POST", "/api/widgets", body{"dashboard_id": page, "visualization_id": nil, "text": "theirs", "width": 1}, nil)
	call(t, s, fake.DefaultKey, "POST", fmt.Sprintf("/api/dashboards/%d", page), body{"tags": []string{Tag, keyTag + "dashboard/overview", "theirs"}}, nil)
	added := s.Snapshot()
	if report := provision(t, s, ask(small(t))); report.Changed() {
		t.Errorf("%s", text(t, report))
	}
	call(t, s, fake.DefaultKey, "POST", fmt.Sprintf("/api/queries/%d", id), body{"query": "select 2", "schedule": body{"interval": 60}, "name": "x"}, nil)
	s.Tick() // which turns off a schedule that is not whole
	var whole made
	call(t, s, fake.DefaultKey, "GET", fmt.Sprintf("/api/dashboards/%d", page), nil, &whole)
	call(t, s, fake.DefaultKey, "POST", fmt.Sprintf("/api/widgets/%d", whole.Widgets[0].ID), body{"text": "x", "options": body{keyOption: "text/question"}}, nil)
	call(t, s, fake.DefaultKey, "DELETE", fmt.Sprintf("/api/widgets/%d", whole.Widgets[1].ID), nil, nil)
	report := provision(t, s, ask(small(t)))
	if !slices.ContainsFunc(report.Actions, func(a Action) bool {
		return a.Verb == Update && a.Key == "panel/lead_times" && slices.Equal(a.Changes, []string{"name", "SQL", "schedule"})
	}) || report.Count(Update) != 2 || report.Count(Create) != 1 || report.Count(Run) != 1 {
		t.Errorf("%s", text(t, report))
	}
	if diff := cmp.Diff(added, s.Snapshot()); diff != "" {
		t.Errorf("(-what people added +put right)\n%s", diff)
	}
	if len(added) != len(clean)+3 {
		t.Errorf("people added %d things", len(added)-len(clean))
	}
}

// What the catalogue does not have any more goes: pages, queries, pictures of a query, widgets of a page.
func TestWhatIsNotWantedAnyMoreIsArchived(t *testing.T) {
	s := server(fake.V26)
	provision(t, s, ask(catalogue(t)))
	report := provision(t, s, ask(small(t)))
	// The cards of two metrics are another query than those of five.
	if report.Count(Delete) == 0 || report.Count(Create) != 0 || report.Count(Run) != 1 {
		t.Errorf("%s", text(t, report))
	}
	for _, key := range []string{"keys/rework_rate", "dashboard/overview panel/key_services", "dashboard/incidents", "panel/restores", "choices/severity"} {
		if !slices.ContainsFunc(report.Actions, func(a Action) bool { return a.Verb == Delete && a.Key == key }) {
			t.Errorf("%s is still there", key)
		}
	}
	fresh := server(fake.V26)
	provision(t, fresh, ask(small(t)))
	if diff := cmp.Diff(fresh.Snapshot(), s.Snapshot()); diff != "" {
		t.Errorf("(-fresh +what stays)\n%s", diff)
	}
}

// Somebody else writes the dashboard between our reading it and our writing it: it is read again.
func TestAnEditMeanwhileIsReadAgain(t *testing.T) {
	s := server(fake.V25)
	page := provision(t, s, ask(small(t))).Dashboards["dashboard/overview"]
	path := fmt.Sprintf("/api/dashboards/%d", page)
	call(t, s, fake.DefaultKey, "POST", path, body{"name": "Renamed"}, nil)
	s.Forget()
	edits := 0
	s.Before = func(_ int, r fake.Request) {
		if r.Write() && r.Path == path && edits == 0 {
			edits++
			call(t, s, fake.DefaultKey, "POST", path, body{"tags": []string{Tag, keyTag + "dashboard/overview", "new"}}, nil)
		}
	}
	provision(t, s, ask(small(t)))
	s.Before = nil
	stale := 0
	for _, r := range s.Requests() {
		if r.Status == http.StatusConflict {
			stale++
		}
	}
	if stale != 1 || !slices.ContainsFunc(s.Snapshot(), func(l string) bool {
		return strings.HasPrefix(l, `dashboard "Fourfold: Overview"`) && strings.Contains(l, " new]")
	}) {
		t.Errorf("%d stale writes: %v", stale, s.Snapshot())
	}
	call(t, s, fake.DefaultKey, "POST", path, body{"name": "Renamed"}, nil)
	s.Before = func(_ int, r fake.Request) {
		if r.Write() && r.Path == path && strings.Contains(r.Body, "Fourfold") {
			call(t, s, fake.DefaultKey, "POST", path, body{"layout": []int{}}, nil)
		}
	}
	_, err := Provision(t.Context(), client(t, s, fake.DefaultKey), ask(small(t)))
	if err == nil || !strings.Contains(err.Error(), "somebody changes it at the same time") {
		t.Errorf("%v", err)
	}
}

func TestTheDataSourceIsOneByNameAndType(t *testing.T) {
	for name, c := range map[string]struct {
		sources [][2]string
		want    string
	}{
		"none":       {nil, `no "warehouse" of type bigquery or duckdb; there are none that this key sees`},
		"other type": {[][2]string{{"warehouse", "pg"}, {"w2", "bigquery"}}, `there are "warehouse" (pg, id 1), "w2" (bigquery, id 2)`},
		"two":        {[][2]string{{"warehouse", "duckdb"}, {"warehouse", "bigquery"}}, `2 are called "warehouse"`},
	} {
		s := fake.New(fake.V26)
		for _, d := range c.sources {
			s.AddSource(d[0], d[1])
		}
		_, err := Provision(t.Context(), client(t, s, fake.DefaultKey), ask(small(t)))
		if !errors.Is(err, ErrDataSource) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	s := fake.New(fake.V26)
	s.AddSource("warehouse", "pg")
	s.AddSource("warehouse", "duckdb")
	r := ask(small(t))
	r.Marts = nil
	for _, wrong := range []string{"", "fourfold.duckdb", "/srv/{{ range }}", "/srv/a\nb"} {
		r.Copy = wrong
		if _, err := Provision(t.Context(), client(t, s, fake.DefaultKey), r); err == nil || !strings.Contains(err.Error(), "redash.duckdb_copy") || s.Writes() != 0 {
			t.Errorf("a copy at %q: %v, %d writes", wrong, err, s.Writes())
		}
	}
	r.Copy = "/srv/redash/it's.duckdb"
	provision(t, s, r)
	s.Locked = true
	if _, err := Provision(t.Context(), client(t, s, fake.DefaultKey), r); err == nil || !strings.Contains(err.Error(), "redash.duckdb_copy") {
		t.Errorf("a locked file: %v", err)
	}
}

func TestQueriesThatDoNotRunAreReportedAndTheRestIsDone(t *testing.T) {
	s := server(fake.V10)
	s.Answer = func(sql string) ([]map[string]any, error) {
		if strings.Contains(sql, "-- failure_rates\n") {
			return nil, errors.New("no such table")
		}
		return []map[string]any{{"name": "All", "value": "(all)"}}, nil
	}
	report, err := Provision(t.Context(), client(t, s, fake.DefaultKey), ask(catalogue(t)))
	if err == nil || len(report.Failed) != 1 || !strings.Contains(report.Failed[0], "panel/failure_rates): no such table") {
		t.Errorf("%v: %v", err, report.Failed)
	}
	s.Answer = nil
	s.Forget()
	again := provision(t, s, ask(catalogue(t)))
	if again.Count(Run) != 1 || again.Count(Create)+again.Count(Update)+again.Count(Delete) != 0 {
		t.Errorf("%s", text(t, again))
	}
	idle := server(fake.V25)
	idle.NoWorker = true
	report, err = Provision(t.Context(), client(t, idle, fake.DefaultKey), ask(small(t)))
	if err == nil || len(report.Failed) == 0 || !strings.Contains(report.Failed[0], "waits for a worker") || !strings.Contains(err.Error(), "what can be chosen is not known") {
		t.Errorf("%v: %v", err, report.Failed)
	}
	if slices.ContainsFunc(idle.Snapshot(), func(l string) bool { return strings.Contains(l, "panel/") }) {
		t.Error("a query is there whose choices are not known")
	}
	idle.NoWorker = false
	provision(t, idle, ask(small(t)))
	idle.Forget()
	if provision(t, idle, ask(small(t))); idle.Writes() != 0 {
		t.Errorf("with a worker the second run wrote %d times", idle.Writes())
	}
}

// Redash's scheduler runs every query by the values that are saved.
func TestEveryScheduleCanRun(t *testing.T) {
	s := server(fake.V25)
	provision(t, s, ask(catalogue(t)))
	before := s.Snapshot()
	s.Tick()
	for id := 1; id <= len(catalogue(t).Panels); id++ {
		if n := s.Failures(id); n != 0 {
			t.Errorf("query %d cannot be run by its schedule", id)
		}
	}
	if diff := cmp.Diff(before, s.Snapshot()); diff != "" {
		t.Errorf("a schedule was turned off:\n%s", diff)
	}
}

func TestPagesFitTheirGrid(t *testing.T) {
	for _, columns := range []int{6, 12} {
		target := targets()["BigQuery"]
		target.Columns = columns
		for _, d := range wanted(t, target).Dashboards {
			taken := map[[2]int]string{}
			for _, w := range d.Widgets {
				p := plain(w.Options)["position"].(map[string]any)
				at := func(k string) int { return int(p[k].(float64)) }
				if at("col")+at("sizeX") > columns || at("sizeX") < 1 || at("sizeY") < 1 {
					t.Errorf("%s, %s: %v of %d columns", d.Key, w.Key, p, columns)
				}
				for x := at("col"); x < at("col")+at("sizeX"); x++ {
					for y := at("row"); y < at("row")+at("sizeY"); y++ {
						if other := taken[[2]int{x, y}]; other != "" {
							t.Fatalf("%s: %s lies on %s", d.Key, w.Key, other)
						}
						taken[[2]int{x, y}] = w.Key
					}
				}
			}
		}
	}
}

// Two runs at once can make everything twice: the older of each stays.
func TestOfTwoOfOneKeyTheOlderStays(t *testing.T) {
	s := server(fake.V26)
	first := provision(t, s, ask(small(t)))
	clean := s.Snapshot()
	var queries struct{ Results []made }
	call(t, s, fake.DefaultKey, "GET", "/api/queries?tags="+keyTag+"panel/lead_times", nil, &queries)
	id := queries.Results[0].ID
	page := first.Dashboards["dashboard/overview"]
	call(t, s, fake.DefaultKey, "POST", "/api/queries", body{
		"name": "again", "query": "select 1", "data_source_id": 1, "tags": []string{Tag, keyTag + "panel/lead_times"},
	}, nil)
	call(t, s, fake.DefaultKey, "POST", "/api/visualizations", body{"query_id": id, "type": "CHART", "name": "again", "options": body{keyOption: "lead_times"}}, nil)
	call(t, s, fake.DefaultKey, "POST", "/api/widgets", body{
		"dashboard_id": page, "visualization_id": nil, "text": "again", "width": 1, "options": body{keyOption: "text/question"},
	}, nil)
	var twin made
	call(t, s, fake.DefaultKey, "POST", "/api/dashboards", body{"name": "again"}, &twin)
	call(t, s, fake.DefaultKey, "POST", fmt.Sprintf("/api/dashboards/%d", twin.ID), body{"tags": []string{Tag, keyTag + "dashboard/overview"}}, nil)
	for range 2 { // begun, and not finished
		call(t, s, fake.DefaultKey, "POST", "/api/dashboards", body{"name": beginning("dashboard/overview")}, nil)
	}
	report := provision(t, s, ask(small(t)))
	if report.Count(Delete) != 6 || report.Count(Create)+report.Count(Update) != 0 {
		t.Errorf("%s", text(t, report))
	}
	if diff := cmp.Diff(clean, s.Snapshot()); diff != "" {
		t.Errorf("(-once +twice and once again)\n%s", diff)
	}
	again := server(fake.V26)
	for range 2 {
		call(t, again, fake.DefaultKey, "POST", "/api/dashboards", body{"name": beginning("dashboard/overview")}, nil)
	}
	if provision(t, again, ask(small(t))).Dashboards["dashboard/overview"] != 1 {
		t.Error("what was begun is not gone on with")
	}
	if diff := cmp.Diff(clean, again.Snapshot()); diff != "" {
		t.Errorf("(-once +begun twice)\n%s", diff)
	}
}

// The name of a beginning alone makes nothing ours: it has to be this user's, a draft, and without a tag.
func TestABeginningIsADraftOfThisUser(t *testing.T) {
	s := server(fake.V25)
	s.AddUser("somebody", "somebodysKey000000000")
	call(t, s, fake.DefaultKey, "POST", "/api/queries", body{"name": "q", "query": "select 1", "data_source_id": 1}, nil)
	for i, x := range []struct {
		key    string
		change body
	}{
		{"somebodysKey000000000", body{"is_draft": false}}, {fake.DefaultKey, body{"is_draft": false}}, {fake.DefaultKey, body{"tags": []string{"theirs"}}},
	} {
		call(t, s, x.key, "POST", "/api/dashboards", body{"name": beginning("dashboard/overview")}, nil)
		call(t, s, x.key, "POST", "/api/widgets", body{"dashboard_id": i + 1, "visualization_id": 1, "text": "", "width": 1, "options": body{}}, nil)
		call(t, s, x.key, "POST", fmt.Sprintf("/api/dashboards/%d", i+1), x.change, nil)
	}
	before := s.Snapshot()
	provision(t, s, ask(small(t)))
	after := s.Snapshot()
	for _, line := range before {
		if !slices.Contains(after, line) {
			t.Errorf("gone, or changed: %s", line)
		}
	}
}
