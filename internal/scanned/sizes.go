package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programs are what the sizes are measured with.
type programs struct{ fourfold, dbt, python, googlesql string }

// measurement is the size of each table of the ledgers and of a build, by its name.
type measurement map[string]size

// company has the benchmark make the ledgers of a company of so many incidents over three years, with five commits, half a
// deployment and about one and a half changes for each incident, builds them, and measures every table.
func (p programs) company(ctx context.Context, dir string, incidents int) (measurement, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	bench := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkCompany$", "-benchtime", "1x", "-timeout", "30m", "./internal/pipeline")
	bench.Env = append(os.Environ(), "FOURFOLD_BENCH_DIR="+dir, fmt.Sprintf("FOURFOLD_BENCH_COMMITS=%d", incidents*commitsPerIncident))
	if out, err := bench.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go test -bench BenchmarkCompany: %w\n%s", err, out)
	}
	build := exec.CommandContext(ctx, p.fourfold, "build")
	build.Dir, build.Env = dir, append(os.Environ(), "FOURFOLD_DBT="+p.dbt)
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %d incidents: %w\n%s", incidents, err, out)
	}
	return p.measure(ctx, filepath.Join(dir, "data"))
}

// commitsPerIncident is that of BenchmarkCompany.
const commitsPerIncident = 5

// demo measures what `fourfold demo` makes: its texts are as long as people's.
func (p programs) demo(ctx context.Context, dir string) (measurement, error) {
	cmd := exec.CommandContext(ctx, p.fourfold, "demo", "--once", "--now", "2026-11-25T00:00:00Z", "--dir", dir)
	cmd.Env = append(os.Environ(), "FOURFOLD_DBT="+p.dbt)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("fourfold demo: %w\n%s", err, out)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*", "data"))
	if err != nil || len(found) != 1 {
		return nil, errors.Join(err, fmt.Errorf("fourfold demo left %v in %s, not one folder of data", found, dir))
	}
	return p.measure(ctx, found[0])
}

// measure builds the models of a data directory once more, into a file: a build keeps only marts. The project is the one that
// the build has unpacked, with its seeds.
func (p programs) measure(ctx context.Context, data string) (measurement, error) {
	scratch := filepath.Join(data, "measured")
	profiles := filepath.Join(scratch, "profiles")
	if err := os.MkdirAll(profiles, 0o755); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(data, "dbt", "profiles", "profiles.yml"))
	if err != nil {
		return nil, err
	}
	models, build, raw := filepath.Join(scratch, "models.duckdb"), filepath.Join(scratch, "build.duckdb"), filepath.Join(data, "raw.duckdb")
	filed := strings.Replace(string(text), `":memory:"`, fmt.Sprintf("%q", models), 1)
	if filed == string(text) {
		return nil, errors.New("profiles.yml has no models in memory any more: measure them where they are")
	}
	if err := os.WriteFile(filepath.Join(profiles, "profiles.yml"), []byte(filed), 0o644); err != nil {
		return nil, err
	}
	if err := copyFile(filepath.Join(data, "marts.duckdb"), build); err != nil {
		return nil, err
	}
	_, err = runDBT(ctx, p.dbt, filepath.Join(data, "dbt"), profiles, []string{
		"DBT_TARGET_PATH=" + filepath.Join(scratch, "target"), "FOURFOLD_RAW_PATH=" + raw, "FOURFOLD_BUILD_PATH=" + build,
		"FOURFOLD_TEMP_PATH=" + filepath.Join(scratch, "spill"), "FOURFOLD_MEMORY_LIMIT=3GiB",
	}, "build", "--target", "duckdb", "--exclude-resource-type", "test", "unit_test")
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, p.python, filepath.Join("internal", "scanned", "measure.py"), raw, build, models)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("measure %s: %w", data, err)
	}
	var m measurement
	return m, json.Unmarshal(out, &m)
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}

// incidentsOf is how many incidents there are, drills and all.
func (m measurement) incidentsOf() float64 { return m[incidentsLedger].Rows }

// The table of runs grows with time: a row for each stream of each run.
const (
	streams    = 20
	runsInAll  = 3 * 365 * 24 * 4 // of three years, one a quarter of an hour
	runsLedger = "runs"
)

// scaled is how large tables are with so many incidents: rows as in the companies that were measured, and beyond the largest by the
// line through the last two; what a company has none of as in the demo, by its incidents. A row is as wide as the demo's. Each
// incident has landed in so many versions.
func scaled(demo measurement, companies map[int]measurement, sizes []int, incidents, versions int) measurement {
	last, before := sizes[len(sizes)-1], sizes[len(sizes)-2]
	out := measurement{}
	for name, largest := range companies[last] {
		s := size{Rows: largest.Rows, Bytes: largest.Bytes}
		if at, ok := companies[incidents]; ok {
			s.Rows = at[name].Rows
		} else {
			slope := (largest.Rows - companies[before][name].Rows) / float64(last-before)
			s.Rows += max(slope, 0) * float64(incidents-last)
		}
		shown := demo[name]
		if largest.Rows == 0 {
			s.Rows = shown.Rows / demo.incidentsOf() * float64(incidents)
		}
		if shown.Rows > 0 {
			s.Bytes = shown.Bytes
		}
		switch name {
		case runsLedger:
			s.Rows = streams * runsInAll
		case incidentsLedger:
			s.Rows *= float64(versions)
		}
		out[name] = s
	}
	// What builds in BigQuery go on from is in no file of DuckDB: the present versions of incidents, and what timestamps are called.
	one := out[incidentsLedger]
	out[incidentsCarried] = size{Rows: one.Rows / float64(versions), Bytes: maps.Clone(one.Bytes)}
	for _, c := range notCarried {
		delete(out[incidentsCarried].Bytes, c)
	}
	out[namesCarried] = size{Rows: out["incidentio_incident_timestamps"].Rows, Bytes: map[string]float64{"timestamp_id": 28, "name": 20, "last_seen_at": 8}}
	return out
}

const (
	incidentsLedger  = "incidentio_incidents"
	incidentsCarried = "base_incidentio__incidents"
	namesCarried     = "base_incidentio__timestamp_names"
)

// notCarried are the columns of the ledger that builds do not go on from.
var notCarried = []string{"_run_id", "payload"}
