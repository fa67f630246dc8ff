package bigquery

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"fourfold/load"
	"fourfold/transform"
)

// dryRuns answers dry runs as BigQuery does, with what a query reads by what is in it, and says how large tables are. Asked has
// a line for each table that was looked at.
func dryRuns(t *testing.T, sizes map[string]int64, answer func(sql string) (processed string, tables []string, failure string)) (c *Client, asked func() []string) {
	t.Helper()
	var mu sync.Mutex
	var lookedAt []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			name := path.Base(r.URL.Path)
			mu.Lock()
			lookedAt = append(lookedAt, name)
			mu.Unlock()
			w.Header().Set("Content-Type", "application/json")
			if size, ok := sizes[name]; ok {
				_ = json.NewEncoder(w).Encode(map[string]any{"tableReference": map[string]any{"projectId": "p", "datasetId": "d", "tableId": name}, "type": "TABLE", "numBytes": strconv.FormatInt(size, 10)})
				return
			}
			w.WriteHeader(http.StatusForbidden)
			_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": 403, "message": "Access Denied: Table p:d." + name, "errors": []any{map[string]any{"reason": "accessDenied", "message": "Access Denied"}}}})
			return
		}
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
		processed, names, failure := answer(job.Configuration.Query.Query)
		w.Header().Set("Content-Type", "application/json")
		if failure != "" {
			w.WriteHeader(http.StatusNotFound)
			_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": 404, "message": failure, "errors": []any{map[string]any{"reason": "notFound", "message": failure}}}})
			return
		}
		var tables []any
		for _, name := range names {
			tables = append(tables, map[string]any{"projectId": "p", "datasetId": "d", "tableId": name})
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
	return c, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Sorted(slices.Values(lookedAt))
	}
}

func TestAnEstimateCountsWhatBigQueryBillsAtLeast(t *testing.T) {
	const m = 1 << 20
	sizes := map[string]int64{"empty": 0, "small": 4 * m, "ten": 10 * m, "large": 1000 * m, "larger": 2000 * m}
	for _, x := range []struct {
		name      string
		processed int64
		tables    string
		billed    int64
	}{
		{"nothing is read", 0, "empty small large", 0},
		{"of no table", 1, "", 10 * m},
		{"less than the least", 1000, "small", 10 * m},
		{"the least of each", 1000, "empty small large", 30 * m},
		{"whole mebibytes", 50*m + 1, "large", 51 * m},
		{"small ones are billed for more than they have", 54*m + 1, "empty small large", 71 * m}, // 10 + 10 + 50.0 of the large one
		{"all of the small ones, and no more", 4 * m, "empty small", 20 * m},
		{"a table of the least is no small one", 10 * m, "ten", 10 * m},
		{"large ones share what is left", 104 * m, "small large larger", 110 * m},
		{"large ones of which little is read", 12 * m, "small large larger", 30 * m},
		{"more than the tables had when they were looked at", 20 * m, "small", 26 * m},
		{"one that may not be looked at is large", 30 * m, "small hidden", 36 * m},
	} {
		c, _ := dryRuns(t, sizes, func(string) (string, []string, string) {
			return strconv.FormatInt(x.processed, 10), strings.Fields(x.tables), ""
		})
		got, err := c.Estimate(t.Context(), "select 1")
		if err != nil {
			t.Fatal(err)
		}
		compare(t, x.name, got, load.Estimate{Read: x.processed, Billed: x.billed})
	}
	c, _ := dryRuns(t, nil, func(string) (string, []string, string) {
		return "", nil, "Not found: Table p:d.t was not found in location US"
	})
	if _, err := c.Estimate(t.Context(), "select 1"); !errors.Is(err, load.ErrMissing) {
		t.Errorf("a table that is not there: %v", err)
	}
}

func TestATableIsLookedAtOnceHoweverManyQueriesReadIt(t *testing.T) {
	c, asked := dryRuns(t, map[string]int64{"a": 1, "b": 1}, func(sql string) (string, []string, string) {
		return "1", append(strings.Fields(sql), "hidden"), ""
	})
	for _, sql := range []string{"a", "a b", "b"} {
		if _, err := c.Estimate(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, "tables", asked(), []string{"a", "b", "hidden"})
}

func TestTheCommitGraphIsEstimatedWithoutReadingIt(t *testing.T) {
	var asked []string
	c, _ := dryRuns(t, map[string]int64{"t": 1 << 40}, func(sql string) (string, []string, string) {
		asked = append(asked, sql)
		return "20971520", []string{"t"}, ""
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
