package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// dashboard measures the web page of a built company: how soon a browser shows it, how much it fetches, and how long twenty
// people wait for what they ask.
func dashboard(dir string) error {
	b, err := startBrowser()
	if err != nil {
		return err
	}
	defer b.stop()
	site, err := explore(b, dir)
	if err != nil {
		return err
	}
	busy, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return err
	}
	fmt.Printf("the dashboard; processes that wanted to run in the minutes before: %s", busy)
	fmt.Printf("%-28s %8s %8s %8s   %8s %8s  %s\n", "page", "cold", "warm", "shift", "sent", "whole", "")
	for _, page := range site.pages {
		if err := paints(b, dir, page); err != nil {
			return err
		}
	}
	return crowd(dir, site)
}

// onlyDashboard measures the dashboard of a company that is made for it, or was before.
func onlyDashboard(dir string) error {
	if *keep != "" {
		dir = *keep
	}
	if _, err := os.Stat(filepath.Join(dir, "fourfold.yaml")); errors.Is(err, os.ErrNotExist) {
		if err := makeCompany(dir, *commits); err != nil {
			return err
		}
	}
	if _, err := measure(*program, dir, "build", "--force"); err != nil { // one that is there may be of another program
		return err
	}
	return dashboard(dir)
}

// served is a running `fourfold serve` with nothing in its caches.
type served struct {
	cmd     *exec.Cmd
	address string // ends in /
}

// serve starts the program on a free port and waits until it listens.
func serve(dir string) (*served, error) {
	program, err := filepath.Abs(*program)
	if err != nil {
		return nil, err
	}
	s := &served{cmd: exec.CommandContext(context.Background(), program, "serve", "--listen", "127.0.0.1:0")}
	s.cmd.Dir = dir
	var log strings.Builder
	s.cmd.Stderr = &log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "Dashboard at "); ok {
			s.address = address
			return s, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("fourfold serve: it ended without an address:\n%s", log.String()), s.cmd.Wait())
}

// stop ends it, and tells its peak of memory in bytes.
func (s *served) stop() (int64, error) {
	peak, err := peakOf(s.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return 0, err
	}
	return peak, s.cmd.Wait()
}

// cpu is what it has taken so far: the 14th and 15th field of its state, in hundredths of a second.
func (s *served) cpu() (time.Duration, error) {
	name := fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid)
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(text), ") ") // behind the name of the program
	fields := strings.Fields(after)
	var user, system time.Duration
	if len(fields) > 12 {
		_, err = fmt.Sscan(fields[11]+" "+fields[12], &user, &system)
	}
	if err != nil || len(fields) < 13 {
		return 0, fmt.Errorf("%s: no times in %q", name, text)
	}
	return (user + system) * 10 * time.Millisecond, nil
}

// peakOf reads the peak of a process's memory. The usage that Wait gives is that of its largest child, too.
func peakOf(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return kib << 10, nil
		}
	}
	return 0, fmt.Errorf("/proc/%d/status: no VmHWM", pid)
}

// quantile of durations that are sorted.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
