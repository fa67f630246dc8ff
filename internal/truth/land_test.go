package truth_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"fourfold/internal/config"
	"fourfold/internal/truth"
	"fourfold/load"
	"fourfold/load/duckdb"
	"fourfold/transform"
)

// landing is one run of a sync: what it saw of each table, in batches.
type landing struct {
	at      time.Time
	batches map[string][][]truth.Record
}

// asObserved lands a world as it was seen: a run for each instant of observation, each table in one batch.
func asObserved(w truth.World) []landing {
	byTime := map[time.Time]landing{}
	for name, records := range w.Records {
		for _, r := range records {
			l, ok := byTime[r.ObservedAt]
			if !ok {
				l = landing{r.ObservedAt, map[string][][]truth.Record{}}
				byTime[r.ObservedAt] = l
			}
			if len(l.batches[name]) == 0 {
				l.batches[name] = [][]truth.Record{nil}
			}
			l.batches[name][0] = append(l.batches[name][0], r)
		}
	}
	return slices.SortedFunc(maps.Values(byTime), func(a, b landing) int { return a.at.Compare(b.at) })
}

// land brings landings into the ledgers of a data directory: through transform and the warehouse, as a sync does.
func land(t testing.TB, dir string, c *config.Config, landings []landing) {
	t.Helper()
	ctx := t.Context()
	store, err := duckdb.Open(ctx, dir, duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	policy := transform.Policy{PrivateIncidents: string(c.Privacy.PrivateIncidents), People: string(c.Privacy.People), HashKey: []byte("key")}
	for n, l := range landings {
		run, err := store.Begin(ctx, fmt.Sprint("run-", n), l.at)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range transform.All() {
			known[table.Name] = true
			rows := transform.NewRows(table, run, policy)
			for _, records := range l.batches[table.Name] {
				landBatch(t, store, table, rows, records)
			}
			if l.batches[table.Name] == nil {
				continue
			}
			ran := load.StreamRun{Run: run, Source: table.Source, Stream: table.Stream, Table: table.Name, StartedAt: l.at, FinishedAt: l.at, Status: "ok"}
			if err := store.Record(ctx, ran); err != nil {
				t.Fatal(err)
			}
		}
		for name := range l.batches {
			if !known[name] {
				t.Fatalf("there is no ledger %s", name)
			}
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func landBatch(t testing.TB, store *duckdb.Store, table *transform.Table, rows *transform.Rows, records []truth.Record) {
	t.Helper()
	var gone []string
	for _, r := range records {
		if r.Deleted {
			gone = append(gone, objectID(t, r))
			continue
		}
		rows.Add(r.JSON, r.Private)
	}
	a := load.Append{Stream: table.Name, Batch: rows.Flush()}
	defer a.Batch.Rows.Release()
	a.Batch.Withheld = append(a.Batch.Withheld, gone...)
	if _, err := store.Append(t.Context(), a); err != nil {
		t.Fatal(err)
	}
}
