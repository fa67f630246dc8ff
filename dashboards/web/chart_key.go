package web

import (
	"math"

	"fourfold/dashboards/chart"
)

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
func drawKey(l *language, period string, buckets []bucket, c keyChart, sz chart.Size) *chart.Drawing {
	p := chart.NewPlot("key-"+c.Metric, sz, l.periods(period, buckets), 46)
	p.Title = c.Title
	p.Desc = l.t("keytrend_desc_none")
	axis, ok := c.axis()
	if !ok {
		p.Grid(0, "")
		p.OpenPeriods()
		p.Axis()
		return p.Drawing
	}
	last := "–"
	if i := lastClosed(buckets); i >= 0 {
		last = c.Write.text(valueOf(c.Values[i]))
	}
	p.Desc = l.t("keytrend_desc", "period", l.t("by_"+period), "last", last)
	for _, t := range axis.Ticks {
		p.Grid(axis.At(t), c.Write.tick(t))
	}
	p.OpenPeriods()
	width := math.Min(p.Step()*0.56, 26)
	points := make([]*chart.Point, len(buckets))
	for i, v := range c.Values {
		s := valueOf(v)
		if s == nil {
			continue
		}
		points[i] = &chart.Point{X: p.X(i), Y: p.Y(axis.At(*s))}
		if v.Low == nil && v.High == nil {
			continue
		}
		top, foot := p.Top, p.Bottom // a limit that is not known is as far as can be seen
		if v.High != nil {
			top = p.Y(axis.At(*v.High))
		}
		if v.Low != nil {
			foot = p.Y(axis.At(*v.Low))
		}
		class := "interval"
		if c.Few[i] {
			class = "interval fewmark"
		}
		p.Rect(class, p.X(i)-width/2, top, width, foot-top)
	}
	p.Add(chart.Mark{Kind: "path", Class: "medianline", D: chart.Polyline(points)})
	r := 4.0
	if p.Step() < 12 {
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
		p.Circle(class, at.X, at.Y, r).Tip = l.t("tip_key", "period", l.Period(period, buckets[i].Start), "value", c.Write.text(v.Value),
			"interval", interval, "n", l.Count(v.N))
	}
	p.Axis()
	return p.Drawing
}

// axis fits the values, and the limits of those that are not few; false where there is nothing.
func (c keyChart) axis() (chart.Axis, bool) {
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
		return chart.Axis{}, false
	}
	if c.Duration {
		return chart.DurationAxis(values), true
	}
	most := 0.0
	for _, v := range values {
		most = math.Max(most, v)
	}
	a := chart.AmountAxis(most / c.Unit)
	ticks := make([]float64, len(a.Ticks))
	for i, t := range a.Ticks {
		ticks[i] = t * c.Unit
	}
	return chart.Axis{Ticks: ticks, At: func(v float64) float64 { return a.At(v / c.Unit) }}, true
}
