package transform

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestATimestampThatIsNoTimeIsReportedAndTheRestLands(t *testing.T) {
	rows := NewRows(IncidentioIncidents, Run{ID: "run", At: time.Unix(0, 0)}, Policy{People: "include"})
	rows.Add([]byte(`{"id":"a","reference":"INC-1","name":"n","mode":"standard","visibility":"public",
		"incident_status":{"id":"s","category":"closed"},"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z",
		"incident_timestamp_values":[
			{"incident_timestamp":{"id":"1","name":"Fixed at"},"value":{"value":"not a time"}},
			{"incident_timestamp":{"id":"2","name":"Reported at"},"value":{"value":"2026-01-01T00:00:00.5Z"}},
			{"incident_timestamp":{"id":"3","name":"Closed at"}},
			{"incident_timestamp":{"id":"4","name":"Paused at"},"value":{"value":null}}]}`), false)
	b := rows.Flush()
	defer b.Rows.Release()
	if b.Rows.NumRows() != 1 || len(b.Rejected) != 1 {
		t.Fatalf("%d rows, %d rejections: want one of each", b.Rows.NumRows(), len(b.Rejected))
	}
	got := b.Rejected[0]
	want := []any{"a", "timestamps", `Fixed at: expected an RFC 3339 time, found "not a time"`, true}
	if diff := cmp.Diff(want, []any{got.ObjectID, got.Column, got.Reason, got.Landed}); diff != "" {
		t.Error(diff)
	}
}
