package web

import (
	"slices"
	"strings"
)

// filterForm is what can be chosen on a page.
type filterForm struct {
	Action            string
	Selects           []selectBox
	From, To          string
	First, Last       string // dates between which one can choose
	Counted, AllShown bool   // whether the list of incidents can show those that do not count, and does
	Hidden            []hiddenValue
	Filtered          bool
	ResetHref         string
}

type hiddenValue struct{ Name, Value string }

type selectBox struct {
	Name, Label string
	Options     []option
	Groups      []optionGroup
}

type optionGroup struct {
	Label   string
	Options []option
}

type option struct {
	Value, Text string
	Selected    bool
}

// chooser is a filter that people choose by: its parameter in the catalogue's queries and its name in the address.
type chooser struct {
	parameter, name string
	value           func(filter) string
}

var choosers = []chooser{
	{"service", "service", func(f filter) string { return f.Service }},
	{"team", "team", func(f filter) string { return f.Team }},
	{"repository", "repository", func(f filter) string { return f.Repository }},
	{"severity", "severity", func(f filter) string { return f.Severity }},
	{"incident_type", "type", func(f filter) string { return f.Type }},
	{"field", "field", func(f filter) string { return f.Field }},
}

// form offers the filters of a page. What the page cannot be narrowed by stays in the address, for the pages that can.
func (m *maker) form(filters []string, counted bool) filterForm {
	out := filterForm{
		Action: m.here.root + m.here.path, From: m.f.From, To: m.f.To, First: m.b.FirstDate.String(), Last: m.b.AsOfDate.String(),
		Counted: counted, AllShown: m.f.Counted == "all",
	}
	if slices.Contains(filters, "period") {
		out.Selects = append(out.Selects, m.fixedBox("period", m.f.Period, periodChoices))
	} else {
		out.hide("period", m.f.Period, defaultPeriod)
	}
	ranges := rangeChoices
	if m.f.From != "" {
		ranges = append(slices.Clone(ranges), "")
	}
	out.Selects = append(out.Selects, m.fixedBox("range", m.f.Range, ranges))
	for _, c := range choosers {
		chosen := c.value(m.f)
		box := m.namedBox(c, chosen)
		switch {
		case !slices.Contains(filters, c.parameter):
			out.hide(c.name, chosen, "")
		case len(box.Options) > 1 || len(box.Groups) > 0: // where nothing is to choose, nothing is asked
			out.Selects = append(out.Selects, box)
		}
	}
	if m.f.From != "" {
		out.hide("dated", "1", "")
	}
	out.hide("key", m.f.Key, "")
	out.hide("lang", m.f.Lang, "")
	out.hide("theme", m.f.Theme, "")
	if !counted {
		out.hide("counted", m.f.Counted, "")
	}
	plain := m.f.alone()
	out.ResetHref = m.here.of(m.here.path, plain)
	read := m.f
	read.misread = ""
	out.Filtered = read != plain.chosen(m.b)
	return out
}

func (o *filterForm) hide(name, value, usual string) {
	if value != usual {
		o.Hidden = append(o.Hidden, hiddenValue{name, value})
	}
}

// fixedBox offers what every build has. "" is the dates beside it.
func (m *maker) fixedBox(name, current string, choices []string) selectBox {
	box := selectBox{Name: name, Label: m.l.t("filter_" + name)}
	for _, c := range choices {
		key := c
		if c == "" {
			key = "dates"
		}
		box.Options = append(box.Options, option{c, m.l.t("choice_" + key), c == current})
	}
	return box
}

// namedBox offers what the build has.
func (m *maker) namedBox(c chooser, current string) selectBox {
	box := selectBox{Name: c.name, Label: m.l.t("filter_" + c.name)}
	box.Options = append(box.Options, option{"", m.l.t("filter_every_" + c.name), current == ""})
	if c.parameter == "field" {
		for _, v := range m.b.Fields {
			if n := len(box.Groups); n == 0 || box.Groups[n-1].Label != v.Name {
				box.Groups = append(box.Groups, optionGroup{Label: v.Name})
			}
			g := &box.Groups[len(box.Groups)-1]
			g.Options = append(g.Options, option{v.text(), v.Value, v.text() == current})
		}
	} else {
		for _, v := range m.b.Choices[c.parameter] {
			box.Options = append(box.Options, option{v, v, v == current})
		}
	}
	if current != "" && !m.has(c, current) {
		box.Options = append(box.Options, option{current, m.l.t("filter_unknown", "value", current), true})
	}
	return box
}

// unread names what was chosen that nothing reads: the filters whose parameters are not.
func (m *maker) unread(reads func(parameter string) bool) string {
	var names []string
	for _, c := range choosers {
		if c.value(m.f) != "" && !reads(c.parameter) {
			names = append(names, m.l.t("filter_"+c.name))
		}
	}
	return strings.Join(names, m.l.t("list_joint"))
}

// notApplied says which of what was chosen the page cannot be narrowed by; "" where all is.
func (m *maker) notApplied(filters []string) string {
	if names := m.unread(func(parameter string) bool { return slices.Contains(filters, parameter) }); names != "" {
		return m.l.t("filter_not_applied", "filters", names)
	}
	return ""
}

// notRead says the same of queries.
func (m *maker) notRead(queries ...string) string {
	names := m.unread(func(parameter string) bool {
		return slices.ContainsFunc(queries, func(q string) bool { return slices.Contains(m.parameters[q], parameter) })
	})
	if names != "" {
		return m.l.t("panel_unread", "filters", names)
	}
	return ""
}

// cut says whether an answer ends at dashboard.row_limit.
func (m *maker) cut(t *Table) bool { return m.rowLimit > 0 && len(t.Rows) >= m.rowLimit }
