package web

import (
	"strings"
	"time"
)

// Measured is a metric's value in one period or group: the value, its 95% interval and what it rests on.
type Measured struct {
	Value, Low, High *float64
	N                int
	Level            string
}

func (v *Measured) inner() *measured {
	if v == nil {
		return nil
	}
	return &measured{v.Value, v.Low, v.High, v.N}
}

// Language is the code of the sheet's language.
func (s *Sheet) Language() string { return s.m.l.Code }

// Date, Instant and Duration write as the page does; an instant in the build's zone.
func (s *Sheet) Date(d time.Time) string { return s.m.l.Date(day{d}) }

// Instant writes an instant to the minute.
func (s *Sheet) Instant(t time.Time) string { return s.m.l.Instant(t, s.Zone) }

// Duration writes seconds; nil is a dash.
func (s *Sheet) Duration(seconds *float64) string { return s.m.l.Duration(seconds) }

// Count writes a whole number.
func (s *Sheet) Count(n int) string { return s.m.l.Count(n) }

// ZoneName names the build's time zone with its offset as of the build.
func (s *Sheet) ZoneName() string {
	return s.m.l.Zone(s.m.b.Calendar.zoneName, s.Zone, s.AsOf)
}

// PeriodName names the period that begins on a day within a sentence; PeriodLabel where it stands alone.
func (s *Sheet) PeriodName(period string, start time.Time) string {
	return s.m.l.Period(period, day{start})
}

// PeriodLabel is the name of a period in a table.
func (s *Sheet) PeriodLabel(period string, start time.Time) string {
	return s.m.l.Label(period, day{start})
}

// MetricTitle is what dim_metrics calls a metric.
func (s *Sheet) MetricTitle(metric string) string { return s.m.b.title(s.m.l, metric) }

// MetricMeaning is what a metric means, where its levels begin, and the rules that make it.
func (s *Sheet) MetricMeaning(metric string) (text, limits, rules string) {
	info := s.m.b.Metrics[metric]
	return info.Text[s.m.l.Code], s.m.limits(metric), info.Rules
}

// MetricUnit is the unit of a metric in dim_metrics: seconds, ratio, or what is counted.
func (s *Sheet) MetricUnit(metric string) string { return s.m.b.Metrics[metric].Unit }

// Value writes a metric's value. How often something is deployed is said in the unit that suits basis, another value of it.
func (s *Sheet) Value(metric string, basis, v *float64) string {
	return s.m.writer(metric, basis).text(v)
}

// Interval writes the limits of a value; "" where there are none.
func (s *Sheet) Interval(metric string, basis *float64, v *Measured) string {
	if v == nil {
		return ""
	}
	write := s.m.writer(metric, basis)
	return s.m.l.between(write.text, write.whole, v.Low, v.High)
}

// Few says whether a value rests on too little to be sure of.
func (s *Sheet) Few(metric string, v *Measured) bool { return s.m.few(metric, v.inner()) }

// Level names a level with the year of its report; "" where there is none.
func (s *Sheet) Level(metric, level string) string {
	if !s.m.l.has("level_" + level) {
		return level
	}
	text := s.m.l.t("level_" + level)
	if year := s.m.b.Metrics[metric].LevelYear; year != "" {
		text = s.m.l.t("level_year", "level", text, "year", year)
	}
	return text
}

// Change says how a value moved since a time that has a name. Class is better, worse, same or unsure, and "" where there is
// nothing to compare.
func (s *Sheet) Change(metric string, now, before *Measured, name string) (class, text string) {
	var basis *float64
	if now != nil {
		basis = now.Value
	}
	c := s.m.change(metric, now.inner(), before.inner(), name, s.m.writer(metric, basis).text)
	if c == nil {
		return "", ""
	}
	if c.Arrow != "" {
		return c.Class, c.Arrow + " " + c.Text
	}
	return c.Class, c.Text
}

// Severity names a severity: an incident need not have one.
func (s *Sheet) Severity(name string) string { return s.m.severityName(name) }

// Excluded puts a reason of a mart into words, beside the rule that it names.
func (s *Sheet) Excluded(reason string) (text, rule string) {
	e := s.m.excluded(reason)
	return e.Text, e.Rule
}

// Outcomes says what became of the incidents that count, of an answer to restore_outcomes; "" where all were restored.
func (s *Sheet) Outcomes(t *Table) string { return s.m.l.outcomesText(t) }

// BesideRestored says, of a severity or of "all", why the number of those restored is not that of the incidents; "" where it is.
func (s *Sheet) BesideRestored(t *Table, severity string) string {
	return s.m.l.besideRestored(outcomeCounts(t)[severity])
}

// Word puts a value that marts have as a code into words: kind is quality, quality_rule, method, confidence, mode, category or
// failure_reason. What has no words stays as it is.
func (s *Sheet) Word(kind, value string) string {
	if kind == "failure_reason" {
		return s.m.failureReason(value)
	}
	if key := kind + "_" + value; value != "" && s.m.l.has(key) {
		return s.m.l.t(key)
	}
	return value
}

// Per is what a frequency is said in, as "per week"; "" for other metrics.
func (s *Sheet) Per(metric string, basis *float64) string {
	return strings.TrimSpace(s.m.writer(metric, basis).per)
}

// LevelName names a level without the year of its report.
func (s *Sheet) LevelName(level string) string { return s.Word("level", level) }
