package redash

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fourfold/dashboards"
)

// shape is what a panel's answer needs before Redash can draw it: its charts add up what they find at one place, draw what has
// not ended as a fall, know no unit, and take the order of series from that of rows.
type shape struct {
	where string // which rows are drawn
	unit  dashboards.Unit
	order string // of the rows of a waterfall
}

// shapes are those of panels of which their columns do not tell enough.
var shapes = map[string]shape{
	"restore_trend": {where: "answer.dimension = 'all' and answer.metric <> 'incidents'", unit: dashboards.Seconds},
	"phases":        {order: "case answer.status_category when 'triage' then 1 when 'live' then 2 else 3 end"},
}

// most is how many bars a chart of bars has.
const most = 20

// scaled is a number in the unit in which it is drawn: hours, per cent.
func scaled(expression string, u dashboards.Unit) string {
	switch u {
	case dashboards.Seconds:
		return expression + " / 3600.0"
	case dashboards.Share:
		return expression + " * 100.0"
	}
	return expression
}

// unitOf is the unit in which a panel's y is drawn.
func unitOf(p *dashboards.Panel) dashboards.Unit {
	if s := shapes[p.Key]; s.unit != "" {
		return s.unit
	}
	if y := p.Of(dashboards.Y); len(y) > 0 {
		return y[0].Unit
	}
	return dashboards.NoUnit
}

// sql is a panel's query as it is stored: the answer, and around it what makes it a picture.
func (t Target) sql(p *dashboards.Panel) (string, error) {
	q, err := dashboards.Load(p.Query)
	if err != nil {
		return "", err
	}
	text, err := q.Render(t.engine(), t.parameterSQL)
	if err != nil {
		return "", err
	}
	text = strings.TrimSpace(text)
	around := t.around(p)
	if around == "" {
		return text, nil
	}
	around = strings.ReplaceAll(around, "{marts}", t.engine().Marts)
	return "with answer as (\n" + text + "\n)\n" + around, nil
}

// around is the query over the answer that a chart needs; nothing if the answer is shown as it is.
func (t Target) around(p *dashboards.Panel) string {
	switch p.Chart {
	case dashboards.Numbers:
		return t.cards(p)
	case dashboards.Line:
		return t.lines(p)
	case dashboards.Columns, dashboards.Histogram, dashboards.Scatter, dashboards.Strip, dashboards.Heatmap:
		return t.points(p)
	case dashboards.Bars:
		return t.bars(p)
	case dashboards.Waterfall:
		return t.waterfall(p)
	}
	return t.grid(p)
}

// where are the rows that are drawn: no period that has not ended.
func where(p *dashboards.Panel) string {
	var parts []string
	if s := shapes[p.Key]; s.where != "" {
		parts = append(parts, s.where)
	}
	for _, c := range p.Of(dashboards.Open) {
		parts = append(parts, "not answer."+c.Name)
	}
	if parts == nil {
		return ""
	}
	return "\nwhere " + strings.Join(parts, " and ")
}

// named is the join that gives metrics their titles, where a panel has them.
func named(p *dashboards.Panel) string {
	for _, c := range p.Columns {
		if c.Name == "metric" {
			return "\nleft join {marts}dim_metrics as named on answer.metric = named.metric"
		}
	}
	return ""
}

// label is a column of words as it is drawn: the metric's title, the day's name, the word for a code, and one where there is none.
func (t Target) label(c dashboards.Column) string { return t.labelOf("answer", c) }

func (t Target) labelOf(table string, c dashboards.Column) string {
	name := table + "." + c.Name
	switch {
	case c.Name == "metric":
		return fmt.Sprintf("coalesce(named.title_%s, %s)", t.Language, name)
	case c.Unit == dashboards.Weekday:
		days := strings.Fields(t.say("Mon Tue Wed Thu Fri Sat Sun", "月 火 水 木 金 土 日"))
		text := "case " + name
		for i, d := range days {
			text += fmt.Sprintf(" when %d then '%d %s'", i+1, i+1, d)
		}
		return text + " end"
	case c.Unit == dashboards.Name:
		text := fmt.Sprintf("case when coalesce(%s, '') = '' then '%s'", name, t.say("none", "なし"))
		for _, code := range slices.Sorted(maps.Keys(c.Values)) {
			text += fmt.Sprintf(" when %s = '%s' then %s", name, code, t.literal(c.Values[code].In(t.Language)))
		}
		return text + " else " + name + " end"
	}
	return name
}

// points are the rows of a chart as they are, in an order of their own.
func (t Target) points(p *dashboards.Panel) string {
	var columns, order []string
	for _, role := range []dashboards.Role{dashboards.X, dashboards.Series} {
		for _, c := range p.Of(role) {
			columns = append(columns, "    "+t.label(c)+" as "+c.Name)
		}
	}
	for _, c := range p.Of(dashboards.Y) {
		y := "answer." + c.Name
		if p.Chart == dashboards.Strip { // on a logarithmic scale nothing is at 0
			y = "greatest(" + y + ", 1)"
		}
		columns = append(columns, "    "+scaled(y, c.Unit)+" as "+c.Name)
	}
	for _, role := range []dashboards.Role{dashboards.Sample, dashboards.Label, dashboards.Detail} {
		for _, c := range p.Of(role) {
			columns = append(columns, "    answer."+c.Name)
		}
	}
	if p.Chart == dashboards.Heatmap { // the first series is the lowest
		for _, c := range p.Of(dashboards.Series) {
			order = append(order, "answer."+c.Name+" desc")
		}
	}
	for _, c := range p.Columns { // numbers that nobody sees are what the answer is ordered by
		if c.Role == dashboards.Hidden && c.Unit == dashboards.Count {
			order = append(order, "answer."+c.Name)
		}
	}
	for _, role := range []dashboards.Role{dashboards.X, dashboards.Series} {
		for _, c := range p.Of(role) {
			order = append(order, "answer."+c.Name)
		}
	}
	return "select\n" + strings.Join(columns, ",\n") + "\nfrom answer" + named(p) + where(p) + "\norder by " + strings.Join(order, ", ")
}

// bound is a line beside the one that a panel is about.
type bound struct {
	role       dashboards.Role
	name, word string
}

func (t Target) bounds() []bound {
	return []bound{{dashboards.Low, "low", t.say("95% low", "95%下限")}, {dashboards.High, "high", t.say("95% high", "95%上限")}}
}

// lines are the value and, as lines of their own, the ends of its interval: a band cannot be drawn, and an error bar is only
// for intervals that reach as far up as down.
func (t Target) lines(p *dashboards.Panel) string {
	x, y, u := p.Of(dashboards.X)[0], p.Of(dashboards.Y)[0], unitOf(p)
	n := ""
	for _, c := range p.Of(dashboards.Sample) {
		n = ",\n    answer." + c.Name
	}
	series := p.Of(dashboards.Series)
	if len(series) == 0 {
		text := "select\n    answer." + x.Name + ",\n    " + scaled("answer."+y.Name, u) + " as " + y.Name
		for _, b := range t.bounds() {
			for _, c := range p.Of(b.role) {
				text += ",\n    " + scaled("answer."+c.Name, u) + " as " + c.Name
			}
		}
		return text + n + "\nfrom answer" + where(p) + "\norder by answer." + x.Name
	}
	label := t.label(series[0])
	one := func(place int, label, value string) string {
		return fmt.Sprintf("    select\n    %d as place,\n    answer.%s,\n    %s as %s,\n    %s as %s%s\n    from answer%s%s",
			place, x.Name, label, series[0].Name, scaled("answer."+value, u), y.Name, n, named(p), where(p))
	}
	parts := []string{one(0, label, y.Name)}
	for i, b := range t.bounds() {
		if series[0].Name != "metric" {
			break // of many lines none would be seen among the ends of their intervals
		}
		for _, c := range p.Of(b.role) {
			parts = append(parts, one(i+1, "concat("+label+", ' "+b.word+"')", c.Name))
		}
	}
	return "select drawn.*\nfrom (\n" + strings.Join(parts, "\n    union all\n") + "\n) as drawn\norder by drawn.place, drawn." + series[0].Name + ", drawn." + x.Name
}

// bars are the longest ones, each with a number before its name: those of one name would be added up. Pages draw the first at
// the bottom.
func (t Target) bars(p *dashboards.Panel) string {
	x := p.Of(dashboards.X)[0]
	var sum, order, columns []string
	for _, c := range p.Of(dashboards.Y) {
		sum = append(sum, "coalesce(answer."+c.Name+", 0)")
		columns = append(columns, "    "+scaled("drawn."+c.Name, c.Unit)+" as "+c.Name)
	}
	for _, c := range p.Columns {
		if c.Role == dashboards.Key || c.Role == dashboards.Detail && c.Unit == dashboards.Name {
			order = append(order, "answer."+c.Name)
		}
	}
	if order == nil {
		order = []string{"answer." + x.Name}
	}
	for _, c := range p.Columns {
		if c.Role == dashboards.Detail || c.Role == dashboards.Link || c.Role == dashboards.Sample {
			columns = append(columns, "    drawn."+c.Name)
		}
	}
	return fmt.Sprintf("select\n    concat(cast(drawn.place as string), '. ', %s) as %s,\n%s\nfrom (\n    select\n        answer.*,\n"+
		"        row_number() over (order by %s desc, %s) as place\n    from answer\n) as drawn\nwhere drawn.place <= %d\norder by drawn.place desc",
		t.labelOf("drawn", x), x.Name, strings.Join(columns, ",\n"), strings.Join(sum, " + "), strings.Join(order, ", "), most)
}

// base is the column that lifts a bar of a waterfall to where the one before it ends.
const base = "begins_at"

func (t Target) waterfall(p *dashboards.Panel) string {
	x, y := p.Of(dashboards.X)[0], p.Of(dashboards.Y)[0]
	order := shapes[p.Key].order
	for _, c := range p.Columns {
		if order == "" && c.Role == dashboards.Hidden && c.Unit == dashboards.Count {
			order = "answer." + c.Name
		}
	}
	if order == "" {
		order = "answer." + x.Name
	}
	var rest string
	for _, c := range append(p.Of(dashboards.High), p.Of(dashboards.Sample)...) {
		rest += ",\n    " + scaled("answer."+c.Name, c.Unit) + " as " + c.Name
	}
	return fmt.Sprintf("select\n    %s as %s,\n    %s as %s,\n    %s as %s%s\nfrom answer\norder by %s desc", t.label(x), x.Name,
		scaled(fmt.Sprintf("coalesce(sum(answer.%s) over (order by %s rows between unbounded preceding and 1 preceding), 0)", y.Name, order), y.Unit), base,
		scaled("answer."+y.Name, y.Unit), y.Name, rest, order)
}
