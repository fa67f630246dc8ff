package duckdb

import (
	"context"
	"fmt"

	"fourfold/load"
	"fourfold/transform"
)

// deletions marks what was seen, and puts tombstones on what has gone: withheld objects, children that a complete
// parent no longer has, and what a sweep did not see.
func (s *Store) deletions(ctx context.Context, a load.Append, res *load.Result) (int64, error) {
	if a.Begin {
		if _, err := s.conn.ExecContext(ctx, `delete from raw.main._seen where stream = ?`, a.Stream); err != nil {
			return 0, err
		}
	}
	if a.Marks && len(a.Seen) > 0 {
		if _, err := s.conn.ExecContext(ctx, `insert into raw.main._seen select ?, id from temp.seen_ids`, a.Stream); err != nil {
			return 0, err
		}
	}
	t, run := a.Batch.Table, a.Batch.Run
	var total int64
	if len(a.Complete) > 0 {
		n, err := s.bury(ctx, t, run, []string{t.Parent}, "l."+t.Parent+" in (select id from temp.complete_ids) and l.id not in (select id from temp.seen_ids)")
		if err != nil {
			return 0, err
		}
		total += n
	}
	if len(a.Batch.Withheld) > 0 {
		n, err := s.bury(ctx, t, run, nil, "l.id in (select id from temp.withheld_ids)")
		if err != nil {
			return 0, err
		}
		total += n
	}
	if a.Sweep != nil {
		n, err := s.sweep(ctx, a, res)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

func (s *Store) sweep(ctx context.Context, a load.Append, res *load.Result) (int64, error) {
	t, scope := a.Batch.Table, "true"
	args := []any{a.Stream}
	if !a.Sweep.Since.IsZero() {
		scope = "l." + a.Sweep.CreatedColumn + " >= ?"
		args = append(args, a.Sweep.Since)
	}
	const unseen = "l.id not in (select id from raw.main._seen where stream = ?)"
	var gone, live int64
	err := s.conn.QueryRowContext(ctx, fmt.Sprintf("select count(*) filter (where %s), count(*) from (%s) as l where %s", unseen, liveSQL(t, a.Sweep.CreatedColumn), scope), args...).Scan(&gone, &live)
	if err != nil {
		return 0, err
	}
	if gone > max(int64(a.Sweep.MaxCount), int64(a.Sweep.MaxShare*float64(live))) {
		res.Refused, res.InScope = gone, live
		gone = 0
	}
	if gone > 0 {
		if gone, err = s.bury(ctx, t, a.Batch.Run, []string{a.Sweep.CreatedColumn}, unseen+" and "+scope, args...); err != nil {
			return 0, err
		}
	}
	_, err = s.conn.ExecContext(ctx, `delete from raw.main._seen where stream = ?`, a.Stream)
	return gone, err
}

// bury appends a tombstone for each live object that the condition on l, its id and the columns, selects.
func (s *Store) bury(ctx context.Context, t *transform.Table, run transform.Run, columns []string, condition string, args ...any) (int64, error) {
	q := fmt.Sprintf(`insert into raw.main.%s (id, _observed_at, _hash, _deleted, _run_id)
select l.id, ?::timestamptz, 'deleted', true, ? from (%s) as l where %s`, t.Name, liveSQL(t, columns...), condition)
	done, err := s.conn.ExecContext(ctx, q, append([]any{run.At, run.ID}, args...)...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// liveSQL selects the ids of the live objects, with columns that do not change in an object's life; "" is none. It is
// presentSQL without the choice of a version, which is what takes time.
func liveSQL(t *transform.Table, columns ...string) string {
	selected := "id"
	for _, c := range columns {
		if c != "" {
			selected += ", max(" + c + ") as " + c
		}
	}
	return "select " + selected + " from raw.main." + t.Name + ` group by id
having max(_observed_at) filter (where not _deleted) > coalesce(max(_observed_at) filter (where _deleted), '-infinity'::timestamptz)`
}

// presentSQL selects the present version of each live object: of the versions observed after its last tombstone the one
// with the greatest source time, then observation.
func presentSQL(t *transform.Table) string {
	return `select * from (
    select *, max(case when _deleted then _observed_at end) over (partition by id) as _gone_at
    from raw.main.` + t.Name + `
) where not _deleted and (_gone_at is null or _observed_at > _gone_at)
qualify row_number() over (partition by id order by _source_updated_at desc nulls last, _observed_at desc, _hash desc) = 1`
}
