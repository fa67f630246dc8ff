package github

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fourfold/extract"
	"fourfold/extract/github/mirror"
)

// deployed reads deployed commits that no branch reaches. Fifty are asked for at once; where one's parents have landed,
// that is all there is to it. One that GitHub does not have is not asked for again within a day.
func (a *apiReading) deployed(ctx context.Context, shas []string) error {
	now := a.s.opts.Clock.Now()
	absent := map[string]bool{}
	for sha, at := range a.place.Absent {
		if _, found := slices.BinarySearch(shas, sha); !found || at.After(now) || now.Sub(at) >= askAbsentAgain {
			delete(a.place.Absent, sha)
		}
	}
	var ask []string
	for _, sha := range shas {
		if _, refused := a.place.Absent[sha]; !refused && !a.known(sha) {
			ask = append(ask, sha)
		}
	}
	for len(ask) > 0 {
		some := ask[:min(len(ask), a.objects.now)]
		nodes, err := a.objectsOf(ctx, some)
		if err != nil {
			return err
		}
		some = ask[:len(nodes)]
		ask = ask[len(nodes):]
		for i, c := range nodes {
			if c == nil {
				absent[some[i]] = true
				continue
			}
			if err := a.single(ctx, c); err != nil {
				return err
			}
		}
	}
	if len(absent) == 0 {
		return nil
	}
	if a.place.Absent == nil {
		a.place.Absent = map[string]time.Time{}
	}
	for sha := range absent {
		a.place.Absent[sha] = now
	}
	a.s.warnOfLost(a.r, slices.Sorted(maps.Keys(absent)))
	return a.save(nil)
}

// single lands one commit, with what it reaches.
func (a *apiReading) single(ctx context.Context, c *mirror.Commit) error {
	if a.known(c.SHA) { // a walk has come by
		return nil
	}
	if err := a.learn(ctx, c.Parents); err != nil {
		return err
	}
	if slices.ContainsFunc(c.Parents, func(p string) bool { return !a.known(p) }) {
		return a.walkFrom(ctx, c.SHA)
	}
	a.emitted[c.SHA] = true
	return a.save([]extract.Record{a.newRecord(ctx, c)})
}

// objectsOf asks for commits by their hashes; nil where there is none. It answers the first of them, as many as the
// server could be asked for at once.
func (a *apiReading) objectsOf(ctx context.Context, shas []string) ([]*mirror.Commit, error) {
	for {
		n := min(len(shas), a.objects.now)
		q := question{stream: "commits", vars: map[string]any{"owner": a.r.owner(), "name": a.r.name()}, smallest: n == 1}
		params := []string{"$owner: String!, $name: String!"}
		var fields []string
		for i, sha := range shas[:n] {
			params = append(params, fmt.Sprintf("$s%d: GitObjectID!", i))
			q.vars[fmt.Sprint("s", i)] = sha
			fields = append(fields, fmt.Sprintf("c%d: object(oid: $s%d) { ... on Commit { %s } }", i, i, commitFields))
		}
		q.params = strings.Join(params, ", ")
		q.fields = "repository(owner: $owner, name: $name) { " + strings.Join(fields, "\n") + " }"
		var answer struct{ Repository map[string]*commitNode }
		gone, err := a.s.api.ask(ctx, q, &answer)
		switch {
		case err != nil && tooMuch(err) && n > 1:
			a.objects.shrink()
			continue
		case err != nil:
			return nil, fmt.Errorf("commits by their hashes, from %s on: %w", shas[0], err)
		}
		for _, m := range gone {
			if first, _ := m.at(); m.forbidden || first == m.path { // of the repository, not of one commit
				return nil, m.err(permitContents)
			}
		}
		a.objects.grow()
		out := make([]*mirror.Commit, n)
		for i := range out {
			node := answer.Repository[fmt.Sprint("c", i)]
			if node == nil || node.Oid == "" { // nothing, or an object of another kind
				continue
			}
			if out[i], err = node.commit(); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

// again makes the rows of what had landed once more, and finds parents that should have. A commit never changes, but what
// is kept of it does with the privacy policy.
func (a *apiReading) again(ctx context.Context, landed []string) error {
	pass := a.place.Again
	if pass == nil {
		return nil
	}
	for rest := landed; len(rest) > 0; {
		i, found := slices.BinarySearch(rest, pass.After)
		if found {
			i++
		}
		if rest = rest[i:]; len(rest) == 0 {
			break
		}
		nodes, err := a.objectsOf(ctx, rest[:min(len(rest), a.objects.now)])
		if err != nil {
			return err
		}
		if err := a.filesKnown(ctx, nodes); err != nil {
			return err
		}
		var records []extract.Record
		for _, c := range nodes {
			if c == nil { // forced away since, and dropped by the server: the row stays as it is
				continue
			}
			records = append(records, commitRecord(a.r.ID, c))
			for _, p := range c.Parents {
				if _, there := slices.BinarySearch(landed, p); !there && !slices.Contains(pass.Holes, p) {
					pass.Holes = append(pass.Holes, p)
				}
			}
		}
		pass.After = rest[len(nodes)-1]
		if err := a.save(records); err != nil {
			return err
		}
	}
	if err := a.fill(ctx, pass); err != nil {
		return err
	}
	a.place.Again = nil
	return nil
}

// fill reads what is missing below what has landed. A walk that an earlier run began has its own pending parents, which
// are no holes; it comes first.
func (a *apiReading) fill(ctx context.Context, pass *commitAgain) error {
	if len(pass.Holes) == 0 {
		return nil
	}
	if a.place.Walk != nil {
		if err := a.walk(ctx); err != nil {
			return err
		}
	}
	if err := a.learn(ctx, pass.Holes); err != nil {
		return err
	}
	for len(pass.Holes) > 0 {
		hole := pass.Holes[0]
		pass.Holes = pass.Holes[1:]
		err := a.walkFrom(ctx, hole)
		if errors.Is(err, errNoHistory) {
			a.s.log.Warn("a commit whose child has landed is not in the repository any more", "stream", "commits", "repository", a.r.FullName, "sha", hole)
			a.place.Walk, err = nil, nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
