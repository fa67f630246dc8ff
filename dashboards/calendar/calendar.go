// Package calendar cuts local time into periods as the marts do (P1, P2), for those who ask for one of them. Dates are
// midnights in UTC; only Midnight knows a time zone.
package calendar

import "time"

// Periods are the periods of the marts, from the shortest to the longest.
var Periods = []string{"day", "week", "month", "quarter", "year"}

// Weekday reads the first day of the week as the configuration writes it: sunday, else Monday.
func Weekday(weekStart string) time.Weekday {
	if weekStart == "sunday" {
		return time.Sunday
	}
	return time.Monday
}

// WeekAnchor is a date that begins a week: by it the metric template knows when weeks begin.
func WeekAnchor(week time.Weekday) string {
	return Start("week", date(1970, time.January, 5), week).Format(time.DateOnly)
}

// Start is the first day of the period that a date is in.
func Start(period string, d time.Time, week time.Weekday) time.Time {
	year, month, _ := d.Date()
	switch period {
	case "week":
		return d.AddDate(0, 0, -((int(d.Weekday()) - int(week) + 7) % 7))
	case "month":
		return date(year, month, 1)
	case "quarter":
		return date(year, month-(month-1)%3, 1)
	case "year":
		return date(year, time.January, 1)
	default:
		return d
	}
}

// Next is the first day of the period after the one that begins on a date.
func Next(period string, start time.Time) time.Time {
	switch period {
	case "week":
		return start.AddDate(0, 0, 7)
	case "month":
		return start.AddDate(0, 1, 0)
	case "quarter":
		return start.AddDate(0, 3, 0)
	case "year":
		return start.AddDate(1, 0, 0)
	default:
		return start.AddDate(0, 0, 1)
	}
}

// Midnight is the first instant of a date in a zone. Where clocks skip midnight the day begins when they go on.
func Midnight(d time.Time, zone *time.Location) time.Time {
	year, month, n := d.Date()
	t := time.Date(year, month, n, 0, 0, 0, 0, zone)
	for t.Day() != n { // time.Date may answer with an instant of the day before
		t = t.Add(15 * time.Minute)
	}
	return t.UTC()
}

func date(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}
