package duckdb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"fourfold/load"
	"fourfold/transform"
)

// BenchmarkAppend lands batches of new incidents of 1.6 kB: what a first sync spends in the warehouse.
func BenchmarkAppend(b *testing.B) { benchmarkAppend(b, false) }

// BenchmarkAppendOfNothingNew lands batches that the ledger has already: what the overlap of every sync costs.
func BenchmarkAppendOfNothingNew(b *testing.B) { benchmarkAppend(b, true) }

const benchRows = 5000

func benchmarkAppend(b *testing.B, again bool) {
	text, err := os.ReadFile("../../transform/testdata/incident.json")
	if err != nil {
		b.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		b.Fatal(err)
	}
	const id = "01JW8Q3N5R7T9V0X2Z4B6D8F0H"
	if !bytes.Contains(compact.Bytes(), []byte(id)) {
		b.Fatal("the sample has another id")
	}
	s, err := Open(b.Context(), b.TempDir(), Options{MemoryLimit: 192 << 20})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	run, err := s.Begin(b.Context(), "run", time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC))
	if err != nil {
		b.Fatal(err)
	}
	rows := transform.NewRows(transform.IncidentioIncidents, run, transform.Policy{People: "hash", HashKey: []byte("key")})
	next := 0
	batch := func() transform.Batch {
		for range benchRows {
			rows.Add(bytes.Replace(compact.Bytes(), []byte(id), fmt.Appendf(nil, "%026d", next), 1), false)
			next++
		}
		return rows.Flush()
	}
	land := func(batch transform.Batch) {
		if _, err := s.Append(b.Context(), load.Append{Stream: "s", Batch: batch, Cursor: json.RawMessage(`{}`)}); err != nil {
			b.Fatal(err)
		}
	}
	first := batch()
	defer first.Rows.Release()
	land(first)
	b.ResetTimer()
	for b.Loop() {
		next := first
		if !again {
			b.StopTimer()
			next = batch()
			b.StartTimer()
		}
		land(next)
		if !again {
			next.Rows.Release()
		}
	}
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
}
