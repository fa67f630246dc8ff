package redash

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// everyone is the choice that filters nothing.
const everyone = "(all)"

// Limits of lists: a page of Redash holds every row of an answer.
const (
	rowLimit    = 1000
	latestLimit = 500
)

// timeRange is a choice of time, as of the published build.
type timeRange struct {
	name   string
	months int // 0 for everything
}

func (t Target) ranges() []timeRange {
	return []timeRange{
		{t.say("3 months", "3か月"), 3},
		{t.say("6 months", "6か月"), 6},
		{t.say("12 months", "12か月"), 12},
		{t.say("24 months", "24か月"), 24},
		{t.say("everything", "全期間"), 0},
	}
}

// choices are the filters whose values a query gives: the kinds of the query choices.
var choices = []string{"service", "team", "repository", "severity", "incident_type", "field"}

// fieldMark stands between the name of a custom field and its value in a choice of the filter field; it is in no choice but there.
const fieldMark = "␟"

// parameter is how a filter is chosen; nil if it cannot be.
func (t Target) parameter(name string) *Parameter {
	titles := map[string]string{
		"service": t.say("Service", "サービス"), "team": t.say("Team", "チーム"), "repository": t.say("Repository", "リポジトリ"), "severity": t.say("Severity", "重大度"),
		"incident_type": t.say("Incident type", "種類"), "field": t.say("Custom field", "カスタムフィールド"),
	}
	switch {
	case name == "range":
		p := &Parameter{Name: name, Title: t.say("Time", "期間の長さ")}
		for _, r := range t.ranges() {
			p.Values = append(p.Values, r.name)
			if r.months == 12 {
				p.Value = r.name
			}
		}
		return p
	case name == "period":
		return t.fixed(name, t.say("Period", "集計単位"), "month")
	case name == "counted":
		return t.fixed(name, t.say("Which", "対象"), "counted")
	case slices.Contains(choices, name):
		return &Parameter{Name: name, Title: titles[name], Value: everyone, Choices: choicesKey(name)}
	}
	return nil
}

// codes are what queries know choices by that are the same for everybody, with their Japanese words; the English ones are the codes.
var codes = map[string][][2]string{
	"period":  {{"day", "日"}, {"week", "週"}, {"month", "月"}, {"quarter", "四半期"}, {"year", "年"}},
	"counted": {{"counted", "集計対象"}, {"all", "すべて"}},
}

// fixed is a filter of codes, of which one holds until somebody chooses. Its values are words: pages show what they put into a query.
func (t Target) fixed(name, title, usual string) *Parameter {
	p := &Parameter{Name: name, Title: title}
	for _, c := range codes[name] {
		p.Values = append(p.Values, t.say(c[0], c[1]))
		if c[0] == usual {
			p.Value = t.say(c[0], c[1])
		}
	}
	return p
}

// code is the code of the word that is chosen.
func (t Target) code(name string) string {
	text := "'{{ " + name + " }}'"
	if t.Language == "en" {
		return text
	}
	text = "(case " + text
	for _, c := range codes[name] {
		text += fmt.Sprintf(" when '%s' then '%s'", t.say(c[0], c[1]), c[0])
	}
	return text + " end)"
}

func choicesKey(filter string) string { return "choices/" + filter }

var placeholder = regexp.MustCompile(`\{\{ ([a-z_]+) \}\}`)

// parametersOf gives the parameters that a text depends on, in the order in which pages show them.
func (t Target) parametersOf(sql string) []Parameter {
	var out []Parameter
	for _, name := range append([]string{"range", "period", "counted"}, choices...) {
		if slices.ContainsFunc(placeholder.FindAllStringSubmatch(sql, -1), func(m []string) bool { return m[1] == name }) {
			out = append(out, *t.parameter(name))
		}
	}
	return out
}

// parameterSQL is what stands in a query in place of a parameter of the catalogue's queries; nothing where there is none. Every
// place of a choice stands between ', where its values are quoted already.
func (t Target) parameterSQL(name string) string {
	switch name {
	case "period", "counted":
		return t.code(name)
	case "service", "team", "repository", "severity", "incident_type":
		return fmt.Sprintf("(case '{{ %s }}' when '%s' then '' else '{{ %s }}' end)", name, everyone, name)
	case "field":
		return fmt.Sprintf("(case '{{ field }}' when '%s' then '' else %s end)", everyone, t.part(0))
	case "field_value":
		return fmt.Sprintf("(case '{{ field }}' when '%s' then '' else %s end)", everyone, t.part(1))
	case "incident":
		return "''"
	case "row_limit":
		return fmt.Sprint(rowLimit)
	case "latest":
		return fmt.Sprint(latestLimit)
	case "week_anchor":
		return "'1970-01-05'" // of weeks that do not begin on Sunday; the template asks the build for those
	case "as_of":
		return "(select asked.as_of from {marts}publication as asked)"
	case "as_of_date":
		return "(select asked.as_of_date from {marts}publication as asked)"
	case "from_date":
		return t.from()
	case "from_at":
		return "(select " + t.midnight(t.from()) + " from {marts}publication as asked)"
	case "to_at":
		return "(select " + t.midnight(t.addDays("asked.as_of_date", "1")) + " from {marts}publication as asked)"
	case "before_to_date":
		return t.addDays(t.from(), "-1")
	case "before_from_date": // as many days before the range as it has
		days := fmt.Sprintf("date_diff('day', asked.as_of_date, %s) - 1", t.from())
		if t.bigquery() {
			days = fmt.Sprintf("date_diff(%s, asked.as_of_date, day) - 1", t.from())
		}
		return "(select " + t.addDays(t.from(), days) + " from {marts}publication as asked)"
	}
	return ""
}

// part is the name (0) or the value (1) of the chosen custom field.
func (t Target) part(n int) string {
	if t.bigquery() {
		return fmt.Sprintf("split('{{ field }}', '%s')[safe_offset(%d)]", fieldMark, n)
	}
	return fmt.Sprintf("split_part('{{ field }}', '%s', %d)", fieldMark, n+1)
}

func (t Target) addDays(date, days string) string {
	if t.bigquery() {
		return fmt.Sprintf("date_add(%s, interval %s day)", date, days)
	}
	return fmt.Sprintf("cast(%s + to_days(cast(%s as integer)) as date)", date, days)
}

// midnight is the instant at which a date begins in the zone of asked, the published build.
func (t Target) midnight(date string) string {
	if t.bigquery() {
		return fmt.Sprintf("timestamp(%s, asked.timezone)", date)
	}
	return fmt.Sprintf("timezone(asked.timezone, cast(%s as timestamp))", date)
}

// start is the first day of the chosen period that a date is in.
func (t Target) start(date, anchor string) string {
	var b strings.Builder
	b.WriteString("case " + t.code("period"))
	if t.bigquery() {
		fmt.Fprintf(&b, " when 'week' then date_sub(%s, interval mod(date_diff(%s, %s, day), 7) day)", date, date, anchor)
	} else {
		fmt.Fprintf(&b, " when 'week' then cast(%s - to_days(cast(mod(date_diff('day', %s, %s), 7) as integer)) as date)", date, anchor, date)
	}
	for _, period := range []string{"month", "quarter", "year"} {
		if t.bigquery() {
			fmt.Fprintf(&b, " when '%s' then date_trunc(%s, %s)", period, date, period)
		} else {
			fmt.Fprintf(&b, " when '%s' then cast(date_trunc('%s', %s) as date)", period, period, date)
		}
	}
	fmt.Fprintf(&b, " else %s end", date)
	return b.String()
}

// from is the first date of the chosen range, which begins a period: that of the published build, and the months before it.
func (t Target) from() string {
	months, everything := "case '{{ range }}'", ""
	for _, r := range t.ranges() {
		if r.months == 0 {
			everything = t.literal(r.name)
			continue
		}
		months += fmt.Sprintf(" when %s then %d", t.literal(r.name), r.months)
	}
	months += " else 12 end"
	back := fmt.Sprintf("cast(%s - to_months(%s) as date)", t.start("latest_day.d", "latest_day.anchor"), months)
	if t.bigquery() {
		back = fmt.Sprintf("date_sub(%s, interval %s month)", t.start("latest_day.d", "latest_day.anchor"), months)
	}
	return fmt.Sprintf(`(
    select case '{{ range }}' when %s then date '1970-01-01' else %s end
    from (
        select %s as d, latest_day.anchor
        from (
            select p.as_of_date as d, case p.week_start when 'sunday' then date '1970-01-04' else date '1970-01-05' end as anchor
            from {marts}publication as p
        ) as latest_day
    ) as cut
)`, everything, t.start("cut.d", "cut.anchor"), back)
}

// quoted is an expression that writes a text as it has to stand between '.
func (t Target) quoted(text string) string {
	if t.bigquery() {
		return fmt.Sprintf(`replace(replace(replace(replace(%s, '\\', '\\\\'), '\'', '\\\''), '\n', '\\n'), '\r', '\\r')`, text)
	}
	return fmt.Sprintf("replace(%s, '''', '''''')", text)
}
