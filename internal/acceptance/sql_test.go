package acceptance

import (
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/incidentio"
	"fourfold/internal/render"
	"fourfold/load/duckdb"
)

// The columns that must be there, by the contract with people who write SQL.
var contract = map[string]string{
	"fct_incidents": `incident_id, reference, name, permalink, mode, visibility, severity, severity_rank, declared_severity, incident_type, status, status_category, lead,
		created_at, started_at, reported_at, impact_started_at, acknowledged_at, restored_at, closed_at, reopened_count, time_to_acknowledge_seconds,
		time_to_restore_seconds, restore_start_basis, restore_end_basis, acknowledge_basis, is_counted, exclusion_reason`,
	"fct_incident_services":         `incident_id, service, team`,
	"fct_incident_fields":           `incident_id, field, value`,
	"fct_incident_timestamps":       `incident_id, name, "at"`,
	"fct_incident_status_intervals": `incident_id, status, status_category, started_at, ended_at, seconds`,
	"fct_follow_ups":                `follow_up_id, incident_id, title, status, priority, created_at, completed_at, age_seconds, is_open`,
	"dim_services":                  `service, team`,
	"dim_severities":                `severity, severity_rank`,
	"dim_metrics":                   `metric, kind, unit, better, rules, title_en, title_ja, description_en, description_ja`,
	"fct_measures":                  `metric, object_type, object_id, "at", local_date, service, team, repository, severity, incident_type, value, numerator, denominator, rule`,
	"four_keys":                     `period, period_start, dimension, dimension_value, metric, value, sample_size, low, high, level, is_open`,
	"data_quality":                  `rule, severity, object_type, object_id, detail, detail_ja`,
	"publication":                   `build_id, built_at, as_of, timezone, week_start, program_version, dbt_version, config_hash, freshness`,
}

func (h *history) bareNames(t *testing.T) {
	for table, columns := range contract {
		rows := h.sql(fmt.Sprintf(`select build_id, %s from %s limit 1`, strings.TrimPrefix(columns, "build_id, "), table))
		if len(rows) != 1 || rows[0]["build_id"] != h.one(`select build_id from publication`) {
			t.Errorf("%s: %v", table, rows)
		}
	}
}

func (h *history) sqlFormats(t *testing.T) {
	q := `select 'INC-1' as reference, 2 as n, sum(x) as total, avg(x) as mean, 1.25 as price, null as nothing, true as yes,
		timestamptz '2026-11-25 09:00:00.123+09' as "at", date '2026-11-25' as day, '障害 "A", <b>' as name, 1e20::double as large from (values (2), (3)) as t (x)`
	want := `[
{"reference":"INC-1","n":2,"total":5,"mean":2.5,"price":1.25,"nothing":null,"yes":true,"at":"2026-11-25T00:00:00.123Z","day":"2026-11-25","name":"障害 \"A\", <b>","large":100000000000000000000}
]
`
	for _, env := range [][]string{tokyo, losAngeles} {
		if d := cmp.Diff(want, h.with(env...).run("sql", "--format", "json", q)); d != "" {
			t.Errorf("json with %v (-want +got)\n%s", env, d)
		}
	}
	if d := cmp.Diff("[\n]\n", h.run("sql", "--format", "json", `select 1 as a where false`)); d != "" {
		t.Errorf("json of nothing (-want +got)\n%s", d)
	}
	want = "reference,n,nothing,at,day,name\nINC-1,2,,2026-11-25T00:00:00Z,2026-11-25,\"a \"\"b\"\", c\"\n"
	if d := cmp.Diff(want, h.run("sql", "--format", "csv", `select 'INC-1' as reference, 2 as n, null as nothing,
		timestamptz '2026-11-25 00:00:00Z' as "at", date '2026-11-25' as day, 'a "b", c' as name`)); d != "" {
		t.Errorf("csv (-want +got)\n%s", d)
	}
	if d := cmp.Diff("a,b\n", h.run("sql", "--format", "csv", `select 1 as a, 2 as b where false`)); d != "" {
		t.Errorf("csv of nothing (-want +got)\n%s", d)
	}
	h.csvIsHarmless(t)

	for _, test := range []struct{ promise, input, want string }{
		{
			"a table keeps its columns under Japanese text",
			`select * from (values ('決済', 1), ('api', 20)) as t (service, n) order by n`,
			"service   n\n───────  ──\n決済      1\napi      20\n(2 rows)\n",
		},
		{"a table without rows has its head", `select 1 as a where false`, "a\n─\n(0 rows)\n"},
		{"null is nothing in a table", `select null as a, 'x' as b`, "a  b\n─  ─\n   x\n(1 row)\n"},
	} {
		if d := cmp.Diff(test.want, h.run("sql", test.input)); d != "" {
			t.Errorf("%s (-want +got)\n%s", test.promise, d)
		}
	}
	if d := cmp.Diff("n\n─\n0\n1\n(the first 2 rows; there are more)\n", h.run("sql", "--limit", "2", `select range as n from range(9)`)); d != "" {
		t.Errorf("--limit (-want +got)\n%s", d)
	}
	if got := h.sql(`select range as n from range(9)`, "--limit", "4"); len(got) != 4 {
		t.Errorf("--limit 4 gave %d rows", len(got))
	}
	if got := h.sql(`select range as n from range(30000)`); len(got) != 30000 {
		t.Errorf("without --limit %d rows of 30000 came", len(got))
	}
	h.fails(1, "--timeout", "sql", "--timeout", "50ms", `select count(*) from range(1000000) as a, range(1000000) as b`)
	h.fails(2, "--format", "sql", "--format", "xml", "select 1")
	h.fails(2, "no statement", "sql", "  ")
	for _, args := range [][]string{{"sql", "--format", "csv"}, {"sql", "--format", "csv", "-"}} {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Env, cmd.Stdin = h.dir, h.env, strings.NewReader("select 1 as one;\n-- the end\n")
		out, err := cmd.Output()
		if d := cmp.Diff("one\n1\n", string(out)); d != "" || err != nil {
			t.Errorf("a statement on standard input: %v (-want +got)\n%s", err, d)
		}
	}
}

// csvIsHarmless reads back text that a spreadsheet would run, from the mart where strangers put it.
func (h *history) csvIsHarmless(t *testing.T) {
	text := h.run("sql", "--format", "csv", `select name, -1 as below, '-1' as "+text", '@x' as a, e'\tx' as b from fct_incidents where reference = 'INC-13'`)
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"name", "below", "'+text", "a", "b"}, {`'=HYPERLINK("http://x")`, "-1", "'-1", "'@x", "'\tx"}}
	if d := cmp.Diff(want, records); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// sqlTables reads what .tables and .schema say, of what there is.
func (h *history) sqlTables(t *testing.T) {
	var marts, ledgers []string
	for _, row := range h.query(`select distinct table_name from information_schema.tables order by 1`) {
		marts = append(marts, row[0].(string))
	}
	described := map[string]bool{}
	for line := range strings.SplitSeq(h.run("sql", ".tables"), "\n") {
		name, _, _ := strings.Cut(line, " ")
		described[name] = name != ""
	}
	for _, name := range marts {
		if !described[name] {
			t.Errorf(".tables lacks %s", name)
		}
		rows := h.query(`select column_name, lower(data_type) from information_schema.columns where table_name = ? order by ordinal_position`, name)
		var got []struct {
			Column string `json:"column_name"`
			Type   string
		}
		if err := json.Unmarshal([]byte(h.run("sql", "--format", "json", ".schema", name)), &got); err != nil {
			t.Fatal(err)
		}
		has := map[string]string{}
		for _, c := range got {
			has[c.Column] = strings.ReplaceAll(c.Type, "timestamptz", "timestamp with time zone")
		}
		for _, row := range rows {
			if has[row[0].(string)] != row[1] {
				t.Errorf(".schema %s: %s is %q, and %v in the build", name, row[0], has[row[0].(string)], row[1])
			}
		}
		if len(has) != len(rows) {
			t.Errorf(".schema %s has %d columns of %d", name, len(has), len(rows))
		}
	}
	for _, row := range h.sql(`select distinct table_name from information_schema.tables where table_name not like '\_%' escape '\'`, "--raw") {
		ledgers = append(ledgers, row["table_name"].(string))
	}
	raw := h.run("sql", "--raw", ".tables")
	for _, name := range ledgers {
		if strings.HasPrefix(name, "incidentio_") && !strings.Contains(name, "_present") && !strings.Contains(raw, name+" ") {
			t.Errorf("--raw .tables lacks %s", name)
		}
	}
	h.fails(1, "did you mean four_keys?", "sql", ".schema", "four_key")
	h.fails(2, ".quit is not for the command line", "sql", ".quit")
}

// sqlFiles reads the files back that --out writes.
func (h *history) sqlFiles(t *testing.T) {
	dir := t.TempDir()
	q := `select reference, created_at, is_counted, reopened_count, date '2026-11-25' as day, 0.5::double as share from fct_incidents order by reference`
	path := filepath.Join(dir, "incidents.parquet")
	if out := h.run("sql", "--out", path, q); out != "" {
		t.Errorf("it also wrote %q", out)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var types string
	if err := db.QueryRow(`select string_agg(column_name || ' ' || column_type, ', ') from (describe select * from read_parquet(?))`, path).Scan(&types); err != nil {
		t.Fatal(err)
	}
	if want := "reference VARCHAR, created_at TIMESTAMP WITH TIME ZONE, is_counted BOOLEAN, reopened_count BIGINT, day DATE, share DOUBLE"; types != want {
		t.Errorf("types %s, want %s", types, want)
	}
	var incidents int64
	var first, last time.Time
	if err := db.QueryRow(`select count(*), min(created_at), max(created_at) from read_parquet(?)`, path).Scan(&incidents, &first, &last); err != nil {
		t.Fatal(err)
	}
	want := h.query(`select count(*), min(created_at), max(created_at) from fct_incidents`)[0]
	if d := cmp.Diff(want, []any{incidents, first.UTC(), last.UTC()}); d != "" {
		t.Errorf("rows (-want +got)\n%s", d)
	}
	for format, flags := range map[string][]string{"csv": nil, "json": nil, "table": {"--format", "table"}} {
		path := filepath.Join(dir, "a."+format)
		h.run(append(append([]string{"sql", "--out", path}, flags...), q)...)
		text, err := os.ReadFile(path)
		if d := cmp.Diff(h.run("sql", "--format", format, q), string(text)); d != "" || err != nil {
			t.Errorf("--out %s: %v (-printed +written)\n%s", format, err, d)
		}
	}
	h.fails(2, "--format parquet needs --out FILE", "sql", "--format", "parquet", q)
	h.fails(1, "no such file or directory", "sql", "--out", filepath.Join(dir, "none", "a.csv"), q)
	h.fails(1, "nothing", "sql", "--out", filepath.Join(dir, "b.csv"), "select nothing")
	if all, _ := filepath.Glob(filepath.Join(dir, "*")); len(all) != 4 {
		t.Errorf("there are %v", all)
	}
}

func (h *history) sqlRefuses(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "out")
	secret := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(secret, []byte("a\nto be kept\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := tree(t, h.dir)
	one := "only a single SELECT may be run here"
	for _, test := range []struct{ statement, says string }{
		{`copy (select 1) to '` + outside + `'`, one},
		{`copy fct_incidents to '/etc/x'`, one},
		{`select 1; select 2`, one},
		{`select 1; copy (select 1) to '` + outside + `'`, one},
		{`attach '` + outside + `' as x`, one},
		{`detach marts`, one},
		{`use memory`, one},
		{`pragma database_list`, one},
		{`call pragma_version()`, one},
		{`set threads = 1`, one},
		{`reset threads`, one},
		{`install httpfs`, one},
		{`load httpfs`, one},
		{`insert into fct_incidents select * from fct_incidents`, one},
		{`update fct_incidents set name = 'x'`, one},
		{`delete from fct_incidents`, one},
		{`truncate fct_incidents`, one},
		{`create table x as select 1`, one},
		{`create temp table x as select 1`, one},
		{`create macro f() as 1`, one},
		{`drop table fct_incidents`, one},
		{`alter table fct_incidents add column x int`, one},
		{`export database '` + outside + `'`, one},
		{`import database '` + outside + `'`, one},
		{`vacuum`, one},
		{`checkpoint`, one},
		{`begin`, one},
		{`prepare p as select 1`, one},
		{`explain analyze select 1`, one},
		{`with x as (select 1) insert into fct_incidents select * from x`, one},
		{`select * from read_csv('` + secret + `')`, "may not be called here"},
		{`select * from read_text('` + secret + `')`, "may not be called here"},
		{`select * from read_blob('` + secret + `')`, "may not be called here"},
		{`select * from '` + secret + `'`, "file system operations are disabled"},
		{`select * from read_parquet('https://example.com/x.parquet')`, "may not be called here"},
		{`select * from glob('/etc/*')`, "may not be called here"},
		{`select getenv('HOME')`, "getenv"},
		{`select * from nothing_here`, "nothing_here"},
		{`selec 1`, "syntax error"},
		{`select`, "selection list"},
	} {
		for _, flags := range [][]string{{"sql"}, {"sql", "--raw"}} {
			o := h.try(append(flags, test.statement)...)
			if o.code != 1 || !strings.HasPrefix(o.stderr, "fourfold: query: ") || !strings.Contains(o.stderr, test.says) || o.stdout != "" {
				t.Errorf("%v %s: exit %d, want 1 and %q in\n%s%s", flags, test.statement, o.code, test.says, o.stderr, o.stdout)
			}
			if strings.Contains(o.stderr+o.stdout, "to be kept") {
				t.Errorf("%v %s shows a file", flags, test.statement)
			}
		}
	}
	if d := cmp.Diff(before, tree(t, h.dir)); d != "" {
		t.Errorf("files changed (-before +after)\n%s", d)
	}
	if _, err := os.Stat(outside); err == nil {
		t.Errorf("%s was written", outside)
	}
}

// tree lists the files below a folder with their sizes, less the lock, which names its holder.
func tree(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() && info.Name() != "lock" {
			out = append(out, fmt.Sprintf("%s %d", path, info.Size()))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (h *history) sqlWhileLocked(t *testing.T) {
	lock, err := duckdb.Acquire(context.Background(), h.data(), "sync", false)
	if err != nil {
		t.Fatal(err)
	}
	waiting := exec.Command(program, "sql", "--raw", "--format", "csv", "select count(*) as n from incidentio_severities")
	waiting.Dir, waiting.Env = h.dir, h.env
	var out strings.Builder
	waiting.Stdout = &out
	if err := waiting.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- waiting.Wait() }()
	if got := h.sql(`select count(*) as n from dim_severities`); got[0]["n"] != 3.0 {
		t.Errorf("marts while the lock is held: %v", got)
	}
	pid := fmt.Sprintf("process %d", os.Getpid())
	for _, command := range []string{"sync", "build", "run"} {
		o := h.fails(1, pid, command)
		if !strings.Contains(o.stderr, "in use by another run") || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("%s is not one clear line:\n%s", command, o.stderr)
		}
	}
	select {
	case err := <-ended:
		t.Errorf("--raw did not wait: %v", err)
	default:
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil || out.String() != "n\n4\n" { // one version was added by a rename
		t.Errorf("--raw after its wait: %v, %q", err, out.String())
	}
}

func (h *history) explains(t *testing.T) {
	id := fake.Small().Incidents[4].ID
	text := h.run("explain", "incident", "INC-5")
	for _, name := range []string{id, "5", "inc-5", "INC-5"} {
		if d := cmp.Diff(text, h.run("explain", "incident", name)); d != "" {
			t.Errorf("by %s:\n%s", name, d)
		}
	}
	for _, want := range []string{"INC-5  Incident number 5\n", "It counts", "reopened once", "services: web", "I4", "I5", "JST", "Noticed at", "Affected services = web", "Fixing (live)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	for _, ref := range []string{"INC-3", "INC-6", "INC-9", "INC-11", "INC-13", "INC-14"} {
		var x struct {
			Reference string         `json:"reference"`
			Counted   bool           `json:"is_counted"`
			Exclusion string         `json:"exclusion_reason"`
			Seconds   *int64         `json:"time_to_restore_seconds"`
			Findings  []any          `json:"findings"`
			Start     map[string]any `json:"start"`
		}
		if err := json.Unmarshal([]byte(h.run("explain", "incident", ref, "--format", "json")), &x); err != nil {
			t.Fatal(err)
		}
		var seconds any
		if x.Seconds != nil {
			seconds = *x.Seconds
		}
		got := []any{x.Counted, x.Exclusion, seconds, x.Start["at"]}
		row := h.query(`select is_counted, coalesce(exclusion_reason, ''), time_to_restore_seconds, started_at from fct_incidents where reference = $1`, ref)[0]
		row[3] = render.Text(row[3])
		if d := cmp.Diff(row, got); d != "" || x.Reference != ref || x.Findings == nil {
			t.Errorf("%s (-mart +explained)\n%s", ref, d)
		}
	}
	for _, name := range []string{"INC-999", "999", "INC-7", "INC-4", "INC-12", "%", "' or 1=1 --"} {
		h.fails(1, name, "explain", "incident", name)
	}
	h.fails(2, "explain gadget", "explain", "gadget", "INC-1")
	h.fails(1, "there are change_failure_rate", "explain", "metric", "mttr")
	h.fails(2, "--help", "explain", "incident")
}
