package pipeline

import (
	"fmt"
	"testing"
)

const monorepo = `sources: {github: {repositories: [{name: acme/mono, service: [api, web, all]}]}}
services:
  - {name: api, paths: ["services/api/**", "go.{mod,sum}"]}
  - {name: web, paths: ["services/web/**"]}
`

func TestC3AServiceWithPathsShipsWhatTouchesThem(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	history := changed(commits("1", "a", "b a", "c b", "d c", "e d", "f d", "m e f", "g m", "h g"), map[string][]string{
		"b": {"services/api/main.go"}, "c": {"README.md", "services/web/x"}, "d": {"go.mod", "services/web/x"}, "e": {"docs/x"},
		"f": {"services/api/deep/er/y"}, "m": {"services/api/merge"}, "g": {},
	})
	l.run(1, append(history, repo("1", "acme/mono"),
		deploy(1, "1", "production", "a", 10), deploy(2, "1", "production", "c", 20), deploy(3, "1", "production", "d", 30), deploy(4, "1", "production", "h", 40),
		deploy(5, "1", "production", "c", 50))...)
	l.ship(monorepo, 2)
	of := func(service string) []string {
		return l.query(fmt.Sprintf("select deployment_id, commits_shipped, kind from ship_deployments where service = '%s'", service))
	}
	shipped := func(service string) map[string]bool {
		out := map[string]bool{}
		for _, line := range l.query(fmt.Sprintf("select sha, deployment_id from shipped_commits where service = '%s'", service)) {
			out[line] = true
		}
		return out
	}
	same(t, "api", of("api"), []string{
		"deployments:1 0 baseline", "deployments:2 1 forward", "deployments:3 1 forward", "deployments:4 1 forward", "deployments:5 0 rollback",
	})
	same(t, "api's commits", shipped("api"), map[string]bool{"b deployments:2": true, "d deployments:3": true, "f deployments:4": true})
	same(t, "web", of("web"), []string{
		"deployments:1 0 baseline", "deployments:2 1 forward", "deployments:3 1 forward", "deployments:4 0 forward", "deployments:5 0 rollback",
	})
	same(t, "web's commits", shipped("web"), map[string]bool{"c deployments:2": true, "d deployments:3": true})
	same(t, "of the service that is all of it", of("all"), []string{
		"deployments:1 0 baseline", "deployments:2 2 forward", "deployments:3 1 forward", "deployments:4 4 forward", "deployments:5 0 rollback",
	})
	same(t, "with the merge", len(shipped("all")), 8)
	same(t, "homes", l.query("select service, has_paths from ship_repositories"), []string{"all false", "api true", "web true"})
}

func TestC3APullRequestTouchesByTheCommitsThatItBrought(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	// A merge of two commits of which the first touches api, a squash that touches web, a rebase whose last commit touches nothing,
	// and one whose commit nobody knows.
	history := changed(commits("1", "a", "b a", "c b", "m a c", "s m", "x m", "y x", "z y"), map[string][]string{
		"b": {"services/api/main.go"}, "c": {"README.md"}, "s": {"services/web/x"}, "x": {"services/web/y"}, "y": {"docs"}, "m": {"services/web/never"},
	})
	l.run(1, append(history, repo("1", "acme/mono"), deploy(1, "1", "production", "a", 10), deploy(2, "1", "production", "m", 20), deploy(3, "1", "production", "s", 30),
		deploy(4, "1", "eu", "m", 40), deploy(5, "1", "production", "z", 50),
		pulled("PR_1", "1", 1, "m", "c"), pulled("PR_2", "1", 2, "s", "q"), pulled("PR_3", "1", 3, "y", "y", map[string]any{"commits": map[string]any{"totalCount": 2}}),
		pulled("PR_4", "1", 4, "u", "v"))...)
	l.ship(monorepo+"  - {name: all, deployments: [{from: deployments, environment: [production, eu]}]}\n", 2)
	same(t, "touched", l.query("select service, pull_request_id from ship_path_pull_requests"), []string{"api PR_1", "web PR_2", "web PR_3"})
	same(t, "shipped", l.query("select service, environment, pull_request_id, deployment_id from shipped_pull_requests order by service, environment, pull_request_id"), []string{
		"all production PR_1 deployments:2", "all production PR_2 deployments:3", "all production PR_3 deployments:5",
		"api production PR_1 deployments:2", "web production PR_2 deployments:3", "web production PR_3 deployments:5",
	})
	same(t, "commits that carry them, or not", l.query("select sha from shipped_commits where service = 'api'"), []string{"b"})
	same(t, "baselines", l.query("select service, environment, pull_request_id from ship_baseline_pull_requests"), []string{"all eu PR_1"})
}

func TestC3WhatTheBaselineOfAnotherEnvironmentHadIsAPartsOnlyIfItTouches(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	history := changed(commits("1", "a", "b a", "c b"), map[string][]string{"a": {"services/web/x"}, "b": {"services/api/x"}, "c": {"services/web/x"}})
	l.run(1, append(history, repo("1", "acme/mono"), deploy(1, "1", "production", "a", 10), deploy(2, "1", "eu", "b", 20), deploy(3, "1", "production", "c", 30),
		pulled("PR_1", "1", 1, "b", "b"))...)
	config := func(service, more string) string {
		return fmt.Sprintf("sources: {github: {repositories: [{name: acme/mono, service: %s}]}}\nservices: [{name: %s, deployments: [{from: deployments, environment: [production, eu]}]%s}]\n", service, service, more)
	}
	for service, test := range map[string]struct {
		more            string
		had, pulls, all []string
	}{
		"all": {"", []string{"eu b"}, []string{"eu PR_1"}, []string{"b", "c"}},
		"api": {`, paths: ["services/api/*"]`, []string{"eu b"}, []string{"eu PR_1"}, []string{"b"}},
		"web": {`, paths: ["services/web/*"]`, nil, nil, []string{"c"}},
	} {
		l.ship(config(service, test.more), 2)
		same(t, service+": commits", l.query("select environment, sha from ship_baseline_commits"), test.had)
		same(t, service+": pull requests", l.query("select environment, pull_request_id from ship_baseline_pull_requests"), test.pulls)
		same(t, service+": shipped", l.query("select sha from shipped_commits order by case sha when '"+hash("b")+"' then 1 else 2 end"), test.all)
	}
}
