package report

import (
	"context"
	"fmt"
	"time"

	"fourfold/dashboards"
	"fourfold/dashboards/web"
)

// tableRows is how many rows a table of objects has at most: a report is read, not searched.
const tableRows = 30

// keyMetrics are the Four Keys in the order in which DORA names them, and rework.
var keyMetrics = []string{
	"deployments_per_day", "lead_time_median_seconds", "change_failure_rate", "failed_deployment_recovery_median_seconds", "rework_rate",
}

// incidentMetrics are those that a table of incidents shows.
var incidentMetrics = []string{
	"incidents", "time_to_restore_median_seconds", "time_to_restore_p90_seconds", "time_to_acknowledge_median_seconds",
}

const (
	deploymentsMetric = "deployments"
	evidenceMetric    = "change_failure_rate_evidence"
	incidentsMetric   = "incidents"
	medianMetric      = "time_to_restore_median_seconds"
	p90Metric         = "time_to_restore_p90_seconds"
	ackMetric         = "time_to_acknowledge_median_seconds"
)

// The queries of a report: those of its trends, and those of its period.
var (
	trendQueries  = []string{"key_trend", "trend"}
	periodQueries = []string{
		"keys", "key_services", "severity", "restores", "restore_outcomes", "phases", "open_incidents", "failures", "counted", "delivery_counted",
		"unlinked", "quality", "reminders", "follow_up_ages",
	}
)

// writer makes the sections of one report from the answers to its queries.
type writer struct {
	Words
	sheet     *web.Sheet
	catalogue *dashboards.Catalogue
	period    Period
	buckets   []web.Bucket
	trend     map[string]*web.Table
	tables    map[string]*web.Table
	err       error // of a drawing
}

// Make makes the report of a period: last-month, last-week, last-quarter or a month such as 2026-10.
func Make(ctx context.Context, sheet *web.Sheet, period string) (*Document, error) {
	w, err := newWriter(sheet, period)
	if err != nil {
		return nil, err
	}
	p := w.period
	if w.trend, err = sheet.Ask(ctx, web.Range{Period: p.Unit, From: w.buckets[0].Start, To: p.End, BeforeFrom: p.Before, BeforeTo: p.Before}, trendQueries...); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if w.tables, err = sheet.Ask(ctx, p.Range(), periodQueries...); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	d := w.head()
	d.Sections = append(d.Sections, w.keys())
	if sheet.Deploys {
		d.Sections = append(d.Sections, w.keyTrend(), w.services())
	}
	d.Sections = append(d.Sections, w.incidents(), w.incidentTrend(), w.restores(), w.phases(), w.open())
	if sheet.ReadsCode {
		d.Sections = append(d.Sections, w.failures(), w.unlinked())
	}
	d.Sections = append(d.Sections, w.followUps(), w.trust(), w.definitions())
	return d, w.err
}

// Range is what a period's queries are asked about: it, against the period before.
func (p Period) Range() web.Range {
	return web.Range{Period: p.Unit, From: p.Start, To: p.End, BeforeFrom: p.Before, BeforeTo: p.Start.AddDate(0, 0, -1)}
}

func newWriter(sheet *web.Sheet, period string) (*writer, error) {
	words, err := LoadWords(sheet.Language())
	if err != nil {
		return nil, err
	}
	catalogue, err := dashboards.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	p, err := ParsePeriod(period, sheet.AsOfDate, sheet.Week)
	if err != nil {
		return nil, err
	}
	w := &writer{Words: words, sheet: sheet, catalogue: catalogue, period: p}
	for i, start := range p.Trend {
		next := p.Start
		if i+1 < len(p.Trend) {
			next = p.Trend[i+1]
		}
		if i < len(p.Trend)-2 && !next.After(sheet.FirstDate) {
			continue // before anything was measured
		}
		w.buckets = append(w.buckets, web.Bucket{Start: start, Open: p.Open && i == len(p.Trend)-1})
	}
	return w, nil
}

// head names the report, and what has to be known of the build.
func (w *writer) head() *Document {
	s, p := w.sheet, w.period
	name := s.PeriodLabel(p.Unit, p.Start)
	title := w.Say("title", "period", name)
	if !s.ReadsCode {
		title = w.Say("title_incidents", "period", name)
	}
	d := &Document{
		Language: s.Language(), Title: title,
		Facts: []Fact{
			{w.Say("fact_period"), w.span(p.Start, p.End)},
			{w.Say("fact_compared"), w.span(p.Before, p.Start.AddDate(0, 0, -1))},
			{w.Say("fact_as_of"), s.Instant(s.AsOf)},
			{w.Say("fact_zone"), s.ZoneName()},
			{w.Say("fact_build"), w.Say("build", "build", s.ID, "version", s.ProgramVersion)},
		},
		Few:    w.Say("few_mark"),
		Footer: w.Say("footer", "build", s.ID, "time", s.Instant(s.AsOf)),
	}
	if p.Open {
		d.Notes = append(d.Notes, w.Say("note_open", "date", s.Date(p.End)))
	}
	if s.FirstDate.After(p.End) {
		d.Notes = append(d.Notes, w.Say("note_before_data", "date", s.Date(s.FirstDate)))
	}
	d.Notes = append(d.Notes, w.Say("few"))
	return d
}

func (w *writer) span(from, to time.Time) string {
	return w.Say("range", "from", w.sheet.Date(from), "to", w.sheet.Date(to))
}

// section begins a section with what the catalogue says of a panel.
func (w *writer) section(key string) Section {
	p := w.catalogue.Panel(key)
	if p == nil {
		panic("report: the catalogue has no panel " + key) // the tests make every section
	}
	s := Section{Key: key, Title: p.Title.In(w.code), Question: p.Question.In(w.code), After: []string{p.Help.In(w.code)}}
	for _, c := range p.Caveats {
		s.After = append(s.After, c.In(w.code))
	}
	return s
}

// before is the name of the period before.
func (w *writer) before() string { return w.sheet.PeriodName(w.period.Unit, w.period.Before) }

// byPeriod gives a metric's values by period, in the order of the buckets; nil is a gap.
func (w *writer) byPeriod(query, metric string) []*web.Measured {
	out := make([]*web.Measured, len(w.buckets))
	for _, r := range web.Rows(w.trend[query]) {
		if r.Text("metric") != metric || query == "trend" && r.Text("dimension") != "all" {
			continue
		}
		for i, b := range w.buckets {
			if r.Text("period_start") == b.Start.Format(time.DateOnly) {
				out[i] = r.Measured()
			}
		}
	}
	return out
}

// label names a bucket in a table.
func (w *writer) label(b web.Bucket) Cell {
	c := Cell{Text: w.sheet.PeriodLabel(w.period.Unit, b.Start)}
	if b.Open {
		c.Detail = w.Say("not_over")
	}
	return c
}

// metric writes a value with its interval and sample.
func (w *writer) metric(metric string, basis *float64, v *web.Measured) Cell {
	c := Cell{Text: "–"}
	if v == nil || v.Value == nil {
		return c
	}
	c.Text, c.Raw = w.sheet.Value(metric, basis, v.Value), web.Raw(v.Value)
	if w.sheet.Few(metric, v) {
		c.Class = "few"
	}
	if metric != incidentsMetric && metric != deploymentsMetric {
		c.Detail = w.Say("n", "n", w.sheet.Count(v.N))
	}
	if interval := w.sheet.Interval(metric, basis, v); interval != "" {
		if c.Detail != "" {
			c.Detail += " · "
		}
		c.Detail += interval
	}
	return c
}
