package bigquery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fourfold/load"
)

// kept is the number of builds whose marts stay: readers of the one before the last may still be at it.
const kept = 3

// Publish makes the marts of the build that readers see: clones of them, which cost nothing and which no later build
// changes, and views of those, replaced by one script. It removes the marts of the oldest builds. What fails after the
// build is published is told by the log.
func (b *Builds) Publish(ctx context.Context, p load.Publication) error {
	if len(p.Marts) == 0 {
		return fmt.Errorf("bigquery: publish build %s: it has no marts: nothing was published", p.ID)
	}
	if err := b.held.check(ctx); err != nil {
		return err
	}
	h := b.held
	if b.dataset != b.c.Build() { // where the clones go
		var err error
		if h, err = b.c.hold(ctx, b.c.Build(), p.ID, b.clock); err != nil {
			return err
		}
		defer b.release(context.WithoutCancel(ctx), h)
	}
	now, err := b.published(ctx)
	if err != nil {
		return err
	}
	labels := map[string]string{"run": p.ID, "stream": "publish"}
	if err := b.clone(ctx, p, labels); err != nil {
		return err
	}
	if err := h.check(ctx); err != nil { // so that no build is published over a later one
		return err
	}
	if _, err := b.c.script(ctx, "publish build "+p.ID, jobID(b.dataset, "publish", p.ID), b.viewSQL(p, now.Marts), labels); err != nil {
		return err
	}
	next := published{Build: p.ID, Note: p.Note}
	for _, m := range p.Marts {
		next.Marts = append(next.Marts, m.Name)
	}
	err = changeNote(ctx, b.c, b.c.Marts(), "publish build "+p.ID, func(published) (published, bool, error) { return next, true, nil })
	if err != nil {
		return err
	}
	if err := b.prune(ctx, p.ID); err != nil {
		b.c.opts.Log.Warn("marts of old builds were not removed: the next build tries again", "dataset", b.c.Build(), "error", err)
	}
	return nil
}

// foreignMark is in the message of a script that finds rows of another build.
const foreignMark = "fourfold: rows of another build"

// clone keeps the marts of a build, if they are its own: whoever did not notice that another build began may have written
// into them. The clones are looked at, which nobody writes into.
func (b *Builds) clone(ctx context.Context, p load.Publication, labels map[string]string) error {
	_, err := b.c.script(ctx, "keep the marts of build "+p.ID, jobID(b.dataset, "keep", p.ID), b.cloneSQL(p)+b.foreignSQL(p), labels)
	if err == nil || !strings.Contains(err.Error(), foreignMark) {
		return err
	}
	names := make([]string, 0, len(p.Marts))
	for _, m := range p.Marts {
		names = append(names, cloneName(m.Name, p.ID))
	}
	err = fmt.Errorf("bigquery: publish build %s: another build wrote into dataset %s while it was made: nothing is published; build again", p.ID, b.dataset)
	// What builds go on from may be mixed, too.
	return errors.Join(err, b.Carry(ctx, nil), b.c.removeTables(ctx, b.c.Build(), names))
}

// cloneName is what a mart of a build is called in the dataset of builds.
func cloneName(mart, build string) string { return mart + "__" + suffix(build) }

var notInSuffix = regexp.MustCompile(`[^a-z0-9]+`)

// suffix is a build's id as a table's name may end.
func suffix(id string) string { return notInSuffix.ReplaceAllString(strings.ToLower(id), "_") }

func (b *Builds) cloneSQL(p load.Publication) string {
	var s strings.Builder
	for _, m := range p.Marts {
		fmt.Fprintf(&s, "create or replace table %s clone %s;\n", b.c.table(b.c.Build(), cloneName(m.Name, p.ID)), b.c.table(b.dataset, m.Name))
	}
	return s.String()
}

// foreignSQL fails where a clone has rows of another build; of marts whose columns say which build they are of.
func (b *Builds) foreignSQL(p load.Publication) string {
	var counts []string
	for _, m := range p.Marts {
		if slices.ContainsFunc(m.Columns, func(c load.MartColumn) bool { return c.Name == "build_id" }) {
			counts = append(counts, fmt.Sprintf("select countif(build_id is null or build_id <> %s) as n from %s", literal(p.ID), b.c.table(b.c.Build(), cloneName(m.Name, p.ID))))
		}
	}
	if len(counts) == 0 {
		return ""
	}
	return fmt.Sprintf("if (select sum(n) from (\n%s\n)) > 0 then\nselect error(%s);\nend if;\n", strings.Join(counts, "\nunion all\n"), literal(foreignMark))
}

// viewSQL replaces the views: `publication`, by which a reader knows which build it is, last. Those of marts that are no
// more are removed; what others have put beside them is theirs.
func (b *Builds) viewSQL(p load.Publication, before []string) string {
	marts := slices.SortedFunc(slices.Values(p.Marts), func(x, y load.Mart) int {
		last := func(m load.Mart) int {
			if m.Name == "publication" {
				return 1
			}
			return 0
		}
		return cmp.Or(last(x)-last(y), cmp.Compare(x.Name, y.Name))
	})
	var s strings.Builder
	for _, name := range before {
		if !slices.ContainsFunc(marts, func(m load.Mart) bool { return m.Name == name }) {
			fmt.Fprintf(&s, "drop view if exists %s;\n", b.c.table(b.c.Marts(), name))
		}
	}
	for _, m := range marts {
		from := b.c.table(b.c.Build(), cloneName(m.Name, p.ID))
		columns, selected := "", "*"
		if len(m.Columns) > 0 {
			var described, names []string
			for _, c := range m.Columns {
				described = append(described, "`"+c.Name+"` options (description = "+literal(shortened(c.Description, columnDescription))+")")
				names = append(names, "`"+c.Name+"`")
			}
			columns, selected = " ("+strings.Join(described, ", ")+")", strings.Join(names, ", ")
		}
		fmt.Fprintf(&s, "create or replace view %s%s options (description = %s) as select %s from %s;\n",
			b.c.table(b.c.Marts(), m.Name), columns, literal(shortened(m.Description, tableDescription)), selected, from)
	}
	return s.String()
}

// How long descriptions may be, in characters (https://cloud.google.com/bigquery/quotas).
const (
	columnDescription = 1024
	tableDescription  = 16_384
)

func shortened(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// cloned is a mart of a build.
var cloned = regexp.MustCompile(`^.+__((?:as_of_[0-9t_]+z_built_)?([0-9]{8}t[0-9]{6}_[0-9]{6}z))$`)

// prune removes the marts of all builds but the last and the published one. Removing is no job.
func (b *Builds) prune(ctx context.Context, id string) error {
	names, err := b.c.tables(ctx, b.c.Build())
	if err != nil {
		return err
	}
	made := map[string]string{} // when, by build
	for _, name := range names {
		if m := cloned.FindStringSubmatch(name); m != nil {
			made[m[1]] = m[2]
		}
	}
	builds := make([]string, 0, len(made))
	for build := range made {
		builds = append(builds, build)
	}
	slices.SortFunc(builds, func(x, y string) int { return cmp.Or(cmp.Compare(made[y], made[x]), cmp.Compare(y, x)) })
	stays := map[string]bool{suffix(id): true}
	for _, build := range builds[:min(kept, len(builds))] {
		stays[build] = true
	}
	var old []string
	for _, name := range names {
		if m := cloned.FindStringSubmatch(name); m != nil && !stays[m[1]] {
			old = append(old, name)
		}
	}
	return b.c.removeTables(ctx, b.c.Build(), old)
}
