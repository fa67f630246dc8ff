package demo

import (
	"fmt"
	"time"

	"fourfold/internal/fake/incidentio"
)

// incident makes the n-th incident with its updates.
func (m *maker) incident(n int, a arrival) {
	declared := a.declared
	i := &incidentio.Incident{ID: m.id(declared), Number: n + 1, Mode: "standard", Visibility: "public", Creator: m.actor(), CreatedAt: declared, Type: m.o.Types[0].ID}
	s := m.services(i, a)
	japanese := m.chance(0.6)
	what := s.symptoms[m.rng.IntN(len(s.symptoms))]
	i.Name, i.Summary = what.en, what.enMore
	if japanese {
		i.Name, i.Summary = what.ja, what.jaMore
	}
	if m.chance(0.15) {
		i.Summary = ""
	}
	if s.name == "data-pipeline" {
		i.Type = m.o.Types[2].ID
	}
	rank := m.severity(i, a)
	p := &plan{m: m, i: i, japanese: japanese, rank: rank, quality: quality(declared, m.from, m.now), impact: a.impact}
	if a.harm != nil {
		p.fixed = a.harm.fixed
	}
	p.live(n)
	p.settle()
	m.fill(i, s, rank, a.harm != nil)
	m.durations(i)
	if a.harm != nil && i.Mode != "retrospective" && i.Mode != "test" {
		m.name(i, a.harm)
	}
	m.o.Incidents = append(m.o.Incidents, i)
	if i.Mode == "standard" && i.Visibility == "public" {
		m.last = i
	}
}

// severity gives most incidents one and tells its rank: 1 to 3.
func (m *maker) severity(i *incidentio.Incident, a arrival) int {
	rank := severityRank(m.rng.Float64())
	if a.harm != nil {
		rank = a.harm.rank
	}
	if !m.chance(0.05) {
		i.Severity = m.o.Severities[rank-1].ID
	}
	return rank
}

// services writes what is affected: mostly one service, sometimes two, one by two names, none, or what is configured nowhere.
func (m *maker) services(i *incidentio.Incident, a arrival) service {
	k := a.service
	s := services[k]
	value := incidentio.FieldValue{Field: m.o.CustomFields[fieldServices].ID, Options: []string{m.option[s.options[0]]}}
	switch x := m.rng.Float64(); {
	case a.unnamed && x < 0.4:
		value.Options = []string{m.option[outside]}
	case a.unnamed:
		return s
	case x < 0.1:
		value.Options = append(value.Options, m.option[services[(k+1+m.rng.IntN(len(services)-1))%len(services)].options[0]])
	case x < 0.4 && len(s.options) > 1:
		value.Options = append(value.Options, m.option[s.options[1]])
	}
	i.Fields = append(i.Fields, value)
	return s
}

// fill adds roles, fields, teams and links.
func (m *maker) fill(i *incidentio.Incident, s service, rank int, deployed bool) {
	add := func(field int, v incidentio.FieldValue) {
		v.Field = m.o.CustomFields[field].ID
		i.Fields = append(i.Fields, v)
	}
	if m.chance(0.8) {
		causes := m.o.CustomFields[fieldCause].Options
		at := 0
		if !deployed || m.chance(0.2) {
			at = 1 + m.rng.IntN(len(causes)-1)
		}
		add(fieldCause, incidentio.FieldValue{Options: []string{causes[at].ID}})
	}
	if m.chance(0.6) {
		count := fmt.Sprint(m.rng.IntN(40 * rank * rank * rank))
		if m.chance(0.1) {
			count += ".5"
		}
		add(fieldCustomers, incidentio.FieldValue{Numeric: count})
	}
	if m.chance(0.5) {
		add(fieldDashboard, incidentio.FieldValue{Link: "https://grafana.shop.example/d/" + s.name})
	}
	if m.chance(0.1) {
		add(fieldNotes, incidentio.FieldValue{Text: "監査対応のため記録。\nKept for the audit."})
	}
	for n, role := range m.o.Roles {
		if m.chance([]float64{0.93, 0.8, 0.25}[n]) {
			i.Roles = append(i.Roles, incidentio.RoleAssignment{Role: role.ID, User: m.user()})
		}
	}
	for _, t := range m.o.Teams {
		if t.Name == s.team {
			i.Teams = []string{t.ID}
		}
	}
	if rank > 1 {
		i.CallURL = fmt.Sprintf("https://meet.shop.example/inc-%d", i.Number)
	}
	if m.chance(0.2) {
		i.ActiveAt = m.early(i.UpdatedAt.Add(time.Duration(m.rng.IntN(72)) * time.Hour))
	}
}

// early is the instant, or now if that is earlier.
func (m *maker) early(at time.Time) time.Time {
	if at.After(m.now) {
		return m.now
	}
	return at
}
