package web

import "fourfold/dashboards/chart"

// countSeries is one severity's incidents by period, in the order of the buckets.
type countSeries struct {
	Label  string
	Class  string
	Counts []int
}

// drawCounts stacks the severities of each period, the most severe at the foot, where columns are easiest to compare.
func drawCounts(l *language, period string, buckets []bucket, series []countSeries, sz chart.Size) *chart.Drawing {
	p := chart.NewPlot("counts", sz, l.periods(period, buckets), 34)
	totals, highest := make([]int, len(buckets)), 0
	for _, s := range series {
		for i, n := range s.Counts {
			totals[i] += n
		}
	}
	for i, n := range totals {
		if n > totals[highest] {
			highest = i
		}
	}
	p.Title = l.t("trend_counts", "period", l.t("by_"+period))
	if totals[highest] == 0 {
		p.Desc = l.t("trend_counts_desc_none")
	} else {
		p.Desc = l.t("trend_counts_desc", "period", l.t("by_"+period), "max", l.Count(totals[highest]),
			"when", l.Period(period, buckets[highest].Start))
	}
	axis := chart.CountAxis(float64(totals[highest]))
	for _, t := range axis.Ticks {
		p.Grid(axis.At(t), l.Count(int(t)))
	}
	p.OpenPeriods()
	width := p.Step() * 0.72
	if width > 34 {
		width = 34
	}
	for i, b := range buckets {
		foot := 0
		for _, s := range series {
			n := s.Counts[i]
			if n == 0 {
				continue
			}
			y := p.Y(axis.At(float64(foot + n)))
			h := p.Y(axis.At(float64(foot))) - y
			class := "bar " + s.Class
			if b.Open {
				class += " pendingbar"
			}
			m := p.Rect(class, p.X(i)-width/2, y, width, h)
			m.Tip = l.t("tip_count", "severity", s.Label, "n", l.Count(n), "period", l.Period(period, b.Start))
			foot += n
		}
	}
	p.Axis()
	return p.Drawing
}
