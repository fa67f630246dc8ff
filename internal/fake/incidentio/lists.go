package incidentio

import (
	"net/http"
	"sort"
	"time"
)

// call is one request on its way to an answer.
type call struct {
	server   *Server
	endpoint *endpoint
	params   map[string]string
	key      *Key
	now      time.Time
	query    *query
	*renderer
}

// row is one element of a list: what it is ordered and found by, and how it is made.
type row struct {
	id   string
	at   time.Time
	make func() object
}

// answer builds the whole answer. What no organisation holds is an empty list, a smallest object or a 404.
func (c *call) answer() (object, *apiError) {
	switch c.endpoint.Path {
	case "/v2/incidents":
		return c.incidents()
	case "/v2/incident_updates":
		return c.page(c.updates(), false)
	case "/v3/follow_ups":
		return c.followUps()
	case "/v1/incident_attachments":
		return c.attachments()
	case "/v1/postmortem_documents":
		return c.page(c.postmortems(), c.query.values["sort_by"] != "created_at_oldest_first")
	case "/v2/users":
		return c.page(c.users(), false)
	case "/v1/custom_field_options":
		return c.options()
	case "/v3/catalog_entries":
		return c.entries()
	case "/v1/identity":
		return object{"identity": object{
			"name": c.key.Name, "dashboard_url": "https://app.incident.io/" + c.o.Slug,
			"roles": append([]string{}, c.key.Roles...), "team_roles": []any{}, "teams": []any{},
		}}, nil
	}
	if rows, ok := c.held(); ok {
		if c.endpoint.Response.List {
			return object{c.endpoint.Response.Key: rowObjects(rows)}, nil
		}
		for _, r := range rows {
			if r.id == c.params["id"] {
				return object{c.endpoint.Response.Key: r.make()}, nil
			}
		}
		return nil, notFound("The " + c.endpoint.Response.Key)
	}
	return c.empty()
}

// held gives the rows behind the small lists and the single records, by the schema that the endpoint answers in.
func (c *call) held() ([]row, bool) {
	switch c.endpoint.Response.Schema {
	case "SeverityV1":
		return rows(c.o.Severities, func(s *Severity) string { return s.ID }, severity), true
	case "IncidentStatusV1":
		return rows(c.o.Statuses, func(s *Status) string { return s.ID }, status), true
	case "IncidentTypeV1":
		return rows(c.o.Types, func(t *Type) string { return t.ID }, incidentType), true
	case "IncidentTimestampV2":
		return rows(c.o.Timestamps, func(t *Timestamp) string { return t.ID }, timestamp), true
	case "IncidentRoleV2":
		return rows(c.o.Roles, func(r *Role) string { return r.ID }, role), true
	case "CustomFieldV2":
		return rows(c.o.CustomFields, func(f *CustomField) string { return f.ID }, customField), true
	case "CatalogTypeV3":
		return rows(c.o.CatalogTypes, func(t *CatalogType) string { return t.ID }, catalogType), true
	case "UserWithRolesV2":
		return rows(c.o.Users, func(u *User) string { return u.ID }, userWithRoles), true
	case "FollowUpV3":
		var seen []*FollowUp
		for _, f := range c.o.FollowUps {
			if c.sees(c.o.Incident(f.Incident)) {
				seen = append(seen, f)
			}
		}
		return rows(seen, func(f *FollowUp) string { return f.ID }, c.followUp), true
	case "PostmortemDocumentV1":
		return c.postmortems(), true
	case "IncidentV2":
		i := c.o.Incident(c.params["id"])
		if !c.sees(i) {
			return nil, true
		}
		return []row{{id: c.params["id"], make: func() object { return c.incident(i) }}}, true
	}
	return nil, false
}

func rows[T any](list []*T, id func(*T) string, f func(*T) object) []row {
	out := make([]row, 0, len(list))
	for _, x := range list {
		out = append(out, row{id: id(x), make: func() object { return f(x) }})
	}
	return out
}

func rowObjects(rows []row) []any {
	out := make([]any, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.make())
	}
	return out
}

// sees tells whether the key may know of an incident; nobody knows of none.
func (c *call) sees(i *Incident) bool {
	return i != nil && (i.Visibility != "private" || c.key.global())
}

// page orders rows by (time, id), turned round if newestFirst, and cuts the page after the cursor. The cursor is the id
// of the last row of the page before; if that row has gone since, its place is known by the time in its id.
func (c *call) page(all []row, newestFirst bool) (object, *apiError) {
	before := func(a, b row) bool {
		if newestFirst {
			a, b = b, a
		}
		if !a.at.Equal(b.at) {
			return a.at.Before(b.at)
		}
		return a.id < b.id
	}
	sort.Slice(all, func(i, j int) bool { return before(all[i], all[j]) })
	start := 0
	if c.query.after != "" {
		at, _ := idTime(c.query.after)
		cursor := row{id: c.query.after, at: at}
		for _, r := range all {
			if r.id == cursor.id {
				cursor.at = r.at
			}
		}
		start = sort.Search(len(all), func(i int) bool { return before(cursor, all[i]) })
	}
	end := min(start+c.query.pageSize, len(all))
	meta := object{"page_size": c.query.pageSize}
	if end < len(all) {
		meta["after"] = all[end-1].id
	}
	if c.counts() && !c.server.noTotals {
		meta["total_record_count"] = len(all)
	}
	return object{c.endpoint.Response.Key: rowObjects(all[start:end]), "pagination_meta": meta}, nil
}

// counts tells whether the endpoint's answer knows total_record_count.
func (c *call) counts() bool {
	envelope := description().Schemas[c.endpoint.Response.Envelope]
	meta := envelope.Fields["pagination_meta"]
	return meta != nil && description().Schemas[meta.Ref].Fields["total_record_count"] != nil
}

// empty answers for what the organisation does not hold.
func (c *call) empty() (object, *apiError) {
	if !c.endpoint.Response.List && len(c.endpoint.PathParams) > 0 {
		return nil, notFound("The " + c.endpoint.Response.Key)
	}
	envelope := description().Schemas[c.endpoint.Response.Envelope]
	answer, ok := description().minimal(envelope).(object)
	if !ok {
		return nil, serverError(http.StatusInternalServerError)
	}
	if meta, ok := answer["pagination_meta"].(object); ok {
		meta["page_size"] = c.query.pageSize
	}
	return answer, nil
}
