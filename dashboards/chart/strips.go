package chart

import (
	"math"
	"slices"
	"strings"
)

// StripsChart is what the spread of durations is drawn from: a dot for each object, a row for each group, on one logarithmic axis.
type StripsChart struct {
	Head
	Scale // LogSeconds whatever it says; Write writes the ticks
	Rows  []Strip
}

// Strip is one group.
type Strip struct {
	Label       string
	Sample      string // like "12 restored"
	Class       string // of the dots; "" takes the next colour
	Dots        []Dot
	Median, P90 *float64
	Low, High   *float64 // 95% interval of the median
	Q1, Q3      *float64 // the box that half of the objects are in
	Few         bool
}

// Dot is an object.
type Dot struct {
	Seconds float64
	Tip     string
	Href    string // "" where there are too many to link
}

const (
	stripRow, stripHead = 64.0, 22.0
	// swarmed is how many dots of a row are put beside each other one by one; more are put in columns, as many as there is room for.
	swarmed = 1500
)

// Strips draws each group's dots with median, its interval, quartiles and p90.
func Strips(c StripsChart, size Size) *Drawing {
	d := c.start(size)
	d.Class = "chart strips " + size.Name
	left, head := math.Min(132, float64(size.W)*0.26), 0.0
	if size.IsNarrow() {
		left, head = 8, stripHead
	}
	right := float64(size.W) - 14
	row := stripRow + head
	bottom := row*float64(max(len(c.Rows), 1)) + 4
	d.H = int(bottom) + 24
	values, n, out := c.values()
	if len(values) == 0 {
		d.Line("base", left, bottom, right, bottom)
		c.empty(d, float64(d.W)/2, bottom/2)
		c.leave(d, out)
		return d
	}
	axis := DurationAxis(values)
	x := func(seconds float64) float64 { return left + axis.At(seconds)*(right-left) }
	c.grid(d, axis, x, bottom, size)
	radius := 4.0
	if n > 300 || size.IsNarrow() {
		radius = 3
	}
	for i, s := range c.Rows {
		if s.Class == "" {
			s.Class = seriesClass(i + 1)
		}
		top := row * float64(i)
		if i > 0 {
			d.Line("rowline", 0, top, float64(size.W), top)
		}
		d.strip(s, top+head, left, radius, x, size)
	}
	d.Legend = c.Keys
	c.leave(d, out)
	return d
}

// values are those that the axis has to cover, how many dots there are, and how many have no place.
func (c StripsChart) values() (values []float64, n, left int) {
	for _, s := range c.Rows {
		for _, v := range s.Dots {
			if !drawable(v.Seconds) {
				left++
				continue
			}
			n++
			values = append(values, v.Seconds)
		}
		for _, v := range []*float64{s.Median, s.P90, s.Low, s.High, s.Q1, s.Q3} {
			if v = limit(v); v != nil {
				values = append(values, *v)
			}
		}
	}
	return values, n, left
}

// grid draws the ticks of durations that have room.
func (c StripsChart) grid(d *Drawing, axis Axis, x func(float64) float64, bottom float64, size Size) {
	last := len(axis.Ticks) - 1
	free := math.Inf(-1)
	for i, t := range axis.Ticks {
		d.Line("grid", x(t), 4, x(t), bottom)
		text := c.write(t)
		w := textWidth(text, tickSize)
		anchor, from := "middle", x(t)-w/2
		if i == 0 && size.IsNarrow() {
			anchor, from = "start", x(t)
		} else if i == last {
			anchor, from = "end", x(t)-w
		}
		if from < free {
			continue
		}
		free = from + w + 4
		d.Text("tick", x(t), bottom+18, anchor, text)
	}
}

// strip draws one row, whose dots are around the middle of the 64 pixels below y.
func (d *Drawing) strip(s Strip, y, left, radius float64, x func(float64) float64, size Size) {
	middle := y + stripRow/2
	if !size.IsNarrow() {
		d.rowLabel(s.Label, 0, middle-2, int(left/132*18))
		d.Text("tick", 0, middle+15, "start", s.Sample)
	} else {
		d.rowLabel(s.Label, 0, y-4, 26)
		d.Text("tick", float64(d.W), y-4, "end", s.Sample)
	}
	few := ""
	if s.Few {
		few = " fewmark"
	}
	if low, high := limit(s.Low), limit(s.High); low != nil && high != nil {
		d.Rect("interval"+few, x(*low), y+6, math.Max(x(*high)-x(*low), 1), stripRow-12)
	}
	if low, high := limit(s.Q1), limit(s.Q3); low != nil && high != nil {
		d.Rect("quartiles"+few, x(*low), y+10, math.Max(x(*high)-x(*low), 1), stripRow-20).R = "3"
	}
	d.Dots(s, middle, radius, x, size)
	if v := limit(s.P90); v != nil {
		d.Line("p90mark"+few, x(*v), y+6, x(*v), y+stripRow-6)
	}
	if v := limit(s.Median); v != nil {
		d.Line("medianmark"+few, x(*v), y+3, x(*v), y+stripRow-3)
	}
}

func (d *Drawing) rowLabel(name string, x, y float64, columns int) {
	text := Clip(name, columns)
	if m := d.Text("rowlabel", x, y, "start", text); text != name {
		m.Tip = name
	}
}

// Dots puts the dots of a row beside each other where they would overlap. Without links all are one path, so that ten thousand
// stay a small page.
func (d *Drawing) Dots(s Strip, middle, radius float64, x func(float64) float64, size Size) {
	dots := slices.DeleteFunc(slices.Clone(s.Dots), func(v Dot) bool { return !drawable(v.Seconds) })
	slices.SortStableFunc(dots, func(a, b Dot) int {
		switch {
		case a.Seconds < b.Seconds:
			return -1
		case a.Seconds > b.Seconds:
			return 1
		}
		return strings.Compare(a.Tip, b.Tip)
	})
	xs := make([]float64, len(dots))
	for i, v := range dots {
		xs[i] = x(v.Seconds)
	}
	if len(dots) > swarmed {
		d.Path("dots "+s.Class, heaped(xs, radius, stripRow/2-8, middle))
		return
	}
	ys := swarm(xs, radius, stripRow/2-8)
	var plain strings.Builder
	for i, v := range dots {
		if v.Href == "" {
			plain.WriteString("M" + Px(xs[i]) + " " + Px(middle+ys[i]) + "h0")
			continue
		}
		m := d.Circle("dot "+s.Class, xs[i], middle+ys[i], radius)
		if m.Href = v.Href; !size.IsNarrow() {
			m.Tip = v.Tip // a phone has no pointer to rest on a dot
		}
	}
	if plain.Len() > 0 {
		d.Path("dots "+s.Class, plain.String())
	}
}

// heaped puts dots, sorted by x, into columns, each as high as it has dots. Where the highest has more than there is room for, a
// dot stands for several in all of them.
func heaped(xs []float64, radius, halfHeight, middle float64) string {
	var b strings.Builder
	width := radius + 0.5
	height := radius
	room := 2*int(halfHeight/height) + 1
	var columns []float64
	counts := map[float64]int{}
	most := 0
	for _, x := range xs {
		column := math.Floor(x / width)
		if counts[column] == 0 {
			columns = append(columns, column)
		}
		counts[column]++
		most = max(most, counts[column])
	}
	for _, column := range columns {
		n, at := counts[column], (column+0.5)*width
		if most > room {
			n = (n*room + most - 1) / most
		}
		for lane := range n {
			y := float64((lane+1)/2) * height
			if lane%2 == 1 {
				y = -y
			}
			b.WriteString("M" + Px(at) + " " + Px(middle+y) + "h0")
		}
	}
	return b.String()
}

// swarm gives each dot, sorted by x, the lane nearest to the middle that is free there: 0, -1, 1, -2, 2 … Lanes come
// closer together, and dots overlap, when there are more than fit the height.
func swarm(xs []float64, radius, halfHeight float64) []float64 {
	gap := 2*radius + 0.5
	var ends []float64 // by lane: where its last dot is
	lanes := make([]int, len(xs))
	for i, x := range xs {
		lane := slices.IndexFunc(ends, func(end float64) bool { return x-end >= gap })
		if lane < 0 {
			lane = len(ends)
			ends = append(ends, 0)
		}
		ends[lane], lanes[i] = x, lane
	}
	height := gap
	if most := float64(len(ends) / 2); most*height > halfHeight {
		height = halfHeight / most
	}
	ys := make([]float64, len(xs))
	for i, lane := range lanes {
		ys[i] = float64((lane+1)/2) * height
		if lane%2 == 1 {
			ys[i] = -ys[i]
		}
	}
	return ys
}
