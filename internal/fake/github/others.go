package github

import "time"

// Release of a repository.
type Release struct {
	ID                                int64
	TagName, Name, Description        string
	Author                            *Account
	Draft, Prerelease                 bool
	CreatedAt, PublishedAt, UpdatedAt time.Time // PublishedAt is zero of a draft

	repo *Repository
}

// AddRelease adds a release; of one that is no draft, an empty PublishedAt is its CreatedAt.
func (r *Repository) AddRelease(spec Release) *Release {
	x := &spec
	x.repo = r
	if x.ID == 0 {
		x.ID = r.org.nextID()
	}
	if x.PublishedAt.IsZero() && !x.Draft {
		x.PublishedAt = x.CreatedAt
	}
	if x.UpdatedAt.IsZero() {
		x.UpdatedAt = x.CreatedAt
		later(&x.UpdatedAt, x.PublishedAt)
	}
	x.CreatedAt, x.PublishedAt, x.UpdatedAt = second(x.CreatedAt), second(x.PublishedAt), second(x.UpdatedAt)
	r.Releases = append(r.Releases, x)
	return x
}

// WorkflowRun is a run of a workflow of Actions.
type WorkflowRun struct {
	ID                   int64
	WorkflowID           int64
	Name, Path           string // Deploy, .github/workflows/deploy.yml
	Title                string // default: the head commit's first line
	HeadBranch, HeadSHA  string
	Event                string // push, workflow_dispatch, schedule …
	Status, Conclusion   string // completed and success, failure …; no conclusion while it runs
	Number, Attempt      int
	Actor                *Account
	CreatedAt, UpdatedAt time.Time
	StartedAt            time.Time // of the present attempt

	repo *Repository
}

// AddRun adds a workflow run; its number follows the last one's.
func (r *Repository) AddRun(spec WorkflowRun) *WorkflowRun {
	x := &spec
	x.repo = r
	if x.ID == 0 {
		x.ID = r.org.nextID()
	}
	if x.Number == 0 {
		x.Number = len(r.Runs) + 1
	}
	if x.Attempt == 0 {
		x.Attempt = 1
	}
	if x.StartedAt.IsZero() {
		x.StartedAt = x.CreatedAt
	}
	if x.UpdatedAt.IsZero() {
		x.UpdatedAt = x.StartedAt
	}
	if c := r.store.commits[x.HeadSHA]; c != nil && x.Title == "" {
		x.Title = c.Headline()
	}
	x.CreatedAt, x.UpdatedAt, x.StartedAt = second(x.CreatedAt), second(x.UpdatedAt), second(x.StartedAt)
	r.Runs = append(r.Runs, x)
	return x
}

// Activity is a change of a branch: push, force_push, branch_creation, branch_deletion or pr_merge.
type Activity struct {
	ID            int64
	Type, Ref     string
	Before, After string
	Actor         *Account
	At            time.Time
}

func (r *Repository) activity(kind, ref, before, after string, actor *Account, at time.Time) {
	r.Activities = append(r.Activities, &Activity{
		ID: r.org.nextID(), Type: kind, Ref: ref, Before: before, After: after, Actor: actor, At: second(at),
	})
}
