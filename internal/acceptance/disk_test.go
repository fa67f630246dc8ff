package acceptance

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/incidentio"
)

// synced is a data directory with the ledgers of the small organisation.
func synced(t *testing.T) *workplace {
	t.Helper()
	_, base := serveSmall(t)
	w := newWorkplace(t, smallConfig(base))
	w.run("sync")
	return w
}

func TestADatabaseOfANewerVersionIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	for name, makeNewer := range map[string]func(t *testing.T, path string){
		"a later layout of fourfold's": func(t *testing.T, path string) {
			db, err := sql.Open("duckdb", path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec("update _format set version = 999"); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		},
		"a later format of DuckDB's": func(t *testing.T, path string) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			// After a checksum and the word DUCK comes the number of the format.
			if string(text[8:12]) != "DUCK" {
				t.Fatalf("%s does not begin as it did", path)
			}
			if binary.LittleEndian.Uint64(text) != checksum(text[8:4096]) {
				t.Fatal("its checksum is not what it was")
			}
			binary.LittleEndian.PutUint64(text[12:], 120)
			binary.LittleEndian.PutUint64(text, checksum(text[8:4096]))
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := synced(t)
			path := filepath.Join(w.data(), "raw.duckdb")
			makeNewer(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"sync"}, {"run"}, {"build"}, {"sql", "--raw", "select 1"}} {
				o := w.fails(1, "newer version", args...)
				if !strings.Contains(o.lastLine(), "upgrade") && !strings.Contains(o.stderr, "upgrade") {
					t.Errorf("%v does not say what to do:\n%s", args, o.stderr)
				}
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
}

// checksum is DuckDB's of a block: a mix of every eight bytes.
func checksum(block []byte) uint64 {
	sum := uint64(5381)
	for ; len(block) >= 8; block = block[8:] {
		sum ^= binary.LittleEndian.Uint64(block) * 0xbf58476d1ce4e5b9
	}
	return sum
}

// The limit on the size of a file stands for a full disk: writing fails in the same places.
func TestAFullDiskIsSaidAndTheNextSyncGoesOnFromWhatLanded(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t, fake.WithClock(func() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }))
	whole := newWorkplace(t, smallConfig(base))
	whole.run("sync")
	w := newWorkplace(t, smallConfig(base))
	failed := 0
	for blocks := 40; blocks < 400; blocks += 40 { // of 512 bytes
		cmd := exec.Command("sh", "-c", fmt.Sprintf(`ulimit -f %d; exec "$0" "$@"`, blocks), program, "sync")
		cmd.Dir, cmd.Env = w.dir, w.env
		out, err := cmd.CombinedOutput()
		if err == nil {
			break
		}
		failed++
		if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(string(out), "the file has reached the limit") {
			t.Errorf("with %d blocks: exit %d\n%s", blocks, code, out)
		}
	}
	if failed < 2 {
		t.Errorf("only %d syncs failed", failed)
	}
	w.run("sync")
	left := []string{"runs", "_clock", "_cursors", "_observed_at", "_run_id"}
	sameTables(t, export(t, filepath.Join(w.data(), "raw.duckdb"), left...), export(t, filepath.Join(whole.data(), "raw.duckdb"), left...))
}

func TestADataDirectoryThatCannotBeMadeIsSaid(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	w := newWorkplace(t, smallConfig(base, "data: ./taken/data"))
	if err := os.WriteFile(filepath.Join(w.dir, "taken"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"sync"}, {"build"}, {"run"}, {"sql", "--raw", "select 1"}} {
		w.fails(1, "taken", args...)
	}
}

func TestPathsWithOddCharactersWork(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	w := newWorkplace(t, smallConfig(base, `data: "it's a データ (1)"`))
	w.run("sync")
	if got := w.raw(`select count(*) as n from incidentio_severities`); got[0] != "3" {
		t.Errorf("%s severities", got[0])
	}
}

func TestBeforeTheFirstRoundEveryCommandSaysWhatToDo(t *testing.T) {
	t.Parallel()
	_, base := serveSmall(t)
	w := newWorkplace(t, smallConfig(base))
	if text := w.run("status"); !strings.Contains(text, "fourfold run") {
		t.Errorf("status says %q", text)
	}
	if d := cmp.Diff("{\n  \"version\": \"\",\n  \"problems\": []\n}\n", w.run("status", "--format", "json")); d != "" {
		t.Errorf("status as JSON (-want +got)\n%s", d)
	}
	w.fails(1, "fourfold run", "sql", "select 1")
	w.fails(1, "fourfold run", "explain", "incident", "1")
	w.fails(1, "fourfold sync", "sql", "--raw", "select 1")
	w.fails(1, "fourfold sync", "build")
}
