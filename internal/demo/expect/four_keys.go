package expect

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Row is one number: of a metric, in a period, for a group.
type Row struct {
	Period      string // day, week, month, quarter or year
	PeriodStart string // YYYY-MM-DD, local
	Dimension   string // all, service, team, repository, severity or incident_type
	Value       string // all, or the name
	Metric      string
	Number      *float64 // nil: a median, mean or rate of nothing
	SampleSize  int
}

// metrics are made of measures: a count, a count by day, a rate, a quantile or a mean.
var metrics = []struct {
	name, measure, kind string
	quantile            float64
}{
	{"deployments", "deployments", "count", 0},
	{"deployments_per_day", "deployments", "per day", 0},
	{"lead_time_median_seconds", "lead time", "quantile", 0.5},
	{"lead_time_p90_seconds", "lead time", "quantile", 0.9},
	{"commit_lead_time_median_seconds", "commit lead time", "quantile", 0.5},
	{"change_failure_rate", "failures", "rate", 0},
	{"change_failure_rate_evidence", "failures by evidence", "rate", 0},
	{"failed_deployment_recovery_median_seconds", "recovery", "quantile", 0.5},
	{"rework_rate", "rework", "rate", 0},
	{"incidents", "incidents", "count", 0},
	{"time_to_restore_median_seconds", "restore", "quantile", 0.5},
	{"time_to_restore_p90_seconds", "restore", "quantile", 0.9},
	{"time_to_restore_mean_seconds", "restore", "mean", 0},
	{"time_to_acknowledge_median_seconds", "acknowledge", "quantile", 0.5},
}

// ofIncidents names the measures of incidents; the others are of deployments and what they ship.
var ofIncidents = map[string]bool{"incidents": true, "restore": true, "acknowledge": true}

// shows tells whether a metric has rows in a dimension: only where its object has it.
func shows(measure, dimension string) bool {
	switch dimension {
	case "severity", "incident_type":
		return ofIncidents[measure]
	case "repository":
		return !ofIncidents[measure]
	}
	return true
}

// FourKeys gives every row from each group's first data to as_of, ordered by its columns. Days are only for all, severity
// and service.
func FourKeys(o Objects, code Code, s Settings) []Row {
	today := localDate(s.AsOf, s.Location)
	var out []Row
	for g, measures := range facts(measures(o, code, s), s) {
		out = append(out, rowsOf(g, measures, today, s.WeekStart)...)
	}
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.PeriodStart, b.PeriodStart), cmp.Compare(a.Dimension, b.Dimension),
			cmp.Compare(a.Value, b.Value), cmp.Compare(a.Metric, b.Metric))
	})
	return out
}

func rowsOf(g group, measures map[string][]fact, today time.Time, weekStart time.Weekday) []Row {
	from := today
	for _, facts := range measures {
		for _, f := range facts {
			if f.date.Before(from) {
				from = f.date
			}
		}
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
					start := bucket(f.date, period, weekStart)
					values[measure][start] = append(values[measure][start], f.value)
				}
			}
		}
		for start := bucket(from, period, weekStart); !start.After(today); start = bucket(next(start, period), period, weekStart) {
			for _, m := range metrics {
				if !shows(m.measure, g.dimension) {
					continue
				}
				row := Row{Period: period, PeriodStart: start.Format(time.DateOnly), Dimension: g.dimension, Value: g.value, Metric: m.name}
				row.Number, row.SampleSize = number(m.kind, m.quantile, values[m.measure][start], days(start, bucket(next(start, period), period, weekStart), today))
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

func number(kind string, q float64, of []float64, days int) (*float64, int) {
	sum := 0.0
	for _, x := range of {
		sum += x // whole numbers: exact
	}
	n := float64(len(of))
	v := 0.0
	switch kind {
	case "count":
		v = n
	case "per day":
		v = n / float64(days)
	default:
		if len(of) == 0 {
			return nil, 0
		}
		v = sum / n
		if kind == "quantile" {
			slices.Sort(of)
			v = quantile(of, q)
		}
	}
	return &v, len(of)
}

// quantile is the continuous one of sorted values: it lies between the two nearest by distance.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low, high := sorted[int(math.Floor(at))], sorted[int(math.Ceil(at))]
	return low + (high-low)*(at-math.Floor(at))
}

// localDate is the date that the clock on the wall shows, as midnight UTC so that days can be counted.
func localDate(t time.Time, loc *time.Location) time.Time {
	y, m, d := t.In(loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// bucket is the first day of the period that the day is in.
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
