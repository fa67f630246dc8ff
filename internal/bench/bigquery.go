package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"fourfold/internal/fake/bigquery"
	fake "fourfold/internal/fake/incidentio"
)

// intoBigQuery measures a first load of so many incidents into BigQuery's emulator, what a run asks in which nothing has
// changed, and the warehouse alone beside a plain load of the same rows as JSON.
func intoBigQuery(dir string, incidents int) error {
	url, stop := fake.PrePaged(incidents, *size, 1).Start()
	defer stop()
	warehouse, end, err := bigquery.Listen()
	if err != nil {
		return err
	}
	defer end()
	run := func(name, endpoint string) (measured, error) {
		if err := configure(dir, url); err != nil {
			return measured{}, err
		}
		f, err := os.OpenFile(filepath.Join(dir, "fourfold.yaml"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return measured{}, err
		}
		if _, err := fmt.Fprintf(f, "warehouse: {type: bigquery, project: %s, dataset: ff, location: US, endpoint: %q}\n", warehouse.Project, endpoint); err != nil {
			return measured{}, err
		}
		if err := f.Close(); err != nil {
			return measured{}, err
		}
		m, err := measure(*program, dir, "sync", "--stream", "incidents")
		if err == nil {
			fmt.Printf("%-28s %8.1f s  %6.1f s CPU  %6d MiB", name, m.wall.Seconds(), m.cpu.Seconds(), m.peak>>20)
		}
		return m, err
	}
	// What stands in front of the emulator keeps what it is sent: the first load goes past it.
	m, err := run("BigQuery, first sync", warehouse.Raw)
	if err != nil {
		return err
	}
	fmt.Printf("  %6.0f rows/s\n", float64(incidents)/m.wall.Seconds())
	if _, err := run("again, nothing changed", warehouse.URL); err != nil { // what has landed is known, and written down, only after one such run
		return err
	}
	fmt.Println()
	warehouse.Calls()
	if _, err := run("again, nothing changed", warehouse.URL); err != nil {
		return err
	}
	calls, sent := warehouse.Calls(), int64(0)
	for _, c := range calls {
		sent += c.Bytes
	}
	fmt.Printf("  %d queries and jobs, %d requests, %d bytes sent\n", bigquery.Count(calls, "query", "load", "load.chunk", "jobs.query"), len(calls), sent)
	cmd := exec.CommandContext(context.Background(), "go", "test", "-run", "^$", "-bench", "^Benchmark(Append|NDJSON|Upload)$", "-benchtime", "1x", "-timeout", "30m", "./load/bigquery")
	cmd.Env = append(os.Environ(), "FOURFOLD_BENCH_ROWS=200000")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go test -bench ./load/bigquery: %w\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "Benchmark") {
			fmt.Print(line)
		}
	}
	return nil
}
