package github

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

// pullByNumber is what is live of a pull request of acme/api.
func (w *world) pullByNumber(n int) map[string]string {
	for _, v := range w.table(transform.GithubPullRequests) {
		if v.columns["number"] == fmt.Sprint(n) && strings.HasPrefix(v.columns["repository"], "acme/") {
			return v.columns
		}
	}
	return nil
}

func TestWhatLandsOfPullRequestsAreTheMergedOnes(t *testing.T) {
	w := newWorld(t, fake.Small(), []string{"acme/api"}, nil)
	w.memory.policy.People = "include"
	w.mustRun()
	if p := w.org.Repository("acme/api").Pull(5); p.HeadRepository != nil || !p.CrossRepository {
		t.Fatal("#5 is not from a fork that is gone")
	}
	merged := 0
	for _, p := range w.org.Repository("acme/api").PullRequests {
		got := w.pullByNumber(p.Number)
		if p.State != "MERGED" {
			if got != nil {
				t.Errorf("#%d is %s and landed", p.Number, p.State)
			}
			continue
		}
		merged++
		head, bot := "", "false"
		if p.HeadRepository != nil {
			head = p.HeadRepository.FullName()
		}
		if p.Author.Type == "Bot" {
			bot = "true"
		}
		for column, want := range map[string]string{
			"title": p.Title, "author": p.Author.Login, "is_bot": bot, "base_ref": p.Base, "head_ref": p.Head, "head_oid": p.HeadOID, "head_repository": head,
			"merge_oid": p.MergeOID, "created_at": p.CreatedAt.Format(time.RFC3339Nano), "merged_at": p.MergedAt.Format(time.RFC3339Nano),
			"is_cross_repository": fmt.Sprint(p.CrossRepository), "first_commit_at": "", "commit_count": "",
		} {
			if got[column] != want {
				t.Errorf("#%d: %s is %q, want %q", p.Number, column, got[column], want)
			}
		}
		if strings.Contains(got["payload"], "Why:") || strings.Contains(got["payload"], "reviews") {
			t.Errorf("#%d keeps its body or its reviews: %s", p.Number, got["payload"])
		}
	}
	if merged == 0 || len(w.table(transform.GithubPullRequests)) != merged {
		t.Errorf("%d landed of %d merged ones", len(w.table(transform.GithubPullRequests)), merged)
	}
	if got := w.pullByNumber(5); got["head_repository"] != "" || got["is_cross_repository"] != "true" {
		t.Errorf("#5, whose fork is gone: %v", got)
	}
}

func TestTheFirstReviewIsThatOfSomebodyElse(t *testing.T) {
	org := crowd(0, 3)
	repo := org.Repository("acme/big")
	org.Edit(func(o *fake.Organisation) {
		ann, ben := o.Accounts[1], o.Accounts[2]
		own, late, none := repo.PullRequests[0], repo.PullRequests[1], repo.PullRequests[2]
		own.Reviews, late.Reviews, none.Reviews = nil, nil, nil
		at := own.CreatedAt
		own.Review(ann, "COMMENTED", "mine", at.Add(time.Minute))
		own.Review(ben, "PENDING", "", at.Add(2*time.Minute))
		own.Review(ben, "APPROVED", "", at.Add(4*time.Minute))
		own.Review(ben, "COMMENTED", "", at.Add(3*time.Minute))
		for k := range 25 { // more than a page of the author's own
			late.Review(ann, "COMMENTED", "mine", late.CreatedAt.Add(time.Duration(k)*time.Second))
		}
		late.Review(ben, "APPROVED", "", late.CreatedAt.Add(time.Hour))
		none.Review(ann, "COMMENTED", "mine", none.CreatedAt)
	})
	w := newWorld(t, org, []string{"acme/big"}, nil)
	w.mustRun()
	for n, want := range map[int]time.Duration{1: 3 * time.Minute, 2: time.Hour} {
		if got, want := w.pullByNumber(n)["first_review_at"], repo.Pull(n).CreatedAt.Add(want).Format(time.RFC3339Nano); got != want {
			t.Errorf("#%d: first review at %q, want %q", n, got, want)
		}
	}
	if got := w.pullByNumber(3)["first_review_at"]; got != "" {
		t.Errorf("#3: first review at %q, want none", got)
	}
}

func TestMoreThanTwentyLabelsLand(t *testing.T) {
	org := crowd(0, 2)
	p := org.Repository("acme/big").PullRequests[0]
	for k := range 40 {
		p.Label(fmt.Sprintf("label-%02d", k), beginning.Add(-time.Hour))
	}
	w := newWorld(t, org, []string{"acme/big"}, nil)
	w.mustRun()
	var labels []string
	if err := json.Unmarshal([]byte(w.pullByNumber(1)["labels"]), &labels); err != nil || len(labels) != 41 {
		t.Errorf("%d labels landed of 41: %v", len(labels), err)
	}
}

func TestAServerThatDoesNotKnowReviewsIsAskedWithoutThem(t *testing.T) {
	w := newWorld(t, crowd(0, 150), []string{"acme/big"}, []fake.Option{fake.WithSubsetOnly()})
	w.mustRun()
	if n := len(w.table(transform.GithubPullRequests)); n != 150 {
		t.Errorf("%d of 150 landed", n)
	}
	if got := w.pullByNumber(1)["first_review_at"]; got != "" {
		t.Errorf("first review at %q on a server that does not know", got)
	}
	refused := 0
	for _, r := range w.server.Requests() {
		if strings.Contains(r.GraphQL, "reviews(") {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("reviews were asked for %d times, want once", refused)
	}
}

func TestByTheAPIAPullRequestKnowsItsFirstCommit(t *testing.T) {
	w := newWorld(t, fake.Small(), []string{"acme/api"}, nil, func(o *Options) { o.CommitsByAPI = true })
	w.mustRun()
	api := w.org.Repository("acme/api")
	for _, p := range api.PullRequests {
		if p.State != "MERGED" {
			continue
		}
		got := w.pullByNumber(p.Number)
		want := []string{fmt.Sprint(len(p.Commits)), api.CommitObject(p.Commits[0]).AuthoredAt.UTC().Format(time.RFC3339Nano)}
		if diff := cmp.Diff(want, []string{got["commit_count"], got["first_commit_at"]}); diff != "" {
			t.Errorf("#%d:\n%s", p.Number, diff)
		}
	}
	// The other way of reading commits makes other rows, so a change of it reads everything again.
	w.opts.CommitsByAPI = false
	w.restart()
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("by git")
}

func TestByTheAPIAPullRequestBeginsWithTheEarliestOfItsCommitsInWhateverOrder(t *testing.T) {
	org := crowd(0, 2)
	r := org.Repository("acme/big")
	ann := org.Accounts[0]
	head := r.Head("main")
	for k := range 70 { // more than come with the pull request; the sixtieth was written first
		at := beginning.Add(-time.Hour)
		if k == 59 {
			at = beginning.Add(-9 * time.Hour)
		}
		head = r.Commit(fake.CommitSpec{Parents: []string{head}, Author: ann.Signature(), AuthoredAt: at, CommittedAt: beginning.Add(-time.Hour), Message: fmt.Sprint("Part ", k)})
	}
	r.Branch("sorted", head)
	p := r.OpenPull(fake.PullSpec{Title: "Sorted", Author: ann, Head: "sorted", At: beginning.Add(-time.Hour)})
	r.MergeSquash(p, ann, beginning.Add(-30*time.Minute))
	w := newWorld(t, org, []string{"acme/big"}, nil, func(o *Options) { o.CommitsByAPI = true })
	w.mustRun()
	got := w.pullByNumber(p.Number)
	want := []string{"70", beginning.Add(-9 * time.Hour).UTC().Format(time.RFC3339Nano)}
	if diff := cmp.Diff(want, []string{got["commit_count"], got["first_commit_at"]}); diff != "" {
		t.Error(diff)
	}
}

func TestPullRequestsThatChangeAreReadAgainAndOthersAreNot(t *testing.T) {
	org := crowd(0, 350)
	repo := org.Repository("acme/big")
	w := newWorld(t, org, []string{"acme/big"}, nil)
	w.mustRun()
	for round := range 4 {
		w.clock.Advance(time.Hour)
		w.edit(func(*fake.Organisation) {
			repo.PullRequests[3+round].Label("hotfix", w.clock.Now().Add(-time.Minute))
			repo.PullRequests[200].Change(w.clock.Now().Add(-2*time.Minute), func(p *fake.PullRequest) { p.Title += "!" })
		})
		w.spent()
		w.mustRun()
		if rest, graph := w.spent(); rest != 1 || graph != 3 {
			t.Errorf("round %d: %d + %d points, want the repository, the probe and one page", round, rest, graph)
		}
		w.compare(fmt.Sprint("round ", round))
	}
}

func TestAPullRequestThatChangesWhileTheListIsReadIsMet(t *testing.T) {
	org := crowd(0, 350)
	repo := org.Repository("acme/big")
	w := newWorld(t, org, []string{"acme/big"}, nil)
	w.kill = func(stream string, page int) bool {
		if stream == "pull_requests" && page == 1 {
			w.clock.Advance(time.Minute)
			w.edit(func(*fake.Organisation) { // from below the place of the reader to the top, and from above it
				repo.PullRequests[10].Label("late", w.clock.Now())
				repo.PullRequests[340].Label("late", w.clock.Now())
			})
		}
		return false
	}
	w.mustRun()
	w.kill = nil
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("after it had changed meanwhile")
}

func TestAKeptPlaceThatGitHubDoesNotKnowBeginsAnew(t *testing.T) {
	w := newWorld(t, crowd(0, 350), []string{"acme/big"}, nil)
	w.kill = func(stream string, page int) bool { return stream == "pull_requests" && page == 2 }
	w.run()
	cur := string(w.memory.cursors["pull_requests"])
	var p position[pullPlace]
	if err := json.Unmarshal([]byte(cur), &p); err != nil || len(p.Repositories) != 1 {
		t.Fatalf("cursor %s: %v", cur, err)
	}
	for _, place := range p.Repositories {
		if place.Read == nil || place.Read.After == "" {
			t.Fatalf("cursor %s is between reads", cur)
		}
		place.Read.After = "forgotten"
	}
	w.memory.cursors["pull_requests"] = p.encode()
	w.kill = nil
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("after the place was forgotten")
}
