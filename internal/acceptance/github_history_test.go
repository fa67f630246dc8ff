package acceptance

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/internal/fake/github"
)

// codeHistory is a workplace that reads incidents and code, twice, with changes of the code in between.
type codeHistory struct {
	*workplace
	server *github.Server
	// Of each build: as of when it is, and its marts.
	asOf  []time.Time
	marts []map[string]string

	old, waiting, deleted int64 // deployments: one that gets a late status, one that gets a status now, one that goes
	web                   int64 // the first repository of that name
}

func (h *codeHistory) round(code int, args ...string) outcome {
	h.t.Helper()
	o := h.try(append([]string{"run"}, args...)...)
	if o.code != code {
		h.t.Fatalf("run %v: exit %d\n%s", args, o.code, o.stderr)
	}
	h.asOf = append(h.asOf, h.one(`select as_of from publication`).(time.Time))
	h.marts = append(h.marts, h.workplace.marts(h.one(`select build_id from publication`).(string)))
	return o
}

func makeCodeHistory(t *testing.T) *codeHistory {
	org := github.Small()
	api, ann := org.Repository("acme/api"), org.Accounts[1]
	recent := time.Now().UTC().Add(-3 * time.Hour).Truncate(time.Second)
	live := org.AddRepository(github.RepositorySpec{Name: "live", CreatedAt: recent.Add(-time.Hour)})
	begin(live, ann)
	waiting := live.AddDeployment(github.DeploymentSpec{Ref: "main", Creator: ann, CreatedAt: recent})
	waiting.AddStatus(github.StatusSpec{State: "in_progress", At: recent.Add(time.Minute)})
	web := org.Repository("acme/web")
	work(web, ann, 0)
	h := &codeHistory{waiting: waiting.ID, web: web.ID}
	for _, d := range api.Deployments {
		switch {
		case len(d.Statuses) > 0 && d.Statuses[0].State == "waiting" && d.Environment == "staging":
			h.old = d.ID
		case d.Environment == "production" && len(d.Statuses) == 1 && d.Ref == "main":
			h.deleted = d.ID
		}
	}
	server, base := serveGitHub(t, org)
	_, incidents := serveSmall(t)
	h.server = server
	h.workplace = newWorkplace(t, smallSource(incidents)+strings.TrimPrefix(githubToken(base, github.DefaultToken), "sources:\n")+`    repositories:
      - {name: acme/api, service: [api, worker]}
      - {name: "acme/*", exclude: [empty]}
privacy: {hash_key: "the same for everybody"}
timezone: Asia/Tokyo
services:
  - name: api
    team: payments
    incident_values: {Affected services: [api]}
  - name: worker
`)
	h.round(0)
	return h
}

func TestCodeThatIsReadAgainAfterChanges(t *testing.T) {
	t.Parallel()
	h := makeCodeHistory(t)
	for _, test := range []struct {
		promise string
		check   func(*codeHistory, *testing.T)
	}{
		{"services of a repository are those that the configuration gives it", (*codeHistory).services},
		{"a second run with nothing new adds no version and costs at most two points a repository", (*codeHistory).unchanged},
		{"a status that was added to an older deployment is seen", (*codeHistory).lateStatus},
		{"a deployment that was deleted and a repository that was renamed are in order after a full sync", (*codeHistory).fullSync},
		{"a build as of a time gives what was built then", (*codeHistory).asOfThen},
	} {
		t.Run(test.promise, func(t *testing.T) {
			w := *h
			place := *h.workplace
			place.t, w.workplace = t, &place
			test.check(&w, t)
			h.asOf, h.marts = w.asOf, w.marts
		})
	}
}

func (h *codeHistory) services(t *testing.T) {
	for query, want := range map[string][]string{
		`select distinct service || ' of ' || repository from fct_deployments order by 1`: {"api of acme/api", "live of acme/live", "web of acme/web", "worker of acme/api"},
		`select distinct service || ' of ' || repository from fct_changes order by 1`:     {"api of acme/api", "web of acme/web", "worker of acme/api"},
		`select service || ' ' || coalesce(team, 'none') from dim_services order by 1`:    {"api payments", "live none", "web none", "worker none"},
		// What ran for both counts once in totals.
		`select (sum(value) filter (dimension = 'all') - (select count(distinct deployment_id) from fct_deployments where is_counted))::bigint, (sum(value) filter (dimension = 'service')
			- (select count(*) from fct_deployments where is_counted))::bigint from four_keys where metric = 'deployments' and period = 'month'`: {"0 0"},
	} {
		if d := cmp.Diff(want, h.texts(query)); d != "" {
			t.Errorf("%s (-want +got)\n%s", query, d)
		}
	}
}

func (h *codeHistory) unchanged(t *testing.T) {
	const versions = `select (select count(*) from github_repositories) + (select count(*) from github_deployments) + (select count(*) from github_pull_requests) + (select count(*) from github_commits) as n`
	before := h.raw(versions)
	h.server.ResetRequests()
	h.run("sync", "--source", "github")
	repositories := len(h.raw(`select distinct id from github_repositories`))
	if p := h.server.Points(); p["core"]+p["graphql"] > 2*repositories || p["core"] == 0 {
		t.Errorf("%v points for %d repositories", p, repositories)
	}
	if d := cmp.Diff(before, h.raw(versions)); d != "" {
		t.Errorf("versions (-before +after)\n%s", d)
	}
}

func (h *codeHistory) lateStatus(t *testing.T) {
	h.server.Organisation().Edit(func(o *github.Organisation) {
		now := time.Now().UTC().Add(-time.Minute).Truncate(time.Second)
		o.Repository("acme/api").Deployment(h.old).AddStatus(github.StatusSpec{State: "success", At: now})
		o.Repository("acme/live").Deployment(h.waiting).AddStatus(github.StatusSpec{State: "success", At: now})
	})
	h.run("sync", "--source", "github", "--stream", "deployments")
	got := h.raw(`select printf('%d %s', count(*), string_agg(latest_state, ' ' order by _observed_at)) as s from github_deployments
		where id in ('` + itoa(h.old) + `', '` + itoa(h.waiting) + `') group by id order by min(created_at)`)
	if d := cmp.Diff([]string{"2 waiting success", "2 in_progress success"}, got); d != "" {
		t.Errorf("versions (-want +got)\n%s", d)
	}
}

func (h *codeHistory) fullSync(t *testing.T) {
	h.server.Organisation().Edit(func(o *github.Organisation) {
		api := o.Repository("acme/api")
		api.DeleteDeployment(h.deleted)
		o.Rename(api, "core", time.Now().UTC().Truncate(time.Second))
		o.Rename(o.Repository("acme/live"), "alive", time.Now().UTC().Truncate(time.Second))
		o.DeleteRepository(o.Repository("acme/web"))
		web := o.AddRepository(github.RepositorySpec{Name: "web", CreatedAt: time.Date(2026, 10, 10, 0, 0, 0, 0, time.UTC)})
		begin(web, o.Accounts[1])
		work(web, o.Accounts[1], 0)
	})
	h.try("sync", "--source", "github")
	if n := h.raw(`select count(*) as n from github_deployments where _deleted`); n[0] != "0" {
		t.Errorf("%s deployments are deleted before anybody looked for them", n[0])
	}
	o := h.round(3, "--full")
	says(t, "the full run", o.stderr, "acme/api: it was renamed to acme/core")
	id := "deployments:" + itoa(h.deleted)
	for i, want := range []bool{true, false} {
		if has := strings.Contains(h.marts[i]["fct_deployments"], id+","); has != want {
			t.Errorf("build %d has the deployment that was deleted: %v, want %v", i+1, has, want)
		}
	}
	for table, text := range h.marts[1] {
		if strings.Contains(text, id) {
			t.Errorf("%s still has the deployment that was deleted", table)
		}
	}
	h.renamed(t)
	h.takenOver(t)
}

// renamed holds all marts to the new name, and its history to what it was.
func (h *codeHistory) renamed(t *testing.T) {
	addresses := regexp.MustCompile(`https://(api\.)?github\.com/\S*?acme/(api|live)[/",]`)
	for table, text := range h.marts[1] {
		for line := range strings.Lines(addresses.ReplaceAllString(text, "")) {
			if table != "data_quality" && (strings.Contains(line, "acme/api") || strings.Contains(line, "acme/live")) {
				t.Errorf("%s still has an old name: %s", table, line)
				break
			}
		}
	}
	web := "acme/web~" + itoa(h.web)
	for query, want := range map[string][]string{
		`select distinct service || ' of ' || repository from fct_deployments order by 1`: {"alive of acme/alive", "api of acme/core", "web of acme/web", "web of " + web, "worker of acme/core"},
		`select repository from dim_repositories order by 1`:                              {"acme/alive", "acme/core", "acme/web", web},
	} {
		if d := cmp.Diff(want, h.texts(query)); d != "" {
			t.Errorf("%s (-want +got)\n%s", query, d)
		}
	}
	// Incidents name pull requests by the old name, and are linked as they were.
	const named = ",pull_request,"
	if a, b := strings.Count(h.marts[0]["fct_incident_deployments"], named), strings.Count(h.marts[1]["fct_incident_deployments"], named); a == 0 || a != b {
		t.Errorf("%d links by a pull request's name, then %d", a, b)
	}
	// What the deleted deployment had shipped ships with the next one; nothing else moves.
	rows := func(build int, table, repository string) int {
		return len(regexp.MustCompile(`(?m)^.*[,"]`+repository+`[,"@#].*$|^`+repository+`[@#].*$`).FindAllString(h.marts[build][table], -1))
	}
	for table, less := range map[string]int{"fct_deployments": 2, "fct_changes": 0, "fct_commits": 0} { // one for each of two services
		if a, b := rows(0, table, "acme/api"), rows(1, table, "acme/core"); a != b+less || a < 10 {
			t.Errorf("%s: %d rows of the repository, then %d: want %d less", table, a, b, less)
		}
	}
}

// takenOver holds a repository that was deleted, and another that has its name now, to be told apart.
func (h *codeHistory) takenOver(t *testing.T) {
	for _, id := range []string{"acme/web#1", "acme/web~" + itoa(h.web) + "#1"} {
		if got := h.texts(`select title from fct_changes where change_id = '` + id + `'`); len(got) != 1 || got[0] != "Change 0" {
			t.Errorf("%s is %q", id, got)
		}
		says(t, "explain", h.run("explain", "change", id), id, "web")
	}
}

func (h *codeHistory) asOfThen(t *testing.T) {
	path := strings.TrimSpace(h.run("build", "--as-of", h.asOf[0].Format(time.RFC3339Nano)))
	if filepath.Ext(path) != ".duckdb" {
		t.Fatalf("build says %q", path)
	}
	sameTables(t, export(t, path, "publication", "build_id"), h.marts[0])
}
