package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/incidentio"
)

// filesConfig reads an earlier tool's history and another deployment system, in Tokyo, beside nothing else.
const filesConfig = `
timezone: Asia/Tokyo
privacy: {hash_key: k}
sources:
  files:
    - path: history/*.csv
      kind: incidents
      mapping: {id: 番号, name: 件名, started_at: 発生, restored_at: 復旧, services: 対象}
    - {path: deploys.ndjson, kind: deployments, service: api}
services:
  - {name: api, team: payments, deployments: [{from: files, environment: production}]}
  - {name: web, deployments: [{from: files, environment: production}]}
`

// file writes a file that was changed long ago, each time at another time.
func (w *workplace) file(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if info, err := os.Stat(path); err == nil {
		at = info.ModTime().Add(time.Hour)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		w.t.Fatal(err)
	}
}

// lines gives the rows of a query over the marts as lines.
func (w *workplace) lines(q string) []string {
	w.t.Helper()
	var out []string
	for _, row := range w.query(q) {
		var line []string
		for _, v := range row {
			if v == nil {
				v = "-"
			}
			line = append(line, fmt.Sprint(v))
		}
		out = append(out, strings.Join(line, " | "))
	}
	return out
}

func (w *workplace) want(what, q string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.lines(q)); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const filedIncidents = `select incident_id, name, coalesce(lead like 'person-%', false), status_category, strftime(started_at at time zone 'UTC', '%d %H:%M'),
    time_to_restore_seconds, restore_start_basis, restore_end_basis, is_counted from fct_incidents order by 1`

func TestAHistoryInFilesBecomesIncidentsAndDeploymentsLikeAnyOther(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t, filesConfig)
	w.file("history/2025.csv", strings.Join([]string{
		"番号,件名,発生,復旧,対象,lead,visibility,closed_at",
		"1,決済が停止,2025/11/02 09:00,2025/11/02 10:30,API,佐藤,,",
		"2,\"two\nlines\",2025-11-03 09:00,,web; api,,public,2025-11-03 12:00",
		"3,秘密,2025-11-03 09:00,2025-11-03 10:00,api,,private,",
		"4,bad,2025-11-03 09:00,2 hours,api,,,",
		",no id,2025-11-03 09:00,,api,,,",
		"1,again,2025-11-03 09:00,,api,,,",
	}, "\r\n"))
	w.file("history/2026.csv", "番号,件名,発生,復旧,対象\n5,open,2026-01-10 09:00,,ghost\n")
	w.file("deploys.ndjson", strings.Join([]string{
		`{"id":"d1","finished_at":"2025-11-01 12:00","status":"成功"}`,
		`{"id":"d2","finished_at":"2025-11-02 08:30","status":"Succeeded"}`,
		`{"id":"d3","finished_at":"2025-11-02 08:40","status":"failed"}`,
		`{"id":"d4","finished_at":"2025-11-02 08:45","environment":"staging"}`,
		`{"id":"d5","finished_at":"2025-11-02 08:45","service":"web"}`,
		`{"id":"d6","finished_at":"soon"}`,
	}, "\n"))
	w.run("run")

	w.want("incidents", filedIncidents,
		"1 | 決済が停止 | true | closed | 02 00:00 | 5400 | started_at | restored_at | true",
		"2 | two\nlines | false | closed | 03 00:00 | 10800 | started_at | Closed at | true",
		"5 | open | false | live | 10 00:00 | - | started_at | - | true")
	w.want("services", "select incident_id, service, team from fct_incident_services order by all", "1 | api | payments", "2 | api | payments", "2 | web | -")
	w.want("deployments", "select deployment_id, service, environment, strftime(finished_at at time zone 'UTC', '%d %H:%M'), is_counted from fct_deployments order by 1",
		"files:d1 | api | production | 01 03:00 | true", "files:d2 | api | production | 01 23:30 | true", "files:d3 | api | production | - | false",
		"files:d4 | api | staging | 01 23:45 | false", "files:d5 | web | production | 01 23:45 | true")
	w.want("the cause", "select incident_id, deployment_id, method from fct_incident_deployments order by all", "1 | files:d2 | proximity")
	const aside = "error | set aside, in no number: "
	const times = "expected a time (2026-11-02T10:00:00Z, 2026-11-02 10:00, 2026/11/02, Unix seconds or milliseconds), found "
	const rejected = "select severity, detail from data_quality where rule = 'rejected' order by detail"
	w.want("set aside", rejected, aside+"finished_at: deploys.ndjson:6: "+times+`"soon"`, aside+"id: history/2025.csv:7: missing: every row needs one",
		aside+`id: history/2025.csv:8: the id "1" stands at history/2025.csv:2 already, whose row is taken`, aside+"restored_at: history/2025.csv:6: "+times+`"2 hours"`)
	w.want("unknown", "select object_id, detail from data_quality where rule = 'unknown_service'", `5 | 5 is of the service "ghost", which is not configured; it is in no breakdown of it`)

	// Nothing has changed: nothing is read, and nothing is built.
	if o := w.try("run"); o.code != 0 || strings.Count(o.stderr, "rows=0 added=0 tombstones=0") != 2 || strings.Contains(o.stderr, "commit graph") {
		t.Errorf("a round in which nothing changed: exit %d\n%s", o.code, o.stderr)
	}
	// Mistakes are mended, a row goes, and a file.
	w.file("history/2025.csv", "番号,件名,発生,復旧,対象\n1,決済が停止,2025/11/02 09:00,2025/11/02 10:00,API\n4,mended,2025-11-03 09:00,,web\n")
	if err := os.Remove(filepath.Join(w.dir, "history", "2026.csv")); err != nil {
		t.Fatal(err)
	}
	w.file("deploys.ndjson", `{"id":"d1","finished_at":"2025-11-01 12:00","status":"成功"}`)
	o := w.try("run")
	if want := "history/2026.csv is there no more: its 1 incidents have gone from every number"; o.code != 0 || !strings.Contains(o.stderr, want) {
		t.Errorf("exit %d, want %q in\n%s", o.code, want, o.stderr)
	}
	if text := w.run("status"); !strings.Contains(text, "history/2026.csv is there no more") {
		t.Errorf("status says\n%s", text)
	}
	w.want("incidents", filedIncidents, "1 | 決済が停止 | false | closed | 02 00:00 | 3600 | started_at | restored_at | true",
		"4 | mended | false | live | 03 00:00 | - | started_at | - | true")
	w.want("deployments", "select deployment_id from fct_deployments", "files:d1")
	w.want("nothing is set aside", rejected)
}

func TestFilesThatCannotBeReadAreSaidAndTheOtherSourcesLand(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	config := func(files string) string {
		return keyConfig(base, fake.DefaultKey) + "    rate_limit: off\n  files:\n" + files
	}
	w := newWorkplace(t, config("    - {path: h.csv, kind: incidents}\n"))
	w.fails(3, "fourfold.yaml:7: sources.files[0]: no file is named like h.csv", "sync")
	w.file("h.csv", "id,created_at\na,2026-01-01\nb,2026-01-01\n")
	w.run("sync", "--source", "files")
	live := func() string {
		return strings.Join(w.raw("select id from files_incidents where not _deleted except select id from files_incidents where _deleted order by 1"), " ")
	}
	w.file("h.csv", "id,created_at\na,\"2026-01-01\n")
	o := w.fails(3, "h.csv: line 2: a quote is not closed", "sync")
	if !strings.Contains(o.stderr, "stream=incidents status=ok") {
		t.Errorf("the others did not land:\n%s", o.stderr)
	}
	if got := live(); got != "a b" {
		t.Errorf("live: %s", got)
	}
	w.configure(config("    - path: h.csv\n      kind: incidents\n      mapping: {created_at: Opend, name: id}\n"))
	w.file("h.csv", "id,Opened\na,2026-01-01\n")
	w.fails(3, `fourfold.yaml:9: sources.files[0].mapping.created_at: "Opend" is not known: did you mean "Opened"?`, "sync")
	if got := live(); got != "a b" {
		t.Errorf("live: %s", got)
	}
	w.configure(config("    - {path: h.csv, kind: incidents, mapping: {time_to_restore_seconds: x}}\n"))
	w.fails(2, "fourfold.yaml:7: sources.files[0].mapping.time_to_restore_seconds: is computed: no file can say it", "sync")
}

func TestAnIDThatIncidentIOHasIsIncidentIOs(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	w := newWorkplace(t, smallConfig(base))
	w.run("run")
	before := w.lines("select * exclude (build_id) from fct_incidents order by incident_id")
	id := w.one("select min(incident_id) from fct_incidents where is_counted")
	w.configure(strings.Replace(smallConfig(base), "sources:\n", "sources:\n  files: [{path: h.csv, kind: incidents}]\n", 1))
	w.file("h.csv", fmt.Sprintf("id,name,created_at,restored_at\n%s,Of the file,2026-01-01,2026-01-02\n", id))
	w.run("run")
	if diff := cmp.Diff(before, w.lines("select * exclude (build_id) from fct_incidents order by incident_id")); diff != "" {
		t.Errorf("incidents (-want +got):\n%s", diff)
	}
	w.want("finding", "select object_id, detail from data_quality where rule = 'incident_in_two_sources'",
		fmt.Sprintf("%s | its row at h.csv:2 is passed over: incident.io has an incident of that id", id))
}
