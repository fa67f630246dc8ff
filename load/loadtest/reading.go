package loadtest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"fourfold/load"
)

var reading = []promise{
	{"Lookup and Scan give columns of every type as text, and nothing for null", func(w *world) {
		full := incident("1").with("severity", object{"id": "s", "name": "重大", "rank": -2}).with("workload_minutes_total", 212.5).
			with("created_at", "2026-10-05T17:00:00.1234567+09:00").with("team_ids", []string{"t1", "t2"})
		w.added(2, incidents, full, incident("2"))
		w.added(2, types, object{"id": "t", "name": "T", "is_default": true}, object{"id": "u", "name": "U", "is_default": false})
		for _, c := range []struct{ column, one, two string }{
			{"severity_name", "重大", ""},
			{"severity_rank", "-2", ""},
			{"workload_minutes_total", "212.5", ""},
			{"team_ids", `["t1","t2"]`, ""},
			{"reference", "INC-1", "INC-2"},
			{"_run_id", "run-1", "run-1"},
			{"_deleted", "false", "false"},
		} {
			got, err := w.Lookup(w.ctx(), incidents, c.column, []string{"1", "2", "3"})
			if err != nil {
				w.t.Fatal(err)
			}
			w.same("Lookup "+c.column, got, map[string]string{"1": c.one, "2": c.two})
			for _, o := range w.scan(incidents, c.column) {
				w.same("Scan "+c.column, o.Columns, []string{got[o.ID]})
			}
		}
		flags, err := w.Lookup(w.ctx(), types, "is_default", []string{"t", "u"})
		if err != nil {
			w.t.Fatal(err)
		}
		w.same("Lookup is_default", flags, map[string]string{"t": "true", "u": "false"})
		created, err := w.Lookup(w.ctx(), incidents, "created_at", []string{"1", "2"})
		if err != nil {
			w.t.Fatal(err)
		}
		for id, want := range map[string]string{"1": "2026-10-05T08:00:00.123456Z", "2": "2026-10-05T08:00:00Z"} {
			at, err := time.Parse(time.RFC3339, created[id])
			if err != nil || at.Format(rfc) != want || created[id][len(created[id])-1] != 'Z' {
				w.t.Errorf("created_at of %s is %q, want %s in RFC 3339, UTC (%v)", id, created[id], want, err)
			}
		}
	}},
	{"Lookup and Scan know what is live and nothing else", func(w *world) {
		w.added(3, incidents, incident("1"), incident("2"), incident("3"))
		observed := w.run.At
		w.begin()
		w.land(incidents, load.Append{}, incident("2").with("visibility", "private"), incident("3").with("name", "It still is").with("updated_at", "2026-10-05T09:00:00Z"))
		for _, ids := range [][]string{nil, {"2"}, {"unknown", "2"}} {
			got, err := w.Lookup(w.ctx(), incidents, "name", ids)
			if err != nil {
				w.t.Fatal(err)
			}
			w.same("Lookup", got, map[string]string{})
		}
		got, err := w.Lookup(w.ctx(), incidents, "name", []string{"1", "1", "2", "3", "unknown", ""})
		if err != nil {
			w.t.Fatal(err)
		}
		w.same("Lookup", got, map[string]string{"1": "It broke", "3": "It still is"})
		w.same("Scan", w.scan(incidents, "name", "mode"), []load.Object{
			{ID: "1", ObservedAt: observed, Columns: []string{"It broke", "standard"}},
			{ID: "3", ObservedAt: w.run.At, Columns: []string{"It still is", "standard"}},
		})
		w.same("Scan without columns", len(w.scan(incidents)), 2)
		w.same("Scan of an empty table", len(w.scan(updates, "message")), 0)
	}},
	{"a column that is not there is an error", func(w *world) {
		w.added(1, severities, severity("a", "A", ""))
		if _, err := w.Lookup(w.ctx(), severities, "no_such_column", []string{"a"}); err == nil {
			w.t.Error("Lookup: no error")
		}
		failed := false
		for _, err := range w.Scan(w.ctx(), severities, "no_such_column") {
			failed = failed || err != nil
		}
		w.same("Scan failed", failed, true)
	}},
	{"Scan goes in the order of ids, as bytes", func(w *world) {
		ids := []string{"B", "a", "b", "A1", "A", "é", "z", "日", "10", "9"}
		for _, id := range ids {
			w.added(1, severities, severity(id, id, ""))
		}
		var got []string
		for _, o := range w.scan(severities) {
			got = append(got, o.ID)
		}
		slices.Sort(ids)
		w.same("order", got, ids)
	}},
	{"Scan gives every object once, in order, while batches land", func(w *world) {
		n := w.h.Many
		w.added(int64(n), severities, numbered(0, n)...)
		w.begin()
		run := w.run
		var landing sync.WaitGroup
		var got []string
		for o, err := range w.Scan(w.ctx(), severities, "name") {
			if err != nil {
				w.t.Fatal(err)
			}
			got = append(got, o.ID)
			if len(got)%(n/4) != 1 {
				continue
			}
			landing.Wait()
			// Versions of what is still to come and of what has been, and children of another table.
			b := batchOf(run, severities, severity("n000", "later", ""), severity(fmt.Sprintf("n%03d", n-1), "later", ""))
			children := batchOf(run, updates, update(o.ID, "i"))
			landing.Go(func() {
				defer b.Rows.Release()
				defer children.Rows.Release()
				if _, err := w.Append(w.ctx(), load.Append{Stream: "s", Batch: b, Seen: []string{"n000"}, Marks: true}); err != nil {
					w.t.Errorf("Append within Scan: %v", err)
				}
				if _, err := w.Append(w.ctx(), load.Append{Stream: "u", Batch: children, Seen: []string{o.ID}, Complete: []string{"none"}}); err != nil {
					w.t.Errorf("Append within Scan: %v", err)
				}
			})
			if found, err := w.Lookup(w.ctx(), severities, "name", []string{"n000", "n001"}); err != nil || len(found) != 2 {
				w.t.Errorf("Lookup within Scan, while a batch lands: %v, %v", found, err)
			}
		}
		landing.Wait()
		var want []string
		for _, o := range numbered(0, n) {
			want = append(want, o.id())
		}
		w.same("ids", got, want)
		w.same("live", w.live(severities)["n000"], "later")
	}},
	{"a Scan that is left early leaves nothing behind", func(w *world) {
		w.added(int64(w.h.Many), severities, numbered(0, w.h.Many)...)
		for range 3 {
			for _, err := range w.Scan(w.ctx(), severities) {
				if err != nil {
					w.t.Fatal(err)
				}
				break
			}
		}
		w.added(1, severities, severity("z", "Z", ""))
		w.same("live", len(w.live(severities)), w.h.Many+1)
	}},
	{"Query gives plain values, and ends when it is left", func(w *world) {
		w.added(int64(w.h.Many), severities, numbered(0, w.h.Many)...)
		for range 3 {
			rows, err := w.Query(w.ctx(), "select id from "+severities.Name)
			if err != nil {
				w.t.Fatal(err)
			}
			w.same("columns", rows.Columns, []string{"id"})
			for _, err := range rows.All {
				if err != nil {
					w.t.Fatal(err)
				}
				break
			}
		}
		w.same("with an argument", w.query("select count(*), max(_deleted), min(rank) + 0.5e0 from "+severities.Name+" where id >= ?", "n001"),
			[][]any{{int64(w.h.Many - 1), false, 1.5}})
		if _, err := w.Query(w.ctx(), "select no_such_column from "+severities.Name); err == nil {
			w.t.Error("a query that cannot be run: no error")
		}
	}},
}
