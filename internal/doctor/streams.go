package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fourfold/extract"
	"fourfold/internal/pipeline"
)

// unasked are streams that a first page would cost too much of: what they read comes by git, which is asked by itself.
var unasked = []string{"github/commits", "github/tags"}

// Streams asks each stream of a source for its first page and lands nothing: whether the server is there, whether the
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
			c.Detail = "may be read; nothing is there"
		case err == nil:
			c.Detail = fmt.Sprintf("may be read; %s on its first page", count(n))
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

// first reads a stream's first page and gives how many objects it has.
func first(ctx context.Context, stream extract.Stream, in extract.Input) (n int, err error) {
	for page, err := range stream.Read(ctx, in) {
		if err != nil {
			return n, err
		}
		if n += len(page.Records); n > 0 {
			break
		}
	}
	return n, nil
}

func count(n int) string {
	if n == 1 {
		return "1 object"
	}
	return fmt.Sprintf("%d objects", n)
}
