package config

import (
	"path/filepath"
	"testing"
)

func TestHashIsTheSameForTheSameMeaning(t *testing.T) {
	base := load(t, "sources: {incidentio: {}}", nil).Hash()
	for name, text := range map[string]string{
		"written defaults": "sources: {incidentio: {since: }}",
		"the example":      string(Example()),
		"listen address":   "sources: {incidentio: {}}\ndashboard: {listen: \":80\", language: ja}",
		"a secret":         "sources: {incidentio: {api_key: x}}\nprivacy: {hash_key: y}",
		"where data is":    "sources: {incidentio: {base_url: \"http://x\", overlap: 1h}}\ndata: /x\ndbt: {threads: 9}\nwarehouse: {threads: 9}",
		"another unit":     "sources: {incidentio: {}}\nmetrics: {failure_window: 1d}",
		"schedule, log":    "sources: {incidentio: {}}\nschedule: {run: \"\"}\nlog: {level: debug}",
		"files":            "sources: {incidentio: {}, files: [{path: a.csv, kind: incidents, mapping: {id: x}, timezone: Asia/Tokyo, service: s}]}",
		"case of a word":   "sources: {incidentio: {}}\nweek_start: Monday",
	} {
		if name == "written defaults" {
			text = "timezone: UTC\nmetrics: {levels: 2023}\nsources:\n  incidentio:\n"
		}
		if got := load(t, text, nil).Hash(); got != base {
			t.Errorf("%s changes the hash", name)
		}
	}
}

func TestHashChangesWithWhateverChangesNumbers(t *testing.T) {
	seen := map[string]string{load(t, "", nil).Hash(): "nothing"}
	for _, text := range []string{
		"timezone: Asia/Tokyo", "week_start: sunday", "privacy: {private_incidents: redact}", "privacy: {people: drop}",
		"services: [{name: a}]", "services: [{name: b}]", "services: [{name: a, team: t}]", "services: [{name: a, incident_values: {P: [x]}}]",
		"services: [{name: a, incident_values: {P: [y]}}]", "services: [{name: a, deployments: []}]", "services: [{name: a, paths: [x]}]",
		"metrics: {restore: {start: [created_at]}}", "metrics: {restore: {end: [created_at]}}", "metrics: {restore: {attribute_by: started_at}}",
		"metrics: {acknowledge: []}", "metrics: {counted: {modes: [standard]}}", "metrics: {counted: {severities_from: Minor}}",
		"metrics: {counted: {without_severity: false}}", "metrics: {counted: {exclude_types: [x]}}", "metrics: {cause_field: x}",
		"metrics: {failure_window: 25h}", "metrics: {failure_window: off}", "metrics: {failure_window: unlimited}", "metrics: {unattributed: any}",
		"metrics: {links: none.csv}", "metrics: {rollback_is_failure: false}", "metrics: {count_redeploys: false}", "metrics: {hotfix: {labels: [x]}}",
		"metrics: {durations: {D: {from: a, to: b}}}", "metrics: {follow_ups: {due: 14d}}", "metrics: {follow_ups: {by_priority: {Urgent: 7d}}}", "metrics: {goals: {lead_time: 1h}}", "sources: {incidentio: {}}",
		"sources: {incidentio: {since: 2024-01-01}}", "sources: {incidentio: {since: 2024-01-02}}", "sources: {github: {}}",
		"sources: {github: {since: 2024-01-01}}", "sources: {github: {repositories: [{name: a/b}]}}",
		"sources: {github: {repositories: [{name: a/b, service: x}]}}", "sources: {github: {repositories: [{name: a/b, forks: true}]}}",
	} {
		hash := load(t, text, nil).Hash()
		if other, ok := seen[hash]; ok {
			t.Errorf("%s and %s have one hash", text, other)
		}
		seen[hash] = text
	}
}

func TestHashIsTheSameInEveryFolderAndFollowsTheContentOfLinks(t *testing.T) {
	hash := func(dir string) string {
		t.Helper()
		c, err := Load(filepath.Join(dir, "fourfold.yaml"), noEnv)
		if err != nil {
			t.Fatal(err)
		}
		return c.Hash()
	}
	a, b := t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b} {
		write(t, filepath.Join(dir, "fourfold.yaml"), "metrics: {links: links.csv}\n")
		write(t, filepath.Join(dir, "links.csv"), "incident,deployment\n")
	}
	before := hash(a)
	if hash(b) != before {
		t.Error("the folder changes the hash")
	}
	write(t, filepath.Join(b, "links.csv"), "incident,deployment\nINC-1,none\n")
	if hash(b) == before {
		t.Error("a link changes nothing in the hash")
	}
}
