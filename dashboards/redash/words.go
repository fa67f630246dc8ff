package redash

import (
	"fmt"
	"strings"

	"fourfold/dashboards"
)

// worded is a number of a metric in words, by the unit of named: what a card or a table of several metrics shows. A space
// that breaks no line (U+00A0) stands before 時間 and a word joiner (U+2060) in it, or a card breaks its lines there.
func (t Target) worded(number string) string {
	round := func(expression string, digits int) string {
		return fmt.Sprintf("cast(round(%s, %d) as string)", expression, digits)
	}
	return fmt.Sprintf("case when %[1]s is null then '%[2]s' when named.unit = 'seconds' and %[1]s < 3600 then concat(%[3]s, '%[4]s') "+
		"when named.unit = 'seconds' and %[1]s < 172800 then concat(%[5]s, '%[6]s') when named.unit = 'seconds' then concat(%[7]s, '%[8]s') "+
		"when named.unit = 'ratio' then concat(%[9]s, ' %%') when %[1]s = floor(%[1]s) then cast(cast(%[1]s as int64) as string) else %[10]s end",
		number, "–", round(number+" / 60.0", 1), t.say(" min", " 分"), round(number+" / 3600.0", 1), t.say(" h", "\u00a0時\u2060間"), round(number+" / 86400.0", 1), t.say(" d", " 日"),
		round(number+" * 100.0", 1), round(number, 2))
}

// cards are a row for each metric of a panel, whether there is anything or not, since a card shows the row of a number.
func (t Target) cards(p *dashboards.Panel) string {
	level := "coalesce(latest.level, '')"
	for _, c := range p.Of(dashboards.Level) {
		level = t.coded("latest."+c.Name, c, "")
	}
	var wanted []string
	for i, m := range p.Metrics {
		wanted = append(wanted, fmt.Sprintf("    select %d as place, '%s' as metric", i+1, m))
	}
	return fmt.Sprintf(`select
    coalesce(named.title_%s, wanted.metric) as metric,
    case when latest.value is null then '%s' else concat(%s, ' (n=', cast(latest.sample_size as string), ')') end as value,
    %s as value_before,
    case when latest.low is null then '' else concat(%s, ' – ', %s) end as confidence,
    %s as level
from (
%s
) as wanted
left join {marts}dim_metrics as named on wanted.metric = named.metric
left join answer as latest on wanted.metric = latest.metric and latest.span = 'now'
left join answer as earlier on wanted.metric = earlier.metric and earlier.span = 'before'
order by wanted.place`, t.Language, t.say("no data", "データなし"), t.worded("latest.value"), t.worded("earlier.value"), t.worded("latest.low"), t.worded("latest.high"), level,
		strings.Join(wanted, "\n    union all\n"))
}
