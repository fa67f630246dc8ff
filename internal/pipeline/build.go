package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strconv"
	"time"

	"fourfold/internal/config"
	"fourfold/load"
)

// Builds is where builds are made and published.
type Builds interface {
	// Prepare makes ready for a build; asOf is zero for one of now. Done is called after it, whatever comes.
	Prepare(ctx context.Context, id string, asOf time.Time) error
	// Held gives a context that ends, with why as its cause, when another build has what was prepared.
	Held(ctx context.Context) context.Context
	// Target is how dbt reaches what was prepared.
	Target(ctx context.Context) (load.Target, error)
	// Keep gives the finished build its id, and says where it is.
	Keep(ctx context.Context, id string) (where string, err error)
	Publish(ctx context.Context, p load.Publication) error
	// Discard removes what was prepared, where it came to nothing.
	Discard(ctx context.Context) error
	Done(ctx context.Context) error
	// Published gives the published build, if it is there.
	Published(ctx context.Context) (load.Publication, error)
	// Carried is what Carry noted last of the tables that builds go on from; nil if nothing is known of them.
	Carried(ctx context.Context) (json.RawMessage, error)
	Carry(ctx context.Context, note json.RawMessage) error
}

// Build is the second half of a round: the commit graph and dbt from the ledgers to marts, and their publication. The caller holds the lock
// of the data directory, and the ledgers are closed.
type Build struct {
	Config  *config.Config
	Project fs.FS // the dbt project
	Builds  Builds
	// OpenShip opens the ledgers as of an instant, and the build that was prepared.
	OpenShip func(ctx context.Context, asOf time.Time) (ShipStore, error)
	// Mark says what the ledgers hold now, and the newest observation in them.
	Mark func(ctx context.Context) (mark string, latest time.Time, err error)
	// Estimate says what a query would read, and EstimateShip gives a store whose queries are only estimated, and what all of
	// them come to; nil where reading costs nothing.
	Estimate     func(ctx context.Context, sql string) (load.Estimate, error)
	EstimateShip func(asOf time.Time) (store ShipStore, sum func(ctx context.Context) (load.Estimate, error))

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
	} else if id, ok := b.current(ctx, wanted); ok && !req.Force {
		return BuildResult{ID: id, AsOf: asOf, Skipped: "nothing has changed since build " + id}, b.forgive()
	}
	res, err := b.build(ctx, wanted, req)
	if err != nil && ctx.Err() == nil {
		err = errors.Join(err, update(b.dir(), b.Version, func(s *Status) { s.Failure = &BuildFailure{At: started, Error: err.Error()} }))
	}
	return res, err
}

// build makes a build and publishes it.
func (b *Build) build(ctx context.Context, wanted BuildStatus, req BuildRequest) (res BuildResult, err error) {
	publish := req.AsOf.IsZero() || req.Publish
	tidy := context.WithoutCancel(ctx) // after an interrupt, too
	defer func() { err = errors.Join(err, b.Builds.Done(tidy)) }()
	where, marts, err := b.make(ctx, wanted, req)
	if err != nil {
		return BuildResult{}, errors.Join(err, b.Builds.Discard(tidy))
	}
	wanted.Seconds = b.Clock().Sub(wanted.BuiltAt).Seconds()
	res = BuildResult{ID: wanted.ID, Path: where, AsOf: wanted.AsOf, Seconds: wanted.Seconds}
	if !publish {
		return res, nil
	}
	note, err := json.Marshal(wanted)
	if err != nil {
		return BuildResult{}, err
	}
	if err := b.Builds.Publish(ctx, load.Publication{ID: wanted.ID, Marts: marts, Note: note}); err != nil {
		return BuildResult{}, err
	}
	b.Log.Info("build", "id", wanted.ID, "as_of", wanted.AsOf, "seconds", wanted.Seconds)
	return res, update(b.dir(), b.Version, func(s *Status) { s.Build, s.Failure = &wanted, nil })
}

// forgive forgets a build that failed, where what is published is what it would have been.
func (b *Build) forgive() error {
	if s, err := ReadStatus(b.dir()); err != nil || s.Failure == nil {
		return err
	}
	return update(b.dir(), b.Version, func(s *Status) { s.Failure = nil })
}

func (b *Build) dir() string { return string(b.Config.Data) }

// current reports whether the published build is what the wanted one would be. What is known of it is with it, or in the
// status of the data directory.
func (b *Build) current(ctx context.Context, wanted BuildStatus) (id string, ok bool) {
	have, ok := b.published(ctx)
	if !ok {
		return "", false
	}
	return have.ID, have.Mark == wanted.Mark && have.ConfigHash == wanted.ConfigHash && have.Version == wanted.Version && have.LocalDate == wanted.LocalDate
}

// published is what is known of the published build.
func (b *Build) published(ctx context.Context) (have BuildStatus, ok bool) {
	p, err := b.Builds.Published(ctx)
	if err != nil {
		return have, false
	}
	if len(p.Note) > 0 {
		err = json.Unmarshal(p.Note, &have)
	} else if s, readErr := ReadStatus(b.dir()); readErr != nil || s.Build == nil {
		return have, false
	} else {
		have = *s.Build
	}
	return have, err == nil && have.ID == p.ID
}

// make walks the commit graph and runs dbt into a new build, and keeps it.
func (b *Build) make(ctx context.Context, wanted BuildStatus, req BuildRequest) (where string, marts []load.Mart, err error) {
	command, err := FindDBT(string(b.Config.DBT.Command))
	if err != nil {
		return "", nil, err
	}
	project := filepath.Join(b.dir(), "dbt")
	if err := b.unpack(project, wanted, command); err != nil {
		return "", nil, err
	}
	asOf := time.Time{}
	if !req.AsOf.IsZero() {
		asOf = wanted.AsOf
	}
	if err := b.Builds.Prepare(ctx, wanted.ID, asOf); err != nil {
		return "", nil, err
	}
	caller := ctx
	ctx = b.Builds.Held(ctx)
	defer func() {
		if err != nil && caller.Err() == nil && ctx.Err() != nil { // what else is said came of it
			err = context.Cause(ctx)
		}
	}()
	if err := b.ship(ctx, wanted.AsOf); err != nil {
		return "", nil, err
	}
	target, err := b.Builds.Target(ctx)
	if err != nil {
		return "", nil, err
	}
	err = b.run(ctx, b.dbt(command, project, target), target, wanted, req)
	if target.Release != nil {
		err = errors.Join(err, target.Release())
	}
	if err != nil {
		return "", nil, err
	}
	if marts, err = martsOf(project); err != nil {
		return "", nil, err
	}
	where, err = b.Builds.Keep(ctx, wanted.ID)
	return where, marts, err
}

// unpack writes the project with what the configuration says and what changes at every build.
func (b *Build) unpack(project string, wanted BuildStatus, command string) error {
	if err := unpack(b.Project, project); err != nil {
		return err
	}
	links, err := linksSeed(b.Config)
	if err != nil {
		return err
	}
	seeds := append(configSeeds(b.Config), links, buildSeed(b.Config, wanted.ID, wanted.BuiltAt, wanted.AsOf, b.Version, dbtVersion(command)))
	for _, s := range seeds {
		if err := s.write(project); err != nil {
			return err
		}
	}
	return nil
}

// dbt is a run of dbt in an unpacked project.
func (b *Build) dbt(command, project string, target load.Target) dbt {
	return dbt{command: command, project: project, target: target.Name, output: b.Output, patience: dbtPatience, env: append([]string{
		"FOURFOLD_DBT_THREADS=" + strconv.Itoa(b.Config.DBT.Threads),
		"FOURFOLD_TIMEZONE=" + b.Config.Timezone.String(),
		"FOURFOLD_WEEK_START=" + string(b.Config.WeekStart),
		"DO_NOT_TRACK=1",
	}, target.Env...)}
}
