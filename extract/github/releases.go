package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

// releasePlace is what the releases of a repository were when they landed.
type releasePlace struct {
	// Since is the scope that they were read in, by when they were published; zero for everything.
	Since time.Time `json:"since,omitzero"`
	// Head is what GraphQL said of all of them then: while it says the same, nothing has changed.
	Head string `json:"head,omitempty"`
	// Pages are where GraphQL's pages after the first begin, so that they can be asked for at once.
	Pages []string `json:"pages,omitempty"`
}

// readReleases reads the published releases of repositories where a service takes them for deployments.
//
// Why none is missed. A release can change at any age: a draft of last year is published today, a title or a tag is
// corrected, one is made a draft again or deleted. REST lists them in an order that is not documented, by nothing that moves
// with a change, and filters nothing: no first page tells that the rest is as it was. So all of them are looked at in every
// round, by GraphQL, where a page of a hundred is one connection and a hundred connections are one point: see
// lookAtReleases. Where anything differs, the repository's list is read whole by REST and lands whole: one that is not in
// it any more has gone, and gets a tombstone at once.
//
// GraphQL's word is kept only if REST lists the very same releases: one of them may lag, and something may change or slip
// by an edge of a page between the two. Else the next round reads the list again. Where GraphQL cannot be asked, every round
// reads the list.
//
// Which commit a tag is of is the business of the stream of tags: one that is moved changes nothing here.
func (s *Source) readReleases(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		if err := s.releases(ctx, in, landing(yield)); err != nil && !errors.Is(err, errStopped) {
			yield(extract.Page{}, err)
		}
	}
}

func (s *Source) releases(ctx context.Context, in extract.Input, land land) error {
	const stream = "releases"
	all, err := s.repositories(ctx, stream, in)
	if err != nil {
		return err
	}
	some := s.wanting(all, func(n Needs) bool { return n.Releases })
	cur := decodePosition[releasePlace](s, stream, in, s.opts.People)
	cur.Whole, cur.Begun = false, false // every list is whole: there is nothing to sweep
	looks, err := s.lookAtReleases(ctx, some.repositories, cur)
	if err != nil {
		return err
	}
	_, err = s.eachRepository(ctx, some, stream, func(r repository) error {
		return s.releasesOf(ctx, in, r, cur, looks[r.ID], land)
	})
	return err
}

// wanting are the repositories of which something is wanted.
func (s *Source) wanting(all *resolution, wanted func(Needs) bool) *resolution {
	return &resolution{
		at: all.at, failures: all.unsaid(),
		repositories: slices.DeleteFunc(slices.Clone(all.repositories), func(r repository) bool { return !wanted(s.needs(r)) }),
	}
}

// releasesOf lands the releases of a repository if anything of them has changed. look is nil where GraphQL does not say.
func (s *Source) releasesOf(ctx context.Context, in extract.Input, r repository, cur *position[releasePlace], look *releaseLook, land land) error {
	before := cur.Repositories[r.ID]
	place := &releasePlace{Since: in.Since}
	if before != nil && covers(before.Since, in.Since) {
		if before.Head != "" && look != nil && look.head() == before.Head {
			return nil
		}
		place.Since = before.Since
	}
	list, cut, err := s.listReleases(ctx, r)
	if err != nil {
		return denied(err, permitContents)
	}
	known, err := s.landedBefore(ctx, in, list, place.Since)
	if err != nil {
		return err
	}
	page := extract.Page{}
	for _, x := range list {
		// What was published before the scope and has landed stays, and is kept up to date.
		if id := strconv.FormatInt(x.ID, 10); !x.PublishedAt.Before(place.Since) || known[id] {
			record, err := x.record(r, id)
			if err != nil {
				return err
			}
			page.Records = append(page.Records, record)
		}
	}
	if !cut {
		page.Complete = []string{r.ID}
	}
	if look != nil {
		place.Pages = look.starts
		if look.agrees(list) {
			place.Head = look.head()
		}
	}
	cur.Repositories[r.ID] = place
	page.Cursor = cur.encode()
	return land(page)
}

// landedBefore gives which of the releases that were published before the scope have landed.
func (s *Source) landedBefore(ctx context.Context, in extract.Input, list []release, since time.Time) (map[string]bool, error) {
	var older []string
	for _, x := range list {
		if x.PublishedAt.Before(since) {
			older = append(older, strconv.FormatInt(x.ID, 10))
		}
	}
	out := map[string]bool{}
	if len(older) == 0 {
		return out, nil
	}
	landed, err := in.Ledger.Lookup(ctx, transform.GithubReleases, "tag_name", older)
	if err != nil {
		return nil, fmt.Errorf("look up releases that have landed: %w", err)
	}
	for id := range landed {
		out[id] = true
	}
	return out, nil
}

// release is what the reading of a list needs to know of one.
type release struct {
	ID          int64
	TagName     string `json:"tag_name"`
	Draft       bool
	Prerelease  bool
	PublishedAt *time.Time `json:"published_at"`
	text        json.RawMessage
}

// record is the row of a release: what REST answered, less what is long and never asked for.
func (x release) record(r repository, id string) (extract.Record, error) {
	fields := map[string]json.RawMessage{}
	if err := decode("release "+id, x.text, &fields); err != nil {
		return extract.Record{}, err
	}
	for _, name := range []string{"body", "body_html", "body_text", "assets", "reactions"} {
		delete(fields, name)
	}
	fields["id"], fields["repository_id"], fields["repository"] = asJSON(id), asJSON(r.ID), asJSON(r.FullName)
	return extract.Record{JSON: asJSON(fields)}, nil
}

// listReleases reads the list to its end, each release once, the published ones. cut says that the server does not give the
// end of it: GitHub stops at 10,000.
func (s *Source) listReleases(ctx context.Context, r repository) (out []release, cut bool, err error) {
	seen := map[int64]bool{}
	for page := 1; page > 0; {
		var list []json.RawMessage
		query := url.Values{"per_page": {strconv.Itoa(s.page)}, "page": {strconv.Itoa(page)}}
		next, err := s.api.get(ctx, "releases", "repos/"+url.PathEscape(r.owner())+"/"+url.PathEscape(r.name())+"/releases", query, &list)
		if page > 1 && isStatus(err, http.StatusUnprocessableEntity) {
			s.log.Warn("GitHub lists no more releases of this repository: deletions among them are not noticed", "repository", r.FullName, "releases", len(out), "error", err)
			return out, true, nil
		}
		if err != nil {
			return nil, false, err
		}
		for _, text := range list {
			x := release{text: text}
			if err := decode("a release", text, &x); err != nil {
				return nil, false, err
			}
			if x.ID == 0 {
				return nil, false, errors.New("a release without id was answered")
			}
			if x.Draft || x.PublishedAt == nil || seen[x.ID] {
				continue
			}
			seen[x.ID] = true
			out = append(out, x)
		}
		page = next
	}
	return out, false, nil
}

// denied says of a refusal what the token lacks. The repository is there, for it was just found: GitHub says 404 of what
// the token may not see.
func denied(err error, permission string) error {
	if isStatus(err, http.StatusNotFound) {
		return fmt.Errorf("%w; the repository is there, so the token probably lacks %q: give it that permission", err, permission)
	}
	return err
}

// published is what tells whether two lists are of the same releases.
func published(lines []string) string {
	slices.Sort(lines)
	return fingerprint(strings.Join(lines, "\n"))
}

func publishedLine(id int64, tag string, prerelease bool, at time.Time) string {
	return fmt.Sprintf("%d %q %t %d", id, tag, prerelease, at.Unix())
}
