package web

import (
	"slices"
	"strings"

	"fourfold/dashboards/chart"
)

// linkedDots is how many dots a page has as links; more are drawn without.
const linkedDots = 1500

// severityPanel is the strip of dots and the table below it.
type severityPanel struct {
	Lead, Caption, Note string
	Strips              []*chart.Drawing
	Rows                []severityRow
	Downloads           downloads
}

type severityRow struct {
	Key, Label, Class, Restored string
	Others                      string // why the restored are not as many as the incidents
	All                         bool
	Incidents                   cell
	Cells                       []cell // median, p90 and acknowledgement
}

type cell struct {
	Label, Value, Raw, Interval string
	Small                       bool
}

func (m *maker) severity(rowLimit int) severityPanel {
	from, to := m.l.Date(m.span.From), m.l.Date(m.span.AsOf)
	p := severityPanel{
		Lead:      m.l.t("severity_lead", "from", from, "to", to),
		Caption:   m.l.t("severity_caption", "from", from, "to", to),
		Downloads: m.downloads("severity"),
	}
	values := map[string]map[string]*measured{} // severity, metric
	var all map[string]*measured
	for _, r := range m.tables["severity"].rows() {
		key := r.text("dimension_value")
		if r.text("dimension") == "all" {
			if all == nil {
				all = map[string]*measured{}
			}
			all[r.text("metric")] = measuredOf(r)
			continue
		}
		if values[key] == nil {
			values[key] = map[string]*measured{}
		}
		values[key][r.text("metric")] = measuredOf(r)
	}
	outcomes := outcomeCounts(m.tables["restore_outcomes"])
	for _, s := range append(slices.Clone(m.severities), "") {
		if (s == "" || m.f.Severity != "") && values[s] == nil {
			continue
		}
		p.Rows = append(p.Rows, m.severityRow(s, m.severityName(s), m.classes[s], values[s], outcomes[s]))
	}
	total := m.severityRow("all", m.l.t("all_severities"), "", all, outcomes["all"])
	total.All = true
	p.Rows = append(p.Rows, total)

	dots, n := m.dots()
	if n == 0 {
		return p
	}
	if n > linkedDots {
		p.Note = m.l.t("severity_plain", "n", m.l.Count(n))
	}
	if n == rowLimit {
		p.Note = strings.TrimSpace(p.Note + " " + m.l.t("severity_cut", "n", m.l.Count(n)))
	}
	var strips []chart.Strip
	for _, s := range append(slices.Clone(m.severities), "") {
		if len(dots[s]) == 0 {
			continue
		}
		st := chart.Strip{Label: m.severityName(s), Class: m.classes[s], Dots: dots[s]}
		if v := values[s][medianMetric]; v != nil {
			st.Median, st.Low, st.High, st.Few = v.Value, v.Low, v.High, v.N < fewBelow
		}
		st.P90 = valueOf(values[s][p90Metric])
		strips = append(strips, st)
	}
	for _, sz := range chart.RowSizes {
		p.Strips = append(p.Strips, drawStrips(m.l, strips, sz))
	}
	return p
}

func (m *maker) severityRow(key, label, class string, v map[string]*measured, outcomes map[string]int) severityRow {
	r := severityRow{Key: key, Label: label, Class: class, Restored: "0", Others: m.l.besideRestored(outcomes), Incidents: cell{Value: "0", Raw: "0"}}
	if n := v[incidentsMetric]; n != nil && n.Value != nil {
		r.Incidents = cell{Value: m.l.Count(int(*n.Value)), Raw: raw(n.Value)}
	}
	if med := v[medianMetric]; med != nil {
		r.Restored = m.l.Count(med.N)
	}
	for _, column := range []struct{ label, metric string }{
		{m.l.t("col_median"), medianMetric}, {m.l.t("col_p90"), p90Metric}, {m.l.t("col_ack"), ackMetric},
	} {
		c := cell{Label: column.label, Value: "–"}
		if x := v[column.metric]; x != nil && x.Value != nil {
			c = cell{column.label, m.l.Duration(x.Value), raw(x.Value), m.l.Interval("seconds", x.Low, x.High), x.N < fewBelow}
		}
		r.Cells = append(r.Cells, c)
	}
	return r
}

// dots gives the restored incidents by severity and their number.
func (m *maker) dots() (map[string][]chart.Dot, int) {
	rows := m.tables["restores"].rows()
	out := map[string][]chart.Dot{}
	for _, r := range rows {
		seconds := r.number("seconds")
		if seconds == nil {
			continue
		}
		severity := r.text("severity")
		d := chart.Dot{Seconds: *seconds, Tip: m.l.t("tip_incident", "reference", r.text("reference"), "name", r.text("name"), "duration", m.l.Duration(seconds))}
		if len(rows) <= linkedDots {
			d.Href = m.objectHref(incidentPath, r.text("incident_id"))
		}
		if _, ok := m.classes[severity]; !ok {
			severity = "" // a severity that dim_severities lost is still an incident
		}
		out[severity] = append(out[severity], d)
	}
	return out, len(rows)
}

// anchor makes the id of an incident's place in the page from the incident's id, whatever letters that has.
func anchor(id string) string {
	var b strings.Builder
	b.WriteString("incident-")
	for _, r := range id {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	return b.String()
}
