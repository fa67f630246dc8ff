package web

import "fourfold/dashboards/chart"

// restorePoint is the time to restore of one period; nil values are gaps, not zeros.
type restorePoint struct {
	Median, Low, High, P90 *float64
	N                      int
}

// drawRestores shows the median with its interval and the 90th percentile by period, on a logarithmic scale.
func drawRestores(l *language, period string, buckets []bucket, points []restorePoint, sz chart.Size) *chart.Drawing {
	medians, p90s := make([]*chart.Value, len(points)), make([]*chart.Value, len(points))
	for i, v := range points {
		if v.P90 != nil {
			p90s[i] = &chart.Value{V: *v.P90}
		}
		if v.Median == nil {
			continue
		}
		interval := l.Interval("seconds", v.Low, v.High)
		if interval == "" {
			interval = "–"
		}
		medians[i] = &chart.Value{V: *v.Median, Low: v.Low, High: v.High, Few: v.N < fewBelow, Tip: l.t("tip_point", "period", l.Period(period, buckets[i].Start),
			"median", l.Duration(v.Median), "interval", interval, "p90", l.Duration(v.P90), "n", l.Count(v.N))}
	}
	return chart.Lines(chart.LinesChart{
		Head: chart.Head{
			Key: "restores", Title: l.t("trend_restore", "period", l.t("by_"+period)), Nothing: l.t("trend_restore_desc_none"),
			Desc: l.t("trend_restore_desc", "period", l.t("by_"+period), "last", l.Duration(lastComplete(buckets, points))),
		},
		Scale:   chart.Scale{Unit: chart.LogSeconds, Write: l.seconds},
		Periods: l.periods(period, buckets),
		Series:  []chart.Series{{Class: "main", Values: medians}, {Class: "second", Values: p90s}},
	}, sz)
}

// seconds writes a tick of a scale of durations.
func (l *language) seconds(v float64) string { return l.Duration(&v) }

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
