package demo

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"fourfold/internal/fake/github"
)

// accounts makes who writes, merges and deploys. The people are those who respond to incidents.
func (c *coder) accounts(names []string) {
	logins := []string{
		"hanako-sato", "ichiro-suzuki", "misaki-takahashi", "kenta-tanaka", "aya-ito", "daisuke-watanabe", "yumi-yamamoto", "sho-nakamura", "naoko-kobayashi",
		"takuya-kato", "megumi-yoshida", "ryo-yamada", "praman", "tomas-lind", "msantos", "jim-oneill", "chloe-m", "ahassan", "lan-nguyen", "olgap",
	}
	for n, login := range logins {
		c.people = append(c.people, c.o.AddAccount(github.Account{Login: login, Name: names[n], Email: fmt.Sprintf("user%02d@shop.example", n+1)}))
	}
	bot := func(login string) *github.Account { return c.o.AddAccount(github.Account{Login: login, Type: "Bot"}) }
	c.renovate, c.dependa, c.deployer = bot("renovate"), bot("dependabot"), bot("github-actions")
}

// settle writes down what is not yet: pull requests that were not merged, and deployments in the order in which things
// happened.
func (r *repo) settle() {
	for _, p := range r.unmerged {
		if p.opened.After(r.now) {
			continue
		}
		until := r.now
		if !p.closed.IsZero() && p.closed.Before(until) {
			until = p.closed
		}
		r.write(p, until)
		g := r.show(p)
		if until.Equal(p.closed) {
			g.Close(p.closed)
		} else if !p.fork {
			r.code.Branch(p.branch, p.head)
		}
		r.previewed(p, p.closed)
	}
	for _, p := range r.pulls {
		r.previewed(p, p.merged)
	}
	slices.SortFunc(r.code.PullRequests, func(a, b *github.PullRequest) int { return cmp.Compare(a.Number, b.Number) })
	switch {
	case r.tags:
		r.publish()
	case r.runs:
		r.runWorkflows()
		fallthrough
	default:
		r.deployments()
	}
	if r.months > 0 {
		r.code.Archive(r.from.AddDate(0, r.months, 20))
	}
}

// previewed gives the pull request's own environment its commit and its end.
func (r *repo) previewed(p *pull, end time.Time) {
	if p.previewed == nil {
		return
	}
	p.previewed.sha = p.own[0]
	if !end.IsZero() {
		p.previewed.then("inactive", maxTime(end, p.previewed.success.Add(time.Minute)))
	}
}

// deployments writes them and their statuses, as far as they have come to pass.
func (r *repo) deployments() {
	type happening struct {
		at     time.Time
		order  int
		launch *launch
		status string // empty: it is made
	}
	var all []happening
	for n, l := range r.launches {
		if l.unrecorded {
			continue
		}
		all = append(all, happening{l.created, n * 100, l, ""})
		for k, s := range l.statuses {
			all = append(all, happening{s.at, n*100 + k + 1, l, s.name})
		}
	}
	slices.SortFunc(all, func(a, b happening) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.order, b.order)) })
	for _, h := range all {
		if h.at.After(r.now) {
			break
		}
		if h.status == "" {
			r.deployed += 3
			environment := h.launch.environment
			if h.launch.canary {
				environment = "canary"
			}
			h.launch.record = r.code.AddDeployment(github.DeploymentSpec{
				ID: r.deployed, Ref: h.launch.ref, SHA: h.launch.sha, Task: h.launch.task, Environment: environment, Transient: h.launch.transient,
				ByActions: true, Payload: h.launch.payload, Creator: r.deployer, CreatedAt: h.at,
			})
			continue
		}
		spec := github.StatusSpec{State: h.status, At: h.at, LogURL: fmt.Sprintf("https://github.com/%s/actions/runs/%d/job/1", r.code.FullName(), h.launch.record.ID*3)}
		if h.status == "success" {
			spec.Environment = h.launch.environment
		}
		if h.launch.transient {
			spec.EnvironmentURL = fmt.Sprintf("https://%s.shop.example", h.launch.environment)
		}
		h.launch.record.AddStatus(spec)
	}
}
