package loadtest

import (
	"encoding/json"
	"fmt"
	"time"

	"fourfold/load"
)

// sweep lets any number of objects go.
func sweep() *load.Sweep { return &load.Sweep{MaxShare: 1} }

// numbered are severities n0, n1, … as often as asked for.
func numbered(from, to int) []object {
	var out []object
	for i := from; i < to; i++ {
		out = append(out, severity(fmt.Sprintf("n%03d", i), "N", ""))
	}
	return out
}

var sweeps = []promise{
	{"a sweep deletes what was not marked since the read began", func(w *world) {
		w.added(4, severities, numbered(0, 4)...)
		w.begin()
		w.land(severities, load.Append{Begin: true, Marks: true}, numbered(0, 1)...)
		w.land(severities, load.Append{}, numbered(3, 4)...) // a batch that does not mark
		res := w.land(severities, load.Append{Marks: true, Sweep: sweep()}, numbered(1, 2)...)
		w.same("result", res, load.Result{Tombstones: 2})
		w.same("live", w.live(severities), map[string]string{"n000": "N", "n001": "N"})
	}},
	{"a read that begins anew forgets the marks of the one before", func(w *world) {
		w.added(3, severities, numbered(0, 3)...)
		w.begin()
		w.land(severities, load.Append{Begin: true, Marks: true}, numbered(0, 3)...)
		w.begin()
		res := w.land(severities, load.Append{Begin: true, Marks: true, Sweep: sweep()}, numbered(0, 1)...)
		w.same("result", res, load.Result{Tombstones: 2})
	}},
	{"marks outlive the run and the process", func(w *world) {
		w.added(4, severities, numbered(0, 4)...)
		w.begin()
		w.land(severities, load.Append{Begin: true, Marks: true, Cursor: json.RawMessage(`"half"`)}, numbered(0, 2)...)
		w.reopen()
		w.begin()
		res := w.land(severities, load.Append{Marks: true, Sweep: sweep(), Cursor: json.RawMessage(`"whole"`)}, numbered(2, 3)...)
		w.same("result", res, load.Result{Tombstones: 1})
		w.same("live", w.live(severities), map[string]string{"n000": "N", "n001": "N", "n002": "N"})
	}},
	{"marks of one stream are none of another", func(w *world) {
		w.added(2, severities, numbered(0, 2)...)
		w.land(timestamps, load.Append{Begin: true, Marks: true}, timestamp("n000", "T"), timestamp("n001", "T"))
		res := w.land(severities, load.Append{Begin: true, Marks: true, Sweep: sweep()}, numbered(0, 1)...)
		w.same("result", res, load.Result{Tombstones: 1})
		w.same("the other stream's sweep", w.land(timestamps, load.Append{Sweep: sweep()}), load.Result{})
	}},
	{"an id that was seen but set aside or withheld is marked", func(w *world) {
		w.added(1, severities, severity("a", "A", ""))
		w.added(1, incidents, incident("1"))
		w.begin()
		broken := severity("a", "A", "").with("rank", "high")
		res := w.land(severities, load.Append{Begin: true, Marks: true, Sweep: sweep()}, broken)
		w.same("result", res, load.Result{Rejected: 1})
		w.same("live", w.live(severities), map[string]string{"a": "A"})
		res = w.land(incidents, load.Append{Begin: true, Marks: true, Sweep: sweep()}, incident("1").with("visibility", "private"))
		w.same("the withheld one gets one tombstone", res, load.Result{Tombstones: 1})
	}},
	{"a sweep deletes nothing when more than its share would go, and forgets the marks", func(w *world) {
		w.added(100, severities, numbered(0, 100)...)
		w.begin()
		guarded := &load.Sweep{MaxShare: 0.05, MaxCount: 2}
		res := w.land(severities, load.Append{Begin: true, Marks: true, Sweep: guarded, Cursor: json.RawMessage(`1`)}, numbered(0, 94)...)
		w.same("six of a hundred", res, load.Result{Refused: 6, InScope: 100})
		w.same("live", len(w.live(severities)), 100)
		w.same("the cursor goes on", w.cursor(severities), "1")
		res = w.land(severities, load.Append{Sweep: guarded})
		w.same("nothing is marked any more", res, load.Result{Refused: 100, InScope: 100})
		res = w.land(severities, load.Append{Begin: true, Marks: true, Sweep: guarded}, numbered(0, 95)...)
		w.same("five of a hundred", res, load.Result{Tombstones: 5})
		res = w.land(severities, load.Append{Begin: true, Marks: true, Sweep: &load.Sweep{MaxShare: 1}}, numbered(0, 90)...)
		w.same("no guard", res, load.Result{Tombstones: 5})
	}},
	{"a sweep may delete its count whatever the share", func(w *world) {
		w.added(4, severities, numbered(0, 4)...)
		w.begin()
		few := &load.Sweep{MaxShare: 0.05, MaxCount: 3}
		w.same("four of four", w.land(severities, load.Append{Begin: true, Sweep: few}), load.Result{Refused: 4, InScope: 4})
		w.same("three of four", w.land(severities, load.Append{Begin: true, Marks: true, Sweep: few}, numbered(0, 1)...), load.Result{Tombstones: 3})
	}},
	{"a sweep since an instant leaves alone what was created before it", func(w *world) {
		created := func(id, at string) object { return incident(id).with("created_at", at) }
		before, at := created("before", "2026-10-05T07:59:59.999999Z"), created("at", "2026-10-05T17:00:00+09:00")
		w.added(3, incidents, before, at, created("after", "2026-10-05T09:00:00Z"))
		w.begin()
		scope := &load.Sweep{CreatedColumn: "created_at", Since: time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC), MaxShare: 0.5}
		res := w.land(incidents, load.Append{Begin: true, Marks: true, Sweep: scope}, at)
		w.same("result", res, load.Result{Tombstones: 1})
		w.same("live", w.live(incidents), map[string]string{"before": "It broke", "at": "It broke"})
	}},
	{"what was deleted before is neither deleted again nor counted", func(w *world) {
		w.added(4, severities, numbered(0, 4)...)
		for _, want := range []load.Result{{Tombstones: 2}, {}} {
			w.begin()
			w.same("result", w.land(severities, load.Append{Begin: true, Marks: true, Sweep: &load.Sweep{MaxShare: 0.5}}, numbered(0, 2)...), want)
		}
		w.begin()
		w.same("half of what is left", w.land(severities, load.Append{Begin: true, Marks: true, Sweep: &load.Sweep{MaxShare: 0.5}}, numbered(0, 1)...), load.Result{Tombstones: 1})
	}},
}
