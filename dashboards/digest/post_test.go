package digest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const secret = "T0SECRET/B0SECRET/hunter2hunter2"

// receiver is a webhook that answers what it is told to, in order; the last answer stays.
type receiver struct {
	*httptest.Server
	bodies  []string
	types   []string
	answers []func(http.ResponseWriter, *http.Request)
}

func receive(t *testing.T, answers ...func(http.ResponseWriter, *http.Request)) *receiver {
	t.Helper()
	r := &receiver{answers: answers}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.bodies = append(r.bodies, string(b))
		r.types = append(r.types, req.Method+" "+req.Header.Get("Content-Type"))
		answer := r.answers[0]
		if len(r.answers) > 1 {
			r.answers = r.answers[1:]
		}
		answer(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) target(k Kind) Target {
	return Target{k, r.URL + "/services/" + secret + "?key=K3Y-K3Y"}
}

func status(code int, body string, headers ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

var ok = status(200, "ok")

// patient notes how long it would have waited.
func patient(waited *[]time.Duration) Poster {
	return Poster{Timeout: 5 * time.Second, Wait: func(_ context.Context, d time.Duration) error {
		*waited = append(*waited, d)
		return nil
	}}
}

func noSecret(t *testing.T, err error) {
	t.Helper()
	for _, s := range []string{"SECRET", "hunter2", "K3Y", "services"} {
		if err != nil && strings.Contains(err.Error(), s) {
			t.Errorf("the error tells the address: %v", err)
		}
	}
}

func TestEachTargetIsToldInItsForm(t *testing.T) {
	d := digestOf(t, readRecorded(t), "en", "")
	slack, chat, hook := receive(t, ok), receive(t, status(200, "{}")), receive(t, status(204, ""))
	told, err := Poster{}.Post(t.Context(), d, []Target{slack.target(Slack), chat.target(GoogleChat), hook.target(Webhook)})
	if err != nil || !slices.Equal(told, []Kind{Slack, GoogleChat, Webhook}) {
		t.Fatalf("told %v, %v", told, err)
	}
	for _, x := range []struct {
		at   *receiver
		kind Kind
	}{{slack, Slack}, {chat, GoogleChat}, {hook, Webhook}} {
		want, err := x.kind.Message(d)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{string(want)}, x.at.bodies); diff != "" {
			t.Errorf("%s (-want +got)\n%s", x.kind, diff)
		}
		if x.at.types[0] != "POST application/json; charset=UTF-8" {
			t.Errorf("%s was asked by %s", x.kind, x.at.types[0])
		}
	}
}

func TestOneThatFailsKeepsNoneFromBeingTold(t *testing.T) {
	for _, x := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request)
		says   string
	}{
		{"500", status(500, "oops /services/"+secret), "digest.slack: answered 500: oops ***"},
		{"gone", status(404, "no_service"), "answered 404: no_service: make a new webhook and put its address into digest.slack"},
		{"elsewhere", status(307, "", "Location", "https://elsewhere.example.com/"+secret), "answered 307: it leads elsewhere"},
		{"cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "cannot be reached"},
		{"429 for ever", status(429, "", "Retry-After", "1"), "answered 429: too many messages"},
		{"429 until tomorrow", status(429, "", "Retry-After", "86400"), "asks to wait for 24h0m0s"},
	} {
		t.Run(x.name, func(t *testing.T) {
			var waited []time.Duration
			bad, good := receive(t, x.answer), receive(t, ok)
			told, err := patient(&waited).Post(t.Context(), digestOf(t, readRecorded(t), "en", ""), []Target{bad.target(Slack), good.target(Webhook)})
			if !slices.Equal(told, []Kind{Webhook}) || len(good.bodies) != 1 {
				t.Errorf("told %v", told)
			}
			if err == nil || !strings.Contains(err.Error(), x.says) {
				t.Errorf("got %v, want %q", err, x.says)
			}
			noSecret(t, err)
			if want := map[bool]int{true: 3, false: 1}[x.name == "429 for ever"]; len(bad.bodies) != want {
				t.Errorf("it was asked %d times, want %d", len(bad.bodies), want)
			}
		})
	}
}

func TestTooManyMessagesAreWaitedFor(t *testing.T) {
	var waited []time.Duration
	r := receive(t, status(429, "", "Retry-After", "7"), status(429, "", "Retry-After", "soon"), ok)
	told, err := patient(&waited).Post(t.Context(), digestOf(t, readRecorded(t), "en", ""), []Target{r.target(GoogleChat)})
	if err != nil || len(told) != 1 {
		t.Errorf("told %v, %v", told, err)
	}
	if diff := cmp.Diff([]time.Duration{7 * time.Second, usualWait}, waited); diff != "" {
		t.Errorf("waited (-want +got)\n%s", diff)
	}
}

func TestOneThatHangsIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	hanging := receive(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	good := receive(t, ok)
	told, err := Poster{Timeout: time.Second}.Post(t.Context(), digestOf(t, readRecorded(t), "en", ""), []Target{hanging.target(Slack), good.target(Webhook)})
	if err == nil || !strings.Contains(err.Error(), "did not answer within 1s") || !slices.Equal(told, []Kind{Webhook}) {
		t.Errorf("told %v, %v", told, err)
	}
	noSecret(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Poster{}).Post(ctx, digestOf(t, readRecorded(t), "en", ""), []Target{good.target(Slack)}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestAnAddressThatIsNoneIsNotToldEither(t *testing.T) {
	for _, address := range []string{"http://127.0.0.1:1/" + secret, "http://user:hunter2@127.0.0.1:1/x", "::" + secret} {
		_, err := Poster{Timeout: 5 * time.Second}.Post(t.Context(), digestOf(t, readRecorded(t), "en", ""), []Target{{Slack, address}})
		if err == nil {
			t.Error("nobody was told, and nothing is said")
		}
		noSecret(t, err)
	}
}
