package loadtest

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"fourfold/load"
	"fourfold/transform"
)

var landing = []promise{
	{"the first landing adds every object and the cursor", func(w *world) {
		w.same("cursor before", w.cursor(severities), "")
		res := w.land(severities, load.Append{Cursor: json.RawMessage(`{"done":"x"}`)}, severity("a", "A", ""), severity("b", "B", "2026-10-05T08:00:00Z"))
		w.same("result", res, load.Result{Added: 2})
		w.same("live", w.live(severities), map[string]string{"a": "A", "b": "B"})
		w.same("cursor", w.cursor(severities), `{"done":"x"}`)
	}},
	{"an append of nothing adds nothing", func(w *world) {
		w.same("result", w.land(severities, load.Append{}), load.Result{})
		w.same("cursor", w.cursor(severities), "")
	}},
	{"a cursor lands without rows, and rows without a cursor leave it", func(w *world) {
		w.land(severities, load.Append{Cursor: json.RawMessage(`1`)})
		w.land(severities, load.Append{}, severity("a", "A", ""))
		w.same("cursor", w.cursor(severities), "1")
		w.land(severities, load.Append{Cursor: json.RawMessage(`2`)})
		w.same("cursor", w.cursor(severities), "2")
	}},
	{"every stream has its own cursor", func(w *world) {
		w.land(severities, load.Append{Cursor: json.RawMessage(`"s"`)})
		w.land(timestamps, load.Append{Cursor: json.RawMessage(`"t"`)})
		w.reopen()
		w.same("severities", w.cursor(severities), `"s"`)
		w.same("timestamps", w.cursor(timestamps), `"t"`)
		w.same("updates", w.cursor(updates), "")
	}},
	{"what landed is there after closing and opening again", func(w *world) {
		w.land(severities, load.Append{Cursor: json.RawMessage(`7`)}, severity("a", "A", ""))
		before := w.ledger(severities)
		w.reopen()
		w.same("ledger", w.ledger(severities), before)
		w.same("cursor", w.cursor(severities), "7")
	}},
	{"an append that is cancelled lands nothing, and the next lands all", func(w *world) {
		w.land(severities, load.Append{Cursor: json.RawMessage(`1`)}, severity("a", "A", ""))
		ctx, cancel := context.WithCancel(w.ctx())
		cancel()
		if _, err := w.try(ctx, severities, load.Append{Cursor: json.RawMessage(`2`)}, severity("b", "B", "")); !errors.Is(err, context.Canceled) {
			w.t.Errorf("Append in an ended context: %v, want one that is context.Canceled", err)
		}
		w.same("live", w.live(severities), map[string]string{"a": "A"})
		w.same("cursor", w.cursor(severities), "1")
		w.same("the next", w.land(severities, load.Append{Cursor: json.RawMessage(`2`)}, severity("b", "B", "")), load.Result{Added: 1})
		w.same("cursor", w.cursor(severities), "2")
	}},
	{"an append whose rows cannot be inserted lands nothing, and the next lands all", func(w *world) {
		w.land(severities, load.Append{Cursor: json.RawMessage(`1`)}, severity("a", "A", ""))
		b := w.batch(timestamps, timestamp("t", "T")) // its rows lack columns of the table that it says
		defer b.Rows.Release()
		b.Table = severities
		if _, err := w.Append(w.ctx(), load.Append{Stream: stream(severities), Batch: b, Cursor: json.RawMessage(`2`)}); err == nil {
			w.t.Error("Append of rows of another table: no error")
		}
		w.same("live", w.live(severities), map[string]string{"a": "A"})
		w.same("cursor", w.cursor(severities), "1")
		w.same("the next", w.land(severities, load.Append{Cursor: json.RawMessage(`2`)}, severity("b", "B", "")), load.Result{Added: 1})
	}},
	{"an append that fails at its end has landed neither rows, marks, tombstones nor rejections", func(w *world) {
		w.land(severities, load.Append{Cursor: json.RawMessage(`1`)}, severity("a", "A", ""), severity("b", "B", ""))
		w.begin()
		a := load.Append{
			Cursor: json.RawMessage(`2`), Begin: true, Marks: true,
			Sweep: &load.Sweep{CreatedColumn: "no_such_column", Since: time.Unix(0, 0), MaxShare: 1},
		}
		if _, err := w.try(w.ctx(), severities, a, severity("a", "A2", ""), severity("c", "C", ""), severity("d", "D", "").with("rank", nil)); err == nil {
			w.t.Fatal("a sweep over a column that is not there: no error")
		}
		w.same("live", w.live(severities), map[string]string{"a": "A", "b": "B"})
		w.same("rejected", len(w.ledger(transform.Rejected)), 0)
		w.same("cursor", w.cursor(severities), "1")
		// Had the marks of a and c landed, this sweep would spare a.
		w.same("sweep", w.land(severities, load.Append{Sweep: sweep()}), load.Result{Tombstones: 2})
	}},
	{"a run's clock is the given one, and after every earlier run's", func(w *world) {
		w.same("first", w.run, transform.Run{ID: "run-1", At: w.clock})
		last := w.run.At
		for i, now := range []time.Time{w.clock, w.clock.Add(-24 * time.Hour), w.clock.Add(300 * time.Nanosecond)} {
			if i == 1 {
				w.reopen()
			}
			run, err := w.Begin(w.ctx(), "run-again", now)
			if err != nil {
				w.t.Fatal(err)
			}
			if !run.At.After(last) || run.At.Sub(last) > time.Millisecond {
				w.t.Errorf("a run that begins at %v after one at %v has clock %v, want just after it", now, last, run.At)
			}
			last = run.At
		}
		later := w.clock.Add(time.Hour).In(time.FixedZone("", 9*3600))
		run, err := w.Begin(w.ctx(), "run-later", later.Add(999*time.Nanosecond))
		if err != nil {
			w.t.Fatal(err)
		}
		w.same("later", run, transform.Run{ID: "run-later", At: later.UTC()})
	}},
	{"an object that is set aside lands once in the ledger of rejected ones", func(w *world) {
		bad := severity("bad", "B", "").with("rank", nil)
		half := severity("half", "H", "").with("created_at", "yesterday")
		res := w.land(severities, load.Append{}, severity("a", "A", ""), bad, half, bad)
		w.same("result", res, load.Result{Added: 2, Rejected: 2})
		w.same("live", w.live(severities), map[string]string{"a": "A", "half": "H"})
		w.same("the same again", w.land(severities, load.Append{}, bad, half), load.Result{})
		w.begin()
		w.same("in the next run", w.land(severities, load.Append{}, bad, half), load.Result{})
		w.same("changed", w.land(severities, load.Append{}, bad.with("name", "B2")), load.Result{Rejected: 1})
		got := w.query("select table_name, object_id, column_name, landed, reason <> '' from rejected order by object_id, _observed_at")
		name := severities.Name
		w.same("rejected", got, [][]any{{name, "bad", "rank", false, true}, {name, "bad", "rank", false, true}, {name, "half", "created_at", true, true}})
	}},
	{"how a stream went can be asked for", func(w *world) {
		at := w.run.At
		runs := []load.StreamRun{
			{Run: w.run, Source: "s", Stream: "x", Table: "t", StartedAt: at, FinishedAt: at.Add(1500 * time.Millisecond), Status: "ok", Full: true, RowsRead: 5, Added: 4, Tombstones: 3, Rejected: 2, Requests: 1},
			{Run: w.run, Source: "s", Stream: "y", Table: "t", StartedAt: at, FinishedAt: at, Status: "failed", Error: "it's 'broken'"},
		}
		for _, r := range runs {
			if err := w.Record(w.ctx(), r); err != nil {
				w.t.Fatal(err)
			}
		}
		w.reopen()
		got := w.query("select run_id, observed_at, source, stream, table_name, started_at, finished_at, status, error, is_full, rows_read, versions_added, tombstones, rejected, requests from runs order by stream")
		w.same("runs", got, [][]any{
			{"run-1", at, "s", "x", "t", at, at.Add(1500 * time.Millisecond), "ok", nil, true, int64(5), int64(4), int64(3), int64(2), int64(1)},
			{"run-1", at, "s", "y", "t", at, at, "failed", "it's 'broken'", false, int64(0), int64(0), int64(0), int64(0), int64(0)},
		})
	}},
	{"Record and Query end with their context", func(w *world) {
		ctx, cancel := context.WithCancel(w.ctx())
		cancel()
		if err := w.Record(ctx, load.StreamRun{Run: w.run}); !errors.Is(err, context.Canceled) {
			w.t.Errorf("Record: %v", err)
		}
		if _, err := w.Query(ctx, "select 1"); !errors.Is(err, context.Canceled) {
			w.t.Errorf("Query: %v", err)
		}
		w.same("runs", len(w.query("select 1 from runs")), 0)
	}},
}
