package web

import (
	"math"
	"slices"
	"strings"

	"fourfold/dashboards/chart"
)

// strip is one severity's restored incidents.
type strip struct {
	Label       string
	Class       string
	Dots        []dot
	Median, P90 *float64
	Low, High   *float64 // 95% interval of the median
	Few         bool
}

// narrowBelow is the width in pixels that only phones have.
const narrowBelow = 400

// dot is an incident.
type dot struct {
	Seconds float64
	Tip     string
	Href    string // "" where there are too many to link
}

const stripRow, stripHead = 64.0, 22.0

// drawStrips draws a row of dots for each severity on one logarithmic axis, with median, its interval and p90.
func drawStrips(l *language, strips []strip, sz chart.Size) *chart.Drawing {
	d := &chart.Drawing{ID: "strips-" + sz.Name, Class: "chart strips " + sz.Name, W: sz.W}
	left, head := 132.0, 0.0
	if sz.Name == "narrow" {
		left, head = 8, stripHead
	}
	right := float64(sz.W) - 14
	row := stripRow + head
	bottom := row*float64(len(strips)) + 4
	d.H = int(bottom) + 24
	var values []float64
	n := 0
	for _, s := range strips {
		n += len(s.Dots)
		for _, v := range s.Dots {
			values = append(values, v.Seconds)
		}
		for _, v := range []*float64{s.Median, s.P90, s.Low, s.High} {
			if v != nil {
				values = append(values, *v)
			}
		}
	}
	d.Title, d.Desc = l.t("severity_title"), l.t("severity_desc", "n", l.Count(n))
	if len(values) == 0 {
		return d
	}
	scale := chart.DurationAxis(values)
	x := func(seconds float64) float64 { return left + scale.At(seconds)*(right-left) }
	for i, t := range scale.Ticks {
		d.Line("grid", x(t), 4, x(t), bottom)
		anchor := "middle"
		if i == 0 && sz.Name == "narrow" {
			anchor = "start"
		} else if i == len(scale.Ticks)-1 {
			anchor = "end"
		}
		d.Text("tick", x(t), bottom+18, anchor, l.Duration(&t))
	}
	radius := 4.0
	if n > 300 || sz.Name == "narrow" {
		radius = 3
	}
	for i, s := range strips {
		top := row * float64(i)
		if i > 0 {
			d.Line("rowline", 0, top, float64(sz.W), top)
		}
		drawStrip(d, l, s, top+head, left, radius, x)
	}
	return d
}

// drawStrip draws one row, whose dots are around the middle of the 64 pixels below y.
func drawStrip(d *chart.Drawing, l *language, s strip, y, left, radius float64, x func(float64) float64) {
	middle := y + stripRow/2
	if left > 100 {
		d.Text("rowlabel", 0, middle-2, "start", chart.Clip(s.Label, 18))
		d.Text("tick", 0, middle+15, "start", l.t("sample_restored", "n", l.Count(len(s.Dots))))
	} else {
		d.Text("rowlabel", 0, y-4, "start", chart.Clip(s.Label, 26))
		d.Text("tick", float64(d.W), y-4, "end", l.t("sample_restored", "n", l.Count(len(s.Dots))))
	}
	few := ""
	if s.Few {
		few = " fewmark"
	}
	if s.Low != nil && s.High != nil {
		d.Rect("interval"+few, x(*s.Low), y+6, math.Max(x(*s.High)-x(*s.Low), 1), stripRow-12)
	}
	drawDots(d, s, middle, radius, x)
	if s.P90 != nil {
		d.Line("p90mark"+few, x(*s.P90), y+6, x(*s.P90), y+stripRow-6)
	}
	if s.Median != nil {
		d.Line("medianmark"+few, x(*s.Median), y+3, x(*s.Median), y+stripRow-3)
	}
}

// drawDots puts the dots beside each other where they would overlap. Without links all are one path, so that ten
// thousand stay a small page.
func drawDots(d *chart.Drawing, s strip, middle, radius float64, x func(float64) float64) {
	dots := slices.Clone(s.Dots)
	slices.SortStableFunc(dots, func(a, b dot) int {
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
	ys := swarm(xs, radius, stripRow/2-8)
	var plain strings.Builder
	for i, v := range dots {
		if v.Href == "" {
			plain.WriteString("M" + chart.Px(xs[i]) + " " + chart.Px(middle+ys[i]) + "h0")
			continue
		}
		m := d.Circle("dot "+s.Class, xs[i], middle+ys[i], radius)
		if m.Href = v.Href; d.W > narrowBelow {
			m.Tip = v.Tip // a phone has no pointer to rest on a dot
		}
	}
	if plain.Len() > 0 {
		d.Add(chart.Mark{Kind: "path", Class: "dots " + s.Class, D: plain.String()})
	}
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
