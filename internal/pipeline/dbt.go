package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// FindDBT gives the dbt command: the configured one, $FOURFOLD_DBT, .venv/bin/dbt beside the program or one folder up,
// then PATH.
func FindDBT(configured string) (string, error) {
	var tried []string
	program, _ := os.Executable()
	beside := filepath.Dir(program)
	for _, c := range []string{configured, os.Getenv("FOURFOLD_DBT"), filepath.Join(beside, ".venv", "bin", "dbt"), filepath.Join(beside, "..", ".venv", "bin", "dbt"), "dbt"} {
		if c == "" {
			continue
		}
		path, err := exec.LookPath(c)
		if err == nil {
			return filepath.Abs(path)
		}
		tried = append(tried, c)
		if c == configured || c == os.Getenv("FOURFOLD_DBT") {
			return "", fmt.Errorf("dbt: %s is not a program that can be run: correct dbt.command (or FOURFOLD_DBT)", c)
		}
	}
	return "", fmt.Errorf("dbt: not found (tried %s): run `make build`, which installs it, or set dbt.command to one with dbt-core 1.11", strings.Join(tried, ", "))
}

// dbtVersion is the version of dbt at command, or "unknown".
func dbtVersion(command string) string {
	return cmp.Or(PackageVersion(command, "dbt_core"), "unknown")
}

// PackageVersion reads the version of the Python package installed beside a command, by the name of its directory such as
// dbt_core, without starting the command, which takes seconds; "" where the package is not there.
func PackageVersion(command, name string) string {
	if resolved, err := filepath.EvalSymlinks(command); err == nil {
		command = resolved
	}
	found, _ := filepath.Glob(filepath.Join(filepath.Dir(command), "..", "lib", "python*", "site-packages", name+"-*.dist-info"))
	if len(found) == 0 {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), name+"-"), ".dist-info")
}

// unpack writes the embedded project below dir and removes what is no longer in it, but not target and logs: what dbt
// parsed before is used again where a file has not changed.
func unpack(project fs.FS, dir string) error {
	wanted := map[string]bool{}
	err := fs.WalkDir(project, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(path))
		wanted[target] = true
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		text, err := fs.ReadFile(project, path)
		if err != nil {
			return err
		}
		if have, err := os.ReadFile(target); err == nil && bytes.Equal(have, text) {
			return nil
		}
		return os.WriteFile(target, text, 0o644)
	})
	if err != nil {
		return fmt.Errorf("unpack the dbt project: %w", err)
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && (name == "target" || name == "logs") && filepath.Dir(path) == dir {
			return filepath.SkipDir
		}
		if !wanted[path] && !d.IsDir() {
			return os.Remove(path)
		}
		return nil
	})
}

// DBTError says which models and tests failed.
type DBTError struct {
	Command string
	Nodes   []DBTNode
	Tail    string // the end of what dbt printed, when it could not even begin
	Log     string // the file that has it all
}

// DBTNode is a model, seed or test that failed.
type DBTNode struct{ Name, Status, Message string }

func (e *DBTError) Error() string {
	if strings.Contains(e.Tail, "No space left on device") {
		return fmt.Sprintf("dbt %s failed: the disk is full: free some space and build again (what dbt said: %s)", e.Command, e.Log)
	}
	if len(e.Nodes) == 0 {
		return fmt.Sprintf("dbt %s failed: %s (all of it: %s)", e.Command, withoutTraceback(e.Tail), e.Log)
	}
	var lines []string
	for _, n := range e.Nodes {
		message := strings.Join(strings.Fields(n.Message), " ")
		lines = append(lines, fmt.Sprintf("%s: %s: %s%s", n.Name, n.Status, message, overLimit(message)))
	}
	return fmt.Sprintf("dbt %s: %d failed: %s (all of it: %s)", e.Command, len(e.Nodes), strings.Join(lines, "; "), e.Log)
}

// limited is how BigQuery says that a query would be billed for more than it may be, in bytes.
var limited = regexp.MustCompile(`exceeded limit for bytes billed: (\d+)\. (\d+) or higher required`)

// overLimit says of such a message what it means.
func overLimit(message string) string {
	m := limited.FindStringSubmatch(message)
	if m == nil {
		return ""
	}
	limit, _ := strconv.ParseInt(m[1], 10, 64)
	wanted, _ := strconv.ParseInt(m[2], 10, 64)
	return fmt.Sprintf(" (it would be billed for %s and may be for %s: raise warehouse.maximum_bytes_billed; `fourfold build --dry-run` says what each model reads)",
		size(wanted), size(limit))
}

// withoutTraceback is what a Python program said, or of a traceback its last line.
func withoutTraceback(text string) string {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "Traceback (most recent call last)") && !strings.Contains(text, "\n  File \"") {
		return text
	}
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// dbt is a run of dbt in an unpacked project.
type dbt struct {
	command, project, target string
	env                      []string
	output                   io.Writer     // what dbt prints, for a person who wants to see it
	patience                 time.Duration // how long dbt may take to end after an interrupt
}

// dbtPatience is enough for the longest statement of a build to notice that it is to end.
const dbtPatience = 30 * time.Second

func (d dbt) run(ctx context.Context, args ...string) error {
	logs := filepath.Join(d.project, "logs")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return fmt.Errorf("dbt: %w", err)
	}
	printed := filepath.Join(logs, "output.log")
	file, err := os.Create(printed)
	if err != nil {
		return fmt.Errorf("dbt: %w", err)
	}
	defer file.Close()
	var tail tailWriter
	results := filepath.Join(d.project, "target", "run_results.json")
	if err := os.Remove(results); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("dbt: %w", err)
	}
	all := append(args, "--project-dir", d.project, "--profiles-dir", filepath.Join(d.project, "profiles"), "--target", d.target,
		"--log-path", logs, "--no-use-colors", "--no-use-colors-file", "--log-level-file", "info")
	cmd := exec.CommandContext(ctx, d.command, all...)
	cmd.Dir = d.project
	cmd.Env = append(os.Environ(), d.env...)
	cmd.Stdout = io.MultiWriter(&tail, heedless{file}, d.output)
	cmd.Stderr = cmd.Stdout
	// dbt ends its threads on an interrupt; what it was making is thrown away either way. One that does not is killed, and
	// what it started and left behind is not waited for.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = d.patience
	// A program that is killed leaves none behind that writes where another builds meanwhile. The kernel takes the end of the
	// thread that began dbt for that of the program, so that it is kept until dbt has ended.
	endWithProgram(cmd)
	runtime.LockOSThread()
	err = cmd.Run()
	runtime.UnlockOSThread()
	if ctx.Err() != nil {
		return fmt.Errorf("dbt: %w", ctx.Err())
	}
	if err == nil {
		return nil
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("dbt: %s: %w", d.command, err)
	}
	return &DBTError{Command: args[0], Nodes: failedNodes(results), Tail: tail.String(), Log: printed}
}

// failedNodes reads what dbt says of each node; none where dbt did not come so far.
func failedNodes(path string) []DBTNode {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var results struct {
		Results []struct {
			UniqueID string `json:"unique_id"`
			Status   string `json:"status"`
			Message  string `json:"message"`
		} `json:"results"`
	}
	if json.Unmarshal(text, &results) != nil {
		return nil
	}
	var out []DBTNode
	for _, r := range results.Results {
		if r.Status == "error" || r.Status == "fail" || r.Status == "runtime error" {
			name := strings.Split(r.UniqueID, ".")
			out = append(out, DBTNode{strings.Join(name[min(2, len(name)-1):], "."), r.Status, r.Message})
		}
	}
	return out
}

// heedless goes on where its writer cannot: that a log is cut must not end what it tells of.
type heedless struct{ io.Writer }

func (h heedless) Write(p []byte) (int, error) {
	_, _ = h.Writer.Write(p) // as above
	return len(p), nil
}

// tailWriter keeps the last of what is written to it.
type tailWriter struct{ text []byte }

func (t *tailWriter) Write(p []byte) (int, error) {
	const most = 2000
	t.text = append(t.text, p...)
	if len(t.text) > most {
		t.text = t.text[len(t.text)-most:]
	}
	return len(p), nil
}

func (t *tailWriter) String() string { return string(t.text) }
