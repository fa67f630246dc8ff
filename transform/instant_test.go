package transform

import (
	"testing"
	"time"
)

func TestInstantsAreMicrosecondsRoundedDown(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"2026-10-05T14:09:31Z", "2026-10-05T14:09:31Z"},
		{"2026-10-05T14:09:31.4Z", "2026-10-05T14:09:31.4Z"},
		{"2026-10-05T14:09:31.40Z", "2026-10-05T14:09:31.4Z"},
		{"2026-10-05T14:09:31.402Z", "2026-10-05T14:09:31.402Z"},
		{"2026-10-05T14:09:31.4021Z", "2026-10-05T14:09:31.4021Z"},
		{"2026-10-05T14:09:31.40213Z", "2026-10-05T14:09:31.40213Z"},
		{"2026-10-05T14:09:31.402134Z", "2026-10-05T14:09:31.402134Z"},
		{"2026-10-05T14:09:31.4021349Z", "2026-10-05T14:09:31.402134Z"},
		{"2026-10-05T14:09:31.40213499Z", "2026-10-05T14:09:31.402134Z"},
		{"2026-10-05T14:09:31.402134999Z", "2026-10-05T14:09:31.402134Z"},
		{"2026-10-05T14:09:31.999999999Z", "2026-10-05T14:09:31.999999Z"},
		{"1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999Z"},
		{"1969-12-31T23:59:58.0000001Z", "1969-12-31T23:59:58Z"},
		{"2026-10-05T23:09:31.5+09:00", "2026-10-05T14:09:31.5Z"},
		{"2026-10-05T23:54:31+09:45", "2026-10-05T14:09:31Z"},
		{"2026-10-05T10:09:31.000001999-04:00", "2026-10-05T14:09:31.000001Z"},
		{"2026-10-05T14:09:31-00:00", "2026-10-05T14:09:31Z"},
		{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
		{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
		{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
	} {
		micros, ok := parseInstant([]byte(test.text))
		if got := time.UnixMicro(micros).UTC().Format(time.RFC3339Nano); !ok || got != test.want {
			t.Errorf("%s is %s (%v), want %s", test.text, got, ok, test.want)
		}
	}
	for _, text := range []string{
		"", "2026-10-05", "2026-10-05 14:09:31Z", "2026-10-05T14:09:31", "2026-10-05T14:09Z", "2026-02-29T00:00:00Z", "2026-10-05T24:00:00Z", "2026-13-01T00:00:00Z",
		"20261005T140931Z", "1767225600", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "2026-10-05T14:09:31.Z", "2026-10-05T14:09:31.40213Z ", "now",
	} {
		if micros, ok := parseInstant([]byte(text)); ok {
			t.Errorf("%q is read as %s", text, time.UnixMicro(micros).UTC())
		}
	}
}

func TestASourceTimeIsTheColumnThatTheTableNames(t *testing.T) {
	_, rows := convert(t, IncidentioSeverities, plain, `{"id":"a","name":"A","rank":1,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00.1234567+09:00"}`,
		`{"id":"b","name":"B","rank":1}`)
	if rows[0]["_source_updated_at"] != "2026-01-01T15:00:00.123456Z" || rows[0]["updated_at"] != rows[0]["_source_updated_at"] || rows[1]["_source_updated_at"] != nil {
		t.Errorf("rows %v", rows)
	}
	_, rows = convert(t, IncidentioIncidentTimestamps, plain, `{"id":"a","name":"A","updated_at":"2026-01-02T00:00:00Z"}`)
	if rows[0]["_source_updated_at"] != nil {
		t.Errorf("a table without a source time has one: %v", rows[0])
	}
}

func TestNamedTimestampsAreUTCWithSixDigitsAndAbsentWhenUnset(t *testing.T) {
	record := `{"id":"1","reference":"R","name":"N","mode":"standard","visibility":"public","incident_status":{"id":"s","category":"live"},"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z",
"incident_timestamp_values":[{"incident_timestamp":{"id":"t1","name":"Reported at","rank":1},"value":{"value":"2026-10-05T23:09:31.4021349+09:00"}},
{"incident_timestamp":{"id":"t2","name":"Fixed at"},"value":{"value":null}},{"incident_timestamp":{"id":"t3"},"value":null},{"incident_timestamp":{"id":"t4"},"value":{"value":"soon"}},{}]}`
	_, rows := convert(t, IncidentioIncidents, plain, record)
	const want = `[{"id":"t1","name":"Reported at","rank":1,"at":"2026-10-05T14:09:31.402134Z"},{"id":"t2","name":"Fixed at"},{"id":"t3"},{"id":"t4"},{}]`
	if rows[0]["timestamps"] != want {
		t.Errorf("timestamps %v, want %s", rows[0]["timestamps"], want)
	}
}
