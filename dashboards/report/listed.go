package report

import (
	"strings"

	"fourfold/dashboards"
	"fourfold/dashboards/web"
)

// listed is a table of objects: the rows of a panel, with those of its columns that are named, as the catalogue titles and
// counts them.
func (w *writer) listed(key string, names ...string) Table {
	p := w.catalogue.Panel(key)
	columns := make([]dashboards.Column, 0, len(names))
	t := Table{}
	for _, name := range names {
		c, ok := columnOf(p, spoken(p, name, w.code))
		if !ok {
			panic("report: panel " + key + " has no column " + name) // the tests make every section
		}
		columns = append(columns, c)
		t.Heads = append(t.Heads, Head{
			Text: c.Title.In(w.code), Number: c.Unit == dashboards.Seconds || c.Unit == dashboards.Count, Small: c.Unit == dashboards.Document,
		})
	}
	rows := web.Rows(w.tables[p.Query])
	for _, r := range rows[:min(len(rows), tableRows)] {
		out := Row{Key: r.Text(p.Of(dashboards.Label)[0].Name)}
		for _, c := range columns {
			out.Cells = append(out.Cells, w.cell(p, c, r))
		}
		t.Rows = append(t.Rows, out)
	}
	switch n := len(rows); {
	case n >= w.sheet.RowLimit():
		t.After = w.Say("more_than", "shown", w.sheet.Count(len(t.Rows)), "n", w.sheet.Count(n))
	case n > tableRows:
		t.After = w.Say("more", "shown", w.sheet.Count(tableRows), "n", w.sheet.Count(n))
	}
	return t
}

// spoken is the column that says in a language what the named one says in English, where there are two.
func spoken(p *dashboards.Panel, name, language string) string {
	if _, ok := columnOf(p, name+"_"+language); ok {
		return name + "_" + language
	}
	return name
}

func columnOf(p *dashboards.Panel, name string) (dashboards.Column, bool) {
	for _, c := range p.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return dashboards.Column{}, false
}

// links are the columns of addresses, by the column that leads there.
var links = map[string]string{"reference": "permalink", "deployment_id": "url", "title": "external_issue_url"}

// cell writes a value by the unit of its column.
func (w *writer) cell(p *dashboards.Panel, c dashboards.Column, r web.Row) Cell {
	out := Cell{Text: "–"}
	switch c.Unit {
	case dashboards.Seconds:
		if n := r.Number(c.Name); n != nil {
			out.Text, out.Raw = w.sheet.Duration(n), web.Raw(n)
		}
	case dashboards.Count:
		if n := r.Number(c.Name); n != nil {
			out.Text, out.Raw = w.sheet.Count(int(*n)), web.Raw(n)
		}
	case dashboards.Instant:
		if at := r.At(c.Name); !at.IsZero() {
			out.Text = w.sheet.Instant(at)
		}
	case dashboards.Flag:
		out.Text = w.Say("no")
		if r.Flag(c.Name) {
			out.Text = w.Say("yes")
		}
	default:
		if text := strings.TrimSpace(r.Text(c.Name)); text != "" {
			out.Text = w.sheet.Word(c.Name, text)
		}
	}
	if link := links[c.Name]; link != "" {
		if _, ok := columnOf(p, link); ok {
			out.Href = address(r.Text(link))
		}
	}
	if c.Name == "incident_references" {
		for _, p := range web.Pairs(r.Text(c.Name), r.Text("incident_permalinks")) {
			out.Links = append(out.Links, Link{p[0], address(p[1])})
		}
	}
	return out
}

// address lets through what a browser opens as a page.
func address(text string) string {
	if strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") {
		return text
	}
	return ""
}
