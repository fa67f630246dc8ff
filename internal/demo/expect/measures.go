package expect

import (
	"cmp"
	"strconv"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// measure is what one object gives one metric, in one service.
type measure struct {
	name, object   string
	at             time.Time
	service        string  // empty: none
	value          float64 // of a rate, 1 or 0
	severity, kind string  // of incidents
	repository     string  // of the others
}

// measures gives every one, of incidents, deployments, changes and commits.
func measures(o Objects, code Code, s Settings) []measure {
	var out []measure
	for _, i := range Incidents(o, s) {
		if !i.Counted {
			continue
		}
		services := i.Services
		if len(services) == 0 {
			services = []string{""}
		}
		for _, service := range services {
			add := func(name string, at time.Time, value float64) {
				out = append(out, measure{name: name, object: i.ID, at: at, service: service, value: value, severity: i.Severity, kind: i.Type})
			}
			add("incidents", i.Start, 1)
			if i.Restore != nil {
				at := i.End
				if s.ByStart {
					at = i.Start
				}
				add("restore", at, float64(*i.Restore))
			}
			if i.Acknowledge != nil {
				add("acknowledge", i.Start, float64(*i.Acknowledge))
			}
		}
	}
	one := map[bool]float64{true: 1}
	groups := production(code, s)
	for _, d := range deploymentsOf(o, code, s, groups, linksOf(o, code, s, groups)) {
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
	changes, commits := changesOf(code, groups)
	for _, c := range changes {
		if c.Counted {
			out = append(out, measure{name: "lead time", object: c.ID, at: c.DeployedAt, service: c.Service, value: float64(*c.LeadTime), repository: c.Repository})
		}
	}
	for _, c := range commits {
		if c.Counted {
			out = append(out, measure{name: "commit lead time", object: c.Repository + "@" + c.SHA, at: c.DeployedAt, service: c.Service, value: float64(*c.LeadTime), repository: c.Repository})
		}
	}
	return out
}

type group struct{ dimension, value string }

// groups gives every group that a measure is in.
func (m measure) groups(s Settings) []group {
	out := []group{{"all", "all"}}
	if m.service != "" {
		out = append(out, group{"service", m.service})
		if team := s.team(m.service); team != "" {
			out = append(out, group{"team", team})
		}
	}
	if m.severity != "" {
		out = append(out, group{"severity", m.severity})
	}
	if m.kind != "" {
		out = append(out, group{"incident_type", m.kind})
	}
	if m.repository != "" {
		out = append(out, group{"repository", m.repository})
	}
	return out
}

// fact is what one object gives one measure in one group.
type fact struct {
	date  time.Time // the local date, as midnight UTC
	value float64
}

// facts keeps of each object, in each group, what its first row by (at, service) gives.
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
	return out
}
