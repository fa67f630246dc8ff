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
	// What comes from outside is brought in first: DuckDB writes to one database in a transaction, and the views of
	// batches are in another than the ledgers.
	release, err := s.stage(ctx, a)
	defer release()
	if err != nil {
		return res, s.explain("append "+t.Name+" to", err)
	}
	err = s.tx(ctx, "append "+t.Name+" to", func(ctx context.Context) (err error) {
		if a.Batch.Rows.NumRows() > 0 {
			if res.Added, err = s.versions(ctx, t, "batch"); err != nil {
				return err
			}
		}
		if len(a.Batch.Rejected) > 0 {
			if res.Rejected, err = s.versions(ctx, transform.Rejected, "rejected"); err != nil {
				return err
			}
		}
		if res.Tombstones, err = s.deletions(ctx, a, &res); err != nil {
			return err
		}
		if a.Cursor == nil {
			return nil
		}
		if _, err := s.conn.ExecContext(ctx, `delete from raw.main._cursors where stream = ?`, a.Stream); err != nil {
			return err
		}
		_, err = s.conn.ExecContext(ctx, `insert into raw.main._cursors values (?, ?, ?)`, a.Stream, string(a.Cursor), a.Batch.Run.ID)
		return err
	})
	if err != nil {
		return load.Result{}, err
	}
	return res, nil
}

// stage makes all of an append readable to SQL. The caller calls release, whether or not there is an error.
func (s *Store) stage(ctx context.Context, a load.Append) (release func(), err error) {
	var releases []func()
	release = func() {
		for _, f := range releases {
			f()
		}
	}
	stageRows := func(name string, rows arrow.RecordBatch) error {
		done, err := s.stageRows(ctx, name, rows)
		if done != nil {
			releases = append(releases, done)
		}
		return err
	}
	if a.Batch.Rows.NumRows() > 0 {
		if err := stageRows("batch", a.Batch.Rows); err != nil {
			return release, err
		}
	}
	if len(a.Batch.Rejected) > 0 {
		rejected, err := rejections(a.Batch)
		if err != nil {
			return release, err
		}
		releases = append(releases, rejected.Release)
		if err := stageRows("rejected", rejected); err != nil {
			return release, err
		}
	}
	for name, ids := range map[string][]string{
		"seen_ids": a.Seen, "complete_ids": a.Complete, "withheld_ids": a.Batch.Withheld, "gone_ids": a.Gone, "settled_ids": a.Settled,
	} {
		if err := copyIDs(ctx, s.conn, name, ids); err != nil {
			return release, err
		}
	}
	return release, nil
}

// keyColumns of a batch decide which of its rows are new versions; the rest is read for those only.
var keyColumns = []string{"id", "_observed_at", "_source_updated_at", "_hash", transform.RowColumn}

// stageRows makes a batch readable: its keys, to be read often, as the temporary table NAME_keys, all of it, to be read
// once, as NAME_rows.
func (s *Store) stageRows(ctx context.Context, name string, rows arrow.RecordBatch) (release func(), err error) {
	keys, err := project(rows, keyColumns)
	if err != nil {
		return nil, err
	}
	defer keys.Release()
	if err := copyBatch(ctx, s.conn, name+"_keys", keys); err != nil {
		return nil, err
	}
	return register(ctx, s.conn, name+"_rows", rows)
}

// versions adds the staged rows that differ from the present version of their object.
//
// A row whose source time is before that of the present version is a stale answer: it is added once, for the history,
// and changes nothing. Of rows with the same id and source time in one batch the last counts.
func (s *Store) versions(ctx context.Context, t *transform.Table, staged string) (int64, error) {
	if _, err := s.conn.ExecContext(ctx, fmt.Sprintf(freshSQL, t.Name, staged)); err != nil {
		return 0, err
	}
	var fresh int64
	if err := s.conn.QueryRowContext(ctx, `select count(*) from temp.fresh`).Scan(&fresh); err != nil || fresh == 0 {
		return 0, err
	}
	names := columnNames(t)
	done, err := s.conn.ExecContext(ctx, fmt.Sprintf(`insert into raw.main.%s (%s) select %s from %s_rows where %s in (select %s from temp.fresh)`,
		t.Name, names, names, staged, transform.RowColumn, transform.RowColumn))
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// freshSQL numbers the rows to be added. A row is not added where the ledger has it already: as the present version; as
// something that this very run has observed before, since equal rows say nothing new; or, if it is stale, as any version
// since the last tombstone. No source time is before every source time.
const freshSQL = `
create or replace temp table fresh as
with numbered as (
    select id, _observed_at as observed_at, _source_updated_at as updated_at, _hash as hash, _row,
        row_number() over (partition by id, _source_updated_at order by _row desc) as n
    from temp.%[2]s_keys
),
candidates as (select * from numbered where n = 1),
landed as (
    select id, _observed_at as observed_at, _source_updated_at as updated_at, _hash as hash, _deleted as deleted
    from raw.main.%[1]s
    where id in (select id from candidates)
),
alive as (
    select id, observed_at, updated_at, hash, gone_at is null or observed_at > gone_at as is_live
    from (select *, max(case when deleted then observed_at end) over (partition by id) as gone_at from landed)
    where not deleted
),
present as (
    select id, updated_at, hash
    from alive
    where is_live
    qualify row_number() over (partition by id order by updated_at desc nulls last, observed_at desc, hash desc) = 1
),
known as (
    select id, updated_at, hash, max(observed_at) as observed_at, bool_or(is_live) as is_live
    from alive
    group by id, updated_at, hash
)
select c._row
from candidates as c
left join present as p on p.id = c.id
left join known as k on k.id = c.id and k.hash = c.hash and k.updated_at is not distinct from c.updated_at
where (p.id is null or p.hash <> c.hash)
    and (k.id is null
        or (k.observed_at < c.observed_at
            and not (k.is_live and coalesce(c.updated_at, '-infinity') < coalesce(p.updated_at, '-infinity'))))`

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

// copyIDs puts ids into a temporary table of one column.
func copyIDs(ctx context.Context, conn *sql.Conn, name string, ids []string) error {
	if len(ids) == 0 {
		_, err := conn.ExecContext(ctx, "create or replace temp table "+name+" (id varchar)")
		return err
	}
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(ids, nil)
	column := b.NewArray()
	defer column.Release()
	rows := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String}}, nil), []arrow.Array{column}, int64(len(ids)))
	defer rows.Release()
	return copyBatch(ctx, conn, name, rows)
}

// rejections makes rows of the ledger of rejected objects.
func rejections(b transform.Batch) (arrow.RecordBatch, error) {
	rows := transform.NewRows(transform.Rejected, b.Run, transform.Policy{PrivateIncidents: "include", People: "include"})
	for _, r := range b.Rejected {
		rows.Add(r.Record(), false)
	}
	batch := rows.Flush()
	if len(batch.Rejected) > 0 {
		batch.Rows.Release()
		return nil, fmt.Errorf("a rejection was rejected: %s", batch.Rejected[0].Reason)
	}
	return batch.Rows, nil
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
