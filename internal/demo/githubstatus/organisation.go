package githubstatus

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"fourfold/internal/fake/incidentio"
	data "fourfold/testdata/github-status"
)

// incident is one line of the data.
type incident struct {
	ID, Title, URL, Impact string
	StartedAt              time.Time `json:"started_at"`
	ResolvedAt             time.Time `json:"resolved_at"`
	UpdatedAt              time.Time `json:"updated_at"`
	Components             []string
	Updates                []struct {
		At              time.Time
		Status, Message string
	}
}

// read gives the incidents in the order in which they started. The data is embedded, so a broken line is a mistake of ours.
func read() []incident {
	var out []incident
	lines := bufio.NewScanner(bytes.NewReader(data.Incidents))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var i incident
		if err := json.Unmarshal(lines.Bytes(), &i); err != nil {
			panic(fmt.Sprintf("githubstatus: line %d of the embedded data: %v", len(out)+1, err))
		}
		out = append(out, i)
	}
	slices.SortStableFunc(out, func(a, b incident) int { return a.StartedAt.Compare(b.StartedAt) })
	return out
}

// components gives the names of all components, sorted.
func components(all []incident) []string {
	var names []string
	for _, i := range all {
		names = append(names, i.Components...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// statuses of the status page and where each stands in the lifecycle. "Update" is none: it repeats the one before.
var statuses = []struct{ name, category, description string }{
	{"Scheduled", "triage", "Announced, not begun."},
	{"Investigating", "live", "Something is wrong."},
	{"In progress", "live", "Maintenance has begun."},
	{"Monitoring", "live", "A fix is in place and is watched."},
	{"Resolved", "closed", "Over."},
	{"Completed", "closed", "Maintenance is over."},
}

// Severities by rank: a higher one is more severe.
var severities = []string{"maintenance", "none", "minor", "major", "critical"}

// organisation under construction.
type builder struct {
	*incidentio.Organisation
	defined time.Time
	n       uint64
	status  map[string]string // ids by name
	sev     map[string]string
	option  map[string]string
}

// Organisation makes the organisation, always the same one. Who wrote an incident is not known: its actor is an API key.
func Organisation() *incidentio.Organisation {
	all := read()
	b := &builder{
		Organisation: &incidentio.Organisation{Name: "GitHub status", Slug: "github-status"},
		defined:      time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC), status: map[string]string{}, sev: map[string]string{}, option: map[string]string{},
	}
	b.define(components(all))
	for n, i := range all {
		b.add(n+1, i)
	}
	return b.Organisation
}

func (b *builder) id() string {
	b.n++
	return incidentio.ID(b.defined, b.n)
}

func (b *builder) definition(name, description string) incidentio.Definition {
	return incidentio.Definition{ID: b.id(), Name: name, Description: description, CreatedAt: b.defined, UpdatedAt: b.defined}
}

func (b *builder) define(components []string) {
	for rank, name := range severities {
		s := &incidentio.Severity{Definition: b.definition(name, "The impact that the status page gives."), Rank: rank}
		b.Severities, b.sev[name] = append(b.Severities, s), s.ID
	}
	for rank, x := range statuses {
		s := &incidentio.Status{Definition: b.definition(x.name, x.description), Category: x.category, Rank: rank}
		b.Statuses, b.status[x.name] = append(b.Statuses, s), s.ID
	}
	b.Types = []*incidentio.Type{
		{Definition: b.definition("Incident", "Something went wrong."), IsDefault: true},
		{Definition: b.definition("Maintenance", "Announced ahead.")},
	}
	b.Timestamps = []*incidentio.Timestamp{{ID: b.id(), Name: "Impact started", Rank: 1}, {ID: b.id(), Name: "Resolved at", Rank: 2}}
	b.Roles = []*incidentio.Role{{Definition: b.definition("Incident Lead", "Leads; the status page does not say who."), RoleType: "lead", Shortform: "lead"}}
	field := &incidentio.CustomField{Definition: b.definition("Component", "Parts of the product that were affected."), FieldType: "multi_select"}
	for n, name := range components {
		o := &incidentio.FieldOption{ID: b.id(), Value: name, SortKey: n}
		field.Options, b.option[name] = append(field.Options, o), o.ID
	}
	b.CustomFields = []*incidentio.CustomField{field}
}

func (b *builder) add(number int, i incident) {
	actor := incidentio.Actor{APIKey: "status page"}
	x := &incidentio.Incident{
		ID: incidentio.ID(i.StartedAt, uint64(number)), Number: number, Name: i.Title, Mode: "standard", Visibility: "public",
		Creator: actor, Severity: b.sev[i.Impact], Type: b.Types[0].ID, CreatedAt: i.StartedAt, UpdatedAt: i.UpdatedAt,
		Timestamps: []incidentio.TimestampValue{{Timestamp: b.Timestamps[0].ID, At: i.StartedAt}, {Timestamp: b.Timestamps[1].ID, At: i.ResolvedAt}},
		Extra:      map[string]any{"permalink": i.URL},
	}
	if i.Impact == "maintenance" {
		x.Type = b.Types[1].ID
	}
	if len(i.Components) > 0 {
		value := incidentio.FieldValue{Field: b.CustomFields[0].ID}
		for _, name := range i.Components {
			value.Options = append(value.Options, b.option[name])
		}
		x.Fields = []incidentio.FieldValue{value}
	}
	for n, u := range i.Updates {
		if u.Status != "Update" {
			x.Status = b.status[u.Status]
		}
		b.Updates = append(b.Updates, &incidentio.Update{
			ID: incidentio.ID(u.At, uint64(number*100+n)), Incident: x.ID, Status: x.Status,
			Message: u.Message, Updater: actor, CreatedAt: u.At,
		})
	}
	b.Incidents = append(b.Incidents, x)
}
