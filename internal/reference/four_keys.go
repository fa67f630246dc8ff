package reference

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Row is one number: of a metric, in a period, for a group.
type Row struct {
	Period      string // day, week, month, quarter or year
	PeriodStart string // YYYY-MM-DD, local
	Dimension   string // all, service, team, repository, severity, incident_type or field:NAME
	Value       string // all, or the name
	Metric      string
	Number      *float64 // nil: a median, mean or rate of nothing
	SampleSize  int
	Low, High   *float64 // nil where the sample is too small (M2), and of a mean
	Level       string   // empty if the metric has none, or there is no number (B)
	IsOpen      bool     // the period has not ended
}

// metric is made of a measure: a count, a count by day, a rate, a quantile or a mean.
type metric struct {
	name, measure, kind string
	percent             int
	ofIncidents         bool // the others are of deployments and what they ship
}

var metrics = []metric{
	{"deployments", "deployments", "count", 0, false},
	{"deployments_per_day", "deployments", "per day", 0, false},
	{"lead_time_median_seconds", "lead time", "quantile", 50, false},
	{"lead_time_p90_seconds", "lead time", "quantile", 90, false},
	{"commit_lead_time_median_seconds", "commit lead time", "quantile", 50, false},
	{"change_failure_rate", "failures", "rate", 0, false},
	{"change_failure_rate_evidence", "failures by evidence", "rate", 0, false},
	{"failed_deployment_recovery_median_seconds", "recovery", "quantile", 50, false},
	{"rework_rate", "rework", "rate", 0, false},
	{"incidents", "incidents", "count", 0, true},
	{"time_to_restore_median_seconds", "restore", "quantile", 50, true},
	{"time_to_restore_p90_seconds", "restore", "quantile", 90, true},
	{"time_to_restore_mean_seconds", "restore", "mean", 0, true},
	{"time_to_acknowledge_median_seconds", "acknowledge", "quantile", 50, true},
}

// metricsOf are those and the ones of the further durations.
func metricsOf(s Settings) []metric {
	out := slices.Clone(metrics)
	for _, d := range s.Durations {
		out = append(out, metric{slug(d.Name) + "_median_seconds", slug(d.Name), "quantile", 50, true}, metric{slug(d.Name) + "_p90_seconds", slug(d.Name), "quantile", 90, true})
	}
	return out
}

// shows tells whether a metric has rows in a dimension: only where its object has it.
func (m metric) shows(dimension string) bool {
	switch {
	case dimension == "severity", dimension == "incident_type", strings.HasPrefix(dimension, "field:"):
		return m.ofIncidents
	case dimension == "repository":
		return !m.ofIncidents
	}
	return true
}

// FourKeys gives every row from each group's first data to as_of, ordered by its columns. Days are only for all, severity
// and service.
func FourKeys(o Objects, code Code, s Settings) []Row { return compute(o, code, s).fourKeys() }

func (c *computed) fourKeys() []Row {
	today := localDate(c.s.AsOf, c.s.Location)
	var out []Row
	for g, measures := range facts(c.measures(), c.s) {
		out = append(out, rowsOf(g, measures, today, c.s)...)
	}
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.PeriodStart, b.PeriodStart), cmp.Compare(a.Dimension, b.Dimension),
			cmp.Compare(a.Value, b.Value), cmp.Compare(a.Metric, b.Metric))
	})
	return out
}

func rowsOf(g group, measures map[string][]fact, today time.Time, s Settings) []Row {
	from := today.AddDate(0, 0, 1)
	for _, facts := range measures {
		for _, f := range facts {
			if f.date.Before(from) {
				from = f.date
			}
		}
	}
	if from.After(today) {
		return nil // P3: nothing has happened yet
	}
	var out []Row
	for _, period := range []string{"day", "week", "month", "quarter", "year"} {
		if period == "day" && !slices.Contains([]string{"all", "severity", "service"}, g.dimension) {
			continue
		}
		values := map[string]map[time.Time][]float64{}
		for measure, facts := range measures {
			values[measure] = map[time.Time][]float64{}
			for _, f := range facts {
				if !f.date.After(today) {
					start := bucket(f.date, period, s.WeekStart)
					values[measure][start] = append(values[measure][start], f.value)
				}
			}
		}
		for start := bucket(from, period, s.WeekStart); !start.After(today); start = bucket(next(start, period), period, s.WeekStart) {
			end := bucket(next(start, period), period, s.WeekStart)
			for _, m := range metricsOf(s) {
				if !m.shows(g.dimension) {
					continue
				}
				row := Row{Period: period, PeriodStart: start.Format(time.DateOnly), Dimension: g.dimension, Value: g.value, Metric: m.name, IsOpen: end.After(today)}
				row.figure(m, sortedCopy(values[m.measure][start]), days(start, end, today))
				out = append(out, row)
			}
		}
	}
	return out
}

// days is the number of local days of a period, of the present one those that have begun.
func days(start, end, today time.Time) int {
	if last := today.AddDate(0, 0, 1); end.After(last) {
		end = last
	}
	return int(end.Sub(start) / (24 * time.Hour))
}

// figure makes the number of a metric of what its objects gave, in order (F3, M1, M2).
func (r *Row) figure(m metric, of []float64, days int) {
	r.SampleSize = len(of)
	sum := 0.0
	for _, x := range of {
		sum += x // whole numbers: exact
	}
	n := float64(len(of))
	v := 0.0
	var between limits
	switch m.kind {
	case "count":
		v, between = n, poisson(len(of))
	case "per day":
		v, between = n/float64(days), poisson(len(of))
		low, high := *between.low/float64(days), *between.high/float64(days)
		between = limits{&low, &high}
	default:
		if len(of) == 0 {
			return
		}
		v = sum / n
		switch m.kind {
		case "rate":
			between = wilson(int(sum), len(of))
		case "quantile":
			v, between = quantile(of, m.percent), orderLimits(of, m.percent)
		}
	}
	r.Number, r.Low, r.High, r.Level = &v, between.low, between.high, level(r.Metric, v)
}

// localDate is the date that the clock on the wall shows (P1), as midnight UTC so that days can be counted.
func localDate(t time.Time, loc *time.Location) time.Time {
	y, m, d := t.In(loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// bucket is the first day of the period that the day is in (P1, P2).
func bucket(day time.Time, period string, weekStart time.Weekday) time.Time {
	y, m, d := day.Date()
	switch period {
	case "week":
		return day.AddDate(0, 0, -((int(day.Weekday()) - int(weekStart) + 7) % 7))
	case "month":
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	case "quarter":
		return time.Date(y, (m-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	case "year":
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// next is a day in the period after the one that begins at start.
func next(start time.Time, period string) time.Time {
	switch period {
	case "week":
		return start.AddDate(0, 0, 7)
	case "month":
		return start.AddDate(0, 1, 0)
	case "quarter":
		return start.AddDate(0, 3, 0)
	case "year":
		return start.AddDate(1, 0, 0)
	}
	return start.AddDate(0, 0, 1)
}
