// Package acceptance runs the built program as its users do, against servers that speak the sources' APIs, and compares
// what it says with independent computations. It has tests only.
package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"fourfold/load/duckdb"
)

// program is the path of the built program.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "fourfold-acceptance")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "fourfold")
	build := exec.Command("go", "build", "-ldflags", "-X main.version=test", "-o", program, "fourfold/cmd/fourfold")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build the program:", err)
		os.Exit(1)
	}
	flag.Parse()
	// Most of a test is spent in other processes, and some of it waiting.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// look looks at all that the program is made of. Go takes the result of a test from its cache while the files that the
// test has opened stay as they are, and what it has built itself is none of them.
var look = sync.OnceValue(func() error {
	var failures []error
	for _, dir := range []string{"cmd", "dashboards", "dbt", "extract", "internal", "load", "transform"} {
		failures = append(failures, filepath.WalkDir(filepath.Join("..", "..", dir), func(_ string, _ fs.DirEntry, err error) error { return err }))
	}
	return errors.Join(failures...)
})

// workplace is a folder with a fourfold.yaml.
type workplace struct {
	t   testing.TB
	dir string
	env []string
}

// newWorkplace writes a configuration into a new folder.
func newWorkplace(t testing.TB, config string) *workplace {
	t.Helper()
	if err := look(); err != nil {
		t.Fatal(err)
	}
	w := &workplace{t: t, dir: t.TempDir()}
	w.configure(config)
	dbt, err := filepath.Abs("../../.venv/bin/dbt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dbt); err != nil {
		t.Fatalf("dbt is not installed: run `make build` first: %v", err)
	}
	w.env = append(os.Environ(), "FOURFOLD_DBT="+dbt)
	return w
}

func (w *workplace) configure(config string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, "fourfold.yaml"), []byte(config), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workplace) data() string { return filepath.Join(w.dir, "data") }

// outcome is how a command ended.
type outcome struct {
	code           int
	stdout, stderr string
}

// try runs the program and returns how it ended.
func (w *workplace) try(args ...string) outcome {
	w.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return outcome{cmd.ProcessState.ExitCode(), out.String(), errOut.String()}
}

// run runs the program, which must end well.
func (w *workplace) run(args ...string) string {
	w.t.Helper()
	o := w.try(args...)
	if o.code != 0 {
		w.t.Fatalf("fourfold %s: exit %d\n%s", strings.Join(args, " "), o.code, o.stderr)
	}
	return o.stdout
}

// sql runs a SELECT over the published marts, or the ledgers, and returns the objects of its JSON.
func (w *workplace) sql(q string, flags ...string) []map[string]any {
	w.t.Helper()
	text := w.run(append(append([]string{"sql", "--format", "json"}, flags...), q)...)
	var rows []map[string]any
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		w.t.Fatalf("%v in %s", err, text)
	}
	return rows
}

// query reads the published marts without a process.
func (w *workplace) query(q string, args ...any) [][]any {
	w.t.Helper()
	r := duckdb.NewReader(w.data(), duckdb.Limits{})
	defer r.Close()
	id, err := r.Published(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	rows, err := r.Query(context.Background(), id, q, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	var out [][]any
	for row, err := range rows.All {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, slices.Clone(row))
	}
	return out
}

// one reads a single value.
func (w *workplace) one(q string) any {
	w.t.Helper()
	rows := w.query(q)
	if len(rows) != 1 || len(rows[0]) != 1 {
		w.t.Fatalf("%s: want one value, got %v", q, rows)
	}
	return rows[0][0]
}

// texts gives each row as one text.
func (w *workplace) texts(q string) []string {
	w.t.Helper()
	var out []string
	for _, row := range w.query(q) {
		out = append(out, fmt.Sprint(row...))
	}
	return out
}
