package ship

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pulls tells how pull requests were merged, "kind first-commit commits: brought"; first commits are places of the
// lines of graphOf. A pull request is "merge head" by the names of its commits.
func pulls(g *Graph, list ...PullRequest) []string {
	names := map[string]string{}
	for _, name := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		names[sha(name).String()] = name
	}
	m := g.PullRequests(list, nil)
	brought := make([][]string, len(list))
	for c, i := range m.Brought() {
		brought[i] = append(brought[i], names[g.SHA(c).String()])
	}
	var out []string
	for i, x := range m.Merges {
		first := "-"
		if x.FirstCommitAt != NoTime {
			first = fmt.Sprint(x.FirstCommitAt / 1e6)
		}
		slices.Sort(brought[i])
		out = append(out, fmt.Sprintf("%s %s %d: %s", cmp.Or(string(x.Kind), "unknown"), first, x.Commits, strings.Join(brought[i], " ")))
	}
	return out
}

func pull(id int, merge, head string) PullRequest {
	return PullRequest{ID: strconv.Itoa(id), Merge: sha(merge).String(), Head: sha(head).String(), MergedAt: int64(id), FirstCommitAt: NoTime}
}

func TestC4ThePullRequestsOwnCommitsAreThoseThatItsBaseDidNotHave(t *testing.T) {
	for _, c := range []struct {
		name    string
		commits []string
		merge   string
		head    string
		want    string
	}{
		{"merged", []string{"a", "b a", "p a", "q p", "m b q"}, "m", "q", "merge 3 2: m p q"},
		{"merged, base merged into it before", []string{"a", "p a", "b a", "q p b", "r q", "m b r"}, "m", "r", "merge 2 2: m p q r"},
		{"squashed", []string{"a", "p a", "q p", "b a", "s b"}, "s", "q", "squash 2 2: s"},
		{"squashed, base merged into it before", []string{"a", "p a", "b a", "q p b", "r q", "s b"}, "s", "r", "squash 2 2: s"},
		{"its head was fetched in vain", []string{"a", "b a", "s b"}, "s", "x", "squash - -1: s"},
		{"a merge of a deleted fork has its commits", []string{"a", "p a", "m a p"}, "m", "x", "merge 2 1: m p"},
		{"its merge is not known", []string{"a", "p a"}, "x", "p", "unknown - -1: "},
		{"pushed to the base as it is", []string{"a", "b a"}, "b", "b", "rebase 2 -1: b"},
		{"the first commit of a repository", []string{"p", "q p", "s"}, "s", "q", "squash 1 2: s"},
		{"nothing of its own", []string{"a", "b a", "s b"}, "s", "a", "squash - 0: s"},
		{"an octopus", []string{"a", "p a", "q a", "m a p q"}, "m", "x", "merge 2 2: m p q"},
		{"history is cut at its base", []string{"s x", "p a"}, "s", "p", "squash - -1: s"},
		{"history is cut at the base of a merge", []string{"a", "p a", "m x p"}, "m", "p", "merge - -1: m"},
	} {
		same(t, c.name, pulls(graphOf(c.commits...), pull(1, c.merge, c.head)), []string{c.want})
	}
}

// copies makes a graph of lines as graphOf does; "b'a" is a copy of a: written at its time, with its title. Nobody knows when
// what is called u to z was written.
func copies(lines ...string) *Graph {
	b := &Builder{}
	at := map[string]int{}
	for i, l := range lines {
		names := strings.Fields(l)
		name, of, isCopy := strings.Cut(names[0], "'")
		at[name] = i + 1
		if isCopy {
			at[name] = at[of]
		}
		c := Commit{SHA: sha(name), AuthoredAt: int64(at[name]) * 1e6, Title: uint32(at[name])}
		if cmp.Or(of, name) >= "u" {
			c.AuthoredAt = NoTime
		}
		for _, p := range names[1:] {
			c.Parents = append(c.Parents, sha(p))
		}
		b.Add(c)
	}
	return b.Graph()
}

func TestARebaseIsKnownByTheCopiesOfItsCommits(t *testing.T) {
	for _, c := range []struct {
		name    string
		commits []string
		merge   string
		head    string
		want    string
	}{
		{"of two", []string{"a", "p a", "q p", "b a", "c'p b", "d'q c"}, "d", "q", "rebase 2 2: c d"},
		{"of one", []string{"a", "p a", "b a", "c'p b"}, "c", "p", "rebase 2 1: c"},
		{"one whose change the base had is left out", []string{"a", "p a", "q p", "r q", "b a", "c'p b", "d'r c"}, "d", "r", "rebase 2 3: c d"},
		{"merges are left out", []string{"a", "p a", "b a", "q p b", "r q", "c'p b", "d'r c"}, "d", "r", "rebase 2 2: c d"},
		{"one copy twice is no rebase of two", []string{"a", "p a", "q p", "b a", "c'q b", "d'q c"}, "d", "q", "squash 2 2: d"},
		{"of two, of one of which nobody knows when it was written", []string{"a", "p a", "u p", "b a", "c'p b", "d'u c"}, "d", "u", "rebase 2 2: c d"},
		{"a squash that kept the time of one of several", []string{"a", "p a", "q p", "b a", "c'q b"}, "c", "q", "squash 2 2: c"},
	} {
		same(t, c.name, pulls(copies(c.commits...), pull(1, c.merge, c.head)), []string{c.want})
	}
}

func TestWhereTheBranchIsGoneTheAPIsCountTellsARebase(t *testing.T) {
	g := graphOf("a", "b a", "c b", "d c")
	said := func(commits int, first int64) PullRequest {
		p := pull(1, "d", "x")
		p.Commits, p.FirstCommitAt = commits, first
		return p
	}
	for _, c := range []struct {
		name string
		pull PullRequest
		want string
	}{
		{"rebased", said(2, 3e6), "rebase 3 2: c d"},
		{"squashed", said(2, 1e6), "squash 1 2: d"},
		{"more than there are", said(1_000_000_000, 1e6), "squash 1 1000000000: d"},
		{"no time", said(2, NoTime), "squash - 2: d"},
	} {
		same(t, c.name, pulls(g, c.pull), []string{c.want})
	}
	p := pull(1, "d", "d")
	p.Commits, p.FirstCommitAt = 3, 2e6
	same(t, "pushed as it is", pulls(g, p), []string{"rebase 2 3: b c d"})
}

func TestACommitBelongsToThePullRequestThatBroughtTheFewest(t *testing.T) {
	// q was merged into the branch of p, as n, before that was merged into the base, as m.
	g := graphOf("a", "p a", "q p", "n p q", "r n", "m a r")
	same(t, "nested", pulls(g, pull(1, "n", "q"), pull(2, "m", "r")), []string{"merge 3 1: n q", "merge 2 3: m p r"})
	same(t, "whichever was merged first", pulls(g, pull(2, "m", "r"), pull(3, "n", "q")), []string{"merge 2 3: m p r", "merge 3 1: n q"})
	same(t, "the same merge twice", pulls(g, pull(7, "n", "q"), pull(30, "n", "q")), []string{"merge 3 1: n q", "merge 3 1: "})
}

// workshop is a repository in which branches are made and merged as GitHub does it.
type workshop struct {
	r       *rand.Rand
	commits []made
	main    int
	pulls   []merged
}

type merged struct {
	merge, head, base int // base is what the base branch was at before
	kind              MergeKind
	brought           int // of a rebase
}

func (w *workshop) commit(at int64, title string, parents ...int) int {
	w.commits = append(w.commits, made{parents: parents, at: at, title: title})
	return len(w.commits) - 1
}

func (w *workshop) work(parents ...int) int {
	at := 1_600_000_000 + w.r.Int64N(40) // times are often the same, titles never
	return w.commit(at, fmt.Sprint("work ", len(w.commits)), parents...)
}

// branch works on a branch of a commit, and merges into it what came to main in the meantime.
func (w *workshop) branch(from int) int {
	head := w.work(from)
	for range w.r.IntN(4) {
		if w.r.IntN(5) == 0 && head != w.main {
			head = w.work(head, w.main)
			continue
		}
		head = w.work(head)
	}
	return head
}

// merge merges a branch into what base is at, and gives what it is at then.
func (w *workshop) merge(base, head int) int {
	m := merged{head: head, base: base}
	switch w.r.IntN(3) {
	case 0:
		m.kind, m.merge = Merged, w.work(base, head)
	case 1:
		m.kind, m.merge = Squashed, w.work(base)
	default:
		m.kind, m.merge = Rebased, base
		for _, c := range w.own(head, base) {
			m.merge = w.commit(w.commits[c].at, w.commits[c].title, m.merge)
			m.brought++
		}
	}
	w.pulls = append(w.pulls, m)
	return m.merge
}

// own lists what head reaches and base does not, without merges, oldest first.
func (w *workshop) own(head, base int) []int {
	reach := func(from int) map[int]bool {
		seen := map[int]bool{}
		for stack := []int{from}; len(stack) > 0; {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if !seen[n] {
				seen[n] = true
				stack = append(stack, w.commits[n].parents...)
			}
		}
		return seen
	}
	ours, theirs := reach(head), reach(base)
	var out []int
	for c := range ours {
		if !theirs[c] && len(w.commits[c].parents) < 2 {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return out
}

func TestPullRequestsAreWhatGitSays(t *testing.T) {
	for seed := range seeds(40, 600) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := &workshop{r: rand.New(rand.NewPCG(uint64(seed), 13))}
			w.main = w.work()
			line := []int{w.main}
			for range 6 + w.r.IntN(10) {
				if w.r.IntN(4) == 0 {
					w.main = w.work(w.main)
				} else {
					head := w.branch(line[w.r.IntN(len(line))])
					if w.r.IntN(4) == 0 { // a pull request into the branch of another
						head = w.work(w.merge(head, w.branch(head)))
					}
					w.main = w.merge(w.main, head)
				}
				line = append(line, w.main)
			}
			repo := newRepository(t, w.commits)
			g := repo.graph()
			var list []PullRequest
			for i, m := range w.pulls {
				list = append(list, PullRequest{ID: strconv.Itoa(i), Merge: repo.shas[m.merge], Head: repo.shas[m.head], MergedAt: int64(i), FirstCommitAt: NoTime})
			}
			var want []Merge
			sizes := make([]int, len(list))
			owner := map[string]int{}
			for i, m := range w.pulls {
				one := Merge{ID: list[i].ID, Kind: m.kind, IsKnown: true, Commit: g.find(list[i].Merge), FirstCommitAt: NoTime}
				for _, own := range repo.list("--no-merges", repo.shas[m.head], "--not", repo.shas[m.base]) {
					at, err := strconv.ParseInt(strings.TrimSpace(repo.git("", "show", "-s", "--format=%at", own)), 10, 64)
					if err != nil {
						t.Fatal(err)
					}
					one.Commits++
					if one.FirstCommitAt == NoTime || at*1e6 < one.FirstCommitAt {
						one.FirstCommitAt = at * 1e6
					}
				}
				want = append(want, one)
				brought := repo.list(list[i].Merge, "--not", repo.shas[m.base])
				sizes[i] = len(brought)
				for _, c := range brought {
					if have, ok := owner[c]; !ok || sizes[i] < sizes[have] {
						owner[c] = i
					}
				}
			}
			w.r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			got := g.PullRequests(list, nil)
			same(t, "merges", got.Merges, want)
			have := map[string]int{}
			for c, i := range got.Brought() {
				have[g.SHA(c).String()] = i
			}
			same(t, "brought", have, owner)
		})
	}
}
