package web

import (
	"slices"
	"time"
)

// Row is a row of an answer, for what shows a build elsewhere.
type Row struct{ row row }

// Rows gives the rows of a table; none of nil.
func Rows(t *Table) []Row {
	if t == nil {
		return nil
	}
	out := make([]Row, len(t.Rows))
	for i, r := range t.rows() {
		out[i] = Row{r}
	}
	return out
}

// Text is "" for a null. A column that is not there is a programming error, here and below.
func (r Row) Text(column string) string { return r.row.text(column) }

// Number is nil for a null.
func (r Row) Number(column string) *float64 { return r.row.number(column) }

// Count is 0 for a null.
func (r Row) Count(column string) int { return r.row.count(column) }

// At is the zero time for a null.
func (r Row) At(column string) time.Time { return r.row.at(column) }

// Flag is false for a null.
func (r Row) Flag(column string) bool { return r.row.flag(column) }

// Measured reads a row of the metric template; level is there in some queries only.
func (r Row) Measured() *Measured {
	m := measuredOf(r.row)
	v := &Measured{Value: m.Value, Low: m.Low, High: m.High, N: m.N}
	if slices.Contains(r.row.table.Columns, "level") {
		v.Level = r.row.text("level")
	}
	return v
}

// Raw is a value as the marts have it; "" for none.
func Raw(v *float64) string { return raw(v) }

// ValueOf is nil where nothing was measured.
func ValueOf(v *Measured) *float64 {
	if v == nil {
		return nil
	}
	return v.Value
}
