package lookml

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"fourfold/dbt"
)

// columnType is what a column of a mart holds.
type columnType int

const (
	textType columnType = iota
	intType
	floatType
	boolType
	dateType    // a date of the configured time zone
	instantType // a point in time, UTC
)

// schema is a mart as the dbt project declares it.
type schema struct {
	name, description string
	key               []string // columns that name a row
	columns           []column
}

type column struct {
	name, description string
	kind              columnType
}

func (s schema) has(name string) bool {
	return slices.ContainsFunc(s.columns, func(c column) bool { return c.name == name })
}

func (s schema) column(name string) (column, bool) {
	i := slices.IndexFunc(s.columns, func(c column) bool { return c.name == name })
	if i < 0 {
		return column{}, false
	}
	return s.columns[i], true
}

// declared is what is read of a model's YAML.
type declared struct {
	Models []struct {
		Name        string      `yaml:"name"`
		Description string      `yaml:"description"`
		Tests       []yaml.Node `yaml:"data_tests"`
		Columns     []struct {
			Name        string `yaml:"name"`
			Type        string `yaml:"data_type"`
			Description string `yaml:"description"`
		} `yaml:"columns"`
	} `yaml:"models"`
}

// readSchemas gives the marts of the dbt project in the order of their names.
func readSchemas() ([]schema, error) {
	found := map[string]schema{}
	err := fs.WalkDir(dbt.Project, "models/marts", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".yml" {
			return err
		}
		text, err := fs.ReadFile(dbt.Project, file)
		if err != nil {
			return err
		}
		all, err := parseSchemas(text)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, s := range all {
			found[s.name] = s
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lookml: the marts of the dbt project: %w", err)
	}
	var out []schema
	for _, name := range dbt.Marts() {
		s, ok := found[name]
		if !ok {
			return nil, fmt.Errorf("lookml: the mart %s has no description in models/marts", name)
		}
		out = append(out, s)
	}
	return out, nil
}

func parseSchemas(text []byte) ([]schema, error) {
	var d declared
	if err := yaml.Unmarshal(text, &d); err != nil {
		return nil, err
	}
	var out []schema
	for _, m := range d.Models {
		s := schema{name: m.Name, description: m.Description}
		for _, c := range m.Columns {
			kind, err := readType(c.Type)
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", m.Name, c.Name, err)
			}
			s.columns = append(s.columns, column{name: c.Name, description: c.Description, kind: kind})
		}
		for _, n := range m.Tests {
			var test struct {
				Key struct {
					Arguments struct {
						Columns []string `yaml:"columns"`
					} `yaml:"arguments"`
				} `yaml:"key"`
			}
			if n.Kind != yaml.MappingNode {
				continue
			}
			if err := n.Decode(&test); err != nil {
				return nil, fmt.Errorf("%s: its tests: %w", m.Name, err)
			}
			for _, k := range test.Key.Arguments.Columns {
				s.key = append(s.key, keyColumn(k))
			}
		}
		if len(s.key) == 0 {
			return nil, fmt.Errorf("%s has no key", m.Name)
		}
		for _, k := range s.key {
			if !s.has(k) {
				return nil, fmt.Errorf("%s: its key names %s, which is no column", m.Name, k)
			}
		}
		out = append(out, s)
	}
	return out, nil
}

var withDefault = regexp.MustCompile(`^coalesce\(([a-z_]+), ''\)$`)

// keyColumn is the column of a part of a key, which may say what it is where it is null.
func keyColumn(part string) string {
	if m := withDefault.FindStringSubmatch(part); m != nil {
		return m[1]
	}
	return part
}

func readType(text string) (columnType, error) {
	switch {
	case text == "string":
		return textType, nil
	case text == "int64":
		return intType, nil
	case text == "bool":
		return boolType, nil
	case text == "date":
		return dateType, nil
	case strings.Contains(text, "'timestamp'"):
		return instantType, nil
	case strings.Contains(text, "'float64'"):
		return floatType, nil
	}
	return textType, fmt.Errorf("type %q is not known", text)
}
