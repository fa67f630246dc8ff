package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	project "fourfold/dbt"
	fake "fourfold/internal/fake/bigquery"
	"fourfold/load"
	"fourfold/load/bigquery"
	"fourfold/transform"
)

// newBigqueryBuild makes a build of a ledger in BigQuery with dbt itself.
func newBigqueryBuild(t *testing.T, l *bigqueryLedger, config string, log *bytes.Buffer) *Build {
	t.Helper()
	command, err := filepath.Abs("../../.venv/bin/dbt")
	if err != nil {
		t.Fatal(err)
	}
	c := loadConfig(t, "data: "+t.TempDir()+"\ndbt: {command: "+command+"}\n"+config)
	b := &Build{
		Config: c, Project: smallProject(t), Mark: func(ctx context.Context) (string, time.Time, error) { return bigquery.Mark(ctx, l.client) },
		Version: "v1", Log: slog.New(slog.NewTextHandler(log, nil)), Output: io.Discard,
		Estimate: func(ctx context.Context, sql string) (load.Estimate, error) { return l.client.Estimate(ctx, sql) },
		EstimateShip: func(asOf time.Time) (ShipStore, func(context.Context) (load.Estimate, error)) {
			s := bigquery.EstimateShip(l.client, asOf)
			return s, s.Estimated
		},
	}
	at := start.Add(5 * time.Hour)
	b.Clock = func() time.Time { at = at.Add(time.Minute); return at }
	builds := bigquery.NewBuilds(l.client, b.Clock)
	b.Builds = builds
	b.OpenShip = func(ctx context.Context, asOf time.Time) (ShipStore, error) {
		return bigquery.OpenShip(ctx, l.client, builds.Dataset(), asOf)
	}
	return b
}

// smallProject is dbt's project with models of its own, which take seconds: a mart of the build, one of what was shipped, and
// a test that fails of some deployments.
func smallProject(t *testing.T) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(project.Project, ".", func(path string, d fs.DirEntry, err error) error {
		wanted := strings.HasPrefix(path, "macros/") || strings.HasPrefix(path, "profiles/") || strings.HasPrefix(path, "seeds/") ||
			path == "dbt_project.yml" || path == "models/staging/ship/sources.yml"
		if err != nil || d.IsDir() || !wanted {
			return err
		}
		text, err := fs.ReadFile(project.Project, path)
		out[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		"models/marts/publication.sql":        "select b.build_id, b.as_of from {{ ref('build') }} as b",
		"models/marts/fct_shipped.sql":        "select {{ build_id() }} as build_id, s.deployment_id, s.sha from {{ ref('int_shipped') }} as s",
		"models/intermediate/int_shipped.sql": "select c.deployment_id, c.sha from {{ source('ship', 'shipped_commits') }} as c",
		"tests/unlucky.sql":                   "select s.sha from {{ ref('fct_shipped') }} as s where s.deployment_id = 'deployments:13'",
		"models/marts/marts.yml": "models:\n" +
			"  - {name: publication, description: \"The build: it's one.\", columns: [{name: build_id, data_type: string, description: Which.}, {name: as_of, data_type: timestamp}]}\n" +
			"  - {name: fct_shipped, columns: [{name: build_id, data_type: string}, {name: deployment_id, data_type: string}, {name: sha, data_type: string}]}\n",
	} {
		out[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// A build in BigQuery from ledgers to what readers see: what costs nothing the second time, what is made of the past, and
// what becomes of one whose test fails.
func TestABuildInBigQueryIsPublishedSkippedAndKept(t *testing.T) {
	l := newBigqueryLedger(t)
	l.run(1, append(commits("1", "a", "b a", "c b", "d c"), repo("1", "acme/api"), deploy(1, "1", "production", "a", 10), deploy(2, "1", "production", "b", 20))...)
	var log bytes.Buffer
	b := newBigqueryBuild(t, l, buildConfig, &log)
	reader := bigquery.NewReader(l.client)
	shipped := func(build string) (out []string) {
		t.Helper()
		rows, err := reader.Query(t.Context(), build, "select s.build_id = ?, s.deployment_id, p.build_id = s.build_id from fct_shipped as s, publication as p order by 2", build)
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range rows.All {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, plainLine(row))
		}
		return out
	}
	published := func(want string) {
		t.Helper()
		if id, err := reader.Published(t.Context()); err != nil || id != want {
			t.Errorf("published %s, %v, want %s", id, err, want)
		}
	}
	cost := func() (unknown int) {
		t.Helper()
		c, err := b.Cost(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, unknown = c.Total()
		if len(c.Items) < 4 || c.RunsAMonth != 2880 {
			t.Errorf("cost %+v", c)
		}
		return unknown
	}
	if cost() == 0 {
		t.Error("nothing was built, and all is known of it")
	}
	l.server.Calls()
	first, err := b.Run(t.Context(), BuildRequest{})
	if err != nil {
		t.Fatal(err)
	}
	labelled(t, l.server.Calls(), first.ID, "publication", "fct_shipped", "int_shipped", "unlucky", "build")
	same(t, "the first build", shipped(first.ID), []string{"true | deployments:2 | true"})
	if n := cost(); n != 0 {
		t.Errorf("all is built, and %d are not known", n)
	}

	l.server.Calls()
	b.Config.Data = loadConfig(t, "data: "+t.TempDir()).Data // as on another machine
	again, err := b.Run(t.Context(), BuildRequest{})
	if err != nil || again.Skipped == "" || again.ID != first.ID {
		t.Errorf("nothing has changed: %+v, %v", again, err)
	}
	if n := fake.Count(l.server.Calls(), "query", "load", "jobs.query"); n != 0 {
		t.Errorf("a skipped build runs %d jobs", n)
	}

	l.run(2, deploy(13, "1", "production", "c", 30))
	var failed *DBTError
	if _, err := b.Run(t.Context(), BuildRequest{}); !errors.As(err, &failed) || len(failed.Nodes) != 1 || failed.Nodes[0].Name != "unlucky" {
		t.Errorf("a test fails: %v", err)
	}
	published(first.ID)
	same(t, "after one failed", shipped(first.ID), []string{"true | deployments:2 | true"})

	past, err := b.Run(t.Context(), BuildRequest{AsOf: start.Add(90 * time.Minute)})
	if err != nil || past.Path != l.server.Project+".ff_build_as_of_20261020t093000_000000" {
		t.Errorf("%+v, %v", past, err)
	}
	published(first.ID)

	l.run(3, landing{table: transform.GithubDeployments, gone: "13"}, deploy(14, "1", "production", "d", 40))
	second, err := b.Run(t.Context(), BuildRequest{})
	if err != nil {
		t.Fatal(err)
	}
	published(second.ID)
	same(t, "the second build", shipped(second.ID), []string{"true | deployments:14 | true", "true | deployments:14 | true", "true | deployments:2 | true"})
	same(t, "the first for who is still at it", shipped(first.ID), []string{"true | deployments:2 | true"})
}

// labelled checks that every job of a build says what it is for, and those of dbt for which of these.
func labelled(t *testing.T, calls []fake.Call, build string, nodes ...string) {
	t.Helper()
	missing := map[string]bool{}
	for _, n := range nodes {
		missing[n] = true
	}
	for _, c := range calls {
		var job struct {
			Configuration struct{ Labels map[string]string }
		}
		if c.Kind != "query" {
			continue
		}
		if err := json.Unmarshal([]byte(c.Body), &job); err != nil {
			t.Fatal(err)
		}
		labels := job.Configuration.Labels
		if labels["run"] == "" || labels["stream"] == "" && labels["run"] != "ship" || labels["team"] != "sre" {
			t.Errorf("a job has the labels %v: %s", labels, c.Body)
		}
		if labels["dbt_invocation_id"] != "" {
			delete(missing, labels["stream"])
			if labels["run"] != strings.ToLower(strings.ReplaceAll(build, ".", "_")) {
				t.Errorf("a job of build %s has the labels %v", build, labels)
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("no job is labelled with %v", missing)
	}
}
