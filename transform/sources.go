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
    tables:
`)
	for _, t := range All() {
		if t.Source == source {
			writeTable(&b, t.Name, t.Doc+" A ledger: one row a version.", t.Ledger())
		}
	}
	if source == Rejected.Source {
		writeTable(&b, "runs", "How each stream went in each run; one row a run and stream, written when it ends.", RunsColumns)
	}
	return []byte(b.String())
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
		b.WriteString("          - name: " + c.Name + "\n            description: " + yamlText(c.Doc) + "\n")
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
