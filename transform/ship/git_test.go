package ship

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// made is a commit of a repository that a test makes; parents are places in the list of commits.
type made struct {
	parents []int
	at      int64 // authored, seconds
	title   string
}

// repository is a real one: what git says of it is what must come out.
type repository struct {
	t         *testing.T
	dir       string
	shas      []string
	ancestors map[[2]string]bool // what git has been asked
}

func newRepository(t *testing.T, commits []made) *repository {
	t.Helper()
	r := &repository{t: t, dir: filepath.Join(t.TempDir(), "r.git"), ancestors: map[[2]string]bool{}}
	r.git("", "init", "--quiet", "--bare", r.dir)
	var in bytes.Buffer
	for i, c := range commits {
		fmt.Fprintf(&in, "commit refs/heads/c%d\nmark :%d\nauthor A <a@example.com> %d +0000\ncommitter C <c@example.com> %d +0000\ndata %d\n%s\n",
			i, i+1, c.at, 1_700_000_000+int64(i), len(c.title), c.title)
		for j, p := range c.parents {
			fmt.Fprintf(&in, "%s :%d\n", map[bool]string{true: "from", false: "merge"}[j == 0], p+1)
		}
	}
	marks := filepath.Join(r.dir, "marks")
	r.git(in.String(), "fast-import", "--quiet", "--export-marks="+marks)
	text, err := os.ReadFile(marks)
	if err != nil {
		t.Fatal(err)
	}
	r.shas = make([]string, len(commits))
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		mark, sha, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(mark[1:])
		if err != nil {
			t.Fatal(err)
		}
		r.shas[n-1] = sha
	}
	return r
}

func (r *repository) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(r.t.Context(), "git", args...)
	if args[0] != "init" {
		cmd.Dir = r.dir
	}
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_DIR="+r.dir)
	return cmd
}

func (r *repository) git(input string, args ...string) string {
	r.t.Helper()
	cmd := r.command(args...)
	cmd.Stdin = strings.NewReader(input)
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	if err := cmd.Run(); err != nil {
		r.t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, says.String())
	}
	return out.String()
}

// list is git rev-list with arguments of its own.
func (r *repository) list(args ...string) []string {
	r.t.Helper()
	return strings.Fields(r.git("", append([]string{"rev-list"}, args...)...))
}

// isAncestor is git merge-base --is-ancestor: also of itself.
func (r *repository) isAncestor(a, b string) bool {
	r.t.Helper()
	key := [2]string{a, b}
	is, asked := r.ancestors[key]
	if asked {
		return is
	}
	err := r.command("merge-base", "--is-ancestor", a, b).Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		is = true
	case !errors.As(err, &exit) || exit.ExitCode() != 1:
		r.t.Fatalf("git merge-base --is-ancestor %s %s: %v", a, b, err)
	}
	r.ancestors[key] = is
	return is
}

// graph reads the graph of the repository out of git.
func (r *repository) graph() *Graph {
	r.t.Helper()
	b := &Builder{}
	for _, entry := range strings.Split(strings.TrimSpace(r.git("", "log", "--all", "--format=%H%x00%P%x00%at%x00%s")), "\n") {
		f := strings.Split(entry, "\x00")
		c := Commit{SHA: must(r.t, f[0])}
		for _, p := range strings.Fields(f[1]) {
			c.Parents = append(c.Parents, must(r.t, p))
		}
		at, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			r.t.Fatal(err)
		}
		h := fnv.New32a()
		h.Write([]byte(f[3]))
		c.AuthoredAt, c.Title = at*1e6, h.Sum32()
		b.Add(c)
	}
	return b.Graph()
}

func must(t *testing.T, text string) SHA {
	t.Helper()
	s, ok := ParseSHA(text)
	if !ok {
		t.Fatalf("%q is no hash", text)
	}
	return s
}

// seeds is how many random repositories a test takes.
func seeds(usual, soak int) int {
	if os.Getenv("FOURFOLD_SOAK") == "1" {
		return soak
	}
	return usual
}
