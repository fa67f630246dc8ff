package incidentio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

// readPostmortems reads what there is of post-mortems: whose they are, how far they are and where they stand; their text
// is not read. The list has no filter by time; newest first is its order.
//
// While no incident names a document there is nothing to ask for. Otherwise the first read, a full one and one per
// RefreshOthers is of the whole list, with a sweep: that finds deletions, and changes of old documents. In between the
// list is read until it comes to documents older than RefreshRecent: new ones are at its beginning, and those that people
// still write on are recent.
func (s *Source) readPostmortems(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		named, err := anyPostmortem(ctx, in.Ledger)
		if err != nil {
			yield(extract.Page{}, err)
			return
		}
		if !named {
			yield(extract.Page{Begin: true, Marks: true, Sweep: &extract.Sweep{}}, nil)
			return
		}
		cur := s.position(in)
		l := list{stream: "postmortem_documents", path: "/v1/postmortem_documents", key: "postmortem_documents", size: s.size}
		live := newLiving(in.Ledger)
		known := func(page extract.Page, err error) bool { return yield(page, withoutPostmortems(err)) }
		if cur.wholeDue(in.RunAt, s.opts.RefreshOthers) && (!s.readWhole(ctx, in, cur, whole{lists: []list{l}, records: live.records}, known) || cur.Done.Equal(in.RunAt)) {
			return
		}
		l.stops = true
		for p, err := range s.pages(ctx, l, "") {
			var out extract.Page
			if err == nil {
				out.Records, err = live.records(ctx, p)
			}
			if err != nil {
				known(extract.Page{}, err)
				return
			}
			old := p.after == "" || allBefore(p, in.RunAt.Add(-s.opts.RefreshRecent))
			if old {
				cur.Done = in.RunAt
				out.Cursor = cur.encode()
			}
			if !yield(out, nil) || old {
				return
			}
		}
	}
}

// anyPostmortem reports whether a live incident names a post-mortem.
func anyPostmortem(ctx context.Context, ledger extract.Ledger) (bool, error) {
	for o, err := range ledger.Scan(ctx, transform.IncidentioIncidents, "postmortem_document_ids", "postmortem_document_url") {
		if err != nil {
			return false, fmt.Errorf("look for post-mortems among the incidents that have landed: %w", err)
		}
		if ids := o.Columns[0]; ids != "" && ids != "[]" || o.Columns[1] != "" {
			return true, nil
		}
	}
	return false, nil
}

// allBefore reports whether every document of a page was begun before an instant: all of the pages after it were, too.
func allBefore(p *page, at time.Time) bool {
	for _, item := range p.list.Items {
		created, err := time.Parse(time.RFC3339, extract.Texts(item, "created_at")[0])
		if err != nil || !created.Before(at) {
			return false
		}
	}
	return true
}

// withoutPostmortems makes of the answer of a server that has no such list one that may not be read: the addresses that
// incidents carry are all that there is then.
func withoutPostmortems(err error) error {
	var e *extract.HTTPError
	if errors.As(err, &e) && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusNotImplemented) {
		return fmt.Errorf("%w: the server has no post-mortem documents: %w", extract.ErrForbidden, err)
	}
	return err
}
