package config

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A scalar is a type that is written as a text of its own form.
type scalar interface {
	// parse sets the value. Its error says what the text is not, to be read after the text.
	parse(text string, at scope) error
	// expects says what may be written, to be read after "write".
	expects() string
}

// scope is what the meaning of a text depends on besides itself.
type scope struct {
	dir   string         // where relative paths start
	zone  *time.Location // of dates
	empty bool           // the key may be empty, since its default is
}

// wrong is a parse error: what the text is not, and a detail, which may quote the text.
type wrong struct{ what, detail string }

func (w wrong) Error() string {
	if w.detail == "" {
		return w.what
	}
	return w.what + " (" + w.detail + ")"
}

// Duration is a length of time, zero or more, that prints as it was written: a Go duration, in which d is 24 hours and
// w is 7 days.
type Duration struct {
	time.Duration
	text string
}

var durationPart = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)(ns|us|µs|μs|ms|s|m|h|d|w)`)

// ParseDuration reads a duration such as 30d, 1w, 24h, 10m or 1d12h.
func ParseDuration(text string) (Duration, error) {
	var d Duration
	return d, d.parse(text, scope{})
}

func (d *Duration) parse(text string, _ scope) error {
	notOne := wrong{what: "is not a duration"}
	if text == "0" {
		*d = Duration{text: text}
		return nil
	}
	rest, total := text, time.Duration(0)
	for rest != "" {
		m := durationPart.FindStringSubmatchIndex(rest)
		if m == nil || m[0] != 0 {
			return notOne
		}
		number, unit := rest[m[2]:m[3]], rest[m[4]:m[5]]
		factor := time.Duration(1)
		switch unit {
		case "d":
			unit, factor = "h", 24
		case "w":
			unit, factor = "h", 24*7
		}
		one, err := time.ParseDuration(number + unit)
		if err != nil || one > math.MaxInt64/factor || total > math.MaxInt64-one*factor {
			return wrong{what: "is too long a duration"}
		}
		total += one * factor
		rest = rest[m[1]:]
	}
	if text == "" {
		return notOne
	}
	*d = Duration{total, text}
	return nil
}

func (*Duration) expects() string { return "a number and its unit, such as 30s, 10m, 24h, 7d or 1w" }

// String is the duration as it was written.
func (d Duration) String() string {
	if d.text == "" {
		return d.Duration.String()
	}
	return d.text
}

// MarshalText is String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// FailureWindow is a duration, unlimited or off.
type FailureWindow struct {
	Unlimited, Off bool
	Duration       Duration // when neither
}

func (w *FailureWindow) parse(text string, at scope) error {
	switch strings.ToLower(text) {
	case "unlimited":
		*w = FailureWindow{Unlimited: true}
		return nil
	case "off":
		*w = FailureWindow{Off: true}
		return nil
	}
	var d Duration
	if err := d.parse(text, at); err != nil {
		return wrong{what: "is neither a duration nor unlimited or off"}
	}
	if d.Duration == 0 {
		return wrong{what: "is no time at all"}
	}
	*w = FailureWindow{Duration: d}
	return nil
}

func (*FailureWindow) expects() string { return "a duration such as 24h, or unlimited, or off" }

// String is the window as it is written.
func (w FailureWindow) String() string {
	switch {
	case w.Unlimited:
		return "unlimited"
	case w.Off:
		return "off"
	}
	return w.Duration.String()
}

// MarshalText is String.
func (w FailureWindow) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// Percent is a share in hundredths, 0 to 100.
type Percent float64

func (p *Percent) parse(text string, _ scope) error {
	number, isPercent := strings.CutSuffix(text, "%")
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !isPercent || err != nil || !(value >= 0 && value <= 100) {
		return wrong{what: "is not a percentage from 0% to 100%"}
	}
	*p = Percent(value)
	return nil
}

func (*Percent) expects() string { return "a percentage such as 5%" }

// Fraction is the share of one: 0.05 for 5%.
func (p Percent) Fraction() float64 { return float64(p) / 100 }

// String is such as 5%.
func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) + "%" }

// MarshalText is String.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Bytes is an amount of memory or data.
type Bytes int64

var byteUnits = []struct {
	name string
	size int64
}{
	{"TiB", 1 << 40},
	{"GiB", 1 << 30},
	{"MiB", 1 << 20},
	{"KiB", 1 << 10},
	{"TB", 1e12},
	{"GB", 1e9},
	{"MB", 1e6},
	{"KB", 1e3},
	{"B", 1},
}

func (b *Bytes) parse(text string, _ scope) error {
	for _, unit := range byteUnits {
		cut := len(text) - len(unit.name)
		if cut < 1 || !strings.EqualFold(text[cut:], unit.name) {
			continue
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(text[:cut]), 64)
		if err != nil || !(value >= 0) || value*float64(unit.size) >= math.MaxInt64 {
			break
		}
		*b = Bytes(value * float64(unit.size))
		return nil
	}
	return wrong{what: "is not an amount of bytes"}
}

func (*Bytes) expects() string { return "a number and its unit, such as 512MiB or 20GiB" }

// String is the amount in the largest unit that divides it, such as 1GiB.
func (b Bytes) String() string {
	for _, unit := range byteUnits {
		if n := int64(b); n >= unit.size && n%unit.size == 0 {
			return strconv.FormatInt(n/unit.size, 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(b), 10) + "B"
}

// MarshalText is String.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }
