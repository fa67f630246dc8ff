package web

import (
	"strings"
	"time"

	"fourfold/dashboards/chart"
)

// unlinkedView says why an incident has no cause, and what would give it one.
type unlinkedView struct {
	Reason, Rule string
	Decided      string
	Remedy       string
	Nearest      *linkView
	NearestSince string
}

// unlinkedReasons are the words of fct_unlinked_incidents that need nothing besides.
var unlinkedReasons = map[string]string{
	"L4 it has no start": "unlinked_no_start",
	"L4 nothing names its cause, and it names no service":           "unlinked_no_service",
	"L4 nothing names its cause, and metrics.failure_window is off": "unlinked_off",
	"manual: none": "unlinked_manual",
}

// reasonUnlinked says why an incident has no cause, as a row of fct_unlinked_incidents has it, but with the services and the time
// as the page writes them.
func (m *maker) reasonUnlinked(v incidentView, r row) string {
	reason := r.text("reason")
	services := strings.Join(v.Services, m.l.t("list_joint"))
	if services == "" {
		services = m.l.t("one_any_service")
	}
	switch rule, words, _ := strings.Cut(reason, " "); {
	case unlinkedReasons[reason] != "":
		return m.l.t(unlinkedReasons[reason])
	case rule == "L4" && strings.Contains(words, "no counted deployment finished before"):
		return m.l.t("unlinked_none_before", "services", services)
	case rule == "L4" && r.number("nearest_seconds") != nil:
		return m.l.t("unlinked_too_early", "services", services, "duration", m.l.Duration(r.number("nearest_seconds")))
	}
	return m.l.sentence(m.said(r, "reason"))
}

// whyUnlinked says why an incident that counts has no cause, and what would link it; nil for one that does not count.
func (m *maker) whyUnlinked(v incidentView) *unlinkedView {
	rows := m.tables["one_incident_unlinked"].rows()
	if len(rows) == 0 {
		return nil
	}
	r := rows[0]
	out := &unlinkedView{Reason: m.reasonUnlinked(v, r), Remedy: m.l.sentence(m.said(r, "what_would_link"))}
	if strings.HasPrefix(r.text("reason"), "L4 ") {
		out.Rule = "L4"
	}
	if by := r.text("decided_by"); by != "" {
		out.Decided = m.decided(by, r.text("decision_reason"))
	}
	if id := r.text("nearest_deployment_id"); id != "" {
		out.Nearest = &linkView{
			L: m.l, ID: id, What: r.text("repository"), SHA: shortened(r.text("sha")), Page: m.objectHref(deploymentPath, id), Finished: m.moment(r.at("finished_at")),
		}
		if out.Nearest.What == "" {
			out.Nearest.What = id
		}
		out.NearestSince = m.l.Duration(r.number("nearest_seconds"))
	}
	return out
}

// followUpView is what was decided after an incident.
type followUpView struct {
	Title, Priority, Assignee, State, Class string
	Due                                     moment
	Issue, IssueText                        string
}

func (m *maker) followUps() []followUpView {
	var out []followUpView
	for _, r := range m.tables["one_incident_follow_ups"].rows() {
		v := followUpView{
			Title: r.text("title"), Priority: r.text("priority"), Assignee: r.text("assignee"), Due: m.moment(r.at("due_at")),
			State: m.known("followup_", r.text("status")), Issue: webAddress(r.text("external_issue_url")),
		}
		if v.Title == "" {
			v.Title = m.l.t("unnamed")
		}
		if team := r.text("team"); team != "" {
			if v.Assignee != "" {
				v.Assignee += m.l.t("list_joint")
			}
			v.Assignee += team
		}
		if v.Issue != "" {
			v.IssueText = strings.TrimPrefix(strings.TrimPrefix(v.Issue, "https://"), "http://")
			if i := strings.LastIndex(strings.TrimSuffix(v.IssueText, "/"), "/"); i >= 0 {
				v.IssueText = v.IssueText[i+1:]
			}
		}
		switch {
		case r.flag("is_overdue"):
			v.State, v.Class = m.l.t("followup_overdue"), "warn"
		case r.flag("is_late"):
			v.State = m.l.t("followup_late")
		case !r.at("completed_at").IsZero():
			v.Class = "good"
		}
		out = append(out, v)
	}
	return out
}

// documentView is a post-mortem.
type documentView struct {
	Title, Href, State, After string
	Begun                     moment
}

func (m *maker) documents() []documentView {
	var out []documentView
	for _, r := range m.tables["one_incident_postmortems"].rows() {
		v := documentView{Title: r.text("title"), Href: webAddress(r.text("url")), State: m.known("postmortem_", r.text("status")), Begun: m.moment(r.at("created_at"))}
		if v.Title == "" {
			v.Title = m.l.t("one_postmortem")
		}
		if after := r.number("seconds_after_restoration"); after != nil {
			v.After = m.l.t("one_after_restoration", "duration", m.l.Duration(after))
		}
		out = append(out, v)
	}
	return out
}

// peersView compares an incident with others of its severity.
type peersView struct {
	Text     string
	Drawings []*chart.Drawing
	Note     string
}

// peersFor is how far back others are looked for.
const peersFor = 12 // months

func (m *maker) peersParams(params map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range params {
		out[k] = v
	}
	out["from_at"], out["to_at"] = m.b.Calendar.midnight(m.b.AsOfDate.addMonths(-peersFor)), m.b.AsOf.Add(time.Microsecond)
	return out
}

// peers says where the time to restore of an incident lies among those of its severity; nil where there is nothing to compare.
func (m *maker) peers(r row) *peersView {
	own := r.number("time_to_restore_seconds")
	rows := m.tables["one_incident_peers"].rows()
	if own == nil || !r.flag("is_counted") || len(rows) == 0 {
		return nil
	}
	n, shorter, same := rows[0].count("sample_size"), rows[0].count("shorter"), rows[0].count("as_long")
	var low, high float64
	s := chart.Strip{Class: m.classes[r.text("severity")]}
	for _, p := range rows {
		seconds := *p.number("seconds")
		if place := p.count("place"); place == (n+1)/2 {
			low = seconds
		}
		if place := p.count("place"); place == n/2+1 {
			high = seconds
		}
		name := p.text("reference")
		if name == "" {
			name = p.text("incident_id")
		}
		s.Dots = append(s.Dots, chart.Dot{
			Seconds: seconds, Href: m.objectHref(incidentPath, p.text("incident_id")),
			Tip: m.l.t("tip_incident", "reference", name, "name", p.text("name"), "duration", m.l.Duration(&seconds)),
		})
	}
	median := (low + high) / 2
	s.Median = &median
	share := float64(shorter) / float64(n)
	severity := m.severityName(r.text("severity"))
	pairs := []any{"shorter", m.l.Count(shorter), "severity", severity, "percent", m.l.Value("ratio", &share), "median", m.l.Duration(&median)}
	v := &peersView{Text: m.l.n("peers_text", n, pairs...)}
	if same > 0 {
		v.Text += m.l.t("sentence_joint") + m.l.n("peers_same", same)
	}
	if len(rows) < n {
		v.Note = m.l.t("peers_sampled", "n", m.l.Count(len(rows)))
	}
	name := r.text("reference")
	if name == "" {
		name = r.text("incident_id")
	}
	for _, sz := range chart.RowSizes {
		v.Drawings = append(v.Drawings, drawPeers(m.l, s, *own, name, v.Text, sz))
	}
	return v
}

// drawPeers draws the others as dots on a logarithmic axis, and this one as a flag among them.
func drawPeers(l *language, s chart.Strip, own float64, name, text string, sz chart.Size) *chart.Drawing {
	d := &chart.Drawing{ID: "peers-" + sz.Name, Class: "chart peers " + sz.Name, W: sz.W, H: 118, Title: l.t("peers_title"), Desc: text}
	left, right, top, bottom := 8.0, float64(sz.W)-8, 22.0, 94.0
	values := []float64{own}
	for _, v := range s.Dots {
		values = append(values, v.Seconds)
	}
	axis := chart.DurationAxis(values)
	x := func(seconds float64) float64 { return left + axis.At(seconds)*(right-left) }
	for i, t := range axis.Ticks {
		d.Line("grid", x(t), top, x(t), bottom)
		anchor := "middle"
		if i == 0 {
			anchor = "start"
		} else if i == len(axis.Ticks)-1 {
			anchor = "end"
		}
		d.Text("tick", x(t), bottom+18, anchor, l.Duration(&t))
	}
	d.Dots(s, (top+bottom)/2, 4, x, sz)
	d.Line("medianmark", x(*s.Median), top+6, x(*s.Median), bottom-6)
	d.Line("ownmark", x(own), top-2, x(own), bottom)
	anchor := "middle"
	if x(own) < 60 {
		anchor = "start"
	} else if x(own) > right-60 {
		anchor = "end"
	}
	d.Text("ownlabel", x(own), top-8, anchor, chart.Clip(name, 24)+" "+l.Duration(&own))
	return d
}
