package web

import (
	"math"
	"strconv"
	"strings"
)

// drawing is a chart as marks with finished coordinates; the template writes it as SVG. Colours, fonts and strokes are
// classes of the style sheet, which knows light, dark and print.
type drawing struct {
	ID         string // unique in the page; ids of title, description and hatching are made from it
	Class      string
	W, H       int
	Title      string
	Desc       string
	Decoration bool // says nothing that is not said beside it in words
	Hatch      bool
	Marks      []mark
}

// mark is one shape. Coordinates have one decimal, so that the same numbers give the same bytes on every machine.
type mark struct {
	Kind       string // rect, path, circle or text
	Class      string
	X, Y, W, H string
	R          string
	Fill       string
	D          string
	Text       string
	Anchor     string
	Tip        string
	Href       string
}

// px writes a coordinate.
func px(v float64) string {
	s := strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

func (d *drawing) rect(class string, x, y, w, h float64) *mark {
	return d.add(mark{Kind: "rect", Class: class, X: px(x), Y: px(y), W: px(w), H: px(h)})
}

func (d *drawing) circle(class string, x, y, r float64) *mark {
	return d.add(mark{Kind: "circle", Class: class, X: px(x), Y: px(y), R: px(r)})
}

func (d *drawing) text(class string, x, y float64, anchor, text string) {
	d.add(mark{Kind: "text", Class: class, X: px(x), Y: px(y), Anchor: anchor, Text: text})
}

func (d *drawing) line(class string, x1, y1, x2, y2 float64) {
	d.add(mark{Kind: "path", Class: class, D: "M" + px(x1) + " " + px(y1) + "L" + px(x2) + " " + px(y2)})
}

// add gives a pointer for what few marks have; it is good until the next mark.
func (d *drawing) add(m mark) *mark {
	d.Marks = append(d.Marks, m)
	return &d.Marks[len(d.Marks)-1]
}

// hatched covers an open period.
func (d *drawing) hatched(x, y, w, h float64) {
	d.Hatch = true
	d.rect("openperiod", x, y, w, h).Fill = "url(#" + d.ID + "-hatch)"
}

// point is a place in a chart; a nil *point is a gap.
type point struct{ x, y float64 }

// polyline draws the runs between gaps. A point between two gaps has no line; its dot shows it.
func polyline(points []*point) string {
	var b strings.Builder
	pen := "M"
	for _, p := range points {
		if p == nil {
			pen = "M"
			continue
		}
		b.WriteString(pen + px(p.x) + " " + px(p.y))
		pen = "L"
	}
	return b.String()
}

// size is one of the two shapes that each chart is drawn in: the style sheet shows the one that fits the screen.
type size struct {
	suffix string // of the drawing's id, and its class
	w, h   int
}

// narrowBelow is the width in pixels that only phones have.
const narrowBelow = 400

var (
	chartSizes = []size{{"wide", 508, 240}, {"narrow", 326, 220}}
	stripSizes = []size{{"wide", 1056, 0}, {"narrow", 326, 0}} // as high as its rows need
)
