package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"fourfold/internal/config"
	"fourfold/load/duckdb"
)

// giveRedash puts a copy of the published build where redash.duckdb_copy says, by one name for all builds: Redash's queries attach
// it by that. Whoever opens it read-write, which keeps every other process out, so never has ours; who has the copy before open
// keeps that.
func (a *app) giveRedash() error {
	to := string(a.cfg.Redash.DuckDBCopy)
	if to == "" || a.cfg.Warehouse.Type != config.DuckDB {
		return nil
	}
	id, from, err := duckdb.Builds{Dir: a.data()}.Published()
	if err == nil {
		err = copyBuild(id, from, to)
	}
	if err != nil {
		return fmt.Errorf("redash.duckdb_copy: %w", err)
	}
	return nil
}

// copyBuild copies a build to a path, in one step for whoever opens it. Beside it is written which build it is: the file
// itself changes where somebody opens it read-write.
func copyBuild(id, from, to string) (err error) {
	note := to + ".build"
	if was, err := os.ReadFile(note); err == nil && strings.TrimSpace(string(was)) == id {
		if _, err := os.Stat(to); err == nil {
			return nil
		}
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	next := to + ".next"
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666) // as whoever runs this has it by umask
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	if err := os.Remove(note); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(next, to); err != nil {
		return err
	}
	// What a log of the file before says is nothing to this one.
	if err := os.Remove(to + ".wal"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.WriteFile(note, []byte(id+"\n"), 0o644)
}
