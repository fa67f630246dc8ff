package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	fake "fourfold/internal/fake/bigquery"
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
		{"another file", hash(own(""), "k1"), hash(own(where), "k2"), "does not hash people as", ""},
		{"configured here alone", own("privacy: {hash_key: k1}\n"), own(where), "privacy.hash_key: is not given", ""},
		{"configured alike", own("privacy: {hash_key: k1}\n"), own(where + "privacy: {hash_key: k1}\n"), "", ""},
		{"configured otherwise", own("privacy: {hash_key: k1}\n"), own(where + "privacy: {hash_key: k2}\n"), "does not hash people as", ""},
		{"not hashed there", hash(own(""), "k1"), own(where + "privacy: {people: drop}\n"), "does not hash people as", ""},
	} {
		err := x.here.handOverKey(x.there)
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
