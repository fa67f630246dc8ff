package reference

import (
	"fmt"
	"strings"
	"testing"
)

// hash is a commit's: a letter forty times.
func hash(letter string) string { return strings.Repeat(letter, 40) }

// clock is an instant of the second of March 2026, UTC.
func clock(hhmm string) string { return "2026-03-02T" + hhmm + ":00Z" }

const repositoryConfig = "sources: {github: {token: x, repositories: [{name: acme/api, service: [api]}]}}\n"

// codeWorld has the repository acme/api with commits a to f, each on top of the one before it and written at its hour
// (a at 01:00), under a service api of these rules.
func codeWorld(t *testing.T, service, more string) *builder {
	b := newWorld(t, repositoryConfig+"services: [{name: api, team: core, incident_values: {Product: [API]}"+service+"}]\n"+more)
	b.has("github_repositories", `{"id":"7","full_name":"acme/api","configured_name":"acme/api"}`)
	for n, letter := range []string{"a", "b", "c", "d", "e", "f"} {
		parents := ""
		if n > 0 {
			parents = fmt.Sprintf("%q", hash(string(letter[0]-1)))
		}
		b.commit(letter, parents, fmt.Sprintf("%02d:00", n+1), "")
	}
	return b
}

func (b *builder) commit(letter, parents, at, more string) *builder {
	return b.has("github_commits", `{"id":"7:%s","repository_id":"7","sha":"%s","parents":[%s],"authored_at":%q,"committed_at":%q%s}`, hash(letter), hash(letter), parents, clock(at), clock(at), more)
}

// deploy adds a GitHub deployment from one time to another of that day.
func (b *builder) deploy(id, letter, environment, from, to, more string) *builder {
	status := ""
	if to != "" {
		status = fmt.Sprintf(`{"id":"1","state":"SUCCESS","createdAt":%q},{"id":"2","state":"INACTIVE","createdAt":"2026-03-03T00:00:00Z"}`, clock(to))
	}
	return b.has("github_deployments", `{"id":%q,"repository_id":"7","repository":"acme/api","deployment":{"sha":%q,"ref":"main","task":"deploy","environment":%q,"created_at":%q,
		"url":"https://api.github.com/repos/acme/api/deployments/%s"%s},"statuses":[%s],"latest_environment":%q,"updated_at":%q}`,
		id, hash(letter), environment, clock(from), id, more, status, environment, clock(from))
}

func (b *builder) run(id, letter, workflow, event, branch, from, to, more string) *builder {
	finished, conclusion := "null", `"failure"`
	if to != "" {
		finished, conclusion = fmt.Sprintf("%q", clock(to)), `"success"`
	}
	return b.has("github_workflow_runs", `{"id":%q,"repository_id":"7","repository":"acme/api","workflow_path":%q,"finished_at":%s,
		"run":{"head_sha":%q,"head_branch":%q,"event":%q,"status":"completed","conclusion":%s,"created_at":%q%s}}`,
		id, workflow, finished, hash(letter), branch, event, conclusion, clock(from), more)
}

func TestEverySourceGivesDeployments(t *testing.T) {
	b := codeWorld(t, `, deployments: [
		{from: workflow_runs, workflow: deploy.yml, event: [push], branch: [main]}, {from: tags, pattern: "v*", environment: live},
		{from: releases, pattern: "r*", environment: shop}, {from: pull_requests, branch: main, environment: trunk}, {from: files, environment: ["prod*"]}]`, "")
	b.run("1", "a", ".github/workflows/deploy.yml@refs/heads/main", "push", "main", "08:00", "08:10", "")
	b.run("2", "b", ".github/workflows/deploy.yml", "push", "main", "09:00", "", "")
	b.run("3", "b", ".github/workflows/test.yml", "push", "main", "09:00", "09:01", "").run("4", "b", ".github/workflows/deploy.yml", "schedule", "main", "09:00", "09:01", "").
		run("5", "b", ".github/workflows/deploy.yml", "push", "side", "09:00", "09:01", "")
	b.has("github_tags", `{"id":"7:v1","repository_id":"7","name":"v1","sha":%q,"tagged_at":%q}`, hash("a"), clock("10:00"))
	b.has("github_tags", `{"id":"7:v2","repository_id":"7","name":"v2","sha":%q}`, hash("b"))
	b.has("github_tags", `{"id":"7:r1","repository_id":"7","name":"r1","sha":%q}`, hash("c"))
	b.has("github_releases", `{"id":"11","repository_id":"7","repository":"acme/api","tag_name":"r1","created_at":%q,"published_at":%q}`, clock("03:00"), clock("11:00"))
	b.has("github_releases", `{"id":"12","repository_id":"7","repository":"acme/api","tag_name":"r2","created_at":%q,"published_at":%q}`, clock("03:00"), clock("12:00"))
	b.has("github_pull_requests", `{"id":"P","repository_id":"7","repository":"acme/api","number":5,"baseRefName":"main","headRefName":"x","mergeCommit":{"oid":%q},"createdAt":%q,"mergedAt":%q}`,
		hash("d"), clock("03:00"), clock("13:00"))
	b.has("github_pull_requests", `{"id":"Q","repository_id":"7","repository":"acme/api","number":6,"baseRefName":"side","headRefName":"x","mergeCommit":{"oid":%q},"createdAt":%q,"mergedAt":%q}`,
		hash("d"), clock("03:00"), clock("13:00"))
	b.has("files_deployments", `{"id":"f1","service":"API","repository":"ACME/api","environment":"Prod-eu","sha":%q,"status":"success","finished_at":%q}`, hash("e"), clock("14:00"))
	b.has("files_deployments", `{"id":"f2","service":"other","repository":"acme/old","environment":"production","status":"success","finished_at":%q}`, clock("14:00"))
	b.deploy("9", "a", "production", "15:00", "15:01", "") // the service does not take those
	expectTable(t, b.compute(), `
		deployments:9 api acme/api production success null 2026-03-02T15:01:00Z D1
		files:f1 api acme/api Prod-eu success baseline 2026-03-02T14:00:00Z null
		files:f2 other acme/old production success null 2026-03-02T14:00:00Z D1 source files
		pull_requests:acme/api#5 api acme/api trunk success baseline 2026-03-02T13:00:00Z null
		releases:11 api acme/api shop success baseline 2026-03-02T11:00:00Z null
		releases:12 api acme/api shop success forward 2026-03-02T12:00:00Z null
		tags:acme/api@v1 api acme/api live success rollback 2026-03-02T10:00:00Z null
		tags:acme/api@v2 api acme/api live success baseline 2026-03-02T02:00:00Z null
		workflow_runs:1 api acme/api production success baseline 2026-03-02T08:10:00Z null
		workflow_runs:2 api acme/api production failure null null D1`,
		"fct_deployments", "deployment_id", "service", "repository", "environment", "status", "kind", "finished_at", "exclusion_reason")
}

func TestReportsOfOneDeploymentAreOneAndTheRestAreRedeployments(t *testing.T) {
	b := codeWorld(t, `, deployments: [{from: deployments, environment: [production]}, {from: workflow_runs, workflow: d.yml}, {from: files}]`, "metrics: {cause_field: Cause}\n")
	b.deploy("1", "a", "production", "08:00", "08:10", "")
	b.run("21", "a", "d.yml", "push", "main", "08:10", "08:20", "") // touches the other's end: an alias
	b.has("files_deployments", `{"id":"f1","service":"api","repository":"acme/api","environment":"production","sha":%q,"status":"success","created_at":%q,"finished_at":%q}`,
		hash("a"), clock("08:15"), clock("08:30")) // overlaps the alias only
	b.run("22", "a", "d.yml", "push", "main", "08:11", "08:12", "") // overlaps an alias of its own source only
	b.deploy("2", "a", "production", "08:05", "08:11", "")          // the same source: real
	b.run("23", "b", "d.yml", "push", "main", "08:05", "08:09", "") // another commit: real
	b.has("incidentio_incidents", "%s", incident("1", `"custom_field_entries":[{"custom_field":{"id":"f","name":"Cause","field_type":"text"},"values":[{"value_text":"files:f1"}]}]`))
	m := b.compute()
	expectTable(t, m, `
		deployments:1 [1 21 f1] rollback
		deployments:2 [2 22] redeploy
		workflow_runs:23 [23] baseline`, "fct_deployments", "deployment_id", "aliases", "kind")
	expectTable(t, m, "1 deployments:1 cause field", "fct_incident_deployments", "incident_id", "deployment_id", "role", "method")
}

func TestAGroupIsOneDeploymentOfItsLastMember(t *testing.T) {
	b := codeWorld(t, `, deployments: [{from: deployments, environment: [production], group: payload.run.id}]`, "metrics: {failure_window: off, links: links.csv}\n")
	payload := `,"payload":"{\"run\":{\"id\":77}}"`
	b.deploy("1", "a", "production", "08:00", "08:10", "")
	b.deploy("2", "b", "production", "09:00", "09:10", payload).deploy("3", "c", "production", "09:05", "09:30", payload)
	b.deploy("4", "d", "production", "10:00", "10:10", `,"payload":{"run":{"id":null}}`)
	b.w.Files["links.csv"] = "Incident,DEPLOYMENT,who,why\nINC-1,2,Ann,she knows\n2,none,Bob,weather\nINC-3,999,Bob,a mistake\n"
	for _, id := range []string{"1", "2", "3"} {
		b.has("incidentio_incidents", "%s", incident(id, fmt.Sprintf(`"incident_timestamp_values":[{"incident_timestamp":{"id":"x","name":"Fixed at"},"value":{"value":%q}}]`, clock("11:30"))))
	}
	m := b.compute()
	expectTable(t, m, `
		deployments:1 null null false null
		deployments:2 77 D5 false null
		deployments:3 77 null true 7200
		deployments:4 null null false null`, "fct_deployments", "deployment_id", "group_id", "exclusion_reason", "is_change_failure", "recovery_seconds")
	expectTable(t, m, "1 deployments:2 cause manual", "fct_incident_deployments", "incident_id", "deployment_id", "role", "method")
	expectTable(t, m, "2\n3", "fct_unlinked_incidents", "incident_id")
	for _, row := range m.Of("four_keys").Rows {
		if row["period"] == "year" && row["dimension"] == "all" && row["metric"] == "deployments" && row["value"] != 3.0 {
			t.Errorf("%v deployments, want 3: a group is one", row["value"])
		}
	}
}

func TestAServiceWithPathsHasWhatTouchesThem(t *testing.T) {
	b := newWorld(t, repositoryConfig+"services: [{name: api, paths: [\"api/**\"]}]\n")
	b.has("github_repositories", `{"id":"7","full_name":"acme/api","configured_name":"acme/api"}`)
	parent := func(letter string) string { return fmt.Sprintf("%q", hash(letter)) }
	b.commit("a", "", "01:00", "").commit("b", parent("a"), "02:00", `,"paths":["api/x/y.go"]`).commit("c", parent("b"), "03:00", `,"paths":["web/index.html"]`)
	b.commit("d", parent("a"), "02:30", `,"paths":["api/z.go"]`).commit("e", parent("c")+","+parent("d"), "04:00", "")
	b.commit("f", parent("e"), "05:00", "")
	for n, merge := range []string{"c", "e"} {
		b.has("github_pull_requests", `{"id":"P%d","repository_id":"7","repository":"acme/api","number":%d,"baseRefName":"main","headRefName":"x","headRefOid":%q,"mergeCommit":{"oid":%q},"createdAt":%q,"mergedAt":%q}`,
			n, n+1, hash("d"), hash(merge), clock("02:40"), clock("04:00"))
	}
	b.deploy("1", "a", "production", "06:00", "06:10", "").deploy("2", "f", "production", "07:00", "07:10", "")
	m := b.compute()
	expectTable(t, m, "deployments:1 0 0\ndeployments:2 2 2", "fct_deployments", "deployment_id", "commits_shipped", "changes_shipped")
	expectTable(t, m, hash("b")+" 18600\n"+hash("d")+" 16800", "fct_commits", "sha", "lead_time_seconds")
	expectTable(t, m, "acme/api#2 16800\nacme/api@"+hash("b")+" 18600", "fct_changes", "change_id", "lead_time_seconds")
}

func TestHowAPullRequestWasMergedIsSeenInTheGraph(t *testing.T) {
	const at = "08:00"
	parent := func(letter string) string { return fmt.Sprintf("%q", hash(letter)) }
	for name, x := range map[string]struct {
		merge string
		make  func(b *builder)
		want  string // changes with their first commits and lead times
	}{
		"squashed": {"4", func(b *builder) { b.commit("4", parent("a"), at, "") }, "acme/api#5 2026-03-02T02:10:00Z 24600"},
		"merged":   {"4", func(b *builder) { b.commit("4", parent("a")+","+parent("2"), at, "") }, "acme/api#5 2026-03-02T02:10:00Z 24600"},
		"rebased": {
			"4", func(b *builder) { b.commit("3", parent("a"), "02:10", "").commit("4", parent("3"), "02:20", "") },
			"acme/api#5 2026-03-02T02:10:00Z 24600",
		},
		"squashed onto a commit without pull request": {
			"4", func(b *builder) { b.commit("3", parent("a"), "07:00", "").commit("4", parent("3"), at, "") },
			"acme/api#5 2026-03-02T02:10:00Z 24600\nacme/api@" + hash("3") + " anything 7200",
		},
		"put onto the base as it was":            {"2", func(*builder) {}, "acme/api#5 2026-03-02T02:10:00Z 24600"},
		"its branch has gone, the API remembers": {"5", func(b *builder) { b.commit("5", parent("a"), at, "") }, "acme/api#5 2026-03-02T02:05:00Z 24900"},
	} {
		b := codeWorld(t, "", "")
		b.commit("1", parent("a"), "02:10", "").commit("2", parent("1"), "02:20", "")
		x.make(b)
		head, first := hash("2"), `,"commits":{"totalCount":2}`
		if x.merge == "5" {
			head, first = hash("9"), fmt.Sprintf(`,"first_commit_at":%q`, clock("02:05"))
		}
		b.has("github_pull_requests", `{"id":"P","repository_id":"7","repository":"acme/api","number":5,"baseRefName":"main","headRefName":"x","headRefOid":%q,"mergeCommit":{"oid":%q},"createdAt":%q,"mergedAt":%q%s}`,
			head, hash(x.merge), clock("02:30"), clock(at), first)
		b.deploy("1", "a", "production", "06:00", "06:10", "").deploy("2", x.merge, "production", "08:50", "09:00", "")
		if got := table(b.compute(), "fct_changes", "change_id", "first_commit_at", "lead_time_seconds"); got != x.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, x.want)
		}
	}
}

func TestARepositoryThatIsRenamedKeepsItsServicesAndIsFoundByItsOldName(t *testing.T) {
	b := codeWorld(t, "", "")
	b.seen("github_repositories", 0, `{"id":"7","full_name":"acme/gateway","configured_name":"acme/api"}`)
	b.deploy("1", "a", "production", "06:00", "06:10", "").deploy("2", "b", "production", "07:00", "07:10", "")
	b.has("incidentio_incidents", "%s", strings.Replace(incident("1", ""), "T01:00", "T08:00", 1))
	b.has("incidentio_incident_attachments", `{"id":"x","incident_id":"1","resource":{"resource_type":"url","permalink":"https://github.com/acme/api/commit/%s"}}`, hash("b")[:8])
	m := b.compute()
	expectTable(t, m, "deployments:1 api acme/gateway\ndeployments:2 api acme/gateway", "fct_deployments", "deployment_id", "service", "repository")
	expectTable(t, m, "deployments:2 commit", "fct_incident_deployments", "deployment_id", "method")
}

func TestACauseIsNamedByATagOrAnAddress(t *testing.T) {
	for value, want := range map[string]string{
		"v1": "deployments:2 field", "acme/api@V1": "deployments:2 field", "https://github.com/acme/api/releases/tag/v1": "deployments:2 field",
		hash("c")[:7]: "deployments:3 field", "https://github.com/acme/api/commit/" + hash("c"): "deployments:3 field",
		"https://API.github.com/repos/acme/api/deployments/1?x=y": "deployments:1 field", "1": "deployments:1 field", " #1 ": "deployments:1 field",
		"https://github.com/acme/api/deployments/1#top": "deployments:1 field", "https://github.com/acme/other/releases/tag/v1": "deployments:3 proximity", "main": "deployments:3 proximity", "v9": "deployments:3 proximity",
	} {
		b := codeWorld(t, "", "metrics: {cause_field: Cause}\n")
		b.has("github_tags", `{"id":"7:v1","repository_id":"7","name":"v1","sha":%q}`, hash("b"))
		b.deploy("1", "a", "production", "06:00", "06:10", "").deploy("2", "b", "production", "07:00", "07:10", "").deploy("3", "c", "production", "07:20", "07:30", "").deploy("4", "b", "production", "09:00", "09:30", "")
		b.has("incidentio_incidents", "%s", strings.Replace(incident("1", fmt.Sprintf(`"custom_field_entries":[{"custom_field":{"id":"f","name":"Cause","field_type":"text"},"values":[{"value_text":%q}]}]`, value)), "T01:00", "T08:00", 1))
		expectTable(t, b.compute(), want, "fct_incident_deployments", "deployment_id", "method")
	}
}
