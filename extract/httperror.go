package extract

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrUnreachable says that no connection to the host could be made: asking it for something else is of no use now.
var ErrUnreachable = errors.New("host cannot be reached")

// ErrSlowDown says that a server is well and asks to be asked less.
var ErrSlowDown = errors.New("asked to slow down")

// ErrTimeout says that an attempt took longer than one may.
var ErrTimeout = errors.New("timed out")

// excerptLength is how much of a server's own words an error repeats, in bytes.
const excerptLength = 500

// HTTPError is a server's refusal. It holds no secret. errors.Is knows it as ErrUnauthorized (401) or ErrForbidden (403).
type HTTPError struct {
	Method string
	URL    string // without user and password
	Status int
	// Message is the reason in the server's words, as far as they could be understood.
	Message string
	// Hint says what to do about it; empty where nobody knows.
	Hint string
	// Body is the beginning of the answer.
	Body      string
	RequestID string
	// Header is that of the answer; it is in no text.
	Header http.Header
	// Slow says that the server is well and asked to be asked less: the refusal is of kind ErrSlowDown and of no other.
	Slow bool
}

func (e *HTTPError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d %s", e.Method, e.URL, e.Status, http.StatusText(e.Status))
	switch {
	case e.Message != "":
		fmt.Fprintf(&b, ": %s", e.Message)
	case e.Body != "":
		fmt.Fprintf(&b, ": %s", e.Body)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "; %s", e.Hint)
	}
	return b.String()
}

// Is reports the kinds of refusal that callers treat alike for every source.
func (e *HTTPError) Is(target error) bool {
	if e.Slow {
		return target == ErrSlowDown
	}
	return (target == ErrUnauthorized && e.Status == http.StatusUnauthorized) ||
		(target == ErrForbidden && e.Status == http.StatusForbidden)
}

// GaveUpError says that something was asked for several times in vain. It wraps the last answer.
type GaveUpError struct {
	Attempts int
	Waited   time.Duration // between the attempts
	Last     error
	Hint     string
}

func (e *GaveUpError) Error() string {
	s := fmt.Sprintf("%v; gave up after %d attempts and %s of waiting", e.Last, e.Attempts, e.Waited.Round(time.Second/10))
	if e.Attempts == 1 {
		s = fmt.Sprintf("%v; gave up after 1 attempt", e.Last)
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap gives the last answer.
func (e *GaveUpError) Unwrap() error { return e.Last }

// malformedError is an answer of status 200 that is not what was asked for: cut, not JSON, a page seen before.
type malformedError struct {
	method, url string
	contentType string
	excerpt     string
	err         error
}

func (e *malformedError) Error() string {
	return fmt.Sprintf("%s %s: the answer cannot be used: %v (%s, begins %q)", e.method, e.url, e.err, e.contentType, e.excerpt)
}

func (e *malformedError) Unwrap() error { return e.err }

// excerpt cuts a text to what fits into an error, on one line and at a rune's end.
func excerpt(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
