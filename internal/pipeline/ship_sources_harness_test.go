package pipeline

import (
	"fmt"
	"maps"
	"strings"

	"fourfold/transform"
)

// with adds fields to an object that a test lands, or takes the place of some.
func with(l landing, fields map[string]any) landing {
	all := map[string]any{}
	if err := fromJSON(l.json, &all); err != nil {
		panic(err)
	}
	maps.Copy(all, fields)
	return object(l.table, all)
}

func tag(repository, name, commit string, made int) landing {
	fields := map[string]any{"id": repository + ":" + name, "repository_id": repository, "name": name, "sha": hash(commit)}
	if made > 0 {
		fields["tagged_at"] = minute(made)
	}
	return object(transform.GithubTags, fields)
}

func release(id int, repository, tag string, made, published int) landing {
	return object(transform.GithubReleases, map[string]any{
		"id": fmt.Sprint(id), "repository_id": repository, "repository": "acme/once-" + repository, "tag_name": tag,
		"url":        fmt.Sprintf("https://api.github.com/repos/acme/api/releases/%d", id),
		"html_url":   "https://github.com/acme/api/releases/tag/" + tag,
		"created_at": minute(made), "published_at": minute(published),
	})
}

// ran makes a run of .github/workflows/deploy.yml for a push to main that succeeded at a minute, or failed where that is 0.
func ran(id int, repository, commit string, made, finished int, more ...map[string]any) landing {
	run := map[string]any{
		"head_sha": hash(commit), "head_branch": "main", "event": "push", "status": "completed", "conclusion": "FAILURE", "created_at": minute(made),
		"updated_at": minute(max(made, finished)), "url": fmt.Sprintf("https://api.github.com/repos/acme/api/actions/runs/%d", id),
		"html_url": fmt.Sprintf("https://github.com/acme/api/actions/runs/%d", id),
	}
	fields := map[string]any{
		"id": fmt.Sprint(id), "repository_id": repository, "repository": "acme/once-" + repository,
		"workflow_path": ".github/workflows/deploy.yml", "updated_at": minute(max(made, finished)),
	}
	if finished > 0 {
		run["conclusion"], fields["finished_at"] = "success", minute(finished)
	}
	for _, m := range more {
		for k, v := range m {
			if k == "workflow_path" {
				fields[k] = v
			} else {
				run[k] = v
			}
		}
	}
	fields["run"] = run
	return object(transform.GithubWorkflowRuns, fields)
}

// filed makes a row of a file about a deployment that succeeded at a minute.
func filed(id, service, repository, commit string, made, finished int, more ...map[string]any) landing {
	fields := map[string]any{
		"id": id, "service": service, "environment": "production", "status": "success", "created_at": minute(made), "finished_at": minute(finished),
		"file": "deploys.csv", "line": 1,
	}
	if repository != "" {
		fields["repository"] = repository
	}
	if commit != "" {
		fields["sha"] = hash(commit)
	}
	for _, m := range more {
		for k, v := range m {
			if fields[k] = v; v == nil {
				delete(fields, k)
			}
		}
	}
	return object(transform.FilesDeployments, fields)
}

// changed says which paths the commits of a test changed.
func changed(commits []landing, paths map[string][]string) []landing {
	out := make([]landing, len(commits))
	for i, c := range commits {
		out[i] = c
		for name, list := range paths {
			if strings.Contains(c.json, `"sha":"`+hash(name)+`"`) {
				out[i] = with(c, map[string]any{"paths": list})
			}
		}
	}
	return out
}
