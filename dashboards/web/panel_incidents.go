package web

import (
	"fmt"
	"time"
)

// incidentsPanel lists the latest incidents with their evidence.
type incidentsPanel struct {
	Lead      string
	Rows      []incidentView
	Downloads downloads
}

type incidentView struct {
	ID, Anchor, Reference, Name     string
	Page, Href                      string // Href leads to where the incident is from
	Severity, SeverityClass, Status string
	Services                        []string
	Started                         moment
	Restore, RestoreRaw, OpenFor    string
	Counted, Selected               bool
	Links                           []linkView
	Unlinked                        string
	Excluded                        string
	Steps                           []step
	Sums                            []string
	Named                           []stamp
	Stays                           []stamp
}

// step is one of the instants that a number is made of, and where it came from.
type step struct {
	Label, Basis string
	At           moment
}

type stamp struct {
	Name, Length string
	At           moment
}

func (m *maker) incidents() incidentsPanel {
	services, named, stays := m.servicesOf(), m.namedOf(), m.staysOf()
	started, unlinked := map[string]time.Time{}, map[string]row{}
	for _, r := range m.tables["incidents"].rows() {
		started[r.text("incident_id")] = r.at("started_at")
	}
	links := m.linksOf(started, services)
	for _, r := range m.tables["incident_unlinked"].rows() {
		unlinked[r.text("incident_id")] = r
	}
	var p incidentsPanel
	for _, r := range m.tables["incidents"].rows() {
		id := r.text("incident_id")
		v := m.incident(r)
		v.Services, v.Named, v.Stays = services[id], named[id], stays[id]
		v.Links = links[id]
		if why, ok := unlinked[id]; ok && m.b.readsCode() {
			v.Unlinked = m.reasonUnlinked(v, why)
			if by := why.text("decided_by"); by != "" {
				v.Unlinked += m.l.t("sentence_joint") + m.decided(by, why.text("decision_reason"))
			}
		}
		p.Rows = append(p.Rows, v)
	}
	total := 0
	for _, r := range m.tables["counted"].rows() {
		if r.text("exclusion_reason") == "" || m.f.Counted == "all" {
			total += r.count("incidents")
		}
	}
	p.Lead = m.l.n("incidents_lead", total, "shown", m.l.Count(min(total, latestShown)))
	p.Downloads = m.downloads("incidents")
	return p
}

func (m *maker) incident(r row) incidentView {
	id := r.text("incident_id")
	v := incidentView{
		ID: id, Anchor: anchor(id), Page: m.objectHref(incidentPath, id), Href: webAddress(r.text("permalink")), Reference: r.text("reference"), Name: r.text("name"),
		Severity: m.severityName(r.text("severity")), SeverityClass: m.classes[r.text("severity")], Status: r.text("status"),
		Restore: m.l.Duration(r.number("time_to_restore_seconds")), RestoreRaw: raw(r.number("time_to_restore_seconds")),
		Counted: r.flag("is_counted"), Selected: m.f.Incident == id,
	}
	if v.Reference == "" {
		v.Reference = id
	}
	if v.Name == "" {
		v.Name = m.l.t("unnamed")
	}
	if reason := r.text("exclusion_reason"); reason != "" {
		e := m.excluded(reason)
		v.Excluded = fmt.Sprintf("%s (%s)", e.Text, e.Rule)
	}
	started, ended := r.at("started_at"), r.at("restored_at")
	v.Started = m.moment(started)
	category := r.text("status_category")
	if ended.IsZero() && !started.IsZero() && (category == "live" || category == "paused") {
		v.OpenFor = m.l.t("open_for", "duration", m.l.Duration(seconds(m.b.AsOf.Sub(started))))
	}
	m.prove(&v, r)
	return v
}

func seconds(d time.Duration) *float64 {
	s := d.Seconds()
	return &s
}

// prove says which instants made the numbers, and from where.
func (m *maker) prove(v *incidentView, r row) {
	ended := m.step("step_end", r.at("restored_at"), r.text("restore_end_basis"))
	if v.OpenFor != "" {
		ended.At.Text = m.l.t("step_not_yet")
	}
	v.Steps = []step{
		m.step("step_start", r.at("started_at"), r.text("restore_start_basis")),
		m.step("step_acknowledge", r.at("acknowledged_at"), r.text("acknowledge_basis")),
		ended,
	}
	if s := r.number("time_to_restore_seconds"); s != nil {
		v.Sums = append(v.Sums, m.l.t("sum_restore", "duration", m.l.Duration(s), "exact", m.l.Exact(s)))
	} else if end := r.at("restored_at"); !end.IsZero() && end.Before(r.at("started_at")) {
		v.Sums = append(v.Sums, m.l.t("sum_impossible"))
	}
	if s := r.number("time_to_acknowledge_seconds"); s != nil {
		v.Sums = append(v.Sums, m.l.t("sum_acknowledge", "duration", m.l.Duration(s), "exact", m.l.Exact(s)))
	}
	if n := r.count("reopened_count"); n > 0 {
		v.Sums = append(v.Sums, m.l.n("sum_reopened", n))
	}
}

func (m *maker) step(label string, at time.Time, basis string) step {
	s := step{Label: m.l.t(label), At: m.precise(at)}
	if at.IsZero() {
		s.At.Text = m.l.t("step_none")
		return s
	}
	s.Basis = m.basis(basis)
	return s
}

// basis says in words which timestamp a number rests on; "" for none.
func (m *maker) basis(basis string) string {
	switch basis {
	case "":
		return ""
	case "created_at", "left_live", "entered_live":
		return m.l.t("basis_" + basis)
	case "left_live after reopening":
		return m.l.t("basis_left_live_reopened")
	}
	return m.l.t("basis_named", "name", basis)
}

func (m *maker) servicesOf() map[string][]string {
	out := map[string][]string{}
	for _, r := range m.tables["incident_services"].rows() {
		id := r.text("incident_id")
		out[id] = append(out[id], r.text("service"))
	}
	return out
}

func (m *maker) namedOf() map[string][]stamp {
	out := map[string][]stamp{}
	for _, r := range m.tables["incident_timestamps"].rows() {
		id := r.text("incident_id")
		out[id] = append(out[id], stamp{Name: r.text("name"), At: m.precise(r.at("at"))})
	}
	return out
}

func (m *maker) staysOf() map[string][]stamp {
	out := map[string][]stamp{}
	for _, r := range m.tables["incident_statuses"].rows() {
		s := stamp{Name: r.text("status"), At: m.precise(r.at("started_at")), Length: m.l.t("stay_until_now")}
		if !r.at("ended_at").IsZero() {
			s.Length = m.l.Duration(r.number("seconds"))
		}
		id := r.text("incident_id")
		out[id] = append(out[id], s)
	}
	return out
}
