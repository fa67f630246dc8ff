package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// company measures builds of a large company and of one of a tenth of its size, and what a reader asks of the large one.
func company(dir string, commits int) error {
	var whole, tenth measured
	for _, c := range []struct {
		name    string
		commits int
		to      *measured
	}{{"a tenth", commits / 10, &tenth}, {"all", commits, &whole}} {
		at := filepath.Join(dir, strings.ReplaceAll(c.name, " ", "-"))
		if err := makeCompany(at, c.commits); err != nil {
			return err
		}
		m, err := measure(*program, at, "build")
		if err != nil {
			return err
		}
		*c.to = m
		fmt.Printf("%-28s %8.1f s  %6.1f s CPU  %6d MiB  %d incidents, %d deployments, %d commits\n", "build, "+c.name, m.wall.Seconds(), m.cpu.Seconds(), m.peak>>20,
			c.commits/5, c.commits/10, c.commits)
	}
	fmt.Printf("%-28s %8.2f of linear\n", "from a tenth to all", whole.wall.Seconds()/(10*tenth.wall.Seconds()))
	all := filepath.Join(dir, "all")
	for _, step := range []struct{ name, args string }{
		{"build, nothing new", "build"},
		{"explain incident", "explain incident INC-77"},
		{"explain deployment", "explain deployment deployments:77"},
		{"explain metric, a week", "explain metric change_failure_rate --period week --start 2026-10-12 --service s7"},
		{"explain metric, 90 days", "explain metric lead_time_median_seconds --to 2026-10-19"},
		{"status", "status"},
	} {
		m, err := measure(*program, all, strings.Fields(step.args)...)
		if err != nil {
			return err
		}
		fmt.Printf("%-28s %8d ms %6d MiB\n", step.name, m.wall.Round(time.Millisecond).Milliseconds(), m.peak>>20)
	}
	return nil
}

// makeCompany lands the ledgers of a company in a folder: BenchmarkCompany does, since only tests and the program link
// DuckDB.
func makeCompany(dir string, commits int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	cmd := exec.CommandContext(context.Background(), "go", "test", "-run", "^$", "-bench", "^BenchmarkCompany$", "-benchtime", "1x", "-timeout", "30m", "./internal/pipeline")
	cmd.Env = append(os.Environ(), "FOURFOLD_BENCH_DIR="+dir, fmt.Sprintf("FOURFOLD_BENCH_COMMITS=%d", commits))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go test -bench BenchmarkCompany: %w\n%s", err, out)
	}
	return nil
}
