package acceptance

import (
	"encoding/json"
	"strings"
	"testing"

	"fourfold/internal/fake/github"
	fake "fourfold/internal/fake/incidentio"
)

// checked is a check in the JSON of the doctor.
type checked struct{ Area, Name, Status, Detail, Fix string }

func doctored(t *testing.T, w *workplace, code int, args ...string) map[string]checked {
	t.Helper()
	o := w.try(append([]string{"doctor", "--format", "json"}, args...)...)
	if o.code != code {
		t.Fatalf("doctor: exit %d, want %d\n%s%s", o.code, code, o.stdout, o.stderr)
	}
	var all []checked
	if err := json.Unmarshal([]byte(o.stdout), &all); err != nil {
		t.Fatalf("%v in %s", err, o.stdout)
	}
	out := map[string]checked{}
	for _, c := range all {
		out[c.Area+"/"+c.Name] = c
	}
	return out
}

func TestTheDoctorLooksAtEverythingAndChangesNothing(t *testing.T) {
	t.Parallel()
	_, incidents := serveSmall(t)
	_, code := serveGitHub(t, github.Small())
	github := strings.TrimPrefix(githubNames(code, []string{"acme/api"}), "sources:\n")
	w := newWorkplace(t, smallConfig(incidents, github))
	text := strings.Replace(smallConfig(incidents), "\nprivacy:", "\n"+github+"\nprivacy:", 1)
	w.configure(text)
	got := doctored(t, w, 0)
	for _, name := range []string{
		"configuration/file", "data/directory", "dbt/command", "dbt/version", "dbt/adapter", "warehouse/engine", "incidentio/key",
		"incidentio/incidents", "incidentio/incident_attachments", "github/repositories", "github/deployments", "github/git",
	} {
		if c := got[name]; c.Status != "ok" || c.Detail == "" {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c := got["build/published"]; c.Status != "warn" || c.Fix == "" {
		t.Errorf("%+v", c)
	}
	if o := w.run("status"); !strings.Contains(o, "Nothing has run yet") {
		t.Errorf("it has changed something: %s", o)
	}
	if o := w.run("doctor"); !strings.Contains(o, "ok    incidentio  incidents") || !strings.Contains(o, "0 failed") {
		t.Error(o)
	}
	// What is wrong is told for each source, and the others are looked at.
	w.configure(strings.Replace(text, fake.DefaultKey, "inc_wrong_000111222", 1))
	got = doctored(t, w, 1)
	if c := got["incidentio/key"]; c.Status != "fail" || !strings.Contains(c.Detail, "sources.incidentio.api_key") || strings.Contains(c.Detail, "inc_wrong") {
		t.Errorf("%+v", c)
	}
	if c := got["incidentio/streams"]; c.Status != "skipped" {
		t.Errorf("%+v", c)
	}
	if c := got["github/deployments"]; c.Status != "ok" {
		t.Errorf("%+v", c)
	}
}

func TestTheDoctorNamesWhatAKeyMayNotRead(t *testing.T) {
	t.Parallel()
	_, incidents := serveSmall(t, fake.WithKeys(fake.Key{Name: "weak", Secret: fake.DefaultKey, Roles: []string{"viewer"}, Without: []string{"users.view"}}))
	w := newWorkplace(t, smallConfig(incidents))
	got := doctored(t, w, 0)
	if c := got["incidentio/users"]; c.Status != "warn" || !strings.Contains(c.Detail, "users.view") {
		t.Errorf("%+v", c)
	}
	if c := got["incidentio/key"]; c.Status != "ok" || !strings.Contains(c.Detail, "does not see private incidents") {
		t.Errorf("%+v", c)
	}
	w.configure(strings.Replace(smallConfig(incidents), "privacy: {", "privacy: {private_incidents: redact, ", 1))
	if c := doctored(t, w, 1)["incidentio/key"]; !strings.Contains(c.Detail, "global_access") {
		t.Errorf("%+v", c)
	}
	w.configure(smallConfig(incidents, "dbt: {command: /nowhere/dbt}"))
	if c := doctored(t, w, 1)["dbt/command"]; !strings.Contains(c.Detail, "/nowhere/dbt") {
		t.Errorf("%+v", c)
	}
}

// What the ledgers hold is what the sources have: compared object by object, and a finding of the next build.
func TestTheDoctorComparesTheLedgersWithTheSources(t *testing.T) {
	t.Parallel()
	server, incidents := serveSmall(t)
	_, code := serveGitHub(t, github.Small())
	w := newWorkplace(t, strings.Replace(smallConfig(incidents), "\nprivacy:",
		"\n"+strings.TrimPrefix(githubNames(code, []string{"acme/api"}), "sources:\n")+"\nprivacy:", 1))
	w.run("run")
	for name, c := range doctored(t, w, 0, "--data") {
		if c.Status != "ok" || !strings.Contains(c.Detail, "the source has ") {
			t.Errorf("%s: %+v", name, c)
		}
	}
	server.ChangeQuietly("3", func(i *fake.Incident) { i.Fields = nil })
	server.DeleteIncident("5")
	got := doctored(t, w, 1, "--data", "--source", "incidentio", "--stream", "incidents")
	c := got["incidentio/incidents"]
	if len(got) != 1 || c.Status != "fail" || !strings.Contains(c.Detail, "1 not at the source; 1 different") || !strings.Contains(c.Fix, "--full") {
		t.Errorf("%+v", got)
	}
	w.run("build")
	rows := w.query(`select severity, detail from data_quality where rule = 'reconciliation' and object_id = 'incidentio/incidents'`)
	if len(rows) != 1 || rows[0][0] != "warn" || !strings.Contains(rows[0][1].(string), "1 are not at the source") {
		t.Errorf("%v", rows)
	}
	if n := w.one(`select count(*) from data_quality where rule = 'reconciliation' and severity = 'info' and object_id like 'github/%'`); n.(int64) < 4 {
		t.Errorf("%v streams of GitHub are the same on both sides", n)
	}
	w.run("sync", "--full", "--source", "incidentio")
	if c := doctored(t, w, 0, "--data", "--source", "incidentio")["incidentio/incidents"]; c.Status != "ok" {
		t.Errorf("after a full sync: %+v", c)
	}
}
