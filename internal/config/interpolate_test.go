package config

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReferencesAreReplacedWhereverTheyStandInAText(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "key"), "from file\r\n")
	env := vars(map[string]string{"A": "1", "B_2": "", "C": "${A}"})
	for text, want := range map[string]string{
		"plain":                            "plain",
		"":                                 "",
		"${A}":                             "1",
		"x${A}y${A}z":                      "x1y1z",
		"[${B_2}]":                         "[]",
		"${C}":                             "${A}", // what a reference holds is not looked at again
		"$${A}":                            "${A}",
		"a$${A}${A}":                       "a${A}1",
		"$A $ $$ }":                        "$A $ $$ }",
		"$$${A}":                           "$${A}",
		"${file:key}":                      "from file",
		"<${file:" + dir + "/key}>":        "<from file>",
		"${file:../" + base(dir) + "/key}": "from file",
	} {
		parts, err := parseTemplate(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got, missing := parts.resolve(env, dir)
		if missing != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, missing, want)
		}
	}
}

func TestMalformedReferencesAreErrorsThatQuoteNothing(t *testing.T) {
	for text, want := range map[string]string{
		"hunter2${A":         `opens a "${" that no "}" closes`,
		"hunter2${}":         `holds no name of an environment variable`,
		"hunter2${A-B}":      `holds no name of an environment variable`,
		"hunter2${1A}":       `holds no name of an environment variable`,
		"hunter2${file:}":    `"${file:}" without a path`,
		"hunter2${file:${A}": `"${" inside a "${"`,
		"hunter2${A:-b}":     `holds no name of an environment variable`,
	} {
		for _, key := range []string{"sources.incidentio.api_key", "data"} {
			yaml := "data: '" + text + "'"
			if key != "data" {
				yaml = "sources: {incidentio: {api_key: '" + text + "'}}"
			}
			got := messages(t, yaml, nil)
			if len(got) != 1 || !strings.Contains(got[0], "fourfold.yaml:1: "+key) || !strings.Contains(got[0], want) || strings.Contains(got[0], "hunter2") {
				t.Errorf("%s as %s: got %q, want %q", text, key, got, want)
			}
		}
	}
}

func TestAFileThatCannotBeReadIsAnErrorWithItsPath(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "big"), strings.Repeat("x", largestFile+1))
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none"): "no such file or directory",
		filepath.Join(dir, "big"):  "it is larger than",
		filepath.Join(dir, "pipe"): "it is not a regular file",
		dir:                        "it is not a regular file",
	} {
		got := messages(t, "data: ${file:"+path+"}", nil)
		if len(got) != 1 || !strings.Contains(got[0], "fourfold.yaml:1: data: cannot read ${file:"+path+"}: "+want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestReferencesCanHoldAnyType(t *testing.T) {
	env := map[string]string{"THREADS": "7", "YES": "True", "PRICE": "1.5", "WINDOW": "off", "TYPE": "duckdb", "ZONE": "Asia/Tokyo"}
	c := load(t, `
timezone: ${ZONE}
warehouse: {type: "${TYPE}", threads: "${THREADS}", price_per_tib: "${PRICE}"}
metrics: {count_redeploys: "${YES}", failure_window: "${WINDOW}"}
`, env)
	if c.Warehouse.Threads != 7 || c.Warehouse.PricePerTiB != 1.5 || !c.Metrics.CountRedeploys || !c.Metrics.FailureWindow.Off || c.Timezone.String() != "Asia/Tokyo" {
		t.Errorf("got %+v", c)
	}
}

func TestAnErrorShowsTheReferenceAndNotWhatItHolds(t *testing.T) {
	env := map[string]string{"X": "hunter2"}
	for key, text := range map[string]string{
		"timezone":             `timezone: ${X}`,
		"week_start":           `week_start: ${X}`,
		"warehouse.threads":    `warehouse: {threads: "${X}"}`,
		"schedule.run":         `schedule: {run: "${X}"}`,
		"redash.url":           `redash: {url: "${X}"}`,
		"warehouse.bucket":     `warehouse: {bucket: "gs://${X}"}`,
		"services[1].name":     `services: [{name: HUNTER2}, {name: "${X}"}]`,
		"incident_values.P[0]": `services: [{name: "${X}1", incident_values: {P: "${X}"}}, {name: b, incident_values: {P: "${X}"}}]`,
		"schedule.digest":      `schedule: {digest: "* * ${X} * *"}`,
		"metrics.restore":      `metrics: {restore: "${X}"}`,
		"log.format":           `log: {format: "${X}"}`,
		"metrics.unattributed": `metrics: {unattributed: "${X}"}`,
	} {
		got := messages(t, text, env)
		if len(got) != 1 || !strings.Contains(got[0], key) || strings.Contains(got[0], "hunter2") {
			t.Errorf("%s: got %q", text, got)
		}
	}
}

func base(path string) string { return filepath.Base(path) }
