package bigquery

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"fourfold/load"
	"fourfold/transform"
)

// ErrConflict says that another run has landed something of the same stream meanwhile.
var ErrConflict = errors.New("another run has landed this stream meanwhile")

// conflictMark is in the message of a script that found another revision than it was made for.
const conflictMark = "fourfold-conflict"

// Append lands a batch, what it says of deletions, and the cursor in one transaction. Where all that is brought is known to
// be there, it runs neither query nor job.
func (s *Store) Append(ctx context.Context, a load.Append) (load.Result, error) {
	s.landing.Lock()
	defer s.landing.Unlock()
	if err := s.refresh(ctx); err != nil {
		return load.Result{}, fmt.Errorf("append to %s: %w", a.Batch.Table.Name, err)
	}
	s.mu.Lock()
	at := s.cursors[a.Stream]
	s.mu.Unlock()
	if at == nil {
		at = &cursor{none: true, table: a.Batch.Table.Name, known: &known{}, touched: untouched()}
	}
	if at.table != a.Batch.Table.Name {
		return load.Result{}, fmt.Errorf("bigquery: append to %s: stream %s fills %s", a.Batch.Table.Name, a.Stream, at.table)
	}
	b := bring(a)
	if at.known.has(b) {
		if done, err := s.goOn(ctx, a, at); done || err != nil {
			return load.Result{}, err
		}
	}
	return s.land(ctx, a, at, b)
}

// land runs the append's transaction.
func (s *Store) land(ctx context.Context, a load.Append, at *cursor, b *brought) (load.Result, error) {
	s.mu.Lock()
	s.appends++
	id := s.jobID(a.Stream)
	next := *at
	if a.Cursor != nil {
		next.text, next.none = string(a.Cursor), false
	} else if on, ok := s.readOn[a.Stream]; ok && on.Revision == at.revision {
		next.text, next.none = string(on.Cursor), false
	}
	was, wasAside := s.counts[a.Batch.Table.Name], s.counts[transform.Rejected.Name]
	s.mu.Unlock()
	st, err := s.stage(ctx, a, id)
	defer s.unstage(context.WithoutCancel(ctx), st)
	if err != nil {
		return load.Result{}, s.changed(ctx, a, err)
	}
	next.revision, next.landing, next.observedAt = at.revision+1, id, a.Batch.Run.At
	// What is known after it depends on what it finds: the script says what that was, and writes the one or the other.
	at.touched.touch(b)
	kept, forgot := at.known.after(b, false, at.touched), at.known.after(b, true, at.touched)
	sc := script{c: s.c, a: a, st: st, at: at, next: &next, was: was, wasAside: wasAside, kept: kept.text(), forgot: forgot.text()}
	sql, err := sc.text()
	if err != nil {
		return load.Result{}, err
	}
	job, err := s.c.script(ctx, "append to "+a.Batch.Table.Name, id, sql, map[string]string{"stream": a.Stream, "run": a.Batch.Run.ID})
	var n outcome
	if err == nil {
		n, err = s.outcome(ctx, job)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.unsure = true
		return load.Result{}, s.changed(ctx, a, err)
	}
	res := load.Result{Added: n.now.added - was.added, Tombstones: n.now.gone - was.gone, Rejected: n.aside.added - wasAside.added, Refused: n.refused, InScope: n.scope}
	s.counts[a.Batch.Table.Name] = n.now
	if sc.setsAside() {
		s.counts[transform.Rejected.Name] = n.aside
	} else {
		res.Rejected = 0
	}
	next.landed += n.now.sum() - was.sum()
	if sc.setsAside() {
		next.aside += n.aside.sum() - wasAside.sum()
	}
	if next.landed != at.landed || next.aside != at.aside {
		next.landedAt = a.Batch.Run.At
	}
	next.known = choose(kept, forgot, at.touched, deletes(a), res)
	s.cursors[a.Stream], s.landed = &next, true
	delete(s.readOn, a.Stream)
	return res, nil
}

func (c counted) sum() int64 { return c.added + c.gone }

// changed says what an error of an append means.
func (s *Store) changed(ctx context.Context, a load.Append, err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, conflictMark):
		return fmt.Errorf("bigquery: append to %s: %w (%s): is another run at work on dataset %s? This one stops here; nothing is lost, and the next goes on from what landed",
			a.Batch.Table.Name, ErrConflict, a.Stream, s.c.Raw())
	case refused(err):
		forgotten := s.c.changeState(context.WithoutCancel(ctx), "forget that the tables are there", func(st *state) { st.Schema = "" })
		return errors.Join(fmt.Errorf("%w (%w)", err, errChanged), forgotten)
	}
	return err
}

// refused reports whether BigQuery found fault with a statement: with the tables that it is about, since the statement is the
// program's.
func refused(err error) bool {
	_, reason, _ := parts(err)
	return reason == "invalidQuery" || reason == "notFound" || reason == "invalid"
}

// outcome is what a script counted: rows of the ledger, and of that of rejected objects, that have the run's clock.
type outcome struct {
	now, aside     counted
	refused, scope int64
}

func (s *Store) outcome(ctx context.Context, job *bigquery.Job) (outcome, error) {
	var row []bigquery.Value
	err := s.c.call(ctx, "read what an append did", func(ctx context.Context) error {
		it, err := job.Read(ctx)
		if err != nil {
			return err
		}
		err = it.Next(&row)
		if errors.Is(err, iterator.Done) {
			err = errors.New("the script gave no row")
		}
		return err
	})
	if err != nil {
		return outcome{}, err
	}
	var n [6]int64
	for i := range min(len(row), len(n)) {
		n[i], _ = row[i].(int64)
	}
	return outcome{counted{n[0], n[1]}, counted{n[2], n[3]}, n[4], n[5]}, nil
}
