package incidentio

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// DefaultKey is the secret of the key that a server has when none is given: it may see everything.
const DefaultKey = "inc_fake_0123456789"

// Key is an API key of the organisation. It carries every scope but those in Without; private incidents show only if
// Roles has global_access.
type Key struct {
	Name    string
	Secret  string
	Roles   []string
	Without []string // scopes that it lacks, as api.json names them: users.view
}

func (k *Key) global() bool { return slices.Contains(k.Roles, "global_access") }

// Request is one request as it came in. The key is known by its name; its secret is not kept.
type Request struct {
	Method    string
	Path      string
	Query     url.Values
	Time      time.Time
	Key       string // name of the key; empty if none or a wrong one was given
	UserAgent string
}

// Server answers for one organisation. It is safe for concurrent use.
type Server struct {
	org        *Organisation
	keys       []*Key
	clock      func() time.Time
	unlimited  bool
	noTotals   bool
	retryAfter *int

	mu       sync.Mutex
	buckets  map[string]*bucket
	requests []Request
	counts   map[string]int
	serial   int
	faults   []*Injected
	before   map[string]string // the cursor that came before a cursor, by path and filters
	lastID   uint64

	generated *prePaged // answers the long lists instead of the organisation
}

// Option changes a new server.
type Option func(*Server)

// WithKeys replaces DefaultKey.
func WithKeys(keys ...Key) Option {
	return func(s *Server) {
		s.keys = nil
		for _, k := range keys {
			s.keys = append(s.keys, &k)
		}
	}
}

// WithClock sets the clock of rate limits, of running durations and of changes made through the server.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.clock = now } }

// WithoutLimits turns the rate limits off, and with them their headers.
func WithoutLimits() Option { return func(s *Server) { s.unlimited = true } }

// WithRetryAfter sets the seconds of Retry-After that a rate limit answers, whatever the true wait is.
func WithRetryAfter(seconds int) Option { return func(s *Server) { s.retryAfter = &seconds } }

// WithoutTotals leaves out total_record_count, which is optional.
func WithoutTotals() Option { return func(s *Server) { s.noTotals = true } }

// NewServer serves an organisation, with the documented limits and DefaultKey unless the options say otherwise.
func NewServer(org *Organisation, opts ...Option) *Server {
	s := &Server{
		org: org, clock: time.Now, buckets: map[string]*bucket{}, counts: map[string]int{}, before: map[string]string{},
		keys: []*Key{{Name: "fourfold", Secret: DefaultKey, Roles: []string{"viewer", "catalog_viewer", "global_access"}}},
	}
	for _, o := range opts {
		o(s)
	}
	return s
}

// Start serves on a free port of the loopback interface. stop ends every request, slow ones too, and closes the port.
// It panics if no port can be opened.
func (s *Server) Start() (baseURL string, stop func()) {
	baseURL, stop, err := s.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return baseURL, stop
}

// Listen is Start on an address of choice.
func (s *Server) Listen(address string) (baseURL string, stop func(), err error) {
	return Serve(s, address)
}

// Serve serves any handler of this package on an address; port 0 takes a free one.
func Serve(h http.Handler, address string) (baseURL string, stop func(), err error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		return "", nil, fmt.Errorf("incidentio fake: listen on %s: %w", address, err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // ends with ErrServerClosed
	}()
	return "http://" + l.Addr().String(), func() { _ = server.Close(); <-done }, nil
}

// ServeHTTP answers one request: path, key, limit, faults, scope, parameters, in this order.
func (s *Server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	now := s.clock()
	key, keyErr := s.authenticate(req.Header.Get("Authorization"))
	e, params := description().route(req.URL.Path)
	requestID := s.record(req, e, key, now)
	fail := func(err *apiError) { s.fail(w, err, requestID) }
	switch {
	case e == nil:
		fail(notFound("The path " + req.URL.Path))
		return
	case req.Method != e.Method:
		w.Header().Set("Allow", e.Method)
		fail(methodNotAllowed(req.Method, e.Path))
		return
	case keyErr != nil:
		fail(keyErr)
		return
	}
	if err := s.take(w.Header(), key, e, now); err != nil {
		fail(err)
		return
	}
	fault, answered := s.meetFault(w, req, requestID)
	if answered {
		return
	}
	body, err := s.answer(&call{server: s, endpoint: e, params: params, key: key, now: now}, req, fault)
	switch {
	case err != nil:
		fail(err)
	case fault != nil && fault.send != nil:
		fault.send(w, body)
	default:
		writeJSON(w, http.StatusOK, body)
	}
}

// answer checks scope and parameters and builds the text to send. The organisation stands still meanwhile.
func (s *Server) answer(c *call, req *http.Request, fault *Fault) ([]byte, *apiError) {
	for _, scope := range c.endpoint.Permission {
		if slices.Contains(c.key.Without, scope) {
			return nil, forbidden(scope)
		}
	}
	given := req.URL.Query()
	if fault != nil && fault.repeat {
		s.stepBack(c.endpoint, given)
	}
	q, err := checkQuery(c.endpoint, given)
	if err != nil {
		return nil, err
	}
	c.query = q
	if s.generated != nil {
		if body, ok, err := s.generated.answer(c); ok {
			return body, err
		}
	}
	s.org.mu.RLock()
	defer s.org.mu.RUnlock()
	c.renderer = newRenderer(s.org, c.now)
	answer, err := c.answer()
	if err != nil {
		return nil, err
	}
	s.remember(c.endpoint, given, answer)
	if fault != nil && fault.edit != nil {
		answer = plain(answer)
		fault.edit(answer, c.endpoint.Response.Key)
	}
	body, jsonErr := json.Marshal(answer)
	if jsonErr != nil {
		return nil, serverError(http.StatusInternalServerError)
	}
	return body, nil
}

func (s *Server) authenticate(header string) (*Key, *apiError) {
	secret, ok := strings.CutPrefix(header, "Bearer ")
	if !ok || strings.TrimSpace(secret) == "" {
		return nil, unauthorised("missing_authorization_material", "No API key: send the header Authorization: Bearer <key>.")
	}
	for _, k := range s.keys {
		if k.Secret == secret {
			return k, nil
		}
	}
	return nil, unauthorised("invalid_authorization_material", "The API key is not known.")
}

// record notes a request. Generated organisations are read by the hundred thousand requests: those are only counted.
func (s *Server) record(req *http.Request, e *endpoint, key *Key, now time.Time) (requestID string) {
	r := Request{Method: req.Method, Path: req.URL.Path, Query: req.URL.Query(), Time: now, UserAgent: req.UserAgent()}
	if key != nil {
		r.Key = key.Name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	if s.generated != nil && e != nil {
		s.counts[e.Path]++
	} else {
		s.counts[r.Path]++
		s.requests = append(s.requests, r)
	}
	return fmt.Sprintf("00000000-0000-4000-8000-%012x", s.serial)
}

// Requests gives all requests since the start or the last ResetRequests, in the order in which they came. A pre-paged
// server keeps none.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Counts gives the number of requests per path since then; of a pre-paged server, per path of the description
// (/v2/incidents/{id}).
func (s *Server) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// ResetRequests forgets the requests.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.counts = nil, map[string]int{}
}

func (s *Server) fail(w http.ResponseWriter, err *apiError, requestID string) {
	if err.retryAfter != "" {
		w.Header().Set("Retry-After", err.retryAfter)
	}
	body, _ := json.Marshal(err.body(requestID)) // strings and numbers only
	writeJSON(w, err.status, body)
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have gone
}
