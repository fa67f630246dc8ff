package demo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"fourfold/internal/fake/github"
)

// isProduction tells whether a launch brings code to production.
func (r *repo) isProduction(l *launch) bool {
	return l.task == "deploy" && !l.transient && slices.ContainsFunc(r.environments, func(name string) bool { return strings.EqualFold(name, l.environment) })
}

// payload names the run of the pipeline, as the tools of the time wrote it: as text within text at first, later as an
// object.
func (r *repo) payload(x *release, at time.Time) any {
	switch {
	case x.pipeline == 0:
		return nil
	case r.age(at) > 0.4:
		return map[string]any{"pipeline_id": x.pipeline, "trigger": "release"}
	}
	text := fmt.Sprintf(`{"pipeline_id":"%d","trigger":"release"}`, x.pipeline)
	if r.age(at) < 0.2 {
		twice, _ := json.Marshal(text) // a text: never fails
		return string(twice)
	}
	return text
}

// follow plans to be released with another repository's pipeline.
func (r *repo) follow() {
	for _, other := range r.repos {
		if other.name != r.follows {
			continue
		}
		for _, l := range other.launches {
			if l.release != nil && l.release.pipeline > 0 && !l.success.IsZero() && l.payload != nil {
				r.later(l.success.Add(-r.between(time.Minute, 4*time.Minute)), func(at time.Time) { r.join(l, at) })
			}
		}
	}
}

// join brings the main branch to an environment in a run of another repository's pipeline, if there is anything new; to the
// next environment then goes the same.
func (r *repo) join(l *launch, at time.Time) {
	if len(r.live[l.environment]) == 0 {
		return
	}
	x := r.joined[l.release.pipeline]
	if x == nil {
		if l.environment != r.environments[0] || r.head() == r.released {
			return
		}
		x = r.cut(r.head(), "main")
		x.pipeline = l.release.pipeline
		r.joined[x.pipeline] = x
	}
	own := r.launch(l.environment, x.sha, x.ref, at, -1)
	own.release, own.payload = x, l.payload
	r.live[l.environment] = append(r.live[l.environment], own)
}

// runWorkflows writes the runs of the workflow that deploys, which GitHub has besides the deployments; in the first months
// some made no deployment. And a few of another workflow.
func (r *repo) runWorkflows() {
	guilty := map[*launch]bool{}
	for _, h := range r.harms {
		guilty[h.launch] = true
	}
	id := int64(18_000_000_000)
	run := func(x github.WorkflowRun) *github.WorkflowRun {
		id += 41
		x.ID, x.Actor, x.Status = id, r.deployer, "queued"
		return r.code.AddRun(x)
	}
	launches := slices.Clone(r.launches)
	slices.SortStableFunc(launches, func(a, b *launch) int { return a.created.Compare(b.created) })
	for _, l := range launches {
		if !r.isProduction(l) || l.created.After(r.now) {
			continue
		}
		x := github.WorkflowRun{
			WorkflowID: 51_000_001, Name: "Deploy", Path: ".github/workflows/deploy.yml", HeadBranch: l.ref, HeadSHA: l.sha, Event: "push", CreatedAt: l.created.Add(-20 * time.Second),
		}
		if l.ref == l.sha { // brought back by hand
			x.HeadBranch, x.Event = "main", "workflow_dispatch"
		}
		l.run = run(x)
		for _, s := range l.statuses {
			ended := s.at.Add(12 * time.Second)
			if ended.After(r.now) {
				break
			}
			switch s.name {
			case "in_progress":
				if l.run.Conclusion != "" {
					l.run.ReRun(r.people[0], s.at)
				}
				l.run.Status = "in_progress"
			case "failure", "error":
				l.run.End("failure", ended)
			case "success":
				l.run.End("success", ended)
			}
		}
		l.unrecorded = l.ref == "main" && l.run.Conclusion == "success" && !guilty[l] && r.age(l.created) < 0.3 && r.chance(0.2)
	}
	for n, p := range r.pulls {
		if n%8 == 0 {
			run(github.WorkflowRun{
				WorkflowID: 51_000_002, Name: "CI", Path: ".github/workflows/ci.yml", HeadBranch: p.branch, HeadSHA: p.own[0], Event: "pull_request", CreatedAt: p.opened,
			}).End("success", p.opened.Add(4*time.Minute))
		}
	}
}

// publish writes a tag and a release of everything that went to production. A release is published when that is done.
func (r *repo) publish() {
	launches := slices.DeleteFunc(slices.Clone(r.launches), func(l *launch) bool {
		return !r.isProduction(l) || l.success.IsZero() || l.success.After(r.now)
	})
	slices.SortStableFunc(launches, func(a, b *launch) int { return a.success.Compare(b.success) })
	minor, patch := 20, 0
	for n, l := range launches {
		if l.ref == "main" && (n == 0 || launches[n-1].sha != l.sha) {
			minor, patch = minor+1, 0
		} else { // brought back, picked, or once more
			patch++
		}
		tag := fmt.Sprintf("v3.%d.%d", minor, patch)
		if r.chance(0.7) {
			r.code.AnnotatedTag(tag, l.sha, "Release "+tag, r.people[1].Signature(), l.created.In(jst))
		} else {
			r.code.Tag(tag, l.sha)
		}
		r.tagOf[tag] = l.sha
		l.published = r.code.AddRelease(github.Release{
			TagName: tag, Name: tag, Author: r.people[1], Prerelease: r.chance(0.04), CreatedAt: l.created, PublishedAt: l.success,
		})
	}
	if last := r.now.AddDate(0, 0, -1); len(launches) > 0 {
		r.code.AddRelease(github.Release{TagName: fmt.Sprintf("v3.%d.0", minor+1), Name: "In preparation", Author: r.people[1], Draft: true, CreatedAt: last})
	}
}
