package incidentio

import (
	"encoding/json"
	"maps"
	"strconv"
	"time"
)

type object = map[string]any

func itoa(n int) string { return strconv.Itoa(n) }

// renderer puts objects together from the organisation's parts. It lives for one answer and is used under the lock.
type renderer struct {
	o          *Organisation
	now        time.Time
	users      map[string]*User
	statuses   map[string]*Status
	severities map[string]*Severity
	fields     []preparedField
	documents  map[string][]*Postmortem // by incident
}

type preparedField struct {
	field   *CustomField
	info    object
	options map[string]object
	entries map[string]object
}

func newRenderer(o *Organisation, now time.Time) *renderer {
	r := &renderer{o: o, now: now, users: map[string]*User{}, statuses: map[string]*Status{}, severities: map[string]*Severity{}, documents: map[string][]*Postmortem{}}
	for _, p := range o.Postmortems {
		r.documents[p.Incident] = append(r.documents[p.Incident], p)
	}
	for _, u := range o.Users {
		r.users[u.ID] = u
	}
	for _, s := range o.Statuses {
		r.statuses[s.ID] = s
	}
	for _, s := range o.Severities {
		r.severities[s.ID] = s
	}
	for _, f := range o.CustomFields {
		p := preparedField{field: f, options: map[string]object{}, entries: map[string]object{}}
		all := []any{}
		for _, opt := range f.Options {
			p.options[opt.ID] = option(f, opt)
			all = append(all, p.options[opt.ID])
		}
		if t := find(o.CatalogTypes, f.CatalogType, func(t *CatalogType) string { return t.ID }); t != nil {
			for _, e := range t.Entries {
				entry := object{"id": e.ID, "name": e.Name}
				setText(entry, "external_id", e.ExternalID)
				if len(e.Aliases) > 0 {
					entry["aliases"] = e.Aliases
				}
				p.entries[e.ID] = entry
			}
		}
		p.info = object{"id": f.ID, "name": f.Name, "description": f.Description, "field_type": f.FieldType, "options": all}
		r.fields = append(r.fields, p)
	}
	return r
}

func setText(o object, key, value string) {
	if value != "" {
		o[key] = value
	}
}

func setTime(o object, key string, at time.Time) {
	if !at.IsZero() {
		o[key] = Stamp(at)
	}
}

func definition(d Definition) object {
	return object{
		"id": d.ID, "name": d.Name, "description": d.Description,
		"created_at": Stamp(d.CreatedAt), "updated_at": Stamp(d.UpdatedAt),
	}
}

func with(o object, more object) object {
	maps.Copy(o, more)
	return o
}

func severity(s *Severity) object { return with(definition(s.Definition), object{"rank": s.Rank}) }

func status(s *Status) object {
	return with(definition(s.Definition), object{"category": s.Category, "rank": s.Rank})
}

func incidentType(t *Type) object {
	return with(definition(t.Definition), object{"create_in_triage": "optional", "is_default": t.IsDefault, "private_incidents_only": t.PrivateOnly})
}

func timestamp(t *Timestamp) object { return object{"id": t.ID, "name": t.Name, "rank": t.Rank} }

func role(r *Role) object {
	return with(definition(r.Definition), object{"role_type": r.RoleType, "shortform": r.Shortform, "instructions": ""})
}

func option(f *CustomField, opt *FieldOption) object {
	return object{"id": opt.ID, "custom_field_id": f.ID, "value": opt.Value, "sort_key": opt.SortKey}
}

func customField(f *CustomField) object {
	o := with(definition(f.Definition), object{"field_type": f.FieldType})
	setText(o, "catalog_type_id", f.CatalogType)
	return o
}

func user(u *User) object {
	o := object{"id": u.ID, "name": u.Name, "role": u.Role}
	setText(o, "email", u.Email)
	setText(o, "slack_user_id", u.SlackUserID)
	return o
}

func userWithRoles(u *User) object {
	seat := "full_access"
	if u.Inactive {
		seat = "none"
	}
	return with(user(u), object{
		"base_role":    object{"id": "base-" + u.Role, "name": u.Role, "slug": u.Role},
		"custom_roles": []any{}, "is_active": !u.Inactive,
		"seats": object{"on_call": seat, "response": seat},
	})
}

func (r *renderer) actor(a Actor) object {
	switch {
	case a.User != "" && r.users[a.User] != nil:
		return object{"user": user(r.users[a.User])}
	case a.APIKey != "":
		return object{"api_key": object{"id": "key-" + a.APIKey, "name": a.APIKey}}
	case a.Workflow != "":
		return object{"workflow": object{"id": "workflow-" + a.Workflow, "name": a.Workflow}}
	case a.Alert != "":
		return object{"alert": object{"id": "alert-" + a.Alert, "title": a.Alert}}
	}
	return object{}
}

func (r *renderer) update(u *Update) object {
	o := object{"id": u.ID, "incident_id": u.Incident, "updater": r.actor(u.Updater), "created_at": Stamp(u.CreatedAt)}
	if s := r.statuses[u.Status]; s != nil {
		o["new_incident_status"] = status(s)
	}
	if s := r.severities[u.Severity]; s != nil {
		o["new_severity"] = severity(s)
	}
	setText(o, "message", u.Message)
	setText(o, "merged_into_incident_id", u.MergedInto)
	return o
}

func (r *renderer) followUp(f *FollowUp) object {
	labels := f.Labels
	if labels == nil {
		labels = []string{}
	}
	o := object{
		"id": f.ID, "incident_id": f.Incident, "title": f.Title, "status": f.Status, "labels": labels,
		"creator": r.actor(f.Creator), "created_at": Stamp(f.CreatedAt), "updated_at": Stamp(f.UpdatedAt),
	}
	setText(o, "description", f.Description)
	setTime(o, "completed_at", f.CompletedAt)
	if u := r.users[f.Assignee]; u != nil {
		o["assignee"] = user(u)
	}
	if t := find(r.o.Teams, f.AssigneeTeam, func(t *Team) string { return t.ID }); t != nil {
		o["assignee_team"] = object{"id": t.ID, "name": t.Name}
	}
	for key, level := range map[string]Ranked{"priority": f.Priority, "category": f.Category} {
		if level.ID != "" {
			o[key] = object{"id": level.ID, "name": level.Name, "rank": level.Rank}
		}
	}
	if f.IssueName != "" {
		o["external_issue_reference"] = object{"provider": "github", "issue_name": f.IssueName, "issue_permalink": f.IssueURL}
	}
	return o
}

func (r *renderer) postmortem(p *Postmortem) object {
	editors := []any{}
	for _, id := range p.Editors {
		if u := r.users[id]; u != nil {
			editors = append(editors, user(u))
		}
	}
	kind := p.Type
	if kind == "" {
		kind = "in_app"
	}
	return object{
		"id": p.ID, "incident_id": p.Incident, "title": p.Title, "status": p.Status, "type": kind, "document_url": p.URL, "editors": editors,
		"exported_urls": append([]string{}, p.Exported...), "created_at": Stamp(p.CreatedAt), "updated_at": Stamp(p.UpdatedAt),
	}
}

func attachment(a *Attachment) object {
	return object{"id": a.ID, "incident_id": a.Incident, "resource": object{
		"resource_type": a.ResourceType,
		"external_id":   a.ExternalID, "permalink": a.Permalink, "title": a.Title,
	}}
}

// Objects gives everything that the organisation holds as the API would show it to a key that may see all, at an
// instant (open incidents carry a running duration). The keys are those of the API's answers: incidents,
// incident_updates, follow_ups, incident_attachments, postmortem_documents, severities, incident_statuses, incident_types,
// incident_timestamps, incident_roles, custom_fields, users. Values are plain decoded JSON.
func (o *Organisation) Objects(now time.Time) map[string][]map[string]any {
	o.mu.RLock()
	defer o.mu.RUnlock()
	r := newRenderer(o, now)
	all := map[string][]object{
		"incidents": each(o.Incidents, r.incident), "incident_updates": each(o.Updates, r.update),
		"follow_ups": each(o.FollowUps, r.followUp), "incident_attachments": each(o.Attachments, attachment),
		"postmortem_documents": each(o.Postmortems, r.postmortem),
		"severities":           each(o.Severities, severity), "incident_statuses": each(o.Statuses, status),
		"incident_types": each(o.Types, incidentType), "incident_timestamps": each(o.Timestamps, timestamp),
		"incident_roles": each(o.Roles, role), "custom_fields": each(o.CustomFields, customField),
		"users": each(o.Users, userWithRoles),
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic("incidentio fake: an organisation holds what JSON cannot: " + err.Error())
	}
	plain := map[string][]map[string]any{}
	if err := json.Unmarshal(text, &plain); err != nil {
		panic("incidentio fake: read back own objects: " + err.Error())
	}
	return plain
}

func each[T any](list []*T, f func(*T) object) []object {
	out := make([]object, 0, len(list))
	for _, x := range list {
		out = append(out, f(x))
	}
	return out
}
