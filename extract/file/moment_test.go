package file

import (
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestTimesAreReadInTheirZoneAndNothingElseIsGuessedAt(t *testing.T) {
	for _, test := range []struct{ zone, text, want string }{
		{"Asia/Tokyo", "2026-11-02T10:00:00Z", "2026-11-02T10:00:00Z"},
		{"Asia/Tokyo", "2026-11-02T10:00:00+02:00", "2026-11-02T08:00:00Z"},
		{"Asia/Tokyo", "2026-11-02 10:00:00 +0200", "2026-11-02T08:00:00Z"},
		{"Asia/Tokyo", "2026-11-02 10:00:00-03", "2026-11-02T13:00:00Z"},
		{"Asia/Tokyo", "2026-11-02 10:00:00 UTC", "2026-11-02T10:00:00Z"},
		{"Asia/Tokyo", "2026-11-02 10:00", "2026-11-02T01:00:00Z"},
		{"Asia/Tokyo", " 2026-11-02  10:00:30 ", "2026-11-02T01:00:30Z"},
		{"Asia/Tokyo", "2026-11-02 10:00:30.1234567", "2026-11-02T01:00:30.123456Z"},
		{"Asia/Tokyo", "2026-11-02T10:00:30,5", "2026-11-02T01:00:30.5Z"},
		{"Asia/Tokyo", "2026/11/02 10:00", "2026-11-02T01:00:00Z"},
		{"Asia/Tokyo", "2026/1/2 9:05", "2026-01-02T00:05:00Z"},
		{"Asia/Tokyo", "2026-11-02", "2026-11-01T15:00:00Z"},
		{"Asia/Tokyo", "2026/11/02", "2026-11-01T15:00:00Z"},
		{"Asia/Kathmandu", "2026-11-02 10:00", "2026-11-02T04:15:00Z"},
		{"Asia/Tokyo", "1762041600", "2025-11-02T00:00:00Z"},
		{"Asia/Tokyo", "1762041600.25", "2025-11-02T00:00:00.25Z"},
		{"Asia/Tokyo", "1762041600123", "2025-11-02T00:00:00.123Z"},
		{"Asia/Tokyo", "1762041600123.4567", "2025-11-02T00:00:00.123456Z"},
		{"Asia/Tokyo", "123456789", "1973-11-29T21:33:09Z"},
		// Skipped: 02:30 of the night in which clocks go from 02:00 to 03:00 is 03:30.
		{"America/New_York", "2026-03-08 02:30", "2026-03-08T07:30:00Z"},
		{"America/New_York", "2026-03-08 01:59", "2026-03-08T06:59:00Z"},
		{"America/New_York", "2026-03-08 03:00", "2026-03-08T07:00:00Z"},
		// Twice: the first.
		{"America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z"},
		{"America/New_York", "2026-11-01 02:00", "2026-11-01T07:00:00Z"},
		{"America/New_York", "2026-11-01 00:59", "2026-11-01T04:59:00Z"},
		// Half an hour, in the other half of the world.
		{"Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z"},
		{"Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:45:00Z"},
		// A midnight that is skipped is the first moment of the day.
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"},
	} {
		got, err := parseMoment(test.text, zone(t, test.zone))
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if s := got.Format(time.RFC3339Nano); s != test.want {
			t.Errorf("%q in %s is %s, want %s", test.text, test.zone, s, test.want)
		}
	}
	for _, text := range []string{
		"", "2h", "3 hours", "1:30:00", "90", "yesterday", "02/11/2026", "11/02/2026 10:00", "20261102", "2026-11", "2026-11-02T", "2026-11-02 10",
		"2026-13-01", "2026-02-29", "2026-11-02 24:00", "2026-11-02 10:60", "2026-11-02 10:00:60", "2026-11-02 10:00:00.", "2026-11-02 10:00 AM",
		"2026-11-02 10:00 JST", "2026-11-02/10:00", "2026/11-02", "12345678901", "17620416001234567", "-1762041600", "1762041600.x", "1.762e9", "0000-01-01",
		"0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-02T10:00:00+1:0", "2026-11-02T10:00:00+09:60", "2026-11-02T10:00:00+", "2026-11-02T10:00:00Zz",
	} {
		if got, err := parseMoment(text, time.UTC); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestALocalTimeIsWhatTheClockShowedUnlessItIsSkipped(t *testing.T) {
	for _, name := range []string{"Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "America/Sao_Paulo"} {
		z := zone(t, name)
		skipped := 0
		for naive := time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC); naive.Year() < 2019; naive = naive.Add(15 * time.Minute) {
			at := local(naive, z)
			shown := at.In(z)
			if as := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), 0, 0, time.UTC); !as.Equal(naive) {
				skipped++
				if at.Add(-time.Minute*90).In(z).IsDST() == shown.IsDST() && name != "Africa/Casablanca" {
					t.Errorf("%s: %s is taken for %s, and no clock was changed", name, naive, shown)
				}
				continue
			}
			for _, earlier := range []time.Duration{30 * time.Minute, time.Hour} {
				before := at.Add(-earlier).In(z)
				if before.Format("2006-01-02T15:04") == naive.Format("2006-01-02T15:04") {
					t.Errorf("%s: %s was shown before %s already", name, naive, shown)
				}
			}
		}
		if skipped > 40 {
			t.Errorf("%s: %d times were not what the clock showed", name, skipped)
		}
	}
}
