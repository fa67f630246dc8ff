package web

import "fourfold/dashboards/chart"

// restorePoint is the time to restore of one period; nil values are gaps, not zeros.
type restorePoint struct {
	Median, Low, High, P90 *float64
	N                      int
}

// drawRestores shows the median with its interval and the 90th percentile by period, on a logarithmic scale.
func drawRestores(l *language, period string, buckets []bucket, points []restorePoint, sz chart.Size) *chart.Drawing {
	p := chart.NewPlot("restores", sz, l.periods(period, buckets), 46)
	p.Title = l.t("trend_restore", "period", l.t("by_"+period))
	p.Desc = l.t("trend_restore_desc_none")
	var values []float64
	for _, v := range points {
		for _, s := range []*float64{v.Median, v.Low, v.High, v.P90} {
			if s != nil && (s != v.Low || *s >= 1) { // nothing is no place on this scale: such a band reaches the foot
				values = append(values, *s)
			}
		}
	}
	if len(values) == 0 {
		p.Grid(0, "")
		p.OpenPeriods()
		p.Axis()
		return p.Drawing
	}
	p.Desc = l.t("trend_restore_desc", "period", l.t("by_"+period), "last", l.Duration(lastComplete(buckets, points)))
	scale := chart.DurationAxis(values)
	for _, t := range scale.Ticks {
		p.Grid(scale.At(t), l.Duration(&t))
	}
	p.OpenPeriods()
	bands(p, scale, points)
	p.Add(chart.Mark{Kind: "path", Class: "p90line", D: chart.Polyline(places(p, scale, points, func(r restorePoint) *float64 { return r.P90 }))})
	medians := places(p, scale, points, func(r restorePoint) *float64 { return r.Median })
	p.Add(chart.Mark{Kind: "path", Class: "medianline", D: chart.Polyline(medians)})
	r := 4.0
	if p.Step() < 12 {
		r = 2.5
	}
	for i, at := range medians {
		if at == nil {
			continue
		}
		class := "medianpoint"
		if points[i].N < fewBelow {
			class = "medianpoint fewpoint"
		}
		interval := l.Interval("seconds", points[i].Low, points[i].High)
		if interval == "" {
			interval = "–"
		}
		p.Circle(class, at.X, at.Y, r).Tip = l.t("tip_point", "period", l.Period(period, buckets[i].Start),
			"median", l.Duration(points[i].Median), "interval", interval, "p90", l.Duration(points[i].P90), "n", l.Count(points[i].N))
	}
	p.Axis()
	return p.Drawing
}

// places maps one value of each period; a period without it is a gap.
func places(p chart.Plot, scale chart.Axis, points []restorePoint, of func(restorePoint) *float64) []*chart.Point {
	out := make([]*chart.Point, len(points))
	for i, v := range points {
		if s := of(v); s != nil {
			out[i] = &chart.Point{X: p.X(i), Y: p.Y(scale.At(*s))}
		}
	}
	return out
}

// bands draws the interval of each period as a bar of its own: between periods nothing was measured.
func bands(p chart.Plot, scale chart.Axis, points []restorePoint) {
	width := p.Step() * 0.56
	if width > 26 {
		width = 26
	}
	for i, v := range points {
		if v.Median == nil || (v.Low == nil && v.High == nil) {
			continue
		}
		top, foot := p.Top, p.Bottom // a limit that is not known is as far as can be seen
		if v.High != nil {
			top = p.Y(scale.At(*v.High))
		}
		if v.Low != nil {
			foot = p.Y(scale.At(*v.Low))
		}
		p.Rect("interval", p.X(i)-width/2, top, width, foot-top)
	}
}

func lastComplete(buckets []bucket, points []restorePoint) *float64 {
	for i := len(buckets) - 1; i >= 0; i-- {
		if !buckets[i].Open && points[i].Median != nil {
			return points[i].Median
		}
	}
	return nil
}

// drawSpark is a small line of complete periods without axes; its numbers are said beside it.
func drawSpark(id string, values []*float64) *chart.Drawing {
	d := &chart.Drawing{ID: "spark-" + id, Class: "sparkline", W: 120, H: 32, Decoration: true}
	low, high, any := 0.0, 0.0, false
	for _, v := range values {
		if v != nil {
			if !any || *v < low {
				low = *v
			}
			if !any || *v > high {
				high = *v
			}
			any = true
		}
	}
	if !any || len(values) < 2 {
		return d
	}
	points := make([]*chart.Point, len(values))
	var last *chart.Point
	for i, v := range values {
		if v == nil {
			continue
		}
		y := 16.0
		if high > low {
			y = 28 - 24*(*v-low)/(high-low)
		}
		points[i] = &chart.Point{X: 4 + 112*float64(i)/float64(len(values)-1), Y: y}
		last = points[i]
	}
	d.Add(chart.Mark{Kind: "path", Class: "sparkpath", D: chart.Polyline(points)})
	d.Circle("sparkend", last.X, last.Y, 3)
	return d
}
