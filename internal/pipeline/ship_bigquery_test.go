package pipeline

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"

	fake "fourfold/internal/fake/bigquery"
	"fourfold/load/bigquery"
	"fourfold/load/duckdb"
	"fourfold/transform"
)

// bigqueryLedger is the same as a githubLedger, in BigQuery.
type bigqueryLedger struct {
	t      *testing.T
	server *fake.Server
	client *bigquery.Client
	runs   int
}

func newBigqueryLedger(t *testing.T) *bigqueryLedger {
	t.Helper()
	l := &bigqueryLedger{t: t, server: fake.Start(t)}
	var err error
	l.client, err = bigquery.Connect(t.Context(), bigquery.Options{Project: l.server.Project, Dataset: "ff", Location: "US", Endpoint: l.server.URL, Labels: map[string]string{"team": "sre"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.client.Close() })
	return l
}

func (l *bigqueryLedger) run(hour int, records ...landing) {
	l.t.Helper()
	store, err := bigquery.Open(l.t.Context(), l.client)
	if err != nil {
		l.t.Fatal(err)
	}
	l.runs++
	landInto(l.t, store, l.runs, hour, records...)
}

// ship fills a build as of an hour and gives the rows of its tables, sorted.
func (l *bigqueryLedger) ship(config string, hour int) map[string][]string {
	l.t.Helper()
	store, err := bigquery.OpenShip(l.t.Context(), l.client, l.client.Build(), start.Add(time.Duration(hour)*time.Hour))
	if err != nil {
		l.t.Fatal(err)
	}
	_, err = shipInto(l.t.Context(), loadConfig(l.t, config), store)
	if err := errors.Join(err, store.Close()); err != nil {
		l.t.Fatal(err)
	}
	client, err := bq.NewClient(l.t.Context(), l.server.Project, option.WithEndpoint(l.server.URL+"/bigquery/v2/"), option.WithoutAuthentication())
	if err != nil {
		l.t.Fatal(err)
	}
	defer client.Close()
	out := map[string][]string{}
	for _, table := range transform.Ship {
		it := client.Dataset(l.client.Build()).Table(table.Name).Read(l.t.Context())
		for {
			var row []bq.Value
			err := it.Next(&row)
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				l.t.Fatalf("%s: %v", table.Name, err)
			}
			values := make([]any, len(row))
			for i, v := range row {
				values[i] = v
			}
			out[table.Name] = append(out[table.Name], plainLine(values))
		}
		slices.Sort(out[table.Name])
	}
	return out
}

func plainLine(row []any) string {
	var line []string
	for _, v := range row {
		if at, ok := v.(time.Time); ok {
			v = at.UTC().Format(time.RFC3339Nano)
		}
		line = append(line, fmt.Sprintf("%v", v))
	}
	return strings.Join(line, " | ")
}

// whole fills a build of DuckDB as of an hour and gives the rows of its tables, sorted.
func (l *githubLedger) whole(config string, hour int) map[string][]string {
	l.t.Helper()
	l.ship(config, hour)
	db, err := duckdb.OpenReadOnly(l.path, duckdb.Limits{})
	if err != nil {
		l.t.Fatal(err)
	}
	defer db.Close()
	out := map[string][]string{}
	for _, table := range transform.Ship {
		rows, err := duckdb.QuerySelect(l.t.Context(), db, "select * from "+table.Name)
		if err != nil {
			l.t.Fatal(err)
		}
		for row, err := range rows.All {
			if err != nil {
				l.t.Fatal(err)
			}
			out[table.Name] = append(out[table.Name], plainLine(row))
		}
		slices.Sort(out[table.Name])
	}
	return out
}

// The commit graph says the same of the same ledgers in both engines: as of an earlier time, after renames, with what has
// gone, and of services that are alike and of those that are a part of a repository.
func TestBothEnginesShipTheSame(t *testing.T) {
	seeds := 2
	if os.Getenv("FOURFOLD_SOAK") == "1" {
		seeds = 60
	}
	full := map[string]bool{}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 8))
		names, services := randomServices(r)
		config := configOf(names, services)
		records := randomLedger(r, names)
		duck, big := &githubLedger{t: t, dir: t.TempDir()}, newBigqueryLedger(t)
		land := func(hour int, records ...landing) {
			duck.run(hour, records...)
			big.run(hour, records...)
		}
		half := len(records) / 2
		land(1, records[:half]...)
		land(2, records[half:]...)
		changed := []landing{repo("1", "acme/renamed")}
		for _, l := range records {
			if l.table == transform.GithubCommits && r.IntN(30) == 0 || l.table == transform.GithubDeployments && r.IntN(20) == 0 {
				var o struct{ ID string }
				if err := fromJSON(l.json, &o); err != nil {
					t.Fatal(err)
				}
				changed = append(changed, landing{table: l.table, gone: o.ID})
			}
		}
		land(3, changed...)
		for hour := range 4 {
			want, got := duck.whole(config, hour), big.ship(config, hour)
			for _, table := range transform.Ship {
				same(t, fmt.Sprintf("seed %d, as of hour %d, %s", seed, hour, table.Name), got[table.Name], want[table.Name])
				full[table.Name] = full[table.Name] || len(want[table.Name]) > 0
			}
		}
	}
	for _, table := range transform.Ship {
		if !full[table.Name] {
			t.Errorf("%s was always empty: nothing is shown of it", table.Name)
		}
	}
}
