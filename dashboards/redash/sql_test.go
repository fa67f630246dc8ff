package redash

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"fourfold/dashboards"
	"fourfold/dbt"
	"fourfold/internal/dialect"
)

func catalogue(t *testing.T) *dashboards.Catalogue {
	t.Helper()
	c, err := dashboards.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// targets are all that queries are written for.
func targets() map[string]Target {
	return map[string]Target{
		"BigQuery": {Kind: "bigquery", Marts: "`fourfold`.fourfold_marts.", Language: "en", Columns: 12, Refresh: time.Hour},
		"DuckDB":   {Kind: "duckdb", Language: "ja", Columns: 6},
	}
}

func wanted(t *testing.T, target Target) State {
	t.Helper()
	s, err := Wanted(catalogue(t), target)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// chosen puts values into a query's text as a server does.
func chosen(sql string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(sql, func(m string) string { return values[placeholder.FindStringSubmatch(m)[1]] })
}

func defaults(q Query) map[string]string {
	out := map[string]string{}
	for _, p := range q.Parameters {
		out[p.Name] = p.Value
	}
	return out
}

// marts are the tables of the marts as their contracts have them.
func marts(t *testing.T, dataset string) []dialect.Table {
	t.Helper()
	var out []dialect.Table
	err := fs.WalkDir(dbt.Project, "models/marts", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".yml" {
			return err
		}
		text, err := fs.ReadFile(dbt.Project, file)
		if err != nil {
			return err
		}
		var y struct {
			Models []struct {
				Name    string
				Columns []struct {
					Name     string
					DataType string `yaml:"data_type"`
				}
			}
		}
		if err := yaml.Unmarshal(text, &y); err != nil {
			return err
		}
		for _, m := range y.Models {
			table := dialect.Table{Name: dataset + "." + m.Name}
			for _, c := range m.Columns {
				kind := strings.ToUpper(c.DataType)
				switch {
				case strings.Contains(kind, "FLOAT"):
					kind = "FLOAT64"
				case strings.Contains(kind, "TIMESTAMP"):
					kind = "TIMESTAMP"
				case strings.Contains(kind, "INSTANT"):
					kind = "TIMESTAMP"
				}
				table.Columns = append(table.Columns, dialect.Column{Name: c.Name, Type: kind})
			}
			out = append(out, table)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Every query is BigQuery's, and every choice is in a query that it is put into; each gives the columns that its pictures name.
func TestEveryQueryIsBigQuerys(t *testing.T) {
	target := targets()["BigQuery"]
	var statements []dialect.Statement
	tried := map[string]bool{}
	for _, q := range wanted(t, target).Queries {
		statements = append(statements, dialect.Statement{Name: q.Key, SQL: chosen(q.SQL, defaults(q))})
		for _, p := range q.Parameters {
			if tried[p.Name] {
				continue // it is put into every query alike
			}
			tried[p.Name] = true
			values := append([]string{`it\'s \\ {{ a }}`}, p.Values...)
			for _, v := range values {
				if p.Choices == "" && v == values[0] {
					continue
				}
				chosenValues := defaults(q)
				chosenValues[p.Name] = v
				statements = append(statements, dialect.Statement{Name: q.Key + " " + p.Name + "=" + v, SQL: chosen(q.SQL, chosenValues)})
			}
		}
	}
	queries := map[string]Query{}
	for _, q := range wanted(t, target).Queries {
		queries[q.Key] = q
	}
	if len(statements) < 40 {
		t.Errorf("only %d statements", len(statements))
	}
	for _, a := range dialect.Read(t, marts(t, "fourfold.fourfold_marts"), statements) {
		if a.Error != "" {
			t.Errorf("%s: %s", a.Name, a.Error)
			continue
		}
		given := map[string]bool{}
		for _, c := range a.Columns {
			given[c.Name] = true
		}
		for _, name := range columnsUsed(queries[a.Name]) {
			if !given[name] {
				t.Errorf("%s gives no column %s, which a picture of it names", a.Name, name)
			}
		}
	}
}

// columnsUsed are the columns that a query's visualizations name.
func columnsUsed(q Query) []string {
	var out []string
	for _, v := range q.Visualizations {
		o := plain(v.Options)
		if mapping, isMap := o["columnMapping"].(map[string]any); isMap {
			for name := range mapping {
				out = append(out, name)
			}
		}
		if name, isText := o["counterColName"].(string); isText {
			out = append(out, name)
		}
		columns, _ := o["columns"].([]any)
		for _, c := range columns {
			out = append(out, c.(map[string]any)["name"].(string))
		}
		if format, isText := o["textFormat"].(string); isText {
			for _, m := range regexp.MustCompile(`\{\{ ([a-z_]+) \}\}`).FindAllStringSubmatch(format, -1) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

// Whatever a person can choose stands between apostrophes, and nothing that a person writes gets into a query.
func TestNoParameterIsFreeText(t *testing.T) {
	for name, target := range targets() {
		for _, q := range wanted(t, target).Queries {
			for _, m := range placeholder.FindAllStringIndex(q.SQL, -1) {
				if q.SQL[m[0]-1] != '\'' || q.SQL[m[1]] != '\'' {
					t.Errorf("%s, %s: %s does not stand between apostrophes", name, q.Key, q.SQL[m[0]-10:m[1]+1])
				}
			}
			if rest := placeholder.ReplaceAllString(q.SQL, ""); strings.ContainsAny(rest, "@") || strings.Contains(rest, "{{") || strings.Contains(rest, "{marts}") {
				t.Errorf("%s, %s still has a mark that nobody replaces", name, q.Key)
			}
			for _, p := range q.Parameters {
				if (p.Choices == "") == (p.Values == nil) {
					t.Errorf("%s, %s: %s is neither one of fixed values nor of a query's", name, q.Key, p.Name)
				}
			}
		}
	}
}
