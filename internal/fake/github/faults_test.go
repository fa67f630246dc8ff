package github

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/golang-jwt/jwt/v4"
	"github.com/google/go-cmp/cmp"
)

func TestPointsAreSpentAndTheLimitsHold(t *testing.T) {
	now := laterThanSmall
	s := NewServer(Small(), WithLimits(Limits{Core: 3, GraphQL: 2}), WithClock(func() time.Time { return now }))
	c := newClient(t, s)
	c.read("/repos/acme/api")
	c.read("/rate_limit")
	c.read("/repos/acme/api/deployments")
	now = now.Add(59 * time.Minute)
	c.read("/repos/acme/api/pulls")
	h := c.fails("/repos/acme/api", 403, "API rate limit exceeded for fourfold.")
	want := http.Header{"X-Ratelimit-Limit": {"3"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Used": {"3"}, "X-Ratelimit-Resource": {"core"}, "X-Ratelimit-Reset": {fmt.Sprint(laterThanSmall.Add(time.Hour).Unix())}}
	for name := range want {
		if diff := cmp.Diff(want[name], h[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := dig(c.read("/rate_limit"), "resources", "graphql", "remaining"); got != 2.0 {
		t.Errorf("the other bucket has %v left", got)
	}
	data := c.good(`{ rateLimit { cost limit remaining used resetAt nodeCount } }`, nil)
	if diff := cmp.Diff(any(object{"cost": 1.0, "limit": 2.0, "remaining": 1.0, "used": 1.0, "resetAt": "2026-10-20T01:00:00Z", "nodeCount": 0.0}), dig(data, "rateLimit")); diff != "" {
		t.Error(diff)
	}
	c.good(`{ rateLimit(dryRun: true) { cost } repository(owner: "acme", name: "api") { id } }`, nil)
	c.good(`{ rateLimit { cost } }`, nil)
	if a := c.query(`{ rateLimit { cost } }`, nil); len(a.Errors) != 1 || a.Errors[0].Type != "RATE_LIMITED" || a.Data != nil {
		t.Errorf("beyond the limit: %+v", a)
	}
	if diff := cmp.Diff(map[string]int{"core": 3, "graphql": 2}, s.Points()); diff != "" {
		t.Error(diff)
	}
	now = now.Add(time.Minute)
	c.read("/repos/acme/api")
}

func TestWithoutLimitsAServerSaysSo(t *testing.T) {
	c := newClient(t, NewServer(Small(), WithoutLimits()))
	if h := c.get("/repos/acme/api").Header(); h.Get("X-RateLimit-Limit") != "" {
		t.Errorf("headers %v", h)
	}
	c.fails("/rate_limit", 404, "Rate limiting is not enabled.")
	if data := c.good(`{ rateLimit { cost } }`, nil); data["rateLimit"] != nil {
		t.Errorf("rateLimit %v", data)
	}
	if c.s.Points()["core"] == 0 || c.s.Points()["graphql"] != 1 {
		t.Errorf("points are counted all the same: %v", c.s.Points())
	}
}

func TestBurstsMeetTheSecondaryLimit(t *testing.T) {
	now := laterThanSmall
	s := NewServer(Small(), WithSecondaryLimits(DocumentedSecondaryLimits), WithClock(func() time.Time { return now }))
	c := newClient(t, s)
	for range 900 {
		if w := c.get("/rate_limit"); w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	now = now.Add(20 * time.Second)
	h := c.fails("/rate_limit", 403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
	if h.Get("Retry-After") != "40" {
		t.Errorf("Retry-After %q", h.Get("Retry-After"))
	}
	c.good(`{ rateLimit { cost } }`, nil)
	now = now.Add(40 * time.Second)
	c.read("/rate_limit")
	s = NewServer(Small(), WithSecondaryLimits(SecondaryLimits{REST: 1}), WithLimitStatus(429), WithRetryAfter(-1))
	c = newClient(t, s)
	c.read("/rate_limit")
	if w := c.get("/rate_limit"); w.Code != 429 || w.Header().Get("Retry-After") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestFaultsMeetTheRequestsThatTheyAreFor(t *testing.T) {
	s := NewServer(Small())
	c := newClient(t, s)
	in := s.Inject(On{Path: "/repos/*/*/deployments", Repository: "acme/api", Skip: 1, Times: 2}, Answer(502, "Server Error"))
	got := []int{}
	for _, target := range []string{"/repos/acme/api/deployments", "/repos/acme/web/deployments", "/repos/acme/api/deployments", "/repos/acme/api/pulls", "/repos/acme/api/deployments", "/repos/acme/api/deployments"} {
		got = append(got, c.get(target).Code)
	}
	if diff := cmp.Diff([]int{200, 200, 502, 200, 502, 200}, got); diff != "" || in.Hits() != 2 {
		t.Errorf("%s, %d hits", diff, in.Hits())
	}
	query := func(name string, first int) int {
		body, _ := json.Marshal(object{"query": fmt.Sprintf(`query %s($o: String!, $n: Int!) { repository(owner: $o, name: "api") { deployments(first: $n) { nodes { statuses(first: 20) { nodes { id } } } } } }`, name), "variables": object{"o": "acme", "n": first}})
		return c.send("POST", "/graphql", string(body)).Code
	}
	s.Inject(On{Path: "/graphql", MinFirst: 51, Times: -1}, BadGateway(502))
	s.Inject(On{Path: "/graphql", MinNodes: 900, Times: -1}, SomethingWentWrong(504))
	s.Inject(On{Operation: "Named", Repository: "acme/api"}, Answer(500, "No"))
	s.Inject(On{Operation: "Named", Repository: "acme/web", Times: -1}, Answer(501, "No"))
	if diff := cmp.Diff([]int{502, 504, 500, 200}, []int{query("A", 100), query("A", 50), query("Named", 10), query("Named", 10)}); diff != "" {
		t.Error(diff)
	}
	s.ClearFaults()
	id := s.org.Repositories[0].Deployments[0].nodeID()
	s.Inject(On{Repository: "acme/api"}, RateLimited(429, time.Minute))
	if w := c.send("POST", "/graphql", `{"query":"{ nodes(ids: [\"`+id+`\"]) { id } }"}`); w.Code != 429 || w.Header().Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("a fault by the repository of a node: %d %v", w.Code, w.Header())
	}
}

func TestGraphQLsOwnFailures(t *testing.T) {
	s := NewServer(Small())
	c := newClient(t, s)
	query := `{ repository(owner: "acme", name: "api") { deployments(first: 5) { nodes { id } } } }`
	s.Inject(On{Path: "/graphql"}, ResourceLimits(2))
	a := c.query(query, nil)
	nodes := dig(a.Data, "repository", "deployments", "nodes").([]any)
	if len(a.Errors) != 1 || a.Errors[0].Type != "RESOURCE_LIMITS_EXCEEDED" || len(nodes) != 5 || nodes[1] == nil || nodes[2] != nil {
		t.Errorf("%+v", a)
	}
	if diff := cmp.Diff([]any{"repository", "deployments", "nodes", 2.0}, a.Errors[0].Path); diff != "" {
		t.Error(diff)
	}
	s.Inject(On{Path: "/graphql"}, GraphErrors(object{"message": "timedout", "path": []any{"repository"}}))
	if a = c.query(query, nil); a.Errors[0].Message != "timedout" || a.Data["repository"] == nil {
		t.Errorf("%+v", a)
	}
	s.Inject(On{Path: "/graphql"}, SomethingWentWrong(200))
	if a = c.query(query, nil); a.Data != nil || !strings.HasPrefix(a.Errors[0].Message, "Something went wrong while executing your query.") {
		t.Errorf("%+v", a)
	}
	s.Inject(On{Path: "/graphql"}, GraphRateLimited("RATE_LIMIT", time.Minute))
	if a = c.query(query, nil); a.Errors[0].Type != "RATE_LIMIT" {
		t.Errorf("%+v", a)
	}
	s.Inject(On{Path: "/graphql"}, HTML())
	if w := c.send("POST", "/graphql", `{"query":"{ rateLimit { cost } }"}`); w.Code != 200 || json.Valid(w.Body.Bytes()) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestConnectionsBreakWaitAndEndEarly(t *testing.T) {
	s := NewServer(Small())
	base, stop := s.Start()
	defer stop()
	get := func() (string, error) {
		r, err := http.NewRequestWithContext(context.Background(), "GET", base+"/repos/acme/web", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+DefaultToken)
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			return "", err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return string(body), err
	}
	s.Inject(On{}, Reset())
	if _, err := get(); err == nil {
		t.Error("a reset went unnoticed")
	}
	s.Inject(On{}, CutBody())
	if body, err := get(); !errors.Is(err, io.ErrUnexpectedEOF) || json.Valid([]byte(body)) {
		t.Errorf("%v %s", err, body)
	}
	in := s.Inject(On{}, Slow())
	done := make(chan error)
	go func() { _, err := get(); done <- err }()
	<-in.Waiting()
	in.Release()
	if err := <-done; err != nil {
		t.Error(err)
	}
	s.Inject(On{}, Garbage())
	if body, err := get(); err != nil || json.Valid([]byte(body)) {
		t.Errorf("%v %s", err, body)
	}
}

func TestAnAppGetsTokensThatEnd(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	s := NewServer(Small(), WithClock(func() time.Time { return now }), WithApp(App{
		ID: 12, InstallationID: 34, PublicKey: &key.PublicKey,
		Grants: []Grant{{Repositories: []string{"acme/api", "acme/old"}, Permissions: []string{"deployments", "contents"}}},
	}))
	base, stop := s.Start()
	defer stop()
	transport := ghinstallation.NewAppsTransportFromPrivateKey(http.DefaultTransport, 12, key)
	transport.BaseURL = base
	installation := ghinstallation.NewFromAppsTransport(transport, 34)
	token, err := installation.Token(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, s)
	c.token = token
	answer := c.read("/installation/repositories")
	if dig(answer, "total_count") != 2.0 || dig(answer, "repositories", 0, "full_name") != "acme/api" {
		t.Errorf("%v", answer)
	}
	c.read("/repos/acme/api/deployments")
	c.fails("/repos/acme/api/pulls", 403, "Resource not accessible by integration")
	now = now.Add(time.Hour)
	c.fails("/repos/acme/api", 401, "Bad credentials")
	for what, x := range map[string]struct {
		claims jwt.RegisteredClaims
		status int
	}{
		"another app":     {jwt.RegisteredClaims{Issuer: "13", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Minute))}, 404},
		"too far ahead":   {jwt.RegisteredClaims{Issuer: "12", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour))}, 401},
		"over already":    {jwt.RegisteredClaims{Issuer: "12", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(-time.Minute))}, 401},
		"from the future": {jwt.RegisteredClaims{Issuer: "12", IssuedAt: jwt.NewNumericDate(now.Add(5 * time.Minute)), ExpiresAt: jwt.NewNumericDate(now.Add(9 * time.Minute))}, 401},
		"good":            {jwt.RegisteredClaims{Issuer: "12", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(9 * time.Minute))}, 201},
	} {
		signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, x.claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		c.token = signed
		if w := c.send("POST", "/app/installations/34/access_tokens", `{"repositories":["api"],"permissions":{"contents":"read"}}`); w.Code != x.status {
			t.Errorf("%s: %d %s, want %d", what, w.Code, w.Body, x.status)
		} else if w.Code == 201 {
			o := decode(t, w.Body.Bytes())
			if diff := cmp.Diff(any(object{"metadata": "read", "contents": "read"}), dig(o, "permissions")); diff != "" {
				t.Error(diff)
			}
			for _, difference := range readSchemas(t).holds(readSchemas(t).Objects["installation_token_response"].Fields, o, "token") {
				t.Error(difference)
			}
			c.token = dig(o, "token").(string)
			c.read("/repos/acme/api/commits")
			c.fails("/repos/acme/old", 404, "Not Found")
		}
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	forged := ghinstallation.NewAppsTransportFromPrivateKey(http.DefaultTransport, 12, other)
	forged.BaseURL = base
	if _, err := ghinstallation.NewFromAppsTransport(forged, 34).Token(context.Background()); err == nil {
		t.Error("another key's signature was taken")
	}
}

func TestWhatTheServerSaysOfItsRequestsHoldsNoSecret(t *testing.T) {
	s := NewServer(Small())
	c := newClient(t, s)
	c.read("/repos/acme/api/deployments?per_page=3")
	c.good(`query Look($n: Int = 1) { repository(owner: "acme", name: "api") { deployments(first: $n) { totalCount } } }`, object{"n": 2})
	got := s.Requests()
	text := fmt.Sprintf("%+v", got)
	if strings.Contains(text, DefaultToken) {
		t.Errorf("the token is in %s", text)
	}
	if r := got[0]; r.Endpoint != "GET /repos/{owner}/{repo}/deployments" || r.Repository != "acme/api" || r.Token != "fourfold" || r.Cost != 1 || r.Status != 200 || r.Query.Get("per_page") != "3" {
		t.Errorf("%+v", r)
	}
	if r := got[1]; r.Endpoint != "POST /graphql" || r.Operation != "Look" || r.Cost != 1 || fmt.Sprint(r.Variables["n"]) != "2" {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(map[string]int{"GET /repos/{owner}/{repo}/deployments": 1, "POST /graphql": 1}, s.Counts()); diff != "" {
		t.Error(diff)
	}
	s.ResetRequests()
	if len(s.Requests()) != 0 || s.Points()["core"] != 0 {
		t.Errorf("after the reset: %v %v", s.Requests(), s.Points())
	}
}
