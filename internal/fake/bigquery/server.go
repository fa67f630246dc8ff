package bigquery

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Server is BigQuery for one test: an emulator behind a stricter front.
type Server struct {
	URL     string // base URL, as warehouse.endpoint takes it
	Raw     string // the emulator's own, which is less strict
	Project string // of this test alone

	front *httptest.Server
	mu    sync.Mutex
	calls []Call
	drops []*drop
	jobs  map[string]job // by project and id, as asked for
	ends  map[string]job // resumable uploads by the query of their address

	storage storage
}

// job is a job that was asked for.
type job struct {
	id      string // as asked for
	id2     string // as the emulator has it
	request string // project, for the address
	ended   []byte // what is said of one that the emulator never had
}

// Call is a request that came.
type Call struct {
	Method, Path string
	Kind         string // such as jobs.query, load, query, jobs.get, tabledata.list, tabledata.insertAll, datasets, tables, storage.upload
	JobID        string
	Bytes        int64 // of the request's body
	Body         string
}

// Loss is when an answer is lost.
type Loss int

const (
	Unheard  Loss = iota // before the server hears the request
	Unspoken             // after it has done what was asked
)

type drop struct {
	match func(Call) bool
	loss  Loss
	times int
}

var projects atomic.Int64

// Start serves BigQuery until the test ends.
func Start(tb testing.TB) *Server {
	tb.Helper()
	s := newServer(raw(tb))
	tb.Cleanup(s.front.Close)
	return s
}

// Listen serves BigQuery to a program that is no test, until it is stopped.
func Listen() (s *Server, stop func(), err error) {
	url, err := running()
	if err != nil {
		return nil, nil, err
	}
	s = newServer(url)
	return s, s.front.Close, nil
}

func newServer(raw string) *Server {
	s := &Server{
		Raw: raw, Project: fmt.Sprintf("test-%d", projects.Add(1)), jobs: map[string]job{}, ends: map[string]job{},
		storage: storage{buckets: map[string]int{}, objects: map[string]object{}, sessions: map[string]*session{}},
	}
	s.front = httptest.NewServer(s)
	s.URL = s.front.URL
	return s
}

// Drop loses the answers of the next requests that match, so many times.
func (s *Server) Drop(loss Loss, times int, match func(Call) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops = append(s.drops, &drop{match, loss, times})
}

// Heal loses no more answers.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops = nil
}

// Calls are the requests that came since the last time that they were asked for.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// Count is how many of calls are of the kinds.
func Count(calls []Call, kinds ...string) int {
	n := 0
	for _, c := range calls {
		for _, k := range kinds {
			if c.Kind == k {
				n++
			}
		}
	}
	return n
}

var route = regexp.MustCompile(`^(/upload)?/bigquery/v2/projects/([^/]+)(?:/(datasets|jobs|queries)(?:/([^/]+))?(?:/(tables|[a-z]+)(?:/([^/]+)(?:/(\w+))?)?)?)?`)

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	c := Call{Method: r.Method, Path: r.URL.Path, Bytes: int64(len(body)), Body: string(body)}
	in := route.FindStringSubmatch(r.URL.Path)
	if in == nil {
		in = make([]string, 8)
	}
	c.Kind, c.JobID = kind(in, r, body)
	stored := storageRoute.FindStringSubmatch(r.URL.Path)
	if stored != nil {
		c.Kind = storageKind(r)
	}
	lost := s.note(c)
	if lost == Unheard {
		panic(http.ErrAbortHandler) // the connection breaks
	}
	var answer answer
	if stored != nil {
		answer = s.store(stored, r, body)
	} else {
		answer = s.serve(in, c, r, body)
	}
	if lost == Unspoken {
		panic(http.ErrAbortHandler)
	}
	answer.write(w)
}

// note keeps a call and says whether its answer is to be lost.
func (s *Server) note(c Call) Loss {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	for _, d := range s.drops {
		if d.times > 0 && d.match(c) {
			d.times--
			return d.loss
		}
	}
	return -1
}

// kind says what a request is for, and which job it names.
func kind(in []string, r *http.Request, body []byte) (kind, id string) {
	switch {
	case in[3] == "jobs" && r.Method != http.MethodGet && in[4] == "":
		id, load := asked(body)
		if r.Method == http.MethodPut {
			return "load.chunk", ""
		}
		if load || in[1] != "" {
			return "load", id
		}
		return "query", id
	case in[3] == "jobs":
		return "jobs.get", in[4]
	case in[3] == "queries" && in[4] == "":
		return "jobs.query", ""
	case in[3] == "queries":
		return "getQueryResults", in[4]
	case in[7] == "data":
		return "tabledata.list", ""
	case in[7] == "insertAll":
		return "tabledata.insertAll", ""
	case in[5] != "":
		return in[5], ""
	default:
		return in[3], ""
	}
}

var jobIDInBody = regexp.MustCompile(`"jobReference"\s*:\s*\{[^}]*"jobId"\s*:\s*"([^"]*)"`)

// asked gives the id of the job in a request, and whether it loads. In an upload the job is before the data.
func asked(body []byte) (id string, load bool) {
	head := body[:min(len(body), 64<<10)]
	if m := jobIDInBody.FindSubmatch(head); m != nil {
		id = string(m[1])
	}
	return id, bytes.Contains(head, []byte(`"load"`))
}

// answer is what goes back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) write(w http.ResponseWriter) {
	for k, v := range a.header {
		if k != "Content-Length" && k != "Transfer-Encoding" {
			w.Header()[k] = v
		}
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// failure is an error as BigQuery's API words it.
func failure(status int, reason, message string) answer {
	body, _ := json.Marshal(map[string]any{"error": map[string]any{ // maps of texts
		"code": status, "message": message, "errors": []any{map[string]any{"domain": "global", "reason": reason, "message": message}},
	}})
	return answer{status, http.Header{"Content-Type": {"application/json"}}, body}
}

func (s *Server) serve(in []string, c Call, r *http.Request, body []byte) answer {
	project, path := in[2], r.URL.Path
	switch c.Kind {
	case "query", "load":
		return s.insert(project, c, r, body)
	case "load.chunk":
		s.mu.Lock()
		j, ok := s.ends[r.URL.RawQuery]
		s.mu.Unlock()
		a := s.forward(r, path, body)
		if ok && a.status == http.StatusOK {
			return s.named(j, a)
		}
		return a
	case "jobs.get", "getQueryResults":
		s.mu.Lock()
		j, ok := s.jobs[project+":"+c.JobID]
		s.mu.Unlock()
		if j.ended != nil {
			return answer{http.StatusOK, http.Header{"Content-Type": {"application/json"}}, j.ended}
		}
		if ok && j.id2 != "" {
			path = strings.Replace(path, "/"+j.id, "/"+j.id2, 1)
		}
		a := s.forward(r, path, body)
		if c.Kind == "getQueryResults" {
			return failed(a)
		}
		if ok {
			return s.named(j, a)
		}
		return a
	case "jobs.query":
		return failed(s.forward(r, path, body))
	default:
		return s.forward(r, path, body)
	}
}

// insert asks for a job. A job's id is used once: a second request for it is refused, as BigQuery does.
func (s *Server) insert(project string, c Call, r *http.Request, body []byte) answer {
	if c.JobID == "" {
		return s.forward(r, r.URL.Path, body)
	}
	key := project + ":" + c.JobID
	j := job{id: c.JobID, request: project}
	s.mu.Lock()
	_, seen := s.jobs[key]
	if !seen {
		s.jobs[key] = j
	}
	s.mu.Unlock()
	if seen {
		return failure(http.StatusConflict, "duplicate", "Already Exists: Job "+key)
	}
	a, stored := s.fromStorage(project, c, r, body)
	if !stored {
		a = s.forward(r, r.URL.Path, body)
	}
	if a.status >= 300 {
		s.mu.Lock()
		delete(s.jobs, key)
		s.mu.Unlock()
		return a
	}
	if at := a.header.Get("Location"); at != "" && strings.Contains(r.URL.RawQuery, "uploadType=resumable") {
		// The data comes in other requests, to an address of its own.
		_, query, _ := strings.Cut(at, "?")
		s.mu.Lock()
		delete(s.jobs, key) // until the data is there
		s.ends[query] = j
		s.mu.Unlock()
		return a
	}
	return s.named(j, a)
}

// named gives a job the id that it was asked for under.
func (s *Server) named(j job, a answer) answer {
	var resource map[string]any
	if a.status != http.StatusOK || json.Unmarshal(a.body, &resource) != nil {
		return a
	}
	reference, ok := resource["jobReference"].(map[string]any)
	if !ok {
		return a
	}
	if id, _ := reference["jobId"].(string); id != j.id {
		j.id2 = id
	}
	s.mu.Lock()
	if j.id2 != "" || s.jobs[j.request+":"+j.id].id == "" {
		s.jobs[j.request+":"+j.id] = j
	}
	s.mu.Unlock()
	reference["jobId"] = j.id
	resource["id"] = j.request + ":" + j.id
	a.body, _ = json.Marshal(resource) // it was read from JSON
	return a
}

// failed makes an error of an answer that has one beside nothing.
func failed(a answer) answer {
	var said struct {
		Errors []struct{ Reason, Message string } `json:"errors"`
		Schema struct{ Fields []any }             `json:"schema"`
	}
	if a.status != http.StatusOK || json.Unmarshal(a.body, &said) != nil || len(said.Errors) == 0 || len(said.Schema.Fields) > 0 {
		return a
	}
	return failure(http.StatusBadRequest, said.Errors[0].Reason, said.Errors[0].Message)
}

// forward asks the emulator.
func (s *Server) forward(r *http.Request, path string, body []byte) answer {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, s.Raw+path, bytes.NewReader(body))
	if err != nil {
		return failure(http.StatusInternalServerError, "internalError", err.Error())
	}
	req.URL.RawQuery = r.URL.RawQuery
	req.Header = r.Header.Clone()
	req.Header.Del("Accept-Encoding")
	req.Host = r.Host
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return failure(http.StatusServiceUnavailable, "backendError", err.Error())
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return failure(http.StatusServiceUnavailable, "backendError", err.Error())
	}
	return answer{res.StatusCode, res.Header, text}
}
