package transform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// everything is all text that a batch holds: rows, payloads, rejections, withheld ids.
func everything(b Batch) string {
	var out strings.Builder
	for _, row := range values(b) {
		fmt.Fprintln(&out, row)
	}
	for _, x := range b.Rejected {
		fmt.Fprintf(&out, "%+v %s\n", x, x.Record())
	}
	fmt.Fprintln(&out, b.Withheld)
	return out.String()
}

// identities finds every value by which a sample tells who a person is.
func identities(t *testing.T, records ...string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	var walk func(v any, person bool)
	walk = func(v any, person bool) {
		switch v := v.(type) {
		case map[string]any:
			_, email := v["email"]
			person = person || email
			for key, child := range v {
				if text, ok := child.(string); ok && person && (key == "id" || key == "name" || key == "email" || key == "slack_user_id") {
					out[text] = true
				}
				walk(child, key == "user" || key == "assignee")
			}
		case []any:
			for _, child := range v {
				walk(child, false)
			}
		}
	}
	for _, r := range records {
		var v any
		if err := json.Unmarshal([]byte(r), &v); err != nil {
			t.Fatal(err)
		}
		walk(v, false)
	}
	if len(out) < 3 {
		t.Fatalf("the sample names only %v", out)
	}
	return out
}

func sampleOf(t *testing.T, table *Table) []string {
	t.Helper()
	if table == IncidentioUsers {
		return embeddedDefinitions(t)[IncidentioUsers]
	}
	var out []string
	for _, s := range samples {
		if s.table == table {
			for _, f := range s.files {
				out = append(out, sample(t, f)...)
			}
		}
	}
	return out
}

// peopled are the tables whose samples name people.
var peopled = []*Table{IncidentioIncidents, IncidentioIncidentUpdates, IncidentioFollowUps, IncidentioUsers}

func TestHashedOrDroppedPeopleAreNowhereInABatch(t *testing.T) {
	for _, table := range peopled {
		for _, people := range []string{"hash", "drop", "", "a word that is not known"} {
			t.Run(table.Name+" "+people, func(t *testing.T) {
				records := sampleOf(t, table)
				// A record that is set aside must not give people away either.
				broken := strings.ReplaceAll(records[0], `"created_at"`, `"created_then"`)
				broken = strings.ReplaceAll(broken, `"is_active"`, `"was_active"`)
				b, _ := convert(t, table, Policy{PrivateIncidents: "include", People: people, HashKey: []byte("k")}, append(records, broken)...)
				text := everything(b)
				for who := range identities(t, records...) {
					if (table != IncidentioUsers || people != "drop") && strings.Contains(text, who) {
						t.Errorf("%q is in the batch", who)
					}
				}
			})
		}
	}
}

func TestIncludedPeopleAreInRowAndPayload(t *testing.T) {
	for _, table := range peopled {
		records := sampleOf(t, table)
		b, _ := convert(t, table, Policy{PrivateIncidents: "include", People: "include"}, records...)
		text := everything(b)
		for who := range identities(t, records...) {
			if !strings.Contains(text, who) {
				t.Errorf("%s: %q is not in the batch", table.Name, who)
			}
		}
	}
}

func TestDroppedUsersAreWithheldAndNotStored(t *testing.T) {
	b, rows := convert(t, IncidentioUsers, Policy{People: "drop"}, sampleOf(t, IncidentioUsers)...)
	if len(rows) != 0 || len(b.Rejected) != 0 || len(b.Withheld) == 0 {
		t.Errorf("rows %v, rejected %v, withheld %v: want only the ids that are to go", rows, b.Rejected, b.Withheld)
	}
}

func TestAPersonHasTheSamePseudonymWherever(t *testing.T) {
	const priya = `{"id":"01HZX3T0K5M2Q8W4N7B9C1D6EA","name":"Priya Raman","email":"priya@example.test","role":"responder","slack_user_id":"U04EXAMPLE1"}`
	_, users := convert(t, IncidentioUsers, hashed, priya)
	_, incidents := convert(t, IncidentioIncidents, hashed, sample(t, "incidents_list.json")[0])
	_, updates := convert(t, IncidentioIncidentUpdates, hashed, sample(t, "incident_updates_list.json")[0])
	_, followUps := convert(t, IncidentioFollowUps, hashed, sample(t, "follow_ups_v3_list.json")[0])
	// Another process, another name and a lost email change nothing.
	_, again := convert(t, IncidentioUsers, hashed, `{"id":"01HZX3T0K5M2Q8W4N7B9C1D6EA","name":"P. Raman-Lind","slack_user_id":"U0"}`)
	want := users[0]["id"]
	for what, got := range map[string]any{
		"user's name": users[0]["name"], "creator": incidents[0]["creator_id"], "creator's name": incidents[0]["creator_name"], "lead": incidents[0]["lead_id"],
		"updater": updates[0]["updater_id"], "assignee": followUps[0]["assignee_id"], "user later": again[0]["id"],
	} {
		if got != want || !strings.HasPrefix(fmt.Sprint(got), "person-") {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	if followUps[0]["creator_id"] == want {
		t.Error("another person has the same pseudonym")
	}
	if users[0]["email"] != nil || users[0]["slack_user_id"] != nil || users[0]["role"] != "responder" {
		t.Errorf("user %v: want the role, and neither email nor Slack id", users[0])
	}
	otherKey := hashed
	otherKey.HashKey = []byte("another organisation's key")
	if _, rows := convert(t, IncidentioUsers, otherKey, priya); rows[0]["id"] == want {
		t.Error("the pseudonym does not depend on the key")
	}
}

func TestPeopleAreFoundInWhateverShapeTheyCome(t *testing.T) {
	for _, fields := range []string{
		`"reviewer":{"id":"Lisa-1","name":"Lisa","email":"lisa@example.test"}`,
		`"reviewer":{"name":"Lisa","slack_user_id":null}`,
		`"deep":[[{"list":[{"name":"Lisa","email":"lisa@example.test"}]}]]`,
		`"user":{"name":"Lisa"}`, `"user":"Lisa"`, `"assignee":["Lisa",{"name":"Lisa"},[{"id":"Lisa"}]]`,
		`"assignee":"Lisa","assignee":"Lisa"`,
		`"user":{"id":"u","name":"x","name":"Lisa","email":"Lisa","email":"Lisa","id":"Lisa"}`,
		`"user":{"id":"u","first_name":"Lisa","avatar":{"url":"https://example.test/Lisa"},"phone":["Lisa"]}`,
		`"\u0075ser":{"\u006eame":"Lisa","\u0065mail":"Lisa"}`,
		`"x":{"user":{"id":"u","manager":{"id":"m","name":"Lisa","email":""}}}`,
	} {
		record := `{"id":"a","name":"A","rank":1,` + fields + `}`
		for _, people := range []string{"hash", "drop"} {
			b, rows := convert(t, IncidentioSeverities, Policy{People: people, HashKey: []byte("k")}, record)
			if len(rows) != 1 || strings.Contains(strings.ToLower(everything(b)), "lisa") {
				t.Errorf("%s, %s: %s", people, fields, everything(b))
			}
		}
		if b, _ := convert(t, IncidentioSeverities, plain, record); !strings.Contains(everything(b), "Lisa") {
			t.Errorf("include, %s: Lisa is gone", fields)
		}
	}
}

func TestTwoPeopleWithoutAnIdHaveTwoPseudonyms(t *testing.T) {
	_, rows := convert(t, IncidentioFollowUps, hashed, followUp(`"assignee":{"name":"Lisa"},"creator":{"user":{"name":"Tom"}}`))
	if rows[0]["assignee_name"] == rows[0]["creator_name"] || rows[0]["assignee_name"] == nil {
		t.Errorf("assignee %v, creator %v: want two pseudonyms", rows[0]["assignee_name"], rows[0]["creator_name"])
	}
}

// followUp is a good follow-up with more fields.
func followUp(fields string) string {
	return `{"id":"f","incident_id":"i","title":"T","status":"outstanding","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z",` + fields + `}`
}

func TestSecretsAreStoredUnderNoPolicy(t *testing.T) {
	const record = `{"id":"a","name":"A","rank":1,"secret_token":"s3cr3t","list":[{"deep":{"alert_events_url":"https://x.test/s3cr3t","secret_token":{"v":"s3cr3t"}}}],"secret\u005ftoken":"s3cr3t"}`
	for _, people := range []string{"include", "hash", "drop"} {
		for _, record := range []string{record, strings.Replace(record, `"rank":1`, `"rank":"none"`, 1), strings.Replace(record, `"id":"a"`, `"id":7`, 1)} {
			if b, _ := convert(t, IncidentioSeverities, Policy{People: people}, record); strings.Contains(everything(b), "s3cr3t") {
				t.Errorf("people %s: %s", people, everything(b))
			}
		}
	}
}

func TestExcludedPrivateIncidentsAreWithheld(t *testing.T) {
	record := sample(t, "incident_private.json")[0]
	for _, policy := range []string{"exclude", "", "a word that is not known"} {
		b, rows := convert(t, IncidentioIncidents, Policy{PrivateIncidents: policy}, record, strings.Replace(record, `"reference"`, `"no"`, 1))
		if len(rows) != 0 || len(b.Rejected) != 0 || len(b.Withheld) != 2 || b.Withheld[0] != "01JW8Q3N5R7T9V0X2Z4B6D8F2K" {
			t.Errorf("%q: rows %v, rejected %v, withheld %v: want the id, withheld", policy, rows, b.Rejected, b.Withheld)
		}
	}
	// A child does not say itself that its incident is private.
	r := NewRows(IncidentioIncidentUpdates, testRun, plain)
	r.Add([]byte(sample(t, "incident_updates_list.json")[0]), true)
	b := r.Flush()
	defer b.Rows.Release()
	if b.Rows.NumRows() != 0 || len(b.Withheld) != 1 {
		t.Errorf("update of a private incident: %s", everything(b))
	}
}

func TestRedactedIncidentsKeepWhatCountsAndNoTextAndNobody(t *testing.T) {
	// All samples as if they were private, with what else may hold text.
	kept := map[*Table][]string{
		IncidentioIncidents: {
			"id", "reference", "status_category", "severity_rank", "incident_type_id", "created_at", "updated_at", "timestamps", "custom_fields", "team_ids",
			"duration_metrics", "workload_minutes_total", "permalink",
		},
		IncidentioIncidentUpdates:     {"id", "incident_id", "status_category", "severity_id", "created_at"},
		IncidentioFollowUps:           {"id", "incident_id", "status", "priority_id", "assignee_team_id", "created_at", "updated_at"},
		IncidentioIncidentAttachments: {"id", "incident_id", "resource_type", "external_id", "permalink"},
	}
	texts := []string{
		"Checkout returns 502", "used up its database", "meet.example.test", "OPS-991", "grafana", "secret note", "rolling the deploy back", "Limit the connection pool",
		"Set a hard cap", "reliability", "Raise pool size", "inc-20261005", "C0EXAMPLE2", "postmortem",
	}
	for _, s := range samples {
		record := sample(t, s.files[0])[0]
		record = strings.Replace(record, `"value_numeric"`, `"value_text":"secret note","value_later":["secret note"],"value_numeric"`, 1)
		r := NewRows(s.table, testRun, Policy{PrivateIncidents: "redact", People: "include"})
		r.Add([]byte(record), true)
		b := r.Flush()
		defer b.Rows.Release()
		rows := values(b)
		if len(rows) != 1 {
			t.Fatalf("%s: %s", s.table.Name, everything(b))
		}
		for _, c := range kept[s.table] {
			if rows[0][c] == nil {
				t.Errorf("%s: column %s is gone", s.table.Name, c)
			}
		}
		all := everything(b)
		for _, text := range texts {
			if strings.Contains(all, text) {
				t.Errorf("%s: %q is still there: %s", s.table.Name, text, all)
			}
		}
		if s.table != IncidentioIncidentAttachments {
			for who := range identities(t, record) {
				if strings.Contains(all, who) {
					t.Errorf("%s: %q is still there", s.table.Name, who)
				}
			}
		}
		for key, text := range s.table.Placeholder {
			if rows[0][key] != text {
				t.Errorf("%s: %s is %v, want %q", s.table.Name, key, rows[0][key], text)
			}
		}
	}
	// A public incident under the same policy is left alone.
	record := sample(t, "incidents_list.json")[0]
	_, rows := convert(t, IncidentioIncidents, Policy{PrivateIncidents: "redact", People: "include"}, record)
	if rows[0]["name"] != "Checkout returns 502 after payments deploy" || rows[0]["summary"] == nil {
		t.Errorf("public incident %v", rows[0])
	}
}

func TestIncludedPrivateIncidentsAreWhole(t *testing.T) {
	record := sample(t, "incident_private.json")[0]
	_, rows := convert(t, IncidentioIncidents, Policy{PrivateIncidents: "include", People: "include"}, record)
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(record)); err != nil {
		t.Fatal(err)
	}
	if rows[0]["visibility"] != "private" || rows[0]["payload"] != compact.String() {
		t.Errorf("row %v, want the payload %s", rows[0], compact.String())
	}
}
