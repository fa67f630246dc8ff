package web

import "fourfold/dashboards"

// section is a view of the page's own for panels of the catalogue, where a chart and a table would say less.
type section struct {
	name    string   // of its template
	panels  []string // keys of the panels that it shows
	queries []string // that it needs besides those of its panels
	fill    func(*maker, *server) any
}

// sectionData is what every section's template is given.
type sectionData struct {
	L        *language
	Here     place
	ZoneText string
	Filter   filter
	OpenWord string // beside the name of a period of which only a part is shown
}

func (m *maker) section() sectionData {
	return sectionData{m.l, m.here, m.l.Zone(m.b.Calendar.zoneName, m.b.Calendar.zone, m.b.AsOf), m.f, m.openWord()}
}

type (
	keysData struct {
		sectionData
		Keys keysPanel
	}
	keyTrendData struct {
		sectionData
		KeyTrend keyTrendPanel
	}
	keyServicesData struct {
		sectionData
		KeyServices keyServicesPanel
	}
	incidentTrendData struct {
		sectionData
		NoIncidents   string
		HeadlineTitle string
		HeadlineNote  string
		Tiles         []tile
		Trend         trendPanel
	}
	severityData struct {
		sectionData
		Severity severityPanel
	}
	incidentsData struct {
		sectionData
		Incidents incidentsPanel
	}
	trustData struct {
		sectionData
		Trust trustPanel
	}
)

// sections in no order: the catalogue says where they stand. It is a function, as what fills them leads back here.
func sections() []section {
	return []section{
		{"keys", []string{"keys"}, []string{"key_trend"}, func(m *maker, _ *server) any {
			return keysData{m.section(), m.keys()}
		}},
		{"keytrend", []string{"key_trend"}, nil, func(m *maker, _ *server) any {
			if m.missingKeys() != nil {
				return nil
			}
			return keyTrendData{m.section(), m.keyTrend()}
		}},
		{"keyservices", []string{"key_services"}, nil, func(m *maker, _ *server) any {
			if m.missingKeys() != nil {
				return nil
			}
			return keyServicesData{m.section(), m.keyServices()}
		}},
		{"incidenttrend", []string{"restore_trend"}, nil, func(m *maker, _ *server) any { return m.incidentTrend() }},
		{"severity", []string{"restores", "severity"}, []string{"restores", "severity", "restore_outcomes"}, func(m *maker, s *server) any {
			return severityData{m.section(), m.severity(s.RowLimit)}
		}},
		{"incidents", []string{"incidents"}, []string{
			"counted", "incident_services", "incident_timestamps", "incident_statuses", "incident_deployments", "incident_unlinked",
		}, func(m *maker, _ *server) any {
			return incidentsData{m.section(), m.incidents()}
		}},
		{"trust", []string{"quality"}, []string{"counted", "delivery_counted", "restore_outcomes"}, func(m *maker, _ *server) any {
			return trustData{m.section(), m.trust()}
		}},
		{"definitions", []string{"metrics"}, nil, func(m *maker, s *server) any {
			return definitionsData{m.section(), m.definitions(s)}
		}},
	}
}

// incidentTrend is the last complete period beside the one before, and the way there.
func (m *maker) incidentTrend() incidentTrendData {
	d := incidentTrendData{sectionData: m.section(), Trend: m.trend()}
	d.HeadlineTitle, d.Tiles = m.headline()
	if m.f.Repository != "" {
		d.HeadlineNote = m.l.t("headline_no_repository")
	}
	counted := 0
	for _, r := range m.tables["counted"].rows() {
		counted += r.count("incidents")
	}
	if counted == 0 && len(m.tables["trend"].Rows) == 0 {
		d.NoIncidents = m.l.t("incidents_not_filter", "from", m.l.Date(m.span.From))
	}
	return d
}

// withoutCode is what pages about deployments and changes show where none are read: how to add them.
func (m *maker) withoutCode(d *dashboards.Dashboard) any {
	if d.Key != "deployments" && d.Key != "changes" || m.b.readsCode() {
		return nil
	}
	return struct {
		sectionData
		Missing *missingKeys
	}{m.section(), m.missingKeys()}
}

// queriesOf are those of a section's panels that a page shows.
func queriesOf(sec *section, shown []placedPanel) []string {
	var out []string
	for _, p := range shown {
		if p.section != nil && p.section.name == sec.name {
			out = append(out, p.Query)
		}
	}
	return out
}
