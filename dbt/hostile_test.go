package dbt_test

import (
	"fmt"
	"strings"
	"testing"

	"fourfold/transform"
)

// odd is what a source may say in a column of a type; null where the column may be.
type odd struct {
	name    string
	texts   string
	json    []string
	integer string
	instant string
}

// oddities are values that no source ought to give. Texts are the same in every column, so that all that can be joined is.
var oddities = []odd{
	{"nothing", "", nil, "0", "2026-01-01T00:00:00Z"},
	{"the same text everywhere", "k", []string{`[{"id":"k","name":"k","type":"single_select","at":"9999-12-30T00:00:00Z","values":[{"id":"k","value":"k"}],"value_seconds":-1,"status":"success"}]`}, "0", "2026-01-01T00:00:00Z"},
	{"empty text", " ", []string{`[]`, `{}`, `null`, `""`, `[null]`, `[[]]`, `[{}]`, `[{"values":[null]}]`}, "-1", "0001-01-02T00:00:00Z"},
	{"text that looks like something else", "acme/api#1'; --\n%_\\", []string{`[{"id":1,"name":{"a":[]},"at":"soon","values":"k","value":9007199254740993}]`}, "1000000000000", "9999-12-30T00:00:00Z"},
}

// Whatever stands in the ledgers, as far as they let it in, a build is made of it: what cannot be is a finding.
func TestWhateverTheLedgersHoldABuildIsMadeOfIt(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.makeLedgers()
	var sql strings.Builder
	for _, table := range transform.All() {
		for n, o := range oddities {
			for v := range max(1, len(o.json)) {
				var values []string
				for _, c := range table.Ledger() {
					values = append(values, o.value(c, fmt.Sprintf("%s-%d-%d", o.texts, n, v), v))
				}
				fmt.Fprintf(&sql, "insert into %s values (%s);\n", table.Name, strings.Join(values, ", "))
			}
		}
	}
	p.duckdb("raw.duckdb", sql.String())
	var ddl strings.Builder
	for _, table := range transform.Ship {
		ddl.WriteString(table.DuckDBDDL("main") + ";\n")
	}
	p.duckdb("build.duckdb", ddl.String())
	p.dbt("duckdb", "build", "--exclude-resource-type", "unit_test", "--exclude", "path:project_tests")
}

// value is what a row of the ledger has in a column. Ids differ by row, and so does nothing else.
func (o odd) value(c transform.Column, id string, variant int) string {
	text := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	switch c.Name {
	case "id":
		return text(id)
	case "_observed_at":
		return "'2026-02-01T00:00:00Z'"
	case "_deleted":
		return "false"
	}
	if o.texts == "" && !c.Required {
		return "null"
	}
	switch c.Type {
	case transform.JSON:
		if len(o.json) == 0 {
			return "'[]'"
		}
		return text(o.json[variant])
	case transform.Int64, transform.Float64:
		return o.integer
	case transform.Bool:
		return "true"
	case transform.Instant:
		return text(o.instant)
	default:
		return text(o.texts)
	}
}
