package github

import (
	"slices"
	"strings"
	"time"
)

// Objects of git know the repository that they were asked through.
type (
	commitOf struct {
		*Commit
		repo *Repository
	}
	tagOf struct {
		*tagObject
		repo *Repository
	}
	treeOf struct {
		sha  string
		repo *Repository
	}
	refOf struct {
		repo *Repository
		name string // in full
	}
	gitActor struct {
		who Signature
		at  time.Time
	}
	compared struct {
		repo          *Repository
		base, head    string
		ahead, behind []*Commit
	}
)

// gitObject gives a commit, an annotated tag or a tree by its sha, or nil.
func (r *Repository) gitObject(sha string) any {
	if c := r.store.commits[sha]; c != nil {
		return commitOf{c, r}
	}
	if t := r.store.tags[sha]; t != nil {
		return tagOf{t, r}
	}
	if t := r.store.trees[sha]; t != nil {
		return treeOf{t.sha, r}
	}
	return nil
}

// revision gives the object that an expression means: a name, or a commit and a path of a folder, main:src.
func (r *Repository) revision(expression any) string {
	text, _ := expression.(string)
	name, path, hasPath := strings.Cut(text, ":")
	if !hasPath {
		if sha := r.refs["refs/tags/"+name]; sha != "" && r.Head(name) == "" {
			return sha
		}
		return r.resolve(name)
	}
	c := r.store.commits[r.resolve(name)]
	if c == nil {
		return ""
	}
	t := c.tree
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if part == "" {
			continue
		}
		i, ok := t.find(part)
		if !ok || t.entries[i].sub == nil {
			return ""
		}
		t = t.entries[i].sub
	}
	return t.sha
}

var gitFields = map[string]resolver{
	"Commit.abbreviatedOid": on(func(_ *graphCall, x commitOf) any { return x.SHA[:7] }),
	"Commit.additions":      on(func(_ *graphCall, x commitOf) any { a, _, _ := x.size(); return a }),
	"Commit.deletions":      on(func(_ *graphCall, x commitOf) any { _, d, _ := x.size(); return d }),
	"Commit.changedFilesIfAvailable": on(func(_ *graphCall, x commitOf) any {
		_, _, n := x.size()
		return n
	}),
	"Commit.associatedPullRequests": by(func(c *graphCall, x commitOf, args map[string]any) (any, error) {
		field, descending := orderOf(args, "CREATED_AT")
		var list []keyed
		for _, p := range x.repo.pullsOf(x.SHA) {
			list = append(list, keyed{p.key(field), p})
		}
		return pageIf(c.need(x.repo, "pull_requests"), "PullRequestConnection", list, descending, args)
	}),
	"Commit.author":       on(func(_ *graphCall, x commitOf) any { return gitActor{x.Author, x.AuthoredAt} }),
	"Commit.authoredDate": on(func(_ *graphCall, x commitOf) any { return instant(x.AuthoredAt) }),
	"Commit.authors": by(func(_ *graphCall, x commitOf, args map[string]any) (any, error) {
		return page("GitActorConnection", inOrder(x.authors(), func(a gitActor) any { return a }), false, args)
	}),
	"Commit.committedDate":   on(func(_ *graphCall, x commitOf) any { return instant(x.CommittedAt) }),
	"Commit.committedViaWeb": on(func(_ *graphCall, x commitOf) any { return x.Committer == Noreply }),
	"Commit.committer":       on(func(_ *graphCall, x commitOf) any { return gitActor{x.Committer, x.CommittedAt} }),
	"Commit.deployments": by(func(c *graphCall, x commitOf, args map[string]any) (any, error) {
		return c.deployments(x.repo, x.SHA, args)
	}),
	"Commit.history":         by((*graphCall).history),
	"Commit.id":              on(func(_ *graphCall, x commitOf) any { return commitNodeID(x.repo, x.SHA) }),
	"Commit.message":         on(func(_ *graphCall, x commitOf) any { return strings.TrimRight(x.Message, "\n") }),
	"Commit.messageBody":     on(func(_ *graphCall, x commitOf) any { return x.Body() }),
	"Commit.messageHeadline": on(func(_ *graphCall, x commitOf) any { return x.Headline() }),
	"Commit.oid":             on(func(_ *graphCall, x commitOf) any { return x.SHA }),
	"Commit.parents": by(func(_ *graphCall, x commitOf, args map[string]any) (any, error) {
		return page("CommitConnection", inOrder(x.Parents, func(sha string) any { return commitOf{x.repo.store.commits[sha], x.repo} }), false, args)
	}),
	"Commit.pushedDate": on(func(_ *graphCall, _ commitOf) any { return nil }), // GitHub gives it no longer
	"Commit.tree":       on(func(_ *graphCall, x commitOf) any { return treeOf{x.tree.sha, x.repo} }),
	"Commit.url":        on(func(c *graphCall, x commitOf) any { return c.htmlURL(x.repo) + "/commit/" + x.SHA }),

	"GitActor.date":  on(func(_ *graphCall, a gitActor) any { return a.at.Format(time.RFC3339) }),
	"GitActor.email": on(func(_ *graphCall, a gitActor) any { return a.who.Email }),
	"GitActor.name":  on(func(_ *graphCall, a gitActor) any { return a.who.Name }),
	"GitActor.user": on(func(c *graphCall, a gitActor) any {
		if u := c.server.org.byEmail[a.who.Email]; u != nil && u.Type == "User" {
			return u
		}
		return nil
	}),

	"Tree.abbreviatedOid": on(func(_ *graphCall, t treeOf) any { return t.sha[:7] }),
	"Tree.id":             on(func(_ *graphCall, t treeOf) any { return nodeID("T", t.repo.ID, t.sha) }),
	"Tree.oid":            on(func(_ *graphCall, t treeOf) any { return t.sha }),

	"Tag.abbreviatedOid": on(func(_ *graphCall, t tagOf) any { return t.sha[:7] }),
	"Tag.id":             on(func(_ *graphCall, t tagOf) any { return nodeID("TA", t.repo.ID, t.sha) }),
	"Tag.message":        on(func(_ *graphCall, t tagOf) any { return t.message }),
	"Tag.name":           on(func(_ *graphCall, t tagOf) any { return t.name }),
	"Tag.oid":            on(func(_ *graphCall, t tagOf) any { return t.sha }),
	"Tag.tagger":         on(func(_ *graphCall, t tagOf) any { return gitActor{t.tagger, t.at} }),
	"Tag.target":         on(func(_ *graphCall, t tagOf) any { return commitOf{t.repo.store.commits[t.target], t.repo} }),
}

var refFields = map[string]resolver{
	"Ref.associatedPullRequests": by(func(c *graphCall, r refOf, args map[string]any) (any, error) {
		var list []*PullRequest
		for _, p := range r.repo.PullRequests {
			if p.HeadRepository == r.repo && "refs/heads/"+p.Head == r.name {
				list = append(list, p)
			}
		}
		return c.pulls(r.repo, list, args)
	}),
	"Ref.compare": by(func(_ *graphCall, r refOf, args map[string]any) (any, error) {
		head := r.repo.resolve(args["headRef"].(string))
		if head == "" {
			return nil, nil
		}
		return r.repo.compared(r.repo.store.peel(r.repo.refs[r.name]), head), nil
	}),
	"Ref.id": on(func(_ *graphCall, r refOf) any { return refNodeID(r.repo, r.name) }),
	"Ref.name": on(func(_ *graphCall, r refOf) any {
		return strings.TrimPrefix(r.name, refPrefix(r.name))
	}),
	"Ref.prefix":     on(func(_ *graphCall, r refOf) any { return refPrefix(r.name) }),
	"Ref.repository": on(func(_ *graphCall, r refOf) any { return r.repo }),
	"Ref.target":     on(func(_ *graphCall, r refOf) any { return r.repo.gitObject(r.repo.refs[r.name]) }),

	"Comparison.aheadBy":    on(func(_ *graphCall, x compared) any { return len(x.ahead) }),
	"Comparison.behindBy":   on(func(_ *graphCall, x compared) any { return len(x.behind) }),
	"Comparison.baseTarget": on(func(_ *graphCall, x compared) any { return x.repo.gitObject(x.base) }),
	"Comparison.headTarget": on(func(_ *graphCall, x compared) any { return x.repo.gitObject(x.head) }),
	"Comparison.id":         on(func(_ *graphCall, x compared) any { return nodeID("CMP", x.repo.ID, x.base+"..."+x.head) }),
	"Comparison.status":     on(func(_ *graphCall, x compared) any { return comparison(len(x.ahead), len(x.behind)) }),
	"Comparison.commits": by(func(_ *graphCall, x compared, args map[string]any) (any, error) {
		out, err := page("ComparisonCommitConnection", inOrder(x.ahead, func(c *Commit) any { return commitOf{c, x.repo} }), false, args)
		if p, ok := out.(*connection); ok {
			authors := map[Signature]bool{}
			for _, c := range x.ahead {
				authors[c.Author] = true
			}
			p.authors = len(authors)
		}
		return out, err
	}),
	"ComparisonCommitConnection.authorCount": on(func(_ *graphCall, p *connection) any { return p.authors }),
}

func refPrefix(name string) string {
	for _, prefix := range []string{"refs/heads/", "refs/tags/"} {
		if strings.HasPrefix(name, prefix) {
			return prefix
		}
	}
	return "refs/"
}

// compared says how two commits lie; what is ahead is oldest first.
func (r *Repository) compared(base, head string) compared {
	ahead := r.between(base, head)
	slices.Reverse(ahead)
	return compared{r, base, head, ahead, r.between(head, base)}
}

// history lists what a commit reaches, newest first.
func (c *graphCall) history(x commitOf, args map[string]any) (any, error) {
	path, _ := args["path"].(string)
	since, until := timestamp(args["since"]), timestamp(args["until"])
	author, _ := args["author"].(map[string]any)
	var list []*Commit
	for _, y := range x.repo.log(x.SHA, nil) {
		if !since.IsZero() && y.CommittedAt.Before(since) || !until.IsZero() && y.CommittedAt.After(until) || !x.repo.touches(y, path) {
			continue
		}
		if author != nil {
			a := c.server.org.byEmail[y.Author.Email]
			if !slices.Contains(texts(author["emails"]), y.Author.Email) && (a == nil || a.nodeID() != author["id"]) {
				continue
			}
		}
		list = append(list, y)
	}
	// The key is a commit's place from the oldest on, so that a cursor stays good while commits are added.
	keys := make([]keyed, 0, len(list))
	for i, y := range list {
		keys = append(keys, keyed{timeKey(time.Unix(int64(len(list)-i), 0), 0), commitOf{y, x.repo}})
	}
	return page("CommitHistoryConnection", keys, true, args)
}

func timestamp(v any) time.Time {
	text, _ := v.(string)
	t, _ := time.Parse(time.RFC3339, text) // what is no time is not there
	return t
}

func (x commitOf) size() (additions, deletions, files int) {
	list := x.repo.filesOf(x.Commit)
	for _, f := range list {
		additions += f.additions
		deletions += f.deletions
	}
	return additions, deletions, len(list)
}

// authors are the author and those whom the message names by Co-authored-by.
func (x commitOf) authors() []gitActor {
	out := []gitActor{{x.Author, x.AuthoredAt}}
	for line := range strings.SplitSeq(x.Message, "\n") {
		rest, ok := strings.CutPrefix(line, "Co-authored-by: ")
		name, email, hasEmail := strings.Cut(strings.TrimSuffix(rest, ">"), " <")
		if ok && hasEmail {
			out = append(out, gitActor{Signature{name, email}, x.AuthoredAt})
		}
	}
	return out
}
