package reference

import (
	"slices"
	"time"
)

// Deployed is a deployment as a service has it, and what came of it.
type Deployed struct {
	ID, Service, Repository, Environment string
	Source                               string
	Aliases                              []string // the sources' own ids of all its reports (D2)
	Group                                string   // D5
	SHA, Ref, Status                     string
	Created                              time.Time
	At                                   time.Time // its first success; zero if there is none
	NotTaken                             bool      // the service takes no deployments from there
	Live                                 bool      // it succeeded, and what follows of kinds has a meaning
	Kind                                 string
	Diverged, Known, AfterUnknown        bool
	Previous, Culprit                    string // deployments, empty if there is none
	Commits                              int    // shipped, less merges
	Changes                              int    // shipped
	Counted                              bool
	Why                                  string // the rule that keeps it from counting: D1, D1 source files, D4 or D5
	Failed                               bool
	FailedByEvidence                     bool // without proximity links
	Recovered                            time.Time
	Recovery                             *int64
	Rework                               bool
}

// Deployments gives every counted deployment, ordered by id and service (D1 to D5, F1, F2, F4, R1, R2, R4, W).
func Deployments(o Objects, code Code, s Settings) []Deployed {
	return slices.DeleteFunc(compute(o, code, s).deployments, func(d Deployed) bool { return !d.Counted })
}

// judge makes the rows of deployments.
func (c *computed) judge() {
	causes, evidence, fixes := map[string][]Incident{}, map[string]bool{}, map[string]bool{}
	for _, l := range c.links {
		if l.Role == "fix" {
			fixes[l.Deployment] = true // of whatever incident (W)
			continue
		}
		i := c.incidents[slices.IndexFunc(c.incidents, func(i Incident) bool { return i.ID == l.Incident })]
		if !i.Counted {
			continue
		}
		causes[l.Deployment] = append(causes[l.Deployment], i)
		evidence[l.Deployment] = evidence[l.Deployment] || l.Method != "proximity"
	}
	rolledBack := c.rollbacks()
	brought := map[*Repository]map[string]int{}
	for _, x := range c.shipments {
		if brought[x.in] == nil {
			brought[x.in] = broughtBy(x.in)
		}
		d := described(x, c.s, brought[x.in])
		members := c.groups[x]
		d.Why = c.whyNot(x)
		if d.Counted = d.Why == ""; d.Counted {
			// The flags of all members stand on the counted one (F1); it dates the recovery.
			var of []Incident
			var back time.Time
			for _, m := range members {
				of = append(of, causes[m.id()]...)
				d.FailedByEvidence = d.FailedByEvidence || evidence[m.id()]
				d.Rework = d.Rework || fixes[m.id()] || m.kind == "rollback" || c.isHotfix(m)
				if at, was := rolledBack[m.id()]; was && (back.IsZero() || at.Before(back)) {
					back = at
				}
			}
			d.Failed = len(of) > 0 || !back.IsZero()
			d.FailedByEvidence = d.FailedByEvidence || !back.IsZero()
			if d.Recovered = back; len(of) > 0 {
				d.Recovered = lastEnd(of)
			}
			d.Recovery = seconds(x.Success, d.Recovered)
		}
		c.deployments = append(c.deployments, d)
	}
	slices.SortFunc(c.deployments, func(a, b Deployed) int { return compareTexts(a.ID, b.ID, a.Service, b.Service) })
}

// described is what the walk says of a deployment.
func described(x *shipment, s Settings, brought map[string]int) Deployed {
	d := Deployed{
		ID: x.id(), Service: x.service, Repository: x.in.Name, Environment: x.environment, Source: x.from(), Aliases: x.ids(), Group: x.group,
		SHA: x.SHA, Ref: x.Ref, Status: x.Status, Created: x.Created, At: x.Success, NotTaken: !x.source, Live: x.live(),
		Kind: x.kind, Diverged: x.diverged, Known: x.known, AfterUnknown: x.afterUnknown,
	}
	if x.previous != nil {
		d.Previous = x.previous.id()
	}
	if x.culprit != nil {
		d.Culprit = x.culprit.id()
	}
	if !d.Live {
		return d
	}
	for sha := range x.brought {
		if len(x.in.Commits[sha].Parents) < 2 && x.touches(sha) {
			d.Commits++
		}
	}
	d.Changes = changesShipped(x, s, brought)
	return d
}

// whyNot names the rule that keeps a deployment from counting.
func (c *computed) whyNot(x *shipment) string {
	switch {
	case !x.source && x.from() == "files":
		return "D1 source files"
	case !x.counts():
		return "D1"
	case !x.countsWith(c.s):
		return "D4"
	}
	if members := c.groups[x]; members[len(members)-1] != x {
		return "D5"
	}
	return ""
}

// rollbacks gives by culprit the first finish of a rollback that it is to blame for (F2, R2). It is the deployment that
// fails, in all its services (F1): else what it is in totals would hang on which service comes first.
func (c *computed) rollbacks() map[string]time.Time {
	out := map[string]time.Time{}
	for _, x := range c.shipments {
		if x.kind != "rollback" || x.culprit == nil || !x.counts() || !c.s.RollbackIsFailure {
			continue
		}
		id := x.culprit.id()
		if at, seen := out[id]; !seen || x.Success.Before(at) {
			out[id] = x.Success
		}
	}
	return out
}

// lastEnd is when the last of the incidents was restored (R1); zero while one is open (R4).
func lastEnd(incidents []Incident) time.Time {
	var last time.Time
	for _, i := range incidents {
		if i.End.IsZero() {
			return time.Time{}
		}
		if i.End.After(last) {
			last = i.End
		}
	}
	return last
}

// isHotfix tells whether a deployment was made of a branch that marks a hotfix, or shipped a pull request that a label or
// its branch marks (W).
func (c *computed) isHotfix(x *shipment) bool {
	if anyGlob(c.s.HotfixBranches, onBranch(x.Ref), false) {
		return true
	}
	return slices.ContainsFunc(x.in.PullRequests, func(p PullRequest) bool {
		marked := anyGlob(c.s.HotfixBranches, onBranch(p.Branch), false) || slices.ContainsFunc(p.Labels, func(l string) bool {
			return slices.ContainsFunc(c.s.HotfixLabels, func(want string) bool { return same(l, want) })
		})
		return marked && x.brought[p.Merge] && pullTouches(x.in, p, x.service, c.s)
	})
}
