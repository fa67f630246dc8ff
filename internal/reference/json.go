package reference

import (
	"encoding/json"
	"strings"
	"time"
)

// follow goes down keys; nil if anything on the way is missing.
func follow(o map[string]any, keys ...string) any {
	var v any = o
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

// text follows keys down to a string; empty if anything on the way is missing.
func text(o map[string]any, keys ...string) string {
	s, _ := follow(o, keys...).(string)
	return s
}

// scalar is a value as text: a string as it is, anything else as its JSON; empty for null and nothing.
func scalar(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// whole is a whole number, however it was decoded.
func whole(v any) (int64, bool) {
	switch v := v.(type) {
	case float64:
		return int64(v), true
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	}
	return 0, false
}

func list(o map[string]any, keys ...string) []map[string]any {
	var out []map[string]any
	items, _ := follow(o, keys...).([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// texts are the strings of a list.
func texts(o map[string]any, keys ...string) []string {
	var out []string
	items, _ := follow(o, keys...).([]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// instant reads an RFC 3339 time, of which microseconds are kept; zero if it is none.
func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(t.UnixMicro()).UTC()
}

// seconds is the floor of the difference in microseconds (R3); nil if an end is missing, or before the start (C5).
func seconds(start, end time.Time) *int64 {
	if start.IsZero() || end.IsZero() || end.Before(start) {
		return nil
	}
	n := end.Sub(start).Microseconds() / 1_000_000
	return &n
}

func compareTexts(pairs ...string) int {
	for n := 0; n < len(pairs); n += 2 {
		if c := strings.Compare(pairs[n], pairs[n+1]); c != 0 {
			return c
		}
	}
	return 0
}
