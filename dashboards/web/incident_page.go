package web

import (
	"context"
	"net/http"
	"time"

	"fourfold/dashboards/chart"
)

// incidentPage is an incident with everything that made its numbers.
type incidentPage struct {
	objectPage
	Incident  incidentView
	Badges    []badge
	Facts     []fact
	Verdict   string
	Ack       string
	Durations []fact
	Timeline  []*chart.Drawing
	Phases    []chart.LegendKey
	Rows      []timeRow
	Causes    []linkView
	Fixes     []linkView
	ReadsCode bool
	Unlinked  *unlinkedView
	FollowUps []followUpView
	Documents []documentView
	Peers     *peersView
}

// fact is something that an object has: a name and values, of which some lead somewhere.
type fact struct {
	Name   string
	Values []factValue
	Raw    string
}

type factValue struct{ Text, Detail, Href string }

// incidentQueries are what the page of an incident asks when it knows which it is about. Those without one_ are of the list
// of the latest, asked for one.
var incidentQueries = []string{
	"one_incident_fields", "one_incident_durations", "one_incident_follow_ups", "one_incident_postmortems", "one_incident_unlinked",
	"one_incident_peers", "one_incident_findings", "incident_services", "incident_timestamps", "incident_statuses", "incident_deployments",
}

// serveIncident answers /incidents/ID, where the id may be what people call it, too.
func (s *server) serveIncident(w http.ResponseWriter, r *http.Request) {
	id := idOf(r.PathValue("id"))
	if !knowable(id) {
		s.serveNotFound(w, r)
		return
	}
	here := at(incidentPath(id))
	s.serveBuilt(w, r, here, "incidentpage", func(ctx context.Context, build string, f filter) (any, error) {
		m, err := s.open(ctx, build, here, f)
		if err != nil {
			return nil, err
		}
		if _, err = s.askIncident(ctx, m, id); err != nil {
			return nil, err
		}
		return s.makeIncident(m, f), nil
	})
}

// serveIncidentRows answers /api/incidents/ID.json.
func (s *server) serveIncidentRows(w http.ResponseWriter, r *http.Request) {
	s.serveRows(w, r, "incident", s.askIncident)
}

// askIncident reads everything about an incident, and names the queries.
func (s *server) askIncident(ctx context.Context, m *maker, id string) ([]string, error) {
	params := m.only(s.RowLimit)
	params["incident"] = id
	found, err := s.store.tables(ctx, m.b.ID, params, "one_incident")
	if err != nil {
		return nil, err
	}
	if len(found["one_incident"].Rows) == 0 {
		return nil, missingObject{"incident", id}
	}
	params["incident"] = found["one_incident"].rows()[0].text("incident_id")
	peers := m.peersParams(params)
	m.tables, err = s.store.tablesBy(ctx, m.b.ID, func(query string) map[string]any {
		if query == "one_incident_peers" {
			return peers
		}
		return params
	}, incidentQueries...)
	if err != nil {
		return nil, err
	}
	m.tables["one_incident"] = found["one_incident"]
	return append([]string{"one_incident"}, incidentQueries...), nil
}

// makeIncident puts the page together.
func (s *server) makeIncident(m *maker, asked filter) *incidentPage {
	r := m.tables["one_incident"].rows()[0]
	id := r.text("incident_id")
	v := m.incident(r)
	v.Services, v.Named, v.Stays = m.servicesOf()[id], m.namedOf()[id], m.staysOf()[id]
	v.Links = m.linksOf(map[string]time.Time{id: r.at("started_at")}, map[string][]string{id: v.Services})[id]
	p := &incidentPage{
		objectPage: s.object(m, asked, "incidents", v.Reference+" "+v.Name), Incident: v, ReadsCode: m.b.readsCode(),
		Badges: m.incidentBadges(r, v), Verdict: m.verdict(r), Ack: m.l.Duration(r.number("time_to_acknowledge_seconds")),
		FollowUps: m.followUps(), Documents: m.documents(), Peers: m.peers(r),
	}
	for _, l := range v.Links {
		if l.Role == m.role("cause") {
			p.Causes = append(p.Causes, l)
		} else {
			p.Fixes = append(p.Fixes, l)
		}
	}
	if len(p.Causes) == 0 && p.ReadsCode {
		p.Unlinked = m.whyUnlinked(v)
	}
	p.Facts = m.incidentFacts(r)
	for _, d := range m.tables["one_incident_durations"].rows() {
		p.Durations = append(p.Durations, fact{
			Name: d.text("duration"), Raw: raw(d.number("seconds")),
			Values: []factValue{{Text: m.l.Duration(d.number("seconds")), Detail: m.l.t("interval", "low", m.precise(d.at("from_at")).Text, "high", m.precise(d.at("to_at")).Text)}},
		})
	}
	p.Rows = m.timeRows(r, v.Links)
	t := m.timeline(r, p.Rows)
	for _, sz := range chart.RowSizes {
		p.Timeline = append(p.Timeline, drawTimeline(m.l, t, sz))
	}
	p.Phases = m.phaseKeys(t)
	p.Findings = m.findings("one_incident_findings", id)
	name := r.text("reference")
	if name == "" {
		name = id
	}
	p.Explain = explainCommand("incident", name)
	p.Statements = s.rowsOf("incident_id", id, "fct_incidents", "fct_incident_timestamps", "fct_incident_status_intervals", "fct_incident_services",
		"fct_incident_fields", "fct_incident_durations", "fct_incident_deployments", "fct_unlinked_incidents", "fct_follow_ups", "fct_postmortems")
	p.RowsHref = m.here.of("api/"+incidentPath(id)+".json", m.f.alone())
	return p
}

// incidentBadges are what to know first: how severe it is, whether it goes on, and what is unusual about it.
func (m *maker) incidentBadges(r row, v incidentView) []badge {
	out := []badge{}
	if t := r.text("incident_type"); t != "" {
		out = append(out, badge{t, ""})
	}
	if t := r.text("status"); t != "" {
		out = append(out, badge{t, ""})
	}
	if v.OpenFor != "" {
		out = append(out, badge{m.l.t("badge_open") + " " + v.OpenFor, "live"})
	}
	switch mode := r.text("mode"); mode {
	case "standard", "":
	case "test", "tutorial":
		out = append(out, badge{m.l.t("one_drill", "mode", m.known("mode_", mode)), "warn"})
	default:
		out = append(out, badge{m.known("mode_", mode), "warn"})
	}
	if r.text("visibility") == "private" {
		out = append(out, badge{m.l.t("one_private"), "warn"})
	}
	return out
}

// verdict says whether an incident counts, and if not by which rule.
func (m *maker) verdict(r row) string {
	if r.flag("is_counted") {
		return m.l.t("one_incident_counts")
	}
	e := m.excluded(r.text("exclusion_reason"))
	text := m.l.t("one_incident_not_counted", "reason", e.Text, "rule", e.Rule)
	if mode := r.text("mode"); mode == "test" || mode == "tutorial" {
		text += m.l.t("sentence_joint") + m.l.t("one_drill_text")
	}
	return text
}

// incidentFacts are what people said of an incident.
func (m *maker) incidentFacts(r row) []fact {
	var out []fact
	services := fact{Name: m.l.t("col_services")}
	board := m.catalogue.Dashboard("incidents")
	for _, s := range m.tables["incident_services"].rows() {
		f := m.f.alone()
		f.Service = s.text("service")
		services.Values = append(services.Values, factValue{Text: f.Service, Detail: s.text("team"), Href: m.here.of(boardPath(m.catalogue, board), f)})
	}
	if services.Values == nil {
		services.Values = []factValue{{Text: m.l.t("no_value")}}
	}
	out = append(out, services)
	if lead := r.text("lead"); lead != "" {
		out = append(out, fact{Name: m.l.t("one_lead"), Values: []factValue{{Text: lead}}})
	}
	for _, f := range m.tables["one_incident_fields"].rows() {
		if n := len(out); n > 0 && out[n-1].Name == f.text("field") {
			out[n-1].Values = append(out[n-1].Values, factValue{Text: f.text("value")})
			continue
		}
		out = append(out, fact{Name: f.text("field"), Values: []factValue{{Text: f.text("value"), Href: webAddress(f.text("value"))}}})
	}
	return out
}
