//go:build !duckdb_arrow

package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	duck "github.com/duckdb/duckdb-go/v2"
)

// register copies a batch into a temporary table. The build tag duckdb_arrow does without the copy and about doubles
// the speed of a load; the make targets set it.
func register(ctx context.Context, conn *sql.Conn, name string, rows arrow.RecordBatch) (release func(), err error) {
	types := map[arrow.Type]string{arrow.STRING: "varchar", arrow.INT64: "bigint", arrow.FLOAT64: "double", arrow.BOOL: "boolean", arrow.TIMESTAMP: "timestamptz"}
	var columns []string
	for _, f := range rows.Schema().Fields() {
		columns = append(columns, f.Name+" "+types[f.Type.ID()])
	}
	if _, err := conn.ExecContext(ctx, "create or replace temp table "+name+" ("+strings.Join(columns, ", ")+")"); err != nil {
		return nil, err
	}
	release = func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "drop table if exists temp."+name) }
	err = conn.Raw(func(c any) error {
		appender, err := duck.NewAppender(c.(driver.Conn), "temp", "main", name)
		if err != nil {
			return err
		}
		defer appender.Close()
		values := make([]driver.Value, len(columns))
		for row := range int(rows.NumRows()) {
			for i := range values {
				values[i] = valueAt(rows.Column(i), row)
			}
			if err := appender.AppendRow(values...); err != nil {
				return err
			}
		}
		return appender.Flush()
	})
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

func valueAt(column arrow.Array, row int) driver.Value {
	if column.IsNull(row) {
		return nil
	}
	switch c := column.(type) {
	case *array.String:
		return c.Value(row)
	case *array.Int64:
		return c.Value(row)
	case *array.Float64:
		return c.Value(row)
	case *array.Boolean:
		return c.Value(row)
	default:
		return time.UnixMicro(int64(c.(*array.Timestamp).Value(row))).UTC()
	}
}
