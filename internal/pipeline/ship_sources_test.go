package pipeline

import (
	"encoding/json"
	"testing"

	"fourfold/transform"
)

func fromJSON(text string, into any) error { return json.Unmarshal([]byte(text), into) }

const oneRepository = "sources: {github: {repositories: [{name: acme/*, service: api}]}}\n"

// deploymentsOf are what a deployment is known by and whether it counts.
const sourced = `select deployment_id, service, environment, is_source, is_production, position, finished_at, status, kind, sha, ref
from ship_deployments order by service, coalesce(finished_at, created_at), deployment_id`

func TestD1DeploymentsAreTakenFromWhatTheRulesOfAServiceName(t *testing.T) {
	history := commits("1", "a", "b a", "c b", "d c", "e d")
	for promise, test := range map[string]struct {
		rules string
		lands []landing
		want  []string
	}{
		"of releases the published ones whose tag matches, at the tag's commit": {
			`{from: releases, pattern: "v*"}`,
			[]landing{
				tag("1", "v1", "a", 0), tag("1", "v2", "b", 0), tag("1", "w1", "c", 0),
				release(10, "1", "v1", 3, 10), release(11, "1", "v2", 4, 20), release(12, "1", "w1", 5, 30), release(13, "1", "v9", 6, 40),
			},
			[]string{
				"releases:10 api production true true 1 +10 success baseline a v1", "releases:11 api production true true 1 +20 success forward b v2",
				"releases:13 api production true true 1 +40 success forward - v9",
			},
		},
		"of releases all without a pattern, in the environment that the rule says": {
			`{from: releases, environment: live}`,
			[]landing{tag("1", "w1", "c", 0), release(12, "1", "w1", 5, 30)},
			[]string{"releases:12 api live true true 1 +30 success baseline c w1"},
		},
		"of tags those that match, at the tagger's time or else the commit's": {
			`{from: tags, pattern: "v*"}`,
			[]landing{tag("1", "v1", "b", 10), tag("1", "v2", "d", 0), tag("1", "V3", "e", 30), tag("1", "v4", "z", 0)},
			[]string{
				"tags:acme/api@v2 api production true true 1 +3 success baseline d v2", "tags:acme/api@v1 api production true true 1 +10 success rollback b v1",
				"tags:acme/api@v4 api production true true 1 - undated - z v4",
			},
		},
		"of workflow runs those of the file, the event and the branch, failed ones too": {
			`{from: workflow_runs, workflow: Deploy.yml, event: [push, workflow_dispatch], branch: [main, "release/*"]}`,
			[]landing{
				ran(1, "1", "a", 1, 10), ran(2, "1", "b", 11, 0), ran(3, "1", "c", 12, 20, map[string]any{"event": "schedule"}),
				ran(4, "1", "c", 12, 20, map[string]any{"head_branch": "feature"}),
				ran(5, "1", "c", 12, 30, map[string]any{"head_branch": "release/7", "event": "workflow_dispatch"}),
				ran(6, "1", "d", 12, 40, map[string]any{"workflow_path": ".github/workflows/test.yml"}),
				ran(7, "1", "d", 12, 50, map[string]any{"workflow_path": ".github/workflows/deploy.yml@refs/heads/main"}),
				ran(8, "1", "e", 60, 0, map[string]any{"status": "In_Progress", "conclusion": nil}),
				// A fork has a branch main of its own.
				ran(9, "1", "e", 60, 70, map[string]any{"head_repository": map[string]any{"id": 99}}),
				ran(10, "1", "e", 80, 0, map[string]any{"head_repository": map[string]any{"id": 1}}),
			},
			[]string{
				"workflow_runs:1 api production true true 1 +10 success baseline a main",
				"workflow_runs:2 api production true true 1 - failure - b main",
				"workflow_runs:5 api production true true 1 +30 success forward c release/7",
				"workflow_runs:7 api production true true 1 +50 success forward d main",
				"workflow_runs:8 api production true true 1 - in_progress - e main",
				"workflow_runs:10 api production true true 1 - failure - e main",
			},
		},
		"of workflow runs those of a whole path": {
			`{from: workflow_runs, workflow: .github/workflows/deploy.yml}`,
			[]landing{ran(1, "1", "a", 1, 10), ran(6, "1", "d", 12, 40, map[string]any{"workflow_path": "other/deploy.yml"})},
			[]string{"workflow_runs:1 api production true true 1 +10 success baseline a main"},
		},
		"of pull requests the merges into the branch": {
			`{from: pull_requests, branch: [main, "release/*"], environment: eu}`,
			[]landing{
				pulled("PR_1", "1", 7, "b", "b", map[string]any{"baseRefName": "main"}), pulled("PR_2", "1", 8, "c", "c", map[string]any{"baseRefName": "next"}),
				pulled("PR_3", "1", 9, "d", "d", map[string]any{"baseRefName": "release/1"}),
			},
			[]string{
				"pull_requests:acme/api#7 api eu true true 1 +7 success baseline b main", "pull_requests:acme/api#9 api eu true true 1 +9 success forward d release/1",
			},
		},
		"of several rules the first that matches": {
			`{from: tags, pattern: "v1*"}, {from: deployments, environment: [staging, prod]}, {from: deployments, environment: "*"}, {from: tags, pattern: "v*", environment: dr}`,
			[]landing{
				tag("1", "v1", "a", 10), tag("1", "v2", "b", 20), deploy(3, "1", "prod", "c", 30), deploy(4, "1", "dr", "d", 40), deploy(5, "1", "a/b", "d", 50),
			},
			[]string{
				"tags:acme/api@v1 api production true true 1 +10 success baseline a v1", "tags:acme/api@v2 api dr true true 4 +20 success baseline b v2",
				"deployments:3 api prod true true 2 +30 success baseline c -", "deployments:4 api dr true true 3 +40 success forward d -",
				"deployments:5 api a/b true false - +50 success baseline d -",
			},
		},
		"and what no rule takes is not live where another rule's deployments are": {
			`{from: tags, pattern: "v*"}, {from: deployments, environment: "prod-*"}`,
			[]landing{tag("1", "v1", "a", 10), tag("1", "v2", "c", 30), deploy(1, "1", "production", "b", 20), deploy(2, "1", "staging", "b", 20)},
			[]string{
				"tags:acme/api@v1 api production true true 1 +10 success baseline a v1", "deployments:1 api production true false - +20 success - b -",
				"deployments:2 api staging true false - +20 success baseline b -", "tags:acme/api@v2 api production true true 1 +30 success forward c v2",
			},
		},
		"and what a service does not listen to is a row that nothing is measured by": {
			`{from: tags, pattern: "v*"}`,
			[]landing{
				tag("1", "v1", "b", 20), tag("1", "v2", "d", 50), deploy(1, "1", "production", "a", 10), deploy(2, "1", "production", "c", 30),
				filed("f1", "api", "acme/api", "c", 35, 40), release(10, "1", "v1", 3, 10), ran(1, "1", "a", 1, 10),
			},
			[]string{
				"deployments:1 api production false false - +10 success - a -", "tags:acme/api@v1 api production true true 1 +20 success baseline b v1",
				"deployments:2 api production false false - +30 success - c -", "files:f1 api production false false - +40 success - c -",
				"tags:acme/api@v2 api production true true 1 +50 success forward d v2",
			},
		},
	} {
		t.Run(promise, func(t *testing.T) {
			l := &githubLedger{t: t, dir: t.TempDir()}
			l.run(1, append(append([]landing{repo("1", "acme/api")}, history...), test.lands...)...)
			l.ship(oneRepository+"services: [{name: api, deployments: ["+test.rules+"]}]\n", 2)
			same(t, "deployments", l.query(sourced), test.want)
		})
	}
}

func TestD1EnvironmentsOfAllSourcesAreSpelledOnce(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("1", "a", "b a", "c b"), repo("1", "acme/api"), tag("1", "v1", "a", 10), tag("1", "w1", "b", 12), tag("1", "x1", "c", 14), deploy(3, "1", "production", "b", 20),
		filed("f", "api", "acme/api", "c", 15, 30, map[string]any{"environment": "Production"}),
		filed("a", "api", "acme/api", "c", 0, 0, map[string]any{"environment": "pRODUCTION", "status": "queued", "created_at": nil, "finished_at": nil}))...)
	l.ship(oneRepository+`services: [{name: api, deployments: [{from: tags, pattern: "v*", environment: PRODUCTION}, {from: tags, pattern: "w*", environment: Live},
    {from: tags, pattern: "x*", environment: live}, {from: deployments}, {from: files}]}]`, 2)
	same(t, "deployments", l.query("select deployment_id, environment, kind from ship_deployments order by finished_at"), []string{
		"tags:acme/api@v1 Production baseline", "tags:acme/api@w1 Live baseline", "tags:acme/api@x1 Live forward", "deployments:3 Production forward",
		"files:f Production forward", "files:a Production -",
	})
}

func TestDeploymentsOfFilesAreOfGitHubsRepositoryOrOfOneOfTheirOwn(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("1", "a", "b a", "c b"), repo("1", "acme/api"), deploy(3, "1", "production", "a", 5), pulled("PR_1", "1", 1, "b", "b"),
		filed("1", "api", "ACME/Api", "b", 9, 10),
		filed("2", "Mainframe", "acme/cobol", "x", 9, 20), filed("3", "mainframe", "Acme/Cobol", "y", 9, 30), filed("4", "mainframe", "acme/cobol", "x", 9, 40),
		filed("5", "mainframe", "", "", 9, 50), filed("6", "mainframe", "", "", 9, 60),
		filed("7", "Mainframe", "acme/api", "c", 9, 70),
		filed("8", "stray", "acme/api", "c", 9, 80), filed("9", "stray", "acme/old", "c", 9, 90),
		filed("10", "api", "acme/api", "c", 9, 100, map[string]any{"status": "failure"}),
		filed("11", "api", "acme/api", "c", 9, 100, map[string]any{"finished_at": nil}),
	)...)
	l.ship(oneRepository+"services: [{name: api, deployments: [{from: files}, {from: deployments}]}, {name: MAINFRAME, team: core, deployments: [{from: files}]}]\n", 2)
	same(t, "deployments", l.query(`select source_id, repository_id, repository, service, is_source, position, kind, is_known, finished_at, status
from ship_deployments where source = 'files' order by cast(source_id as int)`), []string{
		"1 1 acme/api api true 1 forward true +10 success",
		"2 files:acme/cobol acme/cobol MAINFRAME true 1 forward false +20 success",
		"3 files:acme/cobol acme/cobol MAINFRAME true 1 forward false +30 success",
		"4 files:acme/cobol acme/cobol MAINFRAME true 1 rollback false +40 success",
		"5 files:  MAINFRAME true 1 forward false +50 success",
		"6 files:  MAINFRAME true 1 forward false +60 success",
		"7 1 acme/api MAINFRAME true 1 baseline true +70 success",
		"8 1 acme/api stray false - - true +80 success",
		"9 files:acme/old acme/old stray false - - false +90 success",
		"10 1 acme/api api true 1 - true - failure",
		"11 1 acme/api api true 1 - true - undated",
	})
	same(t, "services", l.query("select * from ship_services"), []string{"api -", "MAINFRAME core", "stray -"})
	same(t, "repositories", l.query("select * from ship_repositories"), []string{
		"1 acme/api MAINFRAME false", "1 acme/api api false", "files:acme/cobol acme/cobol MAINFRAME false",
	})
	same(t, "GitHub's own are not those of a service that only a file knows here", l.query("select service from ship_deployments where source = 'deployments'"), []string{"api"})
	same(t, "commits", l.query("select service, sha, deployment_id from shipped_commits"), []string{"api b files:1"})
	same(t, "pull requests", l.query("select service, pull_request_id, deployment_id from shipped_pull_requests"), []string{"api PR_1 files:1"})
}

func TestServicesWithOtherRulesHaveOtherDeploymentsInOneEnvironment(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("1", "a", "b a", "c b"), repo("1", "acme/api"), tag("1", "v1", "a", 10), tag("1", "v2", "c", 20),
		deploy(1, "1", "production", "b", 30), deploy(2, "1", "production", "c", 40))...)
	l.ship(`{sources: {github: {repositories: [{name: acme/*, service: [api, web, jobs]}]}}, services: [{name: api}, {name: web, deployments: [{from: tags, pattern: "v*"}]}]}`, 2)
	same(t, "shipped", sorted(l.query("select service, sha, deployment_id from shipped_commits")), []string{
		"api c deployments:2", "jobs c deployments:2", "web b tags:acme/api@v2", "web c tags:acme/api@v2",
	})
}

func TestFilesAloneMakeDeployments(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, filed("1", "api", "acme/api", "a", 9, 10), filed("2", "api", "acme/api", "b", 9, 20), deploy(3, "1", "production", "b", 20))
	l.ship("sources: {files: [{path: x.csv, kind: deployments}]}\nservices: [{name: api, deployments: [{from: files}]}]\n", 2)
	same(t, "deployments", l.query("select deployment_id, repository_id, kind, previous_deployment_id, commits_shipped from ship_deployments"), []string{
		"files:1 files:acme/api forward - 0", "files:2 files:acme/api forward files:1 0",
	})
}

func TestAFileMayNameARepositoryAsItWasCalled(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("1", "a"), repo("1", "acme/api"), repo("2", "acme/once"), filed("1", "api", "Acme/API", "a", 9, 10), filed("2", "api", "acme/once", "a", 9, 20),
		filed("3", "api", "acme/Legacy", "a", 9, 30))...)
	// One was renamed before it was first read: the configuration has it by its first name.
	l.run(2, repo("1", "acme/core"), repo("2", "acme/other"), repo("3", "acme/once"),
		object(transform.GithubRepositories, map[string]any{"id": "4", "full_name": "acme/young", "configured_name": "acme/legacy"}))
	l.ship("sources: {github: {repositories: [{name: acme/*, service: api}]}}\nservices: [{name: api, deployments: [{from: files}]}]\n", 3)
	same(t, "deployments", l.query("select deployment_id, repository_id, repository, kind from ship_deployments"), []string{
		"files:1 1 acme/core baseline", "files:2 3 acme/once forward", "files:3 4 acme/young forward",
	})
}

func TestNamesOfADeploymentAreThoseOfAllItsReports(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("1", "a"), object(transform.GithubRepositories, map[string]any{"id": "1", "full_name": "acme/API", "html_url": "https://github.com/acme/API"}),
		tag("1", "V1", "a", 10), release(7, "1", "V1", 5, 15), ran(8, "1", "a", 9, 12), pulled("PR_1", "1", 11, "a", "a", map[string]any{"baseRefName": "main", "url": "https://github.com/acme/API/pull/11"}),
		filed("F-1", "api", "acme/api", "a", 9, 14, map[string]any{"url": "https://cd.example.com/Runs/1?tab=log#end"}))...)
	l.ship(oneRepository+`services: [{name: api, deployments: [{from: files}, {from: workflow_runs, workflow: deploy.yml}, {from: pull_requests, branch: main},
    {from: tags, pattern: "V*"}, {from: releases}]}]`, 2)
	same(t, "deployments", l.query("select deployment_id, aliases from ship_deployments"), []string{
		`files:F-1 ["F-1","7","acme/API@V1","8","acme/API#11"]`,
	})
	same(t, "names", l.query("select name from ship_deployment_names where deployment_id = 'files:F-1' order by name"), []string{
		"7", "8", "acme/api#11", "acme/api@v1", "f-1", "files:f-1", "https://api.github.com/repos/acme/api/actions/runs/8",
		"https://api.github.com/repos/acme/api/releases/7", "https://cd.example.com/runs/1", "https://github.com/acme/api/actions/runs/8",
		"https://github.com/acme/api/pull/11", "https://github.com/acme/api/releases/tag/v1", "https://github.com/acme/api/tree/v1",
		"pull_requests:acme/api#11", "releases:7", "tags:acme/api@v1", "workflow_runs:8",
	})
}
