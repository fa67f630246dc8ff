package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	duck "github.com/duckdb/duckdb-go/v2"

	"fourfold/load"
)

// kept is the number of builds that stay: readers of the one before the last may still be at it.
const kept = 3

// publishedLink is the name of the link to the published build.
const publishedLink = "marts.duckdb"

// Builds is the part of a data directory that readers see: builds/<id>.duckdb and the link marts.duckdb to one of them.
type Builds struct{ Dir string }

func (b Builds) path(id string) string { return filepath.Join(b.Dir, "builds", id+".duckdb") }

// Next is the file that a build is made in. Its name does not change from build to build, so that dbt need not parse
// its project anew.
func (b Builds) Next() string { return filepath.Join(b.Dir, "builds", "next.duckdb") }

// Prepare removes what an earlier build left unfinished.
func (b Builds) Prepare() error {
	if err := os.MkdirAll(filepath.Join(b.Dir, "builds"), 0o755); err != nil {
		return fmt.Errorf("make the folder of builds: %w", err)
	}
	return b.Discard()
}

// Discard removes the build that is being made.
func (b Builds) Discard() error { return remove(b.Next()) }

func remove(path string) error { return errors.Join(removeIfThere(path), removeIfThere(path+".wal")) }

// Keep gives the finished build its id and makes it read-only. It returns the file.
func (b Builds) Keep(id string) (string, error) {
	path := b.path(id)
	// What is in the write-ahead log only would be lost with it.
	if left, err := os.Stat(b.Next() + ".wal"); err == nil && left.Size() > 0 {
		return "", fmt.Errorf("keep build %s: %s was not written to its end, as on a full disk: make room and build again", id, b.Next())
	}
	if err := os.Rename(b.Next(), path); err != nil {
		return "", fmt.Errorf("keep build %s: %w", id, err)
	}
	if err := os.Chmod(path, 0o444); err != nil {
		return "", fmt.Errorf("keep build %s: %w", id, err)
	}
	return path, nil
}

// Publish makes a build that is kept the one that readers open, in one step, and removes the oldest ones.
func (b Builds) Publish(id string) error {
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

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// prune keeps the newest builds; their ids sort by time. Builds as of an earlier time, whose names begin with a letter,
// are whoever asked for them to remove.
func (b Builds) prune(published string) error {
	files, err := filepath.Glob(filepath.Join(b.Dir, "builds", "[0-9]*.duckdb"))
	if err != nil {
		return err
	}
	slices.Sort(files)
	slices.Reverse(files)
	var errs []error
	for i, f := range files {
		id := strings.TrimSuffix(filepath.Base(f), ".duckdb")
		if i >= kept && id != published {
			errs = append(errs, remove(f))
		}
	}
	return errors.Join(errs...)
}

// Published gives the id and the file of the published build. A reader resolves it anew for each piece of work, and
// opens the file and not the link: DuckDB gives one process the old file again under the same name.
func (b Builds) Published() (id, path string, err error) {
	target, err := os.Readlink(filepath.Join(b.Dir, publishedLink))
	if errors.Is(err, os.ErrNotExist) {
		return "", "", fmt.Errorf("%s: %w: run `fourfold run`", b.Dir, load.ErrNoBuild)
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
	path, err := filepath.Abs(path)
	if err == nil {
		err = checkPath(path)
	}
	if err != nil {
		return nil, err
	}
	dsn := fmt.Sprintf("%s?access_mode=read_only&enable_external_access=false&autoinstall_known_extensions=false&autoload_known_extensions=false"+
		"&memory_limit=%s&threads=%d&max_temp_directory_size=1GiB", path, l.MemoryLimit, l.Threads)
	// The time zone is a setting of the ICU extension, which the address cannot give; all settings are locked after it.
	// They are those of the file in this process, so the first connection does it for all.
	var mu sync.Mutex
	locked := false
	connector, err := duck.NewConnector(dsn, func(c driver.ExecerContext) error {
		mu.Lock()
		defer mu.Unlock()
		if locked {
			return nil
		}
		_, err := c.ExecContext(context.Background(), "set global timezone = 'UTC'; set global lock_configuration = true", nil)
		if err != nil && strings.Contains(err.Error(), "configuration has been locked") {
			err = nil // by who has opened the file before
		}
		locked = err == nil
		return err
	})
	if err != nil {
		return nil, explain("open", path, err)
	}
	return sql.OpenDB(connector), nil
}

// checkPath refuses a path that DuckDB's driver would read settings out of, and so open without those that protect it.
func checkPath(path string) error {
	if strings.ContainsAny(path, "?#%") {
		return fmt.Errorf("%s: a path with ?, # or %% cannot be opened: choose another data directory with the key `data`", path)
	}
	return nil
}
