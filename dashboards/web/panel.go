package web

import "fourfold/dashboards"

// Rows of a panel's table: on the page of its dashboard, and on its own.
const (
	rowsShown = 25
	rowsAlone = 500
)

// panelView is a panel of the catalogue as any is shown: its question, its chart, and its rows.
type panelView struct {
	L                     *language
	Key                   string
	Title, Question, Help string
	Caveats               []string
	Width                 int
	Charts                []chartView
	Table                 *tableView
	Open                  bool // whether the table is all there is to see
	Note                  string
	OpenWord              string
	Unread                string    // which of what is chosen it is not narrowed by; "" for none
	Definitions           []navLink // of the metrics that it shows
	Href                  string    // of its own page
	More                  *navLink  // the dashboard that says more
	Downloads             downloads
}

// panel shows the answer to a panel's query.
func (m *maker) panel(p placedPanel, rows int) panelView {
	v := panelView{
		L: m.l, Key: p.Key, Title: p.Title.In(m.l.Code), Question: p.Question.In(m.l.Code), Help: p.Help.In(m.l.Code), Width: p.width,
		Href: m.here.of(panelPath(p.Key), m.f), Downloads: m.downloads(p.Key), OpenWord: m.openWord(), Definitions: m.definitionLinks(p.Metrics),
	}
	v.Unread = m.notRead(p.Query)
	if p.Drill != nil && len(p.Drill.Filters) == 0 {
		if d := m.catalogue.Dashboard(p.Drill.Dashboard); boardPath(m.catalogue, d) != m.here.path {
			v.More = &navLink{Text: d.Title.In(m.l.Code), Href: m.here.of(boardPath(m.catalogue, d), m.f)}
		}
	}
	for _, c := range p.Caveats {
		v.Caveats = append(v.Caveats, c.In(m.l.Code))
	}
	t := m.tables[p.Query]
	table := m.table(p.Panel, t, rows)
	if len(t.Rows) == 0 {
		v.Note = m.l.t("panel_nothing")
		return v
	}
	v.Charts = m.charts(p.Panel, t, p.width > 6)
	if p.Chart == dashboards.Strip && m.cut(t) {
		v.Note = m.l.t("severity_cut", "n", m.l.Count(len(t.Rows)))
	}
	v.Table, v.Open = &table, len(v.Charts) == 0
	return v
}

// definitionLinks lead to what metrics mean.
func (m *maker) definitionLinks(metrics []string) []navLink {
	var out []navLink
	for _, metric := range metrics {
		out = append(out, navLink{Text: m.b.title(m.l, metric), Href: m.definitionHref(metric)})
	}
	return out
}

func (m *maker) definitionHref(metric string) string {
	return m.here.of("definitions", m.f.alone()) + "#" + definitionAnchor(metric)
}

// downloads are the ways to take a panel along.
func (m *maker) downloads(panel string) downloads {
	f := m.f
	f.Incident, f.Kiosk, f.Theme = "", "", ""
	link := func(ending string) string { return m.here.of("api/panels/"+panel+"."+ending, f) }
	return downloads{m.l.t("downloads"), link("csv"), link("json"), link("svg"), m.here.of(panelPath(panel), f) + "#sql"}
}

// drill leads from a row of a panel to what it is about: an object's page, or a dashboard narrowed to it; "" for none.
func (m *maker) drill(p *dashboards.Panel, r row) string {
	if p.Drill == nil || len(p.Drill.Filters) == 0 {
		return "" // the whole panel leads to the dashboard, no row of it
	}
	if column := p.Drill.Filters["incident"]; column != "" {
		return m.objectHref(incidentPath, r.text(column))
	}
	if column := p.Drill.Filters["deployment"]; column != "" {
		return m.objectHref(deploymentPath, r.text(column))
	}
	d := m.catalogue.Dashboard(p.Drill.Dashboard)
	f := m.f
	f.Incident, f.Key, f.Counted = "", "", ""
	for filter, column := range p.Drill.Filters {
		value := r.text(column)
		if value == "" || value == "all" {
			return ""
		}
		switch filter {
		case "service":
			f.Service = value
		case "team":
			f.Team = value
		case "repository":
			f.Repository = value
		case "severity":
			f.Severity = value
		case "incident_type":
			f.Type = value
		case "field":
			f.Field = value
		default:
			panic("web: panel " + p.Key + " leads on by " + filter) // the catalogue is in the program
		}
	}
	path := boardPath(m.catalogue, d)
	if path == m.here.path && f == m.f {
		return ""
	}
	return m.here.of(path, f)
}

func (m *maker) objectHref(path func(string) string, id string) string {
	if id == "" {
		return ""
	}
	f := m.f.alone()
	return m.here.of(path(id), f)
}
