package main

import (
	"fmt"
	"strings"

	"github.com/goccy/go-googlesql"
)

// reader types statements against the tables that it knows.
type reader struct {
	types    *googlesql.TypeFactory
	language *googlesql.LanguageOptions
	tables   []table
	catalogs map[string]*googlesql.SimpleCatalog // by the dataset whose tables go by their bare names
	views    map[string]*reads
}

// rewrites is more than the number of any way in which the analyser writes a statement anew.
const rewrites = 100

func newReader() (*reader, error) {
	r := &reader{catalogs: map[string]*googlesql.SimpleCatalog{}, views: map[string]*reads{}}
	var err error
	if r.types, err = googlesql.NewTypeFactory(); err != nil {
		return nil, err
	}
	if r.language, err = googlesql.NewLanguageOptions(); err != nil {
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
	} {
		if err := set(); err != nil {
			return nil, err
		}
	}
	for _, feature := range others {
		if err := r.language.DisableLanguageFeature(feature); err != nil {
			return nil, err
		}
	}
	return r, r.language.EnableLanguageFeature(googlesql.LanguageFeatureFeatureDisableFloat32)
}

// options are those of one statement: its parameters are among them.
func (r *reader) options(s statement) (*googlesql.AnalyzerOptions, error) {
	o, err := googlesql.NewAnalyzerOptions2()
	if err != nil {
		return nil, err
	}
	mode := googlesql.ParameterModeParameterNamed
	if len(s.Parameters) > 0 || strings.Contains(s.SQL, "?") {
		mode = googlesql.ParameterModeParameterPositional
	}
	for _, set := range []func() error{
		func() error { return o.SetLanguage(r.language) },
		func() error { return o.SetErrorMessageMode(googlesql.ErrorMessageModeErrorMessageOneLine) },
		func() error { return o.SetPruneUnusedColumns(false) },
		func() error {
			return o.SetParseLocationRecordType(googlesql.ParseLocationRecordTypeParseLocationRecordFullNodeScope)
		},
		func() error { return o.SetParameterMode(mode) },
		func() error { return o.SetAllowUndeclaredParameters(len(s.Parameters) == 0) },
	} {
		if err := set(); err != nil {
			return nil, err
		}
	}
	// A statement is checked as it is written, and not as the analyser writes it anew.
	for rewrite := range googlesql.ResolvedASTRewrite(rewrites) {
		on, err := o.RewriteEnabled(rewrite)
		if err != nil {
			return nil, err
		}
		if on {
			if err := o.DisableRewrite(rewrite); err != nil {
				return nil, err
			}
		}
	}
	for i, name := range s.Parameters {
		kind, err := r.typeOf(name)
		if err != nil {
			return nil, fmt.Errorf("parameter %d: %w", i+1, err)
		}
		if err := o.AddPositionalQueryParameter(kind); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// add has statements read a table from now on, in place of one of its name.
func (r *reader) add(t table) {
	r.catalogs = map[string]*googlesql.SimpleCatalog{}
	for i, has := range r.tables {
		if has.Name == t.Name {
			r.tables[i] = t
			return
		}
	}
	r.tables = append(r.tables, t)
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
		if err := r.put(inner[path], name, t); err != nil {
			return nil, err
		}
		if len(parts) > 1 {
			if err := r.put(root, t.Name, t); err != nil {
				return nil, err
			}
		}
		if dataset != "" && path == dataset {
			if err := r.put(root, name, t); err != nil {
				return nil, err
			}
		}
	}
	r.catalogs[dataset] = root
	return root, nil
}

// put has a catalog know a table by a name, whose full name is its path.
func (r *reader) put(in *googlesql.SimpleCatalog, name string, table table) error {
	t, err := googlesql.NewSimpleTable(name, 0)
	if err != nil {
		return err
	}
	if err := t.SetFullName(table.Name); err != nil {
		return err
	}
	for _, c := range table.Columns {
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

// read types a statement and gives the columns of a query, and what it reads if that is wanted or the statement is a view.
func (r *reader) read(s statement, wanted bool) ([]column, map[string][]string, error) {
	catalog, err := r.catalog(s.Dataset)
	if err != nil {
		return nil, nil, err
	}
	options, err := r.options(s)
	if err != nil {
		return nil, nil, err
	}
	out, err := googlesql.AnalyzeStatement(s.SQL, options, catalog, r.types)
	if err != nil {
		return nil, nil, err
	}
	resolved, err := out.ResolvedStatement()
	if err != nil {
		return nil, nil, err
	}
	if err := (strict{s.SQL}).check(resolved); err != nil {
		return nil, nil, err
	}
	query, ok := resolved.(*googlesql.ResolvedQueryStmt)
	if !ok {
		return nil, nil, nil
	}
	n, err := query.OutputColumnListSize()
	if err != nil {
		return nil, nil, err
	}
	var columns []column
	for i := range n {
		o, err := query.OutputColumnList2(i)
		if err != nil {
			return nil, nil, err
		}
		name, err := o.Name()
		if err != nil {
			return nil, nil, err
		}
		col, err := o.Column()
		if err != nil {
			return nil, nil, err
		}
		kind, err := col.Type()
		if err != nil {
			return nil, nil, err
		}
		text, err := typeName(kind)
		if err != nil {
			return nil, nil, fmt.Errorf("column %s: %w", name, err)
		}
		columns = append(columns, column{name, text})
	}
	if err := refuseNames(columns, s.Creates != ""); err != nil || !wanted && !s.View {
		return columns, nil, err
	}
	read, err := readsOf(query)
	if err != nil {
		return nil, nil, err
	}
	delete(r.views, s.Creates)
	into := found{}
	read.find(into, r.views, nil)
	if s.View {
		r.views[s.Creates] = read
	}
	return columns, into.lists(), nil
}

// refuseNames refuses those that a result, or a table that is made of it, cannot have.
func refuseNames(columns []column, table bool) error {
	seen := map[string]bool{}
	for _, c := range columns {
		name := strings.ToLower(c.Name)
		switch {
		case strings.HasPrefix(name, "$") && table:
			return fmt.Errorf("a column of the table has no name")
		case strings.HasPrefix(name, "$"):
			continue
		case seen[name]:
			return fmt.Errorf("two columns are named %s", name)
		}
		seen[name] = true
		for _, reserved := range []string{"_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier"} {
			if table && strings.HasPrefix(name, reserved) {
				return fmt.Errorf("column %s: no name may begin with %s", name, reserved)
			}
		}
	}
	return nil
}

// typeName is a type as BigQuery writes it.
func typeName(kind googlesql.Googlesql_TypeNode) (string, error) {
	named, ok := kind.(interface {
		TypeName(googlesql.ProductMode) (string, error)
	})
	if !ok {
		return "", fmt.Errorf("a type without a name: %T", kind)
	}
	return named.TypeName(googlesql.ProductModeProductExternal)
}
