package redash

import (
	"fmt"
	"slices"
	"strings"

	"fourfold/dashboards"
)

// bound is a line beside the one that a panel is about.
type bound struct {
	role       dashboards.Role
	name, word string
}

func (t Target) bounds() []bound {
	return []bound{{dashboards.Low, "low", t.say("95% low", "95%下限")}, {dashboards.High, "high", t.say("95% high", "95%上限")}}
}

// mostBounded is of how many lines the ends of the intervals are drawn.
const mostBounded = 2

// bounded reports whether the lines of a panel have the ends of their intervals beside them, and not only in their tips.
func bounded(p *dashboards.Panel) bool {
	series := p.Of(dashboards.Series)
	return series == nil || series[0].Name == "metric" && len(drawnMetrics(p)) <= mostBounded
}

// drawnMetrics are the metrics that a panel draws as lines: a number of things is no line beside times.
func drawnMetrics(p *dashboards.Panel) []string {
	return slices.DeleteFunc(slices.Clone(p.Metrics), func(m string) bool { return p.Key == "restore_trend" && m == "incidents" })
}

// tip is a number as a tip writes it.
func tip(expression string, u dashboards.Unit) string {
	return "round(" + scaled(expression, u) + ", 2)"
}

// lines are the value and, as lines of their own, the ends of its interval: a band cannot be drawn, and an error bar is only
// for intervals that reach as far up as down.
func (t Target) lines(p *dashboards.Panel) string {
	x, y, u := p.Of(dashboards.X)[0], p.Of(dashboards.Y)[0], unitOf(p)
	n := ""
	for _, c := range p.Of(dashboards.Sample) {
		n = ",\n    answer." + c.Name
	}
	series := p.Of(dashboards.Series)
	if len(series) > 0 { // for the tips
		for _, role := range []dashboards.Role{dashboards.Low, dashboards.High} {
			for _, c := range p.Of(role) {
				n += ",\n    " + tip("answer."+c.Name, u) + " as " + c.Name
			}
		}
	}
	if len(series) == 0 {
		text := "select\n    answer." + x.Name + ",\n    " + scaled("answer."+y.Name, u) + " as " + y.Name
		for _, b := range t.bounds() {
			for _, c := range p.Of(b.role) {
				text += ",\n    " + scaled("answer."+c.Name, u) + " as " + c.Name
			}
		}
		return text + n + "\nfrom answer" + where(p) + "\norder by answer." + x.Name
	}
	label := t.label(series[0])
	one := func(place int, label, value string) string {
		return fmt.Sprintf("    select\n    %d as place,\n    answer.%s,\n    %s as %s,\n    %s as %s%s\n    from answer%s%s",
			place, x.Name, label, series[0].Name, scaled("answer."+value, u), y.Name, n, named(p), where(p))
	}
	parts := []string{one(0, label, y.Name)}
	for i, b := range t.bounds() {
		if !bounded(p) {
			break // of many lines none would be seen among the ends of their intervals
		}
		for _, c := range p.Of(b.role) {
			parts = append(parts, one(i+1, "concat("+label+", ' "+b.word+"')", c.Name))
		}
	}
	return "select drawn.*\nfrom (\n" + strings.Join(parts, "\n    union all\n") + "\n) as drawn\norder by drawn.place, drawn." + series[0].Name + ", drawn." + x.Name
}
