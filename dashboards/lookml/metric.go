package lookml

import (
	"fmt"
	"regexp"
	"strings"

	"fourfold/dbt"
)

// groupings are what metrics can be broken down by.
var groupings = []string{"all", "service", "team", "repository", "severity", "incident_type"}

// fill puts text into a slot of the metric template, wherever it stands.
func fill(template, slot, text string) (string, error) {
	between := regexp.MustCompile(`(?s)/\*<` + slot + `>\*/.*?/\*</` + slot + `>\*/`)
	if !between.MatchString(template) {
		return "", fmt.Errorf("lookml: the metric template has no slot %s", slot)
	}
	return between.ReplaceAllLiteralString(template, text), nil
}

// metricSQL is the metric template under any filter and by any of the groupings.
func metricSQL() (rendered, error) {
	group := "case {% parameter dimension %}"
	for _, g := range groupings[1:] {
		group += " when '" + g + "' then m." + g
	}
	group += " else 'all' end"
	filters := []string{}
	for _, f := range []string{"service", "team", "repository", "severity", "incident_type"} {
		filters = append(filters, condition(f, "m."+f))
	}
	filters = append(filters, "(\n    "+whole("m.object_id", tablesOf["field"], filtersOn["field"]...)+"\n    or m.object_id in (select incident_id from "+schemaPrefix+"fct_incident_fields where "+
		condition("field", "field")+" and "+condition("field_value", "value")+")\n)")
	text := dbt.MetricBigQuery
	for _, s := range []pair{
		{"marts", schemaPrefix},
		{"dimension", "{% parameter dimension %}"},
		{"dimension_value", group},
		{"period", "{% parameter period %}"},
		{"from_date", fromDate},
		{"to_date", toDate},
		{"filters", strings.ReplaceAll(strings.Join(filters, "\nand "), "\n", "\n            ")},
		{"metrics", condition("metric", "metrics.metric")},
	} {
		var err error
		if text, err = fill(text, s.key, s.value); err != nil {
			return rendered{}, err
		}
	}
	return toLiquid(text)
}

// makeMetric gives the view of the metric template with filters.
func makeMetric() (*node, error) {
	r, err := metricSQL()
	if err != nil {
		return nil, err
	}
	v := block("view", "metric", str("label", "Metrics"), block("derived_table", "", sql("sql", r.sql))).add(inputs(r.uses)...)
	v.add(rowKey("metric", "period", "period_start", "dimension", "dimension_value"))
	for _, c := range []column{
		{"metric", "The metric, as in the metric definitions.", textType},
		{"dimension", "What it is broken down by.", textType},
		{"dimension_value", "The group; all for all.", textType},
		{"period", "How long a bucket is.", textType},
		{"period_start", "First day of the bucket, in the configured time zone (@{TIME_ZONE}).", dateType},
		{"level", "elite, high, medium or low where the report year has cut-offs.", textType},
		{"is_open", "Whether the bucket has not ended.", boolType},
	} {
		name := nameFields([]column{c})[c.name]
		if c.name == "dimension" || c.name == "period" || c.name == "metric" {
			name = map[string]string{"dimension": "grouping", "period": "bucket", "metric": "metric_name"}[c.name]
		}
		v.add(dimensions(c, name, humanName(c.name))...)
	}
	for _, c := range []column{
		{"value", "Its value in the metric's unit.", floatType},
		{"low", "Lower limit at 95% (M2).", floatType},
		{"high", "Upper limit at 95% (M2).", floatType},
	} {
		v.add(figure(c.name, humanName(c.name), c.description+" Only where one row stands behind it.", "${TABLE}."+c.name).
			add(str("value_format", "0.##"), sql("html", strings.ReplaceAll(metricHTML("metric"), "metric.metric._value", "metric.metric_name._value")), list("drill_fields", "detail*")))
	}
	v.add(figure("value_duration", "Value as a duration", "For charts of times.", "${TABLE}.value / "+secondsADay).add(str("value_format", durationFormat)),
		figure("value_share", "Value as a share", "For charts of rates.", "${TABLE}.value").add(word("value_format_name", "percent_1")),
		figure("sample_size", "Sample size", "How many objects it rests on.", "${TABLE}.sample_size").add(word("value_format_name", "decimal_0")))
	return v.add(block("set", "detail", list("fields", "metric_name", "dimension_value", "period_start_date", "value", "low", "high", "sample_size"))), nil
}
