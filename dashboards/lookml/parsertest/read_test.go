package parsertest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"fourfold/dashboards"
	"fourfold/dashboards/lookml"
	"fourfold/dbt"
	"fourfold/internal/dialect"
)

// written gives a folder with a project.
func written(t *testing.T, language string) string {
	t.Helper()
	o := lookml.Defaults
	o.Language, o.Schema = language, dataset
	files, err := lookml.Generate(o)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := lookml.WriteTo(dir, files); err != nil {
		t.Fatal(err)
	}
	return dir
}

// parsed is what lkml reads of all files of a project.
type parsed struct {
	Views    []map[string]any `json:"views"`
	Explores []map[string]any `json:"explores"`
	Tests    []map[string]any `json:"tests"`
	Changed  []string         `json:"changed"` // files that are another when lkml has written and read them again
}

const readAll = `
import copy, glob, json, sys, lkml
out = {"views": [], "explores": [], "tests": [], "changed": []}
for path in sorted(glob.glob(sys.argv[1] + "/**/*.lkml", recursive=True)):
    with open(path, encoding="utf-8") as f:
        read = lkml.load(f)
    if lkml.load(lkml.dump(copy.deepcopy(read))) != read:
        out["changed"].append(path)
    for key in ("views", "explores", "tests"):
        out[key] += read.get(key, [])
json.dump(out, sys.stdout)
`

func readByLkml(t *testing.T, dir string) parsed {
	t.Helper()
	python := os.Getenv("FOURFOLD_LKML_PYTHON")
	if python == "" {
		python = filepath.Join(dialect.Root(t), ".venv-dev", "bin", "python")
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", readAll, dir)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("lkml: %v (requirements-dev.txt has it: run `make .venv-dev/.done`)\n%s", err, said.String())
	}
	var p parsed
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLkmlReadsEveryFileAndWritesItAgain(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "ja"} {
		p := readByLkml(t, written(t, language))
		if len(p.Changed) > 0 {
			t.Errorf("in %s: not the same after a round: %s", language, strings.Join(p.Changed, ", "))
		}
		if len(p.Views) <= len(dbt.Marts()) || len(p.Explores) < 20 || len(p.Tests) != 2 {
			t.Errorf("in %s: %d views, %d explores, %d tests", language, len(p.Views), len(p.Explores), len(p.Tests))
		}
	}
}

const assemble = `
const parser = require("lookml-parser")
parser.parseFiles({cwd: process.argv[1]}).then(p => {
    const m = (p.model || {}).fourfold || {}
    console.log(JSON.stringify({
        errors: (p.errors || []).map(e => e.$file_path + ": " + (e.error && e.error.message || e.error)), project: p.manifest && p.manifest.project_name,
        views: Object.keys(m.view || {}), explores: Object.keys(m.explore || {}), datagroups: Object.keys(m.datagroup || {}), constants: Object.keys(p.manifest.constant || {}),
    }))
})
`

func TestLookmlParserAssemblesTheModel(t *testing.T) {
	t.Parallel()
	dir := written(t, "en")
	modules := os.Getenv("FOURFOLD_NODE_MODULES")
	if modules == "" {
		modules = filepath.Join(dialect.Root(t), ".cache", "node", "node_modules")
	}
	cmd := exec.CommandContext(t.Context(), "node", "-e", assemble, dir)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("lookml-parser: %v (tools/package.json has it: run `make .cache/node/.done`)\n%s", err, said.String())
	}
	var got struct {
		Errors, Views, Explores, Datagroups, Constants []string
		Project                                        string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(got.Errors) > 0 {
		t.Errorf("errors: %s", strings.Join(got.Errors, "\n"))
	}
	if got.Project != "fourfold" || !slices.Equal(got.Datagroups, []string{"build"}) || !slices.Equal(got.Constants, []string{"CONNECTION", "SCHEMA", "TIME_ZONE"}) {
		t.Errorf("project %q, datagroups %v, constants %v", got.Project, got.Datagroups, got.Constants)
	}
	for _, mart := range append(dbt.Marts(), "metric", "panel_keys") {
		if !slices.Contains(got.Views, mart) {
			t.Errorf("the model has no view %s", mart)
		}
	}
	for _, name := range []string{"fct_incidents", "fct_deployments", "fct_changes", "four_keys", "metric", "panel_keys"} {
		if !slices.Contains(got.Explores, name) {
			t.Errorf("the model has no explore %s", name)
		}
	}
}

func TestDashboardsAreYAMLOfThePanelsOfTheCatalogue(t *testing.T) {
	t.Parallel()
	dir := written(t, "ja")
	c, err := dashboards.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range c.On(dashboards.Looker, false).Dashboards {
		text, err := os.ReadFile(filepath.Join(dir, "dashboards", d.Key+".dashboard.lookml"))
		if err != nil {
			t.Fatal(err)
		}
		var got []struct {
			Dashboard, Title, Layout string
			Elements                 []struct {
				Name, Explore string
				NoteText      string `yaml:"note_text"`
			}
		}
		if err := yaml.Unmarshal(text, &got); err != nil || len(got) != 1 {
			t.Fatalf("%s: %v", d.Key, err)
		}
		if got[0].Dashboard != d.Key || got[0].Title != d.Title.Japanese || got[0].Layout != "newspaper" {
			t.Errorf("%s is %q, %q, %q", d.Key, got[0].Dashboard, got[0].Title, got[0].Layout)
		}
		for _, place := range d.Panels {
			found := false
			for _, e := range got[0].Elements {
				found = found || e.Name == place.Panel || strings.HasPrefix(e.Name, place.Panel+"_")
				if !strings.Contains(e.NoteText, "。") {
					t.Errorf("%s, %s: its note is %q", d.Key, e.Name, e.NoteText)
				}
			}
			if !found {
				t.Errorf("%s has no element of panel %s", d.Key, place.Panel)
			}
		}
	}
}
