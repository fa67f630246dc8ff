package github

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Addresses in answers are GitHub's own, whatever port the fake listens on: only links of pages and redirects lead back here.
const (
	apiHost = "https://api.github.com"
	webHost = "https://github.com"
)

func (*exchange) apiURL(r *Repository) string  { return apiHost + "/repos/" + r.FullName() }
func (*exchange) htmlURL(r *Repository) string { return webHost + "/" + r.FullName() }

// userObject is a simple user, or null.
func userObject(a *Account) any {
	if a == nil {
		return nil
	}
	login := a.restLogin()
	web := webHost + "/" + login
	if a.Type == "Bot" {
		web = webHost + "/apps/" + a.Login
	}
	kind := a.Type
	if kind != "Bot" && kind != "Organization" && kind != "Mannequin" {
		kind = "User"
	}
	return object{
		"login": login, "id": a.ID, "node_id": a.nodeID(), "avatar_url": fmt.Sprintf("https://avatars.githubusercontent.com/u/%d?v=4", a.ID),
		"gravatar_id": "", "url": apiHost + "/users/" + login, "html_url": web, "type": kind, "site_admin": false, "user_view_type": "public",
	}
}

func (c *restCall) repositoryObject(r *Repository) object {
	topics := append([]string{}, r.Topics...)
	api, web := c.apiURL(r), c.htmlURL(r)
	var description any
	if r.Description != "" {
		description = r.Description
	}
	o := object{
		"id": r.ID, "node_id": r.nodeID(), "name": r.Name, "full_name": r.FullName(), "private": r.private(), "owner": userObject(r.Owner),
		"html_url": web, "description": description, "fork": r.Fork, "url": api, "deployments_url": api + "/deployments",
		"git_url": "git://github.com/" + r.FullName() + ".git", "ssh_url": "git@github.com:" + r.FullName() + ".git", "clone_url": web + ".git",
		"svn_url": web, "homepage": nil, "language": nil, "size": len(r.store.commits), "stargazers_count": 0, "watchers_count": 0, "watchers": 0,
		"forks_count": 0, "forks": 0, "open_issues_count": c.openIssues(r), "open_issues": c.openIssues(r), "has_issues": true, "has_projects": false,
		"has_downloads": true, "has_wiki": false, "has_pages": false, "has_discussions": false, "mirror_url": nil, "archived": r.Archived,
		"disabled": false, "license": nil, "allow_forking": true, "is_template": false, "topics": topics, "visibility": r.Visibility,
		"default_branch": r.DefaultBranch, "created_at": instant(r.CreatedAt), "updated_at": instant(r.UpdatedAt), "pushed_at": instant(r.PushedAt),
		"permissions": object{"admin": false, "maintain": false, "push": false, "triage": false, "pull": true},
	}
	if r.Parent != nil {
		o["parent"] = object{"id": r.Parent.ID, "full_name": r.Parent.FullName()}
	}
	return o
}

// openIssues counts issues and pull requests, as GitHub does.
func (c *restCall) openIssues(r *Repository) int {
	if n, ok := c.issues[r]; ok {
		return n
	}
	n := 0
	for _, p := range r.PullRequests {
		if p.State == "OPEN" {
			n++
		}
	}
	for _, i := range r.Issues {
		if !i.Closed {
			n++
		}
	}
	if c.issues == nil {
		c.issues = map[*Repository]int{}
	}
	c.issues[r] = n
	return n
}

func (c *restCall) deploymentObject(d *Deployment) object {
	url := fmt.Sprintf("%s/deployments/%d", c.apiURL(d.repo), d.ID)
	return object{
		"url": url, "id": d.ID, "node_id": d.nodeID(), "sha": d.SHA, "ref": d.Ref, "task": d.Task, "payload": d.Payload,
		"original_environment": d.OriginalEnvironment, "environment": d.Environment, "description": orNull(d.Description), "creator": userObject(d.Creator),
		"created_at": instant(d.CreatedAt), "updated_at": instant(d.UpdatedAt), "statuses_url": url + "/statuses", "repository_url": c.apiURL(d.repo),
		"transient_environment": d.Transient, "production_environment": d.Production, "performed_via_github_app": nil,
	}
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// statusObject is a status of REST, which knows no state waiting: it says pending.
func (c *restCall) statusObject(s *Status) object {
	d := s.deployment
	url := fmt.Sprintf("%s/deployments/%d", c.apiURL(d.repo), d.ID)
	state := s.State
	if state == "waiting" {
		state = "pending"
	}
	return object{
		"url": fmt.Sprintf("%s/statuses/%d", url, s.ID), "id": s.ID, "node_id": s.nodeID(), "state": state, "creator": userObject(s.Creator),
		"description": s.Description, "environment": s.Environment, "target_url": s.LogURL, "created_at": instant(s.CreatedAt),
		"updated_at": instant(s.UpdatedAt), "deployment_url": url, "repository_url": c.apiURL(d.repo), "environment_url": s.EnvironmentURL,
		"log_url": s.LogURL, "performed_via_github_app": nil,
	}
}

func (c *restCall) environmentObject(e *Environment) object {
	return object{
		"id": e.ID, "node_id": e.nodeID(), "name": e.Name, "url": c.apiURL(c.repo) + "/environments/" + e.Name,
		"html_url":   c.htmlURL(c.repo) + "/deployments/activity_log?environments_filter=" + e.Name,
		"created_at": instant(e.CreatedAt), "updated_at": instant(e.UpdatedAt), "protection_rules": []any{}, "deployment_branch_policy": nil,
	}
}

func (c *restCall) commitObject(x *Commit) object {
	api, web := c.apiURL(c.repo), c.htmlURL(c.repo)
	person := func(who Signature, at any) object { return object{"name": who.Name, "email": who.Email, "date": at} }
	parents := []any{}
	for _, p := range x.Parents {
		parents = append(parents, object{"sha": p, "url": api + "/commits/" + p, "html_url": web + "/commit/" + p})
	}
	return object{
		"sha": x.SHA, "node_id": commitNodeID(c.repo, x.SHA), "url": api + "/commits/" + x.SHA, "html_url": web + "/commit/" + x.SHA,
		"comments_url": api + "/commits/" + x.SHA + "/comments",
		"commit": object{
			"author": person(x.Author, instant(x.AuthoredAt)), "committer": person(x.Committer, instant(x.CommittedAt)),
			"message": strings.TrimRight(x.Message, "\n"), "tree": object{"sha": x.tree.sha, "url": api + "/git/trees/" + x.tree.sha},
			"url": api + "/git/commits/" + x.SHA, "comment_count": 0,
			"verification": object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil},
		},
		"author": c.accountOf(x.Author), "committer": c.accountOf(x.Committer), "parents": parents,
	}
}

// accountOf is the account that an address belongs to, or null.
func (c *restCall) accountOf(who Signature) any { return userObject(c.server.org.byEmail[who.Email]) }

func (c *restCall) fileObject(f fileChange) object {
	at := c.htmlURL(c.repo) + "/blob/" + f.commit + "/" + f.path
	o := object{
		"sha": orNull(f.blob), "filename": f.path, "status": f.status, "additions": f.additions, "deletions": f.deletions,
		"changes": f.additions + f.deletions, "blob_url": at, "raw_url": strings.Replace(at, "/blob/", "/raw/", 1),
		"contents_url": c.apiURL(c.repo) + "/contents/" + f.path + "?ref=" + f.commit, "patch": "@@ -1 +1 @@",
	}
	if f.previous != "" {
		o["previous_filename"] = f.previous
	}
	return o
}

func (p *PullRequest) headLabel() string {
	if p.HeadOwner == nil {
		return "unknown:" + p.Head
	}
	return p.HeadOwner.Login + ":" + p.Head
}

// pullObject is a pull request as lists show it. A head repository that has gone is null, whatever the description says.
func (c *restCall) pullObject(p *PullRequest) object {
	api := fmt.Sprintf("%s/pulls/%d", c.apiURL(p.repo), p.Number)
	issue := fmt.Sprintf("%s/issues/%d", c.apiURL(p.repo), p.Number)
	web := fmt.Sprintf("%s/pull/%d", c.htmlURL(p.repo), p.Number)
	state := "closed"
	if p.State == "OPEN" {
		state = "open"
	}
	labels := []any{}
	for _, l := range p.Labels {
		labels = append(labels, object{
			"id": l.ID, "node_id": l.nodeID(), "url": c.apiURL(p.repo) + "/labels/" + l.Name, "name": l.Name, "description": "", "color": "ededed", "default": false,
		})
	}
	head := object{"label": p.headLabel(), "ref": p.Head, "sha": p.HeadOID, "user": userObject(p.HeadOwner), "repo": nil}
	if p.HeadRepository != nil && c.who.sees(p.HeadRepository) {
		head["repo"] = c.repositoryObject(p.HeadRepository)
	}
	o := object{
		"url": api, "id": p.ID, "node_id": p.nodeID(), "html_url": web, "diff_url": web + ".diff", "patch_url": web + ".patch", "issue_url": issue,
		"number": p.Number, "state": state, "locked": false, "title": p.Title, "user": userObject(p.Author), "body": orNull(p.Body),
		"created_at": instant(p.CreatedAt), "updated_at": instant(p.UpdatedAt), "closed_at": instant(p.ClosedAt), "merged_at": instant(p.MergedAt),
		"merge_commit_sha": orNull(p.MergeOID), "assignee": nil, "assignees": []any{}, "requested_reviewers": []any{}, "requested_teams": []any{},
		"labels": labels, "milestone": nil, "draft": p.Draft, "commits_url": api + "/commits", "review_comments_url": api + "/comments",
		"review_comment_url": c.apiURL(p.repo) + "/pulls/comments{/number}", "comments_url": issue + "/comments", "statuses_url": c.apiURL(p.repo) + "/statuses/" + p.HeadOID,
		"head": head, "base": object{"label": p.repo.Owner.Login + ":" + p.Base, "ref": p.Base, "sha": p.BaseOID, "user": userObject(p.repo.Owner), "repo": c.repositoryObject(p.repo)},
		"_links": object{
			"self": object{"href": api}, "html": object{"href": web}, "issue": object{"href": issue}, "comments": object{"href": issue + "/comments"},
			"review_comments": object{"href": api + "/comments"}, "review_comment": object{"href": c.apiURL(p.repo) + "/pulls/comments{/number}"},
			"commits": object{"href": api + "/commits"}, "statuses": object{"href": c.apiURL(p.repo) + "/statuses/" + p.HeadOID},
		},
		"author_association": "MEMBER", "auto_merge": nil, "active_lock_reason": nil,
	}
	if c.version == "2026-03-10" {
		delete(o, "merge_commit_sha")
		delete(o, "assignee")
	}
	return o
}

func (c *restCall) fullPullObject(p *PullRequest) object {
	o := c.pullObject(p)
	additions, deletions, files := p.size()
	return with(o, object{
		"merged": p.State == "MERGED", "mergeable": nil, "rebaseable": nil, "mergeable_state": "unknown", "merged_by": userObject(p.MergedBy),
		"comments": 0, "review_comments": 0, "maintainer_can_modify": false, "commits": len(p.Commits), "additions": additions, "deletions": deletions, "changed_files": files,
	})
}

func (r *WorkflowRun) checkSuite() int64 { return r.ID + 1 }

func (c *restCall) runObject(r *WorkflowRun) object {
	api := fmt.Sprintf("%s/actions/runs/%d", c.apiURL(r.repo), r.ID)
	workflow := fmt.Sprintf("%s/actions/workflows/%d", c.apiURL(r.repo), r.WorkflowID)
	var head any
	if x := r.repo.CommitObject(r.HeadSHA); x != nil {
		head = object{
			"id": x.SHA, "tree_id": x.tree.sha, "message": strings.TrimRight(x.Message, "\n"), "timestamp": instant(x.CommittedAt),
			"author": object{"name": x.Author.Name, "email": x.Author.Email}, "committer": object{"name": x.Committer.Name, "email": x.Committer.Email},
		}
	}
	repo := c.repositoryObject(r.repo)
	var previous any
	if r.Attempt > 1 {
		previous = fmt.Sprintf("%s/attempts/%d", api, r.Attempt-1)
	}
	return object{
		"id": r.ID, "name": r.Name, "node_id": r.nodeID(), "head_branch": r.HeadBranch, "head_sha": r.HeadSHA, "path": r.Path,
		"display_title": r.Title, "run_number": r.Number, "run_attempt": r.Attempt, "event": r.Event, "status": r.Status, "conclusion": orNull(r.Conclusion),
		"workflow_id": r.WorkflowID, "check_suite_id": r.checkSuite(), "check_suite_node_id": nodeID("CS", r.repo.ID, r.checkSuite()), "url": api,
		"html_url": fmt.Sprintf("%s/actions/runs/%d", c.htmlURL(r.repo), r.ID), "pull_requests": []any{}, "created_at": instant(r.CreatedAt),
		"updated_at": instant(r.UpdatedAt), "actor": userObject(r.Actor), "triggering_actor": userObject(r.TriggeredBy), "run_started_at": instant(r.StartedAt),
		"jobs_url": api + "/jobs", "logs_url": api + "/logs", "check_suite_url": fmt.Sprintf("%s/check-suites/%d", c.apiURL(r.repo), r.checkSuite()),
		"artifacts_url": api + "/artifacts", "cancel_url": api + "/cancel", "rerun_url": api + "/rerun", "previous_attempt_url": previous,
		"workflow_url": workflow, "head_commit": head, "repository": repo, "head_repository": repo, "referenced_workflows": []any{},
	}
}

func (c *restCall) releaseObject(r *Release) object {
	api := fmt.Sprintf("%s/releases/%d", c.apiURL(r.repo), r.ID)
	return object{
		"url": api, "assets_url": api + "/assets", "upload_url": strings.Replace(api, "api.", "uploads.", 1) + "/assets{?name,label}",
		"html_url": c.htmlURL(r.repo) + "/releases/tag/" + r.TagName, "id": r.ID, "node_id": r.nodeID(), "tag_name": r.TagName,
		"target_commitish": r.repo.DefaultBranch, "name": orNull(r.Name), "draft": r.Draft, "prerelease": r.Prerelease, "immutable": false,
		"created_at": instant(r.CreatedAt), "published_at": instant(r.PublishedAt), "updated_at": instant(r.UpdatedAt), "author": userObject(r.Author), "assets": []any{},
		"tarball_url": c.apiURL(r.repo) + "/tarball/" + r.TagName, "zipball_url": c.apiURL(r.repo) + "/zipball/" + r.TagName, "body": orNull(r.Description),
	}
}

// refNames lists the full names that begin so, sorted.
func (r *Repository) refNames(prefix string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r.refs)), func(name string) bool { return !strings.HasPrefix(name, prefix) })
}

func (c *restCall) tagObject(ref string) object {
	name := strings.TrimPrefix(ref, "refs/tags/")
	sha := c.repo.store.peel(c.repo.refs[ref])
	api := c.apiURL(c.repo)
	return object{
		"name": name, "commit": object{"sha": sha, "url": api + "/commits/" + sha}, "zipball_url": api + "/zipball/" + ref,
		"tarball_url": api + "/tarball/" + ref, "node_id": refNodeID(c.repo, ref),
	}
}

func (c *restCall) refObject(ref string) object {
	sha, kind, folder := c.repo.refs[ref], "commit", "commits"
	if c.repo.store.tags[sha] != nil {
		kind, folder = "tag", "tags"
	}
	api := c.apiURL(c.repo) + "/git/"
	return object{
		"ref": ref, "node_id": refNodeID(c.repo, ref), "url": api + ref, "object": object{"sha": sha, "type": kind, "url": api + folder + "/" + sha},
	}
}

func (c *restCall) activityObject(a *Activity) object {
	none := strings.Repeat("0", 40)
	sha := func(s string) string {
		if s == "" {
			return none
		}
		return s
	}
	return object{
		"id": a.ID, "node_id": nodeID("PSH", c.repo.ID, a.ID), "before": sha(a.Before), "after": sha(a.After), "ref": a.Ref,
		"timestamp": instant(a.At), "activity_type": a.Type, "actor": userObject(a.Actor),
	}
}
