package github

import (
	"bytes"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
	"fourfold/extract/github/mirror"
	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

// withCommits reads every stream, commits too, and keeps what was logged.
func withCommits(t *testing.T, org *fake.Organisation, names []string, change ...func(*Options)) (*world, *bytes.Buffer) {
	t.Helper()
	logs := &bytes.Buffer{}
	w := newWorld(t, org, names, nil, append(change, func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})...)
	w.only = append(slices.Clone(ours), "commits")
	return w, logs
}

func byAPI(o *Options) { o.CommitsByAPI = true }

// commits lists the hashes that are live in a repository, in order.
func (w *world) commits(name string) []string {
	id := fmt.Sprint(w.org.Repository(name).ID)
	out := []string{}
	for _, v := range w.table(transform.GithubCommits) {
		if v.columns["repository_id"] == id {
			out = append(out, v.columns["sha"])
		}
	}
	slices.Sort(out)
	return out
}

// reached is what git itself says that some commits of a repository reach, and with refs what branches and tags do.
func (w *world) reached(name string, refs bool, shas ...string) []string {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "repository.git")
	var err error
	w.edit(func(o *fake.Organisation) { err = o.Repository(name).WriteTo(dir) })
	if err != nil {
		w.t.Fatal(err)
	}
	args := append([]string{"--git-dir", dir, "rev-list"}, shas...)
	if refs {
		args = append(args, "--branches", "--tags")
	}
	out, err := exec.Command("git", args...).Output()
	if err != nil {
		w.t.Fatalf("git %v: %v", args, err)
	}
	list := strings.Fields(string(out))
	slices.Sort(list)
	return slices.Compact(list)
}

// wantedOf is what is to be read of a repository besides what branches and tags reach: all of it, or deployments alone.
func (w *world) wantedOf(name string, heads bool) []string {
	var out []string
	w.edit(func(o *fake.Organisation) {
		r := o.Repository(name)
		for _, d := range r.Deployments {
			if r.CommitObject(d.SHA) != nil {
				out = append(out, d.SHA)
			}
		}
		for _, p := range r.PullRequests {
			if heads && p.State == "MERGED" {
				out = append(out, p.HeadOID)
			}
		}
	})
	return out
}

func (w *world) landed(what, name string, want []string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.commits(name)); diff != "" {
		w.t.Errorf("%s: commits of %s (-want +got):\n%s", what, name, diff)
	}
}

// onBranch makes a commit on top of a branch.
func onBranch(r *fake.Repository, branch, message string, at time.Time, parents ...string) string {
	if tip := r.Head(branch); tip != "" {
		parents = append([]string{tip}, parents...)
	}
	sha := r.Commit(fake.CommitSpec{Parents: parents, Author: fake.Signature{Name: "Ann", Email: "ann@example.test"}, AuthoredAt: at, Message: message})
	r.Branch(branch, sha)
	return sha
}

// eachWay reads commits by git and by the API.
func eachWay(t *testing.T, f func(t *testing.T, way func(*Options), git bool)) {
	t.Run("git", func(t *testing.T) { f(t, func(*Options) {}, true) })
	t.Run("api", func(t *testing.T) { f(t, byAPI, false) })
}

func TestTheCommitsThatMatterLand(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), git bool) {
		w, _ := withCommits(t, fake.Small(), nil, way)
		w.mustRun()
		want := w.reached("acme/api", git, w.wantedOf("acme/api", git)...)
		if !git {
			want = w.reached("acme/api", false, append(w.wantedOf("acme/api", false), w.org.Repository("acme/api").Head("main"))...)
		}
		w.landed("at first", "acme/api", want)
		w.landed("at first", "acme/empty", []string{})
		versions := w.memory.versions
		w.clock.Advance(time.Hour)
		w.mustRun()
		if w.memory.versions != versions || w.pages["commits"] > 0 {
			t.Errorf("with nothing new %d versions and %d pages of commits", w.memory.versions-versions, w.pages["commits"])
		}
	})
}

func TestGitAndTheAPITellTheSame(t *testing.T) {
	org := fake.Small()
	w, _ := withCommits(t, org, nil)
	org.Edit(func(o *fake.Organisation) {
		r := o.Repository("acme/api")
		onBranch(r, "main", "Revert \"Add a cache\"\n\nThis reverts commit "+r.Head("main")+", reversing\nchanges made to "+strings.Repeat("a", 40)+".", beginning)
		onBranch(r, "main", "\n\n  Grüße aus Zürich \t\nand more", beginning.In(time.FixedZone("", 34200)))
	})
	w.mustRun()
	api, _ := withCommits(t, org, nil, byAPI)
	api.mustRun()
	rows := api.table(transform.GithubCommits)
	if len(rows) < 12 {
		t.Errorf("only %d commits by the API", len(rows))
	}
	for id, v := range rows {
		if diff := cmp.Diff(w.table(transform.GithubCommits)[id].columns["payload"], v.columns["payload"]); diff != "" {
			t.Errorf("%s (-git +api):\n%s", id, diff)
		}
	}
}

func TestARowOfACommitHoldsNoMessage(t *testing.T) {
	c := &mirror.Commit{
		SHA: "s", Author: mirror.Signature{Name: "Ann", Email: "a@x", At: beginning}, Committer: mirror.Signature{Name: "GitHub", Email: "noreply@github.com"},
		Message: "Revert \"x\"\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.\nthis Reverts Commit abcdef0\n\nCo-authored-by: Ben <b@x>\n",
	}
	want := `{"id":"7:s","repository_id":"7","sha":"s","parents":[],"authored_at":"2026-10-20T08:00:00Z","committed_at":null,` +
		`"author":{"name":"Ann","email":"a@x"},"committer":{"name":"GitHub","email":"noreply@github.com"},"title":"Revert \"x\"",` +
		`"reverts":["0123456789abcdef0123456789abcdef01234567","abcdef0"]}`
	if diff := cmp.Diff(want, string(commitRecord("7", c).JSON)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for message, want := range map[string]string{
		"": "", "\n\n": "", "one": "one", "\r\n \t\n two \r\nthree": "two",
		strings.Repeat("é", 600): strings.Repeat("é", 500), "x" + strings.Repeat("é", 600): "x" + strings.Repeat("é", 499),
	} {
		if got := title(message); got != want {
			t.Errorf("title of %q is %q", message, got)
		}
	}
}

// long makes acme/long with n commits in a row, and a branch that is merged at the end.
func long(n int) *fake.Organisation {
	o := fake.NewOrganisation("acme")
	r := o.AddRepository(fake.RepositorySpec{Name: "long"})
	at := beginning.AddDate(-1, 0, 0)
	for k := range n {
		onBranch(r, "main", fmt.Sprint("Commit ", k), at.Add(time.Duration(k)*time.Minute))
	}
	return o
}

func TestAReadThatIsCutOffAnywhereLandsEverythingInTheNext(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), git bool) {
		n := 4100
		if !git {
			n = 350
		}
		for at := 0; ; at++ {
			w, _ := withCommits(t, long(n), nil, way)
			w.kill = func(stream string, page int) bool { return stream == "commits" && page == at }
			whole := w.run()
			w.kill = nil
			w.restart()
			closed := w.commits("acme/long")
			if git {
				w.parentsLanded(closed)
			}
			w.edit(func(o *fake.Organisation) { onBranch(o.Repository("acme/long"), "main", "Meanwhile", beginning) })
			w.clock.Advance(time.Hour)
			w.mustRun()
			w.landed(fmt.Sprint("cut off before page ", at), "acme/long", w.reached("acme/long", true))
			if whole {
				if at < 3 {
					t.Errorf("only %d pages", at)
				}
				return
			}
		}
	})
}

// parentsLanded fails the test unless the parents of what has landed have.
func (w *world) parentsLanded(shas []string) {
	w.t.Helper()
	for _, v := range w.table(transform.GithubCommits) {
		for _, p := range strings.Fields(v.columns["parents"]) {
			if _, ok := slices.BinarySearch(shas, p); !ok {
				w.t.Fatalf("%s has landed, its parent %s has not", v.columns["sha"], p)
			}
		}
	}
}

func TestAForcePushTakesNoCommitAway(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), _ bool) {
		w, _ := withCommits(t, long(5), nil, way)
		w.mustRun()
		before := w.commits("acme/long")
		w.edit(func(o *fake.Organisation) {
			r := o.Repository("acme/long")
			r.Branch("main", r.CommitObject(r.Head("main")).Parents[0])
			onBranch(r, "main", "Another", beginning)
			r.Prune()
		})
		w.full = true
		w.mustRun()
		want := append(slices.Clone(before), w.reached("acme/long", true)...)
		slices.Sort(want)
		w.landed("after a force-push", "acme/long", slices.Compact(want))
	})
}

func TestABranchThatIsMergedLateBringsItsOldCommits(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), _ bool) {
		w, _ := withCommits(t, long(250), nil, way)
		w.mustRun()
		w.edit(func(o *fake.Organisation) {
			r := o.Repository("acme/long")
			tip := r.Head("main")
			for range 200 {
				tip = r.CommitObject(tip).Parents[0]
			}
			for k := range 120 { // written long before what has landed
				tip = r.Commit(fake.CommitSpec{Parents: []string{tip}, AuthoredAt: beginning.AddDate(-2, 0, k), Message: fmt.Sprint("Old ", k)})
			}
			onBranch(r, "main", "Merge", beginning, tip)
		})
		w.mustRun()
		w.landed("after the merge", "acme/long", w.reached("acme/long", true))
	})
}

func TestDeployedCommitsThatAreGoneAreNamedOnceADay(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), _ bool) {
		var kept, lost string
		org := long(5)
		org.Edit(func(o *fake.Organisation) {
			r := o.Repository("acme/long")
			main := r.Head("main")
			lost = r.Commit(fake.CommitSpec{Parents: []string{main}, AuthoredAt: beginning, Message: "Lost"})
			r.AddDeployment(fake.DeploymentSpec{Ref: "x", SHA: lost, CreatedAt: beginning})
			r.Prune()
			parent := r.Commit(fake.CommitSpec{Parents: []string{main}, AuthoredAt: beginning, Message: "Out of reach too"})
			kept = r.Commit(fake.CommitSpec{Parents: []string{parent}, AuthoredAt: beginning, Message: "Out of reach"})
			r.AddDeployment(fake.DeploymentSpec{Ref: "y", SHA: kept, CreatedAt: beginning})
		})
		w, logs := withCommits(t, org, nil, way)
		warned := func(what string, want bool) {
			t.Helper()
			logs.Reset()
			w.mustRun()
			if got := strings.Contains(logs.String(), "level=WARN") && strings.Contains(logs.String(), "acme/long") && strings.Contains(logs.String(), lost); got != want {
				t.Errorf("%s: warned %v:\n%s", what, got, logs.String())
			}
			w.landed(what, "acme/long", w.reached("acme/long", true, kept))
		}
		warned("at first", true)
		w.clock.Advance(time.Hour)
		w.restart()
		warned("an hour later", false)
		w.clock.Advance(24 * time.Hour)
		warned("a day later", true)
	})
}

func TestAGoneRepositoryIsNamed(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), _ bool) {
		w, _ := withCommits(t, fake.Small(), []string{"acme/gone", "acme/web"}, way)
		w.run()
		w.failed("repositories", extract.ErrPartial, "acme/gone")
		w.landed("the other", "acme/web", w.reached("acme/web", true))
	})
}

func TestAnotherPolicyMakesEveryRowAgain(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), _ bool) {
		w, _ := withCommits(t, long(120), nil, way)
		w.mustRun()
		w.memory.policy.People, w.opts.People = "include", "include"
		w.restart()
		w.clock.Advance(time.Hour)
		w.kill = func(stream string, page int) bool { return stream == "commits" && page == 1 }
		w.run()
		w.kill = nil
		w.restart()
		w.clock.Advance(time.Hour)
		w.mustRun()
		for id, v := range w.table(transform.GithubCommits) {
			if v.columns["author"] != "Ann" {
				t.Errorf("the author of %s is %q", id, v.columns["author"])
			}
		}
	})
}

func TestTheWayCanBeChanged(t *testing.T) {
	w, _ := withCommits(t, long(5), nil)
	for k, way := range []bool{false, true, false, true, true} {
		w.opts.CommitsByAPI = way
		w.restart()
		w.edit(func(o *fake.Organisation) {
			onBranch(o.Repository("acme/long"), "main", fmt.Sprint("More ", k), beginning)
		})
		w.clock.Advance(time.Hour)
		w.mustRun()
		w.landed(fmt.Sprint("round ", k), "acme/long", w.reached("acme/long", true))
	}
}

func TestANamedRepositoryWithoutACommitIsSaidToBeEmpty(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), _ bool) {
		w, _ := withCommits(t, fake.Small(), []string{"acme/api", "acme/empty"}, way)
		w.run()
		w.failed("commits", extract.ErrPartial, "acme/empty is empty")
		if len(w.table(transform.GithubCommits)) == 0 {
			t.Error("the other's commits did not land")
		}
	})
}
