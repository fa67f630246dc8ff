package web

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	for _, address := range []string{"/", "/nowhere", "/assets/style.css", "/healthz", "/metrics", "/api/panels/trend.csv", "/api/panels/nothing.csv"} {
		r := ask(t, h, address)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff",
			"X-Frame-Options":         "DENY",
			"Referrer-Policy":         "no-referrer",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", address, name, got)
			}
		}
	}
}

func TestAVisitorWhoHasThePageIsToldSo(t *testing.T) {
	q := readRecorded(t)
	h, _ := newHandler(t, q)
	first := ask(t, h, "/?severity=Major")
	tag := first.Header.Get("ETag")
	if tag == "" || first.Header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("ETag %q, Cache-Control %q", tag, first.Header.Get("Cache-Control"))
	}
	again := ask(t, h, "/?severity=Major", "If-None-Match", `"other", `+tag)
	if again.StatusCode != http.StatusNotModified || body(t, again) != "" {
		t.Errorf("answered %d", again.StatusCode)
	}
	for _, other := range []string{"/", "/?severity=Major&lang=ja", "/?severity=Major&period=week"} {
		if got := ask(t, h, other, "If-None-Match", tag); got.StatusCode != http.StatusOK {
			t.Errorf("%s answered %d for the tag of another page", other, got.StatusCode)
		}
	}
	q.build = "b-later"
	if got := ask(t, h, "/?severity=Major", "If-None-Match", tag); got.StatusCode != http.StatusOK {
		t.Errorf("a new build answered %d", got.StatusCode)
	}
}

func TestABuildIsReadOnce(t *testing.T) {
	q := readRecorded(t)
	h, _ := newHandler(t, q)
	page(t, h, "/")
	once := q.count
	page(t, h, "/?lang=ja")
	if q.count != once {
		t.Errorf("the same numbers in another language took %d more queries", q.count-once)
	}
	q.build = "b-later"
	page(t, h, "/")
	if q.count != 2*once {
		t.Errorf("a new build took %d queries, the first one %d", q.count-once, once)
	}
}

func TestBeforeTheFirstBuildThePageSaysWhatToRun(t *testing.T) {
	h, _ := newHandler(t, &recorded{})
	for lang, want := range map[string]string{"en": "No numbers yet", "ja": "まだ数値がありません"} {
		r := ask(t, h, "/?lang="+lang)
		if got := body(t, r); !strings.Contains(got, want) || !strings.Contains(got, "<code>fourfold run</code>") || r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("ETag") != "" {
			t.Errorf("%s: %d %v\n%s", lang, r.StatusCode, r.Header, got)
		}
	}
	if r := ask(t, h, "/healthz"); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body(t, r), "fourfold run") {
		t.Errorf("/healthz answered %d", r.StatusCode)
	}
	if r := ask(t, h, "/api/panels/trend.json"); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body(t, r), "fourfold run") {
		t.Errorf("a panel answered %d", r.StatusCode)
	}
	if r := ask(t, h, "/metrics"); r.StatusCode != http.StatusOK || strings.Contains(body(t, r), "fourfold_build") {
		t.Errorf("/metrics answered %d", r.StatusCode)
	}
}

func TestAnErrorIsInTheLogAndNotOnThePage(t *testing.T) {
	q := readRecorded(t)
	q.err = errors.New(`Binder Error: table "secret_table" at /data/builds/x.duckdb`)
	h, log := newHandler(t, q)
	for _, address := range []string{"/", "/api/panels/trend.csv", "/metrics"} {
		r := ask(t, h, address)
		got := body(t, r)
		if r.StatusCode != http.StatusInternalServerError || strings.Contains(got, "secret_table") || strings.Contains(got, "duckdb") {
			t.Errorf("%s answered %d\n%s", address, r.StatusCode, got)
		}
		if r.Header.Get("ETag") != "" || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: an error may be kept: %v", address, r.Header)
		}
	}
	if !strings.Contains(log.String(), "secret_table") {
		t.Errorf("the log does not say why: %s", log)
	}
}

// slow answers only when the deadline is over.
type slow struct{ *recorded }

func (s slow) Query(ctx context.Context, _, _ string, _ ...any) (*Table, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestAQueryThatTakesTooLongIsGivenUp(t *testing.T) {
	h, _ := newHandler(t, slow{readRecorded(t)}, func(o *Options) { o.QueryTimeout = time.Millisecond })
	r := ask(t, h, "/")
	if got := body(t, r); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(got, "dashboard.query_timeout") {
		t.Errorf("answered %d\n%s", r.StatusCode, got)
	}
}

// busy notes how many queries are asked of it at a time.
type busy struct {
	*recorded
	now, most *atomic.Int32
}

func (b busy) Query(ctx context.Context, build, sql string, args ...any) (*Table, error) {
	n := b.now.Add(1)
	defer b.now.Add(-1)
	for most := b.most.Load(); n > most && !b.most.CompareAndSwap(most, n); most = b.most.Load() {
	}
	runtime.Gosched()
	return b.recorded.Query(ctx, build, sql, args...)
}

func TestQueriesWaitForTheirTurn(t *testing.T) {
	q := busy{readRecorded(t), &atomic.Int32{}, &atomic.Int32{}}
	h, _ := newHandler(t, q, func(o *Options) { o.AtOnce = 1 })
	var visitors sync.WaitGroup
	for _, address := range []string{"/", "/?period=week", "/api/panels/keys.csv"} {
		visitors.Go(func() {
			if r := ask(t, h, address); r.StatusCode != http.StatusOK {
				t.Errorf("%s answered %d", address, r.StatusCode)
			}
		})
	}
	visitors.Wait()
	if n := q.most.Load(); n != 1 {
		t.Errorf("%d queries ran at a time, and one may", n)
	}
}

// replaced loses its build while it is read, as when a third one is published.
type replaced struct{ *recorded }

func (r replaced) Query(ctx context.Context, build, sql string, args ...any) (*Table, error) {
	if build == "b-old" {
		r.mu.Lock()
		r.build = "b-new"
		r.mu.Unlock()
		return nil, errors.New("no such file")
	}
	return r.recorded.Query(ctx, build, sql, args...)
}

func TestABuildThatIsReplacedMeanwhileIsReadAnew(t *testing.T) {
	q := replaced{readRecorded(t)}
	q.build = "b-old"
	h, log := newHandler(t, q)
	page(t, h, "/")
	if log.Len() > 0 {
		t.Error(log)
	}
}

func TestOnlyReadingIsAllowed(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s answered %d", method, w.Code)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("HEAD", "/", nil))
	if w.Code != http.StatusOK {
		t.Errorf("HEAD answered %d", w.Code)
	}
}

func TestWhoMayLookDependsOnAuth(t *testing.T) {
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	both := Auth{User: "ann", Password: "pass", Token: "tok"}
	for _, c := range []struct {
		name, header string
		auth         Auth
		status       int
	}{
		{"nothing asked for", "", Auth{}, 200},
		{"no credentials", "", both, 401},
		{"password", basic("ann", "pass"), both, 200},
		{"wrong password", basic("ann", "no"), both, 401},
		{"wrong user", basic("bob", "pass"), both, 401},
		{"token", "Bearer tok", both, 200},
		{"wrong token", "Bearer no", both, 401},
		{"empty token where there is none", "Bearer ", Auth{User: "ann", Password: "pass"}, 401},
		{"empty password where there is none", basic("", ""), Auth{Token: "tok"}, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, _ := newHandler(t, readRecorded(t), func(o *Options) { o.Auth = c.auth })
			for _, address := range []string{"/", "/api/panels/trend.csv", "/metrics", "/assets/style.css"} {
				if r := ask(t, h, address, "Authorization", c.header); r.StatusCode != c.status {
					t.Errorf("%s answered %d, want %d", address, r.StatusCode, c.status)
				}
			}
			if r := ask(t, h, "/healthz"); r.StatusCode != 200 {
				t.Errorf("/healthz answered %d", r.StatusCode)
			}
		})
	}
	if _, err := New(Options{Querier: readRecorded(t), Auth: Auth{User: "ann"}}); err == nil {
		t.Error("a user without a password was accepted")
	}
}

func TestAMissingPageLeadsBackFromAnyDepth(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	r := ask(t, h, "/a/b/c?lang=ja")
	got := body(t, r)
	if r.StatusCode != http.StatusNotFound || !strings.Contains(got, `href="../../?lang=ja"`) || !strings.Contains(got, `href="../../assets/style.css`) {
		t.Errorf("answered %d\n%s", r.StatusCode, got)
	}
}

func TestPagesComeCompressedToThoseWhoTakeThem(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	plain := page(t, h, "/")
	r := ask(t, h, "/", "Accept-Encoding", "br, gzip")
	if r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("%v", r.Header)
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if string(unpacked) != plain {
		t.Error("the compressed page is another one")
	}
	if r := ask(t, h, "/", "Accept-Encoding", "gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
		t.Error("compressed for one who refuses")
	}
}

func TestTheStyleSheetMayBeKeptUnderItsVersion(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	got := page(t, h, "/")
	_, rest, _ := strings.Cut(got, `rel="stylesheet" href="./`)
	address, _, _ := strings.Cut(rest, `"`)
	r := ask(t, h, "/"+address)
	if r.StatusCode != 200 || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || r.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%s answered %d %v", address, r.StatusCode, r.Header)
	}
	if r := ask(t, h, "/assets/style.css?v=old"); strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
		t.Error("an old address may be kept for ever")
	}
	for _, bad := range []string{"/assets/nothing.css", "/assets/..%2fweb.go"} {
		if r := ask(t, h, bad); r.StatusCode != 404 {
			t.Errorf("%s answered %d", bad, r.StatusCode)
		}
	}
}

func TestStatusIsWhatTheProgramSays(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t), func(o *Options) { o.Status = func() any { return map[string]int{"runs": 3} } })
	if got := page(t, h, "/api/status"); got != "{\"runs\":3}\n" {
		t.Error(got)
	}
	h, _ = newHandler(t, readRecorded(t))
	if r := ask(t, h, "/api/status"); r.StatusCode != 404 {
		t.Errorf("without Status it answered %d", r.StatusCode)
	}
}

func TestThePublicAddressIsTheCanonicalOne(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t), func(o *Options) { o.PublicURL = "https://four.example/keys/" })
	if got := page(t, h, "/?severity=Major&incident=x"); !strings.Contains(got, `<link rel="canonical" href="https://four.example/keys/?severity=Major">`) {
		t.Error("no canonical link")
	}
}

func TestFiltersReachTheQueries(t *testing.T) {
	q := readRecorded(t)
	h, _ := newHandler(t, q)
	page(t, h, "/incidents?"+url.Values{"period": {"week"}, "range": {"12w"}, "type": {"Default"}, "field": {"Affected: a: b"}, "severity": {"Major"}, "service": {"決済基盤"}, "team": {"payments"}}.Encode())
	asked := q.asked["restores"]
	if diff := cmp.Diff([]any{"Major", "Major", "Default", "Default", "決済基盤", "決済基盤", "payments", "payments", "Affected", "Affected", "a: b", "決済基盤", "payments", "2026-08-31", "2026-11-25", "決済基盤", "payments", "2026-08-31", "2026-11-25", int64(10_000)}, asked); diff != "" {
		t.Errorf("restores (-want +got)\n%s", diff)
	}
}
