package bigquery

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"fourfold/internal/dialect"
	fake "fourfold/internal/fake/bigquery"
	"fourfold/load"
	"fourfold/transform"
	"fourfold/transform/ship"
)

// shipFixture is a client whose ledgers are there, with some commits.
func shipFixture(t *testing.T, s *fake.Server) *Client {
	t.Helper()
	c := connect(t, s, "ff")
	store, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	run, err := store.Begin(t.Context(), "run", buildClock)
	if err != nil {
		t.Fatal(err)
	}
	rows := transform.NewRows(transform.GithubCommits, run, transform.Policy{})
	for i, repository := range []string{"1", "10", "1"} {
		sha := strings.Repeat(fmt.Sprint(i), 40)
		rows.Add([]byte(fmt.Sprintf(`{"id": "%s:%s", "repository_id": "%s", "sha": "%s", "parents": [], "committed_at": "2026-01-0%dT00:00:00Z", "title": "one", "paths": ["p%d"]}`,
			repository, sha, repository, sha, i+1, i)), false)
	}
	a := load.Append{Stream: "github/commits", Batch: rows.Flush()}
	defer a.Batch.Rows.Release()
	if len(a.Batch.Rejected) > 0 {
		t.Fatal(a.Batch.Rejected)
	}
	if _, err := store.Append(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

func names(t *testing.T, s *ShipStore, values ...string) {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, transform.ShipDeploymentNames.ArrowSchema())
	defer b.Release()
	for _, v := range values {
		for i, text := range []string{v, "deployments:" + v, "api"} {
			b.Field(i).(*array.StringBuilder).Append(text)
		}
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	if err := s.Insert(t.Context(), transform.ShipDeploymentNames, batch); err != nil {
		t.Fatal(err)
	}
}

func TestRowsOfABuildAreThereOnceWhateverIsLost(t *testing.T) {
	pause = time.Millisecond
	s := fake.Start(t)
	c := shipFixture(t, s)
	for build := range 2 { // of the second, what the first wrote is gone
		s.Drop(fake.Unspoken, 3, func(c fake.Call) bool { return c.Kind == "load" || c.Kind == "tables" && c.Method != "GET" })
		store, err := OpenShip(t.Context(), c, c.Build(), buildClock)
		if err != nil {
			t.Fatal(err)
		}
		names(t, store, "1", "2")
		s.Drop(fake.Unspoken, 1, func(c fake.Call) bool { return c.Kind == "load" })
		s.Drop(fake.Unheard, 1, func(c fake.Call) bool { return c.Kind == "load" })
		names(t, store, "3")
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		rows, err := c.query(t.Context(), "test", c.Build(), "select name from ship_deployment_names order by name", nil, nil)
		compare(t, fmt.Sprint("names of build ", build), lines(t, rows, err), []string{`["1"]`, `["2"]`, `["3"]`})
		s.Heal()
	}
}

func TestCommitsArePickedByTheirRepository(t *testing.T) {
	s := fake.Start(t)
	store, err := OpenShip(t.Context(), shipFixture(t, s), "ff_build", buildClock)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := store.Paths(t.Context(), "1", func(sha ship.SHA, paths []byte) { got = append(got, sha.String()[:1]+string(paths)) }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || strings.Contains(strings.Join(got, ""), "p1") {
		t.Errorf("paths %q", got)
	}
	counts, err := store.CommitCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "counts", counts, map[string]int{"1": 2, "10": 1})
	early, err := OpenShip(t.Context(), store.c, "ff_build", buildClock.Add(-time.Microsecond))
	if err != nil {
		t.Fatal(err)
	}
	counts, err = early.CommitCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "before they were observed", counts, map[string]int{})
}

// asked are the statements that a server was asked to run.
func asked(t *testing.T, s *fake.Server) []string {
	t.Helper()
	var out []string
	for _, c := range s.Calls() {
		if c.Kind != "query" {
			continue
		}
		var job struct {
			Configuration struct{ Query struct{ Query string } }
		}
		if err := json.Unmarshal([]byte(c.Body), &job); err != nil {
			t.Fatal(err)
		}
		out = append(out, job.Configuration.Query.Query)
	}
	return out
}

// What the emulator takes is BigQuery's, too: what the commit graph asks, and what readers do.
func TestWhatABuildAsksIsBigQuerys(t *testing.T) {
	s := fake.Start(t)
	c := shipFixture(t, s)
	m := newMaking(t, s)
	id := m.build()
	r := NewReader(c)
	if _, err := r.Published(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Calls()
	store, err := OpenShip(t.Context(), c, c.Build(), buildClock)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range store.Present(t.Context(), transform.GithubPullRequests, "id", "repository_id", "payload") {
		if err != nil {
			t.Fatal(err)
		}
	}
	each := func(string, ship.Commit) {}
	for _, do := range []func() error{
		func() error { _, err := store.FormerNames(t.Context()); return err },
		func() error { return store.Commits(t.Context(), []string{"1"}, each) },
		func() error { store.tombstones = 1; return store.Commits(t.Context(), []string{"1"}, each) },
		func() error { return store.Paths(t.Context(), "1", func(ship.SHA, []byte) {}) },
		func() error { return store.CommittedAt(t.Context(), []string{"a"}, func(string, int64) {}) },
		func() error {
			return store.Copy(t.Context(), transform.ShippedCommits, []ship.Copy{{Repository: "1", Environment: "e", From: "a", To: "b"}})
		},
		func() error {
			return store.Copy(t.Context(), transform.ShipDeploymentNames, []ship.Copy{{Repository: "1", Environment: "e", From: "a", To: "b"}})
		},
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	for _, sql := range []string{
		"select build_id from fct_things order by 1 limit 1;", "with recursive n as (select 1 as i union all select i + 1 from n where i < 3) select f.build_id from fct_things as f, n",
		"/* x */ with f as (select n from fct_things where n = ?) select f.n from f, publication",
	} {
		var args []any
		if strings.Contains(sql, "?") {
			args = []any{int64(7)}
		}
		if _, err := r.Query(context.Background(), id, sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	project := c.opts.Project
	var tables []dialect.Table
	add := func(dataset, name string, columns []transform.Column) {
		table := dialect.Table{Name: project + "." + dataset + "." + name}
		for _, c := range columns {
			table.Columns = append(table.Columns, dialect.Column{Name: c.Name, Type: c.BigQueryType()})
		}
		tables = append(tables, table)
	}
	for _, t := range transform.All() {
		add("ff_raw", t.Name, t.Ledger())
	}
	for _, t := range transform.Ship {
		add("ff_build", t.Name, t.Columns)
	}
	things := []transform.Column{{Name: "build_id"}, {Name: "n", Type: transform.Int64}}
	for _, name := range []string{"fct_things", "publication"} {
		add("ff_build", cloneName(name, id), things)
	}
	var statements []dialect.Statement
	for i, sql := range asked(t, s) {
		// The reader knows no structs as parameters.
		read := strings.Replace(sql, "unnest(?) as w", "unnest([struct('1' as repository_id, 'e' as environment, 'a' as from_service, 'b' as to_service)]) as w", 1)
		statements = append(statements, dialect.Statement{Name: fmt.Sprintf("%d: %s", i, sql), SQL: read})
	}
	if len(statements) != 12 {
		t.Errorf("%d statements", len(statements))
	}
	for _, a := range dialect.Read(t, tables, statements) {
		if a.Error != "" {
			t.Errorf("%s: %s", a.Name, a.Error)
		}
	}
}

// Bounds have all commits of the repositories between them, and none of one that comes before or after all of them: an id that begins
// another comes after it, as the colon comes after digits.
func TestIdsOfCommitsAreBoundedByThoseOfTheirRepositories(t *testing.T) {
	for _, x := range []struct {
		repositories, within, outside []string
	}{
		{[]string{"12"}, []string{"12:0", "12:f"}, []string{"123:0", "11:f", "13:0"}},
		{[]string{"12", "123"}, []string{"12:0", "12:f", "123:0", "123:f"}, []string{"122:f", "13:0"}},
		{[]string{"98", "100", "20"}, []string{"98:f", "100:0", "20:a"}, []string{"99:0"}},
	} {
		least, bound := idsOf(x.repositories)
		for _, id := range x.within {
			if id < least || id >= bound {
				t.Errorf("%s of %v is not between %s and %s", id, x.repositories, least, bound)
			}
		}
		for _, id := range x.outside {
			if id >= least && id < bound {
				t.Errorf("%s is not of %v and between %s and %s", id, x.repositories, least, bound)
			}
		}
	}
}
