package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fourfold/dashboards/web"
)

// incidents is the period's incidents against the period before, and by severity.
func (w *writer) incidents() Section {
	s := w.section("severity")
	s.Page = true
	head := Table{Title: w.Say("incidents_headline"), Heads: []Head{
		{Text: w.Say("col_metric")},
		{Text: w.Say("col_value"), Number: true},
		{Text: w.Say("col_interval"), Number: true},
		{Text: w.Say("col_n"), Number: true},
		{Text: w.Say("col_change"), Small: true},
	}}
	for _, metric := range incidentMetrics {
		values := w.byPeriod("trend", metric)
		last := len(values) - 1
		head.Rows = append(head.Rows, w.incidentRow(metric, values[last], values[last-1]))
	}
	s.Notes = append(s.Notes, w.Say("keys_before", "period", w.before()))
	s.Tables = append(s.Tables, head, w.bySeverity())
	return s
}

func (w *writer) incidentRow(metric string, v, before *web.Measured) Row {
	value, interval, n := Cell{Text: "–"}, "–", "–"
	if v != nil && v.Value != nil {
		value = Cell{Text: w.sheet.Value(metric, nil, v.Value), Raw: web.Raw(v.Value), Class: "strong"}
		if w.sheet.Few(metric, v) {
			value.Class = "few"
		}
		if x := w.sheet.Interval(metric, nil, v); x != "" {
			interval = x
		}
	}
	if v != nil && metric != incidentsMetric { // a count is its own sample
		n = w.sheet.Count(v.N)
	}
	change := Cell{Text: w.Say("nothing_before")}
	if class, text := w.sheet.Change(metric, v, before, w.before()); text != "" {
		change = Cell{Text: text, Class: class}
	}
	return Row{Key: metric, Cells: []Cell{{Text: w.sheet.MetricTitle(metric)}, value, {Text: interval}, {Text: n}, change}}
}

// severityValues are the metrics of the period by severity, and those of all; order is by severity, none last.
func (w *writer) severityValues() (order []string, values map[string]map[string]*web.Measured, all map[string]*web.Measured) {
	values, all = map[string]map[string]*web.Measured{}, map[string]*web.Measured{}
	for _, r := range web.Rows(w.tables["severity"]) {
		if r.Text("dimension") == "all" {
			all[r.Text("metric")] = r.Measured()
			continue
		}
		name := r.Text("dimension_value")
		if values[name] == nil {
			values[name] = map[string]*web.Measured{}
		}
		values[name][r.Text("metric")] = r.Measured()
	}
	order = slices.Clone(w.sheet.Severities)
	if values[""] != nil {
		order = append(order, "")
	}
	return order, values, all
}

func (w *writer) bySeverity() Table {
	t := Table{Title: w.Say("col_severity"), Heads: []Head{{Text: w.Say("col_severity")}, {Text: w.Say("col_incidents"), Number: true}}}
	for _, name := range []string{"col_median", "col_p90", "col_acknowledge"} {
		t.Heads = append(t.Heads, Head{Text: w.Say(name), Number: true})
	}
	order, values, all := w.severityValues()
	add := func(key, severity, label string, v map[string]*web.Measured) {
		n := Cell{Text: "0", Raw: "0"}
		if x := v[incidentsMetric]; x != nil && x.Value != nil {
			n = w.metric(incidentsMetric, nil, x)
		}
		if why := w.sheet.BesideRestored(w.tables["restore_outcomes"], severity); why != "" {
			n.Detail = strings.Trim(n.Detail+" · "+why, " ·")
		}
		t.Rows = append(t.Rows, Row{Key: key, Cells: []Cell{
			{Text: label}, n, w.metric(medianMetric, nil, v[medianMetric]), w.metric(p90Metric, nil, v[p90Metric]), w.metric(ackMetric, nil, v[ackMetric]),
		}})
	}
	for _, name := range order {
		add(cmp.Or(name, "(none)"), name, w.sheet.Severity(name), values[name])
	}
	add("all", "all", w.Say("all"), all)
	return t
}

// incidentTrend is incidents and the time to restore by period.
func (w *writer) incidentTrend() Section {
	unit := w.Say("by_" + w.period.Unit)
	s := w.section("incidents_by_severity")
	all := w.counts()
	counts, err := w.sheet.CountsChart(w.period.Unit, w.buckets, all)
	if err != nil {
		w.err = err
		return s
	}
	incidents, medians, p90s, acks := w.byPeriod("trend", incidentsMetric), w.byPeriod("trend", medianMetric), w.byPeriod("trend", p90Metric), w.byPeriod("trend", ackMetric)
	restores, err := w.sheet.RestoresChart(w.period.Unit, w.buckets, medians, p90s)
	if err != nil {
		w.err = err
		return s
	}
	s.Figures = []Figure{{Title: w.Say("incidents_by", "unit", unit), SVG: counts}, {Title: w.Say("restore_by", "unit", unit), SVG: restores}}
	for _, c := range all {
		s.Legend = append(s.Legend, Legend{w.sheet.SeverityClass(c.Severity), w.sheet.Severity(c.Severity)})
	}
	s.Legend = append(s.Legend, Legend{"line", w.Say("legend_median")}, Legend{"band", w.Say("legend_interval")}, Legend{"p90", w.Say("legend_p90")},
		Legend{"pending", w.Say("legend_pending")})
	t := Table{Title: w.Say("trend_table", "unit", unit), Heads: []Head{
		{Text: w.Say("col_period")},
		{Text: w.Say("col_incidents"), Number: true},
		{Text: w.Say("col_median"), Number: true},
		{Text: w.Say("col_p90"), Number: true},
		{Text: w.Say("col_acknowledge"), Number: true},
	}}
	for i, b := range w.buckets {
		t.Rows = append(t.Rows, Row{Key: b.Start.Format(time.DateOnly), Cells: []Cell{
			w.label(b), w.metric(incidentsMetric, nil, incidents[i]), w.metric(medianMetric, nil, medians[i]),
			w.metric(p90Metric, nil, p90s[i]), w.metric(ackMetric, nil, acks[i]),
		}})
	}
	s.Tables = []Table{t}
	return s
}

// counts are the incidents of each severity that has any, by period.
func (w *writer) counts() []web.Counts {
	found := map[string][]int{}
	for _, r := range web.Rows(w.trend["trend"]) {
		if r.Text("metric") != incidentsMetric || r.Text("dimension") != "severity" || r.Count("value") == 0 {
			continue
		}
		name := r.Text("dimension_value")
		for i, b := range w.buckets {
			if r.Text("period_start") == b.Start.Format(time.DateOnly) {
				if found[name] == nil {
					found[name] = make([]int, len(w.buckets))
				}
				found[name][i] = r.Count("value")
			}
		}
	}
	var out []web.Counts
	for _, name := range append(slices.Clone(w.sheet.Severities), "") {
		if found[name] != nil {
			out = append(out, web.Counts{Severity: name, ByPeriod: found[name]})
		}
	}
	return out
}

// restores is a dot for each time to restore.
func (w *writer) restores() Section {
	s := w.section("restores")
	s.After = []string{w.Say("strip_read")}
	order, values, _ := w.severityValues()
	found := map[string][]float64{}
	for _, r := range web.Rows(w.tables["restores"]) {
		if seconds := r.Number("seconds"); seconds != nil {
			name := r.Text("severity")
			if !slices.Contains(w.sheet.Severities, name) {
				name = ""
			}
			found[name] = append(found[name], *seconds)
		}
	}
	if found[""] != nil && !slices.Contains(order, "") {
		order = append(order, "")
	}
	var strips []web.Restores
	for _, name := range order {
		if len(found[name]) > 0 {
			strips = append(strips, web.Restores{Severity: name, Seconds: found[name], Median: values[name][medianMetric], P90: values[name][p90Metric]})
		}
	}
	if len(strips) == 0 {
		s.Notes, s.After = append(s.Notes, w.Say("none")), nil
		return s
	}
	svg, err := w.sheet.StripsChart(strips)
	if err != nil {
		w.err = err
	}
	s.Figures = []Figure{{SVG: svg, Wide: true}}
	return s
}

// phases is where the time of incidents goes.
func (w *writer) phases() Section {
	s := w.section("phases")
	t := Table{Heads: []Head{
		{Text: w.Say("col_phase")}, {Text: w.Say("col_median"), Number: true}, {Text: w.Say("col_p90"), Number: true}, {Text: w.Say("col_n"), Number: true},
	}}
	var phases []web.Phase
	for _, r := range web.Rows(w.tables["phases"]) {
		p := web.Phase{Label: r.Text("status_category"), Median: r.Number("median_seconds"), P90: r.Number("p90_seconds"), N: r.Count("sample_size")}
		if key := "category_" + p.Label; w.Has(key) {
			p.Label = w.Say(key)
		}
		phases = append(phases, p)
		t.Rows = append(t.Rows, Row{Key: r.Text("status_category"), Cells: []Cell{
			{Text: p.Label}, {Text: w.sheet.Duration(p.Median), Raw: web.Raw(p.Median)}, {Text: w.sheet.Duration(p.P90), Raw: web.Raw(p.P90)}, {Text: w.sheet.Count(p.N)},
		}})
	}
	if len(phases) > 0 {
		svg, err := w.sheet.PhasesChart(s.Title, w.Say("phases_desc"), phases)
		if err != nil {
			w.err = err
		}
		s.Figures = []Figure{{SVG: svg, Wide: true}}
		s.Legend = []Legend{{"phase", w.Say("legend_median")}, {"p90tick", w.Say("legend_p90")}}
	}
	return w.tabled(s, t, "none")
}

// open is what is not restored as of the build.
func (w *writer) open() Section {
	return w.tabled(w.section("open_incidents"), w.listed("open_incidents", "reference", "name", "severity", "status", "started_at"), "none_now")
}
