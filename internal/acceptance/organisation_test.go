package acceptance

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	fake "fourfold/internal/fake/incidentio"
	"fourfold/internal/render"
	"fourfold/load/duckdb"
)

// serveSmall serves the small organisation.
func serveSmall(t testing.TB, opts ...fake.Option) (*fake.Server, string) {
	t.Helper()
	server := fake.NewServer(fake.Small(), append([]fake.Option{fake.WithoutLimits()}, opts...)...)
	base, stop := server.Start()
	t.Cleanup(stop)
	return server, base
}

// smallConfig reads the small organisation at an address; more lines may follow.
func smallConfig(base string, more ...string) string {
	return keyConfig(base, fake.DefaultKey) + "    rate_limit: off\n" + `
privacy: {hash_key: "the same for everybody"}
services:
  - name: api
    team: payments
    incident_values: {Affected services: [api]}
  - name: web
    incident_values: {Affected services: [web]}
` + strings.Join(more, "\n")
}

// keyConfig is the least that reads from an address.
func keyConfig(base, key string) string {
	return fmt.Sprintf("sources:\n  incidentio:\n    api_key: %q\n    base_url: %q\n", key, base)
}

// with adds to the environment of what runs.
func (w *workplace) with(env ...string) *workplace {
	c := *w
	c.env = append(append([]string{}, w.env...), env...)
	return &c
}

// fails runs the program, which must end with an exit code and say something on stderr.
func (w *workplace) fails(code int, says string, args ...string) outcome {
	w.t.Helper()
	o := w.try(args...)
	if o.code != code || !strings.Contains(o.stderr, says) {
		w.t.Errorf("fourfold %s: exit %d, want %d and %q in\n%s", strings.Join(args, " "), o.code, code, says, o.stderr)
	}
	return o
}

// lastLine is what the program says at its end.
func (o outcome) lastLine() string {
	lines := strings.Split(strings.TrimSpace(o.stderr), "\n")
	return lines[len(lines)-1]
}

// raw reads the ledgers as people do, and gives one text for each row.
func (w *workplace) raw(q string) []string {
	w.t.Helper()
	var out []string
	for _, row := range w.sql(q, "--raw") {
		for _, v := range row {
			out = append(out, fmt.Sprint(v))
		}
	}
	return out
}

// copyData copies a data directory into a new workplace with a configuration.
func (w *workplace) copyData(t testing.TB, config string) *workplace {
	t.Helper()
	c := newWorkplace(t, config)
	if out, err := exec.Command("cp", "-a", w.data(), c.data()).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return c
}

// export writes every table of a DuckDB file as CSV, less some tables and columns, each in the order of all its columns.
func export(t testing.TB, path string, without ...string) map[string]string {
	t.Helper()
	db, err := duckdb.OpenReadOnly(path, duckdb.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	texts := func(q string) (out []string) {
		t.Helper()
		rows, err := duckdb.QuerySelect(context.Background(), db, q)
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		for row, err := range rows.All {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, row[0].(string))
		}
		return out
	}
	left := "'" + strings.Join(without, "', '") + "'"
	out := map[string]string{}
	for _, table := range texts(`select table_name from duckdb_tables() where not internal and table_name not in (` + left + `) order by 1`) {
		columns := texts(`select '"' || column_name || '"' from duckdb_columns() where table_name = '` + table + `' and column_name not in (` + left + `) order by column_index`)
		rows, err := duckdb.QuerySelect(context.Background(), db, fmt.Sprintf(`select %s from %s order by all`, strings.Join(columns, ", "), table))
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		var b bytes.Buffer
		if err := render.Rows(&b, "csv", rows.Columns, rows.All, 0); err != nil {
			t.Fatal(err)
		}
		out[table] = b.String()
	}
	return out
}

// marts are those of a build, less what names the build.
func (w *workplace) marts(build string) map[string]string {
	w.t.Helper()
	return export(w.t, filepath.Join(w.data(), "builds", build+".duckdb"), "publication", "build_id")
}

// sameTables reports the first lines that differ.
func sameTables(t testing.TB, got, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if got[name] == text {
			continue
		}
		a, b := strings.Split(got[name], "\n"), strings.Split(text, "\n")
		n := 0
		for n < len(a) && n < len(b) && a[n] == b[n] {
			n++
		}
		at := func(lines []string) string {
			if n >= len(lines) {
				return "(no line)"
			}
			same := 0
			if n < len(a) && n < len(b) {
				for same < len(a[n]) && same < len(b[n]) && a[n][same] == b[n][same] {
					same++
				}
			}
			return fmt.Sprintf("%.40q … %.80q", lines[n], lines[n][max(0, same-20):])
		}
		t.Errorf("%s differs: %d lines, want %d; at line %d\n got %s\nwant %s", name, len(a), len(b), n+1, at(a), at(b))
	}
	if len(got) != len(want) {
		t.Errorf("%d tables, want %d", len(got), len(want))
	}
}
