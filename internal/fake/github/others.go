package github

import (
	"slices"
	"time"
)

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
	TriggeredBy          *Account  // of the present attempt

	earlier []*WorkflowRun // the attempts before, from the first
	repo    *Repository
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
	if x.TriggeredBy == nil {
		x.TriggeredBy = x.Actor
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

// Run finds a run by id, or nil.
func (r *Repository) Run(id int64) *WorkflowRun {
	for _, x := range r.Runs {
		if x.ID == id {
			return x
		}
	}
	return nil
}

// DeleteRun takes a run away, without a trace.
func (r *Repository) DeleteRun(id int64) {
	r.Runs = slices.DeleteFunc(r.Runs, func(x *WorkflowRun) bool { return x.ID == id })
}

// DeleteRelease takes a release away, without a trace; its tag stays.
func (r *Repository) DeleteRelease(id int64) {
	r.Releases = slices.DeleteFunc(r.Releases, func(x *Release) bool { return x.ID == id })
}

// End completes the present attempt of a run: success, failure, cancelled …
func (x *WorkflowRun) End(conclusion string, at time.Time) {
	x.Status, x.Conclusion, x.UpdatedAt = "completed", conclusion, second(at)
}

// ReRun begins another attempt: the run keeps its id, its number, its time of creation and so its place in every list.
func (x *WorkflowRun) ReRun(by *Account, at time.Time) {
	before := *x
	before.earlier = nil
	x.earlier = append(x.earlier, &before)
	x.Attempt++
	x.Status, x.Conclusion, x.TriggeredBy = "queued", "", by
	x.StartedAt, x.UpdatedAt = second(at), second(at)
}

// attempt gives the run as it was in an attempt, or nil.
func (x *WorkflowRun) attempt(n int) *WorkflowRun {
	if n == x.Attempt {
		return x
	}
	for _, e := range x.earlier {
		if e.Attempt == n {
			return e
		}
	}
	return nil
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
