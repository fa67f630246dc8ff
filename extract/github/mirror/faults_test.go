package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"fourfold/extract"
)

// script writes a program that stands in for git.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "git")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAGitThatCannotBeUsedIsNamedWithWhatToDo(t *testing.T) {
	for name, x := range map[string]struct{ git, want string }{
		"absent":           {"/nowhere/git", `there is no "/nowhere/git" on PATH`},
		"too old":          {script(t, "echo git version 2.30.2"), "is version 2.30.2, and 2.31 is needed"},
		"of another age":   {script(t, "echo git version 1.9.1"), "is version 1.9.1"},
		"something else":   {script(t, "echo hello"), `calls itself "hello"`},
		"one that crashes": {script(t, "exit 3"), "exit status 3"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(t.Context(), Options{Dir: t.TempDir(), URL: "https://github.com/", Command: x.git})
			if !errors.Is(err, ErrNoGit) {
				t.Fatalf("error %v", err)
			}
			for _, want := range []string{x.want, "install git 2.31 or newer", "set sources.github.commits: api"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %v", want, err)
				}
			}
		})
	}
	for _, text := range []string{"git version 2.31.0", "git version 2.39.5 (Apple Git-154)", "git version 3.0.0", "git version 2.47.1.windows.1"} {
		if _, err := New(t.Context(), Options{Dir: t.TempDir(), URL: "https://github.com/", Command: script(t, "echo '"+text+"'")}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestAddressesAndIdsAreChecked(t *testing.T) {
	for _, bad := range []string{"", "github.com", "/srv", "file:srv", "file://host/srv", "ext::sh -c x", "https://user:hunter22@host/", "https://ghp_0123456789@host/"} {
		_, err := New(t.Context(), Options{Dir: t.TempDir(), URL: bad})
		if err == nil || strings.Contains(err.Error(), "hunter22") || strings.Contains(err.Error(), "ghp_") {
			t.Errorf("%q: error %v", bad, err)
		}
	}
	w := setup(t)
	for _, id := range []string{"", "..", "a/b", "a.b"} {
		if _, err := w.mirrors.Open(t.Context(), id, "acme/api"); err == nil {
			t.Errorf("the id %q was accepted", id)
		}
	}
}

func TestFailuresOfTheServerAreNamed(t *testing.T) {
	answer := func(status int, text string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, text, status)
			return true
		}
	}
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked, with %q", r.Header.Get("Authorization"))
	}))
	defer other.Close()
	for name, x := range map[string]struct {
		fail   func(http.ResponseWriter, *http.Request) bool
		is     error
		want   string
		rounds int64
	}{
		"no such repository": {answer(404, "Repository not found."), ErrNotFound, "leave it out of sources.github.repositories", 1},
		"not permitted":      {answer(403, "Permission to acme/api.git denied."), extract.ErrForbidden, `"Contents: read"`, 1},
		"wrong token": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
			http.Error(w, "Bad credentials", http.StatusUnauthorized)
			return true
		}, extract.ErrUnauthorized, "check sources.github.token", 1},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, other.URL+r.URL.String(), http.StatusMovedPermanently)
			return true
		}, nil, "set sources.github.git_url", 1},
		"always ill":    {answer(502, "Bad gateway"), nil, "gave up after 5 attempts", 5},
		"limited":       {answer(429, "Too many requests"), nil, "run again later", 5},
		"no git at all": {answer(200, "<html>"), nil, "does not speak git", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := setup(t)
			w.server.Create("acme/api").On("main", "one")
			r := w.open("acme/api")
			for _, what := range []string{"clone", "fetch"} {
				before := w.mirrors.Rounds()
				w.server.Intercept(x.fail)
				err := r.Fetch(t.Context())
				if err == nil || x.is != nil && !errors.Is(err, x.is) || !strings.Contains(err.Error(), x.want) || !strings.Contains(err.Error(), "git "+what+" of acme/api") {
					t.Errorf("%s: error %v", what, err)
				}
				if got := w.mirrors.Rounds() - before; got != x.rounds {
					t.Errorf("%s: %d rounds for %v", what, got, err)
				}
				w.server.Intercept(nil)
				w.fetch(r)
			}
		})
	}
}

func TestAHostThatCannotBeReachedIsSaidToBe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := setup(t)
	w.opts.URL = "http://" + l.Addr().String()
	_ = l.Close()
	w.start()
	err = w.open("acme/api").Fetch(t.Context())
	if !errors.Is(err, extract.ErrUnreachable) || !strings.Contains(err.Error(), "check the network") || len(w.clock.Slept()) != attempts-1 {
		t.Errorf("error %v after %v", err, w.clock.Slept())
	}
}

func TestWhatBreaksOffIsAskedForAgain(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	one := repo.On("main", "one")
	r := w.open("acme/api")
	breaks := func() {
		failed := 0
		w.server.Intercept(func(rw http.ResponseWriter, req *http.Request) bool {
			if failed++; failed > 4 {
				return false
			}
			if failed%2 == 0 {
				rw.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
			rw.Header().Set("Content-Type", "application/x-git-upload-pack-result")
			rw.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(rw, "000e")
			panic(http.ErrAbortHandler)
		})
	}
	breaks()
	w.fetch(r)
	two := repo.On("main", "two")
	breaks()
	w.fetch(r)
	got, _ := w.read(r, nil)
	same(t, "commits", got, one, two)
	if len(w.clock.Slept()) != 8 {
		t.Errorf("slept %v", w.clock.Slept())
	}
}

func TestAFullDiskIsNeitherDamageNorWorthAnotherAttempt(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	one := repo.On("main", "one")
	r := w.open("acme/api")
	w.fetch(r)
	r.Close()
	w.opts.Command = script(t, `test "$1" = version && exec git version
echo "error: file write error: No space left on device" >&2
echo "fatal: fetch-pack: invalid index-pack output" >&2
exit 128`)
	w.start()
	r = w.open("acme/api")
	err := r.Fetch(t.Context())
	if err == nil || !strings.Contains(err.Error(), "No space left on device") || !strings.Contains(err.Error(), "make room") || Damaged(err) || w.mirrors.Rounds() != 1 {
		t.Errorf("error %v after %d rounds", err, w.mirrors.Rounds())
	}
	r.Close()
	w.opts.Command = ""
	w.start()
	got, _ := w.read(w.open("acme/api"), nil)
	same(t, "commits", got, one)
}

func TestADamagedMirrorStaysWhereTheServerDoesNotAnswer(t *testing.T) {
	w := setup(t)
	w.server.Create("acme/api").On("main", "one")
	r := w.open("acme/api")
	w.fetch(r)
	if err := os.Truncate(filepath.Join(r.dir, "HEAD"), 0); err != nil {
		t.Fatal(err)
	}
	w.server.Intercept(func(rw http.ResponseWriter, _ *http.Request) bool {
		rw.WriteHeader(http.StatusNotFound)
		return true
	})
	if err := r.Fetch(t.Context()); !errors.Is(err, ErrNotFound) || !r.exists() {
		t.Errorf("error %v", err)
	}
}

func TestTheEndOfTheContextEndsGitAndItsChildren(t *testing.T) {
	for _, at := range []int{1, 2, 3} {
		w := setup(t)
		w.server.Create("acme/api").On("main", "one")
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		n := 0
		w.server.Intercept(func(http.ResponseWriter, *http.Request) bool {
			if n++; n == at {
				cancel()
				<-release
			}
			return false
		})
		r := w.open("acme/api")
		err := r.Fetch(ctx)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("request %d: error %v", at, err)
		}
		r.Close()
		close(release)
		w.server.Intercept(nil)
		w.opts.Clock = nil
		w.start()
		r = w.open("acme/api") // every child held the lock
		w.fetch(r)
		if got, _ := w.read(r, nil); len(got) != 1 {
			t.Errorf("commits %v", got)
		}
	}
}

func TestACallerThatStopsStopsTheReading(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	for range 5 {
		repo.On("main", "x")
	}
	r := w.open("acme/api")
	w.fetch(r)
	tips, err := r.Tips(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range r.Commits(t.Context(), tips, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 2 {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range r.Commits(ctx, tips, nil) {
		cancel()
		last = err
	}
	if last != nil && !errors.Is(last, context.Canceled) {
		t.Errorf("error %v", last)
	}
	r.Close()
	w.clock.OnSleep(func(time.Duration) { t.Error("a git was left behind") })
	w.open("acme/api")
}

func TestAMirrorThatSomebodyHoldsIsSaidToBeInUse(t *testing.T) {
	w := setup(t)
	file, err := os.Create(filepath.Join(w.opts.Dir, "77.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := w.mirrors.Open(t.Context(), "77", "acme/api"); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.mirrors.Open(ctx, "77", "acme/api"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestWhatAKilledGitLeavesIsRemoved(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	repo.On("main", "one")
	r := w.open("acme/api")
	w.fetch(r)
	debris := []string{
		"packed-refs.lock", "config.lock", "HEAD.lock", "refs/heads/main.lock", "objects/pack/tmp_pack_x", "objects/pack/tmp_idx_x",
		"objects/pack/.tmp-7-pack-x.pack", "objects/pack/pack-1.pack", "objects/pack/pack-1.promisor", "objects/info/commit-graphs/x.lock",
		"objects/00/tmp_obj_x", "fourfold/landed-x.lock",
	}
	for _, name := range debris {
		path := filepath.Join(r.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	repo.On("main", "two")
	w.fetch(r)
	if got, _ := w.read(r, nil); len(got) != 2 {
		t.Errorf("commits %v", got)
	}
	for _, name := range debris {
		if _, err := os.Stat(filepath.Join(r.dir, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	if strings.Contains(w.logs.String(), "damaged") {
		t.Error(w.logs.String())
	}
}

func TestPacksAndRefsDoNotPileUp(t *testing.T) {
	w := setup(t)
	w.mirrors.enough = census{packs: 3, looseRefs: 2}
	repo := w.server.Create("acme/api")
	var all []string
	for i := range 12 {
		all = append(all, repo.On("main", fmt.Sprint(i)))
		repo.Point(fmt.Sprintf("refs/pull/%d/head", i), all[i])
		if i == 5 { // what nothing reaches any more stays through it all
			repo.Point("refs/heads/main", all[0])
		}
		r := w.open("acme/api")
		w.fetch(r)
		r.Close()
	}
	r := w.open("acme/api")
	found, err := r.mend()
	if err != nil || found.packs > 5 || found.looseRefs > 4 {
		t.Errorf("%+v, %v", found, err)
	}
	if absent, err := r.absent(t.Context(), all); err != nil || len(absent) > 0 {
		t.Errorf("lost %v, %v", absent, err)
	}
	got, _ := w.read(r, nil, all...)
	same(t, "commits", got, all...)
	if strings.Contains(w.logs.String(), "damaged") {
		t.Error(w.logs.String())
	}
}
