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
				"counterColName": "value", "rowNumber": i + 1, "counterLabel": title, "targetColName": "", "targetRowNumber": 1,
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
	axis := options{"type": "linear", "title": options{"text": t.unitWord(u)}}
	o := options{
		"columnMapping": mapping, "missingValuesAsZero": false, "sortX": true, "numberFormat": "0,0[.]00",
		"xAxis": options{"type": xType(p), "labels": options{"enabled": true}}, "legend": options{"enabled": true, "placement": "below"},
	}
	format := "{{ @@y }}"
	if w := t.unitWord(u); w != "" {
		format += " " + w
	}
	for _, n := range p.Of(dashboards.Sample) {
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
	}
	// A symmetric interval is drawn as whiskers where a column is half its width.
	for _, c := range p.Columns {
		if c.Name == "half_width" {
			mapping[c.Name] = "yError"
			o["series"] = options{"error_y": options{"visible": true, "type": "data"}}
		}
	}
	o["yAxis"] = []any{axis, options{"type": "linear", "opposite": true}}
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
	for _, m := range p.Metrics {
		title := metrics[m].title
		if title == "" {
			continue
		}
		colour := drawn % len(strong)
		out[title] = options{"type": "line", "color": strong[colour], "zIndex": 10 + drawn}
		for i, b := range t.bounds() {
			if len(p.Of(b.role)) > 0 {
				out[title+" "+b.word] = options{"type": "line", "color": pale[colour], "zIndex": 2*drawn + i}
			}
		}
		drawn++
	}
	return out
}

// tableColumn is a column of a table.
func tableColumn(order int, name, title, kind, displayAs string, more options) options {
	align := "left"
	if displayAs == "number" {
		align = "right"
	}
	o := options{"name": name, "title": title, "type": kind, "displayAs": displayAs, "visible": true, "order": order, "alignContent": align, "allowSearch": false}
	for k, v := range more {
		o[k] = v
	}
	return o
}

// cardTable is the table beside cards: the range, the time before it, and how sure that is.
func (t Target) cardTable() options {
	var columns []any
	for i, c := range [][2]string{
		{"metric", t.say("Metric", "指標")},
		{"value", t.say("Value", "値")},
		{"value_before", t.say("Before", "前の期間")},
		{"confidence", t.say("95% interval", "95%区間")},
		{"level", t.say("Level", "レベル")},
	} {
		columns = append(columns, tableColumn(i, c[0], c[1], "string", "string", nil))
	}
	return options{"itemsPerPage": 25, "columns": columns}
}

// table are the options of a table: every column of the panel with its title, keys out of sight, links as links.
func (t Target) table(p *dashboards.Panel) options {
	var columns []any
	words := t.grid(p) != ""
	for i, c := range p.Columns {
		kind, displayAs, more := "string", "string", options{}
		title := c.Title.In(t.Language)
		switch c.Unit {
		case dashboards.Seconds:
			kind, displayAs = "integer", "number"
			more["numberFormat"] = "00:00:00"
			title += t.say(" (h:mm:ss)", "（時:分:秒）")
		case dashboards.Share:
			kind, displayAs = "float", "number"
			more["numberFormat"] = "0.0%"
		case dashboards.Count:
			kind, displayAs = "integer", "number"
			more["numberFormat"] = "0,0"
		case dashboards.PerDay:
			kind, displayAs = "float", "number"
			more["numberFormat"] = "0,0.00"
		case dashboards.ByMetric:
			if !words {
				kind, displayAs = "float", "number"
				more["numberFormat"] = "0,0[.]00"
			}
		case dashboards.Instant:
			kind, displayAs = "datetime", "datetime"
			more["dateTimeFormat"] = "YYYY-MM-DD HH:mm"
		case dashboards.Date:
			kind, displayAs = "date", "datetime"
			more["dateTimeFormat"] = "YYYY-MM-DD"
		case dashboards.Flag:
			kind, displayAs = "boolean", "boolean"
			more["booleanValues"] = []any{t.say("no", "いいえ"), t.say("yes", "はい")}
		case dashboards.Address:
			displayAs = "link"
			more["linkUrlTemplate"], more["linkTextTemplate"], more["linkTitleTemplate"] = "{{ @ }}", title, "{{ @ }}"
			more["linkOpenInNewTab"] = true
		}
		if c.Role == dashboards.Hidden || c.Role == dashboards.Key {
			more["visible"] = false
		}
		if c.Role == dashboards.Label {
			more["allowSearch"] = true
		}
		columns = append(columns, tableColumn(i, c.Name, title, kind, displayAs, more))
	}
	return options{"itemsPerPage": 25, "columns": columns}
}
