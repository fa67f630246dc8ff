package truth_test

import (
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"fourfold/dbt"
	"fourfold/internal/config"
	"fourfold/internal/pipeline"
	"fourfold/internal/truth"
	"fourfold/load/duckdb"
)

// loadConfig writes the files of a world into a folder and reads its configuration there.
func loadConfig(t testing.TB, dir string, w truth.World) *config.Config {
	t.Helper()
	for name, text := range w.Files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, config.DefaultFile)
	if err := os.WriteFile(path, []byte(w.Config), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatalf("%v\n%s", err, w.Config)
	}
	return c
}

// marts is a build: a database in memory with the ledgers, read-only, as raw and the build as marts.
type marts struct {
	t  testing.TB
	db *sql.DB
}

// build makes the marts of a world, landed as a sync lands it.
func build(t testing.TB, w truth.World) *marts {
	t.Helper()
	return buildAsOf(t, w, asObserved(w), time.Time{})
}

// buildAsOf makes the marts of what landings leave in the ledgers, as of an instant; zero is the world's.
func buildAsOf(t testing.TB, w truth.World, landings []landing, asOf time.Time) *marts {
	t.Helper()
	dir := t.TempDir()
	c := loadConfig(t, dir, w)
	land(t, dir, c, landings)
	return buildLedgers(t, dir, c, w.AsOf, asOf)
}

// buildLedgers makes a build of a data directory's ledgers: what the program's own build does, with the compiled SQL in
// place of dbt.
func buildLedgers(t testing.TB, dir string, c *config.Config, now, asOf time.Time) *marts {
	t.Helper()
	ctx := t.Context()
	command := filepath.Join(dir, "in-place-of-dbt")
	if err := os.WriteFile(command, []byte("#!/bin/sh\nexit 0\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	c.DBT.Command, c.Data = config.Command(command), config.Path(dir)
	builds := duckdb.Making{Builds: duckdb.Builds{Dir: dir}}
	b := pipeline.Build{
		Config: c, Project: dbt.Project, Builds: builds,
		OpenShip: func(ctx context.Context, asOf time.Time) (pipeline.ShipStore, error) {
			return duckdb.OpenShip(ctx, dir, builds.Next(), asOf, duckdb.Options{})
		},
		Mark:    func(ctx context.Context) (string, time.Time, error) { return duckdb.Mark(ctx, dir, duckdb.Limits{}) },
		Version: "test", Log: slog.New(slog.DiscardHandler), Output: io.Discard, Clock: func() time.Time { return now },
	}
	result, err := b.Run(ctx, pipeline.BuildRequest{AsOf: asOf, Force: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(result.Path, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "?autoinstall_known_extensions=false&autoload_known_extensions=false")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // the time zone is a connection's
	m := &marts{t, db}
	m.exec("settings", "set timezone = 'UTC'; set threads = 2; set memory_limit = '1GiB'; set preserve_insertion_order = false")
	m.exec("ledgers", "attach '"+filepath.Join(dir, duckdb.RawFile)+"' as raw (read_only)")
	m.exec("build", "attach '"+result.Path+"' as marts")
	p := compiled(t, c.Timezone.String())
	for _, s := range p.Seeds {
		m.seed(s, filepath.Join(dir, "dbt", filepath.FromSlash(s.Path)))
	}
	for _, n := range p.Models {
		m.exec(n.Name, "create table "+n.Relation+" as "+n.SQL)
	}
	m.exec("marts", "use marts")
	for _, n := range p.Tests {
		if rows := m.query(n.SQL); len(rows) > 1 {
			t.Errorf("the test %s fails:\n%s", n.Name, table(rows))
		}
	}
	return m
}

// seed reads a seed as dbt does.
func (m *marts) seed(s node, path string) {
	m.t.Helper()
	f, err := os.Open(path)
	if err != nil {
		m.t.Fatal(err)
	}
	header, err := csv.NewReader(f).Read()
	f.Close()
	if err != nil {
		m.t.Fatalf("%s: %v", path, err)
	}
	var columns []string
	for _, name := range header {
		columns = append(columns, name+" "+s.Types[name])
	}
	m.exec(s.Name, "create table "+s.Relation+" ("+strings.Join(columns, ", ")+")")
	m.exec(s.Name, "copy "+s.Relation+" from '"+path+"' (format csv, header true, delimiter ',')")
}

func (m *marts) exec(what, q string) {
	m.t.Helper()
	if _, err := m.db.ExecContext(m.t.Context(), q); err != nil {
		m.t.Fatalf("%s: %v\n%s", what, err, q)
	}
}

// query gives the names of the columns and then the rows, as text; null is the empty text, and an empty text is two quotes.
func (m *marts) query(q string) [][]string {
	m.t.Helper()
	names, rows, err := m.run(q)
	if err != nil {
		m.t.Fatalf("%v\n%s", err, q)
	}
	out := [][]string{names}
	for _, row := range rows {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = cell(v)
		}
		out = append(out, line)
	}
	return out
}

// values gives the rows of a query as the engine has them.
func (m *marts) values(q string) ([][]any, error) {
	_, rows, err := m.run(q)
	return rows, err
}

func (m *marts) run(q string) (names []string, out [][]any, err error) {
	rows, err := m.db.QueryContext(m.t.Context(), q)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if names, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	for rows.Next() {
		values, pointers := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			return nil, nil, err
		}
		out = append(out, values)
	}
	return names, out, rows.Err()
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if v == "" {
			return "''"
		}
		return v
	case time.Time:
		if v = v.UTC(); v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.Format("2006-01-02T15:04:05.999999Z")
	default:
		return fmt.Sprint(v)
	}
}

// value gives the single value that a query finds.
func (m *marts) value(q string) string {
	m.t.Helper()
	rows := m.query(q)
	if len(rows) != 2 || len(rows[1]) != 1 {
		m.t.Fatalf("%s: want one value, got %v", q, rows)
	}
	return rows[1][0]
}

// unsame are marts that S3 does not hold to sameness: they say when and by what they were made.
var unsame = []string{"publication"}

// export gives every mart of which S3 promises sameness as CSV in the order of its rows, without build_id.
func (m *marts) export() map[string]string {
	m.t.Helper()
	out := map[string]string{}
	names := m.query(`select table_name from duckdb_tables() where database_name = 'marts'
and regexp_matches(table_name, '^(fct_|dim_|rpt_|four_keys$|data_quality$|publication$)') order by table_name`)
	for _, row := range names[1:] {
		if slices.Contains(unsame, row[0]) {
			continue
		}
		var b strings.Builder
		w := csv.NewWriter(&b)
		if err := w.WriteAll(m.query("select * exclude (build_id) from marts.main." + row[0] + " order by all")); err != nil {
			m.t.Fatal(err)
		}
		out[row[0]] = b.String()
	}
	if len(out) < 15 {
		m.t.Fatalf("only %d marts: %v", len(out), slices.Sorted(maps.Keys(out)))
	}
	return out
}

// sameExport compares two exports byte for byte and shows the first lines that differ.
func sameExport(t testing.TB, what string, want, got map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if want[name] == got[name] {
			continue
		}
		a, b := strings.Split(want[name], "\n"), strings.Split(got[name], "\n")
		t.Errorf("%s: %s differs (%d and %d rows):\n%s\n%s", what, name, len(a)-2, len(b)-2, a[0],
			strings.Join(append(only("-", a, b), only("+", b, a)...), "\n"))
	}
	if len(want) != len(got) {
		t.Errorf("%s: %d marts and %d", what, len(want), len(got))
	}
}

// only gives the first few lines that are in a and not in b.
func only(mark string, a, b []string) []string {
	in := map[string]bool{}
	for _, l := range b {
		in[l] = true
	}
	var out []string
	for _, l := range a {
		if !in[l] && len(out) < 5 {
			out = append(out, mark+" "+l)
		}
	}
	return out
}

func table(rows [][]string) string {
	var b strings.Builder
	for _, r := range rows[:min(len(rows), 6)] {
		b.WriteString("  " + strings.Join(r, " | ") + "\n")
	}
	return b.String()
}
