package github

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

// pathsOf wants the paths of some repositories; none named is none.
func pathsOf(names ...string) func(*Options) {
	return func(o *Options) {
		o.Needs = func(name, _ string) Needs { return Needs{Paths: slices.Contains(names, name)} }
	}
}

// wantPaths is another configuration, and so another process, from now on.
func (w *world) wantPaths(names ...string) {
	pathsOf(names...)(&w.opts)
	w.restart()
}

// withPaths counts the commits that are live and no merges, and those of them that have paths.
func (w *world) withPaths() (have, all int) {
	w.t.Helper()
	for id, v := range w.table(transform.GithubCommits) {
		if strings.Contains(v.columns["parents"], " ") {
			if v.columns["paths"] != "" {
				w.t.Errorf("the merge %s has paths: %s", id, v.columns["paths"])
			}
			continue
		}
		all++
		if v.columns["paths"] != "" {
			have++
		}
	}
	return have, all
}

func (w *world) allHavePaths(what string) {
	w.t.Helper()
	if have, all := w.withPaths(); have != all || all == 0 {
		w.t.Errorf("%s: %d of %d commits have paths", what, have, all)
	}
}

// change makes a commit on top of a branch.
func change(r *fake.Repository, branch, message string, at time.Time, files map[string]string, remove ...string) string {
	spec := fake.CommitSpec{Author: fake.Signature{Name: "Ann", Email: "ann@example.test"}, AuthoredAt: at, Message: message, Files: files, Remove: remove}
	if tip := r.Head(branch); tip != "" {
		spec.Parents = []string{tip}
	}
	sha := r.Commit(spec)
	r.Branch(branch, sha)
	return sha
}

// monorepo makes acme/mono with n commits in a row, and a merge.
func monorepo(n int) *fake.Organisation {
	o := fake.NewOrganisation("acme")
	addMonorepo(o, "mono", n)
	return o
}

func addMonorepo(o *fake.Organisation, name string, n int) {
	r := o.AddRepository(fake.RepositorySpec{Name: name})
	at := beginning.AddDate(-1, 0, 0)
	for k := range n {
		change(r, "main", fmt.Sprint("Commit ", k), at.Add(time.Duration(k)*time.Minute), map[string]string{fmt.Sprintf("services/s%d/f", k%5): fmt.Sprint(k)})
	}
	side := r.Commit(fake.CommitSpec{Parents: []string{r.Head("main")}, AuthoredAt: at, Message: "Side", Files: map[string]string{"side": "x"}})
	r.Branch("main", r.Commit(fake.CommitSpec{Parents: []string{r.Head("main"), side}, AuthoredAt: at, Message: "Merge", Files: map[string]string{"side": "x"}}))
}

func TestCommitsLandWithTheFilesThatTheyChanged(t *testing.T) {
	org := fake.NewOrganisation("acme")
	r := org.AddRepository(fake.RepositorySpec{Name: "mono"})
	at := beginning.AddDate(0, -1, 0)
	want := map[string]string{}
	commit := func(title, paths string, files map[string]string, remove ...string) {
		change(r, "main", title, at, files, remove...)
		want[title], at = paths, at.Add(time.Minute)
	}
	commit("Begin", `["a","b/c"]`, map[string]string{"a": "1", "b/c": "2"})
	commit("Change", `["b/c"]`, map[string]string{"b/c": "3"})
	commit("Move", `["a","d/a"]`, map[string]string{"d/a": "1"}, "a")
	commit("Nothing", `[]`, nil)
	commit("Remove", `["b/c"]`, nil, "b/c")
	commit("手順", `["<&> \"quoted\"","日本語/手順.md"]`, map[string]string{"日本語/手順.md": "x", `<&> "quoted"`: "y"})
	side := r.Commit(fake.CommitSpec{Parents: []string{r.Head("main")}, AuthoredAt: at, Message: "Side", Files: map[string]string{"s": "s"}})
	merge := r.Commit(fake.CommitSpec{Parents: []string{r.Head("main"), side}, AuthoredAt: at, Message: "Merge", Files: map[string]string{"s": "s", "m": "m"}})
	r.Branch("main", merge)
	want["Side"], want["Merge"] = `["s"]`, ""
	var payloads []map[string]string
	eachWay(t, func(t *testing.T, way func(*Options), _ bool) {
		w, _ := withCommits(t, org, nil, way, pathsOf("acme/mono"))
		w.mustRun()
		got, payload := map[string]string{}, map[string]string{}
		for id, v := range w.table(transform.GithubCommits) {
			got[v.columns["title"]], payload[id] = v.columns["paths"], v.columns["payload"]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		payloads = append(payloads, payload)
	})
	if diff := cmp.Diff(payloads[0], payloads[1]); diff != "" {
		t.Errorf("(-git +api):\n%s", diff)
	}
}

func TestPathsThatBecomeWantedLandOnceAndStayWhenTheyAreWantedNoLonger(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), git bool) {
		w, _ := withCommits(t, monorepo(120), nil, way, pathsOf())
		added := 0
		round := func(what string, versions int) {
			t.Helper()
			before := w.memory.versions
			w.clock.Advance(3 * time.Hour)
			w.mustRun()
			if added = w.memory.versions - before; added != versions {
				t.Errorf("%s: %d versions, want %d", what, added, versions)
			}
		}
		w.mustRun()
		if have, all := w.withPaths(); have != 0 || all != 121 {
			t.Errorf("%d of %d commits have paths that nobody wants", have, all)
		}
		round("nothing new", 0)
		w.wantPaths("acme/mono")
		round("wanted", 121)
		w.allHavePaths("wanted")
		round("wanted again", 0)
		if w.pages["commits"] != 0 {
			t.Errorf("%d pages of commits of which none is new", w.pages["commits"])
		}
		more := func(k int) {
			w.edit(func(o *fake.Organisation) {
				change(o.Repository("acme/mono"), "main", fmt.Sprint("More ", k), beginning.Add(time.Duration(k)*time.Hour), map[string]string{"new": fmt.Sprint(k)})
			})
		}
		more(1)
		round("one more", 1)
		w.allHavePaths("one more")
		w.full = true
		round("all of it again", 0)
		w.full = false
		w.wantPaths()
		round("wanted no longer", 0)
		more(2)
		round("one more that nobody wants", 1)
		if have, all := w.withPaths(); !git && have != all-1 || git && have != all {
			t.Errorf("%d of %d commits have paths", have, all)
		}
		w.wantPaths("acme/mono")
		round("wanted once more", map[bool]int{true: 0, false: 1}[git])
		w.allHavePaths("wanted once more")
		w.wantPaths()
		w.full = true
		round("all of it again, wanted no longer", 0)
		w.full = false
		if err := os.RemoveAll(filepath.Join(w.opts.DataDir, "mirrors")); err != nil {
			t.Fatal(err)
		}
		w.wantPaths()
		round("without the mirror", 0)
		w.wantPaths("acme/mono")
		round("without the mirror, wanted", 0)
		w.memory.policy.People, w.opts.People = "include", "include"
		w.wantPaths()
		round("under another policy", w.liveCommits())
		w.allHavePaths("under another policy")
	})
}

// liveCommits counts the commits that are live.
func (w *world) liveCommits() int { return len(w.table(transform.GithubCommits)) }

func TestARoundThatIsCutOffWhilePathsComeIsGoneOnWith(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), git bool) {
		n := 2500
		if !git {
			n = 130
		}
		for at := 0; ; at++ {
			w, _ := withCommits(t, monorepo(n), nil, way, pathsOf())
			w.mustRun()
			w.wantPaths("acme/mono")
			w.clock.Advance(2 * time.Hour)
			w.kill = func(stream string, page int) bool { return stream == "commits" && page == at }
			whole := w.run()
			w.kill = nil
			w.restart()
			w.edit(func(o *fake.Organisation) {
				change(o.Repository("acme/mono"), "main", "Meanwhile", beginning, map[string]string{"x": "y"})
			})
			w.clock.Advance(2 * time.Hour)
			w.mustRun()
			w.allHavePaths(fmt.Sprint("cut off before page ", at))
			want := 1 + w.liveCommits() + n + 1 // the repository, all commits, and once more what landed without paths and is no merge
			if !git && !whole {
				want++ // where paths are behind, a new commit lands before them
			}
			if got := w.memory.versions; got != want {
				t.Errorf("cut off before page %d: %d versions of %d commits, want %d", at, got, w.liveCommits(), want)
			}
			if whole {
				if at < 2 {
					t.Errorf("only %d pages", at)
				}
				return
			}
		}
	})
}

func TestPathsComeThoughTheirCommitsHaveNotReachedTheLedgerYet(t *testing.T) {
	w, _ := withCommits(t, monorepo(120), nil, byAPI, pathsOf("acme/mono"))
	w.only = ours
	w.mustRun()
	behind := newMemory() // what is landed is on its way while the stream goes on
	for _, st := range w.source.Streams() {
		if st.Name != "commits" {
			continue
		}
		for page, err := range st.Read(t.Context(), extract.Input{RunAt: w.last, Ledger: behind}) {
			if err != nil {
				t.Fatal(err)
			}
			w.memory.land(t, st, w.last, page)
		}
	}
	w.allHavePaths("at the end")
}

func TestOnlyRepositoriesWhoseServicesHavePathsPayForThem(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), git bool) {
		org := monorepo(20)
		addMonorepo(org, "other", 30)
		w, _ := withCommits(t, org, nil, way, pathsOf("acme/mono"))
		w.mustRun()
		if have, all := w.withPaths(); have != 21 || all != 52 {
			t.Errorf("%d of %d commits have paths", have, all)
		}
		if points := w.source.Points("commits"); git && points != (Points{}) || !git && points.REST != 21 {
			t.Errorf("that cost %+v", points)
		}
		if held, err := filepath.Glob(filepath.Join(w.opts.DataDir, "mirrors", "*", "fourfold", "trees")); err != nil || git && len(held) != 1 {
			t.Errorf("mirrors with trees: %v, %v", held, err)
		}
	})
}

func TestTheWayCanBeChangedWhilePathsAreWanted(t *testing.T) {
	w, _ := withCommits(t, monorepo(5), nil, pathsOf("acme/mono"))
	for k, way := range []bool{false, true, false, true, true, false} {
		w.opts.CommitsByAPI = way
		w.restart()
		w.edit(func(o *fake.Organisation) {
			change(o.Repository("acme/mono"), "main", fmt.Sprint("More ", k), beginning, map[string]string{"k": fmt.Sprint(k)})
		})
		w.clock.Advance(time.Hour)
		before := w.memory.versions
		w.full = k == 2
		w.mustRun()
		w.allHavePaths(fmt.Sprint("round ", k))
		if p := w.source.Points("commits"); k > 1 && (p.GraphQL > 2 || p.REST > 1) {
			t.Errorf("round %d cost %+v", k, p)
		}
		if k > 0 && w.memory.versions != before+1 {
			t.Errorf("round %d: %d versions of one new commit", k, w.memory.versions-before)
		}
	}
}

func TestAMirrorThatHoldsTreesForAnotherWarehouseDoesNotMakePathsKnownToThisOne(t *testing.T) {
	w, _ := withCommits(t, monorepo(5), nil, pathsOf("acme/mono"))
	w.mustRun()
	w.memory = newMemory()
	w.wantPaths()
	w.clock.Advance(time.Hour)
	w.mustRun()
	if have, all := w.withPaths(); have != 0 || all != 6 {
		t.Errorf("%d of %d commits have paths that nobody wants", have, all)
	}
	w.wantPaths("acme/mono")
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.allHavePaths("wanted")
}

func TestPathsByTheAPICostAPointACommitOnce(t *testing.T) {
	w, _ := withCommits(t, monorepo(400), nil, byAPI, pathsOf("acme/mono"))
	w.mustRun()
	if p := w.source.Points("commits"); p.REST != 401 || p.GraphQL > 7 {
		t.Errorf("401 commits and a merge cost %+v", p)
	}
	for k, want := range []int64{0, 1, 0} {
		if want > 0 {
			w.edit(func(o *fake.Organisation) {
				change(o.Repository("acme/mono"), "main", "One more", beginning, map[string]string{"x": "y"})
			})
		}
		w.clock.Advance(time.Hour)
		w.restart()
		w.mustRun()
		if p := w.source.Points("commits"); p.REST != want || p.GraphQL > 2 {
			t.Errorf("round %d cost %+v, want %d of REST", k, p, want)
		}
	}
	w.full = true
	w.clock.Advance(time.Hour)
	w.restart()
	w.mustRun()
	if p := w.source.Points("commits"); p.REST != 0 {
		t.Errorf("what has its paths cost %+v when all was read again", p)
	}
}

func TestTheGraphDoesNotWaitForPathsThatTheBudgetHoldsBack(t *testing.T) {
	org := monorepo(60)
	addMonorepo(org, "second", 10)
	w, _ := withCommits(t, org, nil, byAPI, pathsOf("acme/mono", "acme/second"))
	w.server.Close()
	w = newWorld(t, org, nil, []fake.Option{fake.WithLimits(fake.Limits{Core: 60, GraphQL: 100})}, byAPI, pathsOf("acme/mono", "acme/second"))
	w.only = append(slices.Clone(ours), "commits")
	had := 0
	for round := 0; ; round++ {
		w.run()
		if round == 0 {
			if n := w.liveCommits(); n != 74 {
				t.Fatalf("%d of 74 commits landed in the first round", n)
			}
		}
		have, all := w.withPaths()
		if len(w.errs) == 0 {
			if have != all || round < 3 {
				t.Errorf("%d of %d commits have paths after %d rounds", have, all, round+1)
			}
			break
		}
		w.failed("commits", extract.ErrPartial, "at a point each", "sources.github.budget", "run again after", "sources.github.commits: git")
		if len(w.errs) > 1 || round > 20 {
			t.Fatalf("round %d: %v", round, w.errs)
		}
		if rest, _ := w.spent(); rest > 16 || have <= had && round%2 == 0 {
			t.Errorf("round %d spent %d points of 60 and came to %d paths from %d", round, rest, have, had)
		}
		if round == 0 { // the newest come first
			for _, v := range w.table(transform.GithubCommits) {
				if v.columns["title"] == "Commit 0" && v.columns["paths"] != "" {
					t.Error("the oldest commit came among the first")
				}
			}
		}
		had = have
		w.clock.Advance(30 * time.Minute) // the same hour now and then
		w.restart()
	}
}

func TestAServerThatDoesNotTellFilesIsSaidToLackThem(t *testing.T) {
	for name, fault := range map[string]fake.Fault{"404": fake.Answer(http.StatusNotFound, "Not Found"), "405": fake.Answer(http.StatusMethodNotAllowed, "Not Allowed")} {
		t.Run(name, func(t *testing.T) {
			org := monorepo(10)
			addMonorepo(org, "other", 3)
			w, _ := withCommits(t, org, nil, byAPI, pathsOf("acme/mono"))
			injected := w.server.Inject(fake.On{Path: "/repos/acme/mono/commits/*", Times: -1}, fault)
			for range 2 {
				w.clock.Advance(time.Hour)
				w.run()
				w.failed("commits", extract.ErrPartial, "acme/mono", name, "does not tell the files of commits", "sources.github.commits: git")
				if n := w.liveCommits(); n != 17 {
					t.Errorf("%d commits landed", n)
				}
			}
			if injected.Hits() != 2 {
				t.Errorf("it was asked %d times in two rounds", injected.Hits())
			}
			w.server.ClearFaults()
			w.clock.Advance(time.Hour)
			w.mustRun()
			if have, _ := w.withPaths(); have != 11 {
				t.Errorf("%d commits have paths", have)
			}
		})
	}
}

func TestACommitThatIsTooMuchForTheServerDoesNotKeepTheOthersFromTheirPaths(t *testing.T) {
	org := monorepo(20)
	r := org.Repository("acme/mono")
	sick := r.CommitObject(r.CommitObject(r.Head("main")).Parents[0]).Parents[0]
	w, _ := withCommits(t, org, nil, byAPI, pathsOf("acme/mono"))
	w.server.Inject(fake.On{Path: "/repos/acme/mono/commits/" + sick, Times: -1}, fake.Answer(http.StatusServiceUnavailable, "this diff is taking too long"))
	w.run()
	w.failed("commits", extract.ErrPartial, "acme/mono", sick, "taking too long")
	if have, all := w.withPaths(); have != all-1 {
		t.Errorf("%d of %d commits have paths", have, all)
	}
	w.server.ClearFaults()
	w.clock.Advance(time.Hour)
	w.restart()
	w.mustRun()
	w.allHavePaths("afterwards")
	if p := w.source.Points("commits"); p.REST != 1 {
		t.Errorf("one commit cost %+v", p)
	}
	// A server that is ill altogether is left alone.
	w.edit(func(o *fake.Organisation) {
		for k := range 20 {
			change(o.Repository("acme/mono"), "main", fmt.Sprint("More ", k), beginning, map[string]string{"x": fmt.Sprint(k)})
		}
	})
	ill := w.server.Inject(fake.On{Path: "/repos/acme/mono/commits/*", Times: -1}, fake.Answer(http.StatusServiceUnavailable, "no"))
	w.clock.Advance(time.Hour)
	w.run()
	w.failed("commits", extract.ErrPartial, "acme/mono")
	if n := w.liveCommits(); n != 42 || ill.Hits() > 4*6 { // by the new commit before it lands, then by three
		t.Errorf("%d commits landed, with %d requests for files", n, ill.Hits())
	}
}

func TestACommitThatIsGoneHasNoPathsAndIsNotAskedForAgain(t *testing.T) {
	w, _ := withCommits(t, monorepo(10), nil, byAPI, pathsOf())
	w.mustRun()
	w.edit(func(o *fake.Organisation) {
		r := o.Repository("acme/mono")
		for range 4 {
			r.Branch("main", r.CommitObject(r.Head("main")).Parents[0])
		}
		r.Prune()
	})
	w.wantPaths("acme/mono")
	w.clock.Advance(time.Hour)
	w.mustRun()
	if have, all := w.withPaths(); have != 7 || all != 11 {
		t.Errorf("%d of %d commits have paths", have, all)
	}
	w.restart()
	w.clock.Advance(time.Hour)
	w.mustRun()
	if p := w.source.Points("commits"); p.REST != 0 {
		t.Errorf("what is gone cost %+v once more", p)
	}
}

func TestAllFilesOfALargeCommitAreKept(t *testing.T) {
	for n, want := range map[int]int{300: 300, 650: 650, 3100: 3000} {
		for _, dropped := range []bool{false, true} {
			org := fake.NewOrganisation("acme")
			r := org.AddRepository(fake.RepositorySpec{Name: "mono"})
			files := map[string]string{}
			for k := range n {
				files[fmt.Sprintf("vendor/d%d/f%d", k/100, k)] = "x"
			}
			change(r, "main", "Import", beginning, files)
			w, logs := withCommits(t, org, nil, byAPI, pathsOf("acme/mono"), func(o *Options) {
				if dropped {
					o.Transport = linkless{http.DefaultTransport}
				}
			})
			w.mustRun()
			w.allHavePaths("large")
			for _, v := range w.table(transform.GithubCommits) {
				var paths []string
				if err := json.Unmarshal([]byte(v.columns["paths"]), &paths); err != nil || len(paths) != want || !slices.IsSorted(paths) {
					t.Errorf("%d of %d paths, %v", len(paths), n, err)
				}
			}
			if said := strings.Contains(logs.String(), "level=WARN msg=\"GitHub tells 3,000 files"); said != (n > 3000) {
				t.Errorf("%d files: said %v", n, said)
			}
			if n > 3000 {
				w.opts.CommitsByAPI = false // git has no such limit
				w.restart()
				w.full = true
				w.clock.Advance(time.Hour)
				w.mustRun()
				for _, v := range w.table(transform.GithubCommits) {
					if got := strings.Count(v.columns["paths"], ","); got != n-1 {
						t.Errorf("%d of %d paths by git", got+1, n)
					}
				}
			}
		}
	}
}

func TestAPageOfLargeCommitsIsCutByItsBytes(t *testing.T) {
	org := fake.NewOrganisation("acme")
	r := org.AddRepository(fake.RepositorySpec{Name: "mono"})
	for round := range 4 {
		files := map[string]string{}
		for k := range 2000 {
			files[fmt.Sprintf("vendor/%s/d%d/f%d", strings.Repeat("long ", 240), k/100, k)] = fmt.Sprint(round)
		}
		change(r, "main", fmt.Sprint("Import ", round), beginning, files)
	}
	w, _ := withCommits(t, org, nil, pathsOf("acme/mono"))
	w.mustRun()
	w.allHavePaths("large")
	if w.pages["commits"] != 2 {
		t.Errorf("four commits of 2.4 MB of paths came in %d pages", w.pages["commits"])
	}
}
