package ship

import (
	"slices"
	"strings"
)

// Baselines says of several groups, the production environments of one service, which commits were there first with the
// baseline of one of them: nobody knows when they came, wherever else they were shipped later (C2, C7).
type Baselines struct {
	baselines []Deployment // of each group
	first     []int32      // of each commit: the group whose baseline is the earliest to reach it, -1 for none
	taken     set          // commits that Take has given
}

// Baselines takes the successful deployments of each group. Each commit is looked at once, whatever the number of groups.
func (g *Graph) Baselines(groups [][]Deployment) *Baselines {
	b := &Baselines{baselines: make([]Deployment, len(groups)), first: make([]int32, g.Len()), taken: newSet(g.Len())}
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

// Take gives the group whose baseline had a commit before a deployment to another group shipped it; once for each commit.
func (b *Baselines) Take(commit int32, shippedBy Deployment) (group int, ok bool) {
	i := b.first[commit]
	if i < 0 || b.taken.has(commit) || b.baselines[i].Compare(shippedBy) >= 0 {
		return 0, false
	}
	b.taken.add(commit)
	return int(i), true
}
