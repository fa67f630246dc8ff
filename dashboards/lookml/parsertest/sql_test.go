package parsertest

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"fourfold/dbt"
	"fourfold/internal/dialect"
)

const dataset = "fourfold.fourfold_marts"

// marts are the tables as the dbt project declares them.
func marts(t *testing.T) []dialect.Table {
	t.Helper()
	var out []dialect.Table
	err := fs.WalkDir(dbt.Project, "models/marts", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(file) != ".yml" {
			return err
		}
		text, err := fs.ReadFile(dbt.Project, file)
		if err != nil {
			return err
		}
		var d struct {
			Models []struct {
				Name    string
				Columns []struct {
					Name string
					Type string `yaml:"data_type"`
				}
			}
		}
		if err := yaml.Unmarshal(text, &d); err != nil {
			return err
		}
		for _, m := range d.Models {
			table := dialect.Table{Name: dataset + "." + m.Name}
			for _, c := range m.Columns {
				kind := c.Type
				if m := regexp.MustCompile(`else '([a-z0-9]+)'`).FindStringSubmatch(kind); m != nil {
					kind = m[1]
				}
				table.Columns = append(table.Columns, dialect.Column{Name: c.Name, Type: strings.ToUpper(kind)})
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

// looker writes SQL as Looker does, of what lkml read.
type looker struct {
	views  map[string]map[string]any
	fields map[string]map[string]field // by view and name
	chosen bool                        // whether filters and parameters have a value
}

type field struct {
	kind string // dimensions, measures ...
	is   map[string]any
}

func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

func blocks(m map[string]any, key string) []map[string]any {
	var out []map[string]any
	all, _ := m[key].([]any)
	for _, b := range all {
		if one, ok := b.(map[string]any); ok {
			out = append(out, one)
		}
	}
	return out
}

func newLooker(p parsed, chosen bool) *looker {
	l := &looker{views: map[string]map[string]any{}, fields: map[string]map[string]field{}, chosen: chosen}
	for _, v := range p.Views {
		name := text(v, "name")
		l.views[name], l.fields[name] = v, map[string]field{}
		for _, kind := range []string{"dimensions", "measures"} {
			for _, f := range blocks(v, kind) {
				l.fields[name][text(f, "name")] = field{kind, f}
			}
		}
		for _, g := range blocks(v, "dimension_groups") {
			frames, _ := g["timeframes"].([]any)
			for _, frame := range frames {
				l.fields[name][fmt.Sprintf("%s_%s", text(g, "name"), frame)] = field{"dimensions", g}
			}
		}
	}
	return l
}

var (
	constant  = regexp.MustCompile(`@\{SCHEMA\}`)
	condition = regexp.MustCompile(`(?s)\{% condition [a-z_]+ %\}(.*?)\{% endcondition %\}`)
	bound     = regexp.MustCompile(`\{% date_(start|end) [a-z_]+ %\}`)
	parameter = regexp.MustCompile(`\{% parameter ([a-z_]+) %\}`)
	reference = regexp.MustCompile(`\$\{([a-zA-Z0-9_.]+)\}`)
)

// put replaces constants and Liquid. Of a date filter Looker gives a TIMESTAMP or a DATE: both are read here.
func (l *looker) put(sql string) string {
	sql = constant.ReplaceAllString(sql, dataset)
	if !l.chosen {
		sql = condition.ReplaceAllString(sql, "1=1")
		sql = bound.ReplaceAllString(sql, "NULL")
	}
	sql = condition.ReplaceAllString(sql, `($1 = 'it\'s' OR $1 IS NULL)`)
	sql = strings.ReplaceAll(sql, "{% date_start date_range %}", "TIMESTAMP('2026-01-01 00:00:00')")
	sql = strings.ReplaceAll(sql, "{% date_end date_range %}", "DATE('2026-07-01')")
	return parameter.ReplaceAllStringFunc(sql, func(p string) string {
		return "'" + map[string]string{"period": "month", "dimension": "service"}[parameter.FindStringSubmatch(p)[1]] + "'"
	})
}

// from is the table of a view, under its name.
func (l *looker) from(view string) string {
	v := l.views[view]
	if d, ok := v["derived_table"].(map[string]any); ok {
		return "(" + l.put(text(d, "sql")) + ") AS " + view
	}
	return l.put(text(v, "sql_table_name")) + " AS " + view
}

// field is the expression of a field.
func (l *looker) field(t *testing.T, view, name string) string {
	t.Helper()
	if v, f, ok := strings.Cut(name, "."); ok {
		view, name = v, f
	}
	f, ok := l.fields[view][name]
	if !ok {
		t.Fatalf("there is no %s.%s", view, name)
	}
	sql := l.sql(t, view, text(f.is, "sql"))
	if f.kind != "measures" {
		return sql
	}
	switch kind := text(f.is, "type"); kind {
	case "count_distinct":
		return "COUNT(DISTINCT " + sql + ")"
	case "median", "percentile":
		return "APPROX_QUANTILES(" + sql + ", 100)[OFFSET(50)]"
	case "min", "max":
		return strings.ToUpper(kind) + "(" + sql + ")"
	case "number", "string":
		return "(" + sql + ")"
	default:
		t.Fatalf("%s.%s: a measure of type %q is not known here", view, name, kind)
		return ""
	}
}

func (l *looker) sql(t *testing.T, view, sql string) string {
	t.Helper()
	return reference.ReplaceAllStringFunc(l.put(sql), func(r string) string {
		if name := reference.FindStringSubmatch(r)[1]; name != "TABLE" {
			return l.field(t, view, name)
		}
		return view
	})
}

// statements are those that ask every dimension and every measure of every view, and every join of every explore.
func (l *looker) statements(t *testing.T, p parsed) []dialect.Statement {
	var out []dialect.Statement
	suffix := map[bool]string{true: ", filtered", false: ""}[l.chosen]
	for _, v := range p.Views {
		view := text(v, "name")
		selected := map[string][]string{}
		for _, kind := range []string{"dimensions", "measures"} {
			for name, f := range l.fields[view] {
				if f.kind == kind {
					selected[kind] = append(selected[kind], l.field(t, view, name)+" AS c"+fmt.Sprint(len(selected[kind])))
				}
			}
			if len(selected[kind]) > 0 {
				out = append(out, dialect.Statement{Name: view + ": " + kind + suffix, SQL: "SELECT " + strings.Join(selected[kind], ", ") + " FROM " + l.from(view)})
			}
		}
	}
	for _, e := range p.Explores {
		sql := "SELECT 1 FROM " + l.from(text(e, "name"))
		for _, j := range blocks(e, "joins") {
			sql += " LEFT JOIN " + l.from(text(j, "name")) + " ON " + l.sql(t, text(e, "name"), text(j, "sql_on"))
		}
		out = append(out, dialect.Statement{Name: "explore " + text(e, "name") + suffix, SQL: sql})
	}
	return out
}

func TestEverySQLOfTheProjectIsBigQuerys(t *testing.T) {
	t.Parallel()
	p := readByLkml(t, written(t, "en"))
	var all []dialect.Statement
	for _, chosen := range []bool{false, true} {
		all = append(all, newLooker(p, chosen).statements(t, p)...)
	}
	if len(all) < 150 {
		t.Errorf("only %d statements", len(all))
	}
	for _, s := range all {
		if m := regexp.MustCompile(`[{}@]`).FindString(s.SQL); m != "" {
			t.Errorf("%s still has a %s", s.Name, m)
		}
	}
	for _, a := range dialect.Read(t, marts(t), all) {
		if a.Error != "" {
			t.Errorf("%s: %s", a.Name, a.Error)
		}
	}
}
