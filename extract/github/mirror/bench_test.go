package mirror

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

// BenchmarkPaths makes the mirror of a monorepo of 20,000 commits and 9,000 files and reads it, without and with the paths
// that each commit changed: a commit changes one to eight files of one service, and one in twenty is a merge. The time is
// for 10,000 commits; what is fetched is the size of the mirror's packs.
func BenchmarkPaths(b *testing.B) {
	const commits, services, folders, files = 20_000, 60, 10, 15
	server := mirrortest.Serve(b, "")
	repo := server.Create("acme/mono")
	rng := rand.New(rand.NewPCG(1, 2))
	path := func(service int) string {
		return fmt.Sprintf("services/service-%02d/internal/part%d/file_%02d.go", service, rng.IntN(folders), rng.IntN(files))
	}
	var in strings.Builder
	at := 1_600_000_000
	head := func(ref string, mark int, message string) {
		at += 60
		fmt.Fprintf(&in, "commit %s\nmark :%d\ncommitter Dev %d <dev%d@acme.test> %d +0900\ndata %d\n%s\n", ref, mark, mark%50, mark%50, at, len(message), message)
	}
	content := func(file string) {
		text := fmt.Sprintf("package part\n\nconst Version = %d\n", rng.Int())
		fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", file, len(text), text)
	}
	head("refs/heads/main", 1, "Begin")
	for service := range services {
		for folder := range folders {
			for file := range files {
				content(fmt.Sprintf("services/service-%02d/internal/part%d/file_%02d.go", service, folder, file))
			}
		}
	}
	for mark := 2; mark <= commits; mark++ {
		if mark%20 == 0 {
			head("refs/heads/main", mark, fmt.Sprintf("Merge %d", mark))
			fmt.Fprintf(&in, "from :%d\nmerge :%d\n", mark-1, mark-10)
		} else {
			head("refs/heads/main", mark, fmt.Sprintf("Change %d\n\nWhy it is needed, and how it was done.\n", mark))
			fmt.Fprintf(&in, "from :%d\n", mark-1)
		}
		service := rng.IntN(services)
		for range 1 + rng.IntN(8) {
			content(path(service))
		}
	}
	repo.Input(in.String(), "fast-import", "--quiet")
	repo.Git("repack", "-a", "-d", "-f", "-q")
	tips := []string{repo.Git("rev-parse", "main")}
	for _, paths := range []bool{false, true} {
		b.Run(fmt.Sprint("paths=", paths), func(b *testing.B) {
			var fetched, read time.Duration
			size := int64(0)
			for b.Loop() {
				m, err := New(b.Context(), Options{Dir: filepath.Join(b.TempDir(), "m"), URL: server.URL})
				if err != nil {
					b.Fatal(err)
				}
				r, err := m.Open(b.Context(), "1", "acme/mono")
				if err != nil {
					b.Fatal(err)
				}
				if paths {
					r.NeedTrees()
				}
				begun := time.Now()
				if err := r.Fetch(b.Context()); err != nil {
					b.Fatal(err)
				}
				fetched += time.Since(begun)
				begun = time.Now()
				n, changed := 0, 0
				for c, err := range r.read(b.Context(), tips, nil, paths) {
					if err != nil {
						b.Fatal(err)
					}
					n, changed = n+1, changed+len(c.Paths)
				}
				read += time.Since(begun)
				if n != commits || (changed > 0) != paths {
					b.Fatalf("%d commits, %d paths", n, changed)
				}
				packs, err := filepath.Glob(filepath.Join(r.dir, "objects", "pack", "*.pack"))
				if err != nil {
					b.Fatal(err)
				}
				size = 0
				for _, pack := range packs {
					info, err := os.Stat(pack)
					if err != nil {
						b.Fatal(err)
					}
					size += info.Size()
				}
				r.Close()
			}
			b.ReportMetric(float64(fetched.Milliseconds())/float64(b.N)/(commits/10_000), "fetch-ms/10k")
			b.ReportMetric(float64(read.Milliseconds())/float64(b.N)/(commits/10_000), "read-ms/10k")
			b.ReportMetric(float64(size)/(1<<20), "MiB")
		})
	}
}
