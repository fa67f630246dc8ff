package github

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
	fake "fourfold/internal/fake/github"
)

// look looks and gives the names, each with where its newest deployments went.
func (w *world) look(owners ...string) []string {
	w.t.Helper()
	seen, _, err := w.source.Look(w.t.Context(), owners)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, r := range seen {
		line := fmt.Sprintf("%s %d", r.Name, r.Deployments)
		for _, e := range r.Environments {
			line += fmt.Sprintf(" %s=%d", e.Name, e.Deployments)
		}
		out = append(out, line)
	}
	return out
}

func TestALookSeesRepositoriesAndWhereTheirNewestDeploymentsWent(t *testing.T) {
	w := newWorld(t, fake.Small(), nil, nil)
	w.org.Edit(func(o *fake.Organisation) {
		o.Repository("acme/api").AddDeployment(fake.DeploymentSpec{Ref: "main", Environment: "Production", CreatedAt: beginning})
	})
	all := map[string]bool{}
	for _, line := range w.look() {
		all[line] = true
	}
	// Archived ones and forks are not asked about their deployments. Names that differ in case only are one.
	for _, want := range []string{"acme/api 17 Production=8 preview-6=1 staging=8", "acme/web 1 production=1", "acme/empty 0", "acme/old 0", "ben/api 0"} {
		if !all[want] {
			t.Errorf("it lacks %q: %v", want, all)
		}
	}
	if len(all) != 5 {
		t.Errorf("%d repositories", len(all))
	}
	if got := w.look("acme"); len(got) != 4 || !strings.HasPrefix(got[0], "acme/") {
		t.Errorf("of acme: %v", got)
	}
	if got := w.look("ben", "ACME"); len(got) != 5 {
		t.Errorf("of both: %v", got)
	}
	_, _, err := w.source.Look(t.Context(), []string{"nobody"})
	if !isStatus(err, http.StatusNotFound) || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("of nobody: %v", err)
	}
}

// many is an organisation of n repositories with a deployment each.
func many(n int) *fake.Organisation {
	o := fake.NewOrganisation("acme")
	for k := range n {
		r := o.AddRepository(fake.RepositorySpec{Name: fmt.Sprintf("r%03d", k), CreatedAt: beginning})
		r.Branch("main", r.Commit(fake.CommitSpec{Message: "Begin", AuthoredAt: beginning, CommittedAt: beginning}))
		r.AddDeployment(fake.DeploymentSpec{Ref: "main", Environment: "production", CreatedAt: beginning})
	}
	return o
}

func TestALookIsCheapAndBounded(t *testing.T) {
	w := newWorld(t, many(60), nil, nil)
	if got := w.look(); len(got) != 60 {
		t.Errorf("%d repositories", len(got))
	}
	if p := w.source.Points(LookStream); p != (Points{REST: 1, GraphQL: 3}) {
		t.Errorf("60 repositories cost %+v", p)
	}
	w = newWorld(t, many(310), nil, nil)
	seen, cut, err := w.source.Look(t.Context(), nil)
	if err != nil || !cut || len(seen) != 300 {
		t.Errorf("of 310: %d, cut %v, %v", len(seen), cut, err)
	}
	asked := 0
	for _, r := range seen {
		if r.Asked {
			asked++
		}
	}
	if p := w.source.Points(LookStream); asked != 200 || p != (Points{REST: 3, GraphQL: 8}) {
		t.Errorf("%d were asked, for %+v", asked, p)
	}
}

func TestAQuestionThatIsTooMuchIsAskedInParts(t *testing.T) {
	w := newWorld(t, many(30), nil, nil)
	w.server.Inject(fake.On{Path: "/graphql", MinNodes: 700, Times: -1}, fake.BadGateway(http.StatusBadGateway))
	for _, line := range w.look() {
		if !strings.HasSuffix(line, " 1 production=1") {
			t.Errorf("%s", line)
		}
	}
}

func TestALookSaysWhatTheTokenMayNotRead(t *testing.T) {
	w := newWorld(t, fake.Small(), nil, nil)
	w.server.RestrictToken("fourfold", []fake.Grant{{Repositories: []string{"acme/*"}, Permissions: []string{"contents"}}})
	seen, _, err := w.source.Look(t.Context(), []string{"acme"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range seen {
		if r.Err != nil {
			got[r.Name] = r.Err.Error()
		}
	}
	if len(got) != 2 || !strings.Contains(got["acme/api"], `"deployments: read"`) {
		t.Errorf("%v", got)
	}
	w.server.Revoke(fake.DefaultToken)
	if _, _, err := w.source.Look(t.Context(), nil); !errors.Is(err, extract.ErrUnauthorized) {
		t.Errorf("a token that is revoked: %v", err)
	}
}

func TestAListOfRepositoriesIsReadInEitherForm(t *testing.T) {
	var l lookList
	for text, want := range map[string][]string{
		`[{"full_name":"a/b","pushed_at":null}]`:                                     {"a/b"},
		`{"total_count":1,"repositories":[{"full_name":"a/c"},{"full_name":"a/d"}]}`: {"a/c", "a/d"},
		` [] `: nil,
	} {
		if err := l.UnmarshalJSON([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		var got []string
		for _, r := range l {
			got = append(got, r.FullName)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", text, d)
		}
	}
}
