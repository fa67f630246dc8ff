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
	Header    http.Header // of every request
	// Authorization gives the value of the header for each attempt: a key may change while a program serves.
	Authorization func(context.Context) (string, error)
	Limits        []Limit // none: the server's answers alone are heeded
	// Allowance is the share of the server's quotas that may be spent; nil is all of it.
	Allowance *Allowance
	// Describe fills Message, Hint and RequestID of a refusal from its body.
	Describe func(e *HTTPError, body []byte)
	// RetryAt finds in the body of a refusal when to ask again.
	RetryAt func(body []byte) (time.Time, bool)
	// SlowDown recognises answers that ask to slow down, and says for how long; zero is an answer that does not say. Nil
	// is a server that does so with 429, for as long as its headers and RetryAt say.
	SlowDown func(e *HTTPError, h http.Header, body []byte) (wait time.Duration, yes bool)
	// SlowWait is the first wait where a server asks to slow down without saying for how long; it doubles.
	SlowWait time.Duration

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
	quotas map[string]Quota
}

// Counts is what a stream has cost so far.
type Counts struct {
	Requests int64 // every attempt
	Retries  int64 // attempts after the first of a request
	Limited  int64 // answers that asked to slow down
	Points   int64 // of the server's quotas, where a request has a price
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
	Path   string // below the base URL; "" is that URL itself
	Query  url.Values
	// Body is JSON that is posted; without one the request is a GET.
	Body   []byte
	Header http.Header // further headers
	// Bucket names the quota that it spends of, where the server has several.
	Bucket string
	// Price reads in an answer of status 2xx how many points of the quota it cost; nil is one.
	Price func(body []byte) int64
	// Check looks at the body of an answer of status 200; an error means that the answer is not what was asked for, and
	// that it is worth asking again; its text must not quote the body. It may keep slices of the body. Nil accepts any
	// JSON value. An error of kind ErrSlowDown is a refusal that came with status 200.
	Check func(body []byte) error
	// Final reports failures for which the caller knows better than to ask the same again; nil is none.
	Final func(error) bool
}

// Response is an answer of status 2xx.
type Response struct {
	Status int
	Header http.Header
	Body   []byte // in the buffer that was given, grown if it had to be
}

// Get asks until there is a good answer, a refusal, or no patience left. The body is read into buf, which may be nil;
// the response's Body is the buffer to give next time. A request with a body is posted; it must be one that may be
// asked twice.
//
// A refusal is an *HTTPError; a request that failed too often a *GaveUpError; a host that cannot be reached is
// ErrUnreachable; the end of the context stops everything at once and gives its error.
func (c *Client) Get(ctx context.Context, req Request, buf []byte) (*Response, error) {
	a := &asking{client: c, req: req, method: http.MethodGet, url: c.url(req), buf: buf}
	if req.Body != nil {
		a.method = http.MethodPost
	}
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
	if req.Path != "" {
		u.Path += "/" + strings.TrimPrefix(req.Path, "/")
	}
	u.RawQuery = req.Query.Encode()
	return &u
}
