package web

import (
	"slices"
	"strconv"

	"fourfold/dashboards"
	"fourfold/dashboards/chart"
)

// columns draws amounts by period or by class.
func (m *maker) columns(p *dashboards.Panel, t *Table) chart.ColumnsChart {
	y := p.Of(dashboards.Y)[0]
	a := m.axisOf(p, t)
	all := m.seriesOf(p, t, a)
	c := chart.ColumnsChart{Head: m.head(p, ""), Others: m.l.t("others"), Totals: y.Unit == dashboards.Count && !overlaps(p)}
	r := row{t, t.Rows[0]}
	write := m.writerOf(p, y, r)
	c.Scale = m.scaleOf(p, y, r, false)
	if a.Periods != nil {
		c.Periods = m.periodsOf(a)
	} else {
		c.Categories, c.Joined = a.Labels, p.Chart == dashboards.Histogram
	}
	for _, s := range all {
		c.Series = append(c.Series, chart.Series{Label: s.Name, Class: m.seriesClass(p, s), Values: m.values(p, y, a, s, write, false)})
	}
	return c
}

// overlaps says whether one thing may be in several series: then their sum is no number of things.
func overlaps(p *dashboards.Panel) bool {
	series := p.Of(dashboards.Series)
	return len(series) == 1 && (series[0].Name == "service" || series[0].Name == "team")
}

// bars draws amounts of things with names.
func (m *maker) bars(p *dashboards.Panel, t *Table) chart.BarsChart {
	ys := p.Of(dashboards.Y)
	a := m.axisOf(p, t)
	all := m.seriesOf(p, t, a)
	r := row{t, t.Rows[0]}
	write := m.writerOf(p, ys[0], r)
	c := chart.BarsChart{
		Head: m.head(p, ""), Scale: m.scaleOf(p, ys[0], r, false), Most: 20,
		More: func(n int) string { return m.l.n("chart_more", n) },
	}
	for _, s := range all {
		c.Series = append(c.Series, chart.Series{Label: s.Name, Class: m.seriesClass(p, s)})
	}
	if len(all) == 1 {
		c.Series[0].Label = ""
	}
	for i, label := range a.Labels {
		b := chart.BarRow{Label: label, Href: a.Hrefs[i]}
		sum, any := 0.0, false
		for _, s := range all {
			v := s.Values[i]
			if v == nil || v.Value == nil {
				b.Parts = append(b.Parts, nil)
				continue
			}
			sum, any = sum+*v.Value, true
			b.Parts = append(b.Parts, &chart.Value{V: *v.Value, Tip: m.tip(p, label, s.Name, v, write), Href: s.Href[i]})
			if len(all) == 1 {
				b.Low, b.High, b.Few = v.Low, v.High, m.smallSample(p, ys[0], v)
			}
		}
		if b.Written = "–"; any {
			b.Written = write.text(&sum)
		}
		c.Rows = append(c.Rows, b)
	}
	return c
}

// waterfall draws stages that follow each other.
func (m *maker) waterfall(p *dashboards.Panel, t *Table) chart.WaterfallChart {
	x, y := p.Of(dashboards.X)[0], p.Of(dashboards.Y)[0]
	c := chart.WaterfallChart{Head: m.head(p, ""), Scale: m.scaleOf(p, y, row{t, t.Rows[0]}, false)}
	for _, r := range t.rows() {
		s := chart.Stage{Label: m.cell(p, x, r).Text, Written: m.l.Duration(r.number(y.Name))}
		n := fewBelow
		if sample := p.Of(dashboards.Sample); len(sample) == 1 {
			n = r.count(sample[0].Name)
			s.Sample = m.l.t("sample_restored", "n", m.l.Count(n))
		}
		if v := r.number(y.Name); v != nil {
			s.Value = &chart.Value{V: *v, Few: n < fewBelow, Tip: s.Label + m.l.t("colon") + s.Written}
		}
		if high := p.Of(dashboards.High); len(high) == 1 {
			s.P90 = r.number(high[0].Name)
		}
		c.Stages = append(c.Stages, s)
	}
	return c
}

// strips draws a dot for each row.
func (m *maker) strips(p *dashboards.Panel, t *Table) chart.StripsChart {
	x, y := p.Of(dashboards.X)[0], p.Of(dashboards.Y)[0]
	c := chart.StripsChart{Head: m.head(p, ""), Scale: m.scaleOf(p, y, row{t, t.Rows[0]}, true)}
	a := m.axisOf(p, t)
	places := map[string]int{}
	for _, key := range m.ordered(p, x.Name, unique(a.Keys)) {
		places[key] = len(c.Rows)
		class := ""
		if x.Name == "severity" {
			class = m.classes[key]
		}
		c.Rows = append(c.Rows, chart.Strip{Label: m.word(p, x, key), Class: class})
	}
	linked := len(t.Rows) <= linkedDots
	for _, r := range t.rows() {
		v := r.number(y.Name)
		if v == nil {
			continue
		}
		d := chart.Dot{Seconds: *v, Tip: m.l.Duration(v)}
		if label := p.Of(dashboards.Label); len(label) == 1 {
			d.Tip = r.text(label[0].Name) + m.l.t("colon") + d.Tip
		}
		if linked {
			d.Href = m.drill(p, r)
		}
		row := &c.Rows[places[r.text(x.Name)]]
		row.Dots = append(row.Dots, d)
	}
	for i := range c.Rows {
		s := &c.Rows[i]
		s.Sample, s.Few = m.l.t("sample_restored", "n", m.l.Count(len(s.Dots))), len(s.Dots) < fewBelow
		s.Q1, s.Median, s.Q3, s.P90 = quantile(s.Dots, 0.25), quantile(s.Dots, 0.5), quantile(s.Dots, 0.75), quantile(s.Dots, 0.9)
	}
	return c
}

// scatter draws a dot for each row by two numbers.
func (m *maker) scatter(p *dashboards.Panel, t *Table) chart.ScatterChart {
	x, y := p.Of(dashboards.X)[0], p.Of(dashboards.Y)[0]
	first := row{t, t.Rows[0]}
	c := chart.ScatterChart{Head: m.head(p, ""), X: m.scaleOf(p, x, first, false), Y: m.scaleOf(p, y, first, false), Path: true}
	write := m.writerOf(p, y, first)
	for _, r := range t.rows() {
		at, v := r.number(x.Name), m.measuredBy(p, y, r)
		if at == nil || v.Value == nil {
			continue
		}
		label := ""
		if l := p.Of(dashboards.Label); len(l) == 1 {
			label = m.cell(p, l[0], r).Text
		}
		where := label + m.l.t("colon") + x.Title.In(m.l.Code) + " " + m.writerOf(p, x, r).text(at)
		c.Points = append(c.Points, chart.ScatterPoint{
			X: *at, Y: *v.Value, YLow: v.Low, YHigh: v.High, Few: m.smallSample(p, y, v),
			Tip: where + m.l.t("list_joint") + m.tip(p, y.Title.In(m.l.Code), "", v, write), Href: m.drill(p, r),
		})
	}
	return c
}

// workingHours are Monday to Friday from 9 to 18, as the panels about them say.
var workingHours = chart.Region{Row: 0, Column: 9, Rows: 5, Columns: 9}

// heatmap draws an amount for each weekday and hour, or for what else two columns name.
func (m *maker) heatmap(p *dashboards.Panel, t *Table) chart.HeatmapChart {
	x, series, y := p.Of(dashboards.X)[0], p.Of(dashboards.Series)[0], p.Of(dashboards.Y)[0]
	first := row{t, t.Rows[0]}
	write := m.writerOf(p, y, first)
	c := chart.HeatmapChart{
		Head: m.head(p, ""), Scale: m.scaleOf(p, y, first, false),
		Between: func(low, high float64) string {
			if low == high {
				return write.number(&low)
			}
			return m.l.t("interval", "low", write.number(&low), "high", write.number(&high))
		},
	}
	rows, columns := map[string]int{}, map[string]int{}
	joint, colon := m.l.t("list_joint"), m.l.t("colon")
	tip := func(i, j int, value string) string {
		if !c.Named {
			return c.Rows[i] + " " + c.Columns[j] + colon + value
		}
		return c.Rows[i] + joint + x.Title.In(m.l.Code) + colon + c.Columns[j] + joint + y.Title.In(m.l.Code) + colon + value
	}
	if series.Unit == dashboards.Weekday && x.Unit == dashboards.Hour {
		for d := 1; d <= 7; d++ {
			rows[strconv.Itoa(d)] = d - 1
			c.Rows = append(c.Rows, m.weekdayOf(d))
		}
		for h := range 24 {
			columns[strconv.Itoa(h)] = h
			c.Columns = append(c.Columns, strconv.Itoa(h))
		}
		c.Marked, c.Mark = []chart.Region{workingHours}, m.l.t("working_hours")
	} else {
		c.Named = true
		for i, key := range m.ordered(p, series.Name, t.keys(series.Name)) {
			rows[key] = i
			c.Rows = append(c.Rows, m.word(p, series, key))
		}
		for i, key := range m.ordered(p, x.Name, t.keys(x.Name)) {
			columns[key] = i
			c.Columns = append(c.Columns, m.word(p, x, key))
			if row, also := rows[key]; also { // both are of one kind: what is the same in both
				c.Marked, c.Mark = append(c.Marked, chart.Region{Row: row, Column: i, Rows: 1, Columns: 1}), m.l.t("not_changed")
			}
		}
	}
	c.Cells = make([][]*chart.Value, len(c.Rows))
	for i := range c.Cells {
		c.Cells[i] = make([]*chart.Value, len(c.Columns))
		for j := range c.Cells[i] {
			c.Cells[i][j] = &chart.Value{Tip: tip(i, j, "0")}
		}
	}
	for _, r := range t.rows() {
		i, known := rows[r.text(series.Name)]
		j, also := columns[r.text(x.Name)]
		if v := r.number(y.Name); v != nil && known && also {
			cell := &chart.Value{V: *v, Tip: tip(i, j, write.text(v))}
			if *v > 0 {
				cell.Href = m.drill(p, r)
			}
			c.Cells[i][j] = cell
		}
	}
	return c
}

// keys are the values of a column, each once, in the order of the rows.
func (t *Table) keys(column string) []string {
	var out []string
	for _, r := range t.rows() {
		out = append(out, r.text(column))
	}
	return unique(out)
}

func unique(in []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range in {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// quantile is that of M1: between the two ranks around it. Nil for none.
func quantile(dots []chart.Dot, q float64) *float64 {
	if len(dots) == 0 {
		return nil
	}
	values := make([]float64, len(dots))
	for i, d := range dots {
		values[i] = d.Seconds
	}
	slices.Sort(values)
	at := q * float64(len(values)-1)
	i := int(at)
	v := values[i]
	if i+1 < len(values) {
		v += (at - float64(i)) * (values[i+1] - v)
	}
	return &v
}
