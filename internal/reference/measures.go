package reference

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
)

// measure is what one object gives one metric, in one service.
type measure struct {
	name, object   string
	at             time.Time
	service        string  // empty: none
	value          float64 // of a rate, 1 or 0
	severity, kind string  // of incidents
	fields         []FieldValue
	repository     string // of the others
}

var notInSlug = regexp.MustCompile(`[^\p{L}\p{N}]+`)

// slug is the name of a further duration in those of its metrics.
func slug(name string) string { return notInSlug.ReplaceAllString(strings.ToLower(name), "_") }

// measures gives every one, of incidents, deployments, changes and commits.
func (c *computed) measures() []measure {
	var out []measure
	for _, i := range c.incidents {
		if i.Counted {
			out = append(out, c.ofIncident(i)...)
		}
	}
	one := map[bool]float64{true: 1}
	for _, d := range c.deployments {
		if !d.Counted {
			continue
		}
		add := func(name string, value float64) {
			out = append(out, measure{name: name, object: d.ID, at: d.At, service: d.Service, value: value, repository: d.Repository})
		}
		add("deployments", 1)
		add("failures", one[d.Failed])
		add("failures by evidence", one[d.FailedByEvidence])
		add("rework", one[d.Rework])
		if d.Failed && d.Recovery != nil {
			add("recovery", float64(*d.Recovery))
		}
	}
	for _, x := range c.changes {
		if x.Counted {
			out = append(out, measure{name: "lead time", object: x.ID, at: x.DeployedAt, service: x.Service, value: float64(*x.LeadTime), repository: x.Repository})
		}
	}
	for _, x := range c.commits {
		if x.Counted {
			out = append(out, measure{name: "commit lead time", object: x.Repository + "@" + x.SHA, at: x.DeployedAt, service: x.Service, value: float64(*x.LeadTime), repository: x.Repository})
		}
	}
	return out
}

// ofIncident gives the measures of a counted incident, in each of its services.
func (c *computed) ofIncident(i Incident) []measure {
	var out []measure
	services := i.Services
	if len(services) == 0 {
		services = []string{""}
	}
	for _, service := range services {
		add := func(name string, at time.Time, value float64) {
			out = append(out, measure{name: name, object: i.ID, at: at, service: service, value: value, severity: i.Severity, kind: i.Type, fields: i.Fields})
		}
		add("incidents", i.Start, 1)
		if i.Restore != nil {
			at := i.End
			if c.s.ByStart {
				at = i.Start
			}
			add("restore", at, float64(*i.Restore))
		}
		if i.Acknowledge != nil {
			add("acknowledge", i.Start, float64(*i.Acknowledge))
		}
		for _, d := range i.Durations {
			if d.Seconds != nil {
				add(slug(d.Name), d.From, float64(*d.Seconds))
			}
		}
	}
	return out
}

type group struct{ dimension, value string }

// groups gives every group that a measure is in.
func (m measure) groups(s Settings) []group {
	out := []group{{"all", "all"}}
	add := func(dimension, value string) {
		if value != "" {
			out = append(out, group{dimension, value})
		}
	}
	add("service", m.service)
	if m.service != "" {
		add("team", teamOf(s, m.service))
	}
	add("severity", m.severity)
	add("incident_type", m.kind)
	add("repository", m.repository)
	for _, f := range m.fields {
		if f.Select {
			add("field:"+f.Field, f.Value)
		}
	}
	return out
}

// fact is what one object gives one measure in one group.
type fact struct {
	date  time.Time // the local date, as midnight UTC
	value float64
}

// facts keeps of each object, in each group, what its first row by (at, service) gives (I7, C7).
func facts(all []measure, s Settings) map[group]map[string][]fact {
	type key struct {
		group
		name, object string
	}
	first := map[key]measure{}
	for _, m := range all {
		for _, g := range m.groups(s) {
			k := key{g, m.name, m.object}
			old, seen := first[k]
			if !seen || cmp.Or(m.at.Compare(old.at), cmp.Compare(m.service, old.service)) < 0 {
				first[k] = m
			}
		}
	}
	out := map[group]map[string][]fact{}
	for k, m := range first {
		if out[k.group] == nil {
			out[k.group] = map[string][]fact{}
		}
		out[k.group][k.name] = append(out[k.group][k.name], fact{localDate(m.at, s.Location), m.value})
	}
	for _, measures := range out {
		for _, f := range measures {
			slices.SortFunc(f, func(a, b fact) int { return cmp.Or(a.date.Compare(b.date), cmp.Compare(a.value, b.value)) })
		}
	}
	return out
}
