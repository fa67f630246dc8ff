package transform

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

func BenchmarkAdd(b *testing.B) {
	raw := sampleIncident(b)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	rows := NewRows(IncidentioIncidents, Run{ID: "run", At: time.Unix(0, 0)}, Policy{People: "hash", HashKey: []byte("key")})
	for b.Loop() {
		rows.Add(raw, false)
		if rows.Count() == 5000 {
			rows.Flush().Rows.Release()
		}
	}
}

// sampleIncident is an incident of about 1.6 kB: two roles, one custom field with values, three timestamps.
func sampleIncident(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/incident.json")
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
