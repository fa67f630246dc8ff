package browsertest

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"fourfold/dbt"
)

// engineTypes are the types of the marts' contracts, as DuckDB names them; the others are written for each engine.
var engineTypes = map[string]string{"string": "VARCHAR", "int64": "BIGINT", "bool": "BOOLEAN", "date": "DATE"}

// The fixture is what dbt would build: its tables have the columns and types of the marts' contracts.
func TestTheFixtureKeepsTheMartsContracts(t *testing.T) {
	contract := map[string]map[string]string{}
	err := fs.WalkDir(dbt.Project, "models/marts", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
			return err
		}
		text, err := fs.ReadFile(dbt.Project, path)
		if err != nil {
			return err
		}
		var file struct {
			Models []struct {
				Name    string
				Columns []struct {
					Name     string
					DataType string `yaml:"data_type"`
				}
			}
		}
		if err := yaml.Unmarshal(text, &file); err != nil {
			return err
		}
		for _, m := range file.Models {
			contract[m.Name] = map[string]string{}
			for _, c := range m.Columns {
				contract[m.Name][c.Name] = c.DataType
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := openBuild(t, makeFixture(t, fixtureSQL)).db.Query("select table_name, column_name, data_type from information_schema.columns")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	fixture := map[string]map[string]string{}
	for rows.Next() {
		var table, column, is string
		if err := rows.Scan(&table, &column, &is); err != nil {
			t.Fatal(err)
		}
		if fixture[table] == nil {
			fixture[table] = map[string]string{}
		}
		fixture[table][column] = is
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(fixture) < 14 {
		t.Errorf("the fixture has %d tables", len(fixture))
	}
	for table, columns := range fixture {
		want := map[string]string{}
		for column, declared := range contract[table] {
			is, plain := engineTypes[declared]
			if !plain && (columns[column] == "DOUBLE" || columns[column] == "TIMESTAMP WITH TIME ZONE") {
				is = columns[column]
			}
			want[column] = is
		}
		if diff := cmp.Diff(want, columns); diff != "" {
			t.Errorf("%s (-contract +fixture)\n%s", table, diff)
		}
	}
}
