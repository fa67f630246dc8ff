package web

import (
	"fmt"
	"time"

	cal "fourfold/dashboards/calendar"
)

// day is a calendar date.
type day struct{ t time.Time } // midnight UTC

func dayOf(year int, month time.Month, d int) day {
	return day{time.Date(year, month, d, 0, 0, 0, 0, time.UTC)}
}

// parseDay reads 2026-11-25.
func parseDay(s string) (day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return day{}, fmt.Errorf("web: date %q: %w", s, err)
	}
	return day{t}, nil
}

func (d day) String() string       { return d.t.Format(time.DateOnly) }
func (d day) addDays(n int) day    { return day{d.t.AddDate(0, 0, n)} }
func (d day) addMonths(n int) day  { return dayOf(d.t.Year(), d.t.Month()+time.Month(n), d.t.Day()) }
func (d day) after(other day) bool { return d.t.After(other.t) }
func (d day) daysTo(o day) int     { return int((o.t.Unix() - d.t.Unix()) / 86400) }
func (d day) quarter() int         { return (int(d.t.Month()) + 2) / 3 }
func (d day) month() (int, int)    { return d.t.Year(), int(d.t.Month()) }
func (d day) dayOfMonth() int      { return d.t.Day() }

// calendar cuts time as the build did.
type calendar struct {
	zone       *time.Location
	zoneName   string
	sundayWeek bool
}

// start is the first day of the period that d is in.
func (c calendar) start(period string, d day) day { return day{cal.Start(period, d.t, c.week())} }

// next is the first day of the period after the one that begins on d.
func (c calendar) next(period string, d day) day { return day{cal.Next(period, d.t)} }

func (c calendar) week() time.Weekday {
	if c.sundayWeek {
		return time.Sunday
	}
	return time.Monday
}

// periods gives the first days of all periods from one date to another, both inclusive.
func (c calendar) periods(period string, from, to day) []day {
	var out []day
	for d := c.start(period, from); !d.after(to); d = c.next(period, d) {
		out = append(out, d)
	}
	return out
}

// midnight is the first instant of a day in the zone.
func (c calendar) midnight(d day) time.Time { return cal.Midnight(d.t, c.zone) }

// weekAnchor is a date that begins a week.
func (c calendar) weekAnchor() string { return cal.WeekAnchor(c.week()) }
