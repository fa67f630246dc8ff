package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/internal/fake/github"
)

// lostCommits is the small organisation after GitHub has forgotten what was forced away: the last deployment of acme/api
// is of a commit that is gone, and so is the branch of pull request 2. Then main is deployed as it is, with a feature
// merged, and with what was pushed to it; between them a branch beside it, and a release branch with a pull request of
// its own, written in another time zone.
func lostCommits() (org *github.Organisation, lost string) {
	org = github.Small()
	api := org.Repository("acme/api")
	ann := org.Accounts[1]
	last := api.Deployments[len(api.Deployments)-1]
	lost = last.SHA
	api.DeletePullHead(2)
	api.Prune()
	at := last.CreatedAt
	tick := func() time.Time { at = at.Add(20 * time.Minute); return at }
	commit := func(message string, parents ...string) string {
		when := tick().In(time.FixedZone("", 9*3600))
		return api.Commit(github.CommitSpec{Parents: parents, Author: ann.Signature(), AuthoredAt: when, Message: message, Files: map[string]string{"new": message}})
	}
	deploy := func(ref string) {
		api.AddDeployment(github.DeploymentSpec{Ref: ref, Creator: ann, CreatedAt: tick()}).Finish("success", tick())
	}
	deploy("main")
	api.Branch("feature", commit("Second", commit("First", api.Head("main"))))
	api.MergeMerge(api.OpenPull(github.PullSpec{Title: "A feature", Author: ann, Head: "feature", At: tick()}), ann, tick())
	deploy("main")
	api.Branch("beside", commit("Beside main", api.Head("main")))
	deploy("beside")
	api.Branch("release", api.Head("main"))
	api.Branch("backport", commit("Fix", commit("Try", api.Head("release"))))
	api.MergeSquash(api.OpenPull(github.PullSpec{Title: "A fix of the release", Author: ann, Base: "release", Head: "backport", At: tick()}), ann, tick())
	api.DeleteBranch("backport", tick())
	deploy("release")
	api.Branch("main", commit("Straight to main", api.Head("main")))
	deploy("main")
	return org, lost
}

func TestCommitsByTheAPIGiveTheMartsThatGitGives(t *testing.T) {
	t.Parallel()
	org, lost := lostCommits()
	var places []*workplace
	for _, by := range []string{"git", "api"} {
		server, base := serveGitHub(t, org)
		w := newWorkplace(t, githubNames(base, []string{"acme/api", "acme/web"}, "    commits: "+by, `privacy: {hash_key: "the same for both"}`))
		o := w.fails(0, "", "sync")
		if n := server.Counts()["git fetch"]; (n == 0) != (by == "api") {
			t.Errorf("%s: git was asked %d times", by, n)
		}
		warning := ""
		for line := range strings.Lines(o.stderr) {
			if strings.Contains(line, lost) {
				warning += line
			}
		}
		if strings.Count(warning, "\n") != 1 || !strings.Contains(warning, "level=WARN") || !strings.Contains(warning, "repository=acme/api") {
			t.Errorf("%s: what is said of the commit that is gone: %q", by, warning)
		}
		places = append(places, w)
	}
	var marts []map[string]string
	asOf := time.Now().UTC().Format(time.RFC3339Nano)
	for _, w := range places {
		w.run("build", "--as-of", asOf, "--publish")
		marts = append(marts, w.marts(w.one(`select build_id from publication`).(string)))
	}
	for _, table := range []string{"fct_deployments", "fct_changes", "fct_commits", "fct_measures", "four_keys", "shipped_commits", "ship_deployments"} {
		if lines := strings.Count(marts[0][table], "\n"); lines < 10 {
			t.Errorf("%s: only %d lines are compared", table, lines)
		}
		if d := cmp.Diff(strings.Split(marts[0][table], "\n"), strings.Split(marts[1][table], "\n")); d != "" {
			t.Errorf("%s (-git +api)\n%s", table, d)
		}
	}
	unknownCommits(t, places[0], lost)
}

// unknownCommits holds C6: the deployment of a commit that is gone and the first known one after it count, what they
// shipped has no lead time, and both are said. A pull request whose branch is gone begins with its opening.
func unknownCommits(t *testing.T, w *workplace, lost string) {
	t.Helper()
	for what, test := range map[string]struct {
		query string
		want  []string
	}{
		"deployments": {`select printf('%s counted %s, %s, shipped %d', substr(sha, 1, 8), is_counted::varchar, kind, commits_shipped) from fct_deployments
			where repository = 'acme/api' and environment = 'production' and created_at >= (select created_at from fct_deployments where sha = '` + lost + `') order by finished_at limit 3`, []string{
			lost[:8] + " counted true, forward, shipped 0", "e9970e77 counted true, forward, shipped 2", "706285fb counted true, forward, shipped 2",
		}},
		"changes": {`select printf('%s %s %s', change_id, coalesce(lead_time_seconds::varchar, 'none'), coalesce(exclusion_reason, 'counts')) from fct_changes where pull_request in (2, 5, 8, 9) order by 1`, []string{
			"acme/api#2 10800 counts", "acme/api#5 none C6 after a deployment of an unknown commit", "acme/api#8 none C6 after a deployment of an unknown commit", "acme/api#9 6000 counts",
		}},
		"commits": {`select printf('%d of %d', count(*) filter (exclusion_reason like 'C6%' and lead_time_seconds is null and not is_counted), count(*)) from fct_commits
			where deployment_id = (select 'deployments:' || source_id from ship_deployments where follows_unknown)`, []string{"2 of 2"}},
		"data_quality": {`select substr(f.sha, 1, 8) || case when d.detail like '%the commit ` + lost + ` of acme/api%' then ' is gone' else ' follows' end
			from data_quality as d join fct_deployments as f on f.deployment_id = d.object_id where d.rule = 'unknown_commit' order by f.finished_at`, []string{lost[:8] + " is gone", "e9970e77 follows"}},
		"the key": {`select value::varchar from four_keys where metric = 'deployments' and period_start = '2026-10-01' and period = 'month' and dimension = 'service' and dimension_value = 'api'`, []string{"11.0"}},
	} {
		if d := cmp.Diff(test.want, w.texts(test.query)); d != "" {
			t.Errorf("%s (-want +got)\n%s", what, d)
		}
	}
}

func TestAForcedAwayCommitThatTheServerStillHasIsFetchedByItsSHA(t *testing.T) {
	t.Parallel()
	org := github.Small()
	api := org.Repository("acme/api")
	forced := api.Deployments[len(api.Deployments)-1].SHA
	for _, by := range []string{"git", "api"} {
		_, base := serveGitHub(t, org)
		w := newWorkplace(t, githubNames(base, []string{"acme/api"}, "    commits: "+by))
		o := w.fails(0, "", "sync")
		if strings.Contains(o.stderr, forced) {
			t.Errorf("%s: it is said to be missing:\n%s", by, o.stderr)
		}
		if got := w.raw(`select title from github_commits where sha = '` + forced + `'`); len(got) != 1 || got[0] != "Soon forced away" {
			t.Errorf("%s: the commit is %q", by, got)
		}
	}
}

func TestCommitsAreTheSameRowsByGitAndByTheAPI(t *testing.T) {
	t.Parallel()
	org, _ := lostCommits()
	_, base := serveGitHub(t, org)
	config := func(by string) string {
		return githubNames(base, []string{"acme/api", "acme/web"}, "    commits: "+by, "privacy: {people: include}")
	}
	w := newWorkplace(t, config("git"))
	w.run("sync")
	all := githubStreams(t, w)["commits"].Live
	for round, by := range []string{"api", "git", "api", "git"} {
		w.configure(config(by))
		args := []string{"sync", "--source", "github", "--stream", "commits", "--full"}
		w.run(args[:5+round/2%2]...)
		if x := githubStreams(t, w)["commits"]; x.Added != 0 || x.Live != all {
			t.Errorf("round %d, by %s: %d versions are new, %d of %d commits are live", round, by, x.Added, x.Live, all)
		}
		// What is new meanwhile comes either way, once.
		org.Edit(func(o *github.Organisation) {
			r := o.Repository("acme/web")
			r.Branch("main", r.Commit(github.CommitSpec{
				Parents: []string{r.Head("main")}, Author: o.Accounts[2].Signature(), AuthoredAt: r.CreatedAt.Add(time.Duration(round) * time.Hour).In(time.FixedZone("", -3*3600)),
				Message: "Change " + by + "\n\nBy hand.\n", Files: map[string]string{"n": by},
			}))
		})
		w.run("sync")
		all++
		if x := githubStreams(t, w)["commits"]; x.Added != 1 || x.Live != all {
			t.Errorf("round %d, by %s, with one more: %d versions are new, %d of %d commits are live", round, by, x.Added, x.Live, all)
		}
	}
	// Mirrors can be made again.
	if err := os.RemoveAll(filepath.Join(w.data(), "mirrors")); err != nil {
		t.Fatal(err)
	}
	w.run("sync")
	if x := githubStreams(t, w)["commits"]; x.Added != 0 || x.Live != all || x.RowsRead < all {
		t.Errorf("with new mirrors %d commits were read, %d versions are new, %d of %d are live", x.RowsRead, x.Added, x.Live, all)
	}
}
