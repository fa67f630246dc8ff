package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"fourfold/internal/pipeline"
)

func newBuild(o *options) *cobra.Command {
	var asOf string
	var publish, force, dryRun bool
	c := &cobra.Command{
		Use:   "build",
		Short: "Make marts from the ledgers, test them and publish them",
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := o.load()
			if err != nil {
				return err
			}
			req := pipeline.BuildRequest{Publish: publish, Force: force}
			if asOf == "" && publish {
				return usageError{errors.New("--publish goes with --as-of: a build of now is always published")}
			}
			if asOf != "" {
				if req.AsOf, err = parseInstant(asOf, a.cfg); err != nil {
					return usageError{fmt.Errorf("--as-of %w", err)}
				}
				if req.AsOf.After(now()) {
					return usageError{fmt.Errorf("--as-of %s is in the future: leave it out to build what is known now", asOf)}
				}
			}
			if dryRun {
				if asOf != "" || force {
					return usageError{errors.New("--dry-run says what a build of now would read: leave out --as-of and --force")}
				}
				return a.locked(cmd.Context(), "build --dry-run", false, func() error { return a.cost(cmd.Context()) })
			}
			return a.locked(cmd.Context(), "build", false, func() error { return a.build(cmd.Context(), req) })
		},
	}
	c.Flags().StringVar(&asOf, "as-of", "", "build what was known at this date or instant; not published unless --publish is given")
	c.Flags().BoolVar(&publish, "publish", false, "with --as-of: publish the build")
	c.Flags().BoolVar(&force, "force", false, "build even if nothing has changed")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "build nothing: say what each model would read, and what builds cost a month")
	return c
}

// cost says what a build would read. The caller holds the lock.
func (a *app) cost(ctx context.Context) error {
	cost, err := a.engine.Cost(ctx)
	switch {
	case errors.Is(err, pipeline.ErrNoCost):
		fmt.Fprintln(a.out, pipeline.ErrNoCost)
		return nil
	case err != nil:
		return fmt.Errorf("build --dry-run: %w", err)
	}
	return cost.Write(a.out)
}

// build makes marts. The caller holds the lock.
func (a *app) build(ctx context.Context, req pipeline.BuildRequest) error {
	b, release, err := a.engine.Build(ctx)
	if err != nil {
		return err
	}
	res, err := b.Run(ctx, req)
	err = errors.Join(err, release())
	switch {
	case err != nil:
		return fmt.Errorf("build: %w", err)
	case res.Skipped != "":
		a.log.Info("build skipped: " + res.Skipped)
	case !req.AsOf.IsZero() && !req.Publish:
		fmt.Fprintln(a.out, res.Path)
		return nil
	}
	return a.giveRedash()
}

func newRun(o *options) *cobra.Command {
	var f syncFlags
	c := &cobra.Command{
		Use:   "run",
		Short: "One round: sync, then build",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.locked(cmd.Context(), o, "run", (*app).round)
		},
	}
	c.Flags().BoolVar(&f.full, "full", false, "ignore cursors, read everything and look for deletions")
	return c
}

// round syncs and builds. What landed is built even if some streams failed.
func (a *app) round(ctx context.Context, sel pipeline.Selection) error {
	err := a.sync(ctx, sel)
	var partial partialError
	if err != nil && !errors.As(err, &partial) {
		return err
	}
	if buildErr := a.build(ctx, pipeline.BuildRequest{}); buildErr != nil {
		return buildErr
	}
	return err
}
