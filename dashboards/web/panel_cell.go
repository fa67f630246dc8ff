package web

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"fourfold/dashboards"
)

func (m *maker) rowOpen(p *dashboards.Panel, r row) bool {
	open := p.Of(dashboards.Open)
	if len(open) == 0 {
		return false
	}
	if slices.Contains(r.table.Columns, "period_start") {
		if i := m.bucketOf(r.text("period_start")); i >= 0 {
			return m.buckets[i].Open
		}
	}
	return r.flag(open[0].Name)
}

// around puts the interval, the sample and the level of a value beside it.
func (m *maker) around(p *dashboards.Panel, c dashboards.Column, r row, cell *tableCell) {
	write := m.writerOf(p, c, r)
	var details []string
	low, high := p.Of(dashboards.Low), p.Of(dashboards.High)
	if len(low) == 1 && len(high) == 1 {
		if interval := m.l.between(write.number, write.whole, r.number(low[0].Name), r.number(high[0].Name)); interval != "" {
			details = append(details, interval)
		}
	}
	if n := p.Of(dashboards.Sample); len(n) == 1 && c.Unit != dashboards.Count {
		size := r.count(n[0].Name)
		details = append(details, m.l.t("sample_restored", "n", m.l.Count(size)))
		cell.Few = size < fewBelow && r.value(c.Name) != nil && m.restsOnSample(p, c, r)
	}
	cell.Detail = strings.Join(details, " · ")
	if level := p.Of(dashboards.Level); len(level) == 1 {
		cell.Badge, cell.Class = m.levelOf(m.metricOf(p, r), r.text(level[0].Name), cell.Few)
	}
}

// restsOnSample says whether a value is a quantile or a rate, which few objects make unsure.
func (m *maker) restsOnSample(p *dashboards.Panel, c dashboards.Column, r row) bool {
	unit := m.unitOf(p, c, r)
	return (unit == "seconds" || unit == "ratio") && !isSum(p, c)
}

// unitOf is the unit of a value as dim_metrics names units.
func (m *maker) unitOf(p *dashboards.Panel, c dashboards.Column, r row) string {
	switch c.Unit {
	case dashboards.Seconds:
		return "seconds"
	case dashboards.Share:
		return "ratio"
	case dashboards.Count:
		return string(dashboards.Count)
	case dashboards.ByMetric:
		return m.b.Metrics[m.metricOf(p, r)].Unit
	}
	return ""
}

// metricOf is the metric of a row.
func (m *maker) metricOf(p *dashboards.Panel, r row) string {
	for _, c := range p.Columns {
		if c.Name == "metric" {
			return r.text("metric")
		}
	}
	if len(p.Metrics) == 1 {
		return p.Metrics[0]
	}
	return ""
}

// writerOf writes the values of a column.
func (m *maker) writerOf(p *dashboards.Panel, c dashboards.Column, r row) valueWriter {
	if c.Unit == dashboards.ByMetric {
		metric := m.metricOf(p, r)
		return m.writer(metric, r.number(c.Name))
	}
	unit := m.unitOf(p, c, r)
	w := valueWriter{number: func(v *float64) string { return m.l.Value(unit, v) }, whole: isCount(unit)}
	w.tick = func(v float64) string {
		if unit == "ratio" {
			return short(v*100) + "\u00a0%"
		}
		if unit == "" || w.whole {
			return short(v)
		}
		return w.number(&v)
	}
	return w
}

func numeric(u dashboards.Unit) bool {
	switch u {
	case dashboards.Seconds, dashboards.Share, dashboards.Count, dashboards.PerDay, dashboards.ByMetric:
		return true
	}
	return false
}

// cell writes one value.
func (m *maker) cell(p *dashboards.Panel, c dashboards.Column, r row) tableCell {
	out := tableCell{Label: c.Title.In(m.l.Code), Num: numeric(c.Unit), Doc: c.Unit == dashboards.Document}
	if out.Num {
		out.Raw = raw(r.number(c.Name))
		out.Text = m.writerOf(p, c, r).text(r.number(c.Name))
		return out
	}
	if r.value(c.Name) == nil {
		if c.Role == dashboards.Label || c.Role == dashboards.X || c.Role == dashboards.Series {
			out.Text = m.word(p, c, "")
		} else {
			out.Text = "–"
		}
		return out
	}
	switch c.Unit {
	case dashboards.Instant:
		at := m.moment(r.at(c.Name))
		out.Text, out.At = at.Text, at.Machine
	case dashboards.Flag:
		if out.Text = m.l.t("no"); r.flag(c.Name) {
			out.Text = m.l.t("yes")
		}
	case dashboards.Date:
		out.Text = r.text(c.Name)
		if d, err := parseDay(out.Text); err == nil {
			if c.Name == "period_start" {
				out.Text = m.l.Label(m.f.Period, d)
			} else {
				out.Text = m.l.Date(d)
			}
		}
	case dashboards.Address:
		out.Text = r.text(c.Name)
		out.Href, out.External = webAddress(out.Text), true
	default:
		out.Text = m.word(p, c, r.text(c.Name))
		switch c.Name {
		case "sha":
			out.Text = out.Text[:min(len(out.Text), shortSHA)]
		case "incident_references":
			out.Links = m.incidentLinks(r)
		}
	}
	return out
}

// incidentLinks lead to each of the incidents of a row that has several; none where a name of theirs holds what stands between them.
func (m *maker) incidentLinks(r row) []navLink {
	var out []navLink
	for _, p := range Pairs(r.text("incident_references"), r.text("incident_ids")) {
		out = append(out, navLink{Text: p[0], Href: m.objectHref(incidentPath, p[1])})
	}
	return out
}

// Pairs takes apart two columns into which a query put several values: each beside the other's, nothing where they are not as many.
func Pairs(names, others string) [][2]string {
	a, b := strings.Split(names, joint), strings.Split(others, joint)
	if names == "" || len(a) != len(b) {
		return nil
	}
	var out [][2]string
	for i := range a {
		out = append(out, [2]string{a[i], b[i]})
	}
	return out
}

// Long says whether a word of a text would stretch its column over the edge: it may break anywhere.
func (c tableCell) Long() bool {
	return slices.ContainsFunc(strings.Fields(c.Text), func(word string) bool { return utf8.RuneCountInString(word) > 18 })
}

// joint stands between the values that a query puts into one.
const joint = ", "

// linkRow makes the name of a row a link: to its drill-down, or away to where it comes from.
func (m *maker) linkRow(p *dashboards.Panel, r row, cell *tableCell) {
	if cell.Href = m.drill(p, r); cell.Href != "" {
		return
	}
	for _, c := range p.Of(dashboards.Link) {
		if cell.Href = webAddress(r.text(c.Name)); cell.Href != "" {
			cell.External = true
			return
		}
	}
}

// webAddress is an address that a browser may follow; "" for any other.
func webAddress(s string) string {
	if strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		return s
	}
	return ""
}

// weekdayOf is a Monday to Sunday of 1 to 7.
func (m *maker) weekdayOf(n int) string {
	if n < 1 || n > 7 {
		return ""
	}
	return m.l.t("weekday_" + strings.ToLower(time.Weekday(n % 7).String()[:3]))
}
