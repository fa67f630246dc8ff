package reference

import (
	"slices"
	"strings"
)

// walked is what the commit graph says of a deployment within its group of service, repository and environment; zero of
// one that was never live.
type walked struct {
	kind         string // baseline, forward, redeploy or rollback (D4)
	known        bool   // its commit exists
	afterUnknown bool   // the first known one after an unknown one (C6)
	diverged     bool
	previous     *shipment // D3
	culprit      *shipment
	reached      map[string]bool // all that its commit reaches
	brought      map[string]bool // commits that it was the first to bring (C1); none for a baseline
	touches      func(sha string) bool
}

// silent tells whether what it ships has no lead time (C6).
func (x *shipment) silent() bool { return x.afterUnknown || x.kind == "rollback" }

// ships tells whether it shipped a commit of its service: in one with paths, only those that touch them, and no merges
// (C1, C3).
func (x *shipment) ships(sha string) bool { return x.brought[sha] && x.touches(sha) }

// countsWith is D1 and D4's redeploys.
func (x *shipment) countsWith(s Settings) bool {
	return x.counts() && (x.kind != "redeploy" || s.CountRedeploys)
}

func sortShipments(all []*shipment) { slices.SortFunc(all, before) }

// groupKey is a service and an environment of a repository; environments that differ in case are one.
type groupKey struct{ repository, service, environment string }

// shipments gives every record of a deployment and service, and what the rules C1, C3, C6, D3 and D4 make of it.
func shipments(code Code, s Settings) []*shipment {
	all := merged(records(code, s))
	groups := map[groupKey][]*shipment{}
	reach := map[*Repository]reacher{}
	for _, x := range all {
		if !x.live() {
			continue
		}
		if _, has := reach[x.in]; !has {
			reach[x.in] = reacher{x.in.Commits, map[string]map[string]bool{}}
		}
		_, x.known = x.in.Commits[x.SHA]
		x.reached = reach[x.in].of(x.SHA)
		x.touches = touching(x.in, x.service, s)
		key := groupKey{x.in.Name, x.service, fold(x.environment)}
		groups[key] = append(groups[key], x)
	}
	for _, group := range groups {
		walk(group)
	}
	return all
}

func walk(group []*shipment) {
	sortShipments(group)
	reached := map[string]bool{}
	first := map[string]int{} // when a commit was first deployed here
	baseline, unknown := false, false
	for n, x := range group {
		if n > 0 {
			x.previous = group[n-1]
		}
		x.brought = map[string]bool{}
		x.kind, x.diverged = kindOf(x, x.previous, baseline, first)
		if x.known && unknown {
			x.afterUnknown, unknown = true, false
		}
		if !x.known {
			unknown = true
		}
		for sha := range x.reached {
			if !reached[sha] && x.kind != "baseline" {
				x.brought[sha] = true
			}
			reached[sha] = true
		}
		baseline = baseline || x.known
		if _, seen := first[x.what()]; !seen {
			first[x.what()] = n
		}
		if x.kind == "rollback" {
			x.culprit = culprit(x, group[:n])
		}
	}
}

// what is the commit; one that nobody knows is no other's.
func (x *shipment) what() string {
	if x.SHA == "" {
		return "of " + x.id()
	}
	return x.SHA
}

// kindOf is D4; where a commit is unknown, nobody can say that it has diverged.
func kindOf(x, live *shipment, baseline bool, first map[string]int) (kind string, diverged bool) {
	if !baseline && x.known {
		return "baseline", false
	}
	if live == nil || x.SHA == "" {
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
	if at, seen := first[x.what()]; seen && at < first[live.what()] {
		return "rollback", false
	}
	return "forward", x.known && live.known
}

// culprit is the first forward deployment after the latest earlier one whose commit is the rollback's target or an ancestor
// of it (D4).
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

// touching tells of a repository's commits which are the service's: all, or those that touch its paths and are no merges
// (C3). A commit whose files nobody knows touches nothing.
func touching(r *Repository, service string, s Settings) func(sha string) bool {
	x, _ := serviceOf(s, service)
	if len(x.Paths) == 0 {
		return func(string) bool { return true }
	}
	return func(sha string) bool {
		c := r.Commits[sha]
		return len(c.Parents) < 2 && slices.ContainsFunc(c.Paths, func(path string) bool { return anyGlob(x.Paths, path, false) })
	}
}

// pullTouches tells whether a pull request is the service's (C3): a commit that it brought to its base touches.
func pullTouches(r *Repository, p PullRequest, service string, s Settings) bool {
	x, _ := serviceOf(s, service)
	if len(x.Paths) == 0 {
		return true
	}
	return slices.ContainsFunc(append(slices.Clone(p.Brought), p.Merge), touching(r, service, s))
}

// onBranch is the name of a branch without what git writes before it.
func onBranch(ref string) string { return strings.TrimPrefix(ref, "refs/heads/") }
