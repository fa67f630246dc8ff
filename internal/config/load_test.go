package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func noEnv(string) (string, bool) { return "", false }

// vars makes an environment of a map.
func vars(m map[string]string) LookupEnv {
	return func(name string) (string, bool) {
		v, ok := m[name]
		return v, ok
	}
}

func load(t *testing.T, text string, env map[string]string) *Config {
	t.Helper()
	c, err := parse("fourfold.yaml", []byte(text), vars(env))
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return c
}

// messages gives the errors of a file, a line each.
func messages(t *testing.T, text string, env map[string]string) []string {
	t.Helper()
	_, err := parse("fourfold.yaml", []byte(text), vars(env))
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

func TestWithoutAFileEveryKeyHasItsDefault(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Load("", noEnv)
	if err != nil {
		t.Fatal(err)
	}
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{
		"file": c.File(), "dir": c.Dir(), "timezone": c.Timezone.String(), "week_start": c.WeekStart, "data": string(c.Data),
		"memory": c.Warehouse.MemoryLimit.String(), "window": c.Metrics.FailureWindow.String(), "end": c.Metrics.Restore.End,
		"run": c.Schedule.Run.String(), "digest": c.Schedule.Digest.Off(), "listen": c.Dashboard.Listen, "rows": c.Dashboard.RowLimit,
		"command": string(c.DBT.Command), "level": c.Log.Level.Level().String(), "counted": c.Metrics.Counted.WithoutSeverity,
		"sources": len(c.SourceParts()),
	}
	want := map[string]any{
		"file": "", "dir": wd, "timezone": "UTC", "week_start": Monday, "data": filepath.Join(wd, "data"),
		"memory": "1GiB", "window": "24h", "end": []string{"Fixed at", "Resolved at", "left_live", "Closed at"},
		"run": "*/15 * * * *", "digest": true, "listen": Listen("127.0.0.1:8080"), "rows": 10000,
		"command": "", "level": "INFO", "counted": true, "sources": 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestLoadReadsFourfoldYAMLInTheCurrentFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "fourfold.yaml", "timezone: Asia/Tokyo\n")
	c, err := Load("", noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if c.Timezone.String() != "Asia/Tokyo" || c.File() != "fourfold.yaml" {
		t.Errorf("got time zone %s of file %q", c.Timezone, c.File())
	}
}

func TestAFileThatIsNamedMustExist(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := Load("other.yaml", noEnv)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "other.yaml: there is no such file: ") {
		t.Errorf("got %v", err)
	}
}

func TestKeysLeftOutKeepTheirDefaultsInsideMapsToo(t *testing.T) {
	c := load(t, `
metrics: {restore: {start: [created_at]}}
sources: {incidentio: {refresh: {recent: 7d}}}
`, nil)
	if diff := cmp.Diff([]string{"Fixed at", "Resolved at", "left_live", "Closed at"}, c.Metrics.Restore.End); diff != "" {
		t.Errorf("end (-want +got):\n%s", diff)
	}
	in := c.Sources.Incidentio
	got := []string{in.Refresh.Recent.String(), in.Refresh.Others.String(), in.Overlap.String(), string(in.BaseURL), in.MaxDeletions.String()}
	if diff := cmp.Diff([]string{"7d", "7d", "10m", "https://api.incident.io", "5%"}, got); diff != "" {
		t.Errorf("incidentio (-want +got):\n%s", diff)
	}
}

func TestABareKeyOfABlockOrListIsAsIfItWereEmpty(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "services:\nmetrics:\n", "metrics:\n  restore:\n    start:\n"} {
		c := load(t, text, nil)
		if len(c.Services) != 0 || len(c.Metrics.Restore.Start) != 4 {
			t.Errorf("%q: got %+v", text, c)
		}
	}
}

func TestWhichSourcesAreUsed(t *testing.T) {
	both := map[string]string{"INCIDENT_IO_API_KEY": "k", "GITHUB_TOKEN": "t"}
	for name, tt := range map[string]struct {
		text string
		env  map[string]string
		want []Part
	}{
		"no sources, no key":              {"", nil, nil},
		"no sources, an empty key":        {"", map[string]string{"INCIDENT_IO_API_KEY": ""}, nil},
		"no sources, a key":               {"", both, []Part{UseIncidentio}},
		"all of sources commented out":    {"sources:\n", both, nil},
		"an empty block":                  {"sources: {incidentio: {}}", nil, []Part{UseIncidentio}},
		"a bare block":                    {"sources:\n  incidentio:\n", nil, []Part{UseIncidentio}},
		"another source is written":       {"sources: {github: {}}", both, []Part{UseGitHub}},
		"sources are written to be none":  {"sources: {}", both, nil},
		"files":                           {"sources: {files: [{path: a.csv, kind: incidents}]}", nil, []Part{UseFiles}},
		"two sources":                     {"sources: {github: {}, incidentio: {}}", nil, []Part{UseIncidentio, UseGitHub}},
		"github's token turns nothing on": {"", map[string]string{"GITHUB_TOKEN": "t"}, nil},
	} {
		if diff := cmp.Diff(tt.want, load(t, tt.text, tt.env).SourceParts()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPathsBeginInTheFolderOfTheFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]")
	write(t, filepath.Join(dir, "fourfold.yaml"), `
data: store
dbt: {command: venv/bin/dbt}
metrics: {links: ../links.csv}
redash: {duckdb_copy: /srv/copy.duckdb}
sources: {files: [{path: "history/*.csv", kind: incidents}]}
`)
	write(t, filepath.Join(dir, "history", "2.csv"), "")
	write(t, filepath.Join(dir, "history", "1.csv"), "")
	c, err := Load(filepath.Join(dir, "fourfold.yaml"), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{string(c.Data), string(c.DBT.Command), string(c.Metrics.Links), string(c.Redash.DuckDBCopy)}
	want := []string{
		filepath.Join(dir, "store"), filepath.Join(dir, "venv/bin/dbt"), filepath.Join(filepath.Dir(dir), "links.csv"), "/srv/copy.duckdb",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	files, err := c.Sources.Files[0].Path.Files()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{filepath.Join(dir, "history/1.csv"), filepath.Join(dir, "history/2.csv")}, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if c := load(t, "dbt: {command: dbt}", nil); c.DBT.Command != "dbt" {
		t.Errorf("a command without a slash: got %s", c.DBT.Command)
	}
}

func TestAFileOfRowsHasTheConfiguredTimeZoneUnlessItNamesOne(t *testing.T) {
	c := load(t, `
sources: {files: [{path: a.csv, kind: incidents}, {path: b.csv, kind: deployments, timezone: UTC}]}
timezone: Asia/Tokyo
`, nil)
	for i, want := range []string{"Asia/Tokyo", "UTC"} {
		if got := c.Sources.Files[i].Timezone.String(); got != want {
			t.Errorf("file %d: got %s, want %s", i, got, want)
		}
	}
}

func TestLineIsThatOfTheKey(t *testing.T) {
	c := load(t, `timezone: UTC
metrics:
  restore:
    start: [
      Impact started,
      created_at]
services:
  - name: api
    incident_values:
      "Affected product": [API]
`, nil)
	for key, want := range map[string]int{
		"timezone": 1, "metrics.restore": 3, "metrics.restore.start": 4, "metrics.restore.start[1]": 6, "services[0].name": 8,
		`services[0].incident_values["Affected product"]`: 10, "metrics.restore.end": 0, "week_start": 0, "services[0].deployments[0]": 0,
	} {
		if got := c.Line(key); got != want {
			t.Errorf("line of %s: got %d, want %d", key, got, want)
		}
	}
	err := c.Unknown("metrics.restore.start[0]", "Impact started", []string{"Impact start", "Fixed at"})
	if want := `fourfold.yaml:5: metrics.restore.start[0]: "Impact started" is not known: did you mean "Impact start"?`; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
