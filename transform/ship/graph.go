// Package ship walks the commit graph of a repository, which SQL does badly. It says of each deployment what it was the
// first to bring to its environment and whether it went forward, back or nowhere (Attribute: rules C1, C6, D3 and D4),
// and of each merged pull request how it was merged, when its work began and which commits it brought to its base
// (PullRequests).
//
// A graph is built once from commits in any order and then only read. Commits are known by number there: a parent has
// a smaller one than its children, and what a commit reaches lies close below it. Nothing depends on the order in which
// the commits came. Dates decide nothing.
package ship

import (
	"bytes"
	"cmp"
	"math"
	"slices"
)

// NoTime stands for a time that is not known. Times are microseconds since 1970, UTC.
const NoTime int64 = math.MinInt64

// Commit is what a graph is made of.
type Commit struct {
	SHA        SHA
	Parents    []SHA
	AuthoredAt int64 // NoTime where it is not known
	// Title is a hash of the first line of the message, or 0. With the time it tells a rebased commit from another.
	Title uint32
}

// Builder takes the commits of one repository. Its zero value is ready.
type Builder struct {
	index    index // hashes by the order of their first mention, as a commit or as a parent
	parents  []int32
	begin    []int32 // where in parents a commit's begin, -1 of what has only been mentioned
	end      []int32
	authored []int64
	title    []uint32
	commits  int
}

// NewBuilder makes a builder for about so many commits.
func NewBuilder(commits int) *Builder {
	b := &Builder{
		parents: make([]int32, 0, commits+commits/4), begin: make([]int32, 0, commits), end: make([]int32, 0, commits),
		authored: make([]int64, 0, commits), title: make([]uint32, 0, commits),
	}
	b.index.shas = make([]SHA, 0, commits)
	size := 64
	for size < 2*commits+2 {
		size *= 2
	}
	b.index.grow(size)
	return b
}

// Add takes a commit; the parents are not kept. One that has come before is passed over: commits never change. Parents
// need not come at all: what lies behind them is then not known.
func (b *Builder) Add(c Commit) {
	n := b.number(c.SHA)
	if b.begin[n] >= 0 {
		return
	}
	b.commits++
	b.begin[n] = int32(len(b.parents))
	for _, p := range c.Parents {
		b.parents = append(b.parents, b.number(p))
	}
	b.end[n] = int32(len(b.parents))
	b.authored[n], b.title[n] = c.AuthoredAt, c.Title
}

func (b *Builder) number(sha SHA) int32 {
	n := b.index.add(sha)
	if int(n) == len(b.begin) {
		b.begin, b.end = append(b.begin, -1), append(b.end, -1)
		b.authored, b.title = append(b.authored, NoTime), append(b.title, 0)
	}
	return n
}

// Graph is the commits of one repository. It is read only, and safe for concurrent use.
type Graph struct {
	index    index
	begin    []int32 // of a commit's parents; one more than there are commits
	parents  []int32 // -1 for a parent that is not in the graph
	authored []int64
	title    []uint32
	depth    []int32 // commits on the longest way down
	low      []int32 // all from here up to the commit itself is what it reaches, though not all of that
}

// Graph gives the graph. The builder is used up.
//
// Commits are numbered as a walk from the heads leaves them, first parents first. The numbers from the first that was
// given below a commit up to its own are then a tree that it reaches, which answers most questions of ancestry at once.
func (b *Builder) Graph() *Graph {
	n := len(b.begin)
	o := ordering{b: b, number: make([]int32, n), low: make([]int32, n), order: make([]int32, 0, b.commits)}
	for i := range o.number {
		o.number[i] = unseen
	}
	for _, head := range b.heads() {
		o.from(head)
	}
	for i := range int32(n) {
		o.from(i) // hashes can make no circle; a broken ledger might
	}
	g := &Graph{
		begin: make([]int32, 1, b.commits+1), parents: make([]int32, 0, len(b.parents)),
		authored: make([]int64, b.commits), title: make([]uint32, b.commits), depth: make([]int32, b.commits), low: make([]int32, b.commits),
	}
	shas := make([]SHA, b.commits)
	for i, was := range o.order {
		shas[i], g.authored[i], g.title[i], g.low[i] = b.index.shas[was], b.authored[was], b.title[was], o.low[was]
		depth := int32(0)
		for _, p := range b.parents[b.begin[was]:b.end[was]] {
			parent := o.number[p]
			if parent >= int32(i) {
				parent = -1
			}
			if parent >= 0 {
				depth = max(depth, g.depth[parent])
			}
			g.parents = append(g.parents, parent)
		}
		g.depth[i] = depth + 1
		g.begin = append(g.begin, int32(len(g.parents)))
	}
	g.index = b.index
	g.index.renumber(shas, o.number)
	*b = Builder{}
	return g
}

// heads are the commits that are no parent, the latest first: the main line comes before what was left long ago.
func (b *Builder) heads() []int32 {
	isParent := newSet(len(b.begin))
	for _, p := range b.parents {
		isParent.add(p)
	}
	var out []int32
	for n := range int32(len(b.begin)) {
		if b.begin[n] >= 0 && !isParent.has(n) {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(x, y int32) int {
		return cmp.Or(cmp.Compare(b.authored[y], b.authored[x]), bytes.Compare(b.index.shas[x][:], b.index.shas[y][:]))
	})
	return out
}

// unseen and open are numbers of commits that the ordering has not come to, or not left; both stay of what is no commit.
const (
	unseen = -1
	open   = -2
)

// ordering numbers commits.
type ordering struct {
	b      *Builder
	number []int32
	low    []int32 // the numbers given before the walk came to a commit
	order  []int32
	stack  []step
}

// step is a commit that the walk is at, and the next of its parents to look at.
type step struct{ commit, next int32 }

func (o *ordering) from(head int32) {
	o.enter(head)
	for len(o.stack) > 0 {
		top := &o.stack[len(o.stack)-1]
		if top.next < o.b.end[top.commit] {
			parent := o.b.parents[top.next]
			top.next++
			o.enter(parent)
			continue
		}
		o.number[top.commit] = int32(len(o.order))
		o.order = append(o.order, top.commit)
		o.stack = o.stack[:len(o.stack)-1]
	}
}

func (o *ordering) enter(commit int32) {
	if o.b.begin[commit] < 0 || o.number[commit] != unseen {
		return
	}
	o.number[commit], o.low[commit] = open, int32(len(o.order))
	o.stack = append(o.stack, step{commit, o.b.begin[commit]})
}

// Len is the number of commits.
func (g *Graph) Len() int { return len(g.depth) }

// Find gives the number of a commit, -1 where it is not in the graph.
func (g *Graph) Find(sha SHA) int32 { return g.index.find(sha) }

// find is Find for a hash as text.
func (g *Graph) find(text string) int32 {
	sha, ok := ParseSHA(text)
	if !ok {
		return -1
	}
	return g.Find(sha)
}

// SHA is the hash of the commit of a number.
func (g *Graph) SHA(n int32) SHA { return g.index.shas[n] }

// IsMerge reports whether a commit has more parents than one, whether or not they are in the graph.
func (g *Graph) IsMerge(n int32) bool { return g.begin[n+1]-g.begin[n] > 1 }

// of gives the parents of a commit.
func (g *Graph) of(n int32) []int32 { return g.parents[g.begin[n]:g.begin[n+1]] }
