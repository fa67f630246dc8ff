package random

import (
	"crypto/sha1"
	"encoding/hex"
	"time"
)

// repository is a repository while its history is made.
type repository struct {
	id         string
	name, old  string // old until renamed; the same where it never was
	renamed    time.Time
	branch     string // the default one
	configured string
	byAPI      bool // commits were read by the API: pull requests say how many commits they had
	hasPaths   bool // a service is a part of it

	main    []tip
	sides   []tip // commits of branches that were not merged
	commits []*commit
	pulls   []*pull
	serial  int
	number  int
}

// tip is what a branch was at from an instant on.
type tip struct {
	at     time.Time
	commit *commit
	ref    string
}

type commit struct {
	sha                 string
	parents             []*commit
	authored, committed time.Time // zero where nobody knows
	title, author       string
	reverts             []string
	paths               []string
	lost                bool // it was forced away before anybody read it
}

// name is what the repository was called at an instant.
func (r *repository) nameAt(t time.Time) string {
	if t.Before(r.renamed) {
		return r.old
	}
	return r.name
}

var authors = []string{"Aiko Mori", "Jonas Berg", "佐藤 花子", "renovate[bot]"}

// commit makes a commit. Its hash is drawn, as everything.
func (m *maker) commit(r *repository, at time.Time, title string, parents ...*commit) *commit {
	r.serial++
	sum := sha1.Sum([]byte(text("%d %s %d", m.seed, r.id, r.serial)))
	c := &commit{
		sha: hex.EncodeToString(sum[:]), parents: parents, authored: at, committed: at, title: title, author: pick(m, authors), paths: m.paths(),
	}
	switch x := m.rng.Float64(); {
	case x < 0.05: // a clock that is ahead
		c.authored = at.Add(m.between(time.Hour, 20*24*time.Hour)).Truncate(time.Second)
	case x < 0.08: // written long ago
		c.authored = at.Add(-m.between(30*24*time.Hour, 400*24*time.Hour)).Truncate(time.Second)
	case x < 0.10:
		c.authored = time.Time{}
	case x < 0.5:
		c.authored = at.Add(-m.between(0, 72*time.Hour)).Truncate(time.Second)
	}
	r.commits = append(r.commits, c)
	return c
}

// paths are the files that a commit changed.
func (m *maker) paths() []string {
	return pick(m, [][]string{
		{"apps/web/index.ts"},
		{"apps/web/a/b/c.ts", "apps/web/z.css"},
		{"apps/search/検索.go"},
		{"apps/index/x"},
		{"apps/search/q.go", "apps/web/q.ts"},
		{"README.md"},
		{"shared/config.json"},
		{"shared/deep/config.json"},
		{"apps/webhook/x"},
		{},
	})
}

func (r *repository) head() tip { return r.main[len(r.main)-1] }

// headAt is the last commit of the main branch at an instant.
func (r *repository) headAt(t time.Time) tip {
	out := r.main[0]
	for _, tip := range r.main {
		if !tip.at.After(t) {
			out = tip
		}
	}
	return out
}

func (m *maker) makeCode() {
	m.repositories = []*repository{
		{id: "998", name: "acme/api", old: "acme/api-old", configured: "acme/api-old", branch: "main", renamed: m.instant(m.from, m.to)},
		{id: "1001", name: "acme/mono", configured: "acme/mono", branch: "main", hasPaths: true, byAPI: m.chance(0.3)},
		{id: "1002", name: "acme/pipe", configured: "acme/pipe", branch: "main"},
		{id: "10003", name: "acme/lib", configured: "acme/l*", branch: "trunk", byAPI: m.chance(0.5)},
	}
	for _, r := range m.repositories {
		r.old = orElse(r.old, r.name)
		m.makeHistory(r, 22+m.rng.IntN(25))
		m.observeCode(r)
	}
}

// makeHistory plays what came to a repository's main branch, from some weeks before the first deployment on.
func (m *maker) makeHistory(r *repository, steps int) {
	first := m.from.Add(-40 * 24 * time.Hour)
	r.main = []tip{{first, m.commit(r, first, "Begin"), r.branch}}
	for _, at := range m.instants(steps, first, m.to.Add(-2*time.Hour)) {
		head := r.head().commit
		switch x := m.rng.Float64(); {
		case x < 0.55:
			m.mergePull(r, at)
		case x < 0.75:
			for range 1 + m.rng.IntN(2) {
				head = m.commit(r, at, pick(m, titles), head)
			}
			r.main = append(r.main, tip{at, head, r.branch})
		case x < 0.82 && len(r.main) > 2: // taken back by git
			c := m.commit(r, at, "Revert something", head)
			c.reverts = []string{pick(m, r.main[1:]).commit.sha[:pick(m, []int{7, 12, 40})]}
			r.main = append(r.main, tip{at, c, r.branch})
		case x < 0.90: // a branch of its own, from what was there before
			from := pick(m, r.main)
			side := m.commit(r, at, pick(m, titles), from.commit)
			r.sides = append(r.sides, tip{at, side, pick(m, []string{"hotfix/urgent", "release/1.x", "fix-it", "refs/heads/hotfix/deep"})})
		case x < 0.95 && len(r.sides) > 0: // that is merged by hand
			side := pick(m, r.sides)
			r.main = append(r.main, tip{at, m.commit(r, at, "Merge branch", head, side.commit), r.branch})
		default: // forced away since
			c := m.commit(r, at, "Gone", head)
			c.lost = true
			r.sides = append(r.sides, tip{at, c, "wip"})
		}
	}
}

var titles = []string{"Raise the pool size", "Fix the retry", "検索を速くする", "Bump a dependency", "Add an endpoint", "Add an endpoint"}

// observeCode lets the syncs see the repository, its commits and its pull requests.
func (m *maker) observeCode(r *repository) {
	show := func(seen time.Time) object {
		return object{
			"id": r.id, "full_name": r.nameAt(seen), "configured_name": r.configured, "node_id": "R_" + r.id, "default_branch": r.branch, "archived": false,
			"fork": false, "visibility": "private", "html_url": "https://github.com/" + r.nameAt(seen), "created_at": stamp(m.from.AddDate(-2, 0, 0)),
			"updated_at": stamp(seen), "pushed_at": stamp(seen),
		}
	}
	versions := []version{{at: m.from, show: show}}
	if r.old != r.name {
		versions = append(versions, version{at: r.renamed, show: show})
	}
	m.observe("github_repositories", r.id, false, nil, versions...)
	for _, c := range r.commits {
		if !c.lost {
			m.observe("github_commits", r.id+":"+c.sha, false, nil, version{at: c.committed, show: always(r.commitRecord(c))})
		}
	}
	for _, p := range r.pulls {
		m.observePull(r, p)
	}
}

func (r *repository) commitRecord(c *commit) object {
	who := object{"name": c.author, "email": "someone@example.test"}
	parents := []string{}
	for _, p := range c.parents {
		parents = append(parents, p.sha)
	}
	o := object{
		"id": r.id + ":" + c.sha, "repository_id": r.id, "sha": c.sha, "parents": parents, "title": c.title, "author": who, "committer": who,
		"authored_at": nil, "committed_at": stamp(c.committed),
	}
	put(o, "authored_at", c.authored)
	if c.reverts != nil {
		o["reverts"] = c.reverts
	}
	if r.hasPaths && len(c.parents) < 2 {
		o["paths"] = c.paths
	}
	return o
}
