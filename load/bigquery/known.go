package bigquery

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"fourfold/load"
)

// mostKnown is how many objects, and how many parents, a stream remembers. A round reads again what moved last.
const mostKnown = 4_000

// known is what a stream's appends have brought last, in short, so that the same again needs neither query nor job. What it
// does not hold is asked for; what it holds is right:
//   - an object is known by the version of it that came last, whatever its time, so that A, B, A is three versions;
//   - the children of a parent are known by all of them together and each by itself, since one may move;
//   - a whole read is known by all that it saw, if nothing else has landed since;
//   - an append that deletes what it did not name forgets everything but itself.
type known struct {
	IDs     map[string]string `json:"ids,omitempty"`
	Parents map[string]string `json:"parents,omitempty"`
	Whole   string            `json:"whole,omitempty"`
	Order   []string          `json:"order,omitempty"` // of IDs, the oldest first
}

func parseKnown(text string) *known {
	k := &known{}
	if err := json.Unmarshal([]byte(text), k); err != nil {
		return &known{} // then everything is asked for
	}
	return k
}

func (k *known) text() string {
	text, err := json.Marshal(k)
	if err != nil {
		return "{}"
	}
	return string(text)
}

// brought is what an append brings, in short.
type brought struct {
	ids     []string // in the order in which they came
	digests map[string]string
	parents map[string]string
	whole   string
	// plain appends can be known; others are always asked for.
	plain bool
}

// digest is sixteen hexadecimal digits of what texts are together.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// bring says in short what an append brings.
func bring(a load.Append) brought {
	b := brought{digests: map[string]string{}, parents: map[string]string{}}
	note := func(id, d string) {
		if _, twice := b.digests[id]; twice { // each of them is a version: the last of an id is not all
			d = digest(b.digests[id], d)
		} else {
			b.ids = append(b.ids, id)
		}
		b.digests[id] = d
	}
	var children map[string][]string
	if len(a.Complete) > 0 {
		children = map[string][]string{}
		for _, p := range a.Complete {
			children[p] = nil
		}
	}
	rows := a.Batch.Rows
	ids, hashes, updated := text(rows, "id"), text(rows, "_hash"), instants(rows, "_source_updated_at")
	var parents func(int) string
	if children != nil {
		parents = text(rows, a.Batch.Table.Parent)
	}
	for i := range int(rows.NumRows()) {
		d := digest(hashes(i), updated(i))
		note(ids(i), d)
		if parents != nil {
			if p := parents(i); p != "" {
				if of, ok := children[p]; ok {
					children[p] = append(of, ids(i)+" "+d)
				}
			}
		}
	}
	for _, r := range a.Batch.Rejected {
		note("rejected "+r.Table.RejectedID(r.ObjectID, r.Column)+" "+r.Place, digest(r.Reason, r.Payload))
	}
	for _, id := range a.Batch.Withheld {
		note(id, "withheld")
	}
	for _, id := range a.Gone {
		note(id, "gone")
	}
	seen := slices.Clone(a.Seen)
	slices.Sort(seen)
	for p, of := range children {
		slices.Sort(of)
		// What was seen and is no row here was set aside: it is some parent's.
		b.parents[p] = digest(of...)
	}
	if len(children) > 0 && len(a.Seen) != int(rows.NumRows()) {
		all := digest(seen...)
		for p := range b.parents {
			b.parents[p] = digest(b.parents[p], all)
		}
	}
	b.plain = len(a.Settled) == 0
	switch {
	case a.Sweep != nil && a.Begin && a.Marks:
		parts := []string{a.Sweep.CreatedColumn, a.Sweep.Since.UTC().String(), strings.Join(seen, "\x00")}
		sorted := slices.Clone(b.ids)
		slices.Sort(sorted)
		for _, id := range sorted {
			parts = append(parts, id, b.digests[id])
		}
		b.whole = digest(parts...)
	case a.Sweep != nil || a.Begin || a.Marks:
		b.plain = false
	}
	return b
}

// has reports whether landing what is brought would change nothing.
func (k *known) has(b brought) bool {
	if !b.plain {
		return false
	}
	if b.whole != "" {
		return k.Whole == b.whole
	}
	for id, d := range b.digests {
		if k.IDs[id] != d {
			return false
		}
	}
	for p, d := range b.parents {
		if k.Parents[p] != d {
			return false
		}
	}
	return true
}

// after is what is known when an append has landed. What was touched before in the same run, and is another now, is not known:
// two versions of one run have the same clock, and which is the present one is the ledger's to say.
func (k *known) after(b brought, a load.Append, res load.Result, touched map[string]bool) *known {
	next := &known{IDs: map[string]string{}, Parents: map[string]string{}}
	if a.Sweep == nil && (len(a.Complete) == 0 || res.Tombstones == 0) {
		for id, d := range k.IDs {
			next.IDs[id] = d
		}
		for p, d := range k.Parents {
			next.Parents[p] = d
		}
		next.Order = slices.Clone(k.Order)
	}
	if b.whole != "" {
		// All of it is known together: its objects need not be by themselves.
		if res.Refused == 0 && (!touched[wholeKey] || k.Whole == b.whole) {
			next.Whole = b.whole
		}
		return next
	}
	for p, d := range b.parents {
		next.Parents[p] = d
		if touched[parentKey+p] && k.Parents[p] != d {
			delete(next.Parents, p)
		}
	}
	next.forgetMoved(b, a)
	next.forgetSettled(a.Settled)
	drop := map[string]bool{}
	for _, id := range b.ids {
		if _, ok := next.IDs[id]; ok {
			drop[id] = true
		}
	}
	next.Order = slices.DeleteFunc(next.Order, func(id string) bool { return drop[id] })
	for _, id := range b.ids {
		if touched[id] && k.IDs[id] != b.digests[id] {
			delete(next.IDs, id)
			continue
		}
		next.IDs[id] = b.digests[id]
		next.Order = append(next.Order, id)
	}
	for len(next.Order) > mostKnown {
		delete(next.IDs, next.Order[0])
		next.Order = next.Order[1:]
	}
	if len(next.Parents) > mostKnown {
		next.Parents = b.parents
	}
	return next
}

const (
	wholeKey  = " whole"
	parentKey = " parent "
)

// touch notes what an append of a run has been about.
func (c *cursor) touch(b brought) {
	for _, id := range b.ids {
		c.touched[id] = true
	}
	for p := range b.parents {
		c.touched[parentKey+p] = true
	}
	if b.whole != "" {
		c.touched[wholeKey] = true
	}
}

// forgetSettled forgets rejections that are none any more.
func (k *known) forgetSettled(ids []string) {
	for _, settled := range ids {
		k.Order = slices.DeleteFunc(k.Order, func(id string) bool {
			if !strings.HasPrefix(id, "rejected "+settled+" ") {
				return false
			}
			delete(k.IDs, id)
			return true
		})
	}
}

// forgetMoved forgets the parents of objects that came without all their kind: theirs are others now.
func (k *known) forgetMoved(b brought, a load.Append) {
	if a.Batch.Table.Parent == "" || a.Batch.Rows.NumRows() == 0 {
		return
	}
	parents := text(a.Batch.Rows, a.Batch.Table.Parent)
	for i := range int(a.Batch.Rows.NumRows()) {
		if p := parents(i); b.parents[p] == "" {
			delete(k.Parents, p)
		}
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
