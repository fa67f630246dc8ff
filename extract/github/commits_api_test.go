package github

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

func TestRandomHistoriesLandWholeByTheAPI(t *testing.T) {
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 7))
		w, _ := withCommits(t, long(3), nil, byAPI)
		var all []string
		for round := range 4 {
			w.edit(func(o *fake.Organisation) {
				r := o.Repository("acme/long")
				all = append(all, r.Head("main"))
				for k := range rng.IntN(150) {
					spec := fake.CommitSpec{AuthoredAt: beginning.Add(time.Duration(rng.IntN(1000)) * time.Hour), Message: fmt.Sprint(round, " ", k)}
					for range 1 + rng.IntN(3) {
						if p := all[rng.IntN(len(all))]; !slices.Contains(spec.Parents, p) {
							spec.Parents = append(spec.Parents, p)
						}
					}
					all = append(all, r.Commit(spec))
				}
				r.Branch("main", all[len(all)-1])
				for range rng.IntN(4) { // deployed from anywhere
					r.AddDeployment(fake.DeploymentSpec{Ref: "main", SHA: all[rng.IntN(len(all))], CreatedAt: beginning})
				}
			})
			kill := rng.IntN(4)
			w.kill = func(stream string, page int) bool { return stream == "commits" && page == kill }
			w.clock.Advance(time.Hour)
			w.run()
			w.kill = nil
			w.restart()
		}
		w.clock.Advance(time.Hour)
		w.mustRun()
		// What was a tip once stays, so more may have landed than what is reached now.
		landed := w.commits("acme/long")
		for _, sha := range w.reached("acme/long", true, w.wantedOf("acme/long", false)...) {
			if _, ok := slices.BinarySearch(landed, sha); !ok {
				t.Errorf("seed %d: %s has not landed", seed, sha)
			}
		}
		w.parentsLanded(landed)
	}
}

func TestAWalkWhoseBeginningWasForcedAwayGoesOnFromWhatItLedTo(t *testing.T) {
	for name, kept := range map[string]int{"above its place": 200, "below its place": 100} {
		t.Run(name, func(t *testing.T) {
			w, logs := withCommits(t, long(350), nil, byAPI)
			w.kill = func(stream string, page int) bool { return stream == "commits" && page == 2 }
			w.run()
			w.kill = nil
			w.restart()
			w.edit(func(o *fake.Organisation) {
				r := o.Repository("acme/long")
				tip := r.Head("main")
				for range 350 - kept {
					tip = r.CommitObject(tip).Parents[0]
				}
				r.Branch("main", tip)
				onBranch(r, "main", "Another", beginning)
				r.Prune()
			})
			w.clock.Advance(time.Hour)
			w.mustRun()
			landed := w.commits("acme/long")
			for _, sha := range w.reached("acme/long", true) {
				if _, ok := slices.BinarySearch(landed, sha); !ok {
					t.Errorf("%s has not landed", sha)
				}
			}
			if kept > 150 {
				w.parentsLanded(landed)
			} else if !strings.Contains(logs.String(), "whose child has landed is not in the repository any more") {
				t.Errorf("the hole was not said:\n%s", logs)
			}
		})
	}
}

func TestCommitsByTheAPICostAPointForAHundred(t *testing.T) {
	w, _ := withCommits(t, long(1000), nil, byAPI)
	w.mustRun()
	if p := w.source.Points("commits"); p.GraphQL > 12 || p.REST > 0 {
		t.Errorf("a thousand commits cost %+v", p)
	}
	w.restart()
	w.clock.Advance(time.Hour)
	w.mustRun()
	if p := w.source.Points("commits"); p.GraphQL > 1 {
		t.Errorf("a run with nothing new costs %+v", p)
	}
	w.restart()
	w.edit(func(o *fake.Organisation) { onBranch(o.Repository("acme/long"), "main", "One more", beginning) })
	w.clock.Advance(time.Hour)
	w.mustRun()
	if p := w.source.Points("commits"); p.GraphQL > 2 {
		t.Errorf("one more commit costs %+v", p)
	}
}

func TestAHistoryIsReadInSmallerPagesWhereThatIsTooMuch(t *testing.T) {
	for name, fault := range map[string]fake.Fault{
		"502": fake.BadGateway(502), "errors": fake.SomethingWentWrong(200), "partial data": fake.ResourceLimits(3),
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := withCommits(t, long(130), nil, byAPI)
			w.server.Inject(fake.On{Contains: "history", MinFirst: 20, Times: 6}, fault)
			w.mustRun()
			w.landed(name, "acme/long", w.reached("acme/long", true))
		})
	}
}

func TestAFullReadByTheAPIFillsHoles(t *testing.T) {
	w, _ := withCommits(t, long(130), nil, byAPI)
	w.mustRun()
	table := w.table(transform.GithubCommits)
	ids := slices.Sorted(func(yield func(string) bool) {
		for id := range table {
			if !yield(id) {
				return
			}
		}
	})
	for _, k := range []int{3, 50, 51, 100} {
		delete(table, ids[k])
	}
	w.full = true
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.landed("full", "acme/long", w.reached("acme/long", true))
}
