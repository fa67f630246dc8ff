package github

import (
	"slices"
	"strings"
	"time"
)

func (c *restCall) commits() (any, *apiError) {
	if len(c.repo.refs) == 0 {
		return nil, &apiError{status: 409, message: "Git Repository is empty.", doc: c.doc()}
	}
	from := c.repo.resolve(c.query.Get("sha"))
	if from == "" {
		return nil, notFound(c.doc())
	}
	list := c.repo.log(from, nil)
	since, until := c.time("since"), c.time("until")
	list = slices.DeleteFunc(list, func(x *Commit) bool {
		return !since.IsZero() && x.CommittedAt.Before(since) || !until.IsZero() && x.CommittedAt.After(until) ||
			!c.isBy("author", x.Author) || !c.isBy("committer", x.Committer) || !c.repo.touches(x, c.query.Get("path"))
	})
	return pageOf(c, list, c.commitObject), nil
}

func (c *restCall) time(name string) time.Time {
	t, _ := time.Parse(time.RFC3339, c.query.Get(name)) // what is no time is not there
	return t
}

// isBy compares a signature with a login or an address of the query.
func (c *restCall) isBy(name string, who Signature) bool {
	want := c.query.Get(name)
	a := c.server.org.byEmail[who.Email]
	return want == "" || want == who.Email || a != nil && strings.EqualFold(a.restLogin(), want)
}

// What of a commit's files is told: so many a page, and so many at all.
const (
	commitFilesPage = 300
	commitFilesMost = 3000
)

// commit is a commit with its files, in pages of which each has all of the commit.
func (c *restCall) commit() (any, *apiError) {
	sha := c.repo.resolve(c.params["commit_sha"])
	if sha == "" {
		return nil, unprocessable("No commit found for SHA: "+c.params["commit_sha"], c.doc())
	}
	x := c.repo.CommitObject(sha)
	o := c.commitObject(x)
	files := c.repo.filesOf(x)
	stats := object{"additions": 0, "deletions": 0, "total": 0}
	rows := []any{}
	for _, f := range files {
		stats["additions"] = stats["additions"].(int) + f.additions
		stats["deletions"] = stats["deletions"].(int) + f.deletions
	}
	files = files[:min(len(files), commitFilesMost)]
	size, page := c.number("per_page", commitFilesPage, commitFilesPage), c.number("page", 1, 1<<30)
	from := min((page-1)*size, len(files))
	for _, f := range files[from:min(from+size, len(files))] {
		rows = append(rows, c.fileObject(f))
	}
	c.pageLinks(page, (len(files)+size-1)/size)
	stats["total"] = stats["additions"].(int) + stats["deletions"].(int)
	o["stats"], o["files"] = stats, rows
	return o, nil
}

func (c *restCall) pullsOfCommit() (any, *apiError) {
	sha := c.repo.resolve(c.params["commit_sha"])
	if sha == "" {
		return nil, unprocessable("No commit found for SHA: "+c.params["commit_sha"], c.doc())
	}
	return pageOf(c, c.repo.pullsOf(sha), c.pullObject), nil
}

// compare answers base...head; the commits are oldest first, at most 250 of them where no page is asked for, and the
// files, at most 300, are on the first page only.
func (c *restCall) compare() (any, *apiError) {
	base, head, ok := strings.Cut(c.params["basehead"], "...")
	if !ok {
		return nil, notFound(c.doc())
	}
	a, b := c.repo.resolve(base), c.repo.resolve(head)
	if a == "" || b == "" {
		return nil, notFound(c.doc())
	}
	fork := c.repo.mergeBase(c.repo.reach(a), b)
	if fork == "" {
		return nil, &apiError{status: 404, message: "No common ancestor between " + base + " and " + head + ".", doc: c.doc()}
	}
	ahead, behind := c.repo.between(a, b), c.repo.between(b, a)
	slices.Reverse(ahead)
	paged := c.query.Has("page") || c.query.Has("per_page")
	rows := []any{}
	if paged {
		rows = pageOf(c, ahead, c.commitObject)
	} else {
		for _, x := range ahead[:min(len(ahead), 250)] {
			rows = append(rows, c.commitObject(x))
		}
	}
	files := []any{}
	if c.number("page", 1, 1<<30) == 1 {
		for _, f := range c.repo.filesBetween(fork, b) {
			if len(files) < 300 {
				files = append(files, c.fileObject(f))
			}
		}
	}
	url := c.apiURL(c.repo) + "/compare/" + c.params["basehead"]
	page := c.htmlURL(c.repo) + "/compare/" + c.params["basehead"]
	return object{
		"url": url, "html_url": page, "permalink_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch",
		"base_commit": c.commitObject(c.repo.CommitObject(a)), "merge_base_commit": c.commitObject(c.repo.CommitObject(fork)),
		"status": strings.ToLower(comparison(len(ahead), len(behind))), "ahead_by": len(ahead), "behind_by": len(behind),
		"total_commits": len(ahead), "commits": rows, "files": files,
	}, nil
}

func comparison(ahead, behind int) string {
	switch {
	case ahead > 0 && behind > 0:
		return "DIVERGED"
	case ahead > 0:
		return "AHEAD"
	case behind > 0:
		return "BEHIND"
	}
	return "IDENTICAL"
}
