package incidentio

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRateLimitsAreThoseOfTheAPI(t *testing.T) {
	now := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	c := newClient(t, NewServer(Small(), WithClock(func() time.Time { return now })))
	for n := range 60 {
		if w := c.do("GET", "/v2/incidents"); w.Code != 200 {
			t.Fatalf("request %d: %d", n+1, w.Code)
		} else if got := w.Header().Get("X-RateLimit-Limit"); got != "60, 1200;window=60, 60;window=60" {
			t.Fatalf("X-RateLimit-Limit %q", got)
		} else if got := w.Header().Get("X-RateLimit-Remaining"); got != itoa(59-n) {
			t.Fatalf("X-RateLimit-Remaining %q after %d", got, n+1)
		}
	}
	b, h := c.fails("GET", "/v2/incidents", 429, "too_many_requests")
	if h.Get("Retry-After") != "1" || b.RateLimit == nil || b.RateLimit.Limit != 60 || b.RateLimit.RetryAfter != "2026-11-02T00:00:01Z" {
		t.Errorf("429 with Retry-After %q and %+v", h.Get("Retry-After"), b.RateLimit)
	}
	if h.Get("X-RateLimit-Used") != "60" || h.Get("X-RateLimit-Reset") != itoa(int(now.Unix())+60) {
		t.Errorf("headers %v", h)
	}
	for n := range 1140 {
		if w := c.do("GET", "/v1/severities"); w.Code != 200 {
			t.Fatalf("request %d of the key: %d", n+61, w.Code)
		}
	}
	b, _ = c.fails("GET", "/v1/severities", 429, "too_many_requests")
	if b.RateLimit.Limit != 1200 {
		t.Errorf("limit %d, want that of the key", b.RateLimit.Limit)
	}
	now = now.Add(time.Second)
	for n := range 20 {
		if w := c.do("GET", "/v2/incidents/1"); w.Code != 200 {
			t.Fatalf("request %d of the next second: %d", n+1, w.Code)
		}
	}
	c.fails("GET", "/v1/severities", 429, "too_many_requests")
}

func TestRetryAfterCanBeShortened(t *testing.T) {
	now := time.Now()
	c := newClient(t, NewServer(Small(), WithRetryAfter(0), WithClock(func() time.Time { return now })))
	for range 60 {
		c.do("GET", "/v2/incidents")
	}
	if _, h := c.fails("GET", "/v2/incidents", 429, "too_many_requests"); h.Get("Retry-After") != "0" {
		t.Errorf("Retry-After %q", h.Get("Retry-After"))
	}
}

func TestFaultsMeetTheRequestsThatTheyAreFor(t *testing.T) {
	s := NewServer(Small(), WithoutLimits())
	c := newClient(t, s)
	in := s.Inject(On{Path: "/v1/*", Skip: 1, Times: 2}, Status5xx(503))
	var got []int
	for _, path := range []string{"/v1/severities", "/v2/incidents", "/v1/severities", "/v1/incident_types", "/v1/severities"} {
		got = append(got, c.do("GET", path).Code)
	}
	if diff := cmp.Diff([]int{200, 200, 503, 503, 200}, got); diff != "" || in.Hits() != 2 {
		t.Errorf("%s hits %d", diff, in.Hits())
	}
	s.Inject(On{Path: "/v2/incidents", Query: map[string]string{"page_size": "3", "after": ""}, Times: -1}, Status5xx(500))
	if a, b := c.do("GET", "/v2/incidents?page_size=3").Code, c.do("GET", "/v2/incidents?page_size=4").Code; a != 500 || b != 200 {
		t.Errorf("with the parameter %d, without %d", a, b)
	}
	s.ClearFaults()
	c.get("/v2/incidents?page_size=3")
}

func TestTooManyComesWithAndWithoutRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	s := NewServer(Small(), WithoutLimits(), WithClock(func() time.Time { return now }))
	c := newClient(t, s)
	for _, x := range []struct {
		fault        Fault
		header, body string
	}{
		{TooMany(7), "7", "2026-11-02T00:00:07Z"},
		{TooMany(-1), "", "2026-11-02T00:00:01Z"},
		{TooManyOldDate(-1), "", "Mon, 02 Nov 2026 00:00:01 UTC"},
	} {
		s.Inject(On{}, x.fault)
		b, h := c.fails("GET", "/v1/severities", 429, "too_many_requests")
		if h.Get("Retry-After") != x.header || b.RateLimit.RetryAfter != x.body {
			t.Errorf("Retry-After %q, body %q; want %q, %q", h.Get("Retry-After"), b.RateLimit.RetryAfter, x.header, x.body)
		}
	}
}

// fetch makes a real request over a connection of its own.
func fetch(ctx context.Context, url string) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+DefaultKey)
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

func TestConnectionsBreakAndBodiesAreCut(t *testing.T) {
	s := NewServer(Small(), WithoutLimits())
	base, stop := s.Start()
	defer stop()
	s.Inject(On{}, CutBody())
	if resp, body, err := fetch(t.Context(), base+"/v2/incidents"); !errors.Is(err, io.ErrUnexpectedEOF) || resp.ContentLength <= int64(len(body)) || len(body) == 0 {
		t.Errorf("a cut body: %v, %d bytes", err, len(body))
	}
	s.Inject(On{}, Reset())
	if _, _, err := fetch(t.Context(), base+"/v2/incidents"); err == nil {
		t.Error("a reset connection gives no error")
	}
	if _, _, err := fetch(t.Context(), base+"/v2/incidents"); err != nil {
		t.Errorf("after the faults: %v", err)
	}
}

func TestSlowAnswersWaitForReleaseOrForTheClientToGo(t *testing.T) {
	s := NewServer(Small(), WithoutLimits())
	base, stop := s.Start()
	defer stop()
	in := s.Inject(On{Times: -1}, Slow())
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 2)
	get := func(ctx context.Context) {
		_, _, err := fetch(ctx, base+"/v1/severities")
		result <- err
	}
	go get(ctx)
	<-in.Waiting()
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("a client that goes away gets %v", err)
	}
	go get(t.Context())
	<-in.Waiting()
	in.Release()
	if err := <-result; err != nil {
		t.Errorf("a released answer: %v", err)
	}
}

func TestARepeatedPageHasTheRowsOfThePageBeforeAndTheSameCursor(t *testing.T) {
	s := NewServer(Small(), WithoutLimits())
	c := newClient(t, s)
	first := c.get("/v2/incidents?page_size=3")
	after := first["pagination_meta"].(map[string]any)["after"].(string)
	s.Inject(On{}, RepeatPage())
	if diff := cmp.Diff(first, c.get("/v2/incidents?page_size=3&after="+after)); diff != "" {
		t.Errorf("(-first +repeated):\n%s", diff)
	}
	if diff := cmp.Diff(first["incidents"], c.get("/v2/incidents?page_size=3&after=" + after)["incidents"]); diff == "" {
		t.Error("the page after the repeated one is the first one again")
	}
}

func TestAnswersCanBeSpoiled(t *testing.T) {
	s := NewServer(Small(), WithoutLimits())
	c := newClient(t, s)
	s.Inject(On{}, Garbage())
	if w := c.do("GET", "/v2/incidents"); w.Code != 200 || json.Valid(w.Body.Bytes()) {
		t.Errorf("garbage: %d %s", w.Code, w.Body)
	}
	s.Inject(On{}, HTML())
	if w := c.do("GET", "/v2/incidents"); w.Code != 200 || !strings.Contains(w.Header().Get("Content-Type"), "text/html") || !strings.HasPrefix(w.Body.String(), "<!doctype") {
		t.Errorf("a page: %d %s", w.Code, w.Body)
	}
	for name, x := range map[string]struct {
		fault Fault
		says  string
	}{
		"a new field": {NewField("mood", "calm"), `no field "mood"`}, "a new word": {NewValue("mode", "rehearsal"), `"rehearsal" is none of`},
		"a missing field": {MissingField("created_at"), `incidents[0]: the required field "created_at" is missing`},
	} {
		s.Inject(On{}, x.fault)
		w := c.do("GET", "/v2/incidents")
		if err := CheckAnswer("/v2/incidents", w.Body.Bytes()); err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v", name, err)
		}
		c.get("/v2/incidents")
	}
}

func TestChangesAndRequestsMayHappenAtOnce(t *testing.T) {
	s := NewServer(Small(), WithoutLimits())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 50 {
			s.ChangeIncident("2", func(i *Incident) { i.Name += "." })
			s.AddUpdate("2", "again", time.Now())
		}
	}()
	c := newClient(t, s)
	for range 50 {
		c.get("/v2/incidents")
		c.get("/v2/incident_updates")
	}
	<-done
	if got := s.Counts()["/v2/incidents"]; got != 50 {
		t.Errorf("%d requests counted, want 50", got)
	}
	s.ResetRequests()
	if len(s.Requests()) != 0 {
		t.Error("requests are there after ResetRequests")
	}
}
