package lookml

import (
	"maps"
	"slices"
	"strings"

	"fourfold/dashboards"
)

// cards gives an element for each metric: its value over the range and, where the panel has it, that of the time before it.
func (m *maker) cards(e dbElement, p *dashboards.Panel, v *panelView) []dbElement {
	metricField, y := v.fields["metric"], p.Of(dashboards.Y)
	if metricField == "" || len(p.Metrics) == 0 || len(y) != 1 {
		return []dbElement{m.grid(e, p, v)} // Looker knows before it asks what it draws a card of
	}
	var out []dbElement
	for i, metric := range p.Metrics {
		c := e
		k := string(kindOf(metric))
		c.Name, c.Title, c.Type = e.Name+"_"+metric, v.titles[metric], "single_value"
		c.Width = e.Width*(i+1)/len(p.Metrics) - e.Width*i/len(p.Metrics)
		c.Filters, c.Listen = map[string]string{metricField: metric}, maps.Clone(e.Listen)
		switch {
		case v.compares():
			c.Fields = []string{v.name + ".now_" + k, v.name + ".before_" + k}
			label := dashboards.Text{English: "before", Japanese: "前の期間"}.In(m.language)
			c.Options = options(`{show_single_value_title: true, show_comparison: true, comparison_type: value, comparison_reverse_colors: false, show_comparison_label: true, comparison_label: "` + label + `"}`)
		case y[0].Unit == dashboards.ByMetric:
			c.Fields = []string{v.fields[y[0].Name] + "_" + k}
		default:
			c.Fields = []string{v.fields[y[0].Name]}
		}
		out = append(out, c)
	}
	return out
}

// chart gives the element of a panel that is one picture or table.
func (m *maker) chart(e dbElement, p *dashboards.Panel, v *panelView) dbElement {
	x, y, series := p.Of(dashboards.X), p.Of(dashboards.Y), p.Of(dashboards.Series)
	dims := func(columns []dashboards.Column) {
		for _, c := range columns {
			e.Fields = append(e.Fields, v.fields[c.Name])
			e.Labels[v.fields[c.Name]] = c.Title.In(m.language)
		}
	}
	e.Limit = pivotLimit
	if p.Chart == dashboards.Grid || len(y) == 0 {
		return m.grid(e, p, v)
	}
	switch p.Chart {
	case dashboards.Strip:
		if len(y) != 1 {
			return m.grid(e, p, v)
		}
		e.Type = "looker_boxplot"
		dims(x)
		for _, b := range boxes {
			e.Fields = append(e.Fields, v.fields[y[0].Name]+"_"+b.suffix)
		}
		return e
	case dashboards.Heatmap:
		if len(x) != 1 || len(series) != 1 {
			return m.grid(e, p, v)
		}
		e.Type = "looker_grid"
		dims(series)
		dims(x)
		e.Pivots = []string{v.fields[x[0].Name]}
		e.Sorts = []string{v.fields[series[0].Name], v.fields[x[0].Name]}
		e.Options = options(`{show_row_numbers: false, show_row_totals: false, enable_conditional_formatting: true, conditional_formatting: [{type: "along a scale...", value: null, background_color: null, font_color: null, color_application: {collection_id: legacy, palette_id: legacy_sequential4}, bold: false, italic: false, strikethrough: false, fields: null}]}`)
		m.values(&e, p, v, y)
		return e
	}
	e.Type = chartTypes[p.Chart]
	dims(x)
	dims(series)
	for _, s := range series {
		e.Pivots = append(e.Pivots, v.fields[s.Name])
	}
	order := ""
	if len(series) == 0 && (p.Chart == dashboards.Bars || p.Chart == dashboards.Scatter) {
		// What else tells rows apart stands behind the picture, so that rows of one name stay apart.
		for _, c := range p.Columns {
			f := v.fields[c.Name]
			switch {
			case c.Role == dashboards.Detail && c.Unit == dashboards.Seconds && order == "":
				order = f
			case c.Role == dashboards.Key, c.Role == dashboards.Label, c.Role == dashboards.Detail && c.Unit == dashboards.Name:
			default:
				continue
			}
			e.Fields, e.Hidden = append(e.Fields, f), append(e.Hidden, f)
		}
	}
	m.values(&e, p, v, y)
	if len(series) == 0 && p.Chart == dashboards.Line {
		m.values(&e, p, v, append(p.Of(dashboards.Low), p.Of(dashboards.High)...))
	} else if p.Chart == dashboards.Waterfall {
		m.values(&e, p, v, p.Of(dashboards.High))
	}
	switch {
	case order != "":
		e.Sorts, e.Limit = []string{order + " desc"}, longestBars
	case p.Chart == dashboards.Bars && len(series) == 0 && y[0].Unit != dashboards.ByMetric:
		e.Sorts, e.Limit = []string{v.fields[y[0].Name] + " desc"}, longestBars
	case len(x) > 0:
		e.Sorts = []string{v.fields[x[0].Name]}
	}
	for _, s := range series {
		e.Sorts = append(e.Sorts, v.fields[s.Name])
	}
	switch p.Chart {
	case dashboards.Columns, dashboards.Bars:
		e.Options = options(`{stacking: normal, show_null_points: false, legend_position: center}`)
	case dashboards.Line:
		e.Options = options(`{show_null_points: false, interpolation: linear, point_style: circle, legend_position: center}`)
	}
	return e
}

// longestBars is how many bars are drawn of a list.
const longestBars = 25

var chartTypes = map[dashboards.Chart]string{
	dashboards.Line: "looker_line", dashboards.Columns: "looker_column", dashboards.Bars: "looker_bar",
	// Looker's own waterfall ends in a total, which medians of phases have not.
	dashboards.Waterfall: "looker_bar", dashboards.Scatter: "looker_scatter", dashboards.Histogram: "looker_column",
}

// values puts the measures of numbers into an element. An axis has one unit: of metrics of several, those of the first are shown.
func (m *maker) values(e *dbElement, p *dashboards.Panel, v *panelView, columns []dashboards.Column) {
	for _, c := range columns {
		field := v.fields[c.Name]
		if c.Unit == dashboards.ByMetric && len(p.Metrics) > 0 {
			k := kindOf(p.Metrics[0])
			field += "_" + string(k)
			var only []string
			for _, metric := range p.Metrics {
				if kindOf(metric) == k {
					only = append(only, metric)
				}
			}
			if f, ok := v.fields["metric"]; ok {
				e.Filters[f] = strings.Join(only, ",")
			}
		}
		e.Fields = append(e.Fields, field)
		e.Labels[field] = c.Title.In(m.language)
		if slices.Contains(e.Pivots, v.fields["metric"]) {
			for metric, title := range v.titles {
				e.Labels[metric+seriesOf+field] = title
			}
		}
	}
}

// seriesOf stands between the value by which a chart is turned and the measure of a series.
const seriesOf = " - "

// grid gives a table; what has a series and a value for each is turned, a column for each of the series.
func (m *maker) grid(e dbElement, p *dashboards.Panel, v *panelView) dbElement {
	e.Type, e.Limit = "looker_grid", elementLimit
	series, y := p.Of(dashboards.Series), p.Of(dashboards.Y)
	turned := len(series) == 1 && len(y) > 0
	for _, c := range p.Columns {
		if c.Role == dashboards.Hidden || c.Role == dashboards.Key || p.Foreign(c, m.language) {
			continue
		}
		if turned && !slices.Contains([]dashboards.Role{dashboards.Label, dashboards.Series, dashboards.Y, dashboards.Sample}, c.Role) {
			continue
		}
		field := v.fields[c.Name]
		e.Fields = append(e.Fields, field)
		e.Labels[field] = c.Title.In(m.language)
	}
	if f, ok := v.fields["metric"]; ok && len(p.Metrics) > 0 {
		e.Filters[f] = strings.Join(p.Metrics, ",")
	}
	if turned {
		e.Pivots = []string{v.fields[series[0].Name]}
		e.Sorts = []string{v.fields[series[0].Name]}
		if labels := p.Of(dashboards.Label); len(labels) > 0 {
			e.Sorts = append(e.Sorts, v.fields[labels[0].Name])
		}
		e.Limit = pivotLimit
	}
	e.Options = options(`{show_row_numbers: false, truncate_text: true, size_to_fit: true}`)
	return e
}
