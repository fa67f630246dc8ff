package github

import (
	"encoding/json"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong on its way out. The zero value does nothing: make one by the functions below.
type Fault struct {
	// act may answer the request itself; it tells whether it did.
	act  func(in *Injected, x *exchange) bool
	send func(w http.ResponseWriter, status int, body []byte)
	edit func(answer any) any
}

// On says which requests a fault meets; all that is set must fit.
type On struct {
	Method     string
	Path       string            // a path, or a pattern of path.Match: /repos/*/*/deployments, /graphql, /acme/api.git/*
	Repository string            // acme/api: of the path, or one that a GraphQL query names or whose node ids it names
	Operation  string            // name of a GraphQL operation
	Contains   string            // a part of a GraphQL query's text
	Query      map[string]string // parameters that must have exactly this value; an empty value: must be absent
	MinFirst   int               // a GraphQL query with a first or last, or with as many ids, of at least this
	MinNodes   int               // a GraphQL query that asks for at least as many nodes
	Skip       int               // requests that match and pass before the first that fails
	Times      int               // requests that fail; 0 means one, negative means all from then on
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

// graphShape is what faults look at in a GraphQL query.
type graphShape struct {
	repositories []string
	first, nodes int
}

// meetFault gives the fault that a request meets, or nil; answered if the fault has answered the request by itself.
func (x *exchange) meetFault(shape graphShape) (f *Fault, answered bool) {
	x.server.mu.Lock()
	faults := x.server.faults
	x.server.mu.Unlock()
	for _, in := range faults {
		if !in.meets(x, shape) {
			continue
		}
		if in.fault.act != nil {
			answered = in.fault.act(in, x)
		}
		return &in.fault, answered
	}
	return nil, false
}

func (in *Injected) meets(x *exchange, shape graphShape) bool {
	on := in.on
	if on.Method != "" && on.Method != x.note.Method || on.Operation != "" && on.Operation != x.note.Operation {
		return false
	}
	if on.Path != "" {
		if ok, err := path.Match(on.Path, x.note.Path); err != nil || !ok {
			return false
		}
	}
	if on.Contains != "" && !strings.Contains(x.note.GraphQL, on.Contains) || shape.first < on.MinFirst || shape.nodes < on.MinNodes {
		return false
	}
	if on.Repository != "" {
		found := strings.EqualFold(on.Repository, x.note.Repository)
		for _, name := range shape.repositories {
			found = found || strings.EqualFold(on.Repository, name)
		}
		if !found {
			return false
		}
	}
	for name, value := range on.Query {
		if x.note.Query.Get(name) != value {
			return false
		}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.matched++
	if in.matched <= on.Skip || on.Times > 0 && in.hit >= on.Times {
		return false
	}
	in.hit++
	return true
}

// answering makes a fault that answers by itself.
func answering(f func(x *exchange)) Fault {
	return Fault{act: func(_ *Injected, x *exchange) bool { f(x); return true }}
}

// Answer answers a status in the API's error shape: 500, 502, 503, 404, 401 …
func Answer(status int, message string) Fault {
	return answering(func(x *exchange) {
		x.fail(&apiError{status: status, message: message, doc: docs})
	})
}

// RateLimited answers that the token's hour is used up, with a status of 403 or 429 and the hour's end after a wait.
func RateLimited(status int, wait time.Duration) Fault {
	return answering(func(x *exchange) {
		h := x.w.Header()
		h.Set("X-RateLimit-Remaining", "0")
		h.Set("X-RateLimit-Reset", itoa(int(x.now.Add(wait).Unix())))
		x.fail(limitExceeded(status, "user ID 1001"))
	})
}

// Secondary answers the secondary limit with a status of 403 or 429 and Retry-After: seconds; negative: without it.
func Secondary(status, seconds int) Fault {
	return answering(func(x *exchange) { x.fail(secondaryLimit(status, seconds)) })
}

// BadGateway is the HTML page of 502 or 504 that GitHub's own front sends when a request takes too long.
func BadGateway(status int) Fault {
	return answering(func(x *exchange) {
		x.w.Header().Set("Content-Type", "text/html; charset=utf-8")
		x.w.WriteHeader(status)
		_, _ = x.w.Write([]byte("<!DOCTYPE html><html><head><title>Unicorn! &middot; GitHub</title></head><body><p>We had issues producing the response to your request.</p></body></html>"))
	})
}

// Reset breaks the connection before anything is answered.
func Reset() Fault {
	return answering(func(x *exchange) {
		conn, _, err := http.NewResponseController(x.w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	})
}

// Slow holds the request until Release, or until its client goes away; then it is answered as if nothing had been.
func Slow() Fault {
	return Fault{act: func(in *Injected, x *exchange) bool {
		select {
		case in.waiting <- struct{}{}:
		default:
		}
		select {
		case <-in.release:
		case <-x.r.Context().Done():
		}
		return false
	}}
}

// CutBody promises the whole answer, sends half of it and closes the connection.
func CutBody() Fault {
	return Fault{send: func(w http.ResponseWriter, status int, body []byte) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", itoa(len(body)))
		w.WriteHeader(status)
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}}
}

// Garbage answers with something that is no JSON.
func Garbage() Fault {
	return Fault{send: func(w http.ResponseWriter, status int, _ []byte) { writeJSON(w, status, []byte(`[{"id":1,}`)) }}
}

// HTML answers 200 with a page for people, as a proxy in between might.
func HTML() Fault {
	return Fault{send: func(w http.ResponseWriter, _ int, _ []byte) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte("<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in to the proxy</h1></body></html>"))
	}}
}

// Edit changes the decoded answer, a list or an object, of either API.
func Edit(f func(answer any) any) Fault { return Fault{edit: f} }

// finish sends an answer, by way of a fault if there is one.
func (x *exchange) finish(f *Fault, status int, body []byte) {
	if f != nil && f.edit != nil {
		var v any
		if err := json.Unmarshal(body, &v); err == nil {
			body = mustJSON(f.edit(v))
		}
	}
	if f != nil && f.send != nil {
		f.send(x.w, status, body)
		return
	}
	writeJSON(x.w, status, body)
}
