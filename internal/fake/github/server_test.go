package github

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// client is a plain HTTP client for the tests: it knows nothing of the API.
type client struct {
	t      *testing.T
	s      *Server
	token  string
	header map[string]string
}

func newClient(t *testing.T, s *Server) *client {
	t.Cleanup(s.Close)
	return &client{t: t, s: s, token: DefaultToken, header: map[string]string{}}
}

func (c *client) send(method, target, body string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("User-Agent", "test")
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	c.s.ServeHTTP(w, r)
	return w
}

func (c *client) get(target string) *httptest.ResponseRecorder {
	c.t.Helper()
	return c.send("GET", target, "")
}

// read expects 200 and decodes the answer.
func (c *client) read(target string) any {
	c.t.Helper()
	w := c.get(target)
	if w.Code != 200 {
		c.t.Fatalf("GET %s: %d %s", target, w.Code, w.Body)
	}
	return decode(c.t, w.Body.Bytes())
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// fails expects a status and a message, and documentation.
func (c *client) fails(target string, status int, message string) http.Header {
	c.t.Helper()
	w := c.get(target)
	o, _ := decode(c.t, w.Body.Bytes()).(object)
	if w.Code != status || o["message"] != message || o["status"] != itoa(status) || o["documentation_url"] == nil {
		c.t.Errorf("GET %s: %d %s, want %d %q", target, w.Code, w.Body, status, message)
	}
	return w.Header()
}

type graphAnswer struct {
	Data   map[string]any
	Errors []graphError
}

// query posts a GraphQL query and expects 200.
func (c *client) query(text string, variables map[string]any) graphAnswer {
	c.t.Helper()
	body, err := json.Marshal(object{"query": text, "variables": variables})
	if err != nil {
		c.t.Fatal(err)
	}
	w := c.send("POST", "/graphql", string(body))
	if w.Code != 200 {
		c.t.Fatalf("%s: %d %s", text, w.Code, w.Body)
	}
	var out graphAnswer
	if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(&out); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// good expects no errors.
func (c *client) good(text string, variables map[string]any) map[string]any {
	c.t.Helper()
	a := c.query(text, variables)
	if len(a.Errors) > 0 {
		c.t.Fatalf("%s: %+v", text, a.Errors)
	}
	return a.Data
}

// dig follows keys and indexes into decoded JSON.
func dig(v any, path ...any) any {
	for _, step := range path {
		switch key := step.(type) {
		case string:
			o, _ := v.(map[string]any)
			v = o[key]
		case int:
			l, _ := v.([]any)
			if key >= len(l) {
				return nil
			}
			v = l[key]
		}
	}
	return v
}

// later is after everything in Small.
var laterThanSmall = time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)
