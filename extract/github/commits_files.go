package github

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fourfold/extract"
	"fourfold/extract/github/mirror"
	"fourfold/transform"
)

// GraphQL does not tell which files a commit changed: history(path:) only says which commits of a simplified history touch
// one path. REST tells them for one commit a point, so this is by far the dearest thing that can be asked for, and it is
// asked for only where a service has paths, and only of commits that are no merges.
//
// The graph does not wait for it. While all that has landed has its paths, those of a new commit are asked for before it
// lands. Else commits land without, and once the histories of all repositories have been read, the paths of those that the
// ledger has without are asked for, the newest first, and the commits land again with them. What is left to do is found
// in the ledger, so a round that is cut off anywhere is gone on with by the next. That work spends at most half of what
// the budget allows of REST, for the streams that come after it live on that too.
const (
	filesLanded = 50 // commits a page
	filesPause  = 3  // failures in a row after which a repository's other commits are left for the next round
)

// without is a commit whose paths are to be read.
type without struct {
	sha       string
	committed time.Time
}

// filesKnown puts in the paths that the ledger knows: a row that is made again keeps them.
func (a *apiReading) filesKnown(ctx context.Context, commits []*mirror.Commit) error {
	var ids []string
	for _, c := range commits {
		if c != nil {
			ids = append(ids, commitID(a.r.ID, c.SHA))
		}
	}
	found, err := a.in.Ledger.Lookup(ctx, transform.GithubCommits, "paths", ids)
	if err != nil {
		return fmt.Errorf("look up the paths that have landed: %w", err)
	}
	for _, c := range commits {
		if c == nil || found[commitID(a.r.ID, c.SHA)] == "" {
			continue
		}
		if err := json.Unmarshal([]byte(found[commitID(a.r.ID, c.SHA)]), &c.Paths); err != nil {
			return fmt.Errorf("the paths of %s that have landed: %w", c.SHA, err)
		}
	}
	return nil
}

// newRecord makes the record of a commit that has not landed, with its paths where those before it have theirs. One that
// lands without is noted.
func (a *apiReading) newRecord(ctx context.Context, c *mirror.Commit) extract.Record {
	if len(c.Parents) < 2 {
		if a.wantsFiles && a.place.Paths == allPaths {
			if told, err := a.s.filesOf(ctx, a.r, c.SHA); err != nil { // said when they are asked for again
				a.place.Paths = somePaths
			} else if told != nil {
				c.Paths = told.Paths
			}
		}
		if c.Paths == nil {
			a.without = append(a.without, without{c.SHA, c.Committer.At})
			if !a.wantsFiles && a.place.Paths == allPaths {
				a.place.Paths = somePaths
			}
		}
	}
	return commitRecord(a.r.ID, c)
}

// files reads the paths of the commits that have landed without, of all repositories where they are wanted.
func (w *apiCommits) files(ctx context.Context, all *resolution, read map[string]*apiReading) error {
	todo := map[string]map[string]time.Time{}
	some := *all
	some.repositories, some.failures = nil, nil
	for _, r := range all.repositories {
		if a := read[r.ID]; a != nil && a.wantsFiles && a.place.Paths != allPaths {
			some.repositories = append(some.repositories, r)
			todo[r.ID] = map[string]time.Time{}
			for _, c := range a.without { // some may not be in the ledger yet
				todo[r.ID][c.sha] = c.committed
			}
		}
	}
	if len(todo) == 0 {
		return nil
	}
	for o, err := range w.in.Ledger.Scan(ctx, transform.GithubCommits, "repository_id", "sha", "parents", "committed_at", "paths") {
		if err != nil {
			return fmt.Errorf("look through what has landed: %w", err)
		}
		list, wanted := todo[o.Columns[0]]
		if wanted && !strings.Contains(o.Columns[2], " ") && o.Columns[4] == "" {
			list[o.Columns[1]], _ = time.Parse(time.RFC3339, o.Columns[3]) // the ledger's own; zero if it has none
		}
	}
	_, err := w.s.eachRepository(ctx, &some, "files of commits", func(r repository) error {
		a := read[r.ID]
		var list []without
		for sha, at := range todo[r.ID] {
			list = append(list, without{sha, at})
		}
		slices.SortFunc(list, func(a, b without) int {
			return cmp.Or(b.committed.Compare(a.committed), strings.Compare(a.sha, b.sha))
		})
		return a.filesOfAll(ctx, list)
	})
	return err
}

// filesOfAll reads the paths of some commits of a repository and lands them again.
func (a *apiReading) filesOfAll(ctx context.Context, list []without) error {
	var records []extract.Record
	var failures []error
	inARow, size := 0, 0
	var stop error
	for i, c := range list {
		if stop = a.s.filesBudget(len(list) - i); stop != nil {
			break
		}
		told, err := a.s.filesOf(ctx, a.r, c.sha)
		switch {
		case err == nil:
			inARow = 0
		case fatal(ctx, err), errors.Is(err, errNoFiles), errors.Is(err, extract.ErrForbidden):
			stop = err
		default: // a commit that is too much for the server does not keep the others from being read
			failures = append(failures, err)
			if inARow++; inARow == filesPause {
				stop = err
			}
		}
		if stop != nil {
			break
		}
		if told == nil {
			continue
		}
		record := commitRecord(a.r.ID, told)
		records, size = append(records, record), size+len(record.JSON)
		if len(records) == filesLanded || size >= bytesPerPage {
			if err := a.land(extract.Page{Records: records}); err != nil {
				return err
			}
			records, size = nil, 0
		}
	}
	if stop == nil && len(failures) == 0 {
		a.place.Paths = allPaths
		return a.save(records)
	}
	if len(records) > 0 {
		if err := a.land(extract.Page{Records: records}); err != nil {
			return err
		}
	}
	switch {
	case stop == nil:
		stop = failures[0]
	case fatal(ctx, stop):
		return stop
	}
	return extract.Partial(stop)
}

// filesBudget refuses once half of what may be spent of REST's hour is spent.
func (s *Source) filesBudget(left int) error {
	for _, q := range s.api.rest.Quotas() {
		if q.Bucket == coreBucket && q.Allowed > 0 && 2*q.Spent >= q.Allowed && s.opts.Clock.Now().Before(q.Reset) {
			return fmt.Errorf("%d commits are left, at a point each, and half of the %d points that sources.github.budget allows in an hour are spent: what has been read is kept; run again after %s, or set sources.github.commits: git, which costs none",
				left, q.Allowed, q.Reset.UTC().Format("15:04 UTC"))
		}
	}
	return nil
}
