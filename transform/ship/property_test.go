package ship

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomCommits makes a history of main, release and hotfix branches, merges both ways, octopus merges and further
// roots. Authors' clocks are wrong at will.
func randomCommits(r *rand.Rand, n int) []made {
	var out []made
	tips := []int{}
	for i := range n {
		c := made{at: 1_600_000_000 + r.Int64N(100_000_000), title: fmt.Sprint("commit ", i)}
		any := func() int { return tips[r.IntN(len(tips))] }
		switch k := r.IntN(100); {
		case i == 0 || k < 3: // another root
			tips = append(tips, i)
		case k < 18: // a branch of an old commit, as a hotfix is
			c.parents = []int{r.IntN(i)}
			tips = append(tips, i)
		case k < 40 && len(tips) > 1: // a merge
			seen := map[int]bool{}
			for range 2 + r.IntN(100)/85*(1+r.IntN(3)) {
				if p := any(); !seen[p] {
					seen[p] = true
					c.parents = append(c.parents, p)
				}
			}
			tips[slices.Index(tips, c.parents[0])] = i
		default:
			c.parents = []int{any()}
			tips[slices.Index(tips, c.parents[0])] = i
		}
		out = append(out, c)
	}
	return out
}

// randomGroup deploys commits that lie near each other, goes back, redeploys, and deploys what is not known.
func randomGroup(r *rand.Rand, shas []string, n int) []Deployment {
	var out []Deployment
	at := r.IntN(len(shas))
	for i := range n {
		var commit string
		switch k := r.IntN(100); {
		case i > 0 && k < 10:
			commit = out[i-1].Commit
		case i > 0 && k < 30:
			commit = out[r.IntN(i)].Commit
		case k < 42:
			commit = sha(fmt.Sprint("gone ", r.IntN(3))).String()
		default:
			at = min(max(0, at+r.IntN(12)-3), len(shas)-1)
			commit = shas[at]
		}
		// Ties, so that creation and id decide; in their order here.
		out = append(out, Deployment{ID: fmt.Sprint(i + 95), Commit: commit, FinishedAt: int64(i / 3), CreatedAt: int64(i / 2)})
	}
	return out
}

// expected judges a group as the rules are written, and asks git everything.
func expected(r *repository, deployments []Deployment) (outcomes []Outcome, shipped map[string]int) {
	known := map[string]bool{}
	for _, s := range r.shas {
		known[s] = true
	}
	shipped = map[string]int{}
	var before []string // the known commits so far
	baseline := -1
	for i, d := range deployments {
		o := Outcome{Deployment: d, IsKnown: known[d.Commit], Previous: i - 1, Culprit: -1}
		reaches := func(a, b string) bool { return a == b || known[a] && known[b] && r.isAncestor(b, a) }
		firstDeployed := func(commit string) int {
			return slices.IndexFunc(deployments, func(x Deployment) bool { return x.Commit == commit })
		}
		live := ""
		if i > 0 {
			live = deployments[i-1].Commit
		}
		switch {
		case o.IsKnown && baseline < 0:
			o.Kind, baseline = Baseline, i
		case live == "":
			o.Kind = Forward
		case live == d.Commit:
			o.Kind = Redeploy
		case reaches(live, d.Commit):
			o.Kind = Rollback
		case reaches(d.Commit, live):
			o.Kind = Forward
		case firstDeployed(d.Commit) < firstDeployed(live):
			o.Kind = Rollback
		default:
			o.Kind, o.IsDiverged = Forward, o.IsKnown && known[live]
		}
		o.FollowsUnknown = o.IsKnown && i > 0 && !known[live]
		if o.Kind == Rollback {
			back := i - 1
			for back >= 0 && !reaches(d.Commit, deployments[back].Commit) {
				back--
			}
			for j := back + 1; back >= 0 && j < i && o.Culprit < 0; j++ {
				if outcomes[j].Kind == Forward {
					o.Culprit = j
				}
			}
		}
		if o.IsKnown && o.Kind != Baseline {
			for _, s := range r.list(append([]string{d.Commit, "--not"}, before...)...) {
				shipped[s] = i
			}
			o.Commits = len(r.list(append([]string{"--no-merges", d.Commit, "--not"}, before...)...))
		}
		if o.IsKnown {
			before = append(before, d.Commit)
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, shipped
}

func TestAttributionIsWhatGitSays(t *testing.T) {
	for seed := range seeds(40, 600) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(seed), 11))
			repo := newRepository(t, randomCommits(r, 20+r.IntN(60)))
			g := repo.graph()
			for group := range 3 { // services and environments: each by itself, over the same graph
				deployments := randomGroup(r, repo.shas, 8+r.IntN(12))
				outcomes, shipped := expected(repo, deployments)
				given := slices.Clone(deployments)
				r.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
				got := g.Attribute(given)
				same(t, fmt.Sprint("outcomes of group ", group), got.Outcomes, outcomes)
				have := map[string]int{}
				for _, s := range got.Shipped {
					name := g.SHA(s.Commit).String()
					if _, twice := have[name]; twice {
						t.Errorf("%s is shipped twice", name)
					}
					have[name] = int(s.Deployment)
				}
				same(t, fmt.Sprint("shipped in group ", group), have, shipped)
				if base := slices.IndexFunc(outcomes, func(o Outcome) bool { return o.Kind == Baseline }); base >= 0 {
					reached := map[string]bool{}
					for _, s := range repo.list(deployments[base].Commit) {
						reached[s] = true
					}
					for _, s := range repo.shas {
						if got.BaselineReaches(g.find(s)) != reached[s] {
							t.Errorf("the baseline reaches %s: %v", s, !reached[s])
						}
					}
				}
			}
		})
	}
}

// TestAncestryAndRangesAreThoseOfAPlainWalk asks every pair of many small graphs, some of which lack commits.
func TestAncestryAndRangesAreThoseOfAPlainWalk(t *testing.T) {
	for seed := range seeds(150, 5000) {
		r := rand.New(rand.NewPCG(uint64(seed), 12))
		commits := randomCommits(r, 10+r.IntN(40))
		shas := make([]SHA, len(commits))
		for i := range commits {
			shas[i] = sha(fmt.Sprint(seed, i))
		}
		b := &Builder{}
		absent := map[int]bool{}
		for i, c := range commits {
			if seed%3 == 0 && r.IntN(12) == 0 {
				absent[i] = true
				continue
			}
			one := Commit{SHA: shas[i], AuthoredAt: c.at}
			for _, p := range c.parents {
				one.Parents = append(one.Parents, shas[p])
			}
			b.Add(one)
		}
		g := b.Graph()
		reach := make([]map[int]bool, len(commits))
		for i, c := range commits { // parents come before
			if absent[i] {
				continue
			}
			reach[i] = map[int]bool{i: true}
			for _, p := range c.parents {
				for q := range reach[p] {
					reach[i][q] = true
				}
			}
		}
		w := g.walker()
		for i := range commits {
			for j := range commits {
				from, to := g.Find(shas[i]), g.Find(shas[j])
				if (from < 0) != absent[i] {
					t.Fatalf("seed %d: commit %d is absent: %v, found %d", seed, i, absent[i], from)
				}
				if from < 0 || to < 0 {
					continue
				}
				if got := w.reaches(from, to); got != reach[i][j] {
					t.Fatalf("seed %d: %d reaches %d: %v", seed, i, j, got)
				}
				got := map[SHA]bool{}
				for _, n := range w.beyond(from, to) {
					got[g.SHA(n)] = true
				}
				want := map[SHA]bool{}
				for q := range reach[i] {
					if !reach[j][q] {
						want[shas[q]] = true
					}
				}
				if len(got) != len(want) {
					t.Fatalf("seed %d: %d beyond %d: %d commits, want %d", seed, i, j, len(got), len(want))
				}
				for s := range want {
					if !got[s] {
						t.Fatalf("seed %d: %d beyond %d lacks %s", seed, i, j, s)
					}
				}
			}
		}
	}
}
