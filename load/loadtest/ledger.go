package loadtest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"fourfold/load"
	"fourfold/transform"
)

// row is one version in a ledger.
type row struct {
	ID, Hash, RunID     string
	ObservedAt, Updated time.Time // Updated is zero where the source does not say
	Deleted, HasPayload bool
	Name                string // the column name of tables that have it
	Payload             string
}

// ledger reads all versions of a table in the order in which they were observed.
func (w *world) ledger(t *transform.Table) []row {
	w.t.Helper()
	name := "null"
	if _, ok := t.Column("name"); ok {
		name = "name"
	}
	var out []row
	for _, v := range w.query("select id, _hash, _run_id, _observed_at, _source_updated_at, _deleted, payload, " + name + " from " + t.Name) {
		r := row{ID: v[0].(string), Hash: v[1].(string), RunID: v[2].(string), ObservedAt: v[3].(time.Time), Deleted: v[5].(bool)}
		if at, ok := v[4].(time.Time); ok {
			r.Updated = at
		}
		r.Payload, r.HasPayload = v[6].(string)
		r.Name, _ = v[7].(string)
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b row) int {
		return cmp.Or(a.ObservedAt.Compare(b.ObservedAt), cmp.Compare(a.ID, b.ID), a.Updated.Compare(b.Updated), cmp.Compare(a.Hash, b.Hash))
	})
	return out
}

// query gives all rows of a statement.
func (w *world) query(q string, args ...any) [][]any {
	w.t.Helper()
	rows, err := w.Query(w.ctx(), q, args...)
	if err != nil {
		w.t.Fatalf("Query: %v", err)
	}
	var out [][]any
	for r, err := range rows.All {
		if err != nil {
			w.t.Fatalf("Query: %v", err)
		}
		out = append(out, slices.Clone(r))
	}
	return out
}

// present works out from a ledger, by the rule and not by the warehouse's way, what is live: of the versions of an id
// observed after its last tombstone the greatest by source time, observation and hash.
func present(ledger []row) map[string]row {
	gone := map[string]time.Time{}
	for _, r := range ledger {
		if r.Deleted && r.ObservedAt.After(gone[r.ID]) {
			gone[r.ID] = r.ObservedAt
		}
	}
	out := map[string]row{}
	for _, r := range ledger {
		if r.Deleted || !r.ObservedAt.After(gone[r.ID]) {
			continue
		}
		p, ok := out[r.ID]
		if !ok || cmp.Or(r.Updated.Compare(p.Updated), r.ObservedAt.Compare(p.ObservedAt), cmp.Compare(r.Hash, p.Hash)) > 0 {
			out[r.ID] = r
		}
	}
	return out
}

// live gives the name of each live object as Scan tells it, after comparing it with Lookup and with the rule.
func (w *world) live(t *transform.Table) map[string]string {
	w.t.Helper()
	column := "name"
	if _, ok := t.Column(column); !ok {
		column = "id"
	}
	got := map[string]string{}
	ids := []string{"unknown"}
	for _, o := range w.scan(t, column) {
		got[o.ID] = o.Columns[0]
	}
	ledger := w.ledger(t)
	for _, r := range ledger {
		ids = append(ids, r.ID)
	}
	looked, err := w.Lookup(w.ctx(), t, column, ids)
	if err != nil {
		w.t.Fatalf("Lookup: %v", err)
	}
	w.same("Lookup beside Scan", looked, got)
	want := map[string]string{}
	for id, r := range present(ledger) {
		want[id] = r.Name
		if column == "id" {
			want[id] = id
		}
	}
	w.same("Scan beside the rule", got, want)
	return got
}

func (w *world) scan(t *transform.Table, columns ...string) []load.Object {
	w.t.Helper()
	var out []load.Object
	for o, err := range w.Scan(w.ctx(), t, columns...) {
		if err != nil {
			w.t.Fatalf("Scan: %v", err)
		}
		o.Columns = slices.Clone(o.Columns)
		out = append(out, o)
	}
	return out
}

// names are the names of the versions of a ledger, as observed.
func (w *world) names(t *transform.Table) []string {
	w.t.Helper()
	var out []string
	for _, r := range w.ledger(t) {
		out = append(out, r.Name)
	}
	return out
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
