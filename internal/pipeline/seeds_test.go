package pipeline

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	project "fourfold/dbt"
	"fourfold/internal/config"
)

const seedsConfig = `timezone: Asia/Tokyo
week_start: sunday
privacy: {private_incidents: redact}
services:
  - name: 'api, "the" one'
    team: 決済
    incident_values: {Product: [API, "Web\nshop"], Area: [Core]}
  - name: worker
metrics:
  restore: {start: [created_at], end: ["Fixed at", left_live], attribute_by: started_at}
  acknowledge: ["Accepted at"]
  counted: {modes: [standard], severities_from: Minor, without_severity: false, exclude_types: [Security]}
  cause_field: Caused by
  failure_window: 90m
  unattributed: any
  rollback_is_failure: false
  count_redeploys: false
  durations:
    Detection: {from: created_at, to: "Reported at"}
    対応 まで: {from: "Reported at", to: left_live}
  hotfix: {labels: [Hotfix, "緊急 Fix"], branches: ["hotfix/*", "{urgent,fix}-**"]}
  follow_ups: {due: 2w, by_priority: {Urgent: 1d12h, 低: 0}}
`

func loadConfig(t testing.TB, text string) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fourfold.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// written writes seeds and reads them back as dbt would.
func written(t *testing.T, seeds []seed) map[string][][]string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "seeds", "config"), 0o755); err != nil {
		t.Fatal(err)
	}
	out := map[string][][]string{}
	for _, s := range seeds {
		if err := s.write(dir); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(filepath.Join(dir, "seeds", "config", s.name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if out[s.name], err = csv.NewReader(f).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func allSeeds(t *testing.T, text string) map[string][][]string {
	c := loadConfig(t, text)
	at := time.Date(2026, 10, 20, 17, 0, 0, 123456000, time.FixedZone("", 9*3600))
	links, err := linksSeed(c)
	if err != nil {
		t.Fatal(err)
	}
	s := written(t, append(configSeeds(c), links, buildSeed(c, "the-build", at, at.Add(-time.Hour), "v1", "1.11.4")))
	if hash := s["build"][1][5]; hash != c.Hash() || hash == "" {
		t.Errorf("configuration hash %q, want %q", hash, c.Hash())
	}
	s["build"][1][5] = "hash"
	return s
}

func TestTheConfigurationReachesDBTAsTables(t *testing.T) {
	same(t, "seeds", allSeeds(t, seedsConfig), map[string][][]string{
		"config_settings": {
			{"name", "value"},
			{"attribute_by", "started_at"},
			{"severities_from", "Minor"},
			{"without_severity", "false"},
			{"private_incidents", "redact"},
			{"levels", "2023"},
			{"cause_field", "Caused by"},
			{"failure_window", "5400"},
			{"failure_window_seconds", "5400"},
			{"unattributed", "any"},
			{"rollback_is_failure", "false"},
			{"count_redeploys", "false"},
		},
		"config_counted": {{"kind", "value"}, {"mode", "standard"}, {"exclude_type", "Security"}},
		"config_timestamps": {
			{"purpose", "position", "name"},
			{"restore_start", "1", "created_at"},
			{"restore_end", "1", "Fixed at"},
			{"restore_end", "2", "left_live"},
			{"acknowledge", "1", "Accepted at"},
			{"duration_from:detection", "1", "created_at"},
			{"duration_to:detection", "1", "Reported at"},
			{"duration_from:対応_まで", "1", "Reported at"},
			{"duration_to:対応_まで", "1", "left_live"},
		},
		"config_durations":       {{"name", "slug"}, {"Detection", "detection"}, {"対応 まで", "対応_まで"}},
		"config_services":        {{"service", "team"}, {`api, "the" one`, "決済"}, {"worker", ""}},
		"config_incident_values": {{"field", "value", "service"}, {"Area", "Core", `api, "the" one`}, {"Product", "API", `api, "the" one`}, {"Product", "Web\nshop", `api, "the" one`}},
		"config_hotfix": {
			{"kind", "value"},
			{"label", "hotfix"},
			{"label", "緊急 fix"},
			{"branch", `^(?:hotfix/[^/]*)$`},
			{"branch", `^(?:urgent-[^/]*|fix-[^/]*)$`},
		},
		"config_follow_ups": {{"priority", "due_seconds"}, {"", "1209600"}, {"Urgent", "129600"}, {"低", "0"}},
		"config_links":      {{"line", "incident", "deployment", "decided_by", "reason"}},
		"build": {
			{"build_id", "built_at", "as_of", "program_version", "dbt_version", "config_hash", "timezone", "week_start"},
			{"the-build", "2026-10-20T08:00:00.123456Z", "2026-10-20T07:00:00.123456Z", "v1", "1.11.4", "hash", "Asia/Tokyo", "sunday"},
		},
	})
}

func TestTheDefaultsReachDBTToo(t *testing.T) {
	s := allSeeds(t, "timezone: UTC\n")
	same(t, "counted", s["config_counted"], [][]string{{"kind", "value"}, {"mode", "standard"}, {"mode", "retrospective"}})
	same(t, "services", s["config_services"], [][]string{{"service", "team"}})
	same(t, "follow-ups", s["config_follow_ups"], [][]string{{"priority", "due_seconds"}, {"", "2592000"}})
	same(t, "hotfix", s["config_hotfix"], [][]string{{"kind", "value"}, {"label", "hotfix"}, {"branch", "^(?:hotfix/[^/]*)$"}})
	same(t, "links", s["config_settings"][6:], [][]string{
		{"cause_field", ""},
		{"failure_window", "86400"},
		{"failure_window_seconds", "86400"},
		{"unattributed", "none"},
		{"rollback_is_failure", "true"},
		{"count_redeploys", "true"},
	})
	same(t, "restore_start", s["config_timestamps"][1:5], [][]string{
		{"restore_start", "1", "Impact started"},
		{"restore_start", "2", "Declared at"},
		{"restore_start", "3", "Reported at"},
		{"restore_start", "4", "created_at"},
	})
}

func TestAWindowWithoutAnEndReachesDBTByItsName(t *testing.T) {
	for _, window := range []string{"unlimited", "off"} {
		s := allSeeds(t, "metrics: {failure_window: "+window+"}\n")
		same(t, window, s["config_settings"][7:9], [][]string{{"failure_window", window}, {"failure_window_seconds", ""}})
	}
}

// TestTheSeedsAreThoseThatTheProjectDeclares holds the program to the columns that the project's samples have.
func TestTheSeedsAreThoseThatTheProjectDeclares(t *testing.T) {
	got := allSeeds(t, seedsConfig)
	files, err := project.Project.ReadDir("seeds/config")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "number of seeds", len(got), len(files))
	for _, f := range files {
		text, err := project.Project.ReadFile("seeds/config/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(string(text), "\n")
		if rows := got[strings.TrimSuffix(f.Name(), ".csv")]; rows == nil || strings.Join(rows[0], ",") != header {
			t.Errorf("%s: the program writes %v, the project declares %s", f.Name(), rows, header)
		}
	}
}

func TestASeedThatCannotBeWrittenSaysSo(t *testing.T) {
	if err := (seed{"build", [][]string{{"x"}}}).write(t.TempDir() + "/none"); err == nil || !strings.Contains(err.Error(), "seed") {
		t.Errorf("%v", err)
	}
}

// The configuration knows by heart which metrics are always there.
func TestNoFurtherDurationHasTheNameOfAMetric(t *testing.T) {
	f, err := project.Project.Open("seeds/static/metrics.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, row := range rows[1:] {
		name, isMedian := strings.CutSuffix(row[0], "_median_seconds")
		name, isP90 := strings.CutSuffix(name, "_p90_seconds")
		if !isMedian && !isP90 {
			continue
		}
		found++
		path := filepath.Join(t.TempDir(), "fourfold.yaml")
		if err := os.WriteFile(path, []byte("metrics: {durations: {"+name+": {from: created_at, to: left_live}}}\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(path, os.LookupEnv); err == nil || !strings.Contains(err.Error(), "which is there already") {
			t.Errorf("a duration named %s: %v", name, err)
		}
	}
	if found < 6 {
		t.Errorf("%d metrics are quantiles of durations", found)
	}
}
