package explain

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"fourfold/internal/render"
)

// calculateQuantile says which of the sorted values a median or 90th percentile is made of (M1).
func (m *Metric) calculateQuantile(say func(string, ...any)) {
	n := len(m.Rows)
	values := make([]int64, n)
	for i, row := range m.Rows {
		values[i] = *row.Value
	}
	slices.Sort(values)
	tenths := 5
	if m.Aggregate == "p90" {
		tenths = 9
	}
	below, rest := (n-1)*tenths/10, (n-1)*tenths%10
	switch {
	case rest == 0:
		say("the %s of %d values in order = %s", ordinal(below+1), n, decimal(m.Value))
	case m.Aggregate == "median":
		say("the mean of the %s and the %s of %d values in order: (%d + %d) / 2 = %s", ordinal(below+1), ordinal(below+2), n, values[below], values[below+1], decimal(m.Value))
	default:
		say("%d tenths of the way from the %s to the %s of %d values in order: %d + 0.%d × (%d − %d) = %s",
			rest, ordinal(below+1), ordinal(below+2), n, values[below], rest, values[below+1], values[below], decimal(m.Value))
	}
}

func ordinal(n int) string {
	end := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return strconv.Itoa(n) + end
}

func decimal(v *float64) string {
	if v == nil {
		return "null"
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// rounded is enough of a limit to compare with; seconds of days stay a plain number.
func rounded(v *float64) string {
	if *v >= 10_000 {
		return strconv.FormatFloat(*v, 'f', 0, 64)
	}
	return strconv.FormatFloat(*v, 'g', 5, 64)
}

// MostRows is how many rows Write shows unless it is told, and mostReasons for how many reasons it shows what is left out.
const (
	MostRows    = 40
	mostReasons = 8
)

// Write says it in words, with instants in the time zone of the build. Limit is how many rows are shown of each list; 0
// is all.
func (m *Metric) Write(w io.Writer, limit int) error {
	if limit == 0 {
		limit = len(m.Rows) + len(m.Excluded)
	}
	p := &page{zone: m.zone}
	p.printf("%s  %s\n%s\n\n", m.Metric, m.Title, m.Description)
	span := m.FromDate + " to " + m.ToDate
	switch m.Period {
	case "range":
	case "day":
		span = "day " + m.FromDate
	default:
		span = m.Period + " from " + span
	}
	if m.IsOpen {
		span += ", which has not ended"
	}
	p.printf("%s (%s)\n", span, m.Timezone)
	for _, name := range slices.Sorted(maps.Keys(m.Filters)) {
		if name != "field_value" {
			p.printf("%s %s\n", strings.ReplaceAll(name, "_", " "), strings.TrimSuffix(m.Filters[name]+" = "+m.filterValue(name), " = "))
		}
	}
	p.printf("rules %s\n\n", strings.Join(m.Rules, ", "))
	p.printf("value  %s\n", m.valueWords())
	for _, line := range m.Calculation {
		p.printf("       %s\n", line)
	}
	if m.Level != "" {
		p.printf("level  %s, by the report of %s\n", m.Level, strconv.FormatInt(m.LevelYear, 10))
	}
	m.writeRows(p, limit)
	m.writeExcluded(p, limit)
	return p.writeTo(w)
}

func (m *Metric) filterValue(name string) string {
	if name == "field" {
		return m.Filters["field_value"]
	}
	return ""
}

func (m *Metric) valueWords() string {
	switch {
	case m.Value == nil:
		return "none"
	case m.Unit == "seconds":
		return decimal(m.Value) + " s (" + time.Duration(*m.Value*float64(time.Second)).Round(time.Second).String() + ")"
	case m.Unit == "ratio":
		return strconv.FormatFloat(*m.Value*100, 'f', 1, 64) + " %"
	default:
		return decimal(m.Value) + " " + m.Unit
	}
}

// writeRows lists the rows: those of a numerator first, those of a duration by their value.
func (m *Metric) writeRows(p *page, limit int) {
	if m.Kind == "rate" {
		var in, out []MetricRow
		for _, row := range m.Rows {
			if *row.InNumerator {
				in = append(in, row)
			} else {
				out = append(out, row)
			}
		}
		m.list(p, fmt.Sprintf("in the numerator (%d)", len(in)), in, limit)
		m.list(p, fmt.Sprintf("in the denominator only (%d)", len(out)), out, limit)
		return
	}
	rows := slices.Clone(m.Rows)
	if m.Kind == "duration" {
		slices.SortStableFunc(rows, func(a, b MetricRow) int { return int(max(-1, min(1, *a.Value-*b.Value))) })
	}
	m.list(p, fmt.Sprintf("rows (%d)", len(rows)), rows, limit)
}

func (m *Metric) list(p *page, title string, rows []MetricRow, limit int) {
	shown := min(limit, len(rows))
	if shown > 0 {
		p.printf("\n%s\n", title)
	}
	for i, row := range rows[:shown] {
		value := ""
		if m.Kind == "duration" {
			value = fmt.Sprintf("%s %10d s", padded(i+1, len(rows)), *row.Value)
		}
		service := ""
		if row.Service != "" {
			service = "service " + row.Service
		}
		p.printf("  %s  [%s]\n", strings.Join(nonEmpty(value, row.ObjectID, row.Name, service), "  "), row.Rule)
		if row.From != nil && row.To != nil {
			p.printf("      %s (%s) to %s (%s)\n", p.local(row.From.At), orNone(row.From.Basis), p.local(row.To.At), orNone(row.To.Basis))
		} else {
			p.printf("      %s\n", p.local(&row.At))
		}
		if row.Why != "" {
			p.printf("      %s\n", row.Why)
		}
	}
	if more := len(rows) - shown; more > 0 {
		p.printf("  and %d more: --limit 0 shows all, --format json has all\n", more)
	}
}

func padded(i, n int) string {
	return fmt.Sprintf("%*d.", len(strconv.Itoa(n)), i)
}

// writeExcluded groups what is left out by its reason, the most frequent first.
func (m *Metric) writeExcluded(p *page, limit int) {
	byReason := map[string][]ExcludedRow{}
	for _, x := range m.Excluded {
		byReason[x.Reason] = append(byReason[x.Reason], x)
	}
	reasons := slices.SortedFunc(maps.Keys(byReason), func(a, b string) int {
		if d := len(byReason[b]) - len(byReason[a]); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	if len(reasons) > 0 {
		p.printf("\nof the same days, and not counted (%d)\n", len(m.Excluded))
	}
	left := len(m.Excluded)
	for n, reason := range reasons {
		if n >= mostReasons && limit < len(m.Rows)+len(m.Excluded) {
			p.printf("  and %d more for %d other reasons: --limit 0 shows all\n", left, len(reasons)-n)
			return
		}
		rows := byReason[reason]
		left -= len(rows)
		shown := min(len(rows), max(1, min(limit, 5)))
		if limit >= len(m.Rows)+len(m.Excluded) {
			shown = len(rows)
		}
		p.printf("  %s: %d\n", reason, len(rows))
		for _, x := range rows[:shown] {
			p.printf("    %s\n", strings.Join(nonEmpty(x.ObjectID, render.Line(x.Name), p.local(x.At)), "  "))
		}
		if more := len(rows) - shown; more > 0 {
			p.printf("    and %d more\n", more)
		}
	}
}
