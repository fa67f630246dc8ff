package chart

import (
	"math"
	"strings"
)

// ScatterChart is what objects with two values are drawn from.
type ScatterChart struct {
	Head
	X, Y   Scale
	Points []ScatterPoint
	Path   bool // joins the points in their order
}

// ScatterPoint is one object.
type ScatterPoint struct {
	X, Y        float64
	XLow, XHigh *float64 // intervals
	YLow, YHigh *float64
	Class       string // "" is the first colour
	Few         bool
	Label       string // said beside it where there is room; most points have none
	Tip         string
	Href        string
}

// scatterDots is how many points are marks of their own; more are one path for each class.
const scatterDots = 2500

// Scatter draws a dot for each object.
func Scatter(c ScatterChart, size Size) *Drawing {
	var xs, ys []float64
	var points []ScatterPoint
	left := 0
	for _, p := range c.Points {
		if !drawable(p.X) || !drawable(p.Y) {
			left++
			continue
		}
		points = append(points, p)
		xs, ys = append(xs, p.X), append(ys, p.Y)
		if p.Few {
			continue
		}
		for _, l := range []*float64{limit(p.XLow), limit(p.XHigh)} {
			if l != nil && (c.X.Unit != LogSeconds || *l >= 1) {
				xs = append(xs, *l)
			}
		}
		for _, l := range []*float64{limit(p.YLow), limit(p.YHigh)} {
			if l != nil && (c.Y.Unit != LogSeconds || *l >= 1) {
				ys = append(ys, *l)
			}
		}
	}
	nothing := len(points) == 0
	if nothing {
		xs, ys = []float64{1}, []float64{1}
	}
	across, up := c.X.axis(xs), c.Y.axis(ys)
	p := NewPlot(c.Key, size, nil, c.Y.room(up, 46))
	p.Title, p.Desc, p.Legend = c.Title, c.Desc, c.Keys
	if c.Y.Name != "" {
		p.Top += 16
		name, _ := fit(c.Y.Name, tickSize*1.05, float64(size.W))
		p.Text("axistitle", 0, 12, "start", name)
	}
	if !nothing {
		p.ticks(up, c.Y)
		x := func(v float64) float64 { return p.Left + across.At(v)*(p.Right-p.Left) }
		p.columnsOfTicks(c.X, across, x, p.Top, p.Bottom)
		p.Line("base", p.Left, p.Top, p.Left, p.Bottom)
		p.scatter(c, points, x, func(v float64) float64 { return p.Y(up.At(v)) })
	} else {
		p.Grid(0, "")
		p.Line("base", p.Left, p.Top, p.Left, p.Bottom)
		c.empty(p.Drawing, (p.Left+p.Right)/2, (p.Top+p.Bottom)/2)
	}
	if c.X.Name != "" {
		name, _ := fit(c.X.Name, tickSize*1.05, p.Right)
		p.Text("axistitle", p.Right, p.Bottom+33, "end", name)
	}
	c.leave(p.Drawing, left)
	return p.Drawing
}

func (p Plot) scatter(c ScatterChart, points []ScatterPoint, x, y func(float64) float64) {
	places := make([]*Point, len(points))
	for i, v := range points {
		places[i] = &Point{x(v.X), y(v.Y)}
	}
	for i, v := range points {
		p.cross(v, places[i], x, y)
	}
	if c.Path {
		p.Path("way", Polyline(places))
	}
	plain := map[string]*strings.Builder{}
	var order []string
	seen := map[string]bool{} // of so many, those at one place are one
	for i, v := range points {
		class := v.Class
		if class == "" {
			class = seriesClass(1)
		}
		if len(points) > scatterDots {
			if plain[class] == nil {
				plain[class] = &strings.Builder{}
				order = append(order, class)
			}
			at := "M" + Px(math.Round(places[i].X)) + " " + Px(math.Round(places[i].Y)) + "h0"
			if !seen[class+at] {
				seen[class+at] = true
				plain[class].WriteString(at)
			}
			continue
		}
		own := "point " + class
		if v.Few {
			own += " fewpoint"
		}
		m := p.Circle(own, places[i].X, places[i].Y, 4.5)
		m.Tip, m.Href = v.Tip, v.Href
	}
	for _, class := range order {
		p.Path("dots "+class, plain[class].String())
	}
	p.pointNames(points, places)
}

// cross draws the intervals of a point.
func (p Plot) cross(v ScatterPoint, at *Point, x, y func(float64) float64) {
	if low, high := limit(v.XLow), limit(v.XHigh); low != nil && high != nil {
		p.Line("cross", x(*low), at.Y, x(*high), at.Y)
	}
	if low, high := limit(v.YLow), limit(v.YHigh); low != nil && high != nil {
		p.Line("cross", at.X, y(*low), at.X, y(*high))
	}
}

// pointNames writes the names of points beside them, but none over another or over a dot; the last are the first to be written.
func (p Plot) pointNames(points []ScatterPoint, places []*Point) {
	type box struct{ left, right, top, bottom float64 }
	var taken []box
	free := func(b box) bool {
		if b.left < p.Left || b.right > float64(p.W) || b.top < 0 || b.bottom > p.Bottom {
			return false
		}
		for _, t := range taken {
			if b.left < t.right && t.left < b.right && b.top < t.bottom && t.top < b.bottom {
				return false
			}
		}
		return true
	}
	named := 0
	for _, v := range points {
		if v.Label != "" {
			named++
		}
	}
	if named == 0 {
		return
	}
	for _, at := range places[:min(len(places), scatterDots)] {
		taken = append(taken, box{at.X - 4.5, at.X + 4.5, at.Y - 4.5, at.Y + 4.5})
	}
	written := 0
	for i := len(points) - 1; i >= 0 && written < 30; i-- {
		if points[i].Label == "" {
			continue
		}
		at, w := places[i], textWidth(points[i].Label, 11)
		for _, place := range []struct {
			dx, dy float64
			anchor string
		}{{8, 4, "start"}, {-8, 4, "end"}, {0, -9, "middle"}, {0, 17, "middle"}, {8, -6, "start"}, {8, 14, "start"}} {
			left := at.X + place.dx
			switch place.anchor {
			case "end":
				left -= w
			case "middle":
				left -= w / 2
			}
			b := box{left, left + w, at.Y + place.dy - 9, at.Y + place.dy + 2}
			if free(b) {
				p.Text("pointname", at.X+place.dx, at.Y+place.dy, place.anchor, points[i].Label)
				taken = append(taken, b)
				written++
				break
			}
		}
	}
}
