package transform

import (
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// cell is one value of a row on its way from JSON to Arrow.
type cell struct {
	null bool
	text []byte
	num  int64 // Int64, Bool (0 or 1), and Instant in microseconds since 1970
	real float64
}

// scan reads v as a value of type t. A value of another JSON type is read where nothing is lost (a number as text);
// otherwise it is an error that says what stood there.
func (c *cell) scan(t Type, v *fastjson.Value) error {
	*c = cell{text: c.text[:0]}
	if v == nil || v.Type() == fastjson.TypeNull {
		c.null = true
		return nil
	}
	kind := v.Type()
	switch t {
	case String:
		if kind == fastjson.TypeObject || kind == fastjson.TypeArray {
			return mismatch("text", v)
		}
		c.text = appendScalar(c.text, v)
	case Int64:
		n, err := v.Int64()
		if err != nil {
			return mismatch("a whole number", v)
		}
		c.num = n
	case Float64:
		f, err := v.Float64()
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return mismatch("a number", v)
		}
		c.real = f
	case Bool:
		b, err := v.Bool()
		if err != nil {
			return mismatch("true or false", v)
		}
		if b {
			c.num = 1
		}
	case Instant:
		at, ok := parseInstant(v.GetStringBytes())
		if !ok {
			return mismatch("an RFC 3339 time", v)
		}
		c.num = at
	}
	return nil
}

func mismatch(want string, v *fastjson.Value) error {
	const most = 80
	got := (&writer{}).append(nil, v, nil)
	if len(got) > most {
		end := most
		for !utf8.RuneStart(got[end]) {
			end--
		}
		got = append(got[:end], "…"...)
	}
	return fmt.Errorf("expected %s, found %s", want, got)
}

func scalarText(v *fastjson.Value) []byte { return appendScalar(nil, v) }

// appendScalar appends a value as text: a string as it is, anything else as its JSON.
func appendScalar(dst []byte, v *fastjson.Value) []byte {
	if v.Type() == fastjson.TypeString {
		return append(dst, v.GetStringBytes()...)
	}
	return (&writer{}).append(dst, v, nil)
}

// The years that both engines can hold.
var (
	earliest = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
)

// parseInstant reads an RFC 3339 time as microseconds since 1970 UTC, rounded down. Sources write the fraction with any
// number of digits, so instants are never compared as text.
func parseInstant(b []byte) (int64, bool) {
	if len(b) < len("2006-01-02T15:04:05Z") {
		return 0, false
	}
	at, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil || at.Before(earliest) || at.After(latest) {
		return 0, false
	}
	return at.UnixMicro(), true
}

// appendInstant appends an instant as a JSON string, RFC 3339 in UTC with six digits.
func appendInstant(dst []byte, micros int64) []byte {
	dst = append(dst, '"')
	dst = time.UnixMicro(micros).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
	return append(dst, '"')
}
