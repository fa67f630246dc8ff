package main

import (
	"cmp"
	"context"
	_ "embed" // of the macros
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"fourfold/transform"
)

const (
	project = "fourfold"
	dataset = "fourfold"
)

// node is what dbt's manifest says of a model, a test or a seed.
type node struct {
	Name         string
	ResourceType string `json:"resource_type"`
	RelationName string `json:"relation_name"`
	CompiledCode string `json:"compiled_code"`
	Config       struct {
		Materialized string
		ColumnTypes  map[string]string `json:"column_types"`
	}
	DependsOn struct{ Nodes []string } `json:"depends_on"`
}

// compiled is what dbt asks in a build that begins with nothing, each after what it reads, and the seeds; and what it asks in one that
// goes on from another.
func compiled(ctx context.Context, dbt, unpacked, scratch string) (tables []table, whole, goesOn []statement, err error) {
	nodes, _, err := compile(ctx, dbt, unpacked, filepath.Join(scratch, "whole"), "--no-introspect")
	if err != nil {
		return nil, nil, nil, err
	}
	tables, whole = inOrder(nodes)
	if len(whole) == 0 {
		return nil, nil, nil, errors.New("dbt compiled no model")
	}
	carried := filepath.Join(scratch, "carried")
	if err := os.CopyFS(carried, os.DirFS(unpacked)); err != nil {
		return nil, nil, nil, err
	}
	if err := os.WriteFile(filepath.Join(carried, "macros", "goeson.sql"), goesOnMacros, 0o644); err != nil {
		return nil, nil, nil, err
	}
	nodes, said, err := compile(ctx, dbt, carried, filepath.Join(scratch, "goeson"))
	if err != nil {
		return nil, nil, nil, err
	}
	goesOn, err = merging(whole, nodes, said)
	return tables, whole, goesOn, err
}

// goesOnMacros stand before those of dbt, which would ask BigQuery.
//
//go:embed goeson.sql
var goesOnMacros []byte

// compile has dbt compile a project, and gives what it has found in it and said.
func compile(ctx context.Context, dbt, unpacked, target string, args ...string) (nodes map[string]node, said []byte, err error) {
	said, err = runDBT(ctx, dbt, unpacked, filepath.Join(unpacked, "profiles"), []string{
		"DBT_TARGET_PATH=" + target, "FOURFOLD_BIGQUERY_METHOD=oauth-secrets", "FOURFOLD_BIGQUERY_TOKEN=none", "FOURFOLD_BIGQUERY_ENDPOINT=http://127.0.0.1:9",
	}, append([]string{"compile", "--target", "bigquery", "--no-populate-cache"}, args...)...)
	if err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(filepath.Join(target, "manifest.json"))
	if err != nil {
		return nil, nil, err
	}
	var manifest struct{ Nodes map[string]node }
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", target, err)
	}
	return manifest.Nodes, said, nil
}

// merging makes the statements of a build that goes on out of those of one that begins with nothing: a model that goes on first asks how
// far its table came, and then merges what is new into it. The table is made by a statement that is not run.
func merging(whole []statement, nodes map[string]node, said []byte) ([]statement, error) {
	asked := map[string][]string{} // by the name of the model
	for line := range strings.Lines(string(said)) {
		text, ok := strings.CutPrefix(strings.TrimSpace(line), "asked ")
		if !ok {
			continue
		}
		var a struct{ Of, SQL string }
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			return nil, fmt.Errorf("read what dbt asked: %s: %w", line, err)
		}
		asked[nodes[a.Of].Name] = append(asked[nodes[a.Of].Name], a.SQL)
	}
	carried := map[string]node{}
	for _, n := range nodes {
		if n.ResourceType == "model" && n.Config.Materialized == "incremental" {
			carried[n.Name] = n
		}
	}
	var out []statement
	for _, s := range whole {
		n, ok := carried[s.Name]
		if !ok || s.kind != "model" {
			out = append(out, s)
			continue
		}
		if len(asked[s.Name]) == 0 {
			return nil, fmt.Errorf("%s is incremental, and does not ask how far it came", s.Name)
		}
		merge := statement{Name: s.Name, SQL: n.CompiledCode, kind: "model", merged: s.Creates}
		s.kind = ""
		out = append(out, s)
		for _, sql := range asked[s.Name] {
			out = append(out, statement{Name: s.Name + ", how far it came", SQL: sql, kind: "model"})
		}
		out = append(out, merge)
	}
	return out, nil
}

// inOrder gives seeds as tables and everything else as statements.
func inOrder(nodes map[string]node) (tables []table, statements []statement) {
	done := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		n, ok := nodes[id]
		if !ok || done[id] {
			return
		}
		done[id] = true
		for _, on := range slices.Sorted(slices.Values(n.DependsOn.Nodes)) {
			visit(on)
		}
		name := strings.ReplaceAll(n.RelationName, "`", "")
		switch {
		case n.ResourceType == "seed":
			seed := table{Name: name}
			for c, kind := range n.Config.ColumnTypes {
				seed.Columns = append(seed.Columns, column{c, kind})
			}
			slices.SortFunc(seed.Columns, func(a, b column) int { return cmp.Compare(a.Name, b.Name) })
			tables = append(tables, seed)
		case n.ResourceType == "model" && n.Config.Materialized == "view":
			statements = append(statements, statement{Name: n.Name, SQL: n.CompiledCode, Creates: name, View: true})
		case n.ResourceType == "model" && n.Config.Materialized != "ephemeral":
			statements = append(statements, statement{Name: n.Name, SQL: n.CompiledCode, Creates: name, kind: "model"})
		case n.ResourceType == "test": // dbt counts its rows
			statements = append(statements, statement{Name: n.Name, SQL: "select count(*) as n from (\n" + n.CompiledCode + "\n) as found", kind: "test"})
		}
	}
	ids := make([]string, 0, len(nodes))
	for id := range nodes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		visit(id)
	}
	return tables, statements
}

// declared are the tables that dbt finds.
func declared() []table {
	var out []table
	add := func(dataset, name string, columns []transform.Column) {
		t := table{Name: project + "." + dataset + "." + name}
		for _, c := range columns {
			t.Columns = append(t.Columns, column{c.Name, c.BigQueryType()})
		}
		out = append(out, t)
	}
	for _, t := range transform.All() {
		add(dataset+"_raw", t.Name, t.Ledger())
	}
	add(dataset+"_raw", "runs", transform.RunsColumns)
	for _, t := range transform.Ship {
		add(dataset+"_build", t.Name, t.Columns)
	}
	return out
}

// runDBT runs dbt on an unpacked project, and gives what it prints. That is shown if it fails.
func runDBT(ctx context.Context, dbt, unpacked, profiles string, env []string, args ...string) ([]byte, error) {
	logs, err := os.MkdirTemp("", "dbt-logs")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(logs)
	cmd := exec.CommandContext(ctx, dbt, append(args, "--project-dir", unpacked, "--profiles-dir", profiles)...)
	cmd.Env = append(append(os.Environ(), "DO_NOT_TRACK=1", "FOURFOLD_TIMEZONE=Asia/Tokyo", "DBT_LOG_PATH="+logs), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("dbt %s: %w\n%s", args[0], err, out)
	}
	return out, nil
}
