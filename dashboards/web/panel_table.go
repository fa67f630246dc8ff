package web

import (
	"cmp"
	"slices"

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
