package expect

import (
	"fmt"
	"slices"
	"time"
)

// arrived is where and how a commit first came to production in a service (C7): with the deployment that shipped it, or
// with a baseline, of which nothing is known.
type arrived struct {
	by     *shipment
	silent bool // no lead time
}

// Change is a merged pull request, or a commit that came without one, as one service has it; only those that a deployment
// shipped are here.
type Change struct {
	ID, Service, Repository string
	Deployment              string
	DeployedAt              time.Time
	Counted                 bool
	LeadTime                *int64
	Coding, Review, Deploy  *int64    // phases of a pull request's (C4)
	FirstReview             time.Time // zero if nobody else looked at it
}

// CommitShipped is a commit as one service has it.
type CommitShipped struct {
	Repository, SHA, Service string
	DeployedAt               time.Time
	Counted                  bool
	LeadTime                 *int64
}

// production gives the groups of production environments of a repository and service, each with its counted shipments only
// of use: kinds were told over all.
func production(code Code, s Settings) map[groupKey][]*shipment {
	out := map[groupKey][]*shipment{}
	for key, group := range shipments(code) {
		if len(group) > 0 && group[0].countsFor(key.service, s) {
			out[key] = group
		}
	}
	return out
}

// arrivals gives for a repository and service where each commit came first.
func arrivals(groups map[groupKey][]*shipment, repository, service string) map[string]arrived {
	out := map[string]arrived{}
	put := func(sha string, x *shipment, silent bool) {
		if old, seen := out[sha]; !seen || before(x.Deployment, old.by.Deployment) < 0 {
			out[sha] = arrived{x, silent}
		}
	}
	for key, group := range groups {
		if key.repository != repository || key.service != service {
			continue
		}
		for _, x := range group {
			for sha := range x.alreadyReached {
				put(sha, x, true)
			}
			for sha := range x.shipped {
				put(sha, x, x.silent())
			}
		}
	}
	return out
}

// Changes gives what deployments shipped, ordered by id and service; and each commit of it.
func Changes(code Code, s Settings) (changes []Change, commits []CommitShipped) {
	return changesOf(code, production(code, s))
}

func changesOf(code Code, groups map[groupKey][]*shipment) (changes []Change, commits []CommitShipped) {
	for n := range code.Repositories {
		r := &code.Repositories[n]
		brought := map[string]bool{}
		for _, p := range r.PullRequests {
			for _, sha := range p.Brought {
				brought[sha] = true
			}
			brought[p.Merge] = true
		}
		for _, service := range r.Services {
			at := arrivals(groups, r.Name, service)
			for _, p := range r.PullRequests {
				a, shipped := at[p.Merge]
				if !shipped || a.by.kind == "baseline" {
					continue
				}
				start := p.Opened
				if !p.FirstCommit.IsZero() && p.FirstCommit.Before(start) {
					start = p.FirstCommit
				}
				c := change(fmt.Sprintf("%s#%d", r.Name, p.Number), service, a, start)
				c.Coding, c.Review, c.Deploy, c.FirstReview = seconds(start, p.Opened), seconds(p.Opened, p.Merged), seconds(p.Merged, c.DeployedAt), p.FirstReview
				changes = append(changes, c)
			}
			for sha, a := range at {
				c := r.Commits[sha]
				if a.by.kind == "baseline" || len(c.Parents) > 1 {
					continue
				}
				if !brought[sha] {
					changes = append(changes, change(r.Name+"@"+sha, service, a, c.Authored))
				}
				x := change("", service, a, c.Authored)
				commits = append(commits, CommitShipped{r.Name, sha, service, x.DeployedAt, x.Counted, x.LeadTime})
			}
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return compareTexts(a.ID, b.ID, a.Service, b.Service) })
	slices.SortFunc(commits, func(a, b CommitShipped) int {
		return compareTexts(a.Repository, b.Repository, a.SHA, b.SHA, a.Service, b.Service)
	})
	return changes, commits
}

// change measures from its start to the deployment that shipped it; it counts where a lead time can be told (C2, C5, C6).
func change(id, service string, a arrived, start time.Time) Change {
	c := Change{ID: id, Service: service, Repository: a.by.in.Name, Deployment: a.by.id(), DeployedAt: a.by.Success}
	if !a.silent {
		c.LeadTime = seconds(start, a.by.Success)
	}
	c.Counted = c.LeadTime != nil
	return c
}

func compareTexts(pairs ...string) int {
	for n := 0; n < len(pairs); n += 2 {
		if pairs[n] != pairs[n+1] {
			if pairs[n] < pairs[n+1] {
				return -1
			}
			return 1
		}
	}
	return 0
}
