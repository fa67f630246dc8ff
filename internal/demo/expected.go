package demo

import (
	"fmt"
	"strings"
	"time"

	"fourfold/internal/demo/expect"
)

// Expected is what package expect is to know of the repositories that the configuration reads.
func (c *Company) Expected() expect.Code {
	var out expect.Code
	for _, r := range c.coder.repos {
		if r.months > 0 {
			continue
		}
		x := expect.Repository{Name: r.code.FullName(), Services: r.services, Commits: r.commits, Tags: r.tagOf}
		for _, p := range r.pulls {
			x.PullRequests = append(x.PullRequests, r.expectedPull(p))
		}
		x.Deployments = append(r.expectedRecords(), r.expectedOthers()...)
		for _, f := range c.coder.filed {
			if f.repo == r {
				x.Deployments = append(x.Deployments, f.expected())
			}
		}
		out.Repositories = append(out.Repositories, x)
	}
	return out
}

func (r *repo) expectedPull(p *pull) expect.PullRequest {
	y := expect.PullRequest{
		Number: p.number, Branch: p.branch, Labels: p.labels, Merge: p.merge, Brought: p.brought, Opened: p.opened, Merged: p.merged,
		Reverts: p.reverts, RevertsSHA: p.revertsSHA,
	}
	for _, sha := range p.own {
		if at := r.commits[sha].Authored; y.FirstCommit.IsZero() || at.Before(y.FirstCommit) {
			y.FirstCommit = at
		}
	}
	for _, v := range p.reviews {
		if v.by != p.author && (y.FirstReview.IsZero() || v.at.Before(y.FirstReview)) {
			y.FirstReview = v.at.Truncate(time.Second).UTC()
		}
	}
	return y
}

// expectedRecords are GitHub's own deployments.
func (r *repo) expectedRecords() []expect.Deployment {
	var out []expect.Deployment
	for _, d := range r.code.Deployments {
		y := expect.Deployment{
			ID: fmt.Sprint(d.ID), URL: fmt.Sprintf("%s/repos/%s/deployments/%d", publicAPI, r.code.FullName(), d.ID), SHA: d.SHA, Ref: d.Ref, Task: d.Task,
			Environment: d.Environment, Transient: d.Transient, Created: d.CreatedAt, Fields: map[string]any{"payload": d.Payload},
		}
		for _, s := range d.Statuses {
			y.Status = strings.ToLower(s.State)
			if y.Status == "success" && (y.Success.IsZero() || s.CreatedAt.Before(y.Success)) {
				y.Success = s.CreatedAt
			}
		}
		if !y.Success.IsZero() {
			y.Status = "success"
		}
		out = append(out, y)
	}
	return out
}

// expectedOthers are runs and releases.
func (r *repo) expectedOthers() []expect.Deployment {
	var out []expect.Deployment
	for _, l := range r.launches {
		switch {
		case l.run != nil:
			y := expect.Deployment{
				Source: "workflow_runs", ID: fmt.Sprint(l.run.ID), URL: fmt.Sprintf("%s/repos/%s/actions/runs/%d", publicAPI, r.code.FullName(), l.run.ID), SHA: l.sha, Ref: l.run.HeadBranch,
				Task: "deploy", Created: l.run.CreatedAt, Status: l.run.Status, Branch: l.run.HeadBranch, Workflow: l.run.Path, Event: l.run.Event,
			}
			if l.run.Conclusion != "" {
				y.Status = l.run.Conclusion
			}
			if y.Status == "success" {
				y.Success = l.run.UpdatedAt
			}
			out = append(out, y)
		case l.published != nil:
			out = append(out, expect.Deployment{
				Source: "releases", ID: fmt.Sprint(l.published.ID), URL: fmt.Sprintf("%s/repos/%s/releases/%d", publicAPI, r.code.FullName(), l.published.ID), SHA: l.sha,
				Tag: l.published.TagName, Ref: l.published.TagName, Task: "deploy", Created: l.published.CreatedAt, Success: l.published.PublishedAt, Status: "success",
			})
		}
	}
	return out
}
