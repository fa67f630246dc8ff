package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/valyala/fastjson"
)

const maxErrorBody = 1 << 20

// asking is one request with all its attempts.
type asking struct {
	client *Client
	req    Request
	method string
	url    *url.URL
	buf    []byte

	attempts int
	failures int
	limited  int
	unsaid   int // of those, how many did not say for how long
	waited   time.Duration
}

// outcome is what one attempt came to.
type outcome struct {
	resp    *Response
	err     error
	again   bool          // another attempt may succeed
	limited bool          // the server is well and asks to slow down
	after   time.Duration // the wait that it asks for; zero if it does not say
	hint    string
}

func (a *asking) run(ctx context.Context) (*Response, error) {
	c := a.client
	for {
		if err := c.budget.wait(ctx, a.method, a.req.Path); err != nil {
			return nil, err
		}
		if err := c.opts.Allowance.admit(ctx, a.req.Bucket, c.opts.MaxWait-a.waited); err != nil {
			return nil, err
		}
		o := a.attempt(ctx)
		if o.err == nil {
			return o.resp, nil
		}
		if ctx.Err() != nil || !o.again || (a.req.Final != nil && a.req.Final(o.err)) {
			return nil, o.err
		}
		wait, err := a.patience(o)
		if err != nil {
			return nil, err
		}
		if o.limited {
			c.budget.pause(a.method, a.req.Path, c.opts.Clock.Now().Add(wait))
		}
		level := c.log.Debug
		if a.attempts > 2 || wait > 10*time.Second {
			level = c.log.Warn
		}
		level("asking again", "stream", a.req.Stream, "attempt", a.attempts, "wait", wait.Round(time.Millisecond), "error", o.err)
		a.waited += wait
		c.count(a.req.Stream, func(n *Counts) { n.Waited += wait })
		if err := c.opts.Clock.Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// patience gives the wait before the next attempt, or the error if there shall be none.
func (a *asking) patience(o outcome) (time.Duration, error) {
	opts := &a.client.opts
	var tooOften bool
	if o.limited {
		a.limited++
		tooOften = a.limited >= opts.Attempts*limitedPerAttempt
	} else {
		a.failures++
		tooOften = a.failures >= opts.Attempts
	}
	wait := backoff(max(a.failures, 1))
	switch {
	case o.after > 0:
		wait = o.after + backoff(1)/4
	case o.limited && opts.SlowWait > 0:
		wait = opts.SlowWait<<min(a.unsaid, 8) + backoff(1)
		a.unsaid++
	}
	gaveUp := &GaveUpError{Attempts: a.attempts, Waited: a.waited, Last: o.err, Hint: o.hint}
	switch {
	case tooOften:
		return 0, gaveUp
	case a.waited+wait > opts.MaxWait:
		gaveUp.Hint = fmt.Sprintf("the next attempt would be in %s, and a request waits %s at most: run again later", wait.Round(time.Second), opts.MaxWait)
		return 0, gaveUp
	}
	return wait, nil
}

// attempt sends the request once and reads the whole answer, within the deadline of one attempt.
func (a *asking) attempt(parent context.Context) outcome {
	c := a.client
	ctx, cancel := context.WithTimeout(parent, c.opts.Timeout)
	defer cancel()
	req, err := a.request(ctx)
	if err != nil {
		return outcome{err: err}
	}
	a.attempts++
	c.count(a.req.Stream, func(n *Counts) {
		n.Requests++
		if a.attempts > 1 {
			n.Retries++
		}
	})
	resp, err := c.http.Do(req)
	if err != nil {
		return a.noAnswer(parent, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or given up
	c.heed(a.req.Bucket, resp.Header)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		c.spend(a.req, 1)
		return a.refused(resp)
	}
	body, err := a.read(resp, c.opts.MaxBody)
	price := int64(1)
	if a.req.Price != nil && err == nil {
		price = a.req.Price(body)
	}
	c.spend(a.req, price)
	c.count(a.req.Stream, func(n *Counts) { n.Bytes += int64(len(body)) })
	if errors.Is(err, errTooLong) {
		return outcome{err: fmt.Errorf("%s %s: the answer is larger than %d MiB", a.method, a.shown(), c.opts.MaxBody>>20)}
	}
	if err != nil {
		return a.noAnswer(parent, fmt.Errorf("the answer broke off after %d bytes: %w", len(body), err))
	}
	check := a.req.Check
	if check == nil {
		check = validJSON
	}
	if err := check(body); errors.Is(err, ErrSlowDown) {
		return a.slowed(&HTTPError{Method: a.method, URL: a.shown(), Status: resp.StatusCode, Message: err.Error()}, resp.Header, body)
	} else if err != nil {
		return outcome{again: true, err: &malformedError{
			method: a.method, url: a.shown(), contentType: resp.Header.Get("Content-Type"),
			excerpt: excerpt(c.opts.Redactor.String(string(body[:min(len(body), 4*excerptLength)])), 80), err: err,
		}}
	}
	return outcome{resp: &Response{Status: resp.StatusCode, Header: resp.Header, Body: body}}
}

// request makes what is sent in one attempt.
func (a *asking) request(ctx context.Context) (*http.Request, error) {
	opts := &a.client.opts
	var body io.Reader // none must be nil, and not an empty reader
	if a.req.Body != nil {
		body = bytes.NewReader(a.req.Body)
	}
	req, err := http.NewRequestWithContext(ctx, a.method, a.url.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range []http.Header{opts.Header, a.req.Header} {
		for key, values := range h {
			req.Header[key] = values
		}
	}
	req.Header.Set("User-Agent", opts.UserAgent)
	if opts.Authorization != nil {
		value, err := opts.Authorization(ctx)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", value)
	}
	return req, nil
}

// validJSON does not say where the JSON is wrong: the validator's own words quote the body.
func validJSON(body []byte) error {
	if fastjson.ValidateBytes(body) != nil {
		return errNotJSON
	}
	return nil
}

// noAnswer is an attempt that the network or the deadline ended.
func (a *asking) noAnswer(parent context.Context, err error) outcome {
	if cause := parent.Err(); cause != nil {
		return outcome{err: fmt.Errorf("%s %s: %w", a.method, a.shown(), cause)}
	}
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err // the method and the URL are said below
	}
	o := outcome{again: true}
	switch {
	case unreachable(err):
		err = fmt.Errorf("%w: %w", ErrUnreachable, err)
		o.hint = "check the network, the proxy and the base URL"
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("%w: no whole answer within %s", ErrTimeout, a.client.opts.Timeout)
	}
	o.err = fmt.Errorf("%s %s: %w", a.method, a.shown(), err)
	if hint, yes := permanent(err); yes {
		o.again = false
		if hint != "" {
			o.err = fmt.Errorf("%w; %s", o.err, hint)
		}
	}
	return o
}

// refused makes the error of an answer whose status is not 2xx.
func (a *asking) refused(resp *http.Response) outcome {
	c := a.client
	body, _ := a.read(resp, maxErrorBody) // what came of it is enough
	e := &HTTPError{Method: a.method, URL: a.shown(), Status: resp.StatusCode, RequestID: resp.Header.Get("X-Request-Id"), Header: resp.Header}
	if c.opts.Describe != nil {
		c.opts.Describe(e, body)
	}
	// Redacted before it is cut: a cut secret would not be known any more.
	clean := func(s *string) { *s = excerpt(c.opts.Redactor.String(*s), excerptLength) }
	e.Body = string(body)
	for _, s := range []*string{&e.Body, &e.Message, &e.Hint, &e.RequestID} {
		clean(s)
	}
	return a.slowed(e, resp.Header, body)
}

// slowed is the outcome of a refusal: whether to ask again, and when.
func (a *asking) slowed(e *HTTPError, h http.Header, body []byte) outcome {
	c := a.client
	o := outcome{err: e, again: transient(e.Status), limited: e.Status == http.StatusTooManyRequests}
	if c.opts.SlowDown != nil {
		o.after, o.limited = c.opts.SlowDown(e, h, body)
	}
	if e.Slow = o.limited; o.limited {
		o.again = true
		c.count(a.req.Stream, func(n *Counts) { n.Limited++ })
	}
	switch {
	case c.opts.SlowDown != nil && !o.limited:
		o.after = RetryAfter(h, c.opts.Clock.Now(), false)
	case c.opts.SlowDown == nil && o.again:
		var at time.Time
		if c.opts.RetryAt != nil {
			at, _ = c.opts.RetryAt(body)
		}
		o.after = retryAfter(h, at, c.opts.Clock.Now())
	}
	return o
}

var errTooLong = errors.New("too long")

// read reads a body into the buffer, which grows to the largest answer and is kept.
func (a *asking) read(resp *http.Response, limit int64) ([]byte, error) {
	buf := a.buf[:0]
	if n := resp.ContentLength; n > int64(cap(buf)) && n <= limit {
		buf = make([]byte, 0, n+1) // one more, so that the end is seen without growing
	}
	if cap(buf) == 0 {
		buf = make([]byte, 0, 32<<10)
	}
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := resp.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		a.buf = buf
		if int64(len(buf)) > limit {
			return buf, errTooLong
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

// shown is the URL for errors: readable, without user and password.
func (a *asking) shown() string {
	u := *a.url
	u.User = nil
	s := u.Scheme + "://" + u.Host + u.Path
	if q, err := url.QueryUnescape(u.RawQuery); err == nil && q != "" {
		s += "?" + q
	}
	return excerpt(a.client.opts.Redactor.String(s), 300)
}
