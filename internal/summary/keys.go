package summary

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"fourfold/dashboards"
	"fourfold/dashboards/calendar"
	"fourfold/internal/render"
)

// keyDays is the length of the time that the keys are shown for, up to the day of the build.
const keyDays = 90

// keyOrder are the metrics that are shown, as DORA orders them.
var keyOrder = []string{"deployments_per_day", "lead_time_median_seconds", "change_failure_rate", "failed_deployment_recovery_median_seconds", "rework_rate"}

// keys prints the Four Keys in total and by service, or what keeps them from being there.
func (s *summary) keys(w io.Writer) error {
	seen, err := s.all(`select count(*), count(*) filter (where is_counted) from fct_deployments`)
	if err != nil {
		return err
	}
	switch deployments, counted := seen[0][0].(int64), seen[0][1].(int64); {
	case deployments == 0:
		fmt.Fprintf(w, "No deployments are read, so there are no Four Keys: add sources.github to fourfold.yaml.\n\n")
		return nil
	case counted == 0:
		fmt.Fprintf(w, "None of the deployments counts, so there are no Four Keys. Why:\n  %s sql \"select exclusion_reason, count(*) as n from fct_deployments group by 1 order by 2 desc\"\n\n", s.command)
		return nil
	}
	metrics, err := s.metrics()
	if err != nil {
		return err
	}
	from := s.asOfDate.AddDate(0, 0, 1-keyDays)
	totals, err := s.query("keys", from)
	if err != nil {
		return err
	}
	services, err := s.query("key_services", from)
	if err != nil {
		return err
	}
	values := map[string]map[string]measured{"": {}}
	order := []string{""}
	for _, x := range totals { // span, metric, from_date, value, sample_size, low, high, level
		if render.Text(x[0]) == "now" {
			values[""][render.Text(x[1])] = measured{x[3], x[4], x[5], x[6], render.Text(x[7])}
		}
	}
	for _, x := range services { // service, metric, value, sample_size, low, high, level
		service := render.Text(x[0])
		if values[service] == nil {
			values[service] = map[string]measured{}
			order = append(order, service)
		}
		values[service][render.Text(x[1])] = measured{x[2], x[3], x[4], x[5], render.Text(x[6])}
	}
	year := ""
	if y := metrics[keyOrder[0]].year; y != "" {
		year = "; levels are those of the report of " + y
	}
	fmt.Fprintf(w, "The Four Keys and rework, %s to %s (%d days, %s)%s\n\n", from.Format(time.DateOnly), s.asOfDate.Format(time.DateOnly), keyDays, s.zone, year)
	rows := func(yield func([]any, error) bool) {
		for _, name := range keyOrder {
			v, m := values[""][name], metrics[name]
			number, per := writer(name, m.unit, v.value)
			if !yield([]any{m.title, number(v.value) + per, interval(number, v.low, v.high), v.n, v.level}, nil) {
				return
			}
		}
	}
	if err := render.Rows(w, "table", []string{"in total", "value", "95% interval", "n", "level"}, rows, 0); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if err := s.services(w, order[1:], values, metrics); err != nil {
		return err
	}
	return s.confirm(w, from)
}

// shownServices is how many services have a line: those with the most deployments.
const shownServices = 12

// services prints a line for each service, its keys beside each other.
func (s *summary) services(w io.Writer, names []string, values map[string]map[string]measured, metrics map[string]metric) error {
	count := func(name string) int64 {
		n, _ := values[name][keyOrder[0]].n.(int64)
		return n
	}
	shown := slices.Clone(names)
	slices.SortStableFunc(shown, func(a, b string) int { return cmp.Compare(count(b), count(a)) })
	shown = shown[:min(len(shown), shownServices)]
	slices.Sort(shown)
	rows := func(yield func([]any, error) bool) {
		for _, service := range shown {
			row := []any{service, count(service)}
			for _, name := range keyOrder {
				v := values[service][name]
				number, per := writer(name, metrics[name].unit, v.value)
				text := number(v.value) + per
				if v.level != "" {
					text += ", " + v.level
				}
				row = append(row, text)
			}
			if !yield(row, nil) {
				return
			}
		}
	}
	columns := []string{"service", "n", "deployments", "lead time (median)", "change failure rate", "recovery (median)", "rework rate"}
	if err := render.Rows(w, "table", columns, rows, 0); err != nil {
		return err
	}
	if more := len(names) - len(shown); more > 0 {
		fmt.Fprintf(w, "and %d services with fewer deployments: the dashboard has all\n", more)
	}
	fmt.Fprintln(w)
	return nil
}

// measured is a value as the metric template gives it; nil is none.
type measured struct {
	value, n, low, high any
	level               string
}

type metric struct{ title, unit, year string }

func (s *summary) metrics() (map[string]metric, error) {
	rows, err := s.all(`select metric, title_en, unit, level_year from dim_metrics`)
	if err != nil {
		return nil, err
	}
	out := map[string]metric{}
	for _, x := range rows {
		out[render.Text(x[0])] = metric{render.Text(x[1]), render.Text(x[2]), render.Text(x[3])}
	}
	return out, nil
}

// query runs a query of the catalogue over the days from one to that of the build.
func (s *summary) query(name string, from time.Time) ([][]any, error) {
	q, err := dashboards.Load(name)
	if err != nil {
		return nil, err
	}
	anchor := calendar.WeekAnchor(calendar.Weekday(s.weekStart))
	sql, args, err := q.Bind(dashboards.DuckDB, map[string]any{
		"from_date": from.Format(time.DateOnly), "as_of_date": s.asOfDate.Format(time.DateOnly), "before_from_date": from.Format(time.DateOnly), "before_to_date": from.AddDate(0, 0, -1).Format(time.DateOnly),
		"service": "", "team": "", "repository": "", "week_anchor": anchor,
	})
	if err != nil {
		return nil, err
	}
	return s.all(sql, args...)
}

// writer gives the words for a metric's values: a number, and what it is per.
func writer(metric, unit string, basis any) (func(any) string, string) {
	switch {
	case metric == "deployments_per_day":
		var v *float64
		if f, ok := basis.(float64); ok {
			v = &f
		}
		u := dashboards.FrequencyUnit(v)
		return func(x any) string { return decimal(x, 1/u.Days, "") }, " per " + u.Name
	case unit == "ratio":
		return func(x any) string { return decimal(x, 100, " %") }, ""
	default:
		return Duration, ""
	}
}

func decimal(x any, times float64, after string) string {
	f, ok := x.(float64)
	if !ok {
		return "—"
	}
	text := strconv.FormatFloat(f*times, 'f', 1, 64)
	if strings.Trim(text, "-0.") == "" {
		text = "0.0"
	}
	return text + after
}

func interval(number func(any) string, low, high any) string {
	switch {
	case low == nil && high == nil:
		return ""
	case low == nil:
		return "up to " + number(high)
	case high == nil:
		return "from " + number(low)
	}
	return number(low) + " to " + number(high)
}
