package redash

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

// end ends the row that is being filled.
func (l *layout) end() {
	tallest := 0
	for _, p := range l.places[l.begun:] {
		tallest = max(tallest, p.height)
	}
	for i := range l.places[l.begun:] {
		l.places[l.begun+i].height = tallest
	}
	l.begun, l.column, l.row = len(l.places), 0, l.row+tallest
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
