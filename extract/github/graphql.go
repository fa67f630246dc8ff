package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"fourfold/extract"
)

// question is one GraphQL query. Its text names no price: that is added to every query.
type question struct {
	stream string
	params string // "$owner: String!, $first: Int!"; "" for none
	fields string
	vars   map[string]any
	// smallest says that there is no smaller question that would do: it is asked with all patience. Another one that is
	// too much for the server fails at once, to be asked in parts.
	smallest bool
}

// missing is an object that GraphQL does not give although the rest of the answer is good: it is gone, or the token may
// not read it.
type missing struct {
	path      string // "nodes.3", "r12.deployments"
	forbidden bool
	message   string
}

// at is the first part of the path, and the index below it or -1.
func (m missing) at() (string, int) {
	first, rest, _ := strings.Cut(m.path, ".")
	second, _, _ := strings.Cut(rest, ".")
	if n, err := strconv.Atoi(second); err == nil {
		return first, n
	}
	return first, -1
}

// err is the error of something that is missing.
func (m missing) err(permission string) error {
	if m.forbidden {
		return fmt.Errorf("GraphQL: %s (%w); the token lacks %q: give it that permission for this repository", m.message, extract.ErrForbidden, permission)
	}
	return fmt.Errorf("GraphQL: %s; it is gone, or the token may not see it", m.message)
}

// queryError is an answer of status 200 that is no good: errors, with or without data beside them. What data there is
// must not be used, for nobody can tell what it lacks.
type queryError struct {
	text    string
	invalid bool   // the query itself: asking again is of no use
	field   string // the field that the server does not know
}

func (e *queryError) Error() string { return "GraphQL: " + e.text }

// ask asks once and decodes the data into out. What is missing of the answer is given back; every other error that
// GraphQL names is an error of the whole question.
//
// GraphQL refuses with status 200: RATE_LIMITED is a refusal like 429.
func (a *api) ask(ctx context.Context, q question, out any) ([]missing, error) {
	text := "query"
	if q.params != "" {
		text += "(" + q.params + ")"
	}
	text += "{rateLimit{cost remaining resetAt nodeCount} " + q.fields + "}"
	body, err := json.Marshal(map[string]any{"query": text, "variables": q.vars})
	if err != nil {
		return nil, err
	}
	var gone []missing
	req := extract.Request{
		Stream: q.stream, Body: body, Bucket: graphQLBucket, Price: price,
		Header: http.Header{"Accept": {"application/json"}, "X-Github-Next-Global-Id": {"1"}},
		Check: func(body []byte) (err error) {
			gone, err = checkAnswer(body)
			return err
		},
		Final: func(err error) bool {
			var e *queryError
			return errors.As(err, &e) && e.invalid || !q.smallest && tooMuch(err)
		},
	}
	resp, err := a.graph.Get(ctx, req, nil)
	if err != nil {
		return nil, invalidQuery(err)
	}
	var answer struct{ Data json.RawMessage }
	if err := decode("GraphQL", resp.Body, &answer); err != nil {
		return nil, err
	}
	if members, ok := out.(fieldsInto); ok {
		out = &members
	}
	return gone, decode("GraphQL", answer.Data, out)
}

// invalidQuery recognises a query that the server does not understand in a refusal of status 400: GitHub says it with
// status 200, other servers of the same schema do not.
func invalidQuery(err error) error {
	var h *extract.HTTPError
	if !errors.As(err, &h) || h.Status != http.StatusBadRequest {
		return err
	}
	return &queryError{text: err.Error(), invalid: true, field: quoted(h.Message)}
}

// price is what GitHub says that a query cost, at least a point.
func price(body []byte) int64 {
	v, err := fastjson.ParseBytes(body)
	if err != nil {
		return 1
	}
	return max(1, v.GetInt64("data", "rateLimit", "cost"))
}

func checkAnswer(body []byte) ([]missing, error) {
	v, err := fastjson.ParseBytes(body)
	if err != nil {
		return nil, errors.New("not JSON") // the parser's own words quote the body
	}
	failures := v.GetArray("errors")
	if len(failures) == 0 {
		if d := v.Get("data"); d == nil || d.Type() != fastjson.TypeObject {
			return nil, errors.New("it has no data")
		}
		return nil, nil
	}
	var gone []missing
	var words []string
	e := &queryError{}
	for _, f := range failures {
		kind, message := string(f.GetStringBytes("type")), string(f.GetStringBytes("message"))
		path := pathOf(f)
		switch {
		case kind == "RATE_LIMITED" || kind == "RATE_LIMIT":
			return nil, fmt.Errorf("%w: %s", extract.ErrSlowDown, message)
		case (kind == "NOT_FOUND" || kind == "FORBIDDEN") && path != "":
			gone = append(gone, missing{path: path, forbidden: kind == "FORBIDDEN", message: message})
			continue
		}
		if strings.Contains(strings.ToLower(message), "secondary rate limit") {
			return nil, fmt.Errorf("%w: %s", extract.ErrSlowDown, message)
		}
		if code := string(f.GetStringBytes("extensions", "code")); isInvalid(code) || strings.HasPrefix(message, "Cannot query field") {
			e.invalid = true
			e.field = string(f.GetStringBytes("extensions", "fieldName"))
			if e.field == "" {
				e.field = quoted(message)
			}
		}
		if strings.Contains(message, "valid cursor") {
			e.invalid = true
		}
		if kind != "" {
			message += " (" + kind + ")"
		}
		if path != "" {
			message += " at " + path
		}
		words = append(words, message)
	}
	if len(words) == 0 {
		return gone, nil
	}
	const most = 3
	if e.text = strings.Join(words[:min(len(words), most)], "; "); len(words) > most {
		e.text += fmt.Sprintf("; and %d more errors", len(words)-most)
	}
	return nil, e
}

// isInvalid recognises the codes of a query that the server does not understand.
func isInvalid(code string) bool {
	return slices.Contains([]string{
		"undefinedField", "undefinedType", "argumentNotAccepted", "argumentLiteralsIncompatible", "variableMismatch", "missingRequiredArguments",
		"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED",
	}, code)
}

// quoted is the first quoted word of a message.
func quoted(message string) string {
	for _, q := range []string{`"`, "'"} {
		if _, rest, ok := strings.Cut(message, q); ok {
			word, _, _ := strings.Cut(rest, q)
			return word
		}
	}
	return ""
}

func pathOf(f *fastjson.Value) string {
	var parts []string
	for _, p := range f.GetArray("path") {
		if b := p.GetStringBytes(); b != nil {
			parts = append(parts, string(b))
		} else {
			parts = append(parts, p.String())
		}
	}
	return strings.Join(parts, ".")
}

// tooMuch reports failures that a smaller question may not meet: a gateway that lost patience, an attempt without an
// answer in time, errors in place of an answer.
func tooMuch(err error) bool {
	var e *queryError
	if errors.As(err, &e) {
		return !e.invalid
	}
	var h *extract.HTTPError
	if errors.As(err, &h) {
		return h.Status == http.StatusBadGateway || h.Status == http.StatusGatewayTimeout
	}
	return errors.Is(err, extract.ErrTimeout)
}

// size is how many objects are asked for at once: halved when that was too much, and grown back in ten steps.
type size struct{ now, most int }

func (z *size) shrink() { z.now = max(1, z.now/2) }
func (z *size) grow()   { z.now = min(z.most, z.now+max(1, z.most/10)) }

// sizes are those of the questions that can be made smaller.
type sizes struct{ statuses, pullRequests, probe, releases size }

func newSizes() sizes {
	return sizes{
		statuses: size{100, 100}, pullRequests: size{100, 100}, probe: size{probeRepositories, probeRepositories},
		releases: size{lookPagesAtOnce, lookPagesAtOnce},
	}
}
