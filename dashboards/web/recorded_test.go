package web

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
)

var update = flag.Bool("update", false, "write golden files anew")

// recorded answers from testdata/build.json, which package browsertest records from DuckDB. It knows queries by their
// name and gives the same answer whatever the parameters are; a test that is about parameters looks at asked.
type recorded struct {
	mu     sync.Mutex
	build  string
	err    error // of every query
	tables map[string]*Table
	asked  map[string][]any
	count  int
}

func readRecorded(t *testing.T) *recorded {
	t.Helper()
	q := &recorded{build: "b-20261125-0830", tables: map[string]*Table{}, asked: map[string][]any{}}
	q.read(t, "build.json")
	return q
}

// read adds the answers of a file of testdata.
func (q *recorded) read(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var answers map[string]struct {
		Columns, Types []string
		Rows           [][]any
	}
	if err := json.Unmarshal(b, &answers); err != nil {
		t.Fatal(err)
	}
	for name, a := range answers {
		for _, row := range a.Rows {
			for i, v := range row {
				switch x := v.(type) {
				case float64:
					if a.Types[i] == "int" {
						row[i] = int64(x)
					}
				case string:
					if a.Types[i] == "instant" {
						if row[i], err = time.Parse(time.RFC3339Nano, x); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
		}
		q.tables[name] = &Table{a.Columns, a.Rows}
	}
}

func (q *recorded) Published(context.Context) (string, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.build == "" {
		return "", ErrNoBuild
	}
	return q.build, nil
}

func (q *recorded) Query(ctx context.Context, build, sql string, args ...any) (*Table, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.count++
	name, _, _ := strings.Cut(strings.TrimPrefix(sql, "-- "), "\n")
	q.asked[name] = args
	if q.err != nil {
		return nil, q.err
	}
	return q.tables[name], ctx.Err()
}

// keep leaves only some rows of an answer.
func (q *recorded) keep(name string, want func(row) bool) {
	t := *q.tables[name]
	t.Rows = nil
	for _, r := range q.tables[name].rows() {
		if want(r) {
			t.Rows = append(t.Rows, slices.Clone(r.cells))
		}
	}
	q.tables[name] = &t
}

// set changes a column of rows of an answer.
func (q *recorded) set(name, column string, value any, where func(row) bool) {
	q.keep(name, func(row) bool { return true })
	i := slices.Index(q.tables[name].Columns, column)
	for _, r := range q.tables[name].rows() {
		if where(r) {
			r.cells[i] = value
		}
	}
}

func none(row) bool  { return false }
func every(row) bool { return true }

// newHandler gives the dashboard over recorded answers, with its log.
func newHandler(t *testing.T, q Querier, change ...func(*Options)) (http.Handler, *strings.Builder) {
	t.Helper()
	var log strings.Builder
	o := Options{
		Querier: q, Engine: dashboards.DuckDB, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		now: func() time.Time { return time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC) },
	}
	for _, c := range change {
		c(&o)
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h, &log
}

// ask sends a GET with pairs of header names and values.
func ask(t *testing.T, h http.Handler, address string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// page asks for a page that must be there.
func page(t *testing.T, h http.Handler, address string) string {
	t.Helper()
	r := ask(t, h, address)
	b := body(t, r)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("%s answered %d:\n%s", address, r.StatusCode, b)
	}
	return b
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it by: go test ./dashboards/web -update", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-golden +now); if it is meant, run: go test ./dashboards/web -update\n%s", file, diff)
	}
}
