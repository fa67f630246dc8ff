// Package mirrortest serves repositories over HTTP through git itself. It is of no use outside tests.
package mirrortest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Server serves the repositories below a directory to those who have the token.
type Server struct {
	URL   string
	Token string // "" lets everybody in

	root string
	git  string
	t    testing.TB

	mu       sync.Mutex
	requests []string
	fail     func(w http.ResponseWriter, r *http.Request) bool
}

// Serve starts a server that ends with the test.
func Serve(t testing.TB, token string) *Server {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Token: token, root: t.TempDir(), git: git, t: t}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL + "/"
	return s
}

// Intercept lets f answer requests; it reports whether it did. Nil ends it.
func (s *Server) Intercept(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = f
}

// Requests gives the requests since the last call: method, path and query.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.requests
	s.requests = nil
	return out
}

// Rename gives a repository another name, as its owner would.
func (s *Server) Rename(from, to string) {
	s.t.Helper()
	path := filepath.Join(s.root, to+".git")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(s.root, from+".git"), path); err != nil {
		s.t.Fatal(err)
	}
}

// ServeHTTP answers as GitHub does: 401 without credentials, 404 for what is not there, and nothing can be pushed.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, strings.TrimSuffix(r.Method+" "+r.URL.Path+"?"+r.URL.RawQuery, "?"))
	fail := s.fail
	s.mu.Unlock()
	if fail != nil && fail(w, r) {
		return
	}
	if user, password, _ := r.BasicAuth(); s.Token != "" && (user != "x-access-token" || password != s.Token) {
		w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
		http.Error(w, "Invalid username or token.", http.StatusUnauthorized)
		return
	}
	name, _, _ := strings.Cut(r.URL.Path, ".git/")
	if _, err := os.Stat(filepath.Join(s.root, filepath.FromSlash(name)+".git")); err != nil {
		http.Error(w, "Repository not found.", http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(r.Body) // CGI needs to know how long it is
	if err != nil {
		return
	}
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	(&cgi.Handler{
		Path: s.git, Args: []string{"http-backend"}, Stderr: io.Discard,
		Env: append(isolated(),
			"GIT_PROJECT_ROOT="+s.root, "GIT_HTTP_EXPORT_ALL=1", "GIT_PROTOCOL="+r.Header.Get("Git-Protocol"),
			"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=uploadpack.allowFilter", "GIT_CONFIG_VALUE_0=true",
			"GIT_CONFIG_KEY_1=safe.directory", "GIT_CONFIG_VALUE_1=*"),
	}).ServeHTTP(w, r)
}

func isolated() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "LC_ALL=C",
	}
}

// Repository is a bare repository on the server.
type Repository struct {
	Dir string
	s   *Server
	n   int64
}

// Create makes an empty repository.
func (s *Server) Create(name string) *Repository {
	s.t.Helper()
	r := &Repository{Dir: filepath.Join(s.root, name+".git"), s: s}
	if err := os.MkdirAll(filepath.Dir(r.Dir), 0o700); err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), s.git, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", r.Dir)
	cmd.Env = isolated()
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("git init: %v: %s", err, out)
	}
	r.Input("", "hash-object", "-w", "-t", "tree", "--stdin")
	return r
}

// Git runs a git in the repository and gives what it writes, less white space at the ends.
func (r *Repository) Git(args ...string) string {
	r.s.t.Helper()
	return r.Input("", args...)
}

// Input is Git with something on the standard input. Every command is a minute later than the one before.
func (r *Repository) Input(stdin string, args ...string) string {
	r.s.t.Helper()
	r.n++
	cmd := exec.CommandContext(r.s.t.Context(), r.s.git, args...)
	at := fmt.Sprintf("%d +0900", 1_700_000_000+60*r.n)
	cmd.Env = append(isolated(), "GIT_DIR="+r.Dir,
		"GIT_AUTHOR_NAME=Aki", "GIT_AUTHOR_EMAIL=aki@acme.test", "GIT_AUTHOR_DATE="+at,
		"GIT_COMMITTER_NAME=Ben", "GIT_COMMITTER_EMAIL=ben@acme.test", "GIT_COMMITTER_DATE="+at)
	cmd.Stdin = strings.NewReader(stdin)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		r.s.t.Fatalf("git %v: %v: %s", args, err, stderr.String())
	}
	return strings.TrimSpace(out.String())
}

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// Commit makes a commit of some parents that no ref points at yet.
func (r *Repository) Commit(message string, parents ...string) string {
	r.s.t.Helper()
	args := []string{"commit-tree", emptyTree}
	for _, p := range parents {
		args = append(args, "-p", p)
	}
	return r.Input(message, args...)
}

// Point lets a ref point at a commit: refs/heads/main.
func (r *Repository) Point(ref, sha string) {
	r.s.t.Helper()
	r.Git("update-ref", ref, sha)
}

// On makes a commit on top of a branch.
func (r *Repository) On(branch, message string) string {
	r.s.t.Helper()
	var parents []string
	if tip := r.Git("for-each-ref", "--format=%(objectname)", "refs/heads/"+branch); tip != "" {
		parents = []string{tip}
	}
	sha := r.Commit(message, parents...)
	r.Point("refs/heads/"+branch, sha)
	return sha
}

// Raw writes a commit as it stands, however odd.
func (r *Repository) Raw(object string) string {
	r.s.t.Helper()
	return r.Input(object, "hash-object", "-t", "commit", "-w", "--stdin", "--literally")
}

// Shas gives what rev-list says the arguments reach, in its order.
func (r *Repository) Shas(args ...string) []string {
	r.s.t.Helper()
	return strings.Fields(r.Git(append([]string{"rev-list"}, args...)...))
}
