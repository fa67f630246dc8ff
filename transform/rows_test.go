package transform

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/google/go-cmp/cmp"
)

var updateFiles = flag.Bool("update", false, "write the golden files and the generated ones anew")

// testRun is the run of every row in these tests.
var testRun = Run{ID: "run-1", At: time.Date(2026, 10, 10, 3, 0, 0, 123456000, time.UTC)}

// plain keeps everything but private incidents and secrets.
var plain = Policy{PrivateIncidents: "exclude", People: "include"}

// hashed is the default policy.
var hashed = Policy{PrivateIncidents: "exclude", People: "hash", HashKey: []byte("a key of an organisation")}

// convert makes a batch of records, and its rows by column.
func convert(t testing.TB, table *Table, p Policy, records ...string) (Batch, []map[string]any) {
	t.Helper()
	r := NewRows(table, testRun, p)
	for _, record := range records {
		r.Add([]byte(record), false)
	}
	b := r.Flush()
	t.Cleanup(b.Rows.Release)
	return b, values(b)
}

// values gives the rows of a batch by column; null is left out, instants are RFC 3339.
func values(b Batch) []map[string]any {
	out := make([]map[string]any, b.Rows.NumRows())
	for i := range out {
		out[i] = map[string]any{}
		for c, f := range b.Rows.Schema().Fields() {
			if b.Rows.Column(c).IsNull(i) {
				continue
			}
			switch col := b.Rows.Column(c).(type) {
			case *array.String:
				out[i][f.Name] = col.Value(i)
			case *array.Int64:
				out[i][f.Name] = col.Value(i)
			case *array.Float64:
				out[i][f.Name] = col.Value(i)
			case *array.Boolean:
				out[i][f.Name] = col.Value(i)
			case *array.Timestamp:
				out[i][f.Name] = time.UnixMicro(int64(col.Value(i))).UTC().Format(time.RFC3339Nano)
			default:
				panic(fmt.Sprintf("column %s is a %T", f.Name, col))
			}
		}
	}
	return out
}

// sample gives the objects of an answer of the API.
func sample(t testing.TB, file string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "sample", file))
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	for key, value := range answer {
		var list []json.RawMessage
		switch {
		case key == "incident":
			return []string{string(value)}
		case key != "pagination_meta" && json.Unmarshal(value, &list) == nil:
			var out []string
			for _, item := range list {
				out = append(out, string(item))
			}
			return out
		}
	}
	t.Fatalf("%s has no list", file)
	return nil
}

// samples say which table takes which answers.
var samples = []struct {
	table *Table
	files []string
}{
	{IncidentioIncidents, []string{"incidents_list.json", "incident_private.json", "incidents_last_page_declined.json"}},
	{IncidentioIncidentUpdates, []string{"incident_updates_list.json"}},
	{IncidentioFollowUps, []string{"follow_ups_v3_list.json"}},
	{IncidentioIncidentAttachments, []string{"incident_attachments_list.json"}},
	{IncidentioPostmortems, []string{"postmortem_documents_list.json"}},
}

// embeddedDefinitions gives, out of the first sample incident, records of the tables of definitions.
func embeddedDefinitions(t testing.TB) map[*Table][]string {
	t.Helper()
	var v struct {
		Status     json.RawMessage `json:"incident_status"`
		Severity   json.RawMessage `json:"severity"`
		Type       json.RawMessage `json:"incident_type"`
		Timestamps []struct {
			Timestamp json.RawMessage `json:"incident_timestamp"`
		} `json:"incident_timestamp_values"`
		Roles []struct {
			Role, Assignee json.RawMessage
		} `json:"incident_role_assignments"`
		Fields []struct {
			Field json.RawMessage `json:"custom_field"`
		} `json:"custom_field_entries"`
	}
	if err := json.Unmarshal([]byte(sample(t, "incidents_list.json")[0]), &v); err != nil {
		t.Fatal(err)
	}
	out := map[*Table][]string{
		IncidentioIncidentStatuses: {string(v.Status)}, IncidentioSeverities: {string(v.Severity)}, IncidentioIncidentTypes: {string(v.Type)},
	}
	for _, x := range v.Timestamps {
		out[IncidentioIncidentTimestamps] = append(out[IncidentioIncidentTimestamps], string(x.Timestamp))
	}
	for _, x := range v.Roles {
		out[IncidentioIncidentRoles] = append(out[IncidentioIncidentRoles], string(x.Role))
		if x.Assignee != nil {
			out[IncidentioUsers] = append(out[IncidentioUsers], string(x.Assignee))
		}
	}
	for _, x := range v.Fields {
		out[IncidentioCustomFields] = append(out[IncidentioCustomFields], string(x.Field))
		var f struct{ Options []json.RawMessage }
		if err := json.Unmarshal(x.Field, &f); err != nil {
			t.Fatal(err)
		}
		for _, o := range f.Options {
			out[IncidentioCustomFieldOptions] = append(out[IncidentioCustomFieldOptions], string(o))
		}
	}
	return out
}

func TestRowsOfTheSamplesAreTheGoldenOnes(t *testing.T) {
	records := embeddedDefinitions(t)
	for _, s := range samples {
		for _, f := range s.files {
			records[s.table] = append(records[s.table], sample(t, f)...)
		}
	}
	for _, table := range Incidentio {
		t.Run(table.Name, func(t *testing.T) {
			if len(records[table]) == 0 {
				t.Fatal("no sample")
			}
			b, rows := convert(t, table, Policy{PrivateIncidents: "redact", People: "hash", HashKey: hashed.HashKey}, records[table]...)
			if len(rows) != len(records[table]) || len(b.Rejected) > 0 || len(b.Withheld) > 0 {
				t.Errorf("%d records gave %d rows, rejected %v, withheld %v", len(records[table]), len(rows), b.Rejected, b.Withheld)
			}
			for _, r := range rows {
				// JSON in the golden file as JSON, so that a person can read it.
				for _, c := range table.Ledger() {
					if text, ok := r[c.Name].(string); ok && c.Type == JSON {
						r[c.Name] = json.RawMessage(text)
					}
				}
			}
			golden(t, filepath.Join("testdata", "golden", table.Name+".json"), append(jsonText(t, rows), '\n'))
		})
	}
}

func jsonText(t testing.TB, v any) []byte {
	t.Helper()
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return []byte(strings.TrimRight(text.String(), "\n"))
}

// golden compares with a committed file, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *updateFiles {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: run the test with -update", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-committed +now), -update writes it anew:\n%s", path, diff)
	}
}

func TestABatchSaysWhatCameInAndKeepsTheOrder(t *testing.T) {
	r := NewRows(IncidentioSeverities, testRun, plain)
	records := []string{`{"id":"b","name":"B","rank":1}`, `{"id":"c"}`, `nothing`, `{"id":"a","name":"A","rank":2}`}
	var ids []string
	size := 0
	for _, record := range records {
		ids = append(ids, r.Add([]byte(record), false))
		size += len(record)
	}
	if r.Count() != len(records) || r.Len() != size {
		t.Errorf("Count %d, Len %d, want %d and %d", r.Count(), r.Len(), len(records), size)
	}
	b := r.Flush()
	defer b.Rows.Release()
	if diff := cmp.Diff([]string{"b", "c", "", "a"}, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	rows := values(b)
	if len(rows) != 2 || rows[0]["id"] != "b" || rows[1]["id"] != "a" || rows[0][RowColumn].(int64) >= rows[1][RowColumn].(int64) {
		t.Errorf("rows %v: want b and a, numbered as they came", rows)
	}
	if b.Read != len(records) || b.Bytes != size || b.Table != IncidentioSeverities || b.Run != testRun {
		t.Errorf("batch %+v", b)
	}
	empty := r.Flush()
	defer empty.Rows.Release()
	if r.Count() != 0 || r.Len() != 0 || empty.Read != 0 || empty.Rows.NumRows() != 0 || len(empty.Rejected) != 0 {
		t.Errorf("a second Flush gave %+v, want nothing", empty)
	}
}

func TestARowDoesNotDependOnTheRecordsBeforeIt(t *testing.T) {
	full := sample(t, "incidents_list.json")[0]
	bare := `{"id":"x","reference":"INC-1","name":"N","mode":"standard","visibility":"public","incident_status":{"id":"s","category":"live"},` +
		`"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}`
	_, alone := convert(t, IncidentioIncidents, hashed, bare)
	_, after := convert(t, IncidentioIncidents, hashed, full, bare)
	delete(alone[0], RowColumn)
	delete(after[1], RowColumn)
	if diff := cmp.Diff(alone[0], after[1]); diff != "" {
		t.Errorf("the same record alone and after another (-alone +after):\n%s", diff)
	}
}

func TestTheRecordMayBeOverwrittenAfterAdd(t *testing.T) {
	r := NewRows(IncidentioSeverities, testRun, plain)
	record := []byte(`{"id":"a","name":"A","rank":1}`)
	id := r.Add(record, false)
	for i := range record {
		record[i] = 'x'
	}
	b := r.Flush()
	defer b.Rows.Release()
	if rows := values(b); id != "a" || rows[0]["name"] != "A" || rows[0]["payload"] != `{"id":"a","name":"A","rank":1}` {
		t.Errorf("id %q, rows %v", id, rows)
	}
}
