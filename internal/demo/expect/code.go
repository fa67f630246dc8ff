package expect

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// Code is what the repositories hold. What can only be guessed from outside, such as which commits a squash came from, is
// given by whoever made the organisation, and not worked out a second time.
type Code struct{ Repositories []Repository }

// Repository is one whose deployments are read.
type Repository struct {
	Name         string   // owner/name, as it is now
	Services     []string // that live in it
	Commits      map[string]Commit
	PullRequests []PullRequest // merged ones
	Deployments  []Deployment
}

// Commit is one that exists; what has been force-pushed away is not in Repository.Commits.
type Commit struct {
	Parents  []string
	Authored time.Time
	Reverts  []string // hashes that it reverts
}

// PullRequest has been merged.
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
}

// Deployment is a record of one attempt to bring a commit to an environment.
type Deployment struct {
	ID          int64
	URL         string // of the API
	SHA         string
	Ref         string // as it was asked for
	Task        string
	Environment string // where it went last
	Transient   bool
	Created     time.Time
	Success     time.Time // its first success status; zero if there is none
}

// id is ours for the deployment.
func (d *Deployment) id() string { return fmt.Sprintf("deployments:%d", d.ID) }

// placed is a deployment in a repository.
type placed struct {
	*Deployment
	in *Repository
}

// countsFor tells whether the deployment counts in the service (D1, and D4's redeploys apart).
func (d placed) countsFor(service string, s Settings) bool {
	return !d.Success.IsZero() && d.ships() && slices.ContainsFunc(s.environments(service), func(pattern string) bool {
		ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(d.Environment))
		return err == nil && ok
	})
}

// ships tells whether it is of a kind that brings code anywhere: migrations and previews do not.
func (d placed) ships() bool { return d.Task == "deploy" && !d.Transient }

// environments are the patterns of the service's production environments.
func (s Settings) environments(service string) []string {
	for _, x := range s.Services {
		if strings.EqualFold(x.Name, service) && len(x.Environments) > 0 {
			return x.Environments
		}
	}
	return []string{"production"}
}

func (s Settings) team(service string) string {
	for _, x := range s.Services {
		if strings.EqualFold(x.Name, service) {
			return x.Team
		}
	}
	return ""
}

// before orders deployments by finish, then creation, then number.
func before(a, b *Deployment) int {
	if c := a.Success.Compare(b.Success); c != 0 {
		return c
	}
	if c := a.Created.Compare(b.Created); c != 0 {
		return c
	}
	return int(min(1, max(-1, a.ID-b.ID)))
}
