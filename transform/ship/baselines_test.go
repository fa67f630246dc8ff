package ship

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestC2AndC7ACommitIsEarlyWhereABaselineElsewhereHadItBefore(t *testing.T) {
	g := graphOf(line...)
	at := func(id int, commit string, minute int64) Deployment {
		return Deployment{ID: fmt.Sprint(id), Commit: sha(commit).String(), FinishedAt: minute}
	}
	// The second group begins at d; the first begins at b and is behind it. The third begins last, and so says nothing of c.
	groups := [][]Deployment{{at(1, "b", 10), at(2, "d", 30)}, {at(3, "gone", 15), at(4, "d", 20)}, {at(5, "e", 40)}, {}}
	b := g.Baselines(groups)
	had := func(commit string, by Deployment) bool { return b.Had(g.Find(sha(commit)), by) }
	same(t, "shipped before that baseline", had("c", at(6, "c", 19)), false)
	same(t, "by that baseline itself", had("c", at(4, "d", 20)), false)
	same(t, "at the same time, by a greater id", had("c", at(5, "c", 20)), true)
	same(t, "what the earliest baseline reaches is its own", had("a", at(2, "d", 30)), true)
	same(t, "what no baseline reaches", had("f", at(9, "f", 99)), false)
}

// In plain words: a commit is early where the baseline of some other group that comes before its shipment reaches it.
func TestBaselinesElsewhereAreWhatPlainReachabilitySays(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 5))
		history := randomCommits(r, 40)
		var lines, shas []string
		for n, c := range history {
			text := fmt.Sprint(n)
			shas = append(shas, sha(text).String())
			for _, p := range c.parents {
				text += fmt.Sprint(" ", p)
			}
			lines = append(lines, text)
		}
		g := graphOf(lines...)
		groups := make([][]Deployment, 3)
		for i := range groups {
			for _, d := range randomGroup(r, shas, 6) {
				d.ID, d.FinishedAt = fmt.Sprint(d.ID, i), d.FinishedAt+r.Int64N(3)
				groups[i] = append(groups[i], d)
			}
		}
		var got, want []string
		b := g.Baselines(groups)
		attributions := make([]*Attribution, len(groups))
		for i := range groups {
			attributions[i] = g.Attribute(groups[i])
		}
		for i, a := range attributions {
			b.See(a)
			for _, s := range a.Shipped {
				name, by := g.SHA(s.Commit).String(), a.Outcomes[s.Deployment].Deployment
				for j, other := range attributions {
					first := slices.IndexFunc(other.Outcomes, func(o Outcome) bool { return o.Kind == Baseline })
					if j == i || first < 0 || !other.BaselineReaches(s.Commit) || other.Outcomes[first].Compare(by) >= 0 {
						continue
					}
					want = append(want, name)
				}
			}
		}
		for commit := range b.Early() {
			got = append(got, g.SHA(commit).String())
		}
		slices.Sort(got)
		slices.Sort(want)
		same(t, fmt.Sprint("seed ", seed), got, slices.Compact(want))
	}
}
