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
	"fourfold/transform"
)

// apiReading reads the commits of one repository by GraphQL.
type apiReading struct {
	*apiCommits
	r       repository
	place   *commitPlace
	emitted map[string]bool // in this run
	landed  map[string]bool // what Lookup has said
}

func (a *apiReading) run(ctx context.Context, tips, deployed, landed []string) error {
	a.landed = map[string]bool{}
	if err := a.again(ctx, landed); err != nil {
		return err
	}
	if a.place.Walk != nil {
		err := a.walk(ctx)
		var e *queryError
		if errors.As(err, &e) && e.invalid { // the place, not the history: pages are read once more from its beginning
			a.s.log.Warn("GitHub does not know the kept position any more; reading the history anew", "stream", "commits", "repository", a.r.FullName, "error", err)
			a.place.Walk.After = ""
			err = a.walk(ctx)
		}
		if errors.Is(err, errNoHistory) { // forced away since, and dropped by the server: what it led to may be there
			a.place.Again, a.place.Walk = &commitAgain{Holes: a.place.Walk.Pending}, nil
			err = a.fill(ctx, a.place.Again)
		}
		if err != nil {
			return err
		}
		a.place.Again = nil
	}
	if err := a.learn(ctx, slices.Concat(tips, deployed)); err != nil {
		return err
	}
	for _, tip := range tips {
		if err := a.walkFrom(ctx, tip); err != nil {
			return err
		}
	}
	return a.deployed(ctx, deployed)
}

// errNoHistory says that GraphQL does not know a commit from which a history was to be read.
var errNoHistory = errors.New("GraphQL knows no history of it: it has gone since it was named")

// learn looks up which commits have landed.
func (a *apiReading) learn(ctx context.Context, shas []string) error {
	var ids []string
	for _, sha := range shas {
		if _, known := a.landed[sha]; !known {
			a.landed[sha] = false
			ids = append(ids, commitID(a.r.ID, sha))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := a.in.Ledger.Lookup(ctx, transform.GithubCommits, "sha", ids)
	if err != nil {
		return fmt.Errorf("look up what has landed: %w", err)
	}
	for _, sha := range found {
		a.landed[sha] = true
	}
	return nil
}

func (a *apiReading) known(sha string) bool { return a.emitted[sha] || a.landed[sha] }

// take makes the records of those commits that are not known, and keeps Pending what it says that it is.
func (a *apiReading) take(ctx context.Context, commits []*mirror.Commit, pending map[string]bool) ([]extract.Record, error) {
	var shas []string
	for _, c := range commits {
		shas = append(append(shas, c.SHA), c.Parents...)
	}
	if err := a.learn(ctx, shas); err != nil {
		return nil, err
	}
	var records []extract.Record
	for _, c := range commits {
		delete(pending, c.SHA)
		if a.known(c.SHA) {
			continue
		}
		records = append(records, commitRecord(a.r.ID, c))
		a.emitted[c.SHA] = true
	}
	for _, c := range commits {
		for _, p := range c.Parents {
			if a.emitted[c.SHA] && !a.known(p) {
				pending[p] = true
			}
		}
	}
	return records, nil
}

// walkFrom reads what a commit reaches and has not landed.
func (a *apiReading) walkFrom(ctx context.Context, tip string) error {
	if a.known(tip) {
		return nil
	}
	a.place.Walk = &commitWalk{Tip: tip, Pending: []string{tip}}
	return a.walk(ctx)
}

// walk reads a history from its place until nothing is pending.
func (a *apiReading) walk(ctx context.Context) error {
	w := a.place.Walk
	pending := map[string]bool{}
	for _, sha := range w.Pending {
		pending[sha] = true
	}
	for {
		nodes, info, err := a.historyOf(ctx, w.Tip, w.After)
		if err != nil {
			return err
		}
		if info.HasNextPage && (info.EndCursor == "" || info.EndCursor == w.After) {
			return fmt.Errorf("the history of %s does not advance after the cursor %q", w.Tip, info.EndCursor)
		}
		records, err := a.take(ctx, nodes, pending)
		if err != nil {
			return err
		}
		done := len(pending) == 0 || !info.HasNextPage
		w.After, w.Pending = info.EndCursor, slices.Sorted(maps.Keys(pending))
		if done {
			a.place.Walk = nil
		}
		if err := a.land(extract.Page{Records: records, Cursor: a.cur.encode()}); err != nil || done {
			return err
		}
	}
}

// historyOf asks for a page of a history, in a smaller one where that is too much.
func (a *apiReading) historyOf(ctx context.Context, tip, after string) ([]*mirror.Commit, pageInfo, error) {
	for {
		n := a.history.now
		vars := map[string]any{"owner": a.r.owner(), "name": a.r.name(), "oid": tip, "first": n}
		if after != "" {
			vars["after"] = after
		}
		var answer struct {
			Repository *struct {
				Object *struct {
					History *struct {
						Nodes    []*commitNode
						PageInfo pageInfo
					}
				}
			}
		}
		gone, err := a.s.api.ask(ctx, question{
			stream: "commits", params: "$owner: String!, $name: String!, $oid: GitObjectID!, $first: Int!, $after: String", vars: vars, smallest: n == 1,
			fields: `repository(owner: $owner, name: $name) { object(oid: $oid) { ... on Commit { history(first: $first, after: $after) {
nodes { ` + commitFields + ` } pageInfo { hasNextPage endCursor } } } } }`,
		}, &answer)
		switch {
		case err != nil && tooMuch(err) && n > 1:
			a.history.shrink()
			continue
		case err != nil:
			return nil, pageInfo{}, fmt.Errorf("history of %s: %w", tip, err)
		}
		for _, m := range gone {
			if first, _ := m.at(); m.forbidden || first == m.path { // of the repository, not of the commit
				return nil, pageInfo{}, m.err(permitContents)
			}
		}
		if answer.Repository == nil || answer.Repository.Object == nil || answer.Repository.Object.History == nil {
			return nil, pageInfo{}, fmt.Errorf("history of %s: %w", tip, errNoHistory)
		}
		a.history.grow()
		list := answer.Repository.Object.History
		out, err := commitsOfNodes(list.Nodes)
		return out, list.PageInfo, err
	}
}

func commitsOfNodes(nodes []*commitNode) ([]*mirror.Commit, error) {
	var out []*mirror.Commit
	for _, n := range nodes {
		if n == nil {
			continue
		}
		c, err := n.commit()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

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
	return a.land(extract.Page{Cursor: a.cur.encode()})
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
	return a.land(extract.Page{Records: []extract.Record{commitRecord(a.r.ID, c)}, Cursor: a.cur.encode()})
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
		if err := a.land(extract.Page{Records: records, Cursor: a.cur.encode()}); err != nil {
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
