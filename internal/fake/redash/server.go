package redash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
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

// reply is an answer: a value as JSON, or a page.
type reply struct {
	status int
	body   any
	page   bool
}

// page is what a GET of an address that there is not gives.
const page = "<!DOCTYPE html><html><head><title>Redash</title></head><body><div id=\"application-root\"></div></body></html>"

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

func problem(status int, message string) reply {
	return reply{status: status, body: object{"message": message}}
}

// broken is the answer to almost anything malformed.
func broken() reply { return problem(http.StatusInternalServerError, "Internal Server Error") }

func notFound() reply { return problem(http.StatusNotFound, "Not Found") }

func forbidden() reply {
	return problem(http.StatusForbidden, "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server.")
}

func stale() reply { return problem(http.StatusConflict, "Conflict") }

// call is a request while it is answered.
type call struct {
	method string
	path   []string // below /api
	query  url.Values
	raw    []byte
	body   object
	user   *user
}

// has says whether the body has all of some keys.
func (c *call) has(keys ...string) bool {
	return !slices.ContainsFunc(keys, func(k string) bool { _, found := c.body[k]; return !found })
}

// only says whether the body has none but some keys.
func (c *call) only(keys ...string) bool {
	for k := range c.body {
		if !slices.Contains(keys, k) {
			return false
		}
	}
	return true
}

func (c *call) id() (int, bool) {
	n, err := strconv.Atoi(c.path[1])
	return n, err == nil
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	path := r.URL.Path
	if s.org != "" {
		rest, found := strings.CutPrefix(path, "/"+s.org+"/")
		if !found {
			http.NotFound(w, r)
			return
		}
		path = "/" + rest
	}
	s.mu.Lock()
	n := len(s.requests) + 1
	req := Request{Method: r.Method, Path: path, Query: r.URL.Query(), Body: string(raw)}
	req.Query.Del("api_key")
	s.requests = append(s.requests, req)
	status, failed := s.fail[n]
	lost, before := s.lose[n], s.Before
	s.mu.Unlock()
	if before != nil {
		before(n, req)
	}
	var out reply
	if failed {
		out = problem(status, http.StatusText(status))
		lost = status == 0
	} else {
		s.mu.Lock()
		out = s.answer(r, path, raw)
		s.requests[n-1].Status = out.status
		s.mu.Unlock()
	}
	if lost {
		panic(http.ErrAbortHandler)
	}
	http.SetCookie(w, &http.Cookie{Name: "csrf_token", Value: "ignored"})
	if out.page {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, page)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(out.status)
	_ = json.NewEncoder(w).Encode(out.body)
}

func (s *Server) answer(r *http.Request, path string, raw []byte) reply {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if parts[0] != "api" || len(parts) < 2 {
		if r.Method == http.MethodGet {
			return reply{status: http.StatusOK, page: true}
		}
		return problem(http.StatusMethodNotAllowed, "Method Not Allowed")
	}
	key := strings.TrimPrefix(r.Header.Get("Authorization"), "Key ")
	if key == "" {
		key = r.URL.Query().Get("api_key")
	}
	i := slices.IndexFunc(s.users, func(u *user) bool { return u.key == key })
	if i < 0 {
		return problem(http.StatusNotFound, "Couldn't find resource. Please login and try again.")
	}
	c := &call{method: r.Method, path: parts[1:], query: r.URL.Query(), raw: raw, user: s.users[i]}
	handle := s.route(c)
	switch {
	case handle == nil && r.Method == http.MethodGet:
		return reply{status: http.StatusOK, page: true}
	case handle == nil:
		return problem(http.StatusMethodNotAllowed, "Method Not Allowed")
	}
	if r.Method == http.MethodPost {
		c.body = object{}
		if len(raw) > 0 {
			if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&c.body); err != nil || c.body == nil {
				return broken()
			}
		}
	}
	return handle(c)
}

// route finds what answers a request; nil for none.
func (s *Server) route(c *call) func(*call) reply {
	pattern := slices.Clone(c.path)
	for i := range pattern {
		if i == 1 && pattern[0] != "session" && (pattern[1] != "tags" && pattern[1] != "types" && pattern[1] != "my" && pattern[1] != "organization") {
			pattern[i] = "*"
		}
	}
	return map[string]func(*call) reply{
		"GET session":                s.session,
		"GET data_sources":           s.listSources,
		"GET data_sources/types":     s.sourceTypes,
		"POST data_sources":          s.createSource,
		"POST data_sources/*":        s.updateSource,
		"POST data_sources/*/test":   s.testSource,
		"GET queries":                s.listQueries,
		"GET queries/tags":           s.queryTags,
		"POST queries":               s.createQuery,
		"GET queries/*":              s.getQuery,
		"POST queries/*":             s.updateQuery,
		"DELETE queries/*":           s.archiveQuery,
		"POST queries/*/results":     s.runQuery,
		"POST queries/*/refresh":     s.refreshQuery,
		"GET queries/*/dropdown":     s.dropdown,
		"GET jobs/*":                 s.getJob,
		"GET query_results/*":        s.getResult,
		"POST visualizations":        s.createVisual,
		"POST visualizations/*":      s.updateVisual,
		"DELETE visualizations/*":    s.deleteVisual,
		"GET dashboards":             s.listDashboards,
		"GET dashboards/my":          s.myDashboards,
		"GET dashboards/tags":        s.dashboardTags,
		"POST dashboards":            s.createDashboard,
		"GET dashboards/*":           s.getDashboard,
		"POST dashboards/*":          s.updateDashboard,
		"DELETE dashboards/*":        s.archiveDashboard,
		"POST dashboards/*/share":    s.share,
		"DELETE dashboards/*/share":  s.unshare,
		"POST widgets":               s.createWidget,
		"POST widgets/*":             s.updateWidget,
		"DELETE widgets/*":           s.deleteWidget,
		"POST settings/organization": s.changeSettings,
		"GET settings/organization":  s.getSettings,
	}[c.method+" "+strings.Join(pattern, "/")]
}

func (s *Server) session(c *call) reply {
	permissions := []string{"create_dashboard", "create_query", "edit_dashboard", "edit_query", "view_query", "execute_query", "list_dashboards", "list_data_sources"}
	if c.user.admin {
		permissions = append(permissions, "admin", "super_admin")
	}
	slug := "default"
	if s.org != "" {
		slug = s.org
	}
	return ok(object{
		"user": object{"id": c.user.id, "name": c.user.name, "permissions": permissions}, "org_slug": slug, "messages": []any{},
		"client_config": object{"version": s.version, "dateFormat": s.settings["date_format"], "pageSize": 20, "pageSizeOptions": []int{5, 10, 20, 50, 100}},
	})
}

func (s *Server) changeSettings(c *call) reply {
	if !c.user.admin {
		return forbidden()
	}
	maps.Copy(s.settings, c.body)
	return s.getSettings(c)
}

func (s *Server) getSettings(*call) reply { return ok(object{"settings": maps.Clone(s.settings)}) }

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

// paged gives a page of a list.
func paged(c *call, all []object) reply {
	number := func(name string, usual int) int {
		text := c.query.Get(name)
		if text == "" {
			return usual
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return -1
		}
		return n
	}
	p, size := number("page", 1), number("page_size", 25)
	switch {
	case size < 1 || size > 250:
		return problem(http.StatusBadRequest, "Page size is out of range (1-250).")
	case p < 1:
		return problem(http.StatusBadRequest, "Page must be positive integer.")
	case len(all) > 0 && (p-1)*size+1 > len(all):
		return problem(http.StatusBadRequest, "Page is out of range.")
	}
	from := min((p-1)*size, len(all))
	return ok(object{"count": len(all), "page": p, "page_size": size, "results": all[from:min(from+size, len(all))]})
}

// ordered sorts a list as it is asked for: by name or created_at, the newest first if nothing is said.
func ordered(c *call, all []object) []object {
	by, down := strings.CutPrefix(c.query.Get("order"), "-")
	if by == "" {
		by, down = "created_at", true
	}
	slices.SortStableFunc(all, func(a, b object) int {
		n := strings.Compare(fmt.Sprint(a[by]), fmt.Sprint(b[by]))
		if down {
			return -n
		}
		return n
	})
	return all
}

// tagsOf reads tags from a body; the empty ones are dropped.
func tagsOf(v any) []string {
	out := []string{}
	list, _ := v.([]any)
	for _, t := range list {
		if text, isText := t.(string); isText && text != "" {
			out = append(out, text)
		}
	}
	return out
}

// tagged says whether tags have all that a list asks for, each exactly.
func tagged(c *call, tags []string) bool {
	return !slices.ContainsFunc(c.query["tags"], func(t string) bool { return !slices.Contains(tags, t) })
}

// countTags gives how often each tag is used.
func countTags(lists [][]string) reply {
	counts := map[string]int{}
	for _, l := range lists {
		for _, t := range l {
			counts[t]++
		}
	}
	out := []object{}
	for _, t := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, object{"name": t, "count": counts[t]})
	}
	return ok(object{"tags": out})
}
