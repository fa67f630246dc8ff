package web

import (
	"encoding/json"
	"strconv"
	"time"
)

// asJSON writes an array of objects, an object a line, with keys in the order of the columns. An answer may have ten thousand rows:
// what is common is written without package json, as it would.
func asJSON(columns []string, rows [][]any) []byte {
	keys := make([][]byte, len(columns))
	for i, c := range columns {
		keys[i] = append(appendJSON(nil, c), ':')
	}
	out := []byte{'['}
	for i, row := range rows {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, "\n{"...)
		for j, v := range row {
			if j > 0 {
				out = append(out, ',')
			}
			out = append(out, keys[j]...)
			out = appendJSON(out, v)
		}
		out = append(out, '}')
	}
	return append(out, "\n]\n"...)
}

func appendJSON(out []byte, v any) []byte {
	switch x := v.(type) {
	case nil:
		return append(out, "null"...)
	case int64:
		return strconv.AppendInt(out, x, 10)
	case bool:
		return strconv.AppendBool(out, x)
	case time.Time:
		out = append(out, '"')
		out = x.UTC().AppendFormat(out, time.RFC3339Nano)
		return append(out, '"')
	case string:
		if isPlain(x) {
			out = append(out, '"')
			out = append(out, x...)
			return append(out, '"')
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return append(out, "null"...) // not a number, which JSON has no word for
	}
	return append(out, text...)
}

// isPlain says whether a text is in JSON as it is.
func isPlain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}
