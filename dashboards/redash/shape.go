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
	order string // of the rows of a waterfall or a table
}

// shapes are those of panels of which their columns do not tell enough.
var shapes = map[string]shape{
	"restore_trend": {where: "answer.dimension = 'all' and answer.metric <> 'incidents'", unit: dashboards.Seconds},
	"incidents":     {order: "coalesce(answer.started_at, answer.created_at) desc, answer.incident_id desc"},
	"reminders":     {order: "answer.is_overdue desc, answer.due_at asc nulls last, answer.created_at, answer.follow_up_id"},
	"phases":        {order: "case answer.status_category when 'triage' then 1 when 'live' then 2 else 3 end"},
}

// mostBars is how many bars a chart has: of single things as many as its whole width has room for names of.
func mostBars(p *dashboards.Panel) int {
	if len(p.Of(dashboards.Key)) == 0 {
		return 12
	}
	return 20
}

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
	around, err := t.around(p, text)
	if err != nil {
		return "", err
	}
	around = strings.ReplaceAll(around, "{marts}", t.engine().Marts)
	return "with answer as (\n" + text + "\n)\n" + around, nil
}

// around is the query over the answer of text that a chart or a table needs.
func (t Target) around(p *dashboards.Panel, text string) (string, error) {
	switch p.Chart {
	case dashboards.Numbers:
		return t.cards(p), nil
	case dashboards.Line:
		return t.lines(p), nil
	case dashboards.Columns, dashboards.Histogram:
		if xType(p) == "category" && len(p.Of(dashboards.Series)) > 0 {
			return t.classes(p), nil
		}
		return t.points(p), nil
	case dashboards.Scatter, dashboards.Strip, dashboards.Heatmap:
		return t.points(p), nil
	case dashboards.Bars:
		return t.bars(p), nil
	case dashboards.Waterfall:
		return t.waterfall(p), nil
	}
	return t.grid(p, text)
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
		return t.coded(name, c, t.say("none", "なし"))
	case c.Unit == dashboards.Hour: // an axis of names puts them in the order of their letters
		return "lpad(cast(" + name + " as string), 2, '0')"
	}
	return name
}

// coded is a column of names with words for its codes, and for where there is nothing.
func (t Target) coded(name string, c dashboards.Column, none string) string {
	text := fmt.Sprintf("case when coalesce(%s, '') = '' then '%s'", name, none)
	for _, code := range slices.Sorted(maps.Keys(c.Values)) {
		text += fmt.Sprintf(" when %s = '%s' then %s", name, code, t.literal(c.Values[code].In(t.Language)))
	}
	return text + " else " + name + " end"
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
			by := c.Name
			if slices.ContainsFunc(p.Columns, func(x dashboards.Column) bool { return x.Name == c.Name+"_rank" }) {
				by += "_rank"
			}
			order = append(order, "answer."+by+" desc")
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

// classes are the rows of columns over classes, for each series every class: pages put classes in the order in which the first
// series has them, and behind them those that only others have.
func (t Target) classes(p *dashboards.Panel) string {
	x, s, y := p.Of(dashboards.X)[0], p.Of(dashboards.Series)[0], p.Of(dashboards.Y)[0]
	var ranks, nothing, rows, sums, order string
	for i, c := range p.Columns {
		if c.Role == dashboards.Hidden && c.Unit == dashboards.Count { // the place of a class
			ranks += fmt.Sprintf(", answer.%s as place_%d", c.Name, i)
			nothing += fmt.Sprintf(", class.place_%d", i)
			order += fmt.Sprintf("min(drawn.place_%d), ", i)
		}
	}
	empty := "0"
	for _, c := range p.Of(dashboards.Sample) {
		rows += ", answer." + c.Name
		sums += ",\n    max(drawn." + c.Name + ") as " + c.Name
		empty += ", 0"
	}
	return fmt.Sprintf(`select
    drawn.class as %[1]s,
    drawn.kind as %[2]s,
    sum(drawn.size) as %[3]s%[4]s
from (
    select %[5]s as class, %[6]s as kind, answer.%[2]s as code, %[7]s as size%[8]s%[9]s
    from answer
    union all
    select class.class, kind.kind, kind.code, %[10]s%[11]s
    from (select distinct %[5]s as class%[9]s from answer) as class
    cross join (select distinct %[6]s as kind, answer.%[2]s as code from answer) as kind
) as drawn
group by drawn.class, drawn.kind
order by %[12]sdrawn.class, min(drawn.code), drawn.kind`, x.Name, s.Name, y.Name, sums, t.label(x), t.label(s), scaled("answer."+y.Name, y.Unit), rows, ranks, empty, nothing, order)
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
		t.labelOf("drawn", x), x.Name, strings.Join(columns, ",\n"), strings.Join(sum, " + "), strings.Join(order, ", "), mostBars(p))
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
