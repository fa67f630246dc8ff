// Package answers reads the rows of an answer by the names of its columns.
package answers

import (
	"fmt"
	"strconv"
	"time"

	"fourfold/dashboards/web"
)

// Row is a row of an answer. A column that is not there is a programming error, which the tests of every caller find.
type Row struct {
	columns []string
	cells   []any
}

// Of gives the rows of a table; none of nil.
func Of(t *web.Table) []Row {
	if t == nil {
		return nil
	}
	out := make([]Row, len(t.Rows))
	for i, cells := range t.Rows {
		out[i] = Row{t.Columns, cells}
	}
	return out
}

// value is nil for a null.
func (r Row) value(column string) any {
	for i, c := range r.columns {
		if c == column {
			return r.cells[i]
		}
	}
	panic("answers: no column " + column)
}

// Text is "" for a null.
func (r Row) Text(column string) string {
	switch v := r.value(column).(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

// Number is nil for a null.
func (r Row) Number(column string) *float64 {
	switch v := r.value(column).(type) {
	case float64:
		return &v
	case int64:
		f := float64(v)
		return &f
	}
	return nil
}

// Count is 0 for a null.
func (r Row) Count(column string) int {
	if n := r.Number(column); n != nil {
		return int(*n)
	}
	return 0
}

// At is the zero time for a null.
func (r Row) At(column string) time.Time {
	t, _ := r.value(column).(time.Time)
	return t
}

// Flag is false for a null.
func (r Row) Flag(column string) bool {
	b, _ := r.value(column).(bool)
	return b
}

// Measured reads a row of the metric template; level is there in some queries only.
func (r Row) Measured() *web.Measured {
	v := &web.Measured{Value: r.Number("value"), Low: r.Number("low"), High: r.Number("high"), N: r.Count("sample_size")}
	for i, c := range r.columns {
		if c == "level" {
			v.Level, _ = r.cells[i].(string)
		}
	}
	return v
}

// Raw is a value as the marts have it; "" for none.
func Raw(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// ValueOf is nil where nothing was measured.
func ValueOf(v *web.Measured) *float64 {
	if v == nil {
		return nil
	}
	return v.Value
}
