package random

import (
	"time"
)

// named is something that has a name, and another before an instant.
type named struct {
	id, name, old string
	renamed       time.Time
	kind          string // category of a status, type of a field
}

func (n named) nameAt(t time.Time) string {
	if n.old != "" && t.Before(n.renamed) {
		return n.old
	}
	return n.name
}

// definitions are what an account of incident.io is set up with.
type definitions struct {
	severities []named // from the least severe on
	statuses   map[string][]named
	types      []named
	timestamps []named
	fields     []named
	options    map[string][]named // by field
}

// nameAt's second name of some definitions. What is renamed stays the same thing: its id does not change.
func (m *maker) makeDefinitions() {
	made := m.from.AddDate(-1, 0, 0)
	n := 0
	def := func(name, old, kind string) named {
		n++
		d := named{id: text("01DEF%021d", n), name: name, kind: kind}
		if old != "" && (m.options.usesOld || m.chance(0.5)) {
			d.old, d.renamed = old, m.instant(m.from.Add(40*24*time.Hour), m.to.Add(-24*time.Hour))
		}
		return d
	}
	d := &m.definitions
	d.severities = []named{def("Minor", "", ""), def("Major", "Serious", ""), def("Critical", "", "")}
	d.types = []named{def("Default", "", ""), def("Security", "Safety", "")}
	d.statuses = map[string][]named{}
	for _, s := range [][3]string{
		{"triage", "Triage", ""},
		{"live", "Investigating", ""},
		{"live", "Fixing", "Mending"},
		{"live", "Monitoring", ""},
		{"paused", "Paused", ""},
		{"learning", "Documenting", ""},
		{"learning", "Reviewing", ""},
		{"closed", "Closed", ""},
		{"closed", "Archived", ""},
		{"declined", "Declined", ""},
		{"merged", "Merged", ""},
		{"canceled", "Canceled", ""},
	} {
		d.statuses[s[0]] = append(d.statuses[s[0]], def(s[1], s[2], s[0]))
	}
	d.timestamps = []named{
		def("Impact started", "", ""), def("Declared at", "", ""), def("Reported at", "", ""), def("検知時刻", "", ""), def("Accepted at", "Acked at", ""),
		def("Fixed at", "Mitigated at", ""), def("Resolved at", "", ""), def("Closed at", "", ""),
	}
	d.fields = []named{
		def("Product", "", "multi_select"), def("Affected services", "", "multi_select"), def("Caused by", "Culprit", "text"), def("原因", "", "single_select"),
		def("Customers", "", "numeric"), def("Dashboard", "", "link"),
	}
	d.options = map[string][]named{}
	for _, field := range []string{"Product", "Affected services", "原因"} {
		names := map[string][][2]string{
			"Product":           {{"API", ""}, {"API gateway", "Gateway"}, {"Web", ""}, {"検索", ""}, {"Pipe", ""}, {"バッチ", ""}, {"Unknown thing", ""}},
			"Affected services": {{"API", ""}, {"web", ""}, {"Pipe", ""}},
			"原因":                {{"Deployment", ""}, {"容量", ""}, {"Vendor", "Third party"}},
		}
		for _, name := range names[field] {
			d.options[field] = append(d.options[field], def(name[0], name[1], ""))
		}
	}
	m.observeDefinitions(made)
}

func (m *maker) observeDefinitions(made time.Time) {
	one := func(table string, d named, hasTime bool, more object) {
		versions := []version{}
		for i, at := range []time.Time{m.from, d.renamed} {
			if at.IsZero() {
				continue
			}
			name := d.name
			if i == 0 && d.old != "" {
				name = d.old
			}
			o := object{"id": d.id, "name": name, "description": ""}
			if hasTime {
				o["created_at"], o["updated_at"] = stampMillis(made), stampMillis(later(at, made))
			}
			for k, v := range more {
				if k == "value" {
					v = name
					delete(o, "name")
				}
				o[k] = v
			}
			versions = append(versions, version{at: at, show: always(o)})
		}
		m.observe(table, d.id, hasTime, nil, versions...)
	}
	d := m.definitions
	for rank, s := range d.severities {
		one("incidentio_severities", s, true, object{"rank": rank + 1})
	}
	for i, t := range d.types {
		one("incidentio_incident_types", t, true, object{"is_default": i == 0, "create_in_triage": "optional", "private_incidents_only": false})
	}
	for _, category := range categories {
		for rank, s := range d.statuses[category] {
			one("incidentio_incident_statuses", s, true, object{"category": category, "rank": rank})
		}
	}
	for rank, t := range d.timestamps {
		one("incidentio_incident_timestamps", t, false, object{"rank": rank + 1})
	}
	for _, f := range d.fields {
		one("incidentio_custom_fields", f, true, object{"field_type": f.kind})
		for i, o := range d.options[f.name] {
			if f.name != "Affected services" { // those are the catalog's
				one("incidentio_custom_field_options", o, false, object{"custom_field_id": f.id, "value": nil, "sort_key": i})
			}
		}
	}
}

var categories = []string{"triage", "live", "paused", "learning", "closed", "declined", "merged", "canceled"}

// embedded is a definition as incidents repeat it.
func embedded(d named, seen time.Time, more object) object {
	o := object{"id": d.id, "name": d.nameAt(seen)}
	for k, v := range more {
		o[k] = v
	}
	return o
}
