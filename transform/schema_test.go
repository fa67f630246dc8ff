package transform

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"go.yaml.in/yaml/v3"
)

func TestTheSchemasOfAllEnginesComeFromTheDeclarations(t *testing.T) {
	var ddl strings.Builder
	bigquery := map[string][]BigQueryField{}
	for _, table := range All() {
		ddl.WriteString(table.DuckDBDDL("raw.main") + ";\n")
		bigquery[table.Name] = table.BigQuerySchema()
		schema := table.ArrowSchema()
		ledger := table.Ledger()
		if schema.NumFields() != len(ledger)+1 || schema.Field(len(ledger)).Name != RowColumn {
			t.Errorf("%s: Arrow schema %v: want the ledger and %s", table.Name, schema, RowColumn)
			continue
		}
		for i, c := range ledger {
			if f := schema.Field(i); f.Name != c.Name || f.Nullable == c.Required || f.Type.ID() != arrowTypes[c.Type] {
				t.Errorf("%s.%s: Arrow field %v", table.Name, c.Name, f)
			}
		}
	}
	golden(t, filepath.Join("testdata", "golden", "duckdb.sql"), []byte(ddl.String()))
	golden(t, filepath.Join("testdata", "golden", "bigquery.json"), append(jsonText(t, bigquery), '\n'))
}

var arrowTypes = map[Type]arrow.Type{String: arrow.STRING, JSON: arrow.STRING, Int64: arrow.INT64, Float64: arrow.FLOAT64, Bool: arrow.BOOL, Instant: arrow.TIMESTAMP}

func TestInstantsAreUTCMicrosecondsInArrow(t *testing.T) {
	f, ok := IncidentioIncidents.ArrowSchema().FieldsByName("created_at")
	if !ok || !arrow.TypeEqual(f[0].Type, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}) {
		t.Errorf("created_at is %v", f)
	}
}

// TestTheSourcesOfDBTAreTheGeneratedOnes compares the committed files with the declarations; -update writes them.
func TestTheSourcesOfDBTAreTheGeneratedOnes(t *testing.T) {
	for _, source := range SourceNames {
		golden(t, filepath.Join("..", "dbt", "models", "staging", source, "sources.yml"), DBTSources(source))
	}
}

func TestTheSourcesOfDBTAreYAMLWithEveryTableAndColumn(t *testing.T) {
	columns := map[string]int{"runs": len(RunsColumns)}
	for _, table := range All() {
		columns[table.Name] = len(table.Ledger())
	}
	for _, table := range Ship {
		columns[table.Name] = len(table.Columns)
	}
	found := map[string]int{}
	for _, source := range SourceNames {
		text := DBTSources(source)
		if first, _, _ := strings.Cut(string(text), "\n"); !strings.Contains(first, "Generated") {
			t.Errorf("%s: the first line is %q: want it to say that the file is generated", source, first)
		}
		var file struct {
			Sources []struct {
				Name, Database, Schema string
				Tables                 []struct {
					Name, Description string
					Columns           []struct{ Name, Description string }
				}
			}
		}
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if len(file.Sources) != 1 || file.Sources[0].Name != source {
			t.Fatalf("%s: sources %v", source, file.Sources)
		}
		for _, table := range file.Sources[0].Tables {
			found[table.Name] = len(table.Columns)
			for _, c := range table.Columns {
				if c.Name == "" || c.Description == "" || table.Description == "" {
					t.Errorf("%s.%s lacks a name or a description", table.Name, c.Name)
				}
			}
		}
	}
	for name, n := range columns {
		if found[name] != n {
			t.Errorf("%s has %d columns in dbt's sources, want %d", name, found[name], n)
		}
	}
	if len(found) != len(columns) {
		t.Errorf("tables %v", found)
	}
}
