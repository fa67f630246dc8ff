package redash

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fourfold/dashboards"
)

// tableColumn is a column of a table.
func tableColumn(order int, name, title, kind, displayAs string, more options) options {
	align := "left"
	if displayAs == "number" {
		align = "right"
	}
	o := options{"name": name, "title": title, "type": kind, "displayAs": displayAs, "visible": true, "order": order, "alignContent": align, "allowSearch": false}
	for k, v := range more {
		o[k] = v
	}
	return o
}

// cardTable is the table beside cards: the range, the time before it, and how sure that is.
func (t Target) cardTable() options {
	var columns []any
	for i, c := range [][2]string{
		{"metric", t.say("Metric", "指標")},
		{"value", t.say("Value", "値")},
		{"value_before", t.say("Before", "前の期間")},
		{"confidence", t.say("95% interval", "95%区間")},
		{"level", t.say("Level", "レベル")},
	} {
		columns = append(columns, tableColumn(i, c[0], c[1], "string", "string", nil))
	}
	return options{"itemsPerPage": 25, "columns": columns}
}

// wordOf is the column that holds what stands at a link, nothing where there is no address.
func wordOf(column string) string { return column + "_word" }

// table are the options of a table: every column of the panel with its title, keys out of sight, links as links.
func (t Target) table(p *dashboards.Panel) options {
	var columns []any
	add := func(name, title, kind, displayAs string, more options) {
		columns = append(columns, tableColumn(len(columns), name, title, kind, displayAs, more))
	}
	hide := options{"visible": false}
	words := mixed(p)
	address, named := t.drill(p), ""
	if address != "" {
		named = p.Of(dashboards.Label)[0].Name
	}
	for _, c := range p.Columns {
		kind, displayAs, more := "string", "string", options{}
		title := c.Title.In(t.Language)
		switch c.Unit {
		case dashboards.Seconds:
			kind, displayAs = "integer", "number"
			more["numberFormat"] = "00:00:00"
			title += t.say(" (h:mm:ss)", "（時:分:秒）")
		case dashboards.Share:
			kind, displayAs = "float", "number"
			more["numberFormat"] = "0.0%" // which writes the sign and does not multiply, on all versions
		case dashboards.Count:
			kind, displayAs = "integer", "number"
			more["numberFormat"] = "0,0"
		case dashboards.PerDay:
			kind, displayAs = "float", "number"
			more["numberFormat"] = "0,0.00"
		case dashboards.ByMetric:
			if !words {
				kind, displayAs = "float", "number"
				more["numberFormat"] = "0,0[.]00"
			}
		case dashboards.Instant: // the query writes them; shown as text they would be broken over lines
			displayAs, more["dateTimeFormat"] = "datetime", "YYYY-MM-DD HH:mm"
		case dashboards.Date:
			displayAs, more["dateTimeFormat"] = "datetime", "YYYY-MM-DD"
		case dashboards.Flag:
			kind, displayAs = "boolean", "boolean"
			more["booleanValues"] = []any{t.say("no", "いいえ"), t.say("yes", "はい")}
		case dashboards.Address:
			displayAs = "link"
			more["linkUrlTemplate"], more["linkTextTemplate"], more["linkTitleTemplate"] = "{{ @ }}", "{{ "+wordOf(c.Name)+" }}", "{{ @ }}"
			more["linkOpenInNewTab"] = true
		}
		if c.Role == dashboards.Hidden || c.Role == dashboards.Key || p.Foreign(c, t.Language) {
			more = hide
		}
		if c.Role == dashboards.Label {
			more["allowSearch"] = true
		}
		if c.Name == named {
			displayAs = "link"
			more["linkUrlTemplate"], more["linkTextTemplate"], more["linkTitleTemplate"] = address, "{{ @ }}", "{{ @ }}"
			more["linkOpenInNewTab"] = false
		}
		add(c.Name, title, kind, displayAs, more)
	}
	for _, c := range p.Columns {
		if c.Unit == dashboards.Address {
			add(wordOf(c.Name), wordOf(c.Name), "string", "string", hide)
		}
	}
	if address != "" {
		for _, f := range drillFilters(p) {
			add(drillColumn(f), drillColumn(f), "string", "string", hide)
		}
	}
	return options{"itemsPerPage": 25, "columns": columns}
}

// mixed reports whether a table holds numbers of several metrics, which no one format writes.
func mixed(p *dashboards.Panel) bool {
	return named(p) != "" && slices.ContainsFunc(p.Columns, func(c dashboards.Column) bool { return c.Unit == dashboards.ByMetric })
}

// grid are the rows of a table as they are read: numbers of several metrics and codes in words, instants by the clock of the
// configured time zone, shares in per cent, and nothing where there is nothing, for which a page would write "null".
func (t Target) grid(p *dashboards.Panel, text string) (string, error) {
	order, err := orderOf(p, text)
	if err != nil {
		return "", err
	}
	titled := slices.ContainsFunc(p.Columns, func(c dashboards.Column) bool { return c.Name == "title_en" })
	var columns []string
	add := func(value, name string) { columns = append(columns, "    "+value+" as "+name) }
	for _, c := range p.Columns {
		value := "answer." + c.Name
		switch {
		case c.Unit == dashboards.ByMetric && mixed(p):
			value = t.worded(value)
		case c.Name == "metric" && !titled:
			value = t.label(c)
		case c.Unit == dashboards.Share:
			value = scaled(value, c.Unit)
		case c.Unit == dashboards.Instant:
			value = t.clock(value)
		case c.Unit == dashboards.Date:
			value = "coalesce(cast(" + value + " as string), '')"
		case c.Unit == dashboards.Name && c.Role == dashboards.Label && overall(p):
			value = fmt.Sprintf("case when answer.dimension = 'all' then '%s' else coalesce(%s, '') end", t.say("All", "全体"), value)
		case c.Unit == dashboards.Name || c.Unit == dashboards.Address || c.Unit == dashboards.Document:
			none := ""
			if c.Role == dashboards.Label && t.drill(p) != "" { // a link without a word shows its address
				none = t.say("none", "なし")
			}
			value = t.coded("cast("+value+" as string)", c, none) // a year is a name, too
		}
		add(value, c.Name)
	}
	for _, c := range p.Columns {
		if c.Unit == dashboards.Address {
			add(fmt.Sprintf("case when coalesce(answer.%s, '') = '' then '' else %s end", c.Name, t.literal(c.Title.In(t.Language))), wordOf(c.Name))
		}
	}
	if t.drill(p) != "" {
		for _, f := range drillFilters(p) {
			add(t.drillValue(p, p.Drill.Filters[f]), drillColumn(f))
		}
	}
	return "select\n" + strings.Join(columns, ",\n") + "\nfrom answer\ncross join {marts}publication as asked" + named(p) + "\norder by\n    " + order, nil
}

// overall reports whether the rows of a panel are of several dimensions, one of which is of everything.
func overall(p *dashboards.Panel) bool {
	return slices.ContainsFunc(p.Columns, func(c dashboards.Column) bool { return c.Name == "dimension" })
}

// clock is an instant as a clock shows it in the zone of asked, the published build; in order of time as it is in order of words.
func (t Target) clock(instant string) string {
	if t.bigquery() {
		return fmt.Sprintf("coalesce(format_timestamp('%%Y-%%m-%%d %%H:%%M', %s, asked.timezone), '')", instant)
	}
	return fmt.Sprintf("coalesce(strftime(timezone(asked.timezone, %s), '%%Y-%%m-%%d %%H:%%M'), '')", instant)
}

var (
	limitForm   = regexp.MustCompile(`\nlimit\s[^\n]*$`)
	qualifier   = regexp.MustCompile(`\b[a-z_]+\.([a-z_]+)\b`)
	quotedOrNot = regexp.MustCompile(`'[^']*'|\b[a-z_]+\b`)
	orderWords  = []string{"asc", "desc", "case", "when", "then", "else", "end", "coalesce", "nulls", "first", "last", "is", "null", "not"}
)

// orderOf is how the rows of a panel's query are ordered, by the columns of its answer: what is written around a query does not
// keep its order by itself.
func orderOf(p *dashboards.Panel, text string) (string, error) {
	if o := shapes[p.Key].order; o != "" {
		return o, nil
	}
	begin := strings.LastIndex(text, "\norder by")
	if begin < 0 {
		return "", fmt.Errorf("redash: panel %s: its query has no order", p.Key)
	}
	order := limitForm.ReplaceAllString(strings.TrimSpace(text[begin+len("\norder by"):]), "")
	order = strings.Join(strings.Fields(qualifier.ReplaceAllString(order, "$1")), " ")
	var unknown []string
	order = quotedOrNot.ReplaceAllStringFunc(order, func(word string) string {
		switch {
		case strings.HasPrefix(word, "'") || slices.Contains(orderWords, word):
			return word
		case slices.ContainsFunc(p.Columns, func(c dashboards.Column) bool { return c.Name == word }):
			return "answer." + word
		}
		unknown = append(unknown, word)
		return word
	})
	if unknown != nil {
		return "", fmt.Errorf("redash: panel %s: its rows are ordered by %s, which is none of its columns", p.Key, strings.Join(unknown, ", "))
	}
	return order, nil
}
