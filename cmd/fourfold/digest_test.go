package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fourfold/load"
)

// What would keep a scheduled digest from being told is found when serve starts, not on its first Monday.
func TestAScheduledDigestHasSomebodyToTell(t *testing.T) {
	const monday = "schedule: {digest: \"0 9 * * 1\"}\n"
	for _, x := range []struct{ yaml, want string }{
		{"timezone: UTC\n", ""},
		{monday + "digest: {webhook: \"https://hooks.example.com/hunter2\"}\n", ""},
		{monday, "digest: names nobody to tell"},
		{monday + "digest: {slack: \"${NO_SUCH_VARIABLE_HERE}\"}\n", "NO_SUCH_VARIABLE_HERE"},
	} {
		err := configure(t, served{yaml: x.yaml}).checkDigest()
		if x.want == "" {
			if err != nil {
				t.Errorf("%s: %v", x.yaml, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), x.want) || exitCode(err) != exitUsage {
			t.Errorf("%s: %v, want %s", x.yaml, err, x.want)
		}
	}
}

func TestServeTellsTheDigestAtItsTimes(t *testing.T) {
	from := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		yaml string
		want time.Time
	}{
		{"schedule: {digest: \"0 9 * * 1\"}\n", time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)},
		{"timezone: UTC\n", time.Time{}},
	} {
		found := false
		for _, job := range configure(t, served{yaml: x.yaml}).jobs("") {
			if job.Name != "digest" {
				continue
			}
			found = true
			if !job.Waits {
				t.Error("a digest that is due during a round is left out for a week")
			}
			if got := job.When; (got == nil) != x.want.IsZero() || got != nil && !got.Next(from).Equal(x.want) {
				t.Errorf("%s: it is told at other times than %s", x.yaml, x.want)
			}
		}
		if !found {
			t.Error("there is no such job")
		}
	}
}

func TestWithoutABuildThereIsNothingToReport(t *testing.T) {
	a := configure(t, served{yaml: "timezone: UTC\n"})
	if err := a.report(t.Context(), "last-month", "", "markdown", "-"); !errors.Is(err, load.ErrNoBuild) {
		t.Errorf("report: %v", err)
	}
	if err := a.digest(t.Context(), true); !errors.Is(err, load.ErrNoBuild) {
		t.Errorf("digest: %v", err)
	}
}

func TestAReportIsThereWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	for _, text := range []string{"first, and longer", "second"} {
		if err := writeWhole(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("the file holds %q, %v", got, err)
		}
	}
	if err := writeWhole(os.DevNull, []byte("gone")); err != nil {
		t.Error(err)
	}
	if err := writeWhole(dir, []byte("x")); err == nil {
		t.Error("a folder was written to")
	}
	if err := writeWhole(filepath.Join(dir, "missing", "report.html"), []byte("x")); err == nil {
		t.Error("a folder was made")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v is left over, %v", left, err)
	}
}
