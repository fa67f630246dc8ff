package bigquery

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fourfold/transform"
)

// Counts gives, by ledger, the objects that are live and those of it that are set aside with no good version since. Rows
// of files are set aside by their place, until their source says that they are not. It is one query, and none where nothing
// has landed since the last.
func (s *Store) Counts(ctx context.Context) (map[string][2]int64, error) {
	rows, err := s.recall(ctx, "count what is live", nil, s.c.countsSQL(), nil)
	if err != nil {
		return nil, err
	}
	out := map[string][2]int64{}
	for row, err := range rows.All {
		if err != nil {
			return nil, err
		}
		name, _ := row[0].(string)
		live, _ := row[1].(int64)
		aside, _ := row[2].(int64)
		out[name] = [2]int64{live, aside}
	}
	return out, nil
}

// countsSQL counts the live objects of each ledger, and those set aside.
func (c *Client) countsSQL() string {
	var parts []string
	for _, t := range slices.Concat(transform.Incidentio, transform.Github, transform.Files) {
		ledger := c.table(c.Raw(), t.Name)
		counted, unsettled := "a.object_id", fmt.Sprintf(`left join (
        select id, max(_observed_at) as seen_at
        from %s
        where id in (select b.object_id from aside as b where b.table_name = '%s')
        group by id
    ) as s on s.id = a.object_id
    where a.table_name = '%s' and (s.seen_at is null or s.seen_at <= a.observed_at)`, ledger, t.Name, t.Name)
		if t.Source == "files" { // a row may have several problems
			counted, unsettled = "regexp_replace(a.id, ':[^:]*$', '')", fmt.Sprintf("where a.table_name = '%s'", t.Name)
		}
		parts = append(parts, fmt.Sprintf(`select '%s' as table_name, (select count(*) from (%s)) as live, (
    select count(distinct %s)
    from aside as a
    %s
) as set_aside`, t.Name, liveSQL(ledger), counted, unsettled))
	}
	return strings.NewReplacer("{rejected}", c.table(c.Raw(), rejectedTable), "{parts}", strings.Join(parts, "\nunion all\n")).Replace(`with settled as (
    select id, max(_observed_at) as settled_at
    from {rejected}
    where _deleted
    group by id
),
aside as (
    select r.id, r.table_name, r.object_id, r._observed_at as observed_at
    from {rejected} as r
    left join settled as d on d.id = r.id
    where not r._deleted and not r.landed and (d.settled_at is null or d.settled_at < r._observed_at)
)
{parts}`)
}

// liveSQL selects the ids of the live objects, to be counted.
func liveSQL(ledger string) string {
	return fmt.Sprintf(`select id from %s group by id
    having max(if(_deleted, null, _observed_at)) > coalesce(max(if(_deleted, _observed_at, null)), %s)`, ledger, never)
}
