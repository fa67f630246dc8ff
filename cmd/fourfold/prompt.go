package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"

	"golang.org/x/term"

	"fourfold/dbt"
	"fourfold/internal/config"
	"fourfold/internal/shell"
	"fourfold/load"
)

// historyFile is where the prompt of sql keeps what was asked, in the data directory.
const historyFile = "sql_history"

// shell is one without somebody to ask yet: it knows the tables.
func (a *app) shell(f sqlFlags) (*shell.Shell, error) {
	engine := string(a.cfg.Warehouse.Type)
	tables := shell.Ledgers(engine)
	if !f.raw {
		var err error
		if tables, err = shell.Marts(dbt.Project, engine); err != nil {
			return nil, err
		}
		if a.cfg.Warehouse.Type == config.DuckDB {
			tables = append(tables, shell.Shipped(engine)...)
		}
	}
	s := &shell.Shell{
		Tables: tables, Out: a.out, Err: a.err, Format: f.format, Limit: f.limit, Escapes: a.cfg.Warehouse.Type == config.BigQuery,
	}
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w > 0 {
		s.Width = func() int {
			if now, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && now > 0 {
				return now
			}
			return w
		}
	}
	return s, nil
}

// prompt asks for statements on the terminal and answers them, until the end.
func (a *app) prompt(ctx context.Context, f sqlFlags) (err error) {
	if f.out != "" {
		return usageError{errors.New("--out is for one statement: at the prompt, .output FILE writes the next answer to a file")}
	}
	s, err := a.shell(f)
	if err != nil {
		return err
	}
	s.Query = func(ctx context.Context, q string, show func(*load.Rows, error) error) error {
		return a.rawSQL(ctx, q, f.timeout, show)
	}
	if !f.raw {
		p, err := newPublished(ctx, a)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, p.reader.Close()) }()
		fmt.Fprintf(a.err, "Build %s, by bare names.\n", p.build)
		s.Query = func(ctx context.Context, q string, show func(*load.Rows, error) error) error {
			return bounded(ctx, f.timeout, func(ctx context.Context) error { return a.ofNewest(ctx, p, q, show) })
		}
	}
	e, err := shell.OpenEditor(filepath.Join(a.data(), historyFile), func(line string, pos int) (string, []string, string) {
		return shell.Complete(s.Tables, s.Before(), line, pos)
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	var once sync.Once
	s.Remember = func(line string) {
		if err := e.Remember(line); err != nil {
			once.Do(func() { fmt.Fprintln(a.err, err) })
		}
	}
	// An interrupt ends a statement here, and not the program.
	signal.Reset(os.Interrupt)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	s.Interrupts = interrupts
	return s.Run(ctx, func(prompt string) (string, error) { return e.Read(ctx, prompt) })
}

// ofNewest asks the build that is published now, and says when that is another than before.
func (a *app) ofNewest(ctx context.Context, p *published, q string, show func(*load.Rows, error) error) error {
	build, err := p.reader.Published(ctx)
	if err != nil {
		return err
	}
	if build != p.build {
		p.build = build
		fmt.Fprintf(a.err, "Build %s has been published meanwhile; the answer is of it.\n", build)
	}
	return show(p.Query(ctx, q))
}
