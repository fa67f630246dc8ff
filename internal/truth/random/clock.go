package random

import (
	"slices"
	"time"
)

// midnight is the beginning of a date in the zone.
func (m *maker) midnight(date string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, date, m.zone)
	if err != nil {
		panic(err) // the dates are constants
	}
	return t.UTC()
}

func (m *maker) midnightAfter(t time.Time) time.Time {
	year, month, day := t.In(m.zone).Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, m.zone).UTC()
}

// turns are the instants at which a month begins, clocks change, or the week of a new year begins, and the midnights
// around a change of clocks.
func (m *maker) turns() []time.Time {
	var out []time.Time
	for day := m.from; day.Before(m.to); day = m.midnightAfter(day) {
		local, next := day.In(m.zone), m.midnightAfter(day)
		weekday, month := local.Weekday(), local.Month()
		firstWeek := (weekday == time.Monday || weekday == time.Sunday) && (month == time.December && local.Day() > 26 || month == time.January && local.Day() < 6)
		if local.Day() == 1 || firstWeek {
			out = append(out, day)
		}
		if length := next.Sub(day); length != 24*time.Hour {
			out = append(out, day, next)
			_, before := local.Zone()
			for at := day; at.Before(next); at = at.Add(30 * time.Minute) {
				if _, offset := at.In(m.zone).Zone(); offset != before {
					out = append(out, at)
					break
				}
			}
		}
	}
	return out
}

// instant draws a whole second at or after one and before another: at times when something begins in the zone or a second
// beside it, at times one that was drawn before.
func (m *maker) instant(low, high time.Time) time.Time {
	low = low.UTC().Truncate(time.Second)
	within := func(from []time.Time) []time.Time {
		return slices.DeleteFunc(slices.Clone(from), func(t time.Time) bool { return t.Before(low) || !t.Before(high) })
	}
	var at time.Time
	switch x := m.rng.Float64(); {
	case !high.After(low):
		return low
	case x < 0.08 && len(within(m.special)) > 0:
		at = pick(m, within(m.special)).Add(time.Duration(m.rng.IntN(3)-1) * time.Second)
	case x < 0.16 && len(within(m.past)) > 0:
		at = pick(m, within(m.past))
	case x < 0.5:
		at = low.Add(m.between(0, high.Sub(low))).Truncate(time.Minute)
	default:
		at = low.Add(m.between(0, high.Sub(low))).Truncate(time.Second)
	}
	if at.Before(low) {
		at = low
	}
	m.past = append(m.past, at)
	return at
}

// instants draws n instants in order.
func (m *maker) instants(n int, low, high time.Time) []time.Time {
	out := make([]time.Time, n)
	for i := range out {
		out[i] = m.instant(low, high)
	}
	slices.SortFunc(out, byTime)
	return out
}

// finer puts an instant at a fraction of its second, as incident.io's are.
func (m *maker) finer(t time.Time) time.Time {
	if t.IsZero() || m.chance(0.5) {
		return t
	}
	return t.Add(time.Duration(m.rng.IntN(1000)) * time.Millisecond)
}
