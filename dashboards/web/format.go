package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"fourfold/dashboards"
)

// Duration writes seconds in the two largest units that matter: 1 h 23 m, 1時間23分. Nil is a dash.
func (l *language) Duration(seconds *float64) string {
	if seconds == nil {
		return "–"
	}
	s := int(math.Round(math.Abs(*seconds)))
	var parts []string
	add := func(n int, unit string) {
		if n > 0 {
			parts = append(parts, l.Count(n)+l.t("unit_"+unit))
		}
	}
	switch {
	case s < 10*60:
		add(s/60, "minute")
		add(s%60, "second")
	case s < 24*3600:
		s = int(math.Round(float64(s)/60)) * 60
		if s == 24*3600 {
			add(1, "day")
			break
		}
		add(s/3600, "hour")
		add(s%3600/60, "minute")
	case s < 100*24*3600:
		s = int(math.Round(float64(s)/3600)) * 3600
		add(s/86400, "day")
		add(s%86400/3600, "hour")
	default:
		add(int(math.Round(float64(s)/86400)), "day")
	}
	if len(parts) == 0 {
		parts = []string{"0" + l.t("unit_second")}
	}
	return strings.Join(parts, l.t("unit_joint"))
}

// Exact writes seconds without rounding, for those who check: 1:23:04.
func (l *language) Exact(seconds *float64) string {
	if seconds == nil {
		return "–"
	}
	s := int(*seconds)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Value writes a metric's value by its unit.
func (l *language) Value(unit string, v *float64) string {
	switch {
	case v == nil:
		return "–"
	case unit == "seconds":
		return l.Duration(v)
	case unit == "ratio":
		return fixed(*v*100, 1) + "\u00a0%"
	case *v == math.Trunc(*v):
		return l.Count(int(*v))
	default:
		return strconv.FormatFloat(*v, 'f', 1, 64)
	}
}

// fixed writes a number with some digits after its point; what rounds to zero has no sign.
func fixed(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return s
}

// short writes a number for an axis: 5, 2.5, 0.25.
func short(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e4)/1e4, 'f', -1, 64)
}

// Interval writes the limits of a value at 95%; "" where there are none.
func (l *language) Interval(unit string, low, high *float64) string {
	return l.between(func(v *float64) string { return l.Value(unit, v) }, isCount(unit), low, high)
}

// isCount says whether a unit, of dim_metrics or of a column, is of whole things.
func isCount(unit string) bool {
	return unit == "incidents" || unit == "deployments" || unit == string(dashboards.Count)
}

// between is Interval for values that are written in another way. The limits of what is whole are whole numbers, rounded outward:
// the data has them as they were reckoned.
func (l *language) between(write func(*float64) string, whole bool, low, high *float64) string {
	if whole {
		low, high = rounded(low, math.Floor), rounded(high, math.Ceil)
	}
	switch {
	case low == nil && high == nil:
		return ""
	case low == nil:
		return l.t("interval_below", "high", write(high))
	case high == nil:
		return l.t("interval_above", "low", write(low))
	}
	return l.t("interval", "low", write(low), "high", write(high))
}

func rounded(v *float64, to func(float64) float64) *float64 {
	if v == nil {
		return nil
	}
	n := to(*v)
	return &n
}

// Date writes a calendar date in full.
func (l *language) Date(d day) string {
	y, m := d.month()
	return l.t("date", "year", y, "month", l.monthName(m), "day", d.dayOfMonth())
}

func (l *language) monthName(m int) string { return l.t("month_" + strconv.Itoa(m)) }

// Instant writes an instant in a zone, to the minute; Precise to the second.
func (l *language) Instant(t time.Time, zone *time.Location) string { return l.clock(t, zone, "15:04") }

// Precise writes an instant in a zone to the second.
func (l *language) Precise(t time.Time, zone *time.Location) string {
	return l.clock(t, zone, "15:04:05")
}

func (l *language) clock(t time.Time, zone *time.Location, layout string) string {
	if t.IsZero() {
		return "–"
	}
	local := t.In(zone)
	return l.t("date_time", "date", l.Date(dayOf(local.Year(), local.Month(), local.Day())), "time", local.Format(layout))
}

// Period names the period that begins on a day within a sentence: the week of 2 Nov 2026, November 2026, Q4 2026.
func (l *language) Period(period string, d day) string {
	y, m := d.month()
	switch period {
	case "week":
		return l.t("period_week", "date", l.Date(d))
	case "quarter":
		return l.t("period_quarter", "year", y, "quarter", d.quarter())
	default:
		return l.t("period_month", "year", y, "month", l.t("month_long_"+strconv.Itoa(m)))
	}
}

// Label is the name of a period where it stands alone, as in a table.
func (l *language) Label(period string, d day) string {
	if period == "week" {
		return l.t("label_week", "date", l.Date(d))
	}
	return l.Period(period, d)
}

// Tick is the short name of a period under an axis, and the year where it has to be said.
func (l *language) Tick(period string, d day) string {
	_, m := d.month()
	switch period {
	case "week":
		return l.t("tick_week", "month", l.monthName(m), "day", d.dayOfMonth())
	case "quarter":
		return "Q" + strconv.Itoa(d.quarter())
	default:
		return l.monthName(m)
	}
}

// Zone names a time zone with its offset at an instant: Asia/Tokyo (UTC+09:00).
func (l *language) Zone(name string, zone *time.Location, at time.Time) string {
	_, offset := at.In(zone).Zone()
	if name == "UTC" {
		return name
	}
	sign := "+"
	if offset < 0 {
		sign, offset = "−", -offset
	}
	return fmt.Sprintf("%s (UTC%s%02d:%02d)", name, sign, offset/3600, offset/60%60)
}

// Year is the year of a date as an axis writes it.
func (l *language) Year(d day) string {
	y, _ := d.month()
	return l.t("year", "year", y)
}
