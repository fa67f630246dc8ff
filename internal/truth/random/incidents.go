package random

import (
	"time"
)

// incident is an incident while its life is made.
type incident struct {
	id, reference string
	number        int
	created       time.Time
	mode          string
	severity      int // place among the severities, -1 for none
	kind          int // place among the types, -1 for none
	moves         []move
	private       func(time.Time) bool
	fields        []any
	timestamps    []stampedAt
	postmortem    string // an address that the incident names
	gone          time.Time
}

// move is a status that an incident was brought to.
type move struct {
	at       time.Time
	status   named
	severity int // what the update says of it; -1 for nothing
	silent   bool
}

// stampedAt is a named timestamp: a time, or what an account has made of it.
type stampedAt struct {
	timestamp named
	value     any // text, or nil where it is not set
}

func (m *maker) makeIncidents() {
	at := m.instants(34+m.rng.IntN(20), m.from, m.to.Add(-time.Hour))
	for n, created := range at {
		i := &incident{number: n + 5, created: m.finer(created), severity: m.rng.IntN(4) - 1, kind: m.rng.IntN(3) - 1}
		i.id, i.reference = m.ulid(i.created), text("INC-%d", i.number)
		i.mode = pick(m, []string{"standard", "standard", "standard", "standard", "standard", "standard", "retrospective", "test", "tutorial", "stream"})
		m.live(i)
		m.stampTimes(i)
		m.nameThings(i)
		if m.chance(0.2) {
			i.postmortem = "https://example.test/of/" + i.id
		}
		secret := time.Time{}
		switch x := m.rng.Float64(); {
		case x < 0.06:
			secret = m.from
		case x < 0.10: // it became so
			secret = m.instant(i.created, m.to)
		}
		i.private = func(t time.Time) bool { return !secret.IsZero() && !t.Before(secret) }
		if m.chance(0.06) {
			i.gone = m.instant(i.created, m.to)
		}
		m.incidents = append(m.incidents, i)
		m.observeIncident(i)
		m.observeUpdates(i)
		m.makeChildren(i)
	}
}

// live plays what became of an incident.
func (m *maker) live(i *incident) {
	at := i.created
	to := func(category string, after time.Duration) {
		if len(i.moves) > 0 {
			at = m.finer(at.Add(m.between(0, after)).Truncate(time.Second))
			if m.chance(0.06) { // two at once: their ids decide
				at = i.moves[len(i.moves)-1].at
			}
		}
		i.moves = append(i.moves, move{at, pick(m, m.definitions.statuses[category]), m.rng.IntN(6) - 3, false})
	}
	if m.chance(0.5) {
		to("triage", 0)
	}
	switch x := m.rng.Float64(); {
	case x < 0.08:
		to(pick(m, []string{"declined", "merged", "canceled"}), 3*time.Hour)
		return
	case x < 0.12:
		to("triage", time.Hour) // and left there
		return
	}
	to("live", 2*time.Hour)
	for range m.rng.IntN(3) {
		to("live", 3*time.Hour)
	}
	if m.chance(0.2) {
		to("paused", 12*time.Hour)
		to("live", 24*time.Hour)
	}
	for range 1 + m.rng.IntN(2) { // the second time it was reopened
		if m.chance(0.12) {
			return // it goes on
		}
		if m.chance(0.5) {
			to("learning", 20*time.Hour)
		}
		if m.chance(0.8) {
			to("closed", 5*24*time.Hour)
		}
		if m.chance(0.05) {
			to(pick(m, []string{"canceled", "merged"}), 24*time.Hour)
			return
		}
		if !m.chance(0.25) {
			return
		}
		to("live", 4*24*time.Hour)
	}
	if m.chance(0.5) {
		to("closed", 24*time.Hour)
	}
}

// stampTimes gives an incident its named timestamps: some missing, some out of order, some none at all.
func (m *maker) stampTimes(i *incident) {
	for n, t := range m.definitions.timestamps {
		at := i.created.Add([]time.Duration{
			-m.between(0, 4*time.Hour), 0, -m.between(0, time.Hour), -m.between(0, 2*time.Hour), m.between(0, time.Hour),
			m.between(time.Hour, 20*time.Hour), m.between(2*time.Hour, 30*time.Hour), m.between(2*time.Hour, 100*time.Hour),
		}[n])
		if m.chance(0.15) {
			at = at.Truncate(time.Minute)
		}
		var value any = stampMillis(at)
		switch x := m.rng.Float64(); {
		case x < 0.45:
			value = nil
		case x < 0.47:
			value = ""
		case x < 0.48:
			value = "yesterday"
		case x < 0.53: // long before the start
			value = stampMillis(at.Add(-30 * 24 * time.Hour))
		case x < 0.6:
			value = stamp(m.instant(i.created.Add(-time.Hour), i.created.Add(48*time.Hour)))
		}
		i.timestamps = append(i.timestamps, stampedAt{t, value})
	}
}

// observeIncident lets the syncs see an incident as it was created and after each of its moves.
func (m *maker) observeIncident(i *incident) {
	var versions []version
	for n, mv := range i.moves {
		shown, severity := i.moves[n], i.severity
		if n == 0 && m.chance(0.3) { // it was estimated later
			severity = -1
		}
		versions = append(versions, version{at: mv.at, show: func(seen time.Time) object { return m.showIncident(i, shown, severity, mv.at, seen) }})
	}
	last := i.moves[len(i.moves)-1]
	if m.chance(0.3) { // a change that moves nothing
		at := m.instant(last.at, m.to)
		versions = append(versions, version{at: at, show: func(seen time.Time) object { return m.showIncident(i, last, i.severity, at, seen) }})
	}
	if !i.gone.IsZero() {
		versions = append(versions, version{at: later(i.gone, last.at), gone: true})
	}
	m.observe("incidentio_incidents", i.id, true, i.private, versions...)
}

func (m *maker) showIncident(i *incident, at move, severity int, updated, seen time.Time) object {
	d := m.definitions
	visibility := "public"
	if i.private(seen) {
		visibility = "private"
	}
	values := []any{}
	for n, t := range i.timestamps {
		o := object{"incident_timestamp": embedded(t.timestamp, seen, object{"rank": n + 1})}
		switch {
		case t.value != nil:
			o["value"] = object{"value": t.value}
		case n%2 == 0:
			o["value"] = object{}
		}
		values = append(values, o)
	}
	fields := []any{}
	for n, f := range d.fields {
		entry := object{"custom_field": embedded(f, seen, object{"field_type": f.kind, "description": "", "options": []any{}}), "values": []any{}}
		if v, ok := i.fields[n].(func(time.Time) []any); ok {
			entry["values"] = v(seen)
		}
		fields = append(fields, entry)
	}
	o := object{
		"id": i.id, "reference": i.reference, "name": text("Incident %d 障害", i.number), "mode": i.mode, "visibility": visibility, "summary": "Something broke.",
		"permalink": text("https://app.incident.io/acme/incidents/%d", i.number), "created_at": stampMillis(i.created), "updated_at": stampMillis(updated),
		"last_activity_at": stampMillis(seen), "creator": object{"user": object{"id": "U1", "name": "Aiko", "role": "responder", "email": "aiko@example.test"}},
		"incident_status":           embedded(at.status, seen, object{"category": at.status.kind, "rank": 1, "description": ""}),
		"incident_timestamp_values": values, "custom_field_entries": fields, "team_ids": []string{}, "has_debrief": false,
		"incident_role_assignments": []any{object{
			"role":     object{"id": "R1", "name": "Incident Lead", "role_type": "lead", "shortform": "lead"},
			"assignee": object{"id": "U2", "name": "Jonas", "role": "responder", "email": "jonas@example.test"},
		}},
		"duration_metrics": []any{object{"duration_metric": object{"id": "D1", "name": "Time open"}, "status": "success", "value_seconds": int64(seen.Sub(i.created).Seconds())}},
	}
	put(o, "postmortem_document_url", i.postmortem)
	if severity >= 0 {
		o["severity"] = embedded(d.severities[severity], seen, object{"rank": severity + 1, "description": ""})
	}
	if i.kind >= 0 {
		o["incident_type"] = embedded(d.types[i.kind], seen, object{"is_default": i.kind == 0})
	}
	return o
}

// observeUpdates lets the syncs see the updates: most moves have one, and some say nothing new.
func (m *maker) observeUpdates(i *incident) {
	if m.chance(0.06) {
		return // an import knows no history
	}
	for _, mv := range i.moves {
		for n := range 1 + m.rng.IntN(5)/4 {
			at := mv.at
			if n > 0 {
				at = mv.at.Add(time.Duration(n) * time.Millisecond)
			}
			id := m.ulid(at)
			versions := []version{{at: at, show: func(seen time.Time) object {
				o := object{
					"id": id, "incident_id": i.id, "created_at": stampMillis(at), "message": "Looking.", "updater": object{"user": object{"id": "U1", "name": "Aiko", "role": "responder"}},
					"new_incident_status": embedded(mv.status, seen, object{"category": mv.status.kind, "rank": 1}),
				}
				if mv.severity >= 0 {
					o["new_severity"] = embedded(m.definitions.severities[mv.severity], seen, object{"rank": mv.severity + 1})
				}
				if mv.status.kind == "merged" {
					o["merged_into_incident_id"] = m.incidents[0].id
				}
				return o
			}}}
			if !i.gone.IsZero() {
				versions = append(versions, version{at: later(i.gone, at), gone: true})
			}
			m.observe("incidentio_incident_updates", id, false, i.private, versions...)
		}
	}
}
