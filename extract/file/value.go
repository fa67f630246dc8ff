package file

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// kind is what a file says a value is.
type kind uint8

const (
	absent kind = iota // nothing, or a null
	text
	list    // of scalars: items
	nested  // an object, or an array of more than scalars: text is its JSON
	literal // a number, true or false of JSON: text is that
	instant // at
	clock   // at, as if it were UTC: a time without an offset
)

// value is one value of a row.
type value struct {
	kind  kind
	text  string
	items []string
	at    time.Time
}

// cell is a value under the file's own name for it.
type cell struct {
	name  string
	value value
}

// row is one row of a file. A row that could not be read has a problem in place of cells.
type row struct {
	line    int
	cells   []cell // used again for the next row
	problem string
}

// written makes a value of what a text file has between its separators. Databases write NULL or \N for nothing.
func written(s string) value {
	s = strings.TrimSpace(s)
	switch s {
	case "", "NULL", "null", `\N`:
		return value{}
	}
	return value{kind: text, text: s}
}

// decoded makes a value of a JSON one.
func decoded(v *fastjson.Value) value {
	switch v.Type() {
	case fastjson.TypeNull:
		return value{}
	case fastjson.TypeString:
		if s := strings.TrimSpace(string(v.GetStringBytes())); s != "" {
			return value{kind: text, text: s}
		}
		return value{}
	case fastjson.TypeArray:
		var items []string
		for _, item := range v.GetArray() {
			switch item.Type() {
			case fastjson.TypeObject, fastjson.TypeArray:
				return value{kind: nested, text: string(appendJSON(nil, v))}
			case fastjson.TypeNull:
			default:
				items = append(items, decoded(item).text)
			}
		}
		return value{kind: list, items: items, text: string(appendJSON(nil, v))}
	case fastjson.TypeObject:
		return value{kind: nested, text: string(appendJSON(nil, v))}
	default:
		s := string(v.MarshalTo(nil))
		if !json.Valid([]byte(s)) { // the parser lets more pass than JSON's numbers: nan
			return value{kind: text, text: s}
		}
		return value{kind: literal, text: s}
	}
}

// appendJSON appends a value as compact JSON; fastjson's own escaping is Go's and not always JSON's.
func appendJSON(dst []byte, v *fastjson.Value) []byte {
	switch v.Type() {
	case fastjson.TypeObject:
		dst = append(dst, '{')
		first := true
		v.GetObject().Visit(func(key []byte, v *fastjson.Value) {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(quoted(dst, string(key)), ':')
			dst = appendJSON(dst, v)
		})
		return append(dst, '}')
	case fastjson.TypeArray:
		dst = append(dst, '[')
		for i, item := range v.GetArray() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, item)
		}
		return append(dst, ']')
	case fastjson.TypeString:
		return quoted(dst, string(v.GetStringBytes()))
	default:
		return decoded(v).appendTo(dst)
	}
}

// depth is how deep a value nests.
func depth(v *fastjson.Value) int {
	deepest := 0
	switch v.Type() {
	case fastjson.TypeObject:
		v.GetObject().Visit(func(_ []byte, v *fastjson.Value) { deepest = max(deepest, depth(v)) })
	case fastjson.TypeArray:
		for _, item := range v.GetArray() {
			deepest = max(deepest, depth(item))
		}
	default:
		return 0
	}
	return deepest + 1
}

// moment reads a value as an instant.
func (v value) moment(zone *time.Location) (time.Time, error) {
	switch v.kind {
	case instant, clock:
		at := v.at
		if v.kind == clock {
			at = local(at, zone)
		}
		if at.Year() < 1 || at.Year() > 9999 {
			return at, errYear
		}
		return at, nil
	case text, literal:
		return parseMoment(v.text, zone)
	}
	return time.Time{}, errMoment
}

// found quotes a value, or its beginning, in an error.
func (v value) found() string {
	const most = 60
	s := v.text
	if v.kind == instant || v.kind == clock {
		s = v.at.Format(time.RFC3339Nano)
	}
	if len(s) > most {
		end := most
		for !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end] + "…"
	}
	return string(quoted(nil, s))
}

// appendTo appends a value as JSON: one that is not text in a file is not text there.
func (v value) appendTo(dst []byte) []byte {
	switch v.kind {
	case absent:
		return append(dst, "null"...)
	case list, nested, literal:
		return append(dst, v.text...)
	case instant:
		return quoted(dst, v.at.UTC().Format(instantLayout))
	case clock:
		return quoted(dst, v.at.Format("2006-01-02T15:04:05.000000"))
	}
	return quoted(dst, v.text)
}

const instantLayout = "2006-01-02T15:04:05.000000Z"

const hexDigits = "0123456789abcdef"

// quoted appends a text as a JSON string.
func quoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[start:]...), '"')
}
