package bigquery

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"fourfold/load"
)

// mostKnown is how many objects and parents a stream remembers: what came last. As text they are 19 bytes each, in a script
// that may have a million.
const mostKnown = 10_000

// known is what a stream's appends have brought last, in short, so that the same again needs neither query nor job. What it
// does not hold is asked for; what it holds is right:
//   - an object is known by the version of it that came last, whatever its time, so that A, B, A is three versions;
//   - the children of a parent are known by all of them together and each by itself, since one may move;
//   - a whole read is known by all that it saw, if nothing else has landed since;
//   - an append that deletes what it did not name forgets everything but itself.
type known struct {
	whole string
	of    map[key]short
	order []key // the oldest first
}

// key is an object or a parent, in short: where two have one, the later makes the earlier forgotten.
type key [6]byte

// short is what an object was when it came. It is of the object's name, too.
type short [8]byte

func hashOf(parts []string) (sum [sha256.Size]byte) {
	var text []byte
	for _, p := range parts {
		text = binary.BigEndian.AppendUint64(text, uint64(len(p)))
		text = append(text, p...)
	}
	return sha256.Sum256(text)
}

func keyOf(kind, id string) key { return key(head(hashOf([]string{kind, id}), len(key{}))) }

func shortOf(parts ...string) short { return short(head(hashOf(parts), len(short{}))) }

// digest is sixteen hexadecimal digits of what texts are together.
func digest(parts ...string) string { return hex.EncodeToString(head(hashOf(parts), 8)) }

func head(sum [sha256.Size]byte, n int) []byte { return sum[:n] }

// text is what is known, as the table of cursors keeps it.
func (k *known) text() string {
	if k.whole == "" && len(k.order) == 0 {
		return ""
	}
	b := make([]byte, 0, len(k.order)*(len(key{})+len(short{})))
	for _, id := range k.order {
		d := k.of[id]
		b = append(append(b, id[:]...), d[:]...)
	}
	return k.whole + "." + base64.RawStdEncoding.EncodeToString(b)
}

// parseKnown reads what text wrote. Of what it cannot read nothing is known, and everything is asked for.
func parseKnown(text string) *known {
	whole, rest, _ := strings.Cut(text, ".")
	const size = len(key{}) + len(short{})
	b, err := base64.RawStdEncoding.DecodeString(rest)
	if err != nil || len(b)%size != 0 {
		return &known{}
	}
	k := &known{whole: whole, of: make(map[key]short, len(b)/size)}
	for entry := range slices.Chunk(b, size) {
		id := key(entry[:len(key{})])
		k.of[id] = short(entry[len(key{}):])
		k.order = append(k.order, id)
	}
	return k
}

// brought is what an append brings, in short.
type brought struct {
	items   []item // in the order in which they came
	at      map[key]int
	mixed   map[key]bool // came as more than one thing
	moved   []key        // parents of objects that came without all their kind
	settled []key        // rejections that are none any more
	whole   string
	// plain appends can be known; others are always asked for.
	plain bool
}

type item struct {
	key
	short
}

func (b *brought) note(id key, is short) {
	if i, twice := b.at[id]; twice {
		if b.items[i].short != is {
			b.mixed[id] = true
		}
		return
	}
	b.at[id] = len(b.items)
	b.items = append(b.items, item{id, is})
}

// Kinds of what is known.
const (
	anObject    = "object"
	aParent     = "parent"
	aRejection  = "rejection"
	isWithheld  = "withheld"
	isGone      = "gone"
	anyRejected = "set aside"
)

// bring says in short what an append brings.
func bring(a load.Append) *brought {
	b := &brought{at: map[key]int{}, mixed: map[key]bool{}}
	seenHere := map[string]bool{}
	if deletes(a) && (a.Marks || len(a.Complete) > 0) {
		for _, id := range a.Seen {
			seenHere[id] = true
		}
	}
	children := make(map[string][]string, len(a.Complete))
	for _, p := range a.Complete {
		children[p] = nil
	}
	rows := a.Batch.Rows
	ids, hashes, updated, parents := text(rows, "id"), text(rows, "_hash"), instants(rows, "_source_updated_at"), text(rows, a.Batch.Table.Parent)
	for i := range int(rows.NumRows()) {
		is := shortOf(anObject, ids(i), hashes(i), updated(i))
		b.note(keyOf(anObject, ids(i)), is)
		if deletes(a) && !seenHere[ids(i)] { // what lands with it is deleted by it
			b.mixed[keyOf(anObject, ids(i))] = true
		}
		p := parents(i)
		if of, complete := children[p]; complete {
			children[p] = append(of, string(is[:]))
		} else if p != "" {
			b.moved = append(b.moved, keyOf(aParent, p))
		}
	}
	for _, id := range a.Batch.Withheld {
		b.note(keyOf(anObject, id), shortOf(isWithheld, id))
	}
	for _, id := range a.Gone {
		b.note(keyOf(anObject, id), shortOf(isGone, id))
	}
	for _, r := range a.Batch.Rejected {
		of := cmp.Or(r.Place, r.ObjectID, r.Payload+r.Reason)
		b.note(keyOf(aRejection, r.Table.RejectedID(of, r.Column)), shortOf(anyRejected, string(r.Record())))
	}
	for _, id := range a.Settled {
		b.settled = append(b.settled, keyOf(aRejection, id))
	}
	seen := slices.Clone(a.Seen)
	slices.Sort(seen)
	all := digest(seen...)
	for p, of := range children {
		slices.Sort(of)
		// What was seen and is no row here was set aside, or withheld: whose child it is is not known.
		parts := append(of, "")
		if len(a.Seen) != int(rows.NumRows()) {
			parts = append(parts, all)
		}
		b.note(keyOf(aParent, p), shortOf(append([]string{aParent, p}, parts...)...))
	}
	isWhole := a.Begin && a.Marks && a.Sweep != nil
	b.plain = len(a.Settled) == 0 && len(b.mixed) == 0 && (isWhole || !a.Begin && !a.Marks && a.Sweep == nil)
	if b.plain && isWhole {
		parts := []string{a.Sweep.CreatedColumn, a.Sweep.Since.UTC().String(), all}
		for _, x := range b.items {
			parts = append(parts, string(x.short[:]))
		}
		slices.Sort(parts[3:])
		b.whole = digest(parts...)
	}
	return b
}

// has reports whether landing what is brought would change nothing.
func (k *known) has(b *brought) bool {
	if !b.plain || b.whole != "" {
		return b.plain && k.whole == b.whole
	}
	for _, x := range b.items {
		if is, ok := k.of[x.key]; !ok || is != x.short {
			return false
		}
	}
	return true
}

// after is what is known when an append has landed, which has deleted what it did not name, or not.
func (k *known) after(b *brought, deleted bool, t *touched) *known {
	next := &known{of: map[key]short{}}
	forgotten := map[key]bool{}
	for _, of := range [][]key{b.moved, b.settled} {
		for _, id := range of {
			forgotten[id] = true
		}
	}
	for _, x := range b.items {
		forgotten[x.key] = true
	}
	if !deleted {
		for _, id := range k.order {
			if !forgotten[id] {
				next.of[id] = k.of[id]
				next.order = append(next.order, id)
			}
		}
	}
	next.whole = b.whole
	for _, x := range b.items {
		if t.blind || t.mixed[x.key] {
			next.whole = ""
			continue
		}
		next.of[x.key] = x.short
		next.order = append(next.order, x.key)
	}
	if more := len(next.order) - mostKnown; more > 0 {
		for _, id := range next.order[:more] {
			delete(next.of, id)
		}
		next.order = next.order[more:]
	}
	return next
}

// deletes reports whether an append may delete what it does not name.
func deletes(a load.Append) bool { return a.Sweep != nil || len(a.Complete) > 0 }

// choose is what is known after an append: what is kept, or what it has not forgotten. Its script chooses alike.
func choose(kept, forgot *known, t *touched, deletes bool, res load.Result) *known {
	switch {
	case res.Refused > 0:
		return &known{}
	case deletes && res.Tombstones > 0:
		t.blind = true
		return forgot
	default:
		return kept
	}
}

// touched is what a run's appends to a stream have been about. Two versions of one run have the same clock, and which is the
// present one is the ledger's to say: what has come as two things in a run is not known after it.
type touched struct {
	last  map[key]short
	mixed map[key]bool
	// blind is a run that has deleted what it did not name, or does not know what became of one of its appends. What comes
	// after that has gone all the same, if it has gone in this run.
	blind bool
}

func untouched() *touched { return &touched{last: map[key]short{}, mixed: map[key]bool{}} }

// touch notes what an append is about.
func (t *touched) touch(b *brought) {
	for _, x := range b.items {
		if was, ok := t.last[x.key]; b.mixed[x.key] || ok && was != x.short {
			t.mixed[x.key] = true
		}
		t.last[x.key] = x.short
	}
	for _, id := range b.settled { // set aside again in the same run, it is settled all the same
		t.mixed[id] = true
	}
}

// text reads a column of texts; null is "".
func text(rows arrow.RecordBatch, name string) func(int) string {
	i := rows.Schema().FieldIndices(name)
	if len(i) != 1 {
		return func(int) string { return "" }
	}
	column, ok := rows.Column(i[0]).(*array.String)
	if !ok {
		return func(int) string { return "" }
	}
	return func(i int) string {
		if column.IsNull(i) {
			return ""
		}
		return column.Value(i)
	}
}

// instants reads a column of instants as texts.
func instants(rows arrow.RecordBatch, name string) func(int) string {
	i := rows.Schema().FieldIndices(name)
	if len(i) != 1 {
		return func(int) string { return "" }
	}
	column, ok := rows.Column(i[0]).(*array.Timestamp)
	if !ok {
		return func(int) string { return "" }
	}
	return func(i int) string {
		if column.IsNull(i) {
			return ""
		}
		return column.ValueStr(i)
	}
}
