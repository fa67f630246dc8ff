package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fourfold/transform"
)

// root is the folder of the module.
var root = filepath.Join("..", "..")

func readAll(t *testing.T, tables []table, statements []statement) []reads {
	t.Helper()
	path := os.Getenv("FOURFOLD_GOOGLESQL")
	if path == "" {
		path = filepath.Join(root, ".cache", "bin", "googlesql")
	}
	all, err := readsOf(t.Context(), path, tables, statements)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What is billed are the columns that the rows and the columns of an answer need, not all that a query names.
func TestAStatementReadsTheColumnsThatItsAnswerNeeds(t *testing.T) {
	t.Parallel()
	tables := []table{
		{"p.d.t", []column{{"id", "STRING"}, {"seen", "TIMESTAMP"}, {"gone", "BOOL"}, {"name", "STRING"}, {"payload", "STRING"}}},
		{"p.d.u", []column{{"id", "STRING"}, {"t_id", "STRING"}, {"text", "STRING"}}},
		{"p.d.build", []column{{"build_id", "STRING"}, {"as_of", "TIMESTAMP"}}},
	}
	views := []statement{
		{Name: "present", Creates: "p.d.present", View: true, SQL: `select v.*
from (select t.*, max(if(t.gone, t.seen, null)) over (partition by t.id) as gone_at from p.d.t where t.seen <= (select b.as_of from p.d.build as b)) as v
where not v.gone
qualify row_number() over (partition by v.id order by v.seen desc) = 1`},
		{Name: "renamed", Creates: "p.d.renamed", View: true, SQL: "select id as t_id, name as title, payload as everything from p.d.present"},
		{Name: "made", Creates: "p.d.made", SQL: "select t_id, title from p.d.renamed"},
	}
	present := reads{"p.d.build": {"as_of"}, "p.d.t": {"gone", "id", "seen"}}
	named := reads{"p.d.build": {"as_of"}, "p.d.t": {"gone", "id", "name", "seen"}}
	cases := []struct {
		sql  string
		want reads
	}{
		{"select id from p.d.t", reads{"p.d.t": {"id"}}},
		{"select id from (select * from p.d.t)", reads{"p.d.t": {"id"}}},
		{"select * from p.d.u", reads{"p.d.u": {"id", "t_id", "text"}}},
		{"select count(*) from p.d.t", reads{"p.d.t": {}}},
		{"select count(*) from (select name, id from p.d.t where seen is null)", reads{"p.d.t": {"seen"}}},
		{"select count(*) from (select distinct name from p.d.t)", reads{"p.d.t": {"name"}}},
		{"select n from (select name, count(*) as n, max(payload) as longest from p.d.t group by name)", reads{"p.d.t": {"name"}}},
		{"select id from p.d.t order by seen limit 1", reads{"p.d.t": {"id", "seen"}}},
		// Views, and views of views, are read through; a table that was made is not.
		{"select id from p.d.present", present},
		{"select t_id from p.d.renamed", present},
		{"select title from p.d.renamed", named},
		{"select count(*) from p.d.renamed", present},
		{"select title from p.d.made", reads{"p.d.made": {"title"}}},
		// A window costs what it is made of if anything of it is wanted.
		{"select id from (select id, row_number() over (partition by name order by seen) as n from p.d.t)", reads{"p.d.t": {"id"}}},
		{"select n from (select id, row_number() over (partition by name order by seen) as n from p.d.t)", reads{"p.d.t": {"name", "seen"}}},
		// Common table expressions, read once, twice or not at all.
		{"with a as (select * from p.d.t where gone), b as (select * from p.d.u) select id from a", reads{"p.d.t": {"gone", "id"}}},
		{"with a as (select * from p.d.t) select x.id, y.name from a as x inner join a as y on x.seen = y.seen", reads{"p.d.t": {"id", "name", "seen"}}},
		// Of joined tables the condition is read; of sets what stands in the same place, and all of it where rows are compared.
		{"select t.id from p.d.t left join p.d.u on u.t_id = t.id", reads{"p.d.t": {"id"}, "p.d.u": {"t_id"}}},
		{"select i from (select id as i, name as n from p.d.t union all select t_id, text from p.d.u)", reads{"p.d.t": {"id"}, "p.d.u": {"t_id"}}},
		{"select i from (select id as i, name as n from p.d.t union distinct select t_id, text from p.d.u)", reads{"p.d.t": {"id", "name"}, "p.d.u": {"t_id", "text"}}},
		// Subqueries: what they give, what they are asked with, or only whether there is a row. One that nobody wants is not run.
		{"select id from p.d.t where exists (select u.text from p.d.u where u.t_id = t.id)", reads{"p.d.t": {"id"}, "p.d.u": {"t_id"}}},
		{"select id from p.d.t where name in (select u.text from p.d.u)", reads{"p.d.t": {"id", "name"}, "p.d.u": {"text"}}},
		{"select id from (select id, (select max(u.text) from p.d.u where u.t_id = t.id) as x from p.d.t)", reads{"p.d.t": {"id"}}},
		{"select part from p.d.t cross join unnest(json_value_array(payload)) as part", reads{"p.d.t": {"payload"}}},
	}
	statements := slices.Clone(views)
	for _, c := range cases {
		statements = append(statements, statement{Name: c.sql, SQL: c.sql})
	}
	for i, got := range readAll(t, tables, statements)[len(views):] {
		if diff := cmp.Diff(cases[i].want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", cases[i].sql, diff)
		}
	}
}

// The commit graph reads neither what a commit says beyond its title nor what it changed, unless a service is a part of a repository.
func TestTheCommitGraphReadsFewColumnsOfCommits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := "sources:\n  github: {token: none, repositories: [{name: acme/api}]}\n"
	if err := os.WriteFile(filepath.Join(dir, "fourfold.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	statements, err := shipStatements(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		commitsOfGraph: {"_observed_at", "authored_at", "id", "parents", "title"},
		"count":        {"_deleted", "_observed_at", "repository_id"},
	}
	got := map[string][]string{}
	for i, r := range readAll(t, declared(), statements) {
		name := statements[i].Name
		if strings.Contains(statements[i].SQL, "countif") {
			name = "count"
		}
		if columns, ok := r["fourfold.fourfold_raw.github_commits"]; ok {
			got[name] = columns
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATableIsBilledTenMebibytesAtLeast(t *testing.T) {
	t.Parallel()
	sizes := map[string]size{
		"large": {Rows: 1 << 20, Bytes: map[string]float64{"a": 8, "b": 12.5}},
		"small": {Rows: 1, Bytes: map[string]float64{"a": 8}},
	}
	for name, c := range map[string]struct {
		reads reads
		want  cost
	}{
		"small":                  {reads{"small": {"a"}}, cost{8, 10 << 20}},
		"large":                  {reads{"large": {"a", "b"}}, cost{20.5 * (1 << 20), 21 << 20}},
		"both":                   {reads{"large": {"b"}, "small": {"a"}}, cost{12.5*(1<<20) + 8, 23 << 20}},
		"beside what is counted": {reads{"large": {}, "small": {"a"}}, cost{8, 20 << 20}},
		"only counted":           {reads{"large": {}}, cost{}},
		"no table":               {reads{}, cost{}},
	} {
		if diff := cmp.Diff(c.want, costOf(statement{}, c.reads, sizes), cmp.AllowUnexported(cost{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A merge is billed for what is new in the ledger, for what it reads of its table, and for all of that: also if it reads nothing of it.
func TestAMergeIsBilledForItsTableAndForTheDaysThatItReadsAgain(t *testing.T) {
	t.Parallel()
	const rows = 3 * 365 << 20
	sizes := map[string]size{
		"p.d_raw.ledger": {Rows: rows, Bytes: map[string]float64{"a": 8, "b": 100}},
		"p.d_build.had":  {Rows: 1 << 20, Bytes: map[string]float64{"a": 8, "b": 100}},
		"p.d_build.seed": {Rows: 1, Bytes: map[string]float64{"a": 8}},
	}
	ledger := reads{"p.d_raw.ledger": {"a"}, "p.d_build.seed": {"a"}}
	both := reads{"p.d_raw.ledger": {"a"}, "p.d_build.seed": {"a"}, "p.d_build.had": {"a"}}
	for name, c := range map[string]struct {
		merged string
		reads  reads
		want   cost
	}{
		"a whole one":         {"", ledger, cost{8*rows + 8, 8*rows + 10<<20}},
		"that reads what was": {"p.d_build.had", both, cost{8*4<<20 + 8 + 116<<20, 32<<20 + 10<<20 + 116<<20}},
		"that does not":       {"p.d_build.had", ledger, cost{8*4<<20 + 8 + 108<<20, 32<<20 + 10<<20 + 108<<20}},
	} {
		got := costOf(statement{merged: c.merged}, c.reads, sizes)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(cost{}), cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The project itself: which models go on, what they ask first, and what they read of their ledgers and tables.
func TestABuildThatGoesOnMergesWhatIsNew(t *testing.T) {
	t.Parallel()
	dbt, err := filepath.Abs(filepath.Join(root, ".venv", "bin", "dbt"))
	if err != nil {
		t.Fatal(err)
	}
	tables, whole, goesOn, err := compiled(t.Context(), dbt, filepath.Join(root, "dbt"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	all := readAll(t, append(declared(), tables...), goesOn)
	type told struct {
		Asks, Merges int
		Ledger, Had  []string
	}
	got := map[string]told{}
	for i, s := range goesOn {
		model, asks := strings.CutSuffix(s.Name, ", how far it came")
		if !asks && s.merged == "" {
			continue
		}
		x := got[model]
		if asks {
			x.Asks++
		} else {
			x.Merges++
			for name, columns := range all[i] {
				switch {
				case name == s.merged:
					x.Had = columns
				case strings.Contains(name, "_raw."):
					x.Ledger = columns
				}
			}
			if !strings.Contains(s.SQL, "timestamp '2026-11-22 00:00:00+00'") {
				t.Errorf("%s does not begin three days before what it has:\n%s", s.Name, s.SQL)
			}
		}
		got[model] = x
	}
	leading := []string{"_deleted", "_hash", "_observed_at", "_source_updated_at", "id"}
	want := map[string]told{
		incidentsCarried: {Asks: 1, Merges: 1, Had: leading},
		namesCarried:     {Asks: 1, Merges: 1, Ledger: []string{"_observed_at", "timestamps"}},
		"int_streams_freshness": {
			Asks: 1, Merges: 1,
			Ledger: []string{"error", "finished_at", "observed_at", "run_id", "source", "started_at", "status", "stream"},
			Had:    []string{"error", "finished_at", "last_ok_at", "observed_at", "run_id", "source", "started_at", "status", "stream"},
		},
	}
	incidents := got[incidentsCarried] // all of the ledger but what it does not carry
	for _, c := range transform.All() {
		if c.Name != incidentsLedger {
			continue
		}
		for _, column := range c.Ledger() {
			if slices.Contains(incidents.Ledger, column.Name) == slices.Contains(notCarried, column.Name) {
				t.Errorf("%s of incidents is read %v", column.Name, slices.Contains(incidents.Ledger, column.Name))
			}
		}
	}
	incidents.Ledger = nil
	got[incidentsCarried] = incidents
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(goesOn) != len(whole)+2*len(want) {
		t.Errorf("%d statements, and %d of a whole build", len(goesOn), len(whole))
	}
}

// More commits than are walked at a time are read as often as there are times.
func TestTheCommitsAreReadOncePerMillion(t *testing.T) {
	t.Parallel()
	s := []statement{{Name: commitsOfGraph, kind: "ship"}, {Name: "a model", kind: "model"}, {Name: "a view", View: true}}
	r := reads{"p.d.github_commits": {"sha"}}
	for rows, want := range map[float64]float64{20_000_000: 20, 1_000_000: 1, 1_000_001: 2} {
		got := build{s, []reads{r, r, r}}.bill(measurement{"github_commits": {Rows: rows, Bytes: map[string]float64{"sha": 42}}})
		if diff := cmp.Diff([]float64{want * rows * 42, rows * 42, 0}, []float64{got[0].read, got[1].read, got[2].read}); diff != "" {
			t.Errorf("%.0f commits (-want +got):\n%s", rows, diff)
		}
	}
}

func TestRowsAreThoseOfTheCompaniesAndWidthsThoseOfTheDemo(t *testing.T) {
	t.Parallel()
	of := func(rows, width float64) size { return size{rows, map[string]float64{"a": width}} }
	incidents := func(rows float64) size { return size{rows, map[string]float64{"a": 30, "payload": 500, "_run_id": 9}} }
	names := size{6, map[string]float64{"timestamp_id": 28, "name": 20, "last_seen_at": 8}}
	demo := measurement{incidentsLedger: incidents(200), "four_keys": of(50, 4), "tags": of(20, 7), "empty": of(0, 0), "runs": of(10, 9), "later": of(0, 0)}
	companies := map[int]measurement{
		10:  {incidentsLedger: of(10, 5), "incidentio_incident_timestamps": of(6, 3), "four_keys": of(400, 3), "tags": of(0, 0), "empty": of(0, 0), "runs": of(0, 0), "later": of(0, 0)},
		100: {incidentsLedger: of(100, 5), "incidentio_incident_timestamps": of(6, 3), "four_keys": of(490, 3), "tags": of(0, 0), "empty": of(0, 0), "runs": of(0, 0), "later": of(90, 6)},
	}
	for n, want := range map[int]measurement{
		10:   {incidentsLedger: incidents(20), incidentsCarried: of(10, 30), "incidentio_incident_timestamps": of(6, 3), namesCarried: names, "four_keys": of(400, 4), "tags": of(1, 7), "empty": of(0, 0), "runs": of(2_102_400, 9), "later": of(0, 6)},
		1000: {incidentsLedger: incidents(2000), incidentsCarried: of(1000, 30), "incidentio_incident_timestamps": of(6, 3), namesCarried: names, "four_keys": of(1390, 4), "tags": of(100, 7), "empty": of(0, 0), "runs": of(2_102_400, 9), "later": of(990, 6)},
	} {
		got := scaled(demo, companies, []int{10, 100}, n, 2)
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
			t.Errorf("%d incidents (-want +got):\n%s", n, diff)
		}
	}
}

func TestABuildRunsModelsAndTestsButNoViews(t *testing.T) {
	t.Parallel()
	var nodes map[string]node
	text := `{
"model.x.a_mart": {"name": "mart", "resource_type": "model", "relation_name": "` + "`p`.`d`.`mart`" + `", "compiled_code": "m", "config": {"materialized": "table"}, "depends_on": {"nodes": ["model.x.stg", "seed.x.build"]}},
"model.x.stg": {"name": "stg", "resource_type": "model", "relation_name": "` + "`p`.`d`.`stg`" + `", "compiled_code": "v", "config": {"materialized": "view"}},
"model.x.inner": {"name": "inner", "resource_type": "model", "compiled_code": "e", "config": {"materialized": "ephemeral"}},
"seed.x.build": {"name": "build", "resource_type": "seed", "relation_name": "` + "`p`.`d`.`build`" + `", "config": {"materialized": "seed", "column_types": {"b": "string", "a": "timestamp"}}},
"test.x.a_key": {"name": "key", "resource_type": "test", "compiled_code": "k", "config": {"materialized": "test"}, "depends_on": {"nodes": ["model.x.a_mart"]}}}`
	if err := json.Unmarshal([]byte(text), &nodes); err != nil {
		t.Fatal(err)
	}
	tables, statements := inOrder(nodes)
	if diff := cmp.Diff([]table{{"p.d.build", []column{{"a", "timestamp"}, {"b", "string"}}}}, tables); diff != "" {
		t.Errorf("seeds (-want +got):\n%s", diff)
	}
	want := []statement{
		{Name: "stg", SQL: "v", Creates: "p.d.stg", View: true},
		{Name: "mart", SQL: "m", Creates: "p.d.mart", kind: "model"},
		{Name: "key", SQL: "select count(*) as n from (\nk\n) as found", kind: "test"},
	}
	if diff := cmp.Diff(want, statements, cmp.AllowUnexported(statement{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The sizes of types are BigQuery's: texts have two bytes more than they are long in UTF-8, and null has none.
func TestRowsAreMeasuredInBytesOfBigQuery(t *testing.T) {
	t.Parallel()
	python, err := filepath.Abs(filepath.Join(root, ".venv", "bin", "python"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.duckdb")
	run := func(args ...string) []byte {
		cmd := exec.CommandContext(t.Context(), python, args...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s (`make build` installs it)", err, out)
		}
		return out
	}
	run("-c", `import duckdb, sys
with duckdb.connect(sys.argv[1]) as con:
    con.execute("create table t as select * from (values ('abc', 1::bigint, true, 1.5::double, date '2026-01-01', timestamptz '2026-01-01 00:00:00Z'), ('影響', null, null, null, null, null)) as v(a, b, c, d, e, F)")
    con.execute("create table empty (a varchar)")
    con.execute("create view v as select * from t")`, file)
	var got measurement
	if err := json.Unmarshal(run("measure.py", file), &got); err != nil {
		t.Fatal(err)
	}
	want := measurement{
		"t":     {2, map[string]float64{"a": 6.5, "b": 4, "c": 0.5, "d": 4, "e": 4, "f": 4}},
		"empty": {0, map[string]float64{"a": 0}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
