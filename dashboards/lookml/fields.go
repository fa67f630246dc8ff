package lookml

import (
	"fmt"
	"strings"
)

// A duration is shown as a fraction of a day in this format, which tables and axes both understand: 26:05:00 is a day, two
// hours and five minutes.
const (
	durationFormat = "[h]:mm:ss"
	secondsADay    = "86400.0"
)

var (
	instantFrames = []string{"raw", "time", "date", "day_of_week", "hour_of_day", "week", "month", "quarter", "year"}
	dateFrames    = []string{"raw", "date", "day_of_week", "week", "month", "quarter", "year"}
)

// fieldsOf names what the columns of a table are in LookML. Names are what people write down in their refinements: they
// follow from the column alone, so they stay as long as it does.
type fieldsOf map[string]string

// nameFields gives each column its dimension or, of times, the group.
func nameFields(columns []column) fieldsOf {
	names := fieldsOf{}
	taken := map[string]bool{}
	for _, c := range columns {
		if c.kind != dateType {
			names[c.name] = fieldName(c)
			taken[names[c.name]] = true
		}
	}
	for _, c := range columns {
		if c.kind == dateType {
			name := strings.TrimSuffix(c.name, "_date")
			if taken[name] {
				name += "_local"
			}
			names[c.name] = name
		}
	}
	return names
}

func fieldName(c column) string {
	switch {
	case c.kind == instantType:
		return strings.TrimSuffix(c.name, "_at")
	case isDuration(c):
		return strings.TrimSuffix(strings.TrimSuffix(c.name, "seconds"), "_")
	}
	return c.name
}

// isDuration says whether a column is whole seconds.
func isDuration(c column) bool {
	return (c.kind == intType || c.kind == floatType) && strings.HasSuffix(c.name, "_seconds")
}

// shown is the field by which a column is shown in a table.
func (f fieldsOf) shown(c column) string {
	switch c.kind {
	case instantType:
		return f[c.name] + "_time"
	case dateType:
		return f[c.name] + "_date"
	}
	return f[c.name]
}

// dimensions gives the dimensions of a column. Labels are ours, or "" for one made of the name.
func dimensions(c column, name, label string) []*node {
	if label == "" {
		label = humanName(name)
	}
	from := sql("sql", "${TABLE}."+c.name)
	described := []*node{str("label", label)}
	if c.kind == instantType {
		c.description = strings.ReplaceAll(c.description, ", UTC", "") // Looker shows it in the reader's zone
	}
	if c.description != "" {
		described = append(described, str("description", c.description))
	}
	switch {
	case c.kind == instantType:
		return []*node{block("dimension_group", name, described...).add(word("type", "time"), list("timeframes", instantFrames...),
			word("datatype", "timestamp"), from)}
	case c.kind == dateType:
		return []*node{block("dimension_group", name, described...).add(word("type", "time"), list("timeframes", dateFrames...),
			word("datatype", "date"), word("convert_tz", "no"), from)}
	case c.kind == boolType:
		return []*node{block("dimension", name, described...).add(word("type", "yesno"), from)}
	case isDuration(c):
		raw := block("dimension", c.name, word("hidden", "yes"), str("label", humanName(c.name)), str("description", c.description), word("type", "number"), from)
		if c.description == "" {
			raw = block("dimension", c.name, word("hidden", "yes"), str("label", label+" (seconds)"), word("type", "number"), from)
		}
		return []*node{raw, block("dimension", name, described...).add(word("type", "number"), str("value_format", durationFormat),
			sql("sql", "${"+c.name+"} / "+secondsADay))}
	case c.kind == intType || c.kind == floatType:
		return []*node{block("dimension", name, described...).add(word("type", "number"), from)}
	}
	return []*node{block("dimension", name, described...).add(word("type", "string"), from)}
}

// hide makes a field one that is used and not offered.
func hide(n *node) *node {
	if n.get("hidden") == nil {
		n.kids = append([]*node{word("hidden", "yes")}, n.kids...)
	}
	return n
}

// figure is a measure for a value that is an aggregate already, such as a median: it is shown where exactly one row stands
// behind it, and is nothing elsewhere, so that no median is ever averaged or summed.
func figure(name, label, description, expression string) *node {
	n := block("measure", name, str("label", label))
	if description != "" {
		n.add(str("description", description))
	}
	return n.add(word("type", "number"), sql("sql", "case when count(*) = 1 then max("+expression+") end"))
}

// median and ninthDecile are taken of rows.
func median(name, label, of string, filters ...pair) *node {
	return spread(name, label, of, filters, word("type", "median"))
}

func ninthDecile(name, label, of string, filters ...pair) *node {
	return spread(name, label, of, filters, word("type", "percentile"), word("percentile", "90"))
}

func spread(name, label, of string, filters []pair, kind ...*node) *node {
	n := block("measure", name, str("label", label)).add(kind...)
	if len(filters) > 0 {
		n.add(filtersOf(filters...))
	}
	return n.add(str("value_format", durationFormat), sql("sql", "${"+of+"}"), list("drill_fields", "detail*"))
}

func countDistinct(name, label, of string, filters ...pair) *node {
	n := block("measure", name, str("label", label), word("type", "count_distinct"))
	if len(filters) > 0 {
		n.add(filtersOf(filters...))
	}
	return n.add(sql("sql", "${"+of+"}"), list("drill_fields", "detail*"))
}

// ratio is one measure by another; nothing of nothing.
func ratio(name, label, part, whole string) *node {
	return block("measure", name, str("label", label), word("type", "number"), word("value_format_name", "percent_1"),
		sql("sql", fmt.Sprintf("1.0 * ${%s} / nullif(${%s}, 0)", part, whole)), list("drill_fields", "detail*"))
}

// described puts what a measure means behind its label.
func described(n *node, text string) *node {
	n.kids = append(n.kids[:1:1], append([]*node{str("description", text)}, n.kids[1:]...)...)
	return n
}

var upper = map[string]string{"id": "ID", "sha": "SHA", "url": "URL", "p90": "P90"}

// humanName makes a label of a name: time_to_restore is Time to restore.
func humanName(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		if u, ok := upper[w]; ok {
			words[i] = u
		} else if i == 0 && w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}
