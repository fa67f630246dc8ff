package github

import (
	"cmp"
	"slices"
	"strconv"
)

func (c *restCall) pulls() (any, *apiError) {
	state := cmp.Or(c.query.Get("state"), "open")
	list := slices.Clone(c.repo.PullRequests)
	list = slices.DeleteFunc(list, func(p *PullRequest) bool {
		return state == "open" && p.State != "OPEN" || state == "closed" && p.State == "OPEN" ||
			c.query.Get("base") != "" && p.Base != c.query.Get("base") ||
			c.query.Get("head") != "" && p.headLabel() != c.query.Get("head")
	})
	byUpdate := c.query.Get("sort") == "updated"
	descending := c.query.Get("direction") == "desc" || c.query.Get("direction") == "" && !c.query.Has("sort") ||
		c.query.Get("direction") == "" && c.query.Get("sort") == "created"
	slices.SortFunc(list, func(a, b *PullRequest) int {
		order := compareCreated(a.CreatedAt, int64(a.Number), b.CreatedAt, int64(b.Number))
		if byUpdate {
			order = compareCreated(a.UpdatedAt, int64(a.Number), b.UpdatedAt, int64(b.Number))
		}
		if descending {
			return -order
		}
		return order
	})
	return pageOf(c, list, c.pullObject), nil
}

func (c *restCall) foundPull() (*PullRequest, *apiError) {
	n, _ := strconv.Atoi(c.params["pull_number"])
	if p := c.repo.Pull(n); p != nil {
		return p, nil
	}
	return nil, notFound(c.doc())
}

func (c *restCall) pull() (any, *apiError) {
	p, err := c.foundPull()
	if err != nil {
		return nil, err
	}
	return c.fullPullObject(p), nil
}

// pullCommits are oldest first, and at most 250.
func (c *restCall) pullCommits() (any, *apiError) {
	p, err := c.foundPull()
	if err != nil {
		return nil, err
	}
	list := p.commitObjects()
	return pageOf(c, list[:min(len(list), 250)], c.commitObject), nil
}

// pullFiles are at most 3,000.
func (c *restCall) pullFiles() (any, *apiError) {
	p, err := c.foundPull()
	if err != nil {
		return nil, err
	}
	files := p.files()
	return pageOf(c, files[:min(len(files), 3000)], c.fileObject), nil
}
