package dbt_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/transform"
)

// A ledger that is not fresh is said and stops nothing; what no run fills by itself has no freshness.
func TestEveryLedgerOfASourceHasAFreshnessThatOnlyWarns(t *testing.T) {
	t.Parallel()
	without := map[string]bool{"rejected": true, "reconciliations": true}
	for _, n := range parse(t).Sources {
		has := n.Freshness != nil && n.Freshness.Warn.Count != nil
		if want := n.SourceName != "ship" && !without[n.Name]; has != want {
			t.Errorf("%s has a freshness: %v, want %v", n.Name, has, want)
		}
		if n.Freshness != nil && n.Freshness.Error.Count != nil {
			t.Errorf("%s: dbt source freshness would fail", n.Name)
		}
	}
}

// A ledger is as fresh as the last run that read its source to the end, whether that had anything new or not.
func TestFreshnessIsWhenAStreamWasLastReadWell(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.makeLedgers()
	type run struct{ table, status, ago string }
	var sql strings.Builder
	for _, r := range []run{
		{"github_commits", "ok", "1 hour"},      // nothing new for a year, and read just now
		{"github_deployments", "ok", "30 days"}, // not read since
		{"github_repositories", "ok", "30 days"},
		{"github_repositories", "failed", "1 hour"}, // tried in vain
		{"github_tags", "ok", "30 days"},
		{"github_tags", "partial", "1 hour"},
		{"github_releases", "failed", "1 hour"},       // never read well
		{"github_workflow_runs", "skipped", "1 hour"}, // what the key has never been allowed to read
		{"incidentio_users", "ok", "30 days"},
		{"incidentio_users", "skipped", "1 hour"}, // may be read no longer
	} {
		at := "now() - interval " + r.ago
		sql.WriteString("insert into runs (run_id, observed_at, source, stream, table_name, started_at, finished_at, status, is_full, rows_read, versions_added, tombstones, rejected, requests) values ('" +
			r.ago + "', " + at + ", 's', '" + r.table + "', '" + r.table + "', " + at + ", " + at + ", '" + r.status + "', true, 0, 0, 0, 0, 1);\n")
	}
	p.duckdb("raw.duckdb", sql.String())
	p.dbt("duckdb", "source", "freshness")
	text, err := os.ReadFile(filepath.Join(p.dir, "target", "sources.json"))
	if err != nil {
		t.Fatal(err)
	}
	var results struct {
		Results []struct {
			ID     string `json:"unique_id"`
			Status string
		}
	}
	if err := json.Unmarshal(text, &results); err != nil {
		t.Fatal(err)
	}
	want, got := map[string]string{"runs": "pass"}, map[string]string{}
	for _, table := range transform.All() {
		if table.Source != transform.Rejected.Source {
			want[table.Name] = "pass"
		}
	}
	for _, stale := range []string{"github_deployments", "github_repositories", "github_releases", "incidentio_users"} {
		want[stale] = "warn"
	}
	for _, r := range results.Results {
		got[r.ID[strings.LastIndexByte(r.ID, '.')+1:]] = r.Status
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is asked of BigQuery names its tables and types as BigQuery does.
func TestFreshnessAsksBigQueryInItsOwnWords(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var job struct {
			Configuration struct{ Query struct{ Query string } }
		}
		if json.Unmarshal(body, &job) == nil {
			mu.Lock()
			asked[strings.Join(strings.Fields(regexp.MustCompile(`/\*.*?\*/`).ReplaceAllString(job.Configuration.Query.Query, "")), " ")] = true
			mu.Unlock()
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"code":400,"message":"recorded","errors":[{"reason":"invalidQuery","message":"recorded"}]}}`)
	}))
	t.Cleanup(server.Close)
	p := newProject(t)
	p.env = append(p.env, "FOURFOLD_BIGQUERY_ENDPOINT="+server.URL)
	p.fails("bigquery", "source", "freshness", "--no-populate-cache", "--select", "source:fourfold.runs", "source:github.github_commits")
	want := map[string]bool{
		"select max(finished_at) as max_loaded_at, current_timestamp() as snapshotted_at from `fourfold`.`fourfold_raw`.`runs`": true,
		"with source_query as ( select case when count(case when runs.status <> 'skipped' then 1 end) = 0 then current_timestamp() " +
			"else max(case when runs.status in ('ok', 'partial') then runs.observed_at end) end as last_read_at " +
			"from `fourfold`.`fourfold_raw`.`runs` as runs where runs.table_name = 'github_commits' ) " +
			"select (select * from source_query) as max_loaded_at, current_timestamp() as snapshotted_at": true,
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}
