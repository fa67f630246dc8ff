package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"

	"fourfold/load"
	"fourfold/transform"
)

// Lookup gives one column of the present version of each of the ids that is live.
func (s *Store) Lookup(ctx context.Context, t *transform.Table, column string, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	err := copyIDs(ctx, s.reader, "lookup_ids", ids)
	if err == nil {
		var rows *sql.Rows
		rows, err = s.reader.QueryContext(ctx, fmt.Sprintf(`select id, coalesce(%s, '') from (%s)`, asText(t, column),
			presentSQL(t, "id in (select id from temp.lookup_ids)")))
		if err == nil {
			defer rows.Close()
			for rows.Next() {
				var id, value string
				if err = rows.Scan(&id, &value); err != nil {
					break
				}
				out[id] = value
			}
			err = rows.Err()
		}
	}
	if err != nil {
		return nil, s.explain("look up "+t.Name+" in", err)
	}
	return out, nil
}

// scanPage is the number of objects that Scan reads at a time: in between, the caller may ask other things.
const scanPage = 20_000

// Scan yields the live objects of a table in the order of their ids, as they were when the scan began.
func (s *Store) Scan(ctx context.Context, t *transform.Table, columns ...string) iter.Seq2[load.Object, error] {
	selected := []string{"id", "_observed_at"}
	for i, c := range columns {
		selected = append(selected, fmt.Sprintf("coalesce(%s, '') as c%d", asText(t, c), i))
	}
	return func(yield func(load.Object, error) bool) {
		name := fmt.Sprintf("scan_%d", s.scans.Add(1))
		_, err := s.reader.ExecContext(ctx, fmt.Sprintf("create temp table %s as select %s from (%s)", name, strings.Join(selected, ", "), presentSQL(t, "true")))
		if err != nil {
			yield(load.Object{}, s.explain("scan "+t.Name+" in", err))
			return
		}
		// It goes with the connection at the latest.
		defer func() { _, _ = s.reader.ExecContext(context.WithoutCancel(ctx), "drop table "+name) }()
		q := fmt.Sprintf("select * from temp.%s where id > ? order by id limit %d", name, s.page)
		for last := ""; ; {
			page, err := s.scanPage(ctx, q, last, len(columns))
			if err != nil {
				yield(load.Object{}, s.explain("scan "+t.Name+" in", err))
				return
			}
			for _, o := range page {
				if !yield(o, nil) {
					return
				}
			}
			if len(page) < s.page {
				return
			}
			last = page[len(page)-1].ID
		}
	}
}

func (s *Store) scanPage(ctx context.Context, q, after string, columns int) ([]load.Object, error) {
	rows, err := s.reader.QueryContext(ctx, q, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []load.Object
	for rows.Next() {
		o := load.Object{Columns: make([]string, columns)}
		into := []any{&o.ID, &o.ObservedAt}
		for i := range o.Columns {
			into = append(into, &o.Columns[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		o.ObservedAt = o.ObservedAt.UTC()
		page = append(page, o)
	}
	return page, rows.Err()
}

// asText is the expression that gives a column as text, instants in RFC 3339.
func asText(t *transform.Table, column string) string {
	c, ok := t.Column(column)
	switch {
	case !ok:
		return "error('no such column')"
	case c.Type == transform.Instant:
		return "strftime(" + column + " at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
	default:
		return column + "::varchar"
	}
}

func runsDDL() string {
	var b strings.Builder
	b.WriteString("create table if not exists raw.main.runs (")
	for i, c := range transform.RunsColumns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.Name + " " + c.DuckDBType())
		if c.Required {
			b.WriteString(" not null")
		}
	}
	return b.String() + ")"
}

// Record notes how a stream went.
func (s *Store) Record(ctx context.Context, r load.StreamRun) error {
	var message any
	if r.Error != "" {
		message = r.Error
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(transform.RunsColumns)), ", ")
	_, err := s.conn.ExecContext(ctx, "insert into raw.main.runs values ("+marks+")", r.Run.ID, r.Run.At, r.Source, r.Stream, r.Table,
		r.StartedAt.UTC(), r.FinishedAt.UTC(), r.Status, message, r.Full, r.RowsRead, r.Added, r.Tombstones, r.Rejected, r.Requests)
	if err != nil {
		return s.explain("record a run in", err)
	}
	return nil
}

// Query runs one statement that only reads.
func (s *Store) Query(ctx context.Context, q string, args ...any) (*load.Rows, error) {
	rows, err := s.reader.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return stream(rows)
}

// stream hands the rows of a query on, with values of few types.
func stream(rows *sql.Rows) (*load.Rows, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		rows.Close()
		return nil, err
	}
	out := &load.Rows{}
	for _, t := range types {
		out.Columns = append(out.Columns, t.Name())
		out.Types = append(out.Types, t.DatabaseTypeName())
	}
	out.All = func(yield func([]any, error) bool) {
		defer rows.Close()
		values := make([]any, len(types))
		into := make([]any, len(types))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				yield(nil, err)
				return
			}
			for i, v := range values {
				values[i] = plainValue(v, out.Types[i])
			}
			if !yield(values, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, err)
		}
	}
	return out, nil
}
