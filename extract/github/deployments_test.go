package github

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"fourfold/extract"
	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

func TestWhatLandsOfADeploymentIsWhatBothAPIsKnow(t *testing.T) {
	w := newWorld(t, fake.Small(), []string{"acme/api"}, nil)
	w.memory.policy.People = "include"
	api := w.org.Repository("acme/api")
	w.edit(func(*fake.Organisation) { // what was deployed from a branch is known by its name although the branch is gone
		api.Branch("release", api.Head("main"))
		api.AddDeployment(fake.DeploymentSpec{Ref: "release", CreatedAt: beginning})
		api.DeleteBranch("release", beginning)
	})
	w.mustRun()
	rows := w.table(transform.GithubDeployments)
	if len(rows) != len(api.Deployments) {
		t.Fatalf("%d deployments landed of %d", len(rows), len(api.Deployments))
	}
	for _, d := range api.Deployments {
		got := rows[fmt.Sprint(d.ID)].columns
		finished, latest := "", ""
		for _, st := range d.Statuses {
			if st.State == "success" && finished == "" {
				finished = st.CreatedAt.Format(time.RFC3339Nano)
			}
			latest = st.State
		}
		var statuses []struct{ State string }
		if err := json.Unmarshal([]byte(got["statuses"]), &statuses); err != nil || len(statuses) != len(d.Statuses) {
			t.Fatalf("deployment %d: statuses %s, %v", d.ID, got["statuses"], err)
		}
		for i, st := range statuses {
			if st.State != d.Statuses[i].State {
				t.Errorf("deployment %d: status %d is %s, want %s", d.ID, i, st.State, d.Statuses[i].State)
			}
		}
		for column, want := range map[string]string{
			"repository": "acme/api", "repository_id": fmt.Sprint(api.ID), "sha": d.SHA, "ref": d.Ref, "environment": d.Environment, "task": d.Task,
			"is_production": fmt.Sprint(d.Production), "is_transient": fmt.Sprint(d.Transient), "finished_at": finished, "latest_state": latest,
			"created_at": d.CreatedAt.Format(time.RFC3339Nano),
		} {
			if got[column] != want {
				t.Errorf("deployment %d: %s is %q, want %q", d.ID, column, got[column], want)
			}
		}
	}
}

// The trap of tools that list by creation and stop at the first that did not change: GitHub lists deployments by nothing
// else, so the change of an older one shows nowhere.
func TestADeploymentThatChangesBelowNewerOnesIsReadAgain(t *testing.T) {
	org := crowd(150, 0)
	repo := org.Repository("acme/big")
	var old, young, ended, reran *fake.Deployment
	org.Edit(func(*fake.Organisation) {
		old = repo.AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: beginning.AddDate(0, 0, -90)})
		old.AddStatus(fake.StatusSpec{State: "waiting", At: beginning.AddDate(0, 0, -90)})
		young = repo.AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: beginning.AddDate(0, 0, -3)})
		young.AddStatus(fake.StatusSpec{State: "failure", At: beginning.AddDate(0, 0, -3)})
		ended = repo.AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: beginning.AddDate(0, 0, -2)})
		reran = repo.AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: beginning.AddDate(0, 0, -60)})
		reran.AddStatus(fake.StatusSpec{State: "error", At: beginning.AddDate(0, 0, -60)})
	})
	w := newWorld(t, org, []string{"acme/big"}, nil)
	w.mustRun()
	w.clock.Advance(time.Hour)
	w.edit(func(*fake.Organisation) {
		for _, d := range []*fake.Deployment{old, young, ended, reran} {
			d.AddStatus(fake.StatusSpec{State: "success", At: w.clock.Now().Add(-time.Minute)})
		}
		repo.AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: w.clock.Now().Add(-time.Minute)})
	})
	w.clock.Advance(time.Minute)
	w.mustRun()
	w.compare("after changes below")
	// A row that was made again of what had landed keeps what REST alone knows.
	if got := w.table(transform.GithubDeployments)[fmt.Sprint(old.ID)].columns; got["ref"] != "main" || got["finished_at"] == "" {
		t.Errorf("the old one is %v", got)
	}
}

func TestMoreUnfinishedDeploymentsThanThereIsRoomForAreAskedForInTurn(t *testing.T) {
	org := crowd(0, 0)
	repo := org.Repository("acme/big")
	for k := range 500 {
		repo.AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: beginning.Add(-time.Duration(500-k) * time.Hour)})
	}
	w := newWorld(t, org, []string{"acme/big"}, nil)
	w.mustRun()
	w.edit(func(*fake.Organisation) {
		for _, d := range repo.Deployments {
			d.AddStatus(fake.StatusSpec{State: "failure", At: beginning})
		}
	})
	rounds := 0
	for left := 500; left > 0; rounds++ {
		w.clock.Advance(15 * time.Minute)
		w.restart()
		w.spent()
		w.mustRun()
		if rest, graph := w.spent(); rest+graph > 2 {
			t.Fatalf("a round cost %d + %d points", rest, graph)
		}
		left = 0
		for _, v := range w.table(transform.GithubDeployments) {
			if v.columns["latest_state"] != "failure" {
				left++
			}
		}
		if rounds > 20 {
			t.Fatalf("%d are not read again after %d rounds", left, rounds)
		}
	}
	w.compare("after all rounds")
}

func TestDeploymentsWithMoreThanTwentyStatusesHaveAllOfThem(t *testing.T) {
	org := crowd(5, 0)
	repo := org.Repository("acme/big")
	d := repo.Deployments[2]
	for k := range 140 {
		d.AddStatus(fake.StatusSpec{State: "in_progress", KeepOthers: true, At: beginning.Add(-time.Hour + time.Duration(k)*time.Second)})
	}
	w := newWorld(t, org, []string{"acme/big"}, nil)
	w.mustRun()
	var statuses []json.RawMessage
	if err := json.Unmarshal([]byte(w.table(transform.GithubDeployments)[fmt.Sprint(d.ID)].columns["statuses"]), &statuses); err != nil || len(statuses) != 142 {
		t.Errorf("%d statuses landed of 142, %v", len(statuses), err)
	}
}

func TestARunThatIsKilledAtAnyPageLeavesNoHole(t *testing.T) {
	for _, stream := range []string{"deployments", "pull_requests"} {
		for stop := range 6 {
			org := crowd(125, 90)
			repo := org.Repository("acme/big")
			w := newWorld(t, org, []string{"acme/big"}, nil).tinyPages()
			w.only = []string{stream}
			w.kill = func(name string, page int) bool { return name == stream && page == stop }
			if w.run() {
				continue // the last pages are the sweep's
			}
			w.kill = nil
			w.clock.Advance(time.Hour)
			// Meanwhile some are made at the top, and one goes from what had been read.
			w.edit(func(*fake.Organisation) {
				for k := range 7 {
					d := repo.AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: w.clock.Now().Add(time.Duration(k-60) * time.Minute)})
					d.AddStatus(fake.StatusSpec{State: "success", At: d.CreatedAt})
				}
				for range 3 {
					repo.DeleteDeployment(repo.Deployments[len(repo.Deployments)-20].ID)
				}
				for k, p := range repo.PullRequests {
					if k%20 == 0 {
						p.Label("late", w.clock.Now().Add(-30*time.Minute))
					}
				}
			})
			w.restart()
			w.tinyPages()
			w.server.ResetRequests()
			w.mustRun()
			what := fmt.Sprintf("%s killed at page %d", stream, stop)
			w.nothingMissing(what)
			if stop > 1 && stop < 5 { // the sixth is the sweep's
				for _, r := range w.server.Requests() {
					if r.Endpoint == "GET /repos/{owner}/{repo}/deployments" && r.Query.Get("page") == "1" || r.Variables["first"] != nil && r.Variables["after"] == nil {
						t.Errorf("%s killed at page %d began again at the top", stream, stop)
					} else if r.Query.Get("page") == "" && r.Variables["first"] == nil {
						continue
					}
					break
				}
			}
			// What went after it had been seen is found by the next full read.
			w.full = true
			w.clock.Advance(time.Hour)
			w.mustRun()
			w.compare(what)
		}
	}
}

func TestAListThatIsReadWhileItsTopGrowsIsReadToItsEnd(t *testing.T) {
	org := crowd(250, 0)
	repo := org.Repository("acme/big")
	w := newWorld(t, org, []string{"acme/big"}, nil)
	w.kill = func(stream string, page int) bool {
		if stream == "deployments" && page > 0 {
			w.edit(func(*fake.Organisation) {
				for range 30 {
					repo.AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: beginning})
				}
			})
		}
		return false
	}
	w.mustRun()
	w.kill = nil
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("after the top had grown")
}

func TestOnlyWhatIsInScopeIsReadAndAWiderScopeReadsTheRest(t *testing.T) {
	w := newWorld(t, crowd(400, 400), []string{"acme/big"}, nil)
	w.since = beginning.Add(-12 * time.Hour)
	w.mustRun()
	w.compare("in scope")
	if n := len(w.table(transform.GithubDeployments)); n == 0 || n > 110 {
		t.Errorf("%d deployments in twelve hours", n)
	}
	if rest, graph := w.spent(); rest > 3 || graph > 6 {
		t.Errorf("%d + %d points for the first pages", rest, graph)
	}
	w.since = time.Time{}
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("everything")
	// A narrower scope takes nothing away, and leaves no hole when it is widened again.
	w.since = beginning.Add(time.Minute)
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.since = time.Time{}
	w.spent()
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("after a narrow run")
	if rest, graph := w.spent(); rest+graph > 2 {
		t.Errorf("%d + %d points though nothing had changed", rest, graph)
	}
}

func TestAFullReadFindsWhatHasGone(t *testing.T) {
	for _, since := range []time.Time{{}, beginning.Add(-20 * time.Hour)} {
		org := crowd(250, 20)
		repo := org.Repository("acme/big")
		w := newWorld(t, org, []string{"acme/big"}, nil)
		w.mustRun()
		old, young := repo.Deployments[3].ID, repo.Deployments[240].ID
		w.edit(func(*fake.Organisation) { repo.DeleteDeployment(old); repo.DeleteDeployment(young) })
		w.clock.Advance(time.Hour)
		w.mustRun()
		if n := len(w.table(transform.GithubDeployments)); n != 250 {
			t.Fatalf("%d deployments are live before the full read, want all 250", n)
		}
		w.full, w.since = true, since
		w.clock.Advance(time.Hour)
		w.mustRun()
		rows := w.table(transform.GithubDeployments)
		_, oldLives := rows[fmt.Sprint(old)]
		_, youngLives := rows[fmt.Sprint(young)]
		if youngLives || oldLives != !since.IsZero() {
			t.Errorf("since %s: the old one lives: %v, the young one: %v", since, oldLives, youngLives)
		}
	}
}

func TestAFullReadThatIsCutOffIsEndedByTheNextRunAndSweepsThen(t *testing.T) {
	org := fake.Small()
	addCrowd(org, "big", org.Accounts[1], org.Accounts[2], 250, 0)
	w := newWorld(t, org, []string{"acme/api", "acme/big"}, nil)
	w.mustRun()
	gone := org.Repository("acme/api").Deployments[0].ID
	w.edit(func(*fake.Organisation) { org.Repository("acme/api").DeleteDeployment(gone) })
	for stop := range 4 {
		w.clock.Advance(time.Hour)
		w.full = true
		w.kill = func(stream string, page int) bool { return stream == "deployments" && page == stop }
		if w.run() {
			t.Fatalf("not killed at page %d", stop)
		}
	}
	w.full, w.kill = false, nil
	w.restart()
	w.clock.Advance(time.Hour)
	w.edit(func(*fake.Organisation) { // made while the read of everything is under way, in a repository that it has done
		org.Repository("acme/api").AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: w.clock.Now()})
	})
	w.mustRun()
	w.compare("after the cut off full read")
}

func TestRepositoriesThatAreNotReadKeepTheirRowsInASweep(t *testing.T) {
	w := newWorld(t, fake.Small(), []string{"acme/api", "acme/web", "acme/old"}, nil)
	w.mustRun()
	web := w.deploymentsOf("acme/web")
	if len(web) == 0 {
		t.Fatal("acme/web has no deployments")
	}
	api := w.org.Repository("acme/api")
	goneID := api.Deployments[0].ID
	w.edit(func(*fake.Organisation) { api.DeleteDeployment(goneID) })
	w.full = true
	for name, leave := range map[string]func(){
		"it left the configuration": func() { w.names("acme/api", "acme/old") },
		"it is gone": func() {
			w.names("acme/api", "acme/old", "acme/web")
			w.edit(func(o *fake.Organisation) { o.DeleteRepository(o.Repository("acme/web")) })
		},
	} {
		leave()
		w.clock.Advance(time.Hour)
		w.run()
		if got := w.deploymentsOf("acme/web"); !slices.Equal(got, web) {
			t.Errorf("%s: deployments %v are live of %v", name, got, web)
		}
		if slices.Contains(w.deploymentsOf("acme/api"), fmt.Sprint(goneID)) {
			t.Errorf("%s: what has gone from acme/api is live: the sweep did not happen", name)
		}
	}
}

func TestNothingIsSweptWhileARepositoryCannotBeReadToItsEnd(t *testing.T) {
	w := newWorld(t, fake.Small(), []string{"acme/api", "acme/web"}, nil)
	w.mustRun()
	api := w.org.Repository("acme/api")
	gone := fmt.Sprint(api.Deployments[0].ID)
	w.edit(func(*fake.Organisation) { api.DeleteDeployment(api.Deployments[0].ID) })
	w.server.Inject(fake.On{Path: "/repos/acme/web/deployments", Times: -1}, fake.Answer(404, "Not Found"))
	w.full = true
	w.clock.Advance(time.Hour)
	w.run()
	w.failed("deployments", extract.ErrPartial, "acme/web", "404")
	if !slices.Contains(w.deploymentsOf("acme/api"), gone) || len(w.deploymentsOf("acme/web")) == 0 {
		t.Error("something was swept")
	}
	w.server.ClearFaults()
	w.full = false
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("once it could be read")
}

func TestAChangeOfThePrivacyPolicyReadsEverythingAgain(t *testing.T) {
	w := newWorld(t, crowd(20, 20), []string{"acme/big"}, nil)
	w.mustRun()
	w.opts.People, w.memory.policy.People = "include", "include"
	w.restart()
	w.clock.Advance(time.Hour)
	w.mustRun()
	for id, v := range w.table(transform.GithubDeployments) {
		if v.columns["creator"] != "ann" {
			t.Errorf("deployment %s: creator %q", id, v.columns["creator"])
		}
	}
	w.compare("under another policy")
}

func TestACursorThatCannotBeReadMeansReadingEverything(t *testing.T) {
	w := newWorld(t, fake.Small(), nil, nil)
	w.mustRun()
	for stream := range w.memory.cursors {
		w.memory.cursors[stream] = json.RawMessage(`{"v":99}`)
	}
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("after the cursors were lost")
}
