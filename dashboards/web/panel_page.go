package web

import (
	"context"
	"net/http"

	"fourfold/dashboards"
)

// panelPage is one panel by itself: large, with its help, its rows, and the statement that asks for them.
type panelPage struct {
	shell
	Form       filterForm
	NotApplied string
	AsOf       moment
	ZoneText   string
	Strip      trustStrip
	Question   string  // said above the answer
	Board      navLink // of the dashboard that it is on
	Panel      panelView
	SQL        string
	SQLFile    string
	BuildID    string

	ProgramVersion string
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
	m, asked, err := s.open(ctx, build, here, f)
	if err != nil {
		return nil, err
	}
	params := m.params(s.RowLimit, s.RowLimit)
	if m.tables, err = s.store.tables(ctx, build, params, p.Query, "counted", "delivery_counted"); err != nil {
		return nil, err
	}
	var board *dashboards.Dashboard
	for i := range s.pages.catalogue.Dashboards {
		d := &s.pages.catalogue.Dashboards[i]
		for _, place := range d.Panels {
			if place.Panel == p.Key && board == nil {
				board = d
			}
		}
	}
	out := &panelPage{
		shell: s.pages.shell(m.l, p.Title.In(m.l.Code), here, asked), Form: m.form(board.Filters, p.Key == "incidents"),
		NotApplied: m.notApplied(board.Filters), AsOf: m.moment(m.b.AsOf), Strip: m.strip(),
		ZoneText: m.l.Zone(m.b.Calendar.zoneName, m.b.Calendar.zone, m.b.AsOf),
		Board:    navLink{Text: board.Title.In(m.l.Code), Href: here.of(boardPath(s.pages.catalogue, board), f)},
		Panel:    m.panel(placedPanel{p, 12}, rowsAlone), SQL: s.statement(p.Query, params), BuildID: build, ProgramVersion: m.b.ProgramVersion,
		SQLFile: here.of("api/panels/"+p.Key+".sql", f),
	}
	out.Panel.Open = true
	return out, nil
}
