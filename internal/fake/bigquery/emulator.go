// Package bigquery serves BigQuery's API to tests: an emulator, and in front of it what is as strict as BigQuery where the
// emulator is not: about the ids of jobs, and about queries that fail. It loses answers when a test asks for that, and counts what
// is asked. Nothing in the program knows of it.
package bigquery

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// emulator is the one process of a test binary.
var emulator struct {
	once sync.Once
	url  string
	err  error
	held io.Closer // its standard input, which is open as long as this process is
}

// raw gives the address of the emulator, which is started once and ends with the test binary.
func raw(tb testing.TB) string {
	tb.Helper()
	url, err := running()
	if err != nil {
		tb.Fatal(err)
	}
	return url
}

// running is the address of the emulator of this process.
func running() (string, error) {
	emulator.once.Do(func() { emulator.url, emulator.err = start() })
	return emulator.url, emulator.err
}

// home is the folder of the emulator's virtual environment: above this package, or $FOURFOLD_EMULATOR.
func home() (string, error) {
	if dir := os.Getenv("FOURFOLD_EMULATOR"); dir != "" {
		return dir, nil
	}
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		venv := filepath.Join(dir, ".venv-emulator")
		if _, err := os.Stat(filepath.Join(venv, ".done")); err == nil {
			return venv, nil
		}
		dir = filepath.Dir(dir)
	}
	return "", errors.Join(err, errors.New("the BigQuery emulator is not there: run `make .venv-emulator/.done`, which installs it, or set FOURFOLD_EMULATOR"))
}

// start starts the emulator on free ports. It ends when its standard input does, with the process that holds the other end.
func start() (string, error) {
	venv, err := home()
	if err != nil {
		return "", err
	}
	rest, err := freePort()
	if err != nil {
		return "", err
	}
	grpc, err := freePort()
	if err != nil {
		return "", err
	}
	// A command in the background has no standard input of its own but by another descriptor.
	const script = `exec 3<&0; "$@" & child=$!; (cat <&3 >/dev/null; kill $child 2>/dev/null) & wait $child`
	cmd := exec.CommandContext(context.Background(), "sh", "-c", script, "emulator",
		filepath.Join(venv, "bin", "bqemulator"), "start", "--rest-port", strconv.Itoa(rest), "--grpc-port", strconv.Itoa(grpc), "--project", "fourfold", "--log-level", "error")
	cmd.Env = append(os.Environ(), "HOME="+filepath.Join(venv, "home"))
	if emulator.held, err = cmd.StdinPipe(); err != nil {
		return "", err
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("start the BigQuery emulator: %w", err)
	}
	var last tail
	ended := make(chan struct{})
	go func() {
		last.read(bufio.NewScanner(said))
		close(ended)
	}()
	url := fmt.Sprintf("http://127.0.0.1:%d", rest)
	for range 600 {
		select {
		case <-ended:
			return "", fmt.Errorf("the BigQuery emulator has ended: %s", last.text())
		case <-time.After(100 * time.Millisecond):
		}
		if answers(url) {
			return url, nil
		}
	}
	return "", fmt.Errorf("the BigQuery emulator does not answer at %s: %s", url, last.text())
}

func answers(url string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/bigquery/v2/projects/fourfold/datasets", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

func freePort() (int, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // of a TCP listener
	return port, l.Close()
}

// tail keeps the last line of what a process says.
type tail struct {
	mu   sync.Mutex
	line string
}

func (t *tail) read(s *bufio.Scanner) {
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		t.mu.Lock()
		t.line = s.Text()
		t.mu.Unlock()
	}
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.line
}
