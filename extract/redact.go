package extract

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const redacted = "[redacted]"

// shortestSecret is the length below which a secret is not looked for: replacing "abc" everywhere would make every text
// unreadable and hide nothing.
const shortestSecret = 4

// bearer finds credentials that nobody registered: a server may echo another key than ours.
var bearer = regexp.MustCompile(`(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{20,}`)

// Redactor removes secrets from text: from errors, logs and what a server echoes. The zero value knows no secret yet.
// It is safe for concurrent use.
type Redactor struct {
	mu       sync.RWMutex
	known    map[string]bool
	variants []string
	replacer *strings.Replacer
}

// Add registers a secret. It is found as it is and as URLs, JSON, Go and base64 write it.
func (r *Redactor) Add(secret string) {
	secret = strings.TrimSpace(secret)
	r.mu.RLock()
	known := r.known[secret]
	r.mu.RUnlock()
	if known || len(secret) < shortestSecret {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = map[string]bool{}
	}
	r.known[secret] = true
	quotedJSON, _ := json.Marshal(secret) // a string always marshals
	var plainJSON bytes.Buffer
	e := json.NewEncoder(&plainJSON)
	e.SetEscapeHTML(false)
	_ = e.Encode(secret)
	r.variants = append(r.variants, secret, url.QueryEscape(secret), url.PathEscape(secret),
		strings.Trim(string(quotedJSON), `"`), strings.Trim(strings.TrimSpace(plainJSON.String()), `"`), strings.Trim(strconv.Quote(secret), `"`),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)))
	// The longest first: a secret that begins another one must not leave its tail.
	slices.SortFunc(r.variants, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(r.variants))
	for _, v := range r.variants {
		pairs = append(pairs, v, redacted)
	}
	r.replacer = strings.NewReplacer(pairs...)
}

// String gives the text without any registered secret and without anything that looks like an Authorization header.
func (r *Redactor) String(s string) string {
	r.mu.RLock()
	replacer := r.replacer
	r.mu.RUnlock()
	if replacer != nil {
		s = replacer.Replace(s)
	}
	return bearer.ReplaceAllString(s, "${1}"+redacted)
}

// Error gives an error whose text holds no secret; errors.Is and errors.As still see through it.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if clean := r.String(text); clean != text {
		return &cleanError{text: clean, err: err}
	}
	return err
}

type cleanError struct {
	text string
	err  error
}

func (e *cleanError) Error() string { return e.text }
func (e *cleanError) Unwrap() error { return e.err }

// Handler gives a handler of logs that passes everything on to h without secrets.
func (r *Redactor) Handler(h slog.Handler) slog.Handler { return &redactingHandler{r, h} }

type redactingHandler struct {
	redactor *Redactor
	next     slog.Handler
}

func (h *redactingHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.next.Enabled(ctx, l)
}

func (h *redactingHandler) Handle(ctx context.Context, rec slog.Record) error {
	clean := slog.NewRecord(rec.Time, rec.Level, h.redactor.String(rec.Message), rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.attr(a))
		return true
	})
	return h.next.Handle(ctx, clean)
}

func (h *redactingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = h.attr(a)
	}
	return &redactingHandler{h.redactor, h.next.WithAttrs(clean)}
}

func (h *redactingHandler) WithGroup(name string) slog.Handler {
	return &redactingHandler{h.redactor, h.next.WithGroup(name)}
}

func (h *redactingHandler) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, h.redactor.String(v.String()))
	case slog.KindGroup:
		members := v.Group()
		clean := make([]slog.Attr, len(members))
		for i, m := range members {
			clean[i] = h.attr(m)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(clean...)}
	case slog.KindAny:
		text := fmt.Sprintf("%+v", v.Any())
		if b, ok := v.Any().([]byte); ok {
			text = string(b)
		}
		if clean := h.redactor.String(text); clean != text {
			return slog.String(a.Key, clean)
		}
	}
	return slog.Attr{Key: a.Key, Value: v}
}
