package github

import (
	"sync"
	"testing"
	"time"
)

// The race detector watches this one.
func TestRequestsAndChangesMeetWithoutHarm(t *testing.T) {
	s := NewServer(Small(), WithoutLimits())
	c := newClient(t, s)
	r := s.org.Repository("acme/api")
	var all sync.WaitGroup
	for _, f := range []func(){
		func() { c.get("/repos/acme/api/deployments?per_page=100") },
		func() { c.get("/repos/acme/api/pulls?state=all") },
		func() { c.get("/repos/acme/api/commits/" + r.Deployments[0].SHA + "/pulls") },
		func() {
			c.send("POST", "/graphql", `{"query":"{ repository(owner: \"acme\", name: \"api\") { deployments(first: 100) { nodes { commit { associatedPullRequests(first: 3) { totalCount } } statuses(first: 20) { nodes { state } } } } } }"}`)
		},
		func() { c.get("/acme/api.git/info/refs?service=git-upload-pack") },
		func() { s.Requests(); s.Counts(); s.Points() },
		func() {
			s.org.Edit(func(*Organisation) {
				at := laterThanSmall.Add(time.Duration(len(r.Deployments)) * time.Minute)
				r.Branch("main", r.Commit(CommitSpec{Parents: []string{r.Head("main")}, Message: "More", Author: Noreply, AuthoredAt: at}))
				r.AddDeployment(DeploymentSpec{Ref: "main", CreatedAt: at}).Finish("success", at)
			})
		},
	} {
		all.Go(func() {
			for range 5 {
				f()
			}
		})
	}
	all.Wait()
	if n := len(c.read("/repos/acme/api/deployments?per_page=100").([]any)); n != len(r.Deployments) {
		t.Errorf("%d of %d deployments", n, len(r.Deployments))
	}
}
