package acceptance

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/internal/fake/github"
	"fourfold/transform"
)

func TestAnAppReadsWhatItsInstallationMay(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	server, base := serveGitHub(t, github.Small(), github.WithApp(github.App{ID: 1234, InstallationID: 5678, PublicKey: &key.PublicKey}))
	config := func(id, installation int, file string) string {
		return fmt.Sprintf("sources:\n  github:\n    api_url: %q\n    graphql_url: %q\n    git_url: %q\n    app: {id: %d, installation_id: %d, private_key: \"${file:%s}\"}\n%s\n",
			base+"/", base+"/graphql", base+"/", id, installation, file, repositories("acme/*"))
	}
	w := newWorkplace(t, config(1234, 5678, "app.pem")).with("GITHUB_TOKEN=not_this_one")
	if err := os.WriteFile(filepath.Join(w.dir, "app.pem"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	said := []outcome{w.fails(0, "", "sync"), w.fails(0, "", "sync"), w.try("status")}
	for _, r := range server.Requests() {
		if r.Token != "installation 5678" && !strings.HasPrefix(r.Path, "/app/") {
			t.Errorf("%s %s was asked as %q", r.Method, r.Path, r.Token)
		}
	}
	for stream, x := range githubStreams(t, w) {
		if x.Status != "ok" || x.Live == 0 {
			t.Errorf("%s: %+v", stream, x)
		}
	}
	// The tokens of the installation, and a line from the middle of the key.
	w.hides(t, "ghs_fake", said...)
	w.hides(t, strings.Split(string(text), "\n")[5], said...)

	for _, test := range []struct {
		promise, config string
		code            int
		says            []string
	}{
		{"an installation that is not there", config(1234, 1, "app.pem"), 1, []string{"installation"}},
		{"an app that is not there", config(1, 5678, "app.pem"), 1, []string{"sources.github.app"}},
		{"a key that is not there", config(1234, 5678, "other.pem"), 2, []string{"other.pem"}},
		{"a key that is none", config(1234, 5678, "fourfold.yaml"), 1, []string{"private_key"}},
	} {
		w.configure(test.config)
		o := w.try("sync")
		if o.code != test.code {
			t.Errorf("%s: exit %d, want %d", test.promise, o.code, test.code)
		}
		says(t, test.promise, o.lastLine(), test.says...)
	}
}

func TestPatternsSayWhichRepositoriesAreRead(t *testing.T) {
	t.Parallel()
	org := github.Small()
	org.AddFork(org.Repository("acme/web"), github.RepositorySpec{Owner: org.Account, Name: "web-fork"})
	_, base := serveGitHub(t, org)
	for _, test := range []struct{ list, want string }{
		{`{name: "acme/*"}`, "acme/api acme/empty acme/web"},
		{`{name: "acme/*", exclude: ["e*", web]}`, "acme/api"},
		{`{name: "ACME/*", archived: true, exclude: [empty]}`, "acme/api acme/old acme/web"},
		{`{name: "acme/w*", forks: true}`, "acme/web acme/web-fork"},
		{`{name: "acme/{api,old}"}, {name: acme/web-fork}`, "acme/api acme/web-fork"},
		{`{name: "ben/*", forks: true}, {name: acme/web}`, "acme/web ben/api"},
	} {
		w := newWorkplace(t, githubToken(base, github.DefaultToken, "    repositories: ["+test.list+"]"))
		if o := w.try("sync", "--source", "github", "--stream", "repositories"); o.code != 0 {
			t.Errorf("%s: exit %d\n%s", test.list, o.code, o.stderr)
		}
		if d := cmp.Diff(test.want, w.inLedger("repositories")); d != "" {
			t.Errorf("%s (-want +got)\n%s", test.list, d)
		}
	}
}

func TestSinceLeavesOutOlderDeploymentsAndPullRequests(t *testing.T) {
	t.Parallel()
	org := github.Small()
	api := org.Repository("acme/api")
	var deployments, pulls int
	// The small organisation goes on past the midnight of Tokyo, at 15:00 UTC.
	midnight := time.Date(2026, 10, 1, 15, 0, 0, 0, time.UTC)
	for _, d := range api.Deployments {
		if !d.CreatedAt.Before(midnight) {
			deployments++
		}
	}
	for _, p := range api.PullRequests {
		if p.State == "MERGED" && !p.MergedAt.Before(midnight) {
			pulls++
		}
	}
	_, base := serveGitHub(t, org)
	want := []string{fmt.Sprintf("%d %d", deployments, pulls)}
	const counts = `select printf('%d %d', (select count(*) from github_deployments), (select count(*) from github_pull_requests)) as n`
	for _, how := range []string{"configured", "flag"} {
		w := newWorkplace(t, githubNames(base, []string{"acme/api"}, map[string]string{"configured": "    since: 2026-10-02"}[how], "timezone: Asia/Tokyo"))
		args := []string{"sync"}
		if how == "flag" {
			args = append(args, "--since", "2026-10-02")
		}
		w.with(losAngeles...).run(args...)
		if d := cmp.Diff(want, w.raw(counts)); d != "" {
			t.Errorf("%s (-want +got)\n%s", how, d)
		}
		// What is not asked for any more brings the rest.
		w.configure(githubNames(base, []string{"acme/api"}))
		w.run("sync")
		if d := cmp.Diff([]string{"16 5"}, w.raw(counts)); d != "" {
			t.Errorf("%s, and without (-want +got)\n%s", how, d)
		}
	}
	if deployments == 0 || deployments == 16 || pulls == 0 || pulls == 5 {
		t.Errorf("%v: the limit divides nothing", want)
	}
}

func TestSyncReadsOnlyTheSelectedStreamsOfGitHub(t *testing.T) {
	t.Parallel()
	_, incidents := serveSmall(t)
	server, base := serveGitHub(t, github.Small())
	w := newWorkplace(t, smallSource(incidents)+strings.TrimPrefix(githubNames(base, []string{"acme/api"}), "sources:\n"))
	w.run("sync", "--source", "github", "--stream", "deployments")
	if d := cmp.Diff(map[string]string{"github/deployments": "ok"}, streams(t, w)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if n := server.Counts()["git fetch"]; n != 0 {
		t.Errorf("git was asked %d times", n)
	}
	w.run("sync", "--source", "github", "--stream", "commits")
	// Commits that only pull requests reach come once those have been read.
	few := githubStreams(t, w)["commits"].Live
	w.run("sync", "--source", "github")
	if got := githubStreams(t, w); got["commits"].Live <= few || few == 0 || len(got) != 5 {
		t.Errorf("%d commits, then %+v", few, got)
	}
	o := w.fails(2, "deployments", "sync", "--source", "github", "--stream", "releases")
	for _, stream := range []string{"repositories", "pull_requests", "commits"} {
		says(t, "what there is", o.stderr, stream)
	}
	w.fails(2, "incidentio, github", "sync", "--source", "gitlab")
}

func TestStatusShowsGitHubsStreamsFreshnessAndBudgets(t *testing.T) {
	t.Parallel()
	_, incidents := serveSmall(t)
	server, base := serveGitHub(t, github.Small())
	w := newWorkplace(t, smallSource(incidents)+strings.TrimPrefix(githubNames(base, []string{"acme/api", "acme/web"}, "    budget: 20%"), "sources:\n")+"timezone: Asia/Tokyo\n")
	began := time.Now().Add(-time.Minute)
	w.run("sync")
	points := server.Points()
	text := w.run("status")
	for _, bucket := range []string{"core", "graphql"} {
		says(t, "status", text, fmt.Sprintf("API budget of github (%s): %d of 5000 points left at ", bucket, 5000-points[bucket]),
			fmt.Sprintf("; %d of the 1000 allowed until ", points[bucket]))
	}
	live := map[string]int64{"repositories": 2, "deployments": 17, "pull_requests": 5}
	got := githubStreams(t, w)
	for _, stream := range []string{"repositories", "deployments", "pull_requests", "commits"} {
		x := got[stream]
		if n := live[stream]; x.Status != "ok" || x.FreshAt.Before(began) || n > 0 && x.Live != n || x.Live == 0 {
			t.Errorf("%s: %+v", stream, x)
		}
		row := slices.IndexFunc(strings.Split(text, "\n"), func(line string) bool {
			return strings.HasPrefix(line, "github/"+stream+" ") && strings.Contains(line, " JST ") && strings.Contains(line, fmt.Sprint(" ", x.Live, " "))
		})
		if row < 0 {
			t.Errorf("status has no good row for %s:\n%s", stream, text)
		}
	}
	first := budgets(t, w)
	for name, bucket := range map[string]string{"github core": "core", "github graphql": "graphql"} {
		b := first[name]
		if b.Limit != 5000 || b.Allowed != 1000 || b.Spent != int64(points[bucket]) || b.Remaining != 5000-b.Spent || b.At.Before(began) || !b.Reset.After(b.At) {
			t.Errorf("%s: %+v after %d points", name, b, points[bucket])
		}
	}
	// A run of another source changes none of it.
	w.run("sync", "--source", "incidentio")
	if d := cmp.Diff(first, budgets(t, w)); d != "" {
		t.Errorf("after a run of incidents (-before +after)\n%s", d)
	}
	// What was spent in the hour adds up over runs, as the server counts it.
	w.run("sync")
	points = server.Points()
	if b := budgets(t, w)["github core"]; b.Spent != int64(points["core"]) {
		t.Errorf("%+v after %d points", b, points["core"])
	}
}

func TestAnEnterpriseServersAddressesWorkWithAndWithoutTheirLastSlash(t *testing.T) {
	t.Parallel()
	server := github.NewServer(github.Small())
	t.Cleanup(server.Close)
	mux := http.NewServeMux()
	mux.Handle("/api/v3/", http.StripPrefix("/api/v3", server))
	mux.Handle("/api/graphql", http.StripPrefix("/api", server))
	mux.Handle("/acme/", server)
	front := httptest.NewServer(mux)
	t.Cleanup(front.Close)
	for _, slash := range []string{"", "/"} {
		w := newWorkplace(t, fmt.Sprintf("sources:\n  github:\n    api_url: %q\n    graphql_url: %q\n    git_url: %q\n    token: %q\n    repositories: [{name: acme/api}, {name: \"acme/w*\"}]\n",
			front.URL+"/api/v3"+slash, front.URL+"/api/graphql", front.URL+slash, github.DefaultToken))
		w.run("sync")
		if got := githubStreams(t, w); got["deployments"].Live != 17 || got["pull_requests"].Live != 5 || got["commits"].Live == 0 {
			t.Errorf("%q: %+v", slash, got)
		}
	}
}

func TestPeopleOfGitHubAreKeptAsThePolicySays(t *testing.T) {
	t.Parallel()
	_, base := serveGitHub(t, github.Small())
	for policy, want := range map[string]string{"hash": "no no no no no no no dependabot", "drop": "no no no no no no no dependabot", "include": "no yes yes yes no no no dependabot"} {
		w := newWorkplace(t, githubNames(base, []string{"acme/api"}, "privacy: {people: "+policy+"}"))
		w.run("sync")
		var named []string
		for _, table := range transform.Github {
			q := `select case when count(*) > 0 then 'yes' else 'no' end as n from ` + table.Name + ` as x where regexp_matches(x::varchar, 'Ann Mori|Ben Ito|@example.test|"login": ?"(ann|ben)"|[ ,](ann|ben)[,}]')`
			named = append(named, w.raw(q)[0])
		}
		named = append(named, w.raw(`select author from github_pull_requests where is_bot`)[0])
		if got := strings.Join(named, " "); got != want {
			t.Errorf("%s: whether repositories, deployments, pull requests, commits, tags, releases and runs name people, and a bot: %s, want %s", policy, got, want)
		}
	}
}
