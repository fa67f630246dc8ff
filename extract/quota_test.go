package extract

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract/extracttest"
)

func TestQuotasAreWhatTheServerLastSaidOfEachLimit(t *testing.T) {
	answers := []http.Header{
		{"X-Ratelimit-Limit": {"60, 1200;window=60, 60;window=60"}, "X-Ratelimit-Remaining": {"59"}},
		{"X-Ratelimit-Limit": {"1200, 1200;window=60"}, "X-Ratelimit-Remaining": {"1100"}},
		{},
		{"X-Ratelimit-Limit": {"many"}, "X-Ratelimit-Remaining": {"few"}},
		{"X-Ratelimit-Limit": {"60;window=60"}, "X-Ratelimit-Remaining": {"58"}},
	}
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range answers[n] {
			w.Header()[k] = v
		}
		n++
		w.Write([]byte("{}"))
	}))
	defer server.Close()
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	c, err := NewClient(ClientOptions{BaseURL: server.URL, Clock: extracttest.NewClock(at)})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Quotas(); len(got) != 0 {
		t.Errorf("before any answer: %v", got)
	}
	for range answers {
		if _, err := c.Get(t.Context(), Request{Path: "/"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]Quota{{Limit: 60, Remaining: 58, At: at}, {Limit: 1200, Remaining: 1100, At: at}}, c.Quotas()); diff != "" {
		t.Error(diff)
	}
}
