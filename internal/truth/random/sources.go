package random

import (
	"encoding/json"
	"time"
)

// runWorkflow makes a run of the workflow that deployed something: the same commit, at times that overlap, only touch, or
// lie apart.
func (m *maker) runWorkflow(of *launch) {
	created, finished := of.created.Add(-m.between(0, 20*time.Minute)).Truncate(time.Second), of.finished.Add(m.between(0, 5*time.Minute)).Truncate(time.Second)
	switch x := m.rng.Float64(); {
	case x < 0.15: // they touch
		created, finished = of.finished, of.finished.Add(10*time.Minute)
	case x < 0.25: // by a second they do not
		created, finished = of.finished.Add(time.Second), of.finished.Add(10*time.Minute)
	case x < 0.35 && of.created.After(of.finished.Add(-24*time.Hour)):
		created, finished = of.created.Add(-time.Hour), of.created
	}
	if finished.Before(created) {
		finished = created
	}
	id := text("%d", m.number())
	l := &launch{
		source: "workflow_runs", id: id, repository: of.repository, commit: of.commit, sha: of.commit.sha, environment: "production", created: created, finished: finished,
		ref: pick(m, []string{"main", "main", "main", "hotfix/run", "other"}), address: text("https://api.github.com/repos/%s/actions/runs/%s", of.repository.name, id),
	}
	path := pick(m, []string{".github/workflows/deploy.yml", ".github/workflows/deploy.yml@refs/heads/main", ".github/workflows/test.yml"})
	event := pick(m, []string{"push", "push", "workflow_dispatch", "schedule"})
	branchOf := any(nil) // the repository that the branch is of
	switch x := m.rng.Float64(); {
	case x < 0.15:
		branchOf = object{"id": 99}
	case x < 0.7:
		branchOf = object{"id": json.Number(of.repository.id)}
	}
	conclusions := []any{"success"}
	switch x := m.rng.Float64(); {
	case x < 0.15:
		conclusions = []any{pick(m, []any{"failure", "cancelled"})}
		l.finished = time.Time{}
	case x < 0.3: // at the second attempt
		conclusions = []any{"failure", "success"}
	case x < 0.4: // and once more, which does not move it
		conclusions = []any{"success", pick(m, []any{"success", "failure"})}
	}
	m.launches = append(m.launches, l)
	r := l.repository
	show := func(attempt int, conclusion any, updated, success time.Time) func(time.Time) object {
		return func(seen time.Time) object {
			status := "completed"
			if conclusion == nil {
				status = "in_progress"
			}
			o := object{
				"id": id, "repository_id": r.id, "repository": r.nameAt(seen), "workflow_path": path, "updated_at": stamp(updated),
				"run": object{
					"id": id, "name": "Deploy", "event": event, "head_branch": l.ref, "head_sha": l.sha, "display_title": "Deploy", "run_number": 7, "run_attempt": attempt,
					"status": status, "conclusion": conclusion, "url": l.address, "html_url": text("https://github.com/%s/actions/runs/%s", r.name, id), "created_at": stamp(created),
					"updated_at": stamp(updated), "path": path,
				},
			}
			put(o, "finished_at", success)
			if branchOf != nil {
				o["run"].(object)["head_repository"] = branchOf
			}
			return o
		}
	}
	versions := []version{{at: created, show: show(1, nil, created, time.Time{})}}
	var success time.Time
	at := finished
	for i, c := range conclusions {
		if c == "success" && success.IsZero() {
			success = at
		}
		versions = append(versions, version{at: at, show: show(i+1, c, at, success)})
		at = at.Add(m.between(time.Minute, 48*time.Hour)).Truncate(time.Second)
	}
	l.finished = success
	m.observe("github_workflow_runs", id, true, nil, versions...)
}

// makeOtherSources makes tags and releases: of commits that were deployed, too, and about then.
func (m *maker) makeOtherSources() {
	for _, r := range m.repositories {
		for n := range 4 + m.rng.IntN(6) {
			tip := pick(m, r.main)
			at := tip.at.Add(m.between(0, 6*time.Hour)).Truncate(time.Second)
			if deployed := m.deployedFrom(r); deployed != nil && m.chance(0.6) {
				tip.commit, at = deployed.commit, deployed.finished.Add(-m.between(-2, 2)*time.Minute)
				at = at.Truncate(time.Second)
			}
			if !at.Before(m.to) {
				continue
			}
			m.tag(r, text("%s1.%d.0", pick(m, []string{"v", "v", "v", "r", "V", "lib/core@", "@acme/pkg@"}), n), tip.commit, at)
		}
	}
}

func (m *maker) deployedFrom(r *repository) *launch {
	for range 10 {
		if l := pick(m, m.launches); l.repository == r && !l.finished.IsZero() {
			return l
		}
	}
	return nil
}

// tag makes a tag, and perhaps a release of it.
func (m *maker) tag(r *repository, name string, c *commit, at time.Time) {
	show := func(c *commit, annotated bool) func(time.Time) object {
		o := object{"id": r.id + ":" + name, "repository_id": r.id, "name": name, "sha": c.sha}
		if annotated {
			o["tagged_at"] = stamp(at)
		}
		return always(o)
	}
	annotated := m.chance(0.6)
	versions := []version{{at: at, show: show(c, annotated)}}
	switch x := m.rng.Float64(); {
	case x < 0.1: // it is moved
		versions = append(versions, version{at: m.instant(at, m.to), show: show(pick(m, r.main).commit, annotated)})
	case x < 0.2:
		versions = append(versions, version{at: m.instant(at, m.to), gone: true})
	}
	m.observe("github_tags", r.id+":"+name, false, nil, versions...)
	l := &launch{source: "tags", id: r.name + "@" + name, repository: r, commit: c, sha: c.sha, ref: name, environment: "production", created: at, finished: at}
	if !annotated {
		l.created, l.finished = c.committed, c.committed
	}
	m.launches = append(m.launches, l)
	if m.chance(0.6) {
		m.release(r, name, c, at)
	}
}

func (m *maker) release(r *repository, tag string, c *commit, at time.Time) {
	id := text("%d", m.number())
	published := at.Add(m.between(0, 3*time.Hour)).Truncate(time.Second)
	address := text("https://api.github.com/repos/%s/releases/%s", r.name, id)
	o := object{
		"id": id, "repository_id": r.id, "repository": r.nameAt(published), "tag_name": tag, "name": "Release " + tag, "target_commitish": "main", "prerelease": m.chance(0.3),
		"url": address, "html_url": text("https://github.com/%s/releases/tag/%s", r.name, tag), "created_at": stamp(c.committed), "published_at": stamp(published),
		"author": object{"login": "aiko", "id": 3, "type": "User"},
	}
	if m.chance(0.1) {
		o["tag_name"] = "v-without-a-tag"
	}
	versions := []version{{at: published, show: always(o)}}
	if m.chance(0.1) {
		versions = append(versions, version{at: m.instant(published, m.to), gone: true})
	}
	m.observe("github_releases", id, false, nil, versions...)
	m.launches = append(m.launches, &launch{
		source: "releases", id: id, repository: r, commit: c, sha: c.sha, ref: tag, environment: "production", created: c.committed, finished: published, address: address,
		webPage: text("https://github.com/%s/releases/tag/%s", r.name, tag),
	})
}
