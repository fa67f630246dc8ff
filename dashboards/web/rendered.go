package web

import (
	"bytes"
	"compress/gzip"
	"container/list"
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// answer is a page or a file, finished, as it is sent: to whoever asks for the same of the same build.
type answer struct {
	header http.Header // what it says besides its tag: Content-Type, and what else is its own
	packed []byte      // compressed: nearly everybody takes it so, and it is a tenth as large
	size   int         // in bytes, uncompressed
}

// pack finishes an answer.
func pack(header http.Header, body []byte) *answer {
	var b bytes.Buffer
	level := gzip.DefaultCompression
	if len(body) > 1<<20 { // a download, which somebody waits for: a third larger in a third of the time
		level = gzip.BestSpeed
	}
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		panic("web: " + err.Error()) // both are levels
	}
	if _, err := z.Write(body); err != nil {
		panic("web: " + err.Error()) // a buffer takes everything
	}
	if err := z.Close(); err != nil {
		panic("web: " + err.Error())
	}
	return &answer{header, b.Bytes(), len(body)}
}

// send writes an answer, for those who do not take it compressed as it was.
func (a *answer) send(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	h.Add("Vary", "Accept-Encoding")
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(a.packed)))
		w.WriteHeader(status)
		_, _ = w.Write(a.packed) // a visitor who left is no error
		return
	}
	z, err := gzip.NewReader(bytes.NewReader(a.packed))
	if err != nil {
		panic("web: " + err.Error()) // it was written by pack
	}
	h.Set("Content-Length", strconv.Itoa(a.size))
	w.WriteHeader(status)
	_, _ = io.Copy(w, z)
}

// rendered keeps the answers that were used last, by their tags. A tag names the build and the program, so that what is kept
// is never out of date, only no longer asked for.
type rendered struct {
	mu      sync.Mutex
	limit   int // in bytes as packed
	size    int
	byTag   map[string]*list.Element
	byUse   *list.List // of *keptAnswer, the one used last first
	flights flights[*answer]
	turns   turns
}

type keptAnswer struct {
	tag string
	*answer
}

// renderedBytes bounds what is kept: a page is 10 to 100 kB.
const renderedBytes = 64 << 20

func newRendered(bytes int) *rendered {
	return &rendered{limit: bytes, byTag: map[string]*list.Element{}, byUse: list.New()}
}

// get gives the answer of a tag; where there is none it is made, once for all who ask meanwhile. What fails is not kept.
func (c *rendered) get(ctx context.Context, tag string, make func(context.Context) (*answer, error)) (*answer, error) {
	if a := c.kept(tag); a != nil {
		return a, nil
	}
	if ctx.Value(ahead{}) == nil {
		defer c.turns.visit(ctx)()
	}
	return c.flights.do(ctx, tag, func(ctx context.Context) (*answer, error) {
		a, err := make(ctx)
		if err == nil {
			c.keep(tag, a)
		}
		return a, err
	})
}

func (c *rendered) kept(tag string) *answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byTag[tag]
	if !ok {
		return nil
	}
	c.byUse.MoveToFront(e)
	return e.Value.(*keptAnswer).answer
}

// keep takes an answer in unless it is so large that it would drive out most others.
func (c *rendered) keep(tag string, a *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byTag[tag]; ok || len(a.packed) > c.limit/8 {
		return
	}
	c.byTag[tag] = c.byUse.PushFront(&keptAnswer{tag, a})
	c.size += len(a.packed)
	for c.size > c.limit {
		old := c.byUse.Remove(c.byUse.Back()).(*keptAnswer)
		delete(c.byTag, old.tag)
		c.size -= len(old.packed)
	}
}
