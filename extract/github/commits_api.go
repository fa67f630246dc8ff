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

// commitWalk is a history that is being read. Pending are the commits that it must still come to: parents of those that
// have landed, which have not landed themselves.
type commitWalk struct {
	Tip     string   `json:"tip"`
	After   string   `json:"after,omitempty"`
	Pending []string `json:"pending"`
}

// commitAgain is a pass over the commits that have landed, in the order of their hashes, which makes their rows again:
// after a change of the privacy policy, or when everything is to be read. Holes are parents that should have landed.
type commitAgain struct {
	After string   `json:"after,omitempty"`
	Holes []string `json:"holes,omitempty"`
}

const (
	historyPage    = 100
	objectsAtOnce  = 50 // a query of a hundred commits by their hashes may take longer than GitHub waits
	tipsAtOnce     = 25 // repositories in one query
	branchesAtMost = 20 // of a repository, besides the default branch
	askAbsentAgain = 24 * time.Hour
)

// apiCommits reads commits by GraphQL.
//
// It reads the default branch, the branches that merged pull requests went to, and what deployed commits reach. The
// branches of pull requests are not read; their first commits come with the pull requests.
//
// Why none is missed. A history lists everything that a commit reaches. A walk along it keeps in Pending the parents, not
// landed yet, of all commits that it has landed, and ends when there are none: dates and the order of the list decide
// nothing, for a branch that was merged today may hold commits older than all that is known. Pending is in the cursor that
// lands with the commits, so at any time the parents of what has landed have landed too or are pending, and a walk that
// was cut off goes on from its place. A history begins at a hash and not at a branch, so its pages do not move.
//
// An unchanged repository costs its share of one query for the tips of 25.
type apiCommits struct {
	s    *Source
	in   extract.Input
	land land
	cur  *position[commitPlace]

	history, objects size
}

func (s *Source) commitsByAPI(ctx context.Context, in extract.Input, land land) error {
	all, err := s.repositories(ctx, "commits", in)
	if err != nil {
		return err
	}
	w := &apiCommits{
		s: s, in: in, land: land, cur: s.commitPosition(in),
		history: size{historyPage, historyPage}, objects: size{objectsAtOnce, objectsAtOnce},
	}
	wanted, branches, err := w.wanted(ctx)
	if err != nil {
		return err
	}
	landed, err := w.landedBefore(ctx, all.repositories)
	if err != nil {
		return err
	}
	tips, err := w.tips(ctx, all.repositories, branches)
	if err != nil {
		return err
	}
	read := map[string]*apiReading{}
	_, err = s.eachRepository(ctx, all, "commits", func(r repository) error {
		t := tips[r.ID]
		if t.err != nil {
			return t.err
		}
		if r.Named && len(t.shas) == 0 && len(wanted[r.ID]) == 0 {
			return r.emptyError()
		}
		reading := &apiReading{apiCommits: w, r: r, place: w.cur.Repositories[r.ID], emitted: map[string]bool{}, wantsFiles: s.needs(r).Paths}
		if reading.place == nil {
			reading.place = &commitPlace{Again: &commitAgain{}}
			w.cur.Repositories[r.ID] = reading.place
		}
		reading.unsaved = reading.place.Again != nil
		err := reading.run(ctx, t.shas, wanted[r.ID], landed[r.ID])
		if err == nil && reading.unsaved { // that there was nothing to read is worth knowing
			err = reading.save(nil)
		}
		if err == nil {
			read[r.ID] = reading
		}
		return err
	})
	if err != nil && !errors.Is(err, extract.ErrPartial) {
		return err
	}
	if more := w.files(ctx, all, read); more != nil && err != nil {
		return joined([]error{err, more}, true)
	} else if more != nil {
		return more
	}
	return err
}

// wanted finds by repository the deployed commits, and the branches that pull requests were merged to, the most used
// first.
func (w *apiCommits) wanted(ctx context.Context) (deployed, branches map[string][]string, err error) {
	deployed, branches = map[string][]string{}, map[string][]string{}
	all, err := wantedCommits(ctx, w.in.Ledger)
	if err != nil {
		return nil, nil, err
	}
	for id, x := range all {
		deployed[id] = slices.DeleteFunc(x.deployed, func(sha string) bool { return !isSHA(sha) })
	}
	uses := map[string]map[string]int{}
	for o, err := range w.in.Ledger.Scan(ctx, transform.GithubPullRequests, "repository_id", "base_ref") {
		if err != nil {
			return nil, nil, fmt.Errorf("look through what has landed: %w", err)
		}
		if uses[o.Columns[0]] == nil {
			uses[o.Columns[0]] = map[string]int{}
		}
		uses[o.Columns[0]][o.Columns[1]]++
	}
	for id, names := range uses {
		delete(names, "")
		list := slices.SortedFunc(maps.Keys(names), func(a, b string) int {
			if names[a] != names[b] {
				return names[b] - names[a]
			}
			return strings.Compare(a, b)
		})
		branches[id] = list[:min(len(list), branchesAtMost)]
	}
	return deployed, branches, nil
}

// landedBefore gives the hashes of what has landed, in order, of repositories whose rows are to be made again.
func (w *apiCommits) landedBefore(ctx context.Context, repositories []repository) (map[string][]string, error) {
	out := map[string][]string{}
	for _, r := range repositories {
		if place := w.cur.Repositories[r.ID]; place == nil || place.Again != nil {
			out[r.ID] = []string{}
		}
	}
	if len(out) == 0 {
		return out, nil
	}
	for o, err := range w.in.Ledger.Scan(ctx, transform.GithubCommits, "repository_id", "sha") {
		if err != nil {
			return nil, fmt.Errorf("look through what has landed: %w", err)
		}
		if list, ok := out[o.Columns[0]]; ok {
			out[o.Columns[0]] = append(list, o.Columns[1])
		}
	}
	for _, list := range out {
		slices.Sort(list)
	}
	return out, nil
}

// isSHA reports whether GraphQL takes a text for a commit's hash.
func isSHA(s string) bool { return len(s) == 40 && strings.Trim(s, "0123456789abcdef") == "" }

// branchTips are where the branches of a repository are now.
type branchTips struct {
	shas []string
	err  error
}

// tips asks where branches are, of many repositories at once.
func (w *apiCommits) tips(ctx context.Context, repositories []repository, branches map[string][]string) (map[string]branchTips, error) {
	out := map[string]branchTips{}
	z := size{tipsAtOnce, tipsAtOnce}
	for rest := repositories; len(rest) > 0; {
		n := min(len(rest), z.now)
		err := w.tipsOf(ctx, rest[:n], branches, out)
		switch {
		case err == nil:
			z.grow()
		case fatal(ctx, err):
			return nil, err
		case n > 1:
			z.shrink() // one of them may be at fault: in the end it is asked for alone
			z.now = min(z.now, n/2)
			continue
		default:
			out[rest[0].ID] = branchTips{err: err}
		}
		rest = rest[n:]
	}
	return out, nil
}

func (w *apiCommits) tipsOf(ctx context.Context, repositories []repository, branches map[string][]string, out map[string]branchTips) error {
	type ref struct{ Target *struct{ Oid string } }
	q := question{stream: "commits", vars: map[string]any{}, smallest: len(repositories) == 1}
	answers := make([]map[string]*ref, len(repositories))
	into := map[string]any{}
	var params, fields []string
	for i, r := range repositories {
		params = append(params, fmt.Sprintf("$o%d: String!, $n%d: String!", i, i))
		q.vars[fmt.Sprint("o", i)], q.vars[fmt.Sprint("n", i)] = r.owner(), r.name()
		refs := "defaultBranchRef { target { oid } }"
		for k, name := range branches[r.ID] {
			params = append(params, fmt.Sprintf("$b%d_%d: String!", i, k))
			q.vars[fmt.Sprintf("b%d_%d", i, k)] = "refs/heads/" + name
			refs += fmt.Sprintf(" b%d: ref(qualifiedName: $b%d_%d) { target { oid } }", k, i, k)
		}
		fields = append(fields, fmt.Sprintf("r%d: repository(owner: $o%d, name: $n%d) { %s }", i, i, i, refs))
		into[fmt.Sprint("r", i)] = &answers[i]
	}
	q.params, q.fields = strings.Join(params, ", "), strings.Join(fields, "\n")
	data := fieldsInto(into)
	gone, err := w.s.api.ask(ctx, q, &data)
	if err != nil {
		return err
	}
	for i, r := range repositories {
		t := branchTips{}
		if answers[i] == nil {
			t.err = errors.New("GraphQL does not know the repository")
		}
		for _, m := range gone {
			if alias, _ := m.at(); alias == fmt.Sprint("r", i) {
				t.err = m.err(permitContents)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(answers[i])) { // b0, b1 …, defaultBranchRef
			if a := answers[i][key]; a != nil && a.Target != nil && !slices.Contains(t.shas, a.Target.Oid) {
				t.shas = append(t.shas, a.Target.Oid)
			}
		}
		slices.Reverse(t.shas) // the default branch first: it holds most of the others
		out[r.ID] = t
	}
	return nil
}

// commitFields price a hundred commits of a history, or fifty by their hashes, at one point.
const commitFields = `oid message authoredDate committedDate author { name email } committer { name email } parents(first: 100) { totalCount nodes { oid } }`

// commitNode is a commit as GraphQL answers it.
type commitNode struct {
	Oid, Message                string
	AuthoredDate, CommittedDate string
	Author, Committer           *struct{ Name, Email *string }
	Parents                     struct {
		TotalCount int
		Nodes      []struct{ Oid string }
	}
}

// commit gives what git would have told.
func (n *commitNode) commit() (*mirror.Commit, error) {
	if n.Oid == "" || n.Parents.TotalCount != len(n.Parents.Nodes) {
		return nil, fmt.Errorf("the commit %s has %d parents, of which GraphQL tells %d; set sources.github.commits: git", n.Oid, n.Parents.TotalCount, len(n.Parents.Nodes))
	}
	c := &mirror.Commit{SHA: n.Oid}
	c.Message, _, _ = strings.Cut(n.Message, "\x00")
	for _, p := range n.Parents.Nodes {
		c.Parents = append(c.Parents, p.Oid)
	}
	for _, x := range []struct {
		to  *mirror.Signature
		who *struct{ Name, Email *string }
		at  string
	}{{&c.Author, n.Author, n.AuthoredDate}, {&c.Committer, n.Committer, n.CommittedDate}} {
		if x.who != nil && x.who.Name != nil {
			x.to.Name = *x.who.Name
		}
		if x.who != nil && x.who.Email != nil {
			x.to.Email = *x.who.Email
		}
		if at, err := time.Parse(time.RFC3339, x.at); err == nil {
			x.to.At = at.UTC()
		}
	}
	return c, nil
}
