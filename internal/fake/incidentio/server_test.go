package incidentio

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// client is a plain HTTP client for the tests: it knows nothing of the API.
type client struct {
	t   *testing.T
	s   *Server
	key string
}

func newClient(t *testing.T, s *Server) *client { return &client{t: t, s: s, key: DefaultKey} }

func (c *client) do(method, target string) *httptest.ResponseRecorder {
	c.t.Helper()
	path, query, _ := strings.Cut(target, "?")
	r := httptest.NewRequest(method, path, nil)
	r.URL.RawQuery = query
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	w := httptest.NewRecorder()
	c.s.ServeHTTP(w, r)
	return w
}

// get expects 200 and an answer that fits its schema.
func (c *client) get(target string) map[string]any {
	c.t.Helper()
	w := c.do("GET", target)
	if w.Code != 200 {
		c.t.Fatalf("GET %s: %d %s", target, w.Code, w.Body)
	}
	path, _, _ := strings.Cut(target, "?")
	if err := CheckAnswer(path, w.Body.Bytes()); err != nil {
		c.t.Fatalf("GET %s: the answer breaks its schema: %v", target, err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// list reads all pages of a list and gives one field of every record.
func (c *client) list(target, field string) []string {
	c.t.Helper()
	e, _ := description().route(strings.Split(target, "?")[0])
	out := []string{}
	for after := ""; ; {
		next := target
		if after != "" {
			glue := "?"
			if strings.Contains(target, "?") {
				glue = "&"
			}
			next += glue + "after=" + after
		}
		answer := c.get(next)
		for _, r := range answer[e.Response.Key].([]any) {
			out = append(out, r.(map[string]any)[field].(string))
		}
		meta, _ := answer["pagination_meta"].(map[string]any)
		after, _ = meta["after"].(string)
		if after == "" {
			return out
		}
	}
}

type errorBody struct {
	Type      string `json:"type"`
	RequestID string `json:"request_id"`
	Errors    []struct {
		Code, Message string
		Source        struct{ Field string }
	}
	RateLimit *struct {
		RetryAfter string `json:"retry_after"`
		Limit      int
	} `json:"rate_limit"`
}

// fails expects an error of the API's shape.
func (c *client) fails(method, target string, status int, kind string) (errorBody, http.Header) {
	c.t.Helper()
	w := c.do(method, target)
	if w.Code != status {
		c.t.Fatalf("%s %s: %d %s, want %d", method, target, w.Code, w.Body, status)
	}
	if err := Check("ErrorResponse", w.Body.Bytes()); err != nil {
		c.t.Fatalf("%s %s: %v", method, target, err)
	}
	var b errorBody
	if err := json.Unmarshal(w.Body.Bytes(), &b); err != nil {
		c.t.Fatal(err)
	}
	if b.Type != kind || b.RequestID == "" || len(b.Errors) == 0 {
		c.t.Fatalf("%s %s: %s, want type %s with a request id and an error", method, target, w.Body, kind)
	}
	return b, w.Header()
}

func TestPublishedSamplesFitTheirSchemas(t *testing.T) {
	text, err := os.ReadFile("testdata/sample/INDEX.json")
	if err != nil {
		t.Fatal(err)
	}
	index := map[string]struct{ Schema string }{}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for name, entry := range index {
		body, err := os.ReadFile(filepath.Join("testdata/sample", name))
		if err != nil {
			t.Fatal(err)
		}
		if description().Schemas[entry.Schema] == nil {
			continue // the webhook's payload has no schema of its own
		}
		seen++
		if err := Check(entry.Schema, body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if seen < 12 {
		t.Errorf("only %d samples have a schema", seen)
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	good := `{"id":"x","name":"n","description":"","rank":1,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00.123456Z"}`
	for name, edit := range map[string][2]string{
		"missing":   {`"name":"n",`, ``},
		"integer":   {`"rank":1`, `"rank":1.5`},
		"RFC 3339":  {`2026-01-01T00:00:00Z`, `2026-01-01`},
		"no field":  {`"rank":1`, `"rank":1,"level":2`},
		"string":    {`"name":"n"`, `"name":3`},
		"null":      {`"name":"n"`, `"name":null`},
		"50 charac": {`"name":"n"`, `"name":"` + strings.Repeat("重", 51) + `"`},
	} {
		if err := Check("SeverityV1", []byte(good)); err != nil {
			t.Fatal(err)
		}
		err := Check("SeverityV1", []byte(strings.Replace(good, edit[0], edit[1], 1)))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := Check("IncidentStatusV1", []byte(`{"category":"new"}`)); err == nil || !strings.Contains(err.Error(), `"new" is none of`) {
		t.Errorf("enum: got %v", err)
	}
}

func TestEveryEndpointOfTheDescriptionAnswersInItsSchema(t *testing.T) {
	org := Small()
	c := newClient(t, NewServer(org, WithoutLimits()))
	ids := map[string]string{
		"IncidentV2": org.Incidents[0].ID, "SeverityV1": org.Severities[0].ID, "FollowUpV3": org.FollowUps[0].ID,
		"UserWithRolesV2": org.Users[0].ID, "CustomFieldV2": org.CustomFields[0].ID, "IncidentStatusV1": org.Statuses[0].ID,
	}
	for _, e := range description().Endpoints {
		target := e.Path
		if id := ids[e.Response.Schema]; id != "" {
			target = strings.ReplaceAll(target, "{id}", id)
		}
		target = strings.NewReplacer("{", "", "}", "").Replace(target)
		q := url.Values{}
		for _, p := range e.Query {
			if p.Required {
				q.Set(p.Name, map[string]string{"page_size": "25", "custom_field_id": org.CustomFields[0].ID, "catalog_type_id": org.CatalogTypes[0].ID}[p.Name])
				if q.Get(p.Name) == "" {
					q.Set(p.Name, "x")
				}
			}
		}
		if e.Path == "/v1/incident_attachments" {
			q.Set("incident_id", org.Incidents[0].ID)
		}
		if strings.Contains(e.Path, "{") && !e.Response.List && ids[e.Response.Schema] == "" {
			c.fails("GET", target+"?"+q.Encode(), 404, "not_found")
			continue
		}
		c.get(target + "?" + q.Encode())
	}
}

func TestRequestsAreHeldAgainstTheDescription(t *testing.T) {
	org := Small()
	c := newClient(t, NewServer(org, WithoutLimits()))
	for _, x := range []struct {
		method, target string
		status         int
		kind, field    string
	}{
		{"GET", "/v2/incident", 404, "not_found", ""},
		{"GET", "/v9/incidents", 404, "not_found", ""},
		{"POST", "/v2/incidents", 405, "method_not_allowed", ""},
		{"GET", "/v2/incidents?pagesize=3", 422, "validation_error", "pagesize"},
		{"GET", "/v2/incidents?updated_at[foo]=2026-01-01", 422, "validation_error", "updated_at[foo]"},
		{"GET", "/v2/incidents?updated_at=2026-01-01", 422, "validation_error", "updated_at"},
		{"GET", "/v2/incidents?updated_at[gte]=2026-01-01T00:00:00Z", 422, "validation_error", "updated_at"},
		{"GET", "/v2/incidents?updated_at[gte]=2026-10-01&updated_at[lte]=2026-10-09", 422, "validation_error", "updated_at"},
		{"GET", "/v3/follow_ups?created_at[gte]=2026-10-01&created_at[lte]=2026-10-09", 422, "validation_error", "created_at"},
		{"GET", "/v2/alerts?page_size=5&created_at[gte]=2026-10-01&created_at[lte]=2026-10-09", 422, "validation_error", "created_at"},
		{"GET", "/v3/follow_ups?updated_at[date_range]=2026-10-01", 422, "validation_error", "updated_at"},
		{"GET", "/v3/follow_ups?incident_mode=real", 422, "validation_error", "incident_mode"},
		{"GET", "/v2/incidents?mode[one_of]=stream", 422, "validation_error", "mode[one_of]"},
		{"GET", "/v2/incidents?status_category[one_of]=active", 422, "validation_error", "status_category[one_of]"},
		{"GET", "/v2/incidents?sort_by=newest", 422, "validation_error", "sort_by"},
		{"GET", "/v2/incidents?page_size=501", 422, "validation_error", "page_size"},
		{"GET", "/v2/incidents?page_size=0", 422, "validation_error", "page_size"},
		{"GET", "/v2/incidents?page_size=ten", 422, "validation_error", "page_size"},
		{"GET", "/v2/incidents?page_size=5&page_size=6", 422, "validation_error", "page_size"},
		{"GET", "/v2/incidents?page_size[gte]=5", 422, "validation_error", "page_size[gte]"},
		{"GET", "/v2/incidents?custom_field[one_of]=x", 422, "validation_error", "custom_field[one_of]"},
		{"GET", "/v2/incidents?severity[gte]=unknown", 422, "validation_error", "severity"},
		{"GET", "/v2/incidents?after=page2", 422, "validation_error", "after"},
		{"GET", "/v2/incident_updates?page_size=251", 422, "validation_error", "page_size"},
		{"GET", "/v2/users?page_size=10001", 422, "validation_error", "page_size"},
		{"GET", "/v2/users?include_inactive=yes", 422, "validation_error", "include_inactive"},
		{"GET", "/v2/alerts", 422, "validation_error", "page_size"},
		{"GET", "/v3/catalog_entries?catalog_type_id=x", 422, "validation_error", "page_size"},
		{"GET", "/v1/custom_field_options", 422, "validation_error", "custom_field_id"},
		{"GET", "/v1/custom_field_options?custom_field_id=x", 404, "not_found", ""},
		{"GET", "/v1/severities?page_size=5", 422, "validation_error", "page_size"},
		{"GET", "/v1/incident_attachments", 422, "validation_error", "incident_id"},
		{"GET", "/v1/incident_attachments?external_id=acme/api/1", 422, "validation_error", "incident_id"},
		{"GET", "/v1/incident_attachments?incident_id=01JW8Q3N5R7T9V0X2Z4B6D8F0H", 404, "not_found", ""},
		{"GET", "/v2/incidents/99", 404, "not_found", ""},
	} {
		b, _ := c.fails(x.method, x.target, x.status, x.kind)
		if b.Errors[0].Source.Field != x.field {
			t.Errorf("%s: field %q, want %q", x.target, b.Errors[0].Source.Field, x.field)
		}
		if x.kind == "not_found" && b.Errors[0].Code != "resource_not_found" {
			t.Errorf("%s: code %q", x.target, b.Errors[0].Code)
		}
	}
}

func TestAKeyIsNeededAndItsScopesCount(t *testing.T) {
	s := NewServer(Small(), WithoutLimits(), WithKeys(
		Key{Name: "all", Secret: "k1", Roles: []string{"viewer", "global_access"}},
		Key{Name: "weak", Secret: "k2", Roles: []string{"viewer"}, Without: []string{"users.view", "actions.view"}}))
	c := newClient(t, s)
	c.key = ""
	if b, _ := c.fails("GET", "/v2/incidents", 401, "authentication_error"); b.Errors[0].Code != "missing_authorization_material" {
		t.Errorf("code %q", b.Errors[0].Code)
	}
	c.key = "k3"
	c.fails("GET", "/v1/identity", 401, "authentication_error")
	c.key = "k2"
	for path, scope := range map[string]string{"/v2/users": "users.view", "/v3/follow_ups": "actions.view"} {
		if b, _ := c.fails("GET", path, 403, "resource_forbidden"); !strings.Contains(b.Errors[0].Message, scope) {
			t.Errorf("%s: %q does not name %s", path, b.Errors[0].Message, scope)
		}
	}
	if got := c.get("/v1/identity")["identity"].(map[string]any); got["name"] != "weak" || len(got["roles"].([]any)) != 1 {
		t.Errorf("identity %v", got)
	}
	for _, r := range s.Requests() {
		text, _ := json.Marshal(r)
		if strings.Contains(string(text), "k2") {
			t.Errorf("the log of requests holds a secret: %s", text)
		}
	}
}

func TestStartServesOnLoopbackUntilStopped(t *testing.T) {
	s := NewServer(Small(), WithClock(func() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }))
	base, stop := s.Start()
	r, _ := http.NewRequest("GET", base+"/v1/severities", nil)
	r.Header.Set("Authorization", "Bearer "+DefaultKey)
	r.Header.Set("User-Agent", "test/1")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 200 || CheckAnswer("/v1/severities", body) != nil {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	got := s.Requests()
	if len(got) != 1 || got[0].Path != "/v1/severities" || got[0].Key != "fourfold" || got[0].UserAgent != "test/1" || got[0].Time.Year() != 2026 {
		t.Errorf("requests %+v", got)
	}
	stop()
	if _, err := http.DefaultClient.Do(r); err == nil {
		t.Error("it still answers after stop")
	}
}
