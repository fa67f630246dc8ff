package report

import (
	"fmt"
	"regexp"
	"time"

	"fourfold/dashboards/calendar"
)

// Periods that can be asked for, besides a month such as 2026-10.
const (
	LastWeek    = "last-week"
	LastMonth   = "last-month"
	LastQuarter = "last-quarter"
)

// Period is a week, month or quarter of local dates; days are midnights in UTC.
type Period struct {
	Unit       string    // week, month or quarter
	Start, End time.Time // first and last day, both inclusive; End is the day of the build where the period is not over
	Open       bool      // not over as of the build
	Before     time.Time // first day of the period before
	Trend      []time.Time
}

// trendLength is how many periods a trend has, the report's own one at its end.
var trendLength = map[string]int{"week": 26, "month": 13, "quarter": 9}

var oneMonth = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}$`)

// PeriodError is a period that cannot be read.
type PeriodError struct{ error }

// CheckPeriod says whether a text names a period, before anything is opened.
func CheckPeriod(text string) error {
	_, err := ParsePeriod(text, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Monday)
	return err
}

// ParsePeriod reads last-week, last-month, last-quarter or a month such as 2026-10. The last one is the last that is over as
// of a date: a build does not change what it reports as time goes by.
func ParsePeriod(text string, asOf time.Time, week time.Weekday) (Period, error) {
	p := Period{}
	switch {
	case text == LastWeek:
		p.Unit = "week"
	case text == LastMonth || text == "":
		p.Unit = "month"
	case text == LastQuarter:
		p.Unit = "quarter"
	case oneMonth.MatchString(text):
		start, err := time.Parse("2006-01", text)
		if err != nil {
			return p, PeriodError{fmt.Errorf("period %s: there is no such month", text)}
		}
		if start.After(asOf) {
			return p, PeriodError{fmt.Errorf("period %s begins after the build's last day, %s", text, asOf.Format(time.DateOnly))}
		}
		p.Unit, p.Start = "month", start
	default:
		return p, PeriodError{fmt.Errorf("period %q is not known: use %s, %s, %s or a month such as 2026-10", text, LastMonth, LastWeek, LastQuarter)}
	}
	if p.Start.IsZero() {
		p.Start = previous(p.Unit, calendar.Start(p.Unit, asOf, week), week)
	}
	p.End = calendar.Next(p.Unit, p.Start).AddDate(0, 0, -1)
	if !p.End.Before(asOf) {
		p.Open, p.End = true, asOf
	}
	p.Before = previous(p.Unit, p.Start, week)
	for start := p.Start; len(p.Trend) < trendLength[p.Unit]; start = previous(p.Unit, start, week) {
		p.Trend = append([]time.Time{start}, p.Trend...)
	}
	return p, nil
}

// previous is the first day of the period before the one that begins on a day.
func previous(unit string, start time.Time, week time.Weekday) time.Time {
	return calendar.Start(unit, start.AddDate(0, 0, -1), week)
}
