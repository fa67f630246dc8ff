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

// A query that reads anything is billed for at least this much of each table that it refers to
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
	if e.Read == 0 {
		return e, nil
	}
	var tables []int64
	if details, ok := status.Statistics.Details.(*bigquery.QueryStatistics); ok {
		for _, t := range details.ReferencedTables {
			size, err := c.sizeOf(ctx, t)
			if err != nil {
				return load.Estimate{}, err
			}
			tables = append(tables, size)
		}
	}
	e.Billed = billed(e.Read, tables)
	return e, nil
}

// billed is what a query is billed for that reads so many bytes of tables of so many bytes. A dry run gives one sum of what
// it reads. With m = 10 MiB, S the tables smaller than m, and L the number of the others, which share what S cannot hold:
//
//	|S| x m + max(L x m, read - sum of S), in whole MiB
//
// It is exact where each table of S is read whole and each of the others for at least m, and else a little less than what is
// billed: at most by what of S is not read, and by m for each of the others but one.
func billed(read int64, tables []int64) int64 {
	var small, large int64
	rest := read
	for _, size := range tables {
		if size < leastBilled {
			small++
			rest -= size
		} else {
			large++
		}
	}
	if small+large == 0 || large == 0 && rest > 0 { // something is read that has not been named
		large++
	}
	rest = max(rest, large*leastBilled)
	return small*leastBilled + (rest+billedInUnit-1)/billedInUnit*billedInUnit
}

// sizeOf is how many bytes a table has. That is no job and costs nothing; it is asked for once. What may not be looked at, or is no
// table of a dataset, counts as large.
func (c *Client) sizeOf(ctx context.Context, t *bigquery.Table) (int64, error) {
	name := t.ProjectID + "." + t.DatasetID + "." + t.TableID
	if known, ok := c.sizes.Load(name); ok {
		return known.(int64), nil //nolint:forcetypeassert // nothing else is in it
	}
	size := int64(leastBilled)
	err := c.call(ctx, "look at table "+name, func(ctx context.Context) error {
		md, err := c.bq.DatasetInProject(t.ProjectID, t.DatasetID).Table(t.TableID).Metadata(ctx)
		if err == nil {
			size = md.NumBytes
		}
		return err
	})
	if err != nil && !isDenied(err) && !isStatus(err, http.StatusNotFound) {
		return 0, err
	}
	c.sizes.Store(name, size)
	return size, nil
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
