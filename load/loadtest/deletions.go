package loadtest

import (
	"fourfold/load"
	"fourfold/transform"
)

var deletions = []promise{
	{"a child that a complete parent no longer has gets a tombstone", func(w *world) {
		w.added(4, updates, update("u1", "i1"), update("u2", "i1"), update("u3", "i2"), update("u4", "i3"))
		w.begin()
		res := w.land(updates, load.Append{Complete: []string{"i1", "i3"}}, update("u1", "i1"))
		w.same("result", res, load.Result{Tombstones: 2})
		w.same("live", w.live(updates), map[string]string{"u1": "u1", "u3": "u3"})
		res = w.land(updates, load.Append{Complete: []string{"i1", "i3"}}, update("u1", "i1"))
		w.same("the same again", res, load.Result{})
	}},
	{"a child that moved to another parent is that one's", func(w *world) {
		for _, way := range [][2]string{{"i1", "i2"}, {"i4", "i3"}} {
			from, to := way[0], way[1]
			w.land(updates, load.Append{}, update("u-"+from, from))
			w.begin()
			w.land(updates, load.Append{}, update("u-"+from, to))
			w.begin()
			w.same("complete without it: "+from, w.land(updates, load.Append{Complete: []string{from}}), load.Result{})
			w.same("complete without it: "+to, w.land(updates, load.Append{Complete: []string{to}}), load.Result{Tombstones: 1})
		}
	}},
	{"a child that is set aside has not gone", func(w *world) {
		w.added(1, updates, update("u1", "i1"))
		w.begin()
		broken := update("u1", "i1")
		delete(broken, "created_at")
		res := w.land(updates, load.Append{Complete: []string{"i1"}}, broken)
		w.same("result", res, load.Result{Rejected: 1})
		w.same("live", w.live(updates), map[string]string{"u1": "u1"})
	}},
	{"what the source says has gone gets a tombstone, whatever its share, and only once", func(w *world) {
		w.added(3, severities, numbered(0, 3)...)
		w.begin()
		gone := load.Append{Gone: []string{"n000", "n002", "never"}}
		w.same("result", w.land(severities, gone), load.Result{Tombstones: 2})
		w.same("live", w.live(severities), map[string]string{"n001": "N"})
		w.begin()
		w.same("the same again", w.land(severities, gone), load.Result{})
		w.same("back", w.land(severities, load.Append{}, numbered(0, 1)...), load.Result{Added: 1})
	}},
	{"what is settled is set aside no more, until it is set aside again", func(w *world) {
		broken := update("u1", "i1")
		delete(broken, "created_at")
		w.same("result", w.land(updates, load.Append{}, broken), load.Result{Rejected: 1})
		w.begin()
		id := updates.RejectedID("u1", "created_at")
		w.same("settled", w.land(updates, load.Append{Settled: []string{id, "never"}}), load.Result{})
		w.same("live", len(w.scan(transform.Rejected, "table_name")), 0)
		w.begin()
		w.same("again", w.land(updates, load.Append{}, broken), load.Result{Rejected: 1})
		w.same("live", len(w.scan(transform.Rejected, "table_name")), 1)
	}},
	{"a withheld object gets a tombstone where it has landed before", func(w *world) {
		w.added(2, incidents, incident("1"), incident("2"))
		w.begin()
		private := incident("1").with("visibility", "private")
		never := incident("3").with("visibility", "private")
		w.same("result", w.land(incidents, load.Append{}, private, never), load.Result{Tombstones: 1})
		w.same("live", w.live(incidents), map[string]string{"2": "It broke"})
		w.same("the same again", w.land(incidents, load.Append{}, private, never), load.Result{})
		for _, r := range w.ledger(incidents) {
			if r.Deleted && (r.HasPayload || r.Name != "" || !r.Updated.IsZero() || r.Hash == "" || r.RunID != w.run.ID) {
				w.t.Errorf("tombstone %+v: want nothing but id, observation and run", r)
			}
		}
	}},
	{"an object that turned private within a batch has gone", func(w *world) {
		res := w.land(incidents, load.Append{}, incident("1"), incident("1").with("visibility", "private"))
		w.same("result", res, load.Result{Added: 1, Tombstones: 1})
		w.same("live", w.live(incidents), map[string]string{})
	}},
	{"an object that comes back after a tombstone is live again, whatever its source time", func(w *world) {
		o := incident("1")
		w.added(1, incidents, o)
		w.begin()
		w.land(incidents, load.Append{}, o.with("visibility", "private"))
		w.begin()
		w.added(1, incidents, o)
		w.added(0, incidents, o)
		w.same("live", w.live(incidents), map[string]string{"1": "It broke"})
		w.begin()
		w.land(incidents, load.Append{}, o.with("visibility", "private"))
		w.begin()
		w.added(1, incidents, o.with("updated_at", "2026-10-01T00:00:00Z").with("name", "older"))
		w.same("live", w.live(incidents), map[string]string{"1": "older"})
	}},
	{"an object that comes back in the run that deleted it is live from the next answer on", func(w *world) {
		o := incident("1")
		w.added(1, incidents, o)
		w.begin()
		w.land(incidents, load.Append{}, o.with("visibility", "private"))
		w.land(incidents, load.Append{}, o)
		before := len(w.ledger(incidents))
		w.land(incidents, load.Append{}, o)
		w.same("versions after the same answer again", len(w.ledger(incidents)), before)
		w.begin()
		w.added(1, incidents, o)
		w.same("live", w.live(incidents), map[string]string{"1": "It broke"})
	}},
}
