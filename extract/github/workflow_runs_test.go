package github

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/extract"
	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

// deployPath is the workflow that is taken for deployments; every other run of withRuns is of another one.
const deployPath = ".github/workflows/deploy.yml"

// withRuns reads runs only, of acme/big with n of them, one every step, the newest an hour before beginning. Every other
// one is of the workflow that is wanted.
func withRuns(t *testing.T, n int, step time.Duration, server []fake.Option, change ...func(*Options)) (*world, *fake.Repository) {
	t.Helper()
	org := crowd(1, 0)
	r := org.Repository("acme/big")
	for k := range n {
		path := deployPath
		if k%2 == 1 {
			path = ".github/workflows/test.yml@refs/heads/main"
		}
		addRun(r, path, beginning.Add(-time.Hour-time.Duration(n-1-k)*step)).End("success", beginning.Add(-time.Hour-time.Duration(n-1-k)*step+time.Minute))
	}
	w := newWorld(t, org, []string{"acme/big"}, server, append([]func(*Options){allNeed}, change...)...)
	w.only = []string{"repositories", "workflow_runs"}
	return w, r
}

func addRun(r *fake.Repository, path string, at time.Time) *fake.WorkflowRun {
	return r.AddRun(fake.WorkflowRun{Name: "Deploy", Path: path, Event: "push", HeadBranch: "main", HeadSHA: r.Head("main"), Status: "queued", CreatedAt: at})
}

func (w *world) run1(x *fake.WorkflowRun) map[string]string {
	return w.table(transform.GithubWorkflowRuns)[fmt.Sprint(x.ID)].columns
}

// finish is the finish of a run as it has landed, "" if it has none.
func (w *world) finish(x *fake.WorkflowRun) string { return w.run1(x)["finished_at"] }

func text(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

func (w *world) later(d time.Duration, f func()) {
	w.clock.Advance(d)
	w.edit(func(*fake.Organisation) { f() })
}

func TestWhatLandsOfARunIsOfTheWorkflowsThatAreWantedAndNamesNobody(t *testing.T) {
	org := fake.Small()
	api := org.Repository("acme/api")
	other := addRun(api, ".github/workflows/test.yml", beginning.Add(-time.Hour))
	byRef := addRun(api, ".github/workflows/Deploy.yml@refs/heads/main", beginning.Add(-time.Hour))
	w := newWorld(t, org, []string{"acme/api"}, nil, allNeed)
	w.only = []string{"workflow_runs"}
	w.mustRun()
	done, going := api.Runs[0], api.Runs[1]
	if len(w.table(transform.GithubWorkflowRuns)) != 3 || w.run1(other) != nil || w.run1(byRef)["workflow_path"] != ".github/workflows/Deploy.yml" {
		t.Errorf("landed: %v", w.table(transform.GithubWorkflowRuns))
	}
	for column, want := range map[string]string{
		"repository_id": fmt.Sprint(api.ID), "repository": "acme/api", "name": "Deploy", "workflow_path": deployPath, "event": "push", "branch": "main", "sha": done.HeadSHA,
		"run_number": "1", "run_attempt": "1", "status": "completed", "conclusion": "success", "created_at": text(done.CreatedAt), "finished_at": text(done.UpdatedAt),
		"web_url": fmt.Sprintf("https://github.com/acme/api/actions/runs/%d", done.ID),
	} {
		if got := w.run1(done)[column]; got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	if got := w.run1(going); got["finished_at"] != "" || got["status"] != "in_progress" || got["conclusion"] != "" {
		t.Errorf("the one that goes on is %v", got)
	}
	for id, v := range w.table(transform.GithubWorkflowRuns) {
		for _, word := range []string{"Ann", "ann", "ben", "@example.test", "head_commit", "clone_url"} {
			if strings.Contains(v.columns["payload"], word+`"`) || strings.Contains(v.columns["payload"], word+`:`) {
				t.Errorf("run %s names %q: %s", id, word, v.columns["payload"])
			}
		}
	}
}

func TestANewRunAndOneThatEndsAreReadInTheNextRound(t *testing.T) {
	w, r := withRuns(t, 130, time.Hour, nil)
	w.mustRun()
	w.compare("at first")
	var x, y *fake.WorkflowRun
	w.later(15*time.Minute, func() {
		x = addRun(r, deployPath, w.clock.Now().Add(-time.Minute))
		y = addRun(r, deployPath, w.clock.Now().Add(-9*time.Minute)) // visible late
	})
	w.mustRun()
	w.compare("one is new")
	w.later(15*time.Minute, func() {
		x.End("success", w.clock.Now().Add(-time.Minute))
		y.End("cancelled", w.clock.Now())
	})
	w.mustRun()
	w.compare("they have ended")
	if w.finish(x) != text(x.UpdatedAt) || w.finish(y) != "" || w.run1(y)["conclusion"] != "cancelled" {
		t.Errorf("finished at %q, want %v; the other is %v", w.finish(x), x.UpdatedAt, w.run1(y))
	}
}

func TestARunThatIsSeenLateIsReadBelowWhatHasLanded(t *testing.T) {
	w, r := withRuns(t, 20, time.Minute, nil)
	w.source.page = 2
	w.mustRun()
	var late *fake.WorkflowRun
	w.later(time.Second, func() { late = addRun(r, deployPath, r.Runs[19].CreatedAt.Add(-9*time.Minute-30*time.Second)) })
	w.mustRun()
	if w.run1(late) == nil {
		t.Error("it was passed over")
	}
}

// A run that waits, or is run again, changes where no page of the newest shows it.
func TestRunsThatMayYetSucceedAreReadAgainWhereverTheyAre(t *testing.T) {
	w, r := withRuns(t, 3000, 14*time.Minute, nil) // a hundred a day, for 29 days
	waits, failed := r.Runs[300], r.Runs[800]
	var many []*fake.WorkflowRun
	waits.Status, waits.Conclusion = "waiting", ""
	failed.Conclusion = "failure"
	for k := 1000; k < 2000; k += 100 {
		r.Runs[k].Conclusion = "failure"
		many = append(many, r.Runs[k])
	}
	w.mustRun()
	w.later(15*time.Minute, func() {
		waits.Status = "in_progress"
		waits.End("success", w.clock.Now())
		for _, x := range append(many, failed) {
			x.ReRun(nil, w.clock.Now())
			x.End("success", w.clock.Now())
		}
	})
	for round := 0; ; round++ {
		w.restart()
		w.spent()
		w.mustRun()
		if rest, graph := w.spent(); rest > 1+1+rereadRoom || graph != 0 {
			t.Errorf("round %d cost %d + %d points", round, rest, graph)
		}
		w.clock.Advance(15 * time.Minute)
		open := 0
		for _, x := range append(many, failed, waits) {
			if w.finish(x) == "" {
				open++
			}
		}
		if open == 0 {
			break
		}
		if round > 12 {
			t.Fatalf("%d runs that were run again are not read after %d rounds", open, round)
		}
	}
	w.compare("after all rounds")
}

func TestMoreRunsThanAQueryGivesAreReadInWindows(t *testing.T) {
	for name, c := range map[string]struct {
		n    int
		step time.Duration
	}{"evenly": {1500, 5 * time.Minute}, "in a burst": {1300, time.Second}, "far apart": {40, 8 * 24 * time.Hour}} {
		t.Run(name, func(t *testing.T) {
			w, r := withRuns(t, c.n, c.step, nil)
			w.mustRun()
			if got := len(w.table(transform.GithubWorkflowRuns)); got != c.n/2 {
				t.Fatalf("%d runs landed of %d", got, c.n/2)
			}
			for _, q := range w.server.Requests() {
				if page := q.Query.Get("page"); strings.HasSuffix(q.Path, "/actions/runs") && page != "1" {
					t.Errorf("page %s of %s", page, q.Query.Get("created"))
				}
			}
			if rest, _ := w.spent(); rest > 1+11*c.n/1000+2 {
				t.Errorf("%d runs cost %d points", c.n, rest)
			}
			w.later(time.Hour, func() { addRun(r, deployPath, w.clock.Now()) })
			w.mustRun()
			w.compare("and one more")
		})
	}
}

func TestMoreRunsInASecondThanAQueryGivesAreSaidAndTheRestIsRead(t *testing.T) {
	w, r := withRuns(t, 10, time.Hour, nil)
	w.edit(func(*fake.Organisation) {
		for range 1200 {
			addRun(r, deployPath, beginning.Add(-3*time.Hour))
		}
	})
	w.mustRun()
	if got := len(w.table(transform.GithubWorkflowRuns)); got < 1000+4 {
		t.Errorf("%d runs landed", got)
	}
}

func TestARunDeletedWhileAWindowIsReadHidesNoOther(t *testing.T) {
	w, r := withRuns(t, 250, time.Hour, nil)
	held := w.server.Inject(fake.On{Path: "/repos/*/*/actions/runs", Skip: 1}, fake.Slow())
	go func() {
		<-held.Waiting()
		w.edit(func(*fake.Organisation) { r.DeleteRun(r.Runs[240].ID) })
		held.Release()
	}()
	w.mustRun()
	w.nothingMissing("one was deleted between two pages")
}

func TestAFullReadFindsTheRunsThatHaveGoneAndSparesWhatIsOutOfReach(t *testing.T) {
	w, r := withRuns(t, 60, 24*time.Hour, nil)
	w.mustRun()
	gone, oldest := r.Runs[40], []*fake.WorkflowRun{r.Runs[0], r.Runs[1], r.Runs[2]}
	w.later(time.Hour, func() {
		r.DeleteRun(gone.ID)
		for _, x := range oldest { // not kept for ever
			r.DeleteRun(x.ID)
		}
	})
	w.mustRun()
	if w.run1(gone) == nil {
		t.Error("a round that is not full took a run away")
	}
	w.full = true
	w.clock.Advance(time.Hour)
	w.mustRun()
	if w.run1(gone) != nil || w.run1(oldest[0]) == nil || w.run1(oldest[2]) == nil || len(w.table(transform.GithubWorkflowRuns)) != 29 {
		t.Errorf("%d runs are left", len(w.table(transform.GithubWorkflowRuns)))
	}
	// Another workflow, and another repository: what has landed stays.
	before := len(w.table(transform.GithubWorkflowRuns))
	w.opts.Needs = func(string, string) Needs { return Needs{Workflows: []string{".github/workflows/test.yml"}} }
	w.restart()
	w.clock.Advance(time.Hour)
	w.mustRun()
	if got := len(w.table(transform.GithubWorkflowRuns)); got != before+29 {
		t.Errorf("%d runs with those of another workflow, had %d", got, before)
	}
	w.since = beginning.AddDate(0, 0, -5)
	w.clock.Advance(time.Hour)
	w.mustRun()
	if got := len(w.table(transform.GithubWorkflowRuns)); got != before+29 {
		t.Errorf("%d runs are left in a narrower scope", got)
	}
}

func TestRunsAreReadInTheScope(t *testing.T) {
	w, r := withRuns(t, 40, 24*time.Hour, nil)
	w.since = r.Runs[30].CreatedAt.Add(time.Nanosecond)
	w.mustRun()
	if got := len(w.table(transform.GithubWorkflowRuns)); got != 4 || w.run1(r.Runs[30]) != nil {
		t.Errorf("%d runs landed, want 4", got)
	}
	w.since = time.Time{} // wider
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("everything")
}

func TestAWorkflowThatIsTakenFromNowOnIsReadFromTheBeginning(t *testing.T) {
	w, _ := withRuns(t, 300, time.Hour, nil)
	w.mustRun()
	n := Needs{Workflows: []string{"deploy.yml", "test.yml"}}
	w.opts.Needs = func(string, string) Needs { return n }
	w.restart()
	w.clock.Advance(time.Hour)
	w.mustRun()
	if got := len(w.table(transform.GithubWorkflowRuns)); got != 300 {
		t.Errorf("%d runs of both workflows, want 300", got)
	}
	w.spent()
	n.Workflows = []string{"TEST.yml", "deploy.yml"} // the same, said otherwise
	w.restart()
	w.clock.Advance(time.Hour)
	w.mustRun()
	if rest, _ := w.spent(); rest != 2 {
		t.Errorf("the same workflows in another order cost %d points", rest)
	}
}

func TestAReadOfRunsThatIsKilledOrMeetsFaultsLeavesNoHole(t *testing.T) {
	for stop := range 6 {
		w, r := withRuns(t, 420, 10*time.Minute, nil)
		w.tinyPages()
		w.kill = func(stream string, page int) bool { return stream == "workflow_runs" && page == 2*stop }
		if w.run() {
			t.Fatal("the run was not killed")
		}
		w.later(time.Hour, func() {
			r.DeleteRun(r.Runs[200].ID)
			addRun(r, deployPath, w.clock.Now())
		})
		w.kill = nil
		w.restart()
		w.tinyPages()
		w.mustRun()
		w.nothingMissing(fmt.Sprint("killed at page ", 2*stop))
	}
	for name, fault := range map[string]fake.Fault{
		"502": fake.BadGateway(502), "500": fake.Answer(500, ""), "cut": fake.CutBody(), "garbage": fake.Garbage(), "secondary": fake.Secondary(403, 30), "429": fake.RateLimited(429, 2*time.Minute),
	} {
		w, r := withRuns(t, 250, time.Hour, nil)
		r.Runs[10].ReRun(nil, beginning.Add(-time.Hour))
		for _, on := range []fake.On{{Path: "/repos/*/*/actions/runs"}, {Path: "/repos/*/*/actions/runs", Skip: 1}, {Path: "/repos/*/*/actions/runs/*/attempts/*"}} {
			w.server.Inject(on, fault)
		}
		w.mustRun()
		w.compare(name)
	}
}

func TestTheBudgetEndsTheReadOfRunsAndTheNextHourGoesOn(t *testing.T) {
	w, _ := withRuns(t, 3000, 10*time.Minute, []fake.Option{fake.WithLimits(fake.Limits{Core: 30, GraphQL: 30})})
	runs := 0
	for ; ; runs++ {
		w.run()
		if len(w.errs) == 0 {
			break
		}
		w.failed("workflow_runs", extract.ErrSlowDown, "sources.github.budget allows (50%)")
		if rest, _ := w.spent(); rest > 15 {
			t.Fatalf("run %d spent %d points", runs, rest)
		}
		if runs > 12 {
			t.Fatal("it does not come to its end")
		}
		w.clock.Advance(time.Hour + time.Minute)
		w.restart()
	}
	if runs < 2 {
		t.Errorf("it took %d runs, which proves little", runs)
	}
	w.compare("after all hours")
}

func TestRunsWithoutThePermissionSayWhatToGrantAndTheRestLands(t *testing.T) {
	for _, status := range []int{403, 404} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			org := fake.Small()
			x := addRun(org.Repository("acme/web"), deployPath, beginning.Add(-time.Hour))
			permissions := []string{"contents", "deployments", "actions"}
			if status == 403 {
				permissions = permissions[:2] // acme/web is public
			}
			w := newWorld(t, org, []string{"acme/api", "acme/web"}, []fake.Option{fake.WithTokens(fake.Token{Name: "few", Secret: fake.DefaultToken, Grants: []fake.Grant{{Permissions: permissions}}})}, allNeed)
			w.only = []string{"workflow_runs"}
			if status == 404 {
				w.server.Inject(fake.On{Path: "/repos/acme/api/actions/runs", Times: -1}, fake.Answer(404, "Not Found"))
			}
			w.run()
			w.failed("workflow_runs", extract.ErrPartial, "acme/api", `"actions: read"`)
			if w.run1(x) == nil {
				t.Error("the other repository did not land")
			}
		})
	}
}

func TestAServerThatDoesNotFilterOrSortRunsIsSaid(t *testing.T) {
	w, r := withRuns(t, 20, time.Hour, nil)
	w.since = r.Runs[10].CreatedAt
	w.server.Inject(fake.On{Path: "/repos/*/*/actions/runs", Times: -1}, fake.Edit(func(answer any) any {
		answer.(map[string]any)["workflow_runs"].([]any)[0].(map[string]any)["created_at"] = "2020-01-01T00:00:00Z"
		return answer
	}))
	w.run()
	w.failed("workflow_runs", nil, "does not filter by created", "acme/big")
	w.server.ClearFaults()
	w.server.Inject(fake.On{Path: "/repos/*/*/actions/runs", Times: -1}, fake.Edit(func(answer any) any {
		slices.Reverse(answer.(map[string]any)["workflow_runs"].([]any))
		return answer
	}))
	w.run()
	w.failed("workflow_runs", nil, "does not list runs newest first", "acme/big")
}

func TestOnlyTheEndpointsThatEveryServerKnowsAreAsked(t *testing.T) {
	w, _ := withRuns(t, 150, time.Hour, nil)
	w.mustRun()
	for _, q := range w.server.Requests() {
		if q.Endpoint != "GET /repos/{owner}/{repo}" && q.Endpoint != "GET /repos/{owner}/{repo}/actions/runs" {
			t.Errorf("asked %s", q.Endpoint)
		}
	}
	if slices.ContainsFunc(w.server.Requests(), func(q fake.Request) bool { return q.Path == "/graphql" }) {
		t.Error("GraphQL was asked")
	}
}

func TestAThousandRunsCostElevenPointsAndAnUnchangedRepositoryOne(t *testing.T) {
	w, r := withRuns(t, 2000, 20*time.Minute, nil) // 72 a day
	r.Runs[1500].Conclusion, r.Runs[1000].Conclusion, r.Runs[600].Conclusion = "failure", "cancelled", "failure"
	w.mustRun()
	if rest, graph := w.spent(); rest > 1+21 || graph != 0 {
		t.Errorf("2,000 runs cost %d + %d points, want 10.5 a thousand", rest, graph)
	}
	for range 20 {
		versions := w.memory.versions
		w.clock.Advance(15 * time.Minute)
		w.restart()
		w.mustRun()
		if rest, graph := w.spent(); rest > 1+1+rereadRoom || graph != 0 {
			t.Errorf("a round without a change cost %d + %d points", rest, graph)
		}
		if w.memory.versions != versions {
			t.Errorf("%d versions of what did not change", w.memory.versions-versions)
		}
	}
	w.compare("unchanged")
	w, _ = withRuns(t, 90, 8*time.Hour, nil) // three a day
	w.mustRun()
	w.spent()
	for round := range 20 {
		w.clock.Advance(15 * time.Minute)
		w.restart()
		w.mustRun()
		if rest, graph := w.spent(); rest != 2 || graph != 0 {
			t.Errorf("a round in a quiet repository cost %d + %d points, want its own and one", rest, graph)
		}
		if round > 0 && w.pages["workflow_runs"] != 0 {
			t.Errorf("round %d landed %d pages of what did not change", round, w.pages["workflow_runs"])
		}
	}
}
