package github

import (
	"slices"
	"strings"
)

// fileChange is a file that a commit or a pull request changed.
type fileChange struct {
	path, blob, commit   string
	status               string // added, removed, modified or renamed
	previous             string // where one that was renamed was before
	additions, deletions int
}

// filesOf lists what a commit changed against its first parent.
func (r *Repository) filesOf(c *Commit) []fileChange {
	parent := ""
	if len(c.Parents) > 0 {
		parent = c.Parents[0]
	}
	return r.filesBetween(parent, c.SHA)
}

// filesBetween lists what differs between two commits; the first may be none.
func (r *Repository) filesBetween(from, to string) []fileChange {
	var before *tree
	if c := r.store.commits[from]; c != nil {
		before = c.tree
	}
	var out []fileChange
	diffTrees(before, r.store.commits[to].tree, "", func(file, a, b string) {
		f := fileChange{path: file, blob: b, commit: to, status: "modified"}
		switch {
		case a == "":
			f.status = "added"
		case b == "":
			f.status, f.blob = "removed", a
		}
		f.additions, f.deletions = lineChanges(r.store.blobs[a], r.store.blobs[b])
		out = append(out, f)
	})
	return renamed(out)
}

// renamed makes one change of a file that went and one of the same content that came. GitHub does so for similar content
// too.
func renamed(list []fileChange) []fileChange {
	went := map[string][]int{}
	for i, f := range list {
		if f.status == "removed" {
			went[f.blob] = append(went[f.blob], i)
		}
	}
	gone := map[int]bool{}
	for i, f := range list {
		from := went[f.blob]
		if f.status != "added" || len(from) == 0 {
			continue
		}
		list[i].status, list[i].previous, list[i].additions = "renamed", list[from[0]].path, 0
		gone[from[0]], went[f.blob] = true, from[1:]
	}
	var out []fileChange
	for i, f := range list {
		if !gone[i] {
			out = append(out, f)
		}
	}
	return out
}

// touches says whether a commit changed a path, a file or a folder. A merge touches nothing by itself.
func (r *Repository) touches(c *Commit, path string) bool {
	if path == "" {
		return true
	}
	if len(c.Parents) > 1 {
		return false
	}
	path = strings.Trim(path, "/")
	below := func(file string) bool { return file == path || strings.HasPrefix(file, path+"/") }
	return slices.ContainsFunc(r.filesOf(c), func(f fileChange) bool { return below(f.path) || f.previous != "" && below(f.previous) })
}

// lineChanges counts the lines that were added and taken away, by their longest common subsequence.
func lineChanges(a, b string) (additions, deletions int) {
	x, y := lines(a), lines(b)
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	row := make([]int, len(y)+1)
	for i := range x {
		diagonal := 0
		for j := range y {
			above := row[j+1]
			if x[i] == y[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			diagonal = above
		}
	}
	return len(y) - row[len(y)], len(x) - row[len(y)]
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// commitObjects are the commits of a pull request whose objects are there, oldest first.
func (p *PullRequest) commitObjects() []*Commit {
	var out []*Commit
	for _, sha := range p.Commits {
		if c := p.repo.store.commits[sha]; c != nil {
			out = append(out, c)
		}
	}
	return out
}

// files lists what a pull request changes since its branch left the base.
func (p *PullRequest) files() []fileChange {
	if p.repo.store.commits[p.HeadOID] == nil {
		return nil
	}
	from := ""
	if len(p.Commits) > 0 {
		if first := p.repo.store.commits[p.Commits[0]]; first != nil && len(first.Parents) > 0 {
			from = first.Parents[0]
		}
	}
	return p.repo.filesBetween(from, p.HeadOID)
}

func (p *PullRequest) size() (additions, deletions, files int) {
	list := p.files()
	for _, f := range list {
		additions += f.additions
		deletions += f.deletions
	}
	return additions, deletions, len(list)
}
