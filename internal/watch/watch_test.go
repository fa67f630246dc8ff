package watch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/internal/config"
	"fourfold/internal/pipeline"
)

func configured(t *testing.T, text string) *config.Config {
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

func TestDataIsNotFreshWhereTwoRoundsShouldHaveReadIt(t *testing.T) {
	fresh := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC) // 17:00 in Tokyo, a Wednesday
	for _, x := range []struct {
		schedule string
		after    time.Duration
		stale    bool
	}{
		{"*/15 * * * *", 30*time.Minute + 10*time.Minute, false},
		{"*/15 * * * *", 30*time.Minute + 11*time.Minute, true},
		{"0 9 * * 1-5", 60 * time.Hour, true},
		{"0 9 * * 1-5", 40 * time.Hour, false},
		{"0 0 * * 1", 9 * 24 * time.Hour, false},
		{"0 0 * * 1", 12 * 24 * time.Hour, true},
		{`""`, 1000 * time.Hour, false},
	} {
		schedule := x.schedule
		if schedule != `""` {
			schedule = `"` + schedule + `"`
		}
		c := configured(t, "timezone: Asia/Tokyo\nschedule: {run: "+schedule+", jitter: 30s, timeout: 10m}\n")
		s := pipeline.Status{Streams: map[string]pipeline.StreamStatus{"incidentio/incidents": {Status: "ok", FreshAt: fresh}}}
		got := stale(c, s, fresh.Add(x.after))
		if (len(got) > 0) != x.stale {
			t.Errorf("%s, %s later: %v", x.schedule, x.after, got)
		}
	}
}

func TestStreamsThatFailAndBuildsThatFailAreProblems(t *testing.T) {
	c := configured(t, "timezone: Asia/Tokyo\n")
	at := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	s := pipeline.Status{
		Streams: map[string]pipeline.StreamStatus{
			"a/failed":  {Status: "failed", FreshAt: at, Error: "it is down"},
			"b/never":   {Status: "failed", Error: "it is down"},
			"c/partial": {Status: "partial", FreshAt: at, Error: "acme/web is gone"},
			"d/skipped": {Status: "skipped", Error: "users.view"},
			"e/ok":      {Status: "ok", FreshAt: at},
		},
		Failure: &pipeline.BuildFailure{At: at, Error: "dbt build: 1 failed: key_fct_incidents"},
	}
	got, err := Find(t.Context(), c, s, nil, at.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	want := []Problem{
		{"freshness", "a/failed", "failed; what it has is as of 2026-11-25 17:00 JST: it is down"},
		{"freshness", "b/never", "has never been read: it is down"},
		{"freshness", "c/partial", "was read in part: acme/web is gone"},
		{"build", "build", "failed at 2026-11-25 17:00 JST, and what was published before stays: dbt build: 1 failed: key_fct_incidents"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err := Find(t.Context(), c, pipeline.Status{}, nil, at); err != nil || got == nil || len(got) > 0 {
		t.Errorf("nothing has run: %v, %v", got, err)
	}
	if strings.Contains(want[0].Detail, "UTC") {
		t.Error("times are not in the configured zone")
	}
}
