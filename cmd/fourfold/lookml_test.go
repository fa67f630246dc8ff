package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestALookMLProjectNeedsNoConfiguration(t *testing.T) {
	t.Chdir(t.TempDir())
	do := func(args ...string) (string, int) {
		var out bytes.Buffer
		root := newRoot()
		root.SetArgs(append([]string{"dashboards", "lookml"}, args...))
		root.SetOut(&out)
		root.SetErr(&out)
		if err := root.Execute(); err != nil {
			return err.Error(), exitCode(err)
		}
		return out.String(), 0
	}
	out, code := do("--out", "looker", "--language", "ja", "--schema", "p.marts")
	if code != 0 || !strings.HasPrefix(out, "looker: ") || !strings.HasSuffix(out, " files written, 0 unchanged, 0 removed\n") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	text, err := os.ReadFile(filepath.Join("looker", "manifest.lkml"))
	if err != nil || !strings.Contains(string(text), `value: "p.marts"`) {
		t.Errorf("%v: %s", err, text)
	}
	if out, code = do("--out", "looker", "--language", "ja", "--schema", "p.marts"); code != 0 || !strings.Contains(out, ": 0 files written, ") {
		t.Errorf("the second time: exit code %d: %s", code, out)
	}
	if err := os.WriteFile(filepath.Join("looker", "manifest.lkml"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, code = do("--out", "looker"); code != exitFailed || !strings.Contains(out, "manifest.lkml was not made by this command") {
		t.Errorf("with a file in the way: exit code %d: %s", code, out)
	}
	for want, args := range map[string][]string{
		"--out is missing":    nil,
		`--language "fr"`:     {"--out", "looker", "--language", "fr"},
		`--week-start "noon"`: {"--out", "looker", "--week-start", "noon"},
		"--schema is empty":   {"--out", "looker", "--schema", " "},
		`"looker" is too`:     {"looker"},
		"unknown flag":        {"--outt", "looker"},
	} {
		if out, code := do(args...); code != exitUsage || !strings.Contains(out, want) {
			t.Errorf("%v: exit code %d: %s", args, code, out)
		}
	}
}
