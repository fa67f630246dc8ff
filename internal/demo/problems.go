package demo

import (
	"fmt"
	"strings"
	"time"

	"fourfold/internal/fake/github"
)

// harm is what a release broke: from when it hurt whom, and how it was mended.
type harm struct {
	repo    *repo
	service string
	rank    int // 1 to 3, as severities have it
	release *release
	launch  *launch // the deployment that did it
	pull    *pull   // the pull request in it that is to blame; nil for a commit
	sha     string  // the commit that is to blame

	impact, fixed time.Time
	how           string
	fixes         []*pull

	attached map[string]bool // incidents that say so by an attachment
	staging  map[string]bool // incidents that name the deployment to staging in its place
}

// severityRank draws how grave it is.
func severityRank(x float64) int {
	switch {
	case x < 0.08:
		return 3
	case x < 0.38:
		return 2
	}
	return 1
}

// repairMedians are by rank.
var repairMedians = []time.Duration{0, 180 * time.Minute, 80 * time.Minute, 35 * time.Minute}

// breaks plans that a release hurts somebody, and that it is mended.
func (r *repo) breaks(x *release, l *launch) {
	h := &harm{repo: r, release: x, launch: l, rank: severityRank(r.rng.Float64()), sha: x.sha, service: r.services[0], attached: map[string]bool{}, staging: map[string]bool{}}
	if len(r.services) > 1 && r.chance(0.35) {
		h.service = r.services[1]
	}
	for _, p := range x.pulls {
		if h.pull == nil || p.author.Type != "Bot" && r.chance(0.5) {
			h.pull, h.sha = p, p.merge
		}
	}
	h.impact = l.success.Add(min(r.spread(35*time.Minute, 1.1), 20*time.Hour)).Add(time.Second)
	repair := r.spread(time.Duration(float64(repairMedians[h.rank])*quality(h.impact, r.from, r.now)), 0.75)
	h.fixed = h.impact.Add(min(max(repair, 12*time.Minute), 40*time.Hour))
	r.harms = append(r.harms, h)
	r.later(h.impact, func(at time.Time) { r.respond(h, at) })
}

// quality is how much longer than usual things take: at night in Japan longer, over the months a little less.
func quality(at, from, now time.Time) float64 {
	factor := 1.25 - 0.5*float64(at.Sub(from))/float64(now.Sub(from))
	if hour := at.In(jst).Hour(); hour < 7 || hour >= 22 {
		factor *= 1.4
	}
	return factor
}

// respond mends it: by going back, by a revert, by a fix, by a hotfix from what is live, or by other means than code. No
// other release begins before.
func (r *repo) respond(h *harm, at time.Time) {
	r.busy = maxTime(r.busy, h.fixed.Add(5*time.Minute))
	soon := maxTime(at.Add(4*time.Minute), h.fixed.Add(-r.between(5*time.Minute, 9*time.Minute)))
	ahead := maxTime(at.Add(5*time.Minute), h.fixed.Add(-r.between(25*time.Minute, 45*time.Minute)))
	switch x := r.rng.Float64(); {
	case x < 0.3:
		h.how = "rollback"
		r.later(soon, func(at time.Time) { r.rollBack(h, at) })
	case x < 0.55:
		h.how = "revert"
		r.later(ahead, func(at time.Time) { r.mend(h, r.revert(h, at), at, 4*time.Minute+r.between(0, 8*time.Minute), true) })
	case x < 0.78:
		h.how = "fix"
		r.later(ahead, func(at time.Time) { r.mend(h, r.repair(h, at), at, 6*time.Minute+r.between(0, 10*time.Minute), true) })
	case x < 0.86:
		h.how = "hotfix"
		r.later(ahead, func(at time.Time) { r.hotfix(h, at) })
	default:
		h.how = "other"
	}
}

// rollBack brings back what was live before; what is wrong is then taken out of the main branch in peace.
func (r *repo) rollBack(h *harm, at time.Time) {
	for _, name := range r.environments {
		target := h.release.before[name]
		if target == "" || target == r.live[name][len(r.live[name])-1].sha {
			continue
		}
		l := r.launch(r.spelled(name, at), target, target, at, -1)
		l.payload = map[string]any{"reason": "rollback", "incident": h.service}
		l.release = &release{sha: target, ref: target, before: h.release.before}
		r.live[name] = append(r.live[name], l)
		h.fixed = l.success
		at = l.success.Add(r.between(time.Minute, 3*time.Minute))
	}
	r.busy = maxTime(r.busy, h.fixed.Add(2*time.Minute))
	later := working(r.rng, h.fixed.Add(r.between(50*time.Minute, 5*time.Hour)))
	r.busy = maxTime(r.busy, later.Add(20*time.Minute))
	r.later(later, func(at time.Time) {
		p := r.repair
		if r.chance(0.5) {
			p = r.revert
		}
		r.mend(h, p(h, at), at, 15*time.Minute, false)
		r.plan(r.busy.Add(time.Minute))
	})
}

// revert opens a pull request that takes another one back, or a commit that came without one.
func (r *repo) revert(h *harm, at time.Time) *pull {
	p := &pull{number: r.nextNumber(), opened: at, first: at.Add(-30 * time.Second), own: make([]string, 1), author: r.person(), emergency: true, undoes: []string{h.sha}}
	if h.pull == nil {
		what := "the release of today"
		if c := r.code.CommitObject(h.sha); c != nil {
			what = c.Headline()
		}
		p.title, p.branch = fmt.Sprintf("Revert %q", what), "revert-"+h.sha[:7]
		p.body, p.revertsSHA = fmt.Sprintf("This reverts commit %s.", h.sha), p.undoes
		return p
	}
	p.title = fmt.Sprintf("Revert %q", h.pull.title)
	p.branch = fmt.Sprintf("revert-%d-%s", h.pull.number, h.pull.branch)
	p.body = fmt.Sprintf("Reverts %s/%s#%d", Owner, r.name, h.pull.number)
	p.reverts = []int{h.pull.number}
	return p
}

// repair opens a pull request that corrects what is wrong; some are hotfixes by their label or branch.
func (r *repo) repair(h *harm, at time.Time) *pull {
	p := &pull{number: r.nextNumber(), opened: at, first: at.Add(-r.between(2*time.Minute, 20*time.Minute)), own: make([]string, 1+r.rng.IntN(2)), author: r.person(), emergency: true}
	p.first = maxTime(p.first, h.impact.Add(30*time.Second))
	p.title = r.pick(repairTitles)
	p.branch = fmt.Sprintf("fix/%s-%d", h.service, p.number)
	switch x := r.rng.Float64(); {
	case x < 0.3:
		p.labels = []string{"bug", "Hotfix"}
	case x < 0.55:
		p.branch = fmt.Sprintf("hotfix/%s-%d", h.service, p.number)
	}
	return p
}

// mend merges what mends it and, if asked, releases it at once.
func (r *repo) mend(h *harm, p *pull, at time.Time, after time.Duration, release bool) {
	h.fixes = append(h.fixes, p)
	r.unmerged = append(r.unmerged, p)
	r.later(at.Add(after), func(at time.Time) {
		r.mergePull(p, at)
		if release {
			r.later(r.after(at).Add(r.between(time.Minute, 3*time.Minute)), func(at time.Time) { r.rush(h, at) })
		}
	})
}

// rush is a release that does not wait for approval and breaks nothing; it goes to staging on the way.
func (r *repo) rush(h *harm, at time.Time) {
	staged := r.launch("staging", r.head(), "main", at, -1)
	r.deliver(h, r.cut(r.head(), "main"), staged.success.Add(r.between(10*time.Second, 2*time.Minute)))
}

func (r *repo) deliver(h *harm, x *release, at time.Time) {
	for _, name := range r.environments {
		l := r.launch(r.spelled(name, at), x.sha, x.ref, at, -1)
		l.release, l.payload = x, r.payload(x, at)
		r.live[name] = append(r.live[name], l)
		h.fixed = l.success
		at = l.success.Add(r.between(time.Minute, 4*time.Minute))
	}
	r.busy = maxTime(r.busy, h.fixed.Add(2*time.Minute))
}

// hotfix merges a fix, picks it onto what is live, and brings that branch to production; the main branch follows with the
// next release and does not descend from it.
func (r *repo) hotfix(h *harm, at time.Time) {
	p := r.repair(h, at)
	p.branch, p.labels = fmt.Sprintf("fix/%s-%d", h.service, p.number), nil
	h.fixes = append(h.fixes, p)
	r.unmerged = append(r.unmerged, p)
	r.later(at.Add(r.between(3*time.Minute, 10*time.Minute)), func(at time.Time) {
		r.mergePull(p, at)
		first := r.environments[0]
		head := r.live[first][len(r.live[first])-1].sha
		if r.commits[head].Authored.IsZero() {
			return // gone: there is nothing to pick it onto
		}
		at = r.after(at).Add(time.Minute)
		for _, sha := range p.own {
			c := r.code.CommitObject(sha)
			head = r.commit(github.CommitSpec{
				Parents: []string{head}, Author: c.Author, Committer: r.person().Signature(), AuthoredAt: c.AuthoredAt, CommittedAt: at.In(jst),
				Message: strings.TrimRight(c.Message, "\n") + "\n\n(cherry picked from commit " + sha + ")", Files: r.change(p.folder),
			})
		}
		branch := fmt.Sprintf("hotfix/%s-%s", h.service, at.In(jst).Format("0102"))
		r.code.Branch(branch, head)
		waiting := r.waiting
		x := r.cut(head, branch)
		r.waiting, r.released = waiting, ""
		r.deliver(h, x, at.Add(r.between(time.Minute, 3*time.Minute)))
	})
}
