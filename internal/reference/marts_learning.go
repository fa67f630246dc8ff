package reference

import (
	"cmp"
	"time"
)

// learningMarts are what teams do after incidents, and to be ready for them: follow-ups, post-mortems and drills.
func learningMarts(c *computed) []Mart {
	return []Mart{followUpMart(c), drillMart(c), postmortemMart(c)}
}

// followUpMart: a follow-up is open while it is outstanding; its age ends when it was completed, else now; it is to be done
// within the time that the configuration gives its priority. It goes with its incident (S2, I3).
func followUpMart(c *computed) Mart {
	m := Mart{
		Name: "fct_follow_ups", Key: []string{"follow_up_id"},
		Columns: []string{
			"incident_id", "incident_reference", "status", "priority", "category", "assignee_team", "severity", "team", "created_at", "completed_at",
			"due_at", "age_seconds", "completion_seconds", "is_open", "is_overdue",
		},
	}
	incidents := map[string]Incident{}
	for _, i := range c.incidents {
		incidents[i.ID] = i
	}
	for _, f := range c.o["follow_ups"] {
		i, has := incidents[text(f, "incident_id")]
		if !has {
			continue
		}
		created, completed := instant(text(f, "created_at")), instant(text(f, "completed_at"))
		due := c.s.Due
		if by, has := c.s.DueBy[fold(text(f, "priority", "name"))]; has {
			due = by
		}
		var dueAt time.Time // zero: never
		if due > 0 {
			dueAt = created.Add(due)
		}
		open := text(f, "status") == "outstanding"
		until := c.s.AsOf
		if !completed.IsZero() {
			until = completed
		}
		row := Cells{
			"follow_up_id": text(f, "id"), "incident_id": i.ID, "incident_reference": orNull(i.Reference), "status": text(f, "status"),
			"priority": orNull(text(f, "priority", "name")), "category": orNull(text(f, "category", "name")), "assignee_team": orNull(text(f, "assignee_team", "name")),
			"severity": orNull(i.Severity), "team": orNull(cmp.Or(text(f, "assignee_team", "name"), firstTeam(c.s, i))), "created_at": orNullTime(created),
			"completed_at": orNullTime(completed), "due_at": orNullTime(dueAt), "age_seconds": orNullPtr(seconds(created, until)),
			"completion_seconds": orNullPtr(seconds(created, completed)), "is_open": open, "is_overdue": open && !dueAt.IsZero() && c.s.AsOf.After(dueAt),
		}
		if text(f, "status") == "deleted" {
			row[May] = true
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// firstTeam is the team of the first service, by name, that an incident affected and that has one.
func firstTeam(s Settings, i Incident) string {
	for _, service := range i.Services { // sorted
		if team := teamOf(s, service); team != "" {
			return team
		}
	}
	return ""
}

// drillMart: test and tutorial incidents have numbers of their own (I1); those that came to nothing (I2) have none.
func drillMart(c *computed) Mart {
	m := Mart{
		Name: "fct_drills", Key: []string{"incident_id"},
		Columns: []string{"reference", "mode", "started_at", "accepted_at", "closed_at", "time_to_accept_seconds", "time_to_close_seconds"},
	}
	for _, i := range c.incidents {
		if (i.Mode == "test" || i.Mode == "tutorial") && !cameToNothing(i) {
			m.Rows = append(m.Rows, Cells{
				"incident_id": i.ID, "reference": orNull(i.Reference), "mode": i.Mode, "started_at": orNullTime(i.Start), "accepted_at": orNullTime(i.Accepted),
				"closed_at": orNullTime(i.Closed), "time_to_accept_seconds": orNullPtr(seconds(i.Start, i.Accepted)), "time_to_close_seconds": orNullPtr(seconds(i.Start, i.Closed)),
			})
		}
	}
	return m
}

// postmortemMart: a document and the incident that it is about, and how long after the restoration it was begun; of an
// incident that has none but names an address, the address.
func postmortemMart(c *computed) Mart {
	m := Mart{
		Name: "fct_postmortems", Key: []string{"postmortem_id"},
		Columns: []string{"incident_id", "status", "url", "created_at", "seconds_after_restoration"},
	}
	written := map[string]bool{}
	for _, p := range c.o["postmortem_documents"] {
		for _, i := range c.incidents {
			if i.ID != text(p, "incident_id") {
				continue
			}
			created := instant(text(p, "created_at"))
			var after *int64
			if !i.End.IsZero() {
				after = seconds(i.End, created)
			}
			written[i.ID] = true
			m.Rows = append(m.Rows, Cells{
				"postmortem_id": text(p, "id"), "incident_id": i.ID, "status": orNull(text(p, "status")), "url": orNull(text(p, "document_url")),
				"created_at": orNullTime(created), "seconds_after_restoration": orNullPtr(after),
			})
		}
	}
	for _, i := range c.incidents {
		if url := text(i.raw, "postmortem_document_url"); url != "" && !written[i.ID] {
			m.Rows = append(m.Rows, Cells{
				"postmortem_id": i.ID, "incident_id": i.ID, "status": nil, "url": url, "created_at": nil, "seconds_after_restoration": nil,
			})
		}
	}
	return m
}
