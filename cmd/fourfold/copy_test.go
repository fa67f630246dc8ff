package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/bigquery"
	"fourfold/load"
	"fourfold/load/bigquery"
	"fourfold/load/duckdb"
)

func TestACopyGoesFromDuckDBToBigQuery(t *testing.T) {
	own := func(more string) *app { return configure(t, served{yaml: more}) }
	duckdb, there := own("data: data\n"), own("warehouse: {type: bigquery, project: project-1, dataset: ff, endpoint: \"http://127.0.0.1:9\"}\n")
	for _, x := range []struct {
		from, to *app
		want     string
	}{
		{there, duckdb, "warehouse.type: is not duckdb"},
		{duckdb, duckdb, "warehouse.type: is not bigquery"},
		{duckdb, there, "nothing has been synced yet"},
	} {
		if err := x.from.copy(t.Context(), x.to, "there.yaml"); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%v, want %s", err, x.want)
		}
	}
}

// People are hashed there as they were here, or nothing is copied.
func TestTheKeyThatPeopleAreHashedWithGoesAlong(t *testing.T) {
	where := inBigQuery(fake.Start(t))
	hash := func(c *app, text string) *app {
		t.Helper()
		if err := os.WriteFile(filepath.Join(c.data(), hashKeyFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return c
	}
	own := func(more string) *app { return configure(t, served{yaml: "timezone: UTC\n" + more}) }
	for _, x := range []struct {
		name        string
		here, there *app
		want, key   string
	}{
		{"made by the first run here", hash(own(""), "k1"), own(where), "", "k1"},
		{"the same file", hash(own(""), "k1"), hash(own(where), "k1"), "", "k1"},
		{"another file", hash(own(""), "k1"), hash(own(where), "k2"), "is not the one by which", ""},
		{"configured here alone", own("privacy: {hash_key: k1}\n"), own(where), "privacy.hash_key: is not given", ""},
		{"configured alike", own("privacy: {hash_key: k1}\n"), own(where + "privacy: {hash_key: k1}\n"), "", ""},
		{"configured otherwise", own("privacy: {hash_key: k1}\n"), own(where + "privacy: {hash_key: k2}\n"), "is not the one by which", ""},
		{"not hashed there", hash(own(""), "k1"), own(where + "privacy: {people: drop}\n"), "privacy.people: is drop, and the ledgers that are to be copied were made with hash", ""},
		{"not hashed here", own("privacy: {people: include}\n"), own(where), "privacy.people: is hash", ""},
		{"private incidents are kept here", hash(own("privacy: {private_incidents: include}\n"), "k1"), own(where), "privacy.private_incidents: is exclude", ""},
		{"nobody is hashed", own("privacy: {people: include}\n"), own(where + "privacy: {people: include}\n"), "", ""},
	} {
		handOver, err := x.here.sameKey(x.there)
		if err == nil {
			if _, err := os.Stat(filepath.Join(x.there.data(), hashKeyFile)); x.key != "" && x.key != "k1" && err == nil {
				t.Errorf("%s: the key is there before the copy has begun", x.name)
			}
			err = handOver()
		}
		if (x.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %q", x.name, err, x.want)
		}
		var usage usageError
		if err != nil && (!errors.As(err, &usage) || strings.Contains(err.Error(), "k1") || strings.Contains(err.Error(), "k2")) {
			t.Errorf("%s: %v", x.name, err)
		}
		if got, err := os.ReadFile(filepath.Join(x.there.data(), hashKeyFile)); x.key != "" && string(got) != x.key {
			t.Errorf("%s: the key there is %q, %v", x.name, got, err)
		}
	}
}

// Rounds go on while a copy is cut off; those that land nothing leave their rows of runs, too.
func TestACopyThatWasCutOffIsGoneOnWithAfterARoundWithoutNews(t *testing.T) {
	t.Parallel()
	here, there := inBoth(t, serveStatusPage, fake.Start(t), "")
	here.round()
	client, err := distributed{there.app}.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	from, err := duckdb.Open(t.Context(), here.data(), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cut := context.WithCancel(t.Context())
	defer cut()
	if _, err := bigquery.Import(ctx, client, from, func(m load.Moved) {
		if m.Table == "incidentio_incidents" {
			cut()
		}
	}); err == nil {
		t.Error("it was cut off")
	}
	if err := errors.Join(from.Close(), client.Close()); err != nil {
		t.Fatal(err)
	}
	here.round()
	if err := here.copy(t.Context(), there.app, "there.yaml"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(here.ledgers(), there.ledgers()); diff != "" {
		t.Errorf("ledgers (-DuckDB +BigQuery):\n%s", diff)
	}
}
