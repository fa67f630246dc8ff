package acceptance

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fourfold/internal/fake/github"
)

// forms are a secret and what base64 makes of it, wherever it stands in the encoded text.
func forms(secret string) []string {
	out := []string{secret}
	for shift := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret + "xx"))
		out = append(out, text[4:len(text)-4])
	}
	return out
}

// hides looks for a secret in what commands have said and in every file of the data directory, and reports where it is.
func (w *workplace) hides(t *testing.T, secret string, said ...outcome) (files int) {
	t.Helper()
	for _, form := range forms(secret) {
		for i, o := range said {
			if text := o.stdout + o.stderr; strings.Contains(text, form) {
				t.Errorf("command %d says %s:\n%s", i, form, regexp.MustCompile(".*"+regexp.QuoteMeta(form)+".*").FindString(text))
			}
		}
	}
	err := filepath.WalkDir(w.data(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		for _, form := range forms(secret) {
			if bytes.Contains(content, []byte(form)) {
				t.Errorf("%s holds %s", path, form)
			}
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files of the data directory were looked at: %v", files, err)
	}
	return files
}

func TestNoTokenIsInAnythingThatIsSaidOrKept(t *testing.T) {
	t.Parallel()
	const token = "github_pat_secret_7be19d04"
	server := github.NewServer(github.Small(), github.WithTokens(github.Token{Name: "t", Secret: token}))
	t.Cleanup(server.Close)
	// In front of it something that repeats what it was sent, as a proxy's error page may.
	echo := func(rw http.ResponseWriter, r *http.Request) {
		rw.WriteHeader(http.StatusForbidden)
		_, password, _ := r.BasicAuth()
		fmt.Fprintf(rw, `{"message":"%s %s may not","documentation_url":%q}`, r.Header.Get("Authorization"), password, r.Header)
	}
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/repos/acme/web/") || strings.HasPrefix(r.URL.Path, "/acme/old.git") {
			echo(rw, r)
			return
		}
		server.ServeHTTP(rw, r)
	}))
	t.Cleanup(front.Close)
	config := githubToken(front.URL, "${THE_TOKEN}", repositories("acme/api", "acme/web", "acme/old"), "log: {level: debug, format: json}")
	w := newWorkplace(t, config).with("THE_TOKEN="+token, "GIT_TRACE=1", "GIT_CURL_VERBOSE=1", "GIT_TRACE_CURL=1")
	said := []outcome{
		w.fails(3, "streams failed", "sync"), w.fails(3, "streams failed", "sync", "--full"), w.try("status"), w.try("status", "--format", "json"),
		w.try("sql", "--raw", "--format", "csv", "select error from runs where error is not null"),
		w.with("THE_TOKEN=" + token + "_x").try("sync"),
	}
	if n := w.hides(t, token, said...); n < 20 {
		t.Errorf("only %d files were looked at", n)
	}
	if !strings.Contains(said[4].stdout, "403") {
		t.Errorf("nothing was refused: the test looks at little:\n%s", said[4].stdout)
	}
}
