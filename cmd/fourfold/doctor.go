package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fourfold/extract"
	"fourfold/internal/doctor"
	"fourfold/internal/pipeline"
	"fourfold/load/duckdb"
	"fourfold/transform"
)

func newDoctor(o *options) *cobra.Command {
	var format string
	var data bool
	var f syncFlags
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check configuration, credentials, permissions, dbt and data, and say how to mend what is wrong",
		Long: `Check what the configuration names: the data directory, dbt, the sources' addresses, keys and permissions, and the
published build. Nothing is read into the ledgers and nothing is built.

With --data the sources are read whole and compared with the ledgers, which costs the requests of a full sync. What is
found becomes a row of data_quality at the next build.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return usageError{fmt.Errorf("--format %q is not known: use text or json", format)}
			}
			a, err := o.load()
			if err != nil {
				return err
			}
			sel, err := f.selection(a.cfg)
			if err != nil {
				return err
			}
			var r doctor.Report
			if data {
				err = a.locked(cmd.Context(), "doctor", false, func() error { return a.checkTruth(cmd.Context(), sel, &r) })
			} else {
				err = a.checkAll(cmd.Context(), &r)
			}
			if err != nil {
				return err
			}
			write := r.Write
			if format == "json" {
				write = r.WriteJSON
			}
			if err := write(a.out); err != nil {
				return err
			}
			if n := r.Count(doctor.Fail); n > 0 {
				return fmt.Errorf("doctor: %d of %d checks failed", n, len(r.Checks))
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	c.Flags().BoolVar(&data, "data", false, "read the sources whole and compare them with the ledgers")
	c.Flags().StringVar(&f.source, "source", "", "with --data: only this source")
	c.Flags().StringVar(&f.stream, "stream", "", "with --data: only this stream")
	return c
}

// checkAll looks at everything but the data.
func (a *app) checkAll(ctx context.Context, r *doctor.Report) error {
	file := a.cfg.File()
	if file == "" {
		file = "none: the defaults hold"
	}
	r.Add(doctor.Check{Area: "configuration", Name: "file", Status: doctor.OK, Detail: file})
	if links := string(a.cfg.Metrics.Links); links != "" {
		n, err := pipeline.Links(a.cfg)
		r.Note("configuration", "links", fmt.Sprintf("%d in %s", n, links), err)
	}
	r.Add(doctor.Data(a.data()))
	r.Add(a.engine.Check(ctx)...)
	err := a.locked(ctx, "doctor", false, func() error {
		err := a.checkSources(ctx, r)
		a.checkCost(ctx, r)
		return err
	})
	if errors.Is(err, duckdb.ErrLocked) {
		r.Add(doctor.Check{Area: "sources", Name: "all", Status: doctor.Skipped, Detail: err.Error()})
	} else if err != nil {
		r.Note("sources", "all", "", err)
	}
	a.checkBuild(r)
	return ctx.Err()
}

// checkSources asks each source what it can be asked. The caller holds the lock.
func (a *app) checkSources(ctx context.Context, r *doctor.Report) (err error) {
	sources, closeSources, err := a.sources()
	if err != nil {
		return err
	}
	defer closeSources()
	var ledger extract.Ledger = emptyLedger{}
	store, openErr := a.engine.Existing(ctx)
	switch {
	case openErr != nil:
		r.Note("warehouse", "ledgers", "", openErr)
		return nil
	case store == nil:
		r.Add(doctor.Check{Area: "warehouse", Name: "ledgers", Status: doctor.OK, Detail: "nothing has been read yet"})
	default:
		defer func() { err = errors.Join(err, store.Close()) }()
		r.Note("warehouse", "ledgers", a.engine.Where(), nil)
		ledger = pipeline.Ledger(store)
	}
	in := extract.Input{RunAt: a.clock().Truncate(time.Microsecond), Ledger: ledger}
	for _, s := range sources {
		reached := true
		for _, look := range s.Looks {
			detail, err := look.At(ctx, in)
			r.Note(s.Name, look.Name, detail, err)
			reached = reached && !errors.Is(err, extract.ErrUnauthorized) && !errors.Is(err, extract.ErrUnreachable)
		}
		if !reached {
			r.Add(doctor.Check{Area: s.Name, Name: "streams", Status: doctor.Skipped, Detail: "not asked"})
			continue
		}
		r.Add(doctor.Streams(ctx, s, in)...)
		for _, q := range s.Quotas() {
			r.Add(doctor.Check{Area: s.Name, Name: strings.TrimSpace("budget " + q.Bucket), Status: doctor.OK, Detail: fmt.Sprintf("%d of %d left", q.Remaining, q.Limit)})
		}
	}
	return nil
}

// checkCost says what a build reads, where that is paid for and nothing else stands in the way. The caller holds the lock.
func (a *app) checkCost(ctx context.Context, r *doctor.Report) {
	if r.Count(doctor.Fail) > 0 {
		return
	}
	cost, err := a.engine.Cost(ctx)
	switch {
	case errors.Is(err, pipeline.ErrNoCost):
	case err != nil:
		r.Note("cost", "build", "", err)
	default:
		for _, line := range cost.Lines() {
			r.Note("cost", line.Name, line.Detail(), nil)
		}
		r.Note("cost", "month", cost.Summary(), nil)
	}
}

// checkBuild looks at the published build and what its checks say.
func (a *app) checkBuild(r *doctor.Report) {
	s, err := pipeline.ReadStatus(a.data())
	switch {
	case err != nil:
		r.Note("build", "published", "", err)
	case s.Build == nil && s.Failure != nil:
		r.Add(doctor.Check{Area: "build", Name: "published", Status: doctor.Fail, Detail: "the first build failed: " + s.Failure.Error})
	case s.Build == nil:
		r.Add(doctor.Check{Area: "build", Name: "published", Status: doctor.Warn, Detail: "nothing has been built yet", Fix: "fourfold run"})
	case s.Failure != nil:
		r.Add(doctor.Check{Area: "build", Name: "published", Status: doctor.Fail, Detail: "the last build failed, and " + s.Build.ID + " stays: " + s.Failure.Error})
	default:
		r.Add(doctor.Check{Area: "build", Name: "published", Status: doctor.OK, Detail: s.Build.ID})
	}
}

// checkTruth compares the sources with the ledgers. The caller holds the lock.
func (a *app) checkTruth(ctx context.Context, sel pipeline.Selection, r *doctor.Report) (err error) {
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
	status, err := pipeline.ReadStatus(a.data())
	if err != nil {
		return err
	}
	store, err := a.engine.Existing(ctx)
	if err == nil && store == nil {
		store, err = a.engine.Open(ctx)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	progress := newProgress(a.err, a.log)
	defer progress.end()
	s := pipeline.Sync{Warehouse: store, Sources: sources, Policy: policy, Log: a.log, Progress: progress, Clock: a.clock}
	all, err := s.Reconcile(ctx, pipeline.RunID(a.clock()), sel, func(source, stream string) time.Time {
		return status.Streams[source+"/"+stream].FreshAt
	})
	if err != nil {
		return err
	}
	r.Add(doctor.Reconciled(all)...)
	return nil
}

// emptyLedger is a ledger in which nothing has landed.
type emptyLedger struct{}

func (emptyLedger) Lookup(context.Context, *transform.Table, string, []string) (map[string]string, error) {
	return map[string]string{}, nil
}

func (emptyLedger) Scan(context.Context, *transform.Table, ...string) iter.Seq2[extract.Object, error] {
	return func(func(extract.Object, error) bool) {}
}
