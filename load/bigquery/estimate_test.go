package bigquery

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fourfold/load"
	"fourfold/transform"
)

// dryRuns answers dry runs as BigQuery does, with what a query reads by what is in it.
func dryRuns(t *testing.T, answer func(sql string) (processed string, tables int, failure string)) *Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var job struct {
			Configuration struct {
				DryRun bool `json:"dryRun"`
				Query  struct {
					Query              string `json:"query"`
					MaximumBytesBilled string `json:"maximumBytesBilled"`
				} `json:"query"`
			} `json:"configuration"`
		}
		if err := json.Unmarshal(body, &job); err != nil || !job.Configuration.DryRun || job.Configuration.Query.MaximumBytesBilled != "" {
			t.Errorf("not a dry run that may read all: %s", body)
		}
		processed, n, failure := answer(job.Configuration.Query.Query)
		w.Header().Set("Content-Type", "application/json")
		if failure != "" {
			w.WriteHeader(http.StatusNotFound)
			_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": 404, "message": failure, "errors": []any{map[string]any{"reason": "notFound", "message": failure}}}})
			return
		}
		var tables []any
		for range n {
			tables = append(tables, map[string]any{"projectId": "p", "datasetId": "d", "tableId": "t"})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"jobReference": map[string]any{"projectId": "p", "jobId": "dry"}, "configuration": map[string]any{"dryRun": true, "query": map[string]any{"query": "q"}},
			"status":     map[string]any{"state": "DONE"},
			"statistics": map[string]any{"totalBytesProcessed": processed, "query": map[string]any{"totalBytesProcessed": processed, "referencedTables": tables, "statementType": "SELECT"}},
		})
	}))
	t.Cleanup(s.Close)
	c, err := Connect(t.Context(), Options{Project: "p", Dataset: "ff", Endpoint: s.URL, MaxBytesBilled: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestAnEstimateCountsWhatBigQueryBillsAtLeast(t *testing.T) {
	for _, x := range []struct {
		processed string
		tables    int
		want      load.Estimate
	}{
		{"0", 3, load.Estimate{}},
		{"1", 0, load.Estimate{Read: 1, Billed: 10 << 20}},
		{"1000", 3, load.Estimate{Read: 1000, Billed: 30 << 20}},
		{"52428801", 3, load.Estimate{Read: 52_428_801, Billed: 51 << 20}},
	} {
		c := dryRuns(t, func(string) (string, int, string) { return x.processed, x.tables, "" })
		got, err := c.Estimate(t.Context(), "select 1")
		if err != nil {
			t.Fatal(err)
		}
		compare(t, x.processed, got, x.want)
	}
	c := dryRuns(t, func(string) (string, int, string) {
		return "", 0, "Not found: Table p:d.t was not found in location US"
	})
	if _, err := c.Estimate(t.Context(), "select 1"); !errors.Is(err, load.ErrMissing) {
		t.Errorf("a table that is not there: %v", err)
	}
}

func TestTheCommitGraphIsEstimatedWithoutReadingIt(t *testing.T) {
	var asked []string
	c := dryRuns(t, func(sql string) (string, int, string) {
		asked = append(asked, sql)
		return "20971520", 1, ""
	})
	s := EstimateShip(c, buildClock)
	for range 2 { // the second read of the same is one more of nothing
		for _, err := range s.Present(t.Context(), transform.GithubDeployments, "id") {
			t.Errorf("a row, or %v", err)
		}
	}
	if err := s.Copy(t.Context(), transform.ShippedCommits, nil); err != nil {
		t.Error(err)
	}
	if err := s.Insert(t.Context(), transform.ShippedCommits, nil); err != nil {
		t.Error(err)
	}
	got, err := s.Estimated(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "estimate", got, load.Estimate{Read: 4 * 20 << 20, Billed: 4 * 20 << 20})
	if len(asked) != 4 || !strings.Contains(strings.Join(asked, ";"), "farm_fingerprint") {
		t.Errorf("asked %q", asked)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
