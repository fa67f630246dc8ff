package mirror

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDeployedCommitsThatNoRefReachesAreFetchedAndKept(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	one := repo.On("main", "one")
	gone := repo.Commit("forced away", repo.Commit("and its parent", one))
	r := w.open("acme/api")
	w.fetch(r)
	w.server.Requests()
	got, err := r.Want(t.Context(), "deployed", []string{gone, one})
	if err != nil || len(got.Missing)+len(got.Asked) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
	commits, _ := w.read(r, []string{one}, gone)
	if len(commits) != 2 {
		t.Errorf("commits %v", commits)
	}
	if ref := strings.TrimSpace(string(must(r.run(t.Context(), r.dir, settings(), nil, "rev-parse", "refs/fourfold/deployed/"+gone)))); ref != gone {
		t.Errorf("kept by %q", ref)
	}
	w.fetch(r) // which prunes
	w.server.Requests()
	if got, err = r.Want(t.Context(), "deployed", []string{gone}); err != nil || len(got.Missing) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if asked := w.server.Requests(); len(asked) > 0 {
		t.Errorf("what is there was asked for again: %v", asked)
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestCommitsThatTheServerLostAreNamedAndAskedForOnceADay(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	one := repo.On("main", "one")
	r := w.open("acme/api")
	w.fetch(r)
	var wanted, lost []string
	for i := range 9 {
		if i%3 == 1 {
			lost = append(lost, fmt.Sprintf("%040x", i+1))
			wanted = append(wanted, lost[len(lost)-1])
		} else {
			wanted = append(wanted, repo.Commit(fmt.Sprint("forced away ", i), one))
		}
	}
	want := func(r *Mirror, what string, missing, asked []string) {
		t.Helper()
		got, err := r.Want(t.Context(), "deployed", wanted)
		if diff := cmp.Diff(Wanted{Missing: missing, Asked: asked}, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
		}
	}
	want(r, "at first", lost, lost)
	if commits, _ := w.read(r, []string{one}, wanted...); len(commits) != 6 {
		t.Errorf("commits %v", commits)
	}
	r.Close()
	w.start()
	r = w.open("acme/api")
	w.clock.Advance(23 * time.Hour)
	w.server.Requests()
	want(r, "within a day", lost, nil)
	if asked := w.server.Requests(); len(asked) > 0 {
		t.Errorf("asked %v", asked)
	}
	w.clock.Advance(2 * time.Hour)
	want(r, "a day later", lost, lost)
	want(r, "and after that", lost, nil)
}

func TestAServerThatRefusesWithoutANameIsAskedForHalves(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	one := repo.On("main", "one")
	r := w.open("acme/api")
	w.fetch(r)
	var wanted []string
	for i := range 8 {
		wanted = append(wanted, repo.Commit(fmt.Sprint("forced away ", i), one))
	}
	wanted[3], wanted[6] = strings.Repeat("3", 40), strings.Repeat("6", 40)
	git := w.mirrors.git.path
	w.mirrors.git.path = script(t, fmt.Sprintf(`
%s "$@" 2>%s/err; code=$?
sed 's/not our ref.*/some of it is not here/' %[2]s/err >&2
exit $code`, git, t.TempDir()))
	got, err := r.Want(t.Context(), "deployed", wanted)
	if diff := cmp.Diff([]string{wanted[3], wanted[6]}, got.Missing); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestWhatWasRefusedIsRememberedAlthoughTheRestFailed(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	one := repo.On("main", "one")
	gone := repo.Commit("forced away", one)
	r := w.open("acme/api")
	w.fetch(r)
	lost := strings.Repeat("1", 40)
	posts := 0
	w.server.Intercept(func(rw http.ResponseWriter, req *http.Request) bool {
		if req.Method == http.MethodPost {
			posts++
		}
		if posts > 1 { // the first names what is lost, then nothing goes any more
			rw.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	if _, err := r.Want(t.Context(), "deployed", []string{lost, gone}); err == nil {
		t.Error("no error")
	}
	w.server.Intercept(nil)
	got, err := r.Want(t.Context(), "deployed", []string{lost, gone})
	if diff := cmp.Diff(Wanted{Missing: []string{lost}}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestListsOfLandedTipsAreWholeOrNotThere(t *testing.T) {
	w := setup(t)
	w.server.Create("acme/api")
	r := w.open("acme/api")
	w.fetch(r)
	tips := []string{strings.Repeat("b", 40), strings.Repeat("a", 40), strings.Repeat("b", 40)}
	if err := r.Land("g1", "", tips); err != nil {
		t.Fatal(err)
	}
	got, ok := r.Landed("g1")
	if diff := cmp.Diff([]string{strings.Repeat("a", 40), strings.Repeat("b", 40)}, got); !ok || diff != "" {
		t.Errorf("%v (-want +got):\n%s", ok, diff)
	}
	for _, name := range []string{"", "g2", "../g1"} {
		if _, ok := r.Landed(name); ok {
			t.Errorf("%q is there", name)
		}
	}
	path := filepath.Join(r.dir, stateDir, "landed-g1")
	whole := must(os.ReadFile(path))
	for n := range len(whole) {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := r.Landed("g1"); ok {
			t.Errorf("cut to %d bytes it is %v", n, got)
		}
	}
	if err := r.Land("none", "", nil); err != nil {
		t.Fatal(err)
	}
	if got, ok := r.Landed("none"); !ok || len(got) > 0 {
		t.Errorf("%v, %v", got, ok)
	}
}

func TestTheListInUseOutlivesThoseThatWereNeverUsed(t *testing.T) {
	w := setup(t)
	w.server.Create("acme/api")
	r := w.open("acme/api")
	w.fetch(r)
	sha := strings.Repeat("a", 40)
	if err := r.Land("used", "", []string{sha}); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(r.landedFile("used"), old, old); err != nil {
		t.Fatal(err)
	}
	for i := range 20 { // runs that were killed before their page landed
		if err := r.Land(fmt.Sprintf("killed-%02d", i), "used", []string{sha}); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := r.Landed("used"); !ok {
		t.Error("the list in use is gone")
	}
	files, err := filepath.Glob(r.landedFile("*"))
	if err != nil || len(files) > keptGenerations+2 {
		t.Errorf("%d lists, %v", len(files), err)
	}
}
