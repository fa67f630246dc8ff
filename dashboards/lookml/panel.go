package lookml

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fourfold/dashboards"
)

// panelView is the derived table of a panel's query, and what its columns are called in it.
type panelView struct {
	panel  *dashboards.Panel
	name   string
	uses   []string
	fields map[string]string // by column: the full name of the field or measure that shows it
	titles map[string]string // of the panel's metrics
	view   *node
}

// unitKind is how a number is shown.
type unitKind string

const (
	durationKind unitKind = "duration"
	shareKind    unitKind = "share"
	numberKind   unitKind = "number"
)

// kindOf is the unit of a metric, by its name.
func kindOf(metric string) unitKind {
	switch {
	case strings.HasSuffix(metric, "_seconds"):
		return durationKind
	case strings.Contains(metric, "_rate"):
		return shareKind
	}
	return numberKind
}

// makePanel gives the view of a panel whose query is a derived table.
func makePanel(p *dashboards.Panel, titles map[string]dashboards.Text, language string) (*panelView, error) {
	r, err := renderQuery(p.Query)
	if err != nil {
		return nil, err
	}
	v := &panelView{panel: p, name: "panel_" + p.Key, uses: r.uses, fields: map[string]string{}, titles: map[string]string{}}
	for _, metric := range p.Metrics {
		if v.titles[metric] = titles[metric].In(language); v.titles[metric] == "" {
			return nil, fmt.Errorf("lookml: panel %s: metric %s has no title", p.Key, metric)
		}
	}
	v.view = block("view", v.name, str("label", p.Title.In(language)), block("derived_table", "", sql("sql", r.sql)))
	v.view.add(inputs(r.uses)...)
	var columns []column
	for _, c := range p.Columns {
		columns = append(columns, column{name: c.Name, kind: typeOf(c), description: ""})
	}
	names := nameFields(columns)
	taken := map[string]bool{}
	for _, u := range r.uses {
		taken[u] = true
	}
	var detail []string
	for i, c := range p.Columns {
		if isMeasure(c) {
			continue
		}
		name := names[c.Name]
		if taken[name] {
			name += "_shown"
		}
		v.addDimension(columns[i], c, name, language)
		shown := fieldsOf{c.Name: name}.shown(columns[i])
		v.fields[c.Name] = v.name + "." + shown
		if c.Role != dashboards.Hidden && c.Role != dashboards.Key && !p.Foreign(c, language) {
			detail = append(detail, shown)
		}
	}
	for _, c := range p.Columns {
		if isMeasure(c) {
			name := c.Name
			if taken[name] {
				name += "_shown"
			}
			v.addMeasures(c, name, language)
			detail = append(detail, strings.TrimPrefix(v.fields[c.Name], v.name+"."))
		}
	}
	v.view.add(block("set", "detail", list("fields", detail...)))
	return v, nil
}

// titleHTML shows a metric by its title.
func (v *panelView) titleHTML() string {
	text := "{% case value %}"
	for _, metric := range v.panel.Metrics {
		text += "{% when '" + metric + "' %}" + v.titles[metric]
	}
	return text + "{% else %}{{ value }}{% endcase %}"
}

// wordsHTML shows codes by their words.
func wordsHTML(words map[string]dashboards.Text, language string) string {
	text := "{% case value %}"
	for _, code := range slices.Sorted(maps.Keys(words)) {
		text += "{% when '" + code + "' %}" + words[code].In(language)
	}
	return text + "{% else %}{{ value }}{% endcase %}"
}

// isMeasure says whether a column is a number that is drawn; the others tell rows apart.
func isMeasure(c dashboards.Column) bool {
	return slices.Contains([]dashboards.Role{dashboards.Y, dashboards.Low, dashboards.High, dashboards.Sample}, c.Role)
}

func typeOf(c dashboards.Column) columnType {
	switch c.Unit {
	case dashboards.Seconds, dashboards.Count, dashboards.Hour, dashboards.Weekday:
		return intType
	case dashboards.Share, dashboards.PerDay, dashboards.ByMetric:
		return floatType
	case dashboards.Date:
		return dateType
	case dashboards.Instant:
		return instantType
	case dashboards.Flag:
		return boolType
	}
	return textType
}

func (v *panelView) addDimension(c column, of dashboards.Column, name, language string) {
	all := dimensions(c, name, of.Title.In(language))
	if of.Unit == dashboards.Seconds {
		all = []*node{block("dimension", name, str("label", of.Title.In(language)), word("type", "number"), str("value_format", durationFormat),
			sql("sql", "${TABLE}."+c.name+" / "+secondsADay))}
	}
	shown := all[len(all)-1]
	switch of.Unit {
	case dashboards.Share:
		shown.add(word("value_format_name", "percent_1"))
	case dashboards.Address:
		shown.add(block("link", "", str("label", "Open"), str("url", "{{ value }}")))
	case dashboards.Weekday:
		days := "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday"
		if language == "ja" {
			days = "月曜日,火曜日,水曜日,木曜日,金曜日,土曜日,日曜日"
		}
		shown.add(sql("html", "{% assign days = '"+days+"' | split: ',' %}{% assign place = value | minus: 1 %}{{ days[place] }}"))
	}
	if of.Role == dashboards.Hidden || of.Role == dashboards.Key {
		hide(shown)
	}
	for _, order := range []string{of.Name + "_rank", of.Name + "_class"} {
		if slices.ContainsFunc(v.panel.Columns, func(x dashboards.Column) bool { return x.Name == order }) {
			shown.add(word("order_by_field", order))
		}
	}
	switch of.Name {
	case statusCategory:
		shown.add(word("order_by_field", statusOrder))
		all = append(all, statusOrderField())
	case "metric":
		shown.add(sql("html", v.titleHTML()))
	default:
		if of.Values != nil {
			shown.add(sql("html", wordsHTML(of.Values, language)))
		}
	}
	if d := v.panel.Drill; d != nil {
		for _, f := range filterNames {
			if d.Filters[f.key] == of.Name && f.key != "field" { // whose choices are a field and a value in one
				shown.add(block("link", "", str("label", "{{ value }}"), str("url", dashboardAddress(d.Dashboard)+"?"+strings.ReplaceAll(f.name, " ", "+")+"={{ value | url_encode }}")))
			}
		}
	}
	v.view.add(all...)
}

// addMeasures gives the measures of a number: one as a table shows it and, where its unit is that of a metric, one in each unit
// for charts, whose axes have one.
func (v *panelView) addMeasures(c dashboards.Column, name, language string) {
	label, from := c.Title.In(language), "${TABLE}."+c.Name
	drill := list("drill_fields", "detail*")
	v.fields[c.Name] = v.name + "." + name
	if v.panel.Chart == dashboards.Strip && c.Role == dashboards.Y {
		v.spread(c, name, label, language)
		return
	}
	switch c.Unit {
	case dashboards.ByMetric:
		v.view.add(figure(name, label, "", from).add(str("value_format", "0.##"), sql("html", metricHTML(v.name)), drill))
		for _, k := range []unitKind{durationKind, shareKind, numberKind} {
			v.view.add(v.inUnit(name+"_"+string(k), label, from, k, drill))
			if v.compares() && c.Role == dashboards.Y {
				v.view.add(v.inSpan("before_"+string(k), label, from, "before", k, drill), v.inSpan("now_"+string(k), label, from, "now", k, drill))
			}
		}
	case dashboards.Seconds:
		v.view.add(figure(name, label, "", from+" / "+secondsADay).add(str("value_format", durationFormat), drill))
	case dashboards.Share:
		v.view.add(figure(name, label, "", from).add(word("value_format_name", "percent_1"), drill))
	case dashboards.Count:
		v.view.add(figure(name, label, "", from).add(word("value_format_name", "decimal_0"), drill))
	default:
		v.view.add(figure(name, label, "", from).add(word("value_format_name", "decimal_2"), drill))
	}
}

// compares says whether the rows of the panel are of a range (now) and of the time before it.
func (v *panelView) compares() bool {
	return v.panel.Chart == dashboards.Numbers && slices.ContainsFunc(v.panel.Columns, func(c dashboards.Column) bool { return c.Name == "span" })
}

func inKind(from string, k unitKind) (string, *node) {
	switch k {
	case durationKind:
		return from + " / " + secondsADay, str("value_format", durationFormat)
	case shareKind:
		return from, word("value_format_name", "percent_1")
	}
	return from, str("value_format", "0.##")
}

func (v *panelView) inUnit(name, label, from string, k unitKind, drill *node) *node {
	expression, format := inKind(from, k)
	return hide(figure(name, label, "", expression).add(format, drill))
}

// inSpan is the value of a range, of one metric.
func (v *panelView) inSpan(name, label, from, span string, k unitKind, drill *node) *node {
	expression, format := inKind(from, k)
	one := "case when ${TABLE}.span = '" + span + "' then "
	return block("measure", name, word("hidden", yes), str("label", label), word("type", "number"),
		sql("sql", "case when count("+one+"1 end) = 1 then max("+one+expression+" end) end"), format, drill)
}

// boxes are what a box plot is drawn of.
var boxes = []struct {
	suffix, percentile string
	label              dashboards.Text
}{
	{"min", "", dashboards.Text{English: "shortest", Japanese: "最短"}},
	{"p25", "25", dashboards.Text{English: "first quartile", Japanese: "第1四分位"}},
	{"median", "50", dashboards.Text{English: "median", Japanese: "中央値"}},
	{"p75", "75", dashboards.Text{English: "third quartile", Japanese: "第3四分位"}},
	{"max", "", dashboards.Text{English: "longest", Japanese: "最長"}},
}

// spread gives the measures of a box plot: a row is an object, so that quartiles are those of objects.
func (v *panelView) spread(c dashboards.Column, name, label, language string) {
	from, format := "${TABLE}."+c.Name, str("value_format", "0.##")
	if c.Unit == dashboards.Seconds {
		from, format = from+" / "+secondsADay, str("value_format", durationFormat)
	}
	v.view.add(block("dimension", name, word("hidden", yes), str("label", label), word("type", "number"), format, sql("sql", from)))
	for _, b := range boxes {
		m := block("measure", name+"_"+b.suffix, str("label", label+" ("+b.label.In(language)+")"))
		if b.percentile == "" {
			m.add(word("type", b.suffix))
		} else {
			m.add(word("type", "percentile"), word("percentile", b.percentile))
		}
		v.view.add(m.add(format, sql("sql", "${"+name+"}"), list("drill_fields", "detail*")))
	}
}
