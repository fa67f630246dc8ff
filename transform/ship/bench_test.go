package ship

import (
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"
)

// The graph of the figures in docs/benchmarks.md: a main line into which branches of one to six commits are merged, as
// in a busy repository, and deployments along it.
const (
	benchCommits     = 1_000_000
	benchDeployments = 10_000
)

func benchSHA(n int) SHA {
	var text [8]byte
	binary.BigEndian.PutUint64(text[:], uint64(n))
	return sha1.Sum(text[:])
}

// benchHistory gives the commits and the main line, oldest first.
func benchHistory(n int) (commits []Commit, main []SHA) {
	r := rand.New(rand.NewPCG(1, 2))
	made := 0
	add := func(parents ...SHA) SHA {
		sha := benchSHA(made)
		commits = append(commits, Commit{SHA: sha, Parents: parents, AuthoredAt: int64(made) * 60e6})
		made++
		return sha
	}
	main = append(main, add())
	for made < n {
		tip := main[len(main)-1]
		if r.IntN(3) == 0 {
			main = append(main, add(tip))
			continue
		}
		branch := main[max(0, len(main)-1-r.IntN(30))]
		for range min(1+r.IntN(6), n-made) {
			branch = add(branch)
		}
		if made < n {
			main = append(main, add(tip, branch))
		}
	}
	return commits, main
}

func benchGraph(commits []Commit) *Graph {
	b := NewBuilder(len(commits))
	for _, c := range commits {
		b.Add(c)
	}
	return b.Graph()
}

// benchGroup is deployments along the main line: one in forty goes back, one in fifty is a redeployment.
func benchGroup(main []SHA, n int, seed uint64) []Deployment {
	r := rand.New(rand.NewPCG(seed, 3))
	var out []Deployment
	for i := range n {
		at := (i + 1) * (len(main) - 1) / n
		switch {
		case i > 0 && r.IntN(50) == 0:
			out = append(out, Deployment{ID: strconv.Itoa(i), Commit: out[i-1].Commit, FinishedAt: int64(i)})
			continue
		case r.IntN(40) == 0:
			at = max(0, at-r.IntN(5000))
		}
		out = append(out, Deployment{ID: strconv.Itoa(i), Commit: main[at].String(), FinishedAt: int64(i)})
	}
	return out
}

// BenchmarkGraph numbers a million commits: as git lists them, and in no order at all.
func BenchmarkGraph(b *testing.B) {
	commits, _ := benchHistory(benchCommits)
	slices.Reverse(commits)
	for _, order := range []string{"newest-first", "random"} {
		b.Run(order, func(b *testing.B) {
			for b.Loop() {
				benchGraph(commits)
			}
		})
		rand.New(rand.NewPCG(4, 4)).Shuffle(len(commits), func(i, j int) { commits[i], commits[j] = commits[j], commits[i] })
	}
}

// BenchmarkAttribute attributes a million commits to 10,000 deployments: of one group, and of each of fifty.
func BenchmarkAttribute(b *testing.B) {
	commits, main := benchHistory(benchCommits)
	g := benchGraph(commits)
	for _, groups := range []int{1, 50} {
		deployments := make([][]Deployment, groups)
		for i := range deployments {
			deployments[i] = benchGroup(main, benchDeployments/groups, uint64(i))
		}
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			var shipped int
			for b.Loop() {
				shipped = 0
				for _, group := range deployments {
					shipped += len(g.Attribute(group).Shipped)
				}
			}
			b.ReportMetric(float64(shipped), "commits")
			b.ReportMetric(resident(), "MiB")
		})
	}
}

// BenchmarkPullRequests judges every merge of the main line.
func BenchmarkPullRequests(b *testing.B) {
	commits, main := benchHistory(benchCommits)
	g := benchGraph(commits)
	var pulls []PullRequest
	for i, sha := range main {
		if n := g.Find(sha); g.IsMerge(n) {
			pulls = append(pulls, PullRequest{ID: strconv.Itoa(i), Merge: sha.String(), Head: g.SHA(g.of(n)[1]).String(), MergedAt: int64(i)})
		}
	}
	b.ResetTimer()
	for b.Loop() {
		g.PullRequests(pulls, nil)
	}
	b.ReportMetric(float64(len(pulls)), "pulls")
}

func resident() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.Sys-m.HeapReleased) / (1 << 20)
}
