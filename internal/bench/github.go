package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"fourfold/internal/fake/github"
)

// deliveries measures what GitHub costs and how long its commits take.
func deliveries(dir string) error {
	if err := points(filepath.Join(dir, "points")); err != nil {
		return err
	}
	if err := manyCommits(filepath.Join(dir, "commits")); err != nil {
		return err
	}
	return graph()
}

// points counts, by the server's own prices, what deployments with four statuses and merged pull requests cost, and a
// round in which nothing changed.
func points(dir string) error {
	const n = 1000
	org := github.NewOrganisation("acme")
	ann, ben := org.AddAccount(github.Account{Login: "ann"}), org.AddAccount(github.Account{Login: "ben"})
	repo := org.AddRepository(github.RepositorySpec{Name: "api"})
	at := time.Now().UTC().Truncate(time.Second).Add(-2 * n * time.Hour)
	tip := repo.Commit(github.CommitSpec{Author: ann.Signature(), AuthoredAt: at, Message: "Begin"})
	repo.Branch("main", tip)
	for i := range n {
		at = at.Add(2 * time.Hour)
		branch := fmt.Sprintf("change-%d", i)
		repo.Branch(branch, repo.Commit(github.CommitSpec{Parents: []string{repo.Head("main")}, Author: ann.Signature(), AuthoredAt: at.Add(-50 * time.Minute), Message: fmt.Sprintf("Change %d", i)}))
		p := repo.OpenPull(github.PullSpec{Title: fmt.Sprintf("Change %d", i), Author: ann, Head: branch, Labels: []string{"change"}, At: at.Add(-40 * time.Minute)})
		p.Review(ben, "APPROVED", "", at.Add(-20*time.Minute))
		sha := repo.MergeSquash(p, ann, at.Add(-15*time.Minute))
		d := repo.AddDeployment(github.DeploymentSpec{Ref: "main", SHA: sha, ByActions: true, CreatedAt: at.Add(-10 * time.Minute)})
		for k, state := range []string{"queued", "in_progress", "success"} {
			d.AddStatus(github.StatusSpec{State: state, At: at.Add(time.Duration(k-9) * time.Minute)})
		}
	}
	server := github.NewServer(org)
	url, stop := server.Start()
	defer stop()
	if err := configureGithub(dir, url, "acme/api"); err != nil {
		return err
	}
	for _, step := range []struct{ name, args string }{
		{"the repository", "sync --stream repositories"},
		{"1,000 deployments", "sync --stream deployments"},
		{"1,000 merged pull requests", "sync --stream pull_requests"},
		{"their commits", "sync --stream commits"},
		{"sync, nothing changed", "sync"},
	} {
		server.ResetRequests()
		m, err := measure(*program, dir, strings.Fields(step.args)...)
		if err != nil {
			return err
		}
		p := server.Points()
		fmt.Printf("%-28s %8.1f s  %6d MiB  %4d points: %d REST, %d GraphQL\n", step.name, m.wall.Seconds(), m.peak>>20, p["core"]+p["graphql"], p["core"], p["graphql"])
	}
	return nil
}

// manyCommits fetches and lands a repository of 100,000 commits.
func manyCommits(dir string) error {
	const n = 100_000
	org := github.NewOrganisation("acme")
	repo := org.AddRepository(github.RepositorySpec{Name: "big"})
	at := time.Now().UTC().Truncate(time.Second).Add(-n * time.Minute)
	who := github.Signature{Name: "Ann", Email: "ann@acme.test"}
	made := 0
	commit := func(parents ...string) string {
		made++
		return repo.Commit(github.CommitSpec{Parents: parents, Author: who, AuthoredAt: at.Add(time.Duration(made) * time.Minute), Message: fmt.Sprintf("Change %d\n\nWhy it is needed, and how it was done.", made)})
	}
	tip := commit()
	for made < n-4 {
		branch := tip
		for range 3 {
			branch = commit(branch)
		}
		tip = commit(tip, branch)
	}
	repo.Branch("main", tip)
	url, stop := github.NewServer(org, github.WithoutLimits()).Start()
	defer stop()
	if err := configureGithub(dir, url, "acme/big"); err != nil {
		return err
	}
	m, err := measure(*program, dir, "sync")
	if err != nil {
		return err
	}
	fmt.Printf("%-28s %8.1f s  %6.1f s CPU  %6d MiB  %6.0f commits/s\n", fmt.Sprintf("%d commits, fetch and load", made), m.wall.Seconds(), m.cpu.Seconds(), m.peak>>20, float64(made)/m.wall.Seconds())
	m, err = measure(*program, dir, "sync")
	if err != nil {
		return err
	}
	fmt.Printf("%-28s %8.1f s  %6.1f s CPU  %6d MiB\n", "again, nothing changed", m.wall.Seconds(), m.cpu.Seconds(), m.peak>>20)
	return nil
}

// graph runs the benchmarks of the commit graph: attribution alone, and from ledgers to the tables of a build.
func graph() error {
	for _, b := range []struct{ pkg, name string }{
		{"./transform/ship", "^BenchmarkAttribute$"},
		{"./internal/pipeline", "^BenchmarkShip$"},
	} {
		cmd := exec.CommandContext(context.Background(), "go", "test", "-run", "^$", "-bench", b.name, "-benchtime", "1x", "-timeout", "30m", b.pkg)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("go test -bench %s %s: %w\n%s", b.name, b.pkg, err, out)
		}
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "Benchmark") {
				fmt.Print(line)
			}
		}
	}
	return nil
}

func configureGithub(dir, url, repository string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text := fmt.Sprintf("sources:\n  github: {api_url: %q, graphql_url: %q, git_url: %q, token: %q, repositories: [{name: %s}]}\n",
		url+"/", url+"/graphql", url+"/", github.DefaultToken, repository)
	return os.WriteFile(filepath.Join(dir, "fourfold.yaml"), []byte(text), 0o644)
}
