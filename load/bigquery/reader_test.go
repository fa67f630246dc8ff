package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	fake "fourfold/internal/fake/bigquery"
	"fourfold/load"
)

func lines(t *testing.T, rows *load.Rows, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for row, err := range rows.All {
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

func TestReadersSeeOneBuildWhileTheNextIsPublished(t *testing.T) {
	s := fake.Start(t)
	m := newMaking(t, s)
	r := NewReader(m.c)
	if _, err := r.Published(t.Context()); !errors.Is(err, load.ErrNoBuild) {
		t.Errorf("before the first build: %v", err)
	}
	first := m.build()
	id, err := r.Published(t.Context())
	if err != nil || id != first {
		t.Fatalf("published %s, %v, want %s", id, err, first)
	}
	second := m.build()
	ask := func(build, sql string, args ...any) []string {
		t.Helper()
		rows, err := r.Query(t.Context(), build, sql, args...)
		return lines(t, rows, err)
	}
	for _, sql := range []string{
		"select build_id from fct_things", "SELECT t.build_id FROM `fct_things` AS t, publication AS p WHERE t.build_id = p.build_id", "select fct_things.build_id from fct_things where n = ?",
		"-- first\nwith publication_ids as (select build_id from publication) select p.build_id from publication_ids as p inner join fct_things using (build_id) order by 1;",
		"with recursive n as (select 1 as i union all select i + 1 from n where i < 3) select f.build_id from fct_things as f, n where n.i = 3",
		"with x as (select 1 as one) select build_id from four_keys, x",
	} {
		var args []any
		if strings.Contains(sql, "?") {
			args = []any{int64(7)}
		}
		compare(t, "of the first: "+sql, ask(first, sql, args...), []string{`["` + first + `"]`})
		compare(t, "of the second: "+sql, ask(second, sql, args...), []string{`["` + second + `"]`})
	}
	compare(t, "a name of one's own", ask(first, "with fct_things as (select 'mine' as build_id) select build_id from fct_things"), []string{`["mine"]`})
	compare(t, "no mart", ask(first, "select 'fct_things' as x, 1.5 as y, null as z"), []string{`["fct_things",1.5,null]`})
	for range 2 {
		m.build()
	}
	if _, err := r.Query(t.Context(), first, "select build_id from fct_things"); err == nil {
		t.Error("a build that is no more is read")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestNothingIsWrittenByWhoReads(t *testing.T) {
	s := fake.Start(t)
	m := newMaking(t, s)
	id := m.build()
	r := NewReader(m.c)
	s.Calls()
	for _, sql := range []string{"drop view fct_things", "select 1; drop view fct_things", "create table ff_build.x as select 1", "insert into ff_build.fct_things select 'x', 1"} {
		for _, ask := range []func() (*load.Rows, error){
			func() (*load.Rows, error) { return r.Query(t.Context(), id, sql) },
			func() (*load.Rows, error) { return r.Raw(t.Context(), sql) },
		} {
			if _, err := ask(); !errors.Is(err, ErrNotSelect) {
				t.Errorf("%s: %v", sql, err)
			}
		}
	}
	if calls := s.Calls(); len(calls) != 0 {
		t.Errorf("the server was asked: %+v", calls)
	}
}

func TestLedgersAreReadByTheirBareNames(t *testing.T) {
	s := fake.Start(t)
	c := connect(t, s, "ff")
	r := NewReader(c)
	store, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := r.Raw(t.Context(), "select count(*) from incidentio_incidents where id = $1 or id = $1", "x")
	compare(t, "rows", lines(t, rows, err), []string{"[0]"})
	_, err = NewReader(connect(t, s, "none")).Raw(t.Context(), "select 1 from runs")
	if err == nil {
		t.Error("there are no ledgers, and they are read")
	}
}

// strict answers as BigQuery does where an emulator does not: dry runs, and errors of rights and limits.
func strict(t *testing.T, answer func(sql string, dry bool) (status int, body map[string]any)) (c *Client, asked *[]string) {
	t.Helper()
	asked = &[]string{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var job struct {
			Configuration struct {
				DryRun bool                   `json:"dryRun"`
				Query  struct{ Query string } `json:"query"`
			} `json:"configuration"`
		}
		_ = json.Unmarshal(body, &job)
		*asked = append(*asked, job.Configuration.Query.Query)
		status, answered := answer(job.Configuration.Query.Query, job.Configuration.DryRun)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answered)
	}))
	t.Cleanup(s.Close)
	c, err := Connect(t.Context(), Options{Project: "p", Dataset: "ff", Endpoint: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	c.opts.Endpoint = "" // as with Google's own, from here on
	t.Cleanup(func() { c.Close() })
	return c, asked
}

func failed(status int, reason, message string) (int, map[string]any) {
	return status, map[string]any{"error": map[string]any{"code": status, "message": message, "errors": []any{map[string]any{"reason": reason, "message": message}}}}
}

func dryRunOf(kind string, tables ...string) (int, map[string]any) {
	var list []any
	for _, path := range tables {
		p := strings.Split(path, ".")
		list = append(list, map[string]any{"projectId": p[0], "datasetId": p[1], "tableId": p[2]})
	}
	return http.StatusOK, map[string]any{
		"jobReference": map[string]any{"projectId": "p", "jobId": "dry"}, "configuration": map[string]any{"dryRun": true, "query": map[string]any{"query": "q"}},
		"status": map[string]any{"state": "DONE"}, "statistics": map[string]any{"query": map[string]any{"statementType": kind, "referencedTables": list}},
	}
}

func TestBigQueryItselfSaysWhatAStatementIsAndReads(t *testing.T) {
	for _, x := range []struct {
		kind   string
		tables []string
		want   string
	}{
		{"SELECT", []string{"p.ff_marts.fct_things", "p.ff_build.fct_things__b"}, "rights"},
		{"SELECT", nil, "rights"},
		{"SCRIPT", nil, ErrNotSelect.Error()},
		{"", nil, ErrNotSelect.Error()},
		{"SELECT", []string{"p.ff_raw.incidentio_incidents"}, "p.ff_raw.incidentio_incidents: only tables of ff_marts"},
		{"SELECT", []string{"other.ff_marts.t"}, "other.ff_marts.t: only"},
		{"SELECT", slices.Repeat([]string{"p.ff_marts.t"}, 49), "rights"},
		{"SELECT", slices.Repeat([]string{"p.ff_marts.t"}, 50), "it reads 50 tables or more"},
	} {
		c, _ := strict(t, func(_ string, dry bool) (int, map[string]any) {
			if dry {
				return dryRunOf(x.kind, x.tables...)
			}
			return failed(http.StatusBadRequest, "invalid", "rights")
		})
		r := NewReader(c)
		r.marts["b"] = []string{"fct_things"}
		if _, err := r.Query(t.Context(), "b", "select * from fct_things"); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s of %v: %v, want %s", x.kind, x.tables, err, x.want)
		}
	}
}

func TestAStatementIsLookedAtOnce(t *testing.T) {
	dry := 0
	c, asked := strict(t, func(_ string, isDry bool) (int, map[string]any) {
		if isDry {
			dry++
			return dryRunOf("SELECT")
		}
		return failed(http.StatusBadRequest, "invalid", "no")
	})
	r := NewReader(c)
	r.marts["b"], r.marts["c"] = []string{"fct_things"}, []string{"fct_things"}
	for _, build := range []string{"b", "b", "c"} {
		if _, err := r.Query(t.Context(), build, "select * from fct_things where n = ?", 1); err == nil {
			t.Error("no error")
		}
	}
	if dry != 1 || len(*asked) != 4 {
		t.Errorf("%d dry runs of %q", dry, *asked)
	}
}

func TestAQueryOverTheLimitSaysHowMuchItIs(t *testing.T) {
	c, _ := strict(t, func(_ string, dry bool) (int, map[string]any) {
		if dry {
			return dryRunOf("SELECT")
		}
		return failed(http.StatusBadRequest, "bytesBilledLimitExceeded", "Query exceeded limit for bytes billed: 10485760. 6442450944 or higher required.")
	})
	r := NewReader(c)
	r.marts["b"] = nil
	_, err := r.Query(t.Context(), "b", "select 1")
	if err == nil || !strings.Contains(err.Error(), "billed for 6.0 GiB and may be for 10.0 MiB (warehouse.maximum_bytes_billed)") {
		t.Errorf("%v", err)
	}
}

func TestAQueryEndsWithItsTime(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(time.Hour))
	defer cancel()
	var limit string
	var ended []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var job struct {
			JobReference  map[string]string `json:"jobReference"`
			Configuration struct {
				JobTimeoutMs string `json:"jobTimeoutMs"`
			} `json:"configuration"`
		}
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &job)
		running := map[string]any{
			"jobReference": map[string]string{"projectId": "p", "jobId": "long", "location": "US"}, "status": map[string]string{"state": "RUNNING"},
			"configuration": map[string]any{"query": map[string]any{"query": "q"}},
		}
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/jobs"):
			limit = job.Configuration.JobTimeoutMs
			_ = json.NewEncoder(w).Encode(running)
		case strings.HasSuffix(r.URL.Path, "/queries/long"): // it takes longer than anybody waits
			cancel()
			<-r.Context().Done()
		case strings.HasSuffix(r.URL.Path, "/cancel"):
			ended = append(ended, r.Method+" "+r.URL.Path)
			_ = json.NewEncoder(w).Encode(map[string]any{"job": running})
		default:
			t.Errorf("%s %s", r.Method, r.URL)
		}
	}))
	defer s.Close()
	c, err := Connect(t.Context(), Options{Project: "p", Dataset: "ff", Endpoint: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := NewReader(c)
	r.marts["b"] = []string{"fct_things"}
	if _, err := r.Query(ctx, "b", "select build_id from fct_things"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if ms, err := strconv.Atoi(limit); err != nil || ms > 3_600_000 || ms < 1_800_000 {
		t.Errorf("the job may take %q ms, want what was left of an hour", limit)
	}
	compare(t, "told to end", ended, []string{"POST /bigquery/v2/projects/p/jobs/long/cancel"})
}

func TestATableThatIsNotThereIsSaidWithThoseThatAre(t *testing.T) {
	c, _ := strict(t, func(string, bool) (int, map[string]any) {
		return failed(http.StatusNotFound, "notFound", "Not found: Table p:ff_marts.fct_incident was not found in location US")
	})
	r := NewReader(c)
	r.marts["b"] = []string{"fct_incidents", "four_keys"}
	_, err := r.Query(t.Context(), "b", "select 1 from fct_incident")
	if err == nil || err.Error() != "query: there is no table fct_incident: there are fct_incidents, four_keys" {
		t.Errorf("%v", err)
	}
}
