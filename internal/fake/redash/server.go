package redash

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The versions that a server may be, as its session tells them.
const (
	V10 = "10.1.0"
	V25 = "25.8.0"
	V26 = "26.08.0-dev"
)

// Versions are all of them.
var Versions = []string{V10, V25, V26}

// DefaultKey is the key of the administrator, who is user 1.
const DefaultKey = "fakeRedashKey0123456789abcdefghijklmnop"

// Request is one request as it came in. Its key is not kept.
type Request struct {
	Method string
	Path   string // less the organisation
	Query  url.Values
	Body   string
	Status int // of the answer, even if it was lost; 0 if the request was failed before it did anything
}

// Write reports whether the request could change something.
func (r Request) Write() bool { return r.Method != http.MethodGet }

type user struct {
	id     int
	name   string
	key    string
	admin  bool
	groups []int
}

// Server answers for one organisation. It is safe for concurrent use.
type Server struct {
	// Answer gives the rows of a query by its text, parameters put in. Without it there is one row: the value "(all)".
	Answer func(sql string) ([]map[string]any, error)
	// NoWorker leaves every run waiting.
	NoWorker bool
	// Locked says that another process holds a DuckDB file: the list of data sources is 500 then, as are runs.
	Locked bool
	// Before is called before each request is answered, with its number, which begins at 1.
	Before func(n int, r Request)

	version string
	org     string

	mu       sync.Mutex
	requests []Request
	fail     map[int]int  // status of a request that is failed, by its number; 0 for none at all
	lose     map[int]bool // the numbers of requests whose answers are lost
	ticks    int
	lastID   map[string]int

	users      []*user
	sources    map[int]*source
	queries    map[int]*query
	visuals    map[int]*visual
	dashboards map[int]*dashboard
	widgets    map[int]*widget
	jobs       map[string]*job
	results    map[int]*result
	settings   object
}

type object = map[string]any

// New makes a server of a version, without any data source.
func New(version string) *Server {
	s := &Server{
		version: version, fail: map[int]int{}, lose: map[int]bool{}, lastID: map[string]int{}, sources: map[int]*source{}, queries: map[int]*query{},
		visuals: map[int]*visual{}, dashboards: map[int]*dashboard{}, widgets: map[int]*widget{}, jobs: map[string]*job{}, results: map[int]*result{},
		settings: object{"date_format": "DD/MM/YY"},
	}
	s.users = []*user{{id: 1, name: "admin", key: DefaultKey, admin: true, groups: []int{1, 2}}}
	return s
}

// WithOrganisation puts every address below /slug, as a server of several organisations does.
func (s *Server) WithOrganisation(slug string) *Server {
	s.org = slug
	return s
}

// AddUser adds one of the default group, and gives its id.
func (s *Server) AddUser(name, key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := &user{id: len(s.users) + 1, name: name, key: key, groups: []int{2}}
	s.users = append(s.users, u)
	return u.id
}

// Requests are all that have come in so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Writes is how many requests could have changed something.
func (s *Server) Writes() int {
	n := 0
	for _, r := range s.Requests() {
		if r.Write() {
			n++
		}
	}
	return n
}

// Forget begins the count of requests anew; it takes away the faults, too.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.fail, s.lose = nil, map[int]int{}, map[int]bool{}
}

// Fail answers the request of a number with a status, and does nothing; with status 0 the connection breaks.
func (s *Server) Fail(n, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail[n] = status
}

// Lose does what the request of a number says, and breaks the connection in place of an answer.
func (s *Server) Lose(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose[n] = true
}

// next is a new id of a kind of object.
func (s *Server) next(kind string) int {
	s.lastID[kind]++
	return s.lastID[kind]
}

// tick is the time of a change: each is later than those before it.
func (s *Server) tick() string {
	s.ticks++
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(s.ticks) * time.Second).Format("2006-01-02T15:04:05.000Z")
}

func (s *Server) major() int {
	n, _ := strconv.Atoi(strings.Split(s.version, ".")[0])
	return n
}

func (u *user) object() object { return object{"id": u.id, "name": u.name} }

func (s *Server) user(id int) *user { return s.users[id-1] }
