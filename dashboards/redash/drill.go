package redash

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"fourfold/dashboards"
)

// addressOf stands for the address of a dashboard until its id is known.
func addressOf(dashboard string) string { return "{dashboard:" + dashboard + "}" }

var addressForm = regexp.MustCompile(`\{dashboard:([a-z_]+)\}`)

// marked gives options with the mark of their object, and addresses in place. The hash is that of the options without them, so that
// it is the same wherever they are.
func (p *provisioner) marked(key string, o options) options {
	return addressed(marked(key, o), p.c.path(), p.report.Dashboards).(options)
}

// text gives a text with addresses in place.
func (p *provisioner) text(markdown string) string {
	return addressed(markdown, p.c.path(), p.report.Dashboards).(string)
}

// addressed puts the addresses of dashboards into options and texts: /dashboards/ID below the path of the server. Where there is no
// dashboard yet, as in a dry run, the id is 0.
func addressed(value any, base string, ids map[string]int) any {
	switch v := value.(type) {
	case string:
		return addressForm.ReplaceAllStringFunc(v, func(m string) string {
			return fmt.Sprintf("%s/dashboards/%d", base, ids[dashboardKey(addressForm.FindStringSubmatch(m)[1])])
		})
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = addressed(x, base, ids)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = addressed(x, base, ids)
		}
		return out
	}
	return value
}

func dashboardKey(key string) string { return "dashboard/" + key }

// drillColumn holds what a filter is set to by a link of the row.
func drillColumn(filter string) string { return "drill_" + filter }

// drillFilters are those that a panel's drill-down sets, in their order.
func drillFilters(p *dashboards.Panel) []string {
	if p.Drill == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(p.Drill.Filters))
}

// drill is the address that a row of a table leads to, its values in place; nothing if the panel has none, or one by a filter that
// pages of Redash do not offer. An incident is reached by its link.
func (t Target) drill(p *dashboards.Panel) string {
	if p.Chart != dashboards.Grid || p.Drill == nil || len(p.Of(dashboards.Label)) == 0 {
		return ""
	}
	var query []string
	for _, f := range drillFilters(p) {
		if !slices.Contains(choices, f) || f == "field" {
			return ""
		}
		query = append(query, "p_"+f+"={{ "+drillColumn(f)+" }}")
	}
	if query == nil {
		return addressOf(p.Drill.Dashboard)
	}
	return addressOf(p.Drill.Dashboard) + "?" + strings.Join(query, "&")
}

// drillValue is the choice of a filter that a column of a row names, as it stands in an address: pages put it there as it is.
func (t Target) drillValue(p *dashboards.Panel, column string) string {
	value := t.quoted("answer." + column)
	for _, c := range [][2]string{{"%", "%25"}, {"&", "%26"}, {"#", "%23"}, {"+", "%2B"}} {
		value = fmt.Sprintf("replace(%s, '%s', '%s')", value, c[0], c[1])
	}
	none := fmt.Sprintf("coalesce(answer.%s, '') = ''", column)
	if overall(p) {
		none += " or answer.dimension = 'all'"
	}
	return fmt.Sprintf("case when %s then '%s' else %s end", none, everyone, value)
}
