package acceptance

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fourfold/internal/fake/incidentio"
	"fourfold/load/duckdb"
)

// process is the program at work in the background.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string // of the page
	mu      sync.Mutex
	said    strings.Builder // stderr
	ended   chan error
}

// serve starts the dashboard on a free port and waits until it says where it is.
func (w *workplace) serve(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...), ended: make(chan error, 1)}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stderr = w.dir, w.env, p
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "Dashboard at ")
	if err != nil || !ok {
		t.Fatalf("serve says %q, %v\n%s", line, err, p.text())
	}
	p.address = address
	return p
}

// Write takes what it says on stderr.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(b)
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// get asks for a path of the page.
func (p *process) get(path string) (status int, body string) {
	p.t.Helper()
	resp, err := http.Get(strings.TrimSuffix(p.address, "/") + path)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, p.text())
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// endsWell asks it to end, as an init system does, and waits. The wait is bounded: a process that does not end is a
// failure and must not hold up the tests.
func (p *process) endsWell(signal os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("after %s: %v\n%s", signal, err, p.text())
		}
	case <-time.After(60 * time.Second):
		p.t.Fatalf("it does not end after %s\n%s", signal, p.text())
	}
}

// unlocked checks that nobody holds the lock and nothing half-made is there.
func unlocked(t *testing.T, w *workplace) {
	t.Helper()
	lock, err := duckdb.Acquire(context.Background(), w.data(), "test", false)
	if err != nil {
		t.Errorf("the lock was left behind: %v", err)
		return
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(w.data(), "builds", "next*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func (h *history) served(t *testing.T) {
	w := h.copyData(t, smallConfig(h.base, "timezone: Asia/Tokyo", `schedule: {run: "@every 1s", full_check: "", jitter: 0s}`))
	slow := h.server.Inject(incidentio.On{Path: "/v1/severities", Times: -1}, incidentio.Slow())
	p := w.serve(t)
	if status, body := p.get("/healthz"); status != http.StatusOK || !strings.Contains(body, h.builds[1]) {
		t.Errorf("/healthz: %d %s", status, body)
	}
	if status, body := p.get("/"); status != http.StatusOK || !strings.Contains(body, `href="./incidents"`) {
		t.Errorf("/: %d with %d bytes", status, len(body))
	}
	status, body := p.get("/incidents?counted=all")
	if status != http.StatusOK || !strings.Contains(body, "INC-5") || !strings.Contains(body, "Serious") {
		t.Errorf("/incidents: %d with %d bytes", status, len(body))
	}
	if strings.Contains(body, "INC-4") || strings.Contains(body, "INC-12") {
		t.Error("the page shows a private incident")
	}
	if status, _ := p.get("/metrics"); status != http.StatusOK {
		t.Errorf("/metrics: %d", status)
	}
	<-slow.Waiting() // a round of the schedule is at work
	w.fails(1, "(fourfold run, since ", "run")
	p.endsWell(syscall.SIGTERM)
	h.server.ClearFaults()
	unlocked(t, w)
	if n := slow.Hits(); n != 1 {
		t.Errorf("%d rounds asked at once", n)
	}
	if strings.Contains(p.text(), "level=ERROR") {
		t.Errorf("an end on request is no error:\n%s", p.text())
	}
}

func TestServeDoesTheFirstRoundAndEndsInTheMiddleOfIt(t *testing.T) {
	t.Parallel()
	server, base := serveSmall(t)
	slow := server.Inject(incidentio.On{Path: "/v2/incidents"}, incidentio.Slow())
	w := newWorkplace(t, smallConfig(base))
	p := w.serve(t)
	<-slow.Waiting() // the round is in its sync, and holds the lock
	if status, body := p.get("/healthz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "fourfold run") {
		t.Errorf("/healthz before the first build: %d %s", status, body)
	}
	if status, body := p.get("/"); status != http.StatusOK || !strings.Contains(body, "fourfold run") {
		t.Errorf("/ before the first build: %d %.200s", status, body)
	}
	o := w.fails(1, "in use by another run: process ", "run")
	if !strings.Contains(o.stderr, "fourfold run, since ") || strings.Contains(o.stderr, fmt.Sprintf("process %d ", p.cmd.Process.Pid)) {
		t.Errorf("the round that holds the lock is to be named:\n%s", o.stderr)
	}
	p.endsWell(syscall.SIGTERM)
	unlocked(t, w)
	if _, err := os.Lstat(filepath.Join(w.data(), "marts.duckdb")); err == nil {
		t.Error("something was published")
	}
	// What had landed before stays, and the next run goes on.
	if got := w.raw(`select count(*) as n from incidentio_severities`); got[0] != "3" {
		t.Errorf("%s severities", got[0])
	}
	server.ClearFaults()
	w.run("sync")
	if got := w.raw(`select count(*) as n from incidentio_incidents`); got[0] != "11" {
		t.Errorf("%s incidents", got[0])
	}
}

func TestServeEndsInTheMiddleOfABuildAndPublishesNothing(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	w := newWorkplace(t, smallConfig(base))
	// In place of dbt something that has begun the build's file, says so, and goes on for ever.
	begun := filepath.Join(w.dir, "begun")
	if err := syscall.Mkfifo(begun, 0o600); err != nil {
		t.Fatal(err)
	}
	dbt := filepath.Join(w.dir, "dbt")
	script := "#!/bin/sh\necho half > \"$FOURFOLD_BUILD_PATH\"\necho > " + begun + "\nexec sleep 600\n"
	if err := os.WriteFile(dbt, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "FOURFOLD_DBT="+dbt)
	p := w.serve(t)
	if _, err := os.ReadFile(begun); err != nil {
		t.Fatal(err)
	}
	p.endsWell(os.Interrupt)
	unlocked(t, w)
	if _, err := os.Lstat(filepath.Join(w.data(), "marts.duckdb")); err == nil {
		t.Error("something was published")
	}
	if text := w.run("status"); strings.Contains(text, "Build failed") {
		t.Errorf("a build that was ended on request is no failure:\n%s", text)
	}
}

func TestServeSaysWhenItsAddressIsTaken(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	taken := strings.TrimPrefix(base, "http://")
	w := newWorkplace(t, smallConfig(base))
	w.fails(1, "listen on "+taken, "serve", "--listen", taken)
	w.configure(smallConfig(base, "dashboard: {listen: \""+taken+"\"}"))
	w.fails(1, "dashboard.listen", "serve")
	if _, err := os.Stat(w.data()); err == nil {
		t.Error("a round was begun")
	}
}

func TestAnInterruptEndsASyncAtASafePoint(t *testing.T) {
	t.Parallel()
	server, base := serveSmall(t)
	slow := server.Inject(incidentio.On{Path: "/v2/users"}, incidentio.Slow())
	w := newWorkplace(t, smallConfig(base))
	cmd := exec.Command(program, "sync")
	var said strings.Builder
	cmd.Dir, cmd.Env, cmd.Stderr = w.dir, w.env, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-slow.Waiting()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.HasSuffix(said.String(), "fourfold: interrupted: what has landed stays, and the next run goes on from there\n") {
		t.Errorf("exit %d\n%s", code, said.String())
	}
	unlocked(t, w)
}
