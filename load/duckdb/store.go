// Package duckdb is the embedded warehouse: a data directory with raw.duckdb, which sync writes, the builds, and the
// link to the published one. It needs no account and no server.
//
// raw.duckdb is opened only by the holder of the directory's lock and closed before anything else opens it: DuckDB
// keeps every other process out of a file that one writes. Readers of the marts open the published build, which nothing
// writes any more.
package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	duck "github.com/duckdb/duckdb-go/v2"

	"fourfold/load"
	"fourfold/transform"
)

// formatVersion numbers the layout of raw.duckdb. A file with a greater one is not touched.
const formatVersion = 1

// rowGroup is the number of rows that DuckDB compresses at a time. A batch of just so many rows goes to the file
// once, compressed, instead of through the write-ahead log and a checkpoint.
const rowGroup = load.BatchRows

// Options says how much of the machine the engine may use.
type Options struct {
	MemoryLimit int64 // bytes; 0 is 1 GiB
	Threads     int   // 0 is 2
}

func (o Options) settings() []string {
	if o.MemoryLimit == 0 {
		o.MemoryLimit = 1 << 30
	}
	if o.Threads == 0 {
		o.Threads = 2
	}
	return []string{
		utc,
		"set memory_limit = '" + strconv.FormatInt(o.MemoryLimit, 10) + "B'",
		"set threads = " + strconv.Itoa(o.Threads),
		"set preserve_insertion_order = false",
	}
}

const utc = "set timezone = 'UTC'"

// Store is raw.duckdb, open for writing.
type Store struct {
	db     *sql.DB
	conn   *sql.Conn // writes
	reader *sql.Conn // answers what a stream asks while a batch of it lands
	path   string
	page   int          // objects that Scan reads at a time
	scans  atomic.Int64 // numbers the temporary tables of scans
}

var _ load.Warehouse = (*Store)(nil)

// RawFile is the name of the file of ledgers in the data directory.
const RawFile = "raw.duckdb"

// Open opens the ledgers in a data directory and makes them if they are missing. The caller holds the directory's lock.
func Open(ctx context.Context, dir string, opts Options) (*Store, error) {
	limitArenas()
	path := filepath.Join(dir, RawFile)
	connector, err := duck.NewConnector("?autoinstall_known_extensions=false&autoload_known_extensions=false", nil)
	if err != nil {
		return nil, fmt.Errorf("duckdb: %w", err)
	}
	s := &Store{db: sql.OpenDB(connector), path: path, page: scanPage}
	if err := s.open(ctx, dir, opts); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Upgrade adds to the ledgers of a data directory the tables and columns that this version of the program has and they
// have not. The caller holds the directory's lock. Where there are no ledgers yet it does nothing.
func Upgrade(ctx context.Context, dir string, opts Options) error {
	if _, err := os.Stat(filepath.Join(dir, RawFile)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	s, err := Open(ctx, dir, opts)
	if err != nil {
		return err
	}
	return s.Close()
}

func (s *Store) open(ctx context.Context, dir string, opts Options) error {
	var err error
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return fmt.Errorf("duckdb: %w", err)
	}
	statements := append(opts.settings(),
		"set temp_directory = "+quote(filepath.Join(dir, "tmp")),
		fmt.Sprintf("attach %s as raw (row_group_size %d, storage_version 'v1.2.0')", quote(s.path), rowGroup))
	for _, q := range statements {
		if _, err := s.conn.ExecContext(ctx, q); err != nil {
			return s.explain("open", err)
		}
	}
	if s.reader, err = s.db.Conn(ctx); err != nil {
		return fmt.Errorf("duckdb: %w", err)
	}
	// The time zone is the connection's; the other settings are everybody's. Raw tables go by their bare names here, and
	// what the connection makes for itself is still made in memory.
	for _, q := range []string{utc, "set search_path = 'memory.main,raw.main'"} {
		if _, err := s.reader.ExecContext(ctx, q); err != nil {
			return s.explain("open", err)
		}
	}
	return s.prepare(ctx)
}

// prepare makes the tables of the store itself and refuses a file of a later layout.
func (s *Store) prepare(ctx context.Context) error {
	var version int
	err := s.conn.QueryRowContext(ctx, `select coalesce((select count(*) from duckdb_tables() where database_name = 'raw' and table_name = '_format'), 0)`).Scan(&version)
	if err == nil && version > 0 {
		err = s.conn.QueryRowContext(ctx, `select version from raw.main._format`).Scan(&version)
	}
	if err != nil {
		return s.explain("read the layout of", err)
	}
	if version > formatVersion {
		return newerLayout(s.path, version)
	}
	ddl := []string{
		`create table if not exists raw.main._cursors (stream varchar not null, cursor varchar not null, run_id varchar not null)`,
		`create table if not exists raw.main._seen (stream varchar not null, id varchar not null)`,
		`create table if not exists raw.main._clock (observed_at timestamptz not null)`,
		`create table if not exists raw.main._format (version integer not null)`,
		`insert into raw.main._format select ` + strconv.Itoa(formatVersion) + ` where not exists (from raw.main._format)`,
		runsDDL(),
	}
	for _, t := range transform.All() {
		ddl = append(ddl, t.DuckDBDDL("raw.main"))
	}
	return s.tx(ctx, "prepare", func(ctx context.Context) error {
		for _, q := range ddl {
			if _, err := s.conn.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return s.addColumns(ctx)
	})
}

func newerLayout(path string, version int) error {
	return fmt.Errorf("%s: its layout is number %d and this program knows %d: it was %w of fourfold; upgrade the program, or use another data directory",
		path, version, formatVersion, load.ErrNewer)
}

// addColumns adds to ledgers the columns that this version of the program has and the file has not.
func (s *Store) addColumns(ctx context.Context) error {
	have := map[string]string{}
	rows, err := s.conn.QueryContext(ctx, `select table_name || '.' || column_name, lower(data_type) from duckdb_columns() where database_name = 'raw'`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return err
		}
		have[name] = kind
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, t := range transform.All() {
		for _, c := range t.Ledger() {
			switch kind, ok := have[t.Name+"."+c.Name]; {
			case !ok:
				if _, err := s.conn.ExecContext(ctx, fmt.Sprintf("alter table raw.main.%s add column %s %s", t.Name, c.Name, c.DuckDBType())); err != nil {
					return err
				}
			case kind != c.DuckDBType() && (kind != "timestamp with time zone" || c.Type != transform.Instant):
				return fmt.Errorf("column %s.%s is %s in the file and %s in this program: it cannot be changed in place; start a new data directory and load anew",
					t.Name, c.Name, kind, c.DuckDBType())
			}
		}
	}
	return nil
}

// Begin fixes the run's clock.
func (s *Store) Begin(ctx context.Context, runID string, now time.Time) (transform.Run, error) {
	run := transform.Run{ID: runID, At: now.UTC().Truncate(time.Microsecond)}
	err := s.tx(ctx, "begin a run in", func(ctx context.Context) error {
		var last sql.NullTime
		if err := s.conn.QueryRowContext(ctx, `select max(observed_at) from raw.main._clock`).Scan(&last); err != nil {
			return err
		}
		if last.Valid && !run.At.After(last.Time) {
			run.At = last.Time.UTC().Add(time.Microsecond)
		}
		if _, err := s.conn.ExecContext(ctx, `delete from raw.main._clock`); err != nil {
			return err
		}
		_, err := s.conn.ExecContext(ctx, `insert into raw.main._clock values (?)`, run.At)
		return err
	})
	return run, err
}

// Cursor gives a stream's position.
func (s *Store) Cursor(ctx context.Context, stream string) (json.RawMessage, error) {
	var text string
	err := s.conn.QueryRowContext(ctx, `select cursor from raw.main._cursors where stream = ?`, stream).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, s.explain("read the cursor of "+stream+" from", err)
	}
	return json.RawMessage(text), nil
}

// Close writes what is in the write-ahead log to the file and closes it.
func (s *Store) Close() error {
	var errs []error
	for _, c := range []*sql.Conn{s.reader, s.conn} {
		if c != nil {
			errs = append(errs, c.Close())
		}
	}
	errs = append(errs, s.db.Close())
	return errors.Join(errs...)
}

// tx runs f in a transaction, whole or not at all.
func (s *Store) tx(ctx context.Context, doing string, f func(context.Context) error) error {
	if _, err := s.conn.ExecContext(ctx, "begin"); err != nil {
		return s.explain(doing, err)
	}
	err := f(ctx)
	if err == nil {
		_, err = s.conn.ExecContext(ctx, "commit")
	}
	if err != nil {
		// The context may be what ended it; a rollback that fails leaves nothing behind either, since the connection goes.
		_, rollback := s.conn.ExecContext(context.WithoutCancel(ctx), "rollback")
		return errors.Join(s.explain(doing, err), ignoreNoTransaction(rollback))
	}
	return nil
}

func ignoreNoTransaction(err error) error {
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		return nil
	}
	return err
}

// explain adds to an engine's error what it means and what helps.
func (s *Store) explain(doing string, err error) error { return explain(doing, s.path, err) }

func explain(doing, path string, err error) error {
	text := err.Error()
	help := ""
	switch {
	case strings.Contains(text, "No space left on device"):
		help = ": the disk is full: free some space and run again; what had landed before is kept"
	case strings.Contains(text, "File too large") || strings.Contains(text, "Disk quota exceeded"):
		help = ": the file has reached the limit of this user or of the file system: raise it and run again; what had landed before is kept"
	case strings.Contains(text, "Conflicting lock"):
		help = ": another program has the file open: close it and run again"
	case strings.Contains(text, "newer version of DuckDB") || strings.Contains(text, "different version"):
		help = fmt.Sprintf(": it was %v of DuckDB: upgrade fourfold, or use another data directory", load.ErrNewer)
	case errors.Is(err, os.ErrPermission) || strings.Contains(text, "Permission denied"):
		help = ": this user may not write there"
	}
	return fmt.Errorf("duckdb: %s %s%s: %w", doing, path, help, err)
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
