package web

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
)

// A screen on a wall shows a page in several screens, each as much as is seen at once: nobody is there to scroll. Heights are in
// parts of a screen, of which the style sheet makes each as high as it should be.
const (
	wallHeight = 46 // of a screen
	wallPanel  = 22 // of panels beside each other, if their charts need no more

	wallRows        = 7  // of a table that shares a screen
	wallRowsAlone   = 17 // of one that has a screen to itself
	wallList        = 20 // incidents of the list, which has a screen of its own
	wallTable       = 12 // rows of other tables
	wallServices    = 9
	wallDefinitions = 9

	onWallFor = 60 // seconds for which a screen is shown before it is asked for again
	nextAfter = 30 // seconds after which kiosk=rotate goes on
)

// wallHeights are those of the sections; what is not here has a screen of its own.
var wallHeights = map[string]int{"keys": 29, "headline": 17, "trend": 23, "keyservices": 30, "unread": 2}

// wallPart is what stands beside each other on a screen: panels, or a section.
type wallPart struct {
	Height  int
	Panels  []panelView
	Section template.HTML
}

// wallView is the screen that is shown, and the way to the others.
type wallView struct {
	Parts   []wallPart
	Screens []navLink
	Of      string // which of how many it is
}

// wallParts puts panels of half the width beside each other.
func wallParts(parts []part) []wallPart {
	var out []wallPart
	beside := func(panels ...panelView) {
		p := wallPart{Height: wallPanel, Panels: panels}
		for _, v := range panels {
			p.Height = min(max(p.Height, heightOf(v)), wallHeight)
		}
		out = append(out, p)
	}
	for _, p := range parts {
		if p.Panels == nil {
			h, ok := wallHeights[p.name]
			if !ok {
				h = wallHeight
			}
			out = append(out, wallPart{Height: h, Section: p.Section})
			continue
		}
		var half []panelView
		for _, v := range p.Panels {
			if v.Width > 6 {
				beside(v)
			} else if half = append(half, v); len(half) == 2 {
				beside(half...)
				half = nil
			}
		}
		if half != nil {
			beside(half...)
		}
	}
	return out
}

// heightOf is how high a panel has to be for its charts to be read from afar: a part is about 17 pixels of a drawing, and its
// head takes five.
func heightOf(v panelView) int {
	h := 5
	for _, c := range v.Charts {
		h += c.Drawings[0].H / 17
	}
	return h
}

// screens puts each part on the first screen that has room for it, so that what comes first is seen first.
func screens(parts []wallPart) [][]wallPart {
	var out [][]wallPart
	var room []int
	for _, p := range parts {
		at := 0
		for at < len(out) && room[at] < p.Height {
			at++
		}
		if at == len(out) {
			out, room = append(out, nil), append(room, wallHeight)
		}
		out[at] = append(out[at], p)
		room[at] -= min(p.Height, room[at])
	}
	return out
}

// wall chooses the screen of a page, and where a wall that goes on goes next.
func (s *server) wall(p *boardPage, m *maker, asked filter) {
	all := screens(wallParts(p.Parts))
	if len(all) == 0 {
		all = [][]wallPart{nil}
	}
	n := max(1, asked.Screen)
	if n > len(all) {
		p.Misread += m.l.t("misread_text", "what", m.l.t("misread_shown", "given", "screen="+strconv.Itoa(n), "shown", m.l.Count(len(all))))
		n = len(all)
	}
	p.OnWall = true
	if len(all[n-1]) > 1 { // tables share it
		for _, part := range all[n-1] {
			for i, v := range part.Panels {
				part.Panels[i] = m.panel(placedPanel{Panel: m.catalogue.Panel(v.Key), width: v.Width}, wallRows)
			}
		}
	}
	p.Wall = &wallView{Parts: all[n-1], Of: m.l.t("screen_of", "n", m.l.Count(n), "all", m.l.Count(len(all)))}
	here := asked
	for i := range all {
		here.Screen = i + 1
		p.Wall.Screens = append(p.Wall.Screens, navLink{Text: m.l.Count(i + 1), Href: m.here.of(m.here.path, here), Current: i+1 == n})
	}
	p.refresh = strconv.Itoa(onWallFor)
	if asked.Kiosk == kioskRotate {
		p.refresh = fmt.Sprintf("%d; url=%s", nextAfter, s.afterBoard(m.here, asked))
		if n < len(all) {
			here.Screen = n + 1
			p.refresh = fmt.Sprintf("%d; url=%s", nextAfter, m.here.of(m.here.path, here))
		}
	}
}

// afterBoard is the address of the page that follows another.
func (s *server) afterBoard(here place, f filter) string {
	boards := s.pages.catalogue.Dashboards
	next := 0
	for i := range boards {
		if boardPath(s.pages.catalogue, &boards[i]) == here.path {
			next = (i + 1) % len(boards)
		}
	}
	f.Screen = 0
	return here.of(boardPath(s.pages.catalogue, &boards[next]), f)
}

// piece is what a template shows of a section.
type piece struct {
	name string
	data any
}

// pieces are what a section is shown in: on a wall as much as goes on a screen.
func (m *maker) pieces(name string, data any) []piece {
	if m.f.Kiosk == "" {
		return []piece{{name, data}}
	}
	switch d := data.(type) {
	case incidentTrendData:
		return []piece{{"headline", d}, {"trend", d}}
	case keyServicesData:
		d.KeyServices.Rows = d.KeyServices.Rows[:min(len(d.KeyServices.Rows), wallServices)]
		data = d
	case incidentsData:
		d.Incidents.Rows = d.Incidents.Rows[:min(len(d.Incidents.Rows), wallList)]
		data = d
	case trustData:
		d.Trust.Quality = d.Trust.Quality[:min(len(d.Trust.Quality), wallTable)]
		d.Trust.Streams = d.Trust.Streams[:min(len(d.Trust.Streams), wallTable)]
		data = d
	case definitionsData:
		var out []piece
		for chunk := range slices.Chunk(d.Definitions, wallDefinitions) {
			d.Definitions = chunk
			out = append(out, piece{name, d})
		}
		return out
	}
	return []piece{{name, data}}
}

// shownRows is how many rows of some are shown: on a wall as many as are seen.
func (m *maker) shownRows(n, onWall int) int {
	if m.f.Kiosk == "" {
		return n
	}
	return min(n, onWall)
}
