package github

import (
	"cmp"
	"slices"
	"time"
)

// PullRequest of a repository; it shares its numbers with the issues.
type PullRequest struct {
	ID              int64
	Number          int
	Title, Body     string
	Author          *Account // nil: the account is gone
	State           string   // OPEN, CLOSED or MERGED
	Draft           bool
	Base, BaseOID   string // the branch that it is for, and its commit when the pull request was opened or merged
	Head, HeadOID   string // the branch that it is from, and its commit
	HeadOwner       *Account
	HeadRepository  *Repository // nil: the fork is gone
	CrossRepository bool
	Commits         []string // oldest first
	MergeOID        string
	MergedBy        *Account
	Labels          []*Label
	Reviews         []*Review
	Closes          []*Issue

	CreatedAt, UpdatedAt, ClosedAt, MergedAt time.Time // the last two are zero if it is not

	repo    *Repository
	rebased []string // what a rebase made of its commits
}

// Label of a repository.
type Label struct {
	ID        int64
	Name      string
	CreatedAt time.Time
}

// Issue of a repository.
type Issue struct {
	ID                   int64
	Number               int
	Title                string
	Author               *Account
	Closed               bool
	CreatedAt, UpdatedAt time.Time

	repo *Repository
}

// Review of a pull request.
type Review struct {
	ID          int64
	Author      *Account
	State       string // APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED or PENDING
	Body        string
	CreatedAt   time.Time
	SubmittedAt time.Time // zero while it is pending

	pull *PullRequest
}

// PullSpec says what a new pull request is like. Title, Head and At must be given.
type PullSpec struct {
	ID             int64
	Number         int
	Title, Body    string
	Author         *Account
	Base           string      // default: the default branch
	Head           string      // name of the branch
	HeadOID        string      // default: what Head is in HeadRepository
	HeadRepository *Repository // default: the same repository
	HeadOwner      *Account    // of a fork that is gone: set DeletedFork too
	DeletedFork    bool
	Commits        []string // default: what Head has and Base has not
	Draft          bool
	Labels         []string
	Closes         []*Issue
	At             time.Time
}

// OpenPull opens a pull request and points refs/pull/N/head at its commit.
func (r *Repository) OpenPull(spec PullSpec) *PullRequest {
	p := &PullRequest{
		ID: spec.ID, Number: spec.Number, Title: spec.Title, Body: spec.Body, Author: spec.Author, State: "OPEN", Draft: spec.Draft,
		Base: spec.Base, Head: spec.Head, HeadOID: spec.HeadOID, HeadOwner: spec.HeadOwner, HeadRepository: spec.HeadRepository,
		Commits: spec.Commits, Closes: spec.Closes, CreatedAt: second(spec.At), UpdatedAt: second(spec.At), repo: r,
	}
	if p.ID == 0 {
		p.ID = r.org.nextID()
	}
	if p.Number == 0 {
		p.Number = r.lastNumber + 1
	}
	r.lastNumber = max(r.lastNumber, p.Number)
	if p.Base == "" {
		p.Base = r.DefaultBranch
	}
	switch {
	case spec.DeletedFork:
		p.CrossRepository, p.HeadRepository = true, nil
	case p.HeadRepository == nil:
		p.HeadRepository = r
	}
	if p.HeadRepository != nil {
		p.CrossRepository, p.HeadOwner = p.HeadRepository != r, p.HeadRepository.Owner
		if p.HeadOID == "" {
			p.HeadOID = p.HeadRepository.mustResolve(p.Head)
		}
	}
	p.BaseOID = r.Head(p.Base)
	if p.Commits == nil {
		p.Commits = r.branchCommits(p.Base, p.HeadOID)
	}
	for _, name := range spec.Labels {
		p.Labels = append(p.Labels, r.AddLabel(name, spec.At))
	}
	r.setRef(pullRef(p.Number), p.HeadOID)
	r.PullRequests = append(r.PullRequests, p)
	r.index.pulls[p.Number] = p
	return p
}

// branchCommits lists what a commit has over a branch, oldest first.
func (r *Repository) branchCommits(base, head string) []string {
	var out []string
	for _, c := range r.log(head, r.grown(r.Head(base))) {
		out = append(out, c.SHA)
	}
	slices.Reverse(out)
	return out
}

// Push moves the head of an open pull request, branch and all.
func (p *PullRequest) Push(sha string, at time.Time) {
	if p.HeadRepository != nil {
		p.HeadRepository.Branch(p.Head, sha)
	}
	p.HeadOID = sha
	p.repo.setRef(pullRef(p.Number), sha)
	p.Commits = p.repo.branchCommits(p.Base, sha)
	p.touch(at)
}

// Change changes a pull request and moves its updated_at.
func (p *PullRequest) Change(at time.Time, f func(*PullRequest)) {
	f(p)
	p.touch(at)
	p.repo.index.moved()
}

// Close closes a pull request without merging it.
func (p *PullRequest) Close(at time.Time) {
	p.State, p.ClosedAt = "CLOSED", second(at)
	p.touch(at)
}

// Label puts a label on a pull request.
func (p *PullRequest) Label(name string, at time.Time) {
	p.Labels = append(p.Labels, p.repo.AddLabel(name, at))
	p.touch(at)
}

// Review adds a review; a state of PENDING is not submitted yet.
func (p *PullRequest) Review(author *Account, state, body string, at time.Time) *Review {
	v := &Review{ID: p.repo.org.nextID(), Author: author, State: state, Body: body, CreatedAt: second(at), SubmittedAt: second(at), pull: p}
	if state == "PENDING" {
		v.SubmittedAt = time.Time{}
	}
	p.Reviews = append(p.Reviews, v)
	p.touch(at)
	return v
}

// LoseFork takes the head's repository away, as when the fork was deleted.
func (p *PullRequest) LoseFork() { p.CrossRepository, p.HeadRepository = true, nil }

func (p *PullRequest) touch(at time.Time) { later(&p.UpdatedAt, at) }

// Pull gives the pull request of a number, or nil.
func (r *Repository) Pull(number int) *PullRequest { return r.index.pulls[number] }

// AddLabel adds a label to the repository, or gives the one that has the name.
func (r *Repository) AddLabel(name string, at time.Time) *Label {
	for _, l := range r.Labels {
		if l.Name == name {
			return l
		}
	}
	l := &Label{ID: r.org.nextID(), Name: name, CreatedAt: second(at)}
	r.Labels = append(r.Labels, l)
	return l
}

// AddIssue adds an issue.
func (r *Repository) AddIssue(title string, author *Account, at time.Time) *Issue {
	r.lastNumber++
	i := &Issue{ID: r.org.nextID(), Number: r.lastNumber, Title: title, Author: author, CreatedAt: second(at), UpdatedAt: second(at), repo: r}
	r.Issues = append(r.Issues, i)
	return i
}

// pullsOf lists the pull requests that a commit belongs to, oldest first: that merged it, that rebased or squashed into it,
// or whose branch holds it. A commit on the default branch shows merged ones only.
func (r *Repository) pullsOf(sha string) []*PullRequest {
	onDefault := r.isOnDefault(sha)
	r.index.mu.Lock()
	defer r.index.mu.Unlock()
	if r.index.byCommit == nil {
		r.index.byCommit = map[string][]*PullRequest{}
		for _, p := range r.PullRequests {
			for _, c := range p.ownCommits() {
				r.index.byCommit[c] = append(r.index.byCommit[c], p)
			}
		}
	}
	var out []*PullRequest
	for _, p := range r.index.byCommit[sha] {
		if p.State == "MERGED" || !onDefault && p.State == "OPEN" {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *PullRequest) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Number, b.Number))
	})
	return out
}

// ownCommits are the commits that lead to a pull request: those of its branch, and those that its merge made.
func (p *PullRequest) ownCommits() []string {
	out := slices.Clone(p.Commits)
	add := func(sha string) {
		if sha != "" && !slices.Contains(out, sha) {
			out = append(out, sha)
		}
	}
	add(p.MergeOID)
	for _, sha := range p.rebased {
		add(sha)
	}
	return out
}
