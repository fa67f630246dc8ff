package ship

import (
	"iter"
	"slices"
	"strings"
)

// Baselines says of several groups, the production environments of the services of a repository, which commits some baseline
// had before another group was sent them: nobody knows when those came (C2, C7, L2).
type Baselines struct {
	baselines []Deployment // of each group
	first     []int32      // of each commit: the group whose baseline is the earliest to reach it, -1 for none
	early     set          // commits that See has found
}

// Baselines takes the successful deployments of each group. Each commit is looked at once, whatever the number of groups.
func (g *Graph) Baselines(groups [][]Deployment) *Baselines {
	b := &Baselines{baselines: make([]Deployment, len(groups)), first: make([]int32, g.Len()), early: newSet(g.Len())}
	for n := range b.first {
		b.first[n] = -1
	}
	tips := make([]int32, len(groups))
	var order []int
	for i, deployments := range groups {
		tips[i] = -1
		for _, d := range deployments {
			n := g.find(strings.ToLower(d.Commit))
			if n >= 0 && (tips[i] < 0 || d.Compare(b.baselines[i]) < 0) {
				tips[i], b.baselines[i] = n, d
			}
		}
		if tips[i] >= 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(x, y int) int { return b.baselines[x].Compare(b.baselines[y]) })
	var stack []int32
	for _, i := range order {
		see := func(n int32) {
			if n >= 0 && b.first[n] < 0 {
				b.first[n] = int32(i)
				stack = append(stack, n)
			}
		}
		for see(tips[i]); len(stack) > 0; {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, p := range g.of(n) {
				see(p)
			}
		}
	}
	return b
}

// Had reports whether some baseline had a commit before a deployment to another group shipped it.
func (b *Baselines) Had(commit int32, shippedBy Deployment) bool {
	i := b.first[commit]
	return i >= 0 && b.baselines[i].Compare(shippedBy) < 0
}

// See looks through what was shipped to one of the groups.
func (b *Baselines) See(a *Attribution) {
	for _, c := range a.Shipped {
		if b.Had(c.Commit, a.Outcomes[c.Deployment].Deployment) {
			b.early.add(c.Commit)
		}
	}
}

// Early yields each commit that was shipped though some baseline had it before, as far as See has seen.
func (b *Baselines) Early() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for n := range int32(len(b.first)) {
			if b.early.has(n) && !yield(n) {
				return
			}
		}
	}
}
