package acceptance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/incidentio"
)

// history is a workplace in which the small organisation was read three times and built twice, with changes in between
// and in other time zones of the machine.
type history struct {
	*workplace
	server *fake.Server
	base   string
	// Of each build: its id, as of when it is, and its marts.
	builds []string
	asOf   []time.Time
	marts  []map[string]string
}

// Incidents that are added to the small organisation: one that began just now, with a name that is a formula, and one
// that comes without created_at.
const fresh, broken = "13", "14"

var tokyo, losAngeles = []string{"TZ=Asia/Tokyo", "LANG=ja_JP.UTF-8"}, []string{"TZ=America/Los_Angeles", "LANG=C", "LC_ALL=C"}

func (h *history) round(env []string, args ...string) {
	h.t.Helper()
	h.with(env...).run(append([]string{"run"}, args...)...)
	build := h.one(`select build_id from publication`).(string)
	h.builds = append(h.builds, build)
	h.asOf = append(h.asOf, h.one(`select as_of from publication`).(time.Time))
	h.marts = append(h.marts, h.workplace.marts(build))
}

func makeHistory(t *testing.T) *history {
	server, base := serveSmall(t)
	h := &history{workplace: newWorkplace(t, smallConfig(base, "timezone: Asia/Tokyo")), server: server, base: base}
	like := fake.Small().Incidents[4]
	server.AddIncident(fake.Incident{Name: `=HYPERLINK("http://x")`, Creator: like.Creator, Status: like.Status, Severity: like.Severity, Type: like.Type})
	server.AddIncident(fake.Incident{Name: "決済が遅い", Creator: like.Creator, Status: like.Status, Omit: []string{"created_at"}})
	h.round(tokyo)

	// What an everyday sync notices.
	server.AddUpdate(fresh, "A word that moves no updated_at.", time.Now().UTC())
	server.SetStatus("5", "Fixing", "It is back.") // closed before: reopened
	server.MakePrivate("4")
	server.ChangeIncident("2", func(i *fake.Incident) {
		i.Extra = map[string]any{"brand_new": map[string]any{"deep": []any{1, "two"}}, "mode": "simulation"}
	})
	server.ChangeIncident(broken, func(i *fake.Incident) { i.Omit = nil })
	h.with(tokyo...).run("sync")
	h.quietChild(t)

	// What a full one notices besides.
	server.RenameTimestamp("Reported at", "Noticed at")
	server.RenameSeverity("Major", "Serious")
	server.DeleteIncident("7")
	h.round(losAngeles, "--full")
	return h
}

func TestSyncsAndBuildsWithChangesInBetween(t *testing.T) {
	t.Parallel()
	h := makeHistory(t)
	for _, test := range []struct {
		promise string
		check   func(*history, *testing.T)
	}{
		{"an incident that has gone from the source is in no mart after a full sync", (*history).deleted},
		{"an incident that turned private is in no mart", (*history).turnedPrivate},
		{"a reopened incident is open again", (*history).reopened},
		{"a renamed timestamp is still used, and said", (*history).renamedTimestamp},
		{"a renamed severity shows its present name on incidents that did not change", (*history).renamedSeverity},
		{"unknown fields and words are kept in the payload and harm nothing", (*history).unknownWords},
		{"a record without a required field is set aside, counted, found, and settled when it lands", (*history).setAside},
		{"status says it in text and JSON", (*history).status},
		{"marts answer sql by their bare names", (*history).bareNames},
		{"sql writes tables, CSV and JSON", (*history).sqlFormats},
		{"sql tells its tables and what their columns are", (*history).sqlTables},
		{"sql writes files, Parquet with the types of the columns", (*history).sqlFiles},
		{"sql is a prompt on a terminal, with a history for its owner only", (*history).prompted},
		{"sql refuses all but one SELECT and writes nothing", (*history).sqlRefuses},
		{"sql reads marts while a run holds the lock, and --raw waits for it", (*history).sqlWhileLocked},
		{"an incident is explained by id, reference and number", (*history).explains},
		{"serve shows the published build and ends well", (*history).served},
		{"a build of unchanged ledgers is skipped", (*history).skipped},
		{"a build as of a time gives what was built then", (*history).asOfThen},
		{"the same ledgers built again give the same bytes", (*history).deterministic},
	} {
		t.Run(test.promise, func(t *testing.T) {
			w := *h
			place := *h.workplace
			place.t, w.workplace = t, &place
			test.check(&w, t)
		})
	}
}

func (h *history) deleted(t *testing.T) {
	for i, want := range []bool{true, false} {
		for table, text := range h.marts[i] {
			if has := strings.Contains(text, "INC-7,") || strings.Contains(text, fake.Small().Incidents[6].ID); has && !want {
				t.Errorf("build %d: %s still has it", i+1, table)
			}
		}
		if has := strings.Contains(h.marts[i]["fct_incidents"], "INC-7,"); has != want {
			t.Errorf("build %d: in fct_incidents %v, want %v", i+1, has, want)
		}
	}
	got := h.raw(`select count(*) as n from incidentio_incidents where _deleted and id = '` + fake.Small().Incidents[6].ID + `'`)
	if d := cmp.Diff([]string{"1"}, got); d != "" {
		t.Errorf("tombstones of it:\n%s", d)
	}
}

func (h *history) turnedPrivate(t *testing.T) {
	id := fake.Small().Incidents[3].ID
	if !strings.Contains(h.marts[0]["fct_incidents"], id) {
		t.Fatal("it was not there to begin with")
	}
	for _, round := range h.marts[1:] {
		for table, text := range round {
			if strings.Contains(text, id) || strings.Contains(text, "Incident number 4") {
				t.Errorf("%s still has it", table)
			}
		}
	}
	if got := h.raw(`select count(*) as n from incidentio_incidents where id = '` + id + `' and visibility = 'private'`); got[0] != "0" {
		t.Errorf("%s private versions are stored", got[0])
	}
}

func (h *history) reopened(t *testing.T) {
	q := `select reopened_count, restored_at is null, is_counted, status from fct_incidents where reference = 'INC-5'`
	if d := cmp.Diff([][]any{{int64(1), true, true, "Fixing"}}, h.query(q)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func (h *history) renamedTimestamp(t *testing.T) {
	q := `select count(*) from fct_incidents where restore_start_basis in ('Reported at', 'Noticed at') and reported_at is not null`
	if n := h.one(q).(int64); n < 5 {
		t.Errorf("only %d incidents still start at the timestamp", n)
	}
	got := h.query(`select distinct detail from data_quality where rule = 'renamed_timestamp'`)
	if len(got) != 1 || !strings.Contains(got[0][0].(string), `"Noticed at"`) {
		t.Errorf("data_quality says %v", got)
	}
	if strings.Contains(h.marts[0]["data_quality"], "renamed_timestamp") {
		t.Error("it was said before it was so")
	}
}

func (h *history) renamedSeverity(t *testing.T) {
	if n := h.one(`select count(*) from fct_incidents where severity = 'Major'`); n != int64(0) {
		t.Errorf("%d incidents show the old name", n)
	}
	if n := h.one(`select count(*) from fct_incidents where severity = 'Serious'`).(int64); n < 3 {
		t.Errorf("%d incidents show the new name", n)
	}
}

func (h *history) unknownWords(t *testing.T) {
	got := h.sql(`select mode, payload from incidentio_incidents where reference = 'INC-2' order by _observed_at desc limit 1`, "--raw")
	var payload map[string]any
	if err := json.Unmarshal([]byte(got[0]["payload"].(string)), &payload); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]any{"deep": []any{1.0, "two"}}, payload["brand_new"]); d != "" || got[0]["mode"] != "simulation" {
		t.Errorf("mode %v, brand_new (-want +got)\n%s", got[0]["mode"], d)
	}
	if d := cmp.Diff([][]any{{false, "I1 mode simulation"}}, h.query(`select is_counted, exclusion_reason from fct_incidents where reference = 'INC-2'`)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func (h *history) setAside(t *testing.T) {
	quality, last := h.marts[0]["data_quality"], h.marts[1]["data_quality"]
	found := regexp.MustCompile(`(?m)^rejected,error,incidentio_incidents,\S+,.*created_at.*$`)
	if !found.MatchString(quality) {
		t.Errorf("build 1: not found in data_quality:\n%s", quality)
	}
	if found.MatchString(last) {
		t.Errorf("build 2: it has landed, and data_quality still says\n%s", found.FindString(last))
	}
	if strings.Contains(h.marts[0]["fct_incidents"], "INC-14,") || !strings.Contains(h.marts[1]["fct_incidents"], "INC-14,") {
		t.Error("it is to be missing in build 1 and there in build 2")
	}
	if !strings.Contains(h.marts[0]["fct_incidents"], "INC-13,") {
		t.Error("the rest of its page did not land")
	}
	got := h.sql(`select table_name, column_name, reason, landed, payload from rejected`, "--raw")
	if len(got) != 1 || got[0]["column_name"] != "created_at" || got[0]["landed"] != false || !strings.Contains(got[0]["payload"].(string), "決済が遅い") {
		t.Errorf("raw.rejected has %v", got)
	}
}

func (h *history) quietChild(t *testing.T) {
	got := h.raw(`select u.message from incidentio_incident_updates as u join incidentio_incidents as i on i.id = u.incident_id where i.reference = 'INC-13'`)
	if d := cmp.Diff([]string{"A word that moves no updated_at."}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func (h *history) status(t *testing.T) {
	text := h.run("status")
	for _, want := range []string{"Last sync:", "JST", ", ok in ", "Published:  build " + h.builds[1], "incidentio/incidents", "incidentio/users"} {
		if !strings.Contains(text, want) {
			t.Errorf("status lacks %q:\n%s", want, text)
		}
	}
	var s struct {
		Sync    struct{ Outcome string }
		Build   struct{ ID string }
		Streams map[string]struct {
			Status   string
			Live     int64
			SetAside int64     `json:"set_aside"`
			FreshAt  time.Time `json:"fresh_at"`
		}
	}
	if err := json.Unmarshal([]byte(h.run("status", "--format", "json")), &s); err != nil {
		t.Fatal(err)
	}
	incidents := s.Streams["incidentio/incidents"]
	if s.Sync.Outcome != "ok" || s.Build.ID != h.builds[1] || incidents.Status != "ok" || len(s.Streams) != 13 || incidents.SetAside != 0 {
		t.Errorf("status says %+v", s)
	}
	if n := h.one(`select count(*) from fct_incidents`); n != incidents.Live {
		t.Errorf("%d incidents are live in the status, %v in the mart", incidents.Live, n)
	}
	h.fails(2, "not known", "status", "--format", "xml")
}

func (h *history) skipped(t *testing.T) {
	link, err := os.Readlink(filepath.Join(h.data(), "marts.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	if o := h.fails(0, "nothing has changed since build "+h.builds[1], "build"); !strings.Contains(o.stderr, "skipped") {
		t.Errorf("it does not say that it was skipped:\n%s", o.stderr)
	}
	if now, _ := os.Readlink(filepath.Join(h.data(), "marts.duckdb")); now != link {
		t.Errorf("%s was published in place of %s", now, link)
	}
}

func (h *history) asOfThen(t *testing.T) {
	before := h.one(`select build_id from publication`)
	path := strings.TrimSpace(h.with(losAngeles...).run("build", "--as-of", h.asOf[0].Format(time.RFC3339Nano)))
	sameTables(t, export(t, path, "publication", "build_id"), h.marts[0])
	if after := h.one(`select build_id from publication`); after != before {
		t.Errorf("%v was published in place of %v", after, before)
	}
	h.fails(2, "future", "build", "--as-of", "9999-01-01")
	h.fails(2, "neither a date", "build", "--as-of", "yesterday")
	h.fails(2, "--as-of", "build", "--publish")
}

// What is open grows older from build to build; nothing else may differ.
func (h *history) deterministic(t *testing.T) {
	h.with(tokyo...).run("build", "--force")
	again := h.one(`select build_id from publication`).(string)
	if again == h.builds[1] {
		t.Fatal("nothing was built")
	}
	tables := func(build string) map[string]string {
		path := filepath.Join(h.data(), "builds", build+".duckdb")
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o444 {
			t.Errorf("%s: %v, mode %v", path, err, info.Mode())
		}
		return export(t, path, "publication", "build_id", "age_seconds", "overdue_seconds", "open_age_median_seconds")
	}
	sameTables(t, tables(again), tables(h.builds[1]))
}
