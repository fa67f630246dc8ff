package extract_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fourfold/extract"
	"fourfold/extract/extracttest"
)

const secret = `inc_"s&e/c<r>e+t=9f8e7d6c5b4a`

var start = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// setup makes a client of a server that answers with handler.
func setup(t *testing.T, handler http.HandlerFunc, change ...func(*extract.ClientOptions)) (*extract.Client, *extracttest.Clock) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	clock := extracttest.NewClock(start)
	opts := extract.ClientOptions{
		BaseURL: server.URL, UserAgent: "fourfold/1.2.3", Clock: clock, Redactor: &extract.Redactor{},
		Authorization: func(context.Context) (string, error) { return "Bearer " + secret, nil },
	}
	opts.Redactor.Add(secret)
	for _, f := range change {
		f(&opts)
	}
	c, err := extract.NewClient(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, clock
}

var wantList = extract.Request{
	Stream: "things", Path: "/v1/things", Query: url.Values{"page_size": {"2"}},
	Check: func(body []byte) error { return new(extract.List).Parse(body, "things", "pagination_meta") },
}

const goodList = `{"things":[{"id":"a"},{"id":"b"}],"pagination_meta":{"after":"b","page_size":2}}`

func good(w http.ResponseWriter) { _, _ = io.WriteString(w, goodList) }

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", fmt.Sprint(len(goodList)))
	_, _ = io.WriteString(w, goodList[:len(goodList)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func cutGzip(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, goodList)
	_ = z.Close()
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(b.Bytes()[:b.Len()-9])
}

func TestWhatMayPassIsAskedForAgain(t *testing.T) {
	for name, fail := range map[string]http.HandlerFunc{
		"408": status(408), "429": status(429), "500": status(500), "502": status(502), "503": status(503), "504": status(504),
		"connection reset": reset, "body cut": cut, "gzip cut": cutGzip, "empty body": text(""), "cut without a length": text(goodList[:20]),
		"garbage": text(`{"things":[{]}`), "HTML": text("<!doctype html><title>Maintenance</title>"), "another object": text(`{"message":"hello"}`),
		"brackets to drown in": text(strings.Repeat("[", 1<<20)), "bytes after the end": text(goodList + "x"), "a list of numbers": text(`{"things":[1]}`),
	} {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int64
			c, _ := setup(t, func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1) <= 2 {
					fail(w, r)
					return
				}
				good(w)
			})
			resp, err := c.Get(context.Background(), wantList, nil)
			if err != nil {
				t.Fatal(err)
			}
			if string(resp.Body) != goodList {
				t.Errorf("body %q", resp.Body)
			}
			if got := c.Counts("things"); got.Requests != 3 || got.Retries != 2 {
				t.Errorf("counted %+v, want 3 requests of which 2 retries", got)
			}
		})
	}
}

func TestRefusalsAreNotAskedForAgain(t *testing.T) {
	for code, kind := range map[int]error{400: nil, 401: extract.ErrUnauthorized, 403: extract.ErrForbidden, 404: nil, 410: nil, 422: nil} {
		var n atomic.Int64
		c, _ := setup(t, func(w http.ResponseWriter, r *http.Request) {
			n.Add(1)
			http.Error(w, "no, and this is why", code)
		}, func(o *extract.ClientOptions) {
			o.Describe = func(e *extract.HTTPError, body []byte) { e.Message, e.Hint = "why: "+string(body[:8]), "do that" }
		})
		_, err := c.Get(context.Background(), wantList, nil)
		var e *extract.HTTPError
		if !errors.As(err, &e) || e.Status != code || n.Load() != 1 {
			t.Errorf("%d: after %d requests %v, want one and an HTTPError", code, n.Load(), err)
			continue
		}
		for _, other := range []error{extract.ErrUnauthorized, extract.ErrForbidden} {
			if errors.Is(err, other) != (other == kind) {
				t.Errorf("%d: errors.Is(%v) = %v", code, other, other != kind)
			}
		}
		for _, part := range []string{"GET http://", "/v1/things?page_size=2", fmt.Sprint(code), "why: no, and; do that"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%d: error %q lacks %q", code, err, part)
			}
		}
	}
}

func TestTheServersWordOnWhenToComeBackIsHeeded(t *testing.T) {
	header := func(kv ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(kv); i += 2 {
			h.Set(kv[i], kv[i+1])
		}
		return h
	}
	at := func(d time.Duration) string { return start.Add(d).Format(http.TimeFormat) }
	now := at(0)
	for name, c := range map[string]struct {
		header http.Header
		body   time.Time
		want   time.Duration
	}{
		"seconds":                             {header("Retry-After", "17", "Date", now), time.Time{}, 17 * time.Second},
		"seconds with a fraction":             {header("Retry-After", "1.5", "Date", now), time.Time{}, 1500 * time.Millisecond},
		"a date":                              {header("Retry-After", at(40*time.Second), "Date", now), time.Time{}, 40 * time.Second},
		"the body":                            {header("Date", now), start.Add(9 * time.Second), 9 * time.Second},
		"the header before the body":          {header("Retry-After", "3", "Date", now), start.Add(90 * time.Second), 3 * time.Second},
		"the reset, last":                     {header("X-RateLimit-Reset", fmt.Sprint(start.Add(25*time.Second).Unix()), "Date", now), time.Time{}, 25 * time.Second},
		"the body before the reset":           {header("X-RateLimit-Reset", fmt.Sprint(start.Add(60*time.Second).Unix()), "Date", now), start.Add(2 * time.Second), 2 * time.Second},
		"a server whose clock is 5 min ahead": {header("Retry-After", at(5*time.Minute+8*time.Second), "Date", at(5*time.Minute)), time.Time{}, 8 * time.Second},
		"a Date that is old":                  {header("Retry-After", at(8*time.Second), "Date", at(-50*24*time.Hour)), time.Time{}, 8 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			var n int
			client, clock := setup(t, func(w http.ResponseWriter, _ *http.Request) {
				if n++; n > 1 {
					good(w)
					return
				}
				for k := range c.header {
					w.Header().Set(k, c.header.Get(k))
				}
				w.WriteHeader(http.StatusTooManyRequests)
			}, func(o *extract.ClientOptions) {
				o.RetryAt = func([]byte) (time.Time, bool) { return c.body, !c.body.IsZero() }
			})
			if _, err := client.Get(context.Background(), wantList, nil); err != nil {
				t.Fatal(err)
			}
			if got := clock.Now().Sub(start); got < c.want || got > c.want+time.Second {
				t.Errorf("waited %s, want %s and less than a second more", got, c.want)
			}
			if got := client.Counts("things"); got.Limited != 1 || got.Waited != clock.Now().Sub(start) {
				t.Errorf("counted %+v", got)
			}
		})
	}
}

func TestPatienceEndsWithAnErrorThatTellsTheStory(t *testing.T) {
	var n int
	c, clock := setup(t, func(w http.ResponseWriter, _ *http.Request) {
		n++
		http.Error(w, "backend is on fire", http.StatusBadGateway)
	})
	_, err := c.Get(context.Background(), wantList, nil)
	var gaveUp *extract.GaveUpError
	var last *extract.HTTPError
	if !errors.As(err, &gaveUp) || !errors.As(err, &last) || gaveUp.Attempts != n || n != 6 || last.Status != 502 {
		t.Fatalf("after %d requests: %v", n, err)
	}
	for _, part := range []string{"/v1/things?page_size=2", "502 Bad Gateway", "backend is on fire", "gave up after 6 attempts"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	slept := clock.Slept()
	for i, d := range slept {
		most := 500 * time.Millisecond << i
		if d < most/2 || d > most {
			t.Errorf("sleep %d was %s, want between %s and %s", i, d, most/2, most)
		}
	}
}

func TestAWaitThatIsTooLongIsNotBegun(t *testing.T) {
	c, clock := setup(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	_, err := c.Get(context.Background(), wantList, nil)
	if err == nil || !strings.Contains(err.Error(), "2h0m") || !strings.Contains(err.Error(), "run again later") {
		t.Errorf("error %v, want one that names the wait", err)
	}
	if len(clock.Slept()) != 0 {
		t.Errorf("slept %v", clock.Slept())
	}
}

func TestALimitedServerMayLimitOftenerThanItMayFail(t *testing.T) {
	var n int
	c, _ := setup(t, func(w http.ResponseWriter, _ *http.Request) {
		if n++; n <= 20 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		good(w)
	})
	if _, err := c.Get(context.Background(), wantList, nil); err != nil {
		t.Errorf("after %d answers: %v", n, err)
	}
}

func TestOneAttemptHasADeadline(t *testing.T) {
	var n atomic.Int64
	c, _ := setup(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			_, _ = io.WriteString(w, goodList[:10])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			return
		}
		good(w)
	}, func(o *extract.ClientOptions) { o.Timeout = 50 * time.Millisecond })
	// The second attempt may be late on a busy machine; what counts is that the first one ended.
	if _, err := c.Get(context.Background(), wantList, nil); err != nil && !strings.Contains(err.Error(), "no whole answer within") {
		t.Fatal(err)
	}
	if n.Load() < 2 {
		t.Errorf("%d requests, want a second one after the first was given up", n.Load())
	}
}

func TestTheEndOfTheContextStopsEverything(t *testing.T) {
	t.Run("while an answer is awaited", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		c, _ := setup(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
		if _, err := c.Get(ctx, wantList, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("while the next attempt is awaited", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		var n atomic.Int64
		c, clock := setup(t, func(w http.ResponseWriter, _ *http.Request) { n.Add(1); w.WriteHeader(503) })
		clock.OnSleep(func(time.Duration) { cancel() })
		if _, err := c.Get(ctx, wantList, nil); !errors.Is(err, context.Canceled) || n.Load() != 1 {
			t.Errorf("after %d requests: %v", n.Load(), err)
		}
	})
	t.Run("in a real sleep", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		c, _ := setup(t, func(w http.ResponseWriter, _ *http.Request) {
			defer cancel()
			w.Header().Set("Retry-After", "500")
			w.WriteHeader(503)
		}, func(o *extract.ClientOptions) { o.Clock = extract.SystemClock{} })
		if _, err := c.Get(ctx, wantList, nil); !errors.Is(err, context.Canceled) { // or the test's own deadline ends it
			t.Errorf("error %v", err)
		}
	})
}

func TestAnAnswerThatIsTooLargeIsNotRead(t *testing.T) {
	c, _ := setup(t, text(`{"things":[`+strings.Repeat(" ", 3<<20)+`]}`), func(o *extract.ClientOptions) { o.MaxBody = 2 << 20 })
	_, err := c.Get(context.Background(), wantList, nil)
	if err == nil || !strings.Contains(err.Error(), "larger than 2 MiB") || c.Counts("things").Requests != 1 {
		t.Errorf("error %v after %+v", err, c.Counts("things"))
	}
}

func TestRequestsSayWhoAsksAndTakeGzip(t *testing.T) {
	c, _ := setup(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("User-Agent") != "fourfold/1.2.3" || r.Header.Get("Authorization") != "Bearer "+secret || r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("headers %v", r.Header)
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, goodList)
		_ = z.Close()
	})
	resp, err := c.Get(context.Background(), wantList, nil)
	if err != nil || string(resp.Body) != goodList {
		t.Errorf("%v, %v", resp, err)
	}
}

func TestTheBufferIsUsedAgain(t *testing.T) {
	c, _ := setup(t, func(w http.ResponseWriter, _ *http.Request) { good(w) })
	buf := make([]byte, 0, 4096)
	resp, err := c.Get(context.Background(), wantList, buf)
	if err != nil || &resp.Body[0] != &buf[:1][0] {
		t.Errorf("the body is not in the buffer that was given (%v)", err)
	}
}
