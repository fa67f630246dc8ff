package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/internal/fake/github"
)

// says reports what is missing in a text.
func says(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%s lacks %q:\n%s", what, word, text)
		}
	}
}

// inLedger gives the repositories of which a table has rows.
func (w *workplace) inLedger(table string) string {
	w.t.Helper()
	q := `select distinct r.name as name from github_repositories as r join github_` + table + ` as x on x.repository_id = r.id order by 1`
	if table == "repositories" {
		q = `select distinct name from github_repositories order by 1`
	}
	return strings.Join(w.raw(q), " ")
}

func TestRepositoriesThatAreNotWhatTheirNameSaysAreNamedAndTheOthersLand(t *testing.T) {
	t.Parallel()
	org := github.Small()
	secret := org.AddRepository(github.RepositorySpec{Name: "secret"})
	org.Rename(org.Repository("acme/web"), "site", secret.CreatedAt)
	server, base := serveGitHub(t, org)
	everything := []string{"contents", "deployments", "pull_requests"}
	server.RestrictToken("fourfold", []github.Grant{{Repositories: []string{"acme/api", "acme/site", "acme/old", "acme/empty"}, Permissions: everything}})
	w := newWorkplace(t, githubNames(base, []string{"acme/api", "acme/web", "acme/old", "acme/empty", "acme/gone", "acme/secret", "acme/no-such-*"}))

	words := map[string][]string{
		"repositories": {
			"acme/web", "renamed to acme/site", "acme/old", "archived", "acme/gone", "acme/secret", "404",
			"it is gone, or the token may not see it", "acme/no-such-*", "matches none of the 4 repositories",
		},
		"commits": {"acme/empty", "is empty"},
	}
	for round, name := range []string{"the first time", "with nothing new"} {
		o := w.fails(3, "2 of 5 streams failed", "sync")
		for _, list := range words {
			says(t, name+", stderr", o.stderr, list...)
			says(t, name+", the last line", o.lastLine(), list...)
		}
		got := githubStreams(t, w)
		for stream, list := range words {
			if got[stream].Status != "partial" {
				t.Errorf("%s: %s is %s", name, stream, got[stream].Status)
			}
			says(t, name+", status of "+stream, got[stream].Error, list...)
		}
		says(t, name+", status", w.run("status"), append(words["repositories"], words["commits"]...)...)
		for _, stream := range []string{"deployments", "pull_requests"} {
			if x := got[stream]; x.Status != "ok" || x.Error != "" {
				t.Errorf("%s: %s is %s: %s", name, stream, x.Status, x.Error)
			}
		}
		if added := got["deployments"].Added + got["pull_requests"].Added + got["commits"].Added; (added == 0) != (round == 1) {
			t.Errorf("%s: %d versions are new", name, added)
		}
	}
	for table, want := range map[string]string{
		"repositories": "acme/api acme/empty acme/old acme/site", "deployments": "acme/api acme/site",
		"pull_requests": "acme/api", "commits": "acme/api acme/old acme/site",
	} {
		if d := cmp.Diff(want, w.inLedger(table)); d != "" {
			t.Errorf("%s (-want +got)\n%s", table, d)
		}
	}

	// What the messages ask for makes it whole.
	w.configure(githubToken(base, github.DefaultToken, "    repositories: [{name: acme/api}, {name: acme/site}, {name: acme/old, archived: true}]"))
	if o := w.try("sync"); o.code != 0 {
		t.Errorf("put right: exit %d\n%s", o.code, o.stderr)
	}
	if text := w.run("status"); strings.Contains(text, "failed") || strings.Contains(text, "partial") || strings.Contains(text, "acme/") {
		t.Errorf("put right, status still says\n%s", text)
	}
}

func TestATokenWithoutAPermissionIsToldWhichForWhichRepository(t *testing.T) {
	t.Parallel()
	all := []string{"contents", "deployments", "pull_requests"}
	for _, test := range []struct {
		permission, says string
		failed           map[string]string // streams that fail, and what has landed of them
	}{
		{"deployments", `"deployments: read"`, map[string]string{"deployments": "acme/other"}},
		{"pull_requests", `"pull requests: read"`, map[string]string{"pull_requests": ""}},
		{"contents", `"contents: read"`, map[string]string{"commits": "acme/other", "pull_requests": ""}}, // a merge commit is content
		{"metadata", `"metadata: read"`, map[string]string{"repositories": "acme/other"}},
	} {
		t.Run(test.permission, func(t *testing.T) {
			t.Parallel()
			org := github.Small()
			other := org.AddRepository(github.RepositorySpec{Name: "other"})
			begin(other, org.Accounts[1])
			server, base := serveGitHub(t, org)
			var rest []string
			for _, p := range all {
				if p != test.permission {
					rest = append(rest, p)
				}
			}
			server.RestrictToken("fourfold", []github.Grant{{Repositories: []string{"acme/api"}, Permissions: rest}, {Repositories: []string{"acme/other"}, Permissions: all}})
			if test.permission == "metadata" {
				server.Inject(github.On{Path: "/repos/acme/api", Times: -1}, github.Answer(http.StatusForbidden, "Resource not accessible by personal access token"))
			}
			w := newWorkplace(t, githubNames(base, []string{"acme/api", "acme/other"}))
			for _, round := range []string{"the first time", "the second time"} {
				o := w.fails(3, "streams failed", "sync")
				got := githubStreams(t, w)
				text := w.run("status")
				for stream, landed := range test.failed {
					if got[stream].Status != "partial" {
						t.Errorf("%s: %s is %s", round, stream, got[stream].Status)
					}
					for what, said := range map[string]string{"status": text, "JSON of the status": got[stream].Error, "the last line": o.lastLine()} {
						says(t, round+": "+stream+": "+what, strings.ToLower(said), "acme/api", test.says)
					}
					if strings.Contains(got[stream].Error, "acme/other") {
						t.Errorf("%s: it blames a repository that may be read: %s", round, got[stream].Error)
					}
					if d := cmp.Diff(landed, w.inLedger(stream)); d != "" {
						t.Errorf("%s: %s (-want +got)\n%s", round, stream, d)
					}
				}
				for stream, x := range got {
					if _, fails := test.failed[stream]; !fails && x.Status != "ok" {
						t.Errorf("%s: %s is %s: %s", round, stream, x.Status, x.Error)
					}
				}
			}
			// With the permission the rest comes, without more ado.
			server.ClearFaults()
			server.RestrictToken("fourfold", []github.Grant{{Permissions: all}})
			w.run("sync")
			whole := newWorkplace(t, githubNames(base, []string{"acme/api", "acme/other"}))
			whole.run("sync")
			for stream, x := range githubStreams(t, whole) {
				if got := githubStreams(t, w)[stream]; got.Live != x.Live || x.Live == 0 {
					t.Errorf("with the permission %d %s are live, want %d", got.Live, stream, x.Live)
				}
			}
		})
	}
}

// begin gives a repository a commit and a deployment of it.
func begin(r *github.Repository, by *github.Account) {
	at := r.CreatedAt
	if at.IsZero() {
		at = github.Small().Repositories[0].CreatedAt
	}
	sha := r.Commit(github.CommitSpec{Author: by.Signature(), AuthoredAt: at, Message: "Begin", Files: map[string]string{"a": r.Name}})
	r.Branch("main", sha)
	r.AddDeployment(github.DeploymentSpec{Ref: "main", Creator: by, CreatedAt: at}).Finish("success", at)
}

func TestABadGitHubTokenIsOneClearLineAndNothingIsKept(t *testing.T) {
	t.Parallel()
	_, base := serveGitHub(t, github.Small())
	const token = "github_pat_wrong_51c0ffee"
	w := newWorkplace(t, githubToken(base, "${THE_TOKEN}", repositories("acme/api", "acme/web"))).with("THE_TOKEN=" + token)
	for _, command := range []string{"sync", "run"} {
		o := w.fails(1, "401", command)
		if n := strings.Count(o.stderr, "401"); n > 2 || !strings.Contains(o.lastLine(), "check sources.github.token") {
			t.Errorf("said %d times, and at the end:\n%s", n, o.lastLine())
		}
		w.hides(t, token, o)
	}
	text := w.try("status")
	if strings.Count(text.stdout, "401") != 1 || !strings.Contains(text.stdout, "failed in") {
		t.Errorf("status says\n%s", text.stdout)
	}
	w.hides(t, token, text, w.try("status", "--format", "json"))
}

func TestABadGitHubTokenDoesNotKeepIncidentsFromLanding(t *testing.T) {
	t.Parallel()
	_, incidents := serveSmall(t)
	_, code := serveGitHub(t, github.Small())
	w := newWorkplace(t, strings.Replace(githubToken(code, "wrong", repositories("acme/api")), "sources:\n", smallSource(incidents), 1))
	o := w.fails(3, "5 of 18 streams failed", "sync")
	if n := strings.Count(o.lastLine(), "401"); n != 1 {
		t.Errorf("said %d times at the end:\n%s", n, o.lastLine())
	}
	if got := streams(t, w); got["incidents"] != "ok" || got["github/deployments"] != "failed" {
		t.Errorf("status: %v", got)
	}
}

// smallSource begins sources: with the small organisation of incidents.
func smallSource(base string) string {
	head, _, _ := strings.Cut(smallConfig(base), "\nprivacy:")
	return strings.TrimRight(head, "\n") + "\n"
}

func TestPullRequestsOfDeletedForksAndAccountsLandWithTheirCommits(t *testing.T) {
	t.Parallel()
	org := github.Small()
	api := org.Repository("acme/api")
	api.Pull(2).Author = nil
	_, base := serveGitHub(t, org)
	w := newWorkplace(t, githubNames(base, []string{"acme/api"}, "privacy: {people: include}"))
	w.run("sync")
	got := w.raw(`select printf('%d %s %s %s %d', number, coalesce(head_repository, 'none'), is_cross_repository::varchar, coalesce(author, 'nobody'),
		(select count(*) from github_commits as c where c.sha = p.head_oid)) as p from github_pull_requests as p where number in (1, 2, 5) order by number`)
	want := []string{"1 acme/api false ann 1", "2 acme/api false nobody 1", "5 none true ben 1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestKeysOfGitHubThatCannotBeUsedAreSaidBeforeAnythingIsAsked(t *testing.T) {
	t.Parallel()
	server, base := serveGitHub(t, github.Small())
	for _, test := range []struct{ promise, config, says string }{
		{"a name without an owner", githubNames(base, []string{"api"}), "owner/name"},
		{"a name given twice", githubNames(base, []string{"acme/api", "Acme/API"}), "twice"},
		{"commits from elsewhere", githubNames(base, []string{"acme/api"}, "    commits: svn"), "git"},
		{"a variable that is not set", githubToken(base, "${NOT_SET_ANYWHERE}", repositories("acme/api")), "NOT_SET_ANYWHERE"},
		{"no repositories", githubToken(base, github.DefaultToken), "sources.github.repositories"},
		{"a token beside an app", githubNames(base, []string{"acme/api"}, "    app: {id: 1, installation_id: 2, private_key: x}"), "app"},
		{"an app without a key", fmt.Sprintf("sources: {github: {api_url: %q, app: {id: 1, installation_id: 2}, repositories: [{name: acme/api}]}}", base+"/"), "private_key"},
	} {
		w := newWorkplace(t, test.config)
		o := w.fails(2, test.says, "sync")
		if strings.Contains(o.stderr, "level=") {
			t.Errorf("%s: something was done:\n%s", test.promise, o.stderr)
		}
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}
