package report

import (
	"fourfold/dashboards/web"
)

// keys is the Four Keys and rework of the period, against the period before.
func (w *writer) keys() Section {
	s := w.section("keys")
	s.After = nil
	switch {
	case !w.sheet.ReadsCode:
		s.Notes = append(s.Notes, w.Say("keys_missing"))
		return s
	case !w.sheet.Deploys:
		s.Notes = append(s.Notes, w.Say("keys_uncounted"))
		return s
	}
	values := map[string]map[string]*web.Measured{"now": {}, "before": {}}
	for _, r := range web.Rows(w.tables["keys"]) {
		values[r.Text("span")][r.Text("metric")] = r.Measured()
	}
	t := Table{Heads: []Head{
		{Text: w.Say("col_metric")},
		{Text: w.Say("col_value"), Number: true},
		{Text: w.Say("col_level")},
		{Text: w.Say("col_interval"), Number: true},
		{Text: w.Say("col_n"), Number: true},
		{Text: w.Say("col_change"), Small: true},
	}}
	for _, metric := range keyMetrics {
		t.Rows = append(t.Rows, w.keyRow(metric, values["now"], values["before"]))
	}
	s.Tables = []Table{t}
	s.Notes = append(s.Notes, w.Say("keys_before", "period", w.before()))
	return s
}

func (w *writer) keyRow(metric string, now, before map[string]*web.Measured) Row {
	v := now[metric]
	value, level, interval, n := Cell{Text: "–"}, Cell{Text: "–"}, "–", w.sheet.Count(0)
	if v != nil {
		n = w.sheet.Count(v.N)
	}
	if v != nil && v.Value != nil {
		value = Cell{Text: w.sheet.Value(metric, v.Value, v.Value), Raw: web.Raw(v.Value), Class: "strong"}
		if w.sheet.Few(metric, v) {
			value.Class = "few"
		}
		if x := w.sheet.Interval(metric, v.Value, v); x != "" {
			interval = x
		}
		if v.Level != "" {
			level = Cell{Text: w.sheet.Level(metric, v.Level)}
			if value.Class != "few" {
				level.Class = "level-" + v.Level
			}
		}
	}
	if x := now[evidenceMetric]; metric == "change_failure_rate" && x != nil && x.Value != nil {
		value.Detail = w.Say("evidence", "value", w.sheet.Value(evidenceMetric, nil, x.Value))
	}
	change := Cell{Text: w.Say("nothing_before")}
	if class, text := w.sheet.Change(metric, v, before[metric], w.before()); text != "" {
		change = Cell{Text: text, Class: class}
	}
	return Row{Key: metric, Cells: []Cell{{Text: w.sheet.MetricTitle(metric)}, value, level, {Text: interval}, {Text: n, Raw: n}, change}}
}

// keyTrend is each key by period: a picture, and the numbers of all.
func (w *writer) keyTrend() Section {
	unit := w.Say("by_" + w.period.Unit)
	s := Section{Key: "key_trend", Title: w.Say("keys_trend", "unit", unit), Page: true}
	s.Legend = []Legend{
		{"line", w.Say("col_value")}, {"band", w.Say("legend_interval")}, {"fewkey", w.Say("legend_few")}, {"pending", w.Say("legend_pending")},
	}
	t := Table{Heads: []Head{{Text: w.Say("col_period")}}}
	for _, b := range w.buckets {
		t.Rows = append(t.Rows, Row{Key: b.Start.Format("2006-01-02"), Cells: []Cell{w.label(b)}})
	}
	for _, metric := range keyMetrics {
		values := w.byPeriod("key_trend", metric)
		basis := web.ValueOf(values[len(values)-1])
		svg, err := w.sheet.KeyChart(metric, w.period.Unit, w.buckets, values, basis)
		if err != nil {
			w.err = err
			return s
		}
		s.Figures = append(s.Figures, Figure{Title: w.figureTitle(metric, basis), SVG: svg})
		t.Heads = append(t.Heads, Head{Text: w.sheet.MetricTitle(metric), Number: true})
		for i, v := range values {
			t.Rows[i].Cells = append(t.Rows[i].Cells, w.metric(metric, basis, v))
		}
	}
	s.Tables = []Table{t}
	return s
}

// figureTitle says what a picture's axis counts in, where its ticks do not.
func (w *writer) figureTitle(metric string, basis *float64) string {
	title := w.sheet.MetricTitle(metric)
	if per := w.sheet.Per(metric, basis); per != "" {
		return w.Say("per", "title", title, "unit", per)
	}
	return title
}

// services is the keys of each service.
func (w *writer) services() Section {
	s := w.section("key_services")
	t := Table{Heads: []Head{{Text: w.Say("col_service")}}}
	for _, metric := range keyMetrics {
		t.Heads = append(t.Heads, Head{Text: w.sheet.MetricTitle(metric), Number: true})
	}
	values := map[string]map[string]*web.Measured{}
	var order []string
	for _, r := range web.Rows(w.tables["key_services"]) {
		name := r.Text("service")
		if values[name] == nil {
			values[name] = map[string]*web.Measured{}
			order = append(order, name)
		}
		values[name][r.Text("metric")] = r.Measured()
	}
	for _, name := range order {
		cells := []Cell{{Text: name}}
		for _, metric := range keyMetrics {
			v := values[name][metric]
			c := w.metric(metric, web.ValueOf(v), v)
			if v != nil && v.Value != nil && v.Level != "" {
				c.Text += " · " + w.sheet.LevelName(v.Level)
			}
			cells = append(cells, c)
		}
		t.Rows = append(t.Rows, Row{Key: name, Cells: cells})
	}
	return w.tabled(s, t, "none")
}

// tabled puts a table into a section, or says that there is nothing.
func (w *writer) tabled(s Section, t Table, none string) Section {
	if len(t.Rows) == 0 {
		s.Notes = append(s.Notes, w.Say(none))
		return s
	}
	s.Tables = append(s.Tables, t)
	return s
}

// failures is the failed deployments, and the rule that says so of each.
func (w *writer) failures() Section {
	s := w.section("failures")
	s.Page = true
	return w.tabled(s, w.listed("failures", "finished_at", "deployment_id", "services", "failure_reason", "recovery_seconds", "incident_references", "confidence"), "none")
}

// unlinked is the incidents that are in no failure rate.
func (w *writer) unlinked() Section {
	return w.tabled(w.section("unlinked"), w.listed("unlinked", "reference", "started_at", "services", "reason", "what_would_link"), "none")
}
