package web

import "strings"

// outcomes are what can become of an incident that counts, in the order in which they are told.
var outcomes = []string{"restored", "open", "restored_after", "no_end", "ended_before_start", "no_start"}

// outcomeCounts are how many incidents have each outcome, by severity; "all" is of all of them.
func outcomeCounts(t *Table) map[string]map[string]int {
	out := map[string]map[string]int{"all": {}}
	for _, r := range t.rows() {
		severity, outcome, n := r.text("severity"), r.text("outcome"), r.count("incidents")
		if out[severity] == nil {
			out[severity] = map[string]int{}
		}
		out[severity][outcome] += n
		out["all"][outcome] += n
	}
	return out
}

// outcomesText says what became of all that count, where some were not restored; "" where all were. The numbers add up to the
// incidents that began in the range.
func (l *language) outcomesText(t *Table) string {
	counts := outcomeCounts(t)["all"]
	var parts []string
	others := false
	for _, outcome := range outcomes {
		if n := counts[outcome]; n > 0 {
			parts = append(parts, l.t("outcome_"+outcome, "n", l.Count(n)))
			others = others || outcome != "restored"
		}
	}
	if !others {
		return ""
	}
	return l.t("outcomes_text", "parts", strings.Join(parts, l.t("list_joint")))
}

// besideRestored says why the number of those restored is not that of the incidents beside it. What has no start is in neither.
func (l *language) besideRestored(counts map[string]int) string {
	var parts []string
	for _, outcome := range append(outcomes[1:len(outcomes)-1:len(outcomes)-1], "began_before") {
		if n := counts[outcome]; n > 0 {
			parts = append(parts, l.t("outcome_"+outcome, "n", l.Count(n)))
		}
	}
	return strings.Join(parts, " · ")
}
