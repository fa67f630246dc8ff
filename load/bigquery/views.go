package bigquery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cloud.google.com/go/bigquery"

	"fourfold/load"
)

// errReplaced says that the views of marts are no longer those of a build. Whoever asks which is published, and again, is
// answered.
var errReplaced = errors.New("it is no longer the published one, and only that can be read here: ask again")

// ofViews runs a checked statement over the views of marts. They are those of the published build: what they answer is of
// the build that was asked for if that was published before, and none of them was replaced until the answer was there.
func (r *Reader) ofViews(ctx context.Context, build, sql string, args []any) (*load.Rows, error) {
	if err := r.stays(ctx, build); err != nil {
		return nil, err
	}
	rows, err := r.run(ctx, r.c.Marts(), sql, args)
	if err != nil {
		return nil, err
	}
	if err := r.stays(ctx, build); err != nil {
		return nil, err
	}
	return rows, nil
}

// stays refuses a build that is not the published one, or whose views are being replaced: that is done before it is noted
// which build is published, and begins with the first by its name. An endpoint's server need not tell what a view is of.
func (r *Reader) stays(ctx context.Context, build string) error {
	now, err := r.Published(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	names := slices.DeleteFunc(slices.Sorted(slices.Values(r.marts[now])), func(m string) bool { return m == "publication" }) // it is the last
	r.mu.Unlock()
	if now == build && len(names) > 0 && r.c.opts.Endpoint == "" {
		var md *bigquery.TableMetadata
		err = r.c.call(ctx, "look at view "+names[0], func(ctx context.Context) (err error) {
			md, err = r.c.bq.Dataset(r.c.Marts()).Table(names[0]).Metadata(ctx, bigquery.WithMetadataView(bigquery.BasicMetadataView))
			return err
		})
		switch {
		case err != nil && !isStatus(err, http.StatusNotFound):
			return err
		case err != nil || !strings.Contains(md.ViewQuery, cloneName(names[0], build)):
			now = ""
		}
	}
	if now != build {
		return fmt.Errorf("query: build %s: %w", build, errReplaced)
	}
	return nil
}
