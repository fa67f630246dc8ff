package web

import "fourfold/dashboards/chart"

// drawStrips draws a row of dots for each severity on one logarithmic axis, with median, its interval and p90.
func drawStrips(l *language, strips []chart.Strip, sz chart.Size) *chart.Drawing {
	n := 0
	for i, s := range strips {
		n += len(s.Dots)
		strips[i].Sample = l.t("sample_restored", "n", l.Count(len(s.Dots)))
	}
	desc := l.t("severity_desc", "n", l.Count(n))
	return chart.Strips(chart.StripsChart{
		Head: chart.Head{Key: "strips", Title: l.t("severity_title"), Desc: desc, Nothing: desc}, Scale: chart.Scale{Write: l.seconds}, Rows: strips,
	}, sz)
}
