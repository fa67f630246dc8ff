package reference

import (
	"slices"

	"fourfold/internal/config"
)

func incidentMarts(c *computed, conf *config.Config) []Mart {
	incidents := Mart{
		Name: "fct_incidents", Key: []string{"incident_id"},
		Columns: []string{
			"reference", "name", "mode", "visibility", "severity", "severity_rank", "declared_severity", "incident_type", "status_category", "created_at", "started_at", "reported_at",
			"impact_started_at", "acknowledged_at", "restored_at", "closed_at", "permalink", "status", "reopened_count", "time_to_acknowledge_seconds", "time_to_restore_seconds", "restore_start_basis",
			"restore_end_basis", "acknowledge_basis", "is_counted", "exclusion_reason", "lead",
		},
	}
	services := Mart{Name: "fct_incident_services", Key: []string{"incident_id", "service"}, Columns: []string{"team"}}
	values := Mart{Name: "fct_incident_fields", Key: []string{"incident_id", "field", "value"}}
	durations := Mart{Name: "fct_incident_durations", Key: []string{"incident_id", "duration"}, Columns: []string{"from_at", "to_at", "seconds"}}
	for _, i := range c.incidents {
		rank, has := whole(follow(i.raw, "severity", "rank"))
		row := Cells{
			"incident_id": i.ID, "reference": orNull(i.Reference), "name": nameOf(i, conf), "mode": i.Mode, "visibility": text(i.raw, "visibility"),
			"severity": orNull(i.Severity), "severity_rank": nil, "declared_severity": orNull(i.Declared), "incident_type": orNull(i.Type), "status_category": orNull(i.Category),
			"created_at": orNullTime(i.Created), "started_at": orNullTime(i.Start), "reported_at": orNullTime(stamp(i.raw, "Reported at")),
			"impact_started_at": orNullTime(stamp(i.raw, "Impact started")), "acknowledged_at": orNullTime(i.Accepted), "restored_at": orNullTime(i.End),
			"closed_at": orNullTime(stamp(i.raw, "Closed at")), "permalink": orNull(text(i.raw, "permalink")), "status": orNull(text(i.raw, "incident_status", "name")),
			"reopened_count": int64(i.Reopened), "time_to_acknowledge_seconds": orNullPtr(i.Acknowledge), "time_to_restore_seconds": orNullPtr(i.Restore),
			"restore_start_basis": basis(i, i.StartBasis), "restore_end_basis": endBasis(i), "acknowledge_basis": basis(i, i.AckBasis),
			"is_counted": i.Counted, "exclusion_reason": orNullRule(i.Why), "lead": leadOf(i, conf),
		}
		if has {
			row["severity_rank"] = rank
		}
		incidents.Rows = append(incidents.Rows, row)
		for _, service := range i.Services {
			services.Rows = append(services.Rows, Cells{"incident_id": i.ID, "service": service, "team": orNull(teamOf(c.s, service))})
		}
		seen := map[[2]string]bool{}
		for _, f := range i.Fields {
			if pair := [2]string{f.Field, f.Value}; !seen[pair] {
				seen[pair] = true
				values.Rows = append(values.Rows, Cells{"incident_id": i.ID, "field": f.Field, "value": f.Value})
			}
		}
		for _, d := range i.Durations {
			durations.Rows = append(durations.Rows, Cells{
				"incident_id": i.ID, "duration": slug(d.Name), "from_at": orNullTime(d.From), "to_at": orNullTime(d.To), "seconds": orNullPtr(d.Seconds),
			})
		}
	}
	return []Mart{incidents, services, values, durations, linkMart(c), unlinkedMart(c)}
}

// basis is the name of what an instant was taken from: as the configuration has it, or what it is called now.
func basis(i Incident, name string) any {
	if name == "" {
		return nil
	}
	return EitherText{name, calledNow(i.raw, name)}
}

// endBasis may say more of an incident that was reopened (I5).
func endBasis(i Incident) any {
	if i.Reopened > 0 && i.EndBasis != "" {
		return RuleText(i.EndBasis)
	}
	return basis(i, i.EndBasis)
}

// isHidden tells whether an incident is private and counted without text or people (I3).
func isHidden(i Incident, conf *config.Config) bool {
	return text(i.raw, "visibility") == "private" && conf.Privacy.PrivateIncidents == config.RedactPrivate
}

func nameOf(i Incident, conf *config.Config) any {
	if isHidden(i, conf) {
		return NoName{}
	}
	return orNull(text(i.raw, "name"))
}

// leadOf is the person in the lead role: nobody of a hidden incident, somebody where people are hashed.
func leadOf(i Incident, conf *config.Config) any {
	if isHidden(i, conf) || conf.Privacy.People == config.DropPeople {
		return nil
	}
	for _, a := range list(i.raw, "incident_role_assignments") {
		if text(a, "role", "role_type") == "lead" && text(a, "assignee", "id") != "" {
			if conf.Privacy.People == config.HashPeople {
				return SomeText{}
			}
			return orNull(text(a, "assignee", "name"))
		}
	}
	return nil
}

func linkMart(c *computed) Mart {
	m := Mart{Name: "fct_incident_deployments", Key: []string{"incident_id", "deployment_id", "role"}, Columns: []string{"method", "confidence", "evidence", "evidence_ja"}}
	confidence := map[string]string{"manual": "high", "field": "high", "pull_request": "high", "commit": "high", "revert": "medium", "proximity": "low"}
	for _, l := range c.links {
		m.Rows = append(m.Rows, Cells{
			"incident_id": l.Incident, "deployment_id": l.Deployment, "role": l.Role, "method": l.Method, "confidence": confidence[l.Method],
			"evidence": SomeText{}, "evidence_ja": SomeText{},
		})
	}
	return m
}

func unlinkedMart(c *computed) Mart {
	m := Mart{Name: "fct_unlinked_incidents", Key: []string{"incident_id"}, Columns: []string{
		"started_at", "reason", "reason_ja", "what_would_link", "what_would_link_ja", "nearest_deployment_id", "nearest_seconds",
	}}
	for _, i := range c.incidents {
		if !slices.Contains(c.unlinked(), i.ID) {
			continue
		}
		row := Cells{
			"incident_id": i.ID, "started_at": orNullTime(i.Start), "reason": SomeText{}, "reason_ja": SomeText{},
			"what_would_link": SomeText{}, "what_would_link_ja": SomeText{}, "nearest_deployment_id": nil, "nearest_seconds": nil,
		}
		if x := c.before(i); x != nil {
			row["nearest_deployment_id"], row["nearest_seconds"] = x.id(), orNullPtr(seconds(x.Success, i.Start))
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
