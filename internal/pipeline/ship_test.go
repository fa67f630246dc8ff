package pipeline

import (
	"context"
	"crypto/sha1"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"fourfold/load"
	"fourfold/load/duckdb"
	"fourfold/transform"
	"fourfold/transform/ship"
)

// hash is the hash of a commit that tests call by a name.
func hash(name string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(name))) }

// minute is so many minutes after the start of the tests' clock, as sources write it.
func minute(n int) string { return start.Add(time.Duration(n) * time.Minute).Format(time.RFC3339) }

// githubLedger is a data directory whose ledgers of GitHub are landed by hand, a run at a time.
type githubLedger struct {
	t    *testing.T
	dir  string
	runs int
}

// run lands records and tombstones, so many hours after the start of the tests' clock; a record is an object of
// one of the tables, a tombstone the id of one.
func (l *githubLedger) run(hour int, records ...landing) {
	l.t.Helper()
	store, err := duckdb.Open(l.t.Context(), l.dir, duckdb.Options{})
	if err != nil {
		l.t.Fatal(err)
	}
	l.runs++
	run, err := store.Begin(l.t.Context(), fmt.Sprint("run-", l.runs), start.Add(time.Duration(hour)*time.Hour))
	if err != nil {
		l.t.Fatal(err)
	}
	for _, t := range transform.Github {
		rows := transform.NewRows(t, run, transform.Policy{PrivateIncidents: "include", People: "include"})
		a := load.Append{Stream: t.Name}
		for _, r := range records {
			switch {
			case r.table != t:
			case r.gone != "":
				a.Batch.Withheld = append(a.Batch.Withheld, r.gone)
			default:
				rows.Add([]byte(r.json), false)
			}
		}
		gone := a.Batch.Withheld
		a.Batch = rows.Flush()
		a.Batch.Withheld = append(a.Batch.Withheld, gone...)
		if len(a.Batch.Rejected) > 0 {
			l.t.Fatal(a.Batch.Rejected[0].Reason)
		}
		_, err := store.Append(l.t.Context(), a)
		a.Batch.Rows.Release()
		if err != nil {
			l.t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		l.t.Fatal(err)
	}
}

type landing struct {
	table      *transform.Table
	json, gone string
}

func object(t *transform.Table, fields map[string]any) landing {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return landing{table: t, json: string(text)}
}

func repo(id, name string) landing {
	return object(transform.GithubRepositories, map[string]any{"id": id, "full_name": name})
}

// commits makes commits of a repository: "commit parent parent…", each a minute after the one before.
func commits(repository string, lines ...string) []landing {
	var out []landing
	for i, l := range lines {
		names := strings.Fields(l)
		parents := []string{}
		for _, p := range names[1:] {
			parents = append(parents, hash(p))
		}
		out = append(out, object(transform.GithubCommits, map[string]any{
			"id": repository + ":" + hash(names[0]), "repository_id": repository, "sha": hash(names[0]), "parents": parents,
			"authored_at": minute(i), "committed_at": minute(i), "title": "Commit " + names[0],
		}))
	}
	return out
}

// deploy makes a deployment that succeeded at a minute, or did not where that is 0; more fields may be given.
func deploy(id int, repository, environment, commit string, finished int, more ...map[string]any) landing {
	d := map[string]any{"sha": hash(commit), "environment": environment, "created_at": minute(max(finished, 1) - 1)}
	for _, m := range more {
		for k, v := range m {
			d[k] = v
		}
	}
	statuses := []map[string]any{{"id": "s", "state": "FAILURE", "createdAt": minute(1)}}
	if finished > 0 {
		statuses = []map[string]any{
			{"id": "s", "state": "SUCCESS", "createdAt": minute(finished)},
			{"id": "t", "state": "INACTIVE", "createdAt": minute(finished + 1000)},
		}
	}
	return object(transform.GithubDeployments, map[string]any{
		"id": fmt.Sprint(id), "repository_id": repository, "repository": "acme/once-" + repository, "deployment": d, "statuses": statuses,
		"updated_at": minute(finished + 1),
	})
}

func pulled(id, repository string, number int, merge, head string, more ...map[string]any) landing {
	p := map[string]any{
		"id": id, "repository_id": repository, "repository": "acme/once-" + repository, "number": number, "headRefOid": hash(head),
		"mergeCommit": map[string]any{"oid": hash(merge)}, "mergedAt": minute(number),
	}
	for _, m := range more {
		for k, v := range m {
			p[k] = v
		}
	}
	return object(transform.GithubPullRequests, p)
}

// ship fills a build as of an hour and gives its tables, a line a row, with commits by their names.
func (l *githubLedger) ship(config string, hour int) map[string][]string {
	l.t.Helper()
	path := filepath.Join(l.t.TempDir(), "build.duckdb")
	store, err := duckdb.OpenShip(l.t.Context(), l.dir, path, start.Add(time.Duration(hour)*time.Hour), duckdb.Options{})
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := shipInto(l.t.Context(), loadConfig(l.t, config), store); err != nil {
		l.t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		l.t.Fatal(err)
	}
	return tablesOf(l.t, path)
}

func tablesOf(t *testing.T, path string) map[string][]string {
	t.Helper()
	db, err := duckdb.OpenReadOnly(path, duckdb.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names := map[string]string{}
	for _, n := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		names[hash(n)] = n
	}
	out := map[string][]string{}
	for _, table := range transform.Ship {
		out[table.Name] = linesOf(t, db, "select * from "+table.Name, names)
	}
	return out
}

func linesOf(t *testing.T, db *sql.DB, q string, names map[string]string) []string {
	t.Helper()
	rows, err := duckdb.QuerySelect(t.Context(), db, q)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for row, err := range rows.All {
		if err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, v := range row {
			text := fmt.Sprint(v)
			if at, ok := v.(time.Time); ok {
				text = fmt.Sprint("+", at.Sub(start).Minutes())
			}
			if name, ok := names[text]; ok {
				text = name
			}
			if v == nil {
				text = "-"
			}
			line = append(line, text)
		}
		out = append(out, strings.Join(line, " "))
	}
	return out
}

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
	same(t, "tables", l.ship(shipConfig, 3), map[string][]string{
		"ship_services":     {"worker core", "idle -", "Web -", "api -"},
		"ship_repositories": {"8 acme/Web Web", "77 acme/api api", "77 acme/api worker"},
		"ship_deployments": {
			"deployments:13 deployments 13 8 acme/Web Web production true 1 true forward false false false - - 0",
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
		},
		"shipped_commits": {
			"api 77 production m deployments:10 true",
			"api 77 production q deployments:10 false",
			"api 77 production p deployments:10 false",
			"api 77 production b deployments:10 false",
			"worker 77 production m deployments:10 true",
			"worker 77 production q deployments:10 false",
			"worker 77 production p deployments:10 false",
			"worker 77 production b deployments:10 false",
		},
		"ship_pull_requests": {
			"PR_4 8 - false - -",
			"PR_1 77 merge true +1 2",
			"PR_2 77 squash true +6 1",
			"PR_3 77 - false +3 7",
		},
		"ship_commit_pull_requests": {"77 p PR_1", "77 q PR_1", "77 m PR_1", "77 s PR_2"},
		"ship_baseline_pull_requests": {
			"api 77 staging PR_1", "api 77 staging PR_2", "worker 77 staging PR_1", "worker 77 staging PR_2",
		},
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
	same(t, "repositories", tables["ship_repositories"], []string{"77 acme/once-77 once-77"})
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
				if !yield([]any{id, "acme/" + id}, nil) {
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

func (s *countedStore) ForOtherServices(context.Context, *transform.Plain) error { return nil }

func (s *countedStore) Close() error { return nil }

func TestAnErrorOfTheStoreEndsTheWork(t *testing.T) {
	broken := errors.New("the disk is gone")
	f := &countedStore{counts: map[string]int{"1": 5}, fail: broken}
	if _, err := shipInto(t.Context(), loadConfig(t, "sources: {github: {repositories: [{name: acme/*}]}}\n"), f); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}
