package redash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client calls a server with the key of one user.
type Client struct {
	base string // address with the organisation, without a trailing slash
	key  string
	http *http.Client
	// sleep waits between attempts and looks at a job.
	sleep func(ctx context.Context, d time.Duration) error
}

const (
	attempts    = 5 // of a GET
	mostAnswer  = 64 << 20
	mostMessage = 300 // characters of an answer in an error
)

// NewClient makes a client of a server at an address such as https://redash.example.com, or https://redash.example.com/acme where
// there are several organisations.
func NewClient(address, key string) (*Client, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, errors.New("redash: the server's address is none: write one such as https://redash.example.com")
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("redash: the server's address has a password, a query or a fragment: write it without; the key goes into redash.api_key")
	case strings.TrimSpace(key) == "":
		return nil, errors.New("redash: there is no API key: it is on the profile page of the user who is to own the dashboards")
	}
	return &Client{
		base: strings.TrimRight(u.String(), "/"),
		key:  strings.TrimSpace(key),
		http: &http.Client{
			Timeout: 2 * time.Minute,
			// A redirect is an address to be corrected: a POST would become a GET on the way.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		sleep: sleep,
	}, nil
}

// path is that of the server's pages: empty, or that of the organisation.
func (c *Client) path() string {
	u, err := url.Parse(c.base)
	if err != nil {
		return ""
	}
	return u.EscapedPath()
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// StatusError is an answer that is no success.
type StatusError struct {
	Call    string // POST /api/queries
	Status  int
	Message string
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("redash: %s: %d %s", e.Call, e.Status, http.StatusText(e.Status))
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// status is that of an error's answer, 0 if it is none.
func status(err error) int {
	var e *StatusError
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// get reads into out. What can pass by itself (429, 5xx, a broken connection) is tried again.
func (c *Client) get(ctx context.Context, path string, query url.Values, out any) error {
	if query != nil {
		path += "?" + query.Encode()
	}
	for n := 1; ; n++ {
		wait, err := c.send(ctx, http.MethodGet, path, nil, out)
		if err == nil || wait < 0 || n == attempts || ctx.Err() != nil {
			return err
		}
		if wait == 0 {
			wait = time.Second << (n - 1)
		}
		if err := c.sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// post writes once: an answer of 500 may mean that it was done, and mostly means that the body was not understood.
func (c *Client) post(ctx context.Context, path string, body, out any) error {
	_, err := c.send(ctx, http.MethodPost, path, body, out)
	return err
}

// remove deletes, or archives. What has gone already is well.
func (c *Client) remove(ctx context.Context, path string) error {
	_, err := c.send(ctx, http.MethodDelete, path, nil, nil)
	if status(err) == http.StatusNotFound {
		return nil
	}
	return err
}

const longestWait = 2 * time.Minute

// send makes one request. wait is below 0 if trying again is of no use, 0 if the server does not say when.
func (c *Client) send(ctx context.Context, method, path string, body, out any) (wait time.Duration, err error) {
	call := method + " " + path
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return -1, fmt.Errorf("redash: %s: %w", call, err)
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, content)
	if err != nil {
		return -1, fmt.Errorf("redash: %s: %w", call, err)
	}
	req.Header.Set("Authorization", "Key "+c.key)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, fmt.Errorf("redash: %s: %w", call, c.clean(err))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil {
		return 0, fmt.Errorf("redash: %s: read the answer: %w", call, c.clean(err))
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	isJSON := kind == "application/json"
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return -1, fmt.Errorf("redash: %s leads to %s: write the address of the server as it is there", call, c.redact(resp.Header.Get("Location")))
	case resp.StatusCode >= 400:
		failed := &StatusError{Call: call, Status: resp.StatusCode}
		if isJSON {
			failed.Message = c.redact(message(text))
		}
		if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500 {
			return retryAfter(resp.Header), failed
		}
		return -1, failed
	case method == http.MethodDelete:
		return -1, nil
	case !isJSON:
		return -1, fmt.Errorf("redash: %s: the answer is a page and no data (%s): the address is not that of a Redash API, or the server does not have this call", call, kind)
	}
	if out == nil {
		return -1, nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return -1, fmt.Errorf("redash: %s: the answer is not as expected: %w", call, err)
	}
	return -1, nil
}

// retryAfter is how long a server asks to wait, 0 if it does not say.
func retryAfter(h http.Header) time.Duration {
	var seconds int
	if _, err := fmt.Sscanf(h.Get("Retry-After"), "%d", &seconds); err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, longestWait)
}

// message is what an answer says went wrong: at the top, or of a job.
func message(text []byte) string {
	var m struct {
		Message string
		Job     struct{ Error string }
	}
	_ = json.Unmarshal(text, &m) // what is no such object says nothing
	if m.Message == "" {
		m.Message = m.Job.Error
	}
	return short(m.Message)
}

func short(text string) string {
	if r := []rune(text); len(r) > mostMessage {
		return string(r[:mostMessage]) + "…"
	}
	return text
}

// redact takes the key out of a text that came from elsewhere.
func (c *Client) redact(text string) string {
	for _, k := range []string{c.key, url.QueryEscape(c.key)} {
		text = strings.ReplaceAll(text, k, "***")
	}
	return text
}

// clean gives an error of the transport without the address, which whoever wraps it names.
func (c *Client) clean(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if text := err.Error(); c.redact(text) != text {
		return errors.New(c.redact(text))
	}
	return err
}
