package web

// restorePoint is the time to restore of one period; nil values are gaps, not zeros.
type restorePoint struct {
	Median, Low, High, P90 *float64
	N                      int
}

// drawRestores shows the median with its interval and the 90th percentile by period, on a logarithmic scale.
func drawRestores(l *language, period string, buckets []bucket, points []restorePoint, sz size) drawing {
	p := newPlot("restores", sz, buckets, 46)
	p.d.Title = l.t("trend_restore", "period", l.t("by_"+period))
	p.d.Desc = l.t("trend_restore_desc_none")
	var values []float64
	for _, v := range points {
		for _, s := range []*float64{v.Median, v.Low, v.High, v.P90} {
			if s != nil && (s != v.Low || *s >= 1) { // nothing is no place on this scale: such a band reaches the foot
				values = append(values, *s)
			}
		}
	}
	if len(values) == 0 {
		p.grid(0, "")
		p.openPeriods()
		p.axis(l, period)
		return *p.d
	}
	p.d.Desc = l.t("trend_restore_desc", "period", l.t("by_"+period), "last", l.Duration(lastComplete(buckets, points)))
	scale := newLogScale(values)
	for _, t := range scale.ticks {
		p.grid(scale.at(t), l.Duration(&t))
	}
	p.openPeriods()
	p.bands(scale, points)
	p.d.add(mark{Kind: "path", Class: "p90line", D: polyline(p.places(scale, points, func(r restorePoint) *float64 { return r.P90 }))})
	medians := p.places(scale, points, func(r restorePoint) *float64 { return r.Median })
	p.d.add(mark{Kind: "path", Class: "medianline", D: polyline(medians)})
	r := 4.0
	if p.step() < 12 {
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
		p.d.circle(class, at.x, at.y, r).Tip = l.t("tip_point", "period", l.Period(period, buckets[i].Start),
			"median", l.Duration(points[i].Median), "interval", interval, "p90", l.Duration(points[i].P90), "n", l.Count(points[i].N))
	}
	p.axis(l, period)
	return *p.d
}

// places maps one value of each period; a period without it is a gap.
func (p plot) places(scale logScale, points []restorePoint, of func(restorePoint) *float64) []*point {
	out := make([]*point, len(points))
	for i, v := range points {
		if s := of(v); s != nil {
			out[i] = &point{p.x(i), p.y(scale.at(*s))}
		}
	}
	return out
}

// bands draws the interval of each period as a bar of its own: between periods nothing was measured.
func (p plot) bands(scale logScale, points []restorePoint) {
	width := p.step() * 0.56
	if width > 26 {
		width = 26
	}
	for i, v := range points {
		if v.Median == nil || (v.Low == nil && v.High == nil) {
			continue
		}
		top, foot := p.top, p.bottom // a limit that is not known is as far as can be seen
		if v.High != nil {
			top = p.y(scale.at(*v.High))
		}
		if v.Low != nil {
			foot = p.y(scale.at(*v.Low))
		}
		p.d.rect("interval", p.x(i)-width/2, top, width, foot-top)
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
func drawSpark(id string, values []*float64) drawing {
	d := drawing{ID: "spark-" + id, Class: "sparkline", W: 120, H: 32, Decoration: true}
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
	points := make([]*point, len(values))
	var last *point
	for i, v := range values {
		if v == nil {
			continue
		}
		y := 16.0
		if high > low {
			y = 28 - 24*(*v-low)/(high-low)
		}
		points[i] = &point{4 + 112*float64(i)/float64(len(values)-1), y}
		last = points[i]
	}
	d.add(mark{Kind: "path", Class: "sparkpath", D: polyline(points)})
	d.circle("sparkend", last.x, last.y, 3)
	return d
}
