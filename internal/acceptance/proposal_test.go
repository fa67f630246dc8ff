package acceptance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/internal/fake/github"
	fake "fourfold/internal/fake/incidentio"
)

// proposing is a workplace without a configuration, and both APIs.
type proposing struct {
	*workplace
	incidents *fake.Server
	code      *github.Server
	flags     []string
}

func newProposing(t *testing.T) *proposing {
	t.Helper()
	p := &proposing{incidents: fake.NewServer(fake.Small()), code: github.NewServer(github.Small())}
	a, stop := p.incidents.Start()
	t.Cleanup(stop)
	b, stop := p.code.Start()
	t.Cleanup(stop)
	w := newWorkplace(t, "")
	if err := os.Remove(filepath.Join(w.dir, "fourfold.yaml")); err != nil {
		t.Fatal(err)
	}
	p.workplace = w.with("INCIDENT_IO_API_KEY="+fake.DefaultKey, "GITHUB_TOKEN="+github.DefaultToken)
	p.flags = []string{"--incidentio-url", a, "--github-url", b + "/"}
	return p
}

func (p *proposing) init(more ...string) []string {
	return append(append([]string{"init"}, p.flags...), more...)
}

func (p *proposing) file(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, "fourfold.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAProposedConfigurationRunsAsItIsAndItsNumbersAreExplained(t *testing.T) {
	t.Parallel()
	p := newProposing(t)
	out := p.run(p.init()...)
	for _, want := range []string{"Proposed from incident.io, asked 8 times", "Proposed from GitHub, asked 2 times", "Wrote fourfold.yaml"} {
		if !strings.Contains(out, want) {
			t.Errorf("init lacks %q:\n%s", want, out)
		}
	}
	text := p.file(t)
	if strings.Contains(text, fake.DefaultKey) || strings.Contains(text, github.DefaultToken) || !strings.Contains(text, "${GITHUB_TOKEN}") {
		t.Errorf("the file holds a key, or no reference to it:\n%s", text)
	}
	p.run("run")
	if d := cmp.Diff([]any{"api", "search", "web"}, columnOf(p.query(`select service from dim_services order by service`))); d != "" {
		t.Errorf("services (-want +got)\n%s", d)
	}
	if n := p.one(`select count(*) from fct_deployments where is_counted`).(int64); n < 4 {
		t.Errorf("%d deployments count", n)
	}
	p.explainsDeployments(t)
	p.explainsChanges(t)
	p.explainsLinks(t)
}

func columnOf(rows [][]any) []any {
	var out []any
	for _, r := range rows {
		out = append(out, r[0])
	}
	return out
}

// explained is the JSON of an explanation.
func (p *proposing) explained(t *testing.T, kind, id string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(p.run("explain", kind, id, "--format", "json")), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// service is the only one that a deployment or a change is explained for.
func serviceOf(t *testing.T, e map[string]any) map[string]any {
	t.Helper()
	all, _ := e["services"].([]any)
	if len(all) != 1 {
		t.Fatalf("services: %v", e["services"])
	}
	return all[0].(map[string]any)
}

func (p *proposing) explainsDeployments(t *testing.T) {
	for _, row := range p.query(`select deployment_id, is_counted, coalesce(exclusion_reason, ''), coalesce(kind, ''), coalesce(commits_shipped, 0), is_rework, url from fct_deployments`) {
		id := row[0].(string)
		e := p.explained(t, "deployment", strings.TrimPrefix(id, "deployments:"))
		s := serviceOf(t, e)
		got := []any{e["deployment_id"], s["is_counted"], s["exclusion_reason"], s["kind"], int64(s["commits_shipped"].(float64)), s["is_rework"], e["url"]}
		if d := cmp.Diff(row, got); d != "" {
			t.Errorf("%s (-mart +explained)\n%s", id, d)
		}
		if n := p.query(`select count(*) from fct_measures where object_type = 'deployment' and object_id = $1`, id)[0][0].(int64); int(n) != len(e["measures"].([]any)) {
			t.Errorf("%s gives %d measures, %d are shown", id, n, len(e["measures"].([]any)))
		}
	}
	last := p.query(`select deployment_id, url, sha from fct_deployments where kind = 'rollback' limit 1`)[0]
	text := p.run("explain", "deployment", last[1].(string))
	if !strings.HasPrefix(text, last[0].(string)+"  acme/api to production\n") || !strings.Contains(text, "rollback  (D4") || !strings.Contains(text, "culprit") {
		t.Errorf("the rollback, by its address:\n%s", text)
	}
	// Its commit is that of the baseline, too.
	o := p.fails(1, "fits 2 of them: give the id of one", "explain", "deployment", last[2].(string)[:8])
	if o.stdout != "" || !strings.Contains(o.stderr, "\n  "+last[0].(string)+"  ") {
		t.Errorf("the rollback's commit:\n%s%s", o.stdout, o.stderr)
	}
	p.fails(1, "not in the published marts", "explain", "deployment", "999999999")
}

func (p *proposing) explainsChanges(t *testing.T) {
	for _, row := range p.query(`select change_id, is_counted, coalesce(exclusion_reason, ''), coalesce(deployment_id, ''), lead_time_seconds from fct_changes`) {
		id := row[0].(string)
		e := p.explained(t, "change", id)
		s := serviceOf(t, e)
		var lead any
		if x, ok := s["lead_time_seconds"].(float64); ok {
			lead = int64(x)
		}
		if d := cmp.Diff(row, []any{e["change_id"], s["is_counted"], s["exclusion_reason"], s["deployment_id"], lead}); d != "" {
			t.Errorf("%s (-mart +explained)\n%s", id, d)
		}
	}
	row := p.query(`select change_id, merge_sha, lead_time_seconds from fct_changes where is_counted and kind = 'pull_request' and repository = 'acme/api' order by change_id limit 1`)[0]
	text := p.run("explain", "change", row[0].(string))
	if !strings.Contains(text, fmt.Sprintf("lead time %d s (", row[2])) || !strings.Contains(text, "(C1, C7)") {
		t.Errorf("%v:\n%s", row, text)
	}
	for _, name := range []string{strings.ToUpper(row[0].(string)), "https://github.com/" + strings.Replace(row[0].(string), "#", "/pull/", 1), row[1].(string)[:10]} {
		if d := cmp.Diff(strings.Split(text, "\n")[0], strings.Split(p.run("explain", "change", name), "\n")[0]); d != "" {
			t.Errorf("by %s:\n%s", name, d)
		}
	}
	p.fails(1, "not in the published marts", "explain", "change", "acme/api#999")
}

func (p *proposing) explainsLinks(t *testing.T) {
	for _, row := range p.query(`select i.reference, count(l.deployment_id), count(case when l.role = 'cause' then 1 end)
from fct_incidents as i left join fct_incident_deployments as l using (incident_id) group by i.reference`) {
		e := p.explained(t, "incident", row[0].(string))
		links, unlinked := e["deployments"].([]any), e["unlinked"].([]any)
		if int64(len(links)) != row[1].(int64) || (row[2].(int64) == 0) != (len(unlinked) >= 3) {
			t.Errorf("%v: %d links, %d reasons to have none", row, len(links), len(unlinked))
		}
	}
}

func TestInitWithARefusedKeyWritesTheFileAndSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	p := newProposing(t)
	o := p.with("GITHUB_TOKEN=wrong-token-12345").try(p.init()...)
	if o.code != 3 || !strings.Contains(o.stderr, "401") || strings.Contains(o.stderr+o.stdout, "wrong-token") || !strings.Contains(o.stdout, "Wrote fourfold.yaml") {
		t.Errorf("exit %d\n%s%s", o.code, o.stdout, o.stderr)
	}
	if text := p.file(t); !strings.Contains(text, "GitHub could not be asked") || strings.Contains(text, "wrong-token") {
		t.Errorf("the file does not say so:\n%s", text)
	}
	p.run("sync") // from incident.io
}

func TestInitAsksNobodyForAFileThatIsThereOrOffline(t *testing.T) {
	t.Parallel()
	p := newProposing(t)
	p.configure("mine: true\n")
	p.fails(2, "is there already", p.init()...)
	if text := p.file(t); text != "mine: true\n" {
		t.Errorf("it was written over: %s", text)
	}
	for _, flags := range [][]string{{"--incidentio-url", "nonsense"}, {"--github-url", "ftp://x"}, {"--github-git-url", "https://a:b@x/"}, {"--github-graphql-url", "https://x/?a"}} {
		p.fails(2, flags[0], append([]string{"init", "--force"}, flags...)...)
	}
	p.run(p.init("--offline", "--force")...)
	if n := len(p.incidents.Requests()) + len(p.code.Requests()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	p.run("status")
}
