package ship

import (
	"cmp"
	"iter"
	"slices"
)

// PullRequest is a merged pull request.
type PullRequest struct {
	ID       string
	Merge    string // the commit that merged it, the squashed one, or the last of the rebased ones; "" where not known
	Head     string // the last commit of its branch; "" where not known
	MergedAt int64
	// Commits and FirstCommitAt are what the API says of the branch's own commits; 0 and NoTime where it was not asked.
	Commits       int
	FirstCommitAt int64
}

// MergeKind is how a pull request came to its base.
type MergeKind string

// The ways of merging. A branch that was pushed to the base as it is counts as rebased.
const (
	Merged   MergeKind = "merge"
	Squashed MergeKind = "squash"
	Rebased  MergeKind = "rebase"
)

// Merge is what the graph says of a pull request.
type Merge struct {
	ID      string
	Kind    MergeKind // "" where the commit that merged it is not known
	IsKnown bool      // that commit is in the graph
	Commit  int32     // its number, -1 where it is not
	// FirstCommitAt is the earliest authored time of the branch's own commits, and Commits their number, both without
	// merges; NoTime and -1 where they are not known.
	FirstCommitAt int64
	Commits       int
}

// Merges is what PullRequests gives.
type Merges struct {
	Merges []Merge // in the order of merging
	owner  []int32 // of each commit, the place of the pull request that brought it to its base; -1 for none
}

// Brought yields each commit that a pull request brought to its base, and the place of the pull request. Where one was
// merged into the branch of another, or the base of one into that of another, a commit belongs to the one that brought
// the fewest.
func (m *Merges) Brought() iter.Seq2[int32, int] {
	return func(yield func(int32, int) bool) {
		for commit, pull := range m.owner {
			if pull >= 0 && !yield(int32(commit), int(pull)) {
				return
			}
		}
	}
}

// PullRequests says how pull requests were merged. For each it looks at its branch and at what came to the base since
// the branch left it. What it brought to its base is shown to each, if that is given, with its place among the merges.
func (g *Graph) PullRequests(pulls []PullRequest, each func(place int, brought []int32)) *Merges {
	ordered := slices.Clone(pulls)
	slices.SortFunc(ordered, func(a, b PullRequest) int {
		return cmp.Or(cmp.Compare(a.MergedAt, b.MergedAt), CompareIDs(a.ID, b.ID))
	})
	out := &Merges{Merges: make([]Merge, 0, len(ordered)), owner: make([]int32, g.Len())}
	for i := range out.owner {
		out.owner[i] = -1
	}
	w := g.walker()
	sizes := make([]int, len(ordered))
	for i, p := range ordered {
		m, brought := w.merge(p)
		out.Merges = append(out.Merges, m)
		sizes[i] = len(brought)
		if each != nil {
			each(i, brought)
		}
		for _, c := range brought {
			if have := out.owner[c]; have < 0 || sizes[i] < sizes[have] {
				out.owner[c] = int32(i)
			}
		}
	}
	return out
}

// merge judges one pull request and gives the commits that it brought to its base.
func (w *walker) merge(p PullRequest) (m Merge, brought []int32) {
	m = Merge{ID: p.ID, Commit: w.find(p.Merge), FirstCommitAt: p.FirstCommitAt, Commits: -1}
	if p.Commits > 0 {
		m.Commits = p.Commits
	}
	if m.Commit < 0 {
		return m, nil
	}
	m.IsKnown = true
	head, base, rooted := w.find(p.Head), int32(-1), true
	if parents := w.of(m.Commit); len(parents) > 0 {
		base = parents[0]
		rooted = base >= 0
	}
	switch {
	case head == m.Commit: // put onto the base as it was: of its own commits one is known for certain, and how many the API says
		m.Kind, brought = Rebased, w.line(m.Commit, max(1, p.Commits))
		if at := w.earliest(brought); at != NoTime {
			m.FirstCommitAt = at
		}
		return m, brought
	case w.IsMerge(m.Commit):
		m.Kind = Merged
		if !rooted {
			return m, []int32{m.Commit}
		}
		brought = w.beyond(m.Commit, base)
		w.own(&m, brought[1:])
		return m, brought
	case head < 0 || !rooted:
		m.Kind, brought = w.bySaying(m.Commit, p)
		return m, brought
	}
	own := w.own(&m, w.beyond(head, base))
	m.Kind, brought = w.byCopies(m.Commit, own)
	return m, brought
}

// own notes the branch's own commits and gives them without merges.
func (w *walker) own(m *Merge, commits []int32) []int32 {
	own := make([]int32, 0, len(commits))
	for _, c := range commits {
		if !w.IsMerge(c) {
			own = append(own, c)
		}
	}
	m.Commits, m.FirstCommitAt = len(own), w.earliest(own)
	return own
}

// earliest is when the first of some commits was authored, merges left out; NoTime where no time is known.
func (w *walker) earliest(commits []int32) int64 {
	first := NoTime
	for _, c := range commits {
		if at := w.authored[c]; at != NoTime && !w.IsMerge(c) && (first == NoTime || at < first) {
			first = at
		}
	}
	return first
}

// copied is what a rebase leaves of a commit.
type copied struct {
	at    int64
	title uint32
}

// byCopies tells a rebase from a squash: behind the last rebased commit stand copies of the branch's own. Those whose
// change the base had already are left out of it. One copy of several commits is a squash that kept an author's time.
func (w *walker) byCopies(commit int32, own []int32) (MergeKind, []int32) {
	left := make(map[copied]int, len(own))
	for _, c := range own {
		left[copied{w.authored[c], w.title[c]}]++
	}
	line := w.line(commit, len(own))
	n := 0
	for ; n < len(line); n++ {
		c := copied{w.authored[line[n]], w.title[line[n]]}
		if left[c] == 0 {
			break
		}
		left[c]--
	}
	if n > 0 && (n == len(own) || n > 1) {
		return Rebased, line[:n]
	}
	return Squashed, []int32{commit}
}

// bySaying tells them apart where the branch is gone, by what the API says of it: as many commits back stands one that
// was written when the first of the branch was.
func (w *walker) bySaying(commit int32, p PullRequest) (MergeKind, []int32) {
	if p.Commits > 0 && p.FirstCommitAt != NoTime {
		line := w.line(commit, p.Commits)
		first := NoTime
		for _, c := range line {
			if at := w.authored[c]; first == NoTime || at < first {
				first = at
			}
		}
		if len(line) == p.Commits && first == p.FirstCommitAt {
			return Rebased, line
		}
	}
	return Squashed, []int32{commit}
}

// line gives a commit and the first parents behind it, at most n in all.
func (w *walker) line(commit int32, n int) []int32 {
	var out []int32
	for commit >= 0 && len(out) < n {
		out = append(out, commit)
		parents := w.of(commit)
		if len(parents) == 0 {
			break
		}
		commit = parents[0]
	}
	return out
}
