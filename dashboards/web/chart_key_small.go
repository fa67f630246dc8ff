package web

import (
	"math"

	"fourfold/dashboards/chart"
)

// drawGauge shows one value with its interval on a line from zero, a tick where the value was before, and a flag where it is to be. A limit that is
// not known reaches the end of the line.
func drawGauge(id string, v *measured, before *float64, goal *Goal, few bool) *chart.Drawing {
	if v.Value == nil {
		return nil
	}
	d := &chart.Drawing{ID: "gauge-" + id, Class: "gauge", W: 200, H: 18, Decoration: true}
	top := *v.Value
	for _, s := range []*float64{v.High, before} {
		if s != nil {
			top = math.Max(top, *s)
		}
	}
	if goal != nil {
		top = math.Max(top, goal.Limit)
	}
	if v.Low != nil && v.High == nil || v.Low == nil && v.High == nil {
		top *= 1.5
	}
	if top <= 0 {
		top = 1
	}
	const left, right, middle = 4.0, 196.0, 9.0
	x := func(s float64) float64 { return left + (right-left)*math.Min(s/(top*1.06), 1) }
	d.Line("base", left, middle, right, middle)
	if v.Low != nil || v.High != nil {
		from, to := left, right
		if v.Low != nil {
			from = x(*v.Low)
		}
		if v.High != nil {
			to = x(*v.High)
		}
		class := "interval"
		if few {
			class = "interval fewmark"
		}
		d.Rect(class, from, middle-4, math.Max(to-from, 1), 8)
	}
	if before != nil {
		d.Line("beforemark", x(*before), middle-8, x(*before), middle+8)
	}
	if goal != nil {
		at := x(goal.Limit)
		d.Line("goalmark", at, middle-8, at, middle+8)
		towards := -5.0 // the side that is good
		if goal.Least {
			towards = 5
		}
		d.Path("goalflag", "M"+chart.Px(at)+" "+chart.Px(middle-8)+"L"+chart.Px(at+towards)+" "+chart.Px(middle-5.5)+"L"+chart.Px(at)+" "+chart.Px(middle-3)+"Z")
	}
	class := "medianpoint"
	if few {
		class = "medianpoint fewpoint"
	}
	d.Circle(class, x(*v.Value), middle, 4.5)
	return d
}

// drawKeySpark is a small line without axes: periods without a value are gaps, the open one is hatched, values of few are
// hollow. The numbers are in the table of the trend.
func drawKeySpark(id string, buckets []bucket, values []*measured, few []bool) *chart.Drawing {
	d := &chart.Drawing{ID: "keyspark-" + id, Class: "keyspark", W: 200, H: 44, Decoration: true}
	top, any := 0.0, false
	for _, v := range values {
		if s := valueOf(v); s != nil {
			top, any = math.Max(top, *s), true
		}
	}
	if !any || len(buckets) < 2 {
		return d
	}
	step := 200.0 / float64(len(buckets))
	points := make([]*chart.Point, len(buckets))
	for i, v := range values {
		if s := valueOf(v); s != nil {
			y := 39.0
			if top > 0 {
				y = 39 - 34**s/top
			}
			points[i] = &chart.Point{X: (float64(i) + 0.5) * step, Y: y}
		}
	}
	for i, b := range buckets {
		if b.Open {
			d.Hatched(float64(i)*step, 0, step, 43)
		}
	}
	d.Line("base", 0, 43, 200, 43)
	d.Add(chart.Mark{Kind: "path", Class: "sparkpath", D: chart.Polyline(points)})
	for i, p := range points {
		switch {
		case p == nil:
		case few[i]:
			d.Circle("sparkdot fewpoint", p.X, p.Y, 2.25)
		case alone(points, i) || lastClosed(buckets) == i:
			d.Circle("sparkend", p.X, p.Y, 2.75)
		}
	}
	return d
}

// alone says whether a point has gaps on both sides, so that no line shows it.
func alone(points []*chart.Point, i int) bool {
	return (i == 0 || points[i-1] == nil) && (i == len(points)-1 || points[i+1] == nil)
}

// lastClosed is the last period that has ended; -1 if none has.
func lastClosed(buckets []bucket) int {
	for i := len(buckets) - 1; i >= 0; i-- {
		if !buckets[i].Open {
			return i
		}
	}
	return -1
}
