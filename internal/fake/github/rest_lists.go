package github

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (c *restCall) repository() (any, *apiError) {
	o := c.repositoryObject(c.repo)
	o["network_count"], o["subscribers_count"] = 0, 1
	return o, nil
}

func (c *restCall) rateLimit() (any, *apiError) { return c.server.rateLimitAnswer(c.who, c.now) }

// ownersRepositories lists by name (of an organisation: by creation, newest first), as the defaults are.
func (c *restCall) ownersRepositories() (any, *apiError) {
	login := c.params["org"] + c.params["user"]
	i := slices.IndexFunc(c.server.org.Accounts, func(a *Account) bool { return strings.EqualFold(a.Login, login) })
	if i < 0 || c.params["org"] != "" && c.server.org.Accounts[i].Type != "Organization" {
		return nil, notFound(c.doc())
	}
	list := c.visible(login)
	if c.params["user"] != "" { // the public ones only
		list = slices.DeleteFunc(list, (*Repository).private)
	}
	list = slices.DeleteFunc(list, func(r *Repository) bool { return !repositoryIs(r, c.query.Get("type")) })
	field := c.query.Get("sort")
	if field == "" {
		field = "created"
		if c.params["user"] != "" {
			field = "full_name"
		}
	}
	direction := c.query.Get("direction")
	slices.SortStableFunc(list, func(a, b *Repository) int {
		var order int
		switch field {
		case "full_name":
			order = cmp.Compare(a.FullName(), b.FullName())
		case "updated":
			order = b.UpdatedAt.Compare(a.UpdatedAt)
		case "pushed":
			order = b.PushedAt.Compare(a.PushedAt)
		default:
			order = compareCreated(b.CreatedAt, b.ID, a.CreatedAt, a.ID)
		}
		if field == "full_name" && direction == "desc" || field != "full_name" && direction == "asc" {
			return -order
		}
		return order
	})
	return pageOf(c, list, c.repositoryObject), nil
}

// ownRepositories lists what the token may see that is not merely public.
func (c *restCall) ownRepositories() (any, *apiError) {
	switch {
	case c.who == nil:
		return nil, &apiError{status: 401, message: "Requires authentication", doc: c.doc()}
	case c.who.app:
		return nil, notAccessible(c.who, c.doc())
	}
	list := slices.DeleteFunc(c.visible(""), func(r *Repository) bool { return !c.who.granted(r, "metadata") })
	slices.SortStableFunc(list, func(a, b *Repository) int { return cmp.Compare(a.FullName(), b.FullName()) })
	return pageOf(c, list, c.repositoryObject), nil
}

func repositoryIs(r *Repository, kind string) bool {
	switch kind {
	case "public":
		return !r.private()
	case "private":
		return r.private()
	case "forks":
		return r.Fork
	case "sources":
		return !r.Fork
	}
	return true
}

func (c *restCall) installed() (any, *apiError) {
	if c.who == nil || !c.who.app {
		return nil, &apiError{status: 403, message: "You must authenticate with an installation access token in order to list repositories for an installation.", doc: c.doc()}
	}
	var list []*Repository
	for _, r := range c.server.org.Repositories {
		if c.who.granted(r, "metadata") && (c.who.grants != nil || r.Owner == c.server.org.Account) {
			list = append(list, r)
		}
	}
	rows := pageOf(c, list, c.repositoryObject)
	return object{"total_count": len(list), "repository_selection": "selected", "repositories": rows}, nil
}

func (c *restCall) deployments() (any, *apiError) {
	list := slices.Clone(c.repo.Deployments)
	for name, of := range map[string]func(*Deployment) string{
		"sha":         func(d *Deployment) string { return d.SHA },
		"ref":         func(d *Deployment) string { return d.Ref },
		"task":        func(d *Deployment) string { return d.Task },
		"environment": func(d *Deployment) string { return d.Environment },
	} {
		if want := c.query.Get(name); want != "" && want != "none" {
			list = slices.DeleteFunc(list, func(d *Deployment) bool { return of(d) != want })
		}
	}
	slices.SortFunc(list, func(a, b *Deployment) int { return compareCreated(b.CreatedAt, b.ID, a.CreatedAt, a.ID) })
	return pageOf(c, list, c.deploymentObject), nil
}

func (c *restCall) foundDeployment() (*Deployment, *apiError) {
	id, _ := strconv.ParseInt(c.params["deployment_id"], 10, 64)
	if d := c.repo.Deployment(id); d != nil {
		return d, nil
	}
	return nil, notFound(c.doc())
}

func (c *restCall) deployment() (any, *apiError) {
	d, err := c.foundDeployment()
	if err != nil {
		return nil, err
	}
	return c.deploymentObject(d), nil
}

// statuses are newest first.
func (c *restCall) statuses() (any, *apiError) {
	d, err := c.foundDeployment()
	if err != nil {
		return nil, err
	}
	list := slices.Clone(d.Statuses)
	slices.SortFunc(list, func(a, b *Status) int { return compareCreated(b.CreatedAt, b.ID, a.CreatedAt, a.ID) })
	return pageOf(c, list, c.statusObject), nil
}

func (c *restCall) environments() (any, *apiError) {
	rows := pageOf(c, c.repo.Environments, c.environmentObject)
	return object{"total_count": len(c.repo.Environments), "environments": rows}, nil
}

// runs with a filter are at most 1,000.
func (c *restCall) runs() (any, *apiError) {
	list := slices.Clone(c.repo.Runs)
	filtered := false
	keep := func(name string, fits func(*WorkflowRun, string) bool) {
		if want := c.query.Get(name); want != "" {
			filtered = true
			list = slices.DeleteFunc(list, func(r *WorkflowRun) bool { return !fits(r, want) })
		}
	}
	keep("actor", func(r *WorkflowRun, want string) bool { return r.Actor != nil && r.Actor.restLogin() == want })
	keep("branch", func(r *WorkflowRun, want string) bool { return r.HeadBranch == want })
	keep("event", func(r *WorkflowRun, want string) bool { return r.Event == want })
	keep("status", func(r *WorkflowRun, want string) bool { return r.Status == want || r.Conclusion == want })
	keep("head_sha", func(r *WorkflowRun, want string) bool { return r.HeadSHA == want })
	keep("check_suite_id", func(r *WorkflowRun, want string) bool { return strconv.FormatInt(r.checkSuite(), 10) == want })
	keep("created", func(r *WorkflowRun, want string) bool { return createdWithin(r.CreatedAt, want) })
	slices.SortFunc(list, func(a, b *WorkflowRun) int { return compareCreated(b.CreatedAt, b.ID, a.CreatedAt, a.ID) })
	total := len(list)
	if filtered {
		list = list[:min(len(list), 1000)]
	}
	rows := pageOf(c, list, c.runObject)
	return object{"total_count": total, "workflow_runs": rows}, nil
}

// runAttempt is a run as it was in one of its attempts.
func (c *restCall) runAttempt() (any, *apiError) {
	id, _ := strconv.ParseInt(c.params["run_id"], 10, 64)
	n, _ := strconv.Atoi(c.params["attempt_number"])
	if r := c.repo.Run(id); r != nil {
		if x := r.attempt(n); x != nil {
			return c.runObject(x), nil
		}
	}
	return nil, notFound(c.doc())
}

// createdWithin reads GitHub's search syntax for times: >=t, <=t, >t, <t, a..b, or a day.
func createdWithin(at time.Time, want string) bool {
	parse := func(text string) (from, to time.Time) {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
			if t, err := time.Parse(layout, text); err == nil {
				return t, t
			}
		}
		t, err := time.Parse("2006-01-02", text)
		if err != nil {
			return time.Time{}, time.Time{}
		}
		return t, t.Add(24*time.Hour - time.Second)
	}
	if a, b, ok := strings.Cut(want, ".."); ok {
		from, _ := parse(a)
		_, to := parse(b)
		return (a == "*" || !at.Before(from)) && (b == "*" || !at.After(to))
	}
	for _, sign := range []string{">=", "<=", ">", "<"} {
		if text, ok := strings.CutPrefix(want, sign); ok {
			from, to := parse(text)
			return map[string]bool{">=": !at.Before(from), "<=": !at.After(to), ">": at.After(to), "<": at.Before(from)}[sign]
		}
	}
	from, to := parse(want)
	return !at.Before(from) && !at.After(to)
}

func (c *restCall) releases() (any, *apiError) {
	list := slices.Clone(c.repo.Releases)
	list = slices.DeleteFunc(list, func(r *Release) bool { return r.Draft && !c.server.drafts })
	slices.SortFunc(list, func(a, b *Release) int { return compareCreated(b.CreatedAt, b.ID, a.CreatedAt, a.ID) })
	return pageOf(c, list, c.releaseObject), nil
}

func (c *restCall) tags() (any, *apiError) {
	names := c.repo.refNames("refs/tags/")
	slices.Reverse(names)
	return pageOf(c, names, c.tagObject), nil
}

func (c *restCall) matchingRefs() (any, *apiError) {
	if len(c.repo.refs) == 0 {
		return nil, &apiError{status: 409, message: "Git Repository is empty.", doc: c.doc()}
	}
	rows := []any{}
	for _, name := range c.repo.refNames("refs/" + c.params["ref"]) {
		rows = append(rows, c.refObject(name))
	}
	return rows, nil
}

// activities are paged by cursors: the ids.
func (c *restCall) activities() (any, *apiError) {
	list := slices.Clone(c.repo.Activities)
	if c.query.Get("direction") != "asc" {
		slices.Reverse(list)
	}
	spans := map[string]int{"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}
	list = slices.DeleteFunc(list, func(a *Activity) bool {
		ref, kind, actor, span := c.query.Get("ref"), c.query.Get("activity_type"), c.query.Get("actor"), spans[c.query.Get("time_period")]
		return ref != "" && a.Ref != ref && a.Ref != "refs/heads/"+ref || kind != "" && a.Type != kind ||
			actor != "" && (a.Actor == nil || a.Actor.restLogin() != actor) || span > 0 && a.At.Before(c.now.AddDate(0, 0, -span))
	})
	size := c.number("per_page", 30, 100)
	if after := c.query.Get("after"); after != "" {
		i := slices.IndexFunc(list, func(a *Activity) bool { return strconv.FormatInt(a.ID, 10) == after })
		list = list[i+1:]
	}
	if len(list) > size {
		list = list[:size]
		next := *c.r.URL
		q := next.Query()
		q.Set("after", strconv.FormatInt(list[size-1].ID, 10))
		next.RawQuery = q.Encode()
		c.links = "<" + c.base() + next.String() + `>; rel="next"`
	}
	rows := []any{}
	for _, a := range list {
		rows = append(rows, c.activityObject(a))
	}
	return rows, nil
}
