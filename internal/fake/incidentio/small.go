package incidentio

import "time"

// Small makes a little organisation for tests: one incident of every mode and every status category, a private one, one
// without severity and type, every kind of custom field (one filled from the catalog), updates, follow-ups of every
// status and attachments. Its incidents INC-1 to INC-12 were created a day apart from 2026-10-01 09:00 UTC.
func Small() *Organisation {
	start := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	old := time.Date(2024, 6, 3, 14, 3, 47, 600_000_000, time.UTC)
	n := uint64(0)
	def := func(name, description string) Definition {
		n++
		return Definition{ID: ID(old, n), Name: name, Description: description, CreatedAt: old, UpdatedAt: old}
	}
	o := &Organisation{Name: "Acme", Slug: "acme"}
	for rank, name := range []string{"Minor", "Major", "Critical"} {
		o.Severities = append(o.Severities, &Severity{Definition: def(name, "How much customers notice."), Rank: rank + 1})
	}
	categories := []string{"triage", "live", "paused", "learning", "closed", "declined", "merged", "canceled"}
	for rank, name := range []string{"Triage", "Fixing", "Paused", "Documenting", "Closed", "Declined", "Merged", "Canceled"} {
		o.Statuses = append(o.Statuses, &Status{Definition: def(name, "A step of the lifecycle."), Category: categories[rank], Rank: rank})
	}
	o.Types = []*Type{{Definition: def("Production", "What customers can see."), IsDefault: true}, {Definition: def("Security", "For few eyes."), PrivateOnly: true}}
	for rank, name := range []string{"Impact started", "Reported at", "Accepted at", "Fixed at", "Closed at"} {
		o.Timestamps = append(o.Timestamps, &Timestamp{ID: def(name, "").ID, Name: name, Rank: rank + 1})
	}
	o.Roles = []*Role{
		{Definition: def("Incident Lead", "Leads."), RoleType: "lead", Shortform: "lead", IsRequired: true},
		{Definition: def("Reporter", "Reported it."), RoleType: "reporter", Shortform: "reporter"},
	}
	o.CatalogTypes = []*CatalogType{{Definition: def("Service", "What runs."), TypeName: `Custom["Service"]`}}
	for _, name := range []string{"api", "web"} {
		o.CatalogTypes[0].Entries = append(o.CatalogTypes[0].Entries, &CatalogEntry{ID: def(name, "").ID, Name: name, ExternalID: "svc-" + name, CreatedAt: old})
	}
	for _, f := range []CustomField{
		{FieldType: "multi_select", Definition: def("Affected services", "")},
		{FieldType: "single_select", Definition: def("Cause", "")},
		{FieldType: "numeric", Definition: def("Customers affected", "")},
		{FieldType: "link", Definition: def("Dashboard", "")},
		{FieldType: "text", Definition: def("Notes", "")},
		{FieldType: "multi_select", Definition: def("Product", "From the catalog."), CatalogType: o.CatalogTypes[0].ID},
	} {
		o.CustomFields = append(o.CustomFields, &f)
	}
	options := map[int][]string{0: {"api", "web", "search"}, 1: {"Deployment", "Capacity"}}
	for i, names := range options {
		for k, name := range names {
			o.CustomFields[i].Options = append(o.CustomFields[i].Options, &FieldOption{ID: ID(old.Add(time.Hour), uint64(10*i+k)), Value: name, SortKey: k})
		}
	}
	for i, name := range []string{"Priya Raman", "Tomas Lind", "佐藤 花子", "Gone Away"} {
		u := &User{ID: def(name, "").ID, Name: name, Email: "user" + itoa(i+1) + "@example.test", Role: "responder", Inactive: i == 3}
		o.Users = append(o.Users, u)
	}
	o.Teams = []*Team{{ID: def("Payments", "").ID, Name: "Payments"}}
	small{o, start}.fill()
	return o
}

type small struct {
	o     *Organisation
	start time.Time
}

func (s small) fill() {
	o := s.o
	modes := []string{8: "test", 9: "tutorial", 10: "retrospective", 11: "standard"}
	for k := range 12 {
		at := s.start.AddDate(0, 0, k).Add(time.Duration(k) * 37 * time.Millisecond)
		i := &Incident{
			ID: ID(at, uint64(k)), Number: k + 1, Name: "Incident number " + itoa(k+1), Mode: "standard", Visibility: "public",
			Creator: Actor{User: o.Users[k%3].ID}, Status: o.Statuses[k%8].ID, Severity: o.Severities[k%3].ID, Type: o.Types[0].ID,
			CreatedAt: at, UpdatedAt: at.Add(2 * time.Hour), Roles: []RoleAssignment{{Role: o.Roles[0].ID, User: o.Users[k%4].ID}},
		}
		if k >= 8 {
			i.Mode, i.Status = modes[k], o.Statuses[4].ID
		}
		if k == 11 {
			i.Visibility, i.Type = "private", o.Types[1].ID
		}
		if k == 2 {
			i.Severity, i.Type = "", ""
		}
		fields := o.CustomFields
		i.Fields = []FieldValue{
			{Field: fields[0].ID, Options: []string{fields[0].Options[k%3].ID, fields[0].Options[(k+1)%3].ID}},
			{Field: fields[1].ID, Options: []string{fields[1].Options[k%2].ID}},
			{Field: fields[2].ID, Numeric: itoa(100*k) + ".5"},
			{Field: fields[3].ID, Link: "https://grafana.example.test/d/" + itoa(k)},
			{Field: fields[5].ID, Entries: []string{o.CatalogTypes[0].Entries[k%2].ID}},
		}
		i.Timestamps = []TimestampValue{{o.Timestamps[1].ID, at}, {o.Timestamps[2].ID, at.Add(5 * time.Minute)}}
		o.Incidents = append(o.Incidents, i)
		s.children(i, k)
	}
}

func (s small) children(i *Incident, k int) {
	o := s.o
	for n := range 3 {
		at := i.CreatedAt.Add(time.Duration(n*20) * time.Minute)
		u := &Update{ID: ID(at, uint64(100*k+n)), Incident: i.ID, Status: o.Statuses[0].ID, Updater: i.Creator, CreatedAt: at, Message: "Looking into it."}
		switch n {
		case 1:
			u.Status, u.Severity = o.Statuses[1].ID, i.Severity
		case 2:
			u.Status, u.Updater = i.Status, Actor{Workflow: "Close when quiet"}
		}
		if n == 2 && o.Statuses[6].ID == i.Status {
			u.MergedInto = o.Incidents[0].ID
		}
		o.Updates = append(o.Updates, u)
	}
	at := i.CreatedAt.Add(24 * time.Hour)
	f := &FollowUp{
		ID: ID(at, uint64(k)), Incident: i.ID, Title: "Write a runbook", Status: []string{"outstanding", "completed", "deleted", "not_doing"}[k%4],
		Priority: Ranked{"01HZX40000PR10R1TY00000001", "Urgent", 1}, Creator: i.Creator, CreatedAt: at, UpdatedAt: at.Add(time.Duration(k) * time.Hour),
	}
	if f.Status == "completed" {
		f.CompletedAt, f.Assignee, f.AssigneeTeam = f.UpdatedAt, o.Users[0].ID, o.Teams[0].ID
	}
	o.FollowUps = append(o.FollowUps, f)
	if k%2 == 0 {
		o.Attachments = append(o.Attachments, &Attachment{
			ID: ID(at, uint64(500+k)), Incident: i.ID, ResourceType: "github_pull_request",
			ExternalID: "acme/api/" + itoa(k+1), Permalink: "https://github.com/acme/api/pull/" + itoa(k+1), Title: "Raise the pool size",
		})
	}
}
