package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fourfold/internal/render"
	"fourfold/load"
)

func newSQL(o *options) *cobra.Command {
	var format string
	var raw bool
	var limit int
	var timeout time.Duration
	c := &cobra.Command{
		Use:   `sql "select ..."`,
		Short: "Run one SELECT over the published marts, or with --raw over the ledgers",
		Long: `Run one SELECT over the published marts by their bare names (fct_incidents, four_keys, ...), read only.
With --raw it runs over the ledgers (incidentio_incidents, rejected, runs, ...), and waits for a run that uses them.
Without an argument, or with -, the statement is read from standard input.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(render.Formats, format) {
				return usageError{fmt.Errorf("--format %q is not known: use one of %s", format, strings.Join(render.Formats, ", "))}
			}
			if timeout < 0 {
				return usageError{errors.New("--timeout must not be below 0 (0 is no limit)")}
			}
			if limit < 0 {
				return usageError{errors.New("--limit must not be below 0 (0 is no limit)")}
			}
			q := "-"
			if len(args) == 1 {
				q = args[0]
			}
			if q == "-" {
				text, err := io.ReadAll(os.Stdin)
				if err != nil {
					return err
				}
				q = string(text)
			}
			if strings.TrimSpace(q) == "" {
				return usageError{errors.New(`there is no statement: fourfold sql "select ..."`)}
			}
			a, err := o.load()
			if err != nil {
				return err
			}
			// The time runs while the statement does: waiting for the lock does not count.
			bounded := func(f func(ctx context.Context) error) error {
				ctx, cancel := cmd.Context(), context.CancelFunc(func() {})
				if timeout > 0 {
					ctx, cancel = context.WithTimeout(ctx, timeout)
				}
				defer cancel()
				err := f(ctx)
				if err != nil && ctx.Err() != nil && cmd.Context().Err() == nil {
					return fmt.Errorf("query: ended after %s: raise --timeout (0 is no limit), or ask for less", timeout)
				}
				return err
			}
			show := func(rows *load.Rows, err error) error {
				if err != nil {
					return err
				}
				return render.Rows(a.out, format, rows.Columns, rows.All, limit)
			}
			if raw {
				return a.locked(cmd.Context(), "sql --raw", true, func() error {
					return bounded(func(ctx context.Context) error { return a.engine.Raw(ctx, q, show) })
				})
			}
			return bounded(func(ctx context.Context) error { return a.martsSQL(ctx, q, show) })
		},
	}
	c.Flags().StringVar(&format, "format", "table", "table, csv or json")
	c.Flags().BoolVar(&raw, "raw", false, "over the ledgers in place of the marts")
	c.Flags().IntVar(&limit, "limit", 0, "rows to show at most; 0 is all")
	c.Flags().DurationVar(&timeout, "timeout", 5*time.Minute, "longest that the statement may take; 0 is no limit")
	return c
}

func (a *app) martsSQL(ctx context.Context, q string, show func(*load.Rows, error) error) error {
	p, err := newPublished(ctx, a)
	if err != nil {
		return err
	}
	return errors.Join(show(p.Query(ctx, q)), p.reader.Close())
}
