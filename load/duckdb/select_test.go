package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	duck "github.com/duckdb/duckdb-go/v2"
)

// makeFile makes a DuckDB file with a table marts of one row that says who it is.
func makeFile(t *testing.T, path, who string) {
	t.Helper()
	c, err := duck.NewConnector(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	if _, err := db.Exec("create table marts as select ? as who, range as n from range(100000)", who); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// openBuilt opens a file as people's SQL sees it.
func openBuilt(t *testing.T) *sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "build.duckdb")
	makeFile(t, path, "first")
	db, err := OpenReadOnly(path, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// answer runs a statement and gives its rows as text, one a line.
func answer(ctx context.Context, db *sql.DB, q string, args ...any) (string, error) {
	rows, err := QuerySelect(ctx, db, q, args...)
	if err != nil {
		return "", err
	}
	var out []string
	for row, err := range rows.All {
		if err != nil {
			return "", err
		}
		var cells []string
		for _, v := range row {
			cells = append(cells, fmt.Sprint(v))
		}
		out = append(out, strings.Join(cells, " "))
	}
	return strings.Join(out, "\n"), nil
}

func TestASingleSelectIsAnswered(t *testing.T) {
	db := openBuilt(t)
	for q, want := range map[string]string{
		"select 1":                      "1",
		"select 1;":                     "1",
		" /* first */ select 1 -- last": "1",
		"with x as (select 2 as n) select n from x":      "2",
		"from marts select count(*)":                     "100000",
		"(select 1) union all select 2 order by 1":       "1\n2",
		"values (1, 'a')":                                "1 a",
		"table marts limit 1":                            "first 0",
		"show tables":                                    "marts",
		"select ';' || 'copy x to ''y'''":                ";copy x to 'y'",
		"select '日本語 😀'":                                 "日本語 😀",
		"select sum(n) from marts m, range(2) r":         "9999900000",
		"select unnest([1, 2])":                          "1\n2",
		"select value from json_each('[7]')":             "7",
		"select column_name from (describe marts)":       "who\nn",
		"select current_setting('TimeZone')":             "UTC",
		"select current_setting('lock_configuration')":   "true",
		"select timestamptz '2026-01-01 09:00:00+09:00'": "2026-01-01 00:00:00 +0000 UTC",
	} {
		if got, err := answer(t.Context(), db, q); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", q, got, err, want)
		}
	}
	if got, err := answer(t.Context(), db, "select ?::varchar || who from marts limit 1", "the "); err != nil || got != "the first" {
		t.Errorf("with an argument: %q, %v", got, err)
	}
}

func TestWhatIsNotASingleSelectIsRefusedAndNothingOfItRuns(t *testing.T) {
	db := openBuilt(t)
	dir := t.TempDir()
	for _, q := range []string{
		"copy (select 1) to 'DIR/out.csv'", "copy marts to 'DIR/out.csv'", "select 1; copy (select 1) to 'DIR/out.csv'", "copy (select 1) to 'DIR/out.csv'; select 1",
		"select 1; select 2", "select 1; ; select 2", "begin; select 1", "export database 'DIR/out'", "import database 'DIR'",
		"insert into marts values ('x', 1)", "update marts set n = 1", "delete from marts", "drop table marts", "create table x as select 1", "create temp table x as select 1", "truncate marts",
		"attach 'DIR/out.duckdb' as x", "detach build", "use memory", "install httpfs", "load httpfs", "pragma threads = 1", "set threads = 1", "reset threads", "set lock_configuration = false",
		"call pragma_version()", "checkpoint", "vacuum", "explain analyze select 1", "prepare x as select 1", "execute x", "create macro f() as 1", "create secret (type s3)", "select 1 into x",
		"with x as (delete from marts returning *) select * from x", "", " ", ";", "-- nothing",
	} {
		q = strings.ReplaceAll(q, "DIR", dir)
		if got, err := answer(t.Context(), db, q); err == nil {
			t.Errorf("%s: answered %q", q, got)
		}
	}
	for _, q := range []string{"copy marts to 'x'", "select 1; select 2", "insert into marts values ('x', 1)", "set threads = 1", ""} {
		if _, err := answer(t.Context(), db, q); !errors.Is(err, ErrNotSelect) {
			t.Errorf("%s: %v, want ErrNotSelect", q, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("files were written: %v, %v", left, err)
	}
	if got, err := answer(t.Context(), db, "select count(*), current_setting('threads') from marts"); err != nil || got != "100000 2" {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

func TestNoFileAddressOrFunctionWithEffectsIsReachedFromASelect(t *testing.T) {
	db := openBuilt(t)
	dir := t.TempDir()
	for _, q := range []string{
		"select * from read_csv('/etc/passwd')", "select * from read_text('/etc/passwd')", "select * from read_blob('/etc/passwd')", "select * from glob('/etc/*')",
		"select * from '/etc/passwd'", "select * from '/etc/passwd.csv'", "from 'https://example.test/x.parquet'", "select * from read_parquet('s3://b/x')", "select * from sniff_csv('/etc/passwd')",
		"select * from read_json('/proc/self/environ')", "select * from parquet_metadata('/etc/passwd')", "select * from read_duckdb('DIR/x.duckdb')",
		"select (select content from read_text('/etc/passwd'))", "with x as (from read_text('/etc/passwd')) from x", "select 1 where exists (from read_text('/etc/passwd'))",
		"select * from query('select * from read_text(''/etc/passwd'')')", "select * from query_table('marts')", "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
		"select * from enable_profiling(save_location = 'DIR/profile.json', format = 'json')", "select * from \"Enable_Profiling\"()", "select * from enable_logging()", "select * from disable_logging()",
		"select * from truncate_duckdb_logs()", "select * from checkpoint()", "select * from force_checkpoint()", "select write_log('x')", "select nextval('x')", "select sleep_ms(1)",
		"select * from arrow_scan(1, 2, 3)", "select * from duckdb_secrets()", "select getenv('HOME')",
	} {
		q = strings.ReplaceAll(q, "DIR", dir)
		if got, err := answer(t.Context(), db, q); err == nil {
			t.Errorf("%s: answered %q", q, got)
		}
	}
	// The engine holds by itself, should the check of functions miss one.
	for _, q := range []string{
		"select * from read_text('/etc/passwd')", "copy marts to '" + dir + "/x'", "attach '" + dir + "/x' as x", "set threads = 1", "set enable_external_access = true",
		"set lock_configuration = false", "create table x as select 1", "load httpfs",
	} {
		if _, err := db.Exec(q); err == nil {
			t.Errorf("%s: the engine let it pass", q)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("files were written: %v, %v", left, err)
	}
	if got, err := answer(t.Context(), db, "select 42"); err != nil || got != "42" {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

func TestASelectEndsWithItsContext(t *testing.T) {
	db := openBuilt(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got, err := answer(ctx, db, "select sum(sqrt(a.n * b.n)) from marts a, marts b"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%q, %v; want a deadline exceeded", got, err)
	}
	if got, err := answer(t.Context(), db, "select 42"); err != nil || got != "42" {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

func TestASelectThatNeedsTooMuchMemoryFailsAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "build.duckdb")
	makeFile(t, path, "x")
	db, err := OpenReadOnly(path, Limits{MemoryLimit: "20MB", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got, err := answer(t.Context(), db, "select length(string_agg(repeat('x', 1000), '')) from marts"); err == nil || !strings.Contains(err.Error(), "Out of Memory") {
		t.Errorf("%.20q, %v; want out of memory", got, err)
	}
	if got, err := answer(t.Context(), db, "select 42"); err != nil || got != "42" {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

func TestOneFileMayBeOpenedTwiceAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "build.duckdb")
	makeFile(t, path, "x")
	for range 2 {
		db, err := OpenReadOnly(path, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if got, err := answer(t.Context(), db, "select current_setting('lock_configuration')"); err != nil || got != "true" {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := db.Exec("set threads = 1"); err == nil {
			t.Error("settings are not locked")
		}
	}
}

func TestAPathThatTheDriverWouldMisreadIsRefused(t *testing.T) {
	for _, name := range []string{"a#b", "a?b", "a%b"} {
		dir := filepath.Join(t.TempDir(), name)
		if _, err := OpenReadOnly(filepath.Join(dir, "x.duckdb"), Limits{}); err == nil || !strings.Contains(err.Error(), "`data`") {
			t.Errorf("OpenReadOnly below %s: %v", name, err)
		}
		if _, err := Acquire(t.Context(), dir, "sync", false); err == nil || !strings.Contains(err.Error(), "`data`") {
			t.Errorf("Acquire of %s: %v", name, err)
		}
	}
}
