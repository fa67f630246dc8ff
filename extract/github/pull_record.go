package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fourfold/extract"
)

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
		if at := c.first(); !at.IsZero() {
			fields["first_commit_at"] = asJSON(at.UTC())
		}
	}
	return extract.Record{JSON: asJSON(fields)}, nil
}

// first is when the earliest of the commits was written.
func (c *commitPage) first() time.Time {
	var first time.Time
	for _, n := range c.Nodes {
		if n != nil && (first.IsZero() || n.Commit.AuthoredDate.Before(first)) {
			first = n.Commit.AuthoredDate
		}
	}
	return first
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

// furtherOf reads the labels after the first twenty, the commits after the first fifty, and the reviews after the first ten
// if those were all the author's own.
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
	for p.Commits != nil && p.Commits.PageInfo.HasNextPage {
		var next struct{ Commits *commitPage }
		if err := s.further(ctx, p.ID, "commits", commitsOfOne, p.Commits.PageInfo.EndCursor, &next); err != nil {
			return err
		}
		if next.Commits == nil || next.Commits.PageInfo.EndCursor == p.Commits.PageInfo.EndCursor {
			return errors.New("its further commits: the list does not advance")
		}
		p.Commits.Nodes, p.Commits.PageInfo = append(p.Commits.Nodes, next.Commits.Nodes...), next.Commits.PageInfo
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
