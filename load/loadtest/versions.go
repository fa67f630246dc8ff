package loadtest

import (
	"slices"
	"strings"

	"fourfold/load"
	"fourfold/transform"
)

var versions = []promise{
	{"the same batch twice adds nothing", func(w *world) {
		objects := []object{severity("a", "A", "2026-10-05T08:00:00Z"), severity("b", "B", ""), severity("c", "C", "")}
		w.added(3, severities, objects...)
		w.added(0, severities, objects...)
		w.begin()
		w.added(0, severities, objects...)
		w.reopen()
		w.begin()
		w.added(0, severities, objects...)
		w.same("ledger", len(w.ledger(severities)), 3)
	}},
	{"keys in another order, whitespace and null in place of nothing are no change", func(w *world) {
		rows := transform.NewRows(severities, w.run, transform.Policy{})
		rows.Add([]byte(`{"id":"a","name":"A","rank":1}`), false)
		first := rows.Flush()
		defer first.Rows.Release()
		rows.Add([]byte("{ \"rank\" : 1,\n \"description\": null, \"name\":\"\\u0041\", \"id\":\"a\" }"), false)
		second := rows.Flush()
		defer second.Rows.Release()
		for _, b := range []transform.Batch{first, second} {
			if _, err := w.Append(w.ctx(), load.Append{Stream: "s", Batch: b}); err != nil {
				w.t.Fatal(err)
			}
		}
		w.same("versions", w.names(severities), []string{"A"})
	}},
	{"a change adds a version and leaves the earlier one", func(w *world) {
		w.added(2, severities, severity("a", "A", "2026-10-05T08:00:00Z"), severity("b", "B", "2026-10-05T08:00:00Z"))
		w.begin()
		w.added(1, severities, severity("a", "A2", "2026-10-05T09:00:00Z"), severity("b", "B", "2026-10-05T08:00:00Z"))
		w.same("live", w.live(severities), map[string]string{"a": "A2", "b": "B"})
		w.same("versions", w.names(severities), []string{"A", "B", "A2"})
	}},
	{"a change that does not move the source time is a change all the same", func(w *world) {
		const at = "2026-10-05T08:00:00Z"
		for _, name := range []string{"A", "B", "A"} {
			w.added(1, severities, severity("a", name, at))
			w.same("live", w.live(severities), map[string]string{"a": name})
			w.begin()
		}
		w.same("versions", w.names(severities), []string{"A", "B", "A"})
	}},
	{"what changes by itself adds no version", func(w *world) {
		o := incident("1")
		w.added(1, incidents, o)
		w.begin()
		w.added(0, incidents, o.with("last_activity_at", "2026-10-05T11:00:00Z").with("workload_minutes_total", 17.5))
		w.added(0, incidents, o.with("incident_status", object{"id": "live", "name": "Renamed", "category": "live"}))
		w.added(1, incidents, o.with("incident_status", object{"id": "closed", "name": "Closed", "category": "closed"}))
	}},
	{"a stale answer is kept once and changes nothing", func(w *world) {
		fresh, stale := severity("a", "new", "2026-10-05T08:30:00Z"), severity("a", "old", "2026-10-05T08:00:00Z")
		w.added(1, severities, fresh)
		w.begin()
		w.added(1, severities, stale)
		w.same("live", w.live(severities), map[string]string{"a": "new"})
		w.added(0, severities, stale)
		w.begin()
		w.added(0, severities, stale)
		w.added(0, severities, fresh)
		w.added(0, severities, stale, fresh)
		w.same("live", w.live(severities), map[string]string{"a": "new"})
		w.same("versions", w.names(severities), []string{"new", "old"})
	}},
	{"an answer that lacks the source time is older than one that has it", func(w *world) {
		with, without := severity("a", "with", "2026-10-05T08:30:00Z"), severity("a", "without", "")
		w.added(1, severities, with)
		w.begin()
		w.added(1, severities, without)
		w.begin()
		w.added(0, severities, without)
		w.same("live", w.live(severities), map[string]string{"a": "with"})
	}},
	{"back to an earlier content without a source time is a third version", func(w *world) {
		for _, name := range []string{"A", "B", "A"} {
			w.added(1, timestamps, timestamp("t", name))
			w.added(0, timestamps, timestamp("t", name))
			w.same("live", w.live(timestamps), map[string]string{"t": name})
			w.begin()
		}
		w.same("versions", w.names(timestamps), []string{"A", "B", "A"})
	}},
	{"an id twice in a batch keeps each source time and the last answer of each", func(w *world) {
		res := w.land(severities, load.Append{}, severity("a", "first", "2026-10-05T08:00:00Z"), severity("a", "later", "2026-10-05T09:00:00Z"),
			severity("a", "second", "2026-10-05T08:00:00Z"), severity("b", "one", ""), severity("b", "two", ""))
		w.same("result", res, load.Result{Added: 3})
		w.same("live", w.live(severities), map[string]string{"a": "later", "b": "two"})
		names := w.names(severities)
		slices.Sort(names)
		w.same("versions", names, []string{"later", "second", "two"})
	}},
	{"one run that meets two contents in turns lands each once", func(w *world) {
		a, b := timestamp("t", "A"), timestamp("t", "B")
		for _, o := range []object{a, b, a, b, a, b} {
			w.land(timestamps, load.Append{}, o)
		}
		w.same("versions", len(w.ledger(timestamps)), 2)
		w.begin()
		w.land(timestamps, load.Append{}, b)
		w.same("live", w.live(timestamps), map[string]string{"t": "B"})
	}},
	{"every version says when and by which run it was observed", func(w *world) {
		w.added(1, severities, severity("a", "A", "2026-10-05T08:00:00.123456789Z"))
		first := w.run
		w.begin()
		w.added(1, severities, severity("a", "A2", "2026-10-05T08:30:00+09:00"))
		var got []string
		for _, r := range w.ledger(severities) {
			got = append(got, strings.Join([]string{r.Name, r.RunID, r.ObservedAt.Format(rfc), r.Updated.Format(rfc)}, " "))
		}
		w.same("ledger", got, []string{
			"A " + first.ID + " " + first.At.Format(rfc) + " 2026-10-05T08:00:00.123456Z",
			"A2 " + w.run.ID + " " + w.run.At.Format(rfc) + " 2026-10-04T23:30:00Z",
		})
	}},
}

const rfc = "2006-01-02T15:04:05.999999Z07:00"
