package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	fake "fourfold/internal/fake/redash"
	"fourfold/load/duckdb"
)

const inRedash = "redash: {url: %URL%, api_key: " + fake.DefaultKey + ", data_source: warehouse, duckdb_copy: /srv/redash/fourfold.duckdb}\n"

func TestDashboardsGoToRedash(t *testing.T) {
	for name, warehouse := range map[string]string{"duckdb": "", "bigquery": "warehouse: {type: bigquery, project: acme-metrics, dataset: ff}\n"} {
		s := fake.New(fake.V26)
		s.AddSource("warehouse", name)
		h := httptest.NewServer(s)
		t.Cleanup(h.Close)
		a := configure(t, served{yaml: warehouse + strings.ReplaceAll(inRedash, "%URL%", h.URL)})
		var out bytes.Buffer
		a.out = &out
		run := func(f redashFlags, want string) {
			t.Helper()
			out.Reset()
			f.refresh, f.wait = time.Hour, time.Minute
			if err := a.redash(t.Context(), f); err != nil {
				t.Fatal(err)
			}
			if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); !strings.HasPrefix(lines[len(lines)-1], want) {
				t.Errorf("%s: %s, want %s", name, lines[len(lines)-1], want)
			}
		}
		run(redashFlags{dryRun: true}, "dry run, nothing written: ")
		if s.Writes() != 0 {
			t.Errorf("%s: a dry run wrote %d times", name, s.Writes())
		}
		run(redashFlags{}, "done: ")
		s.Forget()
		run(redashFlags{}, "nothing to do: ")
		if s.Writes() != 0 || strings.Contains(out.String(), fake.DefaultKey) {
			t.Errorf("%s: the second run wrote %d times, or told the key: %s", name, s.Writes(), out.String())
		}
	}
}

func TestWhatIsWrongWithRedashIsAMistakeInUsage(t *testing.T) {
	s := fake.New(fake.V26)
	s.AddSource("warehouse", "bigquery")
	s.AddSource("file", "duckdb")
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	whole := strings.ReplaceAll(inRedash, "%URL%", h.URL)
	for _, x := range []struct {
		yaml  string
		flags redashFlags
		want  string
	}{
		{"", redashFlags{}, "redash.url: is empty"},
		{"redash: {url: \"" + h.URL + "\"}\n", redashFlags{dataSource: "file"}, "redash.api_key: is empty"},
		{whole, redashFlags{dataSource: "nothing"}, `no "nothing" of type bigquery or duckdb; there are "warehouse" (bigquery, id 1), "file" (duckdb, id 2)`},
		{whole, redashFlags{}, `warehouse.type: is duckdb, and the data source "warehouse" is of type bigquery`},
		{strings.Replace(whole, "duckdb_copy: /srv/redash/fourfold.duckdb", "duckdb_copy: \"\"", 1), redashFlags{dataSource: "file"}, `redash.duckdb_copy: is empty, and the data source "file" is of type duckdb`},
		{whole, redashFlags{url: "redash.example.com", dataSource: "file"}, "the server's address is none"},
		{whole, redashFlags{dataSource: "file", refresh: time.Second}, "--refresh 1s is no time between runs"},
	} {
		a := configure(t, served{yaml: "timezone: UTC\n" + x.yaml})
		if x.flags.refresh == 0 {
			x.flags.refresh = time.Hour
		}
		x.flags.wait = time.Minute
		err := a.redash(t.Context(), x.flags)
		if err == nil || !strings.Contains(err.Error(), x.want) || exitCode(err) != exitUsage || strings.Contains(err.Error(), fake.DefaultKey) {
			t.Errorf("%v (%d), want %s", err, exitCode(err), x.want)
		}
	}
	if s.Writes() != 0 {
		t.Errorf("%d writes", s.Writes())
	}
	wrong := configure(t, served{yaml: strings.ReplaceAll(whole, fake.DefaultKey, "anotherKeyAltogether")})
	err := wrong.redash(t.Context(), redashFlags{dataSource: "file", refresh: time.Hour, wait: time.Minute})
	if err == nil || exitCode(err) != exitFailed || !strings.Contains(err.Error(), "if the key is wrong") || strings.Contains(err.Error(), "anotherKeyAltogether") {
		t.Errorf("%v", err)
	}
}

// Each build is given to Redash once, as a file of its own that can be written, and nothing of the file before stays.
func TestRedashGetsACopyOfEachBuild(t *testing.T) {
	a := configure(t, served{yaml: "redash: {duckdb_copy: shared/redash.duckdb}\n"})
	to := string(a.cfg.Redash.DuckDBCopy)
	builds := duckdb.Builds{Dir: a.data()}
	publish := func(id, text string) {
		t.Helper()
		if err := builds.Prepare(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(builds.Next(), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := builds.Keep(id); err != nil {
			t.Fatal(err)
		}
		if err := builds.Publish(id); err != nil {
			t.Fatal(err)
		}
	}
	give := func(want string) {
		t.Helper()
		if err := a.giveRedash(); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(to)
		if err != nil || string(got) != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
		if s, err := os.Stat(to); err != nil || s.Mode().Perm()&0o200 == 0 {
			t.Errorf("it cannot be written: %v %v", s.Mode(), err)
		}
		if left, _ := filepath.Glob(to + ".next"); left != nil {
			t.Errorf("%v is left", left)
		}
	}
	if err := a.giveRedash(); err == nil || !strings.Contains(err.Error(), "redash.duckdb_copy") {
		t.Errorf("without a build: %v", err)
	}
	publish("20260101T000000.000000Z", "one")
	give("one")
	for name, text := range map[string]string{to: "one, opened by Redash", to + ".wal": "log"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	give("one, opened by Redash") // it has this build
	publish("20260102T000000.000000Z", "two")
	give("two")
	if _, err := os.Stat(to + ".wal"); err == nil {
		t.Error("the log of the file before is still there")
	}
	if err := os.Remove(to); err != nil {
		t.Fatal(err)
	}
	give("two")
	none := configure(t, served{yaml: "timezone: UTC\n"})
	if err := none.giveRedash(); err != nil {
		t.Errorf("nobody asked for a copy: %v", err)
	}
}
