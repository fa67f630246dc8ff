package lookml

import (
	"fmt"
	"slices"
	"strings"
)

// table is a view of a mart, and how its columns are called in it.
type table struct {
	schema
	about
	fields fieldsOf
	view   *node
}

// field is the full name of the field that shows a column.
func (t *table) field(columnName string) (string, error) {
	c, ok := t.column(columnName)
	if !ok {
		return "", fmt.Errorf("lookml: %s has no column %s", t.name, columnName)
	}
	return t.name + "." + t.fields.shown(c), nil
}

// severityRank orders severities: the graver first when sorted downwards.
const severityRank = "severity_rank"

// makeTable gives the view of a mart.
func makeTable(s schema, a about) (*table, error) {
	t := &table{schema: s, about: a, fields: nameFields(s.columns)}
	if t.label == "" {
		t.label = humanName(s.name)
	}
	v := block("view", s.name, str("label", t.label), sql("sql_table_name", "@{SCHEMA}."+s.name))
	t.view = v
	if len(s.key) > 1 {
		v.add(rowKey(s.key...))
	}
	var figures []*node
	for _, c := range s.columns {
		if slices.Contains(a.figures, c.name) {
			figures = append(figures, t.figure(c))
			continue
		}
		v.add(t.dimensions(c)...)
	}
	v.add(a.fields...)
	t.measures(figures)
	return t, t.detailSet()
}

// rowKey puts the columns of a key together so that two keys are never one: each is written as a literal.
func rowKey(key ...string) *node {
	var parts []string
	for _, k := range key {
		parts = append(parts, "to_json_string(${TABLE}."+k+")")
	}
	return block("dimension", "row_key", word("primary_key", yes), word("hidden", yes), str("label", "Key"),
		str("description", "What names a row: "+strings.Join(key, ", ")+"."), word("type", "string"), sql("sql", "concat("+strings.Join(parts, ", ',', ")+")"))
}

func (t *table) dimensions(c column) []*node {
	all := dimensions(c, t.fields[c.name], "")
	shown := all[len(all)-1]
	if t.key[0] == c.name && len(t.key) == 1 {
		shown.kids = append([]*node{word("primary_key", yes)}, shown.kids...)
	}
	if isInternal(c.name) {
		hide(shown)
	}
	if c.name == "severity" && t.has(severityRank) {
		shown.add(word("order_by_field", severityRank))
	} else if c.name == "severity" && t.name == "data_quality" {
		shown.add(word("order_by_field", "severity_order"))
	}
	if c.name == statusCategory {
		shown.add(word("order_by_field", statusOrder))
		all = append(all, statusOrderField())
	}
	switch {
	case isAddress(c.name):
		shown.add(block("link", "", str("label", "Open"), str("url", "{{ value }}")))
	case c.name == t.link:
		shown.add(block("link", "", str("label", "Open"), str("url", "{{ "+t.name+"."+t.address+"._value }}")))
	case c.name == "service" && t.name != "dim_services":
		shown.add(block("link", "", str("label", "Overview of {{ value }}"), str("url", dashboardAddress("overview")+"?Service={{ value | url_encode }}")))
	}
	if c.name == "pull_request" {
		shown.add(word("value_format_name", "id"))
	}
	return all
}

const (
	statusCategory = "status_category"
	statusOrder    = "status_category_order"
)

// statusOrderField orders categories of status as an incident goes through them.
func statusOrderField() *node {
	return block("dimension", statusOrder, word("hidden", yes), str("label", "Status category order"), word("type", "number"),
		sql("sql", "case ${TABLE}."+statusCategory+" when 'triage' then 1 when 'live' then 2 when 'paused' then 3 when 'learning' then 4 when 'closed' then 5 else 6 end"))
}

// isInternal says whether a column is there for joins and orders, not for reading.
func isInternal(name string) bool {
	return strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_rank") || name == "aliases" || name == "position" || name == "seconds"
}

func isAddress(name string) bool {
	return name == "url" || name == "permalink" || strings.HasSuffix(name, "_url")
}

// figure is the measure of a column that holds aggregates.
func (t *table) figure(c column) *node {
	name, expression, format := c.name, "${TABLE}."+c.name, word("value_format_name", "decimal_2")
	switch {
	case isDuration(c):
		name, expression, format = t.fields[c.name], expression+" / "+secondsADay, str("value_format", durationFormat)
	case strings.HasSuffix(name, "_rate"):
		format = word("value_format_name", "percent_1")
	case c.kind == intType:
		format = word("value_format_name", "decimal_0")
	}
	if t.name == "four_keys" && c.kind == floatType {
		return figure(name, humanName(name), c.description+" Only where one row stands behind it.", expression).add(str("value_format", `0.##`), sql("html", metricHTML(t.name)))
	}
	return figure(name, humanName(name), c.description+" Only where one row stands behind it.", expression).add(format)
}

// metricHTML shows a value in the unit of its metric, by the metric's name.
func metricHTML(view string) string {
	return "{% if value == nil %}{{ rendered_value }}" +
		"{% elsif " + view + ".metric._value contains '_seconds' %}" +
		"{% if value >= 172800 %}{{ value | divided_by: 86400.0 | round: 1 }} d" +
		"{% elsif value >= 5400 %}{{ value | divided_by: 3600.0 | round: 1 }} h" +
		"{% elsif value >= 90 %}{{ value | divided_by: 60.0 | round: 1 }} min" +
		"{% else %}{{ value | round: 0 }} s{% endif %}" +
		"{% elsif " + view + ".metric._value contains '_rate' %}{{ value | times: 100.0 | round: 1 }}%" +
		"{% else %}{{ value | round: 2 }}{% endif %}"
}

// measures adds what may be aggregated, and nothing else.
func (t *table) measures(figures []*node) {
	v := t.view
	if t.counted != "" {
		of := t.objects
		if of == "" {
			of = "row_key"
			if len(t.key) == 1 {
				c, _ := t.column(t.key[0])
				of = t.fields[c.name]
			}
		}
		v.add(described(countDistinct(t.counted, humanName(t.counted), of), "Of all that is here, whether or not it counts for the metrics."))
	}
	v.add(t.about.measures...)
	if t.rows {
		for _, c := range t.columns {
			if !isDuration(c) {
				continue
			}
			var only []pair
			note := "Of rows, never of medians."
			if t.has("is_counted") {
				only, note = []pair{countedOnly}, "Of rows that count, never of medians."
			}
			if len(t.key) > 1 {
				note += oncePerService
			}
			name := t.fields[c.name]
			v.add(described(median("median_"+name, "Median "+lower(humanName(name)), name, only...), note))
			v.add(described(ninthDecile("p90_"+name, "P90 "+lower(humanName(name)), name, only...), note))
		}
	}
	v.add(figures...)
}

func lower(label string) string { return strings.ToLower(label[:1]) + label[1:] }

// detailSet is what is shown of rows.
func (t *table) detailSet() error {
	var fields []string
	for _, name := range t.detail {
		c, ok := t.column(name)
		if !ok {
			return fmt.Errorf("lookml: %s shows column %s, which it has not", t.name, name)
		}
		fields = append(fields, t.fields.shown(c))
	}
	if len(fields) == 0 {
		for _, c := range t.columns {
			fields = append(fields, t.fields.shown(c))
		}
	}
	t.view.add(block("set", "detail", list("fields", fields...)))
	return nil
}
