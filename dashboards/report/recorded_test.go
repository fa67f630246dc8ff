package report

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
	"fourfold/dashboards/web"
)

var update = flag.Bool("update", false, "write golden files anew")

// recorded answers from testdata/build.json, which package browsertest records from DuckDB, whatever the parameters are; a
// test that is about parameters looks at asked.
type recorded struct {
	mu     sync.Mutex
	tables map[string]*web.Table
	asked  map[string][]any
}

func readRecorded(t *testing.T) *recorded {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "build.json"))
	if err != nil {
		t.Fatal(err)
	}
	var found map[string]struct {
		Columns, Types []string
		Rows           [][]any
	}
	if err := json.Unmarshal(b, &found); err != nil {
		t.Fatal(err)
	}
	q := &recorded{tables: map[string]*web.Table{}, asked: map[string][]any{}}
	for name, a := range found {
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
		q.tables[name] = &web.Table{Columns: a.Columns, Rows: a.Rows}
	}
	return q
}

func (q *recorded) Published(context.Context) (string, error) { return "b-20261125-0830", nil }

func (q *recorded) Query(ctx context.Context, _, sql string, args ...any) (*web.Table, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	name, _, _ := strings.Cut(strings.TrimPrefix(sql, "-- "), "\n")
	q.asked[name] = args
	return q.tables[name], ctx.Err()
}

// set changes a column of every row of an answer.
func (q *recorded) set(name, column string, value any) {
	t := *q.tables[name]
	t.Rows = nil
	for _, r := range q.tables[name].Rows {
		row := slices.Clone(r)
		row[slices.Index(t.Columns, column)] = value
		t.Rows = append(t.Rows, row)
	}
	q.tables[name] = &t
}

func sheetOf(t *testing.T, q web.Querier, language string) *web.Sheet {
	t.Helper()
	s, err := web.OpenSheet(t.Context(), web.SheetOptions{Querier: q, Engine: dashboards.DuckDB, Language: language})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func documentOf(t *testing.T, q web.Querier, language, period string) *Document {
	t.Helper()
	d, err := Make(t.Context(), sheetOf(t, q, language), period)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func htmlOf(t *testing.T, d *Document) string {
	t.Helper()
	b, err := HTML(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
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
		t.Fatalf("%v; write it by: go test ./dashboards/report -update", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-golden +now); if it is meant, run: go test ./dashboards/report -update\n%s", file, diff)
	}
}

// rowsOfSpan are the answers of a span of the query keys.
func rowsOfSpan(q *recorded, span string) []web.Row {
	var out []web.Row
	for _, r := range web.Rows(q.tables["keys"]) {
		if r.Text("span") == span {
			out = append(out, r)
		}
	}
	return out
}
