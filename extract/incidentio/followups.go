package incidentio

import (
	"context"
	"iter"
	"net/url"
	"time"

	"fourfold/extract"
)

// followUpModes are the values of incident_mode to ask for: without one the list holds standard and retrospective.
var followUpModes = []string{"", "test", "tutorial", "stream"}

// followUpLists are the four lists that hold all follow-ups between them, under a filter.
func (s *Source) followUpLists(updatedFrom time.Time) []list {
	var lists []list
	for _, mode := range followUpModes {
		q := followUpMode(mode)
		if !updatedFrom.IsZero() {
			q.Set("updated_at[gte]", updatedFrom.UTC().Format(time.RFC3339Nano))
		}
		lists = append(lists, list{stream: "follow_ups", path: "/v3/follow_ups", key: "follow_ups", query: q, size: s.size})
	}
	return lists
}

// followUpMode is the parameter that makes the API answer follow-ups of incidents of a mode.
func followUpMode(mode string) url.Values {
	q := url.Values{}
	if mode != "" && mode != "standard" && mode != "retrospective" {
		q.Set("incident_mode", mode)
	}
	return q
}

// readFollowUps reads follow-ups. They have an updated_at with an exact filter.
//
// The first read, a full one and one per RefreshOthers is of everything, with a sweep: that finds deletions, and changes
// of embedded objects, which do not move updated_at. Other runs read what was updated from the watermark less the
// overlap on, in four lists. The watermark is the clock of the last completed read, taken before its first request, and
// updated_at only grows, so a change is in the window of this run or, if it is made while this run reads, of the next.
//
// A follow-up is yielded only if its incident is live in the ledger, so one that was passed over because its incident
// was not (private then, or out of scope) would stay missed. Therefore the incidents whose present version was first seen
// after the last read are asked for theirs, one request each. That holds more than the incidents that have become live:
// telling those apart would need the history of the ledger, and it is the smaller cost, for a run has few changed
// incidents. Those that were created after the watermark need no request: what belongs to them is in the window. Where
// everything takes fewer requests, everything is read.
//
// These answers are not taken to be complete, so nothing is deleted by them: the filter by mode applies to them, and a
// follow-up of a stream below the incident is not in them.
func (s *Source) readFollowUps(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		cur := s.position(in)
		live := newLiving(in.Ledger)
		everything := func() bool {
			return s.readWhole(ctx, in, cur, whole{lists: s.followUpLists(time.Time{}), records: live.records}, yield)
		}
		// A read that an earlier run began is followed by what changed since then.
		if cur.wholeDue(in.RunAt, s.opts.RefreshOthers) && (!everything() || cur.Done.Equal(in.RunAt)) {
			return
		}
		watermark := cur.Done.Add(-s.opts.Overlap)
		chosen, err := incidents(ctx, in.Ledger, func(i incident) bool {
			return i.observed.After(cur.Done) && i.created.Before(watermark)
		})
		if err != nil {
			yield(extract.Page{}, err)
			return
		}
		if s.cheaper(cur, len(followUpModes)+len(chosen), len(followUpModes)) {
			everything()
			return
		}
		for _, l := range s.followUpLists(watermark) {
			for p, err := range s.pages(ctx, l, "") {
				var out extract.Page
				if err == nil {
					out.Records, err = live.records(ctx, p)
				}
				if err != nil {
					yield(extract.Page{}, err)
					return
				}
				if len(out.Records) > 0 && !yield(out, nil) {
					return
				}
			}
		}
		cur.Pass = &pass{At: in.RunAt}
		r := &perIncident{list: s.followUpLists(time.Time{})[0], query: func(i incident) url.Values { return followUpMode(i.mode) }}
		s.readPass(ctx, cur, r, chosen, yield)
	}
}
