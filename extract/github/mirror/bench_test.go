package mirror

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"fourfold/extract/github/mirror/mirrortest"
)

// BenchmarkHundredThousandCommits fetches a repository of 100,000 commits, three in four of them on the branches of
// 25,000 squashed pull requests, from a server on this machine, and reads them. It then fetches and reads what one more
// commit adds.
func BenchmarkHundredThousandCommits(b *testing.B) {
	const pulls = 25_000
	server := mirrortest.Serve(b, "")
	repo := server.Create("acme/big")
	var in strings.Builder
	in.WriteString("blob\nmark :1\ndata 2\nx\n\n")
	mark, at, base := 1, 1_600_000_000, 0
	commit := func(ref, message string, from int) int {
		mark++
		at += 60
		fmt.Fprintf(&in, "commit %s\nmark :%d\nauthor Dev %d <dev%d@acme.test> %d +0900\ncommitter Dev %d <dev%d@acme.test> %d +0900\ndata %d\n%s\n",
			ref, mark, mark%50, mark%50, at, mark%50, mark%50, at, len(message), message)
		if from > 0 {
			fmt.Fprintf(&in, "from :%d\n", from)
		}
		fmt.Fprintf(&in, "M 100644 :1 f%d\n\n", mark%1000)
		return mark
	}
	for n := range pulls {
		tip := base
		for k := range 3 {
			tip = commit(fmt.Sprintf("refs/pull/%d/head", n+1), fmt.Sprintf("Work %d.%d on it\n\nWhy it is needed, and how it was done: %d.\n", n, k, mark), tip)
		}
		base = commit("refs/heads/main", fmt.Sprintf("Change %d (#%d)\n\n* one\n* two\n* three %d\n", n, n+1, mark), base)
	}
	repo.Input(in.String(), "fast-import", "--quiet")
	repo.Git("repack", "-a", "-d", "-q")
	repo.Git("pack-refs", "--all")
	heads := strings.Fields(repo.Git("for-each-ref", "--format=%(objectname)", "refs/pull"))
	b.ResetTimer()
	for b.Loop() {
		m, err := New(b.Context(), Options{Dir: filepath.Join(b.TempDir(), "m"), URL: server.URL})
		if err != nil {
			b.Fatal(err)
		}
		tips, n := once(b, m, heads, nil)
		if n != 4*pulls {
			b.Fatalf("%d commits", n)
		}
		b.StopTimer()
		repo.On("main", "one more")
		b.StartTimer()
		if _, n := once(b, m, heads, tips); n != 1 {
			b.Fatalf("%d commits more", n)
		}
		b.StopTimer()
		repo.Git("update-ref", "refs/heads/main", "refs/heads/main^")
		b.StartTimer()
	}
	b.ReportMetric(float64(4*pulls*b.N)/b.Elapsed().Seconds(), "commits/s")
}

func once(b *testing.B, m *Mirrors, heads, landed []string) (tips []string, n int) {
	b.Helper()
	r, err := m.Open(context.Background(), "1", "acme/big")
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	if err := r.Fetch(context.Background()); err != nil {
		b.Fatal(err)
	}
	if _, err := r.Want(context.Background(), "pulls", heads); err != nil {
		b.Fatal(err)
	}
	if tips, err = r.Tips(context.Background(), heads); err != nil {
		b.Fatal(err)
	}
	for _, err := range r.Commits(context.Background(), tips, landed) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if err := r.Land("g", "", tips); err != nil {
		b.Fatal(err)
	}
	return tips, n
}
