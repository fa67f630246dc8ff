package demo

import (
	"container/heap"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"

	"fourfold/internal/demo/expect"
	"fourfold/internal/fake/github"
)

// Owner is the account that has the repositories.
const Owner = "fourfold-shop"

// coder makes the repositories. What a repository goes through is played event by event, from a random source of its own.
type coder struct {
	seed      uint64
	now, from time.Time
	o         *github.Organisation
	people    []*github.Account
	renovate  *github.Account
	dependa   *github.Account
	deployer  *github.Account
	repos     []*repo
	deployed  int64 // the last id of a deployment
	filed     []filed
}

// repo is one repository while its history is played.
type repo struct {
	*coder
	*plot
	rng    *rand.Rand
	code   *github.Repository
	queue  events
	order  int
	number int // the last that a pull request or an issue took

	main     []tip // what the main branch was, oldest first
	pulls    []*pull
	unmerged []*pull // open, or closed without a merge
	launches []*launch
	commits  map[string]expect.Commit
	gone     *github.Repository // where commits are that no longer are in this one

	waiting  []*pull              // merged since the last release was cut
	released string               // what that release was cut from
	planned  time.Time            // of a release to come
	busy     time.Time            // no release begins before
	live     map[string][]*launch // what each production environment got, in order
	harms    []*harm
	ran      int              // runs of its pipeline
	joined   map[int]*release // by the run of another repository's pipeline
	tagOf    map[string]string
}

// tip is what a branch was from an instant on.
type tip struct {
	at  time.Time
	sha string
}

func newCoder(seed uint64, now, from time.Time) *coder {
	return &coder{seed: seed, now: now, from: from, o: github.NewOrganisation(Owner), deployed: 2_100_000_000}
}

// play makes every repository.
func (c *coder) play() {
	for k := range plots {
		r := &repo{
			coder: c, plot: &plots[k], rng: rand.New(rand.NewPCG(c.seed, named(plots[k].name))), live: map[string][]*launch{},
			commits: map[string]expect.Commit{}, joined: map[int]*release{}, tagOf: map[string]string{}, gone: github.NewOrganisation(Owner).AddRepository(github.RepositorySpec{Name: plots[k].name}),
		}
		r.code = c.o.AddRepository(github.RepositorySpec{Name: r.name, Description: r.about, CreatedAt: c.from.AddDate(-2, 0, 0)})
		c.repos = append(c.repos, r)
		r.found()
		r.schedule()
		r.run()
		r.settle()
	}
	c.others()
	c.file()
}

// others makes what the configuration leaves out: a list of things to do, and a fork to try things in.
func (c *coder) others() {
	backlog := c.o.AddRepository(github.RepositorySpec{Name: "backlog", Description: "What is to be done", CreatedAt: c.from.AddDate(-2, 0, 0)})
	who := c.people[0]
	backlog.Branch("main", backlog.Commit(github.CommitSpec{Author: who.Signature(), AuthoredAt: c.from.In(jst), Message: "やることの書き方"}))
	lab := c.o.AddFork(c.repos[0].code, github.RepositorySpec{Name: "api-lab", CreatedAt: c.from})
	lab.AddDeployment(github.DeploymentSpec{Ref: "main", Environment: "production", Creator: who, CreatedAt: c.now.AddDate(0, -2, 0)}).Finish("success", c.now.AddDate(0, -2, 0).Add(time.Minute))
}

// named gives a repository a random source that the others do not move.
func named(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name)) // never fails
	return h.Sum64()
}

// event is something that happens at an instant.
type event struct {
	at    time.Time
	order int
	do    func(at time.Time)
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(a, b int) bool {
	if !e[a].at.Equal(e[b].at) {
		return e[a].at.Before(e[b].at)
	}
	return e[a].order < e[b].order
}
func (e events) Swap(a, b int) { e[a], e[b] = e[b], e[a] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	*e = (*e)[:last]
	return x
}

// later plans an event.
func (r *repo) later(at time.Time, do func(at time.Time)) {
	r.order++
	heap.Push(&r.queue, event{at.Truncate(time.Second), r.order, do})
}

// run plays the events in their order, to this day or to the day on which the repository was given up.
func (r *repo) run() {
	end := r.now
	if r.months > 0 {
		end = r.from.AddDate(0, r.months, 0)
	}
	for len(r.queue) > 0 {
		e := heap.Pop(&r.queue).(event)
		if e.at.After(end) {
			return
		}
		e.do(e.at)
	}
}

func (r *repo) chance(p float64) bool { return r.rng.Float64() < p }

// spread is a duration with a median and a long tail.
func (r *repo) spread(median time.Duration, sigma float64) time.Duration {
	return time.Duration(float64(median) * math.Exp(sigma*r.rng.NormFloat64()))
}

// between is a duration of at least one and less than the other.
func (r *repo) between(low, high time.Duration) time.Duration {
	return low + time.Duration(r.rng.Int64N(int64(high-low)))
}

// age is how far the eighteen months have come, from 0 to 1.
func (r *repo) age(at time.Time) float64 {
	return min(1, max(0, float64(at.Sub(r.from))/float64(r.now.Sub(r.from))))
}

// from0to1 goes from one figure to another over the months.
func (r *repo) drift(at time.Time, from, to float64) float64 { return from + (to-from)*r.age(at) }

func (r *repo) pick(words [][2]string) string {
	pair := words[r.rng.IntN(len(words))]
	if r.chance(0.55) {
		return pair[0]
	}
	return pair[1]
}

// schedule plans what comes by itself: pull requests, commits without one, and releases by the calendar.
func (r *repo) schedule() {
	workdays(r.from, r.now, func(day time.Time) {
		at := func(do func(time.Time)) {
			if t := atWork(r.rng, day); t.After(r.from.Add(2*time.Hour)) && t.Before(r.now) {
				r.later(t, do)
			}
		}
		for range r.poisson(r.perWeek / 5 * r.drift(day, 0.8, 1.2)) {
			at(r.open)
		}
		for range r.poisson(r.direct / 5) {
			at(r.push)
		}
		days := r.days
		if r.age(day) > 0.5 && r.moreDays != nil {
			days = r.moreDays
		}
		for _, weekday := range days {
			if day.Weekday() == weekday {
				r.later(day.Add(10*time.Hour+30*time.Minute+r.between(0, 40*time.Minute)), r.release)
			}
		}
	})
	r.follow()
	for _, month := range r.ghosts {
		r.later(working(r.rng, r.from.AddDate(0, month, 0).Add(5*time.Hour)), r.ghost)
	}
}

// poisson draws how many of something come that come n times on average.
func (r *repo) poisson(n float64) int {
	k, p := 0, r.rng.Float64()
	for limit := math.Exp(-n); p > limit; k++ {
		p *= r.rng.Float64()
	}
	return k
}
