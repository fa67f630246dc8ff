package demo

import (
	"math/rand/v2"
	"time"
)

// People of the shop work from half past nine to half past seven in Japan, not at weekends, and not in the weeks in which
// the country rests.
const (
	dayBegins = 9*time.Hour + 30*time.Minute
	dayEnds   = 19*time.Hour + 30*time.Minute
)

// isHoliday tells of the long holidays: New Year, Golden Week and Obon.
func isHoliday(local time.Time) bool {
	switch day := int(local.Month())*100 + local.Day(); {
	case day >= 1229 || day <= 103, day >= 429 && day <= 505, day >= 812 && day <= 815:
		return true
	}
	return false
}

// isWorkday takes a time in Japan.
func isWorkday(local time.Time) bool {
	return local.Weekday() != time.Saturday && local.Weekday() != time.Sunday && !isHoliday(local)
}

func midnight(local time.Time) time.Time {
	y, m, d := local.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, jst)
}

// working gives the instant, or where nobody works then, one in the first hours of the next day on which somebody does.
func working(rng *rand.Rand, at time.Time) time.Time {
	local := at.In(jst)
	day := midnight(local)
	clock := local.Sub(day)
	if isWorkday(local) && clock >= dayBegins && clock < dayEnds {
		return at
	}
	if clock >= dayBegins {
		day = day.AddDate(0, 0, 1)
	}
	for !isWorkday(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day.Add(dayBegins + time.Duration(rng.Int64N(int64(100*time.Minute)))).UTC()
}

// workdays calls f with the midnight in Japan of each day on which people work.
func workdays(from, to time.Time, f func(midnight time.Time)) {
	for day := midnight(from.In(jst)); day.Before(to); day = day.AddDate(0, 0, 1) {
		if isWorkday(day) {
			f(day)
		}
	}
}

// atWork is an instant within the working hours of a day, more likely towards its middle.
func atWork(rng *rand.Rand, midnight time.Time) time.Time {
	span := float64(dayEnds - dayBegins)
	return midnight.Add(dayBegins + time.Duration(span*(rng.Float64()+rng.Float64())/2)).UTC().Truncate(time.Second)
}
