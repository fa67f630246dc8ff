package acceptance

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// isReported compares the report of a month with four_keys of that month, and tells a digest.
func isReported(t *testing.T, w *workplace) {
	w.run("report", "--out", "report.html", "--period", "2026-10")
	text, err := os.ReadFile(filepath.Join(w.dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, section := range []struct{ key, metrics string }{
		{"keys", `'deployments_per_day', 'lead_time_median_seconds', 'change_failure_rate', 'failed_deployment_recovery_median_seconds', 'rework_rate'`},
		{"severity", `'incidents', 'time_to_restore_median_seconds', 'time_to_restore_p90_seconds', 'time_to_acknowledge_median_seconds'`},
	} {
		_, body, found := strings.Cut(string(text), `data-panel="`+section.key+`"`)
		if !found {
			t.Fatalf("there is no section %s", section.key)
		}
		body, _, _ = strings.Cut(body, "</section>")
		for _, row := range w.query(`select metric, value from four_keys where period = 'month' and period_start = date '2026-10-01' and dimension = 'all' and value is not null and metric in (` + section.metrics + `)`) {
			m := regexp.MustCompile(`data-row="` + row[0].(string) + `"><th.*?data-value="([^"]*)"`).FindStringSubmatch(body)
			if m == nil {
				t.Errorf("%s is not in section %s", row[0], section.key)
				continue
			}
			if got, err := strconv.ParseFloat(m[1], 64); err != nil || got != row[1].(float64) {
				t.Errorf("%s: the report says %s, four_keys %v", row[0], m[1], row[1])
			}
			compared++
		}
	}
	if compared < 9 {
		t.Errorf("only %d numbers were compared", compared)
	}
	if again := w.run("report", "--out", "-", "--period", "2026-10"); again != string(text) {
		t.Error("the report of one build is not the same twice")
	}
	if page := w.run("report", "--format", "markdown", "--language", "ja", "--period", "last-week"); !strings.HasPrefix(page, "# Four Keysとインシデント：2026年11月16日の週\n") {
		t.Errorf("Markdown begins with %.100s", page)
	}
	isTold(t, w)
}

// isTold tells a digest to two, of whom one fails, and looks for their addresses in what is said.
func isTold(t *testing.T, w *workplace) {
	var mu sync.Mutex
	got := map[string][]byte{}
	hooks := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		got[r.URL.Path] = b
		if strings.Contains(r.URL.Path, "hunter2") {
			rw.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(rw, "no %s", r.URL)
		}
	}))
	defer hooks.Close()
	config, err := os.ReadFile(filepath.Join(w.dir, "fourfold.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	to := string(config) + fmt.Sprintf("digest: {slack: %q, webhook: %q}\n", hooks.URL+"/services/hunter2", hooks.URL+"/other/hunter3")
	if err := os.WriteFile(filepath.Join(w.dir, "told.yaml"), []byte(to), 0o644); err != nil {
		t.Fatal(err)
	}
	if o := w.try("digest", "--config", "told.yaml", "--dry-run"); o.code != 0 || len(got) > 0 || !strings.Contains(o.stdout, "digest.slack would be sent:") {
		t.Errorf("a dry run told %d: exit %d\n%s%s", len(got), o.code, o.stdout, o.stderr)
	}
	o := w.try("digest", "--config", "told.yaml")
	if o.code != 1 || !strings.Contains(o.stderr, "digest.slack: answered 500") || strings.Contains(o.stderr+o.stdout, "hunter") {
		t.Errorf("exit %d\n%s%s", o.code, o.stdout, o.stderr)
	}
	var d struct {
		From    string `json:"from"`
		Metrics []struct {
			Metric string
			Value  *float64
		}
	}
	if err := json.Unmarshal(got["/other/hunter3"], &d); err != nil || d.From != "2026-11-16" {
		t.Fatalf("the webhook got %s, %v", got["/other/hunter3"], err)
	}
	for _, m := range d.Metrics {
		rows := w.query(`select value from four_keys where period = 'week' and period_start = date '2026-11-16' and dimension = 'all' and metric = '` + m.Metric + `'`)
		if len(rows) != 1 || (rows[0][0] == nil) != (m.Value == nil) || m.Value != nil && rows[0][0].(float64) != *m.Value {
			t.Errorf("%s: the digest says %v, four_keys %v", m.Metric, m.Value, rows)
		}
	}
}
