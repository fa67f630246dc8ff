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
	return finish(ctx, s, in, transform.GithubPullRequests, "merged_at", all, cur, whole, err, land)
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
	Commits     *struct {
		TotalCount int64
		Nodes      []*struct {
			Commit struct{ AuthoredDate time.Time }
		}
	}
	text json.RawMessage
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

const (
	labelFields  = "nodes { name } pageInfo { hasNextPage endCursor }"
	reviewFields = "nodes { submittedAt author { login } } pageInfo { hasNextPage endCursor }"
)

// pullFields price a page of a hundred at two points: one call for the list, two for each of its members.
func (s *Source) pullFields() string {
	fields := `id number title body url createdAt mergedAt updatedAt baseRefName headRefName headRefOid isCrossRepository
author { __typename login } headRepository { nameWithOwner } mergeCommit { oid } labels(first: 20) { ` + labelFields + ` }`
	if !s.noReview {
		fields += " reviews(first: 10) { " + reviewFields + " }"
	}
	if s.opts.CommitsByAPI {
		fields += " commits(first: 1) { totalCount nodes { commit { oid authoredDate } } }"
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

// pullRecord makes the row of a pull request: what GraphQL answered, less what was asked only to know two things: the
// body, of which only what it says that it reverts is kept, and the reviews, of which the time of the first.
func (s *Source) pullRecord(ctx context.Context, r repository, p pull) (extract.Record, error) {
	if err := s.furtherOf(ctx, &p); err != nil {
		return extract.Record{}, err
	}
	fields := map[string]json.RawMessage{}
	if err := decode("a pull request", p.text, &fields); err != nil {
		return extract.Record{}, err
	}
	delete(fields, "body")
	delete(fields, "reviews")
	fields["repository_id"], fields["repository"] = asJSON(r.ID), asJSON(r.FullName)
	if p.Labels != nil {
		fields["labels"] = asJSON(map[string]any{"nodes": p.Labels.Nodes})
	}
	if at := p.firstReview(); !at.IsZero() {
		fields["first_review_at"] = asJSON(at.UTC())
	}
	if reverts := pullReverts(r.FullName, p.Number, p.Title, p.Body, p.HeadRefName); len(reverts) > 0 {
		fields["reverts"] = asJSON(reverts)
	}
	if c := p.Commits; c != nil {
		fields["commits"] = asJSON(map[string]any{"totalCount": c.TotalCount})
		if len(c.Nodes) > 0 && c.Nodes[0] != nil {
			fields["first_commit_at"] = asJSON(c.Nodes[0].Commit.AuthoredDate.UTC())
		}
	}
	return extract.Record{JSON: asJSON(fields)}, nil
}

// firstReview is when somebody else than the author first reviewed it.
func (p *pull) firstReview() time.Time {
	var first time.Time
	if p.Reviews == nil {
		return first
	}
	for _, n := range p.Reviews.Nodes {
		if n == nil || n.SubmittedAt == nil || n.Author != nil && p.Author != nil && n.Author.Login == p.Author.Login {
			continue
		}
		if first.IsZero() || n.SubmittedAt.Before(first) {
			first = *n.SubmittedAt
		}
	}
	return first
}

// furtherOf reads the labels after the first twenty, and the reviews after the first ten if those were all the author's
// own.
func (s *Source) furtherOf(ctx context.Context, p *pull) error {
	for p.Labels != nil && p.Labels.PageInfo.HasNextPage {
		var next struct{ Labels *labelPage }
		if err := s.further(ctx, p.ID, "labels", labelFields, p.Labels.PageInfo.EndCursor, &next); err != nil {
			return err
		}
		if next.Labels == nil || next.Labels.PageInfo.EndCursor == p.Labels.PageInfo.EndCursor {
			return errors.New("its further labels: the list does not advance")
		}
		p.Labels.Nodes, p.Labels.PageInfo = append(p.Labels.Nodes, next.Labels.Nodes...), next.Labels.PageInfo
	}
	for p.Reviews != nil && p.Reviews.PageInfo.HasNextPage && p.firstReview().IsZero() {
		var next struct{ Reviews *reviewPage }
		if err := s.further(ctx, p.ID, "reviews", reviewFields, p.Reviews.PageInfo.EndCursor, &next); err != nil {
			return err
		}
		if next.Reviews == nil || next.Reviews.PageInfo.EndCursor == p.Reviews.PageInfo.EndCursor {
			return errors.New("its further reviews: the list does not advance")
		}
		p.Reviews.Nodes, p.Reviews.PageInfo = append(p.Reviews.Nodes, next.Reviews.Nodes...), next.Reviews.PageInfo
	}
	return nil
}

func (s *Source) further(ctx context.Context, id, connection, fields, after string, out any) error {
	var answer struct{ Node json.RawMessage }
	gone, err := s.api.ask(ctx, question{
		stream: "pull_requests", params: "$id: ID!, $after: String", vars: map[string]any{"id": id, "after": after}, smallest: true,
		fields: "node(id: $id) { ... on PullRequest { " + connection + "(first: 100, after: $after) { " + fields + " } } }",
	}, &answer)
	if err != nil {
		return fmt.Errorf("its further %s: %w", connection, err)
	}
	for _, m := range gone {
		return fmt.Errorf("its further %s: %w", connection, m.err(permitPullRequests))
	}
	return decode("its further "+connection, answer.Node, out)
}
