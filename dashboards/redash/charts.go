package redash

import (
	"fourfold/dashboards"
)

type options = map[string]any

// The colours of lines, and of the ends of their intervals.
var (
	strong = []string{"#356AFF", "#E92828", "#3BD973", "#604FE9"}
	pale   = []string{"#B8CBFF", "#F7BCBC", "#BDF2D0", "#C9C3F8"}
)

// nothing is no colour: bars obey it, areas do not.
const nothing = "rgba(0,0,0,0)"

// visualizations are those of a panel.
func (t Target) visualizations(p *dashboards.Panel, metrics map[string]metricWords) []Visualization {
	switch p.Chart {
	case dashboards.Numbers:
		var out []Visualization
		for i, m := range p.Metrics {
			title := metrics[m].title
			out = append(out, Visualization{Key: p.Key + "/" + m, Type: "COUNTER", Name: title, Options: options{
				"counterColName": "value", "rowNumber": i + 1, "targetColName": "", "targetRowNumber": 1,
				"counterLabel": " ", // nothing would be the name, which is above it already, and small where it is long
			}})
		}
		return append(out, Visualization{Key: p.Key, Type: "TABLE", Name: "Table", Options: t.cardTable()})
	case dashboards.Grid:
		return []Visualization{{Key: p.Key, Type: "TABLE", Name: "Table", Options: t.table(p)}}
	}
	return []Visualization{{Key: p.Key, Type: "CHART", Name: "Chart", Options: t.chart(p, metrics)}}
}

// unitWord is what stands at an axis.
func (t Target) unitWord(u dashboards.Unit) string {
	switch u {
	case dashboards.Seconds:
		return t.say("hours", "時間")
	case dashboards.Share:
		return "%"
	case dashboards.PerDay:
		return t.say("per day", "1日あたり")
	}
	return ""
}

// chart are the options of a chart, as far as they differ from what a page takes by itself. Gaps stay gaps.
func (t Target) chart(p *dashboards.Panel, metrics map[string]metricWords) options {
	mapping := options{}
	put := func(role dashboards.Role, as string) {
		for _, c := range p.Of(role) {
			mapping[c.Name] = as
		}
	}
	put(dashboards.X, "x")
	put(dashboards.Y, "y")
	put(dashboards.Series, "series")
	u := unitOf(p)
	axis := options{"type": "linear"}
	o := options{
		"columnMapping": mapping, "missingValuesAsZero": false, "sortX": true, "numberFormat": "0,0[.]00",
		"legend": options{"enabled": true, "placement": "below"},
	}
	titles := map[string]string{"xAxis": "", "yAxis": t.unitWord(u)}
	format := "{{ @@y }}"
	if w := t.unitWord(u); w != "" {
		format += " " + w
	}
	for _, n := range p.Of(dashboards.Sample) {
		if low, high := p.Of(dashboards.Low), p.Of(dashboards.High); p.Chart == dashboards.Line && len(low) > 0 && len(high) > 0 && !bounded(p) {
			format += " (n={{ " + n.Name + " }}, 95%: {{ " + low[0].Name + " }} – {{ " + high[0].Name + " }})"
			continue
		}
		format += " (n={{ " + n.Name + " }})"
	}
	switch p.Chart {
	case dashboards.Line:
		o["globalSeriesType"] = "line"
		o["seriesOptions"] = t.lineSeries(p, mapping, metrics)
		o["textFormat"] = format
	case dashboards.Columns, dashboards.Histogram:
		o["globalSeriesType"] = "column"
		o["series"] = options{"stacking": "stack"}
		o["sortX"] = xType(p) == "datetime"
		o["textFormat"] = format
	case dashboards.Bars:
		o["globalSeriesType"] = "column"
		o["series"] = options{"stacking": "stack"}
		o["swappedAxes"], o["sortX"] = true, false
		series := options{}
		for i, c := range p.Of(dashboards.Y) {
			series[c.Name] = options{"name": c.Title.In(t.Language), "type": "column", "zIndex": i}
		}
		o["seriesOptions"] = series
	case dashboards.Waterfall:
		y := p.Of(dashboards.Y)[0]
		mapping[base] = "y"
		o["globalSeriesType"] = "column"
		o["series"] = options{"stacking": "stack"}
		o["swappedAxes"], o["sortX"] = true, false
		o["legend"] = options{"enabled": false}
		o["seriesOptions"] = options{
			base:   options{"name": " ", "type": "column", "color": nothing, "zIndex": 0},
			y.Name: options{"name": y.Title.In(t.Language), "type": "column", "color": strong[0], "zIndex": 1},
		}
	case dashboards.Strip:
		o["globalSeriesType"] = "box"
		o["showpoints"] = true
		o["legend"] = options{"enabled": false}
		o["sortX"] = false
		axis["type"] = "logarithmic"
	case dashboards.Scatter:
		o["globalSeriesType"] = "scatter"
		o["legend"] = options{"enabled": false}
		for axis, c := range map[string]dashboards.Column{"xAxis": p.Of(dashboards.X)[0], "yAxis": p.Of(dashboards.Y)[0]} {
			title := c.Title.In(t.Language)
			if w := t.unitWord(c.Unit); w != "" {
				title += " (" + w + ")"
			}
			titles[axis] = title
		}
		for _, l := range p.Of(dashboards.Label) {
			format = "{{ " + l.Name + " }}: " + format
		}
		o["textFormat"] = format
	case dashboards.Heatmap:
		put(dashboards.Series, "y")
		put(dashboards.Y, "zVal")
		o["globalSeriesType"] = "heatmap"
		o["colorScheme"] = "Reds" // in which dark is many
		o["legend"] = options{"enabled": false}
		axis["type"] = "category"
		if s := p.Of(dashboards.Series); s[0].Unit == dashboards.Name { // names have the order of the rows, and need be told whose they are
			o["sortX"], o["showDataLabels"] = false, true
			titles["xAxis"], titles["yAxis"] = p.Of(dashboards.X)[0].Title.In(t.Language), s[0].Title.In(t.Language)
		}
	}
	// A symmetric interval is drawn as whiskers where a column is half its width.
	for _, c := range p.Columns {
		if c.Name == "half_width" {
			mapping[c.Name] = "yError"
			o["series"] = options{"error_y": options{"visible": true, "type": "data"}}
		}
	}
	axis["title"] = options{"text": titles["yAxis"]}
	o["xAxis"] = options{"type": xType(p), "labels": options{"enabled": true}, "title": options{"text": titles["xAxis"]}}
	o["yAxis"] = []any{axis, options{"type": "linear", "opposite": true}}
	if p.Drill != nil { // a click on a point leads there, from 25.8 on; it cannot say which series it is of
		o["enableLink"], o["linkFormat"], o["linkOpenNewTab"] = true, addressOf(p.Drill.Dashboard), true
	}
	return o
}

// xType is how the axis of x counts.
func xType(p *dashboards.Panel) string {
	x := p.Of(dashboards.X)
	switch {
	case len(x) == 0 || p.Chart == dashboards.Heatmap:
		return "category"
	case x[0].Unit == dashboards.Date || x[0].Unit == dashboards.Instant:
		return "datetime"
	case p.Chart == dashboards.Scatter:
		return "linear"
	}
	return "category"
}

// lineSeries names and colours the lines: pale ones are the ends of an interval. Without a series they are columns of their own.
func (t Target) lineSeries(p *dashboards.Panel, mapping options, metrics map[string]metricWords) options {
	out := options{}
	if p.Of(dashboards.Series) == nil {
		y := p.Of(dashboards.Y)[0]
		out[y.Name] = options{"name": p.Title.In(t.Language), "type": "line", "color": strong[0], "zIndex": 2}
		for i, b := range t.bounds() {
			for _, c := range p.Of(b.role) {
				mapping[c.Name] = "y"
				out[c.Name] = options{"name": b.word, "type": "line", "color": pale[0], "zIndex": i}
			}
		}
		return out
	}
	if p.Of(dashboards.Series)[0].Name != "metric" {
		return out // a page gives lines of any other name colours of its own
	}
	drawn := 0
	for _, m := range drawnMetrics(p) {
		title := metrics[m].title
		if title == "" {
			continue
		}
		colour := drawn % len(strong)
		out[title] = options{"type": "line", "color": strong[colour], "zIndex": 10 + drawn}
		for i, b := range t.bounds() {
			if len(p.Of(b.role)) > 0 && bounded(p) {
				out[title+" "+b.word] = options{"type": "line", "color": pale[colour], "zIndex": 2*drawn + i}
			}
		}
		drawn++
	}
	return out
}
