package redash

import (
	"strings"

	"fourfold/dashboards"
)

// place is where a widget is: columns and rows of a dashboard, a row being 50 pixels.
type place struct{ column, row, width, height int }

// layout fills a dashboard row by row. What is in one row has one height, so that there are no holes.
type layout struct {
	columns int // 6 or 12
	column  int
	row     int
	places  []place
	begun   int // the first place of the row that is being filled
}

// add takes a place whose width is told in twelfths.
func (l *layout) add(twelfths, height int) {
	width := max(1, twelfths*l.columns/12)
	if l.column+width > l.columns {
		l.end()
	}
	l.places = append(l.places, place{l.column, l.row, width, height})
	l.column += width
}

// end ends the row that is being filled; its last place takes what is left of it.
func (l *layout) end() {
	if n := len(l.places); n > l.begun {
		l.places[n-1].width = l.columns - l.places[n-1].column
	}
	tallest := 0
	for _, p := range l.places[l.begun:] {
		tallest = max(tallest, p.height)
	}
	for i := range l.places[l.begun:] {
		l.places[l.begun+i].height = tallest
	}
	l.begun, l.column, l.row = len(l.places), 0, l.row+tallest
}

// What a page of Redash takes beside what is drawn, in rows: about 90 pixels for the title and the question of a panel, and 45 for
// when it was run. Measured on 26.08: a card of four rows showed no number at all.
const (
	framed     = 2
	cardHeight = 5
	mostInHalf = 6 // columns of a table beside another panel
)

// shownColumns is how many columns of a table are in sight.
func (t Target) shownColumns(p *dashboards.Panel) int {
	n := 0
	for _, c := range p.Columns {
		if c.Role != dashboards.Hidden && c.Role != dashboards.Key && !p.Foreign(c, t.Language) {
			n++
		}
	}
	return n
}

// textHeight is how many rows a text over the whole width takes: pages do not make room for a text by themselves.
func textHeight(markdown string) int {
	const row, padding, heading, line, perLine = 50, 45, 45, 19, 170 // pixels, and letters of half the width of Japanese ones
	pixels := padding
	for _, l := range strings.Split(markdown, "\n") {
		width := 0
		for _, r := range l {
			width++
			if r > 0x2e80 {
				width++
			}
		}
		switch {
		case strings.HasPrefix(l, "#"):
			pixels += heading
		case width > 0:
			pixels += line * (1 + width/perLine)
		}
	}
	return (pixels + row - 1) / row
}

// cards are the widths, in twelfths, of n things in one row, or in several if they would be too narrow.
func cards(n, columns int) []int {
	each := 12 / columns // the narrowest, in twelfths
	var out []int
	for n > 0 {
		row := min(n, columns)
		for i := range row {
			width := columns / row
			if i < columns%row {
				width++
			}
			out = append(out, width*each)
		}
		n -= row
	}
	return out
}

func (p place) options() options {
	return options{"col": p.column, "row": p.row, "sizeX": p.width, "sizeY": p.height, "autoHeight": false}
}
