package github

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/github"
)

func TestTheFinishIsThatOfTheFirstAttemptThatSucceeded(t *testing.T) {
	type step struct {
		conclusion string // "" leaves it under way
		round      bool   // a round is run after it
	}
	for name, c := range map[string]struct {
		steps    []step
		finish   int // the attempt, from 1; 0: none
		requests int // of attempts
	}{
		"a success at once":                             {[]step{{"success", true}}, 1, 0},
		"a failure":                                     {[]step{{"failure", true}}, 0, 0},
		"a failure and a success, both seen":            {[]step{{"failure", true}, {"success", true}}, 2, 0},
		"a failure and a success, the failure not seen": {[]step{{"failure", false}, {"success", true}}, 2, 1},
		"a success and another, both seen":              {[]step{{"success", true}, {"success", true}}, 1, 0},
		"a success that was not seen and a failure":     {[]step{{"success", false}, {"failure", true}}, 1, 1},
		"a success and a failure, both seen":            {[]step{{"success", true}, {"failure", true}}, 1, 0},
		"a success and one under way":                   {[]step{{"success", true}, {"", true}}, 1, 0},
		"the second of four, nothing seen":              {[]step{{"failure", false}, {"success", false}, {"failure", false}, {"success", true}}, 2, 2},
		"the third, the second not seen":                {[]step{{"failure", true}, {"cancelled", false}, {"success", true}}, 3, 1},
		"never":                                         {[]step{{"failure", true}, {"cancelled", false}, {"failure", true}}, 0, 1},
	} {
		for _, known := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", attempts are known: ", known), func(t *testing.T) {
				w, r := withRuns(t, 0, time.Hour, nil)
				attempts := w.server.Inject(fake.On{Path: "/repos/*/*/actions/runs/*/attempts/*", Times: -1}, fake.Edit(func(answer any) any { return answer }))
				if !known {
					w.server.ClearFaults()
					attempts = w.server.Inject(fake.On{Path: "/repos/*/*/actions/runs/*/attempts/*", Times: -1}, fake.Answer(404, "Not Found"))
				}
				x := addRun(r, deployPath, beginning.Add(-time.Hour))
				var ends []time.Time
				seen := map[int]bool{}
				for n, s := range c.steps {
					w.later(20*time.Minute, func() {
						if n > 0 {
							x.ReRun(nil, w.clock.Now())
						}
						if s.conclusion != "" {
							x.End(s.conclusion, w.clock.Now().Add(time.Minute))
						}
					})
					if ends = append(ends, x.UpdatedAt); s.round {
						w.clock.Advance(2 * time.Minute)
						w.mustRun()
						seen[n] = true
					}
				}
				want := ""
				for n, s := range c.steps { // what cannot be asked for and was not seen is not known
					if s.conclusion == "success" && (known || seen[n]) {
						want = text(ends[n])
						break
					}
				}
				if known && c.finish > 0 && want != text(ends[c.finish-1]) {
					t.Fatal("the table contradicts itself")
				}
				if got := w.finish(x); got != want {
					t.Errorf("finished at %q, want %q", got, want)
				}
				if known && attempts.Hits() != c.requests {
					t.Errorf("attempts were asked for %d times, want %d", attempts.Hits(), c.requests)
				}
				asked := attempts.Hits()
				w.later(time.Hour, func() { x.UpdatedAt = x.UpdatedAt.Add(time.Second) }) // it moves for other reasons, too
				w.mustRun()
				w.full = true
				w.clock.Advance(time.Hour)
				w.mustRun()
				if got := w.finish(x); got != want {
					t.Errorf("finished at %q after it was read again, want %q", got, want)
				}
				if attempts.Hits() != asked {
					t.Errorf("attempts were asked for %d times more", attempts.Hits()-asked)
				}
			})
		}
	}
}

func TestEarlierAttemptsAreKeptInTheRow(t *testing.T) {
	w, r := withRuns(t, 0, time.Hour, nil)
	x := addRun(r, deployPath, beginning.Add(-time.Hour))
	x.End("failure", beginning.Add(-50*time.Minute))
	x.ReRun(nil, beginning.Add(-40*time.Minute))
	x.End("success", beginning.Add(-30*time.Minute))
	w.mustRun()
	var row struct{ Attempts []map[string]any }
	if err := json.Unmarshal([]byte(w.run1(x)["payload"]), &row); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{{"run_attempt": 1.0, "status": "completed", "conclusion": "failure", "run_started_at": "2026-10-20T07:00:00Z", "updated_at": "2026-10-20T07:10:00Z"}}
	if diff := cmp.Diff(want, row.Attempts); diff != "" {
		t.Error(diff)
	}
}
