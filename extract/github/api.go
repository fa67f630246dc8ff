package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	gogithub "github.com/google/go-github/v57/github"
	"github.com/valyala/fastjson"

	"fourfold/extract"
)

// The buckets that GitHub counts points in, under the names that it gives them.
const (
	coreBucket    = "core"
	graphQLBucket = "graphql"
)

// firstSlowWait is what GitHub asks of clients that met a secondary limit and were not told how long to wait.
const firstSlowWait = time.Minute

// The documented pace of a key: 900 points a minute of REST, 2,000 of GraphQL.
var (
	restPace  = []extract.Limit{{Burst: 100, PerSecond: 15}}
	graphPace = []extract.Limit{{Burst: 100, PerSecond: 30}}
)

// api asks GitHub's two APIs: REST through go-github, GraphQL in our own words. Both wait, retry and keep to the budget
// in the same way.
type api struct {
	rest, graph *extract.Client
	github      *gogithub.Client
}

func newAPI(opts Options, authorization func(context.Context) (string, error), allowance *extract.Allowance) (*api, error) {
	common := extract.ClientOptions{
		UserAgent: "fourfold/" + opts.Version, Authorization: authorization, Allowance: allowance, Describe: describe, SlowDown: slowDown(opts.Clock), SlowWait: firstSlowWait,
		Redactor: opts.Redactor, Logger: opts.Logger, Clock: opts.Clock, Transport: opts.Transport,
	}
	a := &api{}
	for _, x := range []struct {
		client **extract.Client
		key    string
		url    string
		pace   []extract.Limit
	}{{&a.rest, "api_url", opts.APIURL, restPace}, {&a.graph, "graphql_url", opts.GraphQLURL, graphPace}} {
		o := common
		if o.BaseURL = x.url; !opts.NoLimits {
			o.Limits = x.pace
		}
		client, err := extract.NewClient(o)
		if err != nil {
			return nil, fmt.Errorf("sources.github.%s: %w", x.key, err)
		}
		*x.client = client
	}
	base, err := url.Parse(strings.TrimSuffix(opts.APIURL, "/") + "/")
	if err != nil {
		return nil, errors.New("sources.github.api_url is no address") // NewClient has parsed it
	}
	a.github = gogithub.NewClient(&http.Client{Transport: asker{client: a.rest, base: base.String(), bucket: coreBucket}})
	a.github.BaseURL = base
	return a, nil
}

func (a *api) close() {
	a.rest.Close()
	a.graph.Close()
}

type streamKey struct{}

// get asks REST for something below the API's address and decodes it. next is the number of the next page, 0 at the
// last.
func (a *api) get(ctx context.Context, stream, path string, query url.Values, out any) (next int, err error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	req, err := a.github.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return 0, err
	}
	resp, err := a.github.Do(context.WithValue(ctx, streamKey{}, stream), req, out)
	if err != nil {
		var outer *url.Error
		if errors.As(err, &outer) {
			err = outer.Err // it says the method and the address itself
		}
		return 0, err
	}
	if next = resp.NextPage; next == 0 && resp.Header.Get("Link") == "" && isFull(out) {
		next = page(query) + 1
	}
	return next, nil
}

// isFull reports whether an answer is a list of a whole page. GitHub says in the header Link whether there is another
// one, and says nothing where there is but one; a server or a proxy that drops the header says nothing either. One
// request more for a list of just a hundred is better than a list that is cut without a word.
func isFull(out any) bool {
	switch list := out.(type) {
	case *[]json.RawMessage:
		return len(*list) >= perPage
	case *json.RawMessage:
		var items []json.RawMessage
		return json.Unmarshal(*list, &items) == nil && len(items) >= perPage
	}
	return false
}

// page is the number of the page that was asked for, from 1.
func page(query url.Values) int {
	n, err := strconv.Atoi(query.Get("page"))
	if err != nil {
		return 1
	}
	return n
}

// asker is a client as a transport of libraries that make their own requests: a refusal is an error, not an answer. They
// are not shown what is left of the quota, for go-github would answer by itself, by the machine's clock, until it is
// full again.
type asker struct {
	client         *extract.Client
	base           string
	stream, bucket string
}

// RoundTrip asks with patience.
func (a asker) RoundTrip(req *http.Request) (*http.Response, error) {
	stream := a.stream
	if s, ok := req.Context().Value(streamKey{}).(string); ok {
		stream = s
	}
	base, err := url.Parse(a.base)
	if err != nil {
		return nil, err
	}
	path := strings.TrimPrefix(req.URL.Path, strings.TrimSuffix(base.Path, "/"))
	q := extract.Request{Stream: stream, Path: path, Query: req.URL.Query(), Header: req.Header.Clone(), Bucket: a.bucket}
	if req.Method == http.MethodPost {
		q.Body = []byte{}
		if req.Body != nil {
			if q.Body, err = io.ReadAll(req.Body); err != nil {
				return nil, err
			}
		}
	}
	if req.Body != nil {
		_ = req.Body.Close() // read to its end, or empty
	}
	resp, err := a.client.Get(req.Context(), q, nil)
	if err != nil {
		return nil, err
	}
	header := resp.Header.Clone()
	for key := range header {
		if strings.HasPrefix(key, "X-Ratelimit-") {
			delete(header, key)
		}
	}
	return &http.Response{
		Status: http.StatusText(resp.Status), StatusCode: resp.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(resp.Body)), ContentLength: int64(len(resp.Body)), Request: req,
	}, nil
}

// describe reads GitHub's words of refusal and says what to do about them.
func describe(e *extract.HTTPError, body []byte) {
	if v, err := fastjson.ParseBytes(body); err == nil && v.Type() == fastjson.TypeObject {
		if e.Message = string(v.GetStringBytes("message")); e.Message == "" { // GraphQL's
			e.Message = string(v.GetStringBytes("errors", "0", "message"))
		}
	}
	if id := e.Header.Get("X-Github-Request-Id"); id != "" {
		e.RequestID = id
	}
	switch e.Status {
	case http.StatusUnauthorized:
		e.Hint = "check sources.github.token: it is missing, mistyped, expired or revoked"
	case http.StatusForbidden:
		if isLimit(e.Header, body) {
			return // the token is fine
		}
		if e.Header.Get("X-Github-Sso") != "" {
			e.Hint = "the organisation asks for single sign-on: authorise the token for it (Settings, Developer settings, Configure SSO)"
			return
		}
		e.Hint = fmt.Sprintf("the token lacks %q: give it that permission for this repository", permissionOf(e))
	case http.StatusNotFound:
		e.Hint = "it is gone, or the token may not see it"
	case http.StatusUnavailableForLegalReasons:
		e.Hint = "GitHub has blocked it"
	}
}

// permissionOf names the permission that a refused request needed, as GitHub names it or else by its address.
func permissionOf(e *extract.HTTPError) string {
	if accepted, _, _ := strings.Cut(e.Header.Get("X-Accepted-Github-Permissions"), ";"); accepted != "" {
		first, _, _ := strings.Cut(accepted, ",")
		name, level, _ := strings.Cut(strings.TrimSpace(first), "=")
		return strings.ReplaceAll(name, "_", " ") + ": " + level
	}
	for part, permission := range map[string]string{"/deployments": permitDeployments, "/pulls": permitPullRequests, "/commits": permitContents, "/releases": permitContents, "/actions/": permitActions} {
		if strings.Contains(e.URL, part) {
			return permission
		}
	}
	return permitMetadata
}

// The permissions that a token needs, as GitHub's pages for fine-grained tokens and apps call them.
const (
	permitMetadata     = "metadata: read"
	permitDeployments  = "deployments: read"
	permitPullRequests = "pull requests: read"
	permitContents     = "contents: read"
	permitActions      = "actions: read"
)

// slowDown recognises GitHub's limits: 429; 403 with words about a rate limit, a Retry-After or nothing left; and 200
// with an error that the caller has recognised. Retry-After comes first, then the end of the hour if nothing is left;
// else GitHub asks for a minute, growing.
func slowDown(clock extract.Clock) func(e *extract.HTTPError, h http.Header, body []byte) (wait time.Duration, yes bool) {
	return func(e *extract.HTTPError, h http.Header, body []byte) (time.Duration, bool) {
		empty := h.Get("X-Ratelimit-Remaining") == "0"
		switch e.Status {
		case http.StatusTooManyRequests, http.StatusOK:
		case http.StatusForbidden:
			if !isLimit(h, body) {
				return 0, false
			}
		default:
			return 0, false
		}
		return extract.RetryAfter(h, clock.Now(), empty), true
	}
}

// isLimit reports whether a refusal of status 403 is about how much is asked, not about what.
func isLimit(h http.Header, body []byte) bool {
	words := strings.ToLower(string(body))
	said := strings.Contains(words, "rate limit") || strings.Contains(words, "rate-limit") || strings.Contains(words, "abuse detection")
	denied := strings.Contains(words, "not accessible") || strings.Contains(words, "must have")
	return said || h.Get("Retry-After") != "" || h.Get("X-Ratelimit-Remaining") == "0" && !denied
}

// decode reads JSON that GitHub answered; what it does not fit is an error that says so.
func decode(what string, text []byte, out any) error {
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s: the answer is not what was asked for: %w", what, err)
	}
	return nil
}
