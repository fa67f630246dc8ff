package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"fourfold/extract"
	"fourfold/load"
	"fourfold/transform"
)

// Reconciliation compares the whole source of a stream with what has landed of it.
type Reconciliation struct {
	Source    string    `json:"source"`
	Stream    string    `json:"stream"`
	Table     string    `json:"table_name"`
	CheckedAt time.Time `json:"checked_at"`
	// SourceCount are the objects that the source gave, and LedgerCount those that are live in the ledger, of what the
	// source was asked for; nil where the source could not be read to its end.
	SourceCount *int64 `json:"source_count"`
	LedgerCount *int64 `json:"ledger_count"`
	Missing     int64  `json:"missing_count"` // not live in the ledger, and neither set aside nor withheld
	Extra       *int64 `json:"extra_count"`   // not at the source; nil where that cannot be told
	Changed     int64  `json:"changed_count"` // another version in the ledger
	// Newer are those missing or changed ones that changed at the source after the stream was last read: the next sync
	// brings them.
	Newer    int64     `json:"newer_count"`
	SetAside int64     `json:"set_aside_count"`
	Withheld int64     `json:"withheld_count"`
	Examples []Example `json:"examples"`
	Error    string    `json:"error,omitempty"`
}

// Example is an object that is not the same on both sides.
type Example struct {
	Kind string `json:"kind"` // missing, extra or changed
	ID   string `json:"id"`
}

// mostExamples is how many objects a comparison names.
const mostExamples = 10

// Same reports whether both sides are equal, but for what has changed since the stream was last read.
func (r Reconciliation) Same() bool {
	return r.Error == "" && r.Missing+r.Changed <= r.Newer && (r.Extra == nil || *r.Extra == 0)
}

// Reconcile reads the selected streams whole, lands nothing of what they give, compares it with the ledgers, and notes
// what it finds in the ledger of comparisons. It costs the requests of a full sync, and about 100 bytes of memory an
// object. freshAt says when a stream was last read.
func (s *Sync) Reconcile(ctx context.Context, runID string, sel Selection, freshAt func(source, stream string) time.Time) ([]Reconciliation, error) {
	run, err := s.Warehouse.Begin(ctx, runID, s.Clock())
	if err != nil {
		return nil, err
	}
	var all []Reconciliation
	for _, source := range s.Sources {
		if sel.Source != "" && sel.Source != source.Name {
			continue
		}
		for _, stream := range source.Streams {
			if (sel.Stream != "" && sel.Stream != stream.Name) || (len(source.Named) > 0 && !slices.Contains(source.Named, stream.Name)) {
				continue
			}
			r, err := s.reconcile(ctx, run, source, stream, freshAt(source.Name, stream.Name))
			if err != nil {
				return all, err
			}
			all = append(all, r)
		}
	}
	return all, s.keep(ctx, run, all)
}

// seen is an object of the source: the hash of its version, and when it last changed.
type seen struct {
	hash      string
	updatedAt time.Time
}

// reconcile compares one stream. Its error is the warehouse's, or the end of the context.
func (s *Sync) reconcile(ctx context.Context, run transform.Run, source Source, stream extract.Stream, freshAt time.Time) (Reconciliation, error) {
	r := Reconciliation{Source: source.Name, Stream: stream.Name, Table: stream.Table.Name, CheckedAt: run.At, Examples: []Example{}}
	in := extract.Input{RunAt: run.At, Full: true, Since: source.Since, Ledger: ledger{s.Warehouse}}
	c := comparison{rows: transform.NewRows(stream.Table, run, s.Policy), present: map[string]seen{}, aside: map[string]bool{}, parents: map[string]bool{}}
	read := int64(0)
	for page, err := range stream.Read(ctx, in) {
		if err != nil {
			r.Error = err.Error()
			break
		}
		read += int64(len(page.Records))
		s.Progress.Stream(stream.Name, read)
		c.add(page)
	}
	c.flush()
	if err := ctx.Err(); err != nil {
		return r, err
	}
	r.SetAside, r.Withheld = c.setAside, c.withheld
	s.Progress.Done(load.StreamRun{Run: run, Source: source.Name, Stream: stream.Name, Status: "compared", RowsRead: read})
	if r.Error != "" {
		return r, nil
	}
	return r, c.compare(s.Warehouse.Scan(ctx, stream.Table, c.columns(stream.Table)...), stream.Table, freshAt, &r)
}

// comparison collects what a source gives of one stream.
type comparison struct {
	rows     *transform.Rows
	present  map[string]seen
	aside    map[string]bool // by their ids, as far as they have one
	setAside int64
	withheld int64
	parents  map[string]bool // whose children are all there
	sweep    *extract.Sweep  // the scope of a read of everything
	spared   map[string]bool
	count    int
}

func (c *comparison) add(p extract.Page) {
	for _, record := range p.Records {
		c.rows.AddJudged(record.JSON, record.Private, record.Verdict)
		if c.count++; c.count%load.BatchRows == 0 {
			c.flush()
		}
	}
	for _, id := range p.Complete {
		c.parents[id] = true
	}
	for _, id := range p.Spared {
		if c.spared == nil {
			c.spared = map[string]bool{}
		}
		c.spared[id] = true
	}
	if p.Sweep != nil {
		c.sweep = p.Sweep
	}
}

// flush takes the hashes of the rows so far; of an object that came twice the last counts.
func (c *comparison) flush() {
	b := c.rows.Flush()
	defer b.Rows.Release()
	ids, hashes, updated := column(b.Rows, "id"), column(b.Rows, "_hash"), column(b.Rows, "_source_updated_at")
	for i := range int(b.Rows.NumRows()) {
		var at time.Time
		if !updated.IsNull(i) {
			at = instantAt(updated, i)
		}
		c.present[ids.ValueStr(i)] = seen{hashes.ValueStr(i), at}
	}
	for _, x := range b.Rejected {
		if !x.Landed {
			c.aside[x.ObjectID] = true
			c.setAside++
		}
	}
	c.withheld += int64(len(b.Withheld))
}

// columns are those of the ledger that a comparison needs: the hash, and what tells whether an object is in scope.
func (c *comparison) columns(t *transform.Table) []string {
	out := []string{"_hash"}
	switch {
	case c.sweep != nil && !c.sweep.Since.IsZero():
		return append(out, c.sweep.CreatedColumn)
	case c.sweep == nil && t.Parent != "":
		return append(out, t.Parent)
	}
	return out
}

// inScope reports whether the source was asked for an object of the ledger.
func (c *comparison) inScope(id string, columns []string) bool {
	switch {
	case c.spared[id]:
		return false
	case c.sweep != nil && c.sweep.Since.IsZero():
		return true
	case c.sweep != nil:
		at, err := time.Parse(time.RFC3339, columns[1])
		return err == nil && !at.Before(c.sweep.Since)
	case len(columns) > 1:
		return c.parents[columns[1]]
	}
	_, there := c.present[id]
	return there
}

// compare goes through the ledger.
func (c *comparison) compare(objects iter.Seq2[load.Object, error], t *transform.Table, freshAt time.Time, r *Reconciliation) error {
	total, live, extra := int64(len(c.present)), int64(0), int64(0)
	judges := c.sweep != nil || len(c.columns(t)) > 1
	example := func(kind, id string) {
		if len(r.Examples) < mostExamples {
			r.Examples = append(r.Examples, Example{kind, id})
		}
	}
	newer := func(x seen) {
		if !freshAt.IsZero() && x.updatedAt.After(freshAt) {
			r.Newer++
		}
	}
	for o, err := range objects {
		if err != nil {
			return fmt.Errorf("compare %s: %w", t.Name, err)
		}
		x, there := c.present[o.ID]
		if there {
			live++
			if x.hash != o.Columns[0] {
				r.Changed++
				newer(x)
				example("changed", o.ID)
			}
			delete(c.present, o.ID)
			continue
		}
		// An earlier version of what is set aside now stays.
		if !c.aside[o.ID] && c.inScope(o.ID, o.Columns) {
			live++
			extra++
			example("extra", o.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.present)) { // what is left of it
		r.Missing++
		newer(c.present[id])
		example("missing", id)
	}
	r.SourceCount, r.LedgerCount = &total, &live
	if judges {
		r.Extra = &extra
	}
	return nil
}

// keep lands comparisons in their ledger.
func (s *Sync) keep(ctx context.Context, run transform.Run, all []Reconciliation) error {
	if len(all) == 0 {
		return nil
	}
	rows := transform.NewRows(transform.Reconciliations, run, s.Policy)
	for _, r := range all {
		text, err := json.Marshal(struct {
			ID string `json:"id"`
			Reconciliation
		}{r.Source + "/" + r.Stream, r})
		if err != nil {
			return fmt.Errorf("keep what was compared: %w", err)
		}
		rows.Add(text, false)
	}
	b := rows.Flush()
	defer b.Rows.Release()
	if len(b.Rejected) > 0 {
		return errors.New("keep what was compared: " + b.Rejected[0].Reason)
	}
	_, err := s.Warehouse.Append(ctx, load.Append{Stream: "fourfold/reconciliations", Batch: b})
	return err
}

// column finds a column of a batch that every ledger has.
func column(rows arrow.RecordBatch, name string) arrow.Array {
	return rows.Column(rows.Schema().FieldIndices(name)[0])
}

// instantAt is a value of a column of instants.
func instantAt(column arrow.Array, i int) time.Time {
	return time.UnixMicro(int64(column.(*array.Timestamp).Value(i))).UTC()
}
