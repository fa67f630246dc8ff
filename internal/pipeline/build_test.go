package pipeline

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fourfold/load/duckdb"
)

// newBuild makes a build of a ledger with a script in place of dbt; what it logs goes to log.
func newBuild(t *testing.T, l *githubLedger, config, script string, log *bytes.Buffer) *Build {
	t.Helper()
	c := loadConfig(t, "data: "+l.dir+"\ndbt: {command: "+program(t, filepath.Join(t.TempDir(), "dbt"), script)+"}\n"+config)
	builds := duckdb.Making{Builds: duckdb.Builds{Dir: l.dir}, Options: duckdb.Options{MemoryLimit: 1 << 30, Threads: 2}}
	return &Build{
		Config: c, Project: fstest.MapFS{"seeds/config/.keep": {}}, Builds: builds,
		OpenShip: func(ctx context.Context, asOf time.Time) (ShipStore, error) {
			return duckdb.OpenShip(ctx, l.dir, builds.Next(), asOf, duckdb.Options{})
		},
		Mark:    func(ctx context.Context) (string, time.Time, error) { return duckdb.Mark(ctx, l.dir, duckdb.Limits{}) },
		Version: "v1", Log: slog.New(slog.NewTextHandler(log, nil)), Output: io.Discard, Clock: func() time.Time { return start.Add(5 * time.Hour) },
	}
}

const buildConfig = "sources: {github: {repositories: [{name: acme/*}]}}\nservices: [{name: api}]\n"

func TestABuildHasTheTablesOfTheCommitGraphBeforeDBTBegins(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("1", "a", "b a"), repo("1", "acme/api"), deploy(1, "1", "production", "a", 10), deploy(2, "1", "production", "b", 20))...)
	var log bytes.Buffer
	b := newBuild(t, l, buildConfig, `test -s "$FOURFOLD_BUILD_PATH" && ! test -s "$FOURFOLD_BUILD_PATH.wal"`, &log)
	res, err := b.Run(t.Context(), BuildRequest{})
	if err != nil {
		t.Fatal(err)
	}
	l.path = res.Path
	same(t, "commits", l.query("select * from shipped_commits"), []string{"api 1 production b deployments:2 false"})
	for _, want := range []string{"commit graph", "repositories=1 commits=2 deployments=2"} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("the log does not say %q once:\n%s", want, log.String())
		}
	}
	again, err := b.Run(t.Context(), BuildRequest{})
	if err != nil || again.Skipped == "" {
		t.Errorf("nothing has changed: %+v, %v", again, err)
	}
	b.Config = loadConfig(t, "data: "+l.dir+"\ndbt: {command: "+string(b.Config.DBT.Command)+"}\nsources: {github: {repositories: [{name: acme/*, service: web}]}}\n")
	b.Clock = func() time.Time { return start.Add(6 * time.Hour) }
	renamed, err := b.Run(t.Context(), BuildRequest{})
	if err != nil || renamed.Skipped != "" {
		t.Fatalf("another service: %+v, %v", renamed, err)
	}
	l.path = renamed.Path
	same(t, "commits", l.query("select * from shipped_commits"), []string{"web 1 production b deployments:2 false"})
}

func TestABuildIsSkippedOnlyWhereThePublishedOneIsThereAndOfNow(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("1", "a"), repo("1", "acme/api"), deploy(1, "1", "production", "a", 10))...)
	var log bytes.Buffer
	b := newBuild(t, l, buildConfig, "exit 0", &log)
	hours := 5
	build := func(req BuildRequest) BuildResult {
		t.Helper()
		hours++
		b.Clock = func() time.Time { return start.Add(time.Duration(hours) * time.Hour) }
		res, err := b.Run(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	build(BuildRequest{})
	build(BuildRequest{AsOf: start.Add(6 * time.Hour), Publish: true})
	res := build(BuildRequest{})
	if res.Skipped != "" {
		t.Errorf("a build of the past was published, and stays: %s", res.Skipped)
	}
	if again := build(BuildRequest{}); again.Skipped == "" {
		t.Error("nothing has changed, and it is built")
	}
	if err := os.Remove(res.Path); err != nil {
		t.Fatal(err)
	}
	if again := build(BuildRequest{}); again.Skipped != "" {
		t.Errorf("the published build is gone: %s", again.Skipped)
	}
}

func TestAFailureBeforeDBTLeavesNothingBehind(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, repo("1", "acme/api"))
	var log bytes.Buffer
	b := newBuild(t, l, buildConfig, "touch "+l.dir+"/dbt-ran", &log)
	open, broken := b.OpenShip, errors.New("the disk is gone")
	b.OpenShip = func(ctx context.Context, asOf time.Time) (ShipStore, error) {
		store, err := open(ctx, asOf)
		return brokenStore{store, broken}, err
	}
	if _, err := b.Run(t.Context(), BuildRequest{}); !errors.Is(err, broken) || !strings.Contains(err.Error(), "commit graph") {
		t.Errorf("%v", err)
	}
	left, err := filepath.Glob(l.dir + "/builds/*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := os.Stat(l.dir + "/dbt-ran"); err == nil {
		t.Error("dbt was run")
	}
	s, err := ReadStatus(l.dir)
	if err != nil || s.Failure == nil || !strings.Contains(s.Failure.Error, "the disk is gone") {
		t.Errorf("status %+v, %v", s.Failure, err)
	}
}

// brokenStore cannot count commits.
type brokenStore struct {
	ShipStore
	err error
}

func (s brokenStore) CommitCounts(context.Context) (map[string]int, error) { return nil, s.err }

// losing is where another build begins as soon as this one's dbt does.
type losing struct {
	duckdb.Making
	taken error
	lose  context.CancelCauseFunc
}

func (l *losing) Held(ctx context.Context) context.Context {
	ctx, l.lose = context.WithCancelCause(ctx)
	return ctx
}

func (l *losing) Write(p []byte) (int, error) {
	l.lose(l.taken)
	return len(p), nil
}

func TestABuildEndsWhenAnotherHasWhatItIsMadeIn(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("1", "a"), repo("1", "acme/api"), deploy(1, "1", "production", "a", 10))...)
	var log bytes.Buffer
	b := newBuild(t, l, buildConfig, "trap 'touch "+l.dir+"/ended; exit 130' INT; echo ready; while :; do sleep 0.05; done", &log)
	losing := &losing{Making: b.Builds.(duckdb.Making), taken: errors.New("another build has it")}
	b.Builds, b.Output = losing, losing
	if _, err := b.Run(t.Context(), BuildRequest{}); !errors.Is(err, losing.taken) || errors.Is(err, context.Canceled) {
		t.Errorf("%v: want why it ended, and that alone", err)
	}
	if _, err := os.Stat(l.dir + "/ended"); err != nil {
		t.Errorf("dbt was not interrupted: %v", err)
	}
	s, err := ReadStatus(l.dir)
	if err != nil || s.Failure == nil || !strings.Contains(s.Failure.Error, "another build has it") {
		t.Errorf("status %+v, %v", s.Failure, err)
	}
}
