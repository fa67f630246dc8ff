package web

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"fourfold/dashboards"
)

// pageParams are the parameters of each query of a page. A list of single objects is read as far as the page shows it, and one row
// more, which says that there are more: of a large company ten thousand others would be read, sorted and kept for nothing.
func (s *server) pageParams(m *maker, shown []placedPanel) func(query string) map[string]any {
	lists := map[string]bool{}
	for _, p := range shown {
		lists[p.Query] = isList(p.Panel) && p.section == nil
	}
	for _, p := range shown { // what any other panel is made of is read whole
		whole := []string{p.Query}
		if p.section != nil {
			whole = append(whole, p.section.queries...)
		} else if isList(p.Panel) {
			continue
		}
		for _, query := range whole {
			delete(lists, query)
		}
	}
	whole, short := m.params(latestShown, s.RowLimit), m.params(latestShown, min(rowsShown+1, s.RowLimit))
	return func(query string) map[string]any {
		if lists[query] {
			return short
		}
		return whole
	}
}

// isList says whether a panel is a list of single objects, rather than of numbers.
func isList(p *dashboards.Panel) bool {
	return p.Chart == dashboards.Grid && len(p.Of(dashboards.Y)) == 0 && len(p.Of(dashboards.Series)) == 0
}

// sideBySide is how many queries of a page an engine is asked at a time that answers few at a time: of two threads more than a few
// gain nothing. One that answers all that it is asked has all of a page at once: each may take a second, however little it reads.
const sideBySide = 3

// tablesBy runs queries side by side, each with parameters of its own.
func (s *store) tablesBy(ctx context.Context, build string, params func(query string) map[string]any, names ...string) (map[string]*Table, error) {
	var mu sync.Mutex
	out := make(map[string]*Table, len(names))
	g, ctx := errgroup.WithContext(ctx)
	switch {
	case ctx.Value(ahead{}) != nil: // visitors go first
		g.SetLimit(1)
	case s.slots != nil:
		g.SetLimit(sideBySide)
	}
	for _, name := range names {
		g.Go(func() error {
			t, err := s.run(ctx, build, name, params(name))
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			out[name] = t
			return nil
		})
	}
	return out, g.Wait()
}
