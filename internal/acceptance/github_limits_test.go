package acceptance

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/internal/fake/github"
)

func deadAddress() string {
	dead := httptest.NewServer(http.NotFoundHandler())
	defer dead.Close()
	return dead.URL
}

func TestGitHubThatCannotBeReachedIsSaidOnce(t *testing.T) {
	t.Parallel()
	dead := deadAddress()
	w := newWorkplace(t, githubNames(dead, []string{"acme/api", "acme/web"}))
	o := w.fails(1, "cannot be reached", "sync")
	if n := strings.Count(o.stderr, "level=WARN msg=stream"); n != 1 {
		t.Errorf("%d streams complain, want the first alone:\n%s", n, o.stderr)
	}
	says(t, "the last line", o.lastLine(), dead, "check the network")
	if text := w.run("status"); strings.Count(text, "cannot be reached") != 1 {
		t.Errorf("status says\n%s", text)
	}
}

func TestWhereGitCannotBeReachedOrUsedTheOtherStreamsLand(t *testing.T) {
	t.Parallel()
	old := t.TempDir()
	if err := os.WriteFile(filepath.Join(old, "git"), []byte("#!/bin/sh\necho git version 2.20.1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "git"), []byte("#!/bin/sh\necho no such thing >&2\nexit 127\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		promise, path, git string
		says               []string
	}{
		{"git is missing", t.TempDir(), "", []string{`no "git" on PATH`, "install git 2.31 or newer", "commits: api"}},
		{"git is too old", old, "", []string{"version 2.20", "2.31 is needed", "install git 2.31 or newer", "commits: api"}},
		{"git does not start", broken, "", []string{"install git 2.31 or newer", "commits: api"}},
		{"git's server is not there", "", deadAddress() + "/", []string{"acme/api", "git_url"}},
	} {
		t.Run(test.promise, func(t *testing.T) {
			t.Parallel()
			_, base := serveGitHub(t, github.Small())
			config := githubNames(base, []string{"acme/api", "acme/web"})
			if test.git != "" {
				config = strings.Replace(config, `git_url: "`+base+`/"`, `git_url: "`+test.git+`"`, 1)
			}
			w := newWorkplace(t, config)
			if test.path != "" {
				w = w.with("PATH=" + test.path)
			}
			o := w.fails(3, "2 of 5 streams failed", "sync")
			says(t, "the last line", o.lastLine(), test.says...)
			says(t, "status", w.run("status"), test.says...)
			got := githubStreams(t, w)
			if x := got["commits"]; x.Status != "failed" || x.Live != 0 {
				t.Errorf("commits: %+v", x)
			}
			for _, stream := range []string{"repositories", "deployments", "pull_requests"} {
				if x := got[stream]; x.Status != "ok" || x.Live == 0 {
					t.Errorf("%s: %+v", stream, x)
				}
			}
			if test.path == "" {
				return
			}
			// What the message offers.
			w.configure(strings.Replace(config, "    repositories:", "    commits: api\n    repositories:", 1))
			w.run("sync")
			if x := githubStreams(t, w)["commits"]; x.Status != "ok" || x.Live == 0 {
				t.Errorf("commits by the API: %+v", x)
			}
		})
	}
}

// budgets are GitHub's in the JSON of the status.
func budgets(t *testing.T, w *workplace) map[string]budget {
	t.Helper()
	var s struct {
		Budgets []budget `json:"api_budgets"`
	}
	if err := json.Unmarshal([]byte(w.run("status", "--format", "json")), &s); err != nil {
		t.Fatal(err)
	}
	out := map[string]budget{}
	for _, b := range s.Budgets {
		if _, twice := out[b.Source+" "+b.Bucket]; twice {
			t.Errorf("%s %s is there twice", b.Source, b.Bucket)
		}
		out[b.Source+" "+b.Bucket] = b
	}
	return out
}

type budget struct {
	Source, Bucket                   string
	Limit, Remaining, Allowed, Spent int64
	At, Reset                        time.Time
}

func TestGraphQLsRefusalWith200StopsUntilTheHourIsOver(t *testing.T) {
	t.Parallel()
	server, base := serveGitHub(t, github.Small())
	fault := server.Inject(github.On{Path: "/graphql", Skip: 1, Times: -1}, github.GraphRateLimited("RATE_LIMITED", time.Hour))
	w := newWorkplace(t, githubNames(base, []string{"acme/api", "acme/web"}))
	again := regexp.MustCompile(`run again after \d\d:\d\d UTC`)
	for _, round := range []string{"the first time", "within the hour"} {
		server.ResetRequests()
		o := w.fails(3, "2 of 5 streams failed", "sync")
		if !again.MatchString(o.lastLine()) {
			t.Errorf("%s: nobody is told when to run again:\n%s", round, o.lastLine())
		}
		if text := w.run("status"); !again.MatchString(text) {
			t.Errorf("%s: status does not say when to run again:\n%s", round, text)
		}
		if got := githubStreams(t, w); got["repositories"].Status != "ok" || got["commits"].Status != "ok" || got["commits"].Live == 0 || got["deployments"].Status != "failed" {
			t.Errorf("%s: %+v", round, got)
		}
		if n := server.Counts()["POST /graphql"]; round == "within the hour" && n != 0 {
			t.Errorf("%s: GraphQL was asked %d times", round, n)
		}
	}
	if fault.Hits() == 0 {
		t.Fatal("nothing was refused")
	}
	server.ClearFaults()
	w.hourLater(t)
	w.run("sync")
	if got := githubStreams(t, w); got["deployments"].Live != 17 || got["pull_requests"].Live != 5 {
		t.Errorf("an hour later: %+v", got)
	}
}

func TestAnHourOfRESTThatIsUsedUpIsSaidOnceAndBlamesNoPermission(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusForbidden, http.StatusTooManyRequests} {
		server, base := serveGitHub(t, github.Small())
		server.Inject(github.On{Path: "/repos/acme/api", Times: -1}, github.RateLimited(status, time.Hour))
		w := newWorkplace(t, githubNames(base, []string{"acme/api", "acme/web"}))
		o := w.fails(1, "rate limit exceeded", "sync")
		again := regexp.MustCompile(`run again after \d\d:\d\d UTC`)
		for what, text := range map[string]string{"the last line": o.lastLine(), "status": w.run("status")} {
			if n := len(again.FindAllString(text, -1)); n != 1 || strings.Contains(text, "permission") {
				t.Errorf("%d: %s says %d times when to run again:\n%s", status, what, n, text)
			}
		}
		o = w.fails(1, "nothing could be read: nothing is left of the 5000 points", "sync")
		if n := len(again.FindAllString(o.lastLine(), -1)); n != 1 {
			t.Errorf("%d: within the hour it is said %d times:\n%s", status, n, o.lastLine())
		}
	}
}

// hourLater moves what is known of quotas an hour into the past.
func (w *workplace) hourLater(t *testing.T) {
	t.Helper()
	path := filepath.Join(w.data(), "github", "spent.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var windows map[string]map[string]any
	if err := json.Unmarshal(text, &windows); err != nil {
		t.Fatal(err)
	}
	for _, x := range windows {
		reset, err := time.Parse(time.RFC3339, x["reset"].(string))
		if err != nil {
			t.Fatal(err)
		}
		x["reset"] = reset.Add(-2 * time.Hour)
	}
	if text, err = json.Marshal(windows); err == nil {
		err = os.WriteFile(path, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestASpentBudgetKeepsWhatWasReadAndTheNextRunGoesOn(t *testing.T) {
	t.Parallel()
	org := github.NewOrganisation("acme")
	r := org.AddRepository(github.RepositorySpec{Name: "big", CreatedAt: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)})
	sha := r.Commit(github.CommitSpec{Author: org.Account.Signature(), AuthoredAt: r.CreatedAt, Message: "Begin", Files: map[string]string{"a": "b"}})
	r.Branch("main", sha)
	for n := range 700 {
		at := r.CreatedAt.Add(time.Duration(n) * time.Hour)
		r.AddDeployment(github.DeploymentSpec{Ref: "main", Creator: org.Account, CreatedAt: at}).Finish("success", at.Add(time.Minute))
	}
	server, base := serveGitHub(t, org, github.WithLimits(github.Limits{Core: 10, GraphQL: 10}))
	w := newWorkplace(t, githubNames(base, []string{"acme/big"}))
	live := func() int64 { return githubStreams(t, w)["deployments"].Live }

	o := w.fails(3, "which is the share that sources.github.budget allows (50%)", "sync")
	first := live()
	if first == 0 || first >= 700 {
		t.Fatalf("%d deployments landed; want some of 700", first)
	}
	if !regexp.MustCompile(`5 points of this key's (core|graphql) quota of 10 are spent.*run again after \d\d:\d\d UTC, or allow more`).MatchString(o.lastLine()) {
		t.Errorf("at the end:\n%s", o.lastLine())
	}
	got := budgets(t, w)
	if b := got["github core"]; b.Limit != 10 || b.Allowed != 5 || b.Spent != 5 || b.Remaining != 5 || b.Reset.IsZero() {
		t.Errorf("core: %+v", b)
	}
	if b := got["github graphql"]; b.Limit != 10 || b.Allowed != 5 || b.Spent < 3 || b.Reset.IsZero() {
		t.Errorf("graphql: %+v", b)
	}
	says(t, "status", w.run("status"), "API budget of github (core): 5 of 10 points left", "5 of the 5 allowed until", "API budget of github (graphql):")

	// Within the hour nothing is asked for, and what was known of the quota stays known.
	server.ResetRequests()
	w.fails(1, "run again after", "sync")
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests within the hour", n)
	}
	if live() != first {
		t.Errorf("%d deployments are live, then %d", first, live())
	}
	if d := cmp.Diff(got, budgets(t, w)); d != "" {
		t.Errorf("budgets (-before +after)\n%s", d)
	}

	w.configure(githubNames(base, []string{"acme/big"}, "    budget: 100%"))
	w.try("sync")
	second := live()
	if second <= first {
		t.Errorf("with more allowed %d deployments are live, no more than %d", second, first)
	}
	for round := 0; githubStreams(t, w)["deployments"].Status != "ok" && round < 5; round++ {
		server.SetUsed("fourfold", "core", 0)
		server.SetUsed("fourfold", "graphql", 0)
		w.hourLater(t)
		w.try("sync")
	}
	if x := githubStreams(t, w)["deployments"]; x.Live != 700 || x.Status != "ok" {
		t.Errorf("hours later: %+v", x)
	}
	if n := w.raw(`select count(*) as n from github_deployments`)[0]; n != "700" {
		t.Errorf("%s versions of 700 deployments", n)
	}
}
