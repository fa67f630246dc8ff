package incidentio

import (
	"context"
	"maps"
	"net/url"

	"golang.org/x/sync/errgroup"

	"fourfold/extract"
)

const (
	incidentsPerPage = 100 // incidents whose children land together
	atOnce           = 4   // requests under way
)

// perIncident reads the children of incidents, some requests at once.
type perIncident struct {
	list  list
	query func(incident) url.Values // further parameters; may be nil
	// complete says that the answer for an incident holds every child it has.
	complete bool
	pages    []*page // whose memory is used again
}

// chunk reads the children of some incidents. The records are in the order of the incidents and valid until the next
// chunk. An incident that the API does not know any more is passed over: the incidents stream finds out whether it is
// gone; until then its children stay.
func (s *Source) chunk(ctx context.Context, r *perIncident, chosen []incident) (extract.Page, error) {
	var out extract.Page
	answers := make([][]*page, len(chosen))
	missing := make([]bool, len(chosen))
	free := make(chan *page, len(r.pages)+1)
	for _, p := range r.pages {
		free <- p
	}
	r.pages = r.pages[:0]
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, inc := range chosen {
		g.Go(func() error {
			l := r.list
			l.query = url.Values{"incident_id": {inc.id}}
			if r.query != nil {
				maps.Copy(l.query, r.query(inc))
			}
			seen := map[string]bool{}
			for after := ""; ; {
				var p *page
				select {
				case p = <-free:
				default:
					p = &page{}
				}
				answers[i] = append(answers[i], p)
				err := s.fetch(ctx, l, after, seen, p)
				if gone(err) {
					missing[i] = true
					return nil
				}
				if err != nil {
					return err
				}
				if after = p.after; after == "" {
					return nil
				}
			}
		})
	}
	err := g.Wait()
	close(free)
	for p := range free {
		r.pages = append(r.pages, p)
	}
	for i, inc := range chosen {
		r.pages = append(r.pages, answers[i]...)
		if missing[i] {
			continue
		}
		for _, p := range answers[i] {
			for _, item := range p.list.Items {
				out.Records = append(out.Records, extract.Record{JSON: item, Private: inc.private})
			}
		}
		if r.complete {
			out.Complete = append(out.Complete, inc.id)
		}
	}
	return out, err
}

// readPass reads the children of the chosen incidents and keeps its position after each chunk. cur.Pass says what the
// pass is; at its end Done is the clock of the run that began it. If the pass is of all incidents it sweeps, so that the
// children of incidents that are not live any more go too.
func (s *Source) readPass(ctx context.Context, cur *position, r *perIncident, chosen []incident, yield func(extract.Page, error) bool) bool {
	begin := cur.Pass.All && cur.Pass.ID == ""
	for {
		n := min(len(chosen), incidentsPerPage)
		out, err := s.chunk(ctx, r, chosen[:n])
		if err != nil {
			yield(extract.Page{}, err)
			return false
		}
		out.Begin, out.Marks = begin, cur.Pass.All
		last := n == len(chosen)
		switch {
		case !last:
			cur.Pass.ID = chosen[n-1].id
		case cur.Pass.All:
			out.Sweep = &extract.Sweep{}
			cur.Done, cur.Whole, cur.Pass = cur.Pass.At, cur.Pass.At, nil
		default:
			cur.Done, cur.Pass = cur.Pass.At, nil
		}
		out.Cursor = cur.encode()
		if !yield(out, nil) {
			return false
		}
		if last {
			return true
		}
		chosen, begin = chosen[n:], false
	}
}
