package bigquery

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/googleapi"

	fake "fourfold/internal/fake/bigquery"
	"fourfold/load"
	"fourfold/transform"
)

// sql runs a statement as somebody at the console does.
func sql(t *testing.T, c *Client, text string) {
	t.Helper()
	job, err := c.bq.Query(text).Run(t.Context())
	if err == nil {
		_, err = job.Wait(t.Context())
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func metadata(t *testing.T, c *Client, table string) *bigquery.TableMetadata {
	t.Helper()
	md, err := c.bq.Dataset(c.Raw()).Table(table).Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return md
}

func TestEveryTableIsDescribedAndLaidOutForItsQueries(t *testing.T) {
	server := fake.Start(t)
	c, err := Connect(t.Context(), Options{Project: server.Project, Dataset: "d", Location: "US", Endpoint: server.URL, Labels: map[string]string{"team": "sre"}})
	if err != nil {
		t.Fatal(err)
	}
	begin(t, c, 1).close()
	for _, x := range allTables() {
		md := metadata(t, c, x.name)
		if md.Description == "" {
			t.Errorf("%s has no description", x.name)
		}
		for _, f := range md.Schema {
			if f.Description == "" {
				t.Errorf("%s.%s has no description", x.name, f.Name)
			}
		}
		if diff := cmp.Diff(map[string]string{"team": "sre"}, md.Labels); diff != "" {
			t.Errorf("%s: labels: %s", x.name, diff)
		}
		if x.partition != "" && (md.TimePartitioning == nil || md.TimePartitioning.Field != x.partition || md.TimePartitioning.Type != bigquery.DayPartitioningType) {
			t.Errorf("%s is partitioned by %+v, want days of %s", x.name, md.TimePartitioning, x.partition)
		}
		if len(x.cluster) > 0 && (md.Clustering == nil || !cmp.Equal(md.Clustering.Fields, x.cluster)) {
			t.Errorf("%s is clustered by %+v, want %v", x.name, md.Clustering, x.cluster)
		}
	}
}

func TestOpeningAWarehouseThatIsAsItWasAsksForNoTable(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	begin(t, c, 1).close()
	server.Calls()
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	got := kindsOf(server.Calls())
	slices.Sort(got)
	if !cmp.Equal(got, []string{"tabledata.list", "tables", "tables"}) { // the client looks at the schema of what it lists, at once
		t.Errorf("requests %v", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := kindsOf(server.Calls()); len(got) > 0 {
		t.Errorf("closing what nothing was done with: %v", got)
	}
}

// forget has the next store look at every table, as one of another version does.
func forget(t *testing.T, c *Client) {
	t.Helper()
	if err := c.changeState(t.Context(), "forget", func(st *state) { st.Schema = "" }); err != nil {
		t.Fatal(err)
	}
}

// remake makes a ledger, in which nothing has landed, with other columns. (The emulator does not tell what a statement has
// altered.)
func remake(t *testing.T, c *Client, name string, change func(bigquery.Schema) bigquery.Schema) {
	t.Helper()
	ref := c.bq.Dataset(c.Raw()).Table(name)
	md := metadata(t, c, name)
	if err := ref.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := ref.Create(t.Context(), &bigquery.TableMetadata{Schema: change(md.Schema)}); err != nil {
		t.Fatal(err)
	}
}

func without(name string) func(bigquery.Schema) bigquery.Schema {
	return func(s bigquery.Schema) bigquery.Schema {
		return slices.DeleteFunc(slices.Clone(s), func(f *bigquery.FieldSchema) bool { return f.Name == name })
	}
}

func TestAColumnThatIsNewIsAddedAndOneOfAnotherTypeIsRefused(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	begin(t, c, 0).close()
	remake(t, c, "incidentio_severities", func(s bigquery.Schema) bigquery.Schema {
		return append(without("description")(without("rank")(s)), &bigquery.FieldSchema{Name: "by_hand", Type: bigquery.StringFieldType})
	})
	forget(t, c)
	for n, rows := range [][][3]string{first, second} {
		r := begin(t, c, n+1)
		r.must(fmt.Sprintf(`{"at":%d}`, n+1), rows...)
		r.close()
	}
	if diff := cmp.Diff(both, content(t, c)); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
	for _, x := range []struct {
		table, says string
		change      func(bigquery.Schema) bigquery.Schema
	}{
		{"incidentio_users", "incidentio_users.name is INTEGER there and STRING in this program", func(s bigquery.Schema) bigquery.Schema {
			return append(without("name")(s), &bigquery.FieldSchema{Name: "name", Type: bigquery.IntegerFieldType})
		}},
		{"incidentio_users", "incidentio_users has no column _hash", without("_hash")},
		{"incidentio_users", "column by_hand, which every row needs", func(s bigquery.Schema) bigquery.Schema {
			return append(slices.Clone(s), &bigquery.FieldSchema{Name: "by_hand", Type: bigquery.StringFieldType, Required: true})
		}},
	} {
		was := metadata(t, c, x.table).Schema
		remake(t, c, x.table, x.change)
		forget(t, c)
		if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), x.says) || !strings.Contains(err.Error(), "load anew into another warehouse.dataset") {
			t.Errorf("%s: %v", x.says, err)
		}
		remake(t, c, x.table, func(bigquery.Schema) bigquery.Schema { return was })
	}
}

// What somebody changed by hand is noticed when something lands, said, and mended by the next run as far as it can be.
func TestATableThatWasChangedByHandIsLookedAtAgain(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	begin(t, c, 0).close()
	remake(t, c, "incidentio_severities", without("description"))
	r := begin(t, c, 1)
	if _, err := r.land(`{"at":1}`, first...); !errors.Is(err, errChanged) {
		t.Errorf("an append to a table that lacks a column: %v", err)
	}
	r.close()
	for n, rows := range [][][3]string{first, second} {
		r = begin(t, c, n+2)
		r.must(fmt.Sprintf(`{"at":%d}`, n+1), rows...)
		r.close()
	}
	if diff := cmp.Diff(both, content(t, c)); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
	if err := c.bq.Dataset(c.Raw()).Table("incidentio_severities").Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	forget(t, c)
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "incidentio_severities has gone, in which 4 rows had landed") {
		t.Errorf("a ledger that has gone: %v", err)
	}
	sql(t, c, "delete from "+c.table(c.Raw(), cursorsTable)+" where table_name = 'incidentio_severities'")
	r = begin(t, c, 4)
	r.must(`{"at":2}`, second...)
	r.close()
	if diff := cmp.Diff([]string{"a A2 false\n", "b B false\n", "c C false\n", `{"at":2}`}, content(t, c)); diff != "" {
		t.Errorf("content when it was read anew (-want +got):\n%s", diff)
	}
}

func TestADatasetOfALaterLayoutIsRefused(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	begin(t, c, 1).close()
	if err := c.changeState(t.Context(), "grow", func(st *state) { st.Format = formatVersion + 1 }); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), c); !errors.Is(err, load.ErrNewer) {
		t.Errorf("Open: %v, want ErrNewer", err)
	}
	if _, _, err := Mark(t.Context(), c); !errors.Is(err, load.ErrNewer) {
		t.Errorf("Mark: %v, want ErrNewer", err)
	}
}

// A state that was damaged by hand is made anew: the clock is after that of what has landed, and the cursors are the rows'.
func TestAStateThatWasDamagedIsMadeAnew(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	r := begin(t, c, 5)
	r.must(`{"at":1}`, first...)
	r.must(`{"at":2}`, first...) // nothing new: it is no row
	r.close()
	if _, err := c.bq.Dataset(c.Raw()).Table(stateTable).Update(t.Context(), bigquery.TableMetadataToUpdate{Description: "mine" + stateMark + "{"}, ""); err != nil {
		t.Fatal(err)
	}
	again := begin(t, c, 1)
	if !again.run.At.After(r.run.At) {
		t.Errorf("a run at %v after one at %v", again.run.At, r.run.At)
	}
	if cursor, err := again.store.Cursor(t.Context(), "test/severities"); err != nil || string(cursor) != `{"at":1}` {
		t.Errorf("cursor %s, %v", cursor, err)
	}
}

func TestADatasetInAnotherLocationIsRefused(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	begin(t, c, 1).close()
	c.opts.Location = "asia-northeast1"
	forget(t, c)
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "set warehouse.location to US") {
		t.Errorf("Open: %v", err)
	}
}

// That one table has gone is said before the others are looked at or made.
func TestALedgerThatHasGoneIsSaidBeforeTablesAreMade(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	r := begin(t, c, 1)
	rows := transform.NewRows(transform.IncidentioSeverities, r.run, transform.Policy{})
	rows.Add([]byte(`{"id":"bad","name":"N"}`), false)
	if res, err := r.store.Append(t.Context(), load.Append{Stream: "test/severities", Batch: rows.Flush()}); err != nil || res.Rejected != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	r.close()
	for _, name := range []string{seenTable, rejectedTable} { // the second is one of the last
		if err := c.bq.Dataset(c.Raw()).Table(name).Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	forget(t, c)
	server.Calls()
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "rejected has gone, in which 1 rows had landed") {
		t.Errorf("Open: %v", err)
	}
	for _, call := range server.Calls() {
		_, name, _ := strings.Cut(call.Path, "/tables/")
		if of, _, _ := strings.Cut(name, "/"); call.Method != http.MethodGet || !slices.Contains([]string{"", stateTable, cursorsTable}, of) {
			t.Errorf("%s %s", call.Method, call.Path)
		}
	}
}

// What does not fit beside the tables is a row: a long cursor lands.
func TestACursorThatIsLongLandsThoughNothingIsNew(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	long := func(n string) string { return `{"repositories":"` + strings.Repeat(n, mostReadOn) + `"}` }
	for n, text := range []string{`{}`, long("a"), long("b"), `{"at":1}`} {
		r := begin(t, c, n+1)
		r.must(text, first...)
		r.close()
		s, err := Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Cursor(t.Context(), "test/severities"); err != nil || string(got) != text {
			t.Errorf("a cursor of %d bytes came back as one of %d, %v", len(text), len(got), err)
		}
	}
	if md := metadata(t, c, stateTable); len(md.Description) > 16_384 {
		t.Errorf("a description of %d bytes", len(md.Description))
	}
}

// An append whose job is said to have failed, and did not, is made again under another id, and lands once.
func TestAnAppendThatIsMadeTwiceLandsOnce(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	r := begin(t, c, 1)
	server.Calls()
	r.must(`{"at":1}`, first...)
	r.must(`{"at":2}`, second...)
	for _, call := range server.Calls() {
		if call.Kind != "query" {
			continue
		}
		var job struct {
			Configuration struct{ Query struct{ Query string } }
		}
		if err := json.Unmarshal([]byte(call.Body), &job); err != nil {
			t.Fatal(err)
		}
		_, err := c.script(t.Context(), "again", "again-"+call.JobID, job.Configuration.Query.Query, nil)
		if isFirst := strings.Contains(call.JobID, "severities-1"); isFirst != (err != nil && strings.Contains(err.Error(), conflictMark)) {
			t.Errorf("%s again: %v", call.JobID, err)
		}
	}
	r.close()
	if diff := cmp.Diff(both, content(t, c)); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
	cursors, err := c.cursors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if x := cursors["test/severities"]; x.revision != 2 || x.landed != 4 || x.table != "incidentio_severities" || !x.landedAt.Equal(r.run.At) {
		t.Errorf("cursor %+v", x)
	}
}

// BigQuery cancels one of two transactions that change one table: it is asked for again, under the next id.
func TestATransactionThatWasCancelledByAnotherIsAskedForAgain(t *testing.T) {
	quickly(t)
	for _, message := range []string{
		"Query error: Transaction is aborted due to concurrent update against table p:d_raw._cursors. Transaction ID: 61e3 at [24:9]",
		"Could not serialize access to table p:d_raw._cursors due to concurrent update",
	} {
		var ids []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var job struct{ JobReference map[string]string }
			if err := json.NewDecoder(r.Body).Decode(&job); err != nil {
				t.Error(err)
			}
			ids = append(ids, job.JobReference["jobId"])
			status := map[string]any{"state": "DONE"}
			if len(ids) < 3 {
				status["errorResult"] = map[string]string{"reason": "invalidQuery", "message": message}
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"jobReference": job.JobReference, "status": status, "configuration": map[string]any{"query": map[string]any{}}})
		}))
		defer server.Close()
		c, err := Connect(t.Context(), Options{Project: "p", Dataset: "d", Endpoint: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.script(t.Context(), "append", "id", "select 1", nil); err != nil {
			t.Errorf("%s: %v", message, err)
		}
		if diff := cmp.Diff([]string{"id-1", "id-2", "id-3"}, ids); diff != "" {
			t.Errorf("%s: jobs (-want +got):\n%s", message, diff)
		}
	}
	if passes(&googleapi.Error{Code: 400, Message: "Syntax error"}) {
		t.Error("what is wrong is asked for again")
	}
}

func TestTheMarkChangesWithWhatLandedAndHowStreamsEnded(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	if _, _, err := Mark(t.Context(), c); !errors.Is(err, errNoState) {
		t.Errorf("of nothing: %v", err)
	}
	n := 0
	run := func(status string, what func(*round)) (string, *round) {
		t.Helper()
		n++
		r := begin(t, c, n)
		what(r)
		if err := r.store.Record(t.Context(), load.StreamRun{Run: r.run, Source: "test", Stream: "severities", Table: "incidentio_severities", StartedAt: r.run.At, FinishedAt: r.run.At, Status: status}); err != nil {
			t.Fatal(err)
		}
		if err := r.store.Close(); err != nil {
			t.Fatal(err)
		}
		server.Calls()
		mark, latest, err := Mark(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if calls := server.Calls(); fake.Count(calls, "query", "load", "jobs.query") > 0 {
			t.Errorf("a mark asks with %v", kindsOf(calls))
		}
		if latest.After(r.run.At) || latest.IsZero() {
			t.Errorf("latest is %v in a run at %v", latest, r.run.At)
		}
		return mark, r
	}
	land := func(names ...[3]string) func(*round) { return func(r *round) { r.must(`{}`, names...) } }
	marks := map[string]string{}
	expect := func(what, mark string, isNew bool) {
		t.Helper()
		if before, known := marks[mark]; known == isNew {
			t.Errorf("%s: mark %s, which is that of %q", what, mark, before)
		}
		marks[mark] = what
	}
	mark, at := run("ok", land(first...))
	expect("two objects", mark, true)
	mark, _ = run("ok", land(first...))
	expect("nothing new", mark, false)
	mark, _ = run("ok", func(r *round) {
		r.store.cursors["test/severities"].known = &known{} // it lands, and adds nothing
		r.must(`{"at":9}`, first...)
	})
	expect("nothing new, by a job", mark, false)
	mark, _ = run("failed", land())
	expect("a stream that fails", mark, true)
	mark, _ = run("failed", land())
	expect("fails again", mark, false)
	if _, latest, err := Mark(t.Context(), c); err != nil || !latest.Equal(at.run.At) {
		t.Errorf("latest is %v, %v, want %v", latest, err, at.run.At)
	}
	mark, _ = run("ok", land(second...))
	expect("a version", mark, true)
	mark, _ = run("ok", func(r *round) {
		if _, err := r.store.Append(t.Context(), load.Append{Stream: "test/severities", Batch: r.severities(), Gone: []string{"c"}}); err != nil {
			t.Fatal(err)
		}
	})
	expect("a tombstone", mark, true)
	mark, _ = run("ok", func(r *round) {
		rows := transform.NewRows(transform.IncidentioSeverities, r.run, transform.Policy{})
		rows.Add([]byte(`{"id":"bad","name":"N"}`), false)
		if res, err := r.store.Append(t.Context(), load.Append{Stream: "test/severities", Batch: rows.Flush()}); err != nil || res.Rejected != 1 {
			t.Fatalf("%+v, %v", res, err)
		}
	})
	expect("a rejection", mark, true)
}
