package random

import (
	"slices"
	"strings"
	"time"
)

// makeChildren gives an incident attachments, follow-ups and a post-mortem.
func (m *maker) makeChildren(i *incident) {
	for range m.rng.IntN(3) {
		m.attach(i)
	}
	for range m.rng.IntN(3) {
		m.followUp(i)
	}
	if m.chance(0.25) {
		m.postmortem(i)
	}
}

// child lets the syncs see something of an incident until that has gone.
func (m *maker) child(i *incident, table, id string, hasTime bool, versions ...version) {
	if !i.gone.IsZero() && m.chance(0.5) {
		versions = append(versions, version{at: later(i.gone, versions[len(versions)-1].at), gone: true})
	}
	m.observe(table, id, hasTime, i.private, versions...)
}

// attach attaches a pull request or a commit, mostly of about the time of the incident, or something else.
func (m *maker) attach(i *incident) {
	at := m.instant(i.created, later(m.to, i.created.Add(time.Hour)))
	resource := object{"resource_type": "github_pull_request", "title": "Something"}
	r := pick(m, m.repositories)
	name := pick(m, []string{r.name, r.old, strings.ToUpper(r.name)})
	switch x := m.rng.Float64(); {
	case x < 0.7 && len(r.pulls) > 0:
		p := pick(m, r.pulls)
		near := slices.DeleteFunc(slices.Clone(r.pulls), func(p *pull) bool {
			return p.merged.Before(i.created.Add(-10*24*time.Hour)) || p.merged.After(i.created.Add(5*24*time.Hour))
		})
		if len(near) > 0 && m.chance(0.8) {
			p = pick(m, near)
		}
		resource["permalink"] = text("https://github.com/%s/pull/%d", name, p.number)
		resource["external_id"] = text("%s/%d", name, p.number)
		if m.chance(0.2) {
			delete(resource, "permalink")
		}
	case x < 0.85:
		c := pick(m, r.commits)
		resource["resource_type"] = "github_commit"
		resource["permalink"] = text("https://github.com/%s/commit/%s", name, c.sha[:pick(m, []int{7, 40})])
	default:
		resource["resource_type"] = "sentry_issue"
		resource["permalink"] = "https://sentry.example.test/issues/1"
		resource["external_id"] = "1"
	}
	id := m.ulid(at)
	versions := []version{{at: at, show: always(object{"id": id, "incident_id": i.id, "resource": resource})}}
	if m.chance(0.07) {
		versions = append(versions, version{at: m.instant(at, m.to), gone: true})
	}
	m.child(i, "incidentio_incident_attachments", id, false, versions...)
}

func (m *maker) followUp(i *incident) {
	created := m.instant(i.created, later(m.to, i.created.Add(time.Hour)))
	id := m.ulid(created)
	priority := pick(m, []any{nil, object{"id": "P1", "name": "Urgent", "rank": 1}, object{"id": "P2", "name": "Low", "rank": 2}})
	team := pick(m, []any{nil, object{"id": "T1", "name": "payments"}, object{"id": "T2", "name": "storefront"}})
	show := func(status string, completed, updated time.Time) func(time.Time) object {
		o := object{
			"id": id, "incident_id": i.id, "title": "Write it down", "status": status, "labels": []string{}, "created_at": stampMillis(created), "updated_at": stampMillis(updated),
			"creator": object{"user": object{"id": "U1", "name": "Aiko", "role": "responder"}}, "assignee": object{"id": "U2", "name": "Jonas", "role": "responder"},
		}
		put(o, "priority", priority)
		put(o, "assignee_team", team)
		put(o, "category", pick(m, []any{nil, object{"id": "C1", "name": "Alerting", "rank": 1}}))
		if !completed.IsZero() {
			o["completed_at"] = stampMillis(completed)
		}
		if m.chance(0.3) {
			o["external_issue_reference"] = object{"provider": "github", "issue_name": "OPS-1", "issue_permalink": "https://example.test/OPS-1"}
		}
		return always(o)
	}
	versions := []version{{at: created, show: show("outstanding", time.Time{}, created)}}
	if m.chance(0.6) {
		at := m.instant(created, m.to)
		status := pick(m, []string{"completed", "completed", "deleted", "not_doing"})
		done := time.Time{}
		if status == "completed" {
			done = at
			if m.chance(0.1) { // it was done before it was written
				done = created.Add(-time.Hour)
			}
		}
		versions = append(versions, version{at: at, show: show(status, done, later(at, created.Add(time.Second)))})
	}
	m.child(i, "incidentio_follow_ups", id, true, versions...)
}

func (m *maker) postmortem(i *incident) {
	created := m.instant(i.created.Add(-time.Hour), later(m.to, i.created.Add(time.Hour)))
	id := m.ulid(created)
	o := object{
		"id": id, "incident_id": i.id, "title": "ふりかえり", "type": "in_app", "status": pick(m, []string{"in_progress", "in_review", "completed"}),
		"document_url": "https://example.test/" + id, "created_at": stampMillis(created), "updated_at": stampMillis(created.Add(time.Hour)),
	}
	m.child(i, "incidentio_postmortem_documents", id, true, version{at: created, show: always(o)})
}
