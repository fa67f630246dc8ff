package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"fourfold/load"
)

// Making is how package pipeline makes builds in a data directory and publishes them.
type Making struct {
	Builds
	Options Options
}

// Prepare removes what an earlier build left unfinished.
func (m Making) Prepare(context.Context, string, time.Time) error { return m.Builds.Prepare() }

// Held never ends: the data directory has a lock.
func (m Making) Held(ctx context.Context) context.Context { return ctx }

// Target is how dbt reaches the ledgers and the file that a build is made in.
func (m Making) Target(context.Context) (load.Target, error) {
	spill := filepath.Join(m.Dir, "tmp")
	if err := os.MkdirAll(spill, 0o755); err != nil {
		return load.Target{}, fmt.Errorf("make a folder for what does not fit into memory: %w", err)
	}
	return load.Target{Name: "duckdb", Env: []string{
		"FOURFOLD_RAW_PATH=" + filepath.Join(m.Dir, RawFile),
		"FOURFOLD_BUILD_PATH=" + m.Next(),
		"FOURFOLD_TEMP_PATH=" + spill,
		"FOURFOLD_MEMORY_LIMIT=" + strconv.FormatInt(m.Options.MemoryLimit, 10) + "B",
		"FOURFOLD_THREADS=" + strconv.Itoa(m.Options.Threads),
	}}, nil
}

// Keep gives the finished build its id and makes it read-only. It returns the file.
func (m Making) Keep(_ context.Context, id string) (string, error) { return m.Builds.Keep(id) }

// Publish makes a build that is kept the one that readers open.
func (m Making) Publish(_ context.Context, p load.Publication) error { return m.Builds.Publish(p.ID) }

// Discard removes the build that is being made.
func (m Making) Discard(context.Context) error { return m.Builds.Discard() }

// Done has nothing to do: the data directory has a lock.
func (m Making) Done(context.Context) error { return nil }

// Published gives the published build, if its file is there. What is to be known of it is in the directory's status.
func (m Making) Published(context.Context) (load.Publication, error) {
	id, path, err := m.Builds.Published()
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		return load.Publication{}, err
	}
	return load.Publication{ID: id}, nil
}

// Carried is nothing: each build begins in an empty file.
func (m Making) Carried(context.Context) (json.RawMessage, error) { return nil, nil }

// Carry has nothing to note.
func (m Making) Carry(context.Context, json.RawMessage) error { return nil }
