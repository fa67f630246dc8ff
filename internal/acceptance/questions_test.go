package acceptance

import (
	"strings"
	"testing"

	"fourfold/internal/dialect"
)

// answersTheQuestions asks the statements of docs/sql.md as a reader would, with an incident of the demo for theirs.
func answersTheQuestions(t *testing.T, w *workplace) {
	named := w.texts(`select min(incidents.reference) from fct_incidents as incidents
		inner join fct_incident_deployments as links on incidents.incident_id = links.incident_id
		inner join fct_changes as changes on links.deployment_id = changes.deployment_id
		where links.role = 'cause'`)
	questions := dialect.Page(t)
	if len(questions) != 20 {
		t.Errorf("the page has %d questions", len(questions))
	}
	for _, q := range questions {
		if rows := w.sql(strings.ReplaceAll(q.SQL, "INC-123", named[0])); len(rows) == 0 {
			t.Errorf("%s: the demo has no row for it", q.Question)
		}
	}
}
