package dialect_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
	"fourfold/dbt"
	"fourfold/internal/dialect"
	"fourfold/transform"
)

const (
	raw   = "fourfold.fourfold_raw"
	build = "fourfold.fourfold_build"
)

// parameters are those of the dashboards' queries, of the types that the web page and explain give: days are texts.
func parameters() map[string]any {
	values := map[string]any{"latest": int64(0), "row_limit": int64(0)}
	for _, name := range strings.Fields("from_at to_at as_of") {
		values[name] = time.Time{}
	}
	for _, name := range strings.Fields(`period from_date to_date as_of_date before_from_date before_to_date week_anchor severity service team repository counted
		incident deployment incident_type field field_value measure metric`) {
		values[name] = ""
	}
	return values
}

// declared are the tables that dbt finds.
func declared() []dialect.Table {
	var out []dialect.Table
	add := func(dataset, name string, columns []transform.Column) {
		t := dialect.Table{Name: dataset + "." + name}
		for _, c := range columns {
			t.Columns = append(t.Columns, dialect.Column{c.Name, c.BigQueryType()})
		}
		out = append(out, t)
	}
	for _, t := range transform.All() {
		add(raw, t.Name, t.Ledger())
	}
	add(raw, "runs", transform.RunsColumns)
	for _, t := range transform.Ship {
		add(build, t.Name, t.Columns)
	}
	for _, name := range []string{"ledger", "had"} { // of the analyses latest and latest_changed
		out = append(out, dialect.Table{Name: build + "." + name, Columns: []dialect.Column{
			{"id", "STRING"}, {"_observed_at", "TIMESTAMP"}, {"_source_updated_at", "TIMESTAMP"}, {"_hash", "STRING"}, {"_deleted", "BOOL"}, {"name", "STRING"},
		}})
	}
	return out
}

// node is what dbt's manifest says of a model, a test, a seed or an analysis.
type node struct {
	ID           string `json:"unique_id"`
	Name         string
	ResourceType string `json:"resource_type"`
	RelationName string `json:"relation_name"`
	CompiledCode string `json:"compiled_code"`
	Path         string `json:"original_file_path"`
	Config       struct {
		Materialized string
		ColumnTypes  map[string]string `json:"column_types"`
		Contract     struct{ Enforced bool }
	}
	Columns map[string]struct {
		Name     string
		DataType string `json:"data_type"`
	}
	DependsOn struct{ Nodes []string } `json:"depends_on"`
}

// compiled gives the nodes of the project as dbt compiles them for BigQuery, in an order in which each comes after what it reads.
func compiled(t *testing.T) []node {
	t.Helper()
	dir := t.TempDir()
	command := os.Getenv("FOURFOLD_DBT")
	if command == "" {
		command = filepath.Join(dialect.Root(t), ".venv", "bin", "dbt")
	}
	cmd := exec.CommandContext(t.Context(), command, "compile", "--target", "bigquery", "--profiles-dir", "profiles", "--no-populate-cache", "--no-introspect")
	cmd.Dir = filepath.Join(dialect.Root(t), "dbt")
	cmd.Env = append(os.Environ(), "DBT_TARGET_PATH="+filepath.Join(dir, "target"), "DBT_LOG_PATH="+filepath.Join(dir, "logs"), "DO_NOT_TRACK=1",
		"FOURFOLD_TIMEZONE=Asia/Tokyo", "FOURFOLD_BIGQUERY_METHOD=oauth-secrets", "FOURFOLD_BIGQUERY_TOKEN=none", "FOURFOLD_BIGQUERY_ENDPOINT=http://127.0.0.1:9")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("dbt compile: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "target", "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Nodes map[string]node }
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	var out []node
	done := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		n, ok := manifest.Nodes[id]
		if !ok || done[id] {
			return
		}
		done[id] = true
		for _, on := range slices.Sorted(slices.Values(n.DependsOn.Nodes)) {
			visit(on)
		}
		out = append(out, n)
	}
	var ids []string
	for id := range manifest.Nodes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		visit(id)
	}
	return out
}

func TestEverySQLIsBigQuerys(t *testing.T) {
	t.Parallel()
	tables := declared()
	var statements, last []dialect.Statement
	contract := map[string]node{}
	count := map[string]int{}
	for _, n := range compiled(t) {
		name := strings.ReplaceAll(n.RelationName, "`", "")
		switch n.ResourceType {
		case "seed":
			seed := dialect.Table{Name: name}
			for c, kind := range n.Config.ColumnTypes {
				seed.Columns = append(seed.Columns, dialect.Column{c, kind})
			}
			tables = append(tables, seed)
		case "model":
			if n.Config.Materialized == "ephemeral" {
				name = "" // whoever reads it has it inside; by itself it is read here, too
			}
			statements = append(statements, dialect.Statement{Name: n.ID, SQL: n.CompiledCode, Creates: name})
			if n.Config.Contract.Enforced {
				contract[n.ID] = n
			}
		case "test", "analysis":
			last = append(last, dialect.Statement{Name: n.ID, SQL: n.CompiledCode, Dataset: build})
		}
		count[n.ResourceType]++
	}
	statements = append(statements, last...) // an analysis names what it reads by itself
	for _, name := range dashboards.Names() {
		q, err := dashboards.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		sql, args, err := q.Bind(dashboards.BigQuery, parameters())
		if err != nil {
			t.Fatal(err)
		}
		var types []string
		for _, a := range args {
			types = append(types, dialect.TypeOf(t, a))
		}
		statements = append(statements, dialect.Statement{Name: "query " + name, SQL: sql, Dataset: build, Parameters: types})
		count["query"]++
	}
	for _, a := range dialect.Page(t) {
		statements = append(statements, dialect.Statement{Name: "docs/sql.md: " + a.Question, SQL: a.SQL, Dataset: build})
		count["question"]++
	}
	statements = append(statements, dialect.Statement{Name: "the metric template", SQL: dbt.MetricBigQuery, Dataset: build})
	for kind, least := range map[string]int{"model": 80, "test": 60, "query": 15, "seed": 10, "question": 20} {
		if count[kind] < least {
			t.Errorf("only %d of kind %s", count[kind], kind)
		}
	}
	for _, a := range dialect.Read(t, tables, statements) {
		if a.Error != "" {
			t.Errorf("%s: %s", a.Name, a.Error)
			continue
		}
		if n, ok := contract[a.Name]; ok {
			if diff := cmp.Diff(n.declared(), typesOf(a.Columns)); diff != "" {
				t.Errorf("%s: columns (-contract +what is selected):\n%s", a.Name, diff)
			}
			count["contract"]++
		}
	}
	if count["contract"] < 20 {
		t.Errorf("only %d contracts", count["contract"])
	}
}

// declared are the types of a mart's columns as its contract has them.
func (n node) declared() map[string]string {
	out := map[string]string{}
	for _, c := range n.Columns {
		out[c.Name] = strings.ToUpper(c.DataType)
	}
	return out
}

func typesOf(columns []dialect.Column) map[string]string {
	out := map[string]string{}
	for _, c := range columns {
		out[c.Name] = c.Type
	}
	return out
}
