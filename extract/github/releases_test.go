package github

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

// allNeed wants the releases and some workflows of every repository.
func allNeed(o *Options) {
	n := Needs{Releases: true, Workflows: []string{"deploy.yml"}}
	o.Needs, o.Wanted = func(string, string) Needs { return n }, n
}

// withReleases reads releases only, of an organisation that has n of them in acme/big.
func withReleases(t *testing.T, n int, server []fake.Option, change ...func(*Options)) (*world, *fake.Repository) {
	t.Helper()
	org := crowd(1, 0)
	r := org.Repository("acme/big")
	for k := range n {
		addRelease(r, k, beginning.Add(-time.Duration(n-k)*time.Hour))
	}
	w := newWorld(t, org, []string{"acme/big"}, server, append([]func(*Options){allNeed}, change...)...)
	w.only = []string{"repositories", "releases"}
	return w, r
}

func addRelease(r *fake.Repository, k int, at time.Time) *fake.Release {
	return r.AddRelease(fake.Release{TagName: fmt.Sprint("v", k), Name: fmt.Sprint("Release ", k), Description: "What is new", CreatedAt: at})
}

func (w *world) releaseTags() []string {
	var out []string
	for _, v := range w.table(transform.GithubReleases) {
		out = append(out, v.columns["tag_name"])
	}
	slices.Sort(out)
	return out
}

func TestWhatLandsOfAReleaseIsWhatIsPublished(t *testing.T) {
	w := newWorld(t, fake.Small(), []string{"acme/api"}, []fake.Option{fake.WithDrafts()}, allNeed)
	w.only = []string{"releases"}
	w.memory.policy.People = "include"
	w.mustRun()
	api := w.org.Repository("acme/api")
	if diff := cmp.Diff([]string{"v1.0.0", "v1.1.0"}, w.releaseTags()); diff != "" { // v2.0.0 is a draft
		t.Fatal(diff)
	}
	x := api.Releases[1]
	got := w.table(transform.GithubReleases)[fmt.Sprint(x.ID)].columns
	for column, want := range map[string]string{
		"repository_id": fmt.Sprint(api.ID), "repository": "acme/api", "tag_name": "v1.1.0", "name": "1.1.0", "target_commitish": "main", "is_prerelease": "false",
		"author": "ann", "created_at": x.CreatedAt.Format(time.RFC3339Nano), "published_at": x.PublishedAt.Format(time.RFC3339Nano),
		"web_url": "https://github.com/acme/api/releases/tag/v1.1.0",
	} {
		if got[column] != want {
			t.Errorf("%s is %q, want %q", column, got[column], want)
		}
	}
	for _, word := range []string{"Faster.", `"assets"`, `"reactions"`} {
		if strings.Contains(got["payload"], word) {
			t.Errorf("the payload has %s: %s", word, got["payload"])
		}
	}
	w.memory.policy.People = "hash"
	w.full = true
	w.clock.Advance(time.Hour)
	w.mustRun()
	if author := w.table(transform.GithubReleases)[fmt.Sprint(x.ID)].columns["author"]; !strings.HasPrefix(author, "person-") {
		t.Errorf("the author is %q although people are hashed", author)
	}
}

func TestAReleaseThatChangesAtAnyAgeIsReadAgainInTheNextRound(t *testing.T) {
	var w *world
	var r *fake.Repository
	for name, change := range map[string]func(){
		"published": func() { addRelease(r, 1000, w.clock.Now().Add(-time.Minute)) },
		"published of an old commit": func() {
			r.AddRelease(fake.Release{TagName: "old", CreatedAt: beginning.AddDate(-1, 0, 0), PublishedAt: w.clock.Now().Add(-time.Minute)})
		},
		"published late": func() {
			x := r.Releases[3]
			x.Draft, x.PublishedAt = false, w.clock.Now()
		},
		"renamed":                     func() { r.Releases[40].Name, r.Releases[40].UpdatedAt = "Another", w.clock.Now() },
		"another tag":                 func() { r.Releases[5].TagName = "v5-final" },
		"a prerelease":                func() { r.Releases[6].Prerelease = true },
		"made a draft":                func() { r.Releases[7].Draft, r.Releases[7].PublishedAt = true, time.Time{} },
		"made a draft, its date kept": func() { r.Releases[8].Draft = true },
		"deleted":                     func() { r.DeleteRelease(r.Releases[120].ID) },
		"the first one":               func() { r.DeleteRelease(r.Releases[0].ID) },
		"one of a page's edge": func() {
			r.DeleteRelease(r.Releases[100].ID)
			r.DeleteRelease(r.Releases[99].ID)
		},
		"one for another": func() {
			r.DeleteRelease(r.Releases[50].ID)
			addRelease(r, 1001, beginning.AddDate(0, -5, 0))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, r = withReleases(t, 230, []fake.Option{fake.WithDrafts()})
			r.Releases[3].Draft, r.Releases[3].PublishedAt = true, time.Time{}
			w.mustRun()
			before := w.releaseTags()
			w.clock.Advance(15 * time.Minute)
			w.mustRun()
			if w.pages["releases"] != 0 {
				t.Errorf("%d pages of what did not change", w.pages["releases"])
			}
			w.edit(func(*fake.Organisation) { change() })
			w.clock.Advance(15 * time.Minute)
			w.mustRun()
			w.compare("after the change")
			if w.pages["releases"] != 1 || name != "renamed" && name != "a prerelease" && slices.Equal(before, w.releaseTags()) {
				t.Errorf("nothing changed: %d pages", w.pages["releases"])
			}
			w.clock.Advance(15 * time.Minute)
			w.mustRun()
			if w.pages["releases"] != 0 {
				t.Errorf("%d pages of what did not change after it", w.pages["releases"])
			}
		})
	}
}

func TestADraftThatIsEditedCostsNoList(t *testing.T) {
	w, r := withReleases(t, 20, []fake.Option{fake.WithDrafts()})
	r.Releases[3].Draft, r.Releases[3].PublishedAt = true, time.Time{}
	w.mustRun()
	w.spent()
	w.edit(func(*fake.Organisation) { r.Releases[3].Name = "Still being written" })
	w.clock.Advance(time.Hour)
	w.mustRun()
	if rest, graph := w.spent(); rest != 1 || graph != 1 {
		t.Errorf("%d + %d points, want the repository's and the question's", rest, graph)
	}
}

func TestReleasesAreReadInTheScopeAndWhatLandedBeforeItStays(t *testing.T) {
	w, r := withReleases(t, 10, nil)
	w.since = r.Releases[6].PublishedAt
	w.mustRun()
	if diff := cmp.Diff([]string{"v6", "v7", "v8", "v9"}, w.releaseTags()); diff != "" {
		t.Error(diff)
	}
	w.since = r.Releases[4].PublishedAt // wider
	w.clock.Advance(time.Hour)
	w.mustRun()
	if n := len(w.releaseTags()); n != 6 {
		t.Errorf("%d releases of a wider scope, want 6", n)
	}
	for _, full := range []bool{false, true} { // narrower: what has landed stays, changes and goes
		w.full, w.since = full, r.Releases[8].PublishedAt
		w.edit(func(*fake.Organisation) { r.Releases[4].Name += "!" })
		w.clock.Advance(time.Hour)
		w.mustRun()
		if got := w.table(transform.GithubReleases)[fmt.Sprint(r.Releases[4].ID)].columns["name"]; len(w.releaseTags()) != 6 || got != r.Releases[4].Name {
			t.Errorf("full %t: %v, the fourth is %q", full, w.releaseTags(), got)
		}
	}
	w.edit(func(*fake.Organisation) { r.DeleteRelease(r.Releases[4].ID) })
	w.clock.Advance(time.Hour)
	w.mustRun()
	if len(w.releaseTags()) != 5 {
		t.Errorf("one that landed before the scope and is deleted stays: %v", w.releaseTags())
	}
}

// REST may lag behind GraphQL. What it says of the state before must not be taken for the new one.
func TestAListThatLagsIsReadAgainInTheNextRound(t *testing.T) {
	w, r := withReleases(t, 5, nil)
	w.mustRun()
	w.edit(func(*fake.Organisation) { addRelease(r, 6, w.clock.Now()) })
	w.server.Inject(fake.On{Path: "/repos/acme/big/releases"}, fake.Edit(func(answer any) any { return answer.([]any)[1:3] }))
	w.clock.Advance(time.Hour)
	w.mustRun()
	if len(w.releaseTags()) != 2 {
		t.Fatalf("the list that lags has landed as %v", w.releaseTags())
	}
	w.clock.Advance(time.Minute)
	w.mustRun()
	w.compare("after a list that lagged")
}

func TestWhereGraphQLCannotBeAskedEveryRoundReadsTheList(t *testing.T) {
	w, r := withReleases(t, 5, nil)
	w.server.Inject(fake.On{Path: "/graphql", Contains: "releases(", Times: -1}, fake.GraphErrors(map[string]any{
		"message": "Field 'releases' doesn't exist on type 'Repository'", "extensions": map[string]any{"code": "undefinedField", "fieldName": "releases"},
	}))
	for range 2 {
		w.edit(func(*fake.Organisation) { addRelease(r, len(r.Releases), w.clock.Now()) })
		w.clock.Advance(time.Hour)
		w.mustRun()
		if len(w.releaseTags()) != len(r.Releases) {
			t.Errorf("%v landed of %d", w.releaseTags(), len(r.Releases))
		}
	}
}

func TestReleasesOfRepositoriesThatNobodyTakesThemFromAreNotAskedFor(t *testing.T) {
	w := newWorld(t, fake.Small(), nil, nil, func(o *Options) {
		o.Needs = func(name, configured string) Needs {
			return Needs{Releases: name == "acme/web" && configured == "acme/*"}
		}
		o.Wanted = Needs{Releases: true}
	})
	w.only = []string{"repositories", "releases"}
	w.mustRun()
	for _, q := range w.server.Requests() {
		if strings.HasSuffix(q.Path, "/releases") && q.Repository != "acme/web" || q.Path == "/graphql" && len(q.Variables) != 2 {
			t.Errorf("asked %s %v", q.Path, q.Variables)
		}
	}
	for _, o := range []Options{{}, {Wanted: Needs{Paths: true}}} {
		o.Token = func() (string, error) { return "x", nil }
		s, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if slices.ContainsFunc(s.Streams(), func(st extract.Stream) bool { return st.Name == "releases" || st.Name == "workflow_runs" }) {
			t.Error("a stream that no rule wants is there")
		}
	}
}

func TestReleasesWithoutThePermissionSayWhatToGrantAndTheRestLands(t *testing.T) {
	for name, how := range map[string]struct {
		permissions []string
		fault       fake.Fault
	}{"403": {[]string{"deployments"}, fake.Fault{}}, "404": {[]string{"contents"}, fake.Answer(404, "Not Found")}} {
		t.Run(name, func(t *testing.T) {
			org := fake.Small()
			org.Repository("acme/web").AddRelease(fake.Release{TagName: "w1", CreatedAt: beginning})
			w := newWorld(t, org, []string{"acme/api", "acme/web"}, []fake.Option{fake.WithTokens(fake.Token{Name: "few", Secret: fake.DefaultToken, Grants: []fake.Grant{{Permissions: how.permissions}}})}, allNeed)
			w.only = []string{"releases"}
			if name == "404" {
				w.server.Inject(fake.On{Path: "/repos/acme/api/releases", Times: -1}, how.fault)
			}
			w.run()
			w.failed("releases", extract.ErrPartial, "acme/api", `"contents: read"`)
			if diff := cmp.Diff([]string{"w1"}, w.releaseTags()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReleasesOvercomeFaultsAndKills(t *testing.T) {
	for name, fault := range map[string]fake.Fault{
		"502": fake.BadGateway(502), "cut": fake.CutBody(), "secondary": fake.Secondary(403, 30), "429": fake.RateLimited(429, 2*time.Minute),
	} {
		w, _ := withReleases(t, 230, nil)
		for _, on := range []fake.On{{Path: "/graphql"}, {Path: "/repos/*/*/releases"}, {Path: "/repositories/*/releases"}, {Path: "/repos/*/*/releases", Skip: 1}} {
			w.server.Inject(on, fault)
		}
		w.mustRun()
		w.compare(name)
	}
	org := fake.NewOrganisation("acme")
	ann, ben := org.AddAccount(fake.Account{Login: "ann"}), org.AddAccount(fake.Account{Login: "ben"})
	for k := range 3 {
		addRelease(addCrowd(org, fmt.Sprint("r", k), ann, ben, 1, 0), k, beginning.Add(-time.Hour))
	}
	for stop := range 3 {
		w := newWorld(t, org, []string{"acme/r0", "acme/r1", "acme/r2"}, nil, allNeed)
		w.only = []string{"releases"}
		w.kill = func(_ string, page int) bool { return page == stop }
		if w.run() {
			t.Fatal("the run was not killed")
		}
		w.kill = nil
		w.restart()
		w.clock.Advance(time.Minute)
		w.mustRun()
		w.compare(fmt.Sprint("killed at page ", stop))
		if w.pages["releases"] != 3-stop {
			t.Errorf("%d lists after a kill at page %d, want those that had not landed", w.pages["releases"], stop)
		}
	}
}

func TestReleasesBeyondWhatGitHubListsAreKept(t *testing.T) {
	w, r := withReleases(t, 230, nil)
	w.mustRun()
	w.edit(func(*fake.Organisation) { r.Releases[200].Name = "Another" })
	w.server.Inject(fake.On{Path: "/repositories/*/releases", Times: -1}, fake.Answer(422, "Only the first 100 results are available."))
	w.server.Inject(fake.On{Path: "/repos/*/*/releases", Query: map[string]string{"page": "2"}, Times: -1}, fake.Answer(422, "Only the first 100 results are available."))
	w.clock.Advance(time.Hour)
	w.mustRun()
	if got := w.table(transform.GithubReleases)[fmt.Sprint(r.Releases[200].ID)].columns["name"]; len(w.releaseTags()) != 230 || got != "Another" {
		t.Errorf("%d releases are left of 230, the changed one is %q", len(w.releaseTags()), got)
	}
}

func TestUnchangedReleasesCostAPointForFiftyRepositoriesOrFiveThousandReleases(t *testing.T) {
	w, r := withReleases(t, 1000, nil)
	w.mustRun()
	if rest, graph := w.spent(); rest > 1+10+1 || graph > 10 {
		t.Errorf("1,000 releases cost %d + %d points, want 10 of each", rest, graph)
	}
	w.clock.Advance(time.Hour)
	w.mustRun()
	if rest, graph := w.spent(); rest != 1 || graph != 1 {
		t.Errorf("1,000 releases that did not change cost %d + %d points, want the repository's and one", rest, graph)
	}
	w.edit(func(*fake.Organisation) { addRelease(r, 1000, w.clock.Now()) })
	w.clock.Advance(time.Hour)
	w.mustRun()
	if rest, graph := w.spent(); rest > 1+11 || graph > 2 {
		t.Errorf("one more cost %d + %d points, want the list's and at most two", rest, graph)
	}
	org := fake.NewOrganisation("acme")
	ann, ben := org.AddAccount(fake.Account{Login: "ann"}), org.AddAccount(fake.Account{Login: "ben"})
	var names []string
	for k := range 60 {
		addRelease(addCrowd(org, fmt.Sprint("r", k), ann, ben, 1, 0), k, beginning.Add(-time.Hour))
		names = append(names, fmt.Sprint("acme/r", k))
	}
	w = newWorld(t, org, names, nil, allNeed)
	w.only = []string{"repositories", "releases"}
	w.mustRun()
	w.spent()
	w.clock.Advance(time.Hour)
	w.mustRun()
	if rest, graph := w.spent(); rest != 60 || graph != 2 {
		t.Errorf("60 unchanged repositories cost %d + %d points, want their own and two", rest, graph)
	}
}
