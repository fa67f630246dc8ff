package web

import (
	"strings"

	"fourfold/dashboards"
	"fourfold/dashboards/chart"
)

// keyTrendPanel is the chosen key by period, or all of them.
type keyTrendPanel struct {
	Choices   []keyChoice
	Charts    []keyFigure
	Caption   string
	Heads     []string
	Rows      []keyTrendRow
	Downloads downloads
}

type keyChoice struct {
	Text, Href string
	Current    bool
}

// keyFigure is one key's chart in both sizes.
type keyFigure struct {
	Metric, Title string
	Drawings      []*chart.Drawing
}

type keyTrendRow struct {
	Label string
	Open  bool
	Cells []keyCell
}

// keyCell is a key's value in a table.
type keyCell struct {
	Label, Value, Raw, Detail string
	Level, LevelClass         string
	Few                       bool
}

func (m *maker) keyTrend() keyTrendPanel {
	by := m.l.t("by_" + m.f.Period)
	p := keyTrendPanel{
		Choices:   []keyChoice{{m.l.t("keytrend_all"), m.keyHref(""), m.f.Key == ""}},
		Caption:   m.l.t("keytrend_caption", "period", by, "from", m.l.Date(m.span.From), "to", m.l.Date(m.span.AsOf)),
		Downloads: m.downloads("key_trend"),
	}
	totals := m.keyTotals()
	whole := m.wholeValues()
	for _, b := range m.buckets {
		p.Rows = append(p.Rows, keyTrendRow{Label: m.l.Label(m.f.Period, b.Start), Open: b.Open})
	}
	for _, k := range fourKeys {
		title := m.b.title(m.l, k.metric)
		p.Choices = append(p.Choices, keyChoice{title, m.keyHref(k.metric), m.f.Key == k.metric})
		if m.f.Key != "" && m.f.Key != k.metric {
			continue
		}
		write := m.writer(k.metric, whole[k.metric])
		if write.per != "" {
			title = m.l.t("keytrend_unit", "title", title, "unit", strings.TrimSpace(write.per))
		}
		c := keyChart{
			Metric: k.metric, Title: m.l.t("keytrend_title", "title", title, "period", by), Values: totals[k.metric],
			Duration: m.b.Metrics[k.metric].Unit == "seconds", Unit: 1, Write: write,
		}
		if k.metric == frequencyMetric {
			c.Unit = dashboards.FrequencyUnit(whole[k.metric]).Days
		}
		p.Heads = append(p.Heads, title)
		for i, v := range c.Values {
			c.Few = append(c.Few, m.few(k.metric, v))
			p.Rows[i].Cells = append(p.Rows[i].Cells, m.keyCell(title, v, write, c.Few[i]))
		}
		f := keyFigure{Metric: k.metric, Title: c.Title}
		for _, sz := range chart.Sizes {
			f.Drawings = append(f.Drawings, drawKey(m.l, m.f.Period, m.buckets, c, sz))
		}
		p.Charts = append(p.Charts, f)
	}
	return p
}

// wholeValues are the keys over the whole range: they choose the unit that the periods are written in.
func (m *maker) wholeValues() map[string]*float64 {
	out := map[string]*float64{}
	for _, r := range m.tables["keys"].rows() {
		if r.text("span") == "now" {
			out[r.text("metric")] = r.number("value")
		}
	}
	return out
}

func (m *maker) keyCell(label string, v *measured, write valueWriter, few bool) keyCell {
	c := keyCell{Label: label, Value: "–", Few: few}
	if v == nil {
		return c
	}
	if v.Value != nil {
		c.Value, c.Raw = write.number(v.Value), raw(v.Value)
	}
	if v.N > 0 || v.Value != nil {
		c.Detail = m.l.t("sample_restored", "n", m.l.Count(v.N))
		if interval := m.l.between(write.number, write.whole, v.Low, v.High); interval != "" {
			c.Detail = m.l.t("sample_interval", "n", m.l.Count(v.N), "interval", interval)
		}
	}
	return c
}

// keyServicesPanel is a table with the keys of each service.
type keyServicesPanel struct {
	Caption   string
	Heads     []string
	Rows      []keyServiceRow
	Downloads downloads
}

type keyServiceRow struct {
	Service, Team, Href string
	Cells               []keyCell
}

func (m *maker) keyServices() keyServicesPanel {
	p := keyServicesPanel{
		Caption:   m.l.t("keyservices_caption", "from", m.l.Date(m.span.From), "to", m.l.Date(m.span.AsOf)),
		Downloads: m.downloads("key_services"),
	}
	if year := m.b.Metrics[failureMetric].LevelYear; year != "" {
		p.Caption += m.l.t("sentence_joint") + m.l.t("keyservices_levels", "year", year)
	}
	for _, k := range fourKeys {
		p.Heads = append(p.Heads, m.b.title(m.l, k.metric))
	}
	values := map[string]map[string]row{}
	var order []string
	for _, r := range m.tables["key_services"].rows() {
		s := r.text("service")
		if values[s] == nil {
			values[s] = map[string]row{}
			order = append(order, s)
		}
		values[s][r.text("metric")] = r
	}
	for _, s := range order {
		f := m.f
		f.Service, f.Incident = s, ""
		row := keyServiceRow{Service: s, Team: m.b.Teams[s], Href: m.here.of(m.here.path, f)}
		for i, k := range fourKeys {
			var v *measured
			r, ok := values[s][k.metric]
			if ok {
				v = measuredOf(r)
			}
			write := m.writer(k.metric, valueOf(v))
			c := m.keyCell(p.Heads[i], v, write, m.few(k.metric, v))
			if v != nil && v.Value != nil {
				c.Value = write.text(v.Value)
				c.Level, c.LevelClass = m.level(r)
			}
			row.Cells = append(row.Cells, c)
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}
