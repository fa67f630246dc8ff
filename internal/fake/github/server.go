package github

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one request as it came in. The token is known by its name; its secret is not kept.
type Request struct {
	Method     string
	Path       string
	Query      url.Values
	Header     http.Header // without Authorization and Cookie
	Time       time.Time
	Token      string // name of the token; empty if none or a wrong one was given
	Endpoint   string // GET /repos/{owner}/{repo}/deployments, POST /graphql, git fetch
	Repository string // of REST and git, as it was asked for
	Operation  string // name of a GraphQL operation
	GraphQL    string // text of a GraphQL query
	Variables  map[string]any
	Cost       int // points
	Status     int // 0 while it is under way, or if its connection was dropped
}

// Server answers for one organisation: REST at /, GraphQL at /graphql, git at /owner/name.git. It is safe for
// concurrent use.
type Server struct {
	org         *Organisation
	clock       func() time.Time
	app         *App
	limits      Limits
	bursts      SecondaryLimits
	limitStatus int
	retryAfter  *int
	subsetOnly  bool
	drafts      bool
	gitDir      string // where the repositories are written
	ownGitDir   bool

	mu         sync.Mutex
	principals map[string]*principal // by secret
	buckets    map[string]*bucket
	minutes    map[string]*minute
	points     map[string]int
	requests   []*Request
	counts     map[string]int
	faults     []*Injected
	serial     int
	open       int
}

// Option changes a new server.
type Option func(*Server)

// WithTokens replaces DefaultToken.
func WithTokens(tokens ...Token) Option {
	return func(s *Server) {
		s.principals = map[string]*principal{}
		for _, t := range tokens {
			s.principals[t.Secret] = &principal{name: t.Name, secret: t.Secret, grants: t.Grants}
		}
	}
}

// WithApp installs an app.
func WithApp(a App) Option { return func(s *Server) { s.app = &a } }

// WithClock sets the clock of limits and tokens.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.clock = now } }

// WithLimits replaces DocumentedLimits.
func WithLimits(l Limits) Option { return func(s *Server) { s.limits = l } }

// WithoutLimits turns the limits off, as an own server may: no headers, rateLimit is null, /rate_limit is a 404.
func WithoutLimits() Option { return WithLimits(Limits{}) }

// WithSecondaryLimits turns the limits against bursts on.
func WithSecondaryLimits(l SecondaryLimits) Option { return func(s *Server) { s.bursts = l } }

// WithLimitStatus sets what the REST API answers beyond a limit: 403, which is the default, or 429.
func WithLimitStatus(status int) Option { return func(s *Server) { s.limitStatus = status } }

// WithRetryAfter sets the seconds of Retry-After beyond a secondary limit; negative: the header is missing.
func WithRetryAfter(seconds int) Option { return func(s *Server) { s.retryAfter = &seconds } }

// WithSubsetOnly serves GraphQL without the fields of graphql_additions.graphql, as an older server does.
func WithSubsetOnly() Option { return func(s *Server) { s.subsetOnly = true } }

// WithDrafts lists releases that are drafts, too, as GitHub does for a token that may push.
func WithDrafts() Option { return func(s *Server) { s.drafts = true } }

// WithGitDir says where the bare repositories go; else they are in a temporary folder until Close.
func WithGitDir(dir string) Option { return func(s *Server) { s.gitDir = dir } }

// NewServer serves an organisation, with the documented limits and DefaultToken unless the options say otherwise.
func NewServer(org *Organisation, opts ...Option) *Server {
	s := &Server{
		org: org, clock: time.Now, limits: DocumentedLimits, limitStatus: http.StatusForbidden,
		principals: map[string]*principal{DefaultToken: {name: "fourfold", secret: DefaultToken}},
		buckets:    map[string]*bucket{}, minutes: map[string]*minute{}, points: map[string]int{}, counts: map[string]int{},
	}
	for _, o := range opts {
		o(s)
	}
	return s
}

// Organisation gives what the server serves; change it within its Edit.
func (s *Server) Organisation() *Organisation { return s.org }

// Close removes the temporary folder of the repositories, if there is one.
func (s *Server) Close() {
	s.org.mu.Lock()
	defer s.org.mu.Unlock()
	if s.ownGitDir {
		_ = os.RemoveAll(s.gitDir) // a temporary folder
		s.gitDir, s.ownGitDir = "", false
	}
}

// Start serves on a free port of the loopback interface. stop ends every request, slow ones too, closes the port and the
// server. It panics if no port can be opened.
func (s *Server) Start() (baseURL string, stop func()) {
	baseURL, stop, err := s.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return baseURL, stop
}

// Listen is Start on an address of choice. The API is at baseURL + "/", GraphQL at + "/graphql", git at + "/".
func (s *Server) Listen(address string) (baseURL string, stop func(), err error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		return "", nil, fmt.Errorf("github fake: listen on %s: %w", address, err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // ends with ErrServerClosed
	}()
	return "http://" + l.Addr().String(), func() { _ = server.Close(); <-done; s.Close() }, nil
}

// ServeHTTP answers one request: who it is, bursts, points, faults, then the API's own rules.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := s.clock()
	s.mu.Lock()
	s.open++
	s.serial++
	id := fmt.Sprintf("F0F0:%06X:%06X:%08X", s.serial, 4*s.serial, now.Unix())
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.open--
		s.mu.Unlock()
	}()
	w.Header().Set("X-GitHub-Request-Id", id)
	x := &exchange{server: s, w: &watched{ResponseWriter: w}, r: r, now: now, id: id, note: &Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header.Clone(), Time: now,
	}}
	x.note.Header.Del("Authorization")
	x.note.Header.Del("Cookie")
	defer func() { x.noted(func(n *Request) { n.Status = x.w.status }) }()
	p, err := s.authenticate(r, now)
	x.who = p
	if p != nil {
		x.note.Token = p.name
	}
	switch {
	case isGit(r.URL.Path):
		x.git(err)
	case r.URL.Path == "/graphql":
		x.graphql(err)
	default:
		x.rest(err)
	}
}

// exchange is one request on its way to an answer.
type exchange struct {
	server *Server
	w      *watched
	r      *http.Request
	who    *principal
	now    time.Time
	id     string
	note   *Request
}

func (x *exchange) fail(err *apiError) { err.write(x.w) }

// watched remembers the status that was sent.
type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// record keeps the request, once its endpoint is known.
func (x *exchange) record() {
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	x.server.requests = append(x.server.requests, x.note)
	x.server.counts[x.note.Endpoint]++
}

// noted changes what was recorded.
func (x *exchange) noted(f func(*Request)) {
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	f(x.note)
}

// Requests gives all requests since the start or the last ResetRequests, in the order in which they came.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, 0, len(s.requests))
	for _, r := range s.requests {
		out = append(out, *r)
	}
	return out
}

// Counts gives the number of requests per endpoint since then: "GET /repos/{owner}/{repo}/deployments", "POST /graphql",
// "git refs", "git fetch".
func (s *Server) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// Points gives the points that were spent since then, by bucket: core and graphql. Git costs none.
func (s *Server) Points() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]int{"core": s.points["core"], "graphql": s.points["graphql"]}
}

// ResetRequests forgets the requests and the sums of points; what is left of the token's hour stays.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.counts, s.points = nil, map[string]int{}, map[string]int{}
}

// repositoryIn finds a repository by its full name, if the principal may know of it.
func (x *exchange) repositoryIn(fullName string) *Repository {
	r := x.server.org.Repository(fullName)
	if r == nil || !x.who.sees(r) {
		return nil
	}
	return r
}

// visible lists the repositories of an owner, or all, that the principal may know of.
func (x *exchange) visible(owner string) []*Repository {
	var out []*Repository
	for _, r := range x.server.org.Repositories {
		if x.who.sees(r) && (owner == "" || strings.EqualFold(owner, r.Owner.Login)) {
			out = append(out, r)
		}
	}
	return slices.Clip(out)
}
