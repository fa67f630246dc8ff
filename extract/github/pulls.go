package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

// pullPlace is how far the merged pull requests of a repository have been read.
type pullPlace struct {
	// Since is the scope that they were read in: merged from then on; zero for everything.
	Since time.Time `json:"since,omitzero"`
	// Seen is a time of GitHub's own clock: every change before it has been read.
	Seen time.Time `json:"seen,omitzero"`
	Head string    `json:"head,omitempty"` // as of deployments
	Read *pullList `json:"read,omitempty"`
}

// pullList is how far down a list has been read. Top is the last change when it was begun.
type pullList struct {
	Top   time.Time `json:"top,omitzero"`
	After string    `json:"after,omitempty"`
}

// pullOverlap is how far behind what was seen a list is read: a change is stamped before it can be seen.
const pullOverlap = 10 * time.Minute

// readPullRequests reads the merged pull requests that have changed.
//
// Why none is missed. They are listed by their last change, newest first, from the top down to Seen less the overlap,
// and Seen moves to the Top of a list only when that list was read to its end. One that changes while a list is read moves
// to the top: above Top, so the next list has it. If it had not been read at its old place, that is all the same, for the
// next list begins above and ends below it. What comes after it moves up by none, since a cursor stands for a place in the
// order and not for a number of rows; if it did, only repetitions would come of it, for nothing that was not read yet can
// leave its place but for the top.
//
// A list that is cut off keeps its place in the cursor and is read to its end first; then what has changed since its Top.
// Merging is a change, so what was merged after Seen is above it. Only merged ones are asked for: one that is closed
// without merging never counts, and a merge cannot be undone.
//
// A deployment's or an incident's own view of a pull request never changes it here.
func (s *Source) readPullRequests(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		if err := s.pullRequests(ctx, in, landing(yield)); err != nil && !errors.Is(err, errStopped) {
			yield(extract.Page{}, err)
		}
	}
}

func (s *Source) pullRequests(ctx context.Context, in extract.Input, land land) error {
	const stream = "pull_requests"
	all, err := s.repositories(ctx, stream, in)
	if err != nil {
		return err
	}
	policy := s.opts.People + "/git"
	if s.opts.CommitsByAPI { // rows have the first commit then
		policy = s.opts.People + "/api"
	}
	cur := decodePosition[pullPlace](s, stream, in, policy)
	probe, _, err := s.newest(ctx, stream, in, all, nil)
	if err != nil {
		return err
	}
	whole, err := s.eachRepository(ctx, all, "pull requests", func(r repository) error {
		return s.pullRequestsOf(ctx, in, r, cur, probe.pullRequests[r.ID], land)
	})
	return finish(ctx, s, in, transform.GithubPullRequests, "merged_at", unread(all), cur, whole, err, land)
}

// pullRequestsOf reads what has changed in one repository. head is what the probe says of it, "" if it does not.
func (s *Source) pullRequestsOf(ctx context.Context, in extract.Input, r repository, cur *position[pullPlace], head string, land land) error {
	place := cur.Repositories[r.ID]
	if place == nil || !covers(place.Since, in.Since) {
		place = &pullPlace{Since: in.Since}
		cur.Repositories[r.ID] = place
	}
	if place.Read != nil && place.Read.After != "" {
		err := s.readPullList(ctx, r, cur, place, "", land)
		var e *queryError
		if errors.As(err, &e) && e.invalid {
			s.log.Warn("GitHub does not know the kept position any more; reading the list anew", "stream", "pull_requests", "repository", r.FullName, "error", err)
			err = nil
		}
		if err != nil {
			return err
		}
	}
	if place.Read == nil && place.Head != "" && place.Head == head {
		return nil
	}
	place.Read = &pullList{}
	return s.readPullList(ctx, r, cur, place, head, land)
}

func (s *Source) readPullList(ctx context.Context, r repository, cur *position[pullPlace], place *pullPlace, head string, land land) error {
	list := place.Read
	until := place.Since
	if seen := place.Seen.Add(-pullOverlap); !place.Seen.IsZero() && seen.After(until) {
		until = seen
	}
	last := "the first of the list"
	for {
		nodes, info, err := s.pullPage(ctx, r, list.After, last)
		if err != nil {
			return err
		}
		done := !info.HasNextPage
		if !done && (info.EndCursor == "" || info.EndCursor == list.After) {
			return fmt.Errorf("the list does not advance after the cursor %q", list.After)
		}
		var records []extract.Record
		for i, n := range nodes {
			if i == 0 && list.After == "" {
				list.Top = n.UpdatedAt
			}
			done = done || n.UpdatedAt.Before(until)
			last = fmt.Sprintf("the one after #%d", n.Number)
			if n.MergedAt.Before(place.Since) || n.UpdatedAt.Before(until) {
				continue
			}
			record, err := s.pullRecord(ctx, r, n)
			if err != nil {
				return fmt.Errorf("#%d: %w", n.Number, err)
			}
			records = append(records, record)
		}
		if list.After = info.EndCursor; done {
			if list.Top.After(place.Seen) {
				place.Seen = list.Top
			}
			place.Head, place.Read = head, nil
		}
		if err := land(cur.page(records)); err != nil || done {
			return err
		}
	}
}

// pull is what the reading of a list needs to know of a pull request.
type pull struct {
	ID          string
	Number      int64
	Title, Body string
	HeadRefName string
	UpdatedAt   time.Time
	MergedAt    time.Time
	Author      *actor
	Labels      *labelPage
	Reviews     *reviewPage
	Commits     *commitPage
	text        json.RawMessage
}

type actor struct{ Login string }

type labelPage struct {
	Nodes    []json.RawMessage
	PageInfo pageInfo
}

type reviewPage struct {
	Nodes []*struct {
		SubmittedAt *time.Time
		Author      *actor
	}
	PageInfo pageInfo
}

// commitPage are commits of the branch. The first of them in their own order is not always the first that was written, and
// the lead time begins with that (C4): a branch may have been sorted before it was merged.
type commitPage struct {
	TotalCount int64
	Nodes      []*struct {
		Commit struct{ AuthoredDate time.Time }
	}
	PageInfo pageInfo
}

const (
	labelFields  = "nodes { name } pageInfo { hasNextPage endCursor }"
	reviewFields = "nodes { submittedAt author { login } } pageInfo { hasNextPage endCursor }"
	commitsOfOne = "totalCount nodes { commit { authoredDate } } pageInfo { hasNextPage endCursor }"
)

// pullFields price a page of a hundred at two points: one call for the list, two for each of its members; with commits at
// three, however many of a branch are asked for.
func (s *Source) pullFields() string {
	fields := `id number title body url createdAt mergedAt updatedAt baseRefName headRefName headRefOid isCrossRepository
author { __typename login } headRepository { nameWithOwner } mergeCommit { oid } labels(first: 20) { ` + labelFields + ` }`
	if !s.noReview {
		fields += " reviews(first: 10) { " + reviewFields + " }"
	}
	if s.opts.CommitsByAPI {
		fields += " commits(first: 50) { " + commitsOfOne + " }"
	}
	return fields
}

// pullPage asks for a page, in a smaller one where that is too much. last says where it begins, for an error.
func (s *Source) pullPage(ctx context.Context, r repository, after, last string) ([]pull, pageInfo, error) {
	z := &s.sizes.pullRequests
	for {
		var answer struct {
			Repository *struct {
				PullRequests *struct {
					Nodes    []json.RawMessage
					PageInfo pageInfo
				}
			}
		}
		n := z.now
		vars := map[string]any{"owner": r.owner(), "name": r.name(), "first": n}
		if after != "" {
			vars["after"] = after
		}
		gone, err := s.api.ask(ctx, question{
			stream: "pull_requests", params: "$owner: String!, $name: String!, $first: Int!, $after: String", vars: vars, smallest: n == 1,
			fields: `repository(owner: $owner, name: $name) { pullRequests(states: MERGED, first: $first, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
nodes { ` + s.pullFields() + ` } pageInfo { hasNextPage endCursor } } }`,
		}, &answer)
		var e *queryError
		switch {
		case errors.As(err, &e) && e.field == "reviews" && !s.noReview:
			s.log.Warn("this GitHub server does not tell reviews by GraphQL: first_review_at stays empty", "error", err)
			s.noReview = true
			continue
		case err != nil && tooMuch(err) && n > 1:
			z.shrink()
			continue
		case err != nil && n == 1 && tooMuch(err):
			return nil, pageInfo{}, fmt.Errorf("%s in order of change: %w", last, err)
		case err != nil:
			return nil, pageInfo{}, err
		}
		for _, m := range gone {
			switch {
			case !strings.Contains(m.path, ".nodes."):
				return nil, pageInfo{}, m.err(permitPullRequests)
			case m.forbidden && strings.Contains(m.path, ".mergeCommit"):
				return nil, pageInfo{}, m.err(permitContents)
			} // a fork that the token may not see, or an account that is gone: null, as where it was deleted
		}
		if answer.Repository == nil || answer.Repository.PullRequests == nil {
			return nil, pageInfo{}, errors.New("GraphQL answered no list")
		}
		z.grow()
		list := answer.Repository.PullRequests
		var out []pull
		for _, text := range list.Nodes {
			if string(text) == "null" {
				continue
			}
			p := pull{text: text}
			if err := decode("a pull request", text, &p); err != nil {
				return nil, pageInfo{}, err
			}
			out = append(out, p)
		}
		return out, list.PageInfo, nil
	}
}
