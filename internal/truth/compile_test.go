package truth_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"fourfold/dbt"
)

// project is the dbt project as dbt has compiled it for a time zone, the one setting that is part of the SQL: all others
// reach it as seeds.
type project struct {
	Seeds  []node // with no SQL
	Models []node // each after what it reads, ephemeral ones left out
	Tests  []node // those whose failure keeps a build from being published
}

type node struct {
	Name     string
	Relation string            `json:",omitempty"`
	Path     string            `json:",omitempty"` // of a seed, in the project
	Types    map[string]string `json:",omitempty"` // of a seed's columns
	SQL      string            `json:",omitempty"`
}

var compiler struct {
	sync.Mutex
	dir      string // where dbt works
	projects map[string]*project
}

// compiled gives the project for a time zone. dbt compiles it once: the SQL is kept in .cache under a hash of the project.
func compiled(t testing.TB, zone string) *project {
	t.Helper()
	compiler.Lock()
	defer compiler.Unlock()
	if p := compiler.projects[zone]; p != nil {
		return p
	}
	command := dbtCommand(t)
	path := filepath.Join("..", "..", ".cache", "truth", projectHash(t, command), strings.ReplaceAll(zone, "/", "-")+".json")
	p := &project{}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, p) != nil {
		p = compile(t, command, zone)
		keep(t, path, p)
	}
	if compiler.projects == nil {
		compiler.projects = map[string]*project{}
	}
	compiler.projects[zone] = p
	return p
}

func dbtCommand(t testing.TB) string {
	t.Helper()
	command := os.Getenv("FOURFOLD_DBT")
	if command == "" {
		command = filepath.Join("..", "..", ".venv", "bin", "dbt")
	}
	path, err := filepath.Abs(command)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("dbt is not there (%v): run `make build`, which installs it, or set FOURFOLD_DBT", err)
	}
	return path
}

// projectHash is a hash of all that the compiled SQL depends on but the time zone.
func projectHash(t testing.TB, command string) string {
	t.Helper()
	h := sha256.New()
	versions, _ := filepath.Glob(filepath.Join(filepath.Dir(command), "..", "lib", "python*", "site-packages", "dbt_*.dist-info"))
	for _, v := range versions {
		fmt.Fprintln(h, filepath.Base(v))
	}
	err := fs.WalkDir(dbt.Project, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(dbt.Project, path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(text), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// keep writes a compiled project at once or not at all, since other processes may be at it, and removes those of other
// states of the project.
func keep(t testing.TB, path string, p *project) {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(path)
	if old, err := os.ReadDir(filepath.Dir(dir)); err == nil {
		for _, o := range old {
			if o.Name() != filepath.Base(dir) {
				os.RemoveAll(filepath.Join(filepath.Dir(dir), o.Name()))
			}
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.CreateTemp(dir, "*.new")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		t.Fatal(err)
	}
}

func compile(t testing.TB, command, zone string) *project {
	t.Helper()
	if compiler.dir == "" {
		dir, err := os.MkdirTemp("", "truth")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(filepath.Join(dir, "project"), dbt.Project); err != nil {
			t.Fatal(err)
		}
		compiler.dir = dir
	}
	at := func(name string) string { return filepath.Join(compiler.dir, name) }
	cmd := exec.CommandContext(t.Context(), command, "compile", "--no-populate-cache", "--no-introspect", "--target", "duckdb",
		"--project-dir", at("project"), "--profiles-dir", filepath.Join(at("project"), "profiles"))
	cmd.Dir = compiler.dir
	cmd.Env = append(os.Environ(), "FOURFOLD_TIMEZONE="+zone, "DO_NOT_TRACK=1", "DBT_TARGET_PATH="+at("target"), "DBT_LOG_PATH="+at("logs"),
		// Nothing is asked of a warehouse: the files need not be there.
		"FOURFOLD_RAW_PATH=:memory:", "FOURFOLD_BUILD_PATH=:memory:", "FOURFOLD_TEMP_PATH="+at("spill"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("dbt compile: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(at("target"), "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := readManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// readManifest finds in dbt's manifest what a build runs, in an order in which it can be run.
func readManifest(text []byte) (*project, error) {
	type manifestNode struct {
		Name         string                   `json:"name"`
		ResourceType string                   `json:"resource_type"`
		RelationName string                   `json:"relation_name"`
		Path         string                   `json:"original_file_path"`
		Code         string                   `json:"compiled_code"`
		DependsOn    struct{ Nodes []string } `json:"depends_on"`
		Config       struct {
			Materialized string            `json:"materialized"`
			Severity     string            `json:"severity"`
			ColumnTypes  map[string]string `json:"column_types"`
		} `json:"config"`
	}
	var manifest struct{ Nodes map[string]manifestNode }
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&manifest); err != nil {
		return nil, fmt.Errorf("read dbt's manifest: %w", err)
	}
	p := &project{}
	done := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		n, known := manifest.Nodes[id]
		if !known || done[id] {
			return
		}
		done[id] = true
		for _, parent := range slices.Sorted(slices.Values(n.DependsOn.Nodes)) {
			visit(parent)
		}
		switch {
		case n.ResourceType == "seed":
			p.Seeds = append(p.Seeds, node{Name: n.Name, Relation: n.RelationName, Path: n.Path, Types: n.Config.ColumnTypes})
		case n.ResourceType == "model" && n.Config.Materialized != "ephemeral":
			p.Models = append(p.Models, node{Name: n.Name, Relation: n.RelationName, SQL: n.Code})
		case n.ResourceType == "test" && strings.EqualFold(n.Config.Severity, "error"):
			p.Tests = append(p.Tests, node{Name: n.Name, SQL: n.Code})
		}
	}
	var ids []string
	for id := range manifest.Nodes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		visit(id)
	}
	for _, m := range slices.Concat(p.Models, p.Tests) {
		if m.SQL == "" {
			return nil, fmt.Errorf("dbt's manifest has no SQL of %s", m.Name)
		}
	}
	return p, nil
}
