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
// reader that streams into a view can bring DuckDB down. It is not called in a transaction: the view is made in the
// database in memory, and DuckDB writes to one database in a transaction.
func register(ctx context.Context, conn *sql.Conn, name string, rows arrow.RecordBatch) (release func(), err error) {
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
	return func() {
		drop()
		reader.Release()
		// A view whose batch has gone must not be found by name; that it cannot be dropped is no reason to fail.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "drop view if exists memory.main."+name)
	}, nil
}
