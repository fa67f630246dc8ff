package expect

import (
	"path"
	"slices"
	"strings"
	"time"
)

// Deployed is a deployment that counts in a service, and what came of it.
type Deployed struct {
	ID, Service, Repository, Environment string
	Kind                                 string
	Diverged, Known, AfterUnknown        bool
	Previous, Culprit                    string // deployments, empty if there is none
	Commits                              int    // shipped, less merges
	At                                   time.Time
	Failed                               bool
	FailedByEvidence                     bool // without proximity links
	Recovery                             *int64
	Rework                               bool
}

// Deployments gives every counted deployment, ordered by id and service (D1 to D4, F1, F2, F4, R1, R2, R4, W).
func Deployments(o Objects, code Code, s Settings) []Deployed {
	groups := production(code, s)
	return deploymentsOf(o, code, s, groups, linksOf(o, code, s, groups))
}

func deploymentsOf(o Objects, code Code, s Settings, groups map[groupKey][]*shipment, links []Link) []Deployed {
	incidents := map[string]Incident{}
	for _, i := range Incidents(o, s) {
		incidents[i.ID] = i
	}
	causes, evidence, fixes := map[string][]Incident{}, map[string]bool{}, map[string]bool{}
	for _, l := range links {
		if l.Role == "fix" {
			fixes[l.Deployment] = true // of whatever incident
			continue
		}
		i := incidents[l.Incident]
		if !i.Counted {
			continue
		}
		causes[l.Deployment] = append(causes[l.Deployment], i)
		evidence[l.Deployment] = evidence[l.Deployment] || l.Method != "proximity"
	}
	rolledBack := map[string]time.Time{} // the first finish of a rollback by its culprit
	for _, group := range groups {
		for _, x := range group {
			if x.kind != "rollback" || x.culprit == nil || !s.RollbackIsFailure {
				continue
			}
			id := x.culprit.id()
			if at, seen := rolledBack[id]; !seen || x.Success.Before(at) {
				rolledBack[id] = x.Success
			}
		}
	}
	var out []Deployed
	for key, group := range groups {
		hot := hotfixes(code, key.repository, s)
		for _, x := range group {
			if x.kind == "redeploy" && !s.CountRedeploys {
				continue
			}
			d := Deployed{
				ID: x.id(), Service: x.service, Repository: key.repository, Environment: key.environment, At: x.Success,
				Kind: x.kind, Diverged: x.diverged, Known: x.known, AfterUnknown: x.afterUnknown,
			}
			if x.previous != nil {
				d.Previous = x.previous.id()
			}
			if x.culprit != nil {
				d.Culprit = x.culprit.id()
			}
			for sha := range x.shipped {
				if len(x.in.Commits[sha].Parents) < 2 {
					d.Commits++
				}
				d.Rework = d.Rework || hot[sha]
			}
			back, wasRolledBack := rolledBack[d.ID]
			d.Rework = d.Rework || x.kind == "rollback" || fixes[d.ID] || onHotfixBranch(x.Ref, s)
			d.Failed = len(causes[d.ID]) > 0 || wasRolledBack
			d.FailedByEvidence = evidence[d.ID] || wasRolledBack
			switch {
			case len(causes[d.ID]) > 0:
				d.Recovery = seconds(x.Success, lastEnd(causes[d.ID]))
			case wasRolledBack:
				d.Recovery = seconds(x.Success, back)
			}
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b Deployed) int { return compareTexts(a.ID, b.ID, a.Service, b.Service) })
	return out
}

// lastEnd is when the last of the incidents was restored; zero while one is open.
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

// onHotfixBranch reports whether the name of a branch marks a hotfix.
func onHotfixBranch(branch string, s Settings) bool {
	return slices.ContainsFunc(s.HotfixBranches, func(pattern string) bool {
		ok, err := path.Match(pattern, strings.TrimPrefix(branch, "refs/heads/"))
		return err == nil && ok
	})
}

// hotfixes gives the merge commits of pull requests that are hotfixes by label or branch.
func hotfixes(code Code, repository string, s Settings) map[string]bool {
	out := map[string]bool{}
	for _, r := range code.Repositories {
		if r.Name != repository {
			continue
		}
		for _, p := range r.PullRequests {
			marked := slices.ContainsFunc(p.Labels, func(l string) bool {
				return slices.ContainsFunc(s.HotfixLabels, func(want string) bool { return strings.EqualFold(l, want) })
			}) || onHotfixBranch(p.Branch, s)
			if marked {
				out[p.Merge] = true
			}
		}
	}
	return out
}
