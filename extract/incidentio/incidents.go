package incidentio

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

const incidentsPath = "/v2/incidents"

// The API hides test and tutorial incidents, and declined, canceled and merged ones, unless they are asked for by name.
var (
	modes      = []string{"standard", "retrospective", "test", "tutorial"}
	categories = []string{"triage", "live", "learning", "paused", "closed", "declined", "canceled", "merged"}
)

// incidentList is the list of incidents under one more filter, oldest first: what is created while the list is read
// comes at its end, so no page moves under the reader.
func (s *Source) incidentList(field string, from time.Time) list {
	q := url.Values{"mode[one_of]": modes, "status_category[one_of]": categories, "sort_by": {"created_at_oldest_first"}}
	if !from.IsZero() {
		q.Set(field+"[gte]", dateBefore(from))
	}
	return list{stream: "incidents", path: incidentsPath, key: "incidents", query: q, size: s.size}
}

// dateBefore is a date that the API's gte lets everything from t on pass. It compares dates, in a zone that is not
// documented: no zone's date of t is before the UTC date of t less one day.
func dateBefore(t time.Time) string {
	return t.UTC().AddDate(0, 0, -1).Format(time.DateOnly)
}

// readIncidents reads what has changed since the last run, what may have changed without saying so, and from time to
// time everything.
//
// Why no change is missed. Say that a version of an incident, or its creation, was made at instant c.
//
// First, a read of everything that was begun at Started (the run's clock, taken before its first request) asks for every
// mode and every category, oldest first. An incident that was there at Started is in the list at its place by creation,
// which nothing moves, so one of the pages holds it, whatever happens to it meanwhile. It is answered as it is at that
// moment, so a change with c < Started is in what was read. Done becomes Started. This holds too if the read is spread
// over several runs: the place in the list is kept, and Started stays that of the first.
//
// Later, a run with the watermark Done asks for updated_at from Done less the overlap on. A change with c >= Done moves
// updated_at to c or, since updated_at is stamped before the change can be seen, to a little before; that is what the
// overlap is for. It cannot leave the window by being changed again, for updated_at only grows and the window has no
// end. If it is changed while the window is being read, and was passed already, then its updated_at is after this run's
// clock and in the window of the next run. Done becomes this run's clock, and only when the last page has landed.
//
// Some things change without moving updated_at: a definition that is embedded, a custom field that was added, perhaps
// who may see an incident; what does move it is not documented. So incidents created within RefreshRecent are read again
// in every run, and everything is read again once per RefreshOthers; that read also finds deletions, and incidents that
// this key may not see any more. Versions that are equal to the one that is there add nothing, so none of this overlap
// has a cost but requests: one for the window and one for each 250 recent incidents in a run in which nothing changed.
//
// What would be missed is a status category that this program does not know, for the API answers only those that are
// asked for. The statuses stream shows it, and then a warning says so.
func (s *Source) readIncidents(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		if err := s.warnOfCategories(ctx, in.Ledger); err != nil {
			yield(extract.Page{}, err)
			return
		}
		cur := s.incidentPosition(in)
		if cur.wholeDue(in.RunAt, s.opts.RefreshOthers) {
			cur.Since = in.Since
			w := whole{
				lists: []list{s.incidentList("created_at", in.Since)},
				sweep: extract.Sweep{Since: in.Since, CreatedColumn: "created_at"},
				records: func(_ context.Context, p *page) ([]extract.Record, error) {
					return incidentRecords(p, in.Since), nil
				},
			}
			// A read that an earlier run began is followed by what changed since then.
			if !s.readWhole(ctx, in, cur, w, yield) || cur.Done.Equal(in.RunAt) {
				return
			}
		}
		windows := []list{
			s.incidentList("updated_at", cur.Done.Add(-s.opts.Overlap)),
			s.incidentList("created_at", in.RunAt.Add(-s.opts.RefreshRecent)),
		}
		for i, l := range windows {
			for p, err := range s.pages(ctx, l, "") {
				if err != nil {
					yield(extract.Page{}, err)
					return
				}
				out := extract.Page{Records: incidentRecords(p, in.Since)}
				if i == len(windows)-1 && p.after == "" {
					cur.Done, cur.Since = in.RunAt, in.Since
					out.Cursor = cur.encode()
				}
				if !yield(out, nil) {
					return
				}
			}
		}
	}
}

// warnOfCategories warns of statuses whose incidents are not asked for.
func (s *Source) warnOfCategories(ctx context.Context, ledger extract.Ledger) error {
	for status, err := range ledger.Scan(ctx, transform.IncidentioIncidentStatuses, "name", "category") {
		if err != nil {
			return fmt.Errorf("look through the statuses that have landed: %w", err)
		}
		if c := status.Columns[1]; !slices.Contains(categories, c) {
			s.log.Warn("incident.io has a status category that this version does not know, so incidents in it are not read; upgrade fourfold",
				"category", c, "status", status.Columns[0])
		}
	}
	return nil
}

// incidentPosition is the position for the scope of this run: incidents created from in.Since on. If it reaches further
// back than what was read, everything is read. A read of everything that was begun for another scope begins anew. If
// the scope has become smaller, what is outside simply stays.
func (s *Source) incidentPosition(in extract.Input) *position {
	cur := s.position(in)
	if in.Since.Before(cur.Since) {
		return &position{Version: cur.Version, Policy: cur.Policy}
	}
	if !in.Since.Equal(cur.Since) {
		cur.Load = nil
	}
	return cur
}

// incidentRecords gives the incidents of a page that are in scope. The API's filter is by date; this one is exact. An
// incident without a readable created_at is passed on: that it is missing is to be seen.
func incidentRecords(p *page, since time.Time) []extract.Record {
	for _, item := range p.list.Items {
		r := extract.Record{JSON: item}
		if since.IsZero() {
			r.Private = private(extract.Texts(item, "visibility")[0])
		} else {
			f := extract.Texts(item, "visibility", "created_at")
			if at, err := time.Parse(time.RFC3339, f[1]); err == nil && at.Before(since) {
				continue
			}
			r.Private = private(f[0])
		}
		p.records = append(p.records, r)
	}
	return p.records
}

// private reports whether an incident of this visibility must not be shown to everybody. A visibility that is not known
// yet is taken for private: the privacy policy must not fail open.
func private(visibility string) bool { return visibility != "" && visibility != "public" }
