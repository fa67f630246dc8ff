package github

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

func TestAThousandDeploymentsCostTwentyPointsAndThreeARepository(t *testing.T) {
	for _, n := range []int{1000, 3000} {
		w := newWorld(t, crowd(n, 0), []string{"acme/big"}, nil, func(o *Options) { o.NoLimits = true })
		w.only = []string{"repositories", "deployments"}
		w.mustRun()
		rest, graph := w.spent()
		if got := len(w.table(transform.GithubDeployments)); got != n || rest+graph > n*20/1000+3 {
			t.Errorf("%d of %d deployments landed for %d + %d points, want at most %d", got, n, rest, graph, n*20/1000+3)
		}
		points, repositories := w.source.Points("deployments"), w.source.Points("repositories")
		if int(points.GraphQL) != graph || int(points.REST+repositories.REST) != rest {
			t.Errorf("the source counts %+v and %+v, the server %d and %d", points, repositories, rest, graph)
		}
	}
}

func TestAThousandMergedPullRequestsCostTwentyPoints(t *testing.T) {
	w := newWorld(t, crowd(0, 1000), []string{"acme/big"}, nil)
	w.only = []string{"repositories", "pull_requests"}
	w.mustRun()
	probes := 1
	rest, graph := w.spent()
	if got := len(w.table(transform.GithubPullRequests)); got != 1000 || rest != 1 || graph-probes > 20 {
		t.Errorf("%d pull requests landed for %d + %d points, want 1000 for the repository, the probe and 20", got, rest, graph)
	}
}

func TestAnUnchangedRepositoryCostsTwoPoints(t *testing.T) {
	open := func(o *fake.Organisation) { // two hundred that may yet change, of all ages
		r := o.Repository("acme/big")
		for k := range 200 {
			at := beginning.Add(-time.Duration(k) * 12 * time.Hour)
			r.AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: at}).AddStatus(fake.StatusSpec{State: []string{"in_progress", "failure"}[k%2], At: at})
		}
	}
	many := func(k int) (*fake.Organisation, []string) {
		o := fake.NewOrganisation("acme")
		ann, ben := o.AddAccount(fake.Account{Login: "ann"}), o.AddAccount(fake.Account{Login: "ben"})
		var names []string
		for i := range k {
			addCrowd(o, fmt.Sprint("r", i), ann, ben, 3, 3)
			names = append(names, fmt.Sprint("acme/r", i))
		}
		return o, names
	}
	one, oneOpen := crowd(30, 30), crowd(30, 30)
	open(oneOpen)
	sixty, names := many(60)
	for name, c := range map[string]struct {
		org          *fake.Organisation
		names        []string
		repositories int
	}{
		"one": {one, []string{"acme/big"}, 1}, "one with many unfinished": {oneOpen, []string{"acme/big"}, 1}, "sixty": {sixty, names, 60},
		"sixty by a pattern": {sixty, []string{"acme/*"}, 60}, "an empty one too": {fake.Small(), []string{"acme/api", "acme/empty", "acme/old", "acme/web"}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.org, c.names, nil)
			w.mustRun()
			w.spent()
			for range 3 {
				w.clock.Advance(15 * time.Minute)
				w.restart()
				before := w.memory.versions
				w.mustRun()
				rest, graph := w.spent()
				if rest+graph > 2*c.repositories {
					t.Errorf("%d + %d points for %d repositories", rest, graph, c.repositories)
				}
				if w.memory.versions != before {
					t.Errorf("%d versions of what did not change", w.memory.versions-before)
				}
			}
			w.compare("unchanged")
		})
	}
}

// linkless takes the header Link away, as some proxies do.
type linkless struct{ inner http.RoundTripper }

func (l linkless) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.inner.RoundTrip(r)
	if err == nil {
		resp.Header.Del("Link")
	}
	return resp, err
}

func TestAListWithoutTheHeaderLinkIsReadToItsEnd(t *testing.T) {
	for n, pages := range map[int]int{99: 1, 200: 3, 250: 3} {
		w := newWorld(t, crowd(n, 0), []string{"acme/big"}, nil, func(o *Options) { o.Transport = linkless{http.DefaultTransport} })
		w.only = []string{"repositories", "deployments"}
		w.mustRun()
		rest, _ := w.spent()
		if got := len(w.table(transform.GithubDeployments)); got != n || rest != pages+1 {
			t.Errorf("%d of %d deployments landed with %d requests, want %d and the repository's", got, n, rest, pages)
		}
	}
}
