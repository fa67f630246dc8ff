package ship

import (
	"cmp"
	"slices"
)

// Report is what one source says of a deployment that counts for a service, of one repository.
type Report struct {
	Deployment
	Environment string
	// Position is the place of the rule by which the service takes it: earlier ones survive.
	Position int
}

// begin is when it began; where nobody knows, when it had finished.
func (r *Report) begin() int64 {
	if r.CreatedAt == NoTime {
		return r.FinishedAt
	}
	return r.CreatedAt
}

// overlaps reports whether the times of two reports, ends included, have an instant in common.
func (r *Report) overlaps(other *Report) bool {
	return r.begin() <= other.FinishedAt && other.begin() <= r.FinishedAt
}

// Unite says which reports are of one deployment (D2): of each the place of the one that survives, its own where that is
// itself. In the order of their rules, a report is that of a survivor of another source which was of the same commit in
// the same environment, if its time overlaps the survivor's, or that of another source's report of the survivor. Of several it is
// the one that finished first. Two survivors of one source stay two: they are a deployment and its repetition.
func Unite(reports []Report) []int {
	order := make([]int, len(reports))
	out := make([]int, len(reports))
	for i := range reports {
		order[i], out[i] = i, i
	}
	slices.SortFunc(order, func(x, y int) int {
		a, b := &reports[x], &reports[y]
		return cmp.Or(cmp.Compare(a.Position, b.Position), a.Compare(b.Deployment))
	})
	type what struct{ environment, commit string }
	type survivor struct{ place, next int } // the next of its reports, -1 after the last
	survivors := map[what][]survivor{}
	next := make([]int, len(reports)) // of a report, another of the same survivor
	for _, i := range order {
		r := &reports[i]
		if r.Commit == "" {
			continue
		}
		key := what{r.Environment, r.Commit}
		best := -1
		for k, s := range survivors[key] {
			if reports[s.place].Source == r.Source || best >= 0 && reports[s.place].Compare(reports[survivors[key][best].place].Deployment) > 0 {
				continue
			}
			fits := r.overlaps(&reports[s.place])
			for a := s.next; a >= 0 && !fits; a = next[a] {
				fits = reports[a].Source != r.Source && r.overlaps(&reports[a])
			}
			if fits {
				best = k
			}
		}
		if best < 0 {
			survivors[key] = append(survivors[key], survivor{i, -1})
			continue
		}
		s := &survivors[key][best]
		out[i], next[i], s.next = s.place, s.next, i
	}
	return out
}
