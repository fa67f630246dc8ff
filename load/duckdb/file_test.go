package duckdb

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"fourfold/load"
	"fourfold/transform"
)

// landed lands severities in a store and closes it.
func landed(t *testing.T, dir string, records ...string) {
	t.Helper()
	s := open(t, dir)
	defer closed(t, s)
	land(t, s, records...)
}

func land(t *testing.T, s *Store, records ...string) load.Result {
	t.Helper()
	run, err := s.Begin(t.Context(), "run", time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	rows := transform.NewRows(transform.IncidentioSeverities, run, transform.Policy{})
	for _, r := range records {
		rows.Add([]byte(r), false)
	}
	b := rows.Flush()
	defer b.Rows.Release()
	res, err := s.Append(t.Context(), load.Append{Stream: "incidentio/severities", Batch: b, Cursor: json.RawMessage(`1`)})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func closed(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// change runs statements on the ledgers' file outside of the program.
func change(t *testing.T, dir string, statements ...string) {
	t.Helper()
	s := open(t, dir)
	defer closed(t, s)
	for _, q := range statements {
		if _, err := s.conn.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
}

const severityA = `{"id":"a","name":"A","rank":1}`

func TestAFileOfANewerLayoutIsRefusedAndNotTouched(t *testing.T) {
	dir := t.TempDir()
	landed(t, dir, severityA)
	change(t, dir, fmt.Sprintf("update raw.main._format set version = %d", formatVersion+1))
	path := filepath.Join(dir, RawFile)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), dir, Options{})
	if !errors.Is(err, load.ErrNewer) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "upgrade") {
		t.Errorf("%v: want ErrNewer that names %s and says to upgrade", err, path)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed: %v", err)
	}
	if _, err := os.Stat(path + ".wal"); err == nil {
		t.Error("a write-ahead log was left")
	}
}

func TestAFileThatIsNoDatabaseIsRefusedAndNotTouched(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, RawFile)
	text := bytes.Repeat([]byte("not a database "), 1000)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v: want an error that names %s", err, path)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(text, after) {
		t.Errorf("the file was changed: %v", err)
	}
}

func TestAColumnThatTheFileLacksIsAdded(t *testing.T) {
	dir := t.TempDir()
	landed(t, dir, severityA)
	change(t, dir, "alter table raw.main.incidentio_severities drop column description")
	s := open(t, dir)
	defer closed(t, s)
	if res := land(t, s, severityA, `{"id":"b","name":"B","rank":1,"description":"new"}`); res.Added != 1 {
		t.Errorf("%+v: want the one new object", res)
	}
	got, err := s.Lookup(t.Context(), transform.IncidentioSeverities, "description", []string{"a", "b"})
	if err != nil || got["a"] != "" || got["b"] != "new" {
		t.Errorf("description %v, %v", got, err)
	}
}

func TestATableThatTheFileLacksIsAdded(t *testing.T) {
	dir := t.TempDir()
	landed(t, dir, severityA)
	change(t, dir, "drop table raw.main.incidentio_users", "drop table raw.main.runs", "drop table raw.main._seen")
	s := open(t, dir)
	defer closed(t, s)
	if err := s.Record(t.Context(), load.StreamRun{Status: "ok"}); err != nil {
		t.Error(err)
	}
	for range s.Scan(t.Context(), transform.IncidentioUsers) {
		t.Error("an object in a new table")
	}
}

func TestAColumnOfAnotherTypeIsRefusedAndTheWayOutIsSaid(t *testing.T) {
	dir := t.TempDir()
	landed(t, dir, severityA)
	change(t, dir, "alter table raw.main.incidentio_severities alter column rank type varchar")
	_, err := Open(t.Context(), dir, Options{})
	for _, want := range []string{"incidentio_severities.rank", "varchar", "bigint", "new data directory"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want it to say %q", err, want)
		}
	}
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatalf("another directory: %v", err)
	}
	closed(t, s)
}

func TestTheTimeZoneOfTheMachineIsOfNoMoment(t *testing.T) {
	t.Setenv("TZ", "Asia/Tokyo")
	dir := t.TempDir()
	s := open(t, dir)
	land(t, s, `{"id":"a","name":"A","rank":1,"updated_at":"2026-10-05T08:00:00Z"}`)
	for _, q := range []string{"select current_setting('TimeZone')", "select strftime(_source_updated_at, 'UTC') from raw.main.incidentio_severities where hour(_source_updated_at) = 8"} {
		rows, err := s.Query(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for row, err := range rows.All {
			if n++; err != nil || row[0] != "UTC" {
				t.Errorf("%s: %v, %v", q, row, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d rows", q, n)
		}
	}
	closed(t, s)
	db, err := OpenRawReadOnly(dir, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got, err := answer(t.Context(), db, "select hour(_source_updated_at), current_setting('TimeZone') from incidentio_severities"); err != nil || got != "8 UTC" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTheLedgersFileHoldsNothingButTables(t *testing.T) {
	dir := t.TempDir()
	landed(t, dir, severityA, `{"id":"b"}`)
	db, err := OpenRawReadOnly(dir, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got, err := answer(t.Context(), db, "select count(*) from duckdb_views() where not internal"); err != nil || got != "0" {
		t.Errorf("views: %s, %v", got, err)
	}
	if got, err := answer(t.Context(), db, "select table_name from duckdb_tables() where table_name not like 'incidentio_%' and table_name not like 'github_%' and table_name not like 'files_%' order by 1"); err != nil || got != "_clock\n_cursors\n_format\n_seen\nreconciliations\nrejected\nruns" {
		t.Errorf("tables: %s, %v", got, err)
	}
}

func TestTheMarkChangesWhenABuildWouldBeAnotherAndOnlyThen(t *testing.T) {
	dir := t.TempDir()
	mark := func() string {
		t.Helper()
		m, _, err := Mark(t.Context(), dir, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	last := ""
	step := func(what string, changes bool, f func(*Store)) {
		t.Helper()
		s := open(t, dir)
		f(s)
		closed(t, s)
		if now := mark(); (now != last) != changes {
			t.Errorf("%s: the mark changed %v, want %v", what, now != last, changes)
		} else {
			last = now
		}
	}
	record := func(status string) func(*Store) {
		return func(s *Store) {
			run, err := s.Begin(t.Context(), "r", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Record(t.Context(), load.StreamRun{Run: run, Source: "s", Stream: "x", Status: status, RowsRead: run.At.UnixMicro() % 1000, StartedAt: run.At, FinishedAt: run.At}); err != nil {
				t.Fatal(err)
			}
		}
	}
	step("an empty ledger", true, func(*Store) {})
	step("a new object", true, func(s *Store) { land(t, s, severityA) })
	step("the same again", false, func(s *Store) { land(t, s, severityA) })
	step("nothing", false, func(*Store) {})
	step("a change", true, func(s *Store) { land(t, s, `{"id":"a","name":"B","rank":1}`) })
	step("a rejected object", true, func(s *Store) { land(t, s, `{"id":"b"}`) })
	step("the same rejected object", false, func(s *Store) { land(t, s, `{"id":"b"}`) })
	step("the first run of a stream", true, record("ok"))
	step("another like it", false, record("ok"))
	step("one that failed", true, record("failed"))
	step("another that failed", false, record("failed"))
	step("one that went well again", true, record("ok"))
	step("a tombstone", true, func(s *Store) {
		run, err := s.Begin(t.Context(), "r", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		b := transform.NewRows(transform.IncidentioSeverities, run, transform.Policy{}).Flush()
		defer b.Rows.Release()
		if res, err := s.Append(t.Context(), load.Append{Stream: "s", Batch: b, Begin: true, Sweep: &load.Sweep{MaxShare: 1}}); err != nil || res.Tombstones != 1 {
			t.Fatal(res, err)
		}
	})
	_, latest, err := Mark(t.Context(), dir, Limits{})
	if err != nil || time.Since(latest) > time.Hour || latest.Location() != time.UTC {
		t.Errorf("latest %v, %v", latest, err)
	}
}

// fillEnv makes the test binary a process that lands batches in a folder until it fails; limitEnv limits its files.
const (
	fillEnv  = "FOURFOLD_TEST_FILL"
	limitEnv = "FOURFOLD_TEST_FILL_LIMIT"
)

func fill(dir string) int {
	ctx := context.Background()
	if os.Getenv(limitEnv) != "" {
		signal.Ignore(unix.SIGXFSZ) // writing then fails as on a full disk
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 6 << 20, Max: unix.RLIM_INFINITY}); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	s, err := Open(ctx, dir, Options{})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	run, err := s.Begin(ctx, "run", time.Now())
	for n := 0; err == nil && n < 400; n++ {
		rows := transform.NewRows(transform.IncidentioSeverities, run, transform.Policy{})
		for i := range 200 {
			rows.Add(fmt.Appendf(nil, `{"id":"%d-%d","name":"%s","rank":1}`, n, i, noise(n*1000+i)), false)
		}
		b := rows.Flush()
		_, err = s.Append(ctx, load.Append{Stream: "s", Batch: b, Cursor: json.RawMessage(fmt.Sprint(n))})
		b.Rows.Release()
	}
	fmt.Println(err)
	s.Close()
	if err == nil {
		return 0
	}
	return 1
}

// noise is a kilobyte that cannot be compressed.
func noise(seed int) string {
	var out strings.Builder
	for x := uint64(seed + 1); out.Len() < 1000; {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		fmt.Fprintf(&out, "%016x", x)
	}
	return out.String()
}

func TestAFullDiskIsSaidPlainlyAndTheNextRunIsWhole(t *testing.T) {
	t.Run("a limit of the user", func(t *testing.T) {
		dir := t.TempDir()
		fillUp(t, dir, "the limit of this user", limitEnv+"=1")
		wholeAfterFilling(t, dir)
	})
	t.Run("the file system", func(t *testing.T) {
		dir := t.TempDir()
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=12m"); err != nil {
			t.Logf("only root may mount a small file system (%v); the other half of this test needs none", err)
			return
		}
		t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
		fillUp(t, dir, "the disk is full: free some space")
		if err := unix.Mount("", dir, "", unix.MS_REMOUNT, "size=200m"); err != nil {
			t.Fatal(err)
		}
		wholeAfterFilling(t, dir)
	})
}

// fillUp lands batches in another process until there is no room.
func fillUp(t *testing.T, dir, want string, env ...string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), fillEnv+"="+dir), env...)
	out, err := cmd.Output()
	if err == nil || !strings.Contains(string(out), want) {
		t.Fatalf("%v, %.600s: want it to say %q", err, out, want)
	}
}

// wholeAfterFilling checks that the ledgers hold the batches up to the cursor, whole, and that more can land.
func wholeAfterFilling(t *testing.T, dir string) {
	t.Helper()
	s := open(t, dir)
	defer closed(t, s)
	cursor, err := s.Cursor(t.Context(), "s")
	if err != nil || cursor == nil {
		t.Fatalf("cursor %s, %v: want that of the last batch that landed", cursor, err)
	}
	var n int
	fmt.Sscan(string(cursor), &n)
	live := 0
	for _, err := range s.Scan(t.Context(), transform.IncidentioSeverities) {
		if err != nil {
			t.Fatal(err)
		}
		live++
	}
	if live != (n+1)*200 {
		t.Errorf("%d objects after the batch %d: want %d", live, n, (n+1)*200)
	}
	if res := land(t, s, severityA); res.Added != 1 {
		t.Errorf("the next batch: %+v", res)
	}
}
