package web

import (
	"slices"

	"fourfold/dashboards"
)

// panelSeries is one line, stack or colour of a chart.
type panelSeries struct {
	Key, Name string // as the marts have it, and for people
	Values    []*measured
	Href      []string // of each value; "" for none
}

// panelAxis is what lies along x: periods, or other things in the order of the query.
type panelAxis struct {
	Periods []bucket // nil for other things
	Keys    []string
	Labels  []string
	Hrefs   []string
}

// axisOf gives the axis of a panel: for periods all of the range, also those without a row.
func (m *maker) axisOf(p *dashboards.Panel, t *Table) panelAxis {
	x := p.Of(dashboards.X)
	if len(x) == 0 {
		x = p.Of(dashboards.Label)
	}
	column := x[0]
	var a panelAxis
	if column.Name == "period_start" {
		for _, b := range m.buckets {
			a.Periods = append(a.Periods, b)
			a.Keys = append(a.Keys, b.Start.String())
			a.Labels = append(a.Labels, m.l.Label(m.f.Period, b.Start))
			a.Hrefs = append(a.Hrefs, "")
		}
		return a
	}
	for _, r := range t.rows() {
		key := r.text(column.Name)
		if slices.Contains(a.Keys, key) && len(p.Of(dashboards.Series)) > 0 {
			continue
		}
		a.Keys = append(a.Keys, key)
		a.Labels = append(a.Labels, m.cell(p, column, r).Text)
		href := ""
		if p.Drill != nil && !drillsBySeries(p) {
			href = m.drill(p, r)
		}
		a.Hrefs = append(a.Hrefs, href)
	}
	if column.Name == "severity" || column.Name == "dimension_value" {
		return a.sorted(m.ordered(p, "severity", slices.Clone(a.Keys)))
	}
	return a
}

func (a panelAxis) sorted(keys []string) panelAxis {
	out := panelAxis{Periods: a.Periods, Keys: keys}
	for _, k := range keys {
		i := slices.Index(a.Keys, k)
		out.Labels, out.Hrefs = append(out.Labels, a.Labels[i]), append(out.Hrefs, a.Hrefs[i])
	}
	return out
}

func drillsBySeries(p *dashboards.Panel) bool {
	series := p.Of(dashboards.Series)
	return len(series) == 1 && drillsBy(p, series[0].Name)
}

// seriesOf gives the series of a panel along an axis: one for each value of its series column, or one for each y column. A value
// that has no row is a gap.
func (m *maker) seriesOf(p *dashboards.Panel, t *Table, a panelAxis) []panelSeries {
	ys := p.Of(dashboards.Y)
	if series := p.Of(dashboards.Series); len(series) == 1 && len(ys) == 1 {
		return m.seriesByColumn(p, t, a, series[0], ys[0])
	}
	at := m.indexOf(p, a)
	var out []panelSeries
	for _, y := range ys {
		s := panelSeries{Key: y.Name, Name: y.Title.In(m.l.Code), Values: make([]*measured, len(a.Keys)), Href: make([]string, len(a.Keys))}
		for i, r := range t.rows() {
			if k := at(r, i); k >= 0 {
				s.Values[k] = m.measuredBy(p, y, r)
				s.Href[k] = a.Hrefs[k]
			}
		}
		out = append(out, s)
	}
	return out
}

func (m *maker) seriesByColumn(p *dashboards.Panel, t *Table, a panelAxis, series, y dashboards.Column) []panelSeries {
	at := m.indexOf(p, a)
	by := map[string]*panelSeries{}
	var names []string
	for i, r := range t.rows() {
		key, k := r.text(series.Name), at(r, i)
		if k < 0 {
			continue
		}
		s := by[key]
		if s == nil {
			s = &panelSeries{Key: key, Name: m.word(p, series, key), Values: make([]*measured, len(a.Keys)), Href: make([]string, len(a.Keys))}
			by[key], names = s, append(names, key)
		}
		s.Values[k] = m.measuredBy(p, y, r)
		s.Href[k] = m.drill(p, r)
	}
	var out []panelSeries
	for _, key := range m.ordered(p, series.Name, names) {
		if key != "" || series.Name == "severity" {
			out = append(out, *by[key])
		}
	}
	if none := by[""]; none != nil && series.Name != "severity" && !none.isZero() { // what has no name comes last
		out = append(out, *none)
	}
	return out
}

// isZero says whether there is nothing in a series.
func (s panelSeries) isZero() bool {
	return !slices.ContainsFunc(s.Values, func(v *measured) bool { return v != nil && v.Value != nil && *v.Value != 0 })
}

// indexOf finds the place of a row on an axis; -1 where it has none.
func (m *maker) indexOf(p *dashboards.Panel, a panelAxis) func(r row, i int) int {
	x := p.Of(dashboards.X)
	if len(x) == 0 {
		x = p.Of(dashboards.Label)
	}
	places := make(map[string]int, len(a.Keys))
	twice := false
	for i, k := range a.Keys {
		_, there := places[k]
		twice = twice || there
		places[k] = i
	}
	return func(r row, i int) int {
		if twice { // names that several have: a row each
			return i
		}
		if k, ok := places[r.text(x[0].Name)]; ok {
			return k
		}
		return -1
	}
}

// measuredBy is the value of a row with its interval and sample.
func (m *maker) measuredBy(p *dashboards.Panel, y dashboards.Column, r row) *measured {
	v := &measured{Value: r.number(y.Name), N: fewBelow}
	if low, high := p.Of(dashboards.Low), p.Of(dashboards.High); len(low) == 1 && len(high) == 1 {
		v.Low, v.High = r.number(low[0].Name), r.number(high[0].Name)
	}
	if n := p.Of(dashboards.Sample); len(n) == 1 {
		v.N = r.count(n[0].Name)
	}
	return v
}

// smallSample says whether a value rests on fewer objects than make a median or a rate sure.
func (m *maker) smallSample(p *dashboards.Panel, y dashboards.Column, v *measured) bool {
	return v != nil && v.Value != nil && v.N < fewBelow && (y.Unit == dashboards.Seconds || y.Unit == dashboards.Share || y.Unit == dashboards.ByMetric) && !isSum(p, y)
}

// isSum says whether a duration is a sum, which few objects make no less sure: those that are stacked are.
func isSum(p *dashboards.Panel, y dashboards.Column) bool {
	return p.Chart == dashboards.Columns && y.Unit == dashboards.Seconds
}
