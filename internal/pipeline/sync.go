// Package pipeline is one round of work: streams of the sources to the ledgers, and the ledgers to published marts.
// It knows sources and warehouses by their contracts only, and reads no configuration.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"time"

	"fourfold/extract"
	"fourfold/load"
	"fourfold/transform"
)

// Source is a source and what the configuration says of it.
type Source struct {
	Name    string
	Streams []extract.Stream
	// Named are the streams that the configuration names: one that may not be read is then a failure. Empty is all.
	Named []string
	// Since limits the source to objects created from then on; zero for everything.
	Since time.Time
	// MaxDeletions is the share of a stream that one sweep may delete.
	MaxDeletions float64
	// Requests is the number of requests made for a stream so far.
	Requests func(stream string) int64
	// Quotas is what the source's API last said is left of its limits.
	Quotas func() []extract.Quota
	// Looks are questions besides its streams that tell whether the source can be used.
	Looks []Look
}

// Look is a question to a source, and its answer in words.
type Look struct {
	Name string
	At   func(context.Context, extract.Input) (string, error)
}

// Sync is the first half of a round.
type Sync struct {
	Warehouse load.Warehouse
	Sources   []Source
	Policy    transform.Policy
	Log       *slog.Logger
	Progress  Progress
	Clock     func() time.Time

	batch int // rows in a batch, where a test says
}

// Selection narrows a sync.
type Selection struct {
	Source, Stream string // "" is all
	Full           bool
	Since          time.Time // overrides the sources' own, for this sync
}

// Progress is told how far a stream has come.
type Progress interface {
	Stream(name string, rows int64)
	Done(run load.StreamRun)
}

// Report says how a sync went.
type Report struct {
	Run     transform.Run
	Streams []load.StreamRun
	// Warnings are what a person should know although nothing failed.
	Warnings []string
}

// Failed lists the streams that failed, wholly or in part.
func (r Report) Failed() []load.StreamRun {
	return slices.DeleteFunc(slices.Clone(r.Streams), func(s load.StreamRun) bool { return s.Status != "failed" && s.Status != "partial" })
}

// Landed reports whether any stream ended well, or all of it did that could be read.
func (r Report) Landed() bool {
	return slices.ContainsFunc(r.Streams, func(s load.StreamRun) bool { return s.Status == "ok" || s.Status == "partial" })
}

// RunID names the run, or the build, of an instant: by name is by time.
func RunID(at time.Time) string { return at.UTC().Format("20060102T150405.000000Z") }

// Run reads the selected streams in their order and lands what is new. A stream that fails does not keep the others
// from landing; an error of the warehouse ends the run.
func (s *Sync) Run(ctx context.Context, runID string, sel Selection) (Report, error) {
	run, err := s.Warehouse.Begin(ctx, runID, s.Clock())
	if err != nil {
		return Report{}, err
	}
	report := Report{Run: run}
	matched := false
	for _, source := range s.Sources {
		if sel.Source != "" && sel.Source != source.Name {
			continue
		}
		var dead error // why the rest of the source is not worth asking
		for _, stream := range source.Streams {
			if (sel.Stream != "" && sel.Stream != stream.Name) || (len(source.Named) > 0 && !slices.Contains(source.Named, stream.Name)) {
				continue
			}
			matched = true
			r, err := s.stream(ctx, run, source, stream, sel, dead, &report)
			if err != nil {
				return report, err
			}
			if err := ctx.Err(); err != nil {
				return report, err
			}
			if r.dead != nil {
				dead = r.dead
			}
			report.Streams = append(report.Streams, r.StreamRun)
			s.Progress.Done(r.StreamRun)
		}
	}
	if !matched {
		return report, fmt.Errorf("nothing to sync: no stream matches --source %q --stream %q: `fourfold status` lists them", sel.Source, sel.Stream)
	}
	return report, nil
}

type streamResult struct {
	load.StreamRun
	dead error
}

// stream runs one stream and records how it went. Its error is the warehouse's.
func (s *Sync) stream(ctx context.Context, run transform.Run, source Source, stream extract.Stream, sel Selection, dead error, report *Report) (streamResult, error) {
	r := streamResult{StreamRun: load.StreamRun{
		Run: run, Source: source.Name, Stream: stream.Name, Table: stream.Table.Name,
		StartedAt: s.Clock(), Status: "ok", Full: sel.Full,
	}}
	key := source.Name + "/" + stream.Name
	cursor, err := s.Warehouse.Cursor(ctx, key)
	if err != nil {
		return r, err
	}
	since := source.Since
	if !sel.Since.IsZero() {
		since = sel.Since
	}
	before := source.Requests(stream.Name)
	readErr := dead
	if dead == nil {
		in := extract.Input{Cursor: cursor, RunAt: run.At, Full: sel.Full, Since: since, Ledger: ledger{s.Warehouse}}
		var loadErr error
		readErr, loadErr = s.land(ctx, run, source, stream, in, &r.StreamRun, report)
		if loadErr != nil {
			return r, loadErr
		}
	}
	if err := ctx.Err(); err != nil {
		return r, err
	}
	r.FinishedAt = s.Clock()
	r.Requests = source.Requests(stream.Name) - before
	partial := errors.Is(readErr, extract.ErrPartial)
	closed := errors.Is(readErr, extract.ErrForbidden) && !partial && cursor == nil && !slices.Contains(source.Named, stream.Name)
	if closed { // not every stream keeps a cursor
		readable, err := s.wasReadable(ctx, source.Name, stream.Name)
		if err != nil {
			return r, err
		}
		closed = !readable
	}
	switch {
	case readErr == nil:
	case closed:
		r.Status, r.Error = "skipped", readErr.Error()
	case partial:
		r.Status, r.Error = "partial", readErr.Error()
	default:
		r.Status, r.Error = "failed", readErr.Error()
		if errors.Is(readErr, extract.ErrUnauthorized) || errors.Is(readErr, extract.ErrUnreachable) {
			r.dead = readErr
		}
	}
	s.logStream(r.StreamRun, dead != nil)
	return r, s.Warehouse.Record(ctx, r.StreamRun)
}

// wasReadable reports whether a stream was ever read well.
func (s *Sync) wasReadable(ctx context.Context, source, stream string) (bool, error) {
	rows, err := s.Warehouse.Query(ctx, `select count(*) from runs where source = ? and stream = ? and status in ('ok', 'partial')`, source, stream)
	if err != nil {
		return false, err
	}
	n := int64(0)
	for row, err := range rows.All {
		if err != nil {
			return false, err
		}
		n, _ = row[0].(int64)
	}
	return n > 0, nil
}

// logStream says how a stream went. One that was not asked, since its source cannot be used, adds nothing to what was
// said of the first.
func (s *Sync) logStream(r load.StreamRun, notAsked bool) {
	level := slog.LevelInfo
	args := []any{
		"source", r.Source, "stream", r.Stream, "status", r.Status, "rows", r.RowsRead, "added", r.Added, "tombstones", r.Tombstones,
		"rejected", r.Rejected, "requests", r.Requests, "seconds", r.FinishedAt.Sub(r.StartedAt).Seconds(),
	}
	if r.Status != "ok" {
		level = slog.LevelWarn
		args = append(args, "error", r.Error)
	}
	if notAsked {
		level = slog.LevelDebug
	}
	s.Log.Log(context.Background(), level, "stream", args...)
}

// land reads a stream's pages and lands them. Reading goes on while a batch lands: one batch is on its way at a time.
func (s *Sync) land(ctx context.Context, run transform.Run, source Source, stream extract.Stream, in extract.Input, r *load.StreamRun, report *Report) (readErr, loadErr error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	landing := make(chan load.Append)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for a := range landing {
			if loadErr == nil {
				loadErr = s.append(ctx, a, r, report)
				if loadErr != nil {
					stop()
				}
			}
			a.Batch.Rows.Release()
		}
	}()
	size := usual
	if w, ok := s.Warehouse.(batcher); ok {
		size = w.Batches()
	}
	if s.batch > 0 {
		size.Rows = s.batch
	}
	g := gatherer{key: source.Name + "/" + stream.Name, rows: transform.NewRows(stream.Table, run, s.Policy), size: size, maxShare: source.MaxDeletions, send: func(a load.Append) bool {
		select {
		case landing <- a:
			return true
		case <-ctx.Done():
			a.Batch.Rows.Release()
			return false
		}
	}}
	read := int64(0)
	var warnings []string
	for page, err := range stream.Read(ctx, in) {
		if err != nil {
			readErr = err
			break
		}
		read += int64(len(page.Records))
		s.Progress.Stream(stream.Name, read)
		warnings = append(warnings, page.Warnings...)
		if !g.add(page) {
			break
		}
	}
	// What came before an error is good, and its cursor says how far it goes.
	g.flush()
	close(landing)
	<-done
	for _, w := range warnings {
		report.Warnings = append(report.Warnings, w)
		s.Log.Warn(w)
	}
	r.RowsRead = read
	if loadErr != nil {
		return nil, loadErr
	}
	return readErr, nil
}

func (s *Sync) append(ctx context.Context, a load.Append, r *load.StreamRun, report *Report) error {
	res, err := s.Warehouse.Append(ctx, a)
	if err != nil {
		return err
	}
	r.Added += res.Added
	r.Tombstones += res.Tombstones
	r.Rejected += res.Rejected
	if res.Refused > 0 {
		w := fmt.Sprintf("%s: %d of %d objects seem to have gone from the source, more than max_deletions allows in one sweep: none was deleted. If that is right, raise sources.%s.max_deletions for one full sync",
			a.Stream, res.Refused, res.InScope, r.Source)
		report.Warnings = append(report.Warnings, w)
		s.Log.Warn(w)
	}
	return nil
}

// Ledger answers a stream's questions from a warehouse.
func Ledger(w load.Warehouse) extract.Ledger { return ledger{w} }

// ledger answers a stream's questions from the warehouse.
type ledger struct{ load.Warehouse }

func (l ledger) Scan(ctx context.Context, t *transform.Table, columns ...string) iter.Seq2[extract.Object, error] {
	return func(yield func(extract.Object, error) bool) {
		for o, err := range l.Warehouse.Scan(ctx, t, columns...) {
			if !yield(extract.Object(o), err) {
				return
			}
		}
	}
}
