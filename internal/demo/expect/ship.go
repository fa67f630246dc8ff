package expect

import (
	"slices"
	"strings"
)

// shipment is a success within its group: a service, a repository and an environment.
type shipment struct {
	placed
	service        string
	kind           string // baseline, forward, redeploy or rollback (D4)
	known          bool   // its commit exists
	afterUnknown   bool   // the first known one after an unknown one (C6)
	diverged       bool
	previous       *shipment
	culprit        *shipment
	shipped        map[string]bool // commits that it was the first to bring (C1); none for a baseline
	reached        map[string]bool // all that its commit reaches
	alreadyReached map[string]bool // of a baseline, what it reaches: no one knows when that came (C2)
}

// silent tells whether what it ships has no lead time.
func (x *shipment) silent() bool { return x.afterUnknown || x.kind == "rollback" }

// groupKey is a service and an environment of a repository; environments that differ in case are one.
type groupKey struct{ repository, service, environment string }

// shipments applies C1, C6, D3 and D4 to every group, in the order of finish.
func shipments(code Code) map[groupKey][]*shipment {
	groups := map[groupKey][]*shipment{}
	for n := range code.Repositories {
		r := &code.Repositories[n]
		reach := reacher{r.Commits, map[string]map[string]bool{}}
		own := map[groupKey]bool{}
		for k := range r.Deployments {
			d := placed{&r.Deployments[k], r}
			if d.Success.IsZero() || !d.ships() {
				continue
			}
			for _, service := range r.Services {
				key := groupKey{r.Name, service, strings.ToLower(d.Environment)}
				_, known := r.Commits[d.SHA]
				groups[key] = append(groups[key], &shipment{placed: d, service: service, known: known, reached: reach.of(d.SHA)})
				own[key] = true
			}
		}
		for key := range own {
			walk(groups[key])
		}
	}
	return groups
}

func walk(group []*shipment) {
	slices.SortFunc(group, func(a, b *shipment) int { return before(a.Deployment, b.Deployment) })
	brought := map[string]bool{}
	first := map[string]int{} // when a commit was first deployed here
	baseline, unknown := false, false
	for n, x := range group {
		if n > 0 {
			x.previous = group[n-1]
		}
		x.shipped = map[string]bool{}
		x.kind, x.diverged = kindOf(x, x.previous, baseline, first)
		if x.known && unknown {
			x.afterUnknown, unknown = true, false
		}
		if !x.known {
			unknown = true
		}
		for sha := range x.reached {
			if !brought[sha] && x.kind != "baseline" {
				x.shipped[sha] = true
			}
			brought[sha] = true
		}
		if x.kind == "baseline" {
			x.alreadyReached = x.reached
		}
		baseline = baseline || x.known
		if _, seen := first[x.SHA]; !seen {
			first[x.SHA] = n
		}
		if x.kind == "rollback" {
			x.culprit = culprit(x, group[:n])
		}
	}
}

// kindOf is D4; where a commit is unknown, nobody can say that it has diverged.
func kindOf(x, live *shipment, baseline bool, first map[string]int) (kind string, diverged bool) {
	if !baseline && x.known {
		return "baseline", false
	}
	if live == nil {
		return "forward", false
	}
	if x.SHA == live.SHA {
		return "redeploy", false
	}
	if x.known && live.known {
		if live.reached[x.SHA] {
			return "rollback", false
		}
		if x.reached[live.SHA] {
			return "forward", false
		}
	}
	if at, seen := first[x.SHA]; seen && at < first[live.SHA] {
		return "rollback", false
	}
	return "forward", x.known && live.known
}

// culprit is the first forward deployment after the latest earlier one whose commit is the rollback's target or an ancestor
// of it.
func culprit(x *shipment, earlier []*shipment) *shipment {
	for n := len(earlier) - 1; n >= 0; n-- {
		if earlier[n].SHA != x.SHA && !x.reached[earlier[n].SHA] {
			continue
		}
		for _, y := range earlier[n+1:] {
			if y.kind == "forward" {
				return y
			}
		}
		return nil
	}
	return nil
}

// reacher gives all that a commit reaches, itself included: nothing for one that does not exist.
type reacher struct {
	commits map[string]Commit
	done    map[string]map[string]bool
}

func (r reacher) of(sha string) map[string]bool {
	if out, done := r.done[sha]; done {
		return out
	}
	out := map[string]bool{}
	for stack := []string{sha}; len(stack) > 0; {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		c, exists := r.commits[at]
		if !exists || out[at] {
			continue
		}
		out[at] = true
		stack = append(stack, c.Parents...)
	}
	r.done[sha] = out
	return out
}
