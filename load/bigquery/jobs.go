package bigquery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
)

// attempts is how often a job that failed for a reason that passes is asked for.
const attempts = 5

// pause is what the wait before the next attempt begins with; it doubles.
var pause = time.Second

// notInID is what a job's id may not have.
var notInID = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// jobID makes an id of what a job does. Equal parts are the same job.
func jobID(parts ...string) string {
	return notInID.ReplaceAllString("fourfold-"+strings.Join(parts, "-"), "_")
}

// start asks for a job under the id that it is given. It is called again after an answer that was lost.
type start func(ctx context.Context, id string) (*bigquery.Job, error)

// run runs a job to its end. A job whose answer is lost is asked for again under the same id, and is the same job; one that
// failed for a reason that passes is asked for again under the next, and so is one that somebody has asked for before, who
// may have mended since what it failed for.
func (c *Client) run(ctx context.Context, doing, id string, begin start) (*bigquery.Job, error) {
	tries := &tries{c: c, doing: doing}
	for n := 1; ; n++ {
		job, before, err := c.attempt(ctx, doing, fmt.Sprintf("%s-%d", id, n), begin)
		switch {
		case err == nil:
			return job, nil
		case before && ctx.Err() == nil:
		case tries.again(ctx, err, passes):
		case ctx.Err() != nil:
			return nil, fmt.Errorf("bigquery: %s: %w", doing, ctx.Err())
		default:
			return nil, c.explain(doing, err)
		}
	}
}

// attempt runs a job under an id. It reports whether the job had been asked for before, and failed.
func (c *Client) attempt(ctx context.Context, doing, id string, begin start) (job *bigquery.Job, before bool, err error) {
	found := false
	err = c.insist(ctx, doing, func(ctx context.Context) (err error) {
		job, err = begin(ctx, id)
		if isStatus(err, http.StatusConflict) { // it was heard, and the answer was lost
			found = true
			job, err = c.bq.JobFromIDLocation(ctx, id, c.opts.Location)
		}
		return err
	})
	if err != nil {
		return nil, false, err
	}
	status := job.LastStatus()
	for wait := 20 * time.Millisecond; status == nil || !status.Done(); wait = min(2*wait, 2*time.Second) {
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-time.After(wait):
		}
		err := c.insist(ctx, doing, func(ctx context.Context) (err error) {
			status, err = job.Status(ctx)
			return err
		})
		if err != nil {
			return nil, false, err
		}
	}
	if err := status.Err(); err != nil {
		return nil, found, err
	}
	return job, false, nil
}

// insist makes a request of which a second is as good as the first, and again where its answer was lost on the way, or was
// that it is too much for now.
func (c *Client) insist(ctx context.Context, doing string, f func(context.Context) error) error {
	tries := &tries{c: c, doing: doing}
	for {
		err := func() error {
			bounded, cancel := context.WithTimeout(context.WithValue(ctx, patient{}, true), patience)
			defer cancel()
			return f(bounded)
		}()
		var said *refusal
		if errors.As(err, &said) { // without the address
			err = said
		}
		if err == nil || !tries.again(ctx, err, lost) {
			return err
		}
	}
}

// lost reports whether nobody knows what became of a request.
func lost(err error) bool {
	var api *googleapi.Error
	if errors.As(err, &api) {
		return api.Code >= 500
	}
	var job *bigquery.Error
	return !errors.As(err, &job) && !errors.Is(err, context.Canceled)
}

// passing are the reasons of failed jobs and requests that pass by themselves, beside quotas
// (https://cloud.google.com/bigquery/docs/error-messages).
var passing = map[string]bool{"backendError": true, "internalError": true, "jobBackendError": true, "jobInternalError": true}

// passes reports whether the same job may succeed if it is asked for again.
func passes(err error) bool {
	var job *bigquery.Error
	if errors.As(err, &job) {
		return passing[job.Reason] || isCancelledByConflict(job.Message)
	}
	var api *googleapi.Error
	if errors.As(err, &api) {
		return api.Code >= 500 || len(api.Errors) > 0 && passing[api.Errors[0].Reason] || isCancelledByConflict(api.Message)
	}
	return false
}

// isCancelledByConflict reports whether a transaction was ended by another on the same tables.
func isCancelledByConflict(message string) bool {
	return strings.Contains(message, "Transaction is aborted due to concurrent update") || strings.Contains(message, "Could not serialize access to table")
}

// labels are those of a job: the configured ones, and what the job is for.
func (c *Client) labels(more map[string]string) map[string]string {
	out := maps.Clone(c.opts.Labels)
	if out == nil {
		out = map[string]string{}
	}
	for k, v := range more {
		out[k] = labelValue(v)
	}
	return out
}

var notInLabel = regexp.MustCompile(`[^a-z0-9_-]+`)

// labelValue makes text one that a label may have: lower case, 63 characters.
func labelValue(text string) string {
	text = notInLabel.ReplaceAllString(strings.ToLower(text), "_")
	return text[:min(len(text), 63)]
}

// script runs statements to their end, under an id that makes them one job.
func (c *Client) script(ctx context.Context, doing, id, sql string, labels map[string]string) (*bigquery.Job, error) {
	return c.run(ctx, doing, id, func(ctx context.Context, id string) (*bigquery.Job, error) {
		q := c.bq.Query(sql)
		q.JobID, q.Location, q.Labels, q.MaxBytesBilled = id, c.opts.Location, c.labels(labels), c.opts.MaxBytesBilled
		return q.Run(ctx)
	})
}
