package incidentio

import "maps"

// incident puts together what a list or a show of incidents gives for one. Every custom field and every timestamp of
// the account is there, with or without a value; an unset timestamp comes without a value or with an empty one.
func (r *renderer) incident(i *Incident) object {
	active := i.ActiveAt
	if active.IsZero() {
		active = i.UpdatedAt
	}
	o := object{
		"id": i.ID, "reference": "INC-" + itoa(i.Number), "name": i.Name, "mode": i.Mode, "visibility": i.Visibility,
		"creator": r.actor(i.Creator), "created_at": Stamp(i.CreatedAt), "updated_at": Stamp(i.UpdatedAt),
		"last_activity_at": Stamp(active), "permalink": "https://app.incident.io/" + r.o.Slug + "/incidents/" + itoa(i.Number),
		"slack_channel_id": "C" + i.ID[len(i.ID)-9:], "slack_team_id": "T0FOURFOLD", "has_debrief": false,
		"custom_field_entries": r.fieldEntries(i), "incident_role_assignments": r.assignments(i),
		"incident_timestamp_values": r.timestampValues(i), "duration_metrics": r.durations(i),
	}
	teams := i.Teams
	if teams == nil {
		teams = []string{}
	}
	o["team_ids"] = teams
	setText(o, "summary", i.Summary)
	setText(o, "call_url", i.CallURL)
	if s := r.statuses[i.Status]; s != nil {
		o["incident_status"] = status(s)
	}
	if s := r.severities[i.Severity]; s != nil {
		o["severity"] = severity(s)
	}
	if t := find(r.o.Types, i.Type, func(t *Type) string { return t.ID }); t != nil {
		o["incident_type"] = incidentType(t)
	}
	if documents := r.documents[i.ID]; len(documents) > 0 {
		var ids []string
		for _, p := range documents {
			ids = append(ids, p.ID)
		}
		o["postmortem_document_ids"], o["postmortem_document_url"] = ids, documents[0].URL
	}
	maps.Copy(o, i.Extra)
	for _, name := range i.Omit {
		delete(o, name)
	}
	return o
}

func (r *renderer) fieldEntries(i *Incident) []any {
	entries := []any{}
	for _, p := range r.fields {
		values := []any{}
		for _, v := range i.Fields {
			if v.Field != p.field.ID {
				continue
			}
			for _, id := range v.Options {
				if opt, ok := p.options[id]; ok {
					values = append(values, object{"value_option": opt})
				}
			}
			for _, id := range v.Entries {
				if entry, ok := p.entries[id]; ok {
					values = append(values, object{"value_catalog_entry": entry})
				}
			}
			for key, text := range map[string]string{"value_text": v.Text, "value_link": v.Link, "value_numeric": v.Numeric} {
				if text != "" {
					values = append(values, object{key: text})
				}
			}
		}
		entries = append(entries, object{"custom_field": p.info, "values": values})
	}
	return entries
}

func (r *renderer) assignments(i *Incident) []any {
	out := []any{}
	for _, ro := range r.o.Roles {
		embedded := with(role(ro), object{"required": ro.IsRequired})
		a := object{"role": embedded}
		for _, given := range i.Roles {
			if given.Role == ro.ID && r.users[given.User] != nil {
				a["assignee"] = user(r.users[given.User])
			}
		}
		out = append(out, a)
	}
	return out
}

func (r *renderer) timestampValues(i *Incident) []any {
	out := []any{}
	for n, t := range r.o.Timestamps {
		v := object{"incident_timestamp": timestamp(t)}
		if n%2 == 1 {
			v["value"] = object{}
		}
		for _, given := range i.Timestamps {
			if given.Timestamp == t.ID && !given.At.IsZero() {
				v["value"] = object{"value": Stamp(given.At)}
			}
		}
		out = append(out, v)
	}
	return out
}

// durations gives the account's figures; without any of its own one that runs by itself while the incident is not over: it
// changes with no change of the incident.
func (r *renderer) durations(i *Incident) []any {
	own := i.Durations
	if own == nil {
		end := i.UpdatedAt
		if s := r.statuses[i.Status]; s != nil && (s.Category == "live" || s.Category == "paused" || s.Category == "triage") {
			end = r.now
		}
		own = []DurationMetric{{ID: "01HZX40000D0RAT10N00000001", Name: "Time open", Seconds: int64(end.Sub(i.CreatedAt).Seconds())}}
	}
	out := []any{}
	for _, d := range own {
		out = append(out, object{"duration_metric": object{"id": d.ID, "name": d.Name}, "status": "success", "value_seconds": d.Seconds})
	}
	return out
}
