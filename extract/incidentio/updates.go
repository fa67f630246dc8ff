package incidentio

import (
	"context"
	"iter"

	"fourfold/extract"
)

// readUpdates reads incident updates: the history of status and severity, and what people wrote. The list has no filter
// by time, so there are two ways to read it: whole, 250 a request, or for one incident.
//
// The first read, a full one and one per RefreshOthers is of the whole list, with a sweep. In between a run reads, each
// with its own request and completely, the incidents whose present version was first seen after the last pass and those
// that are open; or the whole list where that takes fewer requests.
//
// Why that misses no move of status or severity: such a move changes the incident itself, so the incidents stream lands a
// new version of it in this run or a later one, and the run that lands it reads its updates after that. An update that is
// a message alone may leave the incident as it is. On an open incident, where people write them, it is read in the next
// run; on a closed one within RefreshOthers. An incident that has only now become visible is a new version too, and gets
// its updates however old they are.
//
// Done is the clock of the run whose pass was completed; the pass covers the versions seen up to then. A pass that a
// killed run began is finished with its own clock, and one for the time since follows at once.
func (s *Source) readUpdates(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		cur := s.position(in)
		l := list{stream: "incident_updates", path: "/v2/incident_updates", key: "incident_updates", size: s.size}
		everything := func() bool {
			return s.readWhole(ctx, in, cur, whole{lists: []list{l}, records: newLiving(in.Ledger).records}, yield)
		}
		if cur.wholeDue(in.RunAt, s.opts.RefreshOthers) && !everything() {
			return
		}
		r := &perIncident{complete: true, list: l}
		for cur.Pass != nil || cur.Done.Before(in.RunAt) {
			if cur.Pass == nil {
				cur.Pass = &pass{At: in.RunAt}
			}
			from := cur.Pass.ID
			chosen, err := incidents(ctx, in.Ledger, func(i incident) bool {
				return i.id > from && (i.observed.After(cur.Done) || i.open())
			})
			if err != nil {
				yield(extract.Page{}, err)
				return
			}
			if s.cheaper(cur, len(chosen), 1) {
				if !everything() {
					return
				}
				continue
			}
			if !s.readPass(ctx, cur, r, chosen, yield) {
				return
			}
		}
	}
}
