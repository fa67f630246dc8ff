package web

import "fourfold/dashboards/chart"

// keyChart is what the chart of one key is drawn from.
type keyChart struct {
	Metric, Title string
	Values        []*measured
	Few           []bool
	Duration      bool
	Unit          float64 // what an axis of amounts counts in: 1/7 where values are said per week
	Write         valueWriter
}

// drawKey shows one key by period with its interval.
func drawKey(l *language, period string, buckets []bucket, c keyChart, sz chart.Size) *chart.Drawing {
	last := "–"
	if i := lastClosed(buckets); i >= 0 {
		last = c.Write.text(valueOf(c.Values[i]))
	}
	lines := chart.LinesChart{
		Head: chart.Head{
			Key: "key-" + c.Metric, Title: c.Title, Nothing: l.t("keytrend_desc_none"),
			Desc: l.t("keytrend_desc", "period", l.t("by_"+period), "last", last),
		},
		Scale:   chart.Scale{Unit: chart.Amounts, Per: c.Unit, Write: c.Write.tick},
		Periods: l.periods(period, buckets),
		Series:  []chart.Series{{Class: "main"}},
	}
	if c.Duration {
		lines.Unit = chart.LogSeconds
	}
	for i, v := range c.Values {
		var point *chart.Value
		if s := valueOf(v); s != nil {
			interval := l.between(c.Write.number, c.Write.whole, v.Low, v.High)
			if interval == "" {
				interval = "–"
			}
			point = &chart.Value{V: *s, Low: v.Low, High: v.High, Few: c.Few[i], Tip: l.t("tip_key", "period", l.Period(period, buckets[i].Start),
				"value", c.Write.text(v.Value), "interval", interval, "n", l.Count(v.N))}
		}
		lines.Series[0].Values = append(lines.Series[0].Values, point)
	}
	return chart.Lines(lines, sz)
}
