package explain

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
	"fourfold/dbt"
	"fourfold/load"
	"fourfold/load/duckdb"
)

var update = flag.Bool("update", false, "write the golden files")

var jst = time.FixedZone("JST", 9*3600)

// marts are those of testdata/marts.sql, as a published build.
type marts struct{ reader *duckdb.Reader }

func newMarts(t *testing.T) marts {
	t.Helper()
	statements, err := os.ReadFile("testdata/marts.sql")
	if err != nil {
		t.Fatal(err)
	}
	b := duckdb.Builds{Dir: t.TempDir()}
	if err := b.Prepare(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", b.Next())
	if err != nil {
		t.Fatal(err)
	}
	seeds := t.TempDir()
	for _, name := range []string{"metrics.csv", "levels.csv", "stats_limits.csv"} {
		text, err := fs.ReadFile(dbt.Project, "seeds/static/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(seeds, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(strings.ReplaceAll(string(statements), "$dir", seeds)); err != nil {
		t.Fatalf("marts.sql: %v", err)
	}
	if err := errors.Join(db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Keep("b1"); err != nil {
		t.Fatal(err)
	}
	m := marts{duckdb.NewReader(b.Dir, duckdb.Limits{})}
	t.Cleanup(func() {
		if err := m.reader.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// literals are texts in SQL.
var literals = regexp.MustCompile(`'[^']*'`)

func (m marts) Query(ctx context.Context, q string, args ...any) (*load.Rows, error) {
	for _, only := range []string{"::", `"`, "varchar", "concat_ws", "filter ("} {
		if strings.Contains(literals.ReplaceAllString(q, "''"), only) {
			return nil, fmt.Errorf("only DuckDB knows %s in %s", only, q)
		}
	}
	rows, err := m.reader.Query(ctx, "b1", q, args...)
	if err != nil {
		return nil, err
	}
	for i, c := range rows.Columns {
		if slices.Contains(rows.Columns[:i], c) {
			return nil, fmt.Errorf("BigQuery refuses two columns %s in %s", c, q)
		}
	}
	return rows, nil
}

func (marts) Engine() dashboards.Engine { return dashboards.DuckDB }

// failing answers the first queries and then no more.
type failing struct {
	marts
	left int
}

var errNoAnswer = errors.New("no answer")

func (f *failing) Query(ctx context.Context, q string, args ...any) (*load.Rows, error) {
	if f.left--; f.left < 0 {
		return nil, errNoAnswer
	}
	return f.marts.Query(ctx, q, args...)
}

// explanation is what can be said of an object.
type explanation interface {
	Write(w io.Writer, zone *time.Location) error
}

func find(ctx context.Context, q Querier, kind, name string) (explanation, error) {
	switch kind {
	case "incident":
		return FindIncident(ctx, q, name, rules)
	case "deployment":
		return FindDeployment(ctx, q, name)
	default:
		return FindChange(ctx, q, name)
	}
}

var rules = Rules{
	Start: []string{"Impact started", "Reported at", "created_at"}, End: []string{"Fixed at", "left_live"}, Acknowledge: []string{"Accepted at"},
	CauseField: "Caused by", FailureWindow: "24h",
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got)\n%s", name, d)
	}
}

func TestEveryObjectIsExplainedInWordsAndAsJSON(t *testing.T) {
	m := newMarts(t)
	for _, x := range []struct{ file, kind, name string }{
		{"incident_reopened", "incident", "INC-5"},
		{"incident_bare", "incident", "INC-6"},
		{"incident_unlinked", "incident", "7"},
		{"incident_fixed", "incident", "01JKL"},
		{"deployment_failed", "deployment", "deployments:102"},
		{"deployment_rollback", "deployment", "103"},
		{"deployment_staging", "deployment", "104"},
		{"deployment_unfinished", "deployment", "105"},
		{"deployment_diverged", "deployment", "106"},
		{"deployment_rolled_back", "deployment", "7"},
		{"deployment_not_over", "deployment", "8"},
		{"change_pull_request", "change", "acme/api#12"},
		{"change_commit", "change", "acme/api@d4d4d4d"},
		{"change_excluded", "change", "acme/api#13"},
		{"change_not_deployed", "change", "acme/web#12"},
		{"change_by_commit", "change", "12121212121212121212121212121212121212aa"},
	} {
		e, err := find(t.Context(), m, x.kind, x.name)
		if err != nil {
			t.Errorf("%s: %v", x.file, err)
			continue
		}
		var b bytes.Buffer
		if err := e.Write(&b, jst); err != nil {
			t.Fatal(err)
		}
		golden(t, x.file+".txt", b.Bytes())
		text, err := json.MarshalIndent(e, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, x.file+".json", append(text, '\n'))
		if strings.Contains(string(text), ": null") && strings.Contains(string(text), "[]: null") {
			t.Errorf("%s has a null list:\n%s", x.file, text)
		}
	}
}

func TestAQueryThatFailsIsReportedWhicheverItIs(t *testing.T) {
	m := newMarts(t)
	for kind, name := range map[string]string{"incident": "INC-7", "deployment": "1234567", "change": "#13"} {
		for n := 0; ; n++ {
			f := &failing{m, n}
			_, err := find(t.Context(), f, kind, name)
			if f.left >= 0 {
				if err != nil || n < 4 {
					t.Errorf("%s: %d queries, %v", kind, n, err)
				}
				break
			}
			if !errors.Is(err, errNoAnswer) {
				t.Errorf("%s without an answer to query %d: %v", kind, n+1, err)
			}
		}
	}
}
