package web

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func said(text string) func(context.Context) (*answer, error) {
	return func(context.Context) (*answer, error) {
		return pack(http.Header{"Content-Type": {"text/plain"}}, []byte(text)), nil
	}
}

func never(t *testing.T) func(context.Context) (*answer, error) {
	return func(context.Context) (*answer, error) {
		t.Error("it was made again")
		return nil, errors.New("made again")
	}
}

func TestAnAnswerIsTheSameCompressedAndNot(t *testing.T) {
	a, _ := said(strings.Repeat("twelve ", 1000))(t.Context())
	for _, accept := range []string{"", "gzip", "br, gzip;q=0.8", "gzip;q=0"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", accept)
		w := httptest.NewRecorder()
		a.send(w, r, http.StatusOK)
		got := w.Result()
		if n := int64(w.Body.Len()); got.ContentLength != n {
			t.Errorf("%q: Content-Length is %d for %d bytes", accept, got.ContentLength, n)
		}
		packed := strings.Contains(accept, "gzip") && accept != "gzip;q=0"
		if is := got.Header.Get("Content-Encoding") == "gzip"; is != packed {
			t.Errorf("%q: compressed: %t", accept, is)
		}
		if got.Header.Get("Vary") != "Accept-Encoding" || got.Header.Get("Content-Type") != "text/plain" {
			t.Errorf("%q: headers %v", accept, got.Header)
		}
		var body io.Reader = w.Body
		if packed {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		if text, err := io.ReadAll(body); err != nil || string(text) != strings.Repeat("twelve ", 1000) {
			t.Errorf("%q: %d bytes, %v", accept, len(text), err)
		}
	}
}

func TestAnAnswerIsMadeOnceForAllWhoAsk(t *testing.T) {
	c := newRendered(1 << 20)
	begun, goOn := make(chan struct{}), make(chan struct{})
	made := 0
	slow := func(ctx context.Context) (*answer, error) {
		made++
		close(begun)
		<-goOn
		return said("once")(ctx)
	}
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := c.get(t.Context(), "a", slow); err != nil {
			t.Error(err)
		}
	})
	<-begun
	for range 5 {
		all.Go(func() {
			if a, err := c.get(t.Context(), "a", never(t)); err != nil || a.size != 4 {
				t.Error(a, err)
			}
		})
	}
	close(goOn)
	all.Wait()
	if made != 1 {
		t.Errorf("it was made %d times", made)
	}
	if a, err := c.get(t.Context(), "b", said("another")); err != nil || a.size != 7 {
		t.Errorf("another tag has %v, %v", a, err)
	}
}

func TestWhatFailedIsMadeAnew(t *testing.T) {
	c := newRendered(1 << 20)
	broken := errors.New("broken")
	if _, err := c.get(t.Context(), "a", func(context.Context) (*answer, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if a, err := c.get(t.Context(), "a", said("well")); err != nil || a.size != 4 {
		t.Errorf("after a failure: %v, %v", a, err)
	}
}

func TestAnswersThatWereNotUsedGoFirst(t *testing.T) {
	one := pack(nil, []byte("x"))
	c := newRendered(10 * len(one.packed))
	keep := func(tag string) { c.keep(tag, pack(nil, []byte("x"))) }
	for _, tag := range strings.Split("abcdefghij", "") {
		keep(tag)
	}
	if c.kept("a") == nil {
		t.Fatal("ten do not fit")
	}
	keep("k")
	for tag, there := range map[string]bool{"a": true, "b": false, "c": true, "k": true} {
		if (c.kept(tag) != nil) != there {
			t.Errorf("%s is there: %t", tag, !there)
		}
	}
	if c.size > c.limit || c.size != len(c.byTag)*len(one.packed) {
		t.Errorf("%d bytes of %d in %d answers", c.size, c.limit, len(c.byTag))
	}
	c.keep("large", &answer{packed: make([]byte, c.limit/8+1)})
	if c.kept("large") != nil {
		t.Error("what would drive out others is kept")
	}
}
