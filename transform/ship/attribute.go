package ship

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// Deployment is a successful deployment of one group: a service, a repository and an environment.
type Deployment struct {
	ID         string // numbers are compared as numbers
	Commit     string // hash in hexadecimal; "" where nobody knows it: it is no other's then
	FinishedAt int64
	CreatedAt  int64
	Source     string // what the id is of
	Place      int    // the caller's own number for it
}

// Kind is what a deployment is to the one before it (D4).
type Kind string

// The kinds of deployments.
const (
	Baseline Kind = "baseline"
	Forward  Kind = "forward"
	Redeploy Kind = "redeploy"
	Rollback Kind = "rollback"
)

// Outcome is what the graph says of a deployment.
type Outcome struct {
	Deployment
	Kind Kind
	// IsDiverged marks a forward deployment that does not descend from the live one, where the graph knows both.
	IsDiverged bool
	// IsKnown says that its commit is in the graph; FollowsUnknown that it is the first such one after one whose is not (C6).
	IsKnown, FollowsUnknown bool
	// Previous (D3) and Culprit (D4) are places among the outcomes, -1 for none.
	Previous, Culprit int
	// Commits is how many it shipped, merges left out (C1, C2).
	Commits int
}

// Shipment is a commit, by its number, and the place of the deployment that shipped it. Merges are among them.
type Shipment struct{ Commit, Deployment int32 }

// Attribution is what Attribute gives.
type Attribution struct {
	Outcomes []Outcome // in the order of finish
	Shipped  []Shipment
	// baseline is what the baseline reaches.
	baseline set
}

// BaselineReaches reports whether the baseline of the group had a commit already; false where there is no baseline.
func (a *Attribution) BaselineReaches(commit int32) bool {
	return a.baseline != nil && commit >= 0 && a.baseline.has(commit)
}

// WithoutCommits is the attribution without what was shipped, which takes the most memory.
func (a *Attribution) WithoutCommits() *Attribution {
	return &Attribution{Outcomes: a.Outcomes, baseline: a.baseline}
}

// Compare orders deployments by finish, then by creation, then by id; ids of different sources may be alike.
func (d Deployment) Compare(other Deployment) int {
	return cmp.Or(
		cmp.Compare(d.FinishedAt, other.FinishedAt), cmp.Compare(d.CreatedAt, other.CreatedAt),
		CompareIDs(d.ID, other.ID), cmp.Compare(d.Source, other.Source),
	)
}

// CompareIDs orders ids: numbers as numbers and before all others, those as text.
func CompareIDs(a, b string) int {
	an, bn := isNumber(a), isNumber(b)
	switch {
	case an && bn:
		return cmp.Or(compareNumbers(a, b), cmp.Compare(a, b))
	case an:
		return -1
	case bn:
		return 1
	default:
		return cmp.Compare(a, b)
	}
}

func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// Attribute judges the successful deployments of one group. Each commit is looked at once, whatever the number of
// deployments.
func (g *Graph) Attribute(deployments []Deployment) *Attribution {
	ordered := slices.Clone(deployments)
	slices.SortFunc(ordered, Deployment.Compare)
	j := judge{
		walker: g.walker(), reached: newSet(g.Len()), result: &Attribution{Outcomes: make([]Outcome, 0, len(ordered))},
		first: make(map[string]int, len(ordered)),
	}
	for _, d := range ordered {
		d.Commit = strings.ToLower(d.Commit)
		j.next(d)
	}
	return j.result
}

// judge takes the deployments of a group in their order.
type judge struct {
	*walker
	result  *Attribution
	reached set            // what a success has reached so far
	first   map[string]int // the first deployment of each commit
	live    target         // what the last success deployed
	unknown bool           // whether a commit that is not known has come since the last known one
	// standing are the deployments that a rollback may go back to, in order: those that no later one of the same commit
	// or of an ancestor stands for.
	standing []standing
	forwards []int // the forward deployments, in order
}

// target is what was deployed: a commit of the graph, or one of which only the name is known.
type target struct {
	name   string
	number int32 // -1 where it is not known
}

type standing struct {
	target
	deployment int
}

// isOrReaches reports whether a target is another or descends from it, as far as is known.
func (j *judge) isOrReaches(from, to target) bool {
	return from.name == to.name || from.number >= 0 && to.number >= 0 && j.reaches(from.number, to.number)
}

func (j *judge) next(d Deployment) {
	i := len(j.result.Outcomes)
	t := target{d.Commit, j.find(d.Commit)}
	if t.name == "" {
		t.name = "of " + d.Source + " " + d.ID
	}
	o := Outcome{Deployment: d, IsKnown: t.number >= 0, Previous: i - 1, Culprit: -1}
	if _, again := j.first[t.name]; !again {
		j.first[t.name] = i
	}
	o.Kind, o.IsDiverged = j.kind(i, t)
	switch o.Kind {
	case Rollback:
		o.Culprit = j.culprit(t)
	case Forward:
		j.forwards = append(j.forwards, i)
	}
	j.stand(i, t)
	if o.IsKnown {
		o.FollowsUnknown = j.unknown
		if o.Kind == Baseline {
			j.all(t.number, j.reached)
			j.result.baseline = slices.Clone(j.reached)
			j.result.Shipped = make([]Shipment, 0, min(j.Len()-j.reached.count(), 4096*(cap(j.result.Outcomes)-i)))
		} else {
			o.Commits = j.ship(i, t.number)
		}
	}
	j.unknown = !o.IsKnown
	j.live = t
	j.result.Outcomes = append(j.result.Outcomes, o)
}

// kind is D4.
func (j *judge) kind(i int, t target) (kind Kind, isDiverged bool) {
	known := t.number >= 0 && j.live.number >= 0
	switch {
	case t.number >= 0 && j.result.baseline == nil:
		return Baseline, false
	case i == 0: // not known, and nothing before it
		return Forward, false
	case t.name == j.live.name:
		return Redeploy, false
	case known && j.reaches(j.live.number, t.number):
		return Rollback, false
	case known && j.reaches(t.number, j.live.number):
		return Forward, false
	case j.first[t.name] < j.first[j.live.name]:
		return Rollback, false
	default:
		return Forward, known
	}
}

// culprit is the first forward deployment after the latest earlier one whose commit is the target or an ancestor of it.
func (j *judge) culprit(t target) int {
	for k := len(j.standing) - 1; k >= 0; k-- {
		if !j.isOrReaches(t, j.standing[k].target) {
			continue
		}
		f := sort.SearchInts(j.forwards, j.standing[k].deployment+1)
		if f < len(j.forwards) {
			return j.forwards[f]
		}
		return -1
	}
	return -1
}

// stand adds a deployment to those that stand and takes away those that it stands for: wherever the commit of such a
// one is an ancestor of a later target, this one's is too, and it is the later. On a line of deployments that go forward
// and back each is so looked at once.
func (j *judge) stand(i int, t target) {
	keep := len(j.standing)
	for keep > 0 && j.isOrReaches(j.standing[keep-1].target, t) {
		keep--
	}
	j.standing = append(j.standing[:keep], standing{t, i})
}

// ship marks what a commit reaches and nothing before it did, and counts it without merges.
func (j *judge) ship(deployment int, commit int32) (count int) {
	if j.reached.has(commit) {
		return 0
	}
	j.reached.add(commit)
	j.stack = append(j.stack[:0], commit)
	for len(j.stack) > 0 {
		n := j.pop()
		j.result.Shipped = append(j.result.Shipped, Shipment{n, int32(deployment)})
		if !j.IsMerge(n) {
			count++
		}
		for _, p := range j.of(n) {
			if p >= 0 && !j.reached.has(p) {
				j.reached.add(p)
				j.stack = append(j.stack, p)
			}
		}
	}
	return count
}
