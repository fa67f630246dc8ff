package reference

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// minute is one after midnight UTC on 2026-03-02.
func minute(n int) time.Time { return time.Date(2026, 3, 2, 0, n, 0, 0, time.UTC) }

// graph makes commits of a text: "a b:a m:b,c" is a root, its child and a merge; each is written a minute after the one
// before it.
func graph(text string) map[string]Commit {
	out := map[string]Commit{}
	for n, word := range strings.Fields(text) {
		name, parents, _ := strings.Cut(word, ":")
		c := Commit{Authored: minute(n)}
		if parents != "" {
			c.Parents = strings.Split(parents, ",")
		}
		out[name] = c
	}
	return out
}

// deployed makes deployments of a text: "a@100 b@110:prod-us" succeeded at those minutes; ids are their places from 1 on.
func deployed(text string) []Deployment {
	var out []Deployment
	for n, word := range strings.Fields(text) {
		sha, rest, _ := strings.Cut(word, "@")
		at, environment, has := strings.Cut(rest, ":")
		if !has {
			environment = "production"
		}
		m := 0
		fmt.Sscan(at, &m)
		d := Deployment{ID: fmt.Sprint(n + 1), SHA: sha, Task: "deploy", Environment: environment, Created: minute(m - 1), Success: minute(m)}
		d.URL = "https://api.example.test/repos/acme/api/deployments/" + d.ID
		out = append(out, d)
	}
	return out
}

func oneRepository(commits, deployments string, pulls ...PullRequest) Code {
	return Code{Repositories: []Repository{{Name: "acme/api", Services: []string{"api"}, Commits: graph(commits), Deployments: deployed(deployments), PullRequests: pulls}}}
}

func TestKindsShipmentsAndCulprits(t *testing.T) {
	for name, x := range map[string]struct{ commits, deployments, want string }{
		"each commit ships once, with the first that reaches it": {
			"a b:a c:b d:c", "b@10 c@20 d@30", "baseline[] forward[c] forward[d]",
		},
		"back and forth: going forward again ships only what is new": {
			"a b:a c:b d:c", "a@10 c@20 a@30 d@40", "baseline[] forward[bc] rollback[]!2 forward[d]",
		},
		"the same commit again": {"a b:a", "a@10 b@20 b@30", "baseline[] forward[b] redeploy[]"},
		"a merge ships its branch": {
			"a x:a y:x b:a m:b,y", "a@10 m@20", "baseline[] forward[bmxy]",
		},
		"a hotfix from what is live, then the main branch without it": {
			"a b:a h:a c:b", "a@10 h@20 c@30", "baseline[] forward[h] forward~[bc]",
		},
		"back to a hotfix that the graph does not relate to what is live": {
			"a b:a h:a c:b", "a@10 h@20 c@30 h@40", "baseline[] forward[h] forward~[bc] rollback[]!3",
		},
		"rolled back over two: the first of them is to blame": {
			"a b:a c:b", "a@10 b@20 c@30 a@40", "baseline[] forward[b] forward[c] rollback[]!2",
		},
		"rolled back twice: the second after going forward again": {
			"a b:a c:b", "a@10 b@20 a@30 c@40 a@50", "baseline[] forward[b] rollback[]!2 forward[c] rollback[]!4",
		},
		"back to before all that is known": {"a b:a c:b", "b@10 a@20", "baseline[] rollback[]"},
		"an unknown commit, and what comes after it": {
			"a b:a c:b", "a@10 gone@20 b@30 c@40", "baseline[] forward?[] forward+[b] forward[c]",
		},
		"an unknown one at first": {"a b:a", "gone@10 a@20 b@30", "forward?[] baseline+[] forward[b]"},
		"order of finish, then of creation, then of number": {
			"a b:a c:b", "c@30 a@10 b@20", "baseline[] forward[b] forward[c]",
		},
		"environments ship for themselves": {
			"a b:a", "a@10 a@11:prod-us b@20:prod-us b@30", "baseline[] baseline[] forward[b] forward[b]",
		},
		"environments that differ in case are one": {"a b:a c:b", "a@10 b@20:PRODUCTION c@30", "baseline[] forward[b] forward[c]"},
	} {
		all := shipments(oneRepository(x.commits, x.deployments), defaults())
		sortShipments(all)
		var got []string
		for _, s := range all {
			var shipped []string
			for sha := range s.brought {
				shipped = append(shipped, sha)
			}
			slices.Sort(shipped)
			text := s.kind
			if s.diverged {
				text += "~"
			}
			if !s.known {
				text += "?"
			}
			if s.afterUnknown {
				text += "+"
			}
			text += "[" + strings.Join(shipped, "") + "]"
			if s.culprit != nil {
				text += fmt.Sprint("!", s.culprit.ID)
			}
			got = append(got, text)
		}
		if text := strings.Join(got, " "); text != x.want {
			t.Errorf("%s:\n got %s\nwant %s", name, text, x.want)
		}
	}
}

func TestWhatCountsAsADeployment(t *testing.T) {
	code := oneRepository("a b:a", "a@10 a@20:staging b@30 b@40 b@50 b@60:Production")
	d := code.Repositories[0].Deployments
	d[2].Success = time.Time{}
	d[3].Task = "deploy:migrations"
	d[4].Transient = true
	var got []string
	for _, x := range Deployments(Objects{}, code, defaults()) {
		got = append(got, fmt.Sprintf("%s %s %s %d", x.ID, x.Service, x.Kind, x.Commits))
	}
	if diff := cmp.Diff([]string{"deployments:1 api baseline 0", "deployments:6 api forward 1"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestChangesBeginWithTheirFirstCommitAndEndInProduction(t *testing.T) {
	pulls := []PullRequest{
		{Number: 1, Merge: "m", Brought: []string{"x", "y"}, FirstCommit: minute(1), Opened: minute(3), Merged: minute(5)},
		{Number: 2, Merge: "s", Brought: []string{"s"}, FirstCommit: minute(9), Opened: minute(4), Merged: minute(9)},
		{Number: 3, Merge: "never", Brought: []string{"never"}, Opened: minute(1), Merged: minute(2)},
		{Number: 4, Merge: "a", Brought: []string{"a"}, Opened: minute(-9), Merged: minute(0)},
		{Number: 5, Merge: "z", Brought: []string{"z"}, FirstCommit: minute(300), Opened: minute(300), Merged: minute(6)},
	}
	code := oneRepository("a x:a y:x b:a m:b,y s:m z:s late:z u:late", "a@10 m@20 s@30 z@40 gone@50 late@60 u@70 u@5:prod-eu", pulls...)
	s := defaults()
	s.Services = []Service{{Name: "api", Environments: []string{"production"}}}
	changes, commits := Changes(code, s)
	var got []string
	for _, c := range changes {
		got = append(got, fmt.Sprintf("%s %s %s %v, %s %s %s", strings.TrimPrefix(c.ID, "acme/api"), c.Deployment, show(c.LeadTime), c.Counted, show(c.Coding), show(c.Review), show(c.Deploy)))
	}
	want := []string{
		"#1 deployments:2 1140 true, 120 120 900", // from the first commit, not from the opening
		"#2 deployments:3 1560 true, 0 300 1260",  // from the opening, before its commit
		"#5 deployments:4 - false, 0 - 2040",      // begins after its end
		"@b deployments:2 1020 true, - - -",
		"@late deployments:6 - false, - - -", // after an unknown one
		"@u deployments:7 3720 true, - - -",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	got = nil
	for _, c := range commits {
		got = append(got, fmt.Sprintf("%s %s %v", c.SHA, show(c.LeadTime), c.Counted))
	}
	if diff := cmp.Diff([]string{"b 1020 true", "late - false", "s 1500 true", "u 3720 true", "x 1140 true", "y 1080 true", "z 2040 true"}, got); diff != "" {
		t.Errorf("commits, merges left out (-want +got):\n%s", diff)
	}
}

func TestAChangeIsDeployedByTheEarliestEnvironmentOfEachService(t *testing.T) {
	code := oneRepository("a b:a", "a@10:prod-eu a@11:prod-us b@20:prod-us b@30:prod-eu")
	code.Repositories[0].Services = []string{"api", "worker"}
	s := defaults()
	s.Services = []Service{{Name: "api", Team: "one", Environments: []string{"PROD-*"}}, {Name: "worker", Environments: []string{"prod-eu"}}}
	changes, _ := Changes(code, s)
	var got []string
	for _, c := range changes {
		got = append(got, c.Service+" "+c.Deployment)
	}
	if diff := cmp.Diff([]string{"api deployments:3", "worker deployments:4"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	rows := FourKeys(Objects{}, code, s)
	for _, x := range []struct{ dimension, value, metric, want string }{
		{"all", "all", "deployments", "2026-03-02:4/4 2026-03-09:0/0 2026-03-16:0/0 2026-03-23:0/0 2026-03-30:0/0"}, // not 6: two are of both services
		{"service", "worker", "deployments", "2026-03-02:2/2 2026-03-09:0/0 2026-03-16:0/0 2026-03-23:0/0 2026-03-30:0/0"},
		{"repository", "acme/api", "deployments", "2026-03-02:4/4 2026-03-09:0/0 2026-03-16:0/0 2026-03-23:0/0 2026-03-30:0/0"},
		{"all", "all", "lead_time_median_seconds", "2026-03-02:1140/1 2026-03-09:null/0 2026-03-16:null/0 2026-03-23:null/0 2026-03-30:null/0"}, // at the service that had it first
		{"service", "worker", "lead_time_median_seconds", "2026-03-02:1740/1 2026-03-09:null/0 2026-03-16:null/0 2026-03-23:null/0 2026-03-30:null/0"},
		{"repository", "acme/api", "incidents", ""},
		{"all", "all", "change_failure_rate", "2026-03-02:0/4 2026-03-09:null/0 2026-03-16:null/0 2026-03-23:null/0 2026-03-30:null/0"},
	} {
		if got := lines(rows, "week", x.dimension, x.value, x.metric); got != x.want {
			t.Errorf("%s %s %s:\n got %s\nwant %s", x.dimension, x.value, x.metric, got, x.want)
		}
	}
	for _, r := range rows {
		if r.Period == "month" && r.Dimension == "all" && r.Metric == "deployments_per_day" && *r.Number != 4.0/31 {
			t.Errorf("deployments a day in March: %v, want 4/31", *r.Number)
		}
	}
}

func attach(o Objects, incident, kind, external, permalink string) {
	o["incident_attachments"] = append(o["incident_attachments"], map[string]any{
		"incident_id": incident, "resource": map[string]any{"resource_type": kind, "external_id": external, "permalink": permalink},
	})
}

// caused writes the custom field that names a cause.
func caused(o Objects, incident, value string) {
	for _, i := range o["incidents"] {
		if i["id"] == incident {
			fields, _ := i["custom_field_entries"].([]any)
			i["custom_field_entries"] = append(fields, map[string]any{
				"custom_field": map[string]any{"name": "Caused by"}, "values": []any{map[string]any{"value_text": value}},
			})
		}
	}
}

func TestLinksAreMadeByTheFirstRuleThatApplies(t *testing.T) {
	const sha = "abcdef0123456789abcdef0123456789abcdef01"
	code := oneRepository("a b:a c:b "+sha+":c d:"+sha, "a@10 b@20 c@30 "+sha+"@40 d@50",
		PullRequest{Number: 7, Merge: "b", Brought: []string{"b"}}, PullRequest{Number: 8, Merge: "c", Brought: []string{"c"}},
		PullRequest{Number: 9, Merge: "d", Brought: []string{"d"}, Reverts: []int{7}}, PullRequest{Number: 10, Merge: "d", Brought: []string{"d"}, RevertsSHA: []string{sha}},
	)
	code.Repositories[0].Deployments = append(code.Repositories[0].Deployments, Deployment{ID: "6", SHA: "d", Task: "deploy", Environment: "production", Created: minute(44)})
	s := defaults()
	s.CauseField = "caused by"
	s.Services = []Service{{Name: "api", Values: map[string][]string{"Affected services": {"API"}}}, {Name: "web"}}
	for name, x := range map[string]struct {
		start int // minute
		made
		field string
		pulls []int
		links string
		want  string
	}{
		"near":                                   {start: 45, want: "4 cause proximity"},
		"at the very instant":                    {start: 50, want: "5 cause proximity"},
		"too late":                               {start: 50 + 24*60 + 1},
		"at the end of the window":               {start: 50 + 24*60, want: "5 cause proximity"},
		"before all":                             {start: 9},
		"no service":                             {start: 45, made: made{fields: []string{"Affected services=Intranet"}}},
		"a pull request":                         {start: 45, pulls: []int{7}, want: "2 cause pull_request"},
		"two: the later deployment":              {start: 45, pulls: []int{8, 7}, want: "3 cause pull_request"},
		"a fix":                                  {start: 45, pulls: []int{8, 9}, want: "3 cause pull_request, 5 fix pull_request"},
		"a fix that reverts":                     {start: 45, pulls: []int{9}, want: "2 cause revert, 5 fix pull_request"},
		"a fix that reverts a commit":            {start: 45, pulls: []int{10}, want: "4 cause revert, 5 fix pull_request"},
		"a fix that reverts what came later":     {start: 15, pulls: []int{9}, want: "1 cause proximity, 5 fix pull_request"},
		"a commit":                               {start: 45, links: "https://github.com/acme/api/commit/abcdef012345", want: "4 cause commit"},
		"a number":                               {start: 45, field: "3", pulls: []int{7}, want: "3 cause field"},
		"our id":                                 {start: 45, field: "deployments:2", want: "2 cause field"},
		"an address":                             {start: 45, field: " https://api.example.test/repos/acme/api/deployments/1 ", want: "1 cause field"},
		"a deployment that never succeeded":      {start: 45, field: "6", want: "6 cause field"},
		"the deployment of that very commit":     {start: 45, field: "abcdef0", want: "4 cause field"},
		"what nobody knows, then the next rules": {start: 45, field: "the release of yesterday", pulls: []int{7}, want: "2 cause pull_request"},
		"a pull request that nobody knows":       {start: 45, pulls: []int{99}, want: "4 cause proximity"},
	} {
		x.id, x.created = "i", minute(x.start).Format(time.RFC3339)
		if x.fields == nil {
			x.fields = []string{"Affected services=API"}
		}
		o := objects(t, x.made)
		for _, n := range x.pulls {
			attach(o, "i", "github_pull_request", fmt.Sprintf("acme/api/%d", n), fmt.Sprintf("https://github.com/acme/api/pull/%d", n))
		}
		if x.links != "" {
			attach(o, "i", "arbitrary_url", x.links, x.links)
		}
		if x.field != "" {
			caused(o, "i", x.field)
		}
		var got []string
		for _, l := range Links(o, code, s) {
			got = append(got, fmt.Sprintf("%s %s %s", strings.TrimPrefix(l.Deployment, "deployments:"), l.Role, l.Method))
		}
		if text := strings.Join(got, ", "); text != x.want {
			t.Errorf("%s: got %q, want %q", name, text, x.want)
		}
	}
}

func TestFailuresRecoveriesAndRework(t *testing.T) {
	code := oneRepository("a b:a c:b d:c e:d f:e", "a@10 b@20 c@100 b@130 d@200 e@300 f@400",
		PullRequest{Number: 1, Merge: "d", Brought: []string{"d"}, Branch: "hotfix/pool"}, PullRequest{Number: 2, Merge: "e", Brought: []string{"e"}, Labels: []string{"HOTFIX"}},
		PullRequest{Number: 3, Merge: "f", Brought: []string{"f"}})
	s := defaults()
	s.Services = []Service{{Name: "api", Values: map[string][]string{"Affected services": {"API"}}}, {Name: "web"}}
	incident := func(id string, start, end int) made {
		m := made{id: id, created: minute(start).Format(time.RFC3339), fields: []string{"Affected services=API"}}
		if end > 0 {
			m.stamps = []string{"Fixed at=" + minute(end).Format(time.RFC3339)}
		}
		return m
	}
	drill := incident("5", 401, 402)
	drill.mode = "test"
	o := objects(t, incident("1", 25, 30), incident("2", 26, 90), incident("3", 205, 0), incident("4", 310, 320), drill)
	attach(o, "4", "github_pull_request", "acme/api/3", "")
	attach(o, "4", "github_pull_request", "acme/api/2", "")
	var got []string
	for _, d := range Deployments(o, code, s) {
		got = append(got, fmt.Sprintf("%s failed %v by evidence %v rework %v recovery %s", strings.TrimPrefix(d.ID, "deployments:"), d.Failed, d.FailedByEvidence, d.Rework, show(d.Recovery)))
	}
	want := []string{
		"1 failed false by evidence false rework false recovery -",
		"2 failed true by evidence false rework false recovery 4200", // the last of two restorations; once
		"3 failed true by evidence true rework false recovery 1800",  // rolled back, without an incident
		"4 failed false by evidence false rework true recovery -",    // the rollback
		"5 failed true by evidence false rework true recovery -",     // a hotfix by its branch, and an incident that is open
		"6 failed true by evidence true rework true recovery 1200",   // a hotfix by its label, and a cause by attachment
		"7 failed false by evidence false rework true recovery -",    // ships a fix; a drill is nothing
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.RollbackIsFailure = false
	if d := Deployments(o, code, s); d[2].Failed || d[3].Kind != "rollback" {
		t.Errorf("with rollback_is_failure: false %+v", d[2])
	}
}

func TestRedeploysCountOnlyIfTheyMay(t *testing.T) {
	code := oneRepository("a b:a", "a@10 b@20 b@30")
	s := defaults()
	if got := len(Deployments(Objects{}, code, s)); got != 3 {
		t.Errorf("%d deployments, want 3", got)
	}
	s.CountRedeploys = false
	if got := len(Deployments(Objects{}, code, s)); got != 2 {
		t.Errorf("%d deployments without redeploys, want 2", got)
	}
}
