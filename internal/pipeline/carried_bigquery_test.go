package pipeline

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	project "fourfold/dbt"
	"fourfold/load"
	"fourfold/load/bigquery"
	"fourfold/transform"
)

// carriedProject is dbt's project with the models that go on from build to build, and a mart that shows their rows.
func carriedProject(t *testing.T) fs.FS {
	t.Helper()
	out := smallProject(t).(fstest.MapFS) //nolint:forcetypeassert // it is
	for _, path := range []string{
		"models/staging/incidentio/sources.yml", "models/staging/incidentio/base_incidentio__incidents.sql", "models/staging/incidentio/base_incidentio__timestamp_names.sql",
		"models/staging/incidentio/stg_incidentio__incidents.sql", "models/staging/fourfold/sources.yml", "models/staging/fourfold/stg_fourfold__runs.sql",
		"models/intermediate/quality/int_streams_freshness.sql",
	} {
		text, err := fs.ReadFile(project.Project, path)
		if err != nil {
			t.Fatal(err)
		}
		out[path] = &fstest.MapFile{Data: text}
	}
	out["models/marts/fct_carried.sql"] = &fstest.MapFile{Data: []byte(`select concat('incident ', s.incident_id, ' ', s.name) as what from {{ ref('stg_incidentio__incidents') }} as s
union all
select concat('name ', n.name, ' ', cast(n.last_seen_at as string)) as what from {{ ref('base_incidentio__timestamp_names') }} as n
union all
select concat('stream ', f.stream, ' ', f.status, ' ', f.run_id, ' ', cast(f.last_ok_at as string)) as what from {{ ref('int_streams_freshness') }} as f`)}
	out["models/marts/more.yml"] = &fstest.MapFile{Data: []byte("models:\n  - {name: fct_carried, columns: [{name: what, data_type: string}]}\n")}
	return out
}

// incidentLine lands an incident: its id, its name, and what it calls a timestamp.
type incidentLine struct{ id, name, updated, timestamp string }

// landIncidents is a run that brings incidents, and tombstones of those without a name, some days after the start.
func landIncidents(t *testing.T, l *bigqueryLedger, id string, day int, status string, lines ...incidentLine) {
	t.Helper()
	text, err := os.ReadFile("../../transform/testdata/incident.json")
	if err != nil {
		t.Fatal(err)
	}
	store, err := bigquery.Open(t.Context(), l.client)
	if err != nil {
		t.Fatal(err)
	}
	run, err := store.Begin(t.Context(), id, start.Add(time.Duration(day)*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	rows := transform.NewRows(transform.IncidentioIncidents, run, transform.Policy{PrivateIncidents: "include", People: "include"})
	a := load.Append{Stream: "incidentio/incidents"}
	var gone []string
	for _, x := range lines {
		if x.name == "" {
			gone = append(gone, x.id)
			continue
		}
		var o map[string]any
		if err := json.Unmarshal(text, &o); err != nil {
			t.Fatal(err)
		}
		o["id"], o["name"], o["updated_at"] = x.id, x.name, x.updated
		for _, v := range o["incident_timestamp_values"].([]any)[:1] { //nolint:forcetypeassert // the file's
			v.(map[string]any)["incident_timestamp"].(map[string]any)["name"] = x.timestamp //nolint:forcetypeassert // the file's
		}
		o["incident_timestamp_values"] = o["incident_timestamp_values"].([]any)[:1] //nolint:forcetypeassert // the file's
		record, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		rows.Add(record, false)
	}
	a.Batch = rows.Flush()
	if len(a.Batch.Rejected) > 0 {
		t.Fatal(a.Batch.Rejected[0].Reason)
	}
	a.Batch.Withheld = append(a.Batch.Withheld, gone...)
	if _, err := store.Append(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	a.Batch.Rows.Release()
	if err := store.Record(t.Context(), load.StreamRun{Run: run, Source: "incidentio", Stream: "incidents", Table: "incidentio_incidents", StartedAt: run.At, FinishedAt: run.At, Status: status}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// A build in BigQuery goes on from the one before, and is what one that begins from nothing is: after versions, stale
// answers, tombstones and what came again.
func TestABuildInBigQueryGoesOnFromTheOneBefore(t *testing.T) {
	l := newBigqueryLedger(t)
	l.run(0, append(commits("1", "a", "b a"), repo("1", "acme/api"), deploy(1, "1", "production", "a", 10))...)
	var log bytes.Buffer
	b := newBigqueryBuild(t, l, buildConfig, &log)
	b.Project = carriedProject(t)
	at := start
	b.Clock = func() time.Time { at = at.Add(time.Second); return at }
	reader := bigquery.NewReader(l.client)
	merged := func() bool {
		t.Helper()
		text, err := os.ReadFile(b.dir() + "/dbt/logs/output.log")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(text), "MERGE (")
	}
	build := func(day int, req BuildRequest, goesOn bool, want ...string) {
		t.Helper()
		at = start.Add(time.Duration(day)*24*time.Hour + time.Hour)
		res, err := b.Run(t.Context(), req)
		if err != nil || res.Skipped != "" {
			t.Fatalf("day %d: %+v, %v", day, res, err)
		}
		if merged() != goesOn {
			t.Errorf("day %d: went on: %v, want %v", day, merged(), goesOn)
		}
		rows, err := reader.Query(t.Context(), res.ID, "select what from fct_carried order by 1")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for row, err := range rows.All {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, row[0].(string)) //nolint:forcetypeassert // a text
		}
		same(t, "what is carried", got, want)
	}

	landIncidents(t, l, "r1", 1, "ok", incidentLine{"a", "A", "2026-10-20T10:00:00Z", "Old name"}, incidentLine{"b", "B", "2026-10-20T10:00:00Z", "Old name"}, incidentLine{"c", "C", "2026-10-20T10:00:00Z", "Old name"})
	build(1, BuildRequest{}, false, "incident a A", "incident b B", "incident c C", "name Old name 2026-10-21 08:00:00+00", "stream incidents ok r1 2026-10-21 08:00:00+00")

	landIncidents(t, l, "r2", 2, "failed", incidentLine{"a", "A2", "2026-10-22T10:00:00Z", "New name"}, incidentLine{"b", "", "", ""}, incidentLine{"d", "D", "2026-10-22T10:00:00Z", "New name"}, incidentLine{"c", "stale", "2026-10-19T10:00:00Z", "Old name"})
	build(2, BuildRequest{}, true, "incident a A2", "incident c C", "incident d D", "name New name 2026-10-22 08:00:00+00", "name Old name 2026-10-22 08:00:00+00", "stream incidents failed r2 2026-10-21 08:00:00+00")

	if c, err := b.Cost(t.Context()); err != nil || len(c.Items) < 6 {
		t.Errorf("what the next one would read: %+v, %v", c, err)
	}

	landIncidents(t, l, "r3", 6, "ok", incidentLine{"b", "B again", "2026-10-20T11:00:00Z", "New name"}, incidentLine{"d", "", "", ""})
	carried := []string{"incident a A2", "incident b B again", "incident c C", "name New name 2026-10-26 08:00:00+00", "name Old name 2026-10-22 08:00:00+00", "stream incidents ok r3 2026-10-26 08:00:00+00"}
	build(6, BuildRequest{}, true, carried...)
	build(6, BuildRequest{Force: true}, false, carried...)
}
