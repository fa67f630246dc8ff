package pipeline

import (
	"crypto/sha1"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/load"
	"fourfold/load/duckdb"
	"fourfold/transform"
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
	path string // of the last build
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
	landInto(l.t, store, l.runs, hour, records...)
}

// landInto lands records and tombstones in a store as a run of its own, and closes the store.
func landInto(tb testing.TB, store load.Warehouse, number, hour int, records ...landing) {
	tb.Helper()
	run, err := store.Begin(tb.Context(), fmt.Sprint("run-", number), start.Add(time.Duration(hour)*time.Hour))
	if err != nil {
		tb.Fatal(err)
	}
	for _, t := range slices.Concat(transform.Github, transform.Files) {
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
			tb.Fatal(a.Batch.Rejected[0].Reason)
		}
		_, err := store.Append(tb.Context(), a)
		a.Batch.Rows.Release()
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		tb.Fatal(err)
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
	l.path = filepath.Join(l.t.TempDir(), "build.duckdb")
	store, err := duckdb.OpenShip(l.t.Context(), l.dir, l.path, start.Add(time.Duration(hour)*time.Hour), duckdb.Options{})
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := shipInto(l.t.Context(), loadConfig(l.t, config), store); err != nil {
		l.t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		l.t.Fatal(err)
	}
	out := map[string][]string{}
	for _, table := range transform.Ship {
		columns := "*"
		if table == transform.ShipDeployments {
			columns = judged
		}
		out[table.Name] = l.query("select " + columns + " from " + table.Name)
	}
	return out
}

// judged are the columns of ship_deployments that say what a deployment is to a service; the others are the source's.
const judged = `deployment_id, source, source_id, repository_id, repository, service, environment, is_production, position,
    finished_at is not null, kind, is_diverged, is_known, follows_unknown, previous_deployment_id, culprit_deployment_id, commits_shipped`

// query asks the last build.
func (l *githubLedger) query(q string) []string {
	l.t.Helper()
	db, err := duckdb.OpenReadOnly(l.path, duckdb.Limits{})
	if err != nil {
		l.t.Fatal(err)
	}
	defer db.Close()
	names := map[string]string{}
	for _, n := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		names[hash(n)] = n
	}
	return linesOf(l.t, db, q, names)
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
