package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"fourfold/internal/config"
)

// Builds is where builds are made and published.
type Builds interface {
	Prepare() error
	Next() string // the file that a build is made in
	Keep(id string) (path string, err error)
	Publish(id string) error
	Discard() error
	Published() (id, path string, err error)
}

// Build is the second half of a round: the commit graph and dbt from the ledgers to marts, and their publication. The caller holds the lock
// of the data directory, and the ledgers are closed.
type Build struct {
	Config  *config.Config
	Project fs.FS // the dbt project
	Builds  Builds
	RawPath string
	// OpenShip opens the ledgers as of an instant, and the file that a build is made in.
	OpenShip func(ctx context.Context, asOf time.Time) (ShipStore, error)
	// Mark says what the ledgers hold now, and the newest observation in them.
	Mark    func(ctx context.Context) (mark string, latest time.Time, err error)
	Version string
	Log     *slog.Logger
	Output  io.Writer // what dbt prints
	Clock   func() time.Time
}

// BuildRequest says which build is wanted.
type BuildRequest struct {
	AsOf    time.Time // zero is now
	Publish bool      // with AsOf: make it the published build
	Force   bool      // build even if nothing changed
}

// BuildResult says what was built.
type BuildResult struct {
	ID      string
	Path    string
	AsOf    time.Time
	Seconds float64
	// Skipped is why nothing was built: ID is then the published build.
	Skipped string
}

// Run makes a build. If it fails, what was published stays.
func (b *Build) Run(ctx context.Context, req BuildRequest) (BuildResult, error) {
	started := b.Clock().UTC().Truncate(time.Microsecond)
	mark, latest, err := b.Mark(ctx)
	if err != nil {
		return BuildResult{}, err
	}
	asOf := started
	if latest.After(asOf) {
		asOf = latest
	}
	past := !req.AsOf.IsZero()
	if past {
		asOf = req.AsOf.UTC().Truncate(time.Microsecond)
		if asOf.After(started) {
			return BuildResult{}, fmt.Errorf("build --as-of %s: that is in the future", asOf.Format(time.RFC3339))
		}
	}
	wanted := BuildStatus{
		ID: RunID(started), AsOf: asOf, BuiltAt: started, Mark: mark, ConfigHash: b.Config.Hash(), Version: b.Version,
		LocalDate: asOf.In(b.Config.Timezone.Location).Format(time.DateOnly),
	}
	if past {
		wanted.Mark = "" // of the past nothing is known, so that a build of now is never taken for the same
		wanted.ID = "as-of-" + RunID(asOf) + "-built-" + wanted.ID
	} else if id, ok := b.current(wanted); ok && !req.Force {
		return BuildResult{ID: id, AsOf: asOf, Skipped: "nothing has changed since build " + id}, nil
	}
	path, err := b.make(ctx, wanted)
	if err != nil {
		err = errors.Join(err, b.Builds.Discard())
		if ctx.Err() == nil {
			err = errors.Join(err, update(b.dir(), b.Version, func(s *Status) { s.Failure = &BuildFailure{At: started, Error: err.Error()} }))
		}
		return BuildResult{}, err
	}
	wanted.Seconds = b.Clock().Sub(started).Seconds()
	res := BuildResult{ID: wanted.ID, Path: path, AsOf: asOf, Seconds: wanted.Seconds}
	if past && !req.Publish {
		return res, nil
	}
	if err := b.Builds.Publish(wanted.ID); err != nil {
		return BuildResult{}, err
	}
	b.Log.Info("build", "id", wanted.ID, "as_of", asOf, "seconds", wanted.Seconds)
	return res, update(b.dir(), b.Version, func(s *Status) { s.Build, s.Failure = &wanted, nil })
}

func (b *Build) dir() string { return string(b.Config.Data) }

// current reports whether the published build is what the wanted one would be.
func (b *Build) current(wanted BuildStatus) (id string, ok bool) {
	id, path, err := b.Builds.Published()
	if err != nil {
		return "", false
	}
	if _, err := os.Stat(path); err != nil {
		return "", false
	}
	s, err := ReadStatus(b.dir())
	if err != nil || s.Build == nil || s.Build.ID != id {
		return "", false
	}
	have := *s.Build
	return id, have.Mark == wanted.Mark && have.ConfigHash == wanted.ConfigHash && have.Version == wanted.Version && have.LocalDate == wanted.LocalDate
}

// make walks the commit graph and runs dbt into a new file, and keeps it.
func (b *Build) make(ctx context.Context, wanted BuildStatus) (string, error) {
	command, err := FindDBT(string(b.Config.DBT.Command))
	if err != nil {
		return "", err
	}
	project := filepath.Join(b.dir(), "dbt")
	if err := unpack(b.Project, project); err != nil {
		return "", err
	}
	links, err := linksSeed(b.Config)
	if err != nil {
		return "", err
	}
	seeds := append(configSeeds(b.Config), links, buildSeed(b.Config, wanted.ID, wanted.BuiltAt, wanted.AsOf, b.Version, dbtVersion(command)))
	for _, s := range seeds {
		if err := s.write(project); err != nil {
			return "", err
		}
	}
	if err := b.Builds.Prepare(); err != nil {
		return "", err
	}
	spill := filepath.Join(b.dir(), "tmp")
	if err := os.MkdirAll(spill, 0o755); err != nil {
		return "", err
	}
	if err := b.ship(ctx, wanted.AsOf); err != nil {
		return "", err
	}
	run := dbt{command: command, project: project, target: "duckdb", output: b.Output, patience: dbtPatience, env: []string{
		"FOURFOLD_RAW_PATH=" + b.RawPath,
		"FOURFOLD_BUILD_PATH=" + b.Builds.Next(),
		"FOURFOLD_TEMP_PATH=" + spill,
		"FOURFOLD_MEMORY_LIMIT=" + strconv.FormatInt(int64(b.Config.Warehouse.MemoryLimit), 10) + "B",
		"FOURFOLD_THREADS=" + strconv.Itoa(b.Config.Warehouse.Threads),
		"FOURFOLD_DBT_THREADS=" + strconv.Itoa(b.Config.DBT.Threads),
		"FOURFOLD_TIMEZONE=" + b.Config.Timezone.String(),
		"FOURFOLD_WEEK_START=" + string(b.Config.WeekStart),
		"DO_NOT_TRACK=1",
	}}
	if err := run.run(ctx, "build", "--exclude-resource-type", "unit_test"); err != nil {
		return "", err
	}
	return b.Builds.Keep(wanted.ID)
}
