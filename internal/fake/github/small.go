package github

import (
	"fmt"
	"time"
)

// Small makes a little organisation for tests, from 2026-10-01 09:00 UTC on. acme/api has pull requests of every kind of
// merge (#1 merge, #2 squash, #3 rebase), one from a fork that is gone (#5, for issue #4), one closed (#6), one open (#7) and
// one by a bot (#8), deployments to staging and production with every state, a rollback, a force-pushed commit, tags, releases and
// workflow runs. acme/web is public, acme/old archived, acme/empty has no commit, and ben/api is a fork.
func Small() *Organisation {
	s := &small{o: NewOrganisation("acme"), now: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)}
	s.o.Account.Name = "Acme"
	s.ann = s.o.AddAccount(Account{Login: "ann", Name: "Ann Mori", Email: "ann@example.test"})
	s.ben = s.o.AddAccount(Account{Login: "ben", Name: "Ben Ito", Email: "ben@example.test"})
	s.bot = s.o.AddAccount(Account{Login: "dependabot", Type: "Bot"})
	s.api()
	s.others()
	return s.o
}

type small struct {
	o             *Organisation
	r             *Repository
	now           time.Time
	ann, ben, bot *Account
}

// at gives the next quarter of an hour.
func (s *small) at() time.Time {
	s.now = s.now.Add(15 * time.Minute)
	return s.now
}

func (s *small) commit(by *Account, message string, parents ...string) string {
	at := s.at()
	return s.r.Commit(CommitSpec{
		Parents: parents, Author: by.Signature(), AuthoredAt: at, CommittedAt: at.Add(time.Minute), Message: message,
		Files: map[string]string{"README.md": "# " + s.r.Name + "\n", fmt.Sprintf("src/f%d.txt", at.Unix()%9): message + "\n"},
	})
}

// pull makes a branch of n commits and opens a pull request from it.
func (s *small) pull(title, branch string, by *Account, n int) *PullRequest {
	tip := s.r.Head("main")
	for k := range n {
		tip = s.commit(by, fmt.Sprintf("%s: step %d", title, k+1), tip)
	}
	s.r.Branch(branch, tip)
	return s.r.OpenPull(PullSpec{Title: title, Body: "Why: " + title, Author: by, Head: branch, Labels: []string{"change"}, At: s.at()})
}

func (s *small) deploy(environment, ref string, states ...string) {
	d := s.r.AddDeployment(DeploymentSpec{Ref: ref, Environment: environment, Creator: s.bot, Payload: map[string]any{"pipeline": "p1"}, CreatedAt: s.at()})
	for _, state := range states {
		d.AddStatus(StatusSpec{State: state, At: s.at(), LogURL: fmt.Sprintf("https://github.com/acme/api/actions/runs/%d/job/1", d.ID), EnvironmentURL: "https://api.example.test"})
	}
}

func (s *small) api() {
	s.r = s.o.AddRepository(RepositorySpec{Name: "api", Environments: []string{"production", "staging"}, Description: "The API.", CreatedAt: s.now})
	s.r.Branch("main", s.commit(s.ann, "Begin"))
	base := s.r.Head("main")
	s.deploy("production", base, "queued", "in_progress", "success")
	p := s.pull("Add a cache", "cache", s.ann, 2)
	p.Review(s.ben, "APPROVED", "Good.", s.at())
	s.r.MergeMerge(p, s.ben, s.at())
	s.deploy("staging", "main", "success")
	s.deploy("production", "main", "waiting", "in_progress", "success")
	p = s.pull("Raise the pool size", "pool", s.ben, 3)
	p.Review(s.ann, "CHANGES_REQUESTED", "Too high.", s.at())
	p.Review(s.ann, "APPROVED", "", s.at())
	s.r.MergeSquash(p, s.ann, s.at())
	s.r.DeleteBranch("pool", s.at())
	s.deploy("staging", "main", "success")
	s.deploy("production", "main", "in_progress", "failure")
	s.deploy("production", "main", "pending", "success")
	s.r.Tag("v1.0.0", s.r.Head("main"))
	s.r.MergeRebase(s.pull("Log less", "log", s.ann, 2), s.ann, s.at())
	s.deploy("production", "main", "success")
	s.deploy("production", base, "success") // a rollback
	s.rest()
}

func (s *small) rest() {
	issue := s.r.AddIssue("It is slow", s.ann, s.at())
	fork := s.o.AddFork(s.r, RepositorySpec{Owner: s.ben, CreatedAt: s.at()})
	tip := s.commit(s.ben, "From afar", fork.Head("main"))
	fork.Branch("patch-1", tip)
	p := s.r.OpenPull(PullSpec{Title: "Fix a typo", Author: s.ben, Head: "patch-1", HeadRepository: fork, Closes: []*Issue{issue}, At: s.at()})
	s.r.MergeSquash(p, s.ann, s.at())
	p.LoseFork()
	s.pull("Try something", "try", s.ben, 1).Close(s.at())
	s.pull("Under way", "draft", s.ann, 1).Change(s.at(), func(p *PullRequest) { p.Draft = true })
	p = s.pull("Bump a module from 1.0 to 1.1", "dependabot/bump", s.bot, 1)
	p.Label("dependencies", s.at())
	s.r.MergeSquash(p, s.ann, s.at())
	s.r.DeleteBranch("dependabot/bump", s.at())
	s.r.AnnotatedTag("v1.1.0", s.r.Head("main"), "Version 1.1.0", s.ann.Signature(), s.at())
	s.r.AddRelease(Release{TagName: "v1.0.0", Name: "1.0.0", Author: s.ann, CreatedAt: s.at()})
	s.r.AddRelease(Release{TagName: "v1.1.0", Name: "1.1.0", Author: s.ann, Description: "Faster.", CreatedAt: s.at()})
	s.r.AddRelease(Release{TagName: "v2.0.0", Name: "2.0.0", Author: s.ann, Draft: true, CreatedAt: s.at()})
	for n, state := range []string{"error", "queued", "in_progress", "waiting", "pending", ""} {
		d := s.r.AddDeployment(DeploymentSpec{Ref: "main", Environment: "staging", Creator: s.ann, Payload: `{"n":` + fmt.Sprint(n) + `}`, CreatedAt: s.at()})
		if state != "" {
			d.AddStatus(StatusSpec{State: state, At: s.at()})
		}
	}
	preview := s.r.AddDeployment(DeploymentSpec{Ref: "draft", Environment: "preview-6", Transient: true, Creator: s.bot, CreatedAt: s.at()})
	preview.AddStatus(StatusSpec{State: "success", At: s.at()})
	preview.AddStatus(StatusSpec{State: "inactive", At: s.at()})
	lost := s.commit(s.ann, "Soon forced away", s.r.Head("main"))
	s.r.Branch("hotfix", lost)
	s.deploy("production", "hotfix", "success")
	s.r.Branch("hotfix", s.commit(s.ann, "Forced over it", s.r.Head("main")))
	s.r.AddRun(WorkflowRun{
		WorkflowID: 7, Name: "Deploy", Path: ".github/workflows/deploy.yml", HeadBranch: "main", HeadSHA: s.r.Head("main"), Event: "push",
		Status: "completed", Conclusion: "success", Actor: s.ann, CreatedAt: s.at(),
	})
	s.r.AddRun(WorkflowRun{
		WorkflowID: 7, Name: "Deploy", Path: ".github/workflows/deploy.yml", HeadBranch: "main", HeadSHA: s.r.Head("main"), Event: "workflow_dispatch",
		Status: "in_progress", Actor: s.ben, CreatedAt: s.at(),
	})
}

func (s *small) others() {
	s.r = s.o.AddRepository(RepositorySpec{Name: "web", Visibility: "public", CreatedAt: s.now})
	s.r.Branch("main", s.commit(s.ben, "Begin"))
	s.deploy("production", "main", "success")
	s.r = s.o.AddRepository(RepositorySpec{Name: "old", CreatedAt: s.now})
	s.r.Branch("main", s.commit(s.ben, "Begin"))
	s.r.Archive(s.at())
	s.o.AddRepository(RepositorySpec{Name: "empty", CreatedAt: s.now})
}
