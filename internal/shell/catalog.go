// Package shell is what `fourfold sql` is beside its one statement: the tables with what their columns mean, answers to a
// file, and a prompt with history and completion. It asks whatever it is given to ask, and knows no engine.
package shell

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"fourfold/transform"
)

// Table is one that may be asked.
type Table struct {
	Name, Description string
	Columns           []Column
}

// Column is a column of a table; its type is as the engine names it.
type Column struct{ Name, Type, Description string }

// Marts reads from the dbt project what it says of its marts, sorted by name. engine is the name of dbt's target: duckdb or
// bigquery.
func Marts(project fs.FS, engine string) ([]Table, error) {
	var out []Table
	err := fs.WalkDir(project, "models/marts", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".yml" {
			return err
		}
		text, err := fs.ReadFile(project, file)
		if err != nil {
			return err
		}
		var said struct {
			Models []struct {
				Name, Description string
				Columns           []struct {
					Name, Description string
					Type              string `yaml:"data_type"`
				}
			}
		}
		if err := yaml.Unmarshal(text, &said); err != nil {
			return fmt.Errorf("read what the dbt project says of its marts: %s: %w", file, err)
		}
		for _, m := range said.Models {
			t := Table{Name: m.Name, Description: plain(m.Description)}
			for _, c := range m.Columns {
				kind, err := typeFor(engine, c.Type)
				if err != nil {
					return fmt.Errorf("read what the dbt project says of its marts: %s: %s.%s: %w", file, m.Name, c.Name, err)
				}
				t.Columns = append(t.Columns, Column{c.Name, kind, plain(c.Description)})
			}
			out = append(out, t)
		}
		return nil
	})
	sortByName(out)
	return out, err
}

// chosen is how a contract names a type that the engines name differently.
var chosen = regexp.MustCompile(`^\{\{ '(\w+)' if target\.type == '(\w+)' else '(\w+)' \}\}$`)

func typeFor(engine, text string) (string, error) {
	if m := chosen.FindStringSubmatch(text); m != nil {
		text = m[3]
		if m[2] == engine {
			text = m[1]
		}
	}
	if strings.ContainsAny(text, "{}") || text == "" {
		return "", fmt.Errorf("the type %q cannot be read", text)
	}
	if engine == "duckdb" {
		// A contract may say string and int64, which DuckDB knows by other names.
		switch text {
		case "string":
			text = "varchar"
		case "int64":
			text = "bigint"
		case "bool":
			text = "boolean"
		}
	}
	return text, nil
}

// Ledgers are the raw tables of both engines, as the program declares them, sorted by name.
func Ledgers(engine string) []Table {
	var out []Table
	for _, t := range transform.All() {
		out = append(out, Table{t.Name, plain(t.Doc), columns(engine, t.Ledger())})
	}
	out = append(out, Table{"runs", "One row a stream of a run, written when it ends.", columns(engine, transform.RunsColumns)})
	sortByName(out)
	return out
}

// Shipped are the tables that the walk over the commit graph leaves in a build.
func Shipped(engine string) []Table {
	var out []Table
	for _, t := range transform.Ship {
		out = append(out, Table{t.Name, plain(t.Doc), columns(engine, t.Columns)})
	}
	return out
}

func columns(engine string, of []transform.Column) []Column {
	var out []Column
	for _, c := range of {
		kind := c.DuckDBType()
		if engine == "bigquery" {
			kind = c.BigQueryType()
		}
		out = append(out, Column{c.Name, strings.ToLower(kind), plain(c.Doc)})
	}
	return out
}

func sortByName(all []Table) {
	slices.SortFunc(all, func(a, b Table) int { return strings.Compare(a.Name, b.Name) })
}

// plain is a description on one line.
func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

// find gives the table of a name, or says which there are.
func find(all []Table, name string) (Table, error) {
	name = strings.ToLower(strings.Trim(name, "\"`;"))
	for _, t := range all {
		if t.Name == name {
			return t, nil
		}
	}
	// Those that begin most like it.
	var near []string
	most := 5
	for _, t := range all {
		switch n := common(t.Name, name); {
		case n > most:
			near, most = []string{t.Name}, n
		case n == most:
			near = append(near, t.Name)
		}
	}
	if near == nil {
		return Table{}, fmt.Errorf("there is no table %s: .tables lists them", name)
	}
	return Table{}, fmt.Errorf("there is no table %s: did you mean %s?", name, strings.Join(near, ", "))
}

// common is how long the beginning is that two names share.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// descriptions stand at most so wide, and so narrow.
const widest, narrowest = 110, 40

// writeTables writes names and what a row is.
func writeTables(w io.Writer, all []Table, width int) error {
	names := 0
	for _, t := range all {
		names = max(names, len(t.Name))
	}
	for _, t := range all {
		if err := hang(w, fmt.Sprintf("%-*s  ", names, t.Name), t.Description, width); err != nil {
			return err
		}
	}
	return nil
}

// writeSchema writes a table with its columns.
func writeSchema(w io.Writer, t Table, width int) error {
	if err := hang(w, "", t.Name+": "+t.Description, width); err != nil {
		return err
	}
	names, types := 0, 0
	for _, c := range t.Columns {
		names, types = max(names, len(c.Name)), max(types, len(c.Type))
	}
	for _, c := range t.Columns {
		if err := hang(w, fmt.Sprintf("  %-*s  %-*s  ", names, c.Name, types, c.Type), c.Description, width); err != nil {
			return err
		}
	}
	return nil
}

// hang writes text in lines of a width, those after the first under its beginning.
func hang(w io.Writer, head, text string, width int) error {
	room := max(min(width, widest)-len(head), narrowest)
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= room:
			line += " " + word
		default:
			if _, err := fmt.Fprintln(w, head+line); err != nil {
				return err
			}
			head, line = strings.Repeat(" ", len(head)), word
		}
	}
	_, err := fmt.Fprintln(w, strings.TrimRight(head+line, " "))
	return err
}
