package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"fourfold/load"
	"fourfold/transform"
)

// Append lands a batch, what it says of deletions, and the cursor in one transaction.
func (s *Store) Append(ctx context.Context, a load.Append) (load.Result, error) {
	var res load.Result
	t := a.Batch.Table
	err := s.tx(ctx, "append "+t.Name+" to", func(ctx context.Context) (err error) {
		if res.Added, err = s.versions(ctx, t, a.Batch.Rows); err != nil {
			return err
		}
		if res.Rejected, err = s.rejections(ctx, a.Batch); err != nil {
			return err
		}
		if res.Tombstones, err = s.deletions(ctx, a, &res); err != nil {
			return err
		}
		if a.Cursor == nil {
			return nil
		}
		if _, err := s.conn.ExecContext(ctx, `delete from _cursors where stream = ?`, a.Stream); err != nil {
			return err
		}
		_, err = s.conn.ExecContext(ctx, `insert into _cursors values (?, ?, ?)`, a.Stream, string(a.Cursor), a.Batch.Run.ID)
		return err
	})
	if err != nil {
		return load.Result{}, err
	}
	return res, nil
}

// keyColumns of a batch decide which of its rows are new versions; the rest is read for those only.
var keyColumns = []string{"id", "_observed_at", "_source_updated_at", "_hash", transform.RowColumn}

// versions adds the rows that differ from the present version of their object.
//
// A row whose source time is before that of the present version is a stale answer: it is added once, for the history,
// and changes nothing. Of rows with the same id and source time in one batch the last counts.
func (s *Store) versions(ctx context.Context, t *transform.Table, rows arrow.RecordBatch) (int64, error) {
	if rows == nil || rows.NumRows() == 0 {
		return 0, nil
	}
	keys, err := project(rows, keyColumns)
	if err != nil {
		return 0, err
	}
	defer keys.Release()
	if err := copyBatch(ctx, s.conn, "batch_keys", keys); err != nil {
		return 0, err
	}
	if _, err := s.conn.ExecContext(ctx, fmt.Sprintf(freshSQL, t.Name)); err != nil {
		return 0, err
	}
	var fresh int64
	if err := s.conn.QueryRowContext(ctx, `select count(*) from temp.fresh`).Scan(&fresh); err != nil || fresh == 0 {
		return 0, err
	}
	release, err := register(ctx, s.conn, "batch_rows", rows)
	if err != nil {
		return 0, err
	}
	defer release()
	names := columnNames(t)
	done, err := s.conn.ExecContext(ctx, fmt.Sprintf(`insert into raw.main.%s (%s) select %s from batch_rows where %s in (select %s from temp.fresh)`,
		t.Name, names, names, transform.RowColumn, transform.RowColumn))
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

const freshSQL = `
create or replace temp table fresh as
with numbered as (
    select id, _source_updated_at as updated_at, _hash as hash, _row,
        row_number() over (partition by id, _source_updated_at order by _row desc) as n
    from temp.batch_keys
),
candidates as (select * from numbered where n = 1),
landed as (
    select id, _observed_at as observed_at, _source_updated_at as updated_at, _hash as hash, _deleted as deleted
    from raw.main.%[1]s
    where id in (select id from candidates)
),
live as (
    select *
    from (select *, max(case when deleted then observed_at end) over (partition by id) as gone_at from landed)
    where not deleted and (gone_at is null or observed_at > gone_at)
),
present as (
    select id, updated_at, hash
    from live
    qualify row_number() over (partition by id order by updated_at desc nulls last, observed_at desc, hash desc) = 1
)
select c._row
from candidates as c
left join present as p on p.id = c.id
where p.id is null
    or (c.hash <> p.hash
        and not (c.updated_at < p.updated_at
            and exists (select 1 from live as l where l.id = c.id and l.hash = c.hash and l.updated_at = c.updated_at)))`

// copyBatch copies a narrow batch into a temporary table, to be read more than once.
func copyBatch(ctx context.Context, conn *sql.Conn, name string, rows arrow.RecordBatch) error {
	release, err := register(ctx, conn, name+"_in", rows)
	if err != nil {
		return err
	}
	defer release()
	_, err = conn.ExecContext(ctx, "create or replace temp table "+name+" as select * from "+name+"_in")
	return err
}

// copyIDs puts ids into the temporary table ids.
func copyIDs(ctx context.Context, conn *sql.Conn, ids []string) error {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(ids, nil)
	column := b.NewArray()
	defer column.Release()
	rows := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String}}, nil), []arrow.Array{column}, int64(len(ids)))
	defer rows.Release()
	return copyBatch(ctx, conn, "ids", rows)
}

// rejections adds to the ledger of rejected objects those that are not there yet.
func (s *Store) rejections(ctx context.Context, b transform.Batch) (int64, error) {
	if len(b.Rejected) == 0 {
		return 0, nil
	}
	rows := transform.NewRows(transform.Rejected, b.Run, transform.Policy{PrivateIncidents: "include", People: "include"})
	for _, r := range b.Rejected {
		rows.Add(r.Record(), false)
	}
	batch := rows.Flush()
	defer batch.Rows.Release()
	if len(batch.Rejected) > 0 {
		return 0, fmt.Errorf("a rejection was rejected: %s", batch.Rejected[0].Reason)
	}
	return s.versions(ctx, transform.Rejected, batch.Rows)
}

// project gives some columns of a batch.
func project(rows arrow.RecordBatch, names []string) (arrow.RecordBatch, error) {
	var fields []arrow.Field
	var columns []arrow.Array
	for _, name := range names {
		i := rows.Schema().FieldIndices(name)
		if len(i) != 1 {
			return nil, fmt.Errorf("batch has no column %s", name)
		}
		fields = append(fields, rows.Schema().Field(i[0]))
		columns = append(columns, rows.Column(i[0]))
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, rows.NumRows()), nil
}

func columnNames(t *transform.Table) string {
	var names []string
	for _, c := range t.Ledger() {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}
