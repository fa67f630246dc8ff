package github

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fetcher is a git with a token, which it is given as the README of the facts says: by the environment.
type fetcher struct {
	t     *testing.T
	base  string
	token string
}

func (f fetcher) run(dir string, args ...string) (string, error) {
	f.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	if f.token != "" {
		cmd.Env = append(cmd.Env, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http."+f.base+"/.extraheader",
			"GIT_CONFIG_VALUE_0=Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("x-access-token:"+f.token)))
	}
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func (f fetcher) must(dir string, args ...string) string {
	f.t.Helper()
	out, err := f.run(dir, args...)
	if err != nil {
		f.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return out
}

func TestGitClonesFetchesAndFindsWhatNothingReaches(t *testing.T) {
	s := NewServer(Small(), WithoutLimits())
	base, stop := s.Start()
	defer stop()
	r := s.org.Repository("acme/api")
	f := fetcher{t, base, DefaultToken}
	dir := filepath.Join(t.TempDir(), "api.git")
	f.must(".", "clone", "-q", "--bare", "--filter=tree:0", base+"/acme/api.git", dir)
	if got := f.must(dir, "rev-parse", "main"); got != r.Head("main") {
		t.Errorf("main is %s, want %s", got, r.Head("main"))
	}
	if out, err := f.run(dir, "rev-list", "--objects", "--missing=print", "--all"); err != nil || strings.Count(out, "?") == 0 {
		t.Errorf("the filter left nothing out: %v %s", err, out)
	}
	f.must(dir, "fetch", "-q", "--filter=tree:0", "origin", "+refs/pull/*/head:refs/pull/*/head")
	if got := f.must(dir, "rev-parse", "refs/pull/2/head"); got != r.Pull(2).HeadOID {
		t.Errorf("the head of #2 is %s", got)
	}
	lost := r.Deployments[len(r.Deployments)-1].SHA
	f.must(dir, "fetch", "-q", "--filter=tree:0", "origin", lost)
	if got := f.must(dir, "cat-file", "-t", lost); got != "commit" {
		t.Errorf("the lost commit is a %s", got)
	}
	var added string
	s.org.Edit(func(o *Organisation) {
		added = r.Commit(CommitSpec{Parents: []string{r.Head("main")}, Message: "More", Author: o.Accounts[1].Signature(), AuthoredAt: laterThanSmall, Files: map[string]string{"more": "1\n"}})
		r.Branch("main", added)
		r.DeleteBranch("cache", laterThanSmall)
	})
	f.must(dir, "fetch", "-q", "--prune", "--filter=tree:0", "origin", "+refs/heads/*:refs/heads/*")
	if got := f.must(dir, "rev-parse", "main"); got != added {
		t.Errorf("main is %s after the fetch, want %s", got, added)
	}
	if out, err := f.run(dir, "rev-parse", "--verify", "-q", "refs/heads/cache"); err == nil {
		t.Errorf("the branch that is gone is %s", out)
	}
	counts := s.Counts()
	if counts["git refs"] != 4 || counts["git fetch"] < 4 || s.Points()["core"] != 0 {
		t.Errorf("%v, %v", counts, s.Points())
	}
	s.org.Edit(func(*Organisation) { r.Prune() })
	other := filepath.Join(t.TempDir(), "again.git")
	f.must(".", "clone", "-q", "--bare", "--filter=tree:0", base+"/acme/api", other)
	if out, err := f.run(other, "fetch", "-q", "--filter=tree:0", "origin", lost); err == nil || !strings.Contains(out, "not our ref") {
		t.Errorf("a commit that was pruned: %v %s", err, out)
	}
}

func TestGitServesForksEmptyAndRenamedRepositories(t *testing.T) {
	s := NewServer(Small())
	base, stop := s.Start()
	defer stop()
	f := fetcher{t, base, DefaultToken}
	fork := s.org.Repository("ben/api")
	if got := f.must(".", "ls-remote", base+"/ben/api.git", "refs/heads/patch-1"); !strings.HasPrefix(got, fork.Head("patch-1")) {
		t.Errorf("the fork's branch: %s", got)
	}
	dir := filepath.Join(t.TempDir(), "fork.git")
	f.must(".", "clone", "-q", "--bare", base+"/ben/api.git", dir)
	git(t, dir, "fsck")
	if got := f.must(".", "ls-remote", base+"/acme/empty.git"); got != "" {
		t.Errorf("the empty repository has %s", got)
	}
	f.must(".", "clone", "-q", "--bare", base+"/acme/empty.git", filepath.Join(t.TempDir(), "empty.git"))
	s.org.Edit(func(o *Organisation) { o.Rename(o.Repository("acme/api"), "core", laterThanSmall) })
	f.must(".", "clone", "-q", "--bare", base+"/acme/api.git", filepath.Join(t.TempDir(), "renamed.git"))
}

func TestGitAsksForCredentialsAndRefusesAsGitHubDoes(t *testing.T) {
	s := NewServer(Small(), WithTokens(
		Token{Name: "all", Secret: DefaultToken},
		Token{Name: "few", Secret: "few", Grants: []Grant{{Repositories: []string{"acme/api"}, Permissions: []string{"deployments"}}}},
	))
	base, stop := s.Start()
	defer stop()
	for _, x := range []struct{ token, repository, want string }{
		{"", "acme/web", ""},
		{"", "acme/api", "could not read Username"},
		{"", "acme/nothing", "could not read Username"},
		{"wrong", "acme/api", "could not read Username"},
		{DefaultToken, "acme/nothing", "Repository not found"},
		{"few", "acme/old", "Repository not found"},
		{"few", "acme/api", "The requested URL returned error: 403"},
	} {
		f := fetcher{t, base, x.token}
		out, err := f.run(".", "ls-remote", base+"/"+x.repository+".git")
		if (err == nil) != (x.want == "") || !strings.Contains(out, x.want) {
			t.Errorf("%q at %s: %v %s, want %q", x.token, x.repository, err, out, x.want)
		}
	}
	f := fetcher{t, base, DefaultToken}
	s.Inject(On{Path: "/acme/api.git/git-upload-pack", Times: -1}, Reset())
	if _, err := f.run(".", "clone", "-q", "--bare", base+"/acme/api.git", filepath.Join(t.TempDir(), "x.git")); err == nil {
		t.Error("a broken connection went unnoticed")
	}
	s.ClearFaults()
	f.must(".", "clone", "-q", "--bare", base+"/acme/api.git", filepath.Join(t.TempDir(), "y.git"))
	var got []string
	for _, r := range s.Requests() {
		if r.Token == "few" {
			got = append(got, r.Endpoint+" "+r.Repository+" "+itoa(r.Status))
		}
	}
	if diff := cmp.Diff([]string{"git refs acme/old 404", "git refs acme/api 403"}, got); diff != "" {
		t.Error(diff)
	}
}
