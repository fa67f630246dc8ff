package lookml

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fourfold/dashboards"
)

// schemaPrefix is what stands before a mart's name.
const schemaPrefix = "@{SCHEMA}."

// firstDate is where a range begins that has no beginning.
const firstDate = "date '1970-01-01'"

// Ranges are chosen by the filter date_range, in local dates: of a date filter that is not converted, the bounds are a DATE
// or a TIMESTAMP at midnight UTC, and nothing (NULL) where it is open. Its end is exclusive.
const (
	fromDate = "coalesce(cast({% date_start date_range %} as date), " + firstDate + ")"
	endDate  = "cast({% date_end date_range %} as date)"
)

// toDate is the last date of the range, at most that of the build, over a row of publication called p.
const toDate = "least(coalesce(date_sub(" + endDate + ", interval 1 day), p.as_of_date), p.as_of_date)"

// ofBuild is an expression over the row of publication, p.
func ofBuild(expression string) string {
	return "(select " + expression + " from " + schemaPrefix + "publication as p)"
}

// beforeFrom is the first date of the range before the range, which is as long.
const beforeFrom = "date_sub(" + fromDate + ", interval date_diff(" + toDate + ", " + fromDate + ", day) + 1 day)"

// rowLimit is how many rows of a list are asked for at most: Looker cuts what it shows at 5,000.
const rowLimit = "5000"

// parameters are what stands for a parameter of the catalogue's queries. Those that people choose a value of are not here.
var parameters = map[string]string{
	"period":           "{% parameter period %}",
	"from_date":        fromDate,
	"to_date":          ofBuild(toDate),
	"as_of_date":       ofBuild(toDate),
	"before_from_date": ofBuild(beforeFrom),
	"before_to_date":   "date_sub(" + fromDate + ", interval 1 day)",
	"from_at":          ofBuild("timestamp(" + fromDate + ", p.timezone)"),
	"to_at":            ofBuild("timestamp(date_add(" + toDate + ", interval 1 day), p.timezone)"),
	"as_of":            ofBuild("p.as_of"),
	"week_anchor":      "date '1970-01-05'",
	"row_limit":        rowLimit,
	"latest":           rowLimit,
	"counted":          "'all'",
	"incident":         "''",
}

// choices are the parameters that people choose values of, in the order in which they are shown: any number, with Looker's
// own language of filters (none, several, not, contains).
var choices = []string{"service", "team", "repository", "severity", "incident_type", "field", "field_value", "metric"}

var (
	optional = regexp.MustCompile(`@([a-z_]+) = '' or ([a-z_.]+) = @([a-z_]+)`)
	required = regexp.MustCompile(`([a-z_.]+) = @([a-z_]+)`)
	token    = regexp.MustCompile(`@[a-z_]+`)
	slotMark = regexp.MustCompile(`/\*</?[a-z_]+>\*/ ?`)
	usesDate = regexp.MustCompile(`\{% date_(start|end) date_range %\}`)
	usesPick = regexp.MustCompile(`\{% (?:condition|parameter) ([a-z_]+) %\}`)
	comment  = regexp.MustCompile(`(?m)^ *--.*\n`)
	gap      = regexp.MustCompile(`(?m)^ +\n| +$`) // what a mark leaves behind
)

// condition is a templated filter: true where nothing is chosen.
func condition(filter, expression string) string {
	return "{% condition " + filter + " %} " + expression + " {% endcondition %}"
}

// nothing is what a row without a value has.
const nothing = "cast(null as string)"

// Filters over a table of several rows for each object: without it an object is kept if the filter would keep a row without
// value, and so is everything where nothing is chosen.
var (
	byService = regexp.MustCompile(`\(@service = '' and @team = ''\)(\s+or )([a-z_.]+)( in \()`)
	byOne     = regexp.MustCompile(`@(service|field) = ''(\s+or )([a-z_.]+)( in \()`)
	tablesOf  = map[string]string{"service": "fct_incident_services", "field": "fct_incident_fields"}
	filtersOn = map[string][]string{"service": {"service"}, "field": {"field", "field_value"}}
)

// nothingChosen is where a query asks whether nothing is chosen, so that fewer rows need be read. In Looker a filter may be "not" something,
// which keeps what has no value as nothing does: the answer is always no.
var nothingChosen = regexp.MustCompile(`\(@[a-z_]+ = ''(?: and @[a-z_]+ = '')*\)`)

// whole is a filter by a table of several rows, before the subquery that looks for one.
func whole(object, table string, filters ...string) string {
	text := "("
	for _, f := range filters {
		text += condition(f, nothing) + " and "
	}
	return text + object + " not in (select incident_id from " + schemaPrefix + table + "))"
}

func putWholes(text string) string {
	text = byService.ReplaceAllStringFunc(text, func(s string) string {
		m := byService.FindStringSubmatch(s)
		return whole(m[2], tablesOf["service"], "service", "team") + m[1] + m[2] + m[3]
	})
	return byOne.ReplaceAllStringFunc(text, func(s string) string {
		m := byOne.FindStringSubmatch(s)
		return whole(m[3], tablesOf[m[1]], filtersOn[m[1]]...) + m[2] + m[3] + m[4]
	})
}

// rendered is a query in the words of Looker, and the filters and parameters that it uses.
type rendered struct {
	sql  string
	uses []string // date_range, period and those of choices, in their order
}

// renderQuery gives a query of the catalogue.
func renderQuery(name string) (rendered, error) {
	q, err := dashboards.Load(name)
	if err != nil {
		return rendered{}, err
	}
	engine := dashboards.BigQuery
	engine.Marts = schemaPrefix
	text, err := q.Render(engine, func(p string) string { return "@" + p })
	if err != nil {
		return rendered{}, err
	}
	r, err := toLiquid(text)
	if err != nil {
		return rendered{}, fmt.Errorf("lookml: query %s: %w", name, err)
	}
	return r, nil
}

// toLiquid puts Looker's filters and parameters in place of those of a query.
func toLiquid(text string) (rendered, error) {
	text = strings.ReplaceAll(text, "/*<to_date>*/ p.as_of_date /*</to_date>*/", toDate)
	text = slotMark.ReplaceAllString(comment.ReplaceAllString(text, ""), "")
	text = nothingChosen.ReplaceAllString(putWholes(text), "false")
	text = optional.ReplaceAllStringFunc(text, func(s string) string {
		if m := optional.FindStringSubmatch(s); m[1] == m[3] && slices.Contains(choices, m[1]) {
			return condition(m[1], m[2])
		}
		return s
	})
	text = required.ReplaceAllStringFunc(text, func(s string) string {
		if m := required.FindStringSubmatch(s); slices.Contains(choices, m[2]) {
			return condition(m[2], m[1])
		}
		return s
	})
	var unknown []string
	text = token.ReplaceAllStringFunc(text, func(s string) string {
		if p, ok := parameters[s[1:]]; ok {
			return p
		}
		unknown = append(unknown, s)
		return s
	})
	if unknown != nil {
		return rendered{}, fmt.Errorf("there is nothing in Looker for %s as it stands", strings.Join(unknown, ", "))
	}
	text = strings.TrimSpace(gap.ReplaceAllString(text, ""))
	return rendered{sql: text, uses: usedBy(text)}, nil
}

// usedBy gives the filters and parameters that a text uses.
func usedBy(text string) []string {
	found := map[string]bool{}
	if usesDate.MatchString(text) {
		found["date_range"] = true
	}
	for _, m := range usesPick.FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	var out []string
	for _, name := range append([]string{"date_range", "period", "dimension"}, choices...) {
		if found[name] {
			out = append(out, name)
		}
	}
	return out
}

// suggestions are the fields whose values are offered, by the explore that has them.
var suggestions = map[string]pair{
	"service":       {"dim_services", "dim_services.service"},
	"team":          {"dim_services", "dim_services.team"},
	"repository":    {"dim_repositories", "dim_repositories.repository"},
	"severity":      {"dim_severities", "dim_severities.severity"},
	"incident_type": {"fct_incidents", "fct_incidents.incident_type"},
	"field":         {"fct_incidents", "fct_incident_fields.field"},
	"field_value":   {"fct_incidents", "fct_incident_fields.value"},
	"metric":        {"dim_metrics", "dim_metrics.metric"},
}

var periods = []string{"day", "week", "month", "quarter", "year", "whole"}

// inputs gives the filters and parameters that a derived table needs.
func inputs(uses []string) []*node {
	var out []*node
	for _, name := range uses {
		switch name {
		case "date_range":
			out = append(out, block("filter", name, str("label", "Date range"),
				str("description", "Local dates, of the time zone that the build is configured with (@{TIME_ZONE}). Nothing chosen is everything."),
				word("type", "date"), word("datatype", "date"), word("convert_tz", "no")))
		case "period":
			p := block("parameter", name, str("label", "Period"), str("description", "How long a bucket is; whole is one for the range."),
				word("type", "string"), str("default_value", "month"))
			out = append(out, p.add(allowed(periods)...))
		case "dimension":
			p := block("parameter", name, str("label", "Group by"), str("description", "What the metrics are broken down by."),
				word("type", "string"), str("default_value", "all"))
			out = append(out, p.add(allowed(groupings)...))
		default:
			s := suggestions[name]
			out = append(out, block("filter", name, str("label", humanName(name)+" (filter)"), word("type", "string"),
				word("suggest_explore", s.key), word("suggest_dimension", s.value)))
		}
	}
	return out
}

func allowed(values []string) []*node {
	var out []*node
	for _, v := range values {
		out = append(out, block("allowed_value", "", str("label", humanName(v)), str("value", v)))
	}
	return out
}
