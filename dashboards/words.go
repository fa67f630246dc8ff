package dashboards

import (
	"fmt"
	"regexp"
	"strings"
)

// Words are what the engines say differently: `{word EXPRESSION ...}` in a query, whose expressions are names of columns or parameters. Where one of them
// needs the time zone or the first day of the week, a row of the mart publication goes by that name.
//
//	{local_date INSTANT}           its date in the configured time zone (P1)
//	{local_hour INSTANT}           0 to 23, likewise
//	{local_weekday INSTANT}        1 for Monday to 7, likewise
//	{period_of DATE}               the first day of the period (@period) that it is in
//	{seconds_between FROM TO}      whole seconds, the floor
//	{freshness}                    the rows of publication.freshness: source, stream, status, observed_at, last_ok_at
var (
	duckdbWords = map[string]string{
		"local_date":      "cast(timezone(publication.timezone, %[1]s) as date)",
		"local_hour":      "cast(extract(hour from (%[1]s at time zone publication.timezone)) as bigint)",
		"local_weekday":   "cast(extract(isodow from (%[1]s at time zone publication.timezone)) as bigint)",
		"period_of":       periodOf("cast(%[1]s - to_days(cast(mod(mod(date_diff('day', "+weekAnchor+", %[1]s), 7) + 7, 7) as integer)) as date)", "cast(date_trunc('%[2]s', %[1]s) as date)"),
		"seconds_between": "cast(floor((epoch_us(%[2]s) - epoch_us(%[1]s)) / 1000000) as bigint)",
		"freshness": `select
        json_extract_string(streams.item, '$.source') as source,
        json_extract_string(streams.item, '$.stream') as stream,
        json_extract_string(streams.item, '$.status') as status,
        try_cast(json_extract_string(streams.item, '$.observed_at') as timestamptz) as observed_at,
        try_cast(json_extract_string(streams.item, '$.last_ok_at') as timestamptz) as last_ok_at
    from (select unnest(json_extract(publication.freshness, '$[*]')) as item from {marts}publication as publication) as streams`,
	}
	bigqueryWords = map[string]string{
		"local_date":      "date(%[1]s, publication.timezone)",
		"local_hour":      "cast(format_timestamp('%%H', %[1]s, publication.timezone) as int64)",
		"local_weekday":   "cast(format_timestamp('%%u', %[1]s, publication.timezone) as int64)",
		"period_of":       periodOf("date_sub(%[1]s, interval mod(mod(date_diff(%[1]s, "+weekAnchor+", day), 7) + 7, 7) day)", "cast(date_trunc(%[1]s, %[2]s) as date)"),
		"seconds_between": "cast(floor(timestamp_diff(%[2]s, %[1]s, microsecond) / 1000000) as int64)",
		"freshness": `select
        json_value(item, '$.source') as source,
        json_value(item, '$.stream') as stream,
        json_value(item, '$.status') as status,
        safe_cast(json_value(item, '$.observed_at') as timestamp) as observed_at,
        safe_cast(json_value(item, '$.last_ok_at') as timestamp) as last_ok_at
    from {marts}publication as publication
    cross join unnest(json_query_array(publication.freshness, '$')) as item`,
	}
)

// weekAnchor is the first day of some week, from which all others are counted (P2).
const weekAnchor = "case publication.week_start when 'sunday' then date '1970-01-04' else date '1970-01-05' end"

// periodOf is the first day of the period of a date, %[1]s; trunc gives that of a unit, %[2]s. As in the metric template, whole
// is one period from the first day on.
func periodOf(week, trunc string) string {
	text := "case @period when 'day' then %[1]s when 'week' then " + week
	for _, unit := range []string{"month", "quarter", "year"} {
		text += " when '" + unit + "' then " + strings.ReplaceAll(trunc, "%[2]s", unit)
	}
	return text + " else cast(@from_date as date) end"
}

var wordCall = regexp.MustCompile(`\{(local_date|local_hour|local_weekday|period_of|seconds_between|freshness)((?: @?[a-z_.]+)*)\}`)

// putWords replaces each call of a word by what the engine says. Calls with more or fewer expressions than it takes are errors.
func putWords(text string, e Engine) (string, error) {
	var failed error
	out := wordCall.ReplaceAllStringFunc(text, func(call string) string {
		m := wordCall.FindStringSubmatch(call)
		form := e.words[m[1]]
		var given []any
		for _, f := range strings.Fields(m[2]) {
			given = append(given, f)
		}
		want := 0
		for n := 1; strings.Contains(form, fmt.Sprintf("%%[%d]s", n)); n++ {
			want = n
		}
		if len(given) != want || form == "" {
			failed = fmt.Errorf("%s: it takes %d expressions", call, want)
			return call
		}
		if want == 0 {
			return form
		}
		return fmt.Sprintf(form, given...)
	})
	return out, failed
}
