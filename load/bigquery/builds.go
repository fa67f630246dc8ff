package bigquery

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/iterator"

	"fourfold/load"
)

// kept is the number of builds whose marts stay: readers of the one before the last may still be at it.
const kept = 3

// Builds is where builds are made and published. One build is made at a time.
type Builds struct {
	c     *Client
	clock func() time.Time

	dataset string // that the build is made in, from Prepare on
	held    *held
}

// NewBuilds makes and publishes builds in a client's datasets.
func NewBuilds(c *Client, clock func() time.Time) *Builds { return &Builds{c: c, clock: clock} }

// Dataset is where the build is made that Prepare was called for.
func (b *Builds) Dataset() string { return b.dataset }

// published is what the description of the dataset of marts says in JSON.
type published struct {
	Build string          `json:"build"`
	Marts []string        `json:"marts"`
	Note  json.RawMessage `json:"note,omitempty"`
}

// Prepare takes the dataset that a build is made in, and makes what is missing. A build of an earlier time is made in a
// dataset of its own, from nothing; zero is now.
func (b *Builds) Prepare(ctx context.Context, id string, asOf time.Time) error {
	b.dataset = b.c.Build()
	if err := b.c.ensureDataset(ctx, b.dataset, buildDescription); err != nil {
		return err
	}
	if !asOf.IsZero() {
		b.dataset = b.c.Build() + "_as_of_" + suffix(asOf.UTC().Format("20060102T150405.000000"))
		if err := b.c.ensureDataset(ctx, b.dataset, "A build of what was known at "+asOf.UTC().Format(time.RFC3339Nano)+". Nobody reads it unless you do: remove it when you like."); err != nil {
			return err
		}
	}
	if err := b.c.ensureDataset(ctx, b.c.Marts(), "What people and dashboards read: a view of each mart of the published build"); err != nil {
		return err
	}
	if err := b.authorise(ctx); err != nil {
		return err
	}
	var err error
	if b.held, err = b.c.hold(ctx, b.dataset, id, b.clock); err != nil {
		return err
	}
	if !asOf.IsZero() {
		return b.empty(ctx, b.dataset)
	}
	return nil
}

// authorise lets the views of marts read the builds, so that their readers need no right there. An endpoint's server knows
// no rights. Whoever may not change them is told so, and builds: readers may have been let in otherwise.
func (b *Builds) authorise(ctx context.Context) error {
	if b.c.opts.Endpoint != "" {
		return nil
	}
	d := b.c.bq.Dataset(b.c.Build())
	md, _, err := readNote[lease](ctx, b.c, b.c.Build(), "look at dataset "+b.c.Build())
	if err != nil {
		return err
	}
	if b.c.letsIn(md) {
		return nil
	}
	entry := &bigquery.AccessEntry{EntityType: bigquery.DatasetEntity, Dataset: &bigquery.DatasetAccessEntry{Dataset: b.c.bq.Dataset(b.c.Marts()), TargetTypes: []string{"VIEWS"}}}
	err = b.c.call(ctx, "let the views of "+b.c.Marts()+" read "+b.c.Build(), func(ctx context.Context) error {
		_, err := d.Update(ctx, bigquery.DatasetMetadataToUpdate{Access: append(md.Access, entry)}, md.ETag)
		return err
	})
	if isDenied(err) {
		b.c.closed.Do(func() {
			b.c.opts.Log.Warn("the views of marts may not be let into the dataset of builds: who may read the marts only will be refused",
				"let the program do it", b.c.grant("roles/bigquery.dataOwner", b.c.opts.Project, b.c.Build()),
				"or let in who reads", "roles/bigquery.dataViewer on "+b.c.Build(), "error", err)
		})
		return nil
	}
	if isStatus(err, http.StatusPreconditionFailed) { // somebody else has changed the dataset: the next build tries again
		return nil
	}
	return err
}

// letsIn reports whether the views of marts may read a dataset.
func (c *Client) letsIn(md *bigquery.DatasetMetadata) bool {
	return slices.ContainsFunc(md.Access, func(e *bigquery.AccessEntry) bool {
		return e.EntityType == bigquery.DatasetEntity && e.Dataset != nil && e.Dataset.Dataset != nil && e.Dataset.Dataset.DatasetID == c.Marts()
	})
}

// Keep says where the finished build is.
func (b *Builds) Keep(context.Context, string) (string, error) {
	return b.c.opts.Project + "." + b.dataset, nil
}

// Discard removes a build of an earlier time that came to nothing. Tables of one of now stay: the next makes them anew.
func (b *Builds) Discard(ctx context.Context) error {
	if b.held == nil || b.dataset == b.c.Build() {
		return nil
	}
	return b.empty(ctx, b.dataset)
}

// Done lets others build.
func (b *Builds) Done(ctx context.Context) error {
	if b.held == nil {
		return nil
	}
	err := b.held.release(ctx)
	b.held = nil
	return err
}

// Publish makes the marts of the build that readers see: clones of them, which cost nothing and which no later build
// changes, and views of those, replaced by one script. It removes the marts of the oldest builds.
func (b *Builds) Publish(ctx context.Context, p load.Publication) (err error) {
	if len(p.Marts) == 0 {
		return fmt.Errorf("bigquery: publish build %s: it has no marts: nothing was published", p.ID)
	}
	if err := b.held.check(ctx); err != nil {
		return err
	}
	if b.dataset != b.c.Build() { // where the clones go
		h, holdErr := b.c.hold(ctx, b.c.Build(), p.ID, b.clock)
		if holdErr != nil {
			return holdErr
		}
		defer func() { err = errors.Join(err, h.release(context.WithoutCancel(ctx))) }()
	}
	now, err := b.published(ctx)
	if err != nil {
		return err
	}
	labels := map[string]string{"run": p.ID, "stream": "publish"}
	if _, err := b.c.script(ctx, "keep the marts of build "+p.ID, jobID(b.dataset, "keep", p.ID), b.cloneSQL(p), labels); err != nil {
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
	return b.prune(ctx, p.ID)
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

// Published gives the published build, if its marts are there.
func (b *Builds) Published(ctx context.Context) (load.Publication, error) {
	p, err := b.published(ctx)
	if err != nil {
		return load.Publication{}, err
	}
	if p.Build == "" {
		return load.Publication{}, noBuild(b.c)
	}
	out := load.Publication{ID: p.Build, Note: p.Note}
	for _, m := range p.Marts {
		out.Marts = append(out.Marts, load.Mart{Name: m})
	}
	if len(p.Marts) > 0 {
		last := cloneName(p.Marts[len(p.Marts)-1], p.Build)
		err = b.c.call(ctx, "look at "+last, func(ctx context.Context) error {
			_, err := b.c.bq.Dataset(b.c.Build()).Table(last).Metadata(ctx, bigquery.WithMetadataView(bigquery.BasicMetadataView))
			return err
		})
	}
	return out, err
}

func noBuild(c *Client) error {
	return fmt.Errorf("dataset %s.%s: %w: run `fourfold run`", c.opts.Project, c.Marts(), load.ErrNoBuild)
}

// published reads which build is; none where there is no dataset yet.
func (b *Builds) published(ctx context.Context) (published, error) { return b.c.published(ctx) }

func (c *Client) published(ctx context.Context) (published, error) {
	_, now, err := readNote[published](ctx, c, c.Marts(), "find the published build")
	if isStatus(err, http.StatusNotFound) {
		return published{}, nil
	}
	if isDenied(err) {
		err = fmt.Errorf("%w (or nothing has been published, and there is no such dataset: `fourfold run`)", err)
	}
	return now, err
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

// empty removes every table of a dataset.
func (b *Builds) empty(ctx context.Context, dataset string) error {
	names, err := b.c.tables(ctx, dataset)
	if err != nil {
		return err
	}
	return b.c.removeTables(ctx, dataset, names)
}

// tables lists the tables and views of a dataset.
func (c *Client) tables(ctx context.Context, dataset string) ([]string, error) {
	var names []string
	err := c.call(ctx, "list the tables of "+dataset, func(ctx context.Context) error {
		names = nil
		it := c.bq.Dataset(dataset).Tables(ctx)
		for {
			t, err := it.Next()
			if errors.Is(err, iterator.Done) {
				return nil
			}
			if err != nil {
				return err
			}
			names = append(names, t.TableID)
		}
	})
	return names, err
}

func (c *Client) removeTables(ctx context.Context, dataset string, names []string) error {
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(tablesAtOnce)
	for _, name := range names {
		g.Go(func() error {
			err := c.call(inner, "remove "+dataset+"."+name, c.bq.Dataset(dataset).Table(name).Delete)
			if isStatus(err, http.StatusNotFound) {
				return nil
			}
			return err
		})
	}
	return g.Wait()
}
