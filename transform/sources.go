package transform

import (
	"bytes"
	"encoding/json"
	"strings"
)

// DBTSources is the sources.yml by which dbt knows the raw tables of a source: "incidentio", or "fourfold" for those of
// the program itself. The committed file is this text; a test holds it to that.
func DBTSources(source string) []byte {
	var b strings.Builder
	b.WriteString(`# Generated from the declarations in transform/ (go test ./transform -update): do not edit.
version: 2

sources:
  - name: ` + source + `
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
