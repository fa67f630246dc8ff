package extract_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fourfold/extract"
)

func TestARedirectToAnotherHostIsRefused(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") }))
	defer other.Close()
	c, _ := setup(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/v1/things", http.StatusFound)
	})
	_, err := c.Get(context.Background(), wantList, nil)
	if err == nil || !strings.Contains(err.Error(), "refused") || !strings.Contains(err.Error(), other.URL) || c.Counts("things").Requests != 1 {
		t.Errorf("error %v after %+v", err, c.Counts("things"))
	}
}

func TestARedirectOnTheSameHostIsFollowed(t *testing.T) {
	c, _ := setup(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/things" {
			http.Redirect(w, r, "/v1/things/", http.StatusMovedPermanently)
			return
		}
		if r.Header.Get("Authorization") == "" {
			t.Error("no credentials after the redirect")
		}
		good(w)
	})
	if _, err := c.Get(context.Background(), wantList, nil); err != nil {
		t.Error(err)
	}
}

func TestAHostThatCannotBeReachedIsSaidToBe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	c, _ := setup(t, nil, func(o *extract.ClientOptions) { o.BaseURL = "http://user:hunter22@" + address })
	_, err = c.Get(context.Background(), wantList, nil)
	if !errors.Is(err, extract.ErrUnreachable) || !strings.Contains(err.Error(), "check the network") || strings.Contains(err.Error(), "hunter22") {
		t.Errorf("error %v", err)
	}
}

func TestABaseURLIsChecked(t *testing.T) {
	for _, bad := range []string{"", "api.incident.io", "ftp://host", "http://", "https://a b"} {
		if _, err := extract.NewClient(extract.ClientOptions{BaseURL: bad}); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestNoSecretGetsIntoErrorsAndLogs(t *testing.T) {
	quoted, _ := json.Marshal(secret)
	echoes := map[string]string{
		"as it is": secret, "in a header": "Authorization: Bearer " + secret, "in JSON": string(quoted), "in a URL": url.QueryEscape(secret),
		"in a path": url.PathEscape(secret), "in base64": base64.StdEncoding.EncodeToString([]byte(secret)), "in Go": fmt.Sprintf("%q", secret),
		"where an excerpt is cut": strings.Repeat("x", 490) + secret, "another key": "Bearer inc_somebodyelses0123456789",
	}
	for name, echo := range echoes {
		for _, code := range []int{200, 401, 403, 500} {
			t.Run(fmt.Sprint(name, " ", code), func(t *testing.T) {
				var logs bytes.Buffer
				c, _ := setup(t, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("X-Request-Id", secret)
					w.WriteHeader(code)
					_, _ = io.WriteString(w, "you sent "+echo)
				}, func(o *extract.ClientOptions) {
					o.Logger = slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
					o.Describe = func(e *extract.HTTPError, body []byte) { e.Message, e.Hint = string(body), secret }
				})
				_, err := c.Get(context.Background(), extract.Request{Stream: "x", Path: "/", Query: url.Values{"q": {secret}}}, nil)
				if err == nil {
					t.Fatal("no error")
				}
				c.Logger().With("key", secret).WithGroup("g").Info("using "+secret, "err", err, "any", struct{ K string }{secret},
					"bytes", []byte(secret), slog.Group("deep", "k", secret))
				all := err.Error() + fmt.Sprintf("%+v", err) + logs.String()
				for _, leak := range append([]string{"inc_somebodyelses", "f8e7d6c5b4"}, echoes["in base64"]) {
					if strings.Contains(all, leak) {
						t.Errorf("%q is in %s", leak, all)
					}
				}
				if !strings.Contains(all, "[redacted]") {
					t.Errorf("nothing was redacted in %s", all)
				}
			})
		}
	}
}
