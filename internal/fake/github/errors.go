package github

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"
)

type object = map[string]any

func itoa(n int) string { return strconv.Itoa(n) }

// apiError is an answer of the REST API that is no success.
type apiError struct {
	status  int
	message string
	doc     string
	header  map[string]string
}

const docs = "https://docs.github.com/rest"

func notFound(doc string) *apiError {
	return &apiError{status: http.StatusNotFound, message: "Not Found", doc: doc}
}

func badCredentials() *apiError {
	return &apiError{status: http.StatusUnauthorized, message: "Bad credentials", doc: docs}
}

// notAccessible is what a token gets that sees the repository and lacks the permission.
func notAccessible(p *principal, doc string) *apiError {
	return &apiError{status: http.StatusForbidden, message: "Resource not accessible by " + p.kind(), doc: doc}
}

func unprocessable(message, doc string) *apiError {
	return &apiError{status: http.StatusUnprocessableEntity, message: message, doc: doc}
}

// limitExceeded is the primary limit of the REST API.
func limitExceeded(status int, who string) *apiError {
	return &apiError{status: status, message: "API rate limit exceeded for " + who + ".", doc: docs + "/overview/rate-limits-for-the-rest-api"}
}

// secondaryLimit has Retry-After: seconds, or none if they are negative.
func secondaryLimit(status, seconds int) *apiError {
	e := &apiError{
		status:  status,
		message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
		doc:     docs + "/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
	}
	if seconds >= 0 {
		e.header = map[string]string{"Retry-After": itoa(seconds)}
	}
	return e
}

func (e *apiError) write(w http.ResponseWriter) {
	for name, value := range e.header {
		w.Header().Set(name, value)
	}
	o := object{"message": e.message, "status": itoa(e.status)}
	if e.doc != "" {
		o["documentation_url"] = e.doc
	}
	writeJSON(w, e.status, mustJSON(o))
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have gone
}

// mustJSON encodes what this package has built.
func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("github fake: encode an answer: %v", err))
	}
	return text
}

// instant is a time as both APIs write it, or null.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// with gives a copy of an object with more in it.
func with(o, more object) object {
	out := maps.Clone(o)
	maps.Copy(out, more)
	return out
}
