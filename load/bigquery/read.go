package bigquery

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"fourfold/load"
	"fourfold/transform"
)

// lookupIDs is how many ids one query asks for.
const lookupIDs = 10_000

// Lookup gives one column of the present version of each of the ids that is live. An answer names all that was asked: one
// that was given before is good for fewer ids, too.
func (s *Store) Lookup(ctx context.Context, t *transform.Table, column string, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	if _, ok := t.Column(column); !ok {
		return nil, fmt.Errorf("bigquery: look up %s: there is no column %s", t.Name, column)
	}
	part := 0
	for some := range slices.Chunk(ids, lookupIDs) {
		part++
		found, err := s.lookup(ctx, t, column, some, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, found)
	}
	return out, nil
}

func (s *Store) lookup(ctx context.Context, t *transform.Table, column string, ids []string, part int) (map[string]string, error) {
	doing, sql := "look up "+t.Name, s.c.lookupSQL(t, column)
	id := s.question([]string{t.Name}, sql, fmt.Sprint("part ", part))
	exact := s.question([]string{t.Name}, sql, ids...)
	for _, before := range []string{id, exact} {
		rows, err := s.c.answered(ctx, doing, before)
		if err != nil {
			continue
		}
		if found, all, err := pick(rows, ids); err == nil && all {
			return found, nil
		}
		id = exact
	}
	rows, err := s.c.ask(ctx, doing, id, s.c.Raw(), sql, []any{ids}, map[string]string{"table": t.Name})
	if err != nil {
		return nil, err
	}
	found, _, err := pick(rows, ids)
	return found, err
}

// lookupSQL asks for a column of objects by their ids, and answers with all of those ids.
func (c *Client) lookupSQL(t *transform.Table, column string) string {
	columns := []string{"id"}
	if column != "id" {
		columns = append(columns, column)
	}
	return fmt.Sprintf("select asked, p.id is not null, p.%s from unnest($1) as asked left join (%s) as p on p.id = asked",
		column, presentSQL(c.table(c.Raw(), t.Name), columns, "id in unnest($1)"))
}

// pick takes from the answer of a lookup what is live of some ids, and says whether all of them had been asked.
func pick(rows *load.Rows, ids []string) (live map[string]string, all bool, err error) {
	found, dead := map[string]string{}, map[string]bool{}
	for row, err := range rows.All {
		if err != nil {
			return nil, false, err
		}
		id, _ := row[0].(string)
		if is, _ := row[1].(bool); is {
			found[id] = plainText(row[2])
		} else {
			dead[id] = true
		}
	}
	live, all = map[string]string{}, true
	for _, id := range ids {
		if value, ok := found[id]; ok {
			live[id] = value
		} else if !dead[id] {
			all = false
		}
	}
	return live, all, nil
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
		rows, err := s.recall(ctx, "scan "+t.Name, []string{t.Name}, presentSQL(s.c.table(s.c.Raw(), t.Name), selected, "true")+" order by id",
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
