// Command bench measures what docs/benchmarks.md says: the built program against servers on this machine that serve
// generated incidents and repositories, beside dlt reading the same incidents in the same run. It is started by `make bench`.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	fake "fourfold/internal/fake/incidentio"
)

var (
	program     = flag.String("program", "bin/fourfold", "the built program")
	python      = flag.String("python", "", "a Python with dlt; empty leaves the comparison out")
	script      = flag.String("dlt", "internal/bench/dlt_incidents.py", "the dlt pipeline")
	small       = flag.Int("small", 50_000, "incidents of the first part")
	large       = flag.Int("large", 200_000, "incidents of the comparison")
	size        = flag.Int("size", 1600, "bytes of an incident")
	code        = flag.Bool("github", true, "measure GitHub and the commit graph")
	commits     = flag.Int("commits", 1_000_000, "commits of the company whose build is measured; 0 leaves it out")
	distributed = flag.Int("bigquery", 1_000_000, "incidents of the load into BigQuery's emulator; 0 leaves it out")
	pairs       = flag.Int("pairs", 1, "runs of each side of the comparison")
	page        = flag.Bool("dashboard", false, "measure the dashboard of the company, and nothing else")
	keep        = flag.String("keep", "", "a folder in which the company of -dashboard stays, and is used again if it is there")
)

func main() {
	flag.Parse()
	log.SetFlags(0)
	fmt.Printf("# %d cores, %s, %s\n", runtime.NumCPU(), runtime.Version(), time.Now().UTC().Format("2006-01-02"))
	if err := bench(); err != nil {
		log.Fatal("bench: ", err)
	}
}

func bench() error {
	dir, err := os.MkdirTemp("", "fourfold-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if *page {
		return onlyDashboard(dir)
	}
	if *small > 0 {
		if err := whole(filepath.Join(dir, "small")); err != nil {
			return err
		}
	}
	if *code {
		if err := deliveries(dir); err != nil {
			return err
		}
	}
	if *commits > 0 {
		if err := company(filepath.Join(dir, "company"), *commits); err != nil {
			return err
		}
		if err := dashboard(filepath.Join(dir, "company", "all")); err != nil {
			return err
		}
	}
	if *distributed > 0 {
		if err := intoBigQuery(filepath.Join(dir, "bigquery"), *distributed); err != nil {
			return err
		}
	}
	if *large > 0 {
		return compare(filepath.Join(dir, "large"))
	}
	return nil
}

// whole measures a first sync of every stream, a sync in which nothing changed, and a build.
func whole(dir string) error {
	server := fake.PrePaged(*small, *size, 1)
	url, stop := server.Start()
	defer stop()
	if err := configure(dir, url); err != nil {
		return err
	}
	for _, step := range []struct{ name, args string }{
		{"first sync, the incidents", "sync --stream incidents"},
		{"first sync, everything else", "sync"},
		{"sync, nothing changed", "sync"},
		{"build", "build"},
		{"build, nothing changed", "build"},
	} {
		server.ResetRequests()
		m, err := measure(*program, dir, strings.Fields(step.args)...)
		if err != nil {
			return err
		}
		requests := 0
		for _, n := range server.Counts() {
			requests += n
		}
		fmt.Printf("%-28s %8.1f s  %6.1f s CPU  %6d MiB", step.name, m.wall.Seconds(), m.cpu.Seconds(), m.peak>>20)
		if strings.HasPrefix(step.args, "sync") {
			fmt.Printf("  %6d requests", requests)
		}
		if step.name == "first sync, the incidents" {
			fmt.Printf("  %6.0f rows/s", float64(*small)/m.wall.Seconds())
		}
		fmt.Println()
	}
	return nil
}

// compare reads the same incidents with both, in turn.
func compare(dir string) error {
	url, stop := fake.PrePaged(*large, *size, 1).Start()
	defer stop()
	for i := range *pairs {
		ours := filepath.Join(dir, fmt.Sprint("fourfold", i))
		if err := configure(ours, url); err != nil {
			return err
		}
		a, err := measure(*program, ours, "sync", "--stream", "incidents")
		if err != nil {
			return err
		}
		report("fourfold", a)
		if *python == "" {
			continue
		}
		theirs := filepath.Join(dir, fmt.Sprint("dlt", i))
		if err := os.MkdirAll(theirs, 0o755); err != nil {
			return err
		}
		path, err := filepath.Abs(*script)
		if err != nil {
			return err
		}
		b, err := measure(*python, theirs, path, url, fake.DefaultKey)
		if err != nil {
			return err
		}
		report("dlt, parquet files", b)
		fmt.Printf("%-28s %8.1f times the rows/s\n", "fourfold / dlt", b.wall.Seconds()/a.wall.Seconds())
	}
	return nil
}

func report(name string, m measured) {
	fmt.Printf("%-28s %8.1f s  %6.1f s CPU  %6d MiB  %6.0f rows/s of %d\n", name, m.wall.Seconds(), m.cpu.Seconds(), m.peak>>20, float64(*large)/m.wall.Seconds(), *large)
}

type measured struct {
	wall, cpu time.Duration
	peak      int64 // bytes resident, of the largest process
}

// measure runs a command in a folder. What it prints is shown if it fails.
func measure(name, dir string, args ...string) (measured, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return measured{}, err
	}
	cmd := exec.CommandContext(context.Background(), path, args...)
	cmd.Dir = dir
	started := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return measured{}, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	m := measured{wall: time.Since(started)}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		m.peak = usage.Maxrss << 10
		m.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return m, nil
}

func configure(dir, url string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text := fmt.Sprintf("sources:\n  incidentio: {base_url: %q, api_key: %q, rate_limit: \"off\"}\n", url, fake.DefaultKey)
	return os.WriteFile(filepath.Join(dir, "fourfold.yaml"), []byte(text), 0o644)
}
