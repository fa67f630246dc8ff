package github

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var day = time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)

// git runs git with nothing of the machine's configuration.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := tryGit(dir, args...)
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(out)
}

func tryGit(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestRepositoriesOnTheDiskAreGoodToGit(t *testing.T) {
	o, all := Small(), t.TempDir()
	if err := o.WriteTo(all); err != nil {
		t.Fatal(err)
	}
	for _, r := range o.Repositories {
		dir := filepath.Join(all, r.FullName()+".git")
		if out := git(t, dir, "fsck", "--strict", "--full"); strings.Contains(out, "error") || strings.Contains(out, "missing") {
			t.Errorf("%s: %s", r.FullName(), out)
		}
		for name, sha := range r.refs {
			if got := git(t, dir, "rev-parse", name); got != sha {
				t.Errorf("%s of %s: %s, want %s", name, r.FullName(), got, sha)
			}
			var want []string
			for _, c := range r.log(r.store.peel(sha), nil) {
				want = append(want, c.SHA)
			}
			got := strings.Fields(git(t, dir, "rev-list", "--date-order", name))
			if len(got) != len(want) {
				t.Errorf("%s of %s: %d commits, want %d", name, r.FullName(), len(got), len(want))
			}
		}
	}
}

func TestShasAreThoseThatGitGives(t *testing.T) {
	o := NewOrganisation("acme")
	r := o.AddRepository(RepositorySpec{Name: "api"})
	jst := time.FixedZone("JST", 9*3600)
	a := r.Commit(CommitSpec{Message: "First\n\nWhy.", Author: Signature{"佐藤 花子", "hanako@example.test"}, AuthoredAt: day.In(jst), Files: map[string]string{"a/b/c.txt": "1\n", "a.txt": "2\n", "a-b": "3\n"}})
	b := r.Commit(CommitSpec{
		Parents: []string{a}, Message: "Second", Author: Signature{"Ann", "ann@example.test"}, AuthoredAt: day, CommittedAt: day.Add(time.Hour),
		Files: map[string]string{"a/d.txt": "4\n"}, Remove: []string{"a/b/c.txt"},
	})
	r.Branch("main", b)
	dir := t.TempDir()
	git(t, dir, "init", "-q", ".")
	write := func(name, content string) {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	commit := func(c *Commit) string {
		git(t, dir, "add", "-A")
		cmd := exec.Command("git", "commit", "-q", "-m", c.Message)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME="+c.Author.Name, "GIT_AUTHOR_EMAIL="+c.Author.Email, "GIT_AUTHOR_DATE="+c.AuthoredAt.Format(time.RFC3339),
			"GIT_COMMITTER_NAME="+c.Committer.Name, "GIT_COMMITTER_EMAIL="+c.Committer.Email, "GIT_COMMITTER_DATE="+c.CommittedAt.Format(time.RFC3339))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return git(t, dir, "rev-parse", "HEAD")
	}
	write("a/b/c.txt", "1\n")
	write("a.txt", "2\n")
	write("a-b", "3\n")
	first := commit(r.CommitObject(a))
	write("a/d.txt", "4\n")
	if err := os.Remove(filepath.Join(dir, "a/b/c.txt")); err != nil {
		t.Fatal(err)
	}
	second := commit(r.CommitObject(b))
	if diff := cmp.Diff([]string{first, second}, []string{a, b}); diff != "" {
		t.Error(diff)
	}
}

func TestMergesMakeTheCommitsThatGitHubMakes(t *testing.T) {
	o := NewOrganisation("acme")
	ann := o.AddAccount(Account{Login: "ann", Name: "Ann", Email: "ann@example.test"})
	ben := o.AddAccount(Account{Login: "ben", Name: "Ben", Email: "ben@example.test"})
	r := o.AddRepository(RepositorySpec{Name: "api"})
	r.Branch("main", r.Commit(CommitSpec{Message: "Begin", Author: ann.Signature(), AuthoredAt: day, Files: map[string]string{"README": "api\n"}}))
	pull := func(n int) *PullRequest {
		tip := r.Head("main")
		for k := range 2 {
			tip = r.Commit(CommitSpec{
				Parents: []string{tip}, Message: fmt.Sprintf("Step %d of %d", k+1, n), Author: ann.Signature(),
				AuthoredAt: day.Add(time.Duration(n*10+k) * time.Minute), Files: map[string]string{fmt.Sprintf("f%d-%d", n, k): "x\n"},
			})
		}
		r.Branch(fmt.Sprintf("topic-%d", n), tip)
		// The base goes on meanwhile.
		r.Branch("main", r.Commit(CommitSpec{
			Parents: []string{r.Head("main")}, Message: "Meanwhile", Author: ben.Signature(),
			AuthoredAt: day.Add(time.Duration(n*10+5) * time.Minute), Files: map[string]string{fmt.Sprintf("m%d", n): "y\n"},
		}))
		return r.OpenPull(PullSpec{Title: "Add it", Author: ann, Head: fmt.Sprintf("topic-%d", n), At: day.Add(time.Duration(n*10+6) * time.Minute)})
	}
	at := day.Add(time.Hour)
	merge := pull(1)
	before := r.Head("main")
	sha := r.MergeMerge(merge, ben, at)
	c := r.CommitObject(sha)
	if diff := cmp.Diff([]string{before, merge.HeadOID}, c.Parents); diff != "" || c.Message != "Merge pull request #1 from acme/topic-1\n\nAdd it\n" || c.Committer != Noreply || c.Author != ben.Signature() {
		t.Errorf("merge: %s %+v", diff, c)
	}
	squash := pull(2)
	before = r.Head("main")
	c = r.CommitObject(r.MergeSquash(squash, ben, at))
	if diff := cmp.Diff([]string{before}, c.Parents); diff != "" || c.Message != "Add it (#2)\n\n* Step 1 of 2\n\n* Step 2 of 2\n" || c.Committer != Noreply || c.Author != ann.Signature() {
		t.Errorf("squash: %s %+v", diff, c)
	}
	rebase := pull(3)
	before = r.Head("main")
	c = r.CommitObject(r.MergeRebase(rebase, ben, at))
	first := r.CommitObject(c.Parents[0])
	if first.Parents[0] != before || c.Headline() != "Step 2 of 3" || !c.AuthoredAt.Equal(r.CommitObject(rebase.HeadOID).AuthoredAt) || c.Committer != ben.Signature() {
		t.Errorf("rebase: %+v on %+v", c, first)
	}
	if rebase.MergeOID != r.Head("main") || rebase.State != "MERGED" || !rebase.MergedAt.Equal(at) || len(rebase.Commits) != 2 {
		t.Errorf("the rebased pull request: %+v", rebase)
	}
	dir := filepath.Join(t.TempDir(), "api")
	if err := r.WriteTo(dir); err != nil {
		t.Fatal(err)
	}
	want := "README f1-0 f1-1 f2-0 f2-1 f3-0 f3-1 m1 m2 m3"
	if got := strings.Join(strings.Fields(git(t, dir, "ls-tree", "--name-only", "main")), " "); got != want {
		t.Errorf("the files are %q, want %q", got, want)
	}
	for sha, want := range map[string]int{merge.MergeOID: 1, squash.MergeOID: 2, rebase.MergeOID: 3, c.Parents[0]: 3, merge.HeadOID: 1, squash.HeadOID: 2} {
		if got := r.pullsOf(sha); len(got) != 1 || got[0].Number != want {
			t.Errorf("the pull requests of %s: %v, want #%d", sha, got, want)
		}
	}
}

func TestALostCommitStaysUntilItIsPruned(t *testing.T) {
	o := NewOrganisation("acme")
	r := o.AddRepository(RepositorySpec{Name: "api"})
	ann := o.AddAccount(Account{Login: "ann"})
	a := r.Commit(CommitSpec{Message: "One", Author: ann.Signature(), AuthoredAt: day})
	b := r.Commit(CommitSpec{Parents: []string{a}, Message: "Two", Author: ann.Signature(), AuthoredAt: day.Add(time.Hour)})
	c := r.Commit(CommitSpec{Parents: []string{a}, Message: "Two again", Author: ann.Signature(), AuthoredAt: day.Add(2 * time.Hour)})
	dir := filepath.Join(t.TempDir(), "api")
	r.Branch("main", b)
	if err := r.WriteTo(dir); err != nil || !r.isReachable(b) {
		t.Fatalf("%v; reachable %v", err, r.isReachable(b))
	}
	r.Branch("main", c)
	if r.isReachable(b) || r.CommitObject(b) == nil {
		t.Error("after the force push the commit is reachable, or gone already")
	}
	if err := r.WriteTo(dir); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "cat-file", "-e", b)
	r.Prune()
	if err := r.WriteTo(dir); err != nil || r.CommitObject(b) != nil {
		t.Fatalf("%v, object %v", err, r.CommitObject(b))
	}
	if out, err := tryGit(dir, "cat-file", "-e", b); err == nil {
		t.Errorf("the pruned commit is there: %s", out)
	}
	git(t, dir, "fsck", "--strict")
	kinds := []string{}
	for _, x := range r.Activities {
		kinds = append(kinds, x.Type)
	}
	if diff := cmp.Diff([]string{"branch_creation", "force_push"}, kinds); diff != "" {
		t.Error(diff)
	}
}
