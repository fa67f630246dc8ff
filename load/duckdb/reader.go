package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"fourfold/load"
)

// Reader runs people's SQL over published builds. It is safe for concurrent use.
type Reader struct {
	builds Builds
	limits Limits

	mu   sync.Mutex
	open []openBuild // the newest last
}

type openBuild struct {
	id string
	db *sql.DB
}

// openBuilds is how many builds a reader holds open: the published one, and the one before for who is still at it.
const openBuilds = 2

// NewReader reads the builds of a data directory.
func NewReader(dir string, limits Limits) *Reader {
	return &Reader{builds: Builds{dir}, limits: limits}
}

// Published gives the id of the published build, or load.ErrNoBuild.
func (r *Reader) Published(context.Context) (string, error) {
	id, _, err := r.builds.Published()
	return id, err
}

// Query runs one SELECT over the marts of a build that is, or was until lately, the published one.
func (r *Reader) Query(ctx context.Context, build, q string, args ...any) (*load.Rows, error) {
	db, err := r.db(build)
	if err != nil {
		return nil, err
	}
	return QuerySelect(ctx, db, q, args...)
}

func (r *Reader) db(id string) (*sql.DB, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.open {
		if o.id == id {
			return o.db, nil
		}
	}
	path := r.builds.path(id)
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("build %s: %w", id, err)
	}
	db, err := OpenReadOnly(path, r.limits)
	if err != nil {
		return nil, err
	}
	r.open = append(r.open, openBuild{id, db})
	if len(r.open) > openBuilds {
		r.open[0].db.Close()
		r.open = r.open[1:]
	}
	return db, nil
}

// Close ends all queries.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, o := range r.open {
		errs = append(errs, o.db.Close())
	}
	r.open = nil
	return errors.Join(errs...)
}

// OpenRawReadOnly opens the ledgers of a data directory for people's SQL. The caller holds the directory's lock.
func OpenRawReadOnly(dir string, l Limits) (*sql.DB, error) {
	path := filepath.Join(dir, RawFile)
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%s: nothing has been synced yet: run `fourfold sync`", path)
	}
	db, err := OpenReadOnly(path, l)
	if err != nil {
		return nil, err
	}
	var version int
	if err := db.QueryRowContext(context.Background(), `select version from _format`).Scan(&version); err != nil {
		return nil, errors.Join(explain("open", path, err), db.Close())
	}
	if version > formatVersion {
		return nil, errors.Join(newerLayout(path, version), db.Close())
	}
	return db, nil
}
