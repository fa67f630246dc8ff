package pipeline

import (
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"fourfold/transform"
)

// plainBatch is the rows that are handed on at once: what DuckDB compresses at a time.
const plainBatch = 122_880

// plainRows gathers rows of a table and hands them on in batches.
type plainRows struct {
	table   *transform.Plain
	builder *array.RecordBuilder
	rows    int
	send    func(arrow.RecordBatch) error
}

func newPlainRows(t *transform.Plain, send func(arrow.RecordBatch) error) *plainRows {
	return &plainRows{table: t, builder: array.NewRecordBuilder(memory.DefaultAllocator, t.ArrowSchema()), send: send}
}

// add takes a row: strings, int64s, bools, times, or nil for null, in the order of the columns.
func (r *plainRows) add(values ...any) error {
	for i, field := range r.builder.Fields() {
		switch b := field.(type) {
		case *array.StringBuilder:
			if v, ok := values[i].(string); ok {
				b.Append(v)
				continue
			}
		case *array.BooleanBuilder:
			if v, ok := values[i].(bool); ok {
				b.Append(v)
				continue
			}
		case *array.Int64Builder:
			if v, ok := values[i].(int64); ok {
				b.Append(v)
				continue
			}
		case *array.TimestampBuilder:
			if v, ok := values[i].(time.Time); ok {
				b.Append(arrow.Timestamp(v.UnixMicro()))
				continue
			}
		}
		if values[i] != nil || r.table.Columns[i].Required {
			return fmt.Errorf("write %s: column %s cannot be %#v", r.table.Name, r.table.Columns[i].Name, values[i])
		}
		field.AppendNull()
	}
	if r.rows++; r.rows >= plainBatch {
		return r.flush()
	}
	return nil
}

// flush hands on what has been gathered.
func (r *plainRows) flush() error {
	if r.rows == 0 {
		return nil
	}
	batch := r.builder.NewRecordBatch()
	defer batch.Release()
	r.rows = 0
	return r.send(batch)
}

func (r *plainRows) release() { r.builder.Release() }
