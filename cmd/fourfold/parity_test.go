package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/dbt"
	"fourfold/internal/config"
	fake "fourfold/internal/fake/bigquery"
	"fourfold/internal/parity"
	"fourfold/internal/pipeline"
	"fourfold/load/bigquery"
	"fourfold/transform"
)

// company is an organisation that is read into a warehouse.
type company struct {
	*app
	t  *testing.T
	at time.Time
}

// newCompany configures a data directory of its own; more is what the configuration says of the warehouse.
func newCompany(t *testing.T, s served, at time.Time, more string) *company {
	t.Helper()
	dbt := os.Getenv("FOURFOLD_DBT")
	if dbt == "" {
		dbt = filepath.Join("..", "..", ".venv", "bin", "dbt")
	}
	dbt, err := filepath.Abs(dbt)
	if err != nil {
		t.Fatal(err)
	}
	s.yaml += more + fmt.Sprintf("privacy: {hash_key: key}\ndbt: {command: %q}\n", dbt)
	return &company{app: configure(t, s), t: t, at: at}
}

// configure writes a configuration and what is beside it, and reads it.
func configure(t *testing.T, s served) *app {
	t.Helper()
	dir := t.TempDir()
	if err := writeFiles(dir, s); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(filepath.Join(dir, "fourfold.yaml"), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(cfg, io.Discard, io.Discard)
	if err := os.MkdirAll(a.data(), 0o755); err != nil {
		t.Fatal(err)
	}
	return a
}

// inBigQuery is the part of a configuration that says that the warehouse is at an address.
func inBigQuery(server *fake.Server) string {
	return fmt.Sprintf("warehouse: {type: bigquery, project: %s, dataset: ff, location: US, endpoint: %q}\n", server.Project, server.URL)
}

// inBoth is an organisation that is served until the test ends, to be read into DuckDB and into BigQuery; more is what both
// configurations say besides.
func inBoth(t *testing.T, serve func(time.Time) (served, error), server *fake.Server, more string) (here, there *company) {
	t.Helper()
	at := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	s, err := serve(at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return newCompany(t, s, at, more), newCompany(t, s, at, more+inBigQuery(server))
}

// build makes the marts, and gives all their rows.
func (c *company) build() map[string]parity.Table {
	c.t.Helper()
	if err := c.app.build(c.t.Context(), pipeline.BuildRequest{}); err != nil {
		c.t.Fatal(err)
	}
	p, err := newPublished(c.t.Context(), c.app)
	if err != nil {
		c.t.Fatal(err)
	}
	defer p.reader.Close()
	out := map[string]parity.Table{}
	for _, name := range dbt.Marts() {
		rows, err := p.Query(c.t.Context(), "select * from "+name)
		if err != nil {
			c.t.Fatal(err)
		}
		var all [][]any
		for row, err := range rows.All {
			if err != nil {
				c.t.Fatal(err)
			}
			all = append(all, slices.Clone(row))
		}
		out[name] = parity.New(rows.Columns, all)
	}
	return out
}

// compareBuilds makes the marts in both warehouses and compares them; empty are the marts that may be. It gives their rows.
func compareBuilds(t *testing.T, here, there *company, empty ...string) (rows int) {
	t.Helper()
	want, got := here.build(), there.build()
	for _, name := range dbt.Marts() {
		parity.Compare(t, name, want[name], got[name])
		if n := len(want[name].Rows); n == 0 != slices.Contains(empty, name) {
			t.Errorf("%s has %d rows", name, n)
		}
		rows += len(want[name].Rows)
	}
	t.Logf("%d rows of %d marts", rows, len(want))
	return rows
}

// round is one sync, an hour after the last, and what status counts.
func (c *company) round() map[string][2]int64 {
	c.t.Helper()
	c.at = c.at.Add(time.Hour)
	c.clock = func() time.Time { return c.at }
	sources, done, err := c.sources()
	if err != nil {
		c.t.Fatal(err)
	}
	defer done()
	policy, err := c.policy()
	if err != nil {
		c.t.Fatal(err)
	}
	store, err := c.engine.Open(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	s := pipeline.Sync{Warehouse: store, Sources: sources, Policy: policy, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Progress: newProgress(io.Discard, c.log), Clock: c.clock}
	report, err := s.Run(c.t.Context(), pipeline.RunID(c.at), pipeline.Selection{})
	if err == nil && len(report.Failed()) > 0 {
		err = fmt.Errorf("%+v", report.Failed())
	}
	var counts map[string][2]int64
	if err == nil {
		counts, err = store.Counts(c.t.Context())
	}
	if err := errors.Join(err, store.Close()); err != nil {
		c.t.Fatal(err)
	}
	return counts
}

// ledgers are all rows of all ledgers, sorted, without when they were observed.
func (c *company) ledgers() map[string][]string {
	c.t.Helper()
	store, err := c.engine.Open(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	out := map[string][]string{}
	for _, t := range transform.All() {
		var columns string
		for _, column := range t.Ledger() {
			if column.Name != "_observed_at" && column.Name != "_run_id" {
				columns += ", " + column.Name
			}
		}
		rows, err := store.Query(c.t.Context(), "select "+columns[2:]+" from "+t.Name)
		if err != nil {
			c.t.Fatal(err)
		}
		for row, err := range rows.All {
			if err != nil {
				c.t.Fatal(err)
			}
			out[t.Name] = append(out[t.Name], fmt.Sprintf("%q", row))
		}
		slices.Sort(out[t.Name])
	}
	if err := store.Close(); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// The demo's ledgers and marts are the same on both engines, row by row, and so is what the page shows of them. A round in which nothing has changed asks
// BigQuery nothing: it runs neither query nor job. The first round after everything was read brings children by their parents, who are not known
// one by one yet: it counts from the next on.
func TestTheDemoIsTheSameInBigQueryAndARoundWithoutNewsCostsNothing(t *testing.T) {
	t.Parallel()
	server := fake.Start(t)
	client, err := bigquery.Connect(t.Context(), bigquery.Options{Project: server.Project, Dataset: "ff", Location: "US", Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	here, there := inBoth(t, serveCompany, server, "")
	counts := here.round()
	if diff := cmp.Diff(counts, there.round()); diff != "" {
		t.Errorf("counts in DuckDB and BigQuery (-DuckDB +BigQuery):\n%s", diff)
	}
	want := here.ledgers()
	if diff := cmp.Diff(want, there.ledgers()); diff != "" {
		t.Errorf("ledgers (-DuckDB +BigQuery):\n%s", diff)
	}
	mark, latest, err := bigquery.Mark(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if rows := compareBuilds(t, here, there); rows < 50_000 {
		t.Errorf("only %d rows of marts: what has this shown?", rows)
	}
	compareDashboards(t, here, there, server)
	there.round()
	for n := range 2 {
		server.Calls()
		if diff := cmp.Diff(counts, there.round()); diff != "" {
			t.Errorf("round %d: counts (-first +this):\n%s", n+3, diff)
		}
		var asked []string
		var bytes int64
		calls := server.Calls()
		for _, c := range calls {
			switch bytes += c.Bytes; c.Kind {
			case "query", "load", "load.chunk", "jobs.query":
				asked = append(asked, c.Kind+" "+c.JobID+" "+c.Body[:min(len(c.Body), 300)])
			}
		}
		t.Logf("round %d: %d requests, %d bytes sent", n+3, len(calls), bytes)
		if len(asked) > 0 {
			t.Errorf("round %d, in which nothing has changed: %d queries and jobs: %q", n+3, len(asked), asked)
		}
		again, sameLatest, err := bigquery.Mark(t.Context(), client)
		if err != nil || again != mark || !sameLatest.Equal(latest) {
			t.Errorf("mark %s at %v, then %s at %v, %v: nothing has changed", mark, latest, again, sameLatest, err)
		}
	}
	if diff := cmp.Diff(want, there.ledgers()); diff != "" {
		t.Errorf("ledgers after four rounds (-one round +four):\n%s", diff)
	}
	rows := 0
	for _, of := range want {
		rows += len(of)
	}
	if rows < 20_000 {
		t.Errorf("only %d rows: what has this shown?", rows)
	}
}

// The real incidents come to BigQuery by a copy: their marts are the same, and the next round there finds nothing new.
func TestTheRealIncidentsAreTheSameInBigQuery(t *testing.T) {
	t.Parallel()
	here, there := inBoth(t, serveStatusPage, fake.Start(t), "week_start: sunday\n")
	here.round()
	if err := here.copy(t.Context(), there.app, "there.yaml"); err != nil {
		t.Fatal(err)
	}
	there.clock = here.clock
	want := here.ledgers()
	compareBuilds(t, here, there, "dim_repositories", "fct_changes", "fct_commits", "fct_deployments", "fct_drills", "fct_follow_ups", "fct_incident_deployments",
		"fct_incident_durations", "fct_postmortems", "rpt_follow_up_reminders", "rpt_follow_ups")
	there.at = here.at
	there.round()
	if diff := cmp.Diff(want, there.ledgers()); diff != "" {
		t.Errorf("ledgers after a round there (-DuckDB +BigQuery):\n%s", diff)
	}
}
