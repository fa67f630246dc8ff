package redash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

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
