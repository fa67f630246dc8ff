package reference

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/internal/truth"
)

// builder makes a world of objects written as JSON.
type builder struct {
	t *testing.T
	w truth.World
}

// asOf is a Friday noon in UTC.
var asOf = time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, config string) *builder {
	return &builder{t, truth.World{AsOf: asOf, Config: config, Files: map[string]string{}, Records: map[string][]truth.Record{}}}
}

// seen adds a look at an object, at an hour before as_of.
func (b *builder) seen(table string, hoursAgo int, format string, args ...any) *builder {
	b.t.Helper()
	text := fmt.Sprintf(format, args...)
	if !json.Valid([]byte(text)) {
		b.t.Fatalf("%s: not JSON: %s", table, text)
	}
	b.w.Records[table] = append(b.w.Records[table], truth.Record{ObservedAt: asOf.Add(-time.Duration(hoursAgo) * time.Hour), JSON: []byte(text)})
	return b
}

// has adds an object that was seen once.
func (b *builder) has(table, format string, args ...any) *builder {
	b.t.Helper()
	return b.seen(table, 1, format, args...)
}

func (b *builder) last(table string) *truth.Record {
	all := b.w.Records[table]
	return &all[len(all)-1]
}

func (b *builder) compute() *Marts {
	b.t.Helper()
	m, err := Compute(b.w)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// table prints columns of a mart, a row a line.
func table(m *Marts, name string, columns ...string) string {
	var out []string
	for _, row := range m.Of(name).Rows {
		var cells []string
		for _, c := range columns {
			cells = append(cells, strings.TrimSuffix(shown(row[c]), " …"))
		}
		out = append(out, strings.Join(cells, " "))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func expectTable(t *testing.T, m *Marts, want, name string, columns ...string) {
	t.Helper()
	if got, want := table(m, name, columns...), strings.ReplaceAll(strings.TrimSpace(want), "\t", ""); got != want {
		t.Errorf("%s:\n--- got\n%s\n--- want\n%s", name, got, want)
	}
}

// incident is the least that one is.
func incident(id, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"id":%q,"reference":"INC-%s","name":"It broke","mode":"standard","visibility":"public","created_at":"2026-03-02T01:00:00Z",
		"updated_at":"2026-03-02T01:00:00Z","incident_status":{"id":"s","name":"Live","category":"live"}%s}`, id, id, more)
}

// again is an incident of another name that changed at that hour of the second of March.
func again(id, name string, hour int) string {
	return fmt.Sprintf(`{"id":%q,"reference":"INC-%s","name":%q,"mode":"standard","visibility":"public","created_at":"2026-03-02T01:00:00Z",
		"updated_at":"2026-03-02T%02d:00:00Z","incident_status":{"id":"s","name":"Live","category":"live"}}`, id, id, name, hour)
}

func TestTheNewestVersionAfterTheLastTombstoneWins(t *testing.T) {
	const incidents = "incidentio_incidents"
	b := newWorld(t, "timezone: UTC\n")
	b.seen(incidents, 9, "%s", again("1", "first", 2)).seen(incidents, 8, "%s", again("1", "second", 4)).seen(incidents, 7, "%s", again("1", "stale", 3))
	b.seen(incidents, 9, "%s", again("2", "newer", 9)).seen(incidents, 8, `{"id":"2"}`)
	b.last(incidents).Deleted = true
	b.seen(incidents, 7, "%s", again("2", "back, though older", 1))
	b.seen(incidents, 9, "%s", again("3", "here", 1)).seen(incidents, 8, `{"id":"3"}`)
	b.last(incidents).Deleted = true
	b.seen(incidents, 9, "%s", again("4", "now", 1)).seen(incidents, -1, "%s", again("4", "tomorrow", 9))
	b.seen(incidents, 9, "%s", again("5", "one", 1)).seen(incidents, 8, "%s", again("5", "other of the same instant", 1))
	slices.Reverse(b.w.Records[incidents]) // the order in which they are given says nothing
	expectTable(t, b.compute(), `
		1 second
		2 back, though older
		4 now
		5 other of the same instant`, "fct_incidents", "incident_id", "name")
}

func TestPrivateIncidentsAreNowhereUnlessTheyMayBe(t *testing.T) {
	private := strings.Replace(incident("2", `"custom_field_entries":[{"custom_field":{"id":"f","name":"Note","field_type":"text"},"values":[{"value_text":"secret"}]},
		{"custom_field":{"id":"g","name":"Product","field_type":"single_select"},"values":[{"value_option":{"id":"o","value":"API"}}]}],
		"incident_role_assignments":[{"role":{"role_type":"lead"},"assignee":{"id":"u","name":"Ann"}}]`), `"public"`, `"private"`, 1)
	for policy, want := range map[string]string{
		"exclude": "1 It broke null",
		"redact":  "1 It broke null\n2 (private) null",
		"include": "1 It broke null\n2 It broke a text",
	} {
		b := newWorld(t, "privacy: {private_incidents: "+policy+"}\n").has("incidentio_incidents", "%s", incident("1", "")).has("incidentio_incidents", "%s", private)
		b.has("incidentio_follow_ups", `{"id":"f","incident_id":"2","title":"secret","status":"outstanding","created_at":"2026-03-02T02:00:00Z","updated_at":"2026-03-02T02:00:00Z"}`)
		b.last("incidentio_follow_ups").Private = true
		m := b.compute()
		expectTable(t, m, want, "fct_incidents", "incident_id", "name", "lead")
		if got := len(m.Of("fct_follow_ups").Rows); got != map[string]int{"exclude": 0, "redact": 1, "include": 1}[policy] {
			t.Errorf("%s: %d follow-ups", policy, got)
		}
		fields := map[string]string{"redact": "Product API", "include": "Note secret\nProduct API"}[policy]
		expectTable(t, m, fields, "fct_incident_fields", "field", "value")
	}
}

func TestAnIncidentThatTurnsPrivateGoesAndComesBack(t *testing.T) {
	public := incident("1", "")
	private := strings.Replace(public, `"public"`, `"private"`, 1)
	b := newWorld(t, "timezone: UTC\n").seen("incidentio_incidents", 5, "%s", public).seen("incidentio_incidents", 4, "%s", private)
	if rows := b.compute().Of("fct_incidents").Rows; len(rows) != 0 {
		t.Errorf("it is still there: %v", rows)
	}
	b.seen("incidentio_incidents", 3, "%s", public)
	if rows := b.compute().Of("fct_incidents").Rows; len(rows) != 1 {
		t.Errorf("it is not back: %v", rows)
	}
}

func TestNamesAreThoseOfNowAndRenamedTimestampsAreFound(t *testing.T) {
	stamp := func(id, name string) string { return fmt.Sprintf(`{"id":%q,"name":%q,"rank":1}`, id, name) }
	b := newWorld(t, "metrics: {counted: {severities_from: Big}}\n")
	b.seen("incidentio_incident_timestamps", 9, "%s", stamp("t1", "Impact started")).seen("incidentio_incident_timestamps", 2, "%s", stamp("t1", "It began"))
	// What is called Fixed at now was called Resolved at once; another has that name today.
	b.seen("incidentio_incident_timestamps", 9, "%s", stamp("t2", "Resolved at")).seen("incidentio_incident_timestamps", 2, "%s", stamp("t2", "Over")).
		has("incidentio_incident_timestamps", "%s", stamp("t3", "Resolved at"))
	b.seen("incidentio_severities", 9, `{"id":"v1","name":"Major","rank":1}`).seen("incidentio_severities", 2, `{"id":"v1","name":"Big","rank":2}`)
	b.seen("incidentio_incidents", 8, "%s", incident("1", `"severity":{"id":"v1","name":"Major","rank":1},"incident_timestamp_values":[
		{"incident_timestamp":{"id":"t1","name":"Impact started"},"value":{"value":"2026-03-02T00:00:00Z"}},
		{"incident_timestamp":{"id":"t2","name":"Resolved at"},"value":{"value":"2026-03-02T00:01:00Z"}},
		{"incident_timestamp":{"id":"t3","name":"Resolved at"},"value":{"value":"2026-03-02T00:02:00Z"}}]`))
	expectTable(t, b.compute(), "Big 2 [Impact started It began] [Resolved at Resolved at] 120 true", "fct_incidents", "severity", "severity_rank", "restore_start_basis", "restore_end_basis",
		"time_to_restore_seconds", "is_counted")
}

func TestIncidentsOfFilesSayTheirOwnStartAndEnd(t *testing.T) {
	b := newWorld(t, "services: [{name: api, team: core}]\nmetrics: {durations: {Detection: {from: Impact started, to: Reported at}}}\n")
	b.has("files_incidents", `{"id":"a","created_at":"2026-03-01T00:00:00Z","started_at":"2026-03-01T00:10:00Z","restored_at":"2026-03-01T00:20:00Z","services":["API","unknown"],"status_category":"closed"}`)
	b.has("files_incidents", `{"id":"b","created_at":"2026-03-01T00:05:00Z","impact_started_at":"2026-03-01T00:00:00Z","reported_at":"2026-03-01T00:02:00.5Z",
		"acknowledged_at":"2026-03-01T00:04:00Z","closed_at":"2026-03-01T01:00:00Z","mode":"test","status_category":"closed"}`)
	m := b.compute()
	expectTable(t, m, `
		a [started_at ] [restored_at ] 600 null true null
		b [Impact started Impact started] [Closed at Closed at] 3600 240 false I1`, "fct_incidents", "incident_id", "restore_start_basis", "restore_end_basis", "time_to_restore_seconds",
		"time_to_acknowledge_seconds", "is_counted", "exclusion_reason")
	expectTable(t, m, "a api core", "fct_incident_services", "incident_id", "service", "team")
	expectTable(t, m, "b detection 120", "fct_incident_durations", "incident_id", "duration", "seconds")
	expectTable(t, m, "b test 240 3600", "fct_drills", "incident_id", "mode", "time_to_accept_seconds", "time_to_close_seconds")
}

func TestFollowUpsAreOverdueByTheirPriorityAndGoWithTheirIncident(t *testing.T) {
	b := newWorld(t, "timezone: UTC\n").has("incidentio_incidents", "%s", incident("1", ""))
	add := func(id, incident, status, created, completed string) {
		b.has("incidentio_follow_ups", `{"id":%q,"incident_id":%q,"title":"x","status":%q,"priority":{"id":"p","name":"Urgent"},"created_at":%q,"completed_at":%s,"updated_at":%q}`,
			id, incident, status, created, completed, created)
	}
	add("old", "1", "outstanding", "2026-02-01T12:00:00Z", "null")
	add("young", "1", "outstanding", "2026-03-05T12:00:00Z", "null")
	add("done", "1", "completed", "2026-02-01T12:00:00Z", `"2026-02-02T12:00:00.9Z"`)
	add("dropped", "1", "not_doing", "2026-01-01T12:00:00Z", "null")
	add("of nothing", "gone", "outstanding", "2026-01-01T12:00:00Z", "null")
	expectTable(t, b.compute(), `
		done false false 86400 86400
		dropped false false 5529600 null
		old true true 2851200 null
		young true false 86400 null`, "fct_follow_ups", "follow_up_id", "is_open", "is_overdue", "age_seconds", "completion_seconds")
	s := Settings{}
	if err := followUpsOf("metrics: {follow_ups: {due: 7d, by_priority: {Urgent: 1d}}}", &s); err != nil || s.Due != 7*24*time.Hour || s.DueBy["urgent"] != 24*time.Hour {
		t.Errorf("due in %v, by priority %v (%v)", s.Due, s.DueBy, err)
	}
}

func TestPostmortemsBelongToTheirIncident(t *testing.T) {
	b := newWorld(t, "timezone: UTC\n").has("incidentio_incidents", "%s", incident("1", `"incident_timestamp_values":[{"incident_timestamp":{"id":"x","name":"Fixed at"},"value":{"value":"2026-03-02T03:00:00Z"}}]`))
	b.has("incidentio_postmortem_documents", `{"id":"p","incident_id":"1","title":"Why","status":"completed","document_url":"https://example.test/p","created_at":"2026-03-02T04:00:00Z"}`)
	b.has("incidentio_postmortem_documents", `{"id":"q","incident_id":"1","status":"in_progress","created_at":"2026-03-02T02:00:00Z"}`)
	b.has("incidentio_incidents", "%s", incident("2", `"postmortem_document_url":"https://example.test/2"`))
	expectTable(t, b.compute(), "2 https://example.test/2 null\np https://example.test/p 3600\nq null null", "fct_postmortems",
		"postmortem_id", "url", "seconds_after_restoration")
}
