package web

import (
	"slices"
	"strconv"

	"fourfold/dashboards"
	"fourfold/dashboards/chart"
)

// chartView is a chart of a panel in each of its sizes; the title is there where a panel has several.
type chartView struct {
	Title    string
	Drawings []*chart.Drawing
	Legend   []chart.LegendKey
}

// charts draws the answer to a panel's query; none where a table says all.
func (m *maker) charts(p *dashboards.Panel, t *Table, wide bool) []chartView {
	if t = ofAll(p, t); len(t.Rows) == 0 {
		return nil
	}
	one := func(draw func(chart.Size) *chart.Drawing) []chartView {
		return []chartView{m.sized(draw, wide)}
	}
	switch p.Chart {
	case dashboards.Line:
		return m.lines(p, t, wide)
	case dashboards.Columns, dashboards.Histogram:
		c := m.columns(p, t)
		return one(func(s chart.Size) *chart.Drawing { return chart.Columns(c, s) })
	case dashboards.Bars:
		c := m.bars(p, t)
		return one(func(s chart.Size) *chart.Drawing { return chart.Bars(c, s) })
	case dashboards.Waterfall:
		c := m.waterfall(p, t)
		return one(func(s chart.Size) *chart.Drawing { return chart.Waterfall(c, s) })
	case dashboards.Strip:
		c := m.strips(p, t)
		return one(func(s chart.Size) *chart.Drawing { return chart.Strips(c, s) })
	case dashboards.Scatter:
		c := m.scatter(p, t)
		return one(func(s chart.Size) *chart.Drawing { return chart.Scatter(c, s) })
	case dashboards.Heatmap:
		c := m.heatmap(p, t)
		return one(func(s chart.Size) *chart.Drawing { return chart.Heatmap(c, s) })
	}
	return nil
}

// sized draws a chart in each size that a page needs it in.
func (m *maker) sized(draw func(chart.Size) *chart.Drawing, wide bool) chartView {
	sizes := chart.Sizes
	if wide {
		sizes = []chart.Size{{Name: "wide", W: 1056, H: 320}, chart.Narrow}
	}
	var v chartView
	for _, s := range sizes {
		v.Drawings = append(v.Drawings, draw(s))
	}
	v.Legend = v.Drawings[0].Legend
	return v
}

// ofAll leaves out what is there for another surface: the rows of single groups, where a panel has those of all beside them.
func ofAll(p *dashboards.Panel, t *Table) *Table {
	if !slices.ContainsFunc(p.Columns, func(c dashboards.Column) bool { return c.Name == "dimension" && c.Role == dashboards.Hidden }) || len(p.Of(dashboards.X)) == 0 {
		return t
	}
	out := &Table{Columns: t.Columns}
	for i, r := range t.rows() {
		if r.text("dimension") == "all" {
			out.Rows = append(out.Rows, t.Rows[i])
		}
	}
	return out
}

// head is what is said of a panel's chart.
func (m *maker) head(p *dashboards.Panel, suffix string) chart.Head {
	return chart.Head{
		Key: "panel-" + p.Key + suffix, Title: p.Title.In(m.l.Code), Desc: p.Help.In(m.l.Code) + m.l.t("sentence_joint") + m.l.t("chart_numbers_below"),
		Nothing: m.l.t("panel_nothing"), Left: func(n int) string { return m.l.n("chart_left", n) },
	}
}

// scaleOf says what an axis counts in; log is for durations of which each is a place, not a length.
func (m *maker) scaleOf(p *dashboards.Panel, c dashboards.Column, r row, log bool) chart.Scale {
	w := m.writerOf(p, c, r)
	s := chart.Scale{Unit: chart.Amounts, Write: w.tick, Name: c.Title.In(m.l.Code)}
	switch m.unitOf(p, c, r) {
	case "seconds":
		if s.Unit = chart.Seconds; log {
			s.Unit = chart.LogSeconds
		}
	case "ratio":
		s.Unit = chart.Shares
	case "count":
		s.Unit = chart.Counts
	}
	if c.Unit == dashboards.ByMetric && m.metricOf(p, r) == frequencyMetric {
		s.Per = dashboards.FrequencyUnit(r.number(c.Name)).Days
	}
	return s
}

// values are a series of a panel as a chart takes it. Intervals are left out where more than two series would cover each other.
func (m *maker) values(p *dashboards.Panel, y dashboards.Column, a panelAxis, s panelSeries, write valueWriter, intervals bool) []*chart.Value {
	out := make([]*chart.Value, len(s.Values))
	for i, v := range s.Values {
		if v == nil || v.Value == nil {
			continue
		}
		few := m.smallSample(p, y, v)
		out[i] = &chart.Value{V: *v.Value, Few: few, Tip: m.tip(p, a.Labels[i], s.Name, v, write), Href: s.Href[i]}
		if intervals {
			out[i].Low, out[i].High = v.Low, v.High
		}
	}
	return out
}

// tip is what a mark says when it is pointed at.
func (m *maker) tip(p *dashboards.Panel, where, series string, v *measured, write valueWriter) string {
	text := where + m.l.t("colon") + write.text(v.Value)
	if series != "" && (len(p.Of(dashboards.Series)) > 0 || len(p.Of(dashboards.Y)) > 1) {
		text = where + m.l.t("list_joint") + series + m.l.t("colon") + write.text(v.Value)
	}
	if interval := m.l.between(write.number, write.whole, v.Low, v.High); interval != "" {
		text += " (" + interval + ")"
	}
	if len(p.Of(dashboards.Sample)) > 0 {
		text += m.l.t("list_joint") + m.l.t("sample_restored", "n", m.l.Count(v.N))
	}
	return text
}

// seriesClass is the colour of a series: severities have theirs everywhere.
func (m *maker) seriesClass(p *dashboards.Panel, s panelSeries) string {
	if series := p.Of(dashboards.Series); len(series) == 1 && series[0].Name == "severity" {
		if class, ok := m.classes[s.Key]; ok {
			return class
		}
		return "sev0"
	}
	if s.Key == "" {
		return "ser0"
	}
	return ""
}

// periodsOf are the places of an axis.
func (m *maker) periodsOf(a panelAxis) []chart.Period {
	if a.Periods != nil {
		return m.l.periods(m.f.Period, a.Periods)
	}
	out := make([]chart.Period, len(a.Labels))
	for i, label := range a.Labels {
		out[i] = chart.Period{Label: label}
	}
	return out
}

// lines draws values by period. Metrics of different units have a chart each.
func (m *maker) lines(p *dashboards.Panel, t *Table, wide bool) []chartView {
	ys := p.Of(dashboards.Y)
	a := m.axisOf(p, t)
	all := m.seriesOf(p, t, a)
	if len(all) == 0 {
		return nil
	}
	groups := [][]panelSeries{all}
	if ys[0].Unit == dashboards.ByMetric && len(p.Of(dashboards.Series)) == 1 && p.Of(dashboards.Series)[0].Name == "metric" {
		groups = m.byUnit(all)
	}
	var out []chartView
	for i, group := range groups {
		r := anyRowOf(p, t, group[0])
		write := m.writerOf(p, ys[0], r)
		c := chart.LinesChart{Head: m.head(p, "-"+strconv.Itoa(i+1)), Scale: m.scaleOf(p, ys[0], r, true), Periods: m.periodsOf(a), Ribbon: len(group) == 2}
		if len(groups) == 1 {
			c.Key = "panel-" + p.Key
		}
		for j, s := range group {
			class := m.seriesClass(p, s)
			switch {
			case class == "" && len(group) == 1, class == "" && len(group) == 2 && j == 0:
				class = "main"
			case class == "" && len(group) == 2:
				class = "second"
			}
			c.Series = append(c.Series, chart.Series{Label: s.Name, Class: class, Values: m.values(p, ys[0], a, s, write, len(group) <= 2)})
		}
		c.Goal = m.goalOf(p, group, write)
		v := m.sized(func(s chart.Size) *chart.Drawing { return chart.Lines(c, s) }, wide)
		if len(groups) > 1 {
			names := make([]string, len(group))
			for j, s := range group {
				names[j] = s.Name
			}
			v.Title = names[0]
			if len(names) > 1 {
				v.Title = ""
			}
		}
		out = append(out, v)
	}
	return out
}

// byUnit puts metrics together that one axis can show.
func (m *maker) byUnit(all []panelSeries) [][]panelSeries {
	var out [][]panelSeries
	var units []string
	for _, s := range all {
		unit := m.b.Metrics[s.Key].Unit
		if i := slices.Index(units, unit); i >= 0 && unit == "seconds" {
			out[i] = append(out[i], s)
			continue
		}
		units, out = append(units, unit), append(out, []panelSeries{s})
	}
	return out
}

// anyRowOf is a row of a series that has a value, the last if there is one; what the axis is written like comes from it.
func anyRowOf(p *dashboards.Panel, t *Table, s panelSeries) row {
	found := row{t, t.Rows[0]}
	for _, r := range t.rows() {
		if by := p.Of(dashboards.Series); len(by) == 1 && r.text(by[0].Name) != s.Key {
			continue
		}
		if y := p.Of(dashboards.Y); r.value(y[0].Name) != nil {
			found = r
		}
	}
	return found
}

// goalOf is the goal of the metric that a chart shows alone, or first.
func (m *maker) goalOf(p *dashboards.Panel, group []panelSeries, write valueWriter) *chart.Goal {
	metric := group[0].Key
	if len(p.Metrics) == 1 {
		metric = p.Metrics[0]
	}
	g := m.goals[metric]
	if g == nil {
		return nil
	}
	return &chart.Goal{V: g.Limit, Label: m.l.t("goal_line", "limit", write.text(&g.Limit))}
}
