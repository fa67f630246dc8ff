package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fourfold/internal/config"
	"fourfold/internal/pipeline"
)

// syncHeap is what Go's memory comes to in a sync before more is collected than usual, in bytes: what lives is well below it.
const syncHeap = 176 << 20

// syncFlags are the flags of sync.
type syncFlags struct {
	source, stream, since string
	full                  bool
}

func (f *syncFlags) selection(cfg *config.Config) (pipeline.Selection, error) {
	sel := pipeline.Selection{Source: f.source, Stream: f.stream, Full: f.full}
	if f.since == "" {
		return sel, nil
	}
	since, err := parseInstant(f.since, cfg)
	if err != nil {
		return sel, usageError{fmt.Errorf("--since %w", err)}
	}
	sel.Since = since
	return sel, nil
}

// parseInstant reads a local date or an instant.
func parseInstant(text string, cfg *config.Config) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, cfg.Timezone.Location); err == nil {
		return day.UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%q is neither a date (2026-01-31) nor an instant (2026-01-31T09:00:00Z)", text)
	}
	return at.UTC(), nil
}

// locked does what a command does with a selection, while nobody else works on the data directory.
func (f *syncFlags) locked(ctx context.Context, o *options, command string, do func(*app, context.Context, pipeline.Selection) error) error {
	a, err := o.load()
	if err != nil {
		return err
	}
	sel, err := f.selection(a.cfg)
	if err != nil {
		return err
	}
	return a.locked(ctx, command, false, func() error { return do(a, ctx, sel) })
}

func newSync(o *options) *cobra.Command {
	var f syncFlags
	c := &cobra.Command{
		Use:   "sync",
		Short: "Read what is new from the sources into the ledgers",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.locked(cmd.Context(), o, "sync", (*app).sync)
		},
	}
	c.Flags().StringVar(&f.source, "source", "", "only this source")
	c.Flags().StringVar(&f.stream, "stream", "", "only this stream")
	c.Flags().BoolVar(&f.full, "full", false, "ignore cursors, read everything and look for deletions")
	c.Flags().StringVar(&f.since, "since", "", "read objects created from this date or instant on, in place of the configured one")
	return c
}

// checkSelection says what there is to choose from where a selection names something else.
func checkSelection(sources []pipeline.Source, sel pipeline.Selection) error {
	var names, streams []string
	for _, s := range sources {
		names = append(names, s.Name)
		for _, x := range s.Streams {
			if len(s.Named) > 0 && !slices.Contains(s.Named, x.Name) {
				continue
			}
			if sel.Source == "" || sel.Source == s.Name {
				streams = append(streams, x.Name)
			}
		}
	}
	switch {
	case sel.Source != "" && !slices.Contains(names, sel.Source):
		return usageError{fmt.Errorf("--source %q is not configured: there is %s", sel.Source, strings.Join(names, ", "))}
	case sel.Stream != "" && !slices.Contains(streams, sel.Stream):
		return usageError{fmt.Errorf("--stream %q is not read: there is %s", sel.Stream, strings.Join(streams, ", "))}
	}
	return nil
}

// sync reads the sources into the ledgers. The caller holds the lock.
func (a *app) sync(ctx context.Context, sel pipeline.Selection) (err error) {
	started := a.clock()
	sources, closeSources, err := a.sources()
	if err != nil {
		return err
	}
	defer closeSources()
	if err := checkSelection(sources, sel); err != nil {
		return err
	}
	policy, err := a.policy()
	if err != nil {
		return err
	}
	// Most of the heap is two batches that soon go: collecting more often costs little and halves what lies around.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(syncHeap))
	store, err := a.engine.Open(ctx)
	if err != nil {
		return err
	}
	progress := newProgress(a.err, a.log)
	s := pipeline.Sync{Warehouse: store, Sources: sources, Policy: policy, Log: a.log, Progress: progress, Clock: a.clock}
	report, syncErr := s.Run(ctx, pipeline.RunID(started), sel)
	progress.end()
	counts := map[string]pipeline.Counts{}
	if syncErr == nil {
		var live map[string][2]int64
		if live, syncErr = store.Counts(ctx); syncErr == nil {
			for table, n := range live {
				counts[table] = pipeline.Counts{Live: n[0], SetAside: n[1]}
			}
		}
	}
	syncErr = errors.Join(syncErr, store.Close())
	if len(report.Streams) > 0 || syncErr != nil {
		syncErr = errors.Join(syncErr, pipeline.RecordSync(a.data(), version, report, counts, started, a.clock(), syncErr, pipeline.Budgets(sources)))
	}
	if syncErr != nil {
		return syncErr
	}
	return syncOutcome(report)
}

// syncOutcome is nil where every stream that had to landed.
func syncOutcome(r pipeline.Report) error {
	failed := r.Failed()
	if len(failed) == 0 {
		return nil
	}
	var why reasons
	for _, s := range failed {
		why.add(s.Source+"/"+s.Stream, s.Error)
	}
	err := fmt.Errorf("sync: %d of %d streams failed: %s", len(failed), len(r.Streams), strings.Join(why.lines(), "; "))
	if len(why.order) == 1 && len(failed) == len(r.Streams) && len(failed) > 1 {
		err = fmt.Errorf("sync: nothing could be read: %s", why.order[0])
	}
	if r.Landed() {
		return partialError{err}
	}
	return err
}
