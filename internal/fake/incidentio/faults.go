package incidentio

import (
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path"
	"sync"
	"time"
)

// Fault is something that goes wrong on its way out. The zero value does nothing: make one by the functions below.
type Fault struct {
	edit func(answer map[string]any, key string)
	send func(w http.ResponseWriter, body []byte)
	// act may answer the request itself; it tells whether it did.
	act    func(in *Injected, s *Server, w http.ResponseWriter, r *http.Request, requestID string) bool
	repeat bool
}

// On says which requests a fault meets.
type On struct {
	Path  string            // a path, or a pattern of path.Match: /v1/*; every path if empty
	Query map[string]string // parameters that must have exactly this value; an empty value: must be absent
	Skip  int               // requests that match and pass before the first that fails
	Times int               // requests that fail; 0 means one, negative means all from then on
}

// Injected is a fault in a server.
type Injected struct {
	on      On
	fault   Fault
	mu      sync.Mutex
	matched int
	hit     int
	waiting chan struct{}
	release chan struct{}
	once    sync.Once
}

// Hits is how many requests met the fault.
func (in *Injected) Hits() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.hit
}

// Waiting yields once for every request that a Slow fault holds.
func (in *Injected) Waiting() <-chan struct{} { return in.waiting }

// Release lets the requests go that a Slow fault holds; later ones are not held.
func (in *Injected) Release() { in.once.Do(func() { close(in.release) }) }

// Inject adds a fault. Of several that match a request the first added acts; a used up one is passed over.
func (s *Server) Inject(on On, f Fault) *Injected {
	if on.Times == 0 {
		on.Times = 1
	}
	in := &Injected{on: on, fault: f, waiting: make(chan struct{}, 1024), release: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, in)
	return in
}

// ClearFaults takes all faults away and lets go what they hold.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, in := range s.faults {
		in.Release()
	}
	s.faults = nil
}

// meetFault gives the fault that a request meets, or nil; answered if the fault has answered the request by itself.
func (s *Server) meetFault(w http.ResponseWriter, r *http.Request, requestID string) (f *Fault, answered bool) {
	s.mu.Lock()
	faults := s.faults
	s.mu.Unlock()
	query := r.URL.Query()
	for _, in := range faults {
		if !in.meets(r.URL.Path, query) {
			continue
		}
		if in.fault.act != nil {
			answered = in.fault.act(in, s, w, r, requestID)
		}
		return &in.fault, answered
	}
	return nil, false
}

func (in *Injected) meets(requestPath string, query url.Values) bool {
	if in.on.Path != "" {
		if ok, err := path.Match(in.on.Path, requestPath); err != nil || !ok {
			return false
		}
	}
	for name, value := range in.on.Query {
		if query.Get(name) != value {
			return false
		}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.matched++
	if in.matched <= in.on.Skip || in.on.Times > 0 && in.hit >= in.on.Times {
		return false
	}
	in.hit++
	return true
}

// TooMany answers 429 with Retry-After: seconds; a negative number leaves the header out.
func TooMany(seconds int) Fault { return tooManyFault(seconds, false) }

// TooManyOldDate is TooMany with the instant in the body in the form of the older pages: Thu, 17 Apr 2025 11:17:18 UTC.
func TooManyOldDate(seconds int) Fault { return tooManyFault(seconds, true) }

func tooManyFault(seconds int, older bool) Fault {
	return Fault{act: func(_ *Injected, s *Server, w http.ResponseWriter, _ *http.Request, id string) bool {
		header := ""
		if seconds >= 0 {
			header = itoa(seconds)
		}
		at := s.clock().Add(time.Duration(max(seconds, 1)) * time.Second)
		s.fail(w, tooMany("fourfold", keyBurst, at, older, header), id)
		return true
	}}
}

// Status5xx answers a status (500, 502, 503 …) in the API's error shape.
func Status5xx(status int) Fault {
	return Fault{act: func(_ *Injected, s *Server, w http.ResponseWriter, _ *http.Request, id string) bool {
		s.fail(w, serverError(status), id)
		return true
	}}
}

// CutBody promises the whole answer, sends half of it and closes the connection.
func CutBody() Fault {
	return Fault{send: func(w http.ResponseWriter, body []byte) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", itoa(len(body)))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}}
}

// Reset breaks the connection before anything is answered.
func Reset() Fault {
	return Fault{act: func(_ *Injected, _ *Server, w http.ResponseWriter, _ *http.Request, _ string) bool {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
		return true
	}}
}

// Slow holds the request until Release, or until its client goes away; then it is answered as if nothing had been.
func Slow() Fault {
	return Fault{act: func(in *Injected, _ *Server, _ http.ResponseWriter, r *http.Request, _ string) bool {
		select {
		case in.waiting <- struct{}{}:
		default:
		}
		select {
		case <-in.release:
		case <-r.Context().Done():
		}
		return false
	}}
}

// RepeatPage answers the rows of the page before, and the cursor of the request again as the next one. It needs to have
// served the page before; a first page comes as it is.
func RepeatPage() Fault { return Fault{repeat: true} }

// Garbage answers 200 with something that is no JSON.
func Garbage() Fault {
	return Fault{send: func(w http.ResponseWriter, body []byte) {
		writeJSON(w, http.StatusOK, append([]byte(`{"incidents":[{]`), body[:min(20, len(body))]...))
	}}
}

// HTML answers 200 with a page for people, as a proxy in between might.
func HTML() Fault {
	page := []byte("<!doctype html><html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>")
	return Fault{send: func(w http.ResponseWriter, _ []byte) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(page)
	}}
}

// Edit changes the decoded answer; key is the name of its list or object.
func Edit(f func(answer map[string]any, key string)) Fault { return Fault{edit: f} }

// NewField adds a field that no schema knows to the answer and to every record in it.
func NewField(name string, value any) Fault {
	return Edit(func(answer map[string]any, key string) {
		answer[name] = value
		eachRecord(answer, key, func(r map[string]any) { r[name] = value })
	})
}

// NewValue gives a field of every record a value, as a new word of an enum would come.
func NewValue(field string, value any) Fault {
	return Edit(func(answer map[string]any, key string) {
		eachRecord(answer, key, func(r map[string]any) { r[field] = value })
	})
}

// MissingField takes a field from the first record of the answer.
func MissingField(name string) Fault {
	return Edit(func(answer map[string]any, key string) {
		first := true
		eachRecord(answer, key, func(r map[string]any) {
			if first {
				delete(r, name)
			}
			first = false
		})
	})
}

func eachRecord(answer map[string]any, key string, f func(map[string]any)) {
	switch v := answer[key].(type) {
	case map[string]any:
		f(v)
	case []any:
		for _, item := range v {
			if r, ok := item.(map[string]any); ok {
				f(r)
			}
		}
	}
}

// plain copies an answer into decoded JSON that shares nothing with the organisation.
func plain(answer object) object {
	text, err := json.Marshal(answer)
	if err != nil {
		return answer
	}
	out := object{}
	_ = json.Unmarshal(text, &out) // what Marshal wrote
	return out
}

// remember notes which cursor a page's next cursor followed, for RepeatPage.
func (s *Server) remember(e *endpoint, given url.Values, answer object) {
	meta, _ := answer["pagination_meta"].(object)
	next, _ := meta["after"].(string)
	if next == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before[pageKey(e, given, next)] = given.Get("after")
}

// stepBack turns the cursor of a request back by a page.
func (s *Server) stepBack(e *endpoint, given url.Values) {
	after := given.Get("after")
	if after == "" {
		return
	}
	s.mu.Lock()
	before, ok := s.before[pageKey(e, given, after)]
	s.mu.Unlock()
	switch {
	case !ok:
	case before == "":
		given.Del("after")
	default:
		given.Set("after", before)
	}
}

func pageKey(e *endpoint, given url.Values, cursor string) string {
	filters := maps.Clone(given)
	filters.Del("after")
	return e.Path + "?" + filters.Encode() + "#" + cursor
}
