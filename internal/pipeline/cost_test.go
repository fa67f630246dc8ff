package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fourfold/load"
)

// compiles is a script in place of dbt that compiles a project of some models and tests. Models that go on read little.
const compiles = `case "$1" in compile) ;; *) exit 1 ;; esac
goes_on='select small'
case "$*" in *--full-refresh*) goes_on='select big' ;; esac
mkdir -p target && cat > target/manifest.json <<END
{"nodes": {
  "model.f.big": {"unique_id": "model.f.big", "resource_type": "model", "name": "big", "compiled_code": "select big", "config": {"materialized": "table"}},
  "model.f.small": {"unique_id": "model.f.small", "resource_type": "model", "name": "small", "compiled_code": "$goes_on", "relation_name": "carried", "config": {"materialized": "incremental"}},
  "model.f.seen": {"unique_id": "model.f.seen", "resource_type": "model", "name": "seen", "compiled_code": "select big", "config": {"materialized": "view"}},
  "model.f.later": {"unique_id": "model.f.later", "resource_type": "model", "name": "later", "compiled_code": "select missing", "config": {"materialized": "table"}},
  "seed.f.s": {"unique_id": "seed.f.s", "resource_type": "seed", "name": "s"},
  "test.f.a": {"unique_id": "test.f.a", "resource_type": "test", "name": "a", "compiled_code": "select small", "config": {"materialized": "test"}},
  "test.f.b": {"unique_id": "test.f.b", "resource_type": "test", "name": "b", "compiled_code": "select small", "config": {"materialized": "test"}}
}}
END
`

func costOf(t *testing.T, config string, estimate func(sql string) (load.Estimate, error)) (Cost, error) {
	t.Helper()
	return costAfter(t, config, nil, estimate)
}

// carrying are builds that go on from each other, of which it is said what the last one was made of.
type carrying struct {
	Builds
	last json.RawMessage
}

func (c carrying) Target(ctx context.Context) (load.Target, error) {
	t, err := c.Builds.Target(ctx)
	t.Carries = "ledgers"
	return t, err
}

func (c carrying) Carried(context.Context) (json.RawMessage, error) { return c.last, nil }

// costAfter is the cost of a build after another one, if there is one.
func costAfter(t *testing.T, config string, last json.RawMessage, estimate func(sql string) (load.Estimate, error)) (Cost, error) {
	t.Helper()
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, repo("1", "acme/api"))
	var log bytes.Buffer
	b := newBuild(t, l, buildConfig+config, compiles, &log)
	if last != nil {
		b.Builds = carrying{b.Builds, last}
	}
	var mu sync.Mutex
	b.Estimate = func(_ context.Context, sql string) (load.Estimate, error) {
		mu.Lock()
		defer mu.Unlock()
		return estimate(sql)
	}
	b.EstimateShip = func(asOf time.Time) (ShipStore, func(context.Context) (load.Estimate, error)) {
		err := b.Builds.Prepare(t.Context(), "none", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		store, err := b.OpenShip(t.Context(), asOf)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		return store, func(context.Context) (load.Estimate, error) {
			return load.Estimate{Read: 5 << 20, Billed: 30 << 20}, nil
		}
	}
	return b.Cost(t.Context())
}

func estimates(sql string) (load.Estimate, error) {
	switch {
	case strings.Contains(sql, "big"):
		return load.Estimate{Read: 3<<30 + 1<<29, Billed: 3<<30 + 1<<29}, nil
	case strings.Contains(sql, "small"):
		return load.Estimate{Read: 100, Billed: 10 << 20}, nil
	default:
		return load.Estimate{}, fmt.Errorf("%w: table x", load.ErrMissing)
	}
}

func TestTheCostOfABuildIsToldPerModelAndAMonth(t *testing.T) {
	c, err := costOf(t, "schedule: {run: '0 */6 * * *'}\nwarehouse: {price_per_tib: 6.25}\n", estimates)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := c.Write(&out); err != nil {
		t.Fatal(err)
	}
	// 30 days of 4 runs; 3.5 GiB + 60 MiB = 3644 MiB a run; 120 of them are 0.41702 TiB.
	want := `model         read     billed
commit graph  5 MiB    30 MiB
big           3.5 GiB  3.5 GiB
small         100 B    10 MiB
later         ?        ?
2 tests       200 B    20 MiB
a build reads 3.5 GiB and is billed for 3.6 GiB; at most 120 a month by schedule.run, fewer where nothing changes: at most 2.61 a month at 6.25 a TiB (without 1 that read what only a build makes: look again after the first)
`
	same(t, "cost", out.String(), want)
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got["billed"] != float64(3644<<20) || got["runs_a_month"] != 120.0 || got["unknown"] != 1.0 || len(got["items"].([]any)) != 6 {
		t.Errorf("as JSON: %s", text)
	}
	c.PricePerTiB = 0
	if s := c.Summary(); !strings.Contains(s, "427 GiB a month; set warehouse.price_per_tib") {
		t.Errorf("without a price: %s", s)
	}
}

// A merge is billed for what it reads, and for all of the table that it changes, if it is there. What begins from nothing is none.
func TestTheCostOfABuildThatGoesOnHasThatOfItsMerges(t *testing.T) {
	const gib = 1 << 30
	clock := start.Add(5 * time.Hour)
	of := func(version, ledgers string, ago time.Duration) json.RawMessage {
		text, err := json.Marshal(wholeBuild{At: clock.Add(-ago), Version: version, Ledgers: ledgers})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	small, big := load.Estimate{Read: 100, Billed: 10 << 20}, load.Estimate{Read: 3<<30 + 1<<29, Billed: 3<<30 + 1<<29}
	for name, c := range map[string]struct {
		last    json.RawMessage
		isThere bool
		want    load.Estimate
	}{
		"of an engine whose builds begin with nothing": {nil, true, small},
		"goes on":                      {of("v1", "ledgers", time.Hour), true, load.Estimate{Read: 100 + gib, Billed: 10<<20 + gib}},
		"its table is not there":       {of("v1", "ledgers", time.Hour), false, small},
		"the last whole one is old":    {of("v1", "ledgers", 7*24*time.Hour), true, big},
		"it was made by another one":   {of("v0", "ledgers", time.Hour), true, big},
		"it was made of other ledgers": {of("v1", "others", time.Hour), true, big},
		"nothing is known of them":     {json.RawMessage(""), true, big},
		"somebody has written there":   {json.RawMessage("1"), true, big},
	} {
		got, err := costAfter(t, "", c.last, func(sql string) (load.Estimate, error) {
			if strings.Contains(sql, "carried") {
				if sql != "select * from carried" || !c.isThere {
					return load.Estimate{}, fmt.Errorf("%w: %s", load.ErrMissing, sql)
				}
				return load.Estimate{Read: gib, Billed: gib}, nil
			}
			return estimates(sql)
		})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(got.Items, func(i CostItem) bool { return i.Name == "small" })
		same(t, name, got.Items[i], CostItem{Name: "small", Kind: "model", Read: c.want.Read, Billed: c.want.Billed})
	}
}

func TestTheCostOfWhatMayNotBeReadIsAnError(t *testing.T) {
	denied := errors.New("access denied")
	_, err := costOf(t, "", func(string) (load.Estimate, error) { return load.Estimate{}, denied })
	if !errors.Is(err, denied) || !strings.Contains(err.Error(), "model ") && !strings.Contains(err.Error(), "test ") {
		t.Errorf("%v", err)
	}
}

func TestABuildThatCostsNothingSaysSo(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	var log bytes.Buffer
	if _, err := newBuild(t, l, buildConfig, compiles, &log).Cost(t.Context()); !errors.Is(err, ErrNoCost) {
		t.Errorf("%v", err)
	}
}

func TestAModelOverTheLimitIsNamedWithHowMuchItReads(t *testing.T) {
	e := &DBTError{Command: "build", Log: "log", Nodes: []DBTNode{{"fct_measures", "error", "Database Error\n  Query exceeded limit for bytes billed: 1073741824. 5368709120 or higher required."}}}
	if got := e.Error(); !strings.Contains(got, "fct_measures: error") || !strings.Contains(got, "billed for 5 GiB and may be for 1 GiB: raise warehouse.maximum_bytes_billed") {
		t.Errorf("%s", got)
	}
}

func TestMartsAreThoseOfTheFolderWithTheColumnsOfTheirContract(t *testing.T) {
	project := t.TempDir()
	none, err := martsOf(project)
	if err != nil || none != nil {
		t.Errorf("without a manifest: %v, %v", none, err)
	}
	const text = `{"nodes": {
"model.f.z": {"resource_type": "model", "name": "z", "path": "marts/metrics/z.sql", "description": "All", "contract": {"enforced": true},
  "columns": {"b": {"name": "b", "description": "The b", "meta": {}}, "a": {"name": "a", "description": ""}}},
"model.f.m": {"resource_type": "model", "name": "m", "path": "marts/m.sql", "contract": {"enforced": false}, "columns": {"b": {"name": "b"}}},
"model.f.i": {"resource_type": "model", "name": "i", "path": "intermediate/marts/i.sql", "columns": {}},
"test.f.t": {"resource_type": "test", "name": "t", "path": "marts/t.sql"}}}`
	if err := os.MkdirAll(filepath.Join(project, "target"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(project, "target", "manifest.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := martsOf(project)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "marts", got, []load.Mart{{Name: "m"}, {Name: "z", Description: "All", Columns: []load.MartColumn{{Name: "b", Description: "The b"}, {Name: "a"}}}})
}
