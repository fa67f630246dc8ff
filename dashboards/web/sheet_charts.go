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
	const row, left, width = 30.0, 150.0, 760
	d := &chart.Drawing{ID: "phases-wide", Class: "chart wide", W: width, H: int(row)*len(phases) + 10, Title: title, Desc: desc}
	total := 0.0
	for _, p := range phases {
		if p.Median != nil {
			total += *p.Median
		}
	}
	if total <= 0 {
		total = 1
	}
	const room = width - left - 110 // the length of a bar's stay is said after it
	from := 0.0
	for i, p := range phases {
		y := row*float64(i) + 5
		d.Text("rowlabel", 0, y+15, "start", chart.Clip(p.Label, 20))
		d.Line("grid", left, y+row-3, width, y+row-3)
		if p.Median == nil {
			continue
		}
		x, w := left+from/total*room, *p.Median/total*room
		d.Rect("phase", x, y, max(w, 1), row-10)
		d.Text("tick", x+max(w, 1)+6, y+14, "start", s.Duration(p.Median))
		from += *p.Median
	}
	return d.SVG(), nil
}

// SeverityClass is the class of a severity's colour: sev1 for the most severe to sev5, sev0 for none.
func (s *Sheet) SeverityClass(severity string) string {
	if c, ok := s.m.classes[severity]; ok {
		return c
	}
	return "sev0"
}
