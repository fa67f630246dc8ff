package reference

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"
)

// most is how many differences of one mart are told.
const most = 20

// Diff compares the marts of a build with what they should hold, and says what differs in words: the mart, the key, the
// column, what the reference has and what the mart has; of each mart the first of them. Instants and whole numbers are
// compared exactly, others to a billionth. query runs SQL over the marts by their bare names.
func Diff(m *Marts, query func(sql string) ([][]any, error)) []string {
	var out []string
	for _, t := range m.Tables {
		found := t.diff(query)
		if more := len(found) - most; more > 0 {
			found = append(found[:most], fmt.Sprintf("%s: and %d more differences", t.Name, more))
		}
		out = append(out, found...)
	}
	return out
}

func (t Mart) diff(query func(sql string) ([][]any, error)) []string {
	var out []string
	if t, out = t.present(query); len(out) > 0 && len(t.Columns) == 0 {
		return out
	}
	columns := slices.Concat(t.Key, t.Columns)
	rows, err := query("select " + strings.Join(columns, ", ") + " from " + t.Name)
	if err != nil {
		return append(out, fmt.Sprintf("%s: %v", t.Name, err))
	}
	got := map[string]Cells{}
	for _, row := range rows {
		cells := Cells{}
		for n, column := range columns {
			cells[column] = plainValue(row[n])
		}
		if name, ok := cells["duration"].(string); ok {
			cells["duration"] = slug(name)
		}
		key := t.key(cells)
		if _, twice := got[key]; twice {
			out = append(out, fmt.Sprintf("%s: %s is there twice", t.Name, key))
		}
		got[key] = cells
	}
	for _, want := range t.Rows {
		key := t.key(want)
		have, ok := got[key]
		delete(got, key)
		if !ok {
			if want[May] == nil {
				out = append(out, fmt.Sprintf("%s lacks %s: the reference has %s", t.Name, key, t.show(want)))
			}
			continue
		}
		for _, column := range t.Columns {
			if !equal(want[column], have[column]) {
				out = append(out, fmt.Sprintf("%s %s: %s: the reference has %s, the mart %s", t.Name, key, column, shown(want[column]), shown(have[column])))
			}
		}
	}
	var extra []string
	for key, cells := range got {
		extra = append(extra, fmt.Sprintf("%s has %s, which the reference has not: %s", t.Name, key, t.show(cells)))
	}
	slices.Sort(extra)
	return append(out, extra...)
}

// present leaves of a table the columns that the mart has, and says which it lacks; none where it lacks a part of the key.
func (t Mart) present(query func(sql string) ([][]any, error)) (Mart, []string) {
	rows, err := query("select column_name from information_schema.columns where table_name = '" + t.Name + "'")
	if err != nil || len(rows) == 0 {
		return Mart{Name: t.Name}, []string{fmt.Sprintf("%s: there is no such mart (%v)", t.Name, err)}
	}
	var has []string
	for _, row := range rows {
		has = append(has, fmt.Sprint(row[0]))
	}
	var out []string
	for _, column := range t.Key {
		if !slices.Contains(has, column) {
			return Mart{Name: t.Name}, []string{fmt.Sprintf("%s has no column %s, which is of its key", t.Name, column)}
		}
	}
	t.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(column string) bool {
		if slices.Contains(has, column) {
			return false
		}
		out = append(out, fmt.Sprintf("%s has no column %s", t.Name, column))
		return true
	})
	return t, out
}

// key is a row's key in words. How a repository that only files name is spelled, where they differ in case, is left open.
func (t Mart) key(c Cells) string {
	var parts []string
	for _, column := range t.Key {
		part := shown(c[column])
		if column == "dimension_value" && c["dimension"] == "repository" {
			part = fold(part)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

func (t Mart) show(c Cells) string {
	var parts []string
	for _, column := range t.Columns {
		if c[column] != nil {
			parts = append(parts, column+"="+shown(c[column]))
		}
	}
	return strings.Join(parts, " ")
}

// plainValue brings what drivers give to the types of Cells.
func plainValue(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case int16:
		return int64(v)
	case uint64:
		return int64(v) //nolint:gosec // counts
	case float32:
		return float64(v)
	case *big.Int:
		return v.Int64()
	case []byte:
		return string(v)
	case time.Time:
		return v.UTC()
	}
	return v
}

// equal compares a cell with what is expected of it.
func equal(want, got any) bool {
	switch w := want.(type) {
	case Anything:
		return true
	case nil:
		return got == nil
	case NoName:
		return got == nil || got == "(private)"
	case SomeText:
		s, ok := got.(string)
		return ok && s != ""
	case RuleText:
		s, _ := got.(string)
		rest, ok := strings.CutPrefix(s, string(w))
		return ok && (rest == "" || !isLetterOrDigit(rest[0]))
	case NameText:
		s, ok := got.(string)
		return ok && same(s, string(w))
	case EitherText:
		s, ok := got.(string)
		return ok && slices.ContainsFunc(w, func(name string) bool { return same(name, s) })
	case Ids:
		return sameIds(w, got)
	case time.Time:
		t, ok := got.(time.Time)
		return ok && t.Equal(w)
	case int64:
		n, ok := got.(int64)
		return ok && n == w
	case Sixth:
		f, ok := got.(float64)
		return ok && math.Abs(f-float64(w)) < 1e-6
	case float64:
		f, ok := got.(float64)
		if n, whole := got.(int64); whole {
			f, ok = float64(n), true
		}
		return ok && math.Abs(f-w) <= 1e-9*math.Max(1e-3, math.Abs(w))
	case string:
		if t, ok := got.(time.Time); ok { // a date
			got = t.Format(time.DateOnly)
		}
		return got == w
	}
	return want == got
}

func isLetterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// sameIds compares with a JSON array: the first is the same, the others in any order.
func sameIds(want []string, got any) bool {
	var ids []string
	switch g := got.(type) {
	case string:
		if json.Unmarshal([]byte(g), &ids) != nil {
			return false
		}
	case []any:
		for _, x := range g {
			ids = append(ids, fmt.Sprint(x))
		}
	default:
		return false
	}
	if len(ids) != len(want) || len(ids) > 0 && ids[0] != want[0] {
		return false
	}
	a, b := slices.Sorted(slices.Values(ids)), slices.Sorted(slices.Values(want))
	return slices.Equal(a, b)
}

func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case time.Time:
		if v.Equal(v.Truncate(24*time.Hour)) && v.Location() == time.UTC {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format(time.RFC3339Nano)
	case RuleText:
		return string(v) + " …"
	case SomeText:
		return "a text"
	case Anything:
		return "anything"
	case NoName:
		return "(private)"
	}
	return fmt.Sprint(v)
}
