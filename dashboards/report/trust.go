package report

import (
	"slices"

	"fourfold/dashboards/web"
)

// followUps is what is still to be done, and whom to remind.
func (w *writer) followUps() Section {
	s := w.section("reminders")
	s.Page = true
	open, overdue := 0, 0
	ages := Table{Title: w.catalogue.Panel("follow_up_ages").Title.In(w.code), Heads: []Head{
		{Text: w.Say("col_age")}, {Text: w.Say("col_priority")}, {Text: w.Say("col_open"), Number: true}, {Text: w.Say("col_overdue"), Number: true},
	}}
	for _, r := range web.Rows(w.tables["follow_up_ages"]) {
		n, late := r.Count("follow_ups"), r.Count("overdue")
		open, overdue = open+n, overdue+late
		priority := r.Text("priority")
		if priority == "" {
			priority = w.Say("no_priority")
		}
		age := r.Text("age")
		if key := "age_" + r.Text("age_class"); w.Has(key) {
			age = w.Say(key)
		}
		ages.Rows = append(ages.Rows, Row{Key: r.Text("age_class") + " " + r.Text("priority"), Cells: []Cell{
			{Text: age}, {Text: priority}, {Text: w.sheet.Count(n)}, {Text: w.sheet.Count(late)},
		}})
	}
	chase := w.listed("reminders", "title", "incident_reference", "priority", "team", "assignee", "due_at", "overdue_seconds")
	if open == 0 && len(chase.Rows) == 0 {
		s.Notes, s.After = append(s.Notes, w.Say("none_now")), nil
		return s
	}
	s.Notes = append(s.Notes, w.Say("follow_ups_open", "n", w.sheet.Count(open), "overdue", w.sheet.Count(overdue)))
	s = w.tabled(s, chase, "none_now")
	if len(ages.Rows) > 0 {
		s.Tables = append(s.Tables, ages)
	}
	return s
}

// trust says what was left out, what is wrong with the data, and how fresh it is.
func (w *writer) trust() Section {
	s := Section{Key: "trust", Title: w.Say("trust_title"), Page: true}
	left := Table{Title: w.Say("trust_incidents"), Heads: []Head{{Text: w.Say("col_reason")}, {Text: w.Say("col_rule")}, {Text: w.Say("col_number"), Number: true}}}
	counted := 0
	for _, r := range web.Rows(w.tables["counted"]) {
		reason, n := r.Text("exclusion_reason"), r.Count("incidents")
		if reason == "" {
			counted = n
			continue
		}
		text, rule := w.sheet.Excluded(reason)
		left.Rows = append(left.Rows, Row{Key: reason, Cells: []Cell{{Text: text}, {Text: rule}, {Text: w.sheet.Count(n)}}})
	}
	note := w.Say("trust_counted", "kind", w.Say("objects_incident"), "n", w.sheet.Count(counted))
	if text := w.sheet.Outcomes(w.tables["restore_outcomes"]); text != "" {
		note += w.Say("joint") + text
	}
	s.Notes = append(s.Notes, note)
	if len(left.Rows) > 0 {
		s.Tables = append(s.Tables, left)
	}
	if w.sheet.ReadsCode {
		w.delivery(&s)
	}
	w.quality(&s)
	w.streams(&s)
	return s
}

func (w *writer) delivery(s *Section) {
	t := Table{Title: w.Say("trust_delivery"), Heads: []Head{
		{Text: w.Say("col_severity_of")}, {Text: w.Say("col_reason")}, {Text: w.Say("col_rule")}, {Text: w.Say("col_number"), Number: true},
	}}
	for _, r := range web.Rows(w.tables["delivery_counted"]) {
		kind, reason, n := w.Say("object_"+r.Text("object_type")), r.Text("exclusion_reason"), w.sheet.Count(r.Count("objects"))
		if reason == "" {
			s.Notes = append(s.Notes, w.Say("trust_counted", "kind", w.Say("objects_"+r.Text("object_type")), "n", n))
			continue
		}
		text, rule := w.sheet.Excluded(reason)
		t.Rows = append(t.Rows, Row{Key: r.Text("object_type") + " " + reason, Cells: []Cell{{Text: kind}, {Text: text}, {Text: rule}, {Text: n}}})
	}
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	}
	if len(s.Tables) == 0 {
		s.Notes = append(s.Notes, w.Say("trust_none"))
	}
}

func (w *writer) quality(s *Section) {
	t := Table{Title: w.Say("trust_quality"), Heads: []Head{
		{Text: w.Say("col_severity_of")}, {Text: w.Say("col_finding")}, {Text: w.Say("col_number"), Number: true}, {Text: w.Say("col_example"), Small: true},
	}}
	for _, r := range web.Rows(w.tables["quality"]) {
		example := r.Text(spoken(w.catalogue.Panel("quality"), "example", w.code))
		if example == "" {
			example = "–"
		}
		t.Rows = append(t.Rows, Row{Key: r.Text("rule"), Cells: []Cell{
			{Text: w.sheet.Word("quality", r.Text("severity"))}, {Text: w.sheet.Word("quality_rule", r.Text("rule"))}, {Text: w.sheet.Count(r.Count("findings"))}, {Text: example},
		}})
	}
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	}
}

func (w *writer) streams(s *Section) {
	t := Table{Title: w.Say("trust_streams"), Heads: []Head{{Text: w.Say("col_stream")}, {Text: w.Say("col_fresh")}}}
	for _, x := range w.sheet.Streams {
		c := Cell{Text: w.Say("fresh_never")}
		if !x.LastOKAt.IsZero() {
			c.Text = w.sheet.Instant(x.LastOKAt)
		}
		switch x.Status {
		case "", "ok":
		case "skipped":
			c.Detail = w.Say("fresh_skipped")
		default:
			c.Detail, c.Class = w.Say("fresh_failed"), "worse"
		}
		t.Rows = append(t.Rows, Row{Key: x.Source + " " + x.Name, Cells: []Cell{{Text: x.Source + " " + x.Name}, c}})
	}
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	}
}

// definitions says what each number of the report means, and by which rules.
func (w *writer) definitions() Section {
	s := w.section("metrics")
	s.Page, s.After = true, []string{w.Say("definitions_page")}
	t := Table{Heads: []Head{{Text: w.Say("col_metric")}, {Text: w.Say("col_meaning")}, {Text: w.Say("col_rule"), Small: true}}}
	names := slices.Clone(incidentMetrics)
	if w.sheet.ReadsCode {
		names = append(append(slices.Clone(keyMetrics), evidenceMetric), names...)
	}
	for _, metric := range names {
		text, limits, rules := w.sheet.MetricMeaning(metric)
		t.Rows = append(t.Rows, Row{Key: metric, Cells: []Cell{{Text: w.sheet.MetricTitle(metric)}, {Text: text, Detail: limits}, {Text: rules}}})
	}
	t.Rows = append(t.Rows, Row{Key: "interval", Cells: []Cell{{Text: w.Say("interval_title")}, {Text: w.Say("interval_text")}, {}}})
	s.Tables = []Table{t}
	return s
}
