package pipeline

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"fourfold/transform"
	"fourfold/transform/ship"
)

const shipConfig = `sources:
  github:
    repositories:
      - {name: acme/api, service: [api, worker]}
      - {name: "acme/*", exclude: ["*-archive"]}
services:
  - {name: worker, team: core, deployments: [{from: deployments, environment: staging}, {from: deployments, environment: ["prod*"]}]}
  - {name: idle}
`

func TestTheCommitGraphIsWrittenIntoTheBuild(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, commits("77", "a", "p a", "q p", "b a", "m b q", "s m", "f a")...)
	l.run(2,
		repo("77", "acme/api"), repo("8", "acme/Web"), repo("9", "acme/old-archive"),
		deploy(9, "77", "production", "a", 10),
		deploy(10, "77", "Production", "m", 20),
		deploy(11, "77", "production", "a", 30),
		deploy(100, "77", "staging", "s", 15),
		deploy(12, "77", "PRODUCTION", "s", 0, map[string]any{"created_at": minute(35)}),
		deploy(13, "8", "production", "x", 40),
		pulled("PR_1", "77", 1, "m", "q"),
		pulled("PR_2", "77", 2, "s", "f", map[string]any{"first_commit_at": minute(3), "commits": map[string]any{"totalCount": 7}}),
		pulled("PR_3", "77", 3, "x", "y", map[string]any{"first_commit_at": minute(3), "commits": map[string]any{"totalCount": 7}}),
		pulled("PR_4", "8", 4, "x", "y"),
	)
	got := l.ship(shipConfig, 3)
	sorted(got["shipped_commits"]) // copies are in no order
	sorted(got["ship_baseline_commits"])
	same(t, "tables", got, map[string][]string{
		"ship_services":     {"worker core", "idle -", "Web -", "api -"},
		"ship_repositories": {"8 acme/Web Web false", "77 acme/api api false", "77 acme/api worker false"},
		"ship_deployments": {
			"deployments:9 deployments 9 77 acme/api api production true 1 true baseline false true false - - 0",
			"deployments:10 deployments 10 77 acme/api api production true 1 true forward false true false deployments:9 - 3",
			"deployments:11 deployments 11 77 acme/api api production true 1 true rollback false true false deployments:10 deployments:10 0",
			"deployments:12 deployments 12 77 acme/api api production true 1 false - - true false - - -",
			"deployments:100 deployments 100 77 acme/api api staging false - true baseline false true false - - 0",
			"deployments:9 deployments 9 77 acme/api worker production true 2 true baseline false true false - - 0",
			"deployments:10 deployments 10 77 acme/api worker production true 2 true forward false true false deployments:9 - 3",
			"deployments:11 deployments 11 77 acme/api worker production true 2 true rollback false true false deployments:10 deployments:10 0",
			"deployments:12 deployments 12 77 acme/api worker production true 2 false - - true false - - -",
			"deployments:100 deployments 100 77 acme/api worker staging true 1 true baseline false true false - - 0",
			"deployments:13 deployments 13 8 acme/Web Web production true 1 true forward false false false - - 0",
		},
		"shipped_commits": {
			"api 77 production b deployments:10 false",
			"api 77 production m deployments:10 true",
			"api 77 production p deployments:10 false",
			"api 77 production q deployments:10 false",
			"worker 77 production b deployments:10 false",
			"worker 77 production m deployments:10 true",
			"worker 77 production p deployments:10 false",
			"worker 77 production q deployments:10 false",
		},
		"ship_deployment_names": {
			"9 deployments:9 api", "deployments:9 deployments:9 api",
			"10 deployments:10 api", "deployments:10 deployments:10 api",
			"11 deployments:11 api", "deployments:11 deployments:11 api",
			"12 deployments:12 api", "deployments:12 deployments:12 api",
			"100 deployments:100 api", "deployments:100 deployments:100 api",
			"9 deployments:9 worker", "deployments:9 deployments:9 worker",
			"10 deployments:10 worker", "deployments:10 deployments:10 worker",
			"11 deployments:11 worker", "deployments:11 deployments:11 worker",
			"12 deployments:12 worker", "deployments:12 deployments:12 worker",
			"100 deployments:100 worker", "deployments:100 deployments:100 worker",
			"13 deployments:13 Web", "deployments:13 deployments:13 Web",
		},
		"ship_path_pull_requests": nil,
		"shipped_pull_requests": {
			"api 77 production PR_1 deployments:10",
			"worker 77 production PR_1 deployments:10",
		},
		"ship_pull_requests": {
			"PR_1 77 merge true +1 2",
			"PR_2 77 squash true +6 1",
			"PR_3 77 - false +3 7",
			"PR_4 8 - false - -",
		},
		"ship_commit_pull_requests": {"77 p PR_1", "77 q PR_1", "77 m PR_1", "77 s PR_2"},
		// For the other service staging is no production.
		"ship_baseline_pull_requests": {"worker 77 staging PR_1", "worker 77 staging PR_2"},
		// And there staging had all that production was sent later.
		"ship_baseline_commits": {"worker 77 staging b", "worker 77 staging m", "worker 77 staging p", "worker 77 staging q"},
	})
}

func TestWithoutGitHubTheTablesAreEmptyButForTheServices(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("77", "a"), repo("77", "acme/api"), deploy(1, "77", "production", "a", 10), pulled("PR_1", "77", 1, "a", "a"))...)
	want := map[string][]string{}
	for _, table := range transform.Ship {
		want[table.Name] = nil
	}
	want["ship_services"] = []string{"api payments", "web -"}
	same(t, "tables", l.ship("services: [{name: api, team: payments}, {name: web}]\n", 2), want)
}

func TestABuildSeesWhatHadBeenObservedByItsInstant(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("77", "a", "b a"), repo("77", "acme/api"), deploy(1, "77", "production", "a", 10), deploy(2, "77", "production", "b", 20))...)
	l.run(2, append(commits("77", "a", "b a", "c b"), repo("77", "acme/new"), deploy(2, "77", "staging", "b", 25),
		deploy(3, "77", "production", "c", 30))...)
	l.run(3, landing{table: transform.GithubDeployments, gone: "1"}, landing{table: transform.GithubCommits, gone: "77:" + hash("c")})
	kinds := func(hour int) []string {
		var out []string
		for _, line := range l.ship("sources: {github: {repositories: [{name: acme/*}]}}\n", hour)["ship_deployments"] {
			f := strings.Fields(line)
			out = append(out, strings.Join([]string{f[2], f[4], f[9], f[10], "known", f[12]}, " "))
		}
		return out
	}
	same(t, "before", kinds(0), []string(nil))
	first := []string{"1 acme/api true baseline known true", "2 acme/api true forward known true"}
	same(t, "at first", kinds(1), first)
	second := []string{"1 acme/new true baseline known true", "2 acme/new true baseline known true", "3 acme/new true forward known true"}
	same(t, "changed", kinds(2), second)
	same(t, "deleted", kinds(3), []string{"2 acme/new true baseline known true", "3 acme/new true forward known false"})
	same(t, "at first, asked again", kinds(1), first)
}

func TestARepositoryThatHasGoneKeepsItsLastName(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("77", "a"), repo("77", "acme/api"), deploy(1, "77", "production", "a", 10))...)
	l.run(2, landing{table: transform.GithubRepositories, gone: "77"})
	tables := l.ship("sources: {github: {repositories: [{name: acme/*}]}}\n", 3)
	same(t, "repositories", tables["ship_repositories"], []string{"77 acme/once-77 once-77 false"})
	same(t, "deployments", len(tables["ship_deployments"]), 1)
}

func TestD1EnvironmentsThatDifferInCaseOnlyAreOneEverywhere(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("1", "a", "b a"), repo("1", "acme/api"), repo("2", "acme/web"),
		deploy(5, "1", "PROD", "b", 20), deploy(7, "1", "Prod", "a", 10), deploy(6, "2", "prod", "x", 30), deploy(8, "2", "ÜBUNG", "x", 40), deploy(9, "2", "übung", "x", 50))...)
	tables := l.ship(`{sources: {github: {repositories: [{name: acme/*}]}}, services: [{name: API, deployments: [{from: deployments, environment: pROD}]}]}`, 2)
	var got []string
	for _, line := range tables["ship_deployments"] {
		f := strings.Fields(line)
		got = append(got, strings.Join([]string{f[2], f[5], f[6], f[7], f[10]}, " "))
	}
	same(t, "deployments", got, []string{
		"5 API Prod true forward", "7 API Prod true baseline", "6 web Prod false forward", "8 web ÜBUNG false forward", "9 web ÜBUNG false redeploy",
	})
	same(t, "commits", tables["shipped_commits"], []string{"API 1 Prod b deployments:5 false"})
}

// TestD1OtherTasksAndTransientEnvironmentsPutNothingLive: a migration at the commit of a deployment that follows must
// neither ship its commits nor make it a redeployment.
func TestD1OtherTasksAndTransientEnvironmentsPutNothingLive(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("1", "a", "b a", "c b"), repo("1", "acme/api"),
		deploy(1, "1", "production", "a", 10, map[string]any{"task": "deploy"}),
		deploy(2, "1", "production", "b", 20, map[string]any{"task": "deploy:migrations"}),
		deploy(3, "1", "production", "b", 30, map[string]any{"task": "Deploy"}),
		deploy(4, "1", "production", "c", 40, map[string]any{"transient_environment": true}))...)
	tables := l.ship("sources: {github: {repositories: [{name: acme/*}]}}\n", 2)
	var got []string
	for _, line := range tables["ship_deployments"] {
		got = append(got, strings.Join(strings.Fields(line)[9:], " "))
	}
	same(t, "success, kind, diverged, known, follows unknown, previous, culprit, commits", got, []string{
		"true baseline false true false - - 0", "true - - true false - - -", "true forward false true false deployments:1 - 1", "true - - true false - - -",
	})
	same(t, "commits", tables["shipped_commits"], []string{"api 1 production b deployments:3 false"})
}

func TestRepositoriesAreTakenTogetherWhileTheirCommitsFitInMemory(t *testing.T) {
	counts := map[string]int{"1": 600_000, "2": 500_000, "3": 1, "4": 3_000_000, "5": 0}
	f := &countedStore{counts: counts}
	if _, err := shipInto(t.Context(), loadConfig(t, "sources: {github: {repositories: [{name: acme/*}]}}\n"), f); err != nil {
		t.Fatal(err)
	}
	same(t, "asked for", f.asked, [][]string{{"1"}, {"2", "3"}, {"4"}})
}

// countedStore has repositories with many commits, none of which it gives.
type countedStore struct {
	counts map[string]int
	asked  [][]string
	fail   error
}

func (s *countedStore) Present(_ context.Context, t *transform.Table, columns ...string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		if t == transform.GithubRepositories {
			for id := range s.counts {
				if !yield([]any{id, "acme/" + id, "acme/" + id, start, nil}, nil) {
					return
				}
			}
		}
	}
}

func (s *countedStore) CommitCounts(context.Context) (map[string]int, error) { return s.counts, nil }

func (s *countedStore) Commits(_ context.Context, repositories []string, _ func(string, ship.Commit)) error {
	s.asked = append(s.asked, repositories)
	return s.fail
}

func (s *countedStore) Insert(context.Context, *transform.Plain, arrow.RecordBatch) error { return nil }

func (s *countedStore) Paths(context.Context, string, func(ship.SHA, []byte)) error { return nil }

func (s *countedStore) FormerNames(context.Context) (map[string]string, error) { return nil, nil }

func (s *countedStore) CommittedAt(context.Context, []string, func(string, int64)) error { return nil }

func (s *countedStore) Copy(context.Context, *transform.Plain, []ship.Copy) error { return nil }

func (s *countedStore) Close() error { return nil }

func TestAnErrorOfTheStoreEndsTheWork(t *testing.T) {
	broken := errors.New("the disk is gone")
	f := &countedStore{counts: map[string]int{"1": 5}, fail: broken}
	if _, err := shipInto(t.Context(), loadConfig(t, "sources: {github: {repositories: [{name: acme/*}]}}\n"), f); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestADeploymentIsWrittenWithAllThatTheSourceSaysOfIt(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, object(transform.GithubRepositories, map[string]any{"id": "77", "full_name": "Acme/API", "html_url": "https://github.com/Acme/API"}),
		deploy(9, "77", "production", "A", 10, map[string]any{
			"ref": "main", "task": "Deploy", "url": "https://api.github.com/repos/Acme/API/deployments/9?x=1#y", "transient_environment": true,
		}),
		deploy(10, "77", "production", "a", 0, map[string]any{"task": "", "sha": strings.ToUpper(hash("a"))}))
	l.ship("sources: {github: {repositories: [{name: acme/*}]}}\n", 2)
	same(t, "deployments", l.query(`select deployment_id, source, source_id, aliases, group_id, is_source, task, is_transient, sha, ref, url, created_at,
    finished_at, status from ship_deployments`), []string{
		`deployments:9 deployments 9 ["9"] - true deploy true ` + hash("A") + ` main https://api.github.com/repos/Acme/API/deployments/9?x=1#y +9 +10 success`,
		`deployments:10 deployments 10 ["10"] - true deploy false a - - +0 - failure`,
	})
	same(t, "names", l.query("select name from ship_deployment_names"), []string{
		"9", "deployments:9", "https://api.github.com/repos/acme/api/deployments/9", "https://github.com/acme/api/deployments/9",
		"10", "deployments:10", "https://github.com/acme/api/deployments/10",
	})
}
