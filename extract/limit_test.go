package extract_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fourfold/extract"
	"fourfold/extract/extracttest"
)

// answering is a server without a network.
type answering func(*http.Request) *http.Response

func (f answering) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

func answer(status int, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(`{}`))}
}

func offline(t *testing.T, clock extract.Clock, limits []extract.Limit, f answering) *extract.Client {
	t.Helper()
	c, err := extract.NewClient(extract.ClientOptions{BaseURL: "http://api.example.test", Clock: clock, Limits: limits, Transport: f})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var documented = []extract.Limit{{Burst: 1200, PerSecond: 20}, {Method: "GET", Path: "/v2/incidents", Burst: 60, PerSecond: 1}}

func TestRequestsKeepToTheBudgetOfTheirEndpointAndOfTheHost(t *testing.T) {
	for name, c := range map[string]struct {
		limits []extract.Limit
		path   string
		n      int
		want   time.Duration
	}{
		"a burst is free":               {documented, "/v2/incidents", 60, 0},
		"beyond it one a second":        {documented, "/v2/incidents", 100, 40 * time.Second},
		"another endpoint has its own":  {documented, "/v2/incident_updates", 1200, 0},
		"and the host's rate beyond it": {documented, "/v2/incident_updates", 1300, 5 * time.Second},
		"off":                           {nil, "/v2/incidents", 2000, 0},
	} {
		t.Run(name, func(t *testing.T) {
			clock := extracttest.NewClock(start)
			client := offline(t, clock, c.limits, func(*http.Request) *http.Response { return answer(200, nil) })
			for range c.n {
				if _, err := client.Get(context.Background(), extract.Request{Path: c.path}, nil); err != nil {
					t.Fatal(err)
				}
			}
			if got := clock.Now().Sub(start); got < c.want-time.Millisecond || got > c.want+time.Millisecond {
				t.Errorf("%d requests took %s, want %s", c.n, got, c.want)
			}
		})
	}
}

func TestRetriesSpendOfTheBudgetToo(t *testing.T) {
	clock := extracttest.NewClock(start)
	n := 0
	client := offline(t, clock, []extract.Limit{{Burst: 1, PerSecond: 0.01}}, func(*http.Request) *http.Response {
		if n++; n == 1 {
			return answer(500, nil)
		}
		return answer(200, nil)
	})
	if _, err := client.Get(context.Background(), extract.Request{Path: "/x"}, nil); err != nil {
		t.Fatal(err)
	}
	if got := clock.Now().Sub(start); got < 99*time.Second {
		t.Errorf("the second attempt came after %s, want 100s", got)
	}
}

func TestWhenAnEndpointIsLimitedOtherRequestsToItWaitAsWell(t *testing.T) {
	clock := extracttest.NewClock(start)
	var served []time.Duration
	client := offline(t, clock, nil, func(r *http.Request) *http.Response {
		if len(served) == 0 {
			served = append(served, 0)
			return answer(429, http.Header{"Retry-After": {"30"}})
		}
		served = append(served, clock.Now().Sub(start))
		return answer(200, nil)
	})
	clock.OnSleep(func(time.Duration) { // while the first one waits, two others come
		clock.OnSleep(nil)
		for _, path := range []string{"/elsewhere", "/here"} {
			if _, err := client.Get(context.Background(), extract.Request{Path: path}, nil); err != nil {
				t.Error(err)
			}
		}
	})
	if _, err := client.Get(context.Background(), extract.Request{Path: "/here"}, nil); err != nil {
		t.Fatal(err)
	}
	if len(served) != 4 || served[1] != 0 || served[2] < 30*time.Second {
		t.Errorf("served at %v, want elsewhere at once and here after 30s", served)
	}
}

func TestAWaitForTheBudgetEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	client := offline(t, extract.SystemClock{}, []extract.Limit{{Burst: 1, PerSecond: 1e-6}}, func(*http.Request) *http.Response {
		n++
		cancel()
		return answer(500, nil)
	})
	if _, err := client.Get(ctx, extract.Request{Path: "/x"}, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := client.Get(ctx, extract.Request{Path: "/x"}, nil); !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("%d requests, %v", n, err)
	}
}
