package github

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	gogithub "github.com/google/go-github/v57/github"
)

func TestAnswersHoldToGitHubsDescription(t *testing.T) {
	schemas := readSchemas(t)
	s := NewServer(Small())
	c := newClient(t, s)
	r := s.org.Repository("acme/api")
	squash := r.Pull(2).MergeOID
	targets := map[string]struct{ object, list, target string }{
		"GET /repos/{owner}/{repo}/deployments":                          {"deployment", "", "/repos/acme/api/deployments?per_page=100"},
		"GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses": {"deployment_status", "", fmt.Sprintf("/repos/acme/api/deployments/%d/statuses", r.Deployments[2].ID)},
		"GET /repos/{owner}/{repo}/environments":                         {"environment", "environments", "/repos/acme/api/environments"},
		"GET /repos/{owner}/{repo}/commits":                              {"commit", "", "/repos/acme/api/commits?per_page=100"},
		"GET /repos/{owner}/{repo}/compare/{basehead}":                   {"compare", "-", "/repos/acme/api/compare/v1.0.0...main"},
		"GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls":           {"pull_request_list_item", "", "/repos/acme/api/commits/" + squash + "/pulls"},
		"GET /repos/{owner}/{repo}/pulls":                                {"pull_request_list_item", "", "/repos/acme/api/pulls?state=all"},
		"GET /repos/{owner}/{repo}/pulls/{pull_number}/commits":          {"commit", "", "/repos/acme/api/pulls/2/commits"},
		"GET /repos/{owner}/{repo}/pulls/{pull_number}/files":            {"diff_entry", "", "/repos/acme/api/pulls/2/files"},
		"GET /repos/{owner}/{repo}/actions/runs":                         {"workflow_run", "workflow_runs", "/repos/acme/api/actions/runs"},
		"GET /repos/{owner}/{repo}/releases":                             {"release", "", "/repos/acme/api/releases"},
		"GET /repos/{owner}/{repo}/tags":                                 {"tag", "", "/repos/acme/api/tags"},
		"GET /repos/{owner}/{repo}/git/matching-refs/{ref}":              {"git_ref", "", "/repos/acme/api/git/matching-refs/heads/"},
		"GET /rate_limit":                               {"rate_limit_overview", "-", "/rate_limit"},
		"GET /repos/{owner}/{repo}/activity":            {"", "", "/repos/acme/api/activity"},
		"GET /repos/{owner}/{repo}":                     {"repository", "-", "/repos/acme/api"},
		"GET /repos/{owner}/{repo}/pulls/{pull_number}": {"pull_request", "-", "/repos/acme/api/pulls/5"},
	}
	for endpoint := range schemas.Endpoints {
		if _, ok := targets[endpoint]; !ok && !strings.HasPrefix(endpoint, "POST") {
			t.Errorf("%s is not tried", endpoint)
		}
	}
	for endpoint, x := range targets {
		answer := c.read(x.target)
		if x.list == "-" {
			answer = []any{answer}
		} else if x.list != "" {
			answer = dig(answer, x.list)
		}
		rows, _ := answer.([]any)
		if len(rows) == 0 {
			t.Errorf("%s answers nothing", endpoint)
		}
		for _, row := range rows {
			for _, difference := range schemas.holds(schemas.Objects[x.object].Fields, row, x.object) {
				t.Errorf("%s: %s", endpoint, difference)
			}
		}
	}
}

func TestDeploymentsAreNewestFirstAndStayWhereTheyAre(t *testing.T) {
	s := NewServer(Small())
	c := newClient(t, s)
	r := s.org.Repository("acme/api")
	ids := func(target string) []any {
		out := []any{}
		for _, row := range c.read(target).([]any) {
			out = append(out, dig(row, "id"))
		}
		return out
	}
	before := ids("/repos/acme/api/deployments?per_page=100")
	for i := range before {
		if want := r.Deployments[len(r.Deployments)-1-i].ID; before[i] != float64(want) {
			t.Fatalf("row %d is %v, want %d", i, before[i], want)
		}
	}
	s.org.Edit(func(*Organisation) {
		r.Deployments[0].AddStatus(StatusSpec{State: "inactive", At: laterThanSmall})
	})
	if diff := cmp.Diff(before, ids("/repos/acme/api/deployments?per_page=100")); diff != "" {
		t.Errorf("a status moved a row: %s", diff)
	}
	if got := dig(c.read(fmt.Sprintf("/repos/acme/api/deployments/%d", r.Deployments[0].ID)), "updated_at"); got != "2026-10-20T00:00:00Z" {
		t.Errorf("updated_at %v", got)
	}
	for _, filter := range []string{"environment=staging", "ref=hotfix", "sha=" + r.Deployments[0].SHA, "task=deploy", "task=migrate"} {
		name, value, _ := strings.Cut(filter, "=")
		for _, row := range c.read("/repos/acme/api/deployments?per_page=100&" + filter).([]any) {
			if dig(row, name) != value {
				t.Errorf("%s gave %v", filter, row)
			}
		}
	}
	if got := ids("/repos/acme/api/deployments?task=migrate"); len(got) != 0 {
		t.Errorf("task=migrate gave %v", got)
	}
	s.org.Edit(func(*Organisation) { r.DeleteDeployment(r.Deployments[0].ID) })
	if got := ids("/repos/acme/api/deployments?per_page=100"); len(got) != len(before)-1 {
		t.Errorf("%d rows after one of %d was deleted", len(got), len(before))
	}
}

func TestASuccessMakesEarlierOnesInactive(t *testing.T) {
	o := NewOrganisation("acme")
	ann := o.AddAccount(Account{Login: "ann"})
	r := o.AddRepository(RepositorySpec{Name: "api"})
	r.Branch("main", r.Commit(CommitSpec{Message: "Begin", Author: ann.Signature(), AuthoredAt: day}))
	deploy := func(n int, spec DeploymentSpec, state string) *Deployment {
		spec.Ref, spec.CreatedAt, spec.Creator = "main", day.Add(time.Duration(n)*time.Hour), ann
		d := r.AddDeployment(spec)
		d.Finish(state, day.Add(time.Duration(n)*time.Hour+time.Minute))
		return d
	}
	staging := deploy(1, DeploymentSpec{Environment: "staging"}, "success")
	failed := deploy(2, DeploymentSpec{Environment: "staging"}, "failure")
	preview := deploy(3, DeploymentSpec{Environment: "preview", Transient: true}, "success")
	production := deploy(4, DeploymentSpec{}, "success")
	byActions := deploy(5, DeploymentSpec{ByActions: true}, "success")
	deploy(6, DeploymentSpec{Environment: "staging"}, "success")
	deploy(7, DeploymentSpec{Environment: "preview"}, "success")
	deploy(8, DeploymentSpec{}, "success")
	got := []string{}
	for _, d := range []*Deployment{staging, failed, preview, production, byActions} {
		got = append(got, d.latest().State+" "+d.graphState(day))
	}
	want := []string{"inactive INACTIVE", "failure FAILURE", "success ACTIVE", "success ACTIVE", "inactive INACTIVE"}
	if diff := cmp.Diff(want, got); diff != "" || !staging.UpdatedAt.Equal(day.Add(6*time.Hour+time.Minute)) {
		t.Errorf("%s updated %v", diff, staging.UpdatedAt)
	}
	moved := deploy(9, DeploymentSpec{Environment: "canary"}, "success")
	moved.AddStatus(StatusSpec{State: "success", Environment: "production", At: day.Add(10 * time.Hour)})
	if moved.Environment != "production" || moved.OriginalEnvironment != "canary" || moved.Production {
		t.Errorf("%+v", moved)
	}
}

func TestPagesAreLinkedBelowTheRepositorysID(t *testing.T) {
	s := NewServer(Small())
	c := newClient(t, s)
	r := s.org.Repository("acme/api")
	w := c.get("/repos/acme/api/deployments?per_page=4&page=2")
	last := (len(r.Deployments) + 3) / 4
	at := fmt.Sprintf("<http://example.com/repositories/%d/deployments?page=", r.ID)
	want := at + `1&per_page=4>; rel="prev", ` + at + `3&per_page=4>; rel="next", ` + at + fmt.Sprintf(`%d&per_page=4>; rel="last", `, last) + at + `1&per_page=4>; rel="first"`
	if got := w.Header().Get("Link"); got != want {
		t.Errorf("Link %s\nwant %s", got, want)
	}
	if diff := cmp.Diff(c.read("/repos/acme/api/deployments?per_page=4&page=3"), c.read(fmt.Sprintf("/repositories/%d/deployments?per_page=4&page=3", r.ID))); diff != "" {
		t.Error(diff)
	}
	if rows := c.read("/repos/acme/api/deployments?per_page=1000").([]any); len(rows) != min(100, len(r.Deployments)) {
		t.Errorf("%d rows", len(rows))
	}
	if w := c.get("/repos/acme/api/deployments?page=99"); strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("beyond the end: %s", w.Body)
	}
}

func TestARenamedRepositoryIsRedirectedToItsID(t *testing.T) {
	s := NewServer(Small())
	c := newClient(t, s)
	s.org.Edit(func(o *Organisation) { o.Rename(o.Repository("acme/api"), "core", laterThanSmall) })
	id := s.org.Repositories[0].ID
	h := c.fails("/repos/acme/api/deployments?per_page=2", 301, "Moved Permanently")
	if want := fmt.Sprintf("http://example.com/repositories/%d/deployments?per_page=2", id); h.Get("Location") != want {
		t.Errorf("Location %q, want %q", h.Get("Location"), want)
	}
	if got := dig(c.read(fmt.Sprintf("/repositories/%d", id)), "full_name"); got != "acme/core" {
		t.Errorf("full_name %v", got)
	}
	if got := dig(c.good(`{ repository(owner: "acme", name: "api") { nameWithOwner } }`, nil), "repository", "nameWithOwner"); got != "acme/core" {
		t.Errorf("nameWithOwner %v", got)
	}
	if a := c.query(`{ repository(owner: "acme", name: "api", followRenames: false) { id } }`, nil); len(a.Errors) != 1 || a.Errors[0].Type != "NOT_FOUND" {
		t.Errorf("%+v", a)
	}
	s.org.Edit(func(o *Organisation) { o.DeleteRepository(o.Repository("acme/core")) })
	c.fails(fmt.Sprintf("/repositories/%d", id), 404, "Not Found")
}

func TestRefusalsAreGitHubs(t *testing.T) {
	s := NewServer(Small(), WithTokens(
		Token{Name: "all", Secret: DefaultToken},
		Token{Name: "few", Secret: "few", Grants: []Grant{{Repositories: []string{"acme/api"}, Permissions: []string{"contents"}}}},
	))
	c := newClient(t, s)
	c.fails("/repos/acme/nothing", 404, "Not Found")
	c.fails("/repos/acme/api/nothing", 404, "Not Found")
	c.fails("/repos/acme/empty/commits", 409, "Git Repository is empty.")
	c.token = "wrong"
	c.fails("/repos/acme/api", 401, "Bad credentials")
	c.token = "few"
	h := c.fails("/repos/acme/api/deployments", 403, "Resource not accessible by personal access token")
	if h.Get("X-Accepted-GitHub-Permissions") != "deployments=read" || h.Get("X-GitHub-Request-Id") == "" {
		t.Errorf("headers %v", h)
	}
	c.fails("/repos/acme/old/deployments", 404, "Not Found")
	c.read("/repos/acme/api/commits")
	c.read("/repos/acme/web/deployments") // public: whoever asks
	c.token = ""
	c.read("/repos/acme/web/deployments")
	c.fails("/repos/acme/api", 404, "Not Found")
	if w := c.send("POST", "/graphql", `{"query":"{ rateLimit { cost } }"}`); w.Code != 401 {
		t.Errorf("GraphQL without a token: %d", w.Code)
	}
	c.token, c.header["X-GitHub-Api-Version"] = DefaultToken, "2021-01-01"
	c.fails("/repos/acme/api", 400, `"2021-01-01" is not a supported version.`)
	c.header["X-GitHub-Api-Version"] = "2026-03-10"
	if _, here := c.read("/repos/acme/api/pulls/2").(object)["merge_commit_sha"]; here {
		t.Error("the newer version still has merge_commit_sha")
	}
	delete(c.header, "X-GitHub-Api-Version")
	c.header["User-Agent"] = ""
	if w := c.get("/rate_limit"); w.Code != 403 {
		t.Errorf("without a User-Agent: %d", w.Code)
	}
}

func TestAnETagIsFreeAndBoundToTheToken(t *testing.T) {
	s := NewServer(Small(), WithTokens(Token{Name: "a", Secret: DefaultToken}, Token{Name: "b", Secret: "b"}))
	c := newClient(t, s)
	etag := c.get("/repos/acme/api/deployments").Header().Get("ETag")
	c.header["If-None-Match"] = etag
	w := c.get("/repos/acme/api/deployments")
	if w.Code != 304 || w.Body.Len() != 0 || s.Points()["core"] != 1 || w.Header().Get("X-RateLimit-Used") != "1" {
		t.Errorf("%d, %d points, %v", w.Code, s.Points()["core"], w.Header())
	}
	c.token = "b"
	if w := c.get("/repos/acme/api/deployments"); w.Code != 200 {
		t.Errorf("another token: %d", w.Code)
	}
	c.token = DefaultToken
	s.org.Edit(func(o *Organisation) {
		o.Repositories[0].Deployments[0].AddStatus(StatusSpec{State: "error", At: laterThanSmall})
	})
	if w := c.get("/repos/acme/api/deployments"); w.Code != 200 {
		t.Errorf("after a change: %d", w.Code)
	}
}

func TestRepositoriesAreListedByWhoMaySeeThem(t *testing.T) {
	s := NewServer(Small(), WithTokens(Token{Name: "all", Secret: DefaultToken}, Token{Name: "one", Secret: "one", Grants: []Grant{{Repositories: []string{"acme/o*"}}}}))
	c := newClient(t, s)
	names := func(target string) []string {
		out := []string{}
		for _, row := range c.read(target).([]any) {
			out = append(out, dig(row, "full_name").(string))
		}
		return out
	}
	for _, x := range []struct {
		token, target string
		want          []string
	}{
		{DefaultToken, "/orgs/acme/repos?sort=full_name", []string{"acme/api", "acme/empty", "acme/old", "acme/web"}},
		{DefaultToken, "/orgs/acme/repos?type=public", []string{"acme/web"}},
		{"one", "/orgs/acme/repos?sort=full_name", []string{"acme/old", "acme/web"}},
		{DefaultToken, "/users/ben/repos", []string{}},
		{DefaultToken, "/user/repos", []string{"acme/api", "acme/empty", "acme/old", "acme/web", "ben/api"}},
		{"one", "/user/repos", []string{"acme/old"}},
		{DefaultToken, "/users/acme/repos", []string{"acme/web"}},
	} {
		c.token = x.token
		if diff := cmp.Diff(x.want, names(x.target)); diff != "" {
			t.Errorf("%s: %s", x.target, diff)
		}
	}
	c.fails("/orgs/ben/repos", 404, "Not Found")
}

func TestGoGitHubReadsDeployments(t *testing.T) {
	s := NewServer(Small())
	base, stop := s.Start()
	defer stop()
	client := gogithub.NewClient(nil).WithAuthToken(DefaultToken)
	address, err := url.Parse(base + "/")
	if err != nil {
		t.Fatal(err)
	}
	client.BaseURL = address
	s.org.Edit(func(o *Organisation) { o.Rename(o.Repository("acme/api"), "core", laterThanSmall) })
	var got, want []int64
	for _, d := range s.org.Repositories[0].Deployments {
		want = append([]int64{d.ID}, want...)
	}
	options := &gogithub.DeploymentsListOptions{ListOptions: gogithub.ListOptions{PerPage: 5}}
	for {
		rows, answer, err := client.Repositories.ListDeployments(context.Background(), "acme", "api", options)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range rows {
			got = append(got, d.GetID())
		}
		if answer.NextPage == 0 {
			break
		}
		options.Page = answer.NextPage
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	s.Inject(On{Path: "/repositories/*/deployments"}, Secondary(http.StatusForbidden, 7))
	_, _, err = client.Repositories.ListDeployments(context.Background(), "acme", "api", nil)
	if abuse, ok := err.(*gogithub.AbuseRateLimitError); !ok || abuse.GetRetryAfter() != 7*time.Second {
		t.Errorf("%T %v", err, err)
	}
}

func TestCompareAndHistoryAreOfTheGraph(t *testing.T) {
	s := NewServer(Small())
	c := newClient(t, s)
	r := s.org.Repository("acme/api")
	merge := r.CommitObject(r.Pull(1).MergeOID)
	answer := c.read("/repos/acme/api/compare/" + merge.Parents[0] + "..." + merge.SHA)
	var got []string
	for _, x := range dig(answer, "commits").([]any) {
		got = append(got, dig(x, "sha").(string))
	}
	if diff := cmp.Diff(append(append([]string{}, r.Pull(1).Commits...), merge.SHA), got); diff != "" || dig(answer, "status") != "ahead" || dig(answer, "ahead_by") != 3.0 || len(dig(answer, "files").([]any)) == 0 {
		t.Errorf("%s %v", diff, answer)
	}
	data := c.good(`{ repository(owner: "acme", name: "api") { ref(qualifiedName: "main") { compare(headRef: "draft") { aheadBy behindBy status } } object(oid: "`+merge.SHA+`") { ... on Commit { history(first: 2) { totalCount nodes { oid } } } } } }`, nil)
	if dig(data, "repository", "object", "history", "nodes", 0, "oid") != merge.SHA || dig(data, "repository", "object", "history", "totalCount") != 4.0 {
		t.Errorf("history %v", data)
	}
	if dig(data, "repository", "ref", "compare", "status") != "DIVERGED" || dig(data, "repository", "ref", "compare", "aheadBy") != 1.0 {
		t.Errorf("compare %v", data)
	}
}

func TestALostCommitIsNullInGraphQLAndItsRefTooWhenGone(t *testing.T) {
	s := NewServer(Small())
	c := newClient(t, s)
	r := s.org.Repository("acme/api")
	lost := r.Deployments[len(r.Deployments)-1]
	query := `query($id: ID!) { node(id: $id) { ... on Deployment { commitOid commit { oid } ref { name } state } } }`
	got := dig(c.good(query, object{"id": lost.nodeID()}), "node")
	if diff := cmp.Diff(any(object{"commitOid": lost.SHA, "commit": nil, "ref": object{"name": "hotfix"}, "state": "ACTIVE"}), got); diff != "" {
		t.Error(diff)
	}
	s.org.Edit(func(*Organisation) { r.DeleteBranch("hotfix", laterThanSmall) })
	if got := dig(c.good(query, object{"id": lost.nodeID()}), "node", "ref"); got != nil {
		t.Errorf("the ref of a branch that is gone is %v", got)
	}
	if got := dig(c.good(`{ repository(owner: "acme", name: "api") { object(oid: "`+lost.SHA+`") { oid } } }`, nil), "repository", "object", "oid"); got != lost.SHA {
		t.Errorf("the object that is there is %v", got)
	}
	s.org.Edit(func(*Organisation) { r.Prune() })
	if got := dig(c.good(`{ repository(owner: "acme", name: "api") { object(oid: "`+lost.SHA+`") { oid } } }`, nil), "repository", "object"); got != nil {
		t.Errorf("the object that is gone is %v", got)
	}
}

var _ http.Handler = (*Server)(nil)

func TestUnknownMethodsAreNotFound(t *testing.T) {
	c := newClient(t, NewServer(Small()))
	if w := c.send("DELETE", "/repos/acme/api", ""); w.Code != 404 {
		t.Errorf("DELETE: %d", w.Code)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/graphql", nil)
	r.Header.Set("Authorization", "Bearer "+DefaultToken)
	r.Header.Set("User-Agent", "test")
	c.s.ServeHTTP(w, r)
	if w.Code != 404 {
		t.Errorf("GET /graphql: %d", w.Code)
	}
}
