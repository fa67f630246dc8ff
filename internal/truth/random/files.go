package random

import (
	"time"
)

// makeFileDeployments makes the rows of a file: of a service that only it knows, of others, and reports of what GitHub has
// too.
func (m *maker) makeFileDeployments() {
	for n := range 14 + m.rng.IntN(14) {
		at := m.instant(m.from, m.to.Add(-time.Hour))
		id := text("%s%d", pick(m, []string{"", "", "job-"}), 90+n)
		l := &launch{source: "files", id: id, environment: pick(m, []string{"production", "Production", "live-1", "test"}), created: at, finished: at.Add(m.between(0, time.Hour)).Truncate(time.Second)}
		service := pick(m, []string{batch, batch, "Batch", api, pipe, "unheard-of"})
		o := object{"id": id, "service": service, "environment": l.environment, "file": "deployments.csv", "line": n + 2, "status": "success"}
		switch {
		case service == api || service == pipe:
			m.likeOf(l, o, service)
		case m.chance(0.6):
			o["repository"] = pick(m, []string{"legacy/batch", "Legacy/Batch"})
			l.sha = pick(m, []string{"", "aaaaaaa", "bbbbbbb", "ccccccc"}) + "0123456789012345678901234567890aa"
			if len(l.sha) == 40 {
				o["sha"] = l.sha
			}
		}
		switch x := m.rng.Float64(); {
		case x < 0.1:
			o["status"] = pick(m, []string{"failure", "error", "inactive"})
			l.finished = time.Time{}
			put(o, "finished_at", at)
		case x < 0.15:
			o["status"], l.finished = "in_progress", time.Time{}
		default:
			put(o, "finished_at", l.finished)
		}
		if m.chance(0.8) {
			put(o, "created_at", l.created)
		}
		put(o, "ref", pick(m, []string{"", "main", "hotfix/batch"}))
		o["fields"] = object{"ID": id, "pipeline": text("p-%d", m.rng.IntN(6)), "Service": service}
		versions := []version{{at: later(at, l.finished), show: always(o)}}
		if m.chance(0.08) {
			versions = append(versions, version{at: m.instant(later(at, l.finished), m.to), gone: true})
		}
		m.observe("files_deployments", id, false, nil, versions...)
		m.launches = append(m.launches, l)
	}
}

// likeOf makes a row a report of something that GitHub has of a service's repository, or of its code.
func (m *maker) likeOf(l *launch, o object, service string) {
	r := m.repositories[map[string]int{api: 0, pipe: 2}[service]]
	l.repository = r
	o["repository"] = pick(m, []string{r.name, "ACME/" + r.name[len("acme/"):], r.old})
	if of := m.deployedFrom(r); of != nil && m.chance(0.7) {
		l.commit, l.created, l.finished = of.commit, of.created, of.finished.Add(time.Minute)
	} else {
		l.commit = pick(m, r.main).commit
	}
	l.sha = l.commit.sha
	o["sha"] = l.sha
}

// makeFileIncidents makes incidents of an earlier tool.
func (m *maker) makeFileIncidents() {
	for n := range 4 + m.rng.IntN(6) {
		created := m.instant(m.from.Add(-30*24*time.Hour), m.to.Add(-time.Hour))
		id := text("OLD-%d", 9+n)
		o := object{
			"id": id, "reference": id, "name": pick(m, []string{"Slow pages", "決済の遅延"}), "created_at": stamp(created), "file": "history.csv", "line": n + 2,
			"status": "Closed", "status_category": pick(m, []string{"closed", "closed", "live", "declined", "learning"}),
			"mode": pick(m, []string{"standard", "standard", "test"}), "visibility": pick(m, []string{"public", "public", "public", "private"}),
			"services": pick(m, []any{[]string{"api"}, []string{"batch", "Batch"}, []string{"web", "検索"}, []string{"unheard-of"}, []string{}, nil}),
		}
		if m.chance(0.8) {
			at := m.rng.IntN(len(m.definitions.severities))
			o["severity"], o["severity_rank"] = m.definitions.severities[at].name, at+1
		}
		if m.chance(0.4) {
			o["incident_type"] = pick(m, []string{"Default", "Security"})
		}
		for _, name := range []string{"started_at", "reported_at", "impact_started_at", "acknowledged_at", "restored_at", "closed_at"} {
			if m.chance(0.45) {
				o[name] = stamp(created.Add(m.between(-time.Hour, 20*time.Hour)).Truncate(time.Second))
			}
		}
		private := o["visibility"] == "private"
		m.observe("files_incidents", id, false, func(time.Time) bool { return private }, version{at: m.from, show: always(o)})
		m.incidents = append(m.incidents, &incident{id: id, reference: id, created: created})
	}
}
