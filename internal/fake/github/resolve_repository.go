package github

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

var repositoryFields = map[string]resolver{
	"Repository.createdAt":  on(func(_ *graphCall, r *Repository) any { return instant(r.CreatedAt) }),
	"Repository.databaseId": on(func(_ *graphCall, r *Repository) any { return r.ID }),
	"Repository.defaultBranchRef": by(func(c *graphCall, r *Repository, _ map[string]any) (any, error) {
		if r.Head(r.DefaultBranch) == "" {
			return nil, nil
		}
		return refOf{r, "refs/heads/" + r.DefaultBranch}, c.need(r, "contents")
	}),
	"Repository.deployments": by(func(c *graphCall, r *Repository, args map[string]any) (any, error) {
		return c.deployments(r, "", args)
	}),
	"Repository.environments": by(func(c *graphCall, r *Repository, args map[string]any) (any, error) {
		names := texts(args["names"])
		var list []keyed
		for _, e := range r.Environments {
			if len(names) == 0 || slices.Contains(names, e.Name) {
				list = append(list, keyed{timeKey(e.CreatedAt, e.ID), e})
			}
		}
		return pageIf(c.need(r, "actions"), "EnvironmentConnection", list, false, args)
	}),
	"Repository.id":                 on(func(_ *graphCall, r *Repository) any { return r.nodeID() }),
	"Repository.isArchived":         on(func(_ *graphCall, r *Repository) any { return r.Archived }),
	"Repository.isFork":             on(func(_ *graphCall, r *Repository) any { return r.Fork }),
	"Repository.isPrivate":          on(func(_ *graphCall, r *Repository) any { return r.private() }),
	"Repository.mergeCommitAllowed": on(func(_ *graphCall, r *Repository) any { return r.MergeCommitAllowed }),
	"Repository.name":               on(func(_ *graphCall, r *Repository) any { return r.Name }),
	"Repository.nameWithOwner":      on(func(_ *graphCall, r *Repository) any { return r.FullName() }),
	"Repository.object": by(func(c *graphCall, r *Repository, args map[string]any) (any, error) {
		oid, _ := args["oid"].(string)
		if oid == "" {
			oid = r.revision(args["expression"])
		}
		x := r.gitObject(oid)
		if isNil(x) {
			return nil, nil
		}
		return x, c.need(r, "contents")
	}),
	"Repository.owner": on(func(_ *graphCall, r *Repository) any { return r.Owner }),
	"Repository.pullRequest": by(func(c *graphCall, r *Repository, args map[string]any) (any, error) {
		if err := c.need(r, "pull_requests"); err != nil {
			return nil, err
		}
		p := r.Pull(intOf(args["number"]))
		if p == nil {
			return nil, notFoundNode("a PullRequest with the number of " + itoa(intOf(args["number"])) + ".")
		}
		return p, nil
	}),
	"Repository.pullRequests": by(func(c *graphCall, r *Repository, args map[string]any) (any, error) {
		return c.pulls(r, r.PullRequests, args)
	}),
	"Repository.pushedAt":           on(func(_ *graphCall, r *Repository) any { return instant(r.PushedAt) }),
	"Repository.rebaseMergeAllowed": on(func(_ *graphCall, r *Repository) any { return r.RebaseMergeAllowed }),
	"Repository.ref": by(func(c *graphCall, r *Repository, args map[string]any) (any, error) {
		name := args["qualifiedName"].(string)
		for _, full := range []string{name, "refs/heads/" + name, "refs/tags/" + name} {
			if r.refs[full] != "" {
				return refOf{r, full}, c.need(r, "contents")
			}
		}
		return nil, nil
	}),
	"Repository.refs": by((*graphCall).refs),
	"Repository.release": by(func(c *graphCall, r *Repository, args map[string]any) (any, error) {
		for _, x := range r.Releases {
			if x.TagName == args["tagName"] && !x.Draft {
				return x, c.need(r, "contents")
			}
		}
		return nil, nil
	}),
	"Repository.releases": by(func(c *graphCall, r *Repository, args map[string]any) (any, error) {
		field, descending := orderOf(args, "")
		var list []keyed
		for _, x := range r.Releases {
			key := timeKey(x.CreatedAt, x.ID)
			if field == "NAME" {
				key = x.Name + " " + key
			}
			if !x.Draft || c.server.drafts {
				list = append(list, keyed{key, x})
			}
		}
		return pageIf(c.need(r, "contents"), "ReleaseConnection", list, descending || field == "", args)
	}),
	"Repository.squashMergeAllowed":       on(func(_ *graphCall, r *Repository) any { return r.SquashMergeAllowed }),
	"Repository.squashMergeCommitMessage": on(func(_ *graphCall, r *Repository) any { return r.SquashMessage }),
	"Repository.squashMergeCommitTitle":   on(func(_ *graphCall, r *Repository) any { return r.SquashTitle }),
	"Repository.updatedAt":                on(func(_ *graphCall, r *Repository) any { return instant(r.UpdatedAt) }),
	"Repository.url":                      on(func(c *graphCall, r *Repository) any { return c.htmlURL(r) }),
	"Repository.visibility":               on(func(_ *graphCall, r *Repository) any { return strings.ToUpper(r.Visibility) }),

	"Environment.databaseId": on(func(_ *graphCall, e *Environment) any { return e.ID }),
	"Environment.id":         on(func(_ *graphCall, e *Environment) any { return e.nodeID() }),
	"Environment.name":       on(func(_ *graphCall, e *Environment) any { return e.Name }),

	"Release.author": on(func(_ *graphCall, x *Release) any {
		if x.Author == nil || x.Author.Type != "User" {
			return nil
		}
		return x.Author
	}),
	"Release.createdAt":    on(func(_ *graphCall, x *Release) any { return instant(x.CreatedAt) }),
	"Release.databaseId":   on(func(_ *graphCall, x *Release) any { return x.ID }),
	"Release.description":  on(func(_ *graphCall, x *Release) any { return orNull(x.Description) }),
	"Release.id":           on(func(_ *graphCall, x *Release) any { return x.nodeID() }),
	"Release.isDraft":      on(func(_ *graphCall, x *Release) any { return x.Draft }),
	"Release.isLatest":     on(func(_ *graphCall, x *Release) any { return x == x.repo.latestRelease() }),
	"Release.isPrerelease": on(func(_ *graphCall, x *Release) any { return x.Prerelease }),
	"Release.name":         on(func(_ *graphCall, x *Release) any { return orNull(x.Name) }),
	"Release.publishedAt":  on(func(_ *graphCall, x *Release) any { return instant(x.PublishedAt) }),
	"Release.tag": on(func(_ *graphCall, x *Release) any {
		if x.repo.refs["refs/tags/"+x.TagName] == "" {
			return nil
		}
		return refOf{x.repo, "refs/tags/" + x.TagName}
	}),
	"Release.tagCommit": on(func(_ *graphCall, x *Release) any {
		return commitOf{x.repo.store.commits[x.repo.store.peel(x.repo.refs["refs/tags/"+x.TagName])], x.repo}
	}),
	"Release.tagName":   on(func(_ *graphCall, x *Release) any { return x.TagName }),
	"Release.updatedAt": on(func(_ *graphCall, x *Release) any { return instant(x.UpdatedAt) }),
	"Release.url":       on(func(c *graphCall, x *Release) any { return c.htmlURL(x.repo) + "/releases/tag/" + x.TagName }),
}

// latestRelease is the newest one that is neither a draft nor a prerelease, or nil.
func (r *Repository) latestRelease() *Release {
	var out *Release
	for _, x := range r.Releases {
		if !x.Draft && !x.Prerelease && (out == nil || compareCreated(x.CreatedAt, x.ID, out.CreatedAt, out.ID) > 0) {
			out = x
		}
	}
	return out
}

// ownerFields are those of accounts; every type has the login.
var ownerFields = func() map[string]resolver {
	out := map[string]resolver{}
	for kind := range accountPrefixes {
		maps.Copy(out, map[string]resolver{
			kind + ".id":         on(func(_ *graphCall, a *Account) any { return a.nodeID() }),
			kind + ".login":      on(func(_ *graphCall, a *Account) any { return a.Login }),
			kind + ".databaseId": on(func(_ *graphCall, a *Account) any { return a.ID }),
			kind + ".name":       on(func(_ *graphCall, a *Account) any { return orNull(a.Name) }),
			kind + ".url":        on(func(_ *graphCall, a *Account) any { return webHost + "/" + a.Login }),
		})
	}
	return out
}()

var deploymentFields = map[string]resolver{
	"Deployment.commit": by(func(c *graphCall, d *Deployment, _ map[string]any) (any, error) {
		if !d.repo.isReachable(d.SHA) {
			return nil, nil
		}
		return commitOf{d.repo.store.commits[d.SHA], d.repo}, c.need(d.repo, "contents")
	}),
	"Deployment.commitOid":           on(func(_ *graphCall, d *Deployment) any { return d.SHA }),
	"Deployment.createdAt":           on(func(_ *graphCall, d *Deployment) any { return instant(d.CreatedAt) }),
	"Deployment.creator":             on(func(_ *graphCall, d *Deployment) any { return orGhost(d.Creator) }),
	"Deployment.databaseId":          on(func(_ *graphCall, d *Deployment) any { return d.ID }),
	"Deployment.description":         on(func(_ *graphCall, d *Deployment) any { return orNull(d.Description) }),
	"Deployment.environment":         on(func(_ *graphCall, d *Deployment) any { return d.Environment }),
	"Deployment.id":                  on(func(_ *graphCall, d *Deployment) any { return d.nodeID() }),
	"Deployment.latestEnvironment":   on(func(_ *graphCall, d *Deployment) any { return d.Environment }),
	"Deployment.latestStatus":        on(func(_ *graphCall, d *Deployment) any { return d.latest() }),
	"Deployment.originalEnvironment": on(func(_ *graphCall, d *Deployment) any { return d.OriginalEnvironment }),
	"Deployment.payload":             on(func(_ *graphCall, d *Deployment) any { return payloadText(d.Payload) }),
	"Deployment.ref": on(func(_ *graphCall, d *Deployment) any {
		for _, full := range []string{"refs/heads/" + d.Ref, "refs/tags/" + d.Ref, d.Ref} {
			if d.repo.refs[full] != "" {
				return refOf{d.repo, full}
			}
		}
		return nil
	}),
	"Deployment.repository": on(func(_ *graphCall, d *Deployment) any { return d.repo }),
	"Deployment.state":      on(func(c *graphCall, d *Deployment) any { return d.graphState(c.now) }),
	"Deployment.statuses": by(func(_ *graphCall, d *Deployment, args map[string]any) (any, error) {
		var list []keyed
		for _, s := range d.Statuses { // in an order that means nothing
			list = append(list, keyed{timeKey(s.CreatedAt, 0)[17:20] + " " + timeKey(s.CreatedAt, s.ID*2654435761%4294967296), s})
		}
		return page("DeploymentStatusConnection", list, false, args)
	}),
	"Deployment.task":      on(func(_ *graphCall, d *Deployment) any { return d.Task }),
	"Deployment.updatedAt": on(func(_ *graphCall, d *Deployment) any { return instant(d.UpdatedAt) }),

	"DeploymentStatus.createdAt":      on(func(_ *graphCall, s *Status) any { return instant(s.CreatedAt) }),
	"DeploymentStatus.creator":        on(func(_ *graphCall, s *Status) any { return orGhost(s.Creator) }),
	"DeploymentStatus.deployment":     on(func(_ *graphCall, s *Status) any { return s.deployment }),
	"DeploymentStatus.description":    on(func(_ *graphCall, s *Status) any { return orNull(s.Description) }),
	"DeploymentStatus.environment":    on(func(_ *graphCall, s *Status) any { return s.Environment }),
	"DeploymentStatus.environmentUrl": on(func(_ *graphCall, s *Status) any { return orNull(s.EnvironmentURL) }),
	"DeploymentStatus.id":             on(func(_ *graphCall, s *Status) any { return s.nodeID() }),
	"DeploymentStatus.logUrl":         on(func(_ *graphCall, s *Status) any { return orNull(s.LogURL) }),
	"DeploymentStatus.state":          on(func(_ *graphCall, s *Status) any { return strings.ToUpper(s.State) }),
	"DeploymentStatus.updatedAt":      on(func(_ *graphCall, s *Status) any { return instant(s.UpdatedAt) }),
}

// ghost stands for an account that has gone where there must be one.
var ghost = &Account{ID: 10137, Login: "ghost", Type: "User", Name: "Deleted user"}

func orGhost(a *Account) any { return cmp.Or(a, ghost) }

// payloadText is the payload as GraphQL gives it: JSON as text, a text as JSON too.
func payloadText(payload any) any {
	if payload == nil || payload == "" {
		return nil
	}
	return string(mustJSON(payload))
}

func pageIf(err error, kind string, list []keyed, descending bool, args map[string]any) (any, error) {
	if err != nil {
		return nil, err
	}
	return page(kind, list, descending, args)
}

// deployments lists those of a repository, or of one of its commits.
func (c *graphCall) deployments(r *Repository, sha string, args map[string]any) (any, error) {
	environments := texts(args["environments"])
	_, descending := orderOf(args, "CREATED_AT")
	list := make([]keyed, 0, len(r.Deployments))
	for _, d := range r.Deployments {
		if (sha == "" || d.SHA == sha) && (environments == nil || slices.Contains(environments, d.Environment)) {
			list = append(list, keyed{timeKey(d.CreatedAt, d.ID), d})
		}
	}
	return pageIf(c.need(r, "deployments"), "DeploymentConnection", list, descending, args)
}

func (c *graphCall) refs(r *Repository, args map[string]any) (any, error) {
	prefix := args["refPrefix"].(string)
	query, _ := args["query"].(string)
	field, descending := orderOf(args, "ALPHABETICAL")
	if args["direction"] == "DESC" {
		descending = true
	}
	var list []keyed
	for _, full := range r.refNames(prefix) {
		key := full
		if x := r.store.commits[r.store.peel(r.refs[full])]; field == "TAG_COMMIT_DATE" && x != nil {
			key = timeKey(x.CommittedAt, 0) + " " + full
		}
		if strings.Contains(strings.TrimPrefix(full, prefix), query) {
			list = append(list, keyed{key, refOf{r, full}})
		}
	}
	return pageIf(c.need(r, "contents"), "RefConnection", list, descending, args)
}
