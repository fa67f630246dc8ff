package incidentio

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"fourfold/extract"
)

// limits are the documented budgets of a key: 1200 requests at once, 20 more each second; the list of incidents 60 a
// minute.
var limits = []extract.Limit{
	{Burst: 1200, PerSecond: 20},
	{Method: http.MethodGet, Path: incidentsPath, Burst: 60, PerSecond: 1},
}

func newClient(opts Options) (*extract.Client, error) {
	c := extract.ClientOptions{
		BaseURL: opts.BaseURL, UserAgent: "fourfold/" + opts.Version, Authorization: func(context.Context) (string, error) { return opts.authorization() }, Limits: limits,
		Describe: describe, RetryAt: retryAt,
		Redactor: opts.Redactor, Logger: opts.Logger, Clock: opts.Clock, Transport: opts.Transport,
	}
	if opts.NoLimits {
		c.Limits = nil
	}
	return extract.NewClient(c)
}

// describe reads the API's ErrorResponse.
func describe(e *extract.HTTPError, body []byte) {
	if v, err := fastjson.ParseBytes(body); err == nil {
		var parts []string
		for _, single := range v.GetArray("errors") {
			part := string(single.GetStringBytes("message"))
			if code := string(single.GetStringBytes("code")); code != "" && part != "" {
				part += " (" + code + ")"
			}
			if field := single.GetStringBytes("source", "field"); len(field) > 0 {
				part = fmt.Sprintf("%s: %s", field, part)
			}
			parts = append(parts, part)
		}
		e.Message = strings.Join(parts, "; ")
		if id := v.GetStringBytes("request_id"); len(id) > 0 {
			e.RequestID = string(id)
		}
	}
	switch e.Status {
	case http.StatusUnauthorized:
		e.Hint = "check sources.incidentio.api_key: it is missing, mistyped, revoked or of another organisation"
	case http.StatusForbidden:
		e.Hint = "give the API key a role that holds this scope (Settings, API keys), or leave the stream out of sources.incidentio.streams"
	case http.StatusGone:
		e.Hint = "the API has retired this endpoint: a newer version of fourfold is needed"
	}
}

// retryAt reads rate_limit.retry_after: RFC 3339, or in older answers "Thu, 17 Apr 2025 11:17:18 UTC".
func retryAt(body []byte) (time.Time, bool) {
	v, err := fastjson.ParseBytes(body)
	if err != nil {
		return time.Time{}, false
	}
	text := string(v.GetStringBytes("rate_limit", "retry_after"))
	for _, layout := range []string{time.RFC3339, time.RFC1123, time.RFC1123Z} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// named says in every error which stream it is about.
func named(stream string, read func(context.Context, extract.Input) iter.Seq2[extract.Page, error]) func(context.Context, extract.Input) iter.Seq2[extract.Page, error] {
	return func(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
		return func(yield func(extract.Page, error) bool) {
			for page, err := range read(ctx, in) {
				if err != nil {
					err = fmt.Errorf("incidentio: read %s: %w", stream, err)
				}
				if !yield(page, err) || err != nil {
					return
				}
			}
		}
	}
}
