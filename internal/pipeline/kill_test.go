package pipeline

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fourfold/extract/incidentio"
	fake "fourfold/internal/fake/incidentio"
	"fourfold/load/duckdb"
	"fourfold/transform"
)

// A process that syncs is killed at many points, and run again to the end: the ledgers must hold what they hold when
// nobody kills it. The process is the test binary itself; it runs one sync into victimEnv from the server at urlEnv.
const (
	victimEnv = "FOURFOLD_TEST_VICTIM"
	urlEnv    = "FOURFOLD_TEST_URL"
	fullEnv   = "FOURFOLD_TEST_FULL"
)

// killBatch makes many small batches, so that a kill finds something half done.
const killBatch = 8

func victim(dir string) error {
	return syncFake(context.Background(), dir, os.Getenv(urlEnv), os.Getenv(fullEnv) != "")
}

// syncFake is one sync of incident.io's API at a URL into a directory.
func syncFake(ctx context.Context, dir, url string, full bool) (err error) {
	lock, err := duckdb.Acquire(ctx, dir, "sync", false)
	if err != nil {
		return err
	}
	defer lock.Release()
	src, err := incidentio.New(incidentio.Options{BaseURL: url, APIKey: func() (string, error) { return fake.DefaultKey, nil }, NoLimits: true, Version: "test"})
	if err != nil {
		return err
	}
	defer src.Close()
	store, err := duckdb.Open(ctx, dir, duckdb.Options{})
	if err != nil {
		return err
	}
	s := Sync{
		Warehouse: store, Policy: transform.Policy{PrivateIncidents: "exclude", People: "hash", HashKey: []byte("key")},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Progress: &progress{rows: map[string][]int64{}}, Clock: func() time.Time { return start }, batch: killBatch,
		Sources: []Source{{Name: src.Name(), Streams: src.Streams(), MaxDeletions: 1, Requests: func(stream string) int64 { return src.Counts(stream).Requests }}},
	}
	r, err := s.Run(ctx, "run", Selection{Full: full})
	if failed := r.Failed(); err == nil && len(failed) > 0 {
		err = fmt.Errorf("%s: %s", failed[0].Stream, failed[0].Error)
	}
	if closeErr := store.Close(); err == nil {
		err = closeErr
	}
	return err
}

// killer serves an organisation and calls back at a request.
type killer struct {
	server   *httptest.Server
	requests atomic.Int64
	at       atomic.Int64
	kill     atomic.Pointer[func()]
}

func serve(t *testing.T, org *fake.Organisation) (*fake.Server, *killer) {
	t.Helper()
	f := fake.NewServer(org, fake.WithClock(func() time.Time { return start.Add(-time.Minute) }), fake.WithoutLimits())
	k := &killer{}
	k.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := k.requests.Add(1); n == k.at.Load() {
			if kill := k.kill.Load(); kill != nil {
				(*kill)()
			}
		}
		f.ServeHTTP(w, r)
	}))
	t.Cleanup(k.server.Close)
	return f, k
}

// content is every version and tombstone in the ledgers, without when and by which run, sorted.
func content(t *testing.T, dir string) []string {
	t.Helper()
	db, err := duckdb.OpenRawReadOnly(dir, duckdb.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var tables []string
	for _, table := range transform.All() {
		tables = append(tables, fmt.Sprintf("select '%s', id, _hash, _deleted from %s", table.Name, table.Name))
	}
	rows, err := duckdb.QuerySelect(t.Context(), db, strings.Join(tables, " union all "))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for row, err := range rows.All {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(row...))
	}
	slices.Sort(out)
	return out
}

// copyLedgers makes a data directory like another.
func copyLedgers(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if from == "" {
		return to
	}
	text, err := os.ReadFile(filepath.Join(from, duckdb.RawFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, duckdb.RawFile), text, 0o644); err != nil {
		t.Fatal(err)
	}
	return to
}

// livesOf is the number of processes that are killed in each of the two situations below: 64 in all, fewer in the short
// run of the inner loop.
func livesOf() int {
	if testing.Short() {
		return 4
	}
	return 32
}

func TestAKilledSyncThatIsRunAgainEndsInTheSameContent(t *testing.T) {
	t.Run("first sync", func(t *testing.T) {
		t.Parallel()
		_, k := serve(t, fake.Small())
		killMany(t, k, "", false)
	})
	t.Run("full check after changes", func(t *testing.T) {
		t.Parallel()
		f, k := serve(t, fake.Small())
		before := t.TempDir()
		if err := syncFake(t.Context(), before, k.server.URL, false); err != nil {
			t.Fatal(err)
		}
		f.ChangeIncident("1", func(i *fake.Incident) { i.Name = "Changed" })
		f.SetStatus("2", "Closed", "Done.")
		f.AddUpdate("3", "One more.", start.Add(-time.Hour))
		f.MakePrivate("4")
		f.DeleteIncident("5")
		f.DeleteIncident("6")
		f.RenameSeverity("Minor", "Lesser")
		killMany(t, k, before, true)
	})
}

// killMany kills a process at each of many points of a sync, each time in a copy of a directory, and runs it again.
func killMany(t *testing.T, k *killer, before string, full bool) {
	k.requests.Store(0)
	whole := copyLedgers(t, before)
	if err := syncFake(t.Context(), whole, k.server.URL, full); err != nil {
		t.Fatal(err)
	}
	want := content(t, whole)
	requests := k.requests.Load()
	if len(want) < 80 || requests < 20 {
		t.Fatalf("the whole sync left %d versions after %d requests: too little to be cut", len(want), requests)
	}
	quiet := k.requests.Load()
	if err := syncFake(t.Context(), whole, k.server.URL, false); err != nil {
		t.Fatal(err)
	}
	quiet = k.requests.Load() - quiet

	r := rand.New(rand.NewPCG(uint64(requests), 9))
	killed, lives := 0, livesOf()
	for life := range lives {
		dir := copyLedgers(t, before)
		// Every request is a point; and from it on up to 60 ms, in which batches land, or the last is written and closed.
		at := 1 + int64(life)*(requests-1)/int64(lives-1)
		delay := time.Duration(0)
		if life%2 == 1 {
			delay = time.Duration(r.IntN(60_000)) * time.Microsecond
		}
		if killOnce(t, k, dir, full, at, delay) {
			killed++
		}
		if !t.Run(fmt.Sprintf("killed %v after request %d", delay, at), func(t *testing.T) {
			// What a kill leaves can be read, as a build would, before anything repairs it.
			for _, line := range content(t, dir) {
				if _, ok := slices.BinarySearch(want, line); !ok && before == "" {
					t.Errorf("after the kill the ledgers hold %s, which the whole sync does not", line)
				}
			}
			if err := syncFake(t.Context(), dir, k.server.URL, full); err != nil {
				t.Fatal(err)
			}
			same(t, "content", content(t, dir), want)
			// And the cursors say the same: a sync in which nothing changed asks as much and adds nothing.
			asked := k.requests.Load()
			if life%12 == 0 {
				if err := syncFake(t.Context(), dir, k.server.URL, false); err != nil {
					t.Fatal(err)
				}
				same(t, "requests of the next sync", k.requests.Load()-asked, quiet)
				same(t, "content after the next sync", content(t, dir), want)
			}
		}) {
			break
		}
	}
	if killed < lives*3/4 {
		t.Errorf("%d of %d processes were killed before they ended: the others prove nothing", killed, lives)
	}
}

// killOnce runs a process and kills it some time after a request; it reports whether the kill found it alive.
func killOnce(t *testing.T, k *killer, dir string, full bool, at int64, delay time.Duration) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimEnv+"="+dir, urlEnv+"="+k.server.URL)
	if full {
		cmd.Env = append(cmd.Env, fullEnv+"=1")
	}
	var said strings.Builder
	cmd.Stderr = &said
	var once sync.Once
	started := make(chan struct{})
	kill := func() {
		once.Do(func() {
			<-started
			if delay == 0 {
				cmd.Process.Kill()
			} else {
				time.AfterFunc(delay, func() { cmd.Process.Kill() })
			}
		})
	}
	k.kill.Store(&kill)
	k.at.Store(k.requests.Load() + at)
	defer k.kill.Store(nil)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	err := cmd.Wait()
	if err != nil && cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the process failed by itself: %v: %s", err, said.String())
	}
	return err != nil
}
