package acceptance

import (
	"encoding/json"
	"strings"
	"testing"

	"fourfold/internal/fake/incidentio"
)

type problem struct{ Kind, Name, Detail string }

func problems(t *testing.T, w *workplace) []problem {
	t.Helper()
	var s struct{ Problems []problem }
	if err := json.Unmarshal([]byte(w.run("status", "--format", "json")), &s); err != nil {
		t.Fatal(err)
	}
	return s.Problems
}

// A goal that is missed, data that is not fresh and a check that fails are lines of the status, and its exit code if one
// asks for that.
func TestTheStatusSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	config := smallConfig(base, "metrics: {failure_window: unlimited, goals: {time_to_restore: 1s, deployments_per_day: 0.5, lead_time: 1h}}")
	w := newWorkplace(t, config)
	w.run("run")
	var goals []string
	for _, p := range problems(t, w) {
		if p.Kind == "goal" {
			goals = append(goals, p.Name)
			if p.Name == "time_to_restore" && (!strings.HasPrefix(p.Detail, "missed: ") || !strings.HasSuffix(p.Detail, "the goal is at most 1s")) {
				t.Errorf("%+v", p)
			}
		}
		if p.Kind == "freshness" || p.Kind == "build" {
			t.Errorf("%+v", p)
		}
	}
	if strings.Join(goals, " ") != "time_to_restore" {
		t.Errorf("goals missed: %v; of what there is nothing no goal is missed", goals)
	}
	if o := w.run("status"); !strings.Contains(o, "Goal:       time_to_restore missed: ") {
		t.Error(o)
	}
	w.fails(1, "problem", "status", "--check")
	w.configure(strings.Replace(config, "time_to_restore: 1s", "time_to_restore: 9999h", 1))
	if got := problems(t, w); len(got) == 0 {
		w.run("status", "--check")
	}
	w.configure(strings.Replace(config, incidentio.DefaultKey, "inc_other_000111222", 1))
	w.fails(1, "api_key", "sync")
	stale := 0
	for _, p := range problems(t, w) {
		if p.Kind == "freshness" && strings.HasPrefix(p.Detail, "failed; what it has is as of ") {
			stale++
		}
	}
	if stale < 10 {
		t.Errorf("%d streams are said not to be fresh", stale)
	}
	w.fails(1, "problems", "status", "--check")
}
