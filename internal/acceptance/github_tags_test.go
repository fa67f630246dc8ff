package acceptance

import (
	"fmt"
	"strings"
	"testing"

	"fourfold/internal/fake/github"
)

// TestL1ACauseNamedByItsTagIsTheDeploymentThatShippedItsCommit tags a commit that was deployed as part of main with a
// value that incidents have in the field for causes.
func TestL1ACauseNamedByItsTagIsTheDeploymentThatShippedItsCommit(t *testing.T) {
	t.Parallel()
	_, incidents := serveSmall(t)
	org := github.Small()
	r := org.Repository("acme/api")
	var sha string
	for _, d := range r.Deployments {
		if c := r.CommitObject(d.SHA); d.Environment == "production" && c != nil && len(c.Parents) > 0 {
			sha = c.Parents[0]
		}
	}
	r.Tag("API", sha)
	_, base := serveGitHub(t, org)
	w := newWorkplace(t, smallSource(incidents)+strings.TrimPrefix(githubNames(base, []string{"acme/api"}, "metrics: {cause_field: Affected services}"), "sources:\n"))
	w.run("run")
	rows := w.query(`select links.evidence, commits.sha from fct_incident_deployments as links
		left join fct_commits as commits on links.deployment_id = commits.deployment_id and commits.sha = $1 where links.method = 'field'`, sha)
	if len(rows) == 0 {
		t.Fatal("no cause is linked by its tag")
	}
	want := fmt.Sprintf(`the field "Affected services" names tag API of commit %s, which it shipped`, sha[:10])
	for _, row := range rows {
		if row[0] != want || row[1] != sha {
			t.Errorf("linked with the evidence %q to a deployment that shipped %v, want %q and %s", row[0], row[1], want, sha)
		}
	}
}
