package web

// countSeries is one severity's incidents by period, in the order of the buckets.
type countSeries struct {
	Label  string
	Class  string
	Counts []int
}

// drawCounts stacks the severities of each period, the most severe at the foot, where columns are easiest to compare.
func drawCounts(l *language, period string, buckets []bucket, series []countSeries, sz size) drawing {
	p := newPlot("counts", sz, buckets, 34)
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
	p.d.Title = l.t("trend_counts", "period", l.t("by_"+period))
	if totals[highest] == 0 {
		p.d.Desc = l.t("trend_counts_desc_none")
	} else {
		p.d.Desc = l.t("trend_counts_desc", "period", l.t("by_"+period), "max", l.Count(totals[highest]),
			"when", l.Period(period, buckets[highest].Start))
	}
	ticks := countTicks(float64(totals[highest]))
	top := ticks[len(ticks)-1]
	for _, t := range ticks {
		p.grid(t/top, l.Count(int(t)))
	}
	p.openPeriods()
	width := p.step() * 0.72
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
			y := p.y(float64(foot+n) / top)
			h := p.y(float64(foot)/top) - y
			class := "bar " + s.Class
			if b.Open {
				class += " pendingbar"
			}
			m := p.d.rect(class, p.x(i)-width/2, y, width, h)
			m.Tip = l.t("tip_count", "severity", s.Label, "n", l.Count(n), "period", l.Period(period, b.Start))
			foot += n
		}
	}
	p.axis(l, period)
	return *p.d
}
