package config

import (
	"strings"
	"time"
	_ "time/tzdata" // a container without a zone database still knows every time zone

	"github.com/robfig/cron/v3"
)

// Timezone is a place's time, by its IANA name.
type Timezone struct{ *time.Location }

func (z *Timezone) parse(text string, _ scope) error {
	// "" and Local are the machine's idea, on which no number may depend.
	if text == "" || strings.EqualFold(text, "local") {
		return wrong{what: "is not a time zone"}
	}
	location, err := time.LoadLocation(text)
	if err != nil {
		return wrong{what: "is not a time zone"}
	}
	z.Location = location
	return nil
}

func (*Timezone) expects() string { return "an IANA name such as UTC, Asia/Tokyo or America/New_York" }

// MarshalText is the name.
func (z Timezone) MarshalText() ([]byte, error) { return []byte(z.String()), nil }

// Date is an instant written as a day, which is its first moment in the configured time zone, or as RFC 3339. The zero
// Date is not given.
type Date struct {
	at   time.Time
	text string
}

func (d *Date) parse(text string, at scope) error {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		*d = Date{startOfDay(day, at.zone), text}
		return nil
	}
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return wrong{what: "is not a date"}
	}
	*d = Date{instant, text}
	return nil
}

func (*Date) expects() string {
	return "a day such as 2024-01-31, or an instant such as 2024-01-31T09:00:00Z"
}

// Time is the instant; the zero time when the date is not given.
func (d Date) Time() time.Time { return d.at }

// IsZero reports whether the date is not given.
func (d Date) IsZero() bool { return d.at.IsZero() }

// String is the date as it was written.
func (d Date) String() string { return d.text }

// MarshalText is String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.text), nil }

// startOfDay is the first instant of a local day: usually midnight, the end of the gap where clocks skip midnight, the
// earlier of the two where they repeat it.
func startOfDay(day time.Time, zone *time.Location) time.Time {
	year, month, date := day.Date()
	is := func(t time.Time) bool {
		y, m, d := t.Date()
		return y == year && m == month && d == date
	}
	t := time.Date(year, month, date, 0, 0, 0, 0, zone)
	if !is(t) { // in a gap, on the side before it
		if _, end := t.ZoneBounds(); !end.IsZero() {
			return end
		}
	}
	// Where midnight comes twice, Go does not say which it gives.
	for earlier := t.Add(-30 * time.Minute); is(earlier); earlier = earlier.Add(-30 * time.Minute) {
		t = earlier
	}
	return t
}

// Cron is when something is to be done, as a line of five fields or a word such as @daily. Empty means never.
type Cron struct {
	schedule cron.Schedule
	text     string
}

func (c *Cron) parse(text string, _ scope) error {
	if text == "" {
		*c = Cron{}
		return nil
	}
	notOne := "is not a cron line"
	if strings.Contains(text, "TZ=") && !strings.Contains(text, " ") {
		return wrong{what: notOne} // the parser would panic
	}
	schedule, err := cron.ParseStandard(text)
	if err != nil {
		return wrong{notOne, err.Error()}
	}
	if schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return wrong{what: "names a day that never comes"}
	}
	*c = Cron{schedule, text}
	return nil
}

func (*Cron) expects() string {
	return `five fields (minute hour day month weekday) such as "*/15 * * * *", or "" for never`
}

// Off reports whether it never comes.
func (c Cron) Off() bool { return c.schedule == nil }

// Schedule is for a cron runner; nil when it never comes.
func (c Cron) Schedule() cron.Schedule { return c.schedule }

// Next is the first time after t, by the clock of t's own time zone unless the line names one; the zero time for never.
func (c Cron) Next(t time.Time) time.Time {
	if c.schedule == nil {
		return time.Time{}
	}
	return c.schedule.Next(t)
}

// String is the line as it was written.
func (c Cron) String() string { return c.text }

// MarshalText is String.
func (c Cron) MarshalText() ([]byte, error) { return []byte(c.text), nil }
