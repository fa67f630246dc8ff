package reference

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

func readCommits(ledgers map[string]ledger, in func(map[string]any) *Repository) {
	for _, c := range ledgers["github_commits"].each() {
		if r := in(c); r != nil {
			r.Commits[fold(text(c, "sha"))] = Commit{
				Parents: lowered(texts(c, "parents")), Authored: instant(text(c, "authored_at")), Reverts: lowered(texts(c, "reverts")), Paths: texts(c, "paths"),
			}
		}
	}
	for _, t := range ledgers["github_tags"].each() {
		if r := in(t); r != nil {
			r.Tags[text(t, "name")] = fold(text(t, "sha"))
		}
	}
}

func lowered(words []string) []string {
	for n := range words {
		words[n] = fold(words[n])
	}
	return words
}

func readPulls(ledgers map[string]ledger, in func(map[string]any) *Repository) {
	for _, p := range ledgers["github_pull_requests"].each() {
		r := in(p)
		if r == nil {
			continue
		}
		number, _ := whole(p["number"])
		x := PullRequest{
			Number: int(number), Branch: text(p, "headRefName"), Merge: fold(text(p, "mergeCommit", "oid")), FirstCommit: instant(text(p, "first_commit_at")),
			Opened: instant(text(p, "createdAt")), Merged: instant(text(p, "mergedAt")), FirstReview: instant(text(p, "first_review_at")),
		}
		for _, label := range list(p, "labels", "nodes") {
			x.Labels = append(x.Labels, text(label, "name"))
		}
		for _, reverts := range list(p, "reverts") {
			if name := text(reverts, "pull_request"); name != "" {
				x.RevertsOf = append(x.RevertsOf, name)
			}
			if sha := text(reverts, "sha"); sha != "" {
				x.RevertsSHA = append(x.RevertsSHA, fold(sha))
			}
		}
		r.PullRequests = append(r.PullRequests, x)
	}
}

// settlePulls tells of each pull request what it brought to its base and when the first of its branch's own commits was
// written, by the commits alone (C2, C4).
func settlePulls(r *Repository, ledgers map[string]ledger) {
	heads, counts := map[int]string{}, map[int]int64{}
	for _, p := range ledgers["github_pull_requests"].each() {
		number, _ := whole(p["number"])
		for k := range r.PullRequests {
			if x := &r.PullRequests[k]; x.Number == int(number) && x.Merge == fold(text(p, "mergeCommit", "oid")) {
				heads[x.Number] = fold(text(p, "headRefOid"))
				counts[x.Number], _ = whole(follow(p, "commits", "totalCount"))
			}
		}
	}
	reach := reacher{r.Commits, map[string]map[string]bool{}}
	for k := range r.PullRequests {
		p := &r.PullRequests[k]
		merge, known := r.Commits[p.Merge]
		if !known {
			continue
		}
		own := less(reach.of(heads[p.Number]), reach.of(p.Merge))
		p.Brought = []string{p.Merge}
		switch {
		case len(merge.Parents) > 1: // merged: all that the base did not reach
			own = less(reach.of(p.Merge), reach.of(merge.Parents[0]))
			delete(own, p.Merge)
			p.Brought = written(r, own)
		case heads[p.Number] == p.Merge: // put onto the base as it was: only the API knows how many commits that were
			if chain := below(r, p.Merge, int(counts[p.Number])); len(chain) > 0 {
				p.Brought = chain
			}
			for _, sha := range p.Brought {
				own[sha] = true
			}
		default:
			if chain := rebased(r, p.Merge, written(r, own)); chain != nil {
				p.Brought = chain
			}
		}
		var first time.Time
		for _, sha := range written(r, own) { // a merge is no change (C2)
			if at := r.Commits[sha].Authored; !at.IsZero() && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
		if !first.IsZero() {
			p.FirstCommit = first
		}
	}
}

// less gives what is in a and not in b.
func less(a, b map[string]bool) map[string]bool {
	out := map[string]bool{}
	for sha := range a {
		if !b[sha] {
			out[sha] = true
		}
	}
	return out
}

// written are the commits that are no merges, in order.
func written(r *Repository, commits map[string]bool) []string {
	var out []string
	for sha := range commits {
		if len(r.Commits[sha].Parents) < 2 {
			out = append(out, sha)
		}
	}
	slices.Sort(out)
	return out
}

// rebased gives the commits of a branch as a rebase put them onto the base: as many as the branch's own, one on top of the
// other, and written when those were. A squash was written when it was merged; nil of one, and of a single commit, which
// looks the same either way.
func rebased(r *Repository, last string, own []string) []string {
	if len(own) < 2 {
		return nil
	}
	chain := below(r, last, len(own))
	times := func(commits []string) []time.Time {
		var out []time.Time
		for _, sha := range commits {
			out = append(out, r.Commits[sha].Authored)
		}
		slices.SortFunc(out, time.Time.Compare)
		return out
	}
	if !slices.EqualFunc(times(chain), times(own), time.Time.Equal) {
		return nil
	}
	return chain
}

// below gives a commit and those under it, n in all, if none is a merge; nil otherwise.
func below(r *Repository, last string, n int) []string {
	var chain []string
	for sha := last; len(chain) < n; {
		c, known := r.Commits[sha]
		if !known || len(c.Parents) > 1 {
			return nil
		}
		chain = append(chain, sha)
		if len(c.Parents) == 0 {
			break
		}
		sha = c.Parents[0]
	}
	return chain
}

// readDeployments makes records of what GitHub has: deployments, releases, tags, workflow runs and merged pull requests.
func readDeployments(ledgers map[string]ledger, in func(map[string]any) *Repository) {
	add := func(record map[string]any, d Deployment) {
		r := in(record)
		if r == nil {
			return
		}
		d.SHA, d.Task = fold(d.SHA), cmp.Or(fold(d.Task), "deploy")
		switch d.Source {
		case "tags":
			d.ID = r.Name + "@" + d.Tag
		case "pull_requests":
			d.ID = r.Name + "#" + d.ID
		case "releases":
			d.SHA = r.Tags[d.Tag]
		}
		if !d.Success.IsZero() {
			d.Status = "success"
		}
		r.Deployments = append(r.Deployments, d)
	}
	for _, x := range ledgers["github_deployments"].each() {
		fields, _ := x["deployment"].(map[string]any)
		transient, _ := fields["transient_environment"].(bool)
		d := Deployment{
			Source: "deployments", ID: text(x, "id"), URL: text(fields, "url"), SHA: text(fields, "sha"), Ref: text(fields, "ref"), Task: text(fields, "task"),
			Environment: cmp.Or(text(x, "latest_environment"), text(fields, "environment")), Transient: transient, Created: instant(text(fields, "created_at")), Fields: fields,
		}
		for _, status := range list(x, "statuses") {
			d.Status = strings.ToLower(text(status, "state"))
			if at := instant(text(status, "createdAt")); d.Status == "success" && (d.Success.IsZero() || at.Before(d.Success)) {
				d.Success = at
			}
		}
		add(x, d)
	}
	for _, x := range ledgers["github_releases"].each() {
		add(x, Deployment{
			Source: "releases", ID: text(x, "id"), URL: text(x, "url"), Web: text(x, "html_url"), Tag: text(x, "tag_name"), Ref: text(x, "tag_name"),
			Created: instant(text(x, "created_at")), Success: instant(text(x, "published_at")), Fields: x,
		})
	}
	for _, x := range ledgers["github_tags"].each() {
		at := instant(text(x, "tagged_at"))
		if at.IsZero() {
			commit := ledgers["github_commits"].present[text(x, "repository_id")+":"+text(x, "sha")]
			at = instant(text(commit, "committed_at"))
		}
		page := text(ledgers["github_repositories"].present[text(x, "repository_id")], "html_url")
		add(x, Deployment{URL: page + "/releases/tag/" + text(x, "name"), Web: page + "/tree/" + text(x, "name"), Source: "tags", SHA: text(x, "sha"), Tag: text(x, "name"), Ref: text(x, "name"), Created: at, Success: at, Fields: x})
	}
	for _, x := range ledgers["github_workflow_runs"].each() {
		run, _ := x["run"].(map[string]any)
		of := scalar(follow(run, "head_repository", "id"))
		add(x, Deployment{
			Source: "workflow_runs", ID: text(x, "id"), URL: text(run, "url"), Web: text(run, "html_url"), SHA: text(run, "head_sha"), Ref: text(run, "head_branch"),
			Created: instant(text(run, "created_at")), Success: instant(text(x, "finished_at")), Status: cmp.Or(fold(text(run, "conclusion")), fold(text(run, "status"))),
			Branch: text(run, "head_branch"), Fork: of != "" && of != text(x, "repository_id"), Workflow: text(x, "workflow_path"), Event: text(run, "event"), Fields: run,
		})
	}
	for _, x := range ledgers["github_pull_requests"].each() {
		at := instant(text(x, "mergedAt"))
		add(x, Deployment{
			Source: "pull_requests", ID: scalar(x["number"]), URL: text(x, "url"), SHA: text(x, "mergeCommit", "oid"), Ref: text(x, "baseRefName"),
			Branch: text(x, "baseRefName"), Created: at, Success: at, Fields: x,
		})
	}
}

// readFiles makes records of what files have. A repository that GitHub has shown is that one, whatever its case, under a name
// that it had, too; another has no commits that anyone knows.
func readFiles(ledgers map[string]ledger, code *Code) {
	rows := ledgers["files_deployments"].each()
	slices.SortStableFunc(rows, func(a, b map[string]any) int { return strings.Compare(text(a, "repository"), text(b, "repository")) }) // one spelling: the first
	for _, x := range rows {
		name := strings.TrimSpace(text(x, "repository"))
		n := slices.IndexFunc(code.Repositories, func(r Repository) bool { return same(r.Name, name) })
		if n < 0 && name != "" { // as it was called before
			n = slices.IndexFunc(code.Repositories, func(r Repository) bool { return called(&r, name) })
		}
		if n < 0 {
			n = len(code.Repositories)
			code.Repositories = append(code.Repositories, Repository{Name: name})
		}
		fields, _ := x["fields"].(map[string]any)
		d := Deployment{
			Source: "files", ID: text(x, "id"), URL: text(x, "url"), SHA: fold(text(x, "sha")), Ref: text(x, "ref"), Task: "deploy", Service: text(x, "service"),
			Environment: cmp.Or(text(x, "environment"), "production"), Created: instant(text(x, "created_at")), Status: fold(text(x, "status")), Fields: fields,
		}
		if d.Status == "success" {
			d.Success = instant(text(x, "finished_at"))
		}
		r := &code.Repositories[n]
		r.Deployments = append(r.Deployments, d)
	}
}
