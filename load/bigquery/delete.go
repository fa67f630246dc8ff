package bigquery

import (
	"encoding/json"
	"fmt"

	"fourfold/transform"
)

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
