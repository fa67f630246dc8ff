package github

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

func isKind(err, kind error) bool { return errors.Is(err, kind) }

// live lists the names of the repositories that are live.
func (w *world) live() []string {
	var out []string
	for _, v := range w.table(transform.GithubRepositories) {
		out = append(out, v.columns["name"])
	}
	slices.Sort(out)
	return out
}

func (w *world) wantLive(names ...string) {
	w.t.Helper()
	if diff := cmp.Diff(names, w.live()); diff != "" {
		w.t.Errorf("repositories (-want +live):\n%s", diff)
	}
}

func TestNamesAndPatternsSayWhatIsRead(t *testing.T) {
	small := func() *fake.Organisation {
		o := fake.Small()
		o.Repository("ben/api").Visibility = "public"
		return o
	}
	for name, c := range map[string]struct {
		entries []Repository
		want    []string
	}{
		"a pattern leaves out archived ones": {[]Repository{{Name: "acme/*"}}, []string{"acme/api", "acme/empty", "acme/web"}},
		"unless it says otherwise":           {[]Repository{{Name: "acme/*", Archived: true}}, []string{"acme/api", "acme/empty", "acme/old", "acme/web"}},
		"without what it excludes":           {[]Repository{{Name: "acme/*", Exclude: []string{"E*", "web"}}}, []string{"acme/api"}},
		"a name is read though archived":     {[]Repository{{Name: "acme/old", Archived: true}}, []string{"acme/old"}},
		"once if named twice":                {[]Repository{{Name: "Acme/API"}, {Name: "acme/a*"}}, []string{"acme/api"}},
		"a user's":                           {[]Repository{{Name: "ben/*", Forks: true}}, []string{"ben/api"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, small(), nil, nil, func(o *Options) { o.Repositories = c.entries })
			w.mustRun()
			w.wantLive(c.want...)
		})
	}
	w := newWorld(t, small(), nil, nil, func(o *Options) {
		o.Repositories = []Repository{{Name: "ben/*"}, {Name: "acme/x-*"}, {Name: "acme/web"}}
	})
	w.run()
	w.wantLive("acme/web")
	w.failed("repositories", extract.ErrPartial, "ben/*", "1 forks", "acme/x-*", "matches none of the 4 repositories of acme")
}

func TestARepositoryThatIsGoneIsNamedAndTheOthersLand(t *testing.T) {
	w := newWorld(t, fake.Small(), []string{"acme/nothing", "acme/web", "acme/api", "nobody/*"}, nil)
	w.run()
	w.failed("repositories", extract.ErrPartial, "acme/nothing", "404", "nobody/*", "may not see it")
	if len(w.errs) != 1 {
		t.Errorf("it is said by every stream: %v", w.errs)
	}
	w.wantLive("acme/api", "acme/web")
	w.only = []string{"pull_requests"} // read alone, it says so itself
	w.clock.Advance(time.Hour)
	w.run()
	w.failed("pull_requests", extract.ErrPartial, "acme/nothing")
	w.names("acme/nothing")
	w.only = ours
	w.clock.Advance(time.Hour)
	w.run()
	for _, stream := range ours {
		w.failed(stream, nil, "acme/nothing")
		if isKind(w.errs[stream], extract.ErrPartial) {
			t.Errorf("%s: nothing was read, and it says partly: %v", stream, w.errs[stream])
		}
	}
	w.names("acme/api", "acme/web")
	if len(w.deploymentsOf("acme/web")) == 0 || w.pullByNumber(1) == nil {
		t.Error("what could be read did not land")
	}
}

func TestANewNameIsFollowedAndTheIdStays(t *testing.T) {
	w := newWorld(t, fake.Small(), []string{"acme/api"}, nil)
	w.mustRun()
	before := slices.Sorted(maps.Keys(w.table(transform.GithubDeployments)))
	w.edit(func(o *fake.Organisation) {
		r := o.Repository("acme/api")
		o.Rename(r, "core", w.clock.Now())
		r.AddDeployment(fake.DeploymentSpec{Ref: "main", CreatedAt: w.clock.Now()})
	})
	w.clock.Advance(time.Hour)
	w.run()
	w.failed("repositories", extract.ErrPartial, "acme/api", "renamed to acme/core")
	w.wantLive("acme/core")
	after := slices.Sorted(maps.Keys(w.table(transform.GithubDeployments)))
	if len(after) != len(before)+1 || len(w.table(transform.GithubRepositories)) != 1 {
		t.Errorf("deployments %v became %v", before, after)
	}
	for _, v := range w.table(transform.GithubRepositories) {
		if !strings.Contains(v.columns["payload"], `"configured_name":"acme/api"`) {
			t.Errorf("the entry that found it is not in %s", v.columns["payload"])
		}
	}
}

func TestNamedRepositoriesThatAreEmptyOrArchivedAreReadAndSaid(t *testing.T) {
	w := newWorld(t, fake.Small(), nil, nil, func(o *Options) {
		o.Repositories = []Repository{{Name: "acme/empty"}, {Name: "acme/old"}, {Name: "acme/web"}}
	})
	w.run()
	w.failed("repositories", extract.ErrPartial, "acme/old", "archived: true")
	w.wantLive("acme/empty", "acme/old", "acme/web")
	known := newWorld(t, fake.Small(), nil, nil, func(o *Options) {
		o.Repositories = []Repository{{Name: "acme/old", Archived: true}, {Name: "acme/e*"}}
	})
	known.mustRun()
	known.wantLive("acme/empty", "acme/old")
}

func TestATokenWithoutAPermissionSaysWhichAndWhere(t *testing.T) {
	limited := func(permissions ...string) []fake.Option {
		return []fake.Option{fake.WithTokens(fake.Token{Name: "t", Secret: fake.DefaultToken, Grants: []fake.Grant{
			{Repositories: []string{"acme/api"}, Permissions: permissions}, {Repositories: []string{"acme/old"}, Permissions: []string{"deployments", "pull_requests", "contents"}},
		}})}
	}
	w := newWorld(t, fake.Small(), []string{"acme/api", "acme/old", "acme/empty"}, limited("pull_requests", "contents"))
	w.run()
	w.failed("deployments", extract.ErrForbidden, "acme/api", "deployments: read")
	w.failed("deployments", extract.ErrPartial)
	w.failed("repositories", extract.ErrPartial, "acme/empty", "404") // not visible
	if w.pullByNumber(1) == nil {
		t.Error("the pull requests did not land")
	}
	w = newWorld(t, fake.Small(), []string{"acme/api", "acme/old"}, limited("deployments"))
	w.run()
	w.failed("pull_requests", extract.ErrForbidden, "acme/api", "pull requests: read")
	if w.errs["deployments"] != nil || len(w.deploymentsOf("acme/api")) == 0 {
		t.Errorf("deployments: %v", w.errs["deployments"])
	}
	w = newWorld(t, fake.Small(), []string{"acme/api", "acme/old"}, limited("pull_requests"))
	w.run()
	w.failed("pull_requests", extract.ErrForbidden, "acme/api", "contents: read")
	// None at all: a failure of the stream all the same, never passed over.
	w = newWorld(t, fake.Small(), []string{"acme/api"}, limited("contents"))
	w.run()
	w.failed("deployments", extract.ErrPartial, "acme/api")
	w.failed("pull_requests", extract.ErrPartial, "acme/api")
}

func TestAWrongTokenIsSaidOnce(t *testing.T) {
	w := newWorld(t, fake.Small(), nil, nil, func(o *Options) { o.Token = func() (string, error) { return "github_pat_wrong_token_1234", nil } })
	w.run()
	w.failed("repositories", extract.ErrUnauthorized, "401", "sources.github.token")
	if isKind(w.errs["repositories"], extract.ErrPartial) {
		t.Error("a wrong token is no partial failure")
	}
	if strings.Contains(w.errs["repositories"].Error(), "github_pat_wrong") {
		t.Errorf("the token is in %v", w.errs["repositories"])
	}
	w = newWorld(t, fake.Small(), nil, nil, func(o *Options) { o.Token = func() (string, error) { return " ", nil } })
	w.run()
	w.failed("repositories", nil, "sources.github.token is empty")
}

// pemKey makes an app's private key, and its text.
func pemKey(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func asApp(id, installation int64, text string) func(*Options) {
	return func(o *Options) {
		o.Token, o.App = nil, &App{ID: id, InstallationID: installation, PrivateKey: func() (string, error) { return text, nil }}
	}
}

func TestAnAppReadsWhatItIsInstalledOn(t *testing.T) {
	key, text := pemKey(t)
	// The library signs by the machine's clock.
	server := []fake.Option{fake.WithClock(time.Now), fake.WithApp(fake.App{ID: 12, InstallationID: 34, PublicKey: &key.PublicKey, Grants: []fake.Grant{
		{Repositories: []string{"acme/api", "acme/web"}, Permissions: []string{"deployments", "pull_requests", "contents"}},
	}})}
	w := newWorld(t, fake.Small(), []string{"acme/*"}, server, asApp(12, 34, text))
	w.mustRun()
	w.wantLive("acme/api", "acme/web")
	token, err := w.source.Credential(t.Context())
	if err != nil || !strings.HasPrefix(token, "ghs_") {
		t.Errorf("credential %q, %v", token, err)
	}
	if got := w.source.opts.Redactor.String("a " + token); strings.Contains(got, token) {
		t.Error("the token is not kept out of texts")
	}
	tokens := w.server.Counts()["POST /app/installations/{installation_id}/access_tokens"]
	if tokens != 1 {
		t.Errorf("%d tokens were made", tokens)
	}
}

func TestAnAppReadsWhatItsTokenSeesWhereTheServerDoesNotListInstallations(t *testing.T) {
	key, text := pemKey(t)
	server := []fake.Option{fake.WithClock(time.Now), fake.WithApp(fake.App{ID: 12, InstallationID: 34, PublicKey: &key.PublicKey, Grants: []fake.Grant{
		{Repositories: []string{"acme/api", "acme/web"}, Permissions: []string{"deployments", "pull_requests", "contents"}},
	}})}
	w := newWorld(t, fake.Small(), []string{"acme/*"}, server, asApp(12, 34, text))
	w.server.Inject(fake.On{Path: "/installation/repositories", Times: -1}, fake.Answer(404, "Not Found"))
	w.mustRun()
	w.wantLive("acme/api", "acme/web")
}

func TestAnAppThatIsNotRightSaysWhatToCheck(t *testing.T) {
	key, text := pemKey(t)
	_, other := pemKey(t)
	server := []fake.Option{fake.WithClock(time.Now), fake.WithApp(fake.App{ID: 12, InstallationID: 34, PublicKey: &key.PublicKey})}
	for name, c := range map[string]struct {
		app  func(*Options)
		want string
	}{
		"another key":          {asApp(12, 34, other), "id and private_key must be of the same app"},
		"another installation": {asApp(12, 35, text), "installation_id"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fake.Small(), nil, server, c.app)
			w.run()
			w.failed("repositories", nil, c.want, "app 12")
		})
	}
	for name, c := range map[string]struct{ key, want string }{
		"empty": {"", "it is empty"}, "no PEM": {"MIIEpAIBAAKCAQEA1234", "does not begin with -----BEGIN"},
		"not a key": {"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "no RSA key"},
	} {
		o := Options{}
		asApp(12, 34, c.key)(&o)
		_, err := New(o)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.key != "" && strings.Contains(err.Error(), "AAAA") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
