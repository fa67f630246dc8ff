package mirror

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// wantedAtOnce is how many single commits are asked for in one round.
const wantedAtOnce = 200

// namesOne finds which commit a server does not have: one such fails the whole round.
var namesOne = regexp.MustCompile(`(?:not our ref|unadvertised object|couldn't find remote ref) ([0-9a-f]{40,64})`)

// Wanted is what came of asking for single commits.
type Wanted struct {
	Missing []string // that the mirror does not have, in their order
	Asked   []string // those of them that the server was asked for in this run
}

// Want fetches commits that no ref reaches, which is what a force-push makes of a deployed commit, and keeps each by a
// ref refs/fourfold/<why>/<sha>. Those that the mirror has already cost nothing. One that the server does not give is
// not asked for again within a day.
func (r *Mirror) Want(ctx context.Context, why string, shas []string) (Wanted, error) {
	var w Wanted
	absent, err := r.absent(ctx, shas)
	if err != nil || len(absent) == 0 {
		return w, err
	}
	now := r.all.opts.Clock.Now()
	refused := r.refusals(now)
	var ask []string
	for _, sha := range absent {
		if _, known := refused[sha]; !known && isHash(sha) {
			ask = append(ask, sha)
		}
	}
	before := maps.Clone(refused)
	for chunk := range slices.Chunk(ask, wantedAtOnce) {
		if err = r.fetchEach(ctx, why, chunk, now, refused); err != nil {
			break // what was refused until then is remembered
		}
	}
	if !maps.EqualFunc(before, refused, time.Time.Equal) {
		err = errors.Join(err, r.writeRefusals(refused))
	}
	if err != nil {
		return w, err
	}
	if w.Missing, err = r.absent(ctx, absent); err != nil {
		return w, err
	}
	for _, sha := range w.Missing {
		if slices.Contains(ask, sha) {
			w.Asked = append(w.Asked, sha)
		}
	}
	return w, nil
}

// fetchEach fetches commits together, less those that the server turns out not to have. Servers name the first of them;
// where one does not, halves find it.
func (r *Mirror) fetchEach(ctx context.Context, why string, shas []string, now time.Time, refused map[string]time.Time) error {
	for len(shas) > 0 {
		var specs strings.Builder
		for _, sha := range shas {
			specs.WriteString("+" + sha + ":refs/fourfold/" + why + "/" + sha + "\n")
		}
		err := r.ask(ctx, r.dir, specs.String(), nothing,
			"fetch", "--quiet", "--no-tags", "--no-auto-maintenance", "--no-write-fetch-head", "--no-recurse-submodules",
			"--filter="+r.filter(), "--stdin", "origin")
		var e *Error
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &e) || !namesOne.MatchString(e.stderr) && !strings.Contains(e.stderr, "remote error"):
			return err
		}
		rest := shas
		for _, m := range namesOne.FindAllStringSubmatch(e.stderr, -1) {
			rest = slices.DeleteFunc(slices.Clone(rest), func(sha string) bool { return sha == m[1] })
			if slices.Contains(shas, m[1]) {
				refused[m[1]] = now
			}
		}
		switch {
		case len(rest) < len(shas):
			shas = rest
		case len(shas) == 1:
			refused[shas[0]] = now
			return nil
		default:
			if err := r.fetchEach(ctx, why, shas[:len(shas)/2], now, refused); err != nil {
				return err
			}
			shas = shas[len(shas)/2:]
		}
	}
	return nil
}

// absent gives the commits that the mirror does not have, in their order.
func (r *Mirror) absent(ctx context.Context, shas []string) ([]string, error) {
	kinds, err := r.commitsOf(ctx, shas)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, sha := range shas {
		if kinds[sha] == "" {
			out = append(out, sha)
		}
	}
	return out, nil
}
