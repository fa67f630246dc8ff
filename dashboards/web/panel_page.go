package web

import (
	"context"
	"net/http"
	"slices"

	"fourfold/dashboards"
)

// panelPage is one panel by itself: large, with its help, its rows, and the statement that asks for them.
type panelPage struct {
	narrowedPage
	Board        navLink // of the dashboard that it is on
	Panel        panelView
	SQL, SQLFile string
}

// servePanelPage answers /panels/KEY.
func (s *server) servePanelPage(w http.ResponseWriter, r *http.Request) {
	p := s.pages.catalogue.Panel(r.PathValue("key"))
	if p == nil {
		s.serveNotFound(w, r)
		return
	}
	here := at(panelPath(p.Key))
	s.serveBuilt(w, r, here, "panelpage", func(ctx context.Context, build string, f filter) (any, error) {
		return s.makePanelPage(ctx, build, here, p, f)
	})
}

func (s *server) makePanelPage(ctx context.Context, build string, here place, p *dashboards.Panel, f filter) (*panelPage, error) {
	m, err := s.open(ctx, build, here, f)
	if err != nil {
		return nil, err
	}
	params := m.params(s.RowLimit, s.RowLimit)
	if m.tables, err = s.store.tables(ctx, build, params, append(slices.Clone(frameQueries), p.Query)...); err != nil {
		return nil, err
	}
	board := s.boardOf(p)
	out := &panelPage{
		narrowedPage: s.narrowed(m, p.Title.In(m.l.Code), f, board, p.Key == "incidents"),
		Board:        navLink{Text: board.Title.In(m.l.Code), Href: here.of(boardPath(s.pages.catalogue, board), f)},
		Panel:        m.panel(placedPanel{Panel: p, width: 12}, rowsAlone),
		SQL:          s.statement(p.Query, params), SQLFile: here.of("api/panels/"+p.Key+".sql", f),
	}
	out.Panel.Open = true
	return out, nil
}

// boardOf is the first dashboard that has a panel; each is on one.
func (s *server) boardOf(p *dashboards.Panel) *dashboards.Dashboard {
	boards := s.pages.catalogue.Dashboards
	i := slices.IndexFunc(boards, func(d dashboards.Dashboard) bool {
		return slices.ContainsFunc(d.Panels, func(place dashboards.Place) bool { return place.Panel == p.Key })
	})
	return &boards[i]
}
