// Package summary is the page of numbers that a terminal shows after a round: the Four Keys in total and by service, with
// the commands that confirm them, incidents and time to restore by severity, with the last weeks as a sparkline, and a line
// each on what is unlinked, on follow-ups and on drills. It is one page. It reads the published marts and computes no metric:
// every figure comes from the metric template, is a row of four_keys or rpt_follow_ups, or is of the rows of one mart over
// all time.
package summary

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"fourfold/internal/explain"
	"fourfold/internal/render"
)

// weeks is the number of weeks that a sparkline shows, the one that has not ended included.
const weeks = 12

// summary is what its parts share.
type summary struct {
	ctx       context.Context
	q         explain.Querier
	command   string // fourfold with the flags that a command needs, as people type it
	zone      *time.Location
	asOf      time.Time
	asOfDate  time.Time // midnight UTC
	weekStart string
}

// Write prints the summary. command is how the program is called, as `fourfold --config demo.yaml`: it begins the commands
// that are told.
func Write(ctx context.Context, w io.Writer, q explain.Querier, command string) error {
	s := &summary{ctx: ctx, q: q, command: command}
	head, err := s.all(`select as_of, timezone, cast(as_of_date as varchar), week_start, (select count(*) from fct_incidents where is_counted),
    (select count(*) from fct_incidents where not is_counted), (select count(*) from fct_incidents where is_counted and restored_at is null) from publication`)
	if err != nil {
		return err
	}
	if len(head) != 1 {
		return fmt.Errorf("summary: publication has %d rows", len(head))
	}
	if s.zone, err = time.LoadLocation(render.Text(head[0][1])); err != nil {
		return err
	}
	s.asOf, _ = head[0][0].(time.Time)
	if s.asOfDate, err = time.Parse(time.DateOnly, render.Text(head[0][2])); err != nil {
		return fmt.Errorf("summary: as_of_date: %w", err)
	}
	s.weekStart = render.Text(head[0][3])
	if err := s.keys(w); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s incidents counted, %s of them open, %s left out, as of %s (%s)\n\n", render.Text(head[0][4]), render.Text(head[0][6]), render.Text(head[0][5]),
		s.asOf.In(s.zone).Format("2006-01-02 15:04"), s.zone)
	if err := s.incidents(w); err != nil {
		return err
	}
	return s.loose(w)
}

// all reads every row of an answer.
func (s *summary) all(sql string, args ...any) (out [][]any, err error) {
	rows, err := s.q.Query(s.ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	for row, err := range rows.All {
		if err != nil {
			return nil, err
		}
		out = append(out, slices.Clone(row))
	}
	return out, nil
}

// incidents prints incidents and restores by severity and year.
func (s *summary) incidents(w io.Writer) error {
	years, err := s.all(`select k.dimension_value, k.metric, k.value, k.sample_size, k.period_start
from four_keys as k
left join dim_severities as s on s.severity = k.dimension_value
where k.dimension in ('all', 'severity') and k.period = 'year'
    and k.metric in ('incidents', 'time_to_restore_median_seconds', 'time_to_restore_p90_seconds')
    and k.period_start >= (select max(period_start) from four_keys where period = 'year') - interval '1 year'
order by k.dimension, s.severity_rank desc nulls last, k.dimension_value, k.period_start, k.metric`)
	if err != nil {
		return err
	}
	trend, err := s.all(`select dimension_value, period_start, value from four_keys
where dimension in ('all', 'severity') and period = 'week' and metric = 'incidents'
    and period_start > (select max(period_start) from four_keys where period = 'week') - interval '` + fmt.Sprint(7*weeks) + ` days'
order by dimension, dimension_value, period_start`)
	if err != nil {
		return err
	}
	if err := table(w, years, sparks(trend)); err != nil {
		return err
	}
	if n := len(years); n > 0 {
		last := years[n-1]
		severity := ""
		if name := render.Text(last[0]); name != "all" {
			severity = fmt.Sprintf(" --severity '%s'", name)
		}
		fmt.Fprintf(w, "Confirm one: %s explain metric time_to_restore_median_seconds --period year --start %s%s\n", s.command, render.Text(last[4]), severity)
	}
	fmt.Fprintln(w)
	return nil
}

// table has a line for each severity and year, the total first.
func table(w io.Writer, years [][]any, spark map[string]string) error {
	type key struct{ group, year string }
	var order []key
	cells := map[key]map[string]any{}
	for _, x := range years {
		k := key{render.Text(x[0]), render.Text(x[4])[:4]}
		if cells[k] == nil {
			cells[k] = map[string]any{}
			order = append(order, k)
		}
		cells[k][render.Text(x[1])] = x[2]
	}
	last := map[string]string{}
	for _, k := range order {
		last[k.group] = k.year
	}
	rows := func(yield func([]any, error) bool) {
		for _, k := range order {
			line := ""
			if last[k.group] == k.year {
				line = spark[k.group]
			}
			c := cells[k]
			if !yield([]any{k.group, k.year, whole(c["incidents"]), Duration(c["time_to_restore_median_seconds"]), Duration(c["time_to_restore_p90_seconds"]), line}, nil) {
				return
			}
		}
	}
	return render.Rows(w, "table", []string{"severity", "year", "incidents", "median time to restore", "90th percentile", fmt.Sprintf("incidents, last %d weeks", weeks)}, rows, 0)
}

// whole is a count, which four_keys holds as a fraction like every value.
func whole(v any) any {
	if f, ok := v.(float64); ok {
		return int64(f)
	}
	return v
}

// Duration writes seconds as people read them; a dash where there is no value.
func Duration(v any) string {
	s, ok := v.(float64)
	if !ok {
		return "—"
	}
	n := int64(s + 0.5)
	switch {
	case n < 60:
		return fmt.Sprintf("%d s", n)
	case n < 3600:
		return fmt.Sprintf("%d m %02d s", n/60, n%60)
	case n < 48*3600:
		return fmt.Sprintf("%d h %02d m", n/3600, n%3600/60)
	default:
		return fmt.Sprintf("%d d %02d h", n/86400, n%86400/3600)
	}
}

// sparks draws the weeks of each group, each to the scale of its own greatest week. A group that began within them has
// blanks before.
func sparks(trend [][]any) map[string]string {
	values := map[string][]float64{}
	for _, x := range trend {
		v, _ := x[2].(float64)
		values[render.Text(x[0])] = append(values[render.Text(x[0])], v)
	}
	out := map[string]string{}
	for group, v := range values {
		out[group] = strings.Repeat(" ", max(0, weeks-len(v))) + Sparkline(v)
	}
	return out
}

// Sparkline draws values as bars; zero is the lowest bar.
func Sparkline(values []float64) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	most := 0.0
	for _, v := range values {
		most = max(most, v)
	}
	var b strings.Builder
	for _, v := range values {
		i := 0
		if most > 0 {
			i = int(v / most * float64(len(bars)-1) * 0.9999)
			if v > 0 {
				i++
			}
		}
		b.WriteRune(bars[min(i, len(bars)-1)])
	}
	return b.String()
}
