package web

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"fourfold/dashboards"
)

// tableView is the rows of a panel as people read them.
type tableView struct {
	Caption string
	Heads   []tableHead
	Rows    []tableRow
	More    string // says how many rows there are besides; "" for none
}

type tableHead struct {
	Text, Href string
	Num        bool
}

type tableRow struct {
	Open  bool // of a period that is not over
	Cells []tableCell
}

// tableCell is a value; the first of a row names it.
type tableCell struct {
	Text, Detail  string
	Raw           string // as the marts have it
	At            string // the instant in RFC 3339, where it is one
	Label         string // of its column, for narrow screens
	Href          string
	External      bool      // whether Href leads away from the dashboard
	Links         []navLink // instead of Href, where the text names several objects
	Num, Few, Bad bool
	Doc           bool   // a long text
	Badge, Class  string // a level beside it
}

// table writes an answer: long ones, with a row for each metric or series, get a column for each.
func (m *maker) table(p *dashboards.Panel, t *Table, rows int) tableView {
	if series := pivotColumn(p); series != "" {
		return m.wide(p, t, series, rows)
	}
	v := tableView{}
	var shown []dashboards.Column
	for _, c := range p.Columns {
		if p.Foreign(c, m.l.Code) {
			continue
		}
		switch c.Role {
		case dashboards.Hidden, dashboards.Key, dashboards.Link, dashboards.Low, dashboards.High, dashboards.Open, dashboards.Level:
			if c.Role == dashboards.High && len(p.Of(dashboards.Low)) == 0 { // a number of its own, as a ninth decile
				shown = append(shown, c)
			}
			continue
		case dashboards.Sample:
			if ys := p.Of(dashboards.Y); len(ys) == 1 && ys[0].Unit != dashboards.Count {
				continue // it stands beside the value
			}
		}
		shown = append(shown, c)
	}
	for _, c := range shown {
		v.Heads = append(v.Heads, tableHead{Text: c.Title.In(m.l.Code), Num: numeric(c.Unit)})
	}
	named := max(0, slices.IndexFunc(shown, func(c dashboards.Column) bool { return c.Role == dashboards.Label }))
	for _, r := range t.rows()[:min(rows, len(t.Rows))] {
		out := tableRow{Open: m.rowOpen(p, r)}
		for i, c := range shown {
			cell := m.cell(p, c, r)
			if c.Role == dashboards.Y {
				m.around(p, c, r, &cell)
			}
			if i == named {
				m.linkRow(p, r, &cell)
			}
			out.Cells = append(out.Cells, cell)
		}
		v.Rows = append(v.Rows, out)
	}
	if v.More = m.more(len(t.Rows), rows); isList(p) && (len(t.Rows) == rows+1 || m.f.Kiosk != "" && len(t.Rows) > rowsShown) { // nobody has counted the others
		v.More = m.l.t(m.moreKey("first"), "shown", m.l.Count(rows))
	}
	return v
}

func (m *maker) more(all, shown int) string {
	if all <= shown {
		return ""
	}
	if m.rowLimit > 0 && all >= m.rowLimit {
		return m.l.t(m.moreKey("cut"), "shown", m.l.Count(shown))
	}
	return m.l.t(m.moreKey("more"), "shown", m.l.Count(shown), "n", m.l.Count(all))
}

// moreKey says that there are more rows: on a wall there are no downloads.
func (m *maker) moreKey(key string) string {
	switch {
	case m.f.Kiosk == "":
		return "table_" + key
	case key == "more":
		return "table_wall_more"
	}
	return "table_wall_first"
}

// pivotColumn is the column whose values become columns: the series of a panel whose rows are named by another column.
func pivotColumn(p *dashboards.Panel) string {
	series := p.Of(dashboards.Series)
	if len(series) != 1 || len(p.Of(dashboards.Y)) != 1 || (len(p.Of(dashboards.X)) == 0 && len(p.Of(dashboards.Label)) == 0) {
		return ""
	}
	if len(p.Of(dashboards.Detail)) > 0 {
		return ""
	}
	return series[0].Name
}

// wide puts the values of a series beside each other.
func (m *maker) wide(p *dashboards.Panel, t *Table, series string, rows int) tableView {
	named := p.Of(dashboards.X)
	if len(named) == 0 {
		named = p.Of(dashboards.Label)
	}
	y := p.Of(dashboards.Y)[0]
	var names []string
	var keys []string
	byRow := map[string]map[string]row{}
	for _, r := range t.rows() {
		name, key := r.text(series), r.text(named[0].Name)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		if byRow[key] == nil {
			byRow[key] = map[string]row{}
			keys = append(keys, key)
		}
		byRow[key][name] = r
	}
	names = m.ordered(p, series, names)
	v := tableView{Heads: []tableHead{{Text: named[0].Title.In(m.l.Code)}}}
	bySeries := drillsBySeries(p)
	seriesColumn := p.Of(dashboards.Series)[0]
	for _, name := range names {
		head := tableHead{Text: m.word(p, seriesColumn, name), Num: true}
		if bySeries {
			head.Href = m.drill(p, anyRow(t, series, name))
		}
		v.Heads = append(v.Heads, head)
	}
	if named[0].Name == "dimension_value" || named[0].Name == "severity" {
		keys = m.ordered(p, "severity", keys)
		if i := slices.Index(keys, "all"); i > 0 { // the whole comes last, as a sum does
			keys = append(slices.Delete(keys, i, i+1), "all")
		}
	}
	if named[0].Unit == dashboards.Hour {
		slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(len(a), len(b))*2 + cmp.Compare(a, b) })
	}
	if named[0].Name == "metric" {
		keys = m.ordered(p, "metric", keys)
	}
	for _, key := range keys[:min(rows, len(keys))] {
		var first row
		for _, name := range names {
			if r, ok := byRow[key][name]; ok {
				first = r
				break
			}
		}
		head := m.cell(p, named[0], first)
		if !bySeries {
			m.linkRow(p, first, &head)
		}
		out := tableRow{Open: m.rowOpen(p, first), Cells: []tableCell{head}}
		for i, name := range names {
			r, ok := byRow[key][name]
			if !ok {
				none := tableCell{Text: "–", Num: true, Label: v.Heads[i+1].Text}
				if p.Chart == dashboards.Heatmap { // what has no row was not there
					none.Text, none.Raw = "0", "0"
				}
				out.Cells = append(out.Cells, none)
				continue
			}
			cell := m.cell(p, y, r)
			cell.Label = v.Heads[i+1].Text
			m.around(p, y, r, &cell)
			out.Cells = append(out.Cells, cell)
		}
		v.Rows = append(v.Rows, out)
	}
	v.More = m.more(len(keys), rows)
	return v
}

// drillsBy says whether a panel leads on by a column.
func drillsBy(p *dashboards.Panel, column string) bool {
	if p.Drill != nil {
		for _, by := range p.Drill.Filters {
			if by == column {
				return true
			}
		}
	}
	return false
}

// anyRow is a row that has a value; there must be one.
func anyRow(t *Table, column, value string) row {
	for _, r := range t.rows() {
		if r.text(column) == value {
			return r
		}
	}
	panic("web: no row has " + value)
}

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
	names, ids := strings.Split(r.text("incident_references"), joint), strings.Split(r.text("incident_ids"), joint)
	if len(names) != len(ids) {
		return nil
	}
	var out []navLink
	for i, id := range ids {
		out = append(out, navLink{Text: names[i], Href: m.objectHref(incidentPath, id)})
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
