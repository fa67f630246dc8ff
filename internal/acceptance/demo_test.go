package acceptance

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fourfold/internal/config"
	"fourfold/internal/demo"
	"fourfold/internal/reference"
	"fourfold/internal/truth"
	"fourfold/load/duckdb"
)

// The instant as which the demo is shown: a Wednesday, in the middle of a month and of a quarter.
const demoNow = "2026-11-25T00:00:00Z"

// showDemo shows the demo as of that instant and gives what it printed, and a workplace in which its configuration is.
func showDemo(t *testing.T) (page string, outer, inner *workplace) {
	t.Helper()
	outer = newWorkplace(t, "this is no configuration: demo needs none")
	page = outer.run("demo", "--once", "--now", demoNow)
	return page, outer, &workplace{t: t, dir: filepath.Join(outer.dir, "fourfold-demo", "demo-20261125"), env: outer.env}
}

func TestTheDemo(t *testing.T) {
	t.Parallel()
	page, outer, inner := showDemo(t)
	t.Run("has the numbers of an independent computation", func(t *testing.T) { sameAsTheReference(t, inner) })
	t.Run("prints one page, whose commands work and confirm it", func(t *testing.T) { confirmsItsPage(t, outer, page) })
	t.Run("answers every question of docs/sql.md", func(t *testing.T) { answersTheQuestions(t, inner) })
	t.Run("is what the document recomputes by hand", func(t *testing.T) { holdsTheDocument(t, inner) })
	t.Run("is reported, and told", func(t *testing.T) { isReported(t, inner) })
}

// sameAsTheReference compares every mart with what the reference makes of what the organisation was made as: no part of the
// program has seen that.
func sameAsTheReference(t *testing.T, w *workplace) {
	text, err := os.ReadFile(filepath.Join(w.dir, config.DefaultFile))
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, demoNow)
	if err != nil {
		t.Fatal(err)
	}
	c := demo.Make(demo.Seed, at)
	asOf := w.one(`select as_of from publication`).(time.Time)
	want, err := reference.Described(truth.World{AsOf: asOf, Config: string(text), Files: c.Files()}, c.Objects(asOf), c.Expected())
	if err != nil {
		t.Fatal(err)
	}
	r := duckdb.NewReader(w.data(), duckdb.Limits{})
	defer r.Close()
	build, err := r.Published(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range reference.Diff(want, func(sql string) ([][]any, error) { return read(t.Context(), r, build, sql) }) {
		t.Error(difference)
	}
	for name, least := range map[string]int{"four_keys": 50_000, "fct_incidents": 500, "fct_deployments": 3_000, "fct_changes": 2_000, "fct_commits": 4_000, "fct_incident_deployments": 300} {
		if n := len(want.Of(name).Rows); n < least {
			t.Errorf("the reference has only %d rows of %s", n, name)
		}
	}
}

func read(ctx context.Context, r *duckdb.Reader, build, sql string) ([][]any, error) {
	rows, err := r.Query(ctx, build, sql)
	if err != nil {
		return nil, err
	}
	var out [][]any
	for row, err := range rows.All {
		if err != nil {
			return nil, err
		}
		out = append(out, append([]any{}, row...))
	}
	return out, nil
}
