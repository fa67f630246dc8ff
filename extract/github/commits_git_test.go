package github

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/extract"
	"fourfold/extract/github/mirror"
	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

func TestARepositoryThatCannotBeReadDoesNotKeepTheOthersFromLanding(t *testing.T) {
	org := fake.Small()
	for name, x := range map[string]struct {
		harm func(w *world)
		way  func(*Options)
		kind error
		want []string
	}{
		"no permission, git": {func(w *world) {
			w.server.RestrictToken("fourfold", []fake.Grant{
				{Repositories: []string{"acme/web"}, Permissions: []string{"contents", "deployments", "pull_requests"}},
				{Repositories: []string{"acme/*"}, Permissions: []string{"deployments", "pull_requests"}},
			})
		}, func(*Options) {}, extract.ErrPartial, []string{"acme/api", "Contents: read"}},
		"ill, git": {func(w *world) {
			w.server.Inject(fake.On{Path: "/acme/api.git/*", Times: -1}, fake.Answer(503, "Unavailable"))
			w.server.Inject(fake.On{Path: "/acme/api.git/*/*", Times: -1}, fake.Answer(503, "Unavailable"))
		}, func(*Options) {}, extract.ErrPartial, []string{"acme/api", "gave up after 5 attempts"}},
		"ill, api": {func(w *world) {
			w.server.Inject(fake.On{Contains: "history", Repository: "acme/api", Times: -1}, fake.SomethingWentWrong(200))
		}, byAPI, extract.ErrPartial, []string{"acme/api", "Something went wrong"}},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := withCommits(t, org, []string{"acme/api", "acme/web"}, x.way)
			x.harm(w)
			w.run()
			w.failed("commits", x.kind, x.want...)
			w.landed("the other", "acme/web", w.reached("acme/web", true))
		})
	}
}

func TestARenamedRepositoryKeepsItsMirror(t *testing.T) {
	w, logs := withCommits(t, long(5), nil)
	w.mustRun()
	w.edit(func(o *fake.Organisation) {
		r := o.Repository("acme/long")
		o.Rename(r, "short", w.clock.Now())
		onBranch(r, "main", "After", beginning)
	})
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.landed("renamed", "acme/short", w.reached("acme/short", true))
	if mirrors, err := filepath.Glob(filepath.Join(w.opts.DataDir, "mirrors", "*.git")); err != nil || len(mirrors) != 1 {
		t.Errorf("mirrors %v, %v", mirrors, err)
	}
	if n := len(w.table(transform.GithubCommits)); n != 6 {
		t.Errorf("%d commits\n%s", n, logs)
	}
}

func TestWithoutItsMirrorEverythingIsReadAgainAndAddsNothing(t *testing.T) {
	w, _ := withCommits(t, long(5), nil)
	w.mustRun()
	versions, cursor := w.memory.versions, string(w.memory.cursors["commits"])
	if err := os.RemoveAll(filepath.Join(w.opts.DataDir, "mirrors")); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Hour)
	w.mustRun()
	if w.memory.versions != versions || w.pages["commits"] != 1 || string(w.memory.cursors["commits"]) == cursor {
		t.Errorf("%d versions more in %d pages; cursor %s", w.memory.versions-versions, w.pages["commits"], w.memory.cursors["commits"])
	}
	w.clock.Advance(time.Hour)
	w.mustRun()
	if w.pages["commits"] != 0 {
		t.Errorf("%d pages after that", w.pages["commits"])
	}
}

func TestAnOlderWarehouseGetsWhatItDoesNotHave(t *testing.T) {
	for _, runs := range []int{1, 2, 8} { // after some, the list that the cursor names is not kept any more
		w, _ := withCommits(t, long(5), nil)
		w.mustRun()
		cursor, rows := w.memory.cursors["commits"], maps.Clone(w.table(transform.GithubCommits))
		for range runs {
			w.clock.Advance(time.Hour)
			w.edit(func(o *fake.Organisation) { onBranch(o.Repository("acme/long"), "main", "More", w.clock.Now()) })
			w.mustRun()
		}
		w.memory.cursors["commits"], w.memory.tables[transform.GithubCommits.Name] = cursor, rows // from a copy of the first day
		w.clock.Advance(time.Hour)
		w.mustRun()
		w.landed(fmt.Sprint("after ", runs, " runs"), "acme/long", w.reached("acme/long", true))
	}
}

func TestADamagedMirrorIsSaidAndMendedWithinTheRun(t *testing.T) {
	w, logs := withCommits(t, long(50), nil)
	w.mustRun()
	packs, err := filepath.Glob(filepath.Join(w.opts.DataDir, "mirrors", "*.git", "objects", "pack", "*.pack"))
	if err != nil || len(packs) != 1 {
		t.Fatalf("packs %v, %v", packs, err)
	}
	content, err := os.ReadFile(packs[0])
	if err != nil {
		t.Fatal(err)
	}
	copy(content[len(content)/2:], make([]byte, 100))
	if err := errors.Join(os.Chmod(packs[0], 0o600), os.WriteFile(packs[0], content, 0o600)); err != nil {
		t.Fatal(err)
	}
	lists, err := filepath.Glob(filepath.Join(w.opts.DataDir, "mirrors", "*.git", "fourfold", "landed-*"))
	if err != nil || len(lists) != 1 || os.Remove(lists[0]) != nil { // so that all of it has to be read
		t.Fatalf("lists %v, %v", lists, err)
	}
	w.edit(func(o *fake.Organisation) { onBranch(o.Repository("acme/long"), "main", "After", beginning) })
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.landed("mended", "acme/long", w.reached("acme/long", true))
	if !strings.Contains(logs.String(), "damaged") {
		t.Errorf("it was not said:\n%s", logs)
	}
}

func TestWithoutGitTheErrorSaysWhatToDo(t *testing.T) {
	w, _ := withCommits(t, long(2), nil)
	t.Setenv("PATH", t.TempDir())
	w.run()
	w.failed("commits", mirror.ErrNoGit, "install git 2.31", "sources.github.commits: api")
	if len(w.errs) != 1 {
		t.Errorf("errors %v", w.errs)
	}
}

func TestCommitsByGitCostNoPoints(t *testing.T) {
	w, _ := withCommits(t, fake.Small(), nil)
	w.mustRun()
	if p := w.source.Points("commits"); p != (Points{}) {
		t.Errorf("commits cost %+v", p)
	}
}

func TestAnEarlyStopLeavesNothingRunning(t *testing.T) {
	w, _ := withCommits(t, fake.Small(), nil)
	w.only = ours
	w.mustRun()
	for _, st := range w.source.Streams() {
		if st.Name != "commits" {
			continue
		}
		for _, err := range st.Read(t.Context(), extract.Input{RunAt: w.last, Ledger: w.memory}) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	w.only = append(slices.Clone(ours), "commits")
	w.clock.OnSleep(func(time.Duration) { t.Error("a mirror is still in use") })
	w.mustRun()
	w.landed("afterwards", "acme/api", w.reached("acme/api", true, w.wantedOf("acme/api", true)...))
}
