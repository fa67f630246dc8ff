package pipeline

import (
	"testing"

	"fourfold/internal/config"
)

func TestD5TheGroupIsWhatTheRowHasWhereTheRuleLooks(t *testing.T) {
	for promise, test := range map[string]struct {
		source config.DeploymentFrom
		path   string
		column string
		json   string
		want   string
	}{
		"in what the deployer attached":      {config.FromDeployments, "payload.pipeline_id", "deployment_payload", `{"pipeline_id":"p-1"}`, "p-1"},
		"deeper":                             {config.FromDeployments, "payload.ci.run.0", "deployment_payload", `{"ci":{"run":["x","y"]}}`, "x"},
		"in text that holds JSON":            {config.FromDeployments, "payload.pipeline_id", "deployment_payload", `"{\"pipeline_id\":\"p-1\"}"`, "p-1"},
		"in text that holds such text again": {config.FromDeployments, "payload.a.b", "deployment_payload", `"{\"a\":\"\\\"{\\\\\\\"b\\\\\\\":7}\\\"\"}"`, "7"},
		"a number as it stands":              {config.FromDeployments, "payload.id", "deployment_payload", `{"id":12345678901234567890}`, "12345678901234567890"},
		"yes or no":                          {config.FromDeployments, "payload.id", "deployment_payload", `{"id":true}`, "true"},
		"an object as its text":              {config.FromDeployments, "payload.id", "deployment_payload", `{"id":{"a": 1}}`, `{"a":1}`},
		"null is none":                       {config.FromDeployments, "payload.id", "deployment_payload", `{"id":null}`, ""},
		"nothing is none":                    {config.FromDeployments, "payload.id", "deployment_payload", `{"other":1}`, ""},
		"empty text is none":                 {config.FromDeployments, "payload.id", "deployment_payload", `{"id":""}`, ""},
		"no object is none":                  {config.FromDeployments, "payload.id", "deployment_payload", `"release 7"`, ""},
		"nothing attached is none":           {config.FromDeployments, "payload.id", "deployment_payload", ``, ""},
		"all that was attached":              {config.FromDeployments, "payload", "deployment_payload", `"p-1"`, "p-1"},
		"elsewhere in the deployment":        {config.FromDeployments, "ref", "payload", `{"deployment":{"ref":"main"},"ref":"no"}`, "main"},
		"in a run":                           {config.FromWorkflowRuns, "head_sha", "payload", `{"run":{"head_sha":"abc"}}`, "abc"},
		"in a release":                       {config.FromReleases, "name", "payload", `{"name":"R7"}`, "R7"},
		"in the row of a file":               {config.FromFiles, "Pipeline", "fields", `{"Pipeline":"p-1","pipeline":"no"}`, "p-1"},
	} {
		r := &reader{services: &serviceMap{groups: map[config.DeploymentFrom][]string{test.source: {test.path}}}}
		groups := r.groupsOf(test.source)
		same(t, promise+": column", groups.column, []string{test.column})
		var row any = test.json
		if test.json == "" {
			row = nil
		}
		same(t, promise, groups.of([]any{"id", row}), []string{test.want})
	}
	none := (&reader{services: &serviceMap{}}).groupsOf(config.FromDeployments)
	same(t, "where no rule has groups nothing is read", none.column, []string(nil))
}

func TestD5MembersOfAGroupAreLiveEachByItself(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	payload := func(v any) map[string]any { return map[string]any{"payload": v, "ref": "r"} }
	l.run(1, append(commits("1", "a", "b a", "c b"), repo("1", "acme/api"), tag("1", "v1", "c", 40),
		deploy(1, "1", "production", "a", 10, payload(map[string]any{"run": 7})), deploy(2, "1", "production", "b", 20, payload(`{"run":7}`)),
		deploy(3, "1", "production", "b", 30), deploy(4, "1", "staging", "b", 30, payload(`{"run":7}`)), deploy(5, "1", "eu", "b", 30, payload(`{"run":7}`)))...)
	l.ship(oneRepository+`services: [{name: api, deployments: [{from: deployments, group: payload.run}, {from: deployments, environment: eu, group: ref}, {from: tags, pattern: "v*"}]}]`, 2)
	same(t, "deployments", l.query("select source_id, group_id, kind, previous_deployment_id, commits_shipped from ship_deployments"), []string{
		"1 7 baseline - 0", "2 7 forward deployments:1 1", "3 - redeploy deployments:2 0", "4 - baseline - 0", "5 r baseline - 0",
		"acme/api@v1 - forward deployments:3 1",
	})
}

func TestD5TheGroupOfAFileIsInItsRow(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, filed("1", "api", "", "a", 1, 10, map[string]any{"fields": map[string]any{"Build": 12}}), filed("2", "api", "", "a", 1, 20))
	l.ship("services: [{name: api, deployments: [{from: files, group: Build}]}]", 2)
	same(t, "deployments", l.query("select source_id, group_id from ship_deployments"), []string{"1 12", "2 -"})
}
