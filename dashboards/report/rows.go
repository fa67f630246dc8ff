package report

import (
	"fmt"
	"strconv"
	"time"

	"fourfold/dashboards/web"
)

// row reads a row of an answer by the names of its columns.
type row struct {
	columns []string
	cells   []any
}

func rowsOf(t *web.Table) []row {
	if t == nil {
		return nil
	}
	out := make([]row, len(t.Rows))
	for i, cells := range t.Rows {
		out[i] = row{t.Columns, cells}
	}
	return out
}

// value is nil for a null; a column that is not there is a programming error, which the tests of the report find.
func (r row) value(column string) any {
	for i, c := range r.columns {
		if c == column {
			return r.cells[i]
		}
	}
	panic("report: no column " + column)
}

func (r row) text(column string) string {
	switch v := r.value(column).(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

func (r row) number(column string) *float64 {
	switch v := r.value(column).(type) {
	case float64:
		return &v
	case int64:
		f := float64(v)
		return &f
	}
	return nil
}

func (r row) count(column string) int {
	if n := r.number(column); n != nil {
		return int(*n)
	}
	return 0
}

func (r row) at(column string) time.Time {
	t, _ := r.value(column).(time.Time)
	return t
}

func (r row) flag(column string) bool {
	b, _ := r.value(column).(bool)
	return b
}

// measured reads a row of the metric template; level is there in some queries only.
func (r row) measured() *web.Measured {
	v := &web.Measured{Value: r.number("value"), Low: r.number("low"), High: r.number("high"), N: r.count("sample_size")}
	for i, c := range r.columns {
		if c == "level" {
			v.Level, _ = r.cells[i].(string)
		}
	}
	return v
}

// raw is a value as the marts have it; "" for none.
func raw(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func valueOf(v *web.Measured) *float64 {
	if v == nil {
		return nil
	}
	return v.Value
}
