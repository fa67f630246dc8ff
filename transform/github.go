package transform

import (
	"bytes"
	"strings"

	"github.com/valyala/fastjson"
)

// The raw tables of GitHub. A deployment comes from two APIs: REST knows what was asked for and the environment's flags,
// GraphQL the statuses; their row holds both answers as received.

// GithubRepositories is one row per version of a repository that the configuration names.
var GithubRepositories = declare(&Table{
	Name: "github_repositories", Source: "github", Stream: "repositories",
	Doc: "Repositories that the configuration names, by their id, which a new name leaves as it is.",
	Columns: []Column{
		must(text("name", "Owner and name when this version was seen, acme/api.", "full_name")),
		text("configured_name", "The entry of the configuration that found it: its name when that was written, or a pattern.", "configured_name"),
		text("node_id", "The id that GraphQL knows it by.", "node_id"),
		text("default_branch", "Name of the default branch.", "default_branch"),
		boolean("is_archived", "Whether it can no longer be written to.", "archived"),
		boolean("is_fork", "Whether it is a fork.", "fork"),
		text("visibility", "public, private or internal.", "visibility"),
		text("url", "Address of its page.", "html_url"),
		instant("created_at", "When it was made, UTC.", "created_at"),
		instant("updated_at", "When GitHub says that it last changed, UTC; pushes and stars move it, and it makes no version.", "updated_at"),
		instant("pushed_at", "When it was last pushed to, UTC; makes no version.", "pushed_at"),
	},
	Volatile: []string{
		"updated_at", "pushed_at", "size", "stargazers_count", "watchers_count", "watchers", "forks_count", "forks", "open_issues_count",
		"open_issues", "network_count", "subscribers_count", "has_pages", "permissions", "temp_clone_token", "topics", "owner",
		"organization", "license", "parent", "source", "template_repository", "security_and_analysis",
	},
})

// GithubDeployments is one row per version of a deployment with all its statuses.
var GithubDeployments = declare(&Table{
	Name: "github_deployments", Source: "github", Stream: "deployments", UpdatedAt: "updated_at",
	Doc: "Deployments to every environment, each with all its statuses.",
	Columns: []Column{
		must(text("repository_id", "Id of the repository.", "repository_id")),
		must(text("repository", "Name of the repository when this version was seen.", "repository")),
		text("node_id", "The id that GraphQL knows it by.", "deployment", "node_id"),
		must(text("sha", "The commit that was deployed.", "deployment", "sha")),
		text("ref", "The branch, tag or commit that was asked for.", "deployment", "ref"),
		text("task", "What was done; deploy unless said otherwise.", "deployment", "task"),
		must(Column{Name: "environment", Type: String, Doc: "The environment as its latest status has it.", get: latestEnvironment}),
		text("original_environment", "The environment that it was made for.", "deployment", "original_environment"),
		boolean("is_production", "Whether the source says that end users use the environment.", "deployment", "production_environment"),
		boolean("is_transient", "Whether the source says that the environment is to go again.", "deployment", "transient_environment"),
		text("description", "Description.", "deployment", "description"),
		text("creator", "Login of who made it, as the privacy policy allows.", "deployment", "creator", "login"),
		text("url", "Its address in the REST API.", "deployment", "url"),
		{Name: "log_url", Type: String, Doc: "Address of the log or the workflow run that its newest status with one names.", get: newestLog},
		projection("deployment_payload", "What the deployer attached, JSON: an object, or text that may hold JSON again.", projectDeploymentPayload),
		must(instant("created_at", "When it was made, UTC.", "deployment", "created_at")),
		instant("updated_at", "When GitHub says that it or a status of it last changed, UTC.", "updated_at"),
		{Name: "finished_at", Type: Instant, Doc: "When its first success status was made, UTC; null if there is none. A later inactive does not move it.", get: firstSuccess},
		{Name: "latest_state", Type: String, Doc: "State of its newest status in lower case; null if it has none.", get: latestState},
		projection("statuses", "Its statuses in the order in which they were made: id, state in lower case, created_at, environment, log_url, environment_url.", projectStatuses),
	},
	Volatile: join(
		[]string{"updated_at", "deployment.updated_at", "deployment.performed_via_github_app", "statuses.updatedAt"},
		githubPerson("deployment.creator"),
	),
})

// GithubPullRequests is one row per version of a merged pull request.
var GithubPullRequests = declare(&Table{
	Name: "github_pull_requests", Source: "github", Stream: "pull_requests", UpdatedAt: "updated_at",
	Doc: "Merged pull requests.",
	Columns: []Column{
		must(text("repository_id", "Id of the repository that it was merged in.", "repository_id")),
		must(text("repository", "Name of that repository when this version was seen.", "repository")),
		must(integer("number", "Its number in the repository.", "number")),
		text("title", "Title.", "title"),
		text("url", "Address of its page.", "url"),
		text("author", "Login of its author, as the privacy policy allows; null where the account is gone.", "author", "login"),
		text("author_type", "User, Bot, Organization, Mannequin or EnterpriseUserAccount.", "author", "__typename"),
		{Name: "is_bot", Type: Bool, Doc: "Whether a bot opened it.", get: isBotOf("author")},
		text("base_ref", "Branch that it was merged into.", "baseRefName"),
		text("head_ref", "Branch that it was made of.", "headRefName"),
		text("head_oid", "The last commit of that branch.", "headRefOid"),
		text("head_repository", "Repository of that branch; null where a fork has been deleted.", "headRepository", "nameWithOwner"),
		boolean("is_cross_repository", "Whether that branch is in a fork.", "isCrossRepository"),
		text("merge_oid", "The merge commit, the squashed commit, or the last of the rebased ones.", "mergeCommit", "oid"),
		instant("created_at", "When it was opened, UTC.", "createdAt"),
		must(instant("merged_at", "When it was merged, UTC.", "mergedAt")),
		instant("updated_at", "When GitHub says that it last changed, UTC; a comment moves it, and it makes no version.", "updatedAt"),
		instant("first_review_at", "When the first review by somebody else than its author was submitted, UTC.", "first_review_at"),
		instant("first_commit_at", "Earliest authored time of its own commits as the API says, UTC; null where commits come by git.", "first_commit_at"),
		integer("commit_count", "Number of its own commits as the API says; null where commits come by git.", "commits", "totalCount"),
		projection("labels", "Names of its labels, a JSON array.", projectLabels),
		projection("reverts", "What it says that it reverts: pull_request (acme/api#12) or sha.", asReceived("reverts")),
	},
	Volatile: []string{"updatedAt"},
})

// GithubCommits is one row per commit in a repository; commits never change.
var GithubCommits = declare(&Table{
	Name: "github_commits", Source: "github", Stream: "commits",
	Doc: "Commits that branches, tags, deployments or merged pull requests reach.",
	Columns: []Column{
		must(text("repository_id", "Id of the repository.", "repository_id")),
		must(text("sha", "The commit's hash.", "sha")),
		{Name: "parents", Type: String, Doc: "Hashes of its parents in their order, joined by blanks; null for a root.", project: projectParents},
		instant("authored_at", "When it was written, UTC, as its author's clock had it.", "authored_at"),
		instant("committed_at", "When it was put where it is, UTC, as the committer's clock had it.", "committed_at"),
		text("author", "Name of its author, as the privacy policy allows.", "author", "name"),
		{Name: "is_bot", Type: Bool, Doc: "Whether a bot wrote it.", get: isBotOf("author")},
		text("title", "First line of its message.", "title"),
		projection("reverts", "Hashes of the commits that its message says it reverts, a JSON array.", asReceived("reverts")),
		projection("paths", "Paths of the files that it changed against its first parent, a JSON array, sorted; null of a merge commit, and where no service of the repository has paths.", asReceived("paths")),
	},
})

// GithubTags is one row per version of a tag: a tag may be moved, and may go.
var GithubTags = declare(&Table{
	Name: "github_tags", Source: "github", Stream: "tags", Parent: "repository_id",
	Doc: "Tags of commits.",
	Columns: []Column{
		must(text("repository_id", "Id of the repository.", "repository_id")),
		must(text("name", "The tag's name, v1.0.0.", "name")),
		must(text("sha", "The commit that it points at, through other tags if need be.", "sha")),
		instant("tagged_at", "When it was made, UTC; null of a lightweight tag, which does not say.", "tagged_at"),
	},
})

// GithubReleases is one row per version of a published release.
var GithubReleases = declare(&Table{
	Name: "github_releases", Source: "github", Stream: "releases", Parent: "repository_id",
	Doc: "Published releases of repositories whose services take releases for deployments.",
	Columns: []Column{
		must(text("repository_id", "Id of the repository.", "repository_id")),
		must(text("repository", "Name of the repository when this version was seen.", "repository")),
		must(text("tag_name", "The tag that it is of; which commit that is, github_tags says.", "tag_name")),
		text("name", "Its title.", "name"),
		text("target_commitish", "The branch or commit that the tag was to be made of.", "target_commitish"),
		boolean("is_prerelease", "Whether it is a prerelease.", "prerelease"),
		text("author", "Login of who made it, as the privacy policy allows.", "author", "login"),
		text("url", "Its address in the REST API.", "url"),
		text("web_url", "Address of its page.", "html_url"),
		instant("created_at", "When its commit was made, as GitHub has it, UTC.", "created_at"),
		must(instant("published_at", "When it was published, UTC.", "published_at")),
	},
	Volatile: join([]string{"updated_at", "assets", "reactions", "mentions_count"}, githubPerson("author")),
})

// GithubWorkflowRuns is one row per version of a run of a workflow that a service takes for its deployment.
var GithubWorkflowRuns = declare(&Table{
	Name: "github_workflow_runs", Source: "github", Stream: "workflow_runs", UpdatedAt: "updated_at",
	Doc: "Runs of the workflows that services take for deployments, whatever they ended as.",
	Columns: []Column{
		must(text("repository_id", "Id of the repository.", "repository_id")),
		must(text("repository", "Name of the repository when this version was seen.", "repository")),
		text("name", "Name of the workflow.", "run", "name"),
		must(text("workflow_path", "Path of the workflow's file, .github/workflows/deploy.yml.", "workflow_path")),
		must(text("event", "What started it: push, workflow_dispatch, schedule and others.", "run", "event")),
		text("branch", "The branch or tag that it ran for; of the repository or of a fork.", "run", "head_branch"),
		text("head_repository_id", "Id of the repository that the branch is in.", "run", "head_repository", "id"),
		must(text("sha", "The commit that it ran for.", "run", "head_sha")),
		text("title", "What its page shows as title.", "run", "display_title"),
		integer("run_number", "Its number among the runs of its workflow.", "run", "run_number"),
		integer("run_attempt", "Number of its latest attempt, from 1.", "run", "run_attempt"),
		text("status", "queued, in_progress, completed and others.", "run", "status"),
		text("conclusion", "success, failure, cancelled and others; null until it has ended.", "run", "conclusion"),
		text("url", "Its address in the REST API.", "run", "url"),
		text("web_url", "Address of its page.", "run", "html_url"),
		must(instant("created_at", "When it was made, UTC.", "run", "created_at")),
		instant("updated_at", "When GitHub says that it last changed, UTC; it moves while a run goes on, and makes no version.", "run", "updated_at"),
		instant("finished_at", "When its first attempt that succeeded ended, UTC; null if none did. A later attempt does not move it.", "finished_at"),
	},
	Volatile: join([]string{
		"run.updated_at", "run.pull_requests", "run.repository", "run.head_repository", "run.referenced_workflows", "run.head_commit", "attempts",
	}, githubPerson("run.actor"), githubPerson("run.triggering_actor")),
})

// Github lists the tables that are read from GitHub, in the order in which their streams run.
var Github = []*Table{
	GithubRepositories, GithubDeployments, GithubPullRequests, GithubCommits, GithubTags, GithubReleases, GithubWorkflowRuns,
}

// githubPerson lists what of an embedded account changes without it.
func githubPerson(prefix string) []string {
	return []string{prefix + ".avatar_url", prefix + ".gravatar_id", prefix + ".name", prefix + ".email", prefix + ".starred_at", prefix + ".user_view_type"}
}

// isMachine recognises accounts that are nobody's: bots, organisations, and GitHub itself as a committer.
func isMachine(v *fastjson.Value) bool {
	for _, key := range [...]string{"type", "__typename"} {
		switch string(v.GetStringBytes(key)) {
		case "Bot", "Organization":
			return true
		}
	}
	name, email := v.GetStringBytes("name"), v.GetStringBytes("email")
	return bytes.HasSuffix(v.GetStringBytes("login"), []byte("[bot]")) || bytes.HasSuffix(name, []byte("[bot]")) ||
		bytes.Contains(email, []byte("[bot]@")) || string(email) == "noreply@github.com"
}

var (
	jsonTrue  = fastjson.MustParse("true")
	jsonFalse = fastjson.MustParse("false")
)

func isBotOf(key string) func(*fastjson.Value) *fastjson.Value {
	return func(v *fastjson.Value) *fastjson.Value {
		if who := v.Get(key); who != nil && who.Type() == fastjson.TypeObject && isMachine(who) {
			return jsonTrue
		}
		return jsonFalse
	}
}

func latestEnvironment(v *fastjson.Value) *fastjson.Value {
	if len(v.GetStringBytes("latest_environment")) > 0 {
		return v.Get("latest_environment")
	}
	return v.Get("deployment", "environment")
}

func isState(status *fastjson.Value, state string) bool {
	return strings.EqualFold(string(status.GetStringBytes("state")), state)
}

// firstSuccess gives the time of the earliest success, whatever the order of the statuses.
func firstSuccess(v *fastjson.Value) *fastjson.Value {
	var first *fastjson.Value
	var at int64
	for _, s := range v.GetArray("statuses") {
		if !isState(s, "success") {
			continue
		}
		if t, ok := parseInstant(s.GetStringBytes("createdAt")); first == nil || ok && t < at {
			first, at = s.Get("createdAt"), t
		}
	}
	return first
}

// latestState gives the state of the last status in lower case; statuses come in the order in which they were made.
func latestState(v *fastjson.Value) *fastjson.Value {
	statuses := v.GetArray("statuses")
	if len(statuses) == 0 {
		return nil
	}
	state, ok := lowerStates[strings.ToUpper(string(statuses[len(statuses)-1].GetStringBytes("state")))]
	if !ok {
		return statuses[len(statuses)-1].Get("state")
	}
	return state
}

var lowerStates = func() map[string]*fastjson.Value {
	out := map[string]*fastjson.Value{}
	for _, s := range []string{"ERROR", "FAILURE", "INACTIVE", "IN_PROGRESS", "PENDING", "QUEUED", "SUCCESS", "WAITING"} {
		out[s] = fastjson.MustParse(`"` + strings.ToLower(s) + `"`)
	}
	return out
}()

func newestLog(v *fastjson.Value) *fastjson.Value {
	statuses := v.GetArray("statuses")
	for i := len(statuses) - 1; i >= 0; i-- {
		if len(statuses[i].GetStringBytes("logUrl")) > 0 {
			return statuses[i].Get("logUrl")
		}
	}
	return nil
}

func projectDeploymentPayload(dst []byte, v *fastjson.Value) []byte {
	p := v.Get("deployment", "payload")
	if p == nil || p.Type() == fastjson.TypeNull {
		return dst
	}
	return (&writer{}).append(dst, p, nil)
}

func projectStatuses(dst []byte, v *fastjson.Value) []byte {
	return list(dst, v.Get("statuses"), func(o *object, s *fastjson.Value) {
		o.field("id", s.Get("id"))
		if state := s.GetStringBytes("state"); len(state) > 0 {
			o.name("state")
			o.dst = appendString(o.dst, bytes.ToLower(state))
		}
		if at, ok := parseInstant(s.GetStringBytes("createdAt")); ok {
			o.name("created_at")
			o.dst = appendInstant(o.dst, at)
		}
		o.field("environment", s.Get("environment"))
		o.field("log_url", s.Get("logUrl"))
		o.field("environment_url", s.Get("environmentUrl"))
	})
}

func projectLabels(dst []byte, v *fastjson.Value) []byte {
	nodes := v.Get("labels", "nodes")
	if nodes == nil || nodes.Type() != fastjson.TypeArray {
		return dst
	}
	dst = append(dst, '[')
	for i, l := range nodes.GetArray() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, l.GetStringBytes("name"))
	}
	return append(dst, ']')
}

// projectParents joins the hashes; a root has none, and its column is null.
func projectParents(dst []byte, v *fastjson.Value) []byte {
	for i, p := range v.GetArray("parents") {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, p.GetStringBytes()...)
	}
	return dst
}
