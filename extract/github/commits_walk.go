package github

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

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
	unsaved bool            // the place is not that of the cursor that has landed

	wantsFiles bool
	without    []without // commits that landed without their paths, in this run
}

// save lands records and where the reading is.
func (a *apiReading) save(records []extract.Record) error {
	a.unsaved = false
	return a.land(extract.Page{Records: records, Cursor: a.cur.encode()})
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
		records = append(records, a.newRecord(ctx, c))
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
		if err := a.save(records); err != nil || done {
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
