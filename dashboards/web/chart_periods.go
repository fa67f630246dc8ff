package web

import "fourfold/dashboards/chart"

// bucket is a period on the axis.
type bucket struct {
	Start day
	Open  bool
}

// periods names the periods as an axis writes them.
func (l *language) periods(period string, buckets []bucket) []chart.Period {
	out := make([]chart.Period, len(buckets))
	for i, b := range buckets {
		out[i] = chart.Period{Label: l.Tick(period, b.Start), Year: l.Year(b.Start), Open: b.Open}
	}
	return out
}
