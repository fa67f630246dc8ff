package github

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

// runPlace is how far the workflow runs of a repository have been read.
type runPlace struct {
	// Since is the scope that they were read in, Workflows those that were kept: of others, everything is read again.
	Since     time.Time `json:"since,omitzero"`
	Workflows string    `json:"workflows"`
	// Mark is a time of GitHub's own clock: every run made before has landed.
	Mark time.Time `json:"mark,omitzero"`
	// First is when the earliest run was made that the list still has.
	First time.Time `json:"first,omitzero"`
	// Top and Until are of a list that is being read: what was made from Until to Top has landed.
	Top   time.Time `json:"top,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// Turn is how far down runs that may yet succeed were asked for.
	Turn time.Time `json:"turn,omitzero"`
}

const (
	// runOverlap is how far behind what was seen a list is read: a run may be seen after one that was made later.
	runOverlap = 10 * time.Minute
	// runsAhead is how far beyond our clock a list is read: GitHub's may be ahead.
	runsAhead = 24 * time.Hour
)

// readWorkflowRuns reads the runs of the workflows that services take for deployments.
//
// GitHub lists runs newest first, by when they were made, and can filter them by that and by nothing that moves with a
// change; of a list that is filtered it gives a thousand. So a list is read from its top down in windows of time: the next
// question is for what was made up to the oldest run of the last answer. No window is asked for beyond its first page, so
// the thousand is never met, and neither what is made nor what is deleted meanwhile moves anything over the edge of a page.
// Only where a whole page was made in one second is it turned.
//
// Why none is missed. A list is read down to Mark, less the overlap, and Mark moves only when that was reached. One that is
// cut off keeps its place in the cursor and is read to its end first; then what was made above its Top.
//
// Runs change where they are: one ends, or is run again, which GitHub allows for 30 days and which keeps its id and its
// place. The newest hundred are in the first page of every round, which is taken whole: of a quiet repository those are all
// that may change. Older runs without a success are asked for in turn, see rereadRuns. A success is a finish for good: what
// comes later, the full check brings, or a page that it happens to be on.
//
// Deletions leave no trace. A full read lists everything in scope, and what it did not meet has gone; but not what is older
// than all that is still listed, for old runs are not kept for ever, and what they deployed was deployed.
func (s *Source) readWorkflowRuns(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		if err := s.workflowRuns(ctx, in, landing(yield)); err != nil && !errors.Is(err, errStopped) {
			yield(extract.Page{}, err)
		}
	}
}

func (s *Source) workflowRuns(ctx context.Context, in extract.Input, land land) error {
	const stream = "workflow_runs"
	all, err := s.repositories(ctx, stream, in)
	if err != nil {
		return err
	}
	some := s.wanting(all, func(n Needs) bool { return len(n.Workflows) > 0 })
	cur := decodePosition[runPlace](s, stream, in, s.opts.People)
	landed, err := landedRuns(ctx, in)
	if err != nil {
		return err
	}
	whole, err := s.eachRepository(ctx, some, "workflow runs", func(r repository) error {
		reading := &runReading{s: s, in: in, r: r, workflows: s.needs(r).Workflows, landed: landed, cur: cur, land: land}
		return denied(reading.read(ctx), permitActions)
	})
	return finish(ctx, s, in, transform.GithubWorkflowRuns, "created_at", s.unreadRuns(some, cur), cur, whole, err, land)
}

// unreadRuns are the rows that a full read does not reach: of other repositories and of workflows that nobody takes any
// more, and those that are older than what is listed.
func (s *Source) unreadRuns(some *resolution, cur *position[runPlace]) apart {
	workflows := map[string][]string{}
	for _, r := range some.repositories {
		workflows[r.ID] = s.needs(r).Workflows
	}
	return apart{[]string{"repository_id", "workflow_path", "created_at"}, func(c []string) bool {
		place := cur.Repositories[c[0]]
		if place == nil || !isWorkflow(c[1], workflows[c[0]]) {
			return true
		}
		created, err := time.Parse(time.RFC3339, c[2]) // the ledger's own
		return err == nil && (place.First.IsZero() || created.Before(place.First))
	}}
}

// isWorkflow reports whether a path is one of the workflows, by the whole path or by the name of a file where workflows
// are, without what follows an @.
func isWorkflow(path string, workflows []string) bool {
	path = workflowPath(path)
	return slices.ContainsFunc(workflows, func(w string) bool {
		return strings.EqualFold(w, path) || strings.EqualFold(".github/workflows/"+w, path)
	})
}

func workflowPath(path string) string {
	path, _, _ = strings.Cut(path, "@")
	return path
}

// runReading is the reading of one repository's runs.
type runReading struct {
	s         *Source
	in        extract.Input
	r         repository
	workflows []string
	landed    *landed
	cur       *position[runPlace]
	place     *runPlace
	land      land
}

// read lands what is new, and what may have changed.
func (x *runReading) read(ctx context.Context) error {
	x.begin()
	if !x.place.Until.IsZero() {
		if _, err := x.list(ctx, x.place.Until); err != nil {
			return err
		}
	}
	fresh := x.place.Mark.IsZero()
	low, err := x.list(ctx, x.in.RunAt.UTC().Truncate(time.Second).Add(runsAhead))
	if err != nil || fresh {
		return err
	}
	return x.rereadRuns(ctx, low)
}

// list reads the list of what was made up to some time, down to what has landed or to the end of the scope. It gives the
// time of the oldest run that it met.
func (x *runReading) list(ctx context.Context, to time.Time) (low time.Time, err error) {
	until := x.place.Mark.Add(-runOverlap)
	for page, got := 1, 0; ; {
		p, err := x.page(ctx, to, page)
		if err != nil {
			return low, err
		}
		before := *x.place
		if x.place.Top.Before(p.newest) {
			x.place.Top = p.newest
		}
		if low = p.oldest; x.place.First.IsZero() || !low.IsZero() && low.Before(x.place.First) {
			x.place.First = low
		}
		got += len(p.rows)
		done := len(p.rows) == 0 || got >= p.total || !x.place.Mark.IsZero() && low.Before(until)
		if done {
			if x.place.Mark.Before(x.place.Top) {
				x.place.Mark = x.place.Top
			}
			x.place.Top, x.place.Until = time.Time{}, time.Time{}
		} else {
			to, page, got = x.below(to, page, got, p)
			x.place.Until = to
		}
		if err := x.landPage(ctx, p.rows, before); err != nil || done {
			return low, err
		}
	}
}

// below gives what to ask for after a page: what was made up to its oldest run, or in a second that has more than a page,
// the next page.
func (x *runReading) below(to time.Time, page, got int, p runPage) (time.Time, int, int) {
	next := p.oldest.Add(runSlack)
	if !next.Before(to) {
		next = p.oldest
	}
	switch {
	case next.Before(to):
		return next, 1, 0
	case got < runsGiven:
		return to, page + 1, got
	}
	x.s.log.Warn("more runs were made in a second than GitHub lists", "repository", x.r.FullName, "second", stamp(to), "listed", got)
	return to.Add(-time.Second), 1, 0
}

// landPage lands the runs of a page that are wanted and not as they have landed, with the place if it has moved.
func (x *runReading) landPage(ctx context.Context, rows []run, before runPlace) error {
	records, err := x.records(ctx, rows)
	if err != nil {
		*x.place = before
		return err
	}
	if len(records) == 0 && before == *x.place && !x.cur.Whole {
		return nil
	}
	return x.land(x.cur.page(records))
}

// begin takes up the place, or makes one.
func (x *runReading) begin() {
	names := slices.Clone(x.workflows)
	for i, n := range names {
		names[i] = strings.ToLower(n)
	}
	slices.Sort(names)
	key := strings.Join(names, " ")
	x.place = x.cur.Repositories[x.r.ID]
	if x.place != nil && covers(x.place.Since, x.in.Since) && x.place.Workflows == key {
		return
	}
	x.place = &runPlace{Since: x.in.Since, Workflows: key}
	x.cur.Repositories[x.r.ID] = x.place
}

// floor is where the scope begins.
func (x *runReading) floor() time.Time {
	if !x.place.Since.IsZero() {
		return x.place.Since.UTC().Truncate(time.Second)
	}
	return x.r.createdAt()
}

// rereadRoom is how many pages of older runs a round reads of a repository, a point each.
const rereadRoom = 2

// rereadRuns asks for runs that may yet succeed and are older than what the round has read: from the youngest down, each
// with the ninety-nine that were made before it, so that one question is for all that are near. The next round goes on
// below, and begins above again when it is through.
func (x *runReading) rereadRuns(ctx context.Context, low time.Time) error {
	open := slices.DeleteFunc(x.landed.open[x.r.ID], func(o openRun) bool {
		return !o.made.Before(low) || o.made.Before(x.place.Since) || !isWorkflow(o.path, x.workflows)
	})
	for n := 0; n < rereadRoom && len(open) > 0; n++ {
		i := slices.IndexFunc(open, func(o openRun) bool { return x.place.Turn.IsZero() || !o.made.After(x.place.Turn) })
		to := open[max(i, 0)].made
		p, err := x.page(ctx, to, 1)
		if err != nil {
			return err
		}
		before, down := *x.place, p.oldest
		if !down.Before(to) { // none is there, or more than a page of one second
			down = to.Add(-time.Second)
		}
		x.place.Turn = down
		if err := x.landPage(ctx, p.rows, before); err != nil {
			return err
		}
		open = slices.DeleteFunc(open, func(o openRun) bool { return o.made.After(down) && !o.made.After(to) })
	}
	return nil
}
