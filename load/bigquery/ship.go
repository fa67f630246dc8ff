package bigquery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/apache/arrow-go/v18/arrow"
	"golang.org/x/sync/errgroup"

	"fourfold/load"
	"fourfold/transform"
)

// ShipStore is the ledgers as of a build, to be read, and the dataset of that build, in which the tables of the commit graph
// are written before dbt begins.
type ShipStore struct {
	c       *Client
	bulk    *Client // reads long answers
	dataset string  // of the build
	asOf    time.Time
	token   string // tells the jobs of this walk from those of others
	jobs    int
	// tombstones is how many there are of commits; below 0 nobody has counted yet.
	tombstones int64
	// dry is what each query would read, of a store that only estimates.
	dry map[string]load.Estimate
}

// tablesAtOnce is how many tables are made at a time.
const tablesAtOnce = 8

// OpenShip makes the dataset of a build, if it is missing, and the tables of transform.Ship in it, empty. Nobody else may
// build in that dataset meanwhile.
func OpenShip(ctx context.Context, c *Client, dataset string, asOf time.Time) (*ShipStore, error) {
	s := &ShipStore{c: c, dataset: dataset, asOf: asOf.UTC(), token: rand.Text(), tombstones: -1}
	if err := c.ensureDataset(ctx, dataset, buildDescription); err != nil {
		return nil, err
	}
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(tablesAtOnce)
	for _, t := range transform.Ship {
		g.Go(func() error { return s.makeTable(inner, t) })
	}
	err := g.Wait()
	if err == nil {
		s.bulk, err = c.bulk(ctx)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// makeTable makes a table without rows in place of the one that an earlier build has left. Neither step is a job.
func (s *ShipStore) makeTable(ctx context.Context, t *transform.Plain) error {
	ref := s.c.bq.Dataset(s.dataset).Table(t.Name)
	err := s.c.call(ctx, "remove table "+t.Name+" of "+s.dataset, ref.Delete)
	if err != nil && !isStatus(err, http.StatusNotFound) {
		return err
	}
	err = s.c.call(ctx, "make table "+t.Name+" in "+s.dataset, func(ctx context.Context) error {
		return ref.Create(ctx, &bigquery.TableMetadata{
			Description: t.Doc, Labels: s.c.opts.Labels, Schema: columnsSchema(t.Columns, func(c transform.Column) bool { return c.Required }),
		})
	})
	if isStatus(err, http.StatusConflict) { // it was heard, and the answer was lost
		return nil
	}
	return err
}

// Close ends what reads long answers. The client stays open: it is the caller's.
func (s *ShipStore) Close() error {
	if s.bulk == s.c {
		return nil
	}
	return s.bulk.Close()
}

func (s *ShipStore) jobID(parts ...string) string {
	s.jobs++
	return jobID(append([]string{s.dataset, "ship", s.token, strconv.Itoa(s.jobs)}, parts...)...)
}

func (s *ShipStore) labels(t *transform.Plain) map[string]string {
	return map[string]string{"stream": t.Name, "run": "ship"}
}

// Insert adds rows to a table of the build by a load job, which costs nothing. Rows have no order here.
func (s *ShipStore) Insert(ctx context.Context, t *transform.Plain, rows arrow.RecordBatch) error {
	if s.dry != nil {
		return nil
	}
	file, err := toParquet(rows)
	if err != nil {
		return fmt.Errorf("bigquery: write %s: %w", t.Name, err)
	}
	return s.c.loadParquet(ctx, "write "+t.Name+" to "+s.dataset, s.jobID(t.Name), s.c.bq.Dataset(s.dataset).Table(t.Name), file, bigquery.WriteAppend, s.labels(t))
}

// Present yields columns of the present version of each object as of the build, in no order. The slice is reused.
func (s *ShipStore) Present(ctx context.Context, t *transform.Table, columns ...string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		q := presentSQL(s.ledger(t), columns, "_observed_at <= ?")
		if s.dry != nil {
			if err := s.estimate(ctx, q, []any{s.asOf}); err != nil {
				yield(nil, err)
			}
			return
		}
		rows, err := s.bulk.query(ctx, "read "+t.Name, s.c.Raw(), q, []any{s.asOf}, shipLabels)
		if err != nil {
			yield(nil, err)
			return
		}
		for row, err := range rows.All {
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

var shipLabels = map[string]string{"run": "ship"}

func (s *ShipStore) ledger(t *transform.Table) string { return s.c.table(s.c.Raw(), t.Name) }

// each runs a query over the ledgers and hands on its rows.
func (s *ShipStore) each(ctx context.Context, doing, sql string, args []any, row func([]any)) error {
	if s.dry != nil {
		return s.estimate(ctx, sql, args)
	}
	rows, err := s.bulk.query(ctx, doing, s.c.Raw(), sql, args, shipLabels)
	if err != nil {
		return err
	}
	for values, err := range rows.All {
		if err != nil {
			return err
		}
		row(values)
	}
	return nil
}

// bulk is a client that reads long answers by the Storage Read API, in several streams of Arrow, where pages of JSON would
// take minutes. It is the client itself where there is no such thing: at an endpoint.
func (c *Client) bulk(ctx context.Context) (*Client, error) {
	if c.opts.Endpoint != "" {
		return c, nil
	}
	out, err := Connect(ctx, c.opts)
	if err != nil {
		return nil, err
	}
	options, err := clientOptions(ctx, c.opts)
	if err == nil {
		err = out.bq.EnableStorageReadClient(ctx, options...)
	}
	if err != nil {
		return nil, errors.Join(c.explain("read from storage", err), out.Close())
	}
	return out, nil
}

const buildDescription = "What a build is made of: the commit graph, every model of dbt, and the marts of the last builds. Written by the program alone."
