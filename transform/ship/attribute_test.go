package ship

import (
	"crypto/sha1"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sha is the hash of a commit that tests call by a name.
func sha(name string) SHA { return sha1.Sum([]byte(name)) }

// graphOf makes a graph of lines "commit parent parent…"; the first line is authored at second 1, the next at 2.
func graphOf(lines ...string) *Graph {
	b := &Builder{}
	for i, line := range lines {
		names := strings.Fields(line)
		c := Commit{SHA: sha(names[0]), AuthoredAt: int64(i+1) * 1e6}
		for _, p := range names[1:] {
			c.Parents = append(c.Parents, sha(p))
		}
		b.Add(c)
	}
	return b.Graph()
}

// line is a main line a-b-c-d-e-f.
var line = []string{"a", "b a", "c b", "d c", "e d", "f e"}

// deployed makes the deployments of names, a minute apart.
func deployed(names string) []Deployment {
	var out []Deployment
	for i, name := range strings.Fields(names) {
		out = append(out, Deployment{ID: fmt.Sprint(i + 1), Commit: sha(name).String(), FinishedAt: int64(i) * 60e6})
	}
	return out
}

// told says of each deployment its kind, marks and culprit, and the commits that it shipped: "rollback ?! <b: x y". The
// marks are ? for an unknown commit, ! for one that follows an unknown one, / for diverged.
func told(g *Graph, deployments []Deployment) []string {
	names := map[string]string{}
	for _, name := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		names[sha(name).String()] = name
	}
	a := g.Attribute(deployments)
	var out []string
	for i, o := range a.Outcomes {
		text := string(o.Kind)
		for _, mark := range []struct {
			is   bool
			text string
		}{{!o.IsKnown, " ?"}, {o.FollowsUnknown, " !"}, {o.IsDiverged, " /"}} {
			if mark.is {
				text += mark.text
			}
		}
		if o.Culprit >= 0 {
			text += " <" + a.Outcomes[o.Culprit].ID
		}
		var shipped []string
		for _, s := range a.Shipped {
			if int(s.Deployment) == i {
				shipped = append(shipped, names[g.SHA(s.Commit).String()])
			}
		}
		slices.Sort(shipped)
		if len(shipped) > 0 {
			text += ": " + strings.Join(shipped, " ")
		}
		out = append(out, text)
	}
	return out
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// rule is a history, deployments of it in their order, and what is told of each. Unknown commits have the names x, y, z.
type rule struct {
	name    string
	commits []string
	deploy  string
	want    []string
}

func check(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		same(t, r.name, told(graphOf(r.commits...), deployed(r.deploy)), r.want)
	}
}

func TestC1ADeploymentShipsWhatItIsTheFirstToReach(t *testing.T) {
	check(t, []rule{
		{"a line", line, "b d e", []string{"baseline", "forward: c d", "forward: e"}},
		{"a merge, and the merge itself", []string{"a", "b a", "c a", "d b c"}, "a b d", []string{"baseline", "forward: b", "forward: c d"}},
		{
			"a hotfix is shipped once, though main brings it again",
			[]string{"a", "b a", "h a", "m b h", "n m"},
			"a h n",
			[]string{"baseline", "forward: h", "forward: b m n"},
		},
		{"of two roots", []string{"a", "b a", "r", "s r", "m b s"}, "a m", []string{"baseline", "forward: b m r s"}},
		{"an octopus", []string{"a", "b a", "c a", "d a", "m b c d"}, "b m", []string{"baseline", "forward: c d m"}},
	})
}

func TestC1EachCommitShipsAtMostOnceWhateverGoesBackAndForth(t *testing.T) {
	check(t, []rule{
		{
			"back and forward again", line, "a c b d a d",
			[]string{"baseline", "forward: b c", "rollback <2", "forward: d", "rollback <2", "forward"},
		},
	})
}

func TestC2MergesAreShippedButNotCounted(t *testing.T) {
	g := graphOf("a", "b a", "c a", "d b c")
	a := g.Attribute(deployed("a d"))
	same(t, "shipped", len(a.Shipped), 3)
	same(t, "counted", a.Outcomes[1].Commits, 2)
}

func TestC2WhatTheBaselineReachesIsShippedByNothing(t *testing.T) {
	g := graphOf(line...)
	a := g.Attribute(deployed("c a e"))
	same(t, "shipped", len(a.Shipped), 2)
	var had []bool
	for _, name := range []string{"a", "c", "d"} {
		had = append(had, a.BaselineReaches(g.Find(sha(name))))
	}
	same(t, "had", had, []bool{true, true, false})
	same(t, "what is not in the graph", a.BaselineReaches(g.Find(sha("x"))), false)
	same(t, "no baseline", g.Attribute(deployed("x")).BaselineReaches(0), false)
}

func TestC3DatesDecideNothing(t *testing.T) {
	b := &Builder{}
	for i, name := range []string{"a", "b", "c"} { // each written before its parent
		c := Commit{SHA: sha(name), AuthoredAt: int64(-i) * 1e6}
		if i > 0 {
			c.Parents = []SHA{sha(string(rune('a' + i - 1)))}
		}
		b.Add(c)
	}
	same(t, "told", told(b.Graph(), deployed("a c b")), []string{"baseline", "forward: b c", "rollback <2"})
}

func TestC6UnknownCommitsShipNothingAndTheNextKnownOneIsMarked(t *testing.T) {
	check(t, []rule{
		{"between", line, "a x c d", []string{"baseline", "forward ?", "forward !: b c", "forward: d"}},
		{"two of them", line, "a x y b", []string{"baseline", "forward ?", "forward ?", "forward !: b"}},
		{"at first: the baseline is the first known one", line, "x b c", []string{"forward ?", "baseline !", "forward: c"}},
		{"the same again", line, "a x x b", []string{"baseline", "forward ?", "redeploy ?", "forward !: b"}},
		{"the same again at first", line, "x x a", []string{"forward ?", "redeploy ?", "baseline !"}},
		{"back from it to what was live", line, "b x b", []string{"baseline", "forward ?", "rollback ! <2"}},
		{"back to it", line, "a x c x", []string{"baseline", "forward ?", "forward !: b c", "rollback ? <3"}},
		{"back from it to what was never deployed here is forward", line, "c x a", []string{"baseline", "forward ?", "forward !"}},
		{"only such", line, "x y x", []string{"forward ?", "forward ?", "rollback ? <2"}},
		{"an absent parent is not known either", []string{"b a", "c b"}, "b a c", []string{"baseline", "forward ?", "forward !: c"}},
	})
	a := graphOf(line...).Attribute([]Deployment{{ID: "1", Commit: "v1.2"}, {ID: "2", Commit: "V1.2", FinishedAt: 1}})
	same(t, "what is no hash", a.Outcomes[1].Kind, Redeploy)
}

func TestD3ThePreviousIsTheSuccessBefore(t *testing.T) {
	g := graphOf(line...)
	got := g.Attribute([]Deployment{
		{ID: "10", Commit: sha("b").String(), FinishedAt: 5, CreatedAt: 2},
		{ID: "9", Commit: sha("a").String(), FinishedAt: 5, CreatedAt: 2},
		{ID: "11", Commit: sha("d").String(), FinishedAt: 4, CreatedAt: 3},
		{ID: "12", Commit: sha("e").String(), FinishedAt: 5, CreatedAt: 1},
	})
	var order []string
	for _, o := range got.Outcomes {
		order = append(order, fmt.Sprint(o.ID, " after ", o.Previous))
	}
	same(t, "by finish, creation, and id as a number", order, []string{"11 after -1", "12 after 0", "9 after 1", "10 after 2"})
}

func TestD4TheBaselineIsTheFirstKnownSuccess(t *testing.T) {
	check(t, []rule{{"one", line, "d", []string{"baseline"}}, {"after unknown ones", line, "x y d", []string{"forward ?", "forward ?", "baseline !"}}})
}

func TestD4ARedeployIsTheCommitThatIsLive(t *testing.T) {
	check(t, []rule{
		{"twice", line, "a b b b c", []string{"baseline", "forward: b", "redeploy", "redeploy", "forward: c"}},
		{"not one that was live before", line, "a b a b", []string{"baseline", "forward: b", "rollback <2", "forward"}},
		{"of the baseline", line, "a a", []string{"baseline", "redeploy"}},
	})
}

func TestD4ARollbackIsAStrictAncestorOfTheLiveCommit(t *testing.T) {
	check(t, []rule{
		{"one that was deployed", line, "a c a", []string{"baseline", "forward: b c", "rollback <2"}},
		{"one that never was", line, "a d b", []string{"baseline", "forward: b c d", "rollback <2"}},
		{"before the baseline", line, "c a", []string{"baseline", "rollback"}},
	})
}

func TestD4WhereTheGraphDoesNotRelateThemTheOneDeployedFirstIsTheRollback(t *testing.T) {
	forked := []string{"a", "b a", "c a", "d b c"}
	check(t, []rule{
		{"back to the one before", forked, "a b c b", []string{"baseline", "forward: b", "forward /: c", "rollback <3"}},
		{"to one never deployed", forked, "a b c", []string{"baseline", "forward: b", "forward /: c"}},
		{"the first deployment of each counts", forked, "a b c b c", []string{"baseline", "forward: b", "forward /: c", "rollback <3", "forward /"}},
		{"a redeployment moves nothing", forked, "a b c c b", []string{"baseline", "forward: b", "forward /: c", "redeploy", "rollback <3"}},
		{"another root", []string{"a", "r"}, "a r a", []string{"baseline", "forward /: r", "rollback <2"}},
	})
}

func TestD4ForwardAgainAfterARollbackShipsWhatWasNotShipped(t *testing.T) {
	check(t, []rule{
		{"nothing", line, "a c b c", []string{"baseline", "forward: b c", "rollback <2", "forward"}},
		{"the rest", line, "a c b e", []string{"baseline", "forward: b c", "rollback <2", "forward: d e"}},
		{"between", line, "a e b c", []string{"baseline", "forward: b c d e", "rollback <2", "forward"}},
	})
}

func TestD4TheCulpritIsTheFirstForwardAfterTheLatestThatTheRollbackGoesBackTo(t *testing.T) {
	check(t, []rule{
		{"of several forward ones", line, "a b c d b", []string{"baseline", "forward: b", "forward: c", "forward: d", "rollback <3"}},
		{"step by step", line, "a b c d c b a", []string{"baseline", "forward: b", "forward: c", "forward: d", "rollback <4", "rollback <3", "rollback <2"}},
		{"the latest such", line, "a b a c a", []string{"baseline", "forward: b", "rollback <2", "forward: c", "rollback <4"}},
		{"an ancestor of the target", line, "a d e c", []string{"baseline", "forward: b c d", "forward: e", "rollback <2"}},
		{"a redeployment is no culprit", line, "a a b b a", []string{"baseline", "redeploy", "forward: b", "redeploy", "rollback <3"}},
		{"an unknown one can be", line, "a x a", []string{"baseline", "forward ?", "rollback ! <2"}},
		{"behind everything there is none", line, "d e a", []string{"baseline", "forward: e", "rollback"}},
		{"none forward since", line, "c d b a", []string{"baseline", "forward: d", "rollback", "rollback"}},
		{
			"a diverged one between",
			[]string{"a", "b a", "c b", "h a"},
			"a b h c b",
			[]string{"baseline", "forward: b", "forward /: h", "forward /: c", "rollback <3"},
		},
	})
}

func TestNothingDependsOnTheOrderInWhichCommitsCame(t *testing.T) {
	commits, main := benchHistory(3000)
	group := benchGroup(main, 60, 7)
	var pulls []PullRequest
	for i, m := range main[1:] {
		pulls = append(pulls, PullRequest{ID: fmt.Sprint(i), Merge: m.String(), FirstCommitAt: NoTime})
	}
	answer := func() any {
		g := benchGraph(commits)
		a := g.Attribute(group)
		type shipped struct {
			Commit SHA
			By     int32
		}
		var list []shipped
		for _, s := range a.Shipped {
			list = append(list, shipped{g.SHA(s.Commit), s.Deployment})
		}
		m := g.PullRequests(pulls, nil)
		for c, i := range m.Brought() {
			list = append(list, shipped{g.SHA(c), int32(-i)})
		}
		return []any{a.Outcomes, list}
	}
	want := answer()
	r := rand.New(rand.NewPCG(5, 5))
	for range 3 {
		r.Shuffle(len(commits), func(i, j int) { commits[i], commits[j] = commits[j], commits[i] })
		same(t, "in another order", answer(), want)
		r.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
		r.Shuffle(len(pulls), func(i, j int) { pulls[i], pulls[j] = pulls[j], pulls[i] })
	}
}

func TestACommitThatComesTwiceIsOne(t *testing.T) {
	g := graphOf("a", "b a", "b a", "a")
	same(t, "commits", g.Len(), 2)
	same(t, "told", told(g, deployed("a b")), []string{"baseline", "forward: b"})
}

// TestACircleEndsAWalk: hashes can make none; a ledger that somebody wrote by hand could.
func TestACircleEndsAWalk(t *testing.T) {
	g := graphOf("a b", "b a", "c c", "d b")
	same(t, "commits", g.Len(), 4)
	for n := range int32(4) {
		for _, p := range g.of(n) {
			if p >= n {
				t.Errorf("commit %d has the parent %d", n, p)
			}
		}
	}
	g.Attribute(deployed("d a b c"))
	g.PullRequests([]PullRequest{{ID: "1", Merge: sha("d").String(), Head: sha("a").String()}}, nil)
}

func TestAGraphOfNothing(t *testing.T) {
	g := (&Builder{}).Graph()
	same(t, "told", told(g, deployed("x y")), []string{"forward ?", "forward ?"})
	same(t, "merges", g.PullRequests([]PullRequest{{ID: "1", Merge: sha("x").String(), FirstCommitAt: 5, Commits: 2}}, nil).Merges,
		[]Merge{{ID: "1", Commit: -1, FirstCommitAt: 5, Commits: 2}})
}

func TestNumbersAreComparedAsNumbers(t *testing.T) {
	ids := []string{"b", "100", "a", "20", "3", "003", ""}
	slices.SortFunc(ids, CompareIDs)
	same(t, "order", ids, []string{"003", "3", "20", "100", "", "a", "b"})
}

func TestOnlyFortyDigitsAreAHash(t *testing.T) {
	text := strings.Repeat("aB3", 13) + "f"
	got, ok := ParseSHA(text)
	if !ok || got.String() != strings.ToLower(text) {
		t.Errorf("%s, %v", got, ok)
	}
	for _, bad := range []string{"", text[1:], text + "0", "g" + text[1:], text[:39] + "\xff"} {
		if _, ok := ParseSHA(bad); ok {
			t.Errorf("%q is taken for a hash", bad)
		}
	}
}
