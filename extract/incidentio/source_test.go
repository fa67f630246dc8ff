package incidentio

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/extract"
	fake "fourfold/internal/fake/incidentio"
)

func TestEverythingThatTheAPIHoldsLands(t *testing.T) {
	for _, size := range []int{250, 3, 1} {
		w := newWorld(t, fake.Small())
		w.source.size = size
		w.mustRun()
		w.compare("after the first run")
	}
}

func TestEveryModeAndStatusCategoryIsAskedFor(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.mustRun()
	w.clock.Advance(20 * time.Minute)
	w.mustRun()
	lists, followUps := 0, map[string]bool{}
	for _, r := range w.server.Requests() {
		switch r.Path {
		case "/v2/incidents":
			lists++
			if !slices.Equal(r.Query["mode[one_of]"], modes) || len(modes) != 4 ||
				!slices.Equal(r.Query["status_category[one_of]"], categories) || len(categories) != 8 || r.Query.Get("page_size") != "250" {
				t.Errorf("incidents asked for with %v", r.Query)
			}
		case "/v3/follow_ups":
			followUps[r.Query.Get("incident_mode")] = true
		case "/v2/users":
			if r.Query.Get("include_inactive") != "true" {
				t.Errorf("users asked for with %v", r.Query)
			}
		}
		if r.UserAgent != "fourfold/test" {
			t.Errorf("user agent %q", r.UserAgent)
		}
	}
	if lists != 3 {
		t.Errorf("%d requests for incidents, want one for all, one for what changed and one for recent ones", lists)
	}
	for _, mode := range []string{"", "test", "tutorial", "stream"} {
		if !followUps[mode] {
			t.Errorf("no follow-ups asked for with incident_mode %q", mode)
		}
	}
}

func TestARunInWhichNothingChangedCostsFewRequests(t *testing.T) {
	w := newWorld(t, fake.Small(), func(o *Options) { o.RefreshRecent = 1 })
	w.mustRun()
	w.clock.Advance(15 * time.Minute)
	w.server.ResetRequests()
	w.mustRun()
	want := map[string]int{
		"/v1/severities": 1, "/v1/incident_statuses": 1, "/v1/incident_types": 1, "/v2/incident_timestamps": 1, "/v2/incident_roles": 1,
		"/v2/custom_fields": 2, "/v1/custom_field_options": 2, "/v2/users": 1,
		"/v2/incidents":            2, // changed and recent
		"/v2/incident_updates":     1, // the whole list is one page: fewer than the three open incidents
		"/v3/follow_ups":           4,
		"/v1/incident_attachments": 3, // open incidents
	}
	got := w.server.Counts()
	for path, n := range want {
		if got[path] != n {
			t.Errorf("%s: %d requests, want %d", path, got[path], n)
		}
		delete(got, path)
	}
	if len(got) > 0 {
		t.Errorf("and %v", got)
	}
	if c := w.source.Counts("follow_ups"); c.Requests != 8 {
		t.Errorf("counted %+v for follow_ups in two runs, want 8 requests", c)
	}
	w.compare("after a run without changes")
}

func TestUsersAreNotReadWhenPeopleAreDropped(t *testing.T) {
	w := newWorld(t, fake.Small(), func(o *Options) { o.People = "drop" })
	w.mustRun()
	if n := w.server.Counts()["/v2/users"]; n != 0 {
		t.Errorf("%d requests for users", n)
	}
}

func TestAStreamThatTheKeyMayNotReadIsForbiddenAndTheOthersLand(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.server = fake.NewServer(w.org, fake.WithClock(w.clock.Now),
		fake.WithKeys(fake.Key{Name: "weak", Secret: fake.DefaultKey, Roles: []string{"viewer", "global_access"}, Without: []string{"users.view", "attachments.view"}}))
	w.connect()
	if !w.run() {
		t.Fatal("the run was killed")
	}
	for _, name := range []string{"users", "incident_attachments"} {
		err := w.errs[name]
		if !errors.Is(err, extract.ErrForbidden) || !strings.Contains(err.Error(), "incidentio: read "+name) || !strings.Contains(err.Error(), ".view") ||
			!strings.Contains(err.Error(), "sources.incidentio.streams") {
			t.Errorf("%s: %v", name, err)
		}
		delete(w.errs, name)
	}
	if len(w.errs) > 0 {
		t.Errorf("others failed: %v", w.errs)
	}
	if n := len(w.landed()["incidentio_incidents"]); n != 11 {
		t.Errorf("%d incidents landed, want 11", n)
	}
}

func TestAWrongKeySaysWhichSettingToCheck(t *testing.T) {
	for name, key := range map[string]func() (string, error){
		"unknown": func() (string, error) { return "inc_wrong_000111222", nil },
		"empty":   func() (string, error) { return " \n", nil },
		"failing": func() (string, error) { return "", errors.New("open /run/secrets/key: no such file") },
	} {
		w := newWorld(t, fake.Small(), func(o *Options) { o.APIKey = key })
		_, err := w.source.Check(context.Background())
		if err == nil || !strings.Contains(err.Error(), "sources.incidentio.api_key") || strings.Contains(err.Error(), "inc_wrong") {
			t.Errorf("%s: %v", name, err)
		}
		if errors.Is(err, extract.ErrUnauthorized) != (name == "unknown") {
			t.Errorf("%s: is it ErrUnauthorized? %v", name, err)
		}
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a source without a key was made")
	}
}

func TestCheckNamesTheKeyAndItsRoles(t *testing.T) {
	w := newWorld(t, fake.Small())
	id, err := w.source.Check(context.Background())
	if err != nil || id.Name != "fourfold" || !slices.Contains(id.Roles, "viewer") || !id.SeesPrivate() {
		t.Errorf("%+v, %v", id, err)
	}
}

func TestTheAPIsOwnWordsAndTheRemedyAreInAnError(t *testing.T) {
	for status, c := range map[int]struct {
		body string
		want []string
	}{
		422: {
			`{"type":"validation_error","status":422,"request_id":"7e1c2b90","errors":[{"code":"invalid_value","message":"Use date_range.","source":{"field":"updated_at"}},{"code":"x","message":"And this."}]}`,
			[]string{"422 Unprocessable Entity", "updated_at: Use date_range. (invalid_value)", "And this. (x)", "(request 7e1c2b90)"},
		},
		401: {`{"errors":[{"code":"missing_authorization_material","message":"No key."}]}`, []string{"No key.", "check sources.incidentio.api_key"}},
		403: {`{"errors":[{"message":"needs users.view"}]}`, []string{"needs users.view", "give the API key a role"}},
		410: {`<html>gone`, []string{"410 Gone: <html>gone", "newer version of fourfold"}},
	} {
		e := &extract.HTTPError{Method: "GET", URL: "https://api.incident.io/v2/x", Status: status, Body: c.body}
		describe(e, []byte(c.body))
		for _, part := range c.want {
			if !strings.Contains(e.Error(), part) {
				t.Errorf("%d: %q lacks %q", status, e, part)
			}
		}
	}
}

func TestTheBodysRateLimitIsReadInBothForms(t *testing.T) {
	want := time.Date(2025, 4, 17, 11, 17, 18, 0, time.UTC)
	for _, text := range []string{"2025-04-17T11:17:18Z", "Thu, 17 Apr 2025 11:17:18 UTC", "2025-04-17T13:17:18+02:00"} {
		if got, ok := retryAt([]byte(`{"rate_limit":{"retry_after":"` + text + `"}}`)); !ok || !got.Equal(want) {
			t.Errorf("%s: %v, %v", text, got, ok)
		}
	}
	for _, body := range []string{``, `{}`, `{"rate_limit":{"retry_after":"soon"}}`, `{"rate_limit":null}`} {
		if got, ok := retryAt([]byte(body)); ok {
			t.Errorf("%s: %v", body, got)
		}
	}
}

func TestAStatusCategoryThatIsNotAskedForIsWarnedOf(t *testing.T) {
	var logs strings.Builder
	w := newWorld(t, fake.Small(), func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&logs, nil)) })
	w.mustRun()
	if strings.Contains(logs.String(), "category") {
		t.Errorf("warned without a reason: %s", logs.String())
	}
	w.org.Edit(func(o *fake.Organisation) { o.Statuses[1].Category = "hibernating" })
	w.clock.Advance(time.Minute)
	w.mustRun()
	if !strings.Contains(logs.String(), "category=hibernating") {
		t.Errorf("logs: %s", logs.String())
	}
}
