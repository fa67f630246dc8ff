package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"fourfold/internal/shell"
	"fourfold/load"
)

// sqlFlags are those of fourfold sql.
type sqlFlags struct {
	format, out string
	raw         bool
	limit       int
	timeout     time.Duration
}

func newSQL(o *options) *cobra.Command {
	var f sqlFlags
	c := &cobra.Command{
		Use:   `sql ["select ..." | .tables | .schema [TABLE]]`,
		Short: "Ask the published marts, or with --raw the ledgers: one SELECT, or at a prompt",
		Long: `Run one SELECT over the published marts by their bare names (fct_incidents, four_keys, ...), read only.
With --raw it runs over the ledgers (incidentio_incidents, rejected, runs, ...), and waits for a run that uses them.

Without an argument it is a prompt, with a history, completion by Tab and the commands that .help lists; where the input
is no terminal, or with -, the statement is read from standard input. .tables lists the tables, .schema what their columns
are and mean. docs/sql.md has questions to begin with.`,
		Example: `  fourfold sql "select * from four_keys where metric = 'lead_time_median_seconds' limit 5"
  fourfold sql .schema fct_incidents
  fourfold sql --out incidents.parquet "select * from fct_incidents"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && strings.HasPrefix(args[0], ".") {
				return nil
			}
			return cobra.MaximumNArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("format") {
				f.format = shell.FormatOf(f.out, f.format)
			}
			if err := f.check(); err != nil {
				return usageError{err}
			}
			if len(args) == 0 && term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) {
				a, err := o.load()
				if err != nil {
					return err
				}
				return a.prompt(cmd.Context(), f)
			}
			q := strings.Join(args, " ")
			if strings.HasPrefix(q, ".") {
				if err := shell.Alone(q); err != nil {
					return usageError{err}
				}
			} else {
				if q == "" || q == "-" {
					text, err := io.ReadAll(os.Stdin)
					if err != nil {
						return err
					}
					q = string(text)
				}
				if strings.TrimSpace(q) == "" {
					return usageError{errors.New(`there is no statement: fourfold sql "select ..."`)}
				}
			}
			if f.format == "parquet" && f.out == "" {
				return usageError{errors.New("--format parquet needs --out FILE: it is no text")}
			}
			a, err := o.load()
			if err != nil {
				return err
			}
			return a.sql(cmd.Context(), q, f)
		},
	}
	c.Flags().StringVar(&f.format, "format", "table", strings.Join(shell.Formats, ", ")+"; with --out, by its ending")
	c.Flags().StringVar(&f.out, "out", "", "file to write the answer to")
	c.Flags().BoolVar(&f.raw, "raw", false, "over the ledgers in place of the marts")
	c.Flags().IntVar(&f.limit, "limit", 0, "rows to show at most; 0 is all")
	c.Flags().DurationVar(&f.timeout, "timeout", 5*time.Minute, "longest that the statement may take; 0 is no limit")
	return c
}

func (f sqlFlags) check() error {
	if err := shell.CheckFormat(f.format); err != nil {
		return fmt.Errorf("--format %w", err)
	}
	if f.timeout < 0 {
		return errors.New("--timeout must not be below 0 (0 is no limit)")
	}
	if f.limit < 0 {
		return errors.New("--limit must not be below 0 (0 is no limit)")
	}
	return nil
}

// sql runs one statement, or says what a command that begins with a dot does.
func (a *app) sql(ctx context.Context, q string, f sqlFlags) error {
	if strings.HasPrefix(q, ".") {
		s, err := a.shell(f)
		if err != nil {
			return err
		}
		if f.out != "" {
			return s.CommandTo(ctx, f.out, q)
		}
		_, err = s.Command(ctx, q)
		return err
	}
	show := func(rows *load.Rows, err error) error {
		if err == nil && f.out != "" {
			_, err = shell.AnswerFile(f.out, f.format, rows, f.limit)
		} else if err == nil {
			_, err = shell.Answer(a.out, f.format, rows, f.limit)
		}
		return err
	}
	if f.raw {
		return a.rawSQL(ctx, q, f.timeout, show)
	}
	p, err := newPublished(ctx, a)
	if err != nil {
		return err
	}
	err = bounded(ctx, f.timeout, func(ctx context.Context) error { return show(p.Query(ctx, q)) })
	return errors.Join(err, p.reader.Close())
}

func (a *app) rawSQL(ctx context.Context, q string, timeout time.Duration, show func(*load.Rows, error) error) error {
	return a.locked(ctx, "sql --raw", true, func() error {
		return bounded(ctx, timeout, func(ctx context.Context) error { return a.engine.Raw(ctx, q, show) })
	})
}

// bounded has something end in time. The time runs while a statement does: waiting for the lock does not count.
func bounded(ctx context.Context, timeout time.Duration, f func(ctx context.Context) error) error {
	inTime, cancel := ctx, context.CancelFunc(func() {})
	if timeout > 0 {
		inTime, cancel = context.WithTimeout(ctx, timeout)
	}
	defer cancel()
	err := f(inTime)
	if err != nil && inTime.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("query: ended after %s: raise --timeout (0 is no limit), or ask for less", timeout)
	}
	return err
}
