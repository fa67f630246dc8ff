package digest

import (
	"strings"
	"time"

	"fourfold/dashboards/report"
	"fourfold/dashboards/web"
)

// The metrics of a digest, in the order in which they are told.
var told = []string{
	deployments, perDay, leadTime, failureRate, rework, incidents, restore,
}

const (
	deployments = "deployments"
	perDay      = "deployments_per_day"
	leadTime    = "lead_time_median_seconds"
	failureRate = "change_failure_rate"
	rework      = "rework_rate"
	incidents   = "incidents"
	restore     = "time_to_restore_median_seconds"
)

// writer puts a week into words.
type writer struct {
	report.Words
	sheet       *web.Sheet
	name        string // of the week before
	now, before map[string]*web.Measured
	bySeverity  map[string]int
	followUps   FollowUps
}

// read takes the week and the one before from answers by period.
func (w *writer) read(trend map[string]*web.Table, p report.Period) {
	w.now, w.before, w.bySeverity = map[string]*web.Measured{}, map[string]*web.Measured{}, map[string]int{}
	start, before := p.Start.Format(time.DateOnly), p.Before.Format(time.DateOnly)
	for _, name := range []string{"trend", "key_trend"} {
		for _, r := range web.Rows(trend[name]) {
			metric, at := r.Text("metric"), r.Text("period_start")
			switch {
			case name == "trend" && r.Text("dimension") == "severity":
				if at == start && metric == incidents {
					w.bySeverity[r.Text("dimension_value")] = r.Count("value")
				}
			case at == start:
				w.now[metric] = r.Measured()
			case at == before:
				w.before[metric] = r.Measured()
			}
		}
	}
}

// lines are the six lines, or four where no deployments are read.
func (w *writer) lines(open int) []Line {
	var out []Line
	add := func(key, text string) { out = append(out, Line{key, text}) }
	if w.sheet.ReadsCode {
		n := w.sheet.Count(0)
		if v := w.now[deployments]; v != nil && v.Value != nil {
			n = w.sheet.Count(int(*v.Value))
		}
		add("deployments", w.Say("digest_deployments", "n", n, "perday", w.value(perDay))+w.change(perDay))
		add("lead_time", w.Say("digest_lead", "value", w.value(leadTime))+w.change(leadTime))
		add("failures", w.Say("digest_failures", "value", w.value(failureRate), "change", w.change(failureRate), "rework", w.value(rework)))
	} else {
		add("deployments", w.Say("digest_no_code"))
	}
	add("incidents", w.Say("digest_incidents", "n", w.value(incidents))+w.severities()+w.change(incidents))
	text := w.Say("digest_restore", "value", w.value(restore)) + w.change(restore)
	if open > 0 {
		text += w.Say("digest_open", "n", w.sheet.Count(open))
	}
	add("restore", text)
	add("follow_ups", w.Say("digest_follow_ups", "n", w.sheet.Count(w.followUps.Open), "overdue", w.sheet.Count(w.followUps.Overdue)))
	return out
}

// value writes a metric of the week; a week without incidents had none, which is a number.
func (w *writer) value(metric string) string {
	v := w.now[metric]
	if v == nil && metric == incidents {
		return w.sheet.Count(0)
	}
	return w.sheet.Value(metric, web.ValueOf(v), web.ValueOf(v))
}

// change says how a metric moved; "" where there is nothing to compare.
func (w *writer) change(metric string) string {
	_, text := w.sheet.Change(metric, w.now[metric], w.before[metric], w.name)
	if text == "" {
		return ""
	}
	return w.Say("digest_change", "change", text)
}

// severities are the week's incidents by severity, most severe first.
func (w *writer) severities() string {
	var parts []string
	for _, name := range append(append([]string{}, w.sheet.Severities...), "") {
		if n := w.bySeverity[name]; n > 0 {
			parts = append(parts, w.Say("digest_severity", "severity", oneLine(w.sheet.Severity(name)), "n", w.sheet.Count(n)))
		}
	}
	if parts == nil {
		return ""
	}
	return w.Say("digest_severities", "list", strings.Join(parts, w.Say("list_joint")))
}

// metrics are the numbers behind the lines.
func (w *writer) metrics() []Metric {
	out := []Metric{}
	for _, name := range told {
		m := Metric{Metric: name, Before: web.ValueOf(w.before[name])}
		if v := w.now[name]; v != nil {
			m.Value, m.Sample, m.Low, m.High = v.Value, v.N, v.Low, v.High
		}
		out = append(out, m)
	}
	return out
}

// chase counts what is open and names what to remind of.
func (w *writer) chase(ages, reminders *web.Table) {
	w.followUps.Chase = []FollowUp{}
	for _, r := range web.Rows(ages) {
		w.followUps.Open += r.Count("follow_ups")
		w.followUps.Overdue += r.Count("overdue")
	}
	for _, r := range web.Rows(reminders) {
		if len(w.followUps.Chase) == chased {
			return
		}
		f := FollowUp{
			ID: r.Text("follow_up_id"), Incident: r.Text("incident_reference"), Title: oneLine(r.Text("title")), Team: r.Text("team"),
			Assignee: r.Text("assignee"), URL: page(r.Text("external_issue_url")), Overdue: r.Flag("is_overdue"), When: w.Say("digest_no_due"),
		}
		if due := r.At("due_at"); !due.IsZero() {
			due = due.UTC()
			f.DueAt, f.When = &due, w.Say("digest_due", "date", w.sheet.Instant(due))
		}
		if late := r.Number("overdue_seconds"); f.Overdue && late != nil {
			f.When = w.Say("digest_late", "duration", w.sheet.Duration(late))
		}
		w.followUps.Chase = append(w.followUps.Chase, f)
	}
}

// page lets through the address of a page.
func page(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}
