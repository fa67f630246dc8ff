package file

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	arrowarray "github.com/apache/arrow-go/v18/arrow/array"

	"fourfold/extract"
	"fourfold/internal/config"
	"fourfold/transform"
)

func TestTheConfigurationAndTheReaderKnowTheSameColumns(t *testing.T) {
	for kind, names := range config.FileColumns {
		want := slices.Clone(names)
		slices.Sort(want)
		same(t, string(kind), Kind(kind).Columns(), want)
		for _, c := range Kind(kind).Columns() {
			if Kind(kind).index(c) < 0 {
				t.Errorf("%s of %s has no place", c, kind)
			}
		}
	}
}

func TestAnIncidentIsReadByItsColumnsWhateverTheirCaseAndOrder(t *testing.T) {
	w := newWorld(t, Incidents, Set{Path: "*", Zone: zone(t, "Asia/Tokyo"), Service: "web", Mapping: map[string]string{
		"incident_id": "Key", "name": "Title", "started_at": "Began",
	}})
	w.write("a.csv", strings.Join([]string{
		"KEY,Reference,title,Name,Permalink,Mode,Severity,Severity_Rank,Incident_Type,Status,Status_Category,Service,Began,Reported_At,Acknowledged_At,Restored_At,Closed_At,is_counted,note",
		`1,INC-1,Down,other,https://x.example/1,Retrospective,SEV1,3,Default,Done,Cancelled,"api; Web|api",2026-11-02 09:00,2026-11-02 09:05,2026-11-02 09:06,2026-11-02 10:00,2026-11-03,x,y`,
		`2,,,,,,,,,,,,2026-11-02 09:00,,,,,,`,
	}, "\n"))
	same(t, "run", w.run(), round{Rows: 2, Landed: []string{"1", "2"}})
	want, got := object{
		"id": "1", "reference": "INC-1", "name": "Down", "permalink": "https://x.example/1", "mode": "retrospective", "visibility": "public", "severity": "SEV1",
		"severity_rank": float64(3), "incident_type": "Default", "status": "Done", "status_category": "canceled", "services": []any{"api", "Web"},
		"created_at": "2026-11-02T00:05:00.000000Z", "started_at": "2026-11-02T00:00:00.000000Z", "reported_at": "2026-11-02T00:05:00.000000Z",
		"acknowledged_at": "2026-11-02T00:06:00.000000Z", "restored_at": "2026-11-02T01:00:00.000000Z", "closed_at": "2026-11-02T15:00:00.000000Z",
		"file": "a.csv", "line": float64(2),
	}, w.live["1"]
	same(t, "all of it", got, want)
	same(t, "the least", w.live["2"], object{
		"id": "2", "visibility": "public", "services": []any{"web"}, "created_at": "2026-11-02T00:00:00.000000Z", "started_at": "2026-11-02T00:00:00.000000Z",
		"file": "a.csv", "line": float64(3),
	})
	if n := strings.Count(w.log.String(), "these columns are not read"); n != 1 || !strings.Contains(w.log.String(), `columns="Name, is_counted, note"`) {
		t.Errorf("the log says %d times\n%s", n, w.log.String())
	}
}

func TestATimeThatCannotBeReadSetsTheRowAsideAndAnotherValueIsLeftOut(t *testing.T) {
	w := newWorld(t, Incidents)
	w.write("a.csv", strings.Join([]string{
		"id,created_at,restored_at,severity_rank,permalink",
		"a,2026-11-02,3 hours,1,",
		"b,2026-11-02,,high,javascript:alert(1)",
		"c,2026-11-02,2026-11-02 25:00,low,",
	}, "\n"))
	got := w.run()
	same(t, "landed", got.Landed, []string{"b"})
	if len(got.Aside) != 3 || !strings.HasPrefix(got.Aside[0], "a.csv:2: expected a time (") || !strings.HasSuffix(got.Aside[0], `, found "3 hours"`) {
		t.Errorf("set aside %q", got.Aside)
	}
	same(t, "left out", got.Left, []string{
		`permalink: a.csv:3: expected an http or https address, found "javascript:alert(1)"`, `severity_rank: a.csv:3: expected a whole number, found "high"`,
	})
}

func TestADeploymentIsReadWithTheWordsOfOtherSystemsAndItsWholeRow(t *testing.T) {
	w := newWorld(t, Deployments)
	sha := strings.Repeat("ABCD012345", 4)
	w.write("a.ndjson", strings.Join([]string{
		`{"deployment_id":7,"service":"api","repository":"acme/api","environment":"Prod","sha":"` + sha + `","ref":"main","status":"Succeeded","url":"https://ci.example/7","created_at":"2026-11-02T09:00:00Z","finished_at":"2026-11-02T09:10:00Z","pipeline":{"id":12},"tags":["a",1]}`,
		`{"id":"b","service":"api","finished_at":"2026-11-02T09:10:00Z"}`, `{"id":"c","service":"api"}`, `{"id":"d","service":"api","status":"失敗","finished_at":1762041600}`,
		`{"id":"e","service":"api","status":"timed out"}`, `{"id":"f","service":"api","status":"In Progress"}`, `{"id":"g","service":"api","status":"成功"}`,
		`{"id":"h","service":"api","status":"green"}`, `{"id":"i","status":"ok","finished_at":1762041600}`, `{"id":"j","service":"api","sha":"latest"}`,
	}, "\n"))
	got := w.run()
	same(t, "landed", got.Landed, []string{"7", "b", "c", "d", "e", "f", "g", "j"})
	same(t, "all of it", w.live["7"], object{
		"id": "7", "service": "api", "repository": "acme/api", "environment": "Prod", "sha": strings.ToLower(sha), "ref": "main", "status": "success", "url": "https://ci.example/7",
		"created_at": "2026-11-02T09:00:00.000000Z", "finished_at": "2026-11-02T09:10:00.000000Z", "file": "a.ndjson", "line": float64(1),
		"fields": map[string]any{
			"deployment_id": float64(7), "service": "api", "repository": "acme/api", "environment": "Prod", "sha": sha, "ref": "main", "status": "Succeeded", "url": "https://ci.example/7",
			"created_at": "2026-11-02T09:00:00Z", "finished_at": "2026-11-02T09:10:00Z", "pipeline": map[string]any{"id": float64(12)}, "tags": []any{"a", float64(1)},
		},
	})
	var statuses []string
	for _, id := range []string{"b", "c", "d", "e", "f", "g"} {
		statuses = append(statuses, w.fields(id, "status", "environment")...)
	}
	same(t, "statuses", statuses, []string{
		"success", "production", "in_progress", "production", "failure", "production", "failure", "production", "in_progress", "production", "success", "production",
	})
	same(t, "set aside", got.Aside, []string{
		`a.ndjson:8: expected ` + knownStatuses + `, found "green"`, "a.ndjson:9: missing: no column names it, and the configuration names none for this file",
	})
	same(t, "left out", got.Left, []string{
		"finished_at: a.ndjson:7: missing: it succeeded, but counts only with the time when it finished (D1)",
		`sha: a.ndjson:10: expected the hash of a commit, found "latest"`,
	})
}

func TestAGroupMayBeFoundInAColumnOfACSVFile(t *testing.T) {
	w := newWorld(t, Deployments, Set{Path: "*", Service: "api"})
	w.write("a.csv", "id,finished_at,Pipeline ID\n1,2026-11-02,p-1\n2,2026-11-02,\n")
	w.run()
	same(t, "fields", w.live["1"]["fields"], any(map[string]any{"id": "1", "finished_at": "2026-11-02", "Pipeline ID": "p-1"}))
	same(t, "none", w.live["2"]["fields"], any(map[string]any{"id": "2", "finished_at": "2026-11-02"}))
}

// landed gives what the ledgers get of one run under a privacy policy: all of it as text, and columns of the first row.
func landed(t *testing.T, w *world, policy transform.Policy) (all string, columns map[string]string) {
	t.Helper()
	w.opts.PrivateIncidents = policy.PrivateIncidents
	for i := range w.opts.Sets {
		w.opts.Sets[i].People = policy.People
	}
	tab := table(w.kind)
	rows := transform.NewRows(tab, transform.Run{ID: "r", At: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)}, policy)
	for p, err := range New(w.opts).Streams()[0].Read(t.Context(), extract.Input{Ledger: w}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Records {
			rows.AddJudged(r.JSON, r.Private, r.Verdict)
		}
	}
	batch := rows.Flush()
	defer batch.Rows.Release()
	text, err := batch.Rows.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	all = string(text)
	for _, r := range batch.Rejected {
		all += string(r.Record())
	}
	columns = map[string]string{}
	for i, f := range batch.Rows.Schema().Fields() {
		if c, ok := batch.Rows.Column(i).(*arrowarray.String); ok && c.Len() > 0 && c.IsValid(0) {
			columns[f.Name] = c.Value(0)
		}
	}
	return all, columns
}

func TestPeopleInFilesAreTreatedAsThePolicySays(t *testing.T) {
	incidents := "id,lead,created_at,severity_rank\na,Alice Smith,2026-11-02,\nb,bob@example.com,2026-11-02,high\nc,Carol Jones,never,\n"
	deployments := "id,finished_at,deployed_by,Approver,note,email,pipeline\na,2026-11-02,Alice Smith,Carol Jones,bob@example.com,alice@example.com,p-1\n"
	secrets := []string{"Alice", "Smith", "bob@", "Carol", "example.com"}
	for _, kind := range []Kind{Incidents, Deployments} {
		text := map[Kind]string{Incidents: incidents, Deployments: deployments}[kind]
		for _, people := range []string{"hash", "drop", "include"} {
			w := newWorld(t, kind, Set{Path: "*", Service: "api"})
			w.write("a.csv", text)
			all, columns := landed(t, w, transform.Policy{PrivateIncidents: "exclude", People: people, HashKey: []byte("k")})
			for _, s := range secrets {
				if there := strings.Contains(all, s); there != (people == "include") {
					t.Errorf("%s, %s: %q is there: %v\n%s", kind, people, s, there, all)
				}
			}
			if kind == Incidents {
				if lead := columns["lead"]; strings.HasPrefix(lead, "person-") != (people == "hash") || (lead == "Alice Smith") != (people == "include") {
					t.Errorf("%s: lead %q", people, lead)
				}
				continue
			}
			var fields map[string]any
			if err := json.Unmarshal([]byte(columns["fields"]), &fields); err != nil || fields["pipeline"] != "p-1" {
				t.Errorf("%s: fields %s", people, columns["fields"])
			}
		}
	}
}

func TestPrivateIncidentsOfFilesAreTreatedAsThePolicySays(t *testing.T) {
	text := "id,name,lead,visibility,created_at,severity_rank,severity\n" +
		"a,Secret one,Alice,Private,2026-11-02,1,SEV1\nb,Secret two,Alice,confidential,2026-11-02,1,SEV1\nc,Secret three,Alice,private,2026-11-02,Secret rank,SEV1\nd,Secret four,Alice,private,Secret day,,SEV1\n"
	for policy, want := range map[string]struct{ secret, severity bool }{"exclude": {false, false}, "redact": {false, true}, "include": {true, true}} {
		w := newWorld(t, Incidents)
		w.write("a.csv", text)
		all, columns := landed(t, w, transform.Policy{PrivateIncidents: policy, People: "include"})
		if there := strings.Contains(all, "Secret"); there != want.secret {
			t.Errorf("%s: text is there: %v\n%s", policy, there, all)
		}
		if there := strings.Contains(all, "SEV1"); there != want.severity {
			t.Errorf("%s: severity is there: %v\n%s", policy, there, all)
		}
		if policy == "redact" && columns["name"] != "(private)" {
			t.Errorf("name %q", columns["name"])
		}
	}
}

func TestAnIncidentThatIsNoLongerPrivateInOneFileIsTakenFromAnother(t *testing.T) {
	w := newWorld(t, Incidents)
	w.write("a.csv", "id,created_at,visibility\nx,2026-11-02,private\n")
	w.write("b.csv", "id,created_at,name\ny,2026-11-02,Y\n")
	w.run()
	w.write("b.csv", "id,created_at,name\nx,2026-11-02,public?\n")
	w.run()
	if len(w.live) > 0 {
		t.Errorf("an incident that a file says is private is there: %v", w.live)
	}
	w.write("a.csv", "id,created_at,visibility\n")
	w.run()
	same(t, "live", w.fields("x", "name"), []string{"public?"})
}
