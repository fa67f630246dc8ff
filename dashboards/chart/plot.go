package chart

import "math"

// Period is a place on an axis of time: a week, month or quarter.
type Period struct {
	Label string // its short name, as an axis has room for
	Year  string // said under the first, and where it changes
	Open  bool   // not over
}

// Plot is the area of a chart over time: periods side by side along x.
type Plot struct {
	*Drawing
	Left, Right, Top, Bottom float64
	Periods                  []Period
}

// NewPlot makes an empty chart whose ticks have left pixels at its left.
func NewPlot(id string, size Size, periods []Period, left float64) Plot {
	d := &Drawing{ID: id + "-" + size.Name, Class: "chart " + size.Name, W: size.W, H: size.H}
	return Plot{Drawing: d, Left: left, Right: float64(size.W) - 16, Top: 10, Bottom: float64(size.H) - 36, Periods: periods}
}

// Step is the width of a period.
func (p Plot) Step() float64 { return (p.Right - p.Left) / float64(len(p.Periods)) }

// X is the middle of the i-th period.
func (p Plot) X(i int) float64 { return p.Left + (float64(i)+0.5)*p.Step() }

// Y maps 0..1 to the height of the plot.
func (p Plot) Y(share float64) float64 { return p.Bottom - share*(p.Bottom-p.Top) }

// Grid draws a horizontal line and its label.
func (p Plot) Grid(share float64, label string) {
	y := p.Y(share)
	class := "grid"
	if share == 0 {
		class = "base"
	}
	p.Line(class, p.Left, y, p.Right, y)
	p.Text("tick", p.Left-8, y+4, "end", label)
}

// OpenPeriods hatches what is not over.
func (p Plot) OpenPeriods() {
	for i, b := range p.Periods {
		if b.Open {
			p.Hatched(p.X(i)-p.Step()/2, p.Top, p.Step(), p.Bottom-p.Top)
		}
	}
}

type yearLabel struct {
	x    float64
	text string
}

// Axis draws a tick at the start of each period and names as many as there is room for, the year under the first and
// under each new one.
func (p Plot) Axis() {
	room := 40.0
	for _, b := range p.Periods {
		room = math.Max(room, roughWidth(b.Label)+10)
	}
	every := 1
	for float64(every)*p.Step() < room {
		every++
	}
	last := len(p.Periods) - 1
	var years []yearLabel
	for i, b := range p.Periods {
		x := p.X(i) - p.Step()/2
		if (last-i)%every != 0 {
			if p.Step() > 4 {
				p.Line("tickmark", x, p.Bottom, x, p.Bottom+3)
			}
			continue
		}
		p.Line("tickmark", x, p.Bottom, x, p.Bottom+5)
		p.Text("tick", p.X(i), p.Bottom+17, "middle", b.Label)
		if len(years) == 0 || years[len(years)-1].text != b.Year {
			years = append(years, yearLabel{p.X(i), b.Year})
		}
	}
	for i, y := range years {
		if i+1 < len(years) && years[i+1].x-y.x < roughWidth(y.text)+4 {
			continue // no room for both: the later one says which the earlier was
		}
		p.Text("tick year", y.x, p.Bottom+31, "middle", y.text)
	}
}
