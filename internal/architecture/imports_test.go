// Package architecture tests that dependencies point one way: commands to sources, warehouses and dashboards, those to
// transform, and transform to nothing of ours.
package architecture

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

type pkg struct {
	ImportPath string
	Imports    []string // of the package itself, tests left out
	Deps       []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps", "fourfold/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// may says what the packages below a path may import of ours; the longest path that fits counts.
var may = map[string][]string{
	"fourfold/transform":        {},
	"fourfold/load":             {"fourfold/transform", "fourfold/load"},
	"fourfold/load/loadtest":    {"fourfold/transform", "fourfold/load"},
	"fourfold/extract":          {"fourfold/transform", "fourfold/extract"},
	"fourfold/dashboards":       {"fourfold/transform", "fourfold/dashboards", "fourfold/dbt"},
	"fourfold/dbt":              {"fourfold/dbt"},
	"fourfold/testdata":         {},
	"fourfold/internal/fake":    {"fourfold/internal/fake"},
	"fourfold/internal/demo":    {"fourfold/internal/demo", "fourfold/internal/fake", "fourfold/testdata"},
	"fourfold/internal":         {"fourfold/internal", "fourfold/load", "fourfold/extract", "fourfold/transform"},
	"fourfold/internal/bench":   {"fourfold/internal/fake"},
	"fourfold/internal/summary": {"fourfold/internal", "fourfold/load", "fourfold/dashboards"},
	"fourfold/internal/explain": {"fourfold/internal", "fourfold/load", "fourfold/dashboards"},
	"fourfold/internal/scanned": {"fourfold/internal", "fourfold/load", "fourfold/transform", "fourfold/dashboards"},
	"fourfold/cmd":              {"fourfold"},
}

func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func TestDependenciesPointOneWay(t *testing.T) {
	all := packages(t)
	if len(all) < 10 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	for _, p := range all {
		rule := ""
		for root := range may {
			if below(p.ImportPath, root) && len(root) > len(rule) {
				rule = root
			}
		}
		if rule == "" {
			t.Errorf("no rule says what %s may import", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			allowed := func(root string) bool { return below(i, root) }
			if below(i, "fourfold") && !slices.ContainsFunc(may[rule], allowed) {
				t.Errorf("%s imports %s; below %s only %v may be imported", p.ImportPath, i, rule, may[rule])
			}
		}
	}
}

func TestOnlyTheEngineAndTheCommandLinkDuckDB(t *testing.T) {
	for _, p := range packages(t) {
		if below(p.ImportPath, "fourfold/load/duckdb") || below(p.ImportPath, "fourfold/cmd") {
			continue
		}
		for _, d := range p.Deps {
			if strings.HasPrefix(d, "github.com/duckdb/") {
				t.Errorf("%s links %s", p.ImportPath, d)
				break
			}
		}
	}
}

func TestOnlyTheDemoKnowsTheFakes(t *testing.T) {
	for _, p := range packages(t) {
		if below(p.ImportPath, "fourfold/internal/fake") || below(p.ImportPath, "fourfold/internal/demo") || below(p.ImportPath, "fourfold/internal/bench") || below(p.ImportPath, "fourfold/cmd") {
			continue
		}
		for _, i := range p.Imports {
			if below(i, "fourfold/internal/fake") {
				t.Errorf("%s imports %s: product code must not know that it talks to a fake", p.ImportPath, i)
			}
		}
	}
}
