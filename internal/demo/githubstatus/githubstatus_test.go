package githubstatus

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fourfold/internal/config"
	"fourfold/internal/fake/incidentio"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// The figures were computed from the JSONL by Python's statistics module.
func TestExpectedFiguresAreThoseOfTheFile(t *testing.T) {
	for _, want := range []struct {
		zone string
		Stat
	}{
		{"Asia/Tokyo", Stat{"all", "all", "2023-05-01", 10, 10, 6120, 35592, 12360}},
		{"Asia/Tokyo", Stat{"all", "all", "2024-12-01", 8, 8, 1620, 4824, 2212.5}},
		{"Asia/Tokyo", Stat{"severity", "major", "2022-11-01", 2, 2, 4290, 6378, 4290}},
		{"Asia/Tokyo", Stat{"severity", "maintenance", "2022-03-01", 3, 3, 257520, 316032, 279400}},
		{"Asia/Tokyo", Stat{"service", "Actions", "2023-03-01", 7, 7, 4920, 11736, 6402.85714286}},
		{"Asia/Tokyo", Stat{"service", "Codespaces", "2024-01-01", 3, 3, 11940, 19476, 13060}},
		{"America/New_York", Stat{"all", "all", "2023-05-01", 10, 10, 6120, 35592, 12360}},
		{"America/New_York", Stat{"service", "Actions", "2023-03-01", 6, 6, 4860, 12600, 6610}},
	} {
		found := false
		for _, got := range Expected(zone(t, want.zone)) {
			if got.Dimension == want.Dimension && got.Value == want.Value && got.Month == want.Month {
				found = true
				if diff := cmp.Diff(want.Stat, got, cmpopts.EquateApprox(1e-11, 0)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", want.zone, diff)
				}
			}
		}
		if !found {
			t.Errorf("%s: no figures for %s %s in %s", want.zone, want.Dimension, want.Value, want.Month)
		}
	}
}

func TestEveryIncidentIsExpectedOnceInTotalsAndBySeverity(t *testing.T) {
	for _, name := range []string{"Asia/Tokyo", "America/New_York"} {
		started, restored := map[string]int{}, map[string]int{}
		for _, s := range Expected(zone(t, name)) {
			started[s.Dimension] += s.Incidents
			restored[s.Dimension] += s.Restored
		}
		want := map[string]int{"all": 399, "severity": 399, "service": 595}
		if diff := cmp.Diff([]map[string]int{want, want}, []map[string]int{started, restored}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestOrganisationKeepsTimesImpactComponentsAndHistory(t *testing.T) {
	objects := Organisation().Objects(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
	history := map[string][]string{}
	at := map[string]string{}
	for _, u := range objects["incident_updates"] {
		id := u["incident_id"].(string)
		status := u["new_incident_status"].(map[string]any)
		history[id] = append(history[id], status["name"].(string))
		if u["created_at"].(string) < at[id] {
			t.Errorf("the updates of %s are out of order", id)
		}
		at[id] = u["created_at"].(string)
	}
	lines := read()
	if len(lines) != 399 || len(objects["incidents"]) != 399 {
		t.Fatalf("%d lines, %d incidents", len(lines), len(objects["incidents"]))
	}
	for n, got := range objects["incidents"] {
		want := lines[n]
		stamps := []string{}
		for _, v := range got["incident_timestamp_values"].([]any) {
			stamps = append(stamps, v.(map[string]any)["value"].(map[string]any)["value"].(string))
		}
		names := []string{}
		for _, v := range got["custom_field_entries"].([]any)[0].(map[string]any)["values"].([]any) {
			names = append(names, v.(map[string]any)["value_option"].(map[string]any)["value"].(string))
		}
		summary := []any{got["name"], got["permalink"], got["severity"].(map[string]any)["name"], got["incident_status"].(map[string]any)["category"], stamps, strings.Join(names, ",")}
		expected := []any{
			want.Title, want.URL, want.Impact, "closed",
			[]string{want.StartedAt.Format(time.RFC3339), want.ResolvedAt.Format(time.RFC3339)},
			strings.Join(want.Components, ","),
		}
		if diff := cmp.Diff(expected, summary); diff != "" {
			t.Errorf("incident %s (-want +got):\n%s", want.ID, diff)
		}
		seen := history[got["id"].(string)]
		if len(seen) != len(want.Updates) || seen[len(seen)-1] != got["incident_status"].(map[string]any)["name"] {
			t.Errorf("incident %s has the history %v", want.ID, seen)
		}
		for k, u := range want.Updates {
			if u.Status == "Update" && seen[k] != seen[k-1] || u.Status != "Update" && seen[k] != u.Status {
				t.Errorf("incident %s: %q became %v", want.ID, u.Status, seen)
			}
		}
	}
}

func TestServedAnswersFitTheSchemas(t *testing.T) {
	s := incidentio.NewServer(Organisation(), incidentio.WithoutLimits())
	for _, target := range []string{
		"/v2/incidents?page_size=250", "/v2/incident_updates?page_size=250", "/v1/severities", "/v1/incident_statuses",
		"/v1/incident_types", "/v2/incident_timestamps", "/v2/incident_roles", "/v2/custom_fields", "/v2/users",
	} {
		path, query, _ := strings.Cut(target, "?")
		r := httptest.NewRequest(http.MethodGet, path+"?"+query, nil)
		r.Header.Set("Authorization", "Bearer "+incidentio.DefaultKey)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if err := incidentio.CheckAnswer(path, w.Body.Bytes()); w.Code != 200 || err != nil {
			t.Errorf("GET %s: %d %v", target, w.Code, err)
		}
	}
}

func TestConfigLoadsWithAServiceForEveryComponent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "fourfold.yaml")
	if err := os.WriteFile(file, []byte(Config("http://127.0.0.1:9999", "America/New_York")), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range c.Services {
		names = append(names, s.Name)
	}
	if diff := cmp.Diff(components(read()), names); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if got := fmt.Sprint(c.Timezone); !strings.Contains(got, "New_York") {
		t.Errorf("time zone %s", got)
	}
}
