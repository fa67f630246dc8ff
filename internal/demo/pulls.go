package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fourfold/internal/fake/github"
)

// pull is a pull request while its history is played.
type pull struct {
	number        int
	title, body   string
	branch        string
	author        *github.Account
	labels        []string
	fork          bool
	opened        time.Time
	first         time.Time // when its first commit was written
	base          string    // the main branch's commit that it began at
	own           []string  // its commits, oldest first, less merges
	head          string
	merged        time.Time
	merge         string
	brought       []string
	reviews       []review
	closed        time.Time     // without a merge
	reverts       []int         // what its text says that it reverts
	revertsSHA    []string      // likewise
	skew          time.Duration // how far ahead the clock of its author is
	undoes        []string      // what the message of its first commit says that it reverts
	preview       bool
	previewed     *launch
	emergency     bool // mends what is broken: released at once
	mergeUpToMain bool
	folder        string // that it is about
}

type review struct {
	by    *github.Account
	at    time.Time
	state string
}

func (r *repo) nextNumber() int {
	r.number++
	if r.chance(0.15) { // an issue took one
		r.number += 1 + r.rng.IntN(2)
	}
	return r.number
}

// open opens a pull request and plans its merge.
func (r *repo) open(at time.Time) {
	p := &pull{number: r.nextNumber(), opened: at, author: r.person()}
	review := r.spread(time.Duration(float64(r.review)*r.drift(at, 1.25, 0.8)), 0.9)
	switch {
	case r.chance(r.bots):
		r.botPull(p)
		p.first, p.own = at.Add(-r.between(10*time.Second, 3*time.Minute)), make([]string, 1)
		review = r.spread(6*time.Hour, 1.3)
	default:
		p.title = r.pick([][][2]string{featureTitles, choreTitles, choreTitles, bugTitles}[r.rng.IntN(4)])
		p.branch = fmt.Sprintf("%s/%s-%d", []string{"feature", "feat", "fix", "chore"}[r.rng.IntN(4)], areas[r.rng.IntN(len(areas))], 100+r.rng.IntN(900))
		p.first = at.Add(-min(r.spread(r.coding, 1.2), 20*24*time.Hour))
		p.own = make([]string, 1+r.poisson(0.9))
		p.fork = r.chance(0.03)
		if r.chance(0.03) && at.Before(r.now.AddDate(0, 0, -7)) {
			p.skew = 9 * time.Hour // the time in Japan, taken for UTC
		}
		p.preview = r.previews && r.chance(0.12)
	}
	merge := working(r.rng, at.Add(max(4*time.Minute, review)))
	r.unmerged = append(r.unmerged, p)
	if p.preview {
		r.preview(p)
	}
	switch x := r.rng.Float64(); {
	case x < 0.01: // left lying
	case x < 0.04:
		p.closed = merge
	default:
		r.later(merge, func(at time.Time) { r.mergePull(p, at) })
	}
}

// botPull makes it one of a bot's: an update of something that the code depends on.
func (r *repo) botPull(p *pull) {
	what := dependencies[r.rng.IntN(len(dependencies))]
	to := fmt.Sprintf("%d.%d.%d", 1+r.rng.IntN(8), r.rng.IntN(30), r.rng.IntN(20))
	slug := strings.NewReplacer(" ", "-", "/", "-", ".", "-").Replace(what)
	if r.chance(0.7) {
		p.author, p.branch, p.title = r.renovate, "renovate/"+slug, fmt.Sprintf("Update %s to v%s", what, to)
	} else {
		p.author, p.branch, p.title = r.dependa, "dependabot/"+slug+"-"+to, fmt.Sprintf("Bump %s to %s", what, to)
	}
	p.labels = []string{"dependencies"}
}

// write makes the branch of a pull request: what it was when it was opened, and what the review added until then.
func (r *repo) write(p *pull, until time.Time) {
	p.base, p.folder = r.headAt(p.first), r.folder()
	at, head := p.first, p.base
	long := p.opened.Sub(p.first)
	n := len(p.own)
	for k := range n {
		if k > 0 {
			at = p.first.Add(long*time.Duration(k)/time.Duration(n) + r.between(0, max(1, long/time.Duration(n))))
		}
		head = r.ownCommit(p, k, at, head)
	}
	for range len(p.reviews) / 2 { // what a review asked for
		at = maxTime(p.opened.Add(r.between(0, until.Sub(p.opened))), r.code.CommitObject(p.own[len(p.own)-1]).CommittedAt.Add(time.Minute))
		if at.Before(until) {
			head = r.ownCommit(p, len(p.own), at, head)
		}
	}
	if p.mergeUpToMain {
		if newest := r.headAt(until.Add(-time.Minute)); newest != p.base {
			head = r.commit(github.CommitSpec{
				Parents: []string{head, newest}, Author: p.author.Signature(), AuthoredAt: until.Add(-30 * time.Second).In(jst),
				Message: "Merge branch 'main' into " + p.branch,
			})
		}
	}
	p.head = head
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (r *repo) ownCommit(p *pull, k int, at time.Time, head string) string {
	message := r.pick(fixupTitles)
	if k == 0 {
		message = p.title
		for _, sha := range p.undoes {
			message += "\n\nThis reverts commit " + sha + "."
		}
	}
	var undoes []string
	if k == 0 {
		undoes = p.undoes
	}
	sha := r.commit(github.CommitSpec{
		Parents: []string{head}, Author: p.author.Signature(), AuthoredAt: at.Add(p.skew).In(jst), CommittedAt: at.In(jst), Message: message, Files: r.change(p.folder),
	}, undoes...)
	if k < len(p.own) {
		p.own[k] = sha
	} else {
		p.own = append(p.own, sha)
	}
	return sha
}

// mergePull merges it in one of the repository's ways.
func (r *repo) mergePull(p *pull, at time.Time) {
	at = r.after(at)
	r.reviewPull(p, at)
	x := r.rng.Float64()
	p.mergeUpToMain = x >= r.squash && x < r.squash+r.merge && at.Sub(p.first) > 30*time.Hour && r.chance(0.3)
	r.write(p, at)
	g := r.show(p)
	by := r.other(p.author)
	switch {
	case x < r.squash:
		p.merge = r.code.MergeSquash(g, by, at.In(jst))
		p.brought = []string{p.merge}
		r.remember(p.merge, r.pathsOf(p.own), p.undoes...)
	case x < r.squash+r.merge:
		p.merge = r.code.MergeMerge(g, by, at.In(jst))
		p.brought = slices.Clone(p.own)
		r.remember(p.merge, nil)
	default:
		p.merge = r.code.MergeRebase(g, by, at.In(jst))
		sha := p.merge
		for _, was := range slices.Backward(p.own) {
			p.brought = append(p.brought, sha)
			r.remember(sha, r.commits[was].Paths, r.commits[was].Reverts...)
			sha = r.commits[sha].Parents[0]
		}
	}
	p.merged = at
	r.main = append(r.main, tip{at, p.merge})
	r.pulls = append(r.pulls, p)
	r.unmerged = slices.DeleteFunc(r.unmerged, func(x *pull) bool { return x == p })
	r.waiting = append(r.waiting, p)
	if !p.emergency {
		r.trigger(at)
	}
}

// show opens the pull request where it can be seen, with its reviews.
func (r *repo) show(p *pull) *github.PullRequest {
	spec := github.PullSpec{
		Number: p.number, Title: p.title, Body: p.body, Author: p.author, Head: p.branch, HeadOID: p.head, Labels: p.labels, At: p.opened,
	}
	spec.Commits = slices.Clone(p.own)
	if p.head != p.own[len(p.own)-1] {
		spec.Commits = append(spec.Commits, p.head)
	}
	if p.fork {
		spec.DeletedFork, spec.HeadOwner = true, p.author
	}
	g := r.code.OpenPull(spec)
	for _, v := range p.reviews {
		g.Review(v.by, v.state, "", v.at)
	}
	return g
}

// reviewPull draws who looked at it, and when; some nobody looked at.
func (r *repo) reviewPull(p *pull, merged time.Time) {
	none := 0.1
	if p.author.Type == "Bot" {
		none = 0.6
	}
	if p.emergency {
		none = 0.4
	}
	span := merged.Sub(p.opened)
	if r.chance(none) || span < 2*time.Minute {
		return
	}
	who := r.other(p.author)
	first := p.opened.Add(time.Duration(float64(span) * (0.15 + 0.6*r.rng.Float64())))
	if p.author.Type != "Bot" && !p.emergency && r.chance(0.35) {
		p.reviews = append(p.reviews, review{who, first, "CHANGES_REQUESTED"}, review{p.author, first.Add(merged.Sub(first) / 3), "COMMENTED"})
		first = merged.Add(-merged.Sub(first) / 4)
	}
	p.reviews = append(p.reviews, review{who, first, "APPROVED"})
}
