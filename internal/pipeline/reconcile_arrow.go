package pipeline

import (
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// column finds a column of a batch that every ledger has.
func column(rows arrow.RecordBatch, name string) arrow.Array {
	return rows.Column(rows.Schema().FieldIndices(name)[0])
}

// instantAt is a value of a column of instants.
func instantAt(column arrow.Array, i int) time.Time {
	return time.UnixMicro(int64(column.(*array.Timestamp).Value(i))).UTC()
}
