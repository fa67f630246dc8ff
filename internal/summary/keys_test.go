package summary

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
	"fourfold/dbt"
	"fourfold/load"
	"fourfold/load/duckdb"
)

// build is the fixture of the dashboard as a published build.
type build struct{ reader *duckdb.Reader }

func (build) Engine() dashboards.Engine { return dashboards.DuckDB }

func (b build) Query(ctx context.Context, q string, args ...any) (*load.Rows, error) {
	return b.reader.Query(ctx, "b1", q, args...)
}

// newBuild makes a build of the dashboard's fixture, and of statements after it.
func newBuild(t *testing.T, statements string) build {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"metrics.csv", "stats_limits.csv", "levels.csv"} {
		text, err := fs.ReadFile(dbt.Project, "seeds/static/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	all := "set TimeZone = 'UTC';"
	for _, name := range []string{"fixture.sql", "fixture_delivery.sql"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "dashboards", "web", "browsertest", name))
		if err != nil {
			t.Fatal(err)
		}
		all += strings.ReplaceAll(string(text), "$dir", dir)
	}
	// The fixture has no four_keys, which the dashboard does not read; here it has the rows that are not of the keys.
	all += `create table four_keys (period varchar, period_start date, dimension varchar, dimension_value varchar, metric varchar, value double, sample_size bigint);
create table fct_unlinked_incidents as select incident_id, reference, cast(null as varchar) as decided_by from fct_incidents where is_counted limit 12;
update fct_unlinked_incidents set decided_by = '佐藤 花子' where incident_id = (select min(incident_id) from fct_unlinked_incidents);
create table rpt_follow_ups (dimension varchar, dimension_value varchar, open_count bigint, overdue_count bigint, completion_rate double);
insert into rpt_follow_ups values ('all', 'all', 9, 4, 0.83333), ('team', 'Platform', 5, 3, 0.8), ('team', '基盤', 4, 1, 0.9), ('team', 'Web', 0, 0, 1);
create table fct_drills (incident_id varchar, time_to_accept_seconds bigint, time_to_close_seconds bigint);
insert into fct_drills values ('a', 120, 3600), ('b', 300, 7300), ('c', null, null);
insert into four_keys values ('year', '2026-01-01', 'all', 'all', 'incidents', 200, 200), ('week', '2026-11-23', 'all', 'all', 'incidents', 3, 3);`
	b := duckdb.Builds{Dir: dir}
	if err := b.Prepare(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", b.Next())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(all + statements); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Keep("b1"); err != nil {
		t.Fatal(err)
	}
	made := build{duckdb.NewReader(b.Dir, duckdb.Limits{})}
	t.Cleanup(func() {
		if err := made.reader.Close(); err != nil {
			t.Error(err)
		}
	})
	return made
}

func write(t *testing.T, b build) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(t.Context(), &out, b, "fourfold --config my.yaml"); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTheKeysAreShownInTotalAndByService(t *testing.T) {
	got := write(t, newBuild(t, ""))
	golden := filepath.Join("testdata", "keys.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// What the summary tells to type gives the numbers that it shows, without the metric template.
func TestTheCommandsConfirmEveryNumber(t *testing.T) {
	b := newBuild(t, "")
	short := newBuild(t, "delete from fct_measures where local_date < date '2026-11-01'; update fct_measures set is_group_first = true;")
	for name, b := range map[string]build{"90 days": b, "25 days": short} {
		out := write(t, b)
		shown := map[string][]string{} // by service: value and n of each key, of services the n of the deployments alone
		for _, line := range strings.Split(out, "\n") {
			cells := regexp.MustCompile(`  +`).Split(strings.TrimRight(line, " "), -1)
			switch {
			case len(cells) >= 3 && regexp.MustCompile(`^[A-Z].*(frequency|rate|\(median\))$`).MatchString(cells[0]):
				n := ""
				for _, c := range cells[2:] {
					if regexp.MustCompile(`^\d+$`).MatchString(c) {
						n = c
					}
				}
				shown["all"] = append(shown["all"], cells[1]+" of "+n)
			case len(cells) == 7 && regexp.MustCompile(`^\d+$`).MatchString(cells[1]):
				for k, c := range cells[2:] {
					value, _, _ := strings.Cut(c, ", ")
					if k == 0 {
						value += " of " + cells[1]
					}
					shown[cells[0]] = append(shown[cells[0]], value)
				}
			}
		}
		want := map[string][]string{}
		commands := regexp.MustCompile(`sql "([^"]+)"`).FindAllStringSubmatch(out, -1)
		for i, c := range commands[:2] {
			byMetric := map[string]map[string][]any{}
			rows, err := b.Query(t.Context(), c[1])
			if err != nil {
				t.Fatal(err)
			}
			for row, err := range rows.All {
				if err != nil {
					t.Fatal(err)
				}
				cells := append([]any{"all"}, row...)
				if i == 1 {
					cells = cells[1:]
				}
				group := fmt.Sprint(cells[0])
				if byMetric[group] == nil {
					byMetric[group] = map[string][]any{}
				}
				byMetric[group][fmt.Sprint(cells[1])] = append([]any{}, cells[2:]...)
			}
			for group, metrics := range byMetric {
				for _, key := range keyOrder {
					measure, column, unit := key, 3, "seconds"
					switch key {
					case "deployments_per_day":
						measure, column, unit = "deployments", 1, ""
					case "change_failure_rate", "rework_rate":
						column, unit = 2, "ratio"
					}
					row := metrics[measure]
					if row == nil {
						row = []any{int64(0), nil, nil, nil}
					}
					number, per := writer(key, unit, row[column])
					text := number(row[column]) + per
					if group == "all" || key == "deployments_per_day" {
						text += fmt.Sprint(" of ", row[0])
					}
					want[group] = append(want[group], text)
				}
			}
		}
		if d := cmp.Diff(want, shown); d != "" || len(want) != 6 {
			t.Errorf("%s (-SQL +shown)\n%s", name, d)
		}
	}
}

// What needs somebody is counted in a line each, and where there is nothing there is no line.
func TestLooseEndsAreALineEach(t *testing.T) {
	got := write(t, newBuild(t, ""))
	for _, want := range []string{
		"Unlinked: 12 of the 291 incidents have no deployment that is known for their cause, 1 of them by a person's decision.",
		"Follow-ups: 4 of 9 open ones are overdue (Platform 3, 基盤 1); 83.3 % of all are completed.",
		"Drills: 3, accepted after 3 m 30 s (median of 2), closed after 1 h 30 m (median of 2):",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	got = write(t, newBuild(t, "delete from fct_unlinked_incidents; update rpt_follow_ups set open_count = 0; delete from fct_drills;"))
	for _, word := range []string{"Unlinked", "Follow-ups", "Drills"} {
		if strings.Contains(got, word) {
			t.Errorf("%s is told though there is nothing:\n%s", word, got)
		}
	}
	if got := write(t, newBuild(t, "delete from fct_deployments; delete from fct_changes; delete from fct_measures where object_type <> 'incident';")); strings.Contains(got, "Unlinked") {
		t.Errorf("without deployments there is nothing to link:\n%s", got)
	}
}

// However many services there are, the page stays one.
func TestOfManyServicesThoseWithTheMostDeploymentsHaveALine(t *testing.T) {
	more := `insert into fct_measures by name select m.* replace ('s' || n as service, m.object_id || '-' || n as object_id) from fct_measures as m, range(10, 30) as r(n)
where m.service = 'search' and m.object_type = 'deployment';`
	got := write(t, newBuild(t, more))
	if !strings.Contains(got, "and 13 services with fewer deployments: the dashboard has all") || strings.Contains(got, "\n決済基盤 ") || !strings.Contains(got, "\nworker ") {
		t.Errorf("%s", got)
	}
	if n := strings.Count(got, "\n"); n > 60 {
		t.Errorf("%d lines", n)
	}
}

func TestWithoutDeploymentsItIsSaidWhatToDo(t *testing.T) {
	const nothing = "delete from fct_deployments; delete from fct_changes; delete from fct_measures where object_type <> 'incident';"
	if got := write(t, newBuild(t, nothing)); !strings.HasPrefix(got, "No deployments are read, so there are no Four Keys: add sources.github to fourfold.yaml.\n\n") || !strings.Contains(got, "incidents counted") {
		t.Errorf("%s", got)
	}
	b := newBuild(t, "update fct_deployments set is_counted = false, exclusion_reason = 'D1 environment production-eu';")
	got := write(t, b)
	if !strings.HasPrefix(got, "None of the deployments counts, so there are no Four Keys. Why:\n  fourfold --config my.yaml sql \"") {
		t.Errorf("%s", got)
	}
	rows, err := b.Query(t.Context(), regexp.MustCompile(`sql "([^"]+)"`).FindStringSubmatch(got)[1])
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range rows.All {
		if err != nil || row[0] != "D1 environment production-eu" {
			t.Errorf("%v %v", row, err)
		}
	}
}
