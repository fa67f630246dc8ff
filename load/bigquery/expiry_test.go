package bigquery

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"

	fake "fourfold/internal/fake/bigquery"
)

const day = 24 * time.Hour

func TestADatasetWhoseTablesExpireIsRefused(t *testing.T) {
	dryRun := func() (int, map[string]any) { return dryRunOf("SELECT") }
	for _, name := range []string{"ff_raw", "ff_build", "ff_marts"} {
		for field, want := range map[string]string{
			"defaultTableExpirationMs":     "p." + name + " is made so that BigQuery removes its tables after 60 days (default_table_expiration_days)",
			"defaultPartitionExpirationMs": "p." + name + " is made so that BigQuery removes days of them after 60 days (default_partition_expiration_days)",
		} {
			c, _ := guarded(t, guards{"POST jobs": dryRun, "GET datasets/" + name: func() (int, map[string]any) {
				status, body := dataset(name)()
				body[field] = "5184000000"
				return status, body
			}})
			_, looked := Look(t.Context(), c)
			for what, err := range map[string]error{"a look": looked, "a run": c.ensureDataset(t.Context(), name, "")} {
				option := want[strings.LastIndex(want, "(")+1 : len(want)-1]
				if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "alter schema `p."+name+"` set options ("+option+" = null)") {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
	}
}

func TestALookSaysOfALedgerThatItExpires(t *testing.T) {
	for _, x := range []struct {
		table, want string
		body        map[string]any
	}{
		{
			cursorsTable, "p.ff_raw._cursors` set options (expiration_timestamp = null)",
			map[string]any{"expirationTime": "1790000000000"},
		},
		{
			"incidentio_incidents", "p.ff_raw.incidentio_incidents` set options (partition_expiration_days = null)",
			map[string]any{"timePartitioning": map[string]any{"type": "DAY", "field": "_observed_at", "expirationMs": "86400000"}},
		},
	} {
		c, _ := guarded(t, guards{
			"POST jobs": func() (int, map[string]any) { return dryRunOf("SELECT") }, "GET datasets/ff_raw": dataset("ff_raw"),
			"GET datasets/ff_raw/tables/" + x.table: func() (int, map[string]any) { return http.StatusOK, x.body },
		})
		_, looked := Look(t.Context(), c)
		s := &Store{c: c}
		for what, err := range map[string]error{"a look": looked, "a run": s.ensureTable(t.Context(), table{name: x.table})} {
			if err == nil || !strings.Contains(err.Error(), x.want) || !strings.Contains(err.Error(), "default_table_expiration_days and default_partition_expiration_days") {
				t.Errorf("%s: %v, want %s", what, err, x.want)
			}
		}
	}
}

func TestALedgerWhoseDaysExpireIsRefused(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	begin(t, c, 1).close()
	ref := c.bq.Dataset(c.Raw()).Table("incidentio_severities")
	md := metadata(t, c, "incidentio_severities")
	if err := ref.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := ref.Create(t.Context(), &bigquery.TableMetadata{
		Schema: md.Schema, TimePartitioning: &bigquery.TimePartitioning{Type: bigquery.DayPartitioningType, Field: "_observed_at", Expiration: 30 * day},
	})
	if err != nil {
		t.Fatal(err)
	}
	forget(t, c)
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "d_raw.incidentio_severities is made so that BigQuery removes each of its days after 30 days") {
		t.Errorf("Open: %v", err)
	}
}

// What a table gets by itself is seen when it has been made.
func TestATableThatWasJustMadeIsLookedAt(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	begin(t, c, 1).close()
	for _, name := range []string{cursorsTable, seenTable} {
		if err := c.bq.Dataset(c.Raw()).Table(name).Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	forget(t, c)
	server.Calls()
	begin(t, c, 2).close()
	made, looked := map[string]bool{}, map[string]bool{}
	for _, call := range server.Calls() {
		for _, name := range []string{cursorsTable, seenTable} {
			switch {
			case call.Kind == "tables" && call.Method == http.MethodPost && strings.Contains(call.Body, `"tableId":"`+name+`"`),
				call.Kind == "query" && strings.Contains(call.Body, "create table if not exists") && strings.Contains(call.Body, "."+name):
				made[name] = true
			case call.Kind == "tables" && call.Method == http.MethodGet && strings.HasSuffix(call.Path, "/"+name) && made[name]:
				looked[name] = true
			}
		}
	}
	if len(made) != 2 || len(looked) != 2 {
		t.Errorf("made %v, then looked at %v", made, looked)
	}
}
