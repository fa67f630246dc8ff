package reference

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/internal/demo/expect"
)

var tokyo = time.FixedZone("JST", 9*3600)

// made builds an incident: `stamps` and `fields` are name=value lists, `history` is minute:category steps.
type made struct {
	id, mode, category, severity, kind, visibility string
	created                                        string
	stamps, fields, history                        []string
}

func objects(t *testing.T, incidents ...made) Objects {
	t.Helper()
	o := Objects{"severities": {{"name": "Minor", "rank": 1.0}, {"name": "Major", "rank": 2.0}, {"name": "Critical", "rank": 3.0}}}
	for n, m := range incidents {
		raw := map[string]any{"id": m.id, "reference": fmt.Sprint("INC-", n+1), "mode": "standard", "visibility": "public", "created_at": m.created}
		set := func(key, value string) {
			if value != "" {
				raw[key] = value
			}
		}
		set("mode", m.mode)
		set("visibility", m.visibility)
		category := m.category
		if category == "" {
			category = "closed"
		}
		raw["incident_status"] = map[string]any{"category": category}
		for _, severity := range o["severities"] {
			if severity["name"] == m.severity {
				raw["severity"] = severity
			}
		}
		if m.kind != "" {
			raw["incident_type"] = map[string]any{"name": m.kind}
		}
		var stamps, fields []any
		for _, pair := range m.stamps {
			name, at, _ := strings.Cut(pair, "=")
			value := map[string]any{}
			if at != "" {
				value["value"] = at
			}
			stamps = append(stamps, map[string]any{"incident_timestamp": map[string]any{"name": name}, "value": value})
		}
		for _, pair := range m.fields {
			name, value, _ := strings.Cut(pair, "=")
			fields = append(fields, map[string]any{
				"custom_field": map[string]any{"name": name},
				"values":       []any{map[string]any{"value_option": map[string]any{"value": value}}},
			})
		}
		raw["incident_timestamp_values"], raw["custom_field_entries"] = stamps, fields
		for k, pair := range m.history {
			at, to, _ := strings.Cut(pair, "=")
			o["incident_updates"] = append(o["incident_updates"], map[string]any{
				"id": fmt.Sprintf("%s-%02d", m.id, k), "incident_id": m.id,
				"created_at": at, "new_incident_status": map[string]any{"category": to},
			})
		}
		o["incidents"] = append(o["incidents"], raw)
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	plain := Objects{}
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

func defaults() Settings {
	return expect.Defaults(tokyo, time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC))
}

func at(clock string) string { return "2026-03-02T" + clock + "Z" }

func show(n *int64) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}

func TestStartAndEndAreTheFirstPresent(t *testing.T) {
	for name, x := range map[string]struct {
		incident made
		want     string // start basis, end basis, restore, acknowledge
	}{
		"every timestamp": {
			made{stamps: []string{"Impact started=" + at("01:00:00"), "Declared at=" + at("01:05:00"), "Accepted at=" + at("01:10:00.5"), "Fixed at=" + at("02:00:00.999999")}},
			"Impact started Fixed at 3600 600",
		},
		"an empty value is none": {
			made{stamps: []string{"Impact started=", "Reported at=" + at("01:05:00"), "Fixed at=", "Resolved at=" + at("01:06:00")}},
			"Reported at Resolved at 60 -",
		},
		"names compare without case": {made{stamps: []string{"impact Started=" + at("01:00:00"), "RESOLVED AT=" + at("01:00:01")}}, "Impact started Resolved at 1 -"},
		"nothing but a history": {
			made{history: []string{at("00:30:00") + "=triage", at("00:40:00") + "=live", at("00:50:00") + "=paused", at("01:30:00") + "=learning", at("09:30:00") + "=closed"}},
			"created_at left_live 3600 600",
		},
		"the history before Closed at":                        {made{history: []string{at("00:30:00") + "=live", at("01:00:00") + "=closed"}, stamps: []string{"Closed at=" + at("05:00:00")}}, "created_at left_live 1800 -"},
		"Closed at alone":                                     {made{stamps: []string{"Closed at=" + at("00:30:00")}}, "created_at Closed at 0 -"},
		"an end before the start":                             {made{stamps: []string{"Impact started=" + at("03:00:00"), "Accepted at=" + at("02:59:59"), "Fixed at=" + at("02:00:00")}}, "Impact started Fixed at - -"},
		"still open":                                          {made{category: "live", history: []string{at("00:30:00") + "=live"}}, "created_at  - -"},
		"closed as it was declared":                           {made{history: []string{at("00:30:00") + "=closed"}}, "created_at left_live 0 -"},
		"a first step into closed leaves live work":           {made{history: []string{at("00:40:00") + "=closed"}}, "created_at left_live 600 -"},
		"a fraction of a second is cut":                       {made{stamps: []string{"Impact started=" + at("01:00:00.6"), "Fixed at=" + at("01:00:02.5")}}, "Impact started Fixed at 1 -"},
		"declared live straight away was never out of triage": {made{history: []string{at("00:31:00") + "=live"}, category: "live"}, "created_at  - -"},
		"steps of one instant are ordered by id":              {made{history: []string{at("00:30:00") + "=triage", at("00:30:00") + "=live", at("00:31:00") + "=closed"}}, "created_at left_live 60 0"},
		"reopened and closed again: history overrules":        {made{stamps: []string{"Fixed at=" + at("01:00:00")}, history: []string{at("00:30:00") + "=live", at("01:00:00") + "=learning", at("02:00:00") + "=live", at("04:30:00") + "=closed"}}, "created_at left_live 14400 -"},
		"reopened twice":                                      {made{history: []string{at("00:30:00") + "=live", at("01:00:00") + "=closed", at("02:00:00") + "=paused", at("03:00:00") + "=closed", at("04:00:00") + "=live", at("05:30:00") + "=learning", at("06:30:00") + "=closed"}}, "created_at left_live 18000 -"},
		"reopened and still open":                             {made{category: "live", stamps: []string{"Fixed at=" + at("01:00:00"), "Closed at=" + at("01:00:00")}, history: []string{at("00:30:00") + "=live", at("01:00:00") + "=closed", at("02:00:00") + "=triage", at("02:10:00") + "=live"}}, "created_at  - 6000"},
		"a message that repeats the status is no move":        {made{history: []string{at("00:30:00") + "=live", at("01:00:00") + "=closed", at("01:30:00") + "=closed"}}, "created_at left_live 1800 -"},
		"learning to closed is no second end and closed to learning no reopening": {made{history: []string{at("00:30:00") + "=live", at("01:00:00") + "=closed", at("01:30:00") + "=learning"}}, "created_at left_live 1800 -"},
	} {
		x.incident.id, x.incident.created = "a", at("00:30:00")
		i := Incidents(objects(t, x.incident), defaults())[0]
		got := fmt.Sprintf("%s %s %s %s", i.StartBasis, i.EndBasis, show(i.Restore), show(i.Acknowledge))
		if got != x.want {
			t.Errorf("%s: got %q, want %q", name, got, x.want)
		}
	}
}

func TestWhatCountsAndWhy(t *testing.T) {
	strict := defaults()
	strict.SeveritiesFrom, strict.ExcludeTypes, strict.WithoutSeverity = "major", []string{"security"}, false
	for name, x := range map[string]struct {
		made
		plain, strict string
	}{
		"standard":           {made{severity: "Major"}, "", ""},
		"retrospective":      {made{mode: "retrospective", severity: "Critical"}, "", ""},
		"test":               {made{mode: "test", severity: "Major"}, "I1", "I1"},
		"tutorial":           {made{mode: "tutorial"}, "I1", "I1"},
		"triage":             {made{category: "triage"}, "I2", "I2"},
		"declined":           {made{category: "declined"}, "I2", "I2"},
		"merged":             {made{category: "merged"}, "I2", "I2"},
		"canceled":           {made{category: "canceled"}, "I2", "I2"},
		"paused":             {made{category: "paused", severity: "Major"}, "", ""},
		"learning":           {made{category: "learning", severity: "Major"}, "", ""},
		"a low severity":     {made{severity: "Minor"}, "", "I7"},
		"no severity":        {made{}, "", "I7"},
		"an excluded type":   {made{severity: "Major", kind: "Security"}, "", "I7"},
		"a test comes first": {made{mode: "test", category: "declined"}, "I1", "I1"},
	} {
		x.id, x.created = "a", at("00:30:00")
		o := objects(t, x.made)
		if got := Incidents(o, defaults())[0]; got.Why != x.plain || got.Counted != (x.plain == "") {
			t.Errorf("%s: %q, want %q", name, got.Why, x.plain)
		}
		if got := Incidents(o, strict)[0]; got.Why != x.strict {
			t.Errorf("%s, strict: %q, want %q", name, got.Why, x.strict)
		}
	}
	private := objects(t, made{id: "a", created: at("00:00:00"), visibility: "private"})
	open := defaults()
	open.Private = true
	if a, b := Incidents(private, defaults()), Incidents(private, open); len(a) != 0 || len(b) != 1 || !b[0].Counted {
		t.Errorf("private: %v by default, %v when they count", a, b)
	}
}

var twoServices = []Service{
	{Name: "api", Team: "Platform", Values: map[string][]string{"Affected services": {"API", "Gateway"}}},
	{Name: "auth", Team: "Platform", Values: map[string][]string{"affected services": {"Auth"}}},
	{Name: "web", Values: map[string][]string{"Affected services": {"Web"}}},
}

func TestServicesAreNamedByFieldValuesOnceEach(t *testing.T) {
	s := defaults()
	s.Services = twoServices
	o := objects(t, made{id: "a", created: at("00:00:00"), fields: []string{"Affected services=api", "Affected services=GATEWAY", "Affected services=Auth", "Affected services=Intranet", "Cause=Web"}})
	i := Incidents(o, s)[0]
	if diff := cmp.Diff([][]string{{"api", "auth"}, {"Platform"}}, [][]string{i.Services, i.Teams}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// lines prints the rows of a period for a group in one line each.
func lines(rows []Row, period, dimension, value, metric string) string {
	var out []string
	for _, r := range rows {
		if r.Period == period && r.Dimension == dimension && r.Value == value && r.Metric == metric {
			number := "null"
			if r.Number != nil {
				number = fmt.Sprintf("%.6g", *r.Number)
			}
			out = append(out, fmt.Sprintf("%s:%s/%d", r.PeriodStart, number, r.SampleSize))
		}
	}
	return strings.Join(out, " ")
}

func TestBucketsStatisticsAndTheGrid(t *testing.T) {
	s := expect.Defaults(tokyo, time.Date(2026, 1, 14, 14, 59, 0, 0, time.UTC)) // 23:59 on the 14th in Tokyo
	s.Services = twoServices
	restored := func(id, created, fixed, severity string, fields ...string) made {
		return made{id: id, created: created, severity: severity, fields: fields, kind: "Production", stamps: []string{"Fixed at=" + fixed, "Accepted at=" + created}}
	}
	o := objects(t,
		// Begins on 31 December in UTC, on 1 January (a Thursday) in Tokyo.
		restored("a", "2025-12-31T15:00:00Z", "2025-12-31T15:01:40Z", "Major", "Affected services=API", "Affected services=Auth"),
		restored("b", "2026-01-03T00:00:00Z", "2026-01-03T00:03:20Z", "Major", "Affected services=API"),
		// Begins on a Sunday, ends in the next week.
		restored("c", "2026-01-04T14:50:00Z", "2026-01-04T15:00:00Z", "Minor", "Affected services=Web"),
		made{id: "d", created: "2026-01-13T00:00:00Z", category: "live"})
	rows := FourKeys(o, Code{}, s)
	for _, x := range []struct{ period, dimension, value, metric, want string }{
		{"week", "all", "all", "incidents", "2025-12-29:3/3 2026-01-05:0/0 2026-01-12:1/1"},
		{"week", "all", "all", "time_to_restore_median_seconds", "2025-12-29:150/2 2026-01-05:600/1 2026-01-12:null/0"},
		{"week", "all", "all", "time_to_restore_p90_seconds", "2025-12-29:190/2 2026-01-05:600/1 2026-01-12:null/0"},
		{"week", "all", "all", "time_to_restore_mean_seconds", "2025-12-29:150/2 2026-01-05:600/1 2026-01-12:null/0"},
		{"week", "all", "all", "time_to_acknowledge_median_seconds", "2025-12-29:0/3 2026-01-05:null/0 2026-01-12:null/0"},
		{"month", "all", "all", "time_to_restore_median_seconds", "2026-01-01:200/3"},
		{"month", "all", "all", "time_to_restore_p90_seconds", "2026-01-01:520/3"},
		{"month", "all", "all", "time_to_restore_mean_seconds", "2026-01-01:300/3"},
		{"year", "severity", "Major", "incidents", "2026-01-01:2/2"},
		{"quarter", "team", "Platform", "incidents", "2026-01-01:2/2"},
		{"week", "service", "auth", "incidents", "2025-12-29:1/1 2026-01-05:0/0 2026-01-12:0/0"},
		{"week", "severity", "Minor", "time_to_restore_median_seconds", "2025-12-29:null/0 2026-01-05:600/1 2026-01-12:null/0"},
		{"year", "incident_type", "Production", "incidents", "2026-01-01:3/3"},
		{"day", "incident_type", "Production", "incidents", ""},
		{"day", "service", "web", "time_to_restore_median_seconds", "2026-01-04:null/0 2026-01-05:600/1 2026-01-06:null/0 2026-01-07:null/0 2026-01-08:null/0 " +
			"2026-01-09:null/0 2026-01-10:null/0 2026-01-11:null/0 2026-01-12:null/0 2026-01-13:null/0 2026-01-14:null/0"},
	} {
		if got := lines(rows, x.period, x.dimension, x.value, x.metric); got != x.want {
			t.Errorf("%s %s %s %s:\n got %s\nwant %s", x.period, x.dimension, x.value, x.metric, got, x.want)
		}
	}
	s.WeekStart, s.ByStart = time.Sunday, true
	rows = FourKeys(o, Code{}, s)
	if got, want := lines(rows, "week", "all", "all", "time_to_restore_median_seconds"), "2025-12-28:150/2 2026-01-04:600/1 2026-01-11:null/0"; got != want {
		t.Errorf("weeks from Sunday, by the start:\n got %s\nwant %s", got, want)
	}
}

func TestDaysOfADaylightSavingChangeHoldWhatTheLocalDateSays(t *testing.T) {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	s := expect.Defaults(loc, time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC))
	o := objects(t, made{id: "a", created: "2026-03-08T04:59:00Z"}, made{id: "b", created: "2026-03-08T05:00:00Z"}, made{id: "c", created: "2026-03-09T03:59:00Z"}, made{id: "d", created: "2026-03-09T04:00:00Z"})
	if got, want := lines(FourKeys(o, Code{}, s), "day", "all", "all", "incidents"), "2026-03-07:1/1 2026-03-08:2/2 2026-03-09:1/1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
