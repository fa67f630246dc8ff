package incidentio

import (
	"context"
	"iter"

	"fourfold/extract"
)

// readAttachments reads the attachments of incidents, one request for each: the API has no list of them all, no filter
// by time, and an attachment that is added or removed need not move the incident's updated_at.
//
// The first read, and a full one, is of every live incident, ends with a sweep and can be stopped anywhere: it goes on
// behind the last id that landed. Later, a run reads the incidents
//   - whose present version was first seen after the last pass: whatever changed the incident may have come with an
//     attachment, and an incident that has only now become visible gets all of its own;
//   - that are open, or created within RefreshRecent: people attach pull requests while they work and while they look
//     back;
//   - of all others those whose turn it is, so that each is read once per RefreshOthers.
//
// So an attachment is missed for at most one run on an incident that is worked on, and for RefreshOthers on any other.
// Nothing falls between two passes: a pass covers the versions seen up to the clock of its run, those landed by this very
// run included, and Done becomes that clock when its last page has landed. A pass that a killed run began is finished
// with its own clock, and one for the time since follows at once.
//
// What it costs: open and recent incidents, one request each at 20 a second; and, of n others, n*t/RefreshOthers in a
// run t after the last: of 10,000, a run every 15 minutes reads 15.
func (s *Source) readAttachments(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		cur := s.position(in)
		r := &perIncident{complete: true, list: list{stream: "incident_attachments", path: "/v1/incident_attachments", key: "incident_attachments"}}
		for cur.Pass != nil || cur.Done.Before(in.RunAt) {
			if cur.Pass == nil {
				cur.Pass = &pass{At: in.RunAt, All: cur.Done.IsZero()}
			}
			at, from := cur.Pass.At, cur.Pass.ID
			recent := at.Add(-s.opts.RefreshRecent)
			chosen, err := incidents(ctx, in.Ledger, func(i incident) bool {
				return i.id > from && (cur.Pass.All || i.observed.After(cur.Done) || i.open() || i.created.After(recent) ||
					i.due(cur.Done, at, s.opts.RefreshOthers))
			})
			if err != nil {
				yield(extract.Page{}, err)
				return
			}
			if !s.readPass(ctx, cur, r, chosen, yield) {
				return
			}
		}
	}
}
