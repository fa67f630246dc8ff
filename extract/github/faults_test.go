package github

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fourfold/extract"
	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

// places are where faults are met: the first and a later one of each way of asking.
var (
	restPlaces = []fake.On{
		{Path: "/orgs/acme/repos"}, {Path: "/repos/*/*/deployments"}, {Path: "/repos/*/*/deployments", Skip: 2},
	}
	graphPlaces = []fake.On{
		{Path: "/graphql"},
		{Path: "/graphql", Contains: "statuses(first: 20)"},
		{Path: "/graphql", Contains: "statuses(first: 20)", Skip: 3},
		{Path: "/graphql", Contains: "first: $first"},
		{Path: "/graphql", Contains: "first: $first", Skip: 2},
	}
)

func TestEveryFaultOnTheWayIsOvercome(t *testing.T) {
	partial := func(kind string) fake.Fault {
		return fake.GraphErrors(map[string]any{"type": kind, "message": "Something is not well.", "path": []any{"repository", "pullRequests"}})
	}
	for name, c := range map[string]struct {
		fault     fake.Fault
		graphOnly bool
	}{
		"403": {fault: fake.RateLimited(403, 2*time.Minute)}, "429": {fault: fake.RateLimited(429, 2*time.Minute)},
		"secondary 403": {fault: fake.Secondary(403, 30)}, "secondary 429": {fault: fake.Secondary(429, 30)}, "secondary without Retry-After": {fault: fake.Secondary(403, -1)},
		"500": {fault: fake.Answer(500, "Server Error")}, "502": {fault: fake.BadGateway(502)}, "503": {fault: fake.Answer(503, "")}, "504": {fault: fake.BadGateway(504)},
		"cut": {fault: fake.CutBody()}, "reset": {fault: fake.Reset()}, "garbage": {fault: fake.Garbage()}, "HTML": {fault: fake.HTML()},
		"RATE_LIMITED": {fake.GraphRateLimited("RATE_LIMITED", 3*time.Minute), true}, "RATE_LIMIT": {fake.GraphRateLimited("RATE_LIMIT", 3*time.Minute), true},
		"resource limits": {fake.ResourceLimits(3), true}, "something went wrong": {fake.SomethingWentWrong(200), true}, "502 in JSON": {fake.SomethingWentWrong(502), true},
		"an error beside data": {partial("SERVICE_UNAVAILABLE"), true}, "one without a type": {fake.GraphErrors(map[string]any{"message": "timedout"}), true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, crowd(130, 90), nil, nil).tinyPages()
			places := graphPlaces
			if !c.graphOnly {
				places = append(slices.Clone(restPlaces), graphPlaces...)
			}
			var injected []*fake.Injected
			for _, on := range places {
				injected = append(injected, w.server.Inject(on, c.fault))
			}
			w.mustRun()
			for i, in := range injected {
				if in.Hits() != 1 {
					t.Errorf("fault %d met %d requests", i, in.Hits())
				}
			}
			w.compare("with faults")
			w.server.ClearFaults()
			w.clock.Advance(time.Hour)
			w.mustRun()
			w.compare("after a clean run")
		})
	}
}

func TestAFaultThatStaysFailsTheRepositoryAndACleanRunLandsTheRest(t *testing.T) {
	for name, fault := range map[string]fake.Fault{
		"500": fake.Answer(500, ""), "502": fake.BadGateway(502), "404": fake.Answer(404, "Not Found"), "an error beside data": fake.GraphErrors(map[string]any{"message": "timedout"}),
		"garbage": fake.Garbage(), "null nodes": fake.ResourceLimits(0),
	} {
		t.Run(name, func(t *testing.T) {
			org := fake.Small()
			addCrowd(org, "big", org.Accounts[1], org.Accounts[2], 80, 80)
			w := newWorld(t, org, []string{"acme/api", "acme/big", "acme/web"}, nil).tinyPages()
			// From the second page on, for one repository.
			w.server.Inject(fake.On{Path: "/repos/acme/big/deployments", Skip: 1, Times: -1}, fault)
			w.server.Inject(fake.On{Repository: "acme/big", Contains: "pullRequests(states: MERGED, first: $first", Skip: 1, Times: -1}, fault)
			w.run()
			for _, stream := range []string{"deployments", "pull_requests"} {
				if name == "an error beside data" && stream == "deployments" {
					continue // REST has no such thing
				}
				if name == "null nodes" && stream == "deployments" {
					continue
				}
				w.failed(stream, extract.ErrPartial, "acme/big")
			}
			if len(w.deploymentsOf("acme/web")) == 0 || w.pullByNumber(1) == nil {
				t.Error("the other repositories did not land")
			}
			w.server.ClearFaults()
			w.restart()
			w.clock.Advance(time.Hour)
			w.mustRun()
			w.compare("after a clean run")
		})
	}
}

func TestBigPagesThatTheServerCannotAnswerAreHalvedAndGrowBack(t *testing.T) {
	for name, fault := range map[string]fake.Fault{"502": fake.BadGateway(502), "errors": fake.SomethingWentWrong(200), "partial": fake.ResourceLimits(5)} {
		for _, least := range []int{60, 30, 2} {
			t.Run(fmt.Sprint(name, " from ", least), func(t *testing.T) {
				w := newWorld(t, crowd(110, 110), []string{"acme/big"}, nil)
				w.server.Inject(fake.On{Path: "/graphql", MinFirst: least, Contains: "$ids", Times: -1}, fault)
				w.server.Inject(fake.On{Path: "/graphql", MinFirst: least, Contains: "$first", Times: -1}, fault)
				if least > 20 { // statuses(first: 20) of one deployment is a page of twenty, whatever is asked for
					w.mustRun()
					w.compare("with small pages")
				}
				w.server.ClearFaults()
				w.clock.Advance(time.Hour)
				w.mustRun()
				w.compare("after a clean run")
			})
		}
	}
	w := newWorld(t, crowd(0, 1000), []string{"acme/big"}, nil)
	w.server.Inject(fake.On{Path: "/graphql", Contains: "$first", Times: 2}, fake.BadGateway(502))
	w.mustRun()
	var sizes []int
	for _, r := range w.server.Requests() {
		if n, err := strconv.Atoi(fmt.Sprint(r.Variables["first"])); err == nil {
			sizes = append(sizes, n)
		}
	}
	if sizes[0] != 100 || sizes[1] != 50 || sizes[2] != 25 || sizes[len(sizes)-1] != 100 {
		t.Errorf("pages of %v, want 100, 50, 25 and back up to 100", sizes)
	}
}

func TestAPullRequestThatCannotBeAnsweredIsNamedByItsPlace(t *testing.T) {
	w := newWorld(t, crowd(0, 30), []string{"acme/big"}, nil)
	w.server.Inject(fake.On{Path: "/graphql", Contains: "$first", Skip: 0, Times: -1}, fake.BadGateway(502))
	w.run()
	w.failed("pull_requests", nil, "acme/big", "the first of the list in order of change", "502")
}

func TestARateLimitThatIsTooLongStopsTheStreamAndTheNextRunGoesOn(t *testing.T) {
	for name, fault := range map[string]fake.Fault{"REST 403": fake.RateLimited(403, 50*time.Minute), "REST 429": fake.RateLimited(429, 50*time.Minute), "GraphQL": fake.GraphRateLimited("RATE_LIMITED", 50*time.Minute)} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, crowd(430, 20), []string{"acme/big"}, nil)
			on := fake.On{Path: "/repos/*/*/deployments", Skip: 2}
			if name == "GraphQL" {
				on = fake.On{Path: "/graphql", Contains: "$ids", Skip: 2}
			}
			w.server.Inject(on, fault)
			w.run()
			w.failed("deployments", extract.ErrSlowDown, "run again")
			if isKind(w.errs["deployments"], extract.ErrForbidden) {
				t.Error("a limit is no missing permission")
			}
			if n := len(w.table(transform.GithubDeployments)); n < 100 || n >= 430 {
				t.Errorf("%d deployments landed before the limit", n)
			}
			w.clock.Advance(time.Hour)
			w.restart()
			w.mustRun()
			w.compare("after the hour")
		})
	}
}

func TestTheBudgetEndsAStreamAndTheNextHourGoesOnWithoutAHole(t *testing.T) {
	w := newWorld(t, crowd(1500, 300), []string{"acme/big"}, []fake.Option{fake.WithLimits(fake.Limits{Core: 20, GraphQL: 20})})
	runs := 0
	for ; ; runs++ {
		w.run()
		if len(w.errs) == 0 {
			break
		}
		var spent *extract.SpentError
		for stream, err := range w.errs {
			if !errors.As(err, &spent) || !strings.Contains(err.Error(), "sources.github.budget allows (50%)") || !strings.Contains(err.Error(), "run again after") {
				t.Fatalf("%s: %v", stream, err)
			}
		}
		if rest, graph := w.spent(); rest > 10 || graph > 11 { // a page of pull requests costs two
			t.Fatalf("run %d spent %d and %d points of 20", runs, rest, graph)
		}
		// Another process in the same hour spends nothing more of that bucket.
		w.clock.Advance(10 * time.Minute)
		w.restart()
		w.run()
		if rest, graph := w.spent(); rest+graph > 10 {
			t.Fatalf("run %d: the next process spent %d and %d points", runs, rest, graph)
		}
		w.clock.Advance(time.Hour)
		w.restart()
		if runs > 20 {
			t.Fatal("it does not come to its end")
		}
	}
	if runs < 2 {
		t.Errorf("it took %d runs, which proves little", runs)
	}
	w.clock.Advance(2 * time.Hour)
	w.restart()
	w.mustRun()
	w.compare("after all hours")
}

func TestWithoutLimitsNothingIsHeldBack(t *testing.T) {
	w := newWorld(t, crowd(500, 100), []string{"acme/big"}, []fake.Option{fake.WithoutLimits()}, func(o *Options) { o.NoLimits = true })
	w.mustRun()
	w.compare("without limits")
	if q := w.source.Quotas(); len(q) != 0 {
		t.Errorf("quotas %+v of a server without", q)
	}
}

func TestQuotasSayWhatIsLeftOfEachBucket(t *testing.T) {
	w := newWorld(t, crowd(150, 20), []string{"acme/big"}, nil)
	w.mustRun()
	rest, graph := w.spent()
	got := map[string][3]int64{}
	for _, q := range w.source.Quotas() {
		got[q.Bucket] = [3]int64{q.Limit - q.Remaining, q.Allowed, q.Spent}
	}
	for bucket, n := range map[string]int{"core": rest, "graphql": graph} {
		if want := [3]int64{int64(n), 2500, int64(n)}; got[bucket] != want {
			t.Errorf("%s: used, allowed and spent are %v, want %v", bucket, got[bucket], want)
		}
	}
}

func TestAProbeThatFailsMakesEachRepositoryBeRead(t *testing.T) {
	w := newWorld(t, fake.Small(), nil, nil)
	w.mustRun()
	w.server.Inject(fake.On{Path: "/graphql", Contains: "r0: repository", Times: -1}, fake.SomethingWentWrong(200))
	w.clock.Advance(time.Hour)
	w.edit(func(o *fake.Organisation) {
		o.Repository("acme/web").AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: w.clock.Now().Add(-time.Minute)})
	})
	w.mustRun()
	w.compare("without a probe")
}

func TestTheEndOfTheContextIsAnErrorAndStoppingEarlyIsNone(t *testing.T) {
	w := newWorld(t, crowd(130, 90), []string{"acme/big"}, nil).tinyPages()
	for _, st := range w.source.Streams() {
		if !slices.Contains(ours, st.Name) {
			continue
		}
		in := extract.Input{RunAt: w.clock.Now(), Full: true, Ledger: w.memory}
		for _, err := range st.Read(t.Context(), in) {
			if err != nil {
				t.Errorf("%s: %v", st.Name, err)
			}
			break
		}
		ctx, cancel := context.WithCancel(t.Context())
		held := w.server.Inject(fake.On{Times: -1}, fake.Slow())
		go func() { <-held.Waiting(); cancel() }()
		var last error
		in.RunAt = in.RunAt.Add(time.Hour)
		for _, err := range st.Read(ctx, in) {
			last = err
		}
		if !errors.Is(last, context.Canceled) {
			t.Errorf("%s ended with %v", st.Name, last)
		}
		w.server.ClearFaults()
	}
}

func TestWhatIsAskedForGoesToTheStreamThatAsked(t *testing.T) {
	w := newWorld(t, crowd(130, 90), []string{"acme/big"}, nil)
	w.mustRun()
	var requests, points int64
	for _, stream := range ours {
		c := w.source.Counts(stream)
		if c.Requests == 0 || c.Bytes == 0 {
			t.Errorf("%s: %+v", stream, c)
		}
		requests, points = requests+c.Requests, points+c.Points
	}
	rest, graph := w.server.Points()["core"], w.server.Points()["graphql"]
	if int(requests) != len(w.server.Requests()) || int(points) != rest+graph {
		t.Errorf("%d requests and %d points are counted, the server has %d and %d", requests, points, len(w.server.Requests()), rest+graph)
	}
}
