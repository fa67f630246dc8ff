package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
	"fourfold/load"
	"fourfold/load/duckdb"
	"fourfold/transform"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimEnv); dir != "" {
		if err := victim(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if dir := os.Getenv(dbtVictimEnv); dir != "" {
		fmt.Fprintln(os.Stderr, dbtVictim(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// start is the clock of the first run in these tests.
var start = time.Date(2026, 10, 20, 8, 0, 0, 0, time.UTC)

// world is a data directory and what is synced into it. A warehouse of the tests' own stands before the store, to see
// and to break what passes.
type world struct {
	t        *testing.T
	dir      string
	store    *duckdb.Store
	gate     *gate
	clock    time.Time
	runs     int
	log      bytes.Buffer
	sources  []Source
	policy   transform.Policy
	batch    int
	progress progress
}

func newWorld(t *testing.T, sources ...Source) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), clock: start, sources: sources, policy: transform.Policy{PrivateIncidents: "exclude", People: "include"}}
	store, err := duckdb.Open(t.Context(), w.dir, duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	w.store, w.gate = store, &gate{Warehouse: store}
	return w
}

// try runs a sync, an hour after the last.
func (w *world) try(ctx context.Context, sel Selection) (Report, error) {
	w.runs++
	w.clock = w.clock.Add(time.Hour)
	w.gate.landed = nil
	w.progress = progress{rows: map[string][]int64{}}
	s := Sync{
		Warehouse: w.gate, Sources: w.sources, Policy: w.policy, Log: slog.New(slog.NewTextHandler(&w.log, nil)), Progress: &w.progress,
		Clock: func() time.Time { return w.clock }, batch: w.batch,
	}
	return s.Run(ctx, fmt.Sprintf("run-%d", w.runs), sel)
}

func (w *world) sync(sel Selection) Report {
	w.t.Helper()
	r, err := w.try(w.t.Context(), sel)
	if err != nil {
		w.t.Fatalf("sync: %v", err)
	}
	return r
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// outcomes are "stream status" of each stream of a report.
func outcomes(r Report) []string {
	var out []string
	for _, s := range r.Streams {
		out = append(out, s.Stream+" "+s.Status)
	}
	return out
}

// live gives the name of each live object of a table.
func (w *world) live(t *transform.Table) map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for o, err := range w.store.Scan(w.t.Context(), t, "name") {
		if err != nil {
			w.t.Fatal(err)
		}
		out[o.ID] = o.Columns[0]
	}
	return out
}

func (w *world) query(q string) [][]any {
	w.t.Helper()
	rows, err := w.store.Query(w.t.Context(), q)
	if err != nil {
		w.t.Fatal(err)
	}
	var out [][]any
	for row, err := range rows.All {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, append([]any(nil), row...))
	}
	return out
}

func (w *world) cursor(key string) string {
	w.t.Helper()
	c, err := w.store.Cursor(w.t.Context(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(c)
}

// gate passes everything on to a warehouse, notes what landed, and fails an append when it is told to.
type gate struct {
	load.Warehouse
	mu     sync.Mutex
	landed []load.Append
	fail   func(load.Append) error
}

func (g *gate) Append(ctx context.Context, a load.Append) (load.Result, error) {
	if g.fail != nil {
		if err := g.fail(a); err != nil {
			return load.Result{}, err
		}
	}
	res, err := g.Warehouse.Append(ctx, a)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.landed = append(g.landed, a)
	return res, err
}

// progress notes what a sync tells.
type progress struct {
	rows map[string][]int64
	done []string
}

func (p *progress) Stream(name string, rows int64) { p.rows[name] = append(p.rows[name], rows) }
func (p *progress) Done(run load.StreamRun)        { p.done = append(p.done, run.Stream) }

// step is what a stream made by hand does next: a page, an error, or something else before.
type step struct {
	page extract.Page
	err  error
	do   func(ctx context.Context, in extract.Input)
}

// handmade is a stream of severities that takes steps.
func handmade(name string, steps ...step) extract.Stream {
	return streamOf(name, transform.IncidentioSeverities, steps...)
}

func streamOf(name string, table *transform.Table, steps ...step) extract.Stream {
	return extract.Stream{Name: name, Table: table, Read: func(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
		return func(yield func(extract.Page, error) bool) {
			for _, s := range steps {
				if s.do != nil {
					s.do(ctx, in)
				}
				if err := ctx.Err(); err != nil {
					yield(extract.Page{}, err)
					return
				}
				if !yield(s.page, s.err) || s.err != nil {
					return
				}
			}
		}
	}}
}

// records makes severities of ids.
func records(ids ...string) []extract.Record {
	var out []extract.Record
	for _, id := range ids {
		out = append(out, extract.Record{JSON: fmt.Appendf(nil, `{"id":%q,"name":%q,"rank":1}`, id, strings.ToUpper(id))})
	}
	return out
}

// page makes a page of severities with a cursor, "" for none.
func page(cursor string, ids ...string) extract.Page {
	p := extract.Page{Records: records(ids...)}
	if cursor != "" {
		p.Cursor = json.RawMessage(`"` + cursor + `"`)
	}
	return p
}

// source is a source of streams that makes one request for each call.
func source(name string, streams ...extract.Stream) Source {
	calls := map[string]int64{}
	return Source{Name: name, Streams: streams, MaxDeletions: 0.05, Requests: func(stream string) int64 {
		calls[stream] += 2
		return calls[stream]
	}}
}
