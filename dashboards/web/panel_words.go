package web

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fourfold/dashboards"
)

// vocabularies are the columns whose words the page has of its own, in lang/: those of the sections, too.
var vocabularies = map[string]string{
	"method": "method_", "confidence": "confidence_", "status_category": "category_", "rule": "quality_rule_", "object_type": "object_", "span": "span_",
}

// word writes a text of the marts for people: names of theirs as they are, words of ours in the language of the page.
func (m *maker) word(p *dashboards.Panel, c dashboards.Column, value string) string {
	if t, ok := c.Values[value]; ok {
		return t.In(m.l.Code)
	}
	switch c.Name {
	case "severity", "dimension_value":
		if value == "all" {
			return m.l.t("all_severities")
		}
		if slices.ContainsFunc(p.Columns, func(x dashboards.Column) bool { return x.Name == "rule" }) { // of a finding
			return m.known("quality_", value)
		}
		return m.severityName(value)
	case "declared_severity":
		if value == "" {
			return m.l.t("declared_without")
		}
		return m.l.t("declared_as", "severity", value)
	case "service", "team", "incident_type", "priority", "assignee":
		if value == "" {
			return m.l.t("no_value")
		}
	case "metric":
		return m.b.title(m.l, value)
	case "exclusion_reason":
		if value == "" {
			return m.l.t("counts")
		}
		e := m.excluded(value)
		return fmt.Sprintf("%s (%s)", e.Text, e.Rule)
	case "failure_reason":
		return m.failureReason(value)
	case "rework_reason":
		return m.rework(value)
	case "restore_start_basis", "restore_end_basis", "acknowledge_basis", "basis":
		if basis := m.basis(value); basis != "" {
			return basis
		}
		return m.l.t("no_value")
	}
	if c.Unit == dashboards.Weekday {
		n, err := strconv.Atoi(value)
		if err == nil {
			return m.weekdayOf(n)
		}
	}
	if prefix := vocabularies[c.Name]; prefix != "" {
		value = m.known(prefix, value)
	}
	if value == "" {
		return m.l.t("no_value")
	}
	return value
}

// known is the text for a word of ours, or the word itself.
func (m *maker) known(prefix, value string) string {
	if m.l.has(prefix + value) {
		return m.l.t(prefix + value)
	}
	return value
}

// ordered puts the values of a series in the order in which they are always shown: severities by weight, metrics as the
// catalogue names them, others as the query gives them.
func (m *maker) ordered(p *dashboards.Panel, column string, names []string) []string {
	var order []string
	switch column {
	case "severity", "declared_severity":
		order = append(slices.Clone(m.severities), "")
	case "metric":
		order = p.Metrics
	case "weekday":
		slices.Sort(names)
		return names
	case "span":
		order = []string{"now", "before"}
	case "confidence":
		order = []string{"high", "medium", "low"}
	default:
		return names
	}
	out := slices.DeleteFunc(slices.Clone(order), func(s string) bool { return !slices.Contains(names, s) })
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// failureReason says why a deployment failed, as fct_deployments does: F1 caused INC-1 (method), F2 was rolled back by ID. Of a
// group a member may be named: F1 caused INC-1 (method, by MEMBER), F2 MEMBER was rolled back by ID.
func (m *maker) failureReason(reason string) string {
	if words, ok := strings.CutPrefix(reason, "F1 caused "); ok {
		return m.l.t("one_failed_caused", "incidents", methodsInWords(m, words))
	}
	if id, ok := strings.CutPrefix(reason, "F2 was rolled back by "); ok {
		return m.l.t("one_failed_undone_by", "id", id)
	}
	if reason == "F2 was rolled back" {
		return m.l.t("one_failed_undone")
	}
	if member, id, ok := strings.Cut(strings.TrimPrefix(reason, "F2 "), " was rolled back by "); ok {
		return m.l.t("one_failed_member_undone_by", "member", member, "id", id)
	}
	return reason
}

var inBrackets = regexp.MustCompile(`\(([a-z_]+)(?:, by ([^()]+))?\)`)

// methodsInWords puts the methods in brackets after incidents into words, and by which member of a group it was.
func methodsInWords(m *maker, text string) string {
	return inBrackets.ReplaceAllStringFunc(text, func(b string) string {
		found := inBrackets.FindStringSubmatch(b)
		words := m.known("method_", found[1])
		if found[2] != "" {
			words = m.l.t("one_failed_by_member", "method", words, "member", found[2])
		}
		return "(" + words + ")"
	})
}
