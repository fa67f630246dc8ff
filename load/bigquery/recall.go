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

// question names a question that only the rows of some ledgers decide: it is made of the question, of what has landed in
// them, and of the day, since BigQuery keeps answers for about that long.
func (s *Store) question(tables []string, sql string, more ...string) string {
	s.mu.Lock()
	at := s.run.At
	s.mu.Unlock()
	if at.IsZero() {
		at = time.Now()
	}
	return jobID(s.c.opts.Dataset, "read", at.UTC().Format("20060102"), s.mark(tables...), digest(append(more, sql)...))
}

// recall asks what only the rows of some ledgers decide. What was asked before, and would be answered alike, is read from
// the job that answered it, which is neither a query nor another job.
func (s *Store) recall(ctx context.Context, doing string, tables []string, sql string, labels map[string]string) (*load.Rows, error) {
	id := s.question(tables, sql)
	if rows, err := s.c.answered(ctx, doing, id); err == nil {
		return rows, nil
	}
	return s.c.ask(ctx, doing, id, s.c.Raw(), sql, nil, labels)
}

// answered gives the answer of a job that has been asked.
func (c *Client) answered(ctx context.Context, doing, id string) (*load.Rows, error) {
	var job *bigquery.Job
	err := c.insist(ctx, doing, func(ctx context.Context) (err error) {
		job, err = c.bq.JobFromIDLocation(ctx, id+"-1", c.opts.Location)
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

// ask runs one SELECT under an id that makes it one job, and reads its answer. A job that was asked before, and has failed or
// forgotten its answer, cannot be asked again under its id: then it is another.
func (c *Client) ask(ctx context.Context, doing, id, dataset, sql string, args []any, labels map[string]string) (rows *load.Rows, err error) {
	for _, id := range []string{id, id + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)} {
		var job *bigquery.Job
		job, err = c.run(ctx, doing, id, func(ctx context.Context, id string) (*bigquery.Job, error) {
			q := c.selects(dataset, sql, args, labels)
			q.JobID = id
			return q.Run(ctx)
		})
		if err == nil {
			rows, err = c.rows(ctx, doing, job)
		}
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	return rows, err
}
