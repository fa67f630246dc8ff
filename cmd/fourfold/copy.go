package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"fourfold/internal/config"
	"fourfold/internal/render"
	"fourfold/load"
	"fourfold/load/bigquery"
	"fourfold/load/duckdb"
)

func newCopy(o *options) *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:   "copy --to FILE",
		Short: "Move the ledgers of a DuckDB warehouse to BigQuery, with their whole history",
		Long: `Move all ledgers of the DuckDB warehouse to the BigQuery warehouse that another configuration names, with every
version of every object, the runs, and where each stream stands: the next sync there goes on where the last one here
stopped. Its datasets must have no ledgers of their own.

What was moved is read again and compared, row by row and value by value. A copy that was cut off goes on where it
stopped when it is run again. Nothing is changed here.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return usageError{errors.New("--to is missing: name the configuration whose warehouse is BigQuery")}
			}
			a, err := o.load()
			if err != nil {
				return err
			}
			there, err := options{config: to}.load()
			if err != nil {
				return err
			}
			return a.copy(cmd.Context(), there, to)
		},
	}
	c.Flags().StringVar(&to, "to", "", "configuration whose warehouse the ledgers go to")
	return c
}

// copy moves the ledgers to another app's warehouse.
func (a *app) copy(ctx context.Context, there *app, file string) error {
	if a.cfg.Warehouse.Type != config.DuckDB {
		return usageError{a.cfg.Problem("warehouse.type", "is not duckdb, and a copy begins there", "give --config the configuration of the DuckDB warehouse")}
	}
	if there.cfg.Warehouse.Type != config.BigQuery {
		return usageError{there.cfg.Problem("warehouse.type", "is not bigquery, and a copy goes there", "give --to the configuration of the BigQuery warehouse")}
	}
	return a.locked(ctx, "copy", false, func() error {
		if same(a.data(), there.data()) {
			return a.copyTo(ctx, there, file)
		}
		return there.locked(ctx, "copy", false, func() error { return a.copyTo(ctx, there, file) })
	})
}

// same reports whether two paths are one folder.
func same(x, y string) bool {
	a, errA := os.Stat(x)
	b, errB := os.Stat(y)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// copyTo moves the ledgers. The caller holds the locks of both data directories.
func (a *app) copyTo(ctx context.Context, there *app, file string) (err error) {
	handOver, err := a.sameKey(there)
	if err != nil {
		return err
	}
	if _, err := os.Stat(a.engine.Where()); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("copy: %s: there is nothing to copy: nothing has been synced yet", a.engine.Where())
	}
	from, err := duckdb.Open(ctx, a.data(), embedded{a}.options())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	target := distributed{there}
	c, err := target.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	handedOver := error(nil)
	moved, err := bigquery.Import(ctx, c, from, func(m load.Moved) {
		a.log.Info("copied and compared", "table", m.Table, "rows", m.Rows)
		if handOver != nil { // the other place was found to be empty, and nothing runs there before all of it is there
			handedOver, handOver = handOver(), nil
		}
	})
	if err = errors.Join(err, handedOver); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	total := int64(0)
	err = render.Rows(a.out, "table", []string{"table", "rows"}, func(yield func([]any, error) bool) {
		for _, m := range moved {
			if total += m.Rows; m.Rows > 0 && !yield([]any{m.Table, m.Rows}, nil) {
				return
			}
		}
	}, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%d rows are in %s, each compared with what is here. Go on there: fourfold --config %s run\n", total, target.Where(), file)
	return err
}

// sameKey sees to it that people are hashed there as they were here, and that the ledgers there are of the same policy: with
// another every object would be another. The key that the first run here made goes along by what it returns, when the copy has
// begun.
func (a *app) sameKey(there *app) (handOver func() error, err error) {
	mine, theirs := a.cfg.Privacy, there.cfg.Privacy
	for _, x := range []struct{ key, here, there string }{
		{"privacy.people", string(mine.People), string(theirs.People)},
		{"privacy.private_incidents", string(mine.PrivateIncidents), string(theirs.PrivateIncidents)},
	} {
		if x.here != x.there {
			return nil, usageError{there.cfg.Problem(x.key, fmt.Sprintf("is %s, and the ledgers that are to be copied were made with %s", x.there, x.here), "write "+x.here+" there, too")}
		}
	}
	here, err := a.policy()
	nothing := func() error { return nil }
	if err != nil || len(here.HashKey) == 0 {
		return nothing, err
	}
	path := filepath.Join(there.data(), hashKeyFile)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) || theirs.HashKey.IsSet() {
		then, err := there.policy()
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(here.HashKey, then.HashKey) {
			return nil, usageError{there.cfg.Problem("privacy.hash_key", "is not the one by which the ledgers that are to be copied were made, so that every object would come again as another",
				fmt.Sprintf("take hash_key from %s, or copy %s to %s", a.cfg.File(), filepath.Join(a.data(), hashKeyFile), path))}
		}
		return nothing, nil
	}
	if mine.HashKey.IsSet() {
		return nil, usageError{there.cfg.Problem("privacy.hash_key", "is not given, and the ledgers that are to be copied have one", "write it as in "+a.cfg.File())}
	}
	return func() error {
		if err := os.WriteFile(path, here.HashKey, 0o600); err != nil {
			return fmt.Errorf("copy: hand over the key that people are hashed with: %w", err)
		}
		return nil
	}, nil
}
