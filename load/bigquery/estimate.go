package bigquery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"

	"fourfold/load"
)

// A query that reads anything is billed for at least this much of each table
// (https://cloud.google.com/bigquery/pricing#on_demand_pricing), and else for whole mebibytes.
const (
	leastBilled  = 10 << 20
	billedInUnit = 1 << 20
)

// Estimate says what a query would read. It is a dry run: it reads nothing and costs nothing.
func (c *Client) Estimate(ctx context.Context, sql string, args ...any) (load.Estimate, error) {
	q := c.selects(c.Build(), sql, args, nil)
	q.DryRun, q.MaxBytesBilled = true, 0
	var job *bigquery.Job
	err := c.call(ctx, "estimate a query", func(ctx context.Context) (err error) {
		if job, err = q.Run(ctx); err == nil && job.LastStatus() != nil {
			err = job.LastStatus().Err()
		}
		return err
	})
	if err != nil && c.isMissing(ctx, err) {
		return load.Estimate{}, fmt.Errorf("%w: %w", load.ErrMissing, err)
	}
	if err != nil {
		return load.Estimate{}, err
	}
	status := job.LastStatus()
	if status == nil || status.Statistics == nil {
		return load.Estimate{}, errors.New("bigquery: estimate a query: there is no answer in the answer")
	}
	e := load.Estimate{Read: status.Statistics.TotalBytesProcessed}
	if e.Read > 0 {
		tables := int64(1)
		if details, ok := status.Statistics.Details.(*bigquery.QueryStatistics); ok {
			tables = max(tables, int64(len(details.ReferencedTables)))
		}
		e.Billed = max((e.Read+billedInUnit-1)/billedInUnit*billedInUnit, tables*leastBilled)
	}
	return e, nil
}

// isMissing reports whether an error says that something is not there. Of a dataset that is not, BigQuery may say that it may
// not be read.
func (c *Client) isMissing(ctx context.Context, err error) bool {
	if isStatus(err, http.StatusNotFound) || strings.Contains(err.Error(), "Not found: ") {
		return true
	}
	if !strings.Contains(err.Error(), "or perhaps it does not exist") {
		return false
	}
	_, _, err = readNote[lease](ctx, c, c.Build(), "look at dataset "+c.Build())
	return isStatus(err, http.StatusNotFound)
}

// EstimateShip gives a store whose queries are dry runs and have no rows, and that writes nothing.
func EstimateShip(c *Client, asOf time.Time) *ShipStore {
	return &ShipStore{c: c, bulk: c, dataset: c.Build(), asOf: asOf.UTC(), tombstones: -1, dry: map[string]load.Estimate{}}
}

// Estimated is what the commit graph would read. What is read of it a part at a time is counted once.
func (s *ShipStore) Estimated(ctx context.Context) (load.Estimate, error) {
	for _, read := range []func() error{
		func() error { _, err := s.FormerNames(ctx); return err },
		func() error { _, err := s.CommitCounts(ctx); return err },
		func() error { return s.Commits(ctx, []string{""}, nil) },
	} {
		if err := read(); err != nil {
			return load.Estimate{}, err
		}
	}
	var sum load.Estimate
	for _, e := range s.dry {
		sum.Read += e.Read
		sum.Billed += e.Billed
	}
	return sum, nil
}

// estimate notes what a query would read.
func (s *ShipStore) estimate(ctx context.Context, sql string, args []any) error {
	if _, known := s.dry[sql]; known {
		return nil
	}
	e, err := s.c.Estimate(ctx, sql, args...)
	if err != nil {
		return err
	}
	s.dry[sql] = e
	return nil
}
