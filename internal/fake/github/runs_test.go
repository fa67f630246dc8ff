package github

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestARunThatIsRunAgainKeepsItsPlaceAndItsEarlierAttempts(t *testing.T) {
	s := NewServer(Small())
	c := newClient(t, s)
	r := s.org.Repository("acme/api")
	run := r.Runs[0]
	list := "/repos/acme/api/actions/runs"
	before := dig(c.read(list), "workflow_runs", 1, "id")
	s.org.Edit(func(*Organisation) {
		run.ReRun(s.org.Accounts[2], laterThanSmall)
		run.End("failure", laterThanSmall.Add(time.Minute))
	})
	if before != float64(run.ID) || dig(c.read(list), "workflow_runs", 1, "id") != before {
		t.Errorf("run %d moved in the list", run.ID)
	}
	attempt := func(n int) []any {
		a := c.read(fmt.Sprintf("%s/%d/attempts/%d", list, run.ID, n))
		return []any{dig(a, "id"), dig(a, "run_attempt"), dig(a, "conclusion"), dig(a, "updated_at"), dig(a, "triggering_actor", "login"), dig(a, "actor", "login")}
	}
	want := [][]any{
		{float64(run.ID), 1.0, "success", run.CreatedAt.Format(time.RFC3339), "ann", "ann"},
		{float64(run.ID), 2.0, "failure", "2026-10-20T00:01:00Z", "ben", "ann"},
	}
	if diff := cmp.Diff(want, [][]any{attempt(1), attempt(2)}); diff != "" {
		t.Error(diff)
	}
	c.fails(fmt.Sprintf("%s/%d/attempts/3", list, run.ID), 404, "Not Found")
	c.fails(list+"/1/attempts/1", 404, "Not Found")
	if got := dig(c.read(list), "workflow_runs", 1, "previous_attempt_url"); got != fmt.Sprintf("https://api.github.com%s/%d/attempts/1", list, run.ID) {
		t.Errorf("previous_attempt_url %v", got)
	}
	schemas := readSchemas(t)
	for _, difference := range schemas.holds(schemas.Objects["workflow_run"].Fields, c.read(fmt.Sprintf("%s/%d/attempts/1", list, run.ID)), "workflow_run") {
		t.Error(difference)
	}
}

func TestAFilteredListOfRunsEndsAtAThousandAndSaysHowManyThereAre(t *testing.T) {
	o := NewOrganisation("acme")
	r := o.AddRepository(RepositorySpec{Name: "api"})
	r.Branch("main", r.Commit(CommitSpec{Message: "Begin", AuthoredAt: day}))
	for k := range 1105 {
		r.AddRun(WorkflowRun{Path: "w.yml", Event: "push", HeadBranch: "main", HeadSHA: r.Head("main"), Status: "completed", Conclusion: "success", CreatedAt: day.Add(time.Duration(k) * time.Second)})
	}
	c := newClient(t, NewServer(o))
	rows := func(query string) (int, any) {
		n := 0
		for page := 1; ; page++ {
			answer := c.read(fmt.Sprintf("/repos/acme/api/actions/runs?per_page=100&page=%d&%s", page, query))
			got := len(dig(answer, "workflow_runs").([]any))
			if n += got; got == 0 {
				return n, dig(answer, "total_count")
			}
		}
	}
	at := func(k int) string { return day.Add(time.Duration(k) * time.Second).Format(time.RFC3339) }
	for query, want := range map[string][2]int{
		"": {1105, 1105}, "event=push": {1000, 1105}, "created=%3E%3D" + at(0): {1000, 1105}, "created=" + at(0) + ".." + at(9): {10, 10},
		"created=" + at(7) + ".." + at(7): {1, 1}, "created=%3C" + at(3): {3, 3}, "event=push&created=%3E" + at(1100): {4, 4},
	} {
		if n, total := rows(query); n != want[0] || total != float64(want[1]) {
			t.Errorf("%q: %d rows of %v, want %v", query, n, total, want)
		}
	}
}

func TestRunsNeedAPermissionOfTheirOwn(t *testing.T) {
	s := NewServer(Small(), WithTokens(Token{Name: "few", Secret: DefaultToken, Grants: []Grant{{Permissions: []string{"contents"}}}}))
	c := newClient(t, s)
	c.read("/repos/acme/api/releases")
	for _, target := range []string{"/repos/acme/api/actions/runs", fmt.Sprintf("/repos/acme/api/actions/runs/%d/attempts/1", s.org.Repository("acme/api").Runs[0].ID)} {
		if h := c.fails(target, 403, "Resource not accessible by personal access token"); h.Get("X-Accepted-GitHub-Permissions") != "actions=read" {
			t.Errorf("%s: headers %v", target, h)
		}
	}
}

func TestDraftsAreListedToWhoMayPushOnly(t *testing.T) {
	for n, options := range map[int][]Option{2: nil, 3: {WithDrafts()}} {
		c := newClient(t, NewServer(Small(), options...))
		if got := len(c.read("/repos/acme/api/releases").([]any)); got != n {
			t.Errorf("REST lists %d releases, want %d", got, n)
		}
		data := c.good(`{ repository(owner: "acme", name: "api") { releases(first: 9) { totalCount nodes { isDraft publishedAt } } } }`, nil)
		if got := dig(data, "repository", "releases", "totalCount"); got != float64(n) {
			t.Errorf("GraphQL lists %v releases, want %d", got, n)
		}
	}
}
