package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// meddled makes a workplace whose builds go through a script, which first lets a program have its way with the file that is
// being built and with the unpacked dbt project.
func meddled(t *testing.T, config string) (w *workplace, meddle func(python string)) {
	t.Helper()
	w = newWorkplace(t, config)
	real, err := filepath.Abs("../../.venv/bin/dbt")
	if err != nil {
		t.Fatal(err)
	}
	script, program := filepath.Join(w.dir, "dbt.sh"), filepath.Join(w.dir, "meddle.py")
	if err := os.WriteFile(script, fmt.Appendf(nil, "#!/bin/sh\nset -e\n[ ! -f %q ] || %q %q\nexec %q \"$@\"\n", program, filepath.Join(filepath.Dir(real), "python"), program, real), 0o755); err != nil {
		t.Fatal(err)
	}
	w.configure(fmt.Sprintf("dbt: {command: %q}\n", script) + config)
	return w, func(python string) {
		t.Helper()
		if python == "" {
			if err := os.Remove(program); err != nil {
				t.Fatal(err)
			}
			return
		}
		const head = `import duckdb, os, pathlib
def sql(text):
    with duckdb.connect(os.environ["FOURFOLD_BUILD_PATH"]) as con: con.execute(text)
def replace(path, old, new):
    text = pathlib.Path(path).read_text()
    assert old in text, f"{path} has no {old!r}"
    pathlib.Path(path).write_text(text.replace(old, new))
`
		if err := os.WriteFile(program, []byte(head+python+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const twoIncidents = "番号,件名,発生,復旧,対象\n1,決済が停止,2025/11/02 09:00,2025/11/02 10:30,API\n2,two,2025-11-03 09:00,2025-11-03 10:00,web; api\n"

// What makes a number wrong stops a build: the last good one stays, and who asks is told by which test.
func TestAHardTestThatFailsLeavesTheLastGoodBuildPublished(t *testing.T) {
	t.Parallel()
	w, meddle := meddled(t, filesConfig)
	w.file("history/2025.csv", twoIncidents)
	w.file("deploys.ndjson", `{"id":"d1","finished_at":"2025-11-01 12:00","status":"success"}`)
	w.run("run")
	const published = "select build_id from publication"
	good := w.one(published)

	for _, c := range []struct{ what, python, test string }{
		{
			"a commit shipped twice",
			`sql("insert into shipped_commits select 'api', 'r', upper('production'), 'c0ffee', 'files:d1', false union all select 'api', 'r', 'production', 'c0ffee', 'files:d1', false")`,
			"commits_are_shipped_once",
		},
		{"a key", `sql("insert into ship_deployments from ship_deployments limit 1")`, "key_fct_deployments_deployment_id__service"},
		{"a relationship", `sql("update ship_deployments set service = 'nobody'")`, "relationships_fct_deployments_service__service__ref_dim_services_"},
		{
			"a service against its rows",
			`replace("models/marts/metrics/four_keys.sql", "    value,\n", "    case when dimension = 'service' then value + 1 else value end as value,\n")`,
			"four_keys_services_add_up",
		},
		{
			"a total against its rows",
			`replace("models/marts/metrics/four_keys.sql", "    value,\n", "    case when dimension = 'all' then value + 1 else value end as value,\n")`,
			"four_keys_counts_every_incident_once",
		},
		{
			"a contract",
			`replace("models/marts/metrics/four_keys.sql", "    value,\n", "    cast(value as string) as value,\n")`,
			"four_keys: error",
		},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := *w
			w.t = t
			meddle(c.python)
			w.fails(1, c.test, "build", "--force")
			if now := w.one(published); now != good {
				t.Errorf("published is %v, want the last good build %v", now, good)
			}
			if got := w.sql(published); len(got) != 1 || got[0]["build_id"] != good {
				t.Errorf("who asks is answered by %v, want %v", got, good)
			}
			text := w.run("status")
			if !strings.Contains(text, "Build failed at ") || !strings.Contains(text, c.test) || !strings.Contains(text, fmt.Sprint(good)) {
				t.Errorf("the status names not %s or not %v:\n%s", c.test, good, text)
			}
			failed := 0
			for _, p := range problems(t, &w) {
				if p.Kind == "build" && strings.Contains(p.Detail, c.test) {
					failed++
				}
			}
			if failed != 1 {
				t.Errorf("%d problems are the build that failed, want 1", failed)
			}
			w.fails(1, "problem", "status", "--check")
		})
	}

	meddle("")
	w.run("build", "--force")
	if now := w.one(published); now == good {
		t.Error("a build that has nothing wrong is not published")
	}
	if text := w.run("status"); strings.Contains(text, "Build failed") {
		t.Errorf("a failure that is over is still told:\n%s", text)
	}
}

// Whatever the sources say, a build is made of it: what cannot be is a finding.
func TestWhateverIsWrongWithTheDataStopsNoBuild(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t, strings.Replace(filesConfig, "services: 対象}", "services: 対象, closed_at: 完了}", 1))
	w.file("history/2025.csv", strings.Join([]string{
		"番号,件名,発生,復旧,対象,完了,severity,status_category,mode,created_at",
		"before,ends before it starts,2025-11-02 09:00,2025-11-02 08:00,api,,,,,",
		"old,of a clock that was never set,0001-01-02,0001-01-02,api,,,,,",
		"epoch,of an empty clock,1970-01-01,2025-11-02 09:00,api,,,,,",
		"far,of the last day,9999-12-31,,api,,,,,",
		"future,not yet,2999-01-01,2999-01-02,web,,,,,",
		"nobody,of services that nobody has,2025-11-02 09:00,,\"ghost, api; ghost\",,Unheard of,,,",
		"odd,of kinds that nobody knows,2025-11-02 09:00,,api,,,hibernating,rehearsal,",
		"closed,closed before,2025-11-02 09:00,,api,2025-11-01,,,,2030-01-01",
		"'; drop table x; --,\"'\",2025-11-02 09:00,,'; api,,,,,",
		"bad,set aside,tomorrow,,api,,,,,",
	}, "\n"))
	w.file("deploys.ndjson", strings.Join([]string{
		`{"id":"before","created_at":"2025-11-02 08:30","finished_at":"2025-11-01 08:30","status":"success"}`,
		`{"id":"unknown","finished_at":"2025-11-02 08:31","status":"success","repository":"acme/none","sha":"0000000000000000000000000000000000000000"}`,
		`{"id":"short","finished_at":"2025-11-02 08:32","status":"success","repository":"Acme/None","sha":"main"}`,
		`{"id":"old","finished_at":"0001-01-02","status":"success"}`,
		`{"id":"future","finished_at":"9999-12-31","status":"success"}`,
		`{"id":"nowhere","finished_at":"2025-11-02 08:33","status":"success","environment":"プロダクション","service":"ghost"}`,
		`{"id":"odd","finished_at":"2025-11-02 08:34","status":"exploded","environment":""}`,
	}, "\n"))
	w.run("run")
	w.want("it is told", "select distinct rule from data_quality where severity <> 'info' and rule <> 'unknown_timestamp' order by rule",
		"finished_before_created", "rejected", "resolved_before_start", "time_before_1970", "time_in_future", "unknown_commit", "unknown_mode", "unknown_service", "unknown_status_category")
}
