package web

import (
	"math"
	"slices"
	"strconv"

	"fourfold/dashboards/chart"
)

// The metrics of this page, as dim_metrics names them.
const (
	incidentsMetric = "incidents"
	medianMetric    = "time_to_restore_median_seconds"
	p90Metric       = "time_to_restore_p90_seconds"
	ackMetric       = "time_to_acknowledge_median_seconds"
)

// measured is a metric's value in one period or group. A nil *measured is a period before the first data.
type measured struct {
	Value, Low, High *float64
	N                int
}

func measuredOf(r row) *measured {
	return &measured{r.number("value"), r.number("low"), r.number("high"), r.count("sample_size")}
}

// around says whether a value is within the interval; a limit that is not known leaves its side open.
func (v *measured) around(value float64) bool {
	return (v.Low != nil || v.High != nil) && (v.Low == nil || value >= *v.Low) && (v.High == nil || value <= *v.High)
}

// totals gives a metric of all incidents by period, in the order of the buckets.
func (m *maker) totals(metric string) []*measured {
	out := make([]*measured, len(m.buckets))
	for _, r := range m.tables["trend"].rows() {
		if r.text("metric") != metric || r.text("dimension") != "all" {
			continue
		}
		if i := m.bucketOf(r.text("period_start")); i >= 0 {
			out[i] = measuredOf(r)
		}
	}
	return out
}

func (m *maker) bucketOf(start string) int {
	if m.bucketAt == nil {
		m.bucketAt = make(map[string]int, len(m.buckets))
		for i, b := range m.buckets {
			m.bucketAt[b.Start.String()] = i
		}
	}
	if i, ok := m.bucketAt[start]; ok {
		return i
	}
	return -1
}

// sparkPeriods is how many complete periods a small line shows at most.
const sparkPeriods = 26

// tile is one headline number.
type tile struct {
	Metric, Title string
	Last          figure
	Change        *change
	Open          *figure
	Spark         *chart.Drawing
}

// figure is a value with what it rests on.
type figure struct {
	Label, Value, Raw, Sample string
	Small                     bool
}

// change is the way from the period before to this one.
type change struct{ Class, Arrow, Text string }

// headline shows the last complete period beside the one before and the open one.
func (m *maker) headline() (string, []tile) {
	last := len(m.buckets) - 1
	for last >= 0 && m.buckets[last].Open {
		last--
	}
	title := m.l.t("headline_none")
	if last >= 0 {
		title = m.l.t("headline_title", "period", m.l.Period(m.f.Period, m.buckets[last].Start))
	}
	var tiles []tile
	for _, metric := range []string{incidentsMetric, medianMetric, p90Metric, ackMetric} {
		values := m.totals(metric)
		t := tile{Metric: metric, Title: m.b.title(m.l, metric), Last: m.figure(metric, nil)}
		if last >= 0 {
			t.Last = m.figure(metric, values[last])
		}
		if last >= 1 {
			t.Change = m.change(metric, values[last], values[last-1], m.l.Period(m.f.Period, m.buckets[last-1].Start), m.writer(metric, nil).text)
		}
		if open := len(m.buckets) - 1; open > last {
			f := m.figure(metric, values[open])
			f.Label = m.soFar(m.l.Period(m.f.Period, m.buckets[open].Start))
			t.Open = &f
		}
		var line []*float64
		for i := max(0, last-sparkPeriods+1); i <= last; i++ {
			line = append(line, valueOf(values[i]))
		}
		if spark := drawSpark(metric, line); len(spark.Marks) > 0 {
			t.Spark = spark
		}
		tiles = append(tiles, t)
	}
	return title, tiles
}

// soFar leads the value of a period of which only a part is shown: it is not over, or the range cuts it.
func (m *maker) soFar(period string) string {
	if m.f.From != "" {
		return m.l.t("so_far_part", "period", period)
	}
	return m.l.t("so_far", "period", period)
}

// openWord says the same beside a period's name.
func (m *maker) openWord() string {
	if m.f.From != "" {
		return m.l.t("partly")
	}
	return m.l.t("not_over")
}

func valueOf(v *measured) *float64 {
	if v == nil {
		return nil
	}
	return v.Value
}

// figure writes a value with its sample size and interval. A count is its own sample.
func (m *maker) figure(metric string, v *measured) figure {
	if v == nil {
		v = &measured{}
	}
	unit := m.b.Metrics[metric].Unit
	f := figure{Value: m.l.Value(unit, v.Value), Raw: raw(v.Value), Sample: m.l.t("sample_restored", "n", m.l.Count(v.N))}
	interval := m.l.Interval(unit, v.Low, v.High)
	switch {
	case metric == incidentsMetric && interval != "":
		f.Sample = m.l.t("sample_count", "interval", interval)
	case metric == incidentsMetric:
		f.Sample = ""
	default:
		f.Small = v.N < fewBelow
		if interval != "" {
			f.Sample = m.l.t("sample_interval", "n", m.l.Count(v.N), "interval", interval)
		}
	}
	return f
}

// raw is a value as the marts have it, for tests and for people who copy; "" for none.
func raw(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// change says how a value moved, and whether that is for the better where the metric has a better side. Where either rests
// on few, or the old value is within the interval of the new one, it says that this may be chance. A rate moves by points.
func (m *maker) change(metric string, now, before *measured, period string, write func(*float64) string) *change {
	if now == nil || before == nil || now.Value == nil || before.Value == nil {
		return nil
	}
	info := m.b.Metrics[metric]
	from, to := *before.Value, *now.Value
	c := change{Class: "same"}
	by := ""
	if from > 0 {
		by = m.l.t("percent", "n", m.l.Count(int(math.Round(math.Abs(to-from)/from*100))))
	}
	if info.Unit == "ratio" {
		by = m.l.t("points", "n", strconv.FormatFloat(math.Abs(to-from)*100, 'f', 1, 64))
	}
	switch {
	case from == to:
		c.Text = m.l.t("change_same", "period", period)
	case from == 0 && info.Unit == "seconds":
		c.Arrow, c.Text = "▲", m.l.t("change_from", "period", period, "before", write(before.Value))
	case from == 0:
		c.Arrow, c.Text = "▲", m.l.t("change_from_zero", "period", period)
	case to > from:
		c.Arrow = "▲"
		c.Text = m.l.t("change_up", "by", by, "period", period, "before", write(before.Value))
	default:
		c.Arrow = "▼"
		c.Text = m.l.t("change_down", "by", by, "period", period, "before", write(before.Value))
	}
	switch {
	case m.few(metric, now) || m.few(metric, before):
		c.Class, c.Text = "unsure", m.l.t("change_unsure", "text", c.Text)
	case from != to && now.around(from):
		c.Text = m.l.t("change_within", "text", c.Text)
	case to == from || (info.Better != "lower" && info.Better != "higher"):
	case (to < from) == (info.Better == "lower"):
		c.Class = "better"
	default:
		c.Class = "worse"
	}
	return &c
}

// trendPanel is incidents and restore times by period.
type trendPanel struct {
	CountsTitle, RestoreTitle, Caption string
	Legend                             []legendKey
	Counts, Restore                    []*chart.Drawing
	Rows                               []trendRow
	Downloads                          downloads
}

type legendKey struct{ Class, Text string }

type trendRow struct {
	Label, Incidents, Restored, Median, Interval, P90, Ack string
	Open, Small                                            bool
}

func (m *maker) trend() trendPanel {
	by := m.l.t("by_" + m.f.Period)
	p := trendPanel{
		CountsTitle:  m.l.t("trend_counts", "period", by),
		RestoreTitle: m.l.t("trend_restore", "period", by),
		Caption:      m.l.t("trend_caption", "period", by, "from", m.l.Date(m.span.From), "to", m.l.Date(m.span.AsOf)),
		Downloads:    m.downloads("restore_trend"),
	}
	incidents, medians, p90s, acks := m.totals(incidentsMetric), m.totals(medianMetric), m.totals(p90Metric), m.totals(ackMetric)
	points := make([]restorePoint, len(m.buckets))
	for i, b := range m.buckets {
		r := trendRow{
			Label: m.l.Label(m.f.Period, b.Start), Open: b.Open, Ack: m.l.Duration(valueOf(acks[i])),
			Incidents: m.l.Value("incidents", valueOf(incidents[i])), Restored: "–", Median: "–", Interval: "–", P90: "–",
		}
		if v := medians[i]; v != nil {
			points[i] = restorePoint{v.Value, v.Low, v.High, valueOf(p90s[i]), v.N}
			r.Restored, r.Median, r.P90, r.Small = m.l.Count(v.N), m.l.Duration(v.Value), m.l.Duration(points[i].P90), v.N < fewBelow
			if s := m.l.Interval("seconds", v.Low, v.High); s != "" {
				r.Interval = s
			}
		}
		p.Rows = append(p.Rows, r)
	}
	series := m.countSeries()
	for _, s := range series {
		p.Legend = append(p.Legend, legendKey{s.Class, s.Label})
	}
	for _, sz := range chart.Sizes {
		p.Counts = append(p.Counts, drawCounts(m.l, m.f.Period, m.buckets, series, sz))
		p.Restore = append(p.Restore, drawRestores(m.l, m.f.Period, m.buckets, points, sz))
	}
	return p
}

// countSeries are the incidents of each severity that has any, most severe first, those without one last.
func (m *maker) countSeries() []countSeries {
	bySeverity := map[string][]int{}
	for _, r := range m.tables["trend"].rows() {
		i := m.bucketOf(r.text("period_start"))
		if i < 0 || r.text("metric") != incidentsMetric || r.text("dimension") != "severity" || r.count("value") == 0 {
			continue
		}
		s := r.text("dimension_value")
		if bySeverity[s] == nil {
			bySeverity[s] = make([]int, len(m.buckets))
		}
		bySeverity[s][i] = r.count("value")
	}
	var out []countSeries
	for _, s := range append(slices.Clone(m.severities), "") {
		if counts := bySeverity[s]; counts != nil {
			out = append(out, countSeries{m.severityName(s), m.classes[s], counts})
		}
	}
	return out
}
