// Package chart draws the dashboard's charts: from plain data to marks with finished coordinates, and those to SVG. It knows
// no query and no language: texts, and what writes a number, are given. Colours, fonts and strokes are classes of chart.css,
// which knows light, dark and print. It draws nothing at random and reads no clock: the same data give the same bytes.
package chart

import (
	"math"
	"strconv"
	"strings"
)

// Drawing is a chart as marks with finished coordinates.
type Drawing struct {
	ID         string // unique in the page; ids of title, description and hatching are made from it
	Class      string
	W, H       int
	Title      string
	Desc       string
	Decoration bool // says nothing that is not said beside it in words
	Hatch      bool
	Marks      []Mark
	Legend     []LegendKey // what the colours mean: in a page words beside the chart, in a file drawn below it
}

// Mark is one shape. Coordinates have one decimal, so that the same numbers give the same bytes on every machine.
type Mark struct {
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

// Px writes a coordinate.
func Px(v float64) string {
	s := strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

// Rect adds a rectangle.
func (d *Drawing) Rect(class string, x, y, w, h float64) *Mark {
	return d.Add(Mark{Kind: "rect", Class: class, X: Px(x), Y: Px(y), W: Px(w), H: Px(h)})
}

// Circle adds a dot.
func (d *Drawing) Circle(class string, x, y, r float64) *Mark {
	return d.Add(Mark{Kind: "circle", Class: class, X: Px(x), Y: Px(y), R: Px(r)})
}

// Text adds words that begin, end or have their middle at x: the anchor start, end or middle.
func (d *Drawing) Text(class string, x, y float64, anchor, text string) *Mark {
	return d.Add(Mark{Kind: "text", Class: class, X: Px(x), Y: Px(y), Anchor: anchor, Text: text})
}

// Line adds a straight line.
func (d *Drawing) Line(class string, x1, y1, x2, y2 float64) *Mark {
	return d.Path(class, "M"+Px(x1)+" "+Px(y1)+"L"+Px(x2)+" "+Px(y2))
}

// Path adds a path.
func (d *Drawing) Path(class, path string) *Mark {
	return d.Add(Mark{Kind: "path", Class: class, D: path})
}

// Add gives a pointer for what few marks have; it is good until the next mark.
func (d *Drawing) Add(m Mark) *Mark {
	d.Marks = append(d.Marks, m)
	return &d.Marks[len(d.Marks)-1]
}

// Hatched covers an open period.
func (d *Drawing) Hatched(x, y, w, h float64) {
	d.Hatch = true
	d.Rect("openperiod", x, y, w, h).Fill = "url(#" + d.ID + "-hatch)"
}

// Point is a place in a chart; a nil *Point is a gap.
type Point struct{ X, Y float64 }

// Polyline draws the runs between gaps. A point between two gaps has no line; its dot shows it.
func Polyline(points []*Point) string {
	var b strings.Builder
	pen := "M"
	for _, p := range points {
		if p == nil {
			pen = "M"
			continue
		}
		b.WriteString(pen + Px(p.X) + " " + Px(p.Y))
		pen = "L"
	}
	return b.String()
}

// Size is a shape that a chart is drawn in. Its name is the class by which the style sheet shows the one that fits the screen.
type Size struct {
	Name string
	W, H int // H is 0 where a chart is as high as its rows need
}

// Wide and Narrow are the two sizes of most charts; rows have those of their own.
var (
	Wide       = Size{"wide", 508, 240}
	Narrow     = Size{"narrow", 326, 220}
	WideRows   = Size{"wide", 1056, 0}
	NarrowRows = Size{"narrow", 326, 0}
)

// Sizes are the sizes that a page has each chart in.
var Sizes = []Size{Wide, Narrow}

// RowSizes are those of charts that have the whole width of a page.
var RowSizes = []Size{WideRows, NarrowRows}

// IsNarrow says whether there is only the room that a phone has.
func (s Size) IsNarrow() bool { return s.W < 400 }
