package bigquery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"google.golang.org/api/googleapi"
)

// quotaFor is how long one thing is waited for that is too much for BigQuery now. Quotas of a day come back by and by: what
// is not back by then is an error.
var quotaFor = 10 * time.Minute

// quotas are the reasons by which BigQuery says that something is too much for now
// (https://cloud.google.com/bigquery/docs/troubleshoot-quotas), and with how many pauses the waiting begins: limits of
// seconds, and longer ones.
var quotas = map[string]time.Duration{
	"rateLimitExceeded": 1, "jobRateLimitExceeded": 1, "userRateLimitExceeded": 1,
	"quotaExceeded": 30, "dailyLimitExceeded": 30,
}

// longestWait is that between two attempts, in pauses.
const longestWait = 120

// quotaOf is the reason of an error that says that something is too much for now, or nothing.
func quotaOf(err error) string {
	_, reason, code := parts(err)
	switch {
	case reason == "dailyLimitExceeded":
		return "quotaExceeded"
	case quotas[reason] > 0:
		return reason
	case code == http.StatusTooManyRequests:
		return "rateLimitExceeded"
	}
	return ""
}

// inVain are the reasons for which it was waited as long as it may be, and when one was last heard: until it is not heard
// for that long nobody waits for it again, or each of many streams would.
type inVain struct {
	mu sync.Mutex
	at map[string]time.Time
}

// give notes a reason that waiting did not help against.
func (v *inVain) give(reason string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.at == nil {
		v.at = map[string]time.Time{}
	}
	v.at[reason] = time.Now()
}

func (v *inVain) has(reason string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	at, ok := v.at[reason]
	if ok = ok && time.Since(at) < quotaFor; ok {
		v.at[reason] = time.Now()
	}
	return ok
}

// tries are the attempts at one thing.
type tries struct {
	c      *Client
	doing  string
	failed int           // for reasons that pass by themselves
	last   time.Duration // wait for a quota
	waited time.Duration // for quotas, in all
}

// again waits until something is to be tried again, and reports whether it is: where the error passes by itself, a few
// times; where it is too much for now, as long as that may take.
func (t *tries) again(ctx context.Context, err error, passes func(error) bool) bool {
	if ctx.Err() != nil {
		return false
	}
	var wait time.Duration
	if reason := quotaOf(err); reason != "" {
		if wait = t.forQuota(ctx, reason); wait == 0 {
			return false
		}
		t.c.opts.Log.Warn("BigQuery has no quota for this now: waiting", "doing", t.doing, "wait", wait.String(), "reason", reason, "error", err)
	} else {
		if t.failed++; t.failed == attempts || !passes(err) {
			return false
		}
		wait = pause << (t.failed - 1)
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// forQuota is how long to wait for a quota, or 0 if that is no use.
func (t *tries) forQuota(ctx context.Context, reason string) time.Duration {
	wait := min(max(2*t.last, quotas[reason]*pause), longestWait*pause)
	if t.c.inVain.has(reason) {
		return 0
	}
	if until, ok := ctx.Deadline(); ok && time.Until(until) < wait {
		return 0
	}
	if t.waited+wait > quotaFor {
		t.c.inVain.give(reason)
		return 0
	}
	t.last = wait
	t.waited += wait
	return wait
}

// refusal is an answer that says that something is too much for now. It is no error of the client library's, which would
// wait for those by itself, by its own rules, and in silence.
type refusal struct {
	code            int
	reason, message string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d: %s, %s", r.code, r.message, r.reason) }

// patient is the key of contexts whose requests are tried again by this package.
type patient struct{}

// listener hears which answers say that something is too much for now, before the client library does. What is not tried
// again by this package is by the library, and is said here.
type listener struct {
	base http.RoundTripper
	log  *slog.Logger
}

// mostOfError is how much is read of an answer that is an error, in bytes.
const mostOfError = 1 << 20

// RoundTrip makes a request.
func (l listener) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := l.base.RoundTrip(r)
	if err != nil || res.StatusCode < 400 || res.StatusCode >= 500 {
		return res, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, mostOfError))
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return nil, err
	}
	heard := *res
	heard.Body, res.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
	answer := googleapi.CheckResponse(&heard)
	var api *googleapi.Error
	reason := quotaOf(answer)
	if reason == "" || !errors.As(answer, &api) {
		return res, nil
	}
	if r.Context().Value(patient{}) != nil {
		return nil, &refusal{api.Code, reason, api.Message}
	}
	l.log.Warn("BigQuery has no quota for this now", "reason", reason, "error", answer)
	return res, nil
}
