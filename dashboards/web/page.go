package web

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// latestShown is the number of incidents in the list; the download has all.
const latestShown = 25

// fewBelow is the sample size from which a median or rate is shown as sure of itself.
const fewBelow = 5

// dashboardPage is what the template page is given.
type dashboardPage struct {
	shell
	Filter         filter
	Selects        []selectBox
	Filtered       bool
	ResetHref      string
	AsOf           moment
	ZoneText       string
	BuildID        string
	ProgramVersion string
	Keys           keysPanel
	KeyTrend       *keyTrendPanel
	KeyServices    *keyServicesPanel
	NoIncidents    string
	HeadlineTitle  string
	HeadlineNote   string
	Tiles          []tile
	Trend          trendPanel
	Severity       severityPanel
	Incidents      incidentsPanel
	Trust          trustPanel
	Definitions    []definition
}

// moment is an instant for people and for machines.
type moment struct{ Text, Machine string }

type selectBox struct {
	Name, Label string
	Options     []option
}

type option struct {
	Value, Text string
	Selected    bool
}

type downloads struct{ Label, CSV, JSON string }

type definition struct{ Anchor, Title, Text, Limits, Rules string }

// pageQueries are what the first page shows besides the build itself.
var pageQueries = []string{
	"keys", "key_trend", "key_services", "incident_deployments", "incident_candidates", "delivery_counted",
	"trend", "severity", "restores", "incidents", "incident_services", "incident_timestamps", "incident_statuses", "counted", "quality",
}

// maker makes the parts of one page from the answers to its queries.
type maker struct {
	l      *language
	f      filter
	b      buildInfo
	span   span
	tables map[string]*Table
	// severities, most severe first, and the class of each: the order and colour are the same in every panel.
	severities []string
	classes    map[string]string
	buckets    []bucket
}

// makePage reads everything and puts it together.
func (s *server) makePage(ctx context.Context, id string, f filter) (*dashboardPage, error) {
	b, err := s.build(ctx, id)
	if err != nil {
		return nil, err
	}
	asked := f
	f = f.chosen(b)
	sp := f.span(b.Calendar, b.AsOfDate, b.FirstDate)
	t, err := s.store.tables(ctx, id, f.params(b, sp, latestShown, s.RowLimit), pageQueries...)
	if err != nil {
		return nil, err
	}
	m := newMaker(s.pages.language(f.Lang), f, b, sp, t)
	p := &dashboardPage{
		shell:          s.pages.shell(m.l, m.title(), "./", asked),
		Filter:         f,
		Selects:        m.selects(),
		Filtered:       f != filter{Period: defaultPeriod, Lang: f.Lang}.chosen(b),
		ResetHref:      filter{Period: defaultPeriod, Lang: f.Lang}.link(""),
		AsOf:           m.moment(b.AsOf),
		ZoneText:       m.l.Zone(b.Calendar.zoneName, b.Calendar.zone, b.AsOf),
		BuildID:        b.ID,
		ProgramVersion: b.ProgramVersion,
		Trend:          m.trend(),
		Severity:       m.severity(s.RowLimit),
		Trust:          m.trust(),
		Definitions:    m.definitions(),
	}
	p.Keys = m.keys()
	if p.Keys.Missing == nil {
		trend, services := m.keyTrend(), m.keyServices()
		p.KeyTrend, p.KeyServices = &trend, &services
	}
	p.HeadlineTitle, p.Tiles = m.headline()
	if f.Repository != "" {
		p.HeadlineNote = m.l.t("headline_no_repository")
	}
	p.Incidents = m.incidents()
	if len(p.Incidents.Rows) == 0 && len(t["trend"].Rows) == 0 {
		p.NoIncidents = m.l.t("incidents_not_filter", "from", m.l.Date(sp.From))
	}
	return p, nil
}

// title names the page by what it can show.
func (m *maker) title() string {
	if m.b.readsCode() {
		return m.l.t("title")
	}
	return m.l.t("title_incidents")
}

func newMaker(l *language, f filter, b buildInfo, sp span, t map[string]*Table) *maker {
	m := &maker{l: l, f: f, b: b, span: sp, tables: t, classes: map[string]string{}}
	m.severities = slices.Clone(b.Choices["severity"])
	for i, s := range m.severities {
		m.classes[s] = "sev" + strconv.Itoa(min(i, 4)+1)
	}
	m.classes[""] = "sev0"
	for _, d := range b.Calendar.periods(f.Period, sp.From, sp.AsOf) {
		m.buckets = append(m.buckets, bucket{Start: d, Open: b.Calendar.next(f.Period, d).after(sp.AsOf)})
	}
	return m
}

func (m *maker) moment(t time.Time) moment {
	if t.IsZero() {
		return moment{Text: "–"}
	}
	return moment{m.l.Instant(t, m.b.Calendar.zone), t.UTC().Format(time.RFC3339)}
}

func (m *maker) precise(t time.Time) moment {
	if t.IsZero() {
		return moment{Text: "–"}
	}
	return moment{m.l.Precise(t, m.b.Calendar.zone), t.UTC().Format(time.RFC3339Nano)}
}

// severityName is for people: an incident need not have one.
func (m *maker) severityName(s string) string {
	if s == "" {
		return m.l.t("no_severity")
	}
	return s
}

func (m *maker) downloads(panel string) downloads {
	f := m.f
	f.Incident = ""
	return downloads{m.l.t("downloads"), f.link("api/panels/" + panel + ".csv"), f.link("api/panels/" + panel + ".json")}
}

func (m *maker) selects() []selectBox {
	fixed := func(name, current string, choices []string) selectBox {
		box := selectBox{Name: name, Label: m.l.t("filter_" + name)}
		for _, c := range choices {
			box.Options = append(box.Options, option{c, m.l.t("choice_" + c), c == current})
		}
		return box
	}
	named := func(name, current string) selectBox {
		box := selectBox{Name: name, Label: m.l.t("filter_" + name)}
		box.Options = append(box.Options, option{"", m.l.t("filter_every_" + name), current == ""})
		for _, c := range m.b.Choices[name] {
			box.Options = append(box.Options, option{c, c, c == current})
		}
		if current != "" && !slices.Contains(m.b.Choices[name], current) {
			box.Options = append(box.Options, option{current, m.l.t("filter_unknown", "value", current), true})
		}
		return box
	}
	boxes := []selectBox{fixed("period", m.f.Period, periodChoices), fixed("range", m.f.Range, rangeChoices)}
	for _, box := range []selectBox{
		named("service", m.f.Service), named("team", m.f.Team), named("repository", m.f.Repository), named("severity", m.f.Severity),
	} {
		if len(box.Options) > 1 { // where nothing is to choose, nothing is asked
			boxes = append(boxes, box)
		}
	}
	return boxes
}

// definitions are the metrics of this page as the marts describe them.
func (m *maker) definitions() []definition {
	var out []definition
	names := []string{incidentsMetric, medianMetric, p90Metric, ackMetric}
	if m.b.readsCode() {
		names = append(append(keyNames(), evidenceMetric), names...)
	}
	for _, name := range names {
		info := m.b.Metrics[name]
		out = append(out, definition{definitionAnchor(name), m.b.title(m.l, name), info.Text[m.l.Code], m.limits(name), info.Rules})
	}
	return out
}
