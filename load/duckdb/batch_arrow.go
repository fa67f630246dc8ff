//go:build duckdb_arrow

package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	duck "github.com/duckdb/duckdb-go/v2"
)

// register makes a finished batch readable, once, as a view, without a copy. One batch is registered at a time: a
// reader that streams into a view can bring DuckDB down.
func register(_ context.Context, conn *sql.Conn, name string, rows arrow.RecordBatch) (release func(), err error) {
	reader, err := array.NewRecordReader(rows.Schema(), []arrow.RecordBatch{rows})
	if err != nil {
		return nil, err
	}
	var drop func()
	err = conn.Raw(func(c any) error {
		a, err := duck.NewArrowFromConn(c.(driver.Conn))
		if err != nil {
			return err
		}
		drop, err = a.RegisterView(reader, name)
		return err
	})
	if err != nil {
		reader.Release()
		return nil, err
	}
	return func() { drop(); reader.Release() }, nil
}
