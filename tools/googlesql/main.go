// Command googlesql reads SQL as strictly as BigQuery: it parses statements of GoogleSQL and types them against tables, and says what
// is wrong with each. It is a module of its own, since the analyser is large.
//
// It reads a request as JSON from standard input and writes one answer for each statement, in their order:
//
//	{"tables": [{"name": "p.d.t", "columns": [{"name": "id", "type": "INT64"}]}],
//	 "statements": [{"name": "a", "sql": "select id from p.d.t", "creates": "p.d.a", "dataset": "p.d"}]}
//	[{"name": "a", "error": "", "columns": [{"name": "id", "type": "INT64"}]}]
//
// A statement that creates something is a query whose columns are a table for those after it. With a dataset its tables go by
// their bare names, too. Parameters take the types that they are used with.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-googlesql"
)

type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type table struct {
	Name    string   `json:"name"`
	Columns []column `json:"columns"`
}

type statement struct {
	Name    string `json:"name"`
	SQL     string `json:"sql"`
	Creates string `json:"creates"`
	Dataset string `json:"dataset"`
}

type request struct {
	Tables     []table     `json:"tables"`
	Statements []statement `json:"statements"`
}

type answer struct {
	Name    string   `json:"name"`
	Error   string   `json:"error"`
	Columns []column `json:"columns"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "googlesql:", err)
		os.Exit(1)
	}
}

func run() error {
	var req request
	if err := json.NewDecoder(os.Stdin).Decode(&req); err != nil {
		return err
	}
	if err := googlesql.Init(); err != nil {
		return err
	}
	r, err := newReader()
	if err != nil {
		return err
	}
	for _, t := range req.Tables {
		if err := r.add(t); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	out := []answer{}
	for _, s := range req.Statements {
		a := answer{Name: s.Name, Columns: []column{}}
		columns, err := r.read(s)
		if err != nil {
			a.Error = err.Error()
		} else {
			a.Columns = append(a.Columns, columns...)
		}
		if err == nil && s.Creates != "" {
			if err := r.add(table{s.Creates, columns}); err != nil {
				a.Error = err.Error()
			}
		}
		out = append(out, a)
	}
	e := json.NewEncoder(os.Stdout)
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

// reader types statements against the tables that it knows.
type reader struct {
	types    *googlesql.TypeFactory
	language *googlesql.LanguageOptions
	options  *googlesql.AnalyzerOptions
	tables   []table
	catalogs map[string]*googlesql.SimpleCatalog // by the dataset whose tables go by their bare names
}

func newReader() (*reader, error) {
	r := &reader{catalogs: map[string]*googlesql.SimpleCatalog{}}
	var err error
	if r.types, err = googlesql.NewTypeFactory(); err != nil {
		return nil, err
	}
	if r.language, err = googlesql.NewLanguageOptions(); err != nil {
		return nil, err
	}
	if r.options, err = googlesql.NewAnalyzerOptions2(); err != nil {
		return nil, err
	}
	for _, set := range []func() error{
		r.language.EnableMaximumLanguageFeatures,
		func() error { return r.language.SetProductMode(googlesql.ProductModeProductExternal) },
		func() error {
			return r.language.SetNameResolutionMode(googlesql.NameResolutionModeNameResolutionDefault)
		},
		r.language.SetSupportsAllStatementKinds,
		func() error { return r.language.EnableAllReservableKeywords(true) },
		func() error { return r.options.SetLanguage(r.language) },
		func() error { return r.options.SetAllowUndeclaredParameters(true) },
		func() error { return r.options.SetErrorMessageMode(googlesql.ErrorMessageModeErrorMessageOneLine) },
		func() error { return r.options.SetPruneUnusedColumns(false) },
	} {
		if err := set(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *reader) add(t table) error {
	for i, has := range r.tables {
		if has.Name == t.Name {
			r.tables[i] = t
			return nil
		}
	}
	r.tables = append(r.tables, t)
	r.catalogs = map[string]*googlesql.SimpleCatalog{}
	return nil
}

// catalog has every table by its path, by the path as one name, and those of a dataset by their own names.
func (r *reader) catalog(dataset string) (*googlesql.SimpleCatalog, error) {
	if c, ok := r.catalogs[dataset]; ok {
		return c, nil
	}
	root, err := googlesql.NewSimpleCatalog("catalog", r.types)
	if err != nil {
		return nil, err
	}
	if err := root.AddBuiltinFunctionsAndTypes(&googlesql.BuiltinFunctionOptions{LanguageOptions: r.language}); err != nil {
		return nil, err
	}
	inner := map[string]*googlesql.SimpleCatalog{"": root}
	for _, t := range r.tables {
		parts := strings.Split(t.Name, ".")
		path := ""
		for _, p := range parts[:len(parts)-1] {
			at := strings.TrimPrefix(path+"."+p, ".")
			if inner[at] == nil {
				if inner[at], err = googlesql.NewSimpleCatalog(p, r.types); err != nil {
					return nil, err
				}
				if err := inner[path].AddCatalog(inner[at]); err != nil {
					return nil, err
				}
			}
			path = at
		}
		name := parts[len(parts)-1]
		if err := r.put(inner[path], name, t.Columns); err != nil {
			return nil, err
		}
		if len(parts) > 1 {
			if err := r.put(root, t.Name, t.Columns); err != nil {
				return nil, err
			}
		}
		if dataset != "" && path == dataset {
			if err := r.put(root, name, t.Columns); err != nil {
				return nil, err
			}
		}
	}
	r.catalogs[dataset] = root
	return root, nil
}

func (r *reader) put(in *googlesql.SimpleCatalog, name string, columns []column) error {
	t, err := googlesql.NewSimpleTable(name, 0)
	if err != nil {
		return err
	}
	for _, c := range columns {
		kind, err := r.typeOf(c.Type)
		if err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
		col, err := googlesql.NewSimpleColumn(name, c.Name, kind, false, true)
		if err != nil {
			return err
		}
		if err := t.AddColumn2(col, false); err != nil {
			return err
		}
	}
	return in.AddTable(t)
}

func (r *reader) typeOf(name string) (googlesql.Googlesql_TypeNode, error) {
	switch strings.ToUpper(name) {
	case "STRING":
		return r.types.GetString()
	case "INT64", "INTEGER":
		return r.types.GetInt64()
	case "FLOAT64", "FLOAT":
		return r.types.GetDouble()
	case "BOOL", "BOOLEAN":
		return r.types.GetBool()
	case "TIMESTAMP":
		return r.types.GetTimestamp()
	case "DATE":
		return r.types.GetDate()
	case "BYTES":
		return r.types.GetBytes()
	case "NUMERIC":
		return r.types.GetNumeric()
	case "JSON":
		return r.types.GetJson()
	}
	return nil, fmt.Errorf("no type %s", name)
}

// read types a statement and gives the columns of a query.
func (r *reader) read(s statement) ([]column, error) {
	catalog, err := r.catalog(s.Dataset)
	if err != nil {
		return nil, err
	}
	mode := googlesql.ParameterModeParameterNamed
	if strings.Contains(s.SQL, "?") {
		mode = googlesql.ParameterModeParameterPositional
	}
	if err := r.options.SetParameterMode(mode); err != nil {
		return nil, err
	}
	out, err := googlesql.AnalyzeStatement(s.SQL, r.options, catalog, r.types)
	if err != nil {
		return nil, err
	}
	resolved, err := out.ResolvedStatement()
	if err != nil {
		return nil, err
	}
	query, ok := resolved.(*googlesql.ResolvedQueryStmt)
	if !ok {
		return nil, nil
	}
	n, err := query.OutputColumnListSize()
	if err != nil {
		return nil, err
	}
	var columns []column
	for i := range n {
		o, err := query.OutputColumnList2(i)
		if err != nil {
			return nil, err
		}
		name, err := o.Name()
		if err != nil {
			return nil, err
		}
		col, err := o.Column()
		if err != nil {
			return nil, err
		}
		kind, err := col.Type()
		if err != nil {
			return nil, err
		}
		named, ok := kind.(interface {
			TypeName(googlesql.ProductMode) (string, error)
		})
		if !ok {
			return nil, fmt.Errorf("column %s: a type without a name: %T", name, kind)
		}
		text, err := named.TypeName(googlesql.ProductModeProductExternal)
		if err != nil {
			return nil, err
		}
		columns = append(columns, column{name, text})
	}
	return columns, nil
}
