package bigquery

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"cloud.google.com/go/bigquery"

	"fourfold/load"
)

// mark says in short what has landed in some ledgers: of two that are alike the ledgers are, too.
func (s *Store) mark(tables ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return markOf(s.cursors, tables...)
}

// markOf is the mark of some ledgers; of none, of all.
func markOf(cursors map[string]*cursor, tables ...string) string {
	var parts []string
	for _, stream := range slices.Sorted(maps.Keys(cursors)) {
		c := cursors[stream]
		if c.landed+c.aside > 0 && (len(tables) == 0 || slices.Contains(tables, c.table) || c.aside > 0 && slices.Contains(tables, rejectedTable)) {
			parts = append(parts, stream, strconv.FormatInt(c.landed, 10), strconv.FormatInt(c.aside, 10), strconv.FormatInt(c.landedAt.UnixMicro(), 10))
		}
	}
	return digest(parts...)
}

// recall asks what only the rows of some ledgers decide. The job's id is made of the question, of what has landed in them,
// and of the day: what was asked before, and would be answered alike, is read from the job that answered it, which is
// neither a query nor another job. BigQuery keeps answers for about a day.
func (s *Store) recall(ctx context.Context, doing string, tables []string, sql string, args []any, labels map[string]string) (*load.Rows, error) {
	s.mu.Lock()
	at := s.run.At
	s.mu.Unlock()
	if at.IsZero() {
		at = time.Now()
	}
	id := jobID(s.c.opts.Dataset, "read", at.UTC().Format("20060102"), s.mark(tables...), digest(sql, fmt.Sprint(args...)))
	if rows, err := s.c.answered(ctx, doing, id+"-1"); err == nil {
		return rows, nil
	}
	rows, err := s.c.ask(ctx, doing, id, s.c.Raw(), sql, args, labels)
	if err != nil && ctx.Err() == nil {
		// What answered it before, and has forgotten the answer or failed, cannot be asked again under its id.
		rows, err = s.c.ask(ctx, doing, id+"-"+strconv.FormatInt(time.Now().UnixNano(), 36), s.c.Raw(), sql, args, labels)
	}
	return rows, err
}

// answered gives the answer of a job that has been.
func (c *Client) answered(ctx context.Context, doing, id string) (*load.Rows, error) {
	var job *bigquery.Job
	err := c.insist(ctx, func(ctx context.Context) (err error) {
		job, err = c.bq.JobFromIDLocation(ctx, id, c.opts.Location)
		return err
	})
	if err != nil {
		return nil, err
	}
	if status := job.LastStatus(); status == nil || !status.Done() || status.Err() != nil {
		return nil, fmt.Errorf("bigquery: job %s has no answer", id)
	}
	return c.rows(ctx, doing, job)
}

// ask runs one SELECT under an id that makes it one job, and reads its answer.
func (c *Client) ask(ctx context.Context, doing, id, dataset, sql string, args []any, labels map[string]string) (*load.Rows, error) {
	job, err := c.run(ctx, doing, id, func(ctx context.Context, id string) (*bigquery.Job, error) {
		q := c.selects(dataset, sql, args, labels)
		q.JobID = id
		return q.Run(ctx)
	})
	if err != nil {
		return nil, err
	}
	return c.rows(ctx, doing, job)
}
