package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
	"fourfold/dashboards/web"
	"fourfold/internal/config"
	fake "fourfold/internal/fake/bigquery"
	"fourfold/internal/parity"
)

// filteredPanels are panels whose queries have between them every way to filter, and every word that the engines say differently.
var filteredPanels = map[string][]string{
	"keys":                 {"service=payments&period=week&range=26w", "repository=fourfold-shop/storefront&range=12w"},
	"restores_by_severity": {"severity=Major&type=Production&from=2026-01-15&to=2026-06-20", "field=" + url.QueryEscape("Affected services: Payments") + "&range=all"},
	"incident_hours":       {"team=Storefront&period=quarter&range=24m"},
	"lead_phase_trend":     {"service=web&period=week&range=26w"},
	"follow_up_completion": {"team=Platform&period=week&range=26w"},
	"hours":                {"severity=Minor&range=all"},
	"incidents":            {"counted=all&service=api"},
}

// compareDashboards asks the page of both warehouses for all that it shows.
func compareDashboards(t *testing.T, here, there *company, server *fake.Server) {
	t.Helper()
	catalogue, err := dashboards.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.Asked()
	if err != nil {
		t.Fatal(err)
	}
	want, got := here.dashboard(), there.dashboard()
	// Pages first, so that it can be counted what each asks.
	failed := regexp.MustCompile(`"deployment_id":"([^"]*)"`).FindStringSubmatch(answerOf(t, want, "/api/panels/failures.json"))
	if failed == nil {
		t.Fatal("there is no failed deployment")
	}
	for _, p := range pages {
		path := strings.NewReplacer("incidents/ID", "incidents/INC-591", "deployments/ID", "deployments/"+failed[1]).Replace(p.Path)
		server.Calls()
		for _, as := range []string{"", "?lang=ja&kiosk"} {
			if diff := cmp.Diff(shownOf(t, want, path+as), shownOf(t, got, path+as)); diff != "" {
				t.Errorf("%s%s (-DuckDB +BigQuery):\n%s", path, as, diff)
			}
		}
		n := fake.Count(server.Calls(), "query", "jobs.query")
		t.Logf("%s: %d queries", p.Path, n)
		if n > len(p.Queries) {
			t.Errorf("%s ran %d queries, in two languages, and %d are said of it", p.Path, n, len(p.Queries))
		}
	}
	rows := 0
	for _, p := range catalogue.Panels {
		for _, filter := range append([]string{""}, filteredPanels[p.Key]...) {
			rows += comparePanel(t, want, got, "/api/panels/"+p.Key+".json?"+filter)
		}
	}
	if t.Logf("%d rows of %d panels", rows, len(catalogue.Panels)); rows < 5_000 {
		t.Errorf("only %d rows of panels: what has this shown?", rows)
	}
}

// dashboard is what `serve` shows of a company, with the panels about persons; its address is not listened at.
func (c *company) dashboard() http.Handler {
	c.t.Helper()
	shown, cfg := *c.app, *c.cfg
	shown.cfg = &cfg
	cfg.Privacy.People = config.IncludePeople
	cfg.Dashboard.QueryTimeout.Duration = 2 * time.Minute // the emulator does one thing at a time, for other tests, too
	page, err := shown.openPage(c.t.Context(), "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		if err := page.reader.Close(); err != nil {
			c.t.Error(err)
		}
	})
	if err := page.listener.Close(); err != nil {
		c.t.Fatal(err)
	}
	return page.handler
}

// answerOf is what is answered at an address, which must be an answer.
func answerOf(t *testing.T, h http.Handler, address string) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%s answered %d:\n%s", address, w.Code, w.Body)
	}
	return w.Body.String()
}

// statement is SQL on a page, which is in the words of the engine.
var statement = regexp.MustCompile(`(?s)<pre tabindex="0"><code>.*?</code></pre>`)

// shownOf are the lines of a page without its statements.
func shownOf(t *testing.T, h http.Handler, address string) []string {
	t.Helper()
	return strings.Split(statement.ReplaceAllString(answerOf(t, h, address), ""), "\n")
}

// comparePanel compares the rows of a panel in their order, an object a line; fractions may differ as those of marts may. It gives their number.
func comparePanel(t *testing.T, here, there http.Handler, address string) int {
	t.Helper()
	want, got := strings.Split(answerOf(t, here, address), "\n"), strings.Split(answerOf(t, there, address), "\n")
	if len(want) != len(got) {
		t.Errorf("%s: %d rows on DuckDB, %d on BigQuery", address, len(want)-3, len(got)-3)
		return 0
	}
	for i := range want {
		if want[i] != got[i] && !parity.Alike(strings.TrimSuffix(want[i], ","), strings.TrimSuffix(got[i], ",")) {
			t.Errorf("%s: row %d:\nDuckDB   %s\nBigQuery %s", address, i, want[i], got[i])
			break // those after it may be out of step
		}
	}
	return len(want) - 3 // without the brackets
}
