package browsertest

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
	"fourfold/dashboards/report"
	"fourfold/dashboards/web"
)

const (
	nothing = `delete from fct_measures; delete from fct_incidents; delete from fct_incident_services; delete from fct_incident_timestamps;
delete from fct_incident_status_intervals; delete from fct_deployments; delete from fct_changes; delete from fct_incident_deployments;
delete from fct_follow_ups; delete from rpt_follow_up_reminders; delete from fct_unlinked_incidents; delete from data_quality;
delete from fct_incident_fields; delete from fct_drills; delete from fct_postmortems;
delete from dim_severities; delete from dim_services; delete from dim_repositories; update publication set freshness = '[]';`
	oneIncident = `delete from fct_follow_ups; delete from rpt_follow_up_reminders;
delete from fct_incidents where incident_id <> (select max(incident_id) from fct_incidents where restored_at is not null and is_counted and started_at < timestamptz '2026-10-31');
delete from fct_measures where object_id not in (select incident_id from fct_incidents); update fct_measures set is_group_first = true;
delete from fct_incident_status_intervals where incident_id not in (select incident_id from fct_incidents);
delete from fct_unlinked_incidents where incident_id not in (select incident_id from fct_incidents);
delete from fct_incident_fields where incident_id not in (select incident_id from fct_incidents);
delete from fct_postmortems where incident_id not in (select incident_id from fct_incidents); delete from fct_drills;`
)

func openSheet(t *testing.T, q web.Querier, language string) *web.Sheet {
	t.Helper()
	s, err := web.OpenSheet(t.Context(), web.SheetOptions{Querier: q, Engine: dashboards.DuckDB, Language: language, QueryTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func makeReport(t *testing.T, q web.Querier, language, period string) *report.Document {
	t.Helper()
	d, err := report.Make(t.Context(), openSheet(t, q, language), period)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The tests of package report run without DuckDB, on answers that DuckDB gave: here it is shown that it still gives them.
func TestTheReportsRecordedAnswersAreWhatDuckDBSays(t *testing.T) {
	r := &recorder{marts: openBuild(t, makeFixture(t, fixtureSQL)), answers: map[string]recording{}}
	makeReport(t, r, "en", report.LastMonth)
	got, err := json.MarshalIndent(r.answers, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "..", "report", "testdata", "build.json")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s is not what DuckDB says (-file +DuckDB); run: go test ./dashboards/web/browsertest -run Recorded -update\n%s", file, diff)
	}
}

// What a report says of a period is what the metric template says of exactly its days, whatever came after them.
func TestAReportEndsWhereItsPeriodEnds(t *testing.T) {
	m := openBuild(t, makeFixture(t, fixtureSQL))
	for _, x := range []struct{ period, from, to string }{
		{"last-month", "2026-10-01", "2026-10-31"},
		{"last-week", "2026-11-16", "2026-11-22"},
		{"last-quarter", "2026-07-01", "2026-09-30"},
		{"2026-03", "2026-03-01", "2026-03-31"},
		{"2026-11", "2026-11-01", "2026-11-25"},
	} {
		found := 0
		for _, s := range makeReport(t, m, "en", x.period).Sections {
			for i, table := range s.Tables {
				if s.Key != "keys" && (s.Key != "severity" || i > 0) {
					continue
				}
				for _, r := range table.Rows {
					want := metricValue(t, m, r.Key, x.from, x.to)
					got, err := strconv.ParseFloat(r.Cells[1].Raw, 64)
					if r.Cells[1].Raw == "" {
						got, err = math.NaN(), nil
					}
					if err != nil || got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
						t.Errorf("%s of %s: the report says %q, the template %v (%v)", r.Key, x.period, r.Cells[1].Raw, want, err)
					}
					if !math.IsNaN(want) {
						found++
					}
				}
			}
		}
		if found < 5 {
			t.Errorf("%s: only %d numbers to compare", x.period, found)
		}
	}
}

// metricValue asks the template; NaN is no value.
func metricValue(t *testing.T, m marts, metric, from, to string) float64 {
	t.Helper()
	q, err := dashboards.Load("metric_value")
	if err != nil {
		t.Fatal(err)
	}
	text, args, err := q.Bind(dashboards.DuckDB, map[string]any{
		"period": "whole", "from_date": from, "to_date": to, "metric": metric, "service": "", "team": "", "repository": "", "severity": "",
		"incident_type": "", "field": "", "field_value": "", "week_anchor": "1970-01-05",
	})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := m.Query(context.Background(), m.id, text, args...)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range answer.Rows {
		for i, c := range answer.Columns {
			if v, ok := row[i].(float64); c == "value" && ok {
				return v
			}
		}
	}
	return math.NaN()
}

// A report opens from a file, in a browser that complains of nothing and asks nobody, and no page of its print is wider than A4.
func TestAReportOpensFromAFileWhateverTheBuildHolds(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	for name, sql := range map[string]string{"full": "", "empty": nothing, "one-incident": oneIncident, "no-deployments": withoutGitHub} {
		for _, lang := range []string{"en", "ja"} {
			t.Run(name+"-"+lang, func(t *testing.T) {
				m := openBuild(t, makeFixture(t, fixtureSQL+sql))
				for _, period := range []string{report.LastMonth, report.LastWeek} {
					html, err := report.HTML(makeReport(t, m, lang, period))
					if err != nil {
						t.Fatal(err)
					}
					if strings.Contains(string(html), "NaN") {
						t.Error("a coordinate is no number")
					}
					file := filepath.Join(t.TempDir(), "report.html")
					if err := os.WriteFile(file, html, 0o644); err != nil {
						t.Fatal(err)
					}
					b := open(t, browser, view{width: 718, height: 1000}, "file://"+file)
					if _, err := chromedp.Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
						t.Fatal(err)
					}
					if w := eval[int64](b, "document.documentElement.scrollWidth"); w > 718 {
						t.Errorf("printed, it is %d pixels wide; A4 between its margins has 695", w)
					}
					b.save("report-" + name + "-" + lang + "-" + period)
					b.savePDF("report-" + name + "-" + lang + "-" + period)
					b.quiet()
				}
			})
		}
	}
}

// savePDF writes what a printer gets, if pictures are wanted.
func (b *tab) savePDF(name string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	pdf, err := chromedp.Run(b, chromedp.PrintToPDF())
	if err != nil {
		b.t.Fatalf("print: %v", err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".pdf"), pdf, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
