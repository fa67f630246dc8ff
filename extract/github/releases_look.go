package github

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// lookPagesAtOnce is how many pages of a hundred releases are asked for in one query: half of what a point would pay for,
// since an answer that takes ten seconds is none.
const lookPagesAtOnce = 50

// releaseLook is what GraphQL says of all releases of a repository.
type releaseLook struct {
	got    map[string]*releasePage // by where it begins
	starts []string                // of the pages after the first
	lines  []string                // of the published ones, as they came
	same   []string                // what REST is to say of them, too
}

type releasePage struct {
	Nodes    []json.RawMessage
	PageInfo pageInfo
}

func (l *releaseLook) head() string { return fingerprint(strings.Join(l.lines, "\n")) }

// agrees reports whether REST lists the releases that GraphQL does.
func (l *releaseLook) agrees(list []release) bool {
	var lines []string
	for _, x := range list {
		lines = append(lines, publishedLine(x.ID, x.TagName, x.Prerelease, *x.PublishedAt))
	}
	return published(lines) == published(l.same)
}

// follow reads what was got from page to page; it gives where the next one begins that is missing, and false if none is.
func (l *releaseLook) follow() (missing string, more bool, err error) {
	l.starts, l.lines, l.same = nil, nil, nil
	for at := ""; ; {
		p := l.got[at]
		if p == nil {
			return at, true, nil
		}
		for _, text := range p.Nodes {
			var n struct {
				DatabaseID            int64
				TagName               string
				IsDraft, IsPrerelease bool
				PublishedAt           *time.Time
			}
			if err := decode("a release", text, &n); err != nil {
				return "", false, err
			}
			if n.IsDraft || n.PublishedAt == nil { // null, or not published
				continue
			}
			l.lines = append(l.lines, string(text))
			l.same = append(l.same, publishedLine(n.DatabaseID, n.TagName, n.IsPrerelease, *n.PublishedAt))
		}
		if !p.PageInfo.HasNextPage {
			return "", false, nil
		}
		next := p.PageInfo.EndCursor
		if next == "" || next == at || slices.Contains(l.starts, next) {
			return "", false, fmt.Errorf("the list of releases does not advance after the cursor %q", at)
		}
		at = next
		l.starts = append(l.starts, at)
	}
}

// lookAtReleases asks what all releases of some repositories are, by repository id. Those are not in the answer of which
// GraphQL does not say it.
//
// They are asked for oldest first, in the order of their creation. So the pages of a repository stay as they are, all but
// the last, and where they begin is known from the round before: all pages of all repositories are asked for at once, fifty
// in a query of one point. A page that does not end where the next one was known to begin is followed to where it does.
func (s *Source) lookAtReleases(ctx context.Context, repositories []repository, cur *position[releasePlace]) (map[string]*releaseLook, error) {
	type ask struct {
		r     repository
		after string
	}
	looks := map[string]*releaseLook{}
	var todo []ask
	for _, r := range repositories {
		looks[r.ID] = &releaseLook{got: map[string]*releasePage{}}
		todo = append(todo, ask{r, ""})
		if place := cur.Repositories[r.ID]; place != nil {
			for _, start := range place.Pages {
				todo = append(todo, ask{r, start})
			}
		}
	}
	for z := &s.sizes.releases; len(todo) > 0; {
		n := min(len(todo), z.now)
		q := question{stream: "releases", vars: map[string]any{}, smallest: n == 1}
		var params, fields []string
		answers, into := make([]*struct{ Releases *releasePage }, n), fieldsInto{}
		for i, a := range todo[:n] {
			params = append(params, fmt.Sprintf("$o%d: String!, $n%d: String!, $a%d: String", i, i, i))
			q.vars[fmt.Sprint("o", i)], q.vars[fmt.Sprint("n", i)] = a.r.owner(), a.r.name()
			if a.after != "" {
				q.vars[fmt.Sprint("a", i)] = a.after
			}
			fields = append(fields, fmt.Sprintf(`r%d: repository(owner: $o%d, name: $n%d) { releases(first: 100, after: $a%d, orderBy: {field: CREATED_AT, direction: ASC}) {
nodes { databaseId tagName name isDraft isPrerelease createdAt publishedAt updatedAt url } pageInfo { hasNextPage endCursor } } }`, i, i, i, i))
			into[fmt.Sprint("r", i)] = &answers[i]
		}
		q.params, q.fields = strings.Join(params, ", "), strings.Join(fields, "\n")
		gone, err := s.api.ask(ctx, q, into)
		switch {
		case err == nil:
			z.grow()
		case fatal(ctx, err):
			return nil, err
		case tooMuch(err) && n > 1:
			z.shrink()
			continue
		default:
			s.log.Warn("whether releases have changed cannot be asked for at once; reading their lists", "error", err)
		}
		for _, m := range gone { // their lists are read, and say why
			s.log.Debug("not in the answer about releases", "path", m.path, "message", m.message)
		}
		asked := todo[:n]
		todo = todo[n:]
		for i, a := range asked {
			if l := looks[a.r.ID]; l != nil && answers[i] != nil && answers[i].Releases != nil {
				l.got[a.after] = answers[i].Releases
			} else {
				delete(looks, a.r.ID)
			}
		}
		if len(todo) > 0 {
			continue
		}
		for _, r := range repositories {
			l := looks[r.ID]
			if l == nil {
				continue
			}
			missing, more, err := l.follow()
			switch {
			case err != nil:
				s.log.Warn("whether releases have changed cannot be told; reading their list", "repository", r.FullName, "error", err)
				delete(looks, r.ID)
			case more:
				todo = append(todo, ask{r, missing})
			}
		}
	}
	return looks, nil
}
