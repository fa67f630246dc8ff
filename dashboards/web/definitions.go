package web

import "slices"

// definition is what a metric means, and the statement that makes it.
type definition struct {
	Anchor, Metric, Title, Text, Limits, Rules string
	Key                                        bool // one of the Four Keys, or rework
	Ask, SQL                                   string
	Panels                                     []navLink // that show it
}

type definitionsData struct {
	sectionData
	Definitions []definition
}

// definitions are the metrics as the marts describe them: the keys first, then the others by name.
func (m *maker) definitions(s *server) []definition {
	var names []string
	for name := range m.b.Metrics {
		if !slices.Contains(keyNames(), name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []definition
	for i, name := range append(keyNames(), names...) {
		info, ok := m.b.Metrics[name]
		if !ok {
			continue // a build from before the metric
		}
		d := definition{
			Anchor: definitionAnchor(name), Metric: name, Title: m.b.title(m.l, name), Text: info.Text[m.l.Code], Limits: m.limits(name),
			Rules: info.Rules, Key: i < len(fourKeys),
			Ask: "select period_start, value, low, high, sample_size\nfrom four_keys\nwhere metric = '" + name + "' and period = '" + m.f.Period +
				"' and dimension = 'all'\norder by period_start",
			SQL: m.metricSQL(s, name),
		}
		for _, p := range m.catalogue.Panels {
			if slices.Contains(p.Metrics, name) {
				d.Panels = append(d.Panels, navLink{Text: p.Title.In(m.l.Code), Href: m.here.of(panelPath(p.Key), m.f)})
			}
		}
		out = append(out, d)
	}
	return out
}

// metricSQL is the statement that makes a metric from what was measured, over the range of the page.
func (m *maker) metricSQL(s *server, metric string) string {
	params := m.params(latestShown, s.RowLimit)
	params["metric"], params["to_date"] = metric, m.span.AsOf.String()
	return s.statement("metric_value", params)
}

// statement is a query of the catalogue with the values of a page; it can be run as it is.
func (s *server) statement(query string, params map[string]any) string {
	text, err := s.store.queries[query].Statement(s.Engine, params)
	if err == nil {
		return text
	}
	panic("web: " + err.Error()) // the queries and their parameters are in the program, and the tests make each statement
}
