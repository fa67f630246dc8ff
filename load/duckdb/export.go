package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"fourfold/load"
)

var _ load.Export = (*Store)(nil)

// Mark says in one word what there is to export: the ledgers as the mark of their directory does, and besides how many runs
// there were, what was seen of reads that are under way, and where the streams stand.
func (s *Store) Mark(ctx context.Context) (string, error) {
	mark, _, err := markOf(ctx, s.reader)
	var more string
	if err == nil {
		err = s.reader.QueryRowContext(ctx, `select concat_ws(' ', (select count(*) from raw.main.runs), (select count(*) from raw.main._seen),
    (select coalesce(md5(string_agg(stream || cursor, chr(10) order by stream)), '-') from raw.main._cursors))`).Scan(&more)
	}
	if err != nil {
		return "", s.explain("read the mark of", err)
	}
	return mark + " " + more, nil
}

// Export yields all rows of a table in the order in which they landed: that of their row ids.
func (s *Store) Export(ctx context.Context, table string, columns []string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		var last sql.NullInt64
		if err := s.reader.QueryRowContext(ctx, "select max(rowid) from raw.main."+table).Scan(&last); err != nil {
			yield(nil, s.explain("read "+table+" of", err))
			return
		}
		if !last.Valid {
			return
		}
		q := fmt.Sprintf("select %s from raw.main.%s where rowid >= ? and rowid < ? order by rowid", strings.Join(columns, ", "), table)
		for from := int64(0); from <= last.Int64; from += rowGroup {
			rows, err := s.Query(ctx, q, from, from+rowGroup)
			if err != nil {
				yield(nil, s.explain("read "+table+" of", err))
				return
			}
			for row, err := range rows.All {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

// Positions are where the streams stand that were ever read.
func (s *Store) Positions(ctx context.Context) ([]load.Position, error) {
	rows, err := s.reader.QueryContext(ctx, `with ended as (
    select source || '/' || stream as stream, table_name, status from raw.main.runs
    qualify row_number() over (partition by source, stream order by observed_at desc, finished_at desc) = 1
)
select e.stream, e.table_name, e.status, c.cursor from ended as e left join raw.main._cursors as c on c.stream = e.stream order by e.stream`)
	if err != nil {
		return nil, s.explain("read where the streams stand in", err)
	}
	defer rows.Close()
	var out []load.Position
	for rows.Next() {
		var p load.Position
		var cursor sql.NullString
		if err := rows.Scan(&p.Stream, &p.Table, &p.Ended, &cursor); err != nil {
			return nil, s.explain("read where the streams stand in", err)
		}
		if cursor.Valid {
			p.Cursor = json.RawMessage(cursor.String)
		}
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, s.explain("read where the streams stand in", err)
	}
	return out, nil
}

// Clock is that of the last run.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	var last sql.NullTime
	if err := s.conn.QueryRowContext(ctx, `select max(observed_at) from raw.main._clock`).Scan(&last); err != nil {
		return time.Time{}, s.explain("read the clock of", err)
	}
	return last.Time.UTC(), nil
}
