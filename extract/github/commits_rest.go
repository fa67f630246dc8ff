package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"fourfold/extract/github/mirror"
)

const (
	filesPerPage = 300
	filesAtMost  = 3000 // of one commit, by GitHub's own limit
)

// errNoFiles says that the server cannot tell the files of commits at all.
var errNoFiles = errors.New("the server does not tell the files of commits, which services with paths need")

const hintNoFiles = "set sources.github.commits: git, or leave paths out of the services of this repository"

// restCommit is a page of a commit as REST answers it: every page has all of the commit and some of its files.
type restCommit struct {
	SHA    string
	Commit struct {
		Author, Committer *restSignature
		Message           string
	}
	Parents []struct{ SHA string }
	Files   *[]struct {
		Filename, Status string
		Previous         string `json:"previous_filename"`
	}
}

type restSignature struct{ Name, Email, Date string }

// commit gives what git would have told, without paths.
func (r *restCommit) commit() *mirror.Commit {
	c := &mirror.Commit{SHA: r.SHA, Author: r.Commit.Author.signature(), Committer: r.Commit.Committer.signature()}
	c.Message, _, _ = strings.Cut(r.Commit.Message, "\x00")
	for _, p := range r.Parents {
		c.Parents = append(c.Parents, p.SHA)
	}
	return c
}

func (s *restSignature) signature() mirror.Signature {
	if s == nil {
		return mirror.Signature{}
	}
	out := mirror.Signature{Name: s.Name, Email: s.Email}
	if at, err := time.Parse(time.RFC3339, s.Date); err == nil {
		out.At = at.UTC()
	}
	return out
}

// paths are those of the page's files, both of one that was renamed, as git tells them.
func (r *restCommit) paths() []string {
	var out []string
	for _, f := range *r.Files {
		out = append(out, mirror.PathText(f.Filename))
		if f.Status == "renamed" && f.Previous != "" {
			out = append(out, mirror.PathText(f.Previous))
		}
	}
	return out
}

// filesOf asks REST for a commit and the paths that it changed: a point for each three hundred of them. It is nil where
// the server does not have the commit any more.
func (s *Source) filesOf(ctx context.Context, r repository, sha string) (*mirror.Commit, error) {
	path := "repos/" + url.PathEscape(r.owner()) + "/" + url.PathEscape(r.name()) + "/commits/" + sha
	paths, files := []string{}, 0
	for page := 1; ; page++ {
		var query url.Values
		if page > 1 {
			query = url.Values{"page": {strconv.Itoa(page)}}
		}
		var answer restCommit
		next, err := s.api.get(ctx, "commits", path, query, &answer)
		switch {
		case isStatus(err, http.StatusUnprocessableEntity):
			return nil, nil
		case isStatus(err, http.StatusNotFound), isStatus(err, http.StatusMethodNotAllowed), isStatus(err, http.StatusNotImplemented):
			return nil, fmt.Errorf("%w: %w; %s", errNoFiles, err, hintNoFiles)
		case err != nil:
			return nil, fmt.Errorf("files of %s: %w", sha, err)
		case answer.SHA != sha || answer.Files == nil:
			return nil, fmt.Errorf("%w: asked for the commit %s it answers %q and no list of files; %s", errNoFiles, sha, answer.SHA, hintNoFiles)
		}
		more, n := answer.paths(), len(*answer.Files)
		again := page > 1 && n > 0 && slices.Contains(paths, more[0]) // by a server that knows no pages
		if !again {
			paths, files = append(paths, more...), files+n
		}
		if files >= filesAtMost {
			s.log.Warn("GitHub tells 3,000 files of a commit and no more: a service whose files come after those is not known to be touched by it", "stream", "commits",
				"repository", r.FullName, "sha", sha)
		}
		// A full page without the header Link is followed by another one, as in get.
		if again || files >= filesAtMost || next == 0 && n < filesPerPage {
			c := answer.commit()
			slices.Sort(paths)
			c.Paths = slices.Compact(paths)
			return c, nil
		}
	}
}
