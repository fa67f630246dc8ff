package pipeline

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/load"
	"fourfold/load/duckdb"
	"fourfold/transform"
)

// BenchmarkShip takes a million commits and 10,000 deployments from the ledgers to the tables of a build: of ten
// repositories with a service each, and of one repository with ten services.
func BenchmarkShip(b *testing.B) {
	const commits, deployments, services = 1_000_000, 10_000, 10
	for _, repositories := range []int{services, 1} {
		b.Run(fmt.Sprintf("repositories=%d", repositories), func(b *testing.B) {
			dir := b.TempDir()
			config := "sources:\n  github:\n    repositories:\n"
			w := newBenchLedger(b, dir)
			for r := range repositories {
				var names []string
				for i := range services / repositories {
					names = append(names, fmt.Sprintf("s%d-%d", r, i))
				}
				config += fmt.Sprintf("      - {name: acme/r%d, service: [%s]}\n", r, strings.Join(names, ", "))
				w.repository(r, commits/repositories, deployments/repositories)
			}
			w.close()
			c := loadConfig(b, config)
			forgetPeak(b)
			for i := 0; b.Loop(); i++ {
				store, err := duckdb.OpenShip(b.Context(), dir, filepath.Join(dir, fmt.Sprint(i, ".duckdb")), benchClock.Add(time.Hour), duckdb.Options{})
				if err != nil {
					b.Fatal(err)
				}
				told, err := shipInto(b.Context(), c, store)
				if err != nil {
					b.Fatal(err)
				}
				if err := store.Close(); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(told.commits), "commits")
			}
			b.ReportMetric(peak(b), "MiB-peak")
		})
	}
}

// BenchmarkShipPaths takes a repository of 100,000 commits, each of three files of 20,000, that is divided into twenty
// services.
func BenchmarkShipPaths(b *testing.B) {
	dir := b.TempDir()
	w := newBenchLedger(b, dir)
	w.files = 20_000
	w.repository(1, 100_000, 1_000)
	w.close()
	var names []string
	services := "services:\n"
	for i := range 20 {
		names = append(names, fmt.Sprint("s", i))
		services += fmt.Sprintf("  - {name: s%d, paths: ['services/s%d/**', 'lib/{s%d,common}/*.go']}\n", i, i, i)
	}
	c := loadConfig(b, "sources: {github: {repositories: [{name: acme/*, service: ["+strings.Join(names, ", ")+"]}]}}\n"+services)
	forgetPeak(b)
	for i := 0; b.Loop(); i++ {
		store, err := duckdb.OpenShip(b.Context(), dir, filepath.Join(dir, fmt.Sprint(i, ".duckdb")), benchClock.Add(time.Hour), duckdb.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := Ship(b.Context(), c, store); err != nil {
			b.Fatal(err)
		}
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(peak(b), "MiB-peak")
}

var benchClock = time.Date(2026, 10, 20, 8, 0, 0, 0, time.UTC)

// benchLedger lands a history as the streams of the sources do.
type benchLedger struct {
	b     *testing.B
	store *duckdb.Store
	rows  map[*transform.Table]*transform.Rows
	next  int
	files int // that commits change three of; 0 where nobody knows what they change
}

func newBenchLedger(b *testing.B, dir string) *benchLedger {
	store, err := duckdb.Open(b.Context(), dir, duckdb.Options{})
	if err != nil {
		b.Fatal(err)
	}
	run, err := store.Begin(b.Context(), "run", benchClock)
	if err != nil {
		b.Fatal(err)
	}
	w := &benchLedger{b: b, store: store, rows: map[*transform.Table]*transform.Rows{}}
	for _, t := range slices.Concat(transform.Github, transform.Incidentio) {
		w.rows[t] = transform.NewRows(t, run, transform.Policy{PrivateIncidents: "include", People: "include"})
	}
	return w
}

func (w *benchLedger) add(t *transform.Table, format string, args ...any) {
	w.rows[t].Add(fmt.Appendf(nil, format, args...), false)
	if w.rows[t].Count() >= 50_000 {
		w.land(t)
	}
}

func (w *benchLedger) land(t *transform.Table) {
	batch := w.rows[t].Flush()
	defer batch.Rows.Release()
	if len(batch.Rejected) > 0 {
		w.b.Fatal(batch.Rejected[0].Reason)
	}
	if _, err := w.store.Append(w.b.Context(), load.Append{Stream: t.Name, Batch: batch, Cursor: json.RawMessage(`{}`)}); err != nil {
		w.b.Fatal(err)
	}
}

func (w *benchLedger) close() {
	for t := range w.rows {
		w.land(t)
	}
	if err := w.store.Close(); err != nil {
		w.b.Fatal(err)
	}
}

func (w *benchLedger) sha() string {
	w.next++
	return fmt.Sprintf("%x", sha1.Sum(fmt.Append(nil, w.next)))
}

// repository lands three years of a main line into which branches are merged, a pull request each, and deployments along
// it.
func (w *benchLedger) repository(id, commits, deployments int) {
	r := rand.New(rand.NewPCG(uint64(id), 1))
	w.add(transform.GithubRepositories, `{"id":"%d","full_name":"acme/r%d"}`, id, id)
	const years = 3 * 365 * 24 * time.Hour
	at, step := benchClock.Add(-years), years/time.Duration(commits+1)
	commit := func(parents ...string) string {
		sha := w.sha()
		at = at.Add(step)
		list, _ := json.Marshal(parents)
		paths := "null"
		if w.files > 0 && len(parents) < 2 {
			f := r.IntN(w.files)
			paths = fmt.Sprintf(`["lib/s%d/f%d.go","services/s%d/cmd/f%d.go","services/s%d/cmd/f%d.go"]`, f%40, f, f%20, f, f%20, f+1)
		}
		w.add(transform.GithubCommits, `{"id":"%d:%s","repository_id":"%d","sha":"%s","parents":%s,"authored_at":"%s","committed_at":"%s","author":{"name":"A","email":"a@example.com"},"title":"Do number %d of what had to be done","paths":%s}`,
			id, sha, id, sha, list, at.Format(time.RFC3339), at.Format(time.RFC3339), w.next, paths)
		return sha
	}
	line, times := []string{commit()}, []time.Time{at}
	for n := 1; n < commits; {
		tip := line[len(line)-1]
		if r.IntN(3) == 0 {
			line, times = append(line, commit(tip)), append(times, at)
			n++
			continue
		}
		head := line[max(0, len(line)-1-r.IntN(30))]
		for range 1 + r.IntN(6) {
			head = commit(head)
			n++
		}
		merge := commit(tip, head)
		n++
		line, times = append(line, merge), append(times, at)
		w.add(transform.GithubPullRequests, `{"id":"PR_%d_%d","repository_id":"%d","repository":"acme/r%d","number":%d,"mergeCommit":{"oid":"%s"},"headRefOid":"%s","mergedAt":"%s"}`,
			id, n, id, id, n, merge, head, at.Format(time.RFC3339))
	}
	for i := range deployments {
		tip := (i + 1) * (len(line) - 1) / deployments
		made := times[tip].Add(10 * time.Minute)
		w.add(transform.GithubDeployments, `{"id":"%d","repository_id":"%d","repository":"acme/r%d","deployment":{"sha":"%s","environment":"production","created_at":"%s"},"statuses":[{"id":"x","state":"SUCCESS","createdAt":"%s"}]}`,
			id*deployments+i, id, id, line[tip], made.Format(time.RFC3339), made.Add(time.Minute).Format(time.RFC3339))
	}
}
