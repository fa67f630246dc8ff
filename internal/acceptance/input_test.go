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
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/incidentio"
)

func TestUnknownConfigurationKeysNameFileLineAndTheNearestKey(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t, "timezone: UTC\nsources:\n  incidentio:\n    api_kee: \"x\"\nweek_begin: monday\n")
	for _, command := range []string{"sync", "run", "build", "status", "serve", "sql"} {
		args := []string{command}
		if command == "sql" {
			args = append(args, "select 1")
		}
		o := w.fails(2, "fourfold.yaml:4", args...)
		for _, want := range []string{"api_kee", "api_key", "fourfold.yaml:5", "week_start"} {
			if !strings.Contains(o.stderr, want) {
				t.Errorf("%s: lacks %q:\n%s", command, want, o.stderr)
			}
		}
	}
	if _, err := os.Stat(w.data()); err == nil {
		t.Error("a data directory was made")
	}
}

func TestConfigurationThatCannotBeUsedIsSaidBeforeAnythingIsAsked(t *testing.T) {
	t.Parallel()
	server, base := serveSmall(t)
	for _, test := range []struct{ promise, config, says string }{
		{"an unset variable", "sources: {incidentio: {api_key: \"${NOT_SET_ANYWHERE}\", base_url: \"" + base + "\"}}", "NOT_SET_ANYWHERE"},
		{"an unknown stream", keyConfig(base, fake.DefaultKey) + "    streams: [incident]", "incidents"},
		{"no source", "timezone: UTC", "fourfold init"},
		{"a time zone that does not exist", "timezone: Asia/Tokio", "Asia/Tokio"},
		{"a missing file", "", "fourfold init"},
	} {
		w := newWorkplace(t, test.config)
		if test.config == "" {
			if err := os.Remove(filepath.Join(w.dir, "fourfold.yaml")); err != nil {
				t.Fatal(err)
			}
		}
		o := w.fails(2, test.says, "sync")
		if strings.Contains(o.stderr, "level=") {
			t.Errorf("%s: something was done:\n%s", test.promise, o.stderr)
		}
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	w := newWorkplace(t, smallConfig(base))
	w.fails(2, "incidents", "sync", "--stream", "incident")
	w.fails(2, "incidentio", "sync", "--source", "jira")
	w.fails(2, "neither a date", "sync", "--since", "last week")
}

func TestABadKeyIsOneClearLineThatDoesNotShowIt(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	const key = "inc_live_wrong_9f3b1c"
	w := newWorkplace(t, keyConfig(base, key))
	for _, command := range []string{"sync", "run"} {
		o := w.fails(1, "401", command)
		if n := strings.Count(o.stderr, "401"); n > 2 || !strings.Contains(o.lastLine(), "check sources.incidentio.api_key") {
			t.Errorf("said %d times, and at the end:\n%s", n, o.lastLine())
		}
		if strings.Contains(o.stderr, key) {
			t.Errorf("the key is shown:\n%s", o.stderr)
		}
	}
	if text := w.run("status"); strings.Count(text, "401") != 1 || !strings.Contains(text, "failed in") || strings.Contains(text, key) {
		t.Errorf("status says\n%s", text)
	}
	w.fails(1, "nothing has been built yet", "sql", "select 1")
}

// streams are the streams of the status and how they went.
func streams(t *testing.T, w *workplace) map[string]string {
	t.Helper()
	var s struct {
		Streams map[string]struct{ Status string }
	}
	if err := json.Unmarshal([]byte(w.run("status", "--format", "json")), &s); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for name, x := range s.Streams {
		out[strings.TrimPrefix(name, "incidentio/")] = x.Status
	}
	return out
}

func TestAStreamThatTheKeyMayNotReadIsSkippedAndTheOthersLand(t *testing.T) {
	t.Parallel()
	const weak, strong = "inc_weak_0001", "inc_strong_0002"
	roles := []string{"viewer", "global_access"}
	_, base := serveSmall(t, fake.WithKeys(fake.Key{Name: "weak", Secret: weak, Roles: roles, Without: []string{"users.view"}},
		fake.Key{Name: "strong", Secret: strong, Roles: roles}))
	config := func(key, more string) string { return keyConfig(base, key) + "    rate_limit: off\n" + more }

	w := newWorkplace(t, config(weak, ""))
	o := w.fails(0, "stream=users status=skipped", "sync")
	if !strings.Contains(o.stderr, "users.view") {
		t.Errorf("the scope is not named:\n%s", o.stderr)
	}
	got := streams(t, w)
	if got["users"] != "skipped" || got["incidents"] != "ok" || got["incident_attachments"] != "ok" {
		t.Errorf("status: %v", got)
	}
	if text := w.run("status"); !strings.Contains(text, "users.view") {
		t.Errorf("status does not say why:\n%s", text)
	}
	if n := w.raw(`select count(*) as n from incidentio_incidents`); n[0] != "11" {
		t.Errorf("%s incidents landed", n[0])
	}

	w.configure(config(weak, "    streams: [incidents, users]\n"))
	if o := w.fails(3, "users.view", "sync"); !strings.Contains(o.lastLine(), "1 of 2 streams failed") {
		t.Errorf("named in streams: %s", o.lastLine())
	}

	before := newWorkplace(t, config(strong, ""))
	before.run("sync")
	before.configure(config(weak, ""))
	before.fails(3, "users.view", "sync")
	if got := streams(t, before); got["users"] != "failed" || got["incident_attachments"] != "ok" {
		t.Errorf("readable before: %v", got)
	}
}

func TestWithoutNetworkTheRunFailsSoonAndWhatWasPublishedStays(t *testing.T) {
	t.Parallel()
	dead := httptest.NewServer(http.NotFoundHandler())
	base := dead.URL
	dead.Close()
	w := newWorkplace(t, keyConfig(base, fake.DefaultKey))
	// A build made by nobody: it is not touched, so its content does not matter.
	if err := os.MkdirAll(filepath.Join(w.data(), "builds"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("builds/20260101T000000.000000Z.duckdb", filepath.Join(w.data(), "marts.duckdb")); err != nil {
		t.Fatal(err)
	}
	o := w.fails(1, "host cannot be reached", "run")
	if n := strings.Count(o.stderr, "level=WARN msg=stream"); n != 1 {
		t.Errorf("%d streams complain, want the first alone:\n%s", n, o.stderr)
	}
	if last := o.lastLine(); !strings.Contains(last, base) || !strings.Contains(last, "check the network") {
		t.Errorf("at the end:\n%s", last)
	}
	if target, err := os.Readlink(filepath.Join(w.data(), "marts.duckdb")); err != nil || target != "builds/20260101T000000.000000Z.duckdb" {
		t.Errorf("published: %q, %v", target, err)
	}
	if got := streams(t, w); got["incidents"] != "failed" {
		t.Errorf("status: %v", got)
	}
}

func TestAnswersWithUnknownFieldsAndWordsLandWhole(t *testing.T) {
	t.Parallel()
	server, base := serveSmall(t)
	for path, word := range map[string][2]string{
		"/v1/incident_statuses": {"category", "simmering"},
		"/v2/incident_roles":    {"role_type", "shadow"},
		"/v2/custom_fields":     {"field_type", "colour"},
		"/v2/users":             {"role", "emperor"},
		"/v3/follow_ups":        {"status", "postponed"},
	} {
		server.Inject(fake.On{Path: path, Times: -1}, fake.Edit(func(answer map[string]any, key string) {
			answer["brand_new"] = map[string]any{"a": []any{nil}}
			list, _ := answer[key].([]any)
			for _, item := range list {
				item.(map[string]any)["brand_new"] = "kept"
				item.(map[string]any)[word[0]] = word[1]
			}
		}))
	}
	w := newWorkplace(t, smallConfig(base))
	o := w.fails(0, "", "sync")
	if !strings.Contains(o.stderr, "simmering") {
		t.Errorf("nobody is told of a status category whose incidents are not asked for:\n%s", o.stderr)
	}
	for table, column := range map[string]string{"incident_statuses": "category", "incident_roles": "role_type", "custom_fields": "field_type", "follow_ups": "status", "users": "role"} {
		q := fmt.Sprintf(`select distinct %s as word, payload->>'brand_new' as field from incidentio_%s`, column, table)
		got := w.sql(q, "--raw")
		if table == "users" {
			// What nobody knows of a person is not stored where people are hashed.
			if len(got) != 1 || got[0]["field"] != nil || got[0]["word"] != "emperor" {
				t.Errorf("users: %v", got)
			}
			continue
		}
		if len(got) != 1 || got[0]["field"] != "kept" || got[0]["word"] == nil {
			t.Errorf("%s: %v", table, got)
		}
	}
	if got := w.raw(`select count(*) as n from rejected`); got[0] != "0" {
		t.Errorf("%s objects were rejected", got[0])
	}
}

func TestWhatCannotBeReadOfOneStreamDoesNotKeepTheOthersFromLanding(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fake.Fault{"no JSON": fake.Garbage(), "a page for people": fake.HTML()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, base := serveSmall(t)
			in := server.Inject(fake.On{Path: "/v1/incident_types", Times: -1}, fault)
			w := newWorkplace(t, smallConfig(base))
			o := w.fails(3, "incident_types", "sync")
			if got := streams(t, w); got["incident_types"] != "failed" || got["incidents"] != "ok" || in.Hits() == 0 {
				t.Errorf("status: %v", got)
			}
			if !strings.Contains(o.lastLine(), "1 of 13 streams failed") || strings.Contains(o.lastLine(), fake.DefaultKey) {
				t.Error(o.lastLine())
			}
		})
	}
}

func TestMoreDeletionsThanAllowedDeleteNothingAndAreSaid(t *testing.T) {
	t.Parallel()
	server, base := serveSmall(t)
	for range 30 {
		server.AddIncident(fake.Incident{Name: "One of many", Status: fake.Small().Incidents[4].Status, Creator: fake.Small().Incidents[4].Creator})
	}
	w := newWorkplace(t, smallConfig(base))
	w.run("sync")
	live := func() string {
		return w.raw(`select count(distinct id) - count(distinct case when _deleted then id end) as n from incidentio_incidents`)[0]
	}
	if got := live(); got != "41" {
		t.Fatalf("%s incidents are live", got)
	}
	for n := 13; n < 13+11; n++ {
		server.DeleteIncident(fmt.Sprint(n))
	}
	o := w.fails(0, "max_deletions", "sync", "--full")
	if got := live(); got != "41" {
		t.Errorf("%s incidents are live, want all", got)
	}
	if text := w.run("status"); !strings.Contains(text, "11 of 41") || !strings.Contains(text, "max_deletions") {
		t.Errorf("status does not say it:\n%s\n%s", text, o.stderr)
	}
	w.run("sync")
	if got := live(); got != "41" {
		t.Errorf("%s incidents are live after an everyday sync", got)
	}
	w.configure(strings.Replace(smallConfig(base), "rate_limit: off", "rate_limit: off\n    max_deletions: 50%", 1))
	w.run("sync", "--full")
	if got := live(); got != "30" {
		t.Errorf("%s incidents are live once max_deletions allows it, want 30", got)
	}
	if text := w.run("status"); strings.Contains(text, "max_deletions") {
		t.Errorf("status still warns:\n%s", text)
	}
}

func TestNoSecretIsInAnythingThatIsSaidOrKept(t *testing.T) {
	t.Parallel()
	const key, hashKey = "inc_secret_4d2a77b1", "hash_secret_9c8e"
	server := fake.NewServer(fake.Small(), fake.WithoutLimits(), fake.WithKeys(fake.Key{Name: "k", Secret: key, Roles: []string{"viewer"}}))
	server.Inject(fake.On{Path: "/v1/severities", Times: 1}, fake.Status5xx(http.StatusBadGateway))
	server.Inject(fake.On{Path: "/v2/incident_roles", Times: 1}, fake.Reset())
	// In front of it something that repeats what it was sent, as a proxy's error page may.
	base := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/users" {
			rw.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(rw, `{"errors":[{"message":"%s may not"}],"debug":%q}`, r.Header.Get("Authorization"), r.Header)
			return
		}
		if r.URL.Path == "/v2/custom_fields" {
			fmt.Fprintf(rw, "<html>You sent %s", r.Header)
			return
		}
		server.ServeHTTP(rw, r)
	}))
	t.Cleanup(base.Close)
	w := newWorkplace(t, "sources:\n  incidentio:\n    api_key: ${THE_KEY}\n    rate_limit: off\n    base_url: "+base.URL+"\nprivacy: {hash_key: \"${THE_HASH_KEY}\"}\nlog: {level: debug, format: json}\n").
		with("THE_KEY="+key, "THE_HASH_KEY="+hashKey)
	said := []outcome{
		w.fails(3, "custom_fields", "run"), w.try("status"), w.try("status", "--format", "json"),
		w.with("THE_KEY=" + key + "_x").try("sync"), w.try("sql", "--raw", "select error from runs"), w.try("explain", "incident", "INC-5"),
	}
	for i, o := range said {
		for _, secret := range []string{key, hashKey} {
			if strings.Contains(o.stdout+o.stderr, secret) {
				t.Errorf("command %d says %s:\n%s", i, secret, regexp.MustCompile(".*"+secret+".*").FindString(o.stdout+o.stderr))
			}
		}
	}
	files := 0
	err := filepath.Walk(w.dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		files++
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		text, err := io.ReadAll(f)
		for _, secret := range []string{key, hashKey} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds %s", path, secret)
			}
		}
		return err
	})
	if err != nil || files < 20 {
		t.Errorf("%d files looked at: %v", files, err)
	}
	if n := w.raw(`select count(*) as n from runs where error is not null`); n[0] == "0" {
		t.Error("nothing failed: the test looks at nothing")
	}
}

func TestLedgersDoNotDependOnTheTimeZoneOfTheMachine(t *testing.T) {
	t.Parallel()
	var ledgers []map[string]string
	for _, env := range [][]string{tokyo, losAngeles} {
		// Durations of what is open run with the server's clock, which stands still here.
		_, base := serveSmall(t, fake.WithClock(func() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }))
		w := newWorkplace(t, smallConfig(base, "timezone: Europe/Berlin"))
		w.with(env...).run("sync")
		ledgers = append(ledgers, export(t, filepath.Join(w.data(), "raw.duckdb"), "runs", "_clock", "_cursors", "_observed_at", "_run_id"))
	}
	sameTables(t, ledgers[1], ledgers[0])
	if n := strings.Count(ledgers[0]["incidentio_incidents"], "\n"); n < 12 {
		t.Errorf("%d incidents were compared", n)
	}
}

func TestSinceIsALocalMidnight(t *testing.T) {
	t.Parallel()
	server, base := serveSmall(t)
	// 2026-10-05 in Tokyo begins at 15:00 UTC of the 4th.
	for _, at := range []string{"2026-10-04T14:59:59Z", "2026-10-04T15:00:00Z"} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		server.AddIncident(fake.Incident{Name: at, Status: fake.Small().Incidents[4].Status, Creator: fake.Small().Incidents[4].Creator, CreatedAt: when})
	}
	for _, how := range [][2]string{{"configured", "    since: 2026-10-05\n"}, {"flag", ""}} {
		w := newWorkplace(t, keyConfig(base, fake.DefaultKey)+"    rate_limit: off\n"+how[1]+"timezone: Asia/Tokyo\n")
		args := []string{"sync"}
		if how[0] == "flag" {
			args = append(args, "--since", "2026-10-05")
		}
		w.with(losAngeles...).run(args...)
		got := w.raw(`select name from incidentio_incidents order by created_at limit 1`)
		if d := cmp.Diff([]string{"2026-10-04T15:00:00Z"}, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", how[0], d)
		}
	}
}
