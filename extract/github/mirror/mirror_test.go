package mirror

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
	"fourfold/extract/extracttest"
	"fourfold/extract/github/mirror/mirrortest"
)

const token = "ghs_9f8e7d6c5b4a39281706"

// world is a server, a directory of mirrors and what was logged.
type world struct {
	t       *testing.T
	server  *mirrortest.Server
	clock   *extracttest.Clock
	mirrors *Mirrors
	logs    *bytes.Buffer
	opts    Options
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, server: mirrortest.Serve(t, token), clock: extracttest.NewClock(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)), logs: &bytes.Buffer{}}
	w.opts = Options{
		Dir: filepath.Join(t.TempDir(), "mirrors"), URL: w.server.URL, Clock: w.clock,
		Credential: func(context.Context) (string, error) { return token, nil },
		Logger:     slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	w.start()
	return w
}

// start is a new process.
func (w *world) start() {
	w.t.Helper()
	m, err := New(w.t.Context(), w.opts)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mirrors = m
}

func (w *world) open(name string) *Mirror {
	w.t.Helper()
	r, err := w.mirrors.Open(w.t.Context(), "77", name)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(r.Close)
	return r
}

func (w *world) fetch(r *Mirror) {
	w.t.Helper()
	if err := r.Fetch(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// read gives what the tips of a mirror reach beyond what landed, sorted, and the tips.
func (w *world) read(r *Mirror, landed []string, more ...string) (shas, tips []string) {
	w.t.Helper()
	tips, err := r.Tips(w.t.Context(), more)
	if err != nil {
		w.t.Fatal(err)
	}
	for c, err := range r.Commits(w.t.Context(), tips, landed) {
		if err != nil {
			w.t.Fatal(err)
		}
		shas = append(shas, c.SHA)
	}
	slices.Sort(shas)
	return shas, tips
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAMirrorHoldsWhatRefsReachAndLaterOnlyWhatIsNewIsRead(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	one := repo.On("main", "one")
	pull := repo.Commit("on a branch", one)
	repo.Point("refs/pull/1/head", pull)
	repo.Point("refs/pull/1/merge", repo.Commit("GitHub's own", one, pull))
	open := repo.Commit("not merged", one)
	repo.Point("refs/pull/2/head", open)
	two := repo.On("main", "two")
	side := repo.Commit("side", one)
	repo.Git("tag", "-a", "-m", "v1", "v1", side)
	repo.Git("tag", "tree", "4b825dc642cb6eb9a060e54bf8d69288fbee4904")
	repo.Point("refs/notes/commits", repo.Commit("a note"))

	r := w.open("acme/api")
	w.fetch(r)
	got, tips := w.read(r, nil, pull)
	same(t, "commits", got, one, two, side, pull)
	same(t, "tips", tips, two, side, pull)
	r.Close()

	w.start()
	r = w.open("acme/api")
	three := repo.On("main", "three")
	w.fetch(r)
	got, _ = w.read(r, tips, pull, open)
	same(t, "what is new", got, three, open)
	got, _ = w.read(r, append(tips, three, open), pull, open)
	same(t, "what is new when nothing is", got)
}

func TestRepositoriesInAFolderAreMirroredWithoutAToken(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	one := repo.On("main", "one")
	gone := repo.Commit("forced away", one)
	w.opts.URL = "file://" + filepath.ToSlash(filepath.Dir(filepath.Dir(repo.Dir)))
	w.opts.Credential = func(context.Context) (string, error) { return "", errors.New("asked for a token") }
	w.start()
	r := w.open("acme/api")
	w.fetch(r)
	two := repo.On("main", "two")
	w.fetch(r)
	lost := strings.Repeat("7", 40)
	missing, err := r.Want(t.Context(), "deployed", []string{gone, lost})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "lost", missing.Asked, lost)
	got, _ := w.read(r, nil, gone)
	same(t, "commits", got, one, two, gone)
	r.Close()
	if err := w.open("acme/gone").Fetch(t.Context()); !errors.Is(err, ErrNotFound) {
		t.Errorf("a repository that is not there: %v", err)
	}
}

func TestCommitsComeAfterTheirParents(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	tip := repo.On("main", "root")
	for range 4 {
		side := repo.Commit("side", tip)
		tip = repo.Commit("merge", repo.Commit("main", tip), repo.Commit("side again", side))
	}
	repo.Point("refs/heads/main", tip)
	r := w.open("acme/api")
	w.fetch(r)
	seen := map[string]bool{}
	for c, err := range r.Commits(t.Context(), []string{tip}, nil) {
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range c.Parents {
			if !seen[p] {
				t.Errorf("%s comes before its parent %s", c.SHA, p)
			}
		}
		seen[c.SHA] = true
	}
	if len(seen) != 17 {
		t.Errorf("%d commits", len(seen))
	}
}

func TestAForcePushARenameAndADeletedBranchAreFollowed(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	one := repo.On("main", "one")
	two := repo.On("main", "two")
	repo.Point("refs/heads/topic", repo.Commit("topic", one))
	r := w.open("acme/api")
	w.fetch(r)
	_, tips := w.read(r, nil)
	r.Close()

	other := repo.Commit("other two", one)
	repo.Point("refs/heads/main", other)
	repo.Git("update-ref", "-d", "refs/heads/topic")
	below := repo.Commit("below", one)
	repo.Point("refs/heads/topic/below", below) // where a file was is a directory now
	w.server.Rename("acme/api", "acme/backend")
	r = w.open("acme/backend")
	w.fetch(r)
	got, now := w.read(r, tips)
	same(t, "what is new", got, other, below)
	same(t, "tips", now, other, below)
	if absent, err := r.absent(t.Context(), []string{two}); err != nil || len(absent) > 0 {
		t.Errorf("the commit that was forced away is lost: %v, %v", absent, err)
	}
}

func TestAnEmptyRepositoryIsAMirrorWithoutCommits(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/new")
	r := w.open("acme/new")
	for range 2 {
		w.fetch(r)
		if got, tips := w.read(r, nil); len(got)+len(tips) > 0 {
			t.Errorf("%v, %v", got, tips)
		}
	}
	one := repo.On("main", "one")
	w.fetch(r)
	got, _ := w.read(r, nil)
	same(t, "commits", got, one)
}

func TestARoundWithNothingNewAsksOnce(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	for i := range 20 {
		repo.Point(fmt.Sprintf("refs/pull/%d/head", i), repo.On("main", "x"))
	}
	r := w.open("acme/api")
	w.fetch(r)
	w.server.Requests()
	before := w.mirrors.Rounds()
	w.fetch(r)
	want := []string{"GET /acme/api.git/info/refs?service=git-upload-pack", "POST /acme/api.git/git-upload-pack"}
	if diff := cmp.Diff(want, w.server.Requests()); diff != "" || w.mirrors.Rounds() != before+1 {
		t.Errorf("%d rounds (-want +got):\n%s", w.mirrors.Rounds()-before, diff)
	}
}

func TestAReaderNeverAsksTheServer(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	tree := repo.Input("100644 blob "+repo.Input("x", "hash-object", "-w", "--stdin")+"\tf\n", "mktree")
	sha := repo.Git("commit-tree", "-m", "with a tree", tree)
	repo.Point("refs/heads/main", sha)
	r := w.open("acme/api")
	w.fetch(r)
	w.server.Requests()
	// What is left out, and what never was, is not there and not asked for.
	absent, err := r.absent(t.Context(), []string{tree, strings.Repeat("1", 40)})
	if err != nil || len(absent) != 2 {
		t.Errorf("absent %v, %v", absent, err)
	}
	if _, err := r.run(t.Context(), r.dir, settings(), nil, "ls-tree", sha); err == nil {
		t.Error("the mirror holds a tree")
	}
	if got := w.server.Requests(); len(got) > 0 {
		t.Errorf("a reader asked for %v", got)
	}
}

func TestTheConfigurationOfAMirrorHoldsNoRemote(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	gone := repo.On("main", "one")
	repo.Point("refs/heads/main", repo.Commit("two"))
	r := w.open("acme/api")
	for range 2 {
		w.fetch(r)
		if _, err := r.Want(t.Context(), "deployed", []string{gone}); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(r.dir, "config"))
		if err != nil || string(b) != configuration {
			t.Errorf("config: %v\n%s", err, b)
		}
	}
}

func TestNoTokenIsInArgumentsFilesOrErrors(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	gone := repo.On("main", "one")
	repo.Point("refs/heads/main", repo.Commit("two"))
	wrapper := filepath.Join(t.TempDir(), "git")
	argv := wrapper + ".argv"
	// Every git writes down its arguments, and those of the programs that it starts.
	script := "#!/bin/sh\nenv | grep -c 'GIT_CONFIG_VALUE_.*Basic' >> " + argv + ".env\nGIT_TRACE=" + argv + " exec " + w.mirrors.git.path + " \"$@\"\n"
	if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	w.opts.Command = wrapper
	w.start()
	r := w.open("acme/api")
	w.fetch(r)
	if _, err := r.Want(t.Context(), "deployed", []string{gone}); err != nil {
		t.Fatal(err)
	}
	w.fetch(r)
	w.server.Intercept(func(rw http.ResponseWriter, req *http.Request) bool { // a server that repeats what it was sent
		user, password, _ := req.BasicAuth()
		http.Error(rw, "you sent "+req.Header.Get("Authorization")+" which is "+user+":"+password, http.StatusForbidden)
		return true
	})
	err := r.Fetch(t.Context())
	if err == nil || !errors.Is(err, extract.ErrForbidden) {
		t.Errorf("error %v", err)
	}
	texts := map[string]string{"an error": fmt.Sprintf("%v %+v", err, err), "the log": w.logs.String()}
	for _, root := range []string{w.opts.Dir, filepath.Dir(wrapper)} {
		if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			texts[path] = string(b)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(texts[argv], "remote-http") || !strings.Contains(texts[argv], "--filter=tree:0") || !strings.Contains(texts[argv+".env"], "1") {
		t.Fatal("the wrapper was not used, or git did not get the token by its environment")
	}
	for where, text := range texts {
		for _, leak := range []string{token, "ghs_", "eC1hY2Nlc3MtdG9rZW46"} { // base64 of "x-access-token:"
			if strings.Contains(text, leak) {
				t.Errorf("%q is in %s:\n%s", leak, where, text)
			}
		}
	}
}

func TestEveryCommandAsksForTheTokenAnew(t *testing.T) {
	w := setup(t)
	w.server.Create("acme/api").On("main", "one")
	n := 0
	w.opts.Credential = func(context.Context) (string, error) {
		n++
		w.server.Token = fmt.Sprint("ghs_number", n) // the one before has expired
		return w.server.Token, nil
	}
	w.start()
	r := w.open("acme/api")
	for range 3 {
		w.fetch(r)
	}
	if n != 3 {
		t.Errorf("asked %d times for a token", n)
	}
}
