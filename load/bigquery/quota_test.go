package bigquery

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/api/option"
)

// shortQuotas makes waits short, and as long in all as is given.
func shortQuotas(t *testing.T, all time.Duration) {
	t.Helper()
	quickly(t)
	was := quotaFor
	quotaFor = all
	t.Cleanup(func() { quotaFor = was })
}

// refusing answers requests for jobs as it is told, by their number from 1 on; "" is a job that has ended well, and what
// begins with "job:" one that has failed for a reason.
func refusing(t *testing.T, answer func(n int) (status int, reason string)) (c *Client, ids *[]string, said *bytes.Buffer) {
	t.Helper()
	ids, said = &[]string{}, &bytes.Buffer{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var job struct{ JobReference map[string]string }
		if err := json.NewDecoder(r.Body).Decode(&job); err != nil {
			t.Error(err)
		}
		*ids = append(*ids, job.JobReference["jobId"])
		status, reason := answer(len(*ids))
		w.Header().Set("Content-Type", "application/json")
		var body map[string]any
		switch failedFor, isJob := strings.CutPrefix(reason, "job:"); {
		case reason == "" && status == http.StatusOK, isJob:
			state := map[string]any{"state": "DONE"}
			if isJob {
				state["errorResult"] = map[string]string{"reason": failedFor, "message": "Quota exceeded: imports per table"}
			}
			body = map[string]any{"jobReference": job.JobReference, "status": state, "configuration": map[string]any{"query": map[string]any{}}}
		default:
			_, body = failed(status, reason, "Quota exceeded: requests per second")
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}))
	t.Cleanup(s.Close)
	c, err := Connect(t.Context(), Options{Project: "p", Dataset: "ff", Endpoint: s.URL, Log: slog.New(slog.NewTextHandler(said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, ids, said
}

func TestWhatIsTooMuchForNowIsWaitedForAndSaid(t *testing.T) {
	for _, x := range []struct {
		status int
		reason string
		waits  []string
		ids    []string
	}{
		{http.StatusForbidden, "rateLimitExceeded", []string{"wait=1ms", "wait=2ms", "wait=4ms"}, []string{"id-1", "id-1", "id-1", "id-1"}},
		{http.StatusBadRequest, "jobRateLimitExceeded", []string{"wait=1ms", "wait=2ms", "wait=4ms"}, []string{"id-1", "id-1", "id-1", "id-1"}},
		{http.StatusTooManyRequests, "", []string{"wait=1ms", "wait=2ms", "wait=4ms"}, []string{"id-1", "id-1", "id-1", "id-1"}},
		{http.StatusForbidden, "quotaExceeded", []string{"wait=30ms", "wait=60ms", "wait=120ms"}, []string{"id-1", "id-1", "id-1", "id-1"}},
		// A job that has failed is another one the next time.
		{http.StatusOK, "job:rateLimitExceeded", []string{"wait=1ms", "wait=2ms", "wait=4ms"}, []string{"id-1", "id-2", "id-3", "id-4"}},
		{http.StatusOK, "job:quotaExceeded", []string{"wait=30ms", "wait=60ms", "wait=120ms"}, []string{"id-1", "id-2", "id-3", "id-4"}},
	} {
		t.Run(fmt.Sprint(x.status, " ", x.reason), func(t *testing.T) {
			shortQuotas(t, time.Minute)
			c, ids, said := refusing(t, func(n int) (int, string) {
				if n < 4 {
					return x.status, x.reason
				}
				return http.StatusOK, ""
			})
			if _, err := c.script(t.Context(), "append to runs", "id", "select 1", nil); err != nil {
				t.Fatal(err)
			}
			compare(t, "jobs", *ids, x.ids)
			lines := strings.Split(strings.TrimSpace(said.String()), "\n")
			if len(lines) != len(x.waits) {
				t.Fatalf("said:\n%s", said)
			}
			for i, want := range x.waits {
				if !strings.Contains(lines[i], want) || !strings.Contains(lines[i], `doing="append to runs"`) || !strings.Contains(lines[i], "Quota exceeded: ") {
					t.Errorf("said %s, want %s", lines[i], want)
				}
			}
		})
	}
}

// A quota of a day does not come back in minutes: the round ends, and each of its streams does not wait as long again.
func TestAQuotaThatDoesNotComeBackIsAnErrorInTheEnd(t *testing.T) {
	for reason, want := range map[string]string{"quotaExceeded": "run less often, or have it raised", "rateLimitExceeded": "run less at once"} {
		for _, kind := range []string{"", "job:"} {
			t.Run(kind+reason, func(t *testing.T) {
				shortQuotas(t, quotas[reason]*7*time.Millisecond) // 1 + 2 + 4 pauses
				c, ids, said := refusing(t, func(int) (int, string) {
					if kind != "" {
						return http.StatusOK, kind + reason
					}
					return http.StatusForbidden, reason
				})
				ask := func(n int) {
					t.Helper()
					*ids = nil
					_, err := c.script(t.Context(), "append to runs", "id", "select 1", nil)
					if err == nil || !strings.Contains(err.Error(), "bigquery: append to runs: ") || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "Quota exceeded: ") {
						t.Errorf("%v, want %s", err, want)
					}
					if len(*ids) != n {
						t.Errorf("asked %d times, want %d", len(*ids), n)
					}
				}
				ask(4)
				quotaFor = time.Hour // until which the next one is not waited for
				ask(1)
				if n := strings.Count(said.String(), "waiting"); n != 3 {
					t.Errorf("said %d times:\n%s", n, said)
				}
			})
		}
	}
}

func TestWhoHasLessTimeThanAQuotaTakesIsToldAtOnce(t *testing.T) {
	shortQuotas(t, 24*time.Hour)
	pause = time.Hour
	c, ids, _ := refusing(t, func(int) (int, string) { return http.StatusForbidden, "rateLimitExceeded" })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := c.query(ctx, "query", "ff_marts", "select 1", nil, nil)
	if err == nil || !strings.Contains(err.Error(), "run less at once") || len(*ids) != 1 {
		t.Errorf("%v, asked %d times", err, len(*ids))
	}
}

// Pages of an answer are asked for by the client library, which waits by itself.
func TestWhatTheLibraryWaitsForIsSaidToo(t *testing.T) {
	var said bytes.Buffer
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		status, body := failed(http.StatusForbidden, "rateLimitExceeded", "Exceeded rate limits")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}))
	defer s.Close()
	asks := &http.Client{Transport: listener{http.DefaultTransport, slog.New(slog.NewTextHandler(&said, nil))}}
	res, err := asks.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(body), `"rateLimitExceeded"`) || res.StatusCode != http.StatusForbidden {
		t.Errorf("%d %s, %v", res.StatusCode, body, err)
	}
	if !strings.Contains(said.String(), "reason=rateLimitExceeded") {
		t.Errorf("said %q", said.String())
	}
	req, err := http.NewRequestWithContext(context.WithValue(t.Context(), patient{}, true), http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	var r *refusal
	if _, err = asks.Do(req); !errors.As(err, &r) || r.code != http.StatusForbidden || r.reason != "rateLimitExceeded" {
		t.Errorf("of what is tried again here: %v", err)
	}
}

// Who asks is who the key says, though the answers are listened to.
func TestAKeyIsWhatRequestsAreMadeWith(t *testing.T) {
	shortQuotas(t, time.Minute)
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	var with []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/token" {
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "of-the-key", "token_type": "Bearer", "expires_in": 3600})
			return
		}
		with = append(with, r.Header.Get("Authorization"))
		status, body := failed(http.StatusForbidden, "rateLimitExceeded", "Exceeded rate limits")
		if len(with) > 1 {
			status, body = http.StatusOK, map[string]any{"id": "p:ff_raw", "datasetReference": map[string]string{"projectId": "p", "datasetId": "ff_raw"}, "location": "EU"}
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}))
	defer s.Close()
	key, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "key@p", "token_uri": s.URL + "/token", "private_key_id": "1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := dial(t.Context(), Options{Project: "p", Dataset: "ff", Location: "EU", Credentials: key}, option.WithEndpoint(s.URL+"/bigquery/v2/"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.ensureDataset(t.Context(), "ff_raw", ""); err != nil {
		t.Error(err)
	}
	compare(t, "authorization", with, []string{"Bearer of-the-key", "Bearer of-the-key"})
}
