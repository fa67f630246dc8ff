package demo

import (
	"fmt"
	"time"

	"fourfold/internal/fake/github"
)

// release is what was cut from a commit to be brought to staging and then to production.
type release struct {
	sha, ref string
	pulls    []*pull
	before   map[string]string // what was live in each environment
	staged   *launch
	pipeline int // the run of the pipeline that brings it; 0 where runs have no number
}

// launch is one deployment: a record with its statuses.
type launch struct {
	sha, ref, environment, task string
	transient                   bool
	created                     time.Time
	statuses                    []state
	success                     time.Time
	payload                     any
	canary                      bool // made for the environment canary, and moved by the status that says success
	release                     *release

	// What is seen of it, once it is settled.
	record     *github.Deployment
	run        *github.WorkflowRun
	published  *github.Release
	unrecorded bool // GitHub has no deployment of it
}

type state struct {
	name string
	at   time.Time
}

func (l *launch) then(name string, at time.Time) {
	l.statuses = append(l.statuses, state{name, at.Truncate(time.Second)})
	if name == "success" && l.success.IsZero() {
		l.success = at.Truncate(time.Second)
	}
}

// trigger plans a release of what was just merged, if the repository releases that way and it is not left for the next.
func (r *repo) trigger(at time.Time) {
	if r.days != nil || len(r.live) == 0 || !r.chance(r.drift(at, r.onMerge[0], r.onMerge[1])) {
		return
	}
	if r.planned.Before(at) {
		r.plan(at.Add(r.between(4*time.Minute, 15*time.Minute)))
	}
}

func (r *repo) plan(at time.Time) {
	r.planned = at
	r.later(at, r.release)
}

// release brings the main branch to staging and to production, unless that is busy or there is nothing new.
func (r *repo) release(at time.Time) {
	if at.Before(r.busy) {
		if !r.planned.After(at) {
			r.plan(working(r.rng, r.busy.Add(r.between(3*time.Minute, 12*time.Minute))))
		}
		return
	}
	if r.head() == r.released {
		return
	}
	staged := r.launch("staging", r.head(), "main", at, 0)
	if staged.success.IsZero() { // it is tried again
		r.plan(working(r.rng, at.Add(r.between(25*time.Minute, 80*time.Minute))))
		return
	}
	cut := r.cut(r.head(), "main")
	cut.staged = staged
	last := r.promote(cut, staged.success.Add(r.bake()), r.approval)
	if r.chance(0.03) {
		r.later(working(r.rng, last.Add(r.between(2*time.Hour, 20*time.Hour))), r.again)
	}
}

// baseline is the first release that can be seen: what came before it cannot.
func (r *repo) baseline(at time.Time) {
	staged := r.launch("staging", r.head(), "main", at, -1)
	cut := r.cut(r.head(), "main")
	last := staged.success.Add(10 * time.Minute)
	for _, name := range r.environments {
		l := r.launch(r.spelled(name, last), cut.sha, cut.ref, last, -1)
		l.release, l.payload = cut, r.payload(cut, last)
		r.live[name] = append(r.live[name], l)
		last = l.success.Add(3 * time.Minute)
	}
	r.busy = last
}

// bake is how long a release is watched in staging.
func (r *repo) bake() time.Duration { return r.spread(12*time.Minute, 0.7) }

func (r *repo) cut(sha, ref string) *release {
	x := &release{sha: sha, ref: ref, pulls: r.waiting, before: map[string]string{}}
	if r.pipeline {
		r.ran++
		x.pipeline = 81_000 + r.ran
	}
	for name, all := range r.live {
		x.before[name] = all[len(all)-1].sha
	}
	r.waiting, r.released = nil, sha
	return x
}

// promote brings a release to every production environment and decides whether it broke something; it gives the instant at
// which it was done.
func (r *repo) promote(x *release, at time.Time, approval time.Duration) time.Time {
	var first *launch
	for _, name := range r.environments {
		wait := time.Duration(0)
		if approval > 0 {
			wait = min(r.spread(approval, 1.2), 3*24*time.Hour)
			if r.chance(0.02) {
				wait = r.between(2*24*time.Hour, 4*24*time.Hour)
			}
		}
		if r.migrations && r.chance(0.2) {
			m := &launch{sha: x.sha, ref: x.ref, environment: r.spelled(name, at), task: "deploy:migrations", created: at.Add(-4 * time.Minute).Truncate(time.Second)}
			m.then("in_progress", at.Add(-4*time.Minute))
			m.then("success", at.Add(-r.between(20*time.Second, 3*time.Minute)))
			r.launches = append(r.launches, m)
		}
		l := r.launch(r.spelled(name, at), x.sha, x.ref, at, wait)
		l.release, l.payload = x, r.payload(x, at)
		for l.success.IsZero() { // and again
			l = r.launch(r.spelled(name, at), x.sha, x.ref, l.statuses[len(l.statuses)-1].at.Add(r.between(6*time.Minute, 40*time.Minute)), 0)
			l.release, l.payload = x, r.payload(x, at)
		}
		r.live[name] = append(r.live[name], l)
		at = l.success.Add(r.between(4*time.Minute, 25*time.Minute))
		l.canary = r.canaries && r.chance(0.1)
		if first == nil {
			first = l
		}
		r.busy = l.success.Add(time.Minute)
	}
	if r.chance(r.bad * r.drift(first.success, 1.2, 0.75)) {
		r.breaks(x, first)
	}
	return r.busy
}

// launch makes a deployment: queued, in progress, and mostly a success. A negative wait is one that cannot fail.
func (r *repo) launch(environment, sha, ref string, at time.Time, wait time.Duration) *launch {
	l := &launch{sha: sha, ref: ref, environment: environment, task: "deploy", created: at.Truncate(time.Second)}
	r.launches = append(r.launches, l)
	if wait > 0 {
		l.then("waiting", at.Add(time.Second))
		at = at.Add(wait)
	}
	if r.chance(0.8) {
		l.then("queued", at.Add(2*time.Second))
	}
	at = at.Add(r.between(5*time.Second, 40*time.Second))
	l.then("in_progress", at)
	at = at.Add(r.spread(150*time.Second, 0.5))
	if wait < 0 {
		l.then("success", at)
		return l
	}
	switch x := r.rng.Float64(); {
	case x < 0.025:
		l.then([]string{"failure", "failure", "error"}[r.rng.IntN(3)], at)
	case x < 0.038: // run again by hand, with success
		l.then("failure", at)
		at = at.Add(r.between(10*time.Minute, 90*time.Minute))
		l.then("in_progress", at)
		l.then("success", at.Add(r.spread(150*time.Second, 0.4)))
	default:
		l.then("success", at)
	}
	return l
}

// spelled is the environment's name as it was written then.
func (r *repo) spelled(name string, at time.Time) string {
	if r.firstName != "" && r.age(at) < 0.2 {
		return r.firstName
	}
	return name
}

// again brings what is live to production once more.
func (r *repo) again(at time.Time) {
	if at.Before(r.busy) {
		return
	}
	for _, name := range r.environments {
		was := r.live[name][len(r.live[name])-1]
		l := r.launch(r.spelled(name, at), was.sha, was.ref, at, -1)
		l.release = was.release
		r.live[name] = append(r.live[name], l)
		at = l.success.Add(5 * time.Minute)
	}
	r.busy = at
}

// preview gives a pull request an environment of its own for some days.
func (r *repo) preview(p *pull) {
	p.previewed = &launch{environment: fmt.Sprintf("preview-%d", p.number), task: "deploy", transient: true, created: p.opened.Add(2 * time.Minute).Truncate(time.Second), ref: p.branch}
	p.previewed.then("in_progress", p.opened.Add(3*time.Minute))
	p.previewed.then("success", p.opened.Add(5*time.Minute))
	r.launches = append(r.launches, p.previewed)
}

// ghost is a release of a commit that somebody force-pushed away later: nobody can say what was in it.
func (r *repo) ghost(at time.Time) {
	if at.Before(r.busy) {
		at = r.busy.Add(5 * time.Minute)
	}
	who := r.person()
	sha := r.gone.Commit(github.CommitSpec{Author: who.Signature(), AuthoredAt: at.Add(-time.Hour).In(jst), Message: r.pick(featureTitles)})
	x := r.cut(sha, "release/"+at.In(jst).Format("20060102"))
	r.released = ""
	for _, name := range r.environments {
		l := r.launch(r.spelled(name, at), x.sha, x.ref, at, -1)
		l.release = x
		r.live[name] = append(r.live[name], l)
		at = l.success.Add(5 * time.Minute)
	}
	r.busy = at
}
