package transform

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// goodRecord gives a sample of a table as an object that can be changed.
func goodRecord(t *testing.T, table *Table) map[string]any {
	t.Helper()
	records := embeddedDefinitions(t)
	for _, s := range samples {
		records[s.table] = append(records[s.table], sample(t, s.files[0])...)
	}
	return decode(t, records[table][0]).(map[string]any)
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// place is where a required column stands: its JSON path in the API's object.
var place = map[string][]string{
	"status_id": {"incident_status", "id"}, "status_category": {"incident_status", "category"}, "resource_type": {"resource", "resource_type"},
}

func TestAMissingRequiredFieldSetsTheObjectAside(t *testing.T) {
	for _, table := range Incidentio {
		for _, c := range append([]Column{{Name: "id"}}, table.Columns...) {
			if c.Name != "id" && !c.Required {
				continue
			}
			for _, how := range []string{"absent", "null"} {
				v := goodRecord(t, table)
				path := place[c.Name]
				if path == nil {
					path = []string{c.Name}
				}
				if table == IncidentioIncidentUpdates && len(path) == 2 {
					path = []string{"new_incident_status", path[1]}
				}
				object := v
				for _, key := range path[:len(path)-1] {
					object = object[key].(map[string]any)
				}
				if _, ok := object[path[len(path)-1]]; !ok {
					t.Fatalf("%s: the sample has no %s", table.Name, c.Name)
				}
				if delete(object, path[len(path)-1]); how == "null" {
					object[path[len(path)-1]] = nil
				}
				id, _ := v["id"].(string)
				b, rows := convert(t, table, plain, encode(t, v))
				if len(rows) != 0 || len(b.Rejected) != 1 {
					t.Errorf("%s without %s: %d rows, rejected %v", table.Name, c.Name, len(rows), b.Rejected)
					continue
				}
				x := b.Rejected[0]
				if x.ObjectID != id || x.Column != c.Name || x.Landed || !strings.Contains(x.Reason, "missing") || !json.Valid([]byte(x.Payload)) || x.Table != table {
					t.Errorf("%s without %s: %+v", table.Name, c.Name, x)
				}
			}
		}
	}
}

func TestAWrongTypeInAnOptionalColumnLeavesItNullAndSaysSo(t *testing.T) {
	base := `"id":"1","reference":"INC-1","name":"N","mode":"standard","visibility":"public","incident_status":{"id":"s","category":"live"},"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"`
	for _, test := range []struct{ fields, column, reason string }{
		{`"summary":{"text":"x"}`, "summary", `expected text, found {"text":"x"}`},
		{`"summary":["x"]`, "summary", `expected text, found ["x"]`},
		{`"severity":{"id":"s","rank":"high"}`, "severity_rank", `expected a whole number, found "high"`},
		{`"severity":{"id":"s","rank":1.5}`, "severity_rank", `expected a whole number, found 1.5`},
		{`"severity":{"id":"s","rank":9223372036854775808}`, "severity_rank", `expected a whole number, found 9223372036854775808`},
		{`"workload_minutes_total":"12"`, "workload_minutes_total", `expected a number, found "12"`},
		{`"workload_minutes_total":1e999`, "workload_minutes_total", `expected a number, found 1e999`},
		{`"last_activity_at":"yesterday"`, "last_activity_at", `expected an RFC 3339 time, found "yesterday"`},
		{`"last_activity_at":1767225600`, "last_activity_at", `expected an RFC 3339 time, found 1767225600`},
		{`"summary":["` + strings.Repeat("長", 60) + `"]`, "summary", `expected text, found ["` + strings.Repeat("長", 26) + `…`},
	} {
		b, rows := convert(t, IncidentioIncidents, plain, "{"+base+","+test.fields+"}")
		want := []Rejection{{Table: IncidentioIncidents, ObjectID: "1", Column: test.column, Reason: test.reason, Landed: true, Payload: "{" + base + "," + test.fields + "}"}}
		if diff := cmp.Diff(want, b.Rejected, cmp.Comparer(func(a, b *Table) bool { return a == b })); diff != "" {
			t.Errorf("%s: rejected (-want +got):\n%s", test.fields, diff)
		}
		if len(rows) != 1 || rows[0][test.column] != nil || rows[0]["name"] != "N" || !strings.Contains(rows[0]["payload"].(string), test.fields) {
			t.Errorf("%s: rows %v: want one with %s null and the payload whole", test.fields, rows, test.column)
		}
		if !utf8.ValidString(b.Rejected[0].Reason) {
			t.Errorf("reason %q is cut within a character", b.Rejected[0].Reason)
		}
	}
	b, rows := convert(t, IncidentioIncidentTypes, plain, `{"id":"t","name":"T","is_default":"yes"}`)
	if len(rows) != 1 || rows[0]["is_default"] != nil || b.Rejected[0].Reason != `expected true or false, found "yes"` {
		t.Errorf("is_default: rows %v, rejected %v", rows, b.Rejected)
	}
}

func TestAValueThatLosesNothingAsTextIsText(t *testing.T) {
	_, rows := convert(t, IncidentioSeverities, plain, `{"id":"a","name":12.50,"description":true,"rank":0}`)
	if rows[0]["name"] != "12.50" || rows[0]["description"] != "true" || rows[0]["rank"] != int64(0) {
		t.Errorf("row %v", rows[0])
	}
}

func TestNothingOfARowThatIsSetAsideIsSaidToHaveLanded(t *testing.T) {
	b, rows := convert(t, IncidentioIncidentTypes, plain, `{"id":"t","is_default":"yes","name":["T"],"updated_at":"x"}`, `{"id":"u","name":"U","is_default":"yes"}`)
	landed := map[string]bool{}
	for _, x := range b.Rejected {
		landed[x.ObjectID+" "+x.Column] = x.Landed
	}
	for key, want := range map[string]bool{"t name": false, "u is_default": true} {
		if got, ok := landed[key]; !ok || got != want {
			t.Errorf("%s: landed %v, there %v; want %v", key, got, ok, want)
		}
	}
	for key, got := range landed {
		if strings.HasPrefix(key, "t ") && got {
			t.Errorf("%s has landed, but the object has not", key)
		}
	}
	if len(rows) != 1 {
		t.Errorf("rows %v", rows)
	}
	b, rows = convert(t, IncidentioIncidents, plain, encode(t, map[string]any{
		"id": "1", "reference": "R", "name": "N", "mode": "standard", "visibility": "public", "summary": []int{1},
		"severity": map[string]any{"rank": "x"}, "incident_status": map[string]any{"id": "s", "category": "live"}, "created_at": "2026-01-01T00:00:00Z",
	}))
	for _, x := range b.Rejected {
		if x.Landed {
			t.Errorf("%s has landed, but the object has not", x.Column)
		}
	}
	if len(rows) != 0 || len(b.Rejected) != 3 {
		t.Errorf("rows %v, rejected %v", rows, b.Rejected)
	}
}

func TestWhatIsNoObjectIsSetAsideWithoutItsText(t *testing.T) {
	for _, record := range []string{``, `null`, `[]`, `"text"`, `12`, `{`, `{"id":"a"`, `{"id":"a"} {"id":"b"}`, "\xff", `{"id":}`} {
		b, rows := convert(t, IncidentioSeverities, plain, record)
		if len(rows) != 0 || len(b.Rejected) != 1 || b.Rejected[0].Payload != "" || b.Rejected[0].ObjectID != "" || b.Rejected[0].Landed {
			t.Errorf("%q: rows %v, rejected %v", record, rows, b.Rejected)
		}
	}
	for _, id := range []string{`""`, `7`, `null`, `{}`} {
		b, rows := convert(t, IncidentioSeverities, plain, `{"id":`+id+`,"name":"A","rank":1}`)
		if len(rows) != 0 || len(b.Rejected) != 1 || b.Rejected[0].Column != "id" {
			t.Errorf("id %s: rows %v, rejected %v", id, rows, b.Rejected)
		}
	}
}

func TestARejectionIsARowOfItsOwnLedger(t *testing.T) {
	b, _ := convert(t, IncidentioSeverities, plain, `{"id":"a","name":"A"}`, `no object`, `{"name":"\u0000 \ud800","rank":1}`)
	var records []string
	for _, x := range b.Rejected {
		records = append(records, string(x.Record()))
	}
	rejected, rows := convert(t, Rejected, Policy{PrivateIncidents: "include", People: "include"}, records...)
	if len(rows) != 3 || len(rejected.Rejected) != 0 {
		t.Fatalf("rows %v, rejected %v", rows, rejected.Rejected)
	}
	got := map[string]any{}
	for _, c := range []string{"id", "table_name", "object_id", "column_name", "reason", "landed"} {
		got[c] = rows[0][c]
	}
	want := map[string]any{"id": "incidentio_severities:a:rank", "table_name": "incidentio_severities", "object_id": "a", "column_name": "rank", "reason": "missing: the table needs it", "landed": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
	var payload struct{ Object string }
	if err := json.Unmarshal([]byte(rows[0]["payload"].(string)), &payload); err != nil || payload.Object != `{"id":"a","name":"A"}` {
		t.Errorf("payload %v: %v", rows[0]["payload"], err)
	}
	if rows[1]["object_id"] != nil || rows[2]["object_id"] != nil || rows[1]["id"] == rows[2]["id"] {
		t.Errorf("rows without an object id: %v, %v: want ids by content", rows[1], rows[2])
	}
	// The same object for the same reason is the same row.
	again, _ := convert(t, IncidentioSeverities, plain, `{"id":"a","name":"A"}`)
	if string(again.Rejected[0].Record()) != records[0] {
		t.Errorf("%s, then %s", records[0], again.Rejected[0].Record())
	}
}

func TestTheDeclaredColumnsAreInTheDocumentedOrderAndOnce(t *testing.T) {
	names := map[string]bool{}
	for _, table := range All() {
		if names[table.Name] || table.Doc == "" || table.Source == "" || table.Stream == "" {
			t.Errorf("table %s is there twice, or lacks its doc, source or stream", table.Name)
		}
		names[table.Name] = true
		ledger := table.Ledger()
		if ledger[0].Name != "id" || ledger[len(ledger)-1].Name != "payload" || len(ledger) != len(table.Columns)+7 {
			t.Errorf("%s: ledger of %d columns from %s to %s", table.Name, len(ledger), ledger[0].Name, ledger[len(ledger)-1].Name)
		}
	}
	if got := slices.Sorted(maps.Keys(names)); len(got) != len(Incidentio)+len(Github)+len(Files)+2 {
		t.Errorf("tables %v", got)
	}
}
