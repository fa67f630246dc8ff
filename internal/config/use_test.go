package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnUnsetReferenceMattersOnlyInAPartThatIsUsed(t *testing.T) {
	text := `
sources:
  incidentio: {base_url: "${INC_URL}"}
  github:
    repositories: [{name: acme/api}]
dashboard: {public_url: "${PUBLIC_URL}"}
digest: {slack: "${SLACK}"}
warehouse: {project: "${GCP}", labels: {team: "${TEAM}"}}
`
	c := load(t, text, nil)
	for part, want := range map[Part][]string{
		UseIncidentio: {
			"fourfold.yaml:3: sources.incidentio.api_key: the environment variable INCIDENT_IO_API_KEY is not set: ",
			"fourfold.yaml:3: sources.incidentio.base_url: the environment variable INC_URL is not set: ",
		},
		UseGitHub:    {"fourfold.yaml:4: sources.github.token: the environment variable GITHUB_TOKEN is not set: "},
		UseDashboard: {"fourfold.yaml:6: dashboard.public_url: the environment variable PUBLIC_URL is not set: "},
		UseDigest:    {"fourfold.yaml:7: digest.slack: the environment variable SLACK is not set: "},
		UseWarehouse: nil, // DuckDB looks at none of them
		UseSchedule:  nil,
		UsePrivacy:   nil,
	} {
		err := c.Use(part)
		if err == nil {
			if len(want) > 0 {
				t.Errorf("%s: no error", part)
			}
			continue
		}
		got := strings.Split(err.Error(), "\n")
		if len(got) != len(want) {
			t.Errorf("%s: got %q, want %q", part, got, want)
			continue
		}
		for i := range want {
			if !strings.HasPrefix(got[i], want[i]) {
				t.Errorf("%s: got %q, want %q", part, got[i], want[i])
			}
		}
	}
	env := map[string]string{"INCIDENT_IO_API_KEY": "k", "INC_URL": "http://127.0.0.1:1/", "GITHUB_TOKEN": "t", "PUBLIC_URL": "https://x", "SLACK": "https://x/y?z"}
	c = load(t, text, env)
	if err := c.Use(append(c.SourceParts(), UseDashboard, UseDigest, UseWarehouse)...); err != nil {
		t.Errorf("all set: %v", err)
	}
	if c.Sources.Incidentio.BaseURL != "http://127.0.0.1:1" {
		t.Errorf("base_url: got %s", c.Sources.Incidentio.BaseURL)
	}
}

func TestAnUnsetReferenceInWhatEveryCommandUsesFailsTheLoad(t *testing.T) {
	for key, text := range map[string]string{
		"data":                         "data: ${X}",
		"timezone":                     "timezone: ${X}",
		"warehouse.type":               "warehouse: {type: \"${X}\"}",
		"warehouse.project":            "warehouse: {type: bigquery, dataset: d, project: \"${X}\"}",
		"warehouse.memory_limit":       "warehouse: {memory_limit: \"${X}\"}",
		"services[0].name":             "services: [{name: \"${X}\"}]",
		"metrics.restore.start[0]":     "metrics: {restore: {start: [\"${X}\"]}}",
		"metrics.durations.D.from":     "metrics: {durations: {D: {from: \"${X}\", to: x}}}",
		"services[0].deployments[0].w": "services: [{name: a, deployments: [{from: workflow_runs, workflow: \"${X}\"}]}]",
		"log.level":                    "log: {level: \"${X}\"}",
		"dbt.command":                  "dbt: {command: \"${X}\"}",
		"privacy.people":               "privacy: {people: \"${X}\"}",
	} {
		got := messages(t, text, nil)
		if len(got) != 1 || !strings.HasPrefix(got[0], "fourfold.yaml:1: "+key) || !strings.Contains(got[0], "the environment variable X is not set") {
			t.Errorf("%s: got %q", text, got)
		}
	}
}

func TestUseAsksForWhatAPartCannotDoWithout(t *testing.T) {
	env := map[string]string{"GITHUB_TOKEN": "t", "EMPTY": "", "KEY": "{}"}
	bigquery := func(credentials, more string) string {
		return "warehouse: {type: bigquery, project: p, dataset: d, credentials: \"" + credentials + "\"" + more + "}"
	}
	for _, tt := range []struct {
		name, text string
		part       Part
		want       []string // beginnings; none: no error
	}{
		{"incident.io is not there", "", UseIncidentio, []string{"fourfold.yaml: sources.incidentio: is not configured: "}},
		{"github is not there", "", UseGitHub, []string{"fourfold.yaml: sources.github: is not configured: "}},
		{"no files", "", UseFiles, []string{"fourfold.yaml: sources.files: is not configured: "}},
		{"no repositories", "sources:\n  github:\n", UseGitHub, []string{"fourfold.yaml: sources.github.repositories: names no repository: "}},
		{"an empty key", "sources: {incidentio: {api_key: \"\"}}", UseIncidentio, []string{"fourfold.yaml:1: sources.incidentio.api_key: is empty: "}},
		{"a key of an empty variable", "sources: {incidentio: {api_key: \"${EMPTY}\"}}", UseIncidentio, []string{"fourfold.yaml:1: sources.incidentio.api_key: resolves to nothing: "}},
		{"an app needs no token", "sources: {github: {repositories: [{name: a/b}], app: {id: 1, installation_id: 2, private_key: x}}}", UseGitHub, nil},
		{"nothing of redash", "", UseRedash, []string{"fourfold.yaml: redash.api_key: is empty: ", "fourfold.yaml: redash.data_source: is empty: ", "fourfold.yaml: redash.url: is empty: "}},
		{"redash's key is unset", "redash: {url: \"http://x\", data_source: d, api_key: \"${NONE}\"}", UseRedash, []string{"fourfold.yaml:1: redash.api_key: the environment variable NONE is not set: "}},
		{"a key for bigquery", bigquery("${KEY}", ""), UseWarehouse, nil},
		{"the path of a key", bigquery("key.json", ""), UseWarehouse, []string{"fourfold.yaml:1: warehouse.credentials: is not the JSON of a key: to read it from a file, write ${file:/path/key.json}"}},
		{"an emulator needs no key", bigquery("${NONE}", ", endpoint: \"http://127.0.0.1:1\""), UseWarehouse, nil},
		{"people are dropped", "privacy: {people: drop, hash_key: \"${NONE}\"}", UsePrivacy, nil},
		{"people are hashed", "privacy: {hash_key: \"${NONE}\"}", UsePrivacy, []string{"fourfold.yaml:1: privacy.hash_key: the environment variable NONE is not set: "}},
		{"people are hashed with a key of ours", "", UsePrivacy, nil},
		{"no digest", "", UseDigest, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := load(t, tt.text, env).Use(tt.part)
			var got []string
			if err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], tt.want[i]) {
					t.Errorf("got %q, want %q", got[i], tt.want[i])
				}
			}
		})
	}
}

func TestAWebhookThatIsResolvedLaterIsCheckedThen(t *testing.T) {
	env := map[string]string{}
	c := load(t, "digest: {slack: \"${HOOK}\"}", env)
	env["HOOK"] = "hunter2"
	err := c.Use(UseDigest)
	if err == nil || !strings.HasPrefix(err.Error(), "fourfold.yaml:1: digest.slack: is not an http or https address: ") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestErrorsWithoutAFileSaySo(t *testing.T) {
	c, err := parse("", nil, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Use(UseIncidentio); err == nil || !strings.HasPrefix(err.Error(), "no fourfold.yaml: sources.incidentio: is not configured: ") {
		t.Errorf("got %v", err)
	}
}

func TestErrorsWithoutALineComeLast(t *testing.T) {
	err := load(t, "redash: {url: \"http://x\"}\ndigest: {slack: \"${NONE}\"}", nil).Use(UseRedash, UseDigest)
	var errs Errors
	if !errors.As(err, &errs) {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, e := range errs {
		got = append(got, e.Key)
	}
	if diff := cmp.Diff([]string{"digest.slack", "redash.api_key", "redash.data_source"}, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}
