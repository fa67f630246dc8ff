package duckdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"fourfold/transform"
)

// Mark says in one word what the ledgers hold: it changes when a version or a tombstone is added, or when the last run
// of a stream ended otherwise than the one before. Latest is the newest observation, zero where there is none. The
// caller holds the directory's lock.
func Mark(ctx context.Context, dir string, l Limits) (mark string, latest time.Time, err error) {
	db, err := OpenRawReadOnly(dir, l)
	if err != nil {
		return "", time.Time{}, err
	}
	defer db.Close()
	if mark, latest, err = markOf(ctx, db); err != nil {
		return "", time.Time{}, fmt.Errorf("duckdb: read the mark of %s: %w", dir, err)
	}
	return mark, latest, nil
}

// rowQuerier is a database or one of its connections.
type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// markOf reads the mark where raw tables go by their bare names.
func markOf(ctx context.Context, db rowQuerier) (mark string, latest time.Time, err error) {
	var tables []string
	for _, t := range transform.All() {
		tables = append(tables, fmt.Sprintf("select '%s' as t, max(_observed_at) as seen_at, count(*) as n from %s", t.Name, t.Name))
	}
	q := `with ledgers as (` + strings.Join(tables, " union all ") + `),
states as (
    select source || '/' || stream || '=' || status as state from runs
    qualify row_number() over (partition by source, stream order by observed_at desc, finished_at desc) = 1
)
select (select string_agg(t || ' ' || epoch_us(seen_at) || ' ' || n, ',' order by t) from ledgers where n > 0) as marks,
    (select string_agg(state, ',' order by state) from states) as states,
    (select max(seen_at) from ledgers) as latest`
	var marks, states sql.NullString
	var at sql.NullTime
	if err := db.QueryRowContext(ctx, q).Scan(&marks, &states, &at); err != nil {
		return "", time.Time{}, err
	}
	sum := sha256.Sum256([]byte(marks.String + "\n" + states.String))
	return hex.EncodeToString(sum[:8]), at.Time.UTC(), nil
}

// Counts gives, by ledger, the objects that are live and those of it that are set aside with no good version since. Rows
// of files are set aside by their place, until their source says that they are not.
func (s *Store) Counts(ctx context.Context) (map[string][2]int64, error) {
	out := map[string][2]int64{}
	for _, t := range slices.Concat(transform.Incidentio, transform.Github, transform.Files) {
		counted, settled := "object_id", "exists (select 1 from raw.main."+t.Name+" as l where l.id = r.object_id and l._observed_at > r._observed_at)"
		if t.Source == "files" {
			counted, settled = "regexp_replace(r.id, ':[^:]*$', '')", "false" // a row may have several problems
		}
		var live, aside int64
		err := s.reader.QueryRowContext(ctx, fmt.Sprintf(`select (select count(*) from (%s)), (
    select count(distinct %s) from raw.main.rejected as r
    where r.table_name = '%s' and not r.landed and not %s
        and not exists (select 1 from raw.main.rejected as d where d._deleted and d.id = r.id and d._observed_at >= r._observed_at)
)`, liveSQL(t, ""), counted, t.Name, settled)).Scan(&live, &aside)
		if err != nil {
			return nil, s.explain("count "+t.Name+" in", err)
		}
		out[t.Name] = [2]int64{live, aside}
	}
	return out, nil
}
