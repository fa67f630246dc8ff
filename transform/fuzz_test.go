package transform

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzAdd gives Add anything: it must not panic, and what comes out must be valid text and JSON, so that no record can
// keep a batch from landing.
func FuzzAdd(f *testing.F) {
	for _, s := range samples {
		for _, file := range s.files {
			for _, record := range sample(f, file) {
				f.Add([]byte(record), true)
			}
		}
	}
	for _, record := range []string{
		``, `{}`, `null`, `{"id":"a","name":"A","rank":1}`, `{"id":"a","name":"\ud800\u0000","rank":1e999}`, `{"id":"a","x":nan,"y":-inf,"z":01,"w":1.2.3}`, "{\"id\":\"\xff\"}",
		`{"id":"a","user":[{"email":[]}],"assignee":"x","user":{"user":{"id":{}}}}`, `{"id":"a","visibility":"private"}`, `{"id":"a","incident_timestamp_values":[{"value":{"value":7}},[],null,1]}`,
		`{"id":"a","custom_field_entries":[{"values":[{"value_option":[]},7,{"value_text":{"a":"b"}}]},{"values":{}}],"team_ids":{}}`, `{"\u0069d":"a","id":"b","id":{}}`, `{"id":"a\\","a\"b":1,"\n":2}`,
	} {
		f.Add([]byte(record), false)
	}
	f.Fuzz(func(t *testing.T, record []byte, private bool) {
		given := string(record)
		for _, policy := range []Policy{plain, hashed, {PrivateIncidents: "redact", People: "drop"}} {
			for _, table := range []*Table{IncidentioIncidents, IncidentioIncidentAttachments, IncidentioUsers} {
				r := NewRows(table, testRun, policy)
				r.Add(record, private)
				b := r.Flush()
				for _, row := range values(b) {
					for _, c := range table.Ledger() {
						text, ok := row[c.Name].(string)
						if !ok {
							continue
						}
						if !utf8.ValidString(text) {
							t.Errorf("%s.%s is not UTF-8: %q", table.Name, c.Name, text)
						}
						if c.Type == JSON && !json.Valid([]byte(text)) {
							t.Errorf("%s.%s is not JSON: %s", table.Name, c.Name, text)
						}
					}
					if row["id"] == nil || row["id"] == "" || row["payload"] == nil || len(row["_hash"].(string)) != 32 {
						t.Errorf("%s: row without id, payload or hash: %v", table.Name, row)
					}
				}
				for _, x := range b.Rejected {
					if !utf8.ValidString(x.Reason) || !json.Valid(x.Record()) || (x.Payload != "" && !json.Valid([]byte(x.Payload))) {
						t.Errorf("%s: rejection %+v", table.Name, x)
					}
				}
				if n := int(b.Rows.NumRows()) + len(b.Withheld); n > 1 {
					t.Errorf("%s: %d rows and withheld ids of one record", table.Name, n)
				}
				b.Rows.Release()
			}
		}
		if string(record) != given {
			t.Error("the record was changed")
		}
	})
}
