package explain

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"fourfold/dbt"
)

// engineTypes are the types of the marts' contracts, as DuckDB names them; all others are written for each engine.
var engineTypes = map[string]string{"string": "VARCHAR", "int64": "BIGINT", "bool": "BOOLEAN", "date": "DATE"}

func TestTheFixtureHasColumnsOfTheMartsContractsOnly(t *testing.T) {
	contract := map[string]string{}
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
			for _, c := range m.Columns {
				contract[m.Name+"."+c.Name] = c.DataType
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := newMarts(t).Query(t.Context(), `select table_name || '.' || column_name, data_type from information_schema.columns order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row, err := range rows.All {
		if err != nil {
			t.Fatal(err)
		}
		n++
		name, is := row[0].(string), row[1].(string)
		declared, ok := contract[name]
		want, plain := engineTypes[declared]
		switch {
		case strings.Contains(declared, "'double'"):
			want = "DOUBLE"
		case !plain:
			want = "TIMESTAMP WITH TIME ZONE"
		}
		if !ok || is != want {
			t.Errorf("%s is %s; the contract says %q", name, is, declared)
		}
	}
	if n < 100 {
		t.Errorf("the fixture has only %d columns", n)
	}
}
