package calendar

import (
	"testing"
	"time"
)

func on(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAPeriodBeginsWhereTheMartsBeginIt(t *testing.T) {
	for _, x := range []struct {
		period, of string
		week       time.Weekday
		start      string
		next       string
	}{
		{"day", "2026-11-26", time.Monday, "2026-11-26", "2026-11-27"},
		{"week", "2026-11-26", time.Monday, "2026-11-23", "2026-11-30"},
		{"week", "2026-11-26", time.Sunday, "2026-11-22", "2026-11-29"},
		{"week", "2026-11-22", time.Monday, "2026-11-16", "2026-11-23"},
		{"week", "2026-11-22", time.Sunday, "2026-11-22", "2026-11-29"},
		{"week", "2027-01-01", time.Monday, "2026-12-28", "2027-01-04"},
		{"month", "2028-02-29", time.Monday, "2028-02-01", "2028-03-01"},
		{"quarter", "2026-12-31", time.Monday, "2026-10-01", "2027-01-01"},
		{"quarter", "2026-01-01", time.Monday, "2026-01-01", "2026-04-01"},
		{"year", "2026-06-30", time.Monday, "2026-01-01", "2027-01-01"},
	} {
		start := Start(x.period, on(t, x.of), x.week)
		if got := start.Format(time.DateOnly); got != x.start {
			t.Errorf("the %s of %s begins on %s, want %s", x.period, x.of, got, x.start)
		}
		if got := Next(x.period, start).Format(time.DateOnly); got != x.next {
			t.Errorf("the %s after %s begins on %s, want %s", x.period, x.start, got, x.next)
		}
	}
	for week, want := range map[time.Weekday]string{time.Monday: "1970-01-05", time.Sunday: "1970-01-04"} {
		if got := WeekAnchor(week); got != want {
			t.Errorf("a %s that begins a week is %s, want %s", week, got, want)
		}
	}
	if Weekday("sunday") != time.Sunday || Weekday("monday") != time.Monday {
		t.Error("week_start is misread")
	}
}

func TestADayBeginsWithItsFirstInstant(t *testing.T) {
	for _, x := range []struct{ zone, day, want string }{
		{"Asia/Tokyo", "2026-11-26", "2026-11-25T15:00:00Z"},
		{"Asia/Kathmandu", "2026-11-26", "2026-11-25T18:15:00Z"},
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"}, // clocks go from 0:00 to 1:00
		{"Australia/Lord_Howe", "2026-10-05", "2026-10-04T13:00:00Z"},
	} {
		zone, err := time.LoadLocation(x.zone)
		if err != nil {
			t.Fatal(err)
		}
		got := Midnight(on(t, x.day), zone)
		if got.Format(time.RFC3339) != x.want {
			t.Errorf("%s in %s begins at %s, want %s", x.day, x.zone, got.Format(time.RFC3339), x.want)
		}
		if before := got.Add(-time.Microsecond).In(zone); before.Day() == got.In(zone).Day() {
			t.Errorf("%s in %s begins before %s", x.day, x.zone, got)
		}
	}
}
