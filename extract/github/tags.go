package github

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"fourfold/extract"
	"fourfold/extract/github/mirror"
)

// tagPlace is what the tags of a repository were when they landed.
type tagPlace struct {
	Print string `json:"print,omitempty"`
}

// fetches says of each mirror that a run has tried to fetch whether it could be.
type fetches struct {
	at   time.Time
	good map[string]bool
}

func (f *fetches) note(at time.Time, id string, err error) {
	if f.good == nil || !f.at.Equal(at) {
		*f = fetches{at: at, good: map[string]bool{}}
	}
	f.good[id] = err == nil
}

func (f *fetches) of(at time.Time, id string) (good, tried bool) {
	if f.good == nil || !f.at.Equal(at) {
		return false, false
	}
	good, tried = f.good[id]
	return good, tried
}

// readTags reads the tags that point at commits. A repository's tags are read whole, and land whole where any has
// changed: one that has gone is not among them, and gets a tombstone.
//
// By git they are in the mirror that the commits came from, which is fetched here only if that was not done in this run;
// what kept it from being fetched has been said then. By GraphQL they cost a point a hundred in every round.
func (s *Source) readTags(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		if err := s.tags(ctx, in, landing(yield)); err != nil && !errors.Is(err, errStopped) {
			yield(extract.Page{}, err)
		}
	}
}

func (s *Source) tags(ctx context.Context, in extract.Input, land land) error {
	all, err := s.repositories(ctx, "tags", in)
	if err != nil {
		return err
	}
	list := s.tagsByAPI
	if !s.opts.CommitsByAPI {
		if s.opts.DataDir == "" {
			return errors.New("there is no data directory to keep mirrors of repositories in: set data, or sources.github.commits: api")
		}
		mirrors, err := s.mirrors(ctx)
		if err != nil {
			return err
		}
		list = func(ctx context.Context, r repository) ([]mirror.Tag, error) { return s.tagsByGit(ctx, mirrors, in, r) }
	}
	cur := decodePosition[tagPlace](s, "tags", in, "")
	cur.Whole, cur.Begun = false, false
	_, err = s.eachRepository(ctx, all, "tags", func(r repository) error {
		tags, err := list(ctx, r)
		if err != nil || tags == nil {
			return err
		}
		page := extract.Page{Complete: []string{r.ID}}
		var b strings.Builder
		for _, t := range tags {
			record := tagRecord(r.ID, t)
			b.Write(record.JSON)
			page.Records = append(page.Records, record)
		}
		place := cur.Repositories[r.ID]
		if place != nil && place.Print == fingerprint(b.String()) {
			return nil
		}
		cur.Repositories[r.ID] = &tagPlace{Print: fingerprint(b.String())}
		page.Cursor = cur.encode()
		return land(page)
	})
	return err
}

// tagsByGit lists the tags of a mirror; nil where it could not be fetched and that has been said.
func (s *Source) tagsByGit(ctx context.Context, mirrors *mirror.Mirrors, in extract.Input, r repository) (tags []mirror.Tag, err error) {
	fetched, tried := s.fetched.of(in.RunAt, r.ID)
	if tried && !fetched {
		return nil, nil
	}
	m, err := mirrors.Open(ctx, r.ID, r.FullName)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	if !fetched {
		if err := m.Fetch(ctx); err != nil {
			return nil, err
		}
	}
	tags, err = m.Tags(ctx)
	if err == nil && tags == nil {
		tags = []mirror.Tag{}
	}
	return tags, err
}

// tagsByAPI asks for the tags of a repository.
func (s *Source) tagsByAPI(ctx context.Context, r repository) ([]mirror.Tag, error) {
	type target struct {
		Typename string `json:"__typename"`
		Oid      string
		Tagger   *struct{ Date *time.Time }
		Target   *struct {
			Typename string `json:"__typename"`
			Oid      string
		}
	}
	out := []mirror.Tag{}
	for after := ""; ; {
		var answer struct {
			Repository *struct {
				Refs *struct {
					Nodes []*struct {
						Name   string
						Target *target
					}
					PageInfo pageInfo
				}
			}
		}
		vars := map[string]any{"owner": r.owner(), "name": r.name()}
		if after != "" {
			vars["after"] = after
		}
		gone, err := s.api.ask(ctx, question{
			stream: "tags", params: "$owner: String!, $name: String!, $after: String", vars: vars, smallest: true,
			fields: `repository(owner: $owner, name: $name) { refs(refPrefix: "refs/tags/", first: 100, after: $after) {
nodes { name target { __typename oid ... on Tag { tagger { date } target { __typename oid } } } } pageInfo { hasNextPage endCursor } } }`,
		}, &answer)
		if err != nil {
			return nil, err
		}
		for _, m := range gone {
			return nil, m.err(permitContents)
		}
		if answer.Repository == nil || answer.Repository.Refs == nil {
			return nil, errors.New("GraphQL answered no list")
		}
		refs := answer.Repository.Refs
		for _, n := range refs.Nodes {
			if n == nil || n.Target == nil {
				continue
			}
			t := mirror.Tag{Name: n.Name, SHA: n.Target.Oid}
			kind := n.Target.Typename
			if kind == "Tag" && n.Target.Target != nil {
				kind, t.SHA = n.Target.Target.Typename, n.Target.Target.Oid
				if n.Target.Tagger != nil && n.Target.Tagger.Date != nil {
					t.At = n.Target.Tagger.Date.UTC()
				}
			}
			if kind == "Commit" {
				out = append(out, t)
			}
		}
		if !refs.PageInfo.HasNextPage {
			return out, nil
		}
		if refs.PageInfo.EndCursor == after {
			return nil, fmt.Errorf("the list of tags does not advance after the cursor %q", after)
		}
		after = refs.PageInfo.EndCursor
	}
}

func tagRecord(repository string, t mirror.Tag) extract.Record {
	fields := map[string]any{"id": repository + ":" + t.Name, "repository_id": repository, "name": t.Name, "sha": t.SHA}
	if !t.At.IsZero() {
		fields["tagged_at"] = t.At.Format(time.RFC3339)
	}
	return extract.Record{JSON: asJSON(fields)}
}
