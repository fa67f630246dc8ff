package web

import (
	"slices"
	"strings"
)

// trustPanel says what the numbers hold, what was left out, and how fresh they are.
type trustPanel struct {
	CountedText      string
	Excluded         []excludedRow
	ShowHref         string
	CountedDownloads downloads
	Delivery         *deliveryCount // nil where no deployments are read
	QualityText      string
	Quality          []qualityRow
	QualityDownloads downloads
	FreshText        string
	Streams          []streamRow
}

// deliveryCount says which deployments and changes count, and why others do not.
type deliveryCount struct {
	Texts     []string
	Excluded  []excludedRow
	Downloads []downloads
}

type excludedRow struct {
	Text, Rule, Count string
	Objects           int
}

// reasonsShown is how many reasons are told one by one; the download has all. Environments of pull requests are hundreds.
const reasonsShown = 8

// fewReasons puts the rarest reasons together. They come with the most frequent first.
func (m *maker) fewReasons(all []excludedRow) []excludedRow {
	if len(all) <= reasonsShown+1 {
		return all
	}
	rest := 0
	for _, e := range all[reasonsShown:] {
		rest += e.Objects
	}
	return append(all[:reasonsShown:reasonsShown], excludedRow{
		Text: m.l.n("excluded_others", len(all)-reasonsShown), Count: m.l.Count(rest),
	})
}

type qualityRow struct{ Severity, Class, Rule, Example, Count string }

type streamRow struct {
	Name, Problem string
	At            moment
}

func (m *maker) trust() trustPanel {
	all := m.f
	all.Counted, all.Incident = "all", ""
	p := trustPanel{
		ShowHref:         m.here.of("incidents", all) + "#h-incidents",
		CountedDownloads: m.downloads("counted"),
		QualityDownloads: m.downloads("quality"),
		FreshText:        m.l.t("fresh_text", "time", m.l.Instant(m.b.BuiltAt, m.b.Calendar.zone)),
	}
	counted := 0
	for _, r := range m.tables["counted"].rows() {
		reason, n := r.text("exclusion_reason"), r.count("incidents")
		if reason == "" {
			counted = n
			continue
		}
		e := m.excluded(reason)
		e.Count, e.Objects = m.l.Count(n), n
		p.Excluded = append(p.Excluded, e)
	}
	p.CountedText = m.l.n("counted_text", counted)
	if text := m.l.outcomesText(m.tables["restore_outcomes"]); text != "" {
		p.CountedText += m.l.t("sentence_joint") + text
	}
	p.Excluded = m.fewReasons(p.Excluded)
	p.Delivery = m.delivery()
	m.quality(&p)
	for _, s := range m.b.Streams {
		if m.here.path != "" {
			break // the page about the data has a panel of them
		}
		v := streamRow{Name: s.Stream, At: m.moment(s.LastOKAt)}
		if s.Source != m.b.Streams[0].Source || s.Source != m.b.Streams[len(m.b.Streams)-1].Source {
			v.Name = s.Source + " " + s.Stream // they come sorted by source
		}
		if s.LastOKAt.IsZero() {
			v.At.Text = m.l.t("fresh_never")
		}
		switch s.Status {
		case "", "ok":
		case "skipped":
			v.Problem = m.l.t("fresh_skipped")
		default:
			v.Problem = m.l.t("fresh_failed")
		}
		p.Streams = append(p.Streams, v)
	}
	return p
}

func (m *maker) delivery() *deliveryCount {
	if !m.b.readsCode() {
		return nil
	}
	d := &deliveryCount{Downloads: []downloads{m.downloads("deployments"), m.downloads("changes")}}
	counted := map[string]int{}
	for _, r := range m.tables["delivery_counted"].rows() {
		kind, reason, n := r.text("object_type"), r.text("exclusion_reason"), r.count("objects")
		if reason == "" {
			counted[kind] = n
			continue
		}
		e := m.excluded(reason)
		e.Text = m.l.t("excluded_"+kind, "reason", e.Text)
		e.Count, e.Objects = m.l.Count(n), n
		d.Excluded = append(d.Excluded, e)
	}
	slices.SortStableFunc(d.Excluded, func(a, b excludedRow) int { return b.Objects - a.Objects })
	d.Excluded = m.fewReasons(d.Excluded)
	d.Texts = []string{m.l.n("counted_deployments", counted["deployment"]), m.l.n("counted_changes", counted["change"])}
	for i, kind := range []string{"deployments", "changes"} {
		d.Downloads[i].Label = m.l.t("downloads_" + kind)
	}
	return d
}

// deliveryReasons are the words of fct_deployments, fct_changes and fct_commits that have no value in them.
var deliveryReasons = map[string]string{
	"transient environment":                   "excluded_transient",
	"redeploy":                                "excluded_redeploy",
	"group":                                   "excluded_group",
	"live before the first known deployment":  "excluded_baseline",
	"merge commit unknown":                    "excluded_merge_unknown",
	"not deployed yet":                        "excluded_not_deployed",
	"after a deployment of an unknown commit": "excluded_after_unknown",
	"deployed before it was begun":            "excluded_impossible",
	"merge commit":                            "shipped_merge",
	"authored time unknown":                   "shipped_no_time",
	"start unknown":                           "shipped_no_time",
	"deployed before it was authored":         "shipped_before_written",
}

// excluded puts a reason of a fact into words; the rule stays as definitions name it. A reason that is not known
// here is shown as it is.
func (m *maker) excluded(reason string) excludedRow {
	const below = " is below "
	rule, rest, _ := strings.Cut(reason, " ")
	e := excludedRow{Text: rest, Rule: rule}
	named := func(prefix, key, values string) bool {
		value, ok := strings.CutPrefix(rest, prefix)
		if !ok {
			return false
		}
		if values != "" && m.l.has(values+value) {
			value = m.l.t(values + value)
		}
		e.Text = m.l.t(key, "value", value)
		return true
	}
	switch {
	case rest == "no severity":
		e.Text = m.l.t("excluded_no_severity")
	case rest == "status category unknown":
		e.Text = m.l.t("excluded_category_unknown")
	case deliveryReasons[rest] != "":
		e.Text = m.l.t(deliveryReasons[rest])
	case named("source ", "excluded_source", "source_"):
	case named("environment ", "excluded_environment", ""):
	case named("status category ", "excluded_category", "category_"):
	case named("status ", "excluded_status", ""):
	case named("task ", "excluded_task", ""):
	case named("mode ", "excluded_mode", "mode_"):
	case named("incident type ", "excluded_type", ""):
	case strings.HasPrefix(rest, "severity ") && strings.Contains(rest, below):
		at := strings.LastIndex(rest, below)
		e.Text = m.l.t("excluded_severity_below", "value", rest[len("severity "):at], "floor", rest[at+len(below):])
	case rest == "":
		e.Text, e.Rule = reason, ""
	}
	return e
}

func (m *maker) quality(p *trustPanel) {
	counts := map[string]int{}
	for _, r := range m.tables["quality"].rows() {
		severity, rule := r.text("severity"), r.text("rule")
		counts[severity] += r.count("findings")
		v := qualityRow{Severity: severity, Class: severity, Rule: rule, Count: m.l.Count(r.count("findings"))}
		if m.l.has("quality_" + severity) {
			v.Severity = m.l.t("quality_" + severity)
		}
		if m.l.has("quality_rule_" + rule) {
			v.Rule = m.l.t("quality_rule_" + rule)
		}
		if e := m.said(r, "example"); e != "" {
			v.Example = m.l.t("quality_example", "detail", e)
		}
		p.Quality = append(p.Quality, v)
	}
	if len(p.Quality) == 0 {
		p.QualityText = m.l.t("quality_text_none")
		return
	}
	p.QualityText = m.l.t("quality_text", "errors", m.l.Count(counts["error"]), "warnings", m.l.Count(counts["warn"]),
		"notes", m.l.Count(counts["info"]))
}
