package pipeline

import (
	"slices"
	"time"

	"fourfold/extract"
	"fourfold/load"
	"fourfold/transform"
)

// usual batches are landed when they are this large, or when their stream says that what it has must land as it is, unless the
// warehouse wants others.
var usual = load.Batches{Rows: load.BatchRows, Bytes: 32 << 20, Wait: 10 * time.Second}

// batchParents is the most parents whose children are kept waiting.
const batchParents = 2000

// batcher is a warehouse to which an append costs much, whatever is in it.
type batcher interface{ Batches() load.Batches }

// alwaysDeletable is the number of objects that a sweep may delete whatever their share.
const alwaysDeletable = 10

// gatherer puts pages together into batches.
type gatherer struct {
	key      string
	rows     *transform.Rows
	size     load.Batches
	maxShare float64
	send     func(load.Append) bool
	next     load.Append
	pending  bool
	begun    time.Time // when the batch got its first page
}

// add takes a page and reports whether to go on.
func (g *gatherer) add(p extract.Page) bool {
	if p.Begin && g.pending && !g.flush() {
		return false
	}
	if !g.pending {
		g.pending, g.begun = true, time.Now()
	}
	g.next.Begin = g.next.Begin || p.Begin
	g.next.Marks = g.next.Marks || p.Marks
	g.next.Complete = append(g.next.Complete, p.Complete...)
	if p.Marks {
		g.next.Seen = append(g.next.Seen, p.Spared...)
	}
	g.next.Gone = append(g.next.Gone, p.Gone...)
	g.next.Settled = append(g.next.Settled, p.Settled...)
	keep := p.Marks || len(p.Complete) > 0
	for i, record := range p.Records {
		id := g.rows.AddJudged(record.JSON, record.Private, record.Verdict)
		if keep && id != "" {
			g.next.Seen = append(g.next.Seen, id)
		}
		// A batch is cut at its size even within a page; the cursor then still says where the page began, and reading
		// its rows twice adds nothing.
		if g.rows.Count() >= g.size.Rows && len(p.Complete) == 0 && i < len(p.Records)-1 {
			if !g.flush() {
				return false
			}
			g.pending, g.begun, g.next.Marks = true, time.Now(), p.Marks
		}
	}
	if p.Cursor != nil {
		g.next.Cursor = slices.Clone(p.Cursor)
	}
	if p.Sweep != nil {
		g.next.Sweep = &load.Sweep{CreatedColumn: p.Sweep.CreatedColumn, Since: p.Sweep.Since, MaxShare: g.maxShare, MaxCount: alwaysDeletable}
	}
	if p.Sweep != nil || g.rows.Len() >= g.size.Bytes || g.rows.Count() >= g.size.Rows || len(g.next.Complete) >= batchParents || time.Since(g.begun) >= g.size.Wait {
		return g.flush()
	}
	return true
}

func (g *gatherer) flush() bool {
	if !g.pending {
		return true
	}
	a := g.next
	a.Stream, a.Batch = g.key, g.rows.Flush()
	g.next, g.pending = load.Append{}, false
	return g.send(a)
}
