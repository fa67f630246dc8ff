package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	duck "github.com/duckdb/duckdb-go/v2"
)

// kept is the number of builds that stay: readers of the one before the last may still be at it.
const kept = 3

// publishedLink is the name of the link to the published build.
const publishedLink = "marts.duckdb"

// Builds is the part of a data directory that readers see: builds/<id>.duckdb and the link marts.duckdb to one of them.
type Builds struct{ Dir string }

// Path is the file of a build that is being made, or of one that is there.
func (b Builds) Path(id string) string { return filepath.Join(b.Dir, "builds", id+".duckdb") }

// Create makes the empty file of a new build, writes the statements into it and closes it.
func (b Builds) Create(ctx context.Context, id string, statements ...string) error {
	if err := os.MkdirAll(filepath.Join(b.Dir, "builds"), 0o755); err != nil {
		return fmt.Errorf("make builds: %w", err)
	}
	db, err := sql.Open("duckdb", b.Path(id)+"?autoinstall_known_extensions=false&autoload_known_extensions=false")
	if err != nil {
		return fmt.Errorf("duckdb: create build %s: %w", id, err)
	}
	for _, q := range statements {
		if _, err = db.ExecContext(ctx, q); err != nil {
			err = fmt.Errorf("duckdb: create build %s: %w", id, err)
			break
		}
	}
	if err == nil {
		err = db.PingContext(ctx)
	}
	return errors.Join(err, db.Close())
}

// Publish makes a finished build the one that readers open, in one step, and removes the oldest ones.
func (b Builds) Publish(id string) error {
	path := b.Path(id)
	if err := os.Chmod(path, 0o444); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	link := filepath.Join(b.Dir, publishedLink)
	next := link + ".next"
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("publish: %w", err)
	}
	if err := os.Symlink(filepath.Join("builds", id+".duckdb"), next); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := os.Rename(next, link); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return b.prune(id)
}

// Discard removes a build that is not to be published.
func (b Builds) Discard(id string) error {
	return errors.Join(removeIfThere(b.Path(id)), removeIfThere(b.Path(id)+".wal"))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// prune keeps the newest builds; their ids sort by time.
func (b Builds) prune(published string) error {
	files, err := filepath.Glob(filepath.Join(b.Dir, "builds", "*.duckdb"))
	if err != nil {
		return err
	}
	slices.Sort(files)
	slices.Reverse(files)
	var errs []error
	for i, f := range files {
		id := strings.TrimSuffix(filepath.Base(f), ".duckdb")
		if i >= kept && id != published {
			errs = append(errs, b.Discard(id))
		}
	}
	return errors.Join(errs...)
}

// ErrNoBuild says that nothing has been published yet.
var ErrNoBuild = errors.New("nothing has been built yet")

// Published gives the id and the file of the published build. A reader resolves it anew for each piece of work, and
// opens the file and not the link: DuckDB gives one process the old file again under the same name.
func (b Builds) Published() (id, path string, err error) {
	target, err := os.Readlink(filepath.Join(b.Dir, publishedLink))
	if errors.Is(err, os.ErrNotExist) {
		return "", "", fmt.Errorf("%s: %w: run `fourfold run`", b.Dir, ErrNoBuild)
	}
	if err != nil {
		return "", "", fmt.Errorf("find the published build: %w", err)
	}
	return strings.TrimSuffix(filepath.Base(target), ".duckdb"), filepath.Join(b.Dir, target), nil
}

// Limits bound what a query from a person may use.
type Limits struct {
	MemoryLimit string // "512MiB"
	Threads     int
}

// OpenReadOnly opens a DuckDB file for people's SQL: nothing can be written, no other file or address can be reached,
// and no setting changed.
func OpenReadOnly(path string, l Limits) (*sql.DB, error) {
	if l.MemoryLimit == "" {
		l.MemoryLimit = "512MiB"
	}
	if l.Threads == 0 {
		l.Threads = 2
	}
	dsn := fmt.Sprintf("%s?access_mode=read_only&enable_external_access=false&autoinstall_known_extensions=false&autoload_known_extensions=false"+
		"&memory_limit=%s&threads=%d&max_temp_directory_size=1GiB&TimeZone=UTC&lock_configuration=true", path, l.MemoryLimit, l.Threads)
	connector, err := duck.NewConnector(dsn, nil)
	if err != nil {
		return nil, fmt.Errorf("duckdb: open %s: %w", path, err)
	}
	return sql.OpenDB(connector), nil
}
