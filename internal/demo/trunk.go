package demo

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"fourfold/internal/demo/expect"
	"fourfold/internal/fake/github"
)

// commit writes a commit and remembers what it reverts.
func (r *repo) commit(spec github.CommitSpec, reverts ...string) string {
	sha := r.code.Commit(spec)
	r.remember(sha, slices.Sorted(maps.Keys(spec.Files)), reverts...)
	return sha
}

func (r *repo) remember(sha string, paths []string, reverts ...string) {
	c := r.code.CommitObject(sha)
	x := expect.Commit{Parents: c.Parents, Authored: c.AuthoredAt.UTC(), Reverts: reverts}
	if len(c.Parents) < 2 {
		x.Paths = paths
	}
	r.commits[sha] = x
}

// pathsOf are the files that some commits changed, each once.
func (r *repo) pathsOf(commits []string) []string {
	all := map[string]bool{}
	for _, sha := range commits {
		for _, path := range r.commits[sha].Paths {
			all[path] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// found makes what was there before: a main branch of a few commits.
func (r *repo) found() {
	at := r.from.AddDate(0, 0, -60)
	for n := range 14 {
		var parents []string
		if n > 0 {
			parents = []string{r.head()}
		}
		at = at.Add(r.between(12*time.Hour, 90*time.Hour))
		who := r.person()
		r.advance(at, r.commit(github.CommitSpec{Parents: parents, Author: who.Signature(), AuthoredAt: at.In(jst), Message: r.pick(choreTitles), Files: r.change(r.folder())}))
	}
	r.number = 40 + r.rng.IntN(200)
	for range 4 { // merged before the first release that can be seen, or soon after
		r.later(working(r.rng, r.from.Add(-r.between(12*time.Hour, 8*24*time.Hour))), r.open)
	}
	r.later(r.from.Add(r.between(20*time.Minute, 100*time.Minute)), r.baseline)
}

// folder draws the part of the repository that a change is about.
func (r *repo) folder() string {
	if r.folders == nil {
		return "src"
	}
	return r.folders[r.rng.IntN(len(r.folders))]
}

// change is what a commit does to the files: one in the folder, and now and then one elsewhere.
func (r *repo) change(folder string) map[string]string {
	out := map[string]string{}
	for n := range 1 + r.rng.IntN(2)*r.rng.IntN(2) {
		if n > 0 {
			folder = r.folder()
		}
		area := areas[r.rng.IntN(len(areas))]
		out[folder+"/"+area+".txt"] = fmt.Sprintf("%s %d\n", area, r.rng.IntN(1_000_000))
	}
	return out
}

func (r *repo) head() string { return r.main[len(r.main)-1].sha }

// advance moves the main branch.
func (r *repo) advance(at time.Time, sha string) {
	r.main = append(r.main, tip{at, sha})
	r.code.Branch("main", sha)
}

// headAt is what the main branch was at an instant.
func (r *repo) headAt(at time.Time) string {
	for n := len(r.main) - 1; n > 0; n-- {
		if !r.main[n].at.After(at) {
			return r.main[n].sha
		}
	}
	return r.main[0].sha
}

// person is one of the few who work on the repository.
func (r *repo) person() *github.Account {
	few := int(named(r.name)>>8) % len(r.people)
	return r.people[(few+r.rng.IntN(7))%len(r.people)]
}

func (r *repo) other(than *github.Account) *github.Account {
	for {
		if who := r.person(); who != than {
			return who
		}
	}
}

// push is a commit straight to the main branch.
func (r *repo) push(at time.Time) {
	at = r.after(at)
	who := r.person()
	authored := at.Add(-r.between(time.Minute, 90*time.Minute))
	r.advance(at, r.commit(github.CommitSpec{
		Parents: []string{r.head()}, Author: who.Signature(), AuthoredAt: authored.In(jst), CommittedAt: at.In(jst), Message: r.pick(choreTitles), Files: r.change(r.folder()),
	}))
	r.trigger(at)
}

// after is the instant, or a little after the main branch last moved.
func (r *repo) after(at time.Time) time.Time {
	if last := r.main[len(r.main)-1].at.Add(2 * time.Second); at.Before(last) {
		return last
	}
	return at
}
