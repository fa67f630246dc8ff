package reference

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

// Change is a merged pull request, or a commit that came without one, as one service has it.
type Change struct {
	ID, Service, Repository string
	Number                  int    // of a pull request; 0 of a commit
	SHA                     string // of a commit; of a pull request what it was merged as
	Deployment              string // empty while it is not deployed, and where a baseline had it
	DeployedAt              time.Time
	Counted                 bool
	Why                     string // the rule that keeps it from counting: C2, C4 (not deployed), C5 or C6
	LeadTime                *int64
	Coding, Review, Deploy  *int64    // phases of a pull request's (C4)
	FirstCommit             time.Time // zero if nobody knows it
	Opened, Merged          time.Time
	FirstReview             time.Time // zero if nobody else looked at it
}

// CommitShipped is a commit as one service has it.
type CommitShipped struct {
	Repository, SHA, Service string
	Change                   string
	Deployment               string
	Authored                 time.Time
	DeployedAt               time.Time
	Counted                  bool
	Why                      string
	LeadTime                 *int64
}

// arrivals gives for a repository and service where each commit came first.
func arrivals(all []*shipment, r *Repository, service string) map[string]arrived {
	out := map[string]arrived{}
	put := func(sha string, x *shipment, silent bool) {
		if old, seen := out[sha]; !seen || before(x, old.by) < 0 {
			out[sha] = arrived{x, silent}
		}
	}
	for _, x := range all {
		if x.in != r || x.service != service || !x.counts() {
			continue
		}
		if x.kind == "baseline" { // no one knows when that came (C2)
			for sha := range x.reached {
				put(sha, x, true)
			}
		}
		for sha := range x.brought {
			put(sha, x, x.silent())
		}
	}
	return out
}

// Changes gives what deployments shipped, ordered by id and service; and each commit of it.
func Changes(code Code, s Settings) (changes []Change, commits []CommitShipped) {
	all, commits := changesOf(code, s, shipments(code, s))
	for _, c := range all {
		if c.Deployment != "" {
			changes = append(changes, c)
		}
	}
	return changes, commits
}

// changesOf gives pull requests that are not deployed as well.
func changesOf(code Code, s Settings, all []*shipment) (changes []Change, commits []CommitShipped) {
	for n := range code.Repositories {
		r := &code.Repositories[n]
		by := broughtBy(r)
		for _, service := range r.Services {
			at := arrivals(all, r, service)
			for _, p := range r.PullRequests {
				if pullTouches(r, p, service, s) {
					changes = append(changes, pullChange(r, p, service, at))
				}
			}
			touches := touching(r, service, s)
			for sha, a := range at {
				c := r.Commits[sha]
				if a.by.kind == "baseline" || len(c.Parents) > 1 || !touches(sha) {
					continue
				}
				x := change(r.Name+"@"+sha, service, r, a, c.Authored)
				x.SHA = sha
				y := CommitShipped{r.Name, sha, service, x.ID, x.Deployment, c.Authored, x.DeployedAt, x.Counted, x.Why, x.LeadTime}
				if number, has := by[sha]; has {
					y.Change = fmt.Sprintf("%s#%d", r.Name, number)
				} else {
					changes = append(changes, x)
				}
				commits = append(commits, y)
			}
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return compareTexts(a.ID, b.ID, a.Service, b.Service) })
	slices.SortFunc(commits, func(a, b CommitShipped) int {
		return compareTexts(a.Repository, b.Repository, a.SHA, b.SHA, a.Service, b.Service)
	})
	return changes, commits
}

// broughtBy tells which pull request brought a commit to its base: the first that was merged, should there be several.
func broughtBy(r *Repository) map[string]int {
	out := map[string]int{}
	pulls := slices.Clone(r.PullRequests)
	slices.SortStableFunc(pulls, func(a, b PullRequest) int { return a.Merged.Compare(b.Merged) })
	for _, p := range pulls {
		for _, sha := range append(slices.Clone(p.Brought), p.Merge) {
			if _, has := out[sha]; !has && sha != "" {
				out[sha] = p.Number
			}
		}
	}
	return out
}

// pullChange is C4: from the earlier of the first commit and the opening to the deployment that shipped the merge.
func pullChange(r *Repository, p PullRequest, service string, at map[string]arrived) Change {
	start := p.Opened
	if !p.FirstCommit.IsZero() && p.FirstCommit.Before(start) {
		start = p.FirstCommit
	}
	a, shipped := at[p.Merge]
	c := Change{ID: fmt.Sprintf("%s#%d", r.Name, p.Number), Service: service, Repository: r.Name, Why: "C4"}
	switch {
	case shipped && a.by.kind == "baseline":
		c.Why = "C2"
	case shipped:
		c = change(c.ID, service, r, a, start)
		if !a.silent { // C6: nobody knows whether the one before had it already
			c.Deploy = seconds(p.Merged, c.DeployedAt)
		}
	}
	c.Number, c.SHA, c.FirstCommit, c.Opened, c.Merged, c.FirstReview = p.Number, p.Merge, p.FirstCommit, p.Opened, p.Merged, p.FirstReview
	c.Coding, c.Review = seconds(start, p.Opened), seconds(p.Opened, p.Merged)
	return c
}

// change measures from its start to the deployment that shipped it; it counts where a lead time can be told (C2, C5, C6).
func change(id, service string, r *Repository, a arrived, start time.Time) Change {
	c := Change{ID: id, Service: service, Repository: r.Name, Deployment: a.by.id(), DeployedAt: a.by.Success}
	if a.silent {
		c.Why = "C6"
		return c
	}
	if c.LeadTime = seconds(start, a.by.Success); c.LeadTime == nil {
		c.Why = "C5"
	}
	c.Counted = c.LeadTime != nil
	return c
}

// changesShipped counts the changes that one deployment was the first to bring to its environment, pull requests and
// commits that came without one.
func changesShipped(x *shipment, s Settings, by map[string]int) int {
	n := 0
	for _, p := range x.in.PullRequests {
		if x.brought[p.Merge] && pullTouches(x.in, p, x.service, s) {
			n++
		}
	}
	for sha := range x.brought {
		if _, has := by[sha]; !has && x.ships(sha) && len(x.in.Commits[sha].Parents) < 2 {
			n++
		}
	}
	return n
}
