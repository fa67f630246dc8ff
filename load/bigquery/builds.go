package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/iterator"

	"fourfold/load"
)

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
	var md *bigquery.DatasetMetadata
	err := b.c.call(ctx, "look at dataset "+b.c.Build(), func(ctx context.Context) (err error) {
		md, err = d.MetadataWithOptions(ctx, withConditions)
		return err
	})
	if err != nil {
		return err
	}
	if b.c.letsIn(md) {
		return nil
	}
	if len(md.Access) == 0 { // every dataset lets somebody in: with a list of one entry nobody else would be
		b.shut(errors.New("it may not be read who has access to " + b.c.Build()))
		return nil
	}
	entry := &bigquery.AccessEntry{EntityType: bigquery.DatasetEntity, Dataset: &bigquery.DatasetAccessEntry{Dataset: b.c.bq.Dataset(b.c.Marts()), TargetTypes: []string{"VIEWS"}}}
	err = b.c.call(ctx, "let the views of "+b.c.Marts()+" read "+b.c.Build(), func(ctx context.Context) error {
		_, err := d.UpdateWithOptions(ctx, bigquery.DatasetMetadataToUpdate{Access: append(md.Access, entry)}, md.ETag, withConditions)
		return err
	})
	if isDenied(err) {
		b.shut(err)
		return nil
	}
	if isStatus(err, http.StatusPreconditionFailed) { // somebody else has changed the dataset: the next build tries again
		return nil
	}
	return err
}

// withConditions has roles that are bound to a condition read and written with it
// (https://cloud.google.com/bigquery/docs/reference/rest/v2/datasets/patch).
var withConditions = bigquery.WithAccessPolicyVersion(3)

// shut says, once, that the views of marts are not let in.
func (b *Builds) shut(err error) {
	b.c.closed.Do(func() {
		b.c.opts.Log.Warn("the views of marts may not be let into the dataset of builds: who may read the marts only will be refused",
			"let the program do it", b.c.grant("roles/bigquery.dataOwner", b.c.opts.Project, b.c.Build()),
			"or let in who reads", "roles/bigquery.dataViewer on "+b.c.Build(), "error", err)
	})
}

// letsIn reports whether the views of marts may read a dataset.
func (c *Client) letsIn(md *bigquery.DatasetMetadata) bool {
	return slices.ContainsFunc(md.Access, func(e *bigquery.AccessEntry) bool {
		return e.EntityType == bigquery.DatasetEntity && e.Dataset != nil && e.Dataset.Dataset != nil && e.Dataset.Dataset.DatasetID == c.Marts()
	})
}

// Held gives a context that ends when another build has what was prepared, with that as its cause.
func (b *Builds) Held(ctx context.Context) context.Context {
	if b.held == nil {
		return ctx
	}
	return b.held.until(ctx)
}

// Keep says where the finished build is.
func (b *Builds) Keep(context.Context, string) (string, error) {
	return b.c.opts.Project + "." + b.dataset, nil
}

// Discard removes a build of an earlier time that came to nothing. Tables of one of now stay: the next makes them anew. What
// another build has meanwhile is left to it.
func (b *Builds) Discard(ctx context.Context) error {
	if b.held == nil || b.dataset == b.c.Build() {
		return nil
	}
	err := b.held.check(ctx)
	var taken *takenError
	switch {
	case errors.As(err, &taken):
		return nil
	case err != nil:
		return err
	}
	return b.empty(ctx, b.dataset)
}

// Done lets others build. Where that fails they wait until the lease has run out.
func (b *Builds) Done(ctx context.Context) error {
	if b.held != nil {
		b.release(ctx, b.held)
		b.held = nil
	}
	return nil
}

// release lets others build in a dataset. It changes nothing of what became of the build.
func (b *Builds) release(ctx context.Context, h *held) {
	if err := h.release(ctx); err != nil {
		b.c.opts.Log.Warn("others may have to wait for this build, which has ended", "dataset", h.dataset, "for", leaseFor.String(), "error", err)
	}
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
