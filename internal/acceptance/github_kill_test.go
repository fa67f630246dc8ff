package acceptance

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fourfold/internal/fake/github"
	"fourfold/load/duckdb"
	"fourfold/transform"
)

// reaper stands before a server and kills a program at one of its requests.
type reaper struct {
	server *github.Server
	mu     sync.Mutex
	kill   func() // nil: nobody is to die
	left   int    // requests until then
	git    bool   // only those of git count
	after  bool   // the request is answered first
}

// dies lets a program die at the nth request from now on.
func (r *reaper) dies(kill func(), n int, git, after bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kill, r.left, r.git, r.after = kill, n, git, after
}

// due gives the kill if this request is the one.
func (r *reaper) due(path string) (kill func(), after bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kill == nil || r.git && !strings.Contains(path, ".git/") {
		return nil, false
	}
	if r.left--; r.left > 0 {
		return nil, false
	}
	kill, r.kill = r.kill, nil
	return kill, r.after
}

func (r *reaper) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	kill, after := r.due(req.URL.Path)
	if kill != nil && !after {
		kill()
	}
	r.server.ServeHTTP(w, req)
	if kill != nil && after {
		kill()
	}
}

// live runs the program until it ends or is killed, and reports whether it was.
func (r *reaper) live(w *workplace, n int, git, after bool, args ...string) (killed bool) {
	w.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	r.dies(func() { _ = cmd.Process.Kill() }, n, git, after)
	out, err := cmd.CombinedOutput()
	r.dies(nil, 0, false, false)
	if err != nil && cmd.ProcessState.Exited() {
		w.t.Errorf("%v: %v\n%s", args, err, out)
	}
	return err != nil
}

// ledgers are all versions and tombstones, without when and by which run, sorted.
func (w *workplace) ledgers() string {
	w.t.Helper()
	db, err := duckdb.OpenRawReadOnly(w.data(), duckdb.Limits{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	var parts []string
	for _, table := range transform.Github {
		parts = append(parts, fmt.Sprintf("select '%s' || ' ' || id || ' ' || _hash || ' ' || _deleted::varchar from %s", table.Name, table.Name))
	}
	rows, err := duckdb.QuerySelect(w.t.Context(), db, strings.Join(parts, " union all "))
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for row, err := range rows.All {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, row[0].(string))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// busy is the small organisation with a repository that takes several pages to read.
func busy() *github.Organisation {
	org := github.Small()
	ann := org.Accounts[1]
	r := org.AddRepository(github.RepositorySpec{Name: "busy", CreatedAt: time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC)})
	begin(r, ann)
	for n := range 230 {
		work(r, ann, n)
	}
	return org
}

// work adds a deployment to a repository, and now and then a pull request.
func work(r *github.Repository, by *github.Account, n int) {
	at := r.CreatedAt.Add(time.Duration(n+1) * time.Hour)
	if n%2 == 0 {
		r.Branch("b", r.Commit(github.CommitSpec{
			Parents: []string{r.Head("main")}, Author: by.Signature(), AuthoredAt: at, Message: fmt.Sprint("Change ", n), Files: map[string]string{"a": fmt.Sprint(n)},
		}))
		r.MergeSquash(r.OpenPull(github.PullSpec{Title: fmt.Sprint("Change ", n), Author: by, Head: "b", At: at.Add(time.Minute)}), by, at.Add(2*time.Minute))
	}
	r.AddDeployment(github.DeploymentSpec{Ref: "main", Creator: by, CreatedAt: at.Add(3 * time.Minute)}).Finish("success", at.Add(4*time.Minute))
}

func TestAGitHubSyncThatIsKilledAtAnyPointAndRunAgainEndsInTheSameLedgers(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	org := busy()
	r := &reaper{server: github.NewServer(org)}
	front := httptest.NewServer(r)
	t.Cleanup(func() { front.Close(); r.server.Close() })
	config := githubNames(front.URL, []string{"acme/api", "acme/web", "acme/busy"}, "    rate_limit: off", `privacy: {hash_key: "the same for all"}`)
	calm, killed := newWorkplace(t, config), []*workplace{newWorkplace(t, config), newWorkplace(t, config)}

	kills := 0
	round := func(what string, args ...string) {
		r.server.ResetRequests()
		calm.run(args...)
		requests := r.server.Requests()
		git := 0
		for _, q := range requests {
			if strings.Contains(q.Path, ".git/") {
				git++
			}
		}
		want := calm.ledgers()
		for i, w := range killed {
			for life := range 3 {
				byGit := (life+i)%3 == 0
				n := 1 + dice.IntN(len(requests)*2/3)
				if byGit {
					n = 1 + dice.IntN(git*2/3)
				}
				if r.live(w, n, byGit, dice.IntN(2) == 0, args...) {
					kills++
				}
			}
			w.run(args...)
			if got := w.ledgers(); got != want {
				t.Errorf("%s: the ledgers of workplace %d are not those of an undisturbed one: %s", what, i, firstDifference(got, want))
			}
			if problems := w.raw(`select count(*) as n from rejected`); problems[0] != "0" {
				t.Errorf("%s: %s objects were rejected", what, problems[0])
			}
		}
	}
	round("the first sync", "sync")
	org.Edit(func(o *github.Organisation) {
		busy := o.Repository("acme/busy")
		for n := 230; n < 260; n++ {
			work(busy, o.Accounts[1], n)
		}
		busy.DeleteDeployment(busy.Deployments[7].ID)
		busy.Deployments[len(busy.Deployments)-1].AddStatus(github.StatusSpec{State: "failure", At: busy.CreatedAt.AddDate(0, 0, 20)})
		api := o.Repository("acme/api")
		api.Branch("main", api.Commit(github.CommitSpec{
			Parents: []string{api.Head("main")}, Author: o.Accounts[1].Signature(), AuthoredAt: busy.CreatedAt, Message: "One more", Files: map[string]string{"one": "more"},
		}))
	})
	round("a full sync after changes", "sync", "--full")
	if kills < 9 {
		t.Errorf("only %d of 12 lives were ended by force", kills)
	}
	if left, err := filepath.Glob(filepath.Join(killed[0].data(), "mirrors", "*")); err != nil || len(left) == 0 {
		t.Errorf("mirrors: %v, %v", left, err)
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for _, line := range b {
		if _, ok := slices.BinarySearch(a, line); !ok {
			return fmt.Sprintf("%d versions, want %d; %s is missing", len(a), len(b), line)
		}
	}
	for i, line := range a {
		if _, ok := slices.BinarySearch(b, line); !ok || i > 0 && a[i-1] == line {
			return fmt.Sprintf("%d versions, want %d; %s is too many", len(a), len(b), line)
		}
	}
	return ""
}
