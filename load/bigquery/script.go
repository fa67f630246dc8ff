package bigquery

import (
	"fmt"
	"slices"
	"strings"

	"fourfold/load"
	"fourfold/transform"
)

// script is the text of an append's transaction. Values are in declarations, and in literals of instants and numbers.
type script struct {
	c             *Client
	a             load.Append
	st            staged
	at, next      *cursor
	was, wasAside counted // of the run so far, in the ledger and in that of rejected objects
	kept, forgot  string  // what is known if nothing was deleted that was not named, and if something was
}

func (x script) table(name string) string { return x.c.table(x.c.Raw(), name) }

// setsAside reports whether the append is about the ledger of rejected objects, too.
func (x script) setsAside() bool { return x.st.rejected != "" || len(x.a.Settled) > 0 }

func (x script) text() (string, error) {
	t, run := x.a.Batch.Table, x.a.Batch.Run
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+";\n", args...) }
	cursorText := "null"
	if !x.next.none {
		cursorText = literal(x.next.text)
	}
	at := instantLiteral(run.At)
	count := func(table, what string) string {
		return fmt.Sprintf("(select countif(%s) from %s where _observed_at = %s)", what, x.table(table), at)
	}
	declared := [][2]string{
		{"v_stream string", literal(x.a.Stream)},
		{"v_run string", literal(run.ID)},
		{"v_landing string", literal(x.next.landing)},
		{"v_cursor string", cursorText},
		{"v_kept string", literal(x.kept)},
	}
	known, deleted := "v_kept", fmt.Sprintf("%s > %d", count(t.Name, "_deleted"), x.was.gone)
	switch {
	case x.a.Sweep != nil:
		declared = append(declared, [2]string{"v_forgot string", literal(x.forgot)}, [2]string{"v_unseen int64", "0"}, [2]string{"v_live int64", "0"}, [2]string{"v_refused int64", "0"})
		known = fmt.Sprintf("if(v_refused > 0, '', if(%s, v_forgot, v_kept))", deleted)
	case len(x.a.Complete) > 0:
		declared = append(declared, [2]string{"v_forgot string", literal(x.forgot)})
		known = fmt.Sprintf("if(%s, v_forgot, v_kept)", deleted)
	}
	for _, d := range declared {
		say("declare %s default %s", d[0], d[1])
	}
	cursors := x.table(cursorsTable)
	say("begin transaction")
	// The same append may come twice: when BigQuery says that it failed, and it did not.
	say("if (select count(*) from %s where stream = v_stream and landing = v_landing) = 0 then\n"+
		// Whoever lands an append of the stream changes its row: of two that began alike one is too late.
		"if (select coalesce(max(revision), 0) from %s where stream = v_stream) <> %d then\nselect error('%s')", cursors, cursors, x.at.revision, conflictMark)
	say("end if")
	if x.at.revision == 0 {
		say("update %s set revision = revision + 1 where stream = '%s'", cursors, lockStream)
	}
	if x.st.rows != "" {
		say("%s", x.versions(t, x.st.rows, bounds(text(x.a.Batch.Rows, "id"), int(x.a.Batch.Rows.NumRows()))))
	}
	if x.st.rejected != "" {
		say("%s", x.versions(transform.Rejected, x.st.rejected, "true"))
	}
	if err := x.deletions(say); err != nil {
		return "", err
	}
	landed, aside := fmt.Sprintf("%s - %d", count(t.Name, "true"), x.was.sum()), "0"
	if x.setsAside() {
		aside = fmt.Sprintf("%s - %d", count(transform.Rejected.Name, "true"), x.wasAside.sum())
	}
	landedAt := fmt.Sprintf("if(%s > 0 or %s > 0, %s, %%s)", landed, aside, at)
	if x.at.revision == 0 {
		say("insert into %s (stream, cursor, table_name, revision, landed, set_aside, landed_at, run_id, observed_at, landing, known)\nselect v_stream, v_cursor, '%s', 1, %s, %s, %s, v_run, %s, v_landing, %s",
			cursors, t.Name, landed, aside, fmt.Sprintf(landedAt, "null"), at, known)
	} else {
		say("update %s set cursor = v_cursor, revision = %d, landed = landed + %s, set_aside = set_aside + %s, landed_at = %s, run_id = v_run, observed_at = %s, landing = v_landing, known = %s\nwhere stream = v_stream",
			cursors, x.next.revision, landed, aside, fmt.Sprintf(landedAt, "landed_at"), at, known)
	}
	say("end if")
	say("commit transaction")
	refused, scope, setAside, asideGone := "0", "0", "0", "0"
	if x.a.Sweep != nil {
		refused, scope = "v_refused", "if(v_refused > 0, v_live, 0)"
	}
	if x.setsAside() {
		setAside, asideGone = count(transform.Rejected.Name, "not _deleted"), count(transform.Rejected.Name, "_deleted")
	}
	say("select %s, %s, %s, %s, %s, %s", count(t.Name, "not _deleted"), count(t.Name, "_deleted"), setAside, asideGone, refused, scope)
	return b.String(), nil
}

// bounds is a condition that the ids of rows fulfil, by which BigQuery leaves blocks of a clustered table unread.
func bounds(id func(int) string, n int) string {
	if n == 0 {
		return "true"
	}
	least, most := id(0), id(0)
	for i := range n {
		least, most = min(least, id(i)), max(most, id(i))
	}
	if !isPlain(least) || !isPlain(most) {
		return "true"
	}
	return "id between " + literal(least) + " and " + literal(most)
}

// versions adds the staged rows that differ from the present version of their object.
//
// A row whose source time is before that of the present version is a stale answer: it is added once, for the history,
// and changes nothing. Of rows with the same id and source time in one batch the last counts. A row is not added where the
// ledger has it already: as the present version; as something that this very run has observed before, since equal rows say
// nothing new; or, if it is stale, as any version since the last tombstone. No source time is before every source time.
func (x script) versions(t *transform.Table, staged, match string) string {
	var names []string
	for _, c := range t.Ledger() {
		names = append(names, c.Name)
	}
	columns := strings.Join(names, ", ")
	return strings.NewReplacer("{ledger}", x.table(t.Name), "{staged}", x.table(staged), "{columns}", columns, "{match}", match, "{never}", never).Replace(`
insert into {ledger} ({columns})
with numbered as (
    select id, _observed_at as observed_at, _source_updated_at as updated_at, _hash as content, _row,
        row_number() over (partition by id, _source_updated_at order by _row desc) as n
    from {staged}
),
candidates as (select id, observed_at, updated_at, content, _row from numbered where n = 1),
landed as (
    select l.id, l._observed_at as observed_at, l._source_updated_at as updated_at, l._hash as content, l._deleted as deleted
    from {ledger} as l
    where {match} and l.id in (select c.id from candidates as c)
),
marked as (
    select id, observed_at, updated_at, content, deleted, max(if(deleted, observed_at, null)) over (partition by id) as gone_at
    from landed
),
alive as (
    select id, observed_at, updated_at, content, gone_at is null or observed_at > gone_at as is_live
    from marked
    where not deleted
),
ordered as (
    select id, updated_at, content, row_number() over (partition by id order by updated_at desc, observed_at desc, content desc) as n
    from alive
    where is_live
),
present as (select id, updated_at, content from ordered where n = 1),
known as (
    select id, coalesce(updated_at, {never}) as updated_at, content, max(observed_at) as observed_at, logical_or(is_live) as is_live
    from alive
    group by 1, 2, 3
),
fresh as (
    select c._row
    from candidates as c
    left join present as p on p.id = c.id
    left join known as k on k.id = c.id and k.content = c.content and k.updated_at = coalesce(c.updated_at, {never})
    where (p.id is null or p.content <> c.content)
        and (k.id is null
            or (k.observed_at < c.observed_at
                and not (k.is_live and coalesce(c.updated_at, {never}) < coalesce(p.updated_at, {never}))))
)
select {columns} from {staged} where _row in (select f._row from fresh as f)`)
}

// never is before every source time.
const never = "timestamp '0001-01-01 00:00:00+00:00'"

// presentSQL selects the present version of each live object of those whose versions match a condition: of the versions
// observed after its last tombstone the one with the greatest source time, then observation.
func presentSQL(ledger string, columns []string, match string) string {
	names := strings.Join(columns, ", ")
	inner := slices.Clone(columns)
	for _, c := range []string{"id", "_observed_at", "_source_updated_at", "_hash", "_deleted"} {
		if !slices.Contains(inner, c) {
			inner = append(inner, c)
		}
	}
	all := strings.Join(inner, ", ")
	return fmt.Sprintf(`select %[1]s from (
    select %[2]s, row_number() over (partition by id order by _source_updated_at desc, _observed_at desc, _hash desc) as _place
    from (select %[2]s, max(if(_deleted, _observed_at, null)) over (partition by id) as _gone_at from %[3]s where %[4]s)
    where not _deleted and (_gone_at is null or _observed_at > _gone_at)
) where _place = 1`, names, all, ledger, match)
}
