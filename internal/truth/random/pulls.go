package random

import (
	"slices"
	"time"
)

// pull is a merged pull request.
type pull struct {
	id             string
	number         int
	title          string
	opened, merged time.Time
	review         time.Time // zero where nobody looked at it
	own            []*commit // of its branch, oldest first
	merge          *commit
	branch, base   string
	labels         []string
	reverts        []object
	fork           bool
	headKnown      bool
	changed        time.Time // when it was last touched after the merge; zero where it was not
}

func (p *pull) head() *commit { return p.own[len(p.own)-1] }

// mergePull makes a pull request that is merged at an instant.
func (m *maker) mergePull(r *repository, at time.Time) {
	r.number += 1 + m.rng.IntN(3)
	p := &pull{
		id: text("PR_%s_%d", r.id, r.number), number: r.number, title: pick(m, titles), merged: at, base: r.branch, headKnown: true,
		branch: pick(m, []string{"feature/x", "feature/y", "hotfix/now", "HOTFIX/not", "fix-1", "revert-this"}),
	}
	p.opened = m.instant(at.Add(-12*24*time.Hour), at.Add(time.Second))
	if m.chance(0.7) {
		p.review = m.instant(p.opened, at.Add(24*time.Hour)) // some look at it when it is merged already
	}
	if m.chance(0.15) {
		p.labels = []string{pick(m, []string{"Hotfix", "urgent", "docs"}), "size/S"}
	}
	if m.chance(0.15) && len(r.pulls) > 0 {
		p.reverts = append(p.reverts, object{"pull_request": text("%s#%d", r.nameAt(at), pick(m, r.pulls).number)})
	} else if m.chance(0.05) {
		p.reverts = append(p.reverts, object{"sha": pick(m, r.commits).sha[:10]})
	}
	first := p.opened.Add(-m.between(-24*time.Hour, 10*24*time.Hour)) // or after it was opened
	if first.After(at) {
		first = at
	}
	base := r.headAt(first)
	tip := base.commit
	for _, t := range m.instants(1+m.rng.IntN(3), first, at.Add(time.Second)) {
		tip = m.commit(r, t, pick(m, titles), tip)
		p.own = append(p.own, tip)
	}
	m.join(r, p, base)
	p.fork = m.chance(0.1)
	if m.chance(0.3) {
		p.changed = m.instant(at, m.to)
	}
	r.pulls = append(r.pulls, p)
}

// join brings a branch to the base, in one of the ways that there are.
func (m *maker) join(r *repository, p *pull, base tip) {
	head := r.head().commit
	switch x := m.rng.Float64(); {
	case x < 0.4:
		if m.chance(0.2) && head != base.commit { // the base was merged into the branch first
			p.own = append(p.own, m.commit(r, p.merged, "Merge main", p.head(), head))
		}
		p.merge = m.commit(r, p.merged, text("Merge pull request #%d", p.number), head, p.head())
		p.merge.authored = p.merged
	case x < 0.8:
		p.merge = m.commit(r, p.merged, text("%s (#%d)", p.title, p.number), head)
		p.merge.authored = p.merged
		for _, c := range p.own {
			p.merge.paths = append(slices.Clone(p.merge.paths), c.paths...)
		}
		p.headKnown = m.chance(0.8) // or its branch is gone
	case x < 0.9 || head != base.commit:
		for _, c := range p.own {
			copied := m.commit(r, p.merged, c.title, head)
			copied.authored, copied.paths = c.authored, c.paths
			head = copied
		}
		p.merge = head
	default: // pushed as it is
		p.merge = p.head()
	}
	if !p.headKnown {
		for _, c := range p.own {
			c.lost = true
		}
	}
	for _, c := range r.commits {
		slices.Sort(c.paths)
		c.paths = slices.Compact(c.paths)
	}
	r.main = append(r.main, tip{p.merged, p.merge, r.branch})
}

// earliest is when the first commit of the branch was written.
func (p *pull) earliest() time.Time {
	var first time.Time
	for _, c := range p.own {
		if !c.authored.IsZero() && (first.IsZero() || c.authored.Before(first)) {
			first = c.authored
		}
	}
	return first
}

func (m *maker) observePull(r *repository, p *pull) {
	author := object{"login": pick(m, []string{"aiko", "jonas"}), "__typename": "User"}
	if m.chance(0.2) {
		author = object{"login": "renovate", "__typename": "Bot"}
	}
	show := func(labels []string, updated time.Time) func(time.Time) object {
		return func(seen time.Time) object {
			nodes := []object{}
			for _, l := range labels {
				nodes = append(nodes, object{"name": l})
			}
			o := object{
				"id": p.id, "repository_id": r.id, "repository": r.nameAt(seen), "number": p.number, "title": p.title, "url": text("https://github.com/%s/pull/%d", r.nameAt(seen), p.number),
				"author": author, "baseRefName": p.base, "headRefName": p.branch, "headRefOid": p.head().sha, "isCrossRepository": p.fork,
				"mergeCommit": object{"oid": p.merge.sha}, "createdAt": stamp(p.opened), "mergedAt": stamp(p.merged), "updatedAt": stamp(updated),
				"labels": object{"nodes": nodes},
			}
			if !p.fork {
				o["headRepository"] = object{"nameWithOwner": r.nameAt(seen)}
			}
			put(o, "first_review_at", p.review)
			if p.reverts != nil {
				o["reverts"] = p.reverts
			}
			if r.byAPI {
				o["commits"] = object{"totalCount": len(p.own)}
				put(o, "first_commit_at", p.earliest())
			}
			return o
		}
	}
	versions := []version{{at: p.merged, show: show(p.labels, p.merged)}}
	if !p.changed.IsZero() {
		versions = append(versions, version{at: p.changed, show: show(append(slices.Clone(p.labels), pick(m, []string{"hotfix", "later"})), p.changed)})
	}
	m.observe("github_pull_requests", p.id, true, nil, versions...)
}
