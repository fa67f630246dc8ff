package acceptance

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract/github/mirror/mirrortest"
	"fourfold/internal/fake/github"
)

// TestEveryDeploymentOfThisProjectsOwnHistoryShipsWhatRevListSays takes this very repository: tags along it are made
// deployments, some of them back, again, or from a branch at the side. Commits come through git, and what each deployment
// shipped is compared with a plain git rev-list of it less all those before it (C1).
func TestEveryDeploymentOfThisProjectsOwnHistoryShipsWhatRevListSays(t *testing.T) {
	t.Parallel()
	const token = github.DefaultToken
	git := mirrortest.Serve(t, token)
	repo := ownRepository(t, git, "acme/fourfold")

	org := github.NewOrganisation("acme")
	listed := org.AddRepository(github.RepositorySpec{Name: "fourfold"})
	deployed := deployAlong(repo, listed)
	if len(deployed) < 12 {
		t.Fatalf("%d deployments are too few to mean anything", len(deployed))
	}
	api, stop := github.NewServer(org, github.WithoutLimits()).Start()
	t.Cleanup(stop)
	w := newWorkplace(t, fmt.Sprintf(`sources:
  github:
    api_url: %q
    graphql_url: %q
    git_url: %q
    token: %q
    repositories: [{name: acme/fourfold, service: self}]
`, api+"/", api+"/graphql", git.URL, token))
	w.run("run")

	got := map[string][]string{}
	for _, row := range w.query(`select deployment_id, sha from shipped_commits`) {
		id := strings.TrimPrefix(row[0].(string), "deployments:")
		got[id] = append(got[id], row[1].(string))
	}
	kinds := map[string]int{}
	for _, row := range w.query(`select kind from fct_deployments`) {
		kinds[row[0].(string)]++
	}
	if kinds["baseline"] != 1 || kinds["rollback"] == 0 || kinds["redeploy"] == 0 || kinds["forward"] == 0 {
		t.Errorf("kinds %v", kinds)
	}
	before := []string{}
	for i, d := range deployed {
		id := fmt.Sprint(d.ID)
		var want []string
		if i > 0 {
			want = repo.Shas(append([]string{d.SHA, "--not"}, before...)...)
		}
		slices.Sort(want)
		slices.Sort(got[id])
		if diff := cmp.Diff(want, got[id]); len(want)+len(got[id]) > 0 && diff != "" {
			t.Errorf("deployment %s of %s: git rev-list (-) and ours (+):\n%s", id, d.Ref, diff)
		}
		// Each pair, too: what the one before does not reach is shipped by then.
		if i > 0 {
			for _, sha := range repo.Shas(d.SHA, "--not", deployed[i-1].SHA) {
				if !slices.ContainsFunc(deployed[:i+1], func(e *github.Deployment) bool { return slices.Contains(got[fmt.Sprint(e.ID)], sha) }) &&
					!slices.Contains(repo.Shas(deployed[0].SHA), sha) {
					t.Errorf("deployment %s: %s was shipped by nothing up to it", id, sha)
				}
			}
		}
		before = append(before, d.SHA)
	}
	// Lead times are those that git's own dates give.
	for _, row := range w.query(`select sha, lead_time_seconds, deployed_at from fct_commits where lead_time_seconds is not null`) {
		authored := repo.Git("show", "--no-patch", "--format=%at", row[0].(string))
		at := time.Unix(0, 0)
		var seconds int64
		if _, err := fmt.Sscan(authored, &seconds); err != nil {
			t.Fatal(err)
		}
		if want := row[2].(time.Time).Sub(at.Add(time.Duration(seconds) * time.Second)); int64(want/time.Second) != row[1].(int64) {
			t.Errorf("%s: lead time %v s, want %s", row[0], row[1], want)
		}
	}
}

// ownRepository puts this project's repository on the server.
func ownRepository(t *testing.T, s *mirrortest.Server, name string) *mirrortest.Repository {
	t.Helper()
	own := func(args ...string) string {
		out, err := exec.Command("git", args...).Output()
		if err != nil {
			t.Fatalf("git %s: %v: this test reads the project's own history and needs a clone of it", strings.Join(args, " "), err)
		}
		return strings.TrimSpace(string(out))
	}
	if own("rev-parse", "--is-shallow-repository") != "false" {
		t.Fatal("the clone is shallow: run `git fetch --unshallow`")
	}
	repo := s.Create(name)
	repo.Git("fetch", "--quiet", own("rev-parse", "--absolute-git-dir"), "+HEAD:refs/heads/main")
	return repo
}

// deployAlong tags the history at every seventh commit or so and deploys the tags in turn; now and then it goes back,
// deploys once more, or deploys a commit on a branch at the side. All are given in the order of their finish.
func deployAlong(repo *mirrortest.Repository, listed *github.Repository) []*github.Deployment {
	line := repo.Shas("--first-parent", "--reverse", "refs/heads/main")
	var out []*github.Deployment
	at := time.Now().UTC().Truncate(time.Second).Add(-2000 * time.Hour)
	deploy := func(ref, sha string) {
		at = at.Add(3 * time.Hour)
		d := listed.AddDeployment(github.DeploymentSpec{Ref: ref, SHA: sha, CreatedAt: at})
		d.Finish("success", at.Add(5*time.Minute))
		out = append(out, d)
	}
	for i, n := 5, 0; i < len(line); i, n = i+7, n+1 {
		tag := fmt.Sprintf("deployed-%03d", n)
		repo.Point("refs/tags/"+tag, line[i])
		deploy(tag, line[i])
		switch n % 5 {
		case 2:
			deploy("back", line[i-7])
		case 3:
			deploy("again", line[i])
		case 4:
			side := repo.Commit("A hotfix at the side", line[i-3])
			repo.Point(fmt.Sprintf("refs/heads/hotfix/%d", n), side)
			deploy("hotfix", side)
		}
	}
	return out
}
