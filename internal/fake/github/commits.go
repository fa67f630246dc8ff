package github

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// CommitSpec says what a new commit is like. Message and AuthoredAt must be given.
type CommitSpec struct {
	Parents     []string
	Author      Signature
	Committer   Signature // default: the author
	AuthoredAt  time.Time // written with its own offset from UTC
	CommittedAt time.Time // default: AuthoredAt
	Message     string
	Files       map[string]string // content by path, over what the first parent has
	Remove      []string          // paths that it takes away
}

// Commit makes a commit and gives its sha, which depends on nothing but the spec. No branch moves.
func (r *Repository) Commit(spec CommitSpec) string {
	base := r.store.trees[emptyTree]
	for i, p := range spec.Parents {
		parent := r.store.commits[p]
		if parent == nil {
			panic(fmt.Sprintf("github fake: commit %q in %s: no such parent: %s", spec.Message, r.FullName(), p))
		}
		if i == 0 {
			base = parent.tree
		}
	}
	for _, file := range slices.Sorted(maps.Keys(spec.Files)) {
		base = r.store.put(base, file, r.store.addBlob(spec.Files[file]))
	}
	for _, file := range spec.Remove {
		base = r.store.put(base, file, "")
	}
	return r.commit(spec, base)
}

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

func (r *Repository) commit(spec CommitSpec, files *tree) string {
	c := &Commit{
		Parents: slices.Clone(spec.Parents), Author: spec.Author, Committer: spec.Committer, Message: strings.TrimRight(spec.Message, "\n") + "\n",
		AuthoredAt: spec.AuthoredAt.Truncate(time.Second), CommittedAt: spec.CommittedAt.Truncate(time.Second), tree: files,
	}
	if c.Committer == (Signature{}) {
		c.Committer = c.Author
	}
	if spec.CommittedAt.IsZero() {
		c.CommittedAt = c.AuthoredAt
	}
	return r.store.addCommit(c).SHA
}

// CommitObject gives a commit while its object is there, whether anything reaches it or not; nil if not.
func (r *Repository) CommitObject(sha string) *Commit { return r.store.commits[sha] }

// Branch points a branch at a commit, whether it was there or not; moving it elsewhere than forward is a force push, and
// the commits that it leaves stay until Prune.
func (r *Repository) Branch(name, sha string) {
	c := r.store.commits[sha]
	if c == nil {
		panic(fmt.Sprintf("github fake: branch %s of %s: no such commit: %s", name, r.FullName(), sha))
	}
	before := r.refs["refs/heads/"+name]
	if before == sha {
		return
	}
	kind := "push"
	switch {
	case before == "":
		kind = "branch_creation"
	case !r.isAncestor(before, sha):
		kind = "force_push"
	}
	r.setRef("refs/heads/"+name, sha)
	later(&r.PushedAt, c.CommittedAt)
	r.activity(kind, "refs/heads/"+name, before, sha, r.org.byEmail[c.Committer.Email], c.CommittedAt)
}

// DeleteBranch takes a branch away. What only it reached stays until Prune.
func (r *Repository) DeleteBranch(name string, at time.Time) {
	before := r.refs["refs/heads/"+name]
	delete(r.refs, "refs/heads/"+name)
	r.index.moved()
	r.activity("branch_deletion", "refs/heads/"+name, before, "", nil, at)
}

// Tag makes a lightweight tag.
func (r *Repository) Tag(name, sha string) { r.setRef("refs/tags/"+name, sha) }

// AnnotatedTag makes a tag object and the tag that points at it; it gives the object's sha.
func (r *Repository) AnnotatedTag(name, sha, message string, tagger Signature, at time.Time) string {
	t := r.store.addTag(&tagObject{name: name, target: sha, message: message, tagger: tagger, at: at.Truncate(time.Second)})
	r.setRef("refs/tags/"+name, t.sha)
	return t.sha
}

// DeleteTag takes a tag away.
func (r *Repository) DeleteTag(name string) {
	delete(r.refs, "refs/tags/"+name)
	r.index.moved()
}

// DeletePullHead takes refs/pull/N/head away, as GitHub itself does only on request: what it alone reached is unreachable.
func (r *Repository) DeletePullHead(number int) {
	delete(r.refs, pullRef(number))
	r.index.moved()
}

// Head gives the commit of a branch, or nothing.
func (r *Repository) Head(branch string) string { return r.refs["refs/heads/"+branch] }

// Prune makes everything really gone that no branch, tag or pull request of the network reaches.
func (r *Repository) Prune() {
	var roots []string
	for _, other := range r.org.Repositories {
		if other.store == r.store {
			for _, name := range slices.Sorted(maps.Keys(other.refs)) {
				roots = append(roots, other.refs[name])
			}
		}
	}
	r.store.keepOnly(roots)
	for _, other := range r.org.Repositories {
		other.index.moved()
		other.index.grownTip = ""
	}
}

func (r *Repository) setRef(name, sha string) {
	r.refs[name] = sha
	r.index.moved()
}

func pullRef(number int) string { return fmt.Sprintf("refs/pull/%d/head", number) }

// resolve gives the commit that a branch, a tag, a full ref name, a sha or the start of one means; nothing if none does.
func (r *Repository) resolve(name string) string {
	if name == "" || name == "HEAD" {
		name = r.DefaultBranch
	}
	for _, prefix := range []string{"refs/heads/", "refs/tags/", "refs/", ""} {
		if sha := r.refs[prefix+name]; sha != "" {
			return r.store.peel(sha)
		}
	}
	if r.store.commits[name] != nil {
		return name
	}
	if len(name) >= 7 && strings.Trim(name, "0123456789abcdef") == "" {
		for sha := range r.store.commits {
			if strings.HasPrefix(sha, name) {
				return sha
			}
		}
	}
	return ""
}

func (r *Repository) mustResolve(name string) string {
	sha := r.resolve(name)
	if sha == "" {
		panic(fmt.Sprintf("github fake: %s has no branch, tag or commit %q", r.FullName(), name))
	}
	return sha
}

// repositoryIndex finds things; what depends on refs is made when it is first asked for.
type repositoryIndex struct {
	deployments map[int64]*Deployment
	pulls       map[int]*PullRequest

	mu        *sync.Mutex
	reachable map[string]bool
	byCommit  map[string][]*PullRequest
	onDefault map[string]bool

	grownTip string
	grown    map[string]bool
}

func newRepositoryIndex() repositoryIndex {
	return repositoryIndex{deployments: map[int64]*Deployment{}, pulls: map[int]*PullRequest{}, mu: &sync.Mutex{}}
}

// moved forgets what depended on refs and pull requests.
func (x *repositoryIndex) moved() { x.reachable, x.byCommit, x.onDefault = nil, nil, nil }

// isReachable says whether a branch, a tag or a pull request reaches a commit.
func (r *Repository) isReachable(sha string) bool {
	r.index.mu.Lock()
	defer r.index.mu.Unlock()
	if r.index.reachable == nil {
		starts := make([]string, 0, len(r.refs))
		for _, at := range r.refs {
			starts = append(starts, r.store.peel(at))
		}
		r.index.reachable = r.reach(starts...)
	}
	return r.index.reachable[sha]
}

// isOnDefault says whether the default branch reaches a commit.
func (r *Repository) isOnDefault(sha string) bool {
	r.index.mu.Lock()
	defer r.index.mu.Unlock()
	if r.index.onDefault == nil {
		r.index.onDefault = r.reach(r.Head(r.DefaultBranch))
	}
	return r.index.onDefault[sha]
}
