package browsertest

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards/web"
)

var update = flag.Bool("update", false, "write ../testdata/build.json anew")

// recording is an answer with the types of its columns, which JSON does not keep.
type recording struct {
	Columns []string `json:"columns"`
	Types   []string `json:"types"`
	Rows    [][]any  `json:"rows"`
}

// recorder notes the answer to each query of the catalogue, by its name.
type recorder struct {
	marts
	mu      sync.Mutex
	answers map[string]recording
}

func (r *recorder) Query(ctx context.Context, build, q string, args ...any) (*web.Table, error) {
	t, err := r.marts.Query(ctx, build, q, args...)
	if err != nil {
		return nil, err
	}
	rec := recording{Columns: t.Columns, Types: make([]string, len(t.Columns)), Rows: [][]any{}}
	for _, row := range t.Rows {
		cells := make([]any, len(row))
		for i, v := range row {
			cells[i] = v
			switch x := v.(type) {
			case time.Time:
				cells[i], rec.Types[i] = x.Format(time.RFC3339Nano), "instant"
			case float64:
				rec.Types[i] = "float"
			case int64:
				rec.Types[i] = "int"
			case bool:
				rec.Types[i] = "bool"
			case string:
				rec.Types[i] = "text"
			}
		}
		rec.Rows = append(rec.Rows, cells)
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(q, "-- "), "\n")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[name] = rec
	return t, nil
}

// The tests of package web run without DuckDB, on answers that DuckDB gave: here it is shown that it still gives them.
func TestTheRecordedAnswersAreWhatDuckDBSays(t *testing.T) {
	if *buildFile != "" {
		t.Fatal("the recording is of the fixture: run this test without -build")
	}
	r := &recorder{marts: openMarts(t), answers: map[string]recording{}}
	address, log := serveDashboard(t, r, "en")
	for _, path := range boards(t) {
		get(t, address+"/"+path, 200)
	}
	for _, panel := range []string{"deployments", "changes"} { // not on the page, and few here
		get(t, address+"/api/panels/"+panel+".json?repository=acme/kessai", 200)
	}
	if log.Len() > 0 {
		t.Fatal(log.String())
	}
	r.compare(t, "build.json")
}

// compare holds the answers against a file of ../testdata, or writes it.
func (r *recorder) compare(t *testing.T, name string) {
	t.Helper()
	got, err := json.MarshalIndent(r.answers, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s is not what DuckDB says (-file +DuckDB); run: go test ./dashboards/web/browsertest -update\n%s", file, diff)
	}
}
