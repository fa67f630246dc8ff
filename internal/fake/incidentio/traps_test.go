package incidentio

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	allModes      = "mode[one_of]=standard&mode[one_of]=retrospective&mode[one_of]=test&mode[one_of]=tutorial"
	allCategories = "status_category[one_of]=triage&status_category[one_of]=live&status_category[one_of]=learning&status_category[one_of]=paused" +
		"&status_category[one_of]=closed&status_category[one_of]=declined&status_category[one_of]=canceled&status_category[one_of]=merged"
)

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// refs spells INC-<n> for the numbers.
func refs(numbers ...int) []string {
	out := []string{}
	for _, n := range numbers {
		out = append(out, "INC-"+itoa(n))
	}
	return out
}

func TestListOfIncidentsHidesWhatTheRealOneHides(t *testing.T) {
	s := NewServer(Small(), WithoutLimits())
	c := newClient(t, s)
	oldest := "/v2/incidents?sort_by=created_at_oldest_first&page_size=5&"
	for _, x := range []struct {
		what, query string
		want        []string
	}{
		{"by default no test, tutorial, declined, merged and canceled", "", refs(1, 2, 3, 4, 5, 11, 12)},
		{"modes alone do not bring declined ones", allModes, refs(1, 2, 3, 4, 5, 9, 10, 11, 12)},
		{"categories alone do not bring tests", allCategories, refs(1, 2, 3, 4, 5, 6, 7, 8, 11, 12)},
		{"both bring all", allModes + "&" + allCategories, refs(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)},
		{"a category", "status_category[one_of]=declined", refs(6)},
		{"a negated category", "status_category[not_in]=closed&status_category[not_in]=declined", refs(1, 2, 3, 4, 7, 8)},
		{"a filter without brackets is ignored", "one_of=test&gte=2026-10-09", refs(1, 2, 3, 4, 5, 11, 12)},
		{"a mode", "mode[one_of]=test", refs(9)},
	} {
		same(t, x.what, c.list(oldest+x.query, "reference"), x.want)
	}
	same(t, "newest first by default", c.list("/v2/incidents", "reference"), refs(12, 11, 5, 4, 3, 2, 1))
}

func TestIncidentsAreFilteredByWholeUTCDates(t *testing.T) {
	o := Small()
	midnight := time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC)
	o.Incidents[0].UpdatedAt = midnight.Add(-time.Microsecond)
	o.Incidents[1].UpdatedAt = midnight
	o.Incidents[2].UpdatedAt = midnight.Add(24*time.Hour - time.Microsecond)
	o.Incidents[3].UpdatedAt = midnight.Add(24 * time.Hour)
	c := newClient(t, NewServer(o, WithoutLimits()))
	for query, want := range map[string][]string{
		"updated_at[gte]=2026-10-03":                                                            refs(2, 3, 4, 5, 11, 12),
		"updated_at[lte]=2026-10-03":                                                            refs(1, 2, 3),
		"updated_at[date_range]=2026-10-03~2026-10-03":                                          refs(2, 3),
		"updated_at[date_range]=2026-10-02~2026-10-04":                                          refs(1, 2, 3, 4),
		"created_at[date_range]=2026-10-02~2026-10-03":                                          refs(2, 3),
		"created_at[lte]=2026-10-02&updated_at[gte]=2026-10-03":                                 refs(2),
		"created_at[lte]=2026-10-02&updated_at[gte]=2026-10-05&filter_mode=any":                 refs(1, 2, 5, 11, 12),
		"custom_field[" + o.CustomFields[1].ID + "][is_blank]=true":                             {},
		"incident_type[one_of]=" + o.Types[1].ID:                                                refs(12),
		"severity[gte]=" + o.Severities[2].ID:                                                   refs(12),
		"severity[gte]=" + o.Severities[1].ID:                                                   refs(2, 5, 11, 12),
		"severity[not_in]=" + o.Severities[0].ID:                                                refs(2, 3, 5, 11, 12),
		"status[one_of]=" + o.Statuses[1].ID:                                                    refs(2),
		"incident_role[" + o.Roles[0].ID + "][one_of]=" + o.Users[3].ID:                         refs(4, 12),
		"custom_field[" + o.CustomFields[5].ID + "][one_of]=" + o.CatalogTypes[0].Entries[0].ID: refs(1, 3, 5, 11),
	} {
		same(t, query, c.list("/v2/incidents?sort_by=created_at_oldest_first&"+query, "reference"), want)
	}
}

func TestPageSizesAreCappedAsTheRealOnesAre(t *testing.T) {
	c := newClient(t, NewServer(Small(), WithoutLimits()))
	for target, want := range map[string]float64{
		"/v2/incidents": 25, "/v2/incidents?page_size=500": 250, "/v2/incidents?page_size=251": 250,
		"/v2/incidents?page_size=7": 7, "/v2/users?page_size=10000": 10000,
	} {
		meta := c.get(target)["pagination_meta"].(map[string]any)
		if meta["page_size"] != want {
			t.Errorf("%s: page_size %v, want %v", target, meta["page_size"], want)
		}
	}
}

func TestPagingEndsByAnAbsentCursorAndSurvivesChanges(t *testing.T) {
	o := Small()
	s := NewServer(o, WithoutLimits(), WithoutTotals())
	c := newClient(t, s)
	for _, size := range []string{"1", "3", "7", "250"} {
		same(t, "page_size "+size, c.list("/v2/incidents?page_size="+size, "reference"), refs(12, 11, 5, 4, 3, 2, 1))
	}
	first := c.get("/v2/incidents?page_size=2")
	meta := first["pagination_meta"].(map[string]any)
	if _, here := meta["total_record_count"]; here {
		t.Error("total_record_count is there although it was turned off")
	}
	after := meta["after"].(string)
	if after != o.Incidents[10].ID {
		t.Errorf("the cursor %s is not the last id of the page, %s", after, o.Incidents[10].ID)
	}
	s.DeleteIncident("11")
	s.AddIncident(Incident{Name: "New", Status: o.Statuses[1].ID, Creator: Actor{User: o.Users[0].ID}})
	same(t, "the second page after the cursor's row has gone and a newer incident came",
		c.list("/v2/incidents?page_size=200&after="+after, "reference"), refs(5, 4, 3, 2, 1))
	if got := newClient(t, NewServer(o, WithoutLimits())).get("/v2/incidents?page_size=1")["pagination_meta"].(map[string]any)["total_record_count"]; got != 7.0 {
		t.Errorf("total_record_count %v, want 7", got)
	}
}

func TestPrivateIncidentsAreAbsentForAKeyWithoutGlobalAccess(t *testing.T) {
	o := Small()
	s := NewServer(o, WithoutLimits(), WithKeys(Key{Name: "viewer", Secret: "k1", Roles: []string{"viewer"}}))
	c := newClient(t, s)
	c.key = "k1"
	s.MakePrivate("5")
	for _, r := range c.list("/v2/incidents", "reference") {
		if r == "INC-12" || r == "INC-5" {
			t.Errorf("the private %s is listed", r)
		}
	}
	for _, target := range []string{"/v2/incidents/12", "/v2/incidents/" + o.Incidents[4].ID, "/v1/incident_attachments?incident_id=" + o.Incidents[4].ID} {
		if b, _ := c.fails("GET", target, 404, "not_found"); b.Errors[0].Code != "resource_not_found" {
			t.Errorf("%s: code %s", target, b.Errors[0].Code)
		}
	}
	for _, target := range []string{"/v2/incident_updates", "/v3/follow_ups"} {
		if slices.Contains(c.list(target, "incident_id"), o.Incidents[11].ID) {
			t.Errorf("%s shows what hangs on a private incident", target)
		}
	}
}

func TestFollowUpsComeByModeAndExactInstant(t *testing.T) {
	o := Small()
	at := time.Date(2026, 10, 20, 12, 0, 0, 400_000, time.UTC) // 0.4 ms
	o.FollowUps[0].UpdatedAt = at
	c := newClient(t, NewServer(o, WithoutLimits()))
	number := map[string]int{}
	for _, i := range o.Incidents {
		number[i.ID] = i.Number
	}
	for query, want := range map[string][]int{
		"":                           {1, 2, 3, 4, 5, 6, 7, 8, 11, 12},
		"incident_mode=test":         {9},
		"incident_mode=tutorial":     {10},
		"incident_mode=stream":       {},
		"incident_mode=standard":     {1, 2, 3, 4, 5, 6, 7, 8, 12},
		"updated_at[gte]=2026-10-20": {1},
		"updated_at[gte]=2026-10-20T12:00:00.0004Z":                                         {1},
		"updated_at[gte]=2026-10-20T12:00:00.000401Z":                                       {},
		"updated_at[date_range]=2026-10-20T12:00:00Z~2026-10-20T12:00:00.001Z":              {1},
		"updated_at[date_range]=2026-10-20T11:00:00Z~2026-10-20T12:00:00Z":                  {},
		"updated_at[date_range]=2026-10-20T14:00:00.0009%2B02:00~2026-10-20T15:00:00.0000Z": {1},
		"incident_id=" + o.Incidents[5].ID:                                                  {6},
		"assignee_team_id=" + o.Teams[0].ID:                                                 {2, 6},
	} {
		got := []int{}
		for _, id := range c.list("/v3/follow_ups?page_size=4&"+query, "incident_id") {
			got = append(got, number[id])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
	ids := c.list("/v3/follow_ups", "id")
	if !slices.IsSorted(ids) {
		t.Errorf("follow-ups are not ordered by id: %v", ids)
	}
}

func TestUpdatesAndAttachmentsBelongToTheirIncident(t *testing.T) {
	o := Small()
	c := newClient(t, NewServer(o, WithoutLimits()))
	if got := len(c.list("/v2/incident_updates?page_size=10", "id")); got != 36 {
		t.Errorf("%d updates of the account, want 36", got)
	}
	if got := len(c.list("/v2/incident_updates?incident_id="+o.Incidents[8].ID, "id")); got != 3 {
		t.Errorf("%d updates of one incident, want 3", got)
	}
	for target, want := range map[string]int{
		"incident_id=" + o.Incidents[0].ID: 1, "incident_id=" + o.Incidents[1].ID: 0,
		"resource_type=github_pull_request&external_id=acme/api/3": 1,
	} {
		if got := c.get("/v1/incident_attachments?" + target)["incident_attachments"].([]any); len(got) != want {
			t.Errorf("%s: %d attachments, want %d", target, len(got), want)
		}
	}
}

func TestDeactivatedUsersComeOnlyWhenAskedFor(t *testing.T) {
	c := newClient(t, NewServer(Small(), WithoutLimits()))
	if got := c.list("/v2/users", "name"); slices.Contains(got, "Gone Away") || len(got) != 3 {
		t.Errorf("active users: %v", got)
	}
	if got := c.list("/v2/users?include_inactive=true&page_size=2", "name"); len(got) != 4 {
		t.Errorf("all users: %v", got)
	}
}

func TestEveryIncidentRepeatsTheDefinitionsAndEveryField(t *testing.T) {
	o := Small()
	s := NewServer(o, WithoutLimits())
	c := newClient(t, s)
	before := c.get("/v2/incidents/3")["incident"].(map[string]any)
	if len(before["custom_field_entries"].([]any)) != 6 || len(before["incident_timestamp_values"].([]any)) != 5 {
		t.Errorf("not every field and timestamp is there: %v", before)
	}
	if _, here := before["severity"]; here {
		t.Error("an incident without severity has one")
	}
	moved := c.get("/v2/incidents/2")["incident"].(map[string]any)
	s.RenameSeverity("Major", "High")
	s.RenameTimestamp("Fixed at", "Repaired at")
	after := c.get("/v2/incidents/2")["incident"].(map[string]any)
	if after["severity"].(map[string]any)["name"] != "High" || after["updated_at"] != moved["updated_at"] {
		t.Errorf("a renamed severity shows as %v, updated_at %v and before %v", after["severity"], after["updated_at"], moved["updated_at"])
	}
	text, _ := json.Marshal(after)
	if !strings.Contains(string(text), "Repaired at") {
		t.Error("a renamed timestamp does not show in the incident")
	}
}

func TestChangesShowAndMoveUpdatedAtOnlyWhenTheyShould(t *testing.T) {
	now := time.Date(2026, 11, 2, 3, 4, 5, 600_000_000, time.UTC)
	s := NewServer(Small(), WithoutLimits(), WithClock(func() time.Time { return now }))
	c := newClient(t, s)
	show := func(id string) map[string]any { return c.get("/v2/incidents/" + id)["incident"].(map[string]any) }
	updates := func(id string) int {
		return len(c.list("/v2/incident_updates?incident_id="+show(id)["id"].(string), "id"))
	}

	was := show("1")["updated_at"]
	s.ChangeQuietly("1", func(i *Incident) { i.Name = "Quiet" })
	s.AddUpdate("1", "A word", now)
	if got := show("1"); got["name"] != "Quiet" || got["updated_at"] != was || updates("1") != 4 {
		t.Errorf("a quiet change: %v, %d updates", got, updates("1"))
	}
	s.ChangeIncident("1", func(i *Incident) { i.Name = "Loud"; i.Extra = map[string]any{"weather": "rain"} })
	w := c.do("GET", "/v2/incidents/1")
	if text := w.Body.String(); !strings.Contains(text, `"Loud"`) || !strings.Contains(text, `"updated_at":"2026-11-02T03:04:05.6Z"`) || !strings.Contains(text, `"weather":"rain"`) {
		t.Errorf("a change: %s", text)
	}
	s.SetStatus("5", "Fixing", "It is back")
	if got := show("5"); got["incident_status"].(map[string]any)["category"] != "live" || got["updated_at"] != "2026-11-02T03:04:05.6Z" || updates("5") != 4 {
		t.Errorf("a reopened incident: %v", got)
	}
	added := s.AddIncident(Incident{Name: "新しい障害", Status: s.org.Statuses[0].ID, Creator: Actor{Alert: "disk full"}})
	if got := show("13"); got["id"] != added.ID || got["name"] != "新しい障害" || got["mode"] != "standard" {
		t.Errorf("an added incident: %v", got)
	}
	s.ChangeQuietly("13", func(i *Incident) { i.Omit = []string{"name"} })
	if strings.Contains(c.do("GET", "/v2/incidents/13").Body.String(), `"name":"新しい障害"`) {
		t.Error("an omitted field is there")
	}
	s.DeleteIncident("5")
	c.fails("GET", "/v2/incidents/5", 404, "not_found")
}

func TestRunningDurationsMoveByThemselves(t *testing.T) {
	now := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	s := NewServer(Small(), WithoutLimits(), WithClock(func() time.Time { return now }))
	c := newClient(t, s)
	value := func(id string) float64 {
		m := c.get("/v2/incidents/" + id)["incident"].(map[string]any)["duration_metrics"].([]any)[0]
		return m.(map[string]any)["value_seconds"].(float64)
	}
	open, closed := value("2"), value("5")
	now = now.Add(time.Minute)
	if value("2") != open+60 || value("5") != closed {
		t.Errorf("open %v then %v, closed %v then %v", open, value("2"), closed, value("5"))
	}
}

func TestIDsOrderByTimeThenNumberAndCarryTheTime(t *testing.T) {
	at := time.Date(2026, 10, 1, 9, 0, 0, 1_000_000, time.UTC)
	var ids []string
	for ms := range 3 {
		for n := range 40 {
			ids = append(ids, ID(at.Add(time.Duration(ms)*time.Millisecond), uint64(n)))
		}
	}
	if !slices.IsSorted(ids) {
		t.Errorf("not in order: %v", ids)
	}
	if ids[0] != ID(at, 0) || len(ids[0]) != 26 {
		t.Errorf("%q is not repeated or no ULID", ids[0])
	}
	if got, ok := idTime(ids[0]); !ok || !got.Equal(at) {
		t.Errorf("the id's time is %v, want %v", got, at)
	}
	if _, ok := idTime("01JW8Q3N5R7T9V0X2Z4B6D8F0L"); ok {
		t.Error("L is no digit of a ULID")
	}
}

func TestTimesHaveUpToSixDigitsWithoutTrailingZeros(t *testing.T) {
	for want, at := range map[string]time.Time{
		"2026-10-05T14:47:05Z":        time.Date(2026, 10, 5, 14, 47, 5, 0, time.UTC),
		"2026-10-05T14:47:05.6Z":      time.Date(2026, 10, 5, 23, 47, 5, 600_000_000, time.FixedZone("JST", 9*3600)),
		"2026-10-05T14:47:05.000123Z": time.Date(2026, 10, 5, 14, 47, 5, 123_999, time.UTC),
	} {
		if got := Stamp(at); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
