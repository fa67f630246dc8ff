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
	totals, highest := make([]int, len(buckets)), 0
	c := chart.ColumnsChart{
		Head:    chart.Head{Key: "counts", Title: l.t("trend_counts", "period", l.t("by_"+period)), Nothing: l.t("trend_counts_desc_none")},
		Scale:   chart.Scale{Unit: chart.Counts, Write: func(v float64) string { return l.Count(int(v)) }},
		Periods: l.periods(period, buckets),
	}
	for _, s := range series {
		values := make([]*chart.Value, len(s.Counts))
		for i, n := range s.Counts {
			totals[i] += n
			values[i] = &chart.Value{V: float64(n), Tip: l.t("tip_count", "severity", s.Label, "n", l.Count(n), "period", l.Period(period, buckets[i].Start))}
		}
		c.Series = append(c.Series, chart.Series{Label: s.Label, Class: s.Class, Values: values})
	}
	for i, n := range totals {
		if n > totals[highest] {
			highest = i
		}
	}
	c.Desc = l.t("trend_counts_desc", "period", l.t("by_"+period), "max", l.Count(totals[highest]), "when", l.Period(period, buckets[highest].Start))
	return chart.Columns(c, sz)
}
