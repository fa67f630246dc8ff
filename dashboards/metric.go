package dashboards

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fourfold/dbt"
)

// Engine is what differs between warehouses in the text of a query.
type Engine struct {
	Marts  string // prefix of a mart's name with its dot, "" for bare names
	Metric string // the metric template as text, as package dbt gives it
	words  map[string]string
	quote  func(string) string // a text as a literal
	at     string              // the type of an instant
}

// DuckDB and BigQuery read the marts of a build by their bare names.
var (
	DuckDB   = Engine{Metric: dbt.MetricDuckDB, words: duckdbWords, quote: quoteDuckDB, at: "timestamptz"}
	BigQuery = Engine{Metric: dbt.MetricBigQuery, words: bigqueryWords, quote: quoteBigQuery, at: "timestamp"}
)

// mondayAnchor is how the template knows the first day of a week: a date that begins one. A build whose weeks begin on
// Sunday needs another, so it is a parameter here.
const mondayAnchor = "date '1970-01-05'"

var (
	metricCall = regexp.MustCompile(`(?s)\{metric\n(.*?)\n\}`)
	slotLine   = regexp.MustCompile(`^    ([a-z_]+): (.*)$`)
	slotMark   = regexp.MustCompile(`/\*<([a-z_]+)>\*/`)
)

// putMetrics replaces each call of the metric template by the template with its slots filled.
func putMetrics(text string, e Engine) (string, error) {
	var failed error
	out := metricCall.ReplaceAllStringFunc(text, func(call string) string {
		slots, err := readSlots(metricCall.FindStringSubmatch(call)[1])
		if err == nil {
			slots["marts"] = e.Marts
			call, err = fillSlots(e.Metric, slots)
		}
		if err != nil {
			failed = err
		}
		return call
	})
	return out, failed
}

// readSlots reads the lines `    name: SQL` of a call; lines that are indented further go on with the one before.
func readSlots(body string) (map[string]string, error) {
	slots, last := map[string]string{}, ""
	for _, line := range strings.Split(body, "\n") {
		if m := slotLine.FindStringSubmatch(line); m != nil {
			last = m[1]
			if _, twice := slots[last]; twice {
				return nil, fmt.Errorf("slot %s is given twice", last)
			}
			slots[last] = m[2]
			continue
		}
		if last == "" {
			return nil, fmt.Errorf("line %q is in no slot", line)
		}
		slots[last] += "\n" + line
	}
	return slots, nil
}

// fillSlots puts SQL between the marks of slots; the others keep what the template has there.
func fillSlots(template string, slots map[string]string) (string, error) {
	if !strings.Contains(template, mondayAnchor) {
		return "", fmt.Errorf("the metric template has no %s, by which weeks begin", mondayAnchor)
	}
	text := strings.ReplaceAll(template, mondayAnchor, "cast(@week_anchor as date)")
	var known []string
	for _, m := range slotMark.FindAllStringSubmatch(text, -1) {
		known = append(known, m[1])
	}
	for name, sql := range slots {
		if !slices.Contains(known, name) {
			return "", fmt.Errorf("the metric template has no slot %s", name)
		}
		between := regexp.MustCompile(`(?s)/\*<` + name + `>\*/.*?/\*</` + name + `>\*/`)
		text = between.ReplaceAllLiteralString(text, sql)
	}
	return strings.TrimSpace(text), nil
}
