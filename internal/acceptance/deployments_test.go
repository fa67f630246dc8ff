package acceptance

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fourfold/internal/demo/expect"
	"fourfold/internal/reference"
)

// sameRows reports rows that are in one of two lists and not in the other, a few of them.
func sameRows(t *testing.T, what string, got, want []string) {
	t.Helper()
	const most = 12
	count := map[string]int{}
	for _, row := range want {
		count[row]++
	}
	for _, row := range got {
		count[row]--
	}
	var missing, extra []string
	for row, n := range count {
		if n > 0 {
			missing = append(missing, row)
		} else if n < 0 {
			extra = append(extra, row)
		}
	}
	slices.Sort(missing)
	slices.Sort(extra)
	for _, row := range missing[:min(most, len(missing))] {
		t.Errorf("%s lacks %s", what, row)
	}
	for _, row := range extra[:min(most, len(extra))] {
		t.Errorf("%s has, and the reference has not, %s", what, row)
	}
	if len(missing)+len(extra) > 0 {
		t.Errorf("%s: %d rows missing and %d too many of %d", what, len(missing), len(extra), len(want))
	}
	if len(want) == 0 {
		t.Errorf("%s: the reference has no rows", what)
	}
}

// texts gives each row as one text.
func (w *workplace) texts(q string) []string {
	w.t.Helper()
	var out []string
	for _, row := range w.query(q) {
		out = append(out, fmt.Sprint(row...))
	}
	return out
}

func orNone(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func seconds(n *int64) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}

// compareDeployments holds the counted deployments to the reference: kind, neighbours, what they shipped and what came of
// them.
func compareDeployments(t *testing.T, w *workplace, deployments []reference.Deployed) {
	t.Helper()
	var want []string
	for _, d := range deployments {
		want = append(want, fmt.Sprintf("%s of %s: %s, diverged %v, after %s, culprit %s, %d commits, failed %v, rework %v, recovery %s",
			d.ID, d.Service, d.Kind, d.Diverged, orNone(d.Previous), orNone(d.Culprit), d.Commits, d.Failed, d.Rework, seconds(d.Recovery)))
	}
	sameRows(t, "fct_deployments", w.texts(`
		select printf('%s of %s: %s, diverged %s, after %s, culprit %s, %d commits, failed %s, rework %s, recovery %s', deployment_id, service, kind, is_diverged::varchar, coalesce(previous_deployment_id, '-'),
			coalesce(culprit_deployment_id, '-'), commits_shipped, is_change_failure::varchar, is_rework::varchar, coalesce(recovery_seconds::varchar, '-'))
		from fct_deployments where is_counted`), want)
}

func compareLinks(t *testing.T, w *workplace, links []reference.Link) {
	t.Helper()
	var want []string
	for _, l := range links {
		want = append(want, fmt.Sprintf("%s %s of %s by %s", l.Deployment, l.Role, l.Incident, l.Method))
	}
	sameRows(t, "fct_incident_deployments", w.texts(`select printf('%s %s of %s by %s', deployment_id, role, incident_id, method) from fct_incident_deployments`), want)
}

func compareChanges(t *testing.T, w *workplace, code expect.Code, s expect.Settings) {
	t.Helper()
	changes, commits := reference.Changes(code, s)
	var want []string
	for _, c := range changes {
		if c.Counted {
			review := "-"
			if !c.FirstReview.IsZero() {
				review = c.FirstReview.UTC().Format(time.DateTime)
			}
			want = append(want, fmt.Sprintf("%s of %s by %s after %s: coding %s, review %s from %s, deploy %s",
				c.ID, c.Service, c.Deployment, seconds(c.LeadTime), seconds(c.Coding), seconds(c.Review), review, seconds(c.Deploy)))
		}
	}
	sameRows(t, "fct_changes", w.texts(`
		select printf('%s of %s by %s after %d: coding %s, review %s from %s, deploy %s', change_id, service, deployment_id, lead_time_seconds, coalesce(coding_seconds::varchar, '-'),
			coalesce(review_seconds::varchar, '-'), coalesce(strftime(first_review_at at time zone 'UTC', '%Y-%m-%d %H:%M:%S'), '-'), coalesce(deploy_seconds::varchar, '-'))
		from fct_changes where is_counted`), want)
	want = nil
	for _, c := range commits {
		if c.Counted {
			want = append(want, fmt.Sprintf("%s@%s of %s after %s", c.Repository, c.SHA, c.Service, seconds(c.LeadTime)))
		}
	}
	sameRows(t, "fct_commits", w.texts(`select printf('%s@%s of %s after %d', repository, sha, service, lead_time_seconds) from fct_commits where is_counted`), want)
}
