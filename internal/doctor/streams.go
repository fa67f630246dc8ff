package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fourfold/extract"
	"fourfold/internal/pipeline"
	"fourfold/internal/render"
)

// unasked are streams that a first page would cost too much of: what they read comes by git, which is asked by itself.
var unasked = []string{"github/commits", "github/tags"}

// mostPages is how far a stream is read: one of several repositories has pages for each, and may refuse one of them.
const mostPages = 10

// Streams asks each stream of a source for its first pages and lands nothing: whether the server is there, whether the
// credentials are good, and which streams they may read.
func Streams(ctx context.Context, s pipeline.Source, in extract.Input) []Check {
	var out []Check
	for _, stream := range s.Streams {
		if len(s.Named) > 0 && !slices.Contains(s.Named, stream.Name) || slices.Contains(unasked, s.Name+"/"+stream.Name) {
			continue
		}
		c := Check{Area: s.Name, Name: stream.Name, Status: OK}
		in.Since = s.Since
		n, err := first(ctx, stream, in)
		switch {
		case err == nil && n == 0:
			c.Detail = "answers; nothing is there"
		case err == nil:
			c.Detail = fmt.Sprintf("answers; %s on its first pages", render.Count(n, "object"))
		case errors.Is(err, extract.ErrForbidden) && !errors.Is(err, extract.ErrPartial) && !slices.Contains(s.Named, stream.Name):
			c.Status, c.Detail = Warn, "is passed over: "+err.Error()
		default:
			c.Status, c.Detail = Fail, err.Error()
		}
		out = append(out, c)
		if errors.Is(err, extract.ErrUnauthorized) || errors.Is(err, extract.ErrUnreachable) || ctx.Err() != nil {
			var rest []string
			for _, later := range s.Streams[slices.IndexFunc(s.Streams, func(x extract.Stream) bool { return x.Name == stream.Name })+1:] {
				rest = append(rest, later.Name)
			}
			if len(rest) > 0 {
				out = append(out, Check{s.Name, "other streams", Skipped, "not asked: " + strings.Join(rest, ", "), ""})
			}
			break
		}
	}
	return out
}

// first reads a stream's first pages and gives how many objects they have.
func first(ctx context.Context, stream extract.Stream, in extract.Input) (n int, err error) {
	pages := 0
	for page, err := range stream.Read(ctx, in) {
		if err != nil {
			return n, err
		}
		n += len(page.Records)
		if pages++; pages == mostPages {
			break
		}
	}
	return n, nil
}
