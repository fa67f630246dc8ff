package chart

import (
	"html/template"
	"strconv"
)

// LegendKey says what marks of a class mean.
type LegendKey struct {
	Kind  KeyKind
	Class string // of the marks: "ser1", "heat3"; "" for kinds that have one look only
	Text  string
}

// KeyKind is the shape of a key in a legend.
type KeyKind int

const (
	AreaKey   KeyKind = iota // a column, bar or cell
	LineKey                  // a line with a dot
	BandKey                  // an interval
	FewKey                   // a hollow dot
	OpenKey                  // a hatched period
	GoalKey                  // a goal's line
	TickKey                  // the thin mark of the ninth decile
	WhiskKey                 // the whisker of an interval
	RegionKey                // an outline
	MedianKey                // the thick mark of a strip's median
	P90Key                   // the dashed mark of its ninth decile
	BoxKey                   // the box of its quartiles
	DotKey                   // an object
)

// SVG is the key as a small picture that stands before its words.
func (k LegendKey) SVG() template.HTML {
	var b writer
	width := strconv.Itoa(k.Width())
	b.text(`<svg class="legendkey" viewBox="0 0 `).text(width).text(` 12" width="`).text(width).text(`" height="12" aria-hidden="true" focusable="false">`)
	for _, m := range k.marks(0, 0) {
		b.mark(m)
	}
	b.text("</svg>")
	return template.HTML(b.String()) //nolint:gosec // what is given is escaped
}

// Width is how wide the key is, in pixels; all are 12 high.
func (k LegendKey) Width() int {
	return [...]int{AreaKey: 12, LineKey: 22, BandKey: 16, FewKey: 10, OpenKey: 16, GoalKey: 22, TickKey: 4, WhiskKey: 18, RegionKey: 14, MedianKey: 4, P90Key: 4, BoxKey: 16, DotKey: 10}[k.Kind]
}

// marks are the key's in a box whose corner is at x, y.
func (k LegendKey) marks(x, y float64) []Mark {
	var d Drawing
	switch k.Kind {
	case AreaKey:
		d.Rect("bar "+k.Class, x, y, 12, 12).R = "2.5"
	case LineKey:
		d.Line(lineClass(k.Class), x, y+6, x+22, y+6)
		if point := pointClass(k.Class); point != "" {
			d.Circle(point, x+11, y+6, 3.5)
		}
	case BandKey:
		class := "interval"
		if k.Class != "" {
			class = bandClass(k.Class)
		}
		d.Rect(class, x, y+1, 16, 10)
	case FewKey:
		d.Circle("medianpoint fewpoint", x+5, y+6, 4)
	case OpenKey:
		for i := range 4 {
			left := x + 4*float64(i)
			d.Line("hatch", left, y+11, left+4, y+1)
		}
	case GoalKey:
		d.Line("goal", x, y+6, x+22, y+6)
	case TickKey:
		d.Line("p90tick", x+2, y, x+2, y+12)
	case WhiskKey:
		d.Path("whisker", whisker(x+1, x+17, y+6))
	case MedianKey:
		d.Line("medianmark", x+2, y, x+2, y+12)
	case P90Key:
		d.Line("p90mark", x+2, y, x+2, y+12)
	case BoxKey:
		d.Rect("quartiles", x+1, y+1, 14, 10).R = "2"
	case DotKey:
		d.Circle("point "+k.Class, x+5, y+6, 4.5)
	case RegionKey:
		d.Rect("region", x+1, y+1, 12, 10)
	}
	return d.Marks
}
