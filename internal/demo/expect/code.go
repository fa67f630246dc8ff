package expect

import "time"

// Code is what the repositories hold.
type Code struct{ Repositories []Repository }

// Repository is one whose deployments are read; or one that only files name, which has no commits.
type Repository struct {
	Name         string   // owner/name, as it is now; empty where a file names none
	Former       []string // what it was called before
	Services     []string // that live in it
	Commits      map[string]Commit
	PullRequests []PullRequest // merged ones
	Deployments  []Deployment  // records of every source
	Tags         map[string]string
}

// Commit is one that exists; what has been force-pushed away is not in Repository.Commits.
type Commit struct {
	Parents  []string
	Authored time.Time
	Reverts  []string // hashes that it reverts
	Paths    []string // of the files that it changed; nil where nobody asked, and of a merge
}

// PullRequest has been merged. Which commits it brought and when its first one was written, whoever made the organisation
// knows; where nobody does, Commits of the repository are to tell.
type PullRequest struct {
	Number      int
	Branch      string
	Labels      []string
	Merge       string    // the merge commit, the squashed one or the last rebased one
	Brought     []string  // commits that it brought to its base, less merges
	FirstCommit time.Time // when the first of its branch's own commits was authored
	Opened      time.Time
	Merged      time.Time
	FirstReview time.Time // by somebody else than its author
	Reverts     []int     // pull requests of the same repository
	RevertsSHA  []string  // commits
	RevertsOf   []string  // pull requests of any repository, acme/api#12
}

// Deployment is a record of one attempt to bring a commit to an environment, by whatever source.
type Deployment struct {
	Source      string // deployments, releases, tags, workflow_runs, pull_requests or files; empty: deployments
	ID          string // the source's own
	URL         string // of the API
	Web         string // of a page
	SHA         string // empty where nobody knows it
	Ref         string // as it was asked for
	Task        string // deploy, of all sources but deployments
	Environment string // where it went last; of deployments and files
	Transient   bool
	Created     time.Time // zero where nobody knows it
	Success     time.Time // its first success (D1); zero if there is none
	Status      string    // success, or the last word of the source

	Service  string // that a file's row names
	Tag      string // of a tag or release
	Branch   string // of a workflow run, or the base of a pull request
	Fork     bool   // a workflow run's branch is one of a fork
	Workflow string // path of the file of a workflow run
	Event    string
	Fields   map[string]any // where the group is found (D5)
}
