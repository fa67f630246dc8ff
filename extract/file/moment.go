package file

import (
	"errors"
	"strings"
	"time"
)

// errMoment says what a time may look like.
var errMoment = errors.New("a time (2026-11-02T10:00:00Z, 2026-11-02 10:00, 2026/11/02, Unix seconds or milliseconds)")

var errYear = errors.New("a time from the year 1 to 9999")

// parseMoment reads a time, without regard to space around it:
//
//   - RFC 3339, and the same with a space for the T, without seconds, or with an offset such as +0900 or UTC;
//   - the same without an offset, which is a local time of the zone; the date with - or /, with one digit or two;
//   - a date alone, which is its midnight there;
//   - a number of 9 or 10 digits, seconds since 1970, or of 12 or 13, milliseconds; both may have a fraction.
//
// Nothing else is guessed at: 02/11/2026 is two days, and 20261102 may be a number. The result is in UTC, to the
// microsecond, rounded down.
func parseMoment(text string, zone *time.Location) (time.Time, error) {
	s := scanner{strings.TrimSpace(text)}
	if at, ok := s.unix(); ok {
		return at, nil
	}
	year, ok := s.digits(4, 4)
	if !ok || s.rest == "" || (s.rest[0] != '-' && s.rest[0] != '/') {
		return time.Time{}, errMoment
	}
	separator := s.rest[0]
	s.skip(separator)
	month, ok := s.digits(1, 2)
	if !ok || !s.skip(separator) {
		return time.Time{}, errMoment
	}
	day, ok := s.digits(1, 2)
	if !ok {
		return time.Time{}, errMoment
	}
	naive := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if year == 0 || naive.Year() != year || naive.Month() != time.Month(month) || naive.Day() != day {
		return time.Time{}, errors.New("a day that there is")
	}
	if s.rest == "" {
		return local(naive, zone), nil
	}
	clock, ok := s.clock()
	if !ok {
		return time.Time{}, errMoment
	}
	naive = naive.Add(clock)
	if s.rest == "" {
		return local(naive, zone), nil
	}
	offset, ok := s.offset()
	if !ok || s.rest != "" {
		return time.Time{}, errMoment
	}
	at := naive.Add(-offset)
	if at.Year() < 1 || at.Year() > 9999 {
		return time.Time{}, errYear
	}
	return at, nil
}

// local is the instant at which clocks of a zone show a time, which is given as if it were UTC. A time that they show
// twice is taken the first time; one that they skip is reckoned by the offset before the change: 02:30 of a night in
// which clocks go from 02:00 to 03:00 is what they then show as 03:30.
func local(naive time.Time, zone *time.Location) time.Time {
	offset := func(at time.Time) time.Duration {
		_, seconds := at.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	before, after := offset(naive.Add(-24*time.Hour)), offset(naive.Add(24*time.Hour))
	first := naive.Add(-before)
	if offset(first) == before {
		return first
	}
	if second := naive.Add(-after); offset(second) == after {
		return second
	}
	return first
}

// scanner eats a text from the left.
type scanner struct{ rest string }

// digits reads a number of at least and at most so many digits.
func (s *scanner) digits(least, most int) (int, bool) {
	n, i := 0, 0
	for i < len(s.rest) && i < most && s.rest[i] >= '0' && s.rest[i] <= '9' {
		n = n*10 + int(s.rest[i]-'0')
		i++
	}
	if i < least || (i < len(s.rest) && s.rest[i] >= '0' && s.rest[i] <= '9') {
		return 0, false
	}
	s.rest = s.rest[i:]
	return n, true
}

func (s *scanner) skip(c byte) bool {
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// unix reads the whole text as a number.
func (s *scanner) unix() (time.Time, bool) {
	whole, fraction, _ := strings.Cut(s.rest, ".")
	n := int64(0)
	for i := range len(whole) {
		if whole[i] < '0' || whole[i] > '9' || i > 13 {
			return time.Time{}, false
		}
		n = n*10 + int64(whole[i]-'0')
	}
	unit := map[int]int64{9: 1e6, 10: 1e6, 12: 1e3, 13: 1e3}[len(whole)] // microseconds
	if unit == 0 {
		return time.Time{}, false
	}
	n *= unit
	for i := range len(fraction) {
		if fraction[i] < '0' || fraction[i] > '9' {
			return time.Time{}, false
		}
		unit /= 10
		n += int64(fraction[i]-'0') * unit
	}
	return time.UnixMicro(n).UTC(), true
}

// clock reads the time of day after a T or spaces, to the microsecond.
func (s *scanner) clock() (time.Duration, bool) {
	if !s.skip('T') && !s.skip('t') {
		trimmed := strings.TrimLeft(s.rest, " ")
		if trimmed == s.rest {
			return 0, false
		}
		s.rest = trimmed
	}
	hour, ok := s.digits(1, 2)
	if !ok || hour > 23 || !s.skip(':') {
		return 0, false
	}
	minute, ok := s.digits(2, 2)
	if !ok || minute > 59 {
		return 0, false
	}
	total := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	if !s.skip(':') {
		return total, true
	}
	second, ok := s.digits(2, 2)
	if !ok || second > 59 {
		return 0, false
	}
	total += time.Duration(second) * time.Second
	if !s.skip('.') && !s.skip(',') {
		return total, true
	}
	unit, read := time.Second, 0
	for read < len(s.rest) && s.rest[read] >= '0' && s.rest[read] <= '9' {
		unit /= 10
		total += time.Duration(s.rest[read]-'0') * unit
		read++
	}
	s.rest = s.rest[read:]
	return total.Truncate(time.Microsecond), read > 0
}

// offset reads Z, UTC or hours and minutes from UTC.
func (s *scanner) offset() (time.Duration, bool) {
	s.rest = strings.TrimLeft(s.rest, " ")
	switch strings.ToUpper(s.rest) {
	case "Z", "UTC", "GMT":
		s.rest = ""
		return 0, true
	}
	sign := time.Duration(1)
	switch {
	case s.skip('+'):
	case s.skip('-'):
		sign = -1
	default:
		return 0, false
	}
	digits := strings.Replace(s.rest, ":", "", 1)
	if len(digits) == 2 {
		digits += "00"
	}
	if len(s.rest) > 2 && s.rest[2] != ':' && len(s.rest) != 4 {
		return 0, false
	}
	of := scanner{digits}
	n, ok := of.digits(4, 4)
	if !ok || of.rest != "" || n/100 > 23 || n%100 > 59 {
		return 0, false
	}
	s.rest = ""
	return sign * (time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute), true
}
