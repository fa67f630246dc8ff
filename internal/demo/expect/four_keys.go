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
	Dimension   string // all, severity, service, team or incident_type
	Value       string // all, or the name
	Metric      string
	Number      *float64 // nil: a median or mean of nothing
	SampleSize  int
}

var metrics = []string{"incidents", "time_to_restore_median_seconds", "time_to_restore_p90_seconds", "time_to_restore_mean_seconds", "time_to_acknowledge_median_seconds"}

type group struct{ dimension, value string }

// fact is what one incident gives one measure.
type fact struct {
	date  time.Time // the local date, as midnight UTC
	value float64
}

// FourKeys gives every row from each group's first data to as_of, ordered by its columns. Days are only for all, severity
// and service.
func FourKeys(o Objects, s Settings) []Row {
	facts := map[group]map[string][]fact{} // by measure
	add := func(g group, measure string, at time.Time, value float64) {
		if facts[g] == nil {
			facts[g] = map[string][]fact{}
		}
		facts[g][measure] = append(facts[g][measure], fact{localDate(at, s.Location), value})
	}
	for _, i := range Incidents(o, s) {
		if !i.Counted {
			continue
		}
		for _, g := range groups(i) {
			add(g, "incidents", i.Start, 1)
			if i.Restore != nil {
				at := i.End
				if s.ByStart {
					at = i.Start
				}
				add(g, "restore", at, float64(*i.Restore))
			}
			if i.Acknowledge != nil {
				add(g, "acknowledge", i.Start, float64(*i.Acknowledge))
			}
		}
	}
	today := localDate(s.AsOf, s.Location)
	var out []Row
	for g, measures := range facts {
		out = append(out, rowsOf(g, measures, today, s.WeekStart)...)
	}
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.PeriodStart, b.PeriodStart), cmp.Compare(a.Dimension, b.Dimension),
			cmp.Compare(a.Value, b.Value), cmp.Compare(a.Metric, b.Metric))
	})
	return out
}

// groups gives every group that the incident is in, each once.
func groups(i Incident) []group {
	out := []group{{"all", "all"}}
	if i.Severity != "" {
		out = append(out, group{"severity", i.Severity})
	}
	if i.Type != "" {
		out = append(out, group{"incident_type", i.Type})
	}
	for _, name := range i.Services {
		out = append(out, group{"service", name})
	}
	for _, name := range i.Teams {
		out = append(out, group{"team", name})
	}
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
		if period == "day" && (g.dimension == "team" || g.dimension == "incident_type") {
			continue
		}
		for start := bucket(from, period, weekStart); !start.After(today); start = bucket(next(start, period), period, weekStart) {
			values := map[string][]float64{}
			for measure, facts := range measures {
				for _, f := range facts {
					if !f.date.After(today) && bucket(f.date, period, weekStart).Equal(start) {
						values[measure] = append(values[measure], f.value)
					}
				}
				slices.Sort(values[measure])
			}
			for _, metric := range metrics {
				row := Row{Period: period, PeriodStart: start.Format(time.DateOnly), Dimension: g.dimension, Value: g.value, Metric: metric}
				row.Number, row.SampleSize = number(metric, values)
				out = append(out, row)
			}
		}
	}
	return out
}

func number(metric string, values map[string][]float64) (*float64, int) {
	if metric == "incidents" {
		n := float64(len(values["incidents"]))
		return &n, int(n)
	}
	of := values["restore"]
	if metric == "time_to_acknowledge_median_seconds" {
		of = values["acknowledge"]
	}
	if len(of) == 0 {
		return nil, 0
	}
	var v float64
	switch metric {
	case "time_to_restore_mean_seconds":
		sum := 0.0
		for _, x := range of {
			sum += x // whole seconds: exact
		}
		v = sum / float64(len(of))
	case "time_to_restore_p90_seconds":
		v = quantile(of, 0.9)
	default:
		v = quantile(of, 0.5)
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
