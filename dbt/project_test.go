package dbt_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/dbt"
	"fourfold/transform"
)

var update = flag.Bool("update", false, "write the compiled metric template anew")

// project runs dbt on this folder, with everything that it writes in a temporary one.
type project struct {
	t       *testing.T
	command string
	dir     string
	env     []string
	seed    string // of the order of rows
}

func newProject(t *testing.T) *project {
	t.Helper()
	command := os.Getenv("FOURFOLD_DBT")
	if command == "" {
		command = filepath.Join("..", ".venv", "bin", "dbt")
	}
	path, err := filepath.Abs(command)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("dbt is not there (%v): run `make build`, which installs it, or set FOURFOLD_DBT", err)
	}
	dir := t.TempDir()
	return &project{t: t, command: path, dir: dir, env: []string{
		"DBT_TARGET_PATH=" + filepath.Join(dir, "target"), "DBT_LOG_PATH=" + filepath.Join(dir, "logs"),
		"FOURFOLD_TEMP_PATH=" + filepath.Join(dir, "spill"), "FOURFOLD_RAW_PATH=" + filepath.Join(dir, "raw.duckdb"),
		"FOURFOLD_BUILD_PATH=" + filepath.Join(dir, "build.duckdb"), "DO_NOT_TRACK=1",
		// Nothing answers there: what follows must need no warehouse.
		"FOURFOLD_BIGQUERY_METHOD=oauth-secrets", "FOURFOLD_BIGQUERY_TOKEN=none", "FOURFOLD_BIGQUERY_ENDPOINT=http://127.0.0.1:9",
	}}
}

func (p *project) run(name string, args ...string) string {
	p.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), p.env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (p *project) dbt(target string, args ...string) string {
	p.t.Helper()
	return p.run(p.command, append(args, "--profiles-dir", "profiles", "--target", target)...)
}

// fails runs dbt on what must not go well, and gives what it says.
func (p *project) fails(target string, args ...string) string {
	p.t.Helper()
	cmd := exec.Command(p.command, append(args, "--profiles-dir", "profiles", "--target", target)...)
	cmd.Env = append(os.Environ(), p.env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		p.t.Fatalf("dbt %s: %v, want it to fail\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// duckdb runs statements on a file of the temporary folder.
func (p *project) duckdb(name, sql string) {
	p.t.Helper()
	if err := os.WriteFile(p.path("statements.sql"), []byte(sql), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.run(filepath.Join(filepath.Dir(p.command), "python"), "-c", "import duckdb, sys\nwith duckdb.connect(sys.argv[1]) as con: con.execute(open(sys.argv[2]).read())", p.path(name), p.path("statements.sql"))
}

func (p *project) python(args ...string) string {
	p.t.Helper()
	return p.run(filepath.Join(filepath.Dir(p.command), "python"), append([]string{filepath.Join("testdata", "organisation.py")}, args...)...)
}

func (p *project) path(name string) string { return filepath.Join(p.dir, name) }

// makeLedgers makes the ledgers without a row.
func (p *project) makeLedgers() {
	p.t.Helper()
	var ddl strings.Builder
	add := func(table string, columns []transform.Column) {
		ddl.WriteString((&transform.Plain{Name: table, Columns: columns}).DuckDBDDL("main") + ";\n")
	}
	for _, table := range transform.All() {
		add(table.Name, table.Ledger())
	}
	add("runs", transform.RunsColumns)
	p.duckdb("raw.duckdb", ddl.String())
}

// makeRaw makes the ledgers of the organisation in testdata with the columns that package transform declares.
func (p *project) makeRaw(seed string) {
	p.t.Helper()
	schema := map[string][][2]string{}
	add := func(table string, columns []transform.Column) {
		for _, c := range columns {
			schema[table] = append(schema[table], [2]string{c.Name, c.DuckDBType()})
		}
	}
	for _, table := range transform.All() {
		add(table.Name, table.Ledger())
	}
	add("runs", transform.RunsColumns)
	p.write("schema.json", schema)
	ship := map[string][][2]string{}
	for _, table := range transform.Ship {
		for _, c := range table.Columns {
			ship[table.Name] = append(ship[table.Name], [2]string{c.Name, c.DuckDBType()})
		}
	}
	p.write("ship.json", ship)
	p.seed = seed
	p.python("make", p.path("schema.json"), p.path("raw.duckdb"), seed)
}

func (p *project) write(name string, v any) {
	p.t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.path(name), text, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// build builds with DuckDB into the named file of the temporary folder. The paths that dbt is given stay the same, so that
// it parses everything only once.
func (p *project) build(name, zone string, args ...string) string {
	p.t.Helper()
	p.env = append(p.env, "FOURFOLD_TIMEZONE="+zone)
	p.python("ship", p.path("ship.json"), p.path("build.duckdb"), p.seed)
	out := p.dbt("duckdb", append([]string{"build"}, args...)...)
	if err := os.Rename(p.path("build.duckdb"), p.path(name)); err != nil {
		p.t.Fatal(err)
	}
	return out
}

// compiled gives the metric template as dbt compiles it for a target; nothing is asked of a warehouse.
func (p *project) compiled(target string) string {
	p.t.Helper()
	p.env = append(p.env, "FOURFOLD_TIMEZONE=UTC")
	p.dbt(target, "compile", "--no-populate-cache", "--no-introspect")
	text, err := os.ReadFile(filepath.Join(p.dir, "target", "compiled", "fourfold", "analyses", "metric.sql"))
	if err != nil {
		p.t.Fatal(err)
	}
	return fmt.Sprintf("-- Compiled by dbt from analyses/metric.sql; to make it anew: go test ./dbt -update\n%s\n", bytes.TrimSpace(text))
}

func checkCompiled(t *testing.T, target, committed, compiled string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("compiled", "metric_"+target+".sql"), []byte(compiled), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(committed, compiled); diff != "" {
		t.Errorf("compiled/metric_%s.sql is not what dbt compiles (-committed +compiled); run: go test ./dbt -update\n%s", target, diff)
	}
}

// The project is built on an organisation whose numbers are reckoned by other code, and everything promised of it holds.
func TestProjectOnDuckDB(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.makeRaw("1")
	// The unit tests, one or more for each rule, run within the build.
	out := p.build("first.duckdb", "UTC")
	if n := strings.Count(out, "START unit_test"); n < 70 {
		t.Errorf("%d unit tests ran", n)
	}
	for _, own := range []string{"PASS keys_of_models", "PASS keys_of_ephemeral_models", "PASS sentences_in_both_languages"} {
		if !strings.Contains(out, own) {
			t.Errorf("no %q", own)
		}
	}
	if strings.Contains(out, " WARN ") {
		t.Errorf("a test warns:\n%s", out)
	}
	t.Log(p.python("check", p.path("first.duckdb"), "UTC"))
	t.Log(p.python("template", p.path("first.duckdb"), filepath.Join("compiled", "metric_duckdb.sql")))
	checkCompiled(t, "duckdb", dbt.MetricDuckDB, p.compiled("duckdb"))
	// S3: what a build says does not depend on the order of rows, in the ledgers or in what the program writes.
	if err := os.Remove(p.path("raw.duckdb")); err != nil {
		t.Fatal(err)
	}
	p.makeRaw("2")
	p.build("second.duckdb", "UTC", "--exclude-resource-type", "unit_test")
	t.Log(p.python("same", p.path("first.duckdb"), p.path("second.duckdb")))
}

// P1: days begin at midnight of the configured zone, east and west of UTC and where clocks change.
func TestMartsSayWhatIndependentCodeSaysInOtherZones(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.makeRaw("3")
	for _, zone := range []string{"Asia/Tokyo", "America/New_York"} {
		p.build("zone.duckdb", zone, "--exclude-resource-type", "unit_test", "test")
		t.Log(zone, p.python("check", p.path("zone.duckdb"), zone))
	}
}

// The same project parses and compiles for BigQuery, and the text that dashboards use there is what dbt compiles.
func TestProjectCompilesForBigQuery(t *testing.T) {
	t.Parallel()
	checkCompiled(t, "bigquery", dbt.MetricBigQuery, newProject(t).compiled("bigquery"))
}

// Every table that package transform declares is a source with a staging model, and dbt knows no other.
func TestEveryLedgerHasASourceAndAStagingModel(t *testing.T) {
	want := map[string]bool{"runs": true}
	for _, table := range transform.All() {
		want[table.Name] = true
	}
	got := map[string]bool{}
	for _, source := range []string{"incidentio", "github", "files", "fourfold"} {
		text, err := fs.ReadFile(dbt.Project, "models/staging/"+source+"/sources.yml")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^      - name: (\w+)`).FindAllSubmatch(text, -1) {
			table := string(m[1])
			got[table] = true
			model := fmt.Sprintf("models/staging/%s/stg_%s__%s.sql", source, source, strings.TrimPrefix(table, source+"_"))
			if _, err := fs.Stat(dbt.Project, model); err != nil {
				t.Errorf("%s has no staging model: %v", table, err)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sources.yml (-declared +in dbt):\n%s", diff)
	}
}

// dim_metrics is what dashboards show: every metric says how it is made, which way is better, and what it is in both languages.
func TestEveryMetricIsDescribed(t *testing.T) {
	f, err := dbt.Project.Open("seeds/static/metrics.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]string{
		"kind": "count rate duration", "aggregate": "count per_day rate median p90 mean", "better": "higher lower",
		"object_type": "incident deployment change commit",
	}
	for _, row := range rows[1:] {
		for i, name := range rows[0] {
			if row[i] == "" {
				t.Errorf("metric %s has no %s", row[0], name)
			}
			if words, ok := allowed[name]; ok && !slices.Contains(strings.Fields(words), row[i]) {
				t.Errorf("metric %s: %s is %q, want one of %s", row[0], name, row[i], words)
			}
		}
	}
}

// House style: a model is one idea.
func TestModelsAreShort(t *testing.T) {
	err := fs.WalkDir(dbt.Project, "models", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".sql" {
			return err
		}
		text, err := fs.ReadFile(dbt.Project, path)
		if n := bytes.Count(text, []byte("\n")); n >= 120 {
			t.Errorf("%s has %d lines", path, n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
