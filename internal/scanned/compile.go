package main

import (
	"cmp"
	"context"
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

// compiled is what dbt asks in a build, each after what it reads, and the seeds.
func compiled(ctx context.Context, dbt, unpacked, scratch string) ([]table, []statement, error) {
	target := filepath.Join(scratch, "compiled")
	err := runDBT(ctx, dbt, unpacked, filepath.Join(unpacked, "profiles"), []string{
		"DBT_TARGET_PATH=" + target, "FOURFOLD_BIGQUERY_METHOD=oauth-secrets", "FOURFOLD_BIGQUERY_TOKEN=none", "FOURFOLD_BIGQUERY_ENDPOINT=http://127.0.0.1:9",
	}, "compile", "--target", "bigquery", "--no-populate-cache", "--no-introspect")
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
	tables, statements := inOrder(manifest.Nodes)
	if len(statements) == 0 {
		return nil, nil, errors.New("dbt compiled no model")
	}
	return tables, statements, nil
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

// runDBT runs dbt on an unpacked project. What it prints is shown if it fails.
func runDBT(ctx context.Context, dbt, unpacked, profiles string, env []string, args ...string) error {
	logs, err := os.MkdirTemp("", "dbt-logs")
	if err != nil {
		return err
	}
	defer os.RemoveAll(logs)
	cmd := exec.CommandContext(ctx, dbt, append(args, "--project-dir", unpacked, "--profiles-dir", profiles)...)
	cmd.Env = append(append(os.Environ(), "DO_NOT_TRACK=1", "FOURFOLD_TIMEZONE=Asia/Tokyo", "DBT_LOG_PATH="+logs), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("dbt %s: %w\n%s", args[0], err, out)
	}
	return nil
}
