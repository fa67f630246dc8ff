package duckdb

import (
	"context"
	"fmt"

	"fourfold/load"
	"fourfold/transform"
)

// deletions marks what was seen, and puts tombstones on what has gone: withheld objects, children that a complete
// parent no longer has, what its source says has gone, and what a sweep did not see; and on rejections that are settled.
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
		child := fmt.Sprintf("id in (select id from raw.main.%s where %s in (select id from temp.complete_ids)) and id not in (select id from temp.seen_ids)", t.Name, t.Parent)
		n, err := s.bury(ctx, t, run, child, "l."+t.Parent+" in (select id from temp.complete_ids)")
		if err != nil {
			return 0, err
		}
		total += n
	}
	if len(a.Batch.Withheld) > 0 {
		n, err := s.bury(ctx, t, run, "id in (select id from temp.withheld_ids)", "true")
		if err != nil {
			return 0, err
		}
		total += n
	}
	if len(a.Gone) > 0 {
		n, err := s.bury(ctx, t, run, "id in (select id from temp.gone_ids)", "true")
		if err != nil {
			return 0, err
		}
		total += n
	}
	if len(a.Settled) > 0 {
		if _, err := s.bury(ctx, transform.Rejected, run, "id in (select id from temp.settled_ids)", "true"); err != nil {
			return 0, err
		}
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
	var since []any
	if !a.Sweep.Since.IsZero() {
		scope = "l." + a.Sweep.CreatedColumn + " >= ?"
		since = []any{a.Sweep.Since}
	}
	const unseen = "id not in (select id from raw.main._seen where stream = ?)"
	args := append([]any{a.Stream}, since...)
	var gone, live int64
	err := s.conn.QueryRowContext(ctx, fmt.Sprintf("select count(*) from (%s) as l where %s", presentSQL(t, unseen), scope), args...).Scan(&gone)
	if err != nil {
		return 0, err
	}
	if gone > 0 {
		err := s.conn.QueryRowContext(ctx, fmt.Sprintf("select count(*) from (%s) as l where %s", liveSQL(t, a.Sweep.CreatedColumn), scope), since...).Scan(&live)
		if err != nil {
			return 0, err
		}
	}
	switch {
	case gone > max(int64(a.Sweep.MaxCount), int64(a.Sweep.MaxShare*float64(live))):
		res.Refused, res.InScope = gone, live
		gone = 0
	case gone > 0:
		if gone, err = s.bury(ctx, t, a.Batch.Run, unseen, scope, args...); err != nil {
			return 0, err
		}
	}
	_, err = s.conn.ExecContext(ctx, `delete from raw.main._seen where stream = ?`, a.Stream)
	return gone, err
}

// bury appends a tombstone for each live object of those that match, as a condition on its versions, whose present
// version, l, is as the condition says.
func (s *Store) bury(ctx context.Context, t *transform.Table, run transform.Run, match, condition string, args ...any) (int64, error) {
	q := fmt.Sprintf(`insert into raw.main.%s (id, _observed_at, _hash, _deleted, _run_id)
select l.id, ?::timestamptz, 'deleted', true, ? from (%s) as l where %s`, t.Name, presentSQL(t, match), condition)
	done, err := s.conn.ExecContext(ctx, q, append([]any{run.At, run.ID}, args...)...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// liveSQL selects the ids of the live objects, to be counted, with a column that does not change in an object's life; ""
// is none. It is presentSQL without the choice of a version, which is what takes time.
func liveSQL(t *transform.Table, column string) string {
	selected := "id"
	if column != "" {
		selected += ", max(" + column + ") as " + column
	}
	return "select " + selected + " from raw.main." + t.Name + ` group by id
having max(_observed_at) filter (where not _deleted) > coalesce(max(_observed_at) filter (where _deleted), '-infinity'::timestamptz)`
}

// presentSQL selects the present version of each live object of those whose ids match a condition: of the versions
// observed after its last tombstone the one with the greatest source time, then observation.
func presentSQL(t *transform.Table, match string) string {
	return `select * from (
    select *, max(case when _deleted then _observed_at end) over (partition by id) as _gone_at
    from raw.main.` + t.Name + ` where ` + match + `
) where not _deleted and (_gone_at is null or _observed_at > _gone_at)
qualify row_number() over (partition by id order by _source_updated_at desc nulls last, _observed_at desc, _hash desc) = 1`
}
