package redash

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/redash"
)

const secretKey = "verySecretKey+/=0123456789"

// answering is a client of a server that answers as it is told, and how long the client waited.
func answering(t *testing.T, handle http.HandlerFunc) (*Client, *[]time.Duration) {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	c, err := NewClient(s.URL+"/", secretKey)
	if err != nil {
		t.Fatal(err)
	}
	waits := &[]time.Duration{}
	c.sleep = func(_ context.Context, d time.Duration) error {
		*waits = append(*waits, d)
		return nil
	}
	return c, waits
}

func writeJSON(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, text)
}

func TestReadingWaitsForWhatPasses(t *testing.T) {
	for _, status := range []int{429, 500, 502, 503} {
		calls := 0
		c, waits := answering(t, func(w http.ResponseWriter, r *http.Request) {
			if calls++; calls < 3 {
				w.Header().Set("Retry-After", map[int]string{1: "7", 2: ""}[calls])
				writeJSON(w, status, `{"message":"busy"}`)
				return
			}
			if got := r.Header.Get("Authorization"); got != "Key "+secretKey {
				t.Errorf("authorization %q", got)
			}
			writeJSON(w, 200, `{"user":{"id":3},"client_config":{"version":"25.8.0"}}`)
		})
		s, err := c.Session(t.Context())
		if err != nil || s.User.ID != 3 {
			t.Errorf("%d: %v %v", status, s, err)
		}
		if diff := cmp.Diff([]time.Duration{7 * time.Second, 2 * time.Second}, *waits); diff != "" {
			t.Errorf("%d: waits: %s", status, diff)
		}
	}
	calls := 0
	c, _ := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		writeJSON(w, 503, `{}`)
	})
	if _, err := c.Session(t.Context()); status(err) != 503 || calls != attempts {
		t.Errorf("%d calls: %v", calls, err)
	}
}

func TestWritingIsNeverTriedAgain(t *testing.T) {
	for _, code := range []int{429, 500, 503} {
		calls := 0
		c, _ := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			writeJSON(w, code, `{"message":"Internal Server Error"}`)
		})
		err := c.post(t.Context(), "/api/queries", body{"name": "x"}, nil)
		if status(err) != code || calls != 1 {
			t.Errorf("%d: %d calls: %v", code, calls, err)
		}
	}
}

func TestAPageIsNoAnswer(t *testing.T) {
	c, _ := answering(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html><title>Redash</title></html>") })
	if _, err := c.Session(t.Context()); err == nil || !strings.Contains(err.Error(), "a page and no data (text/html)") {
		t.Errorf("%v", err)
	}
	c, _ = answering(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://other.example.com/login?next="+secretKey, http.StatusFound)
	})
	if _, err := c.Session(t.Context()); err == nil || !strings.Contains(err.Error(), "leads to https://other.example.com/login") || strings.Contains(err.Error(), secretKey) {
		t.Errorf("%v", err)
	}
}

func TestTheKeyIsInNoError(t *testing.T) {
	for name, handle := range map[string]http.HandlerFunc{
		"echoed": func(w http.ResponseWriter, r *http.Request) {
			writeJSON(w, 400, fmt.Sprintf(`{"message":%q}`, "no "+r.Header.Get("Authorization")))
		},
		"echoed by 5xx": func(w http.ResponseWriter, r *http.Request) {
			writeJSON(w, 500, fmt.Sprintf(`{"message":%q}`, r.Header.Get("Authorization")))
		},
		"broken":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, "{"+secretKey) },
		"wrong key": func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, 404, `{"message":"Couldn't find resource."}`)
		},
	} {
		c, _ := answering(t, handle)
		_, err := c.Session(t.Context())
		if err == nil || strings.Contains(err.Error(), secretKey) || strings.Contains(fmt.Sprintf("%+v %#v", err, errors.Unwrap(err)), secretKey) {
			t.Errorf("%s: %v", name, err)
		}
		if name == "wrong key" && !strings.Contains(err.Error(), "if the key is wrong") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, address := range []string{"", "redash.example.com", "ftp://x", "https://u:" + secretKey + "@x", "https://x?api_key=" + secretKey, "https://x\x7f" + secretKey} {
		if _, err := NewClient(address, secretKey); err == nil || strings.Contains(err.Error(), secretKey) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := NewClient("https://x", " "); err == nil {
		t.Error("no key is a key")
	}
}

func TestAnOrganisationIsPartOfTheAddress(t *testing.T) {
	s := fake.New(fake.V25).WithOrganisation("acme")
	s.AddSource("warehouse", "bigquery")
	c := client(t, s, fake.DefaultKey)
	c.base += "/acme"
	if _, err := Provision(t.Context(), c, ask(small(t))); err != nil {
		t.Error(err)
	}
	for _, r := range s.Requests() {
		if strings.Contains(r.Body, fake.DefaultKey) || strings.Contains(r.Query.Encode(), fake.DefaultKey) {
			t.Errorf("the key is in %s %s", r.Method, r.Path)
		}
	}
	wrong := client(t, s, "anotherKey0000000")
	wrong.base += "/acme"
	if _, err := Provision(t.Context(), wrong, ask(small(t))); err == nil || !strings.Contains(err.Error(), "if the key is wrong") {
		t.Errorf("%v", err)
	}
}

func TestVersions(t *testing.T) {
	for text, columns := range map[string]int{"10.1.0": 6, "25.1.0": 6, "25.7": 6, "25.8.0": 12, "25.08.0-dev": 12, "26.08.0-dev": 12, "v27.1": 12} {
		v, err := ParseVersion(text)
		if err != nil || v.Columns() != columns {
			t.Errorf("%s: %d columns, %v", text, v.Columns(), err)
		}
	}
	for _, text := range []string{"8.0.0", "9.0.0-beta", "", "dev"} {
		if _, err := ParseVersion(text); err == nil || !strings.Contains(err.Error(), "10.0 or later") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestAListIsReadToItsEndAndNoFurther(t *testing.T) {
	for _, n := range []int{0, 1, pageSize, pageSize + 1, 2*pageSize + 1} {
		s := server(fake.V10)
		for range n {
			call(t, s, fake.DefaultKey, "POST", "/api/queries", body{"name": "x", "query": "select 1", "data_source_id": 1, "tags": []string{Tag}}, nil)
		}
		s.Forget()
		all, err := list[*remoteQuery](t.Context(), client(t, s, fake.DefaultKey), "/api/queries", map[string][]string{"tags": {Tag}})
		if err != nil || len(all) != n {
			t.Errorf("%d: %d, %v", n, len(all), err)
		}
		if got, want := len(s.Requests()), max(1, (n+pageSize-1)/pageSize); got != want {
			t.Errorf("%d: %d requests, want %d", n, got, want)
		}
	}
}

func TestWhatPagesAddIsNoDifference(t *testing.T) {
	want := marked("k", options{"a": options{"b": 1}, "c": []any{1, options{"d": nil}}})
	have := plain(want)
	if !within(want, have) {
		t.Fatal("not itself")
	}
	have["more"], have["a"].(map[string]any)["more"] = 1, true
	if !within(want, any(have)) {
		t.Error("what is added differs")
	}
	for name, other := range map[string]options{
		"value": {"a": options{"b": 2}, "c": []any{1, options{"d": nil}}}, "gone": {"a": options{}, "c": []any{1, options{"d": nil}}},
		"list": {"a": options{"b": 1}, "c": []any{1}}, "less wanted": {"a": options{"b": 1}, "c": []any{1, options{"d": nil}}, "old": 1},
	} {
		if within(want, any(marked("k", other))) {
			t.Errorf("%s is no difference", name)
		}
	}
}
