package demo

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/internal/demo/expect"
	"fourfold/internal/fake/incidentio"
	"fourfold/internal/reference"
	"fourfold/internal/truth"
)

var now = time.Date(2026, 11, 25, 3, 4, 5, 678_901_000, time.UTC)

func TestTheSameSeedAndInstantGiveTheSameOrganisation(t *testing.T) {
	text := func(seed uint64, at time.Time) string {
		b, err := json.Marshal(Organisation(seed, at).Objects(now))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	a := text(1, now)
	if a != text(1, now) {
		t.Error("the same seed gives another organisation")
	}
	if a == text(2, now) || a == text(1, now.Add(time.Hour)) {
		t.Error("another seed or instant gives the same organisation")
	}
}

func TestServedAnswersFitTheSchemas(t *testing.T) {
	s := incidentio.NewServer(Organisation(1, now), incidentio.WithoutLimits())
	read := func(target string) map[string]any {
		path, query, _ := strings.Cut(target, "?")
		r := httptest.NewRequest(http.MethodGet, path+"?"+query, nil)
		r.Header.Set("Authorization", "Bearer "+incidentio.DefaultKey)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if err := incidentio.CheckAnswer(path, w.Body.Bytes()); w.Code != 200 || err != nil {
			t.Fatalf("GET %s: %d %v", target, w.Code, err)
		}
		out := map[string]any{}
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, path := range []string{"/v1/severities", "/v1/incident_statuses", "/v1/incident_types", "/v2/incident_timestamps", "/v2/incident_roles", "/v2/custom_fields"} {
		read(path)
	}
	for _, target := range []string{
		"/v2/incidents?page_size=250&mode[one_of]=standard&mode[one_of]=retrospective&mode[one_of]=test&mode[one_of]=tutorial",
		"/v2/incidents?page_size=250&status_category[one_of]=declined&status_category[one_of]=merged&status_category[one_of]=canceled",
		"/v2/incident_updates?page_size=250", "/v3/follow_ups?page_size=250", "/v3/follow_ups?incident_mode=test", "/v1/postmortem_documents?page_size=50", "/v2/users?include_inactive=true&page_size=5",
	} {
		for after := ""; ; {
			next := target
			if after != "" {
				next += "&after=" + after
			}
			meta, _ := read(next)["pagination_meta"].(map[string]any)
			if after, _ = meta["after"].(string); after == "" {
				break
			}
		}
	}
}

// count counts incidents by what `of` says of each.
func count(incidents []map[string]any, of func(map[string]any) string) map[string]int {
	out := map[string]int{}
	for _, i := range incidents {
		out[of(i)]++
	}
	return out
}

func str(o map[string]any, keys ...string) string {
	for _, k := range keys[:len(keys)-1] {
		o, _ = o[k].(map[string]any)
	}
	s, _ := o[keys[len(keys)-1]].(string)
	return s
}

func TestEveryTrapIsInIt(t *testing.T) {
	for _, seed := range []uint64{1, 2, 77} {
		c := Make(seed, now)
		o := c.Objects(now)
		incidents := o["incidents"][:Incidents] // those of the earlier tool come after
		if len(c.Incidents.Incidents) != Incidents {
			t.Fatalf("%d incidents", len(c.Incidents.Incidents))
		}
		has := func(what string, got map[string]int, names ...string) {
			t.Helper()
			for _, name := range names {
				if got[name] < 2 {
					t.Errorf("seed %d: %s: %q %d times", seed, what, name, got[name])
				}
			}
		}
		has("mode", count(incidents, func(i map[string]any) string { return str(i, "mode") }), "standard", "retrospective", "test", "tutorial")
		has("visibility", count(incidents, func(i map[string]any) string { return str(i, "visibility") }), "public", "private")
		has("severity", count(incidents, func(i map[string]any) string { return str(i, "severity", "name") }), "", "Minor", "Major", "Critical")
		has("type", count(incidents, func(i map[string]any) string { return str(i, "incident_type", "name") }), "Production", "Security", "Data quality")
		categories := count(incidents, func(i map[string]any) string { return str(i, "incident_status", "category") })
		has("category", categories, "live", "closed", "declined", "merged", "canceled")
		for _, name := range []string{"triage", "learning", "paused"} {
			if categories[name] == 0 {
				t.Errorf("seed %d: no incident in %s", seed, name)
			}
		}
		has("follow-up", count(o["follow_ups"], func(f map[string]any) string { return str(f, "status") }), "outstanding", "completed", "not_doing", "deleted")
		has("priority", count(o["follow_ups"], func(f map[string]any) string { return str(f, "priority", "name") }), "", "Urgent", "High", "Low")
		has("attachment", count(o["incident_attachments"], func(a map[string]any) string { return str(a, "resource", "resource_type") }), "github_pull_request", "sentry_issue")

		ruled := reference.Incidents(o, settings(t, c))
		found := map[string]int{}
		for _, i := range ruled {
			found["start "+i.StartBasis]++
			found["end "+i.EndBasis]++
			found["services "+[]string{"none", "one", "two"}[len(i.Services)]]++
			if i.Reopened > 0 {
				found["reopened"]++
			}
			if i.Reopened > 1 {
				found["reopened twice"]++
			}
			if i.Reopened > 0 && i.End.IsZero() {
				found["reopened and open"]++
			}
			if i.Counted && !i.End.IsZero() && i.Restore == nil {
				found["end before start"]++
			}
			if i.Counted && i.Acknowledge == nil {
				found["not acknowledged"]++
			}
			if i.Start.Before(i.End) && i.Restore != nil && i.Counted {
				found["restored"]++
			}
		}
		has("rules", found, "start Impact started", "start Declared at", "start Reported at", "start created_at", "end Fixed at", "end Resolved at", "end left_live", "end ",
			"services none", "services one", "services two", "reopened", "reopened twice", "end before start", "not acknowledged")
		if found["reopened and open"] == 0 || found["restored"] < 350 {
			t.Errorf("seed %d: %v", seed, found)
		}
	}
}

func TestNothingIsLaterThanNowAndHistoryEndsInTheStatus(t *testing.T) {
	o := Organisation(3, now)
	limit := incidentio.Stamp(now)
	objects := o.Objects(now)
	last := map[string]map[string]any{}
	for _, u := range objects["incident_updates"] {
		if str(u, "created_at")[:19] > limit[:19] {
			t.Errorf("an update of %s", str(u, "created_at"))
		}
		last[str(u, "incident_id")] = u
	}
	for _, i := range objects["incidents"] {
		u := last[str(i, "id")]
		if u == nil || str(u, "new_incident_status", "id") != str(i, "incident_status", "id") {
			t.Errorf("%s is %s and its last update says %v", str(i, "reference"), str(i, "incident_status", "name"), u)
		}
		for _, key := range []string{"created_at", "updated_at", "last_activity_at"} {
			if str(i, key)[:19] > limit[:19] {
				t.Errorf("%s: %s is %s", str(i, "reference"), key, str(i, key))
			}
		}
		if str(i, "updated_at")[:19] < str(i, "created_at")[:19] {
			t.Errorf("%s was updated before it was created", str(i, "reference"))
		}
	}
	for _, f := range objects["follow_ups"] {
		if str(f, "updated_at")[:19] > limit[:19] || str(f, "status") == "completed" != (str(f, "completed_at") != "") {
			t.Errorf("follow-up %v", f)
		}
	}
	if !slices.IsSortedFunc(o.Incidents, func(a, b *incidentio.Incident) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("the ids of incidents do not follow their creation")
	}
}

func TestFiguresArePlausible(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		plausible(t, Make(seed, now))
	}
}

func plausible(t *testing.T, c *Company) {
	t.Helper()
	o, s := c.Objects(now), settings(t, c)
	rows := reference.FourKeys(o, expect.Code{}, s)
	values := map[string][]float64{}
	for _, i := range reference.Incidents(o, s) {
		if i.Counted && i.Restore != nil {
			values[i.Severity] = append(values[i.Severity], float64(*i.Restore))
			half := "first half"
			if i.Start.After(now.AddDate(0, -9, 0)) {
				half = "second half"
			}
			values[half] = append(values[half], float64(*i.Restore))
		}
	}
	median := func(name string) float64 {
		slices.Sort(values[name])
		return values[name][len(values[name])/2] / 60
	}
	t.Logf("minutes: critical %.0f, major %.0f, minor %.0f; halves %.0f, %.0f", median("Critical"), median("Major"), median("Minor"), median("first half"), median("second half"))
	if !(median("Critical") < median("Major") && median("Major") < median("Minor") && median("Critical") > 10 && median("Minor") < 12*60) {
		t.Error("graver incidents do not end sooner")
	}
	if median("second half") >= median("first half") {
		t.Error("nothing got better")
	}
	weekend, night, total := 0, 0, 0
	for _, i := range o["incidents"] {
		at, err := time.Parse(time.RFC3339Nano, str(i, "created_at"))
		if err != nil {
			t.Fatal(err)
		}
		local := at.In(jst)
		total++
		if day := local.Weekday(); day == time.Saturday || day == time.Sunday {
			weekend++
		}
		if local.Hour() < 6 {
			night++
		}
	}
	if weekend == 0 || weekend*6 > total || night == 0 || night*8 > total {
		t.Errorf("of %d incidents %d at weekends and %d at night", total, weekend, night)
	}
	if len(rows) < 10_000 {
		t.Errorf("only %d rows", len(rows))
	}
}

// settings are what the configuration means, with the files beside it.
func settings(t *testing.T, c *Company) expect.Settings {
	t.Helper()
	config := Config(Addresses{
		Incidents: "http://127.0.0.1:9999", API: "http://127.0.0.1:9998/", GraphQL: "http://127.0.0.1:9998/graphql", Git: "http://127.0.0.1:9998/", IncidentsKey: "a", GitHubToken: "b",
	})
	s, err := reference.SettingsOf(truth.World{AsOf: now, Config: config, Files: c.Files()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
