package github

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// MergeMerge merges a pull request by a merge commit, which it gives, and moves the base branch.
func (r *Repository) MergeMerge(p *PullRequest, by *Account, at time.Time) string {
	from := r.FullName()
	if p.HeadOwner != nil {
		from = p.HeadOwner.Login
	} else if i := strings.IndexByte(from, '/'); i > 0 {
		from = from[:i]
	}
	base := r.Head(p.Base)
	sha := r.commit(CommitSpec{
		Parents: []string{base, p.HeadOID}, Author: by.Signature(), Committer: Noreply, AuthoredAt: at,
		Message: fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.Number, from, p.Head, p.Title),
	}, r.merged(base, p.HeadOID))
	return r.finishMerge(p, base, sha, by, at)
}

// MergeSquash merges a pull request as one commit, which it gives: titled Title (#N), by the author of the pull request.
func (r *Repository) MergeSquash(p *PullRequest, by *Account, at time.Time) string {
	base := r.Head(p.Base)
	author := by
	if p.Author != nil {
		author = p.Author
	}
	sha := r.commit(CommitSpec{
		Parents: []string{base}, Author: author.Signature(), Committer: Noreply, AuthoredAt: at, Message: r.squashMessage(p),
	}, r.merged(base, p.HeadOID))
	return r.finishMerge(p, base, sha, by, at)
}

// squashMessage follows the repository's two settings.
func (r *Repository) squashMessage(p *PullRequest) string {
	title := p.Title
	single := len(p.Commits) == 1 && r.store.commits[p.Commits[0]] != nil
	if r.SquashTitle == "COMMIT_OR_PR_TITLE" && single {
		title = r.store.commits[p.Commits[0]].Headline()
	}
	text := fmt.Sprintf("%s (#%d)", title, p.Number)
	switch {
	case r.SquashMessage == "PR_BODY" && p.Body != "":
		text += "\n\n" + p.Body
	case r.SquashMessage == "COMMIT_MESSAGES" && single:
		if body := r.store.commits[p.Commits[0]].Body(); body != "" {
			text += "\n\n" + body
		}
	case r.SquashMessage == "COMMIT_MESSAGES":
		for _, sha := range p.Commits {
			if c := r.store.commits[sha]; c != nil && len(c.Parents) < 2 {
				text += "\n\n* " + strings.TrimSpace(c.Message)
			}
		}
	}
	return text
}

// MergeRebase merges a pull request by making its commits anew on the base branch; it gives the last one. They keep their
// authors and authored times, and are committed by who merged. Merge commits of the branch are left out.
func (r *Repository) MergeRebase(p *PullRequest, by *Account, at time.Time) string {
	base := r.Head(p.Base)
	tip := base
	p.rebased = nil
	for _, sha := range p.Commits {
		c := r.store.commits[sha]
		if c == nil || len(c.Parents) > 1 {
			continue
		}
		var before *tree
		if len(c.Parents) == 1 {
			before = r.store.commits[c.Parents[0]].tree
		}
		tip = r.commit(CommitSpec{
			Parents: []string{tip}, Author: c.Author, Committer: by.Signature(), AuthoredAt: c.AuthoredAt, CommittedAt: at, Message: c.Message,
		}, r.store.patch(r.store.commits[tip].tree, before, c.tree))
		p.rebased = append(p.rebased, tip)
	}
	return r.finishMerge(p, base, tip, by, at)
}

func (r *Repository) finishMerge(p *PullRequest, base, sha string, by *Account, at time.Time) string {
	p.State, p.MergeOID, p.MergedBy, p.BaseOID = "MERGED", sha, by, base
	p.MergedAt, p.ClosedAt = second(at), second(at)
	p.touch(at)
	r.setRef("refs/heads/"+p.Base, sha)
	later(&r.PushedAt, at)
	r.activity("pr_merge", "refs/heads/"+p.Base, base, sha, by, at)
	for _, i := range p.Closes {
		i.Closed = true
		later(&i.UpdatedAt, at)
	}
	return sha
}

// merged gives the files of base with what the branch changed since it left.
func (r *Repository) merged(base, head string) *tree {
	var before *tree
	if fork := r.mergeBase(r.grown(base), head); fork != "" {
		before = r.store.commits[fork].tree
	}
	return r.store.patch(r.store.commits[base].tree, before, r.store.commits[head].tree)
}

// patch gives a tree with the changes from one tree to another; where both changed a file, the change wins.
func (s *objects) patch(onto, before, after *tree) *tree {
	changes := map[string]string{}
	diffTrees(before, after, "", func(file, _, blob string) { changes[file] = blob })
	for _, file := range slices.Sorted(maps.Keys(changes)) {
		onto = s.put(onto, file, changes[file])
	}
	return onto
}

// diffTrees calls f for every file that differs, with its old and new blob; one that is not there is empty.
func diffTrees(before, after *tree, prefix string, f func(file, before, after string)) {
	if before == nil {
		before = &tree{}
	}
	if after == nil {
		after = &tree{}
	}
	if before.sha == after.sha && before.sha != "" {
		return
	}
	names := map[string]bool{}
	for _, t := range []*tree{before, after} {
		for _, e := range t.entries {
			names[e.name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		var a, b treeEntry
		if i, ok := before.find(name); ok {
			a = before.entries[i]
		}
		if i, ok := after.find(name); ok {
			b = after.entries[i]
		}
		if a.sha == b.sha {
			continue
		}
		if a.sub != nil || b.sub != nil {
			diffTrees(a.sub, b.sub, prefix+name+"/", f)
		}
		if blobA, blobB := a.blob(), b.blob(); blobA != blobB {
			f(prefix+name, blobA, blobB)
		}
	}
}

func (e treeEntry) blob() string {
	if e.sub != nil {
		return ""
	}
	return e.sha
}
