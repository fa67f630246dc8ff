package demo

import (
	"slices"
	"strings"
	"testing"

	"fourfold/internal/demo/expect"
	"fourfold/internal/reference"
)

func TestTheOrganisationHasEveryTrapOfCode(t *testing.T) {
	for _, seed := range []uint64{1, 4} {
		c := Make(seed, now)
		code, s, o := c.Expected(), settings(t, c), c.Objects(now)
		got := map[string]int{}
		for _, r := range code.Repositories {
			got["repositories"]++
			if len(r.Services) > 1 {
				got["repositories of two services"]++
			}
			got["tags"] += len(r.Tags)
			got["commits"] += len(r.Commits)
			brought := map[string]bool{}
			kinds := map[string]bool{}
			for _, p := range r.PullRequests {
				kind := "squash or one rebased"
				switch m := r.Commits[p.Merge]; {
				case len(m.Parents) > 1:
					kind = "merge"
				case len(p.Brought) > 1:
					kind = "rebase"
				}
				got["merged by "+kind]++
				if p.Merged.Before(now.AddDate(0, -Months, 0)) {
					got["merged before the first release"]++
				}
				if p.FirstCommit.After(p.Merged) {
					got["first commit after the merge"]++
				}
				kinds[kind] = true
				for _, sha := range append(p.Brought, p.Merge) {
					brought[sha] = true
				}
				got["reverts"] += len(p.Reverts)
				if strings.HasPrefix(p.Branch, "hotfix/") {
					got["hotfix branches"]++
				}
				if slices.Contains(p.Labels, "Hotfix") {
					got["hotfix labels"]++
				}
			}
			if kinds["merge"] && kinds["squash or one rebased"] {
				got["repositories of several ways to merge"]++
			}
			for _, d := range r.Deployments {
				got["deployments"]++
				got["of "+d.Source]++
				if d.Source != "" && d.Source != "files" {
					if d.Success.IsZero() {
						got["failed "+d.Source]++
					}
					continue
				}
				got["environment "+strings.TrimRight(d.Environment, "0123456789")]++
				if d.Task != "deploy" {
					got["task "+d.Task]++
				}
				if d.Transient {
					got["transient"]++
				}
				if _, known := r.Commits[d.SHA]; !known && !d.Transient {
					got["unknown commit"]++
				}
				if d.Success.IsZero() {
					got["never a success"]++
				}
			}
		}
		for _, r := range c.Code.Repositories {
			if r.Archived {
				got["archived"]++
			}
			if r.Fork {
				got["forks"]++
			}
			for _, p := range r.PullRequests {
				got["state "+p.State]++
				if p.CrossRepository && p.HeadRepository == nil {
					got["fork gone"]++
				}
				if p.Author.Type == "Bot" {
					got["by "+p.Author.Login]++
				}
				if len(p.Reviews) == 0 && p.State == "MERGED" {
					got["merged without review"]++
				}
				if strings.HasPrefix(p.Title, "Revert ") && strings.HasPrefix(p.Head, "revert-") && strings.HasPrefix(p.Body, "Reverts "+r.FullName()+"#") {
					got["looks like a revert"]++
				}
			}
			for _, d := range r.Deployments {
				if d.OriginalEnvironment != d.Environment {
					got["moved to another environment"]++
				}
				states := map[string]int{}
				last := ""
				for _, x := range d.Statuses {
					if x.State == "success" && (last == "failure" || states["failure"] > 0) {
						got["run again with success"]++
					}
					states[x.State]++
					last = x.State
				}
				if last == "inactive" && states["success"] > 0 {
					got["superseded"]++
				}
				if states["waiting"] > 0 {
					got["waited for approval"]++
				}
				if states["error"] > 0 {
					got["error"]++
				}
			}
		}
		counted := map[string]bool{}
		for _, d := range reference.Deployments(o, code, s) {
			counted[d.ID] = true
			got["kind "+d.Kind]++
			got["counted from "+d.Source]++
			got["aliases"] += len(d.Aliases) - 1
			if d.Group != "" {
				got["counted in a group"]++
			}
			if d.Failed && d.Group != "" {
				got["failed in a group"]++
			}
			for name, is := range map[string]bool{"diverged": d.Diverged, "after an unknown one": d.AfterUnknown, "failed": d.Failed, "failed by evidence": d.FailedByEvidence, "rework": d.Rework, "culprits": d.Culprit != ""} {
				if is {
					got[name]++
				}
			}
			if d.Failed && d.Recovery == nil {
				got["failed without recovery"]++
			}
		}
		for _, part := range code.Repositories {
			if part.Name == Owner+"/storefront" {
				parts := map[string]map[string]bool{}
				_, shipped := reference.Changes(expect.Code{Repositories: []expect.Repository{part}}, s)
				for _, x := range shipped {
					if parts[x.SHA] == nil {
						parts[x.SHA] = map[string]bool{}
					}
					parts[x.SHA][x.Service] = true
				}
				for _, of := range parts {
					got[map[int]string{1: "commits of one part", 2: "commits of both parts"}[len(of)]]++
				}
				for _, x := range part.Commits {
					if len(x.Paths) > 0 && !slices.ContainsFunc(x.Paths, func(path string) bool { return !strings.HasPrefix(path, "docs/") }) {
						got["commits of no part"]++
					}
				}
			}
		}
		changes, commits := reference.Changes(code, s)
		for _, x := range commits {
			if x.DeployedAt.Before(codeOf(code, x.Repository).Commits[x.SHA].Authored) {
				got["deployed before it was authored"]++
			}
		}
		for _, x := range changes {
			if strings.Contains(x.ID, "@") {
				got["commits without a pull request"]++
			}
			if !x.Counted {
				got["changes without a lead time"]++
			}
		}
		for _, l := range reference.Links(o, code, s) {
			got[l.Role+" by "+l.Method]++
			if !counted[l.Deployment] {
				got["names one that does not count"]++
			}
		}
		for name, least := range map[string]int{
			"repositories": 8, "repositories of two services": 1, "of workflow_runs": 120, "failed workflow_runs": 1, "of releases": 60, "tags": 60, "of files": 8, "counted from workflow_runs": 2,
			"counted from releases": 60, "counted from files": 7, "aliases": 100, "counted in a group": 150, "failed in a group": 10, "commits of one part": 300, "commits of both parts": 40,
			"commits of no part": 60, "cause by manual": 1, "repositories of several ways to merge": 3, "archived": 1, "forks": 1, "commits": 6000,
			"merged by merge": 300, "merged by rebase": 60, "merged by squash or one rebased": 900, "reverts": 20, "looks like a revert": 20, "hotfix branches": 5, "hotfix labels": 5,
			"state MERGED": 1800, "state CLOSED": 20, "state OPEN": 3, "fork gone": 20, "by renovate": 100, "by dependabot": 40, "merged without review": 100,
			"deployments": 3500, "environment staging": 1200, "environment production": 800, "environment Production": 60, "environment prod-eu": 100, "environment prod-us": 100,
			"environment preview-": 20, "transient": 20, "task deploy:migrations": 20, "unknown commit": 3, "after an unknown one": 3, "never a success": 30, "run again with success": 20,
			"superseded": 1500, "merged before the first release": 5, "first commit after the merge": 4, "deployed before it was authored": 1, "moved to another environment": 3, "waited for approval": 150, "error": 5,
			"kind baseline": 9, "kind forward": 1500, "kind redeploy": 20, "kind rollback": 30, "culprits": 30, "diverged": 8, "failed": 150, "failed by evidence": 90, "rework": 90, "failed without recovery": 1,
			"commits without a pull request": 60, "changes without a lead time": 3,
			"fix by commit": 5, "names one that does not count": 1, "cause by field": 30, "cause by pull_request": 40, "cause by commit": 8, "cause by revert": 8, "cause by proximity": 60, "fix by pull_request": 40,
		} {
			if got[name] < least {
				t.Errorf("seed %d: %s: %d, want at least %d", seed, name, got[name], least)
			}
		}
	}
}

func codeOf(code expect.Code, repository string) expect.Repository {
	return code.Repositories[slices.IndexFunc(code.Repositories, func(r expect.Repository) bool { return r.Name == repository })]
}
