package bigquery

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"fourfold/load"
	"fourfold/transform"
)

// lookupIDs is how many ids one query asks for.
const lookupIDs = 10_000

// Lookup gives one column of the present version of each of the ids that is live.
func (s *Store) Lookup(ctx context.Context, t *transform.Table, column string, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	if _, ok := t.Column(column); !ok {
		return nil, fmt.Errorf("bigquery: look up %s: there is no column %s", t.Name, column)
	}
	for some := range slices.Chunk(ids, lookupIDs) {
		rows, err := s.recall(ctx, "look up "+t.Name, []string{t.Name}, presentSQL(s.c.table(s.c.Raw(), t.Name), []string{"id", column}, "id in unnest(?)"), []any{some},
			map[string]string{"table": t.Name})
		if err != nil {
			return nil, err
		}
		for row, err := range rows.All {
			if err != nil {
				return nil, err
			}
			id, _ := row[0].(string)
			out[id] = plainText(row[1])
		}
	}
	return out, nil
}

// Scan yields the live objects of a table in the order of their ids, as they were when the scan began.
func (s *Store) Scan(ctx context.Context, t *transform.Table, columns ...string) iter.Seq2[load.Object, error] {
	return func(yield func(load.Object, error) bool) {
		for _, c := range columns {
			if _, ok := t.Column(c); !ok {
				yield(load.Object{}, fmt.Errorf("bigquery: scan %s: there is no column %s", t.Name, c))
				return
			}
		}
		selected := []string{"id", "_observed_at"}
		at := map[string]int{"id": 0, "_observed_at": 1}
		for _, c := range columns {
			if _, ok := at[c]; !ok {
				at[c] = len(selected)
				selected = append(selected, c)
			}
		}
		rows, err := s.recall(ctx, "scan "+t.Name, []string{t.Name}, presentSQL(s.c.table(s.c.Raw(), t.Name), selected, "true")+" order by id", nil,
			map[string]string{"table": t.Name})
		if err != nil {
			yield(load.Object{}, err)
			return
		}
		for row, err := range rows.All {
			if err != nil {
				yield(load.Object{}, err)
				return
			}
			o := load.Object{Columns: make([]string, len(columns))}
			o.ID, _ = row[0].(string)
			o.ObservedAt, _ = row[1].(time.Time)
			for i, c := range columns {
				o.Columns[i] = plainText(row[at[c]])
			}
			if !yield(o, nil) {
				return
			}
		}
	}
}

// plainText is a value as text: instants in RFC 3339, nothing for null.
func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.000000Z")
	default:
		return fmt.Sprint(v)
	}
}

// Query runs one statement that only reads. Raw tables go by their bare names.
func (s *Store) Query(ctx context.Context, sql string, args ...any) (*load.Rows, error) {
	return s.c.query(ctx, "query", s.c.Raw(), sql, args, nil)
}
