package bigquery

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"fourfold/load"
	"fourfold/transform"
)

// version is a row of a ledger; updated is 0 where the source does not say.
type version struct {
	id, hash, parent  string
	updated, observed int
	deleted           bool
}

// model is a ledger, and that of rejected objects, as the contract of a warehouse has them: the suite says so of the store.
type model struct {
	ledger, rejected map[string][]version
	seen             map[string]bool
}

func alive(all []version) []version {
	gone := -1
	for _, v := range all {
		if v.deleted {
			gone = max(gone, v.observed)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(v version) bool { return v.deleted || v.observed <= gone })
}

func present(all []version) (version, bool) {
	live := alive(all)
	if len(live) == 0 {
		return version{}, false
	}
	return slices.MaxFunc(live, func(a, b version) int {
		return cmp.Or(cmp.Compare(a.updated, b.updated), cmp.Compare(a.observed, b.observed), strings.Compare(a.hash, b.hash))
	}), true
}

// versions adds those of some rows that differ from what is there.
func versions(ledger map[string][]version, rows []version) {
	var fresh []version
	for i, c := range rows {
		if slices.ContainsFunc(rows[i+1:], func(v version) bool { return v.id == c.id && v.updated == c.updated }) {
			continue
		}
		p, ok := present(ledger[c.id])
		if ok && p.hash == c.hash {
			continue
		}
		known, isLive, observed := false, false, 0
		for _, v := range ledger[c.id] {
			if !v.deleted && v.hash == c.hash && v.updated == c.updated {
				known, observed = true, max(observed, v.observed)
				isLive = isLive || slices.Contains(alive(ledger[c.id]), v)
			}
		}
		if !known || observed < c.observed && (!isLive || !ok || c.updated >= p.updated) {
			fresh = append(fresh, c)
		}
	}
	for _, v := range fresh {
		ledger[v.id] = append(ledger[v.id], v)
	}
}

func bury(ledger map[string][]version, now int, which func(version) bool) (n int64) {
	for id, all := range ledger {
		if p, ok := present(all); ok && which(p) {
			ledger[id] = append(all, version{id: id, observed: now, deleted: true})
			n++
		}
	}
	return n
}

func (m *model) land(a load.Append, rows []version, now int) (res load.Result) {
	versions(m.ledger, rows)
	var aside []version
	for _, r := range a.Batch.Rejected {
		aside = append(aside, version{id: r.Table.RejectedID(r.ObjectID, r.Column), hash: string(r.Record()), observed: now})
	}
	versions(m.rejected, aside)
	if a.Begin {
		m.seen = map[string]bool{}
	}
	if a.Marks {
		for _, id := range a.Seen {
			m.seen[id] = true
		}
	}
	if len(a.Complete) > 0 {
		res.Tombstones += bury(m.ledger, now, func(v version) bool {
			return slices.Contains(a.Complete, v.parent) && !slices.Contains(a.Seen, v.id)
		})
	}
	res.Tombstones += bury(m.ledger, now, func(v version) bool {
		return slices.Contains(a.Batch.Withheld, v.id) || slices.Contains(a.Gone, v.id)
	})
	bury(m.rejected, now, func(v version) bool { return slices.Contains(a.Settled, v.id) })
	if a.Sweep != nil {
		unseen := func(v version) bool { return !m.seen[v.id] }
		gone := bury(maps.Clone(m.ledger), now, unseen)
		if gone > int64(a.Sweep.MaxCount) {
			res.Refused = gone
		} else {
			res.Tombstones += bury(m.ledger, now, unseen)
		}
		m.seen = map[string]bool{}
	}
	return res
}

// says is all that a model holds.
func (m *model) says() string { return fmt.Sprint(m.ledger, m.rejected, m.seen) }

// batchOf makes a batch of rows: the columns that what is known is made of.
func batchOf(rows []version) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String},
		{Name: "_hash", Type: arrow.BinaryTypes.String},
		{Name: "_source_updated_at", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
		{Name: "incident_id", Type: arrow.BinaryTypes.String},
	}, nil))
	defer b.Release()
	for _, v := range rows {
		b.Field(0).(*array.StringBuilder).Append(v.id)
		b.Field(1).(*array.StringBuilder).Append(v.hash)
		if v.updated == 0 {
			b.Field(2).AppendNull()
		} else {
			b.Field(2).(*array.TimestampBuilder).Append(arrow.Timestamp(v.updated))
		}
		b.Field(3).(*array.StringBuilder).Append(v.parent)
	}
	return b.NewRecordBatch()
}

// randomAppend is one of few things that a stream may land, so that the same comes again and again: some children of few
// parents, all of one, all there are, or a part of all.
func randomAppend(r *rand.Rand, now int) (load.Append, []version) {
	a := load.Append{Batch: transform.Batch{Table: transform.IncidentioFollowUps}}
	var rows []version
	add := func(id int, parent string) {
		name := fmt.Sprint("u", id)
		a.Seen = append(a.Seen, name)
		switch {
		case id == 4 && r.IntN(3) == 0:
			a.Batch.Withheld = append(a.Batch.Withheld, name)
		case id == 5 && r.IntN(2) == 0:
			a.Batch.Rejected = append(a.Batch.Rejected, transform.Rejection{Table: a.Batch.Table, ObjectID: name, Column: "c", Reason: fmt.Sprint(r.IntN(2))})
		default:
			// The content goes with a time of its own, or with none that tells.
			content := r.IntN(2) * r.IntN(2)
			rows = append(rows, version{id: name, hash: fmt.Sprint(parent, content), parent: parent, updated: []int{0, content, 1, r.IntN(3)}[id%4], observed: now})
		}
	}
	home := func(id int) string { return fmt.Sprint("p", (id+r.IntN(12)/11)%2) }
	switch kind := r.IntN(8); kind {
	case 0, 1, 2:
		for range 1 + r.IntN(3) {
			id := r.IntN(6)
			add(id, home(id))
		}
		a.Seen = nil
		if r.IntN(8) == 0 {
			a.Gone = []string{fmt.Sprint("u", r.IntN(6))}
		}
		if r.IntN(8) == 0 {
			a.Settled = []string{a.Batch.Table.RejectedID("u5", "c")}
		}
	case 3, 4:
		parent := r.IntN(2)
		a.Complete = []string{fmt.Sprint("p", parent)}
		for id := range 6 {
			if id%2 == parent && r.IntN(8) > 0 {
				add(id, fmt.Sprint("p", parent))
			}
		}
	case 5, 6:
		a.Begin, a.Marks, a.Sweep = true, true, &load.Sweep{MaxCount: r.IntN(4)}
		for id := range 6 {
			if r.IntN(10) > 0 {
				add(id, fmt.Sprint("p", id%2))
			}
		}
	default:
		a.Begin, a.Marks = r.IntN(2) == 0, r.IntN(4) > 0
		if r.IntN(2) == 0 {
			a.Sweep = &load.Sweep{MaxCount: r.IntN(4)}
		}
		for id := range 6 {
			if r.IntN(2) > 0 {
				add(id, home(id))
			}
		}
	}
	a.Batch.Rows = batchOf(rows)
	return a, rows
}

// What is known never hides anything: an append that is taken for known would have changed nothing, whatever has landed before,
// in whatever runs.
func TestWhatIsKnownHidesNothing(t *testing.T) {
	appends, skipped := 0, 0
	for seed := range uint64(3_000) {
		r := rand.New(rand.NewPCG(seed, 8))
		m := &model{ledger: map[string][]version{}, rejected: map[string][]version{}, seen: map[string]bool{}}
		k, run := &known{}, untouched()
		now := 1
		var last []func(int) (load.Append, []version)
		for range 40 {
			if r.IntN(2) == 0 { // the next run, perhaps of another process
				now++
				run = untouched()
				if r.IntN(2) == 0 {
					k = parseKnown(k.text())
				}
			}
			var a load.Append
			var rows []version
			if len(last) > 0 && r.IntN(2) == 0 { // what came lately comes again
				a, rows = last[len(last)-1-r.IntN(min(len(last), 3))](now)
			} else {
				state := r.Uint64()
				again := func(now int) (load.Append, []version) { return randomAppend(rand.New(rand.NewPCG(state, 1)), now) }
				last = append(last, again)
				a, rows = again(now)
			}
			appends++
			b := bring(a)
			if k.has(b) {
				skipped++
				before := m.says()
				if m.land(a, rows, now); m.says() != before {
					t.Fatalf("seed %d: an append was taken for known, and changes\n%s\nto\n%s\n%+v %+v", seed, before, m.says(), a, rows)
				}
				continue
			}
			run.touch(b)
			kept, forgot := k.after(b, false, run), k.after(b, true, run)
			k = choose(kept, forgot, run, deletes(a), m.land(a, rows, now))
		}
	}
	if skipped*8 < appends {
		t.Errorf("only %d of %d appends were known: what has this shown?", skipped, appends)
	}
}

func TestWhatIsKnownIsBounded(t *testing.T) {
	k, run := &known{}, untouched()
	for n := range 3 {
		var rows []version
		for i := range mostKnown/2 + 1 {
			rows = append(rows, version{id: fmt.Sprint("a long name of an object ", n, "-", i), hash: "0123456789abcdef0123456789abcdef", parent: "p", updated: i, observed: 1})
		}
		a := load.Append{Batch: transform.Batch{Table: transform.IncidentioFollowUps, Rows: batchOf(rows)}}
		b := bring(a)
		run.touch(b)
		k = k.after(b, false, run)
		if !parseKnown(k.text()).has(b) {
			t.Errorf("batch %d is not known", n)
		}
	}
	if n := len(k.text()); n > 20*mostKnown {
		t.Errorf("%d bytes are known", n)
	}
}

func TestOfWhatCannotBeReadNothingIsKnown(t *testing.T) {
	for _, text := range []string{"", "x", ".", "0.%", "0.AAAA", `{"ids":{}}`} {
		if k := parseKnown(text); len(k.order) > 0 || len(k.of) > 0 {
			t.Errorf("%q: %+v", text, k)
		}
	}
}
