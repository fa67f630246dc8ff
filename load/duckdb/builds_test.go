package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"fourfold/load"
)

// publish makes, keeps and publishes a build.
func publish(t *testing.T, b Builds, id string) {
	t.Helper()
	if err := b.Prepare(); err != nil {
		t.Fatal(err)
	}
	makeFile(t, b.Next(), id)
	if _, err := b.Keep(id); err != nil {
		t.Fatal(err)
	}
	if err := b.Publish(id); err != nil {
		t.Fatal(err)
	}
}

func filesOf(t *testing.T, b Builds) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(b.Dir, "builds"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestTheLastThreeBuildsStayAndTheLinkIsToTheLast(t *testing.T) {
	b := Builds{t.TempDir()}
	if _, _, err := b.Published(); !errors.Is(err, load.ErrNoBuild) || !strings.Contains(err.Error(), "fourfold run") {
		t.Errorf("before the first build: %v", err)
	}
	for i := 1; i <= 5; i++ {
		id := fmt.Sprintf("2026100%dT090000.000000Z", i)
		publish(t, b, id)
		got, path, err := b.Published()
		if err != nil || got != id || path != filepath.Join(b.Dir, "builds", id+".duckdb") {
			t.Errorf("published %s, %s, %v; want %s", got, path, err, id)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o444 {
			t.Errorf("mode %v, %v; want 0444", info.Mode(), err)
		}
	}
	want := []string{"20261003T090000.000000Z.duckdb", "20261004T090000.000000Z.duckdb", "20261005T090000.000000Z.duckdb"}
	if got := filesOf(t, b); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
	if info, err := os.Lstat(filepath.Join(b.Dir, "marts.duckdb")); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("marts.duckdb is no link: %v, %v", info, err)
	}
	// The link is relative: the data directory may be moved.
	moved := Builds{filepath.Join(t.TempDir(), "moved")}
	if err := os.Rename(b.Dir, moved.Dir); err != nil {
		t.Fatal(err)
	}
	if _, path, err := moved.Published(); err != nil || !exists(path) {
		t.Errorf("after a move: %s, %v", path, err)
	}
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func TestThePublishedBuildIsNeverPruned(t *testing.T) {
	b := Builds{t.TempDir()}
	publish(t, b, "20261001")
	// Somebody publishes an older build again after three newer ones were made.
	for _, id := range []string{"20261002", "20261003", "20261004"} {
		if err := b.Prepare(); err != nil {
			t.Fatal(err)
		}
		makeFile(t, b.Next(), id)
		if _, err := b.Keep(id); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Publish("20261001"); err != nil {
		t.Fatal(err)
	}
	if got := filesOf(t, b); len(got) != 4 {
		t.Errorf("files %v: want the published one and the last three", got)
	}
	// A build as of an earlier time is whoever asked for it to remove.
	publish(t, b, "as-of-20250101-built-20261005")
	for _, id := range []string{"20261006", "20261007", "20261008"} {
		publish(t, b, id)
	}
	if got, want := filesOf(t, b), []string{"20261006.duckdb", "20261007.duckdb", "20261008.duckdb", "as-of-20250101-built-20261005.duckdb"}; !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
}

func TestAnUnfinishedBuildIsRemovedAndNothingElse(t *testing.T) {
	b := Builds{t.TempDir()}
	publish(t, b, "20261001")
	makeFile(t, b.Next(), "half")
	if err := os.WriteFile(b.Next()+".wal", []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Keep("20261002"); err == nil || !strings.Contains(err.Error(), "not written to its end") {
		t.Errorf("Keep of a file with a write-ahead log: %v", err)
	}
	for _, f := range []func() error{b.Prepare, b.Discard} {
		if err := f(); err != nil {
			t.Fatal(err)
		}
		if got, want := filesOf(t, b), []string{"20261001.duckdb"}; !slices.Equal(got, want) {
			t.Errorf("files %v, want %v", got, want)
		}
	}
	if _, err := b.Keep("20261003"); err == nil {
		t.Error("Keep of nothing: no error")
	}
	if id, _, err := b.Published(); err != nil || id != "20261001" {
		t.Errorf("published %s, %v", id, err)
	}
}

func TestPublishingGoesOnWhereOneWasCutOff(t *testing.T) {
	b := Builds{t.TempDir()}
	publish(t, b, "20261001")
	if err := os.Symlink("builds/nothing.duckdb", filepath.Join(b.Dir, "marts.duckdb.next")); err != nil {
		t.Fatal(err)
	}
	publish(t, b, "20261002")
	if id, path, err := b.Published(); err != nil || id != "20261002" || !exists(path) || exists(filepath.Join(b.Dir, "marts.duckdb.next")) {
		t.Errorf("published %s, %s, %v", id, path, err)
	}
}

// TestTheLinkIsThereAtEveryMoment reads the link while builds are published: it is to name a whole file each time.
func TestTheLinkIsThereAtEveryMoment(t *testing.T) {
	b := Builds{t.TempDir()}
	publish(t, b, "20261000")
	ctx, stop := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	reads := 0
	reading.Go(func() {
		for ctx.Err() == nil {
			_, path, err := b.Published()
			if err != nil || !exists(path) {
				t.Errorf("published %s, %v", path, err)
				return
			}
			reads++
		}
	})
	for i := 1; i < 10; i++ {
		publish(t, b, fmt.Sprintf("202610%02d", i))
	}
	stop()
	reading.Wait()
	if reads == 0 {
		t.Error("nothing was read")
	}
}

func TestAReaderFollowsPublicationAndGoesOnWithWhatItBegan(t *testing.T) {
	b := Builds{t.TempDir()}
	r := NewReader(b.Dir, Limits{})
	defer r.Close()
	if _, err := r.Published(t.Context()); !errors.Is(err, load.ErrNoBuild) {
		t.Errorf("before the first build: %v", err)
	}
	who := func(id string) string {
		t.Helper()
		rows, err := r.Query(t.Context(), id, "select who from marts limit 1")
		if err != nil {
			t.Errorf("build %s: %v", id, err)
			return ""
		}
		got := ""
		for row, err := range rows.All {
			if err != nil {
				t.Error(err)
				return ""
			}
			got = row[0].(string)
		}
		return got
	}
	publish(t, b, "20261001")
	first, err := r.Published(t.Context())
	if err != nil || who(first) != "20261001" {
		t.Fatalf("first build %s, %v", first, err)
	}
	old, err := r.Query(t.Context(), first, "select who, n from marts")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row, err := range old.All {
		if err != nil || row[0] != "20261001" {
			t.Fatalf("row %d of the old build: %v, %v", n, row, err)
		}
		// While the rows of the first build are read, five more are published and read, and its file goes.
		if n%20000 == 100 {
			id := fmt.Sprintf("2026101%d", n/20000)
			publish(t, b, id)
			if now, err := r.Published(t.Context()); err != nil || now != id || who(now) != id {
				t.Errorf("published %s, %v; want %s", now, err, id)
			}
		}
		n++
	}
	if n != 100000 {
		t.Errorf("%d rows of the old build, want all", n)
	}
	if _, err := r.Query(t.Context(), first, "select 1"); err == nil {
		t.Error("a build that has been removed: no error")
	}
	if _, err := r.Query(t.Context(), "20261014", "select 1; select 2"); !errors.Is(err, ErrNotSelect) {
		t.Errorf("two statements: %v", err)
	}
}

func TestAReaderServesManyAtOnceWhileBuildsArePublished(t *testing.T) {
	b := Builds{t.TempDir()}
	publish(t, b, "20261000")
	r := NewReader(b.Dir, Limits{})
	defer r.Close()
	ctx, stop := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	for range 4 {
		reading.Go(func() {
			for ctx.Err() == nil {
				id, err := r.Published(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				rows, err := r.Query(t.Context(), id, "select who from marts limit 1")
				// Three may have been published since it was looked up: it has gone then, and is not the published one.
				if now, _ := r.Published(ctx); errors.Is(err, os.ErrNotExist) && now != id {
					continue
				}
				if err != nil {
					t.Errorf("build %s: %v", id, err)
					return
				}
				for row, err := range rows.All {
					if err != nil || row[0] != id {
						t.Errorf("build %s answered %v, %v", id, row, err)
					}
				}
			}
		})
	}
	for i := 1; i < 8; i++ {
		publish(t, b, fmt.Sprintf("202610%02d", i))
	}
	stop()
	reading.Wait()
}

func TestLedgersThatAreNotThereSaySo(t *testing.T) {
	if _, err := OpenRawReadOnly(t.TempDir(), Limits{}); err == nil || !strings.Contains(err.Error(), "fourfold sync") {
		t.Errorf("%v", err)
	}
}
