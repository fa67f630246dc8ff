package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/incidentio"
)

func TestInitWritesAFileThatLoadsAndOverwritesNothing(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	w := newWorkplace(t, "").with("GITHUB_TOKEN=")
	path := filepath.Join(w.dir, "fourfold.yaml")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if out := w.run("init"); !strings.Contains(out, "fourfold.yaml") || !strings.Contains(out, "INCIDENT_IO_API_KEY") {
		t.Errorf("init says %q", out)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text := w.run("status"); !strings.Contains(text, "Nothing has run yet") {
		t.Errorf("status with it: %s", text)
	}
	w.fails(2, "INCIDENT_IO_API_KEY", "sync")
	w.fails(2, "is there already", "init")
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, written) {
		t.Errorf("the file was changed: %v", err)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.run("init", "--force")
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, written) {
		t.Errorf("--force did not write it anew: %v", err)
	}
	w.run("init", "other.yaml")
	w.run("init", "--config", "third.yaml")
	w.with("INCIDENT_IO_API_KEY=x").run("status", "--config", "third.yaml")
	// With the address of a server that is there, the file syncs as it is.
	text := strings.Replace(string(written), "https://api.incident.io", base, 1)
	text = strings.Replace(text, "rate_limit: documented", "rate_limit: off", 1)
	if err := os.WriteFile(filepath.Join(w.dir, "other.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	w.with("INCIDENT_IO_API_KEY="+fake.DefaultKey).run("sync", "--config", "other.yaml")
}

func TestPathsOfAConfigurationAreRelativeToItsFile(t *testing.T) {
	t.Parallel()
	w := synced(t)
	elsewhere := t.TempDir()
	cmd := exec.Command(program, "--config", filepath.Join(w.dir, "fourfold.yaml"), "sql", "--raw", "--format", "csv", "select count(*) as n from incidentio_severities")
	cmd.Dir, cmd.Env = elsewhere, w.env
	out, err := cmd.Output()
	if d := cmp.Diff("n\n3\n", string(out)); d != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, d)
	}
	if left, _ := os.ReadDir(elsewhere); len(left) != 0 {
		t.Errorf("left in the current folder: %v", left)
	}
}

func TestWrongUsageIsExitCode2AndOneLine(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t, "timezone: UTC\n")
	for _, args := range [][]string{
		{"nonsense"},
		{"sync", "extra"},
		{"sync", "--bogus"},
		{"--bogus"},
		{"sql", "a", "b"},
		{"sql", "--limit", "x", "select 1"},
		{"sql", "--limit", "-1", "select 1"},
		{"explain"},
		{"explain", "incident"},
		{"explain", "service", "x"},
		{"build", "--publish"},
		{"build", "--as-of"},
		{"run", "--since", "x"},
		{"init", "a", "b"},
		{"demo", "--data", "other"},
		{"demo", "--now", "yesterday"},
		{"status", "--format", "xml"},
		{"report"},
		{"report", "--out", "x.html", "--period", "last-year"},
		{"report", "--format", "pdf"},
		{"report", "--out", "x.html", "--language", "fr"},
		{"digest", "now"},
		{"--config", "missing.yaml", "status"},
	} {
		o := w.try(args...)
		if o.code != 2 || strings.Count(o.stderr, "\n") != 1 || !strings.HasPrefix(o.stderr, "fourfold: ") || o.stdout != "" {
			t.Errorf("%v: exit %d\n%s%s", args, o.code, o.stderr, o.stdout)
		}
	}
}

func TestHelpListsEveryCommandAndItsFlags(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t, "this is no configuration")
	for _, args := range [][]string{{}, {"help"}, {"--help"}, {"-h"}} {
		text := w.run(args...)
		for _, command := range []string{"init", "sync", "build", "run", "serve", "sql", "explain", "status", "report", "digest", "demo"} {
			if !regexp.MustCompile(`(?m)^  ` + command + ` +\S`).MatchString(text) {
				t.Errorf("%v lacks %s:\n%s", args, command, text)
			}
		}
	}
	for command, flags := range map[string][]string{
		"sync": {"--source", "--stream", "--full", "--since", "--config"}, "build": {"--as-of", "--publish", "--force"}, "run": {"--full"},
		"sql": {"--format", "--raw", "--limit", "--timeout"}, "serve": {"--listen"}, "explain": {"--format"}, "status": {"--format"},
		"report": {"--out", "--period", "--language", "--format"}, "digest": {"--dry-run"},
		"demo": {"--once", "--data", "--listen", "--now"}, "init": {"--force", "--offline", "--owner", "--incidentio-url", "--github-url", "--github-graphql-url", "--github-git-url"},
	} {
		for _, text := range []string{w.run(command, "--help"), w.run("help", command)} {
			for _, flag := range flags {
				if !strings.Contains(text, flag) {
					t.Errorf("%s lacks %s:\n%s", command, flag, text)
				}
			}
		}
	}
	if out := w.run("--version"); out != "fourfold version test\n" {
		t.Errorf("version: %q", out)
	}
}

func TestSyncReadsOnlyWhatIsSelected(t *testing.T) {
	t.Parallel()
	server, base := serveSmall(t)
	w := newWorkplace(t, smallConfig(base))
	w.run("sync", "--source", "incidentio", "--stream", "severities")
	if d := cmp.Diff(map[string]string{"severities": "ok"}, streams(t, w)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	for path := range server.Counts() {
		if path != "/v1/severities" {
			t.Errorf("%s was asked for", path)
		}
	}
	w.configure(strings.Replace(smallConfig(base), "rate_limit: off", "rate_limit: off\n    streams: [incidents, severities]", 1))
	w.run("sync")
	if d := cmp.Diff(map[string]string{"severities": "ok", "incidents": "ok"}, streams(t, w)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	o := w.fails(2, "users", "sync", "--stream", "users")
	if !strings.Contains(o.stderr, "incidents") {
		t.Errorf("it does not say what there is:\n%s", o.stderr)
	}
}

func TestPeopleAndPrivateIncidentsAreKeptAsThePolicySays(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	for _, test := range []struct {
		policy          string
		named, incident string // versions in the ledgers that name a person; what is kept of the private incident's name
	}{
		{"{}", "0", "[]"},
		{"{people: drop, private_incidents: redact}", "0", "[(private)]"},
		{"{people: include, private_incidents: include}", "some", "[Incident number 12]"},
	} {
		w := newWorkplace(t, keyConfig(base, fake.DefaultKey)+"    rate_limit: off\nprivacy: "+test.policy+"\n")
		w.run("sync")
		named := "0"
		for _, table := range []string{"incidents", "incident_updates", "follow_ups", "users"} {
			q := `select count(*) as n from incidentio_` + table + ` as x where x::varchar like '%Priya Raman%' or x::varchar like '%user1@example%'`
			if got := w.raw(q)[0]; got != "0" {
				named = "some"
			}
		}
		if named != test.named {
			t.Errorf("%s: %s rows name a person, want %s", test.policy, named, test.named)
		}
		if got := fmt.Sprint(w.raw(`select name from incidentio_incidents where reference = 'INC-12'`)); got != test.incident {
			t.Errorf("%s: the private incident is kept as %s, want %s", test.policy, got, test.incident)
		}
	}
}

func TestLogsAreJSONLinesWhereTheConfigurationSaysSo(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	w := newWorkplace(t, smallConfig(base, "log: {format: json}"))
	o := w.fails(0, "", "sync")
	lines := strings.Split(strings.TrimSpace(o.stderr), "\n")
	for _, line := range lines {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry["msg"] == nil {
			t.Errorf("%v: %s", err, line)
		}
	}
	if len(lines) != 13 || o.stdout != "" {
		t.Errorf("%d lines, want one for each stream, and nothing on stdout: %q", len(lines), o.stdout)
	}
	w.configure(smallConfig(base, "log: {level: error}"))
	if o := w.try("sync"); o.code != 0 || o.stderr+o.stdout != "" {
		t.Errorf("at level error a good sync says %q", o.stderr+o.stdout)
	}
}

func TestStatusSaysWhatTheAPIHasLeft(t *testing.T) {
	t.Parallel()
	server := fake.NewServer(fake.Small())
	base, stop := server.Start()
	t.Cleanup(stop)
	w := newWorkplace(t, keyConfig(base, fake.DefaultKey))
	w.run("sync")
	if text := w.run("status"); !regexp.MustCompile(`API budget of incidentio: \d+ of 60 requests left at \d{4}-`).MatchString(text) {
		t.Errorf("status says\n%s", text)
	}
}

func TestDemoOnceShowsRestoreTimesBySeverityAndEnds(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t, "this is no configuration: demo needs none")
	out := w.run("demo", "--once", "--data", "github-status")
	for _, want := range []string{"399 incidents counted", "median time to restore", "90th percentile", "last 12 weeks", "▁", "http://127.0.0.1:8080/", "fourfold --config "} {
		if !strings.Contains(out, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	// What it tells to ask more works as it stands.
	command := regexp.MustCompile(`fourfold --config (\S+) sql "([^"]+)"`).FindStringSubmatch(out)
	if command == nil {
		t.Fatalf("no command in\n%s", out)
	}
	if rows := w.run("--config", command[1], "sql", command[2]); !strings.Contains(rows, "rows)") {
		t.Errorf("%v gave\n%s", command, rows)
	}
	// The second time nothing is built.
	o := w.try("demo", "--once", "--data", "github-status")
	if o.code != 0 || o.stdout != out {
		t.Errorf("the second time: exit %d\n%s", o.code, cmp.Diff(out, o.stdout))
	}
	if !strings.Contains(o.stderr, "build skipped") {
		t.Errorf("the second time it builds again:\n%s", o.stderr)
	}
}
