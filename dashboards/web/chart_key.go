package web

import "math"

// valueAxis is a vertical axis: what its ticks are and where a value lies, from 0 at the foot to 1.
type valueAxis struct {
	ticks []float64
	at    func(float64) float64
}

// durationAxis is logarithmic.
func durationAxis(values []float64) valueAxis {
	s := newLogScale(values)
	return valueAxis{s.ticks, s.at}
}

// amountAxis is linear from zero to most at least; a rate ends at 1.
func amountAxis(most float64) valueAxis {
	ticks := amountTicks(most)
	top := ticks[len(ticks)-1]
	return valueAxis{ticks, func(v float64) float64 { return math.Min(math.Max(v, 0), top) / top }}
}

// amountTicks are round numbers from 0 to at least most, about four of them.
func amountTicks(most float64) []float64 {
	if most <= 0 {
		return []float64{0, 1}
	}
	step := math.Pow(10, math.Floor(math.Log10(most)))
	for _, f := range []float64{0.25, 0.5, 1, 2.5} {
		if most/(step*f) <= 4 {
			step *= f
			break
		}
	}
	ticks := []float64{0}
	for i := 1; ; i++ {
		v := math.Round(step*float64(i)*1e6) / 1e6 // 0.1 + 0.2 is 0.3 on an axis
		ticks = append(ticks, v)
		if v >= most {
			return ticks
		}
	}
}

// keyChart is what the chart of one key is drawn from.
type keyChart struct {
	Metric, Title string
	Values        []*measured
	Few           []bool
	Duration      bool
	Unit          float64 // what an axis of amounts counts in: 1/7 where values are said per week
	Write         valueWriter
}

// drawKey shows one key by period with its interval. Limits of few do not stretch the axis; their bars end at its edge.
func drawKey(l *language, period string, buckets []bucket, c keyChart, sz size) drawing {
	p := newPlot("key-"+c.Metric, sz, buckets, 46)
	p.d.Title = c.Title
	p.d.Desc = l.t("keytrend_desc_none")
	axis, ok := c.axis()
	if !ok {
		p.grid(0, "")
		p.openPeriods()
		p.axis(l, period)
		return *p.d
	}
	last := "–"
	if i := lastClosed(buckets); i >= 0 {
		last = c.Write.text(valueOf(c.Values[i]))
	}
	p.d.Desc = l.t("keytrend_desc", "period", l.t("by_"+period), "last", last)
	for _, t := range axis.ticks {
		p.grid(axis.at(t), c.Write.tick(t))
	}
	p.openPeriods()
	width := math.Min(p.step()*0.56, 26)
	points := make([]*point, len(buckets))
	for i, v := range c.Values {
		s := valueOf(v)
		if s == nil {
			continue
		}
		points[i] = &point{p.x(i), p.y(axis.at(*s))}
		if v.Low == nil && v.High == nil {
			continue
		}
		top, foot := p.top, p.bottom // a limit that is not known is as far as can be seen
		if v.High != nil {
			top = p.y(axis.at(*v.High))
		}
		if v.Low != nil {
			foot = p.y(axis.at(*v.Low))
		}
		class := "interval"
		if c.Few[i] {
			class = "interval fewmark"
		}
		p.d.rect(class, p.x(i)-width/2, top, width, foot-top)
	}
	p.d.add(mark{Kind: "path", Class: "medianline", D: polyline(points)})
	r := 4.0
	if p.step() < 12 {
		r = 2.5
	}
	for i, at := range points {
		if at == nil {
			continue
		}
		class := "medianpoint"
		if c.Few[i] {
			class = "medianpoint fewpoint"
		}
		v := c.Values[i]
		interval := l.between(c.Write.number, v.Low, v.High)
		if interval == "" {
			interval = "–"
		}
		p.d.circle(class, at.x, at.y, r).Tip = l.t("tip_key", "period", l.Period(period, buckets[i].Start), "value", c.Write.text(v.Value),
			"interval", interval, "n", l.Count(v.N))
	}
	p.axis(l, period)
	return *p.d
}

// axis fits the values, and the limits of those that are not few; false where there is nothing.
func (c keyChart) axis() (valueAxis, bool) {
	var values []float64
	for i, v := range c.Values {
		s := valueOf(v)
		if s == nil {
			continue
		}
		values = append(values, *s)
		for _, limit := range []*float64{v.Low, v.High} {
			if limit != nil && !c.Few[i] && (!c.Duration || *limit >= 1) { // nothing is no place on a logarithmic scale
				values = append(values, *limit)
			}
		}
	}
	if len(values) == 0 {
		return valueAxis{}, false
	}
	if c.Duration {
		return durationAxis(values), true
	}
	most := 0.0
	for _, v := range values {
		most = math.Max(most, v)
	}
	a := amountAxis(most / c.Unit)
	ticks := make([]float64, len(a.ticks))
	for i, t := range a.ticks {
		ticks[i] = t * c.Unit
	}
	return valueAxis{ticks, func(v float64) float64 { return a.at(v / c.Unit) }}, true
}
