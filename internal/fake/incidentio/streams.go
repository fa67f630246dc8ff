package incidentio

// updates gives the updates of one incident or of all that the key may see. The order, oldest first, is our choice: the
// API's is not documented.
func (c *call) updates() []row {
	seen := c.seen()
	var out []row
	for _, u := range c.o.Updates {
		if want := c.query.values["incident_id"]; want != "" && u.Incident != want || seen[u.Incident] == nil {
			continue
		}
		out = append(out, row{id: u.ID, at: u.CreatedAt, make: func() object { return c.update(u) }})
	}
	return out
}

// seen gives the incidents that the key may know of, by id.
func (c *call) seen() map[string]*Incident {
	seen := map[string]*Incident{}
	for _, i := range c.o.Incidents {
		if c.sees(i) {
			seen[i.ID] = i
		}
	}
	return seen
}

// followUps are ordered by id; only those of standard and retrospective incidents unless a mode is asked for.
func (c *call) followUps() (object, *apiError) {
	seen := c.seen()
	v := c.query.values
	var out []row
	for _, f := range c.o.FollowUps {
		i := seen[f.Incident]
		if i == nil || v["incident_id"] != "" && v["incident_id"] != f.Incident {
			continue
		}
		if mode := v["incident_mode"]; mode != "" && i.Mode != mode || mode == "" && i.Mode != "standard" && i.Mode != "retrospective" {
			continue
		}
		if team := v["assignee_team_id"]; team != "" && f.AssigneeTeam != team {
			continue
		}
		keep := true
		for _, x := range c.query.filters {
			at := f.CreatedAt
			if x.name == "updated_at" {
				at = f.UpdatedAt
			}
			ok, err := matchInstant(x, at)
			if err != nil {
				return nil, err
			}
			keep = keep && ok
		}
		if keep {
			out = append(out, row{id: f.ID, make: func() object { return c.followUp(f) }})
		}
	}
	if len(c.o.FollowUps) == 0 {
		for _, x := range c.query.filters {
			if _, err := matchInstant(x, c.now); err != nil {
				return nil, err
			}
		}
	}
	return c.page(out, false)
}

// attachments needs an incident, or a resource type with an external id.
func (c *call) attachments() (object, *apiError) {
	v := c.query.values
	incident, external, kind := v["incident_id"], v["external_id"], v["resource_type"]
	if incident == "" && (external == "" || kind == "") {
		return nil, invalid("incident_id", "is_required", "Give incident_id, or resource_type with external_id.")
	}
	seen := c.seen()
	if incident != "" && seen[incident] == nil {
		return nil, notFound("The incident")
	}
	var out []row
	for _, a := range c.o.Attachments {
		if seen[a.Incident] == nil || incident != "" && a.Incident != incident ||
			external != "" && a.ExternalID != external || kind != "" && a.ResourceType != kind {
			continue
		}
		out = append(out, row{id: a.ID, make: func() object { return attachment(a) }})
	}
	return object{"incident_attachments": rowObjects(out)}, nil
}

// postmortems gives the documents of one incident or of all that the key may see.
func (c *call) postmortems() []row {
	seen := c.seen()
	var out []row
	for _, p := range c.o.Postmortems {
		if want := c.query.values["incident_id"]; want != "" && p.Incident != want || seen[p.Incident] == nil {
			continue
		}
		out = append(out, row{id: p.ID, at: p.CreatedAt, make: func() object { return c.postmortem(p) }})
	}
	return out
}

func (c *call) users() []row {
	v := c.query.values
	var out []row
	for _, u := range c.o.Users {
		if u.Inactive && v["include_inactive"] != "true" || v["email"] != "" && v["email"] != u.Email ||
			v["slack_user_id"] != "" && v["slack_user_id"] != u.SlackUserID {
			continue
		}
		out = append(out, row{id: u.ID, make: func() object { return userWithRoles(u) }})
	}
	return out
}

func (c *call) options() (object, *apiError) {
	f := find(c.o.CustomFields, c.query.values["custom_field_id"], func(f *CustomField) string { return f.ID })
	if f == nil {
		return nil, notFound("The custom field")
	}
	return c.page(rows(f.Options, func(x *FieldOption) string { return x.ID }, func(x *FieldOption) object { return option(f, x) }), false)
}

func (c *call) entries() (object, *apiError) {
	t := find(c.o.CatalogTypes, c.query.values["catalog_type_id"], func(t *CatalogType) string { return t.ID })
	if t == nil {
		return nil, notFound("The catalog type")
	}
	var out []row
	for n, e := range t.Entries {
		if want := c.query.values["identifier"]; want != "" && want != e.ID && want != e.ExternalID && want != e.Name {
			continue
		}
		out = append(out, row{id: e.ID, make: func() object { return catalogEntry(t, e, n) }})
	}
	answer, err := c.page(out, false)
	if err == nil {
		answer["catalog_type"] = catalogType(t)
	}
	return answer, err
}

func catalogType(t *CatalogType) object {
	attributes := []any{}
	for _, a := range t.Attributes {
		attributes = append(attributes, object{"id": a.ID, "name": a.Name, "type": a.Type, "array": false, "mode": "dashboard"})
	}
	return with(definition(t.Definition), object{
		"annotations": object{}, "categories": []any{"service"}, "color": "blue", "icon": "server",
		"engine_resource_type": "CatalogEntry[\"" + t.ID + "\"]", "is_editable": true, "ranked": false, "type_name": t.TypeName,
		"use_name_as_identifier": false, "estimated_count": len(t.Entries), "schema": object{"attributes": attributes, "version": 1},
	})
}

func catalogEntry(t *CatalogType, e *CatalogEntry, rank int) object {
	values := object{}
	for id, v := range e.Values {
		values[id] = object{"value": object{"label": v, "literal": v}}
	}
	o := object{
		"id": e.ID, "catalog_type_id": t.ID, "name": e.Name, "aliases": append([]string{}, e.Aliases...), "rank": rank,
		"attribute_values": values, "created_at": Stamp(e.CreatedAt), "updated_at": Stamp(e.CreatedAt),
	}
	setText(o, "external_id", e.ExternalID)
	return o
}
