package web

import (
	"html/template"
	"time"

	"fourfold/dashboards"
	"fourfold/dashboards/chart"
)

// Bucket is a period on an axis; an open one is not over.
type Bucket struct {
	Start time.Time
	Open  bool
}

// Counts are the incidents of a severity by period, in the order of the buckets.
type Counts struct {
	Severity string
	ByPeriod []int
}

// Restores are the times to restore of a severity, in seconds, and what the table says of them.
type Restores struct {
	Severity    string
	Seconds     []float64
	Median, P90 *Measured
}

// Phase is how long incidents stayed in a phase.
type Phase struct {
	Label       string
	Median, P90 *float64 // seconds
	N           int
}

func buckets(in []Bucket) []bucket {
	var out []bucket
	for _, b := range in {
		out = append(out, bucket{day{b.Start}, b.Open})
	}
	return out
}

func inner(in []*Measured) []*measured {
	out := make([]*measured, len(in))
	for i, v := range in {
		out[i] = v.inner()
	}
	return out
}

// KeyChart draws a metric by period with its intervals; basis chooses the unit of a frequency. A nil value is a gap.
func (s *Sheet) KeyChart(metric, period string, at []Bucket, values []*Measured, basis *float64) (template.HTML, error) {
	title := s.MetricTitle(metric)
	c := keyChart{
		Metric: metric, Title: s.m.l.t("keytrend_title", "title", title, "period", s.m.l.t("by_"+period)), Values: inner(values),
		Duration: s.MetricUnit(metric) == "seconds", Unit: 1, Write: s.m.writer(metric, basis),
	}
	if metric == frequencyMetric {
		c.Unit = dashboards.FrequencyUnit(basis).Days
	}
	for _, v := range c.Values {
		c.Few = append(c.Few, s.m.few(metric, v))
	}
	return drawKey(s.m.l, period, buckets(at), c, chart.Narrow).SVG(), nil
}

// CountsChart draws incidents by period, stacked by severity.
func (s *Sheet) CountsChart(period string, at []Bucket, all []Counts) (template.HTML, error) {
	var series []countSeries
	for _, c := range all {
		series = append(series, countSeries{s.Severity(c.Severity), s.SeverityClass(c.Severity), c.ByPeriod})
	}
	return drawCounts(s.m.l, period, buckets(at), series, chart.Narrow).SVG(), nil
}

// RestoresChart draws the time to restore by period.
func (s *Sheet) RestoresChart(period string, at []Bucket, medians, p90s []*Measured) (template.HTML, error) {
	points := make([]restorePoint, len(at))
	for i, v := range medians {
		if v != nil {
			points[i] = restorePoint{Median: v.Value, Low: v.Low, High: v.High, N: v.N}
		}
		if p := p90s[i]; p != nil {
			points[i].P90 = p.Value
		}
	}
	return drawRestores(s.m.l, period, buckets(at), points, chart.Narrow).SVG(), nil
}

// StripsChart draws a dot for each time to restore, a row for each severity.
func (s *Sheet) StripsChart(all []Restores) (template.HTML, error) {
	var strips []chart.Strip
	for _, r := range all {
		st := chart.Strip{Label: s.Severity(r.Severity), Class: s.SeverityClass(r.Severity), P90: valueOf(r.P90.inner())}
		if v := r.Median; v != nil {
			st.Median, st.Low, st.High, st.Few = v.Value, v.Low, v.High, v.N < fewBelow
		}
		for _, seconds := range r.Seconds {
			st.Dots = append(st.Dots, chart.Dot{Seconds: seconds})
		}
		strips = append(strips, st)
	}
	return drawStrips(s.m.l, strips, chart.Size{Name: "wide", W: 760}).SVG(), nil
}

// PhasesChart draws the median stays one after the other, each bar beginning where the one before it ends.
func (s *Sheet) PhasesChart(title, desc string, phases []Phase) (template.HTML, error) {
	c := chart.WaterfallChart{
		Head: chart.Head{Key: "phases", Title: title, Desc: desc, Nothing: desc}, Scale: chart.Scale{Unit: chart.Seconds, Write: s.m.l.seconds},
	}
	for _, p := range phases {
		stage := chart.Stage{Label: p.Label, P90: p.P90, Written: s.Duration(p.Median), Sample: s.m.l.t("sample_restored", "n", s.m.l.Count(p.N))}
		if p.Median != nil {
			stage.Value = &chart.Value{V: *p.Median, Few: p.N < fewBelow}
		}
		c.Stages = append(c.Stages, stage)
	}
	return chart.Waterfall(c, chart.Size{Name: "wide", W: 760}).SVG(), nil
}

// SeverityClass is the class of a severity's colour: sev1 for the most severe to sev5, sev0 for none.
func (s *Sheet) SeverityClass(severity string) string {
	if c, ok := s.m.classes[severity]; ok {
		return c
	}
	return "sev0"
}
