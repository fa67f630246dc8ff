package file

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fourfold/extract"
	"fourfold/transform"
)

// leastDeletable is the number of rows that may go from a set's files at once whatever their share.
const leastDeletable = 10

// goneBatch is the number of ids in a page of those that have gone.
const goneBatch = 10_000

// finish sends what is left, and says what has gone since the run before and how the files stand.
//
// A row has gone when the file that the ledger has it from was read to its end without it, or is there no more, and no
// other file had it. Where a file could not be read nothing is deleted: the row may be in there. Where more than
// max_deletions of a set would go from files that are there, a file is probably cut off: nothing of the set is deleted,
// and its files are read again in the next run. Files that are not there any more were taken away by somebody: their
// rows go, which is said.
func (r *reading) finish(ctx context.Context, before position) error {
	r.send(r.page.take())
	count, err := r.count(ctx)
	if err != nil || r.stopped {
		return err
	}
	refused := r.refuse(count)
	after := position{Version: positionVersion, Files: map[string]*standing{}}
	for _, f := range r.files {
		switch {
		case !f.unchanged && (!f.whole || refused[f.set] || f.fresh()):
		case len(r.failures) > 0 && count.of[f] > 0: // what has gone from it is yet to be deleted
		default:
			after.Files[f.name] = &f.now
		}
	}
	if len(r.failures) == 0 {
		for _, name := range slices.Sorted(maps.Keys(count.vanished)) {
			r.warn(fmt.Sprintf("%s is there no more: its %d %s have gone from every number", name, count.vanished[name], r.kind))
		}
		if err := r.bury(ctx, refused); err != nil || r.stopped {
			return err
		}
	} else {
		for name, s := range before.Files {
			if r.byName[name] == nil {
				after.Files[name] = s
			}
		}
	}
	settled, err := r.settled(ctx)
	if err != nil {
		return err
	}
	cursor, err := json.Marshal(after)
	if err != nil {
		return err
	}
	r.send(extract.Page{Cursor: cursor, Settled: settled, Warnings: r.warnings})
	return nil
}

// tally counts the rows of the ledger.
type tally struct {
	live     map[*Set]int    // rows of a set's files
	gone     map[*Set]int    // those of them that have gone from files that are there
	of       map[*source]int // the same by file
	vanished map[string]int  // rows of files that are not there, by name
}

// count finds what has gone.
func (r *reading) count(ctx context.Context) (tally, error) {
	t := tally{map[*Set]int{}, map[*Set]int{}, map[*source]int{}, map[string]int{}}
	return t, r.gone(ctx, func(_, name string, f *source, gone bool) {
		if f != nil {
			t.live[f.set]++
		}
		switch {
		case !gone:
		case f == nil:
			t.vanished[name]++
		default:
			t.gone[f.set]++
			t.of[f]++
		}
	})
}

// gone visits the rows of the ledger; f is the file that a row is from, nil for one that is not there.
func (r *reading) gone(ctx context.Context, visit func(id, name string, f *source, gone bool)) error {
	for o, err := range r.in.Ledger.Scan(ctx, r.table, "file") {
		if err != nil {
			return err
		}
		f := r.byName[o.Columns[0]]
		gone := (f == nil || f.whole) && !r.keeps(o.ID, f)
		visit(o.ID, o.Columns[0], f, gone)
		if r.stopped {
			return nil
		}
	}
	return nil
}

// keeps reports whether a row is still there: as one that is taken or, in the file that the ledger has it from, as one
// that is set aside.
func (r *reading) keeps(id string, f *source) bool {
	at, here := r.seen[keyOf(id)]
	switch {
	case !here || at.line > 0:
		return here
	case at.file == manyFiles:
		return f != nil && f.now.Entangled
	}
	return r.files[at.file] == f
}

// refuse finds the sets from whose files too much would go.
func (r *reading) refuse(t tally) map[*Set]bool {
	refused := map[*Set]bool{}
	for _, set := range r.sets {
		if gone := t.gone[set]; gone > leastDeletable && float64(gone) > set.MaxDeletions*float64(t.live[set]) {
			refused[set] = true
			r.warn(fmt.Sprintf("%s: %d of %d %s seem to have gone from %s, more than max_deletions allows at once: none was deleted, and the files are read again in every run. If that is right, raise max_deletions there for one sync",
				set.Key, gone, t.live[set], r.kind, set.Path))
		}
	}
	return refused
}

// bury sends the ids of what has gone.
func (r *reading) bury(ctx context.Context, refused map[*Set]bool) error {
	var ids []string
	send := func(least int) {
		if len(ids) >= least {
			r.send(extract.Page{Gone: ids})
			ids = nil
		}
	}
	err := r.gone(ctx, func(id, _ string, f *source, gone bool) {
		if gone && (f == nil || !refused[f.set]) {
			ids = append(ids, id)
			send(goneBatch)
		}
	})
	if err == nil {
		send(1)
	}
	return err
}

// settled finds what was set aside of files that were read to their end, or are there no more, and is not any more.
func (r *reading) settled(ctx context.Context) ([]string, error) {
	var out []string
	for o, err := range r.in.Ledger.Scan(ctx, transform.Rejected, "table_name") {
		if err != nil {
			return nil, err
		}
		if o.Columns[0] != r.table.Name || r.rejected[keyOf(o.ID)] {
			continue
		}
		// The id is table:file:line:column.
		rest := strings.TrimPrefix(o.ID, r.table.Name+":")
		for range 2 {
			rest = rest[:max(0, strings.LastIndexByte(rest, ':'))]
		}
		f := r.byName[rest]
		if (f != nil && f.whole) || (f == nil && len(r.failures) == 0) {
			out = append(out, o.ID)
		}
	}
	return out, nil
}
