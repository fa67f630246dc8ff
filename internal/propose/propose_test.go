package propose

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/internal/config"
	fakegithub "fourfold/internal/fake/github"
	fakeincidentio "fourfold/internal/fake/incidentio"
)

var update = flag.Bool("update", false, "write the golden files")

// world is an organisation that both APIs show.
type world struct {
	account   *fakeincidentio.Organisation
	incidents *fakeincidentio.Server
	code      *fakegithub.Server
	options   Options
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return serve(t, fakeincidentio.Small(), fakegithub.Small())
}

func serve(t *testing.T, incidents *fakeincidentio.Organisation, code *fakegithub.Organisation) *world {
	t.Helper()
	w := &world{account: incidents, incidents: fakeincidentio.NewServer(incidents), code: fakegithub.NewServer(code)}
	a, stop := w.incidents.Start()
	t.Cleanup(stop)
	b, stop := w.code.Start()
	t.Cleanup(stop)
	w.options = Options{
		IncidentioKey: fakeincidentio.DefaultKey, GitHubToken: fakegithub.DefaultToken, IncidentioURL: a, APIURL: b + "/",
		Today: time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC),
	}
	return w
}

func (w *world) propose(t *testing.T) *Proposal {
	t.Helper()
	p, err := Make(t.Context(), w.options)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var afterAddress = regexp.MustCompile(`(\.test[^ ]*) +# `)

// masked is the file with the addresses of the servers written as they are in every run.
func (w *world) masked(p *Proposal) string {
	text := strings.NewReplacer(w.options.IncidentioURL, "http://incidents.test", strings.TrimSuffix(w.options.APIURL, "/"), "http://code.test").Replace(string(p.File))
	return afterAddress.ReplaceAllString(text, "$1  # ")
}

// load reads a proposal as the program does; both keys are set.
func load(t *testing.T, p *Proposal) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fourfold.yaml")
	if err := os.WriteFile(path, p.File, 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path, func(name string) (string, bool) {
		return "secret", name == "INCIDENT_IO_API_KEY" || name == "GITHUB_TOKEN"
	})
	if err != nil {
		t.Fatalf("the proposal does not load: %v\n%s", err, p.File)
	}
	if err := cfg.Use(append(cfg.SourceParts(), config.UseWarehouse, config.UsePrivacy)...); err != nil {
		t.Fatalf("the proposal cannot be used: %v", err)
	}
	return cfg
}

func TestAFirstConfigurationIsProposedFromBothAndLoadsAsItIs(t *testing.T) {
	w := newWorld(t)
	w.account.Edit(func(o *fakeincidentio.Organisation) {
		o.Timestamps[0].Name = "Impact start time"
		o.CustomFields = append(o.CustomFields, &fakeincidentio.CustomField{
			Definition: fakeincidentio.Definition{ID: "01HZX40000CAVSEDBY00000000", Name: "Caused by"}, FieldType: "text",
		})
		types := o.CatalogTypes[0]
		types.Attributes = []fakeincidentio.CatalogAttribute{{ID: "01HZX40000ATTR0000000000001", Name: "Owning team", Type: "String"}}
		types.Entries[0].Values = map[string]string{"01HZX40000ATTR0000000000001": "Payments"}
	})
	p := w.propose(t)
	got := w.masked(p)
	if *update {
		if err := os.WriteFile("testdata/both.yaml", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/both.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	cfg := load(t, p)
	type service struct {
		Team   string
		Values map[string][]string
	}
	services := map[string]service{}
	for _, s := range cfg.Services {
		services[s.Name] = service{s.Team, s.IncidentValues}
		if len(s.Deployments) != 1 || len(s.Deployments[0].Environment) != 1 || s.Deployments[0].Environment[0] != "production" {
			t.Errorf("deployments of %s: %+v", s.Name, s.Deployments)
		}
	}
	if d := cmp.Diff(map[string]service{
		"api":    {"Payments", map[string][]string{"Affected services": {"api"}, "Product": {"api"}}},
		"web":    {"", map[string][]string{"Affected services": {"web"}, "Product": {"web"}}},
		"search": {"", map[string][]string{"Affected services": {"search"}}},
	}, services); d != "" {
		t.Errorf("services (-want +got)\n%s", d)
	}
	gh := cfg.Sources.GitHub
	if len(gh.Repositories) != 2 || gh.Repositories[0].Name != "acme/api" || gh.Repositories[1].Name != "acme/web" {
		t.Errorf("repositories: %+v", gh.Repositories)
	}
	if string(gh.APIURL) != w.options.APIURL || string(gh.GraphQLURL) != w.options.APIURL+"graphql" || string(gh.GitURL) != w.options.APIURL {
		t.Errorf("addresses: %s %s %s", gh.APIURL, gh.GraphQLURL, gh.GitURL)
	}
	if got := cfg.Metrics; got.CauseField != "Caused by" || got.Restore.Start[0] != "Impact start time" || len(got.Restore.Start) != 3 {
		t.Errorf("metrics: %+v", got)
	}
	if len(p.Failed) != 0 || len(p.Found) != 2 {
		t.Errorf("failed %v, found %v", p.Failed, p.Found)
	}
	for _, key := range []string{fakeincidentio.DefaultKey, fakegithub.DefaultToken} {
		if strings.Contains(string(p.File), key) {
			t.Error("a key is in the file")
		}
	}
}

func TestFewRequestsAreMadeAndTheirNumberIsSaid(t *testing.T) {
	w := newWorld(t)
	p := w.propose(t)
	incidents, code := 0, len(w.code.Requests())
	for path, n := range w.incidents.Counts() {
		incidents += n
		if strings.Contains(path, "/incidents") {
			t.Errorf("%s was asked for", path)
		}
	}
	if incidents != 8 || code != 2 {
		t.Errorf("%d requests to incident.io, %d to GitHub: %v", incidents, code, w.incidents.Counts())
	}
	if all := strings.Join(p.Found, "\n"); !strings.Contains(all, "incident.io, asked 8 times") || !strings.Contains(all, "GitHub, asked 2 times") {
		t.Errorf("it says %q", all)
	}
}

func TestWithoutKeysTheExampleIsGivenAsItIs(t *testing.T) {
	p, err := Make(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(config.Example()), string(p.File)); d != "" || len(p.Found)+len(p.Failed) != 0 {
		t.Errorf("%v %v (-example +got)\n%s", p.Found, p.Failed, d)
	}
}

func TestOneKeyAloneProposesWhatItShows(t *testing.T) {
	w := newWorld(t)
	w.options.GitHubToken = ""
	cfg := load(t, w.propose(t))
	if cfg.Sources.GitHub != nil || cfg.Sources.Incidentio == nil || len(cfg.Services) != 3 {
		t.Errorf("incident.io alone: %+v", cfg.Services)
	}
	if string(cfg.Sources.Incidentio.BaseURL) != w.options.IncidentioURL {
		t.Errorf("base_url %s", cfg.Sources.Incidentio.BaseURL)
	}
	w = newWorld(t)
	w.options.IncidentioKey = ""
	cfg = load(t, w.propose(t))
	if cfg.Sources.GitHub == nil || cfg.Sources.Incidentio != nil || len(cfg.Services) != 2 {
		t.Errorf("GitHub alone: %+v", cfg.Services)
	}
}

func TestAKeyThatIsRefusedLeavesTheExampleAndSaysSo(t *testing.T) {
	w := newWorld(t)
	w.options.IncidentioKey, w.options.GitHubToken = "wrong-key-1234567", "wrong-token-1234567"
	p := w.propose(t)
	cfg := load(t, p)
	if cfg.Sources.Incidentio == nil || cfg.Sources.GitHub != nil || len(cfg.Services) != 0 {
		t.Errorf("%+v", cfg.Sources)
	}
	if len(p.Failed) != 2 || !strings.Contains(p.Failed[0].Error(), "401") || !strings.Contains(p.Failed[1].Error(), "401") {
		t.Errorf("failed: %v", p.Failed)
	}
	for _, want := range []string{"incident.io could not be asked", "GitHub could not be asked", "401 Unauthorized"} {
		if !strings.Contains(string(p.File), want) {
			t.Errorf("the file lacks %q", want)
		}
	}
	if strings.Contains(string(p.File), "wrong-") {
		t.Error("a key is in the file")
	}
}

func TestOneRefusedKeyDoesNotTakeTheOthersProposals(t *testing.T) {
	w := newWorld(t)
	w.options.IncidentioKey = "wrong-key-1234567"
	p := w.propose(t)
	cfg := load(t, p)
	if len(p.Failed) != 1 || len(p.Found) != 1 || cfg.Sources.GitHub == nil || len(cfg.Services) != 2 || cfg.Sources.Incidentio == nil {
		t.Errorf("failed %v, found %v, services %+v", p.Failed, p.Found, cfg.Services)
	}
}

func TestWhatAKeyMayNotReadIsPassedOverAndSaid(t *testing.T) {
	w := newWorld(t)
	w.code.RestrictToken("fourfold", []fakegithub.Grant{{Repositories: []string{"acme/*"}, Permissions: []string{"contents"}}})
	p := w.propose(t)
	cfg := load(t, p)
	// acme/web is public; the deployments of the others may not be read.
	if gh := cfg.Sources.GitHub; len(gh.Repositories) != 1 || gh.Repositories[0].Name != "acme/web" {
		t.Errorf("repositories %+v", gh.Repositories)
	}
	if !strings.Contains(string(p.File), "deployments: read") || !strings.Contains(p.Found[1], "could not be read") {
		t.Errorf("it does not say which permission is lacking: %v", p.Found)
	}
}

func TestOwnersBoundWhatIsLookedAt(t *testing.T) {
	w := newWorld(t)
	w.options.Owners = []string{"ben"}
	p := w.propose(t)
	if cfg := load(t, p); cfg.Sources.GitHub != nil || !strings.Contains(string(p.File), "no repository with deployments was seen") {
		t.Errorf("ben's fork is no repository to read: %+v", cfg.Sources.GitHub)
	}
	w.options.Owners = []string{"acme"}
	if cfg := load(t, w.propose(t)); len(cfg.Sources.GitHub.Repositories) != 2 {
		t.Errorf("acme: %+v", cfg.Sources.GitHub)
	}
	w.options.Owners = []string{"nobody"}
	if p := w.propose(t); len(p.Failed) != 1 || !strings.Contains(p.Failed[0].Error(), "nobody") {
		t.Errorf("an owner who is not there: %v", p.Failed)
	}
}

func TestManyRepositoriesBecomeAPatternAndNearNamesGuesses(t *testing.T) {
	w := serve(t, fakeincidentio.Small(), fleet())
	w.account.Edit(func(o *fakeincidentio.Organisation) {
		o.CustomFields[0].Options[0].Value = "Service 3"
		o.CustomFields[0].Options[1].Value = "svc11 service"
	})
	p := w.propose(t)
	cfg := load(t, p)
	if gh := cfg.Sources.GitHub; len(gh.Repositories) != 1 || gh.Repositories[0].Name != "acme/*" {
		t.Errorf("repositories %+v", gh.Repositories)
	}
	x := cfg.ServiceIndex()
	if s, ok := x.ByIncidentValue("Affected services", "svc11 service"); !ok || s != "svc11" || !strings.Contains(string(p.File), "is a guess") {
		t.Errorf("svc11 service is of %q, %v", s, ok)
	}
	s, _ := x.Service("svc1")
	if len(s.Deployments[0].Environment) != 1 || s.Deployments[0].Environment[0] != "prod-*" {
		t.Errorf("environments %+v", s.Deployments)
	}
}

// fleet is an organisation of twelve repositories that deploy to two regions.
func fleet() *fakegithub.Organisation {
	o := fakegithub.NewOrganisation("acme")
	at := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	for k := range 12 {
		r := o.AddRepository(fakegithub.RepositorySpec{Name: "svc" + string(rune('0'+k/10)) + string(rune('0'+k%10)), CreatedAt: at})
		if k < 10 {
			r.Name = "svc" + string(rune('0'+k))
		}
		r.Branch("main", r.Commit(fakegithub.CommitSpec{Message: "Begin", AuthoredAt: at, CommittedAt: at}))
		for _, environment := range []string{"prod-eu", "prod-us", "staging", "preview-1", "preview-2"} {
			r.AddDeployment(fakegithub.DeploymentSpec{Ref: "main", Environment: environment, CreatedAt: at}).AddStatus(fakegithub.StatusSpec{State: "success", At: at})
		}
	}
	return o
}

func TestNamesFromAfarCanDoNoHarm(t *testing.T) {
	hostile := []string{
		`"`, `'`, `a: b`, `- a`, `#x`, "a\nservices: []", "${HOME}", "$${HOME}", "$$${X}", "${file:/etc/passwd}", `{a}`, `[b]`, `*x`, `&y`, `!z`, "null", "true", "1", "~",
		"\x1b[31m", "\u2028", "日本語", "😀", "a\tb", " lead", "trail ", "%", "@", "`", "|", ">", "?", "", "  ", strings.Repeat("x", 3000), "a\u202eb", "\x7f", "no", "A", "a",
	}
	incidents := fakeincidentio.Small()
	incidents.Edit(func(o *fakeincidentio.Organisation) {
		o.CustomFields[0].Name = "Affected services: ${HOME} \"x\"\n#"
		o.CustomFields[0].Options = nil
		for k, h := range hostile {
			id := fakeincidentio.ID(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), uint64(k))
			o.CustomFields[0].Options = append(o.CustomFields[0].Options, &fakeincidentio.FieldOption{ID: id, Value: h, SortKey: k})
			o.Severities = append(o.Severities, &fakeincidentio.Severity{Definition: fakeincidentio.Definition{ID: id, Name: h}, Rank: k})
			o.Timestamps = append(o.Timestamps, &fakeincidentio.Timestamp{ID: id, Name: h + " fixed " + h, Rank: k})
			o.CatalogTypes[0].Entries = append(o.CatalogTypes[0].Entries, &fakeincidentio.CatalogEntry{ID: id, Name: h})
			o.CustomFields = append(o.CustomFields, &fakeincidentio.CustomField{Definition: fakeincidentio.Definition{ID: id, Name: h + " caused by"}, FieldType: "text"})
		}
	})
	code := fakegithub.Small()
	code.Edit(func(o *fakegithub.Organisation) {
		r := o.Repository("acme/api")
		for _, h := range hostile {
			if strings.TrimSpace(h) != "" {
				r.AddDeployment(fakegithub.DeploymentSpec{Ref: "main", Environment: "prod " + h, CreatedAt: time.Date(2026, 10, 19, 9, 0, 0, 0, time.UTC)})
			}
		}
	})
	w := serve(t, incidents, code)
	cfg := load(t, w.propose(t))
	x := cfg.ServiceIndex()
	for _, h := range hostile {
		if strings.TrimSpace(h) == "" {
			continue
		}
		if _, ok := x.ByIncidentValue("Affected services: ${HOME} \"x\"\n#", h); !ok {
			t.Errorf("%q names no service", h)
		}
	}
	if len(cfg.Services) > most {
		t.Errorf("%d services", len(cfg.Services))
	}
}

func TestAnInterruptedProposalGivesNothing(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p, err := Make(ctx, w.options); !errors.Is(err, context.Canceled) || p != nil {
		t.Errorf("%v, %v", p, err)
	}
}

func TestListsThatTheKeyMayNotReadAreLeftOut(t *testing.T) {
	w := newWorld(t)
	server := fakeincidentio.NewServer(w.account, fakeincidentio.WithKeys(fakeincidentio.Key{
		Name: "weak", Secret: "weak-key-123456", Without: []string{"severities.view", "catalog_types.view"},
	}))
	url, stop := server.Start()
	t.Cleanup(stop)
	w.options.IncidentioURL, w.options.IncidentioKey = url, "weak-key-123456"
	p := w.propose(t)
	cfg := load(t, p)
	if len(p.Failed) != 0 || len(cfg.Services) != 3 || !strings.Contains(string(p.File), "severities.view") || !strings.Contains(string(p.File), "catalog_types.view") || !strings.Contains(string(p.File), "private incidents are not shown") {
		t.Errorf("failed %v, services %+v", p.Failed, cfg.Services)
	}
	for _, s := range cfg.Services {
		if _, ok := s.IncidentValues["Product"]; ok {
			t.Errorf("%s has values of a catalog that was not read", s.Name)
		}
	}
}
