package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"fourfold/load"
	"fourfold/transform"
)

// ErrConflict says that another run has landed something of the same stream meanwhile.
var ErrConflict = errors.New("another run has landed this stream meanwhile")

// conflictMark is in the message of a script that found another revision than it was made for.
const conflictMark = "fourfold-conflict"

// Append lands a batch, what it says of deletions, and the cursor in one transaction. Where all that is brought is known to
// be there, it runs neither query nor job.
func (s *Store) Append(ctx context.Context, a load.Append) (load.Result, error) {
	if err := ctx.Err(); err != nil {
		return load.Result{}, fmt.Errorf("bigquery: append to %s: %w", a.Batch.Table.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.cursors[a.Stream]
	if at == nil {
		at = &cursor{none: true, known: &known{}, touched: map[string]bool{}}
	}
	b := bring(a)
	if at.known.has(b) {
		s.readOn(a, at)
		return load.Result{}, nil
	}
	s.appends++
	id := jobID(s.c.opts.Dataset, a.Batch.Run.ID, a.Stream, strconv.Itoa(s.appends))
	st, err := s.stage(ctx, a, id)
	defer s.unstage(context.WithoutCancel(ctx), st)
	if err != nil {
		return load.Result{}, s.changed(a, err)
	}
	// What is known after it depends on what it finds: the script says what that was, and writes both.
	next := &cursor{text: at.text, none: at.none, revision: at.revision + 1}
	if a.Cursor != nil {
		next.text, next.none = string(a.Cursor), false
	} else if light, ok := s.light[a.Stream]; ok && light.Revision == at.revision {
		next.text, next.none = string(light.Cursor), false
	}
	kept, forgot := at.known.after(b, a, load.Result{}, at.touched), at.known.after(b, a, load.Result{Tombstones: 1, Refused: 1}, at.touched)
	sc := script{s: s, a: a, st: st, at: at, next: next, kept: kept.text(), forgot: forgot.text()}
	sql, err := sc.text()
	if err != nil {
		return load.Result{}, err
	}
	job, err := s.c.script(ctx, "append to "+a.Batch.Table.Name, id, sql, map[string]string{"stream": a.Stream, "run": a.Batch.Run.ID})
	if err != nil {
		return load.Result{}, s.changed(a, err)
	}
	res, err := s.result(ctx, a, st.rejected != "", job)
	if err != nil {
		return load.Result{}, err
	}
	next.known, next.touched = at.known.after(b, a, res, at.touched), at.touched
	next.touch(b)
	s.cursors[a.Stream], s.landed = next, true
	delete(s.light, a.Stream)
	return res, nil
}

// readOn notes where a stream stands that has brought nothing new.
func (s *Store) readOn(a load.Append, at *cursor) {
	if a.Cursor == nil || !at.none && string(a.Cursor) == at.text {
		return
	}
	s.light[a.Stream] = lightCursor{Cursor: a.Cursor, Revision: at.revision}
	s.moved = true
}

// changed says what an error of an append means.
func (s *Store) changed(a load.Append, err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, conflictMark):
		return fmt.Errorf("bigquery: append to %s: %w (%s): is another run at work on dataset %s? This one stops here; nothing is lost, and the next goes on from what landed",
			a.Batch.Table.Name, ErrConflict, a.Stream, s.c.Raw())
	case strings.Contains(text, "Unrecognized name"), strings.Contains(text, "no such field"), strings.Contains(text, "is not present in table"):
		return fmt.Errorf("%w: %w: remove the label %s of dataset %s, and the next run looks at every table", err, errChanged, schemaLabel, s.c.Raw())
	}
	return err
}

// result reads what a script counted.
func (s *Store) result(ctx context.Context, a load.Append, rejected bool, job *bigquery.Job) (load.Result, error) {
	var row []bigquery.Value
	err := s.c.insist(ctx, func(ctx context.Context) error {
		it, err := job.Read(ctx)
		if err != nil {
			return err
		}
		err = it.Next(&row)
		if errors.Is(err, iterator.Done) {
			err = errors.New("the script gave no row")
		}
		return err
	})
	if err != nil {
		return load.Result{}, explain("read what an append did", err)
	}
	var n [5]int64
	for i := range n {
		if i < len(row) {
			n[i], _ = row[i].(int64)
		}
	}
	name := a.Batch.Table.Name
	was, now := s.counts[name], counted{n[0], n[1]}
	res := load.Result{Added: now.added - was.added, Tombstones: now.gone - was.gone, Refused: n[3], InScope: n[4]}
	s.counts[name] = now
	if rejected {
		// Rows of the ledger of rejected objects may come from any stream.
		aside := s.counts[transform.Rejected.Name]
		res.Rejected = n[2] - aside.added
		s.counts[transform.Rejected.Name] = counted{n[2], aside.gone}
	}
	return res, nil
}

// counted is how many rows of a table have a run's clock.
type counted struct{ added, gone int64 }

// script is the text of an append's transaction. Values are in declarations, and in literals of instants and numbers.
type script struct {
	s            *Store
	a            load.Append
	st           staged
	at, next     *cursor
	kept, forgot string // what is known if nothing was deleted that was not named, and if something was
}

func (x script) table(name string) string { return x.s.c.table(x.s.c.Raw(), name) }

func (x script) text() (string, error) {
	t, run := x.a.Batch.Table, x.a.Batch.Run
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+";\n", args...) }
	cursorText := "null"
	if !x.next.none {
		cursorText = literal(x.next.text)
	}
	declared := [][2]string{
		{"v_stream string", literal(x.a.Stream)}, {"v_run string", literal(run.ID)}, {"v_cursor string", cursorText}, {"v_kept string", literal(x.kept)},
	}
	at := instantLiteral(run.At)
	count := func(table, what string) string {
		return fmt.Sprintf("(select countif(%s) from %s where _observed_at = %s)", what, x.table(table), at)
	}
	known := "v_kept"
	switch {
	case x.a.Sweep != nil:
		declared = append(declared, [2]string{"v_forgot string", literal(x.forgot)}, [2]string{"v_unseen int64", "0"}, [2]string{"v_live int64", "0"}, [2]string{"v_refused int64", "0"})
		known = "if(v_refused > 0, v_forgot, v_kept)"
	case len(x.a.Complete) > 0:
		declared = append(declared, [2]string{"v_forgot string", literal(x.forgot)})
		known = fmt.Sprintf("if(%s > %d, v_forgot, v_kept)", count(t.Name, "_deleted"), x.s.counts[t.Name].gone)
	}
	for _, d := range declared {
		say("declare %s default %s", d[0], d[1])
	}
	say("begin transaction")
	// Whoever lands an append of the stream changes its row: of two that began alike one is too late.
	say("if (select coalesce(max(revision), 0) from %s where stream = v_stream) <> %d then\n  select error('%s')", x.table(cursorsTable), x.at.revision, conflictMark)
	say("end if")
	if x.st.rows != "" {
		say("%s", x.versions(t, x.st.rows, bounds(text(x.a.Batch.Rows, "id"), int(x.a.Batch.Rows.NumRows()))))
	}
	if x.st.rejected != "" {
		say("%s", x.versions(transform.Rejected, x.st.rejected, "true"))
	}
	if err := x.deletions(say); err != nil {
		return "", err
	}
	if x.at.revision == 0 {
		say("insert into %s (stream, cursor, revision, run_id, observed_at, known)\nselect v_stream, v_cursor, 1, v_run, %s, %s", x.table(cursorsTable), at, known)
	} else {
		say("update %s set cursor = v_cursor, revision = %d, run_id = v_run, observed_at = %s, known = %s\nwhere stream = v_stream", x.table(cursorsTable), x.next.revision, at, known)
	}
	say("commit transaction")
	refused, scope, rejected := "0", "0", "0"
	if x.a.Sweep != nil {
		refused, scope = "cast(v_refused as int64)", "if(v_refused > 0, cast(v_live as int64), 0)"
	}
	if x.st.rejected != "" {
		rejected = count(transform.Rejected.Name, "not _deleted")
	}
	say("select %s, %s, %s, %s, %s", count(t.Name, "not _deleted"), count(t.Name, "_deleted"), rejected, refused, scope)
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

// bury appends a tombstone for each live object of those that match, as a condition on its versions, whose present
// version, l, is as the condition says.
func (x script) bury(t *transform.Table, columns []string, match, condition string) string {
	return fmt.Sprintf(`insert into %[1]s (id, _observed_at, _hash, _deleted, _run_id)
select l.id, %[2]s, 'deleted', true, v_run from (%[3]s) as l where %[4]s`,
		x.table(t.Name), instantLiteral(x.a.Batch.Run.At), presentSQL(x.table(t.Name), append([]string{"id"}, columns...), match), condition)
}

func (x script) ids(kind string) string {
	return fmt.Sprintf("(select i.id from %s as i where i.kind = '%s')", x.table(x.st.ids), kind)
}

// deletions marks what was seen, and puts tombstones on what has gone: children that a complete parent no longer has,
// withheld objects, what its source says has gone, and what a sweep did not see; and on rejections that are settled.
func (x script) deletions(say func(string, ...any)) error {
	a, t := x.a, x.a.Batch.Table
	// A read that begins and ends in one append needs no marks beside itself.
	alone := a.Begin && a.Sweep != nil
	if a.Begin {
		say("delete from %s where stream = v_stream", x.table(seenTable))
	}
	if a.Marks && len(a.Seen) > 0 && !alone {
		say("insert into %s (stream, id) select v_stream, i.id from %s as i where i.kind = '%s'", x.table(seenTable), x.table(x.st.ids), kindSeen)
	}
	if len(a.Complete) > 0 {
		if _, ok := t.Column(t.Parent); !ok {
			return fmt.Errorf("bigquery: append to %s: it has no parent", t.Name)
		}
		match := fmt.Sprintf("id in (select p.id from %s as p where p.%s in %s)", x.table(t.Name), t.Parent, x.ids(kindComplete))
		if len(a.Seen) > 0 {
			match += " and id not in " + x.ids(kindSeen)
		}
		say("%s", x.bury(t, []string{t.Parent}, match, "l."+t.Parent+" in "+x.ids(kindComplete)))
	}
	if len(a.Batch.Withheld) > 0 {
		say("%s", x.bury(t, nil, "id in "+x.ids(kindWithheld), "true"))
	}
	if len(a.Gone) > 0 {
		say("%s", x.bury(t, nil, "id in "+x.ids(kindGone), "true"))
	}
	if len(a.Settled) > 0 {
		say("%s", x.bury(transform.Rejected, nil, "id in "+x.ids(kindSettled), "true"))
	}
	if a.Sweep == nil {
		return nil
	}
	unseen := fmt.Sprintf("id not in (select m.id from %s as m where m.stream = v_stream)", x.table(seenTable))
	switch {
	case alone && a.Marks && len(a.Seen) > 0:
		unseen = "id not in " + x.ids(kindSeen)
	case alone:
		unseen = "true"
	}
	scope := "true"
	var columns []string
	if !a.Sweep.Since.IsZero() {
		if _, ok := t.Column(a.Sweep.CreatedColumn); !ok {
			return fmt.Errorf("bigquery: append to %s: it has no column %q", t.Name, a.Sweep.CreatedColumn)
		}
		columns = []string{a.Sweep.CreatedColumn}
		scope = "l." + a.Sweep.CreatedColumn + " >= " + instantLiteral(a.Sweep.Since)
	}
	counted := append([]string{"id"}, columns...)
	say("set v_unseen = (select count(*) from (%s) as l where %s)", presentSQL(x.table(t.Name), counted, unseen), scope)
	say("set v_live = (select count(*) from (%s) as l where %s)", presentSQL(x.table(t.Name), counted, "true"), scope)
	share, err := json.Marshal(a.Sweep.MaxShare)
	if err != nil {
		return fmt.Errorf("bigquery: append to %s: %w", t.Name, err)
	}
	say("if v_unseen > greatest(%d, cast(floor(%s * v_live) as int64)) then\n  set v_refused = v_unseen;\nelse\n%s;\nend if",
		a.Sweep.MaxCount, share, x.bury(t, columns, unseen, scope))
	say("delete from %s where stream = v_stream", x.table(seenTable))
	return nil
}
