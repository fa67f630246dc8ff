package mirror

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract/github/mirror/mirrortest"
)

// book writes a history for git fast-import. A file's content is its name in the book, so that the same text is the same
// blob.
type book struct {
	strings.Builder
	marks int
}

// quote is how fast-import takes any name.
func quote(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		fmt.Fprintf(&b, `\%03o`, c)
	}
	return `"` + b.String() + `"`
}

// commit adds one on top of others. A change is "M 100644 inline path", with the name quoted, or "D path".
func (b *book) commit(ref, message string, parents []int, changes ...string) int {
	b.marks++
	fmt.Fprintf(b, "commit %s\nmark :%d\ncommitter Aki <aki@acme.test> %d +0900\ndata %d\n%s\n", ref, b.marks, 1_700_000_000+b.marks, len(message), message)
	for i, p := range parents {
		fmt.Fprintf(b, "%s :%d\n", []string{"from", "merge"}[min(i, 1)], p)
	}
	for _, c := range changes {
		b.WriteString(c + "\n")
	}
	return b.marks
}

func write(name, content string) string {
	return fmt.Sprintf("M 100644 inline %s\ndata %d\n%s", quote(name), len(content), content)
}

func remove(name string) string { return "D " + quote(name) }

func (b *book) into(repo *mirrortest.Repository) {
	repo.Input(b.String(), "fast-import", "--quiet", "--force")
}

// pathsByTitle reads a mirror and gives the paths of each commit by its message.
func (w *world) pathsByTitle(r *Mirror, landed ...string) map[string][]string {
	w.t.Helper()
	tips, err := r.Tips(w.t.Context(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string][]string{}
	for c, err := range r.CommitsWithPaths(w.t.Context(), tips, landed) {
		if err != nil {
			w.t.Fatal(err)
		}
		out[c.Message] = c.Paths
	}
	return out
}

func (w *world) withTrees(name string) *Mirror {
	w.t.Helper()
	r := w.open(name)
	r.NeedTrees()
	w.fetch(r)
	return r
}

func TestCommitsTellWhichFilesTheyChanged(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	hash := strings.Repeat("ab", 20)
	odd := []string{
		`with "quotes" and \ back`, "with\nnewlines\n", "with  spaces ", "tab\there", "日本語/手順.md", "-leading", ":(glob)x", hash, "M", "é",
	}
	var b book
	root := b.commit("refs/heads/main", "root", nil, write("a", "a"), write("services/api/main.go", "x"))
	change := b.commit("refs/heads/main", "change", []int{root}, write("services/api/main.go", "y"))
	empty := b.commit("refs/heads/main", "empty", []int{change})
	var names []string
	for _, name := range odd {
		names = append(names, write(name, name))
	}
	names = append(names, write("caf\xe9/\xff\xfe.txt", "latin"), write("caf\xe8/\xfd.txt", "the same text"))
	oddly := b.commit("refs/heads/main", "odd names", []int{empty}, names...)
	side := b.commit("refs/heads/side", "side", []int{change}, write("side", "s"))
	merge := b.commit("refs/heads/main", "merge", []int{oddly, side}, write("side", "s"), write("by the merge itself", "m"))
	module := b.commit("refs/heads/main", "submodule", []int{merge}, "M 160000 "+hash+" vendor/lib")
	moved := b.commit("refs/heads/main", "renamed", []int{module}, remove("a"), write("b", "a"))
	mode := b.commit("refs/heads/main", "made executable", []int{moved}, strings.Replace(write("b", "a"), "100644", "100755", 1))
	link := b.commit("refs/heads/main", "made a link", []int{mode}, strings.Replace(write("b", "a"), "100644", "120000", 1))
	folder := b.commit("refs/heads/main", "made a folder", []int{link}, remove("b"), write("b/c", "c"))
	b.commit("refs/heads/main", "removed", []int{folder}, remove("b/c"), remove("vendor/lib"))
	b.commit("refs/heads/other", "another root", nil, write("z", "z"))
	b.into(repo)
	want := map[string][]string{
		"root":   {"a", "services/api/main.go"},
		"change": {"services/api/main.go"},
		"empty":  {},
		"odd names": slices.Sorted(slices.Values(append(slices.Clone(odd),
			"caf\uFFFD/\uFFFD.txt"))), // two names that are one text
		"side":            {"side"},
		"merge":           nil,
		"submodule":       {"vendor/lib"},
		"renamed":         {"a", "b"},
		"made executable": {"b"},
		"made a link":     {"b"},
		"made a folder":   {"b", "b/c"},
		"removed":         {"b/c", "vendor/lib"},
		"another root":    {"z"},
	}
	r := w.withTrees("acme/api")
	if diff := cmp.Diff(want, w.pathsByTitle(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Without being asked it tells none.
	for c, err := range r.Commits(t.Context(), repo.Shas("main"), nil) {
		if err != nil || c.Paths != nil {
			t.Fatalf("%v, %v", c, err)
		}
	}
}

func TestRandomHistoriesTellWhatDiffersFromTheParent(t *testing.T) {
	pool := []string{"a", "a.b", "a/b", "a/b/c", "a-b/c", "a/b.c", "A", "services/api/x y.go", "services/apis/x", "ü", "é/ñ"}
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 1))
		w := setup(t)
		repo := w.server.Create("acme/api")
		var b book
		trees := map[int]map[string]string{0: {}}
		want := map[string][]string{}
		for k := range 80 {
			parent := rng.IntN(k + 1)
			files, changes, touched := maps.Clone(trees[parent]), []string(nil), map[string]bool{}
			for range rng.IntN(4) {
				name := pool[rng.IntN(len(pool))]
				for other := range files { // a file and a folder of one name are none of this test's
					if strings.HasPrefix(other, name+"/") || strings.HasPrefix(name, other+"/") {
						name = other
					}
				}
				touched[name] = true
				if _, there := files[name]; there && rng.IntN(2) == 0 {
					delete(files, name)
					changes = append(changes, remove(name))
				} else {
					files[name] = fmt.Sprint(rng.IntN(3))
					changes = append(changes, write(name, files[name]))
				}
			}
			paths := []string{}
			for name := range touched {
				before, was := trees[parent][name]
				if after, is := files[name]; was != is || before != after {
					paths = append(paths, name)
				}
			}
			slices.Sort(paths)
			var parents []int
			if parent > 0 {
				parents = []int{parent}
			}
			title := fmt.Sprint("commit ", k+1)
			mark := b.commit(fmt.Sprint("refs/heads/b", k), title, parents, changes...)
			trees[mark], want[title] = files, paths
		}
		b.into(repo)
		if diff := cmp.Diff(want, w.pathsByTitle(w.withTrees("acme/api"))); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

func TestAMirrorWithoutTreesIsMadeAnewWhenPathsAreWantedAndThenStays(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	var b book
	b.commit("refs/heads/main", "one", nil, write("one", "1"))
	b.commit("refs/heads/gone", "forced away", []int{1}, write("lost/and found", "2"))
	b.into(repo)
	lost := repo.Git("rev-parse", "gone")
	repo.Git("update-ref", "-d", "refs/heads/gone")
	landed := repo.Shas("main")

	r := w.open("acme/api")
	w.fetch(r)
	if err := r.Land("g", "", landed); err != nil {
		t.Fatal(err)
	}
	for range r.CommitsWithPaths(t.Context(), landed, nil) { // which a mirror without trees cannot tell
		break
	}
	w.fetch(r)
	if _, ok := r.Landed("g"); !ok {
		t.Error("a mirror of which nobody wants paths was made anew")
	}
	r.Close()

	r = w.withTrees("acme/api")
	if _, ok := r.Landed("g"); ok {
		t.Error("what had landed without paths is taken for landed")
	}
	if diff := cmp.Diff(map[string][]string{"one": {"one"}}, w.pathsByTitle(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := r.Land("h", "", landed); err != nil {
		t.Fatal(err)
	}
	r.Close()

	repo.Input("feature done\ncommit refs/heads/main\ncommitter A <a@b> 1700000999 +0000\ndata 3\ntwo\nfrom refs/heads/main^0\n"+write("two", "2")+"\ndone\n", "fast-import", "--quiet")
	r = w.open("acme/api") // nobody wants paths any more
	w.fetch(r)
	if _, err := r.Want(t.Context(), "deployed", []string{lost}); err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Landed("h"); !ok {
		t.Error("a mirror with trees was made anew")
	}
	r.Close()
	r = w.withTrees("acme/api")
	got := w.pathsByTitle(r, landed...)
	for c, err := range r.CommitsWithPaths(t.Context(), []string{lost}, landed) {
		if err != nil {
			t.Fatal(err)
		}
		got[c.Message] = c.Paths
	}
	if diff := cmp.Diff(map[string][]string{"two": {"two"}, "forced away": {"lost/and found"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, ok := r.Landed("h"); !ok {
		t.Error("a mirror with trees was made anew")
	}
	// Of the files themselves there is none, and nobody is asked for them.
	w.server.Requests()
	for _, sha := range strings.Fields(repo.Git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)")) {
		if len(sha) != 40 || repo.Git("cat-file", "-t", sha) != "blob" {
			continue
		}
		if _, err := r.run(t.Context(), r.dir, settings(), nil, "cat-file", "-e", sha); err == nil {
			t.Errorf("the mirror holds the file %s", sha)
		}
	}
	if asked := w.server.Requests(); len(asked) > 0 {
		t.Errorf("a reader asked for %v", asked)
	}
}

func TestPathsThatEndEarlyAreAnErrorAndNeverAFewOfThem(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	var b book
	want := map[string][]string{}
	for k := range 6 {
		name := fmt.Sprint("folder/file ", k)
		title := fmt.Sprint("commit ", k)
		parents := []int{k}
		if k == 0 {
			parents = nil
		}
		b.commit("refs/heads/main", title, parents, write(name, title), write(name+"b", title))
		want[title] = []string{name, name + "b"}
	}
	b.into(repo)
	r := w.withTrees("acme/api")
	tips := repo.Shas("-1", "main")
	git := w.mirrors.git.path
	whole := len(want) * (41 + 2*len("M.folder/file 0.") + 1)
	for bytes := range whole + 1 {
		code := 0
		if bytes < whole {
			code = 3
		}
		w.mirrors.git.path = script(t, fmt.Sprintf(`if [ "$1" = diff-tree ]; then %s "$@" | head -c %d; exit %d; fi
exec %[1]s "$@"`, git, bytes, code))
		var failed error
		n := 0
		for c, err := range r.CommitsWithPaths(t.Context(), tips, nil) {
			if err != nil {
				failed = err
				break
			}
			n++
			if diff := cmp.Diff(want[c.Message], c.Paths); diff != "" {
				t.Fatalf("cut to %d bytes: %s (-want +got):\n%s", bytes, c.Message, diff)
			}
		}
		if (failed == nil) != (bytes == whole) || failed == nil && n != len(want) {
			t.Fatalf("cut to %d of %d bytes: %d commits, %v", bytes, whole, n, failed)
		}
	}
}

func TestTreesThatAreLostAreDamage(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	var b book
	b.commit("refs/heads/main", "one", nil, write("a", "1"))
	b.into(repo)
	r := w.open("acme/api")
	w.fetch(r) // without them
	tips := repo.Shas("main")
	var failed error
	for _, err := range r.CommitsWithPaths(t.Context(), tips, nil) {
		failed = err
	}
	if !Damaged(failed) {
		t.Errorf("%v is no damage", failed)
	}
	r.NeedTrees()
	if err := r.Rebuild(t.Context(), errors.New("no trees")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]string{"one": {"a"}}, w.pathsByTitle(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
