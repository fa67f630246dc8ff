package github

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// resolver answers one field of one type.
type resolver func(c *graphCall, source any, args map[string]any) (any, error)

// resolvers by type and field: Deployment.state.
var resolvers = func() map[string]resolver {
	all := map[string]resolver{}
	for _, part := range []map[string]resolver{queryFields, repositoryFields, ownerFields, deploymentFields, gitFields, refFields, pullFields, pullPartFields} {
		maps.Copy(all, part)
	}
	for _, kind := range []string{
		"EnvironmentConnection", "DeploymentConnection", "DeploymentStatusConnection", "CommitConnection", "CommitHistoryConnection", "GitActorConnection",
		"RefConnection", "ComparisonCommitConnection", "ReleaseConnection", "PullRequestConnection", "PullRequestCommitConnection", "PullRequestReviewConnection",
		"PullRequestChangedFileConnection", "LabelConnection", "IssueConnection", "SearchResultItemConnection",
	} {
		all[kind+".nodes"] = on(func(_ *graphCall, p *connection) any { return p.nodes })
		all[kind+".pageInfo"] = on(func(_ *graphCall, p *connection) any { return p.info })
		all[kind+".totalCount"] = on(func(_ *graphCall, p *connection) any { return p.total })
	}
	return all
}()

// on makes a resolver of a field without arguments that cannot fail.
func on[T any](f func(c *graphCall, x T) any) resolver {
	return func(c *graphCall, source any, _ map[string]any) (any, error) { return f(c, source.(T)), nil }
}

// by makes a resolver of any other field.
func by[T any](f func(c *graphCall, x T, args map[string]any) (any, error)) resolver {
	return func(c *graphCall, source any, args map[string]any) (any, error) { return f(c, source.(T), args) }
}

// need is FORBIDDEN if the token lacks a permission on a repository.
func (c *graphCall) need(r *Repository, permission string) error {
	if c.who.may(r, permission) {
		return nil
	}
	return &graphError{Type: "FORBIDDEN", Message: "Resource not accessible by " + c.who.kind()}
}

// root is where queries begin; rateLimit is that object.
type (
	root      struct{}
	rateLimit struct{ fields object }
)

var queryFields = map[string]resolver{
	"Query.repository": by(func(c *graphCall, _ root, args map[string]any) (any, error) {
		if c.dry {
			return nil, nil
		}
		name := args["owner"].(string) + "/" + args["name"].(string)
		r := c.repositoryIn(name)
		if r == nil || args["followRenames"] == false && !strings.EqualFold(r.FullName(), name) {
			return nil, notFoundNode("a Repository with the name '" + name + "'.")
		}
		return r, nil
	}),
	"Query.node": by(func(c *graphCall, _ root, args map[string]any) (any, error) {
		if c.dry {
			return nil, nil
		}
		return c.node(args["id"].(string))
	}),
	"Query.nodes": by(func(c *graphCall, _ root, args map[string]any) (any, error) {
		ids := listOf(args["ids"])
		if len(ids) > pageLimit {
			return nil, &graphError{Type: "ARGUMENT_LIMIT", Message: fmt.Sprintf("You may not provide more than %d node ids; you provided %d.", pageLimit, len(ids))}
		}
		out := []any{}
		for _, id := range ids {
			x, err := c.node(id.(string))
			switch e := err.(type) { //nolint:errorlint // node makes it
			case nil:
				out = append(out, x)
			case *graphError:
				out = append(out, e)
			}
		}
		return out, nil
	}),
	"Query.rateLimit": on(func(c *graphCall, _ root) any {
		if c.rate == nil {
			return nil
		}
		return rateLimit{c.rate}
	}),
	"Query.search":        by((*graphCall).search),
	"RateLimit.cost":      on(func(_ *graphCall, r rateLimit) any { return r.fields["cost"] }),
	"RateLimit.limit":     on(func(_ *graphCall, r rateLimit) any { return r.fields["limit"] }),
	"RateLimit.nodeCount": on(func(_ *graphCall, r rateLimit) any { return r.fields["nodeCount"] }),
	"RateLimit.remaining": on(func(_ *graphCall, r rateLimit) any { return r.fields["remaining"] }),
	"RateLimit.resetAt":   on(func(_ *graphCall, r rateLimit) any { return r.fields["resetAt"] }),
	"RateLimit.used":      on(func(_ *graphCall, r rateLimit) any { return r.fields["used"] }),

	"PageInfo.endCursor":       on(func(_ *graphCall, p pageInfo) any { return p.end }),
	"PageInfo.startCursor":     on(func(_ *graphCall, p pageInfo) any { return p.start }),
	"PageInfo.hasNextPage":     on(func(_ *graphCall, p pageInfo) any { return p.hasNext }),
	"PageInfo.hasPreviousPage": on(func(_ *graphCall, p pageInfo) any { return p.hasPrior }),

	"SearchResultItemConnection.issueCount": on(func(_ *graphCall, p *connection) any { return p.total }),
}

// node finds an object by its id; what is not there and what is not visible look the same.
func (c *graphCall) node(id string) (any, error) {
	missing := notFoundNode("a node with the global id of '" + id + "'.")
	prefix, numbers, text, ok := parseNodeID(id)
	if !ok || len(numbers) == 0 {
		return nil, missing
	}
	for kind, p := range accountPrefixes {
		if p == prefix {
			if i := slices.IndexFunc(c.server.org.Accounts, func(a *Account) bool { return a.ID == numbers[0] && a.Type == kind }); i >= 0 {
				return c.server.org.Accounts[i], nil
			}
			return nil, missing
		}
	}
	if prefix == "EN" || prefix == "LA" {
		return c.small(prefix, numbers[0], missing)
	}
	r := c.server.org.RepositoryByID(numbers[0])
	if r == nil || !c.who.sees(r) {
		return nil, missing
	}
	x, permission := r.node(prefix, numbers[1:], text)
	if isNil(x) {
		return nil, missing
	}
	if err := c.need(r, permission); err != nil {
		return nil, err
	}
	return x, nil
}

// small finds what names no repository in its id.
func (c *graphCall) small(prefix string, id int64, missing error) (any, error) {
	for _, r := range c.visible("") {
		for _, e := range r.Environments {
			if prefix == "EN" && e.ID == id {
				return e, c.need(r, "actions")
			}
		}
		for _, l := range r.Labels {
			if prefix == "LA" && l.ID == id {
				return l, c.need(r, "pull_requests")
			}
		}
	}
	return nil, missing
}

// node finds what belongs to a repository, and the permission that it takes.
func (r *Repository) node(prefix string, numbers []int64, text string) (any, string) {
	id := int64(0)
	if len(numbers) > 0 {
		id = numbers[0]
	}
	switch prefix {
	case "R":
		return r, "metadata"
	case "DE", "DES":
		d := r.Deployment(id)
		switch {
		case d == nil:
			return nil, ""
		case prefix == "DE":
			return d, "deployments"
		}
		i := slices.IndexFunc(d.Statuses, func(s *Status) bool { return len(numbers) > 1 && s.ID == numbers[1] })
		if i < 0 {
			return nil, ""
		}
		return d.Statuses[i], "deployments"
	case "PR", "PRR", "PURC":
		for _, p := range r.PullRequests {
			if prefix != "PRR" && p.ID == id {
				if prefix == "PR" {
					return p, "pull_requests"
				}
				if slices.Contains(p.Commits, text) && r.store.commits[text] != nil {
					return pullCommit{p, r.store.commits[text]}, "pull_requests"
				}
			}
			for _, v := range p.Reviews {
				if prefix == "PRR" && v.ID == id {
					return v, "pull_requests"
				}
			}
		}
	case "RE":
		for _, x := range r.Releases {
			if x.ID == id {
				return x, "contents"
			}
		}
	case "I":
		for _, x := range r.Issues {
			if x.ID == id {
				return x, "metadata"
			}
		}
	case "C", "TA", "T":
		return r.gitObject(text), "contents"
	case "REF":
		if r.refs[text] != "" {
			return refOf{r, text}, "contents"
		}
	case "CMP":
		if a, b, ok := strings.Cut(text, "..."); ok && r.store.commits[a] != nil && r.store.commits[b] != nil {
			return r.compared(a, b), "contents"
		}
	}
	return nil, ""
}

// search understands words of titles and names, and repo:, org:, user:, is: and type:. At most 1,000 are found.
func (c *graphCall) search(_ root, args map[string]any) (any, error) {
	var repos, owners, is, words []string
	for _, word := range strings.Fields(args["query"].(string)) {
		name, value, qualified := strings.Cut(word, ":")
		switch {
		case qualified && name == "repo":
			repos = append(repos, strings.ToLower(value))
		case qualified && (name == "org" || name == "user"):
			owners = append(owners, strings.ToLower(value))
		case qualified && (name == "is" || name == "type"):
			is = append(is, value)
		case !qualified:
			words = append(words, strings.ToLower(word))
		}
	}
	says := func(text string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(strings.ToLower(text), w) })
	}
	var found []any
	if args["type"] == "USER" {
		for _, a := range c.server.org.Accounts {
			if (a.Type == "User" || a.Type == "Organization") && says(a.Login) {
				found = append(found, a)
			}
		}
	}
	for _, r := range c.visible("") {
		if len(repos) > 0 && !slices.Contains(repos, strings.ToLower(r.FullName())) || len(owners) > 0 && !slices.Contains(owners, strings.ToLower(r.Owner.Login)) {
			continue
		}
		switch args["type"] {
		case "REPOSITORY":
			if says(r.FullName()) {
				found = append(found, r)
			}
		case "ISSUE":
			found = append(found, c.searchIssues(r, is, says)...)
		}
	}
	return page("SearchResultItemConnection", inOrder(found[:min(len(found), 1000)], func(x any) any { return x }), false, args)
}

func (c *graphCall) searchIssues(r *Repository, is []string, says func(string) bool) []any {
	var out []any
	for _, p := range slices.Backward(r.PullRequests) {
		words := []string{"pr", strings.ToLower(p.State)}
		if p.State == "MERGED" {
			words = append(words, "closed")
		}
		if c.who.may(r, "pull_requests") && says(p.Title) && isAll(is, words) {
			out = append(out, p)
		}
	}
	for _, i := range r.Issues {
		state := "open"
		if i.Closed {
			state = "closed"
		}
		if says(i.Title) && isAll(is, []string{"issue", state}) {
			out = append(out, i)
		}
	}
	return out
}

func isAll(wanted, words []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(words, w) })
}
