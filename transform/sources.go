package transform

import (
	"bytes"
	"encoding/json"
	"strings"
)

const generated = `# Generated from the declarations in transform/ (go test ./transform -update): do not edit.
version: 2

sources:
`

// SourceNames are the names by which dbt knows where tables come from: sources, the program itself, and ship.
var SourceNames = []string{"incidentio", "github", "files", "fourfold", "ship"}

// DBTSources is the sources.yml by which dbt knows the tables of one of SourceNames. The committed file is this text; a
// test holds it to that.
func DBTSources(source string) []byte {
	var b strings.Builder
	b.WriteString(generated)
	if source == "ship" {
		writeShip(&b)
		return []byte(b.String())
	}
	b.WriteString(`  - name: ` + source + `
    description: Raw ledgers, append-only; written by sync.
    database: "{{ 'raw' if target.type == 'duckdb' else target.database }}"
    schema: "{{ 'main' if target.type == 'duckdb' else env_var('FOURFOLD_RAW_DATASET', 'fourfold_raw') }}"
`)
	if source != Rejected.Source {
		b.WriteString(freshness("    ", `loaded_at_query: "{{ last_read_at(this) }}"`))
	}
	b.WriteString("    tables:\n")
	for _, t := range All() {
		if t.Source == source {
			writeTable(&b, t.Name, t.Doc+" A ledger: one row a version.", t.Ledger())
		}
	}
	if source == Rejected.Source {
		writeTable(&b, "runs", "How each stream went in each run; one row a run and stream, written when it ends.", RunsColumns)
		b.WriteString(freshness("        ", "loaded_at_field: finished_at"))
	}
	return []byte(b.String())
}

// dbtTypes are types as both engines write them.
var dbtTypes = map[Type]string{
	String: "string", JSON: "string", Int64: "int64", Bool: "bool",
	Float64: `"{{ 'double' if target.type == 'duckdb' else 'float64' }}"`, Instant: `"{{ 'timestamptz' if target.type == 'duckdb' else 'timestamp' }}"`,
}

// freshness is what `dbt source freshness` looks at. It warns and never fails: a ledger that is not fresh is worth knowing,
// and no reason against a number. Two days leave a round a day time for one that goes wrong.
func freshness(indent, loadedAt string) string {
	return indent + "config:\n" + indent + "  " + loadedAt + "\n" + indent + "  freshness: {warn_after: {count: 2, period: day}}\n"
}

func writeShip(b *strings.Builder) {
	b.WriteString(`  - name: ship
    description: What the program writes into a build before dbt begins, whole each time.
    database: "{{ 'marts' if target.type == 'duckdb' else target.database }}"
    schema: "{{ 'main' if target.type == 'duckdb' else target.schema }}"
    tables:
`)
	for _, t := range Ship {
		writeTable(b, t.Name, t.Doc, t.Columns)
	}
}

func writeTable(b *strings.Builder, name, doc string, columns []Column) {
	b.WriteString("      - name: " + name + "\n        description: " + yamlText(doc) + "\n        columns:\n")
	for _, c := range columns {
		b.WriteString("          - name: " + c.Name + "\n            data_type: " + dbtTypes[c.Type] + "\n            description: " + yamlText(c.Doc) + "\n")
	}
}

// yamlText writes text in double quotes: what JSON allows there, YAML does too.
func yamlText(s string) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // text can always be written
	}
	return strings.TrimSuffix(out.String(), "\n")
}
