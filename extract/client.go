package extract

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// ClientOptions says whom a client talks to and how patiently. Zero values are the defaults.
type ClientOptions struct {
	BaseURL   string // scheme, host and perhaps a path; every request is below it
	UserAgent string
	// Authorization gives the value of the header for each request: a key may change while a program serves.
	Authorization func() (string, error)
	Limits        []Limit // none: the server's answers alone are heeded
	// Describe fills Message, Hint and RequestID of a refusal from its body.
	Describe func(e *HTTPError, body []byte)
	// RetryAt finds in the body of a refusal when to ask again.
	RetryAt func(body []byte) (time.Time, bool)

	Redactor  *Redactor // secrets that are known already; the client registers none by itself but a password in BaseURL
	Logger    *slog.Logger
	Clock     Clock
	Transport http.RoundTripper

	Timeout  time.Duration // of one attempt, the reading of its body included; 1 minute
	Attempts int           // of one request before it fails; 6
	MaxWait  time.Duration // in all between the attempts of one request; 10 minutes
	MaxBody  int64         // bytes of an answer, uncompressed; 64 MiB
}

// Client reads from one host: it keeps to the host's limits, asks again what failed on the way, and lets no secret
// into an error or a log. It is safe for concurrent use.
type Client struct {
	opts   ClientOptions
	base   *url.URL
	http   *http.Client
	budget *budget
	log    *slog.Logger

	mu     sync.Mutex
	counts map[string]Counts
	quotas map[int64]Quota // by limit
}

// Counts is what a stream has cost so far.
type Counts struct {
	Requests int64 // every attempt
	Retries  int64 // attempts after the first of a request
	Limited  int64 // answers 429
	Bytes    int64 // of bodies, uncompressed
	Waited   time.Duration
}

// NewClient checks the base URL; it connects to nothing yet.
func NewClient(opts ClientOptions) (*Client, error) {
	if opts.Redactor == nil {
		opts.Redactor = &Redactor{}
	}
	base, err := url.Parse(opts.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("base URL %q: want http(s)://host", excerpt(opts.Redactor.String(opts.BaseURL), 100))
	}
	if password, ok := base.User.Password(); ok {
		opts.Redactor.Add(password)
	}
	base.Path = strings.TrimSuffix(base.Path, "/")
	base.RawQuery, base.Fragment = "", ""
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Clock == nil {
		opts.Clock = SystemClock{}
	}
	if opts.Transport == nil {
		opts.Transport = newTransport()
	}
	if opts.Timeout == 0 {
		opts.Timeout = defaultTimeout
	}
	if opts.Attempts == 0 {
		opts.Attempts = defaultAttempts
	}
	if opts.MaxWait == 0 {
		opts.MaxWait = defaultMaxWait
	}
	if opts.MaxBody == 0 {
		opts.MaxBody = defaultMaxBody
	}
	return &Client{
		opts:   opts,
		base:   base,
		http:   &http.Client{Transport: opts.Transport, CheckRedirect: checkRedirect},
		budget: newBudget(opts.Clock, opts.Limits),
		log:    slog.New(opts.Redactor.Handler(opts.Logger.Handler())),
		counts: map[string]Counts{},
	}, nil
}

// newTransport is Go's own with few idle connections; it asks for gzip and unpacks it by itself.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   15 * time.Second,
		MaxIdleConnsPerHost:   8,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

func checkRedirect(req *http.Request, via []*http.Request) error {
	from := via[0].URL
	if req.URL.Host != from.Host || req.URL.Scheme != from.Scheme {
		return &crossHostError{from: from.Scheme + "://" + from.Host, to: req.URL.Scheme + "://" + req.URL.Host}
	}
	if len(via) >= 5 {
		return errTooManyRedirects
	}
	return nil
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Logger writes without secrets.
func (c *Client) Logger() *slog.Logger { return c.log }

// Counts gives what a stream has cost since the client was made.
func (c *Client) Counts(stream string) Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[stream]
}

func (c *Client) count(stream string, change func(*Counts)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.counts[stream]
	change(&n)
	c.counts[stream] = n
}

// Request is one question.
type Request struct {
	Stream string // whom it counts for
	Path   string // below the base URL
	Query  url.Values
	// Check looks at the body of an answer of status 200; an error means that the answer is not what was asked for, and
	// that it is worth asking again; its text must not quote the body. It may keep slices of the body. Nil accepts any
	// JSON value.
	Check func(body []byte) error
}

// Response is an answer of status 2xx.
type Response struct {
	Status int
	Header http.Header
	Body   []byte // in the buffer that was given, grown if it had to be
}

// Get asks until there is a good answer, a refusal, or no patience left. The body is read into buf, which may be nil;
// the response's Body is the buffer to give next time.
//
// A refusal is an *HTTPError; a request that failed too often a *GaveUpError; a host that cannot be reached is
// ErrUnreachable; the end of the context stops everything at once and gives its error.
func (c *Client) Get(ctx context.Context, req Request, buf []byte) (*Response, error) {
	a := &asking{client: c, req: req, method: http.MethodGet, url: c.url(req), buf: buf}
	resp, err := a.run(ctx)
	if err != nil {
		if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
			err = fmt.Errorf("%s %s: %w", a.method, a.shown(), cause)
		}
		return nil, c.opts.Redactor.Error(err)
	}
	return resp, nil
}

func (c *Client) url(req Request) *url.URL {
	u := *c.base
	u.Path += "/" + strings.TrimPrefix(req.Path, "/")
	u.RawQuery = req.Query.Encode()
	return &u
}
