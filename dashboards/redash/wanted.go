package redash

import (
	"fmt"
	"slices"
	"strings"

	"fourfold/dashboards"
)

// Wanted is what the catalogue says there should be.
func Wanted(whole *dashboards.Catalogue, t Target) (State, error) {
	var s State
	c := whole.On(dashboards.Redash, t.People)
	metrics, err := metricsOf(t.Language)
	if err != nil {
		return s, err
	}
	used := map[string]bool{}
	queries := map[string]Query{}
	var panels []Query
	for i := range c.Panels {
		p := &c.Panels[i]
		sql, err := t.sql(p)
		if err != nil {
			return s, err
		}
		question := p.Question.In(t.Language)
		if p.Chart == dashboards.Numbers { // a card has no room for it
			question = ""
		}
		q := Query{
			Key: panelKey(p.Key), Name: p.Title.In(t.Language), Description: question, SQL: sql, Parameters: t.parametersOf(sql),
			Refresh: int(t.Refresh.Seconds()), Visualizations: t.visualizations(p, metrics),
		}
		for _, x := range q.Parameters {
			if x.Choices != "" {
				used[x.Choices] = true
			}
		}
		queries[p.Key] = q
		panels = append(panels, q)
	}
	for _, filter := range choices {
		if used[choicesKey(filter)] {
			q, err := t.choicesQuery(filter)
			if err != nil {
				return s, err
			}
			s.Queries = append(s.Queries, q)
		}
	}
	s.Queries = append(s.Queries, panels...)
	for i := range s.Queries {
		s.Queries[i].SQL = t.opening() + s.Queries[i].SQL
	}
	for i := range c.Dashboards {
		s.Dashboards = append(s.Dashboards, t.page(c, &c.Dashboards[i], queries, metrics))
	}
	return s, nil
}

func panelKey(key string) string { return "panel/" + key }

// choicesQuery gives what can be chosen in a filter: what is seen, and what is put between ' in a query, where it has to be quoted
// by who knows what there is. The server takes no other value than those of its last answer.
func (t Target) choicesQuery(filter string) (Query, error) {
	q, err := dashboards.Load("choices")
	if err != nil {
		return Query{}, err
	}
	text, err := q.Render(t.engine(), t.parameterSQL)
	if err != nil {
		return Query{}, err
	}
	title := t.parameter(filter).Title
	name, value, also := "answer.value", t.quoted("answer.value"), ""
	if filter == "field" { // a choice is a field and its value
		name, value = "concat(answer.detail, ': ', answer.value)", t.quoted("concat(answer.detail, '"+fieldMark+"', answer.value)")
		also = " and strpos(concat(answer.detail, answer.value), '" + fieldMark + "') = 0"
	}
	sql := fmt.Sprintf(`with answer as (
%s
)
select
    listed.name,
    listed.value
from (
    select '%s' as name, '%s' as value, 0 as part, 0 as place, '' as detail
    union all
    select %s as name, %s as value, 1 as part, -answer.place as place, coalesce(answer.detail, '') as detail
    from answer
    where answer.kind = '%s' and answer.value not in ('', '%s')%s
) as listed
order by listed.part, %slisted.place, listed.name`, strings.TrimSpace(text), t.say("All", "すべて"), everyone, name, value, filter, everyone, also,
		map[bool]string{true: "listed.detail, "}[filter == "field"])
	return Query{
		Key: choicesKey(filter), Name: t.say("Choices: ", "選択肢: ") + title, Refresh: int(t.Refresh.Seconds()), SQL: sql,
		Description: t.say("What can be chosen in the filter. Its values are quoted for use between apostrophes.", "フィルターの選択肢。値は引用符の間に置けるように変換してある。"),
	}, nil
}

// page is a dashboard: its question, the panels, and what the numbers mean.
func (t Target) page(c *dashboards.Catalogue, d *dashboards.Dashboard, queries map[string]Query, metrics map[string]metricWords) Dashboard {
	out := Dashboard{Key: dashboardKey(d.Key), Name: "Fourfold: " + d.Title.In(t.Language)}
	l := &layout{columns: t.Columns}
	add := func(twelfths, height int, w Widget) {
		l.add(twelfths, height)
		out.Widgets = append(out.Widgets, w)
	}
	add(12, 3, Widget{Key: "text/question", Text: t.question(c, d)})
	l.end()
	offered := append([]string{"range"}, d.Filters...)
	shared := map[string]bool{}
	for _, place := range d.Panels {
		p := c.Panel(place.Panel)
		q := queries[p.Key]
		mappings := options{}
		for _, x := range q.Parameters {
			mappings[x.Name] = mapping(x, offered)
			shared[x.Name] = shared[x.Name] || slices.Contains(offered, x.Name)
		}
		width, height := place.Width, place.Height+framed
		switch {
		case p.Chart == dashboards.Numbers:
			l.end()
			for i, w := range cards(len(p.Metrics), t.Columns) {
				add(w, cardHeight, widget(q, p.Key+"/"+p.Metrics[i], mappings))
			}
			l.end()
			height = len(p.Metrics) + framed
		case p.Chart == dashboards.Grid && t.shownColumns(p) > mostInHalf:
			width = 12
		}
		add(width, height, widget(q, p.Key, mappings))
	}
	l.end()
	text := t.definitions(c, d, metrics)
	add(12, textHeight(text), Widget{Key: "text/definitions", Text: text})
	l.end()
	for i := range out.Widgets {
		o := out.Widgets[i].Options
		if o == nil {
			o = options{"parameterMappings": options{}}
		}
		o["position"], o["isHidden"] = l.places[i].options(), false
		out.Widgets[i].Options = o
	}
	for _, name := range append(offered, "counted") {
		if shared[name] {
			out.Parameters = append(out.Parameters, name)
		}
	}
	return out
}

func widget(q Query, visualization string, mappings options) Widget {
	return Widget{Key: "panel/" + visualization, Query: q.Key, Visualization: visualization, Options: options{"parameterMappings": mappings}}
}

// mapping is where a widget has the value of a parameter from: the page, if it offers that filter; a control of its own, if only
// this panel knows it; else what is usual.
func mapping(p Parameter, offered []string) options {
	o := options{"name": p.Name, "mapTo": p.Name, "title": "", "value": nil, "type": "static-value"}
	switch {
	case slices.Contains(offered, p.Name):
		o["type"] = "dashboard-level"
	case p.Name == "counted":
		o["type"] = "widget-level"
	default:
		o["value"] = p.Value
	}
	return o
}

// question is what a dashboard answers, of when, and where the others are.
func (t Target) question(c *dashboards.Catalogue, d *dashboards.Dashboard) string {
	var pages []string
	for _, other := range c.Dashboards {
		title := other.Title.In(t.Language)
		if other.Key == d.Key {
			pages = append(pages, "**"+title+"**")
			continue
		}
		pages = append(pages, "["+title+"]("+addressOf(other.Key)+")")
	}
	return "## " + d.Question.In(t.Language) + "\n\n" + strings.Join(pages, " · ") + "\n\n" + t.say(
		"As of the published build, whose day ends the range. Charts by period leave out the one that has not ended. Times are those of the configured time zone.",
		"公開済みのビルド時点の値で、期間はその日で終わる。期間ごとのグラフは、まだ終わっていない期間を含まない。時刻は設定したタイムゾーンのもの。")
}

// definitions say how each panel is read, and what its metrics mean.
func (t Target) definitions(c *dashboards.Catalogue, d *dashboards.Dashboard, metrics map[string]metricWords) string {
	var b strings.Builder
	b.WriteString("### " + t.say("How to read this", "読み方") + "\n\n")
	var names []string
	for _, place := range d.Panels {
		p := c.Panel(place.Panel)
		fmt.Fprintf(&b, "- **%s**: %s", p.Title.In(t.Language), p.Help.In(t.Language))
		for _, caveat := range p.Caveats {
			b.WriteString(" " + caveat.In(t.Language))
		}
		b.WriteString("\n")
		for _, m := range p.Metrics {
			if !slices.Contains(names, m) && metrics[m].title != "" {
				names = append(names, m)
			}
		}
	}
	if names == nil {
		return b.String()
	}
	b.WriteString("\n### " + t.say("Definitions", "定義") + "\n\n")
	for _, m := range names {
		fmt.Fprintf(&b, "- **%s**: %s\n", metrics[m].title, metrics[m].meaning)
	}
	return b.String()
}
