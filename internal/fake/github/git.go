package github

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// isGit tells the paths of git's smart HTTP from those of the API.
func isGit(path string) bool {
	return strings.HasSuffix(path, "/info/refs") || strings.HasSuffix(path, "/git-upload-pack") || strings.HasSuffix(path, "/git-receive-pack")
}

// git serves fetches of a repository through git's own http-backend. It costs no points. A repository that is not there or
// not visible asks for credentials first and is then not found, as on GitHub.
func (x *exchange) git(authErr *apiError) {
	name := strings.Trim(x.r.URL.Path, "/")
	for _, end := range []string{"/info/refs", "/git-upload-pack", "/git-receive-pack"} {
		name = strings.TrimSuffix(name, end)
	}
	name = strings.TrimSuffix(name, ".git")
	x.note.Repository = name
	x.note.Endpoint = "git fetch"
	if strings.HasSuffix(x.r.URL.Path, "/info/refs") {
		x.note.Endpoint = "git refs"
	}
	x.record()
	if strings.HasSuffix(x.r.URL.Path, "/git-receive-pack") || x.r.URL.Query().Get("service") == "git-receive-pack" {
		plain(x.w, http.StatusForbidden, "Permission to "+name+".git denied.")
		return
	}
	if authErr == nil {
		if err := x.server.secondary(x.who, "git", x.now); err != nil {
			x.fail(err)
			return
		}
	}
	if f, answered := x.meetFault(graphShape{}); answered {
		return
	} else if f != nil && f.send != nil {
		x.finish(f, http.StatusOK, []byte("001e# service=git-upload-pack\n0000"))
		return
	}
	dir, status, message := x.gitDirectory(name, authErr)
	if status == http.StatusMovedPermanently {
		x.w.Header().Set("Location", x.base()+"/"+message+".git/info/refs?"+x.r.URL.RawQuery)
	}
	if status != http.StatusOK {
		if status == http.StatusUnauthorized {
			x.w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
		}
		plain(x.w, status, message)
		return
	}
	x.backend(dir)
}

func plain(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(message + "\n")) // the client may have gone
}

// gitDirectory brings the repository's folder up to date, if the one who asks may read it.
func (x *exchange) gitDirectory(name string, authErr *apiError) (dir string, status int, message string) {
	s := x.server
	s.org.mu.Lock()
	defer s.org.mu.Unlock()
	if authErr != nil {
		return "", http.StatusUnauthorized, "Invalid username or token. Password authentication is not supported for Git operations."
	}
	r := s.org.Repository(name)
	switch {
	case r != nil && x.who.may(r, "contents"):
	case x.who == nil:
		return "", http.StatusUnauthorized, "Repository not found."
	case r != nil && x.who.sees(r):
		return "", http.StatusForbidden, "Write access to repository not granted." // GitHub's words for a token without contents
	default:
		return "", http.StatusNotFound, "Repository not found."
	}
	if !strings.EqualFold(r.FullName(), name) && strings.HasSuffix(x.r.URL.Path, "/info/refs") {
		return "", http.StatusMovedPermanently, r.FullName()
	}
	if s.gitDir == "" {
		made, err := os.MkdirTemp("", "fake-github-")
		if err != nil {
			return "", http.StatusInternalServerError, err.Error()
		}
		s.gitDir, s.ownGitDir = made, true
	}
	dir = filepath.Join(s.gitDir, fmt.Sprintf("%d.git", r.ID))
	if err := r.WriteTo(dir); err != nil {
		return "", http.StatusInternalServerError, err.Error()
	}
	return dir, http.StatusOK, ""
}

func (x *exchange) backend(dir string) {
	git, err := exec.LookPath("git")
	if err != nil {
		plain(x.w, http.StatusInternalServerError, "git is not installed")
		return
	}
	action := "/git-upload-pack"
	if strings.HasSuffix(x.r.URL.Path, "/info/refs") {
		action = "/info/refs"
	}
	body, err := io.ReadAll(x.r.Body) // CGI wants to know the length, and git sends long requests without it
	if err != nil {
		plain(x.w, http.StatusBadRequest, "The request ended early.")
		return
	}
	inner := x.r.Clone(x.r.Context())
	inner.URL.Path, inner.TransferEncoding = action, nil
	inner.Body, inner.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	inner.Header.Del("Authorization")
	h := cgi.Handler{
		Path: git, Args: []string{"http-backend"}, Root: "/", Dir: dir,
		Env: []string{
			"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
			"GIT_PROTOCOL=" + x.r.Header.Get("Git-Protocol"), "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*",
		},
		InheritEnv: []string{"PATH"}, Stderr: io.Discard, // what git says of a client that asks for what is not there
	}
	h.ServeHTTP(x.w, inner)
}
