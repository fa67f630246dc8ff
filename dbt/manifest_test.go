package dbt_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// manifest is what dbt knows of the project, as far as tests ask for it.
type manifest struct {
	Nodes     map[string]*node
	Sources   map[string]*node
	Exposures map[string]*node
	Macros    map[string]*macro
}

// node is a model, a seed, a data test, a source or an exposure.
type node struct {
	Name         string
	ResourceType string `json:"resource_type"`
	SourceName   string `json:"source_name"`
	Path         string `json:"original_file_path"`
	Description  string
	Columns      map[string]column
	DependsOn    struct{ Nodes, Macros []string } `json:"depends_on"`
	Config       struct {
		Materialized string
		Severity     string
		Contract     struct{ Enforced bool }
		Freshness    *freshness
	}
	// Of a data test.
	Column   string `json:"column_name"`
	Attached string `json:"attached_node"`
	Test     *struct {
		Name   string
		Kwargs struct {
			Columns []string
			To      string
			Field   string
		}
	} `json:"test_metadata"`
	// Of a source.
	Freshness     *freshness
	LoadedAtQuery string `json:"loaded_at_query"`
	LoadedAtField string `json:"loaded_at_field"`
	// Of an exposure.
	Maturity string
	Owner    struct{ Name string }
	URL      string
}

type column struct {
	Name, Description string
	Type              string `json:"data_type"`
}

type freshness struct {
	Warn  threshold `json:"warn_after"`
	Error threshold `json:"error_after"`
}

type threshold struct {
	Count  *int
	Period *string
}

type macro struct {
	Name        string
	Package     string `json:"package_name"`
	Description string
	SQL         string `json:"macro_sql"`
	Arguments   []struct{ Name, Description string }
}

// parsed is the manifest; dbt parses the project once for all tests that ask for it.
var parsed struct {
	sync.Once
	manifest
}

func parse(t *testing.T) manifest {
	t.Helper()
	parsed.Do(func() {
		p := newProject(t)
		p.dbt("duckdb", "parse")
		text, err := os.ReadFile(filepath.Join(p.dir, "target", "manifest.json"))
		if err == nil {
			err = json.Unmarshal(text, &parsed.manifest)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if len(parsed.Nodes) == 0 {
		t.Fatal("dbt could not parse the project: another test says why")
	}
	return parsed.manifest
}

// of gives the project's nodes of some kinds by name, but for what only its own tests have.
func (m manifest) of(kinds ...string) []*node {
	var out []*node
	for _, id := range slices.Sorted(maps.Keys(m.Nodes)) {
		if n := m.Nodes[id]; slices.Contains(kinds, n.ResourceType) && !strings.HasPrefix(n.Path, "unit_tests/") {
			out = append(out, n)
		}
	}
	return out
}

// layer is the folder of models that a model is in: staging, intermediate or marts.
func (n *node) layer() string {
	if folders := strings.Split(n.Path, "/"); folders[0] == "models" {
		return folders[1]
	}
	return ""
}

// marts gives the names of all marts, sorted.
func (m manifest) marts() []string {
	var out []string
	for _, n := range m.of("model") {
		if n.layer() == "marts" {
			out = append(out, n.Name)
		}
	}
	return out
}

// tests gives the data tests of a kind, relationships or key, that are attached to a model.
func (m manifest) tests(model *node, kind string) []*node {
	var out []*node
	for _, n := range m.of("test") {
		if n.Test != nil && n.Test.Name == kind && strings.HasSuffix(n.Attached, "."+model.Name) {
			out = append(out, n)
		}
	}
	return out
}
