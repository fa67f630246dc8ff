package redash

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// caller asks a server over HTTP.
type caller struct {
	t   *testing.T
	s   *Server
	url string
	key string
}

func over(t *testing.T, s *Server) *caller {
	t.Helper()
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return &caller{t, s, h.URL, "Key " + DefaultKey}
}

// do gives the status, the answer and whether it is a page.
func (c *caller) do(method, path, body string) (int, any, bool) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if c.key != "" {
		r.Header.Set("Authorization", c.key)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, false
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return resp.StatusCode, string(text), true
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, out, false
}

// ok is an answer of 200, as an object.
func (c *caller) ok(method, path, body string) object {
	c.t.Helper()
	status, out, page := c.do(method, path, body)
	if status != 200 || page {
		c.t.Fatalf("%s %s %s: %d %v", method, path, body, status, out)
	}
	o, _ := out.(object)
	return o
}

// refused is an answer of a status, with a message.
func (c *caller) refused(status int, message, method, path, body string) {
	c.t.Helper()
	got, out, page := c.do(method, path, body)
	if got != status || page || !strings.Contains(fmt.Sprint(out), message) {
		c.t.Errorf("%s %s %s: %d %v, want %d %s", method, path, body, got, out, status, message)
	}
}

// servers are one of each version, with a data source.
func servers(t *testing.T, f func(t *testing.T, c *caller, version string)) {
	for _, v := range Versions {
		t.Run(v, func(t *testing.T) {
			s := New(v)
			s.AddSource("w", "pg")
			f(t, over(t, s), v)
		})
	}
}

const internal = "Internal Server Error"

func TestAKeyIsAHeaderOrAParameterAndAWrongOneIsNotFound(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, version string) {
		s := c.ok("GET", "/api/session", "")
		if s["client_config"].(object)["version"] != version || s["user"].(object)["id"] != 1.0 {
			t.Errorf("%v", s)
		}
		c.key = DefaultKey // whatever is left after "Key " is taken
		c.ok("GET", "/api/session", "")
		for _, key := range []string{"", "Key nonsense", "Bearer " + DefaultKey} {
			c.key = key
			c.refused(404, "Couldn't find resource. Please login and try again.", "GET", "/api/session", "")
		}
		c.key = ""
		c.ok("GET", "/api/session?api_key="+DefaultKey, "")
		if strings.Contains(fmt.Sprint(c.s.Requests()), DefaultKey) {
			t.Error("a request keeps the key")
		}
	})
}

func TestAnAddressThatThereIsNotIsAPage(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, _ string) {
		for _, path := range []string{"/api/widgets/1", "/api/visualizations/2", "/api/nonsense", "/dashboards/1"} {
			if status, _, page := c.do("GET", path, ""); status != 200 || !page {
				t.Errorf("%s: %d, page %t", path, status, page)
			}
		}
	})
}

func TestMalformedBodiesAreErrorsOfTheServer(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, version string) {
		c.ok("POST", "/api/queries", `{"name":"q","query":"select 1","data_source_id":1}`)
		c.ok("POST", "/api/dashboards", `{"name":"d"}`)
		for _, b := range [][2]string{
			{"queries", `{"name":"q","data_source_id":1}`},
			{"queries", `{"query":"x","data_source_id":1}`},
			{"queries", `{"name":"q","query":"x"}`},
			{"queries", `{"name":"q","query":"x","data_source_id":9}`},
			{"queries", `{"name":"q","query":"x","data_source_id":1,"nonsense":1}`},
			{"queries", `{"name":"q","query":"x","data_source_id":1,"schedule":60}`},
			{"queries/1", `{"nonsense":1}`},
			{"queries/1", `{"schedule":60}`},
			{"queries", `{`},
			{"visualizations", `{"query_id":1,"name":"v","options":{}}`},
			{"visualizations", `{"query_id":1,"type":"CHART","name":"v","options":{},"nonsense":1}`},
			{"visualizations", `{"query_id":9,"type":"CHART","name":"v","options":{}}`},
			{"visualizations/1", `{"nonsense":1}`},
			{"dashboards", `{}`},
			{"dashboards", `{"tags":["a"]}`},
			{"widgets", `{"dashboard_id":1,"visualization_id":1,"options":{}}`},
			{"widgets", `{"dashboard_id":1,"width":1,"options":{}}`},
			{"widgets", `{"visualization_id":1,"width":1,"options":{}}`},
		} {
			c.refused(500, internal, "POST", "/api/"+b[0], b[1])
		}
		c.refused(500, internal, "GET", "/api/jobs/nonsense", "")
		c.refused(500, internal, "GET", "/api/dashboards/d", "")
		c.ok("GET", "/api/dashboards/d?legacy", "")
		for _, b := range [][2]string{{"visualizations", `{"query_id":1,"type":"NOSUCH","name":"v"}`}, {"widgets", `{"dashboard_id":1,"visualization_id":null,"width":1}`}} {
			want := 200
			if version == V10 {
				want = 500 // options may be absent from 25 on
			}
			if got, out, _ := c.do("POST", "/api/"+b[0], b[1]); got != want {
				t.Errorf("%s %s: %d %v, want %d", b[0], b[1], got, out, want)
			}
		}
	})
}

func TestAListHasPages(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, _ string) {
		if l := c.ok("GET", "/api/queries?page=1", ""); l["count"] != 0.0 {
			t.Errorf("%v", l)
		}
		for i := range 30 {
			c.ok("POST", "/api/queries", fmt.Sprintf(`{"name":"q%02d","query":"x","data_source_id":1}`, i))
		}
		for path, n := range map[string]int{"": 25, "?page=2": 5, "?page_size=250": 30, "?page_size=1": 1, "?page=3&page_size=10": 10} {
			if l := c.ok("GET", "/api/queries"+path, ""); l["count"] != 30.0 || len(l["results"].([]any)) != n {
				t.Errorf("%s: %v of %v", path, len(l["results"].([]any)), l["count"])
			}
		}
		c.refused(400, "Page is out of range.", "GET", "/api/queries?page=3", "")
		for _, path := range []string{"?page_size=0", "?page_size=251", "?page=0"} {
			if status, _, _ := c.do("GET", "/api/queries"+path, ""); status != 400 {
				t.Errorf("%s: %d", path, status)
			}
		}
		names := func(path string) []any {
			var out []any
			for _, r := range c.ok("GET", "/api/queries?page_size=3&"+path, "")["results"].([]any) {
				out = append(out, r.(object)["name"])
			}
			return out
		}
		if diff := cmp.Diff([]any{"q00", "q01", "q02"}, names("order=name")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]any{"q29", "q28", "q27"}, names("order=-created_at")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTagsAreExactAndAllAskedFor(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, _ string) {
		c.ok("POST", "/api/queries", `{"name":"a","query":"x","data_source_id":1,"tags":["p","p:key=A/b","A,b"]}`)
		c.ok("POST", "/api/queries", `{"name":"b","query":"x","data_source_id":1,"tags":["p"]}`)
		for path, n := range map[string]float64{"tags=p": 2, "tags=p:key%3DA/b": 1, "tags=p&tags=A,b": 1, "tags=P": 0, "tags=p:key": 0} {
			if l := c.ok("GET", "/api/queries?"+path, ""); l["count"] != n {
				t.Errorf("%s: %v, want %v", path, l["count"], n)
			}
		}
		q := c.ok("POST", "/api/queries/1", `{"tags":["","p",""]}`)
		if diff := cmp.Diff([]any{"p"}, q["tags"]); diff != "" {
			t.Error(diff)
		}
		if l := c.ok("GET", "/api/queries/tags", ""); len(l["tags"].([]any)) != 1 {
			t.Errorf("%v", l)
		}
	})
}

func TestTheVersionOfAQueryStaysAndThatOfADashboardRises(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, _ string) {
		q := c.ok("POST", "/api/queries", `{"name":"q","query":"x","data_source_id":1,"is_draft":false}`)
		visuals := q["visualizations"].([]any)
		if q["version"] != 1.0 || q["is_draft"] != true || len(visuals) != 1 || visuals[0].(object)["type"] != "TABLE" || visuals[0].(object)["name"] != "Table" {
			t.Errorf("%v", q)
		}
		again := c.ok("POST", "/api/queries/1", `{"name":"q","version":1}`)
		if again["version"] != 1.0 || again["updated_at"] == q["updated_at"] {
			t.Errorf("%v", again)
		}
		c.refused(409, "", "POST", "/api/queries/1", `{"name":"r","version":2}`)
		c.ok("POST", "/api/queries/1", `{"is_draft":false}`)
		d := c.ok("POST", "/api/dashboards", `{"name":"My page","tags":["a"],"is_draft":false,"options":{"a":1}}`)
		if d["version"] != 1.0 || d["is_draft"] != true || len(d["tags"].([]any)) != 0 || len(d["options"].(object)) != 0 || d["slug"] != "my-page" {
			t.Errorf("%v", d)
		}
		if d = c.ok("POST", "/api/dashboards/1", `{"name":"Other","version":1,"tags":["a"],"nonsense":1}`); d["version"] != 2.0 || d["slug"] != "other" {
			t.Errorf("%v", d)
		}
		c.refused(409, "", "POST", "/api/dashboards/1", `{"name":"x","version":1}`)
		if d = c.ok("POST", "/api/dashboards/1", `{"name":"Other"}`); d["version"] != 3.0 {
			t.Errorf("%v", d)
		}
		c.ok("POST", "/api/widgets", `{"dashboard_id":1,"visualization_id":null,"text":"t","width":1,"options":{}}`)
		if d = c.ok("GET", "/api/dashboards/1", ""); d["version"] != 3.0 {
			t.Errorf("a widget changes the version to %v", d["version"])
		}
		if twin := c.ok("POST", "/api/dashboards", `{"name":"Other"}`); twin["slug"] != "other" {
			t.Errorf("%v", twin)
		}
	})
}

func TestDraftsAreTheirOwnersAndArchivedOnesAreInNoList(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, _ string) {
		c.s.AddUser("other", "otherKey000000000000")
		c.ok("POST", "/api/queries", `{"name":"q","query":"x","data_source_id":1,"schedule":{"interval":60}}`)
		c.ok("POST", "/api/dashboards", `{"name":"d"}`)
		c.ok("POST", "/api/widgets", `{"dashboard_id":1,"visualization_id":1,"text":"","width":1,"options":{}}`)
		counts := func(key string) [2]any {
			c.key = "Key " + key
			defer func() { c.key = "Key " + DefaultKey }()
			return [2]any{c.ok("GET", "/api/queries", "")["count"], c.ok("GET", "/api/dashboards", "")["count"]}
		}
		if mine, theirs := counts(DefaultKey), counts("otherKey000000000000"); mine != [2]any{1.0, 1.0} || theirs != [2]any{0.0, 0.0} {
			t.Errorf("drafts: %v, %v", mine, theirs)
		}
		c.ok("POST", "/api/queries/1", `{"is_draft":false}`)
		c.ok("POST", "/api/dashboards/1", `{"is_draft":false}`)
		if theirs := counts("otherKey000000000000"); theirs != [2]any{1.0, 1.0} {
			t.Errorf("published: %v", theirs)
		}
		c.key = "Key otherKey000000000000"
		c.refused(403, "permission", "POST", "/api/queries/1", `{"name":"x"}`)
		c.refused(403, "permission", "POST", "/api/data_sources", `{"name":"x","type":"pg","options":{"dbname":"x"}}`)
		c.key = "Key " + DefaultKey
		c.ok("DELETE", "/api/queries/1", "")
		q := c.ok("GET", "/api/queries/1", "")
		if q["is_archived"] != true || q["schedule"] != nil || len(c.ok("GET", "/api/dashboards/1", "")["widgets"].([]any)) != 0 {
			t.Errorf("%v", q)
		}
		// Without a widget of a data source a dashboard is its owner's.
		if theirs := counts("otherKey000000000000"); theirs != [2]any{0.0, 0.0} {
			t.Errorf("archived: %v", theirs)
		}
		c.ok("POST", "/api/queries/1", `{"is_archived":false}`)
		c.ok("DELETE", "/api/dashboards/1", "")
		if mine := counts(DefaultKey); mine != [2]any{1.0, 0.0} {
			t.Errorf("restored: %v", mine)
		}
	})
}

func TestWidgetsAndVisualizations(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, _ string) {
		c.ok("POST", "/api/queries", `{"name":"q","query":"x","data_source_id":1}`)
		c.ok("POST", "/api/dashboards", `{"name":"d"}`)
		c.ok("POST", "/api/visualizations", `{"query_id":1,"type":"CHART","name":"v","options":{"a":1,"mine":2}}`)
		if v := c.ok("POST", "/api/visualizations/2", `{"options":{"b":1}}`); !cmp.Equal(v["options"], any(object{"b": 1.0})) {
			t.Errorf("options are not replaced: %v", v)
		}
		w := c.ok("POST", "/api/widgets", `{"dashboard_id":1,"visualization_id":2,"text":"","width":1,"options":{"mine":1}}`)
		if w["visualization"].(object)["id"] != 2.0 {
			t.Errorf("%v", w)
		}
		w = c.ok("POST", "/api/widgets/1", `{"text":"t","options":{"mine":2},"visualization_id":1,"width":6}`)
		if w["visualization"].(object)["id"] != 2.0 || w["width"] != 1.0 || w["text"] != "t" {
			t.Errorf("%v", w)
		}
		c.refused(500, internal, "POST", "/api/widgets/1", `{"text":"t"}`)
		c.refused(500, internal, "POST", "/api/widgets/1", `{"options":{}}`)
		c.ok("DELETE", "/api/visualizations/2", "")
		if n := len(c.ok("GET", "/api/dashboards/1", "")["widgets"].([]any)); n != 0 {
			t.Errorf("%d widgets show a visualization that has gone", n)
		}
	})
}

// finished asks for a job until it has ended.
func (c *caller) finished(answer object) object {
	c.t.Helper()
	j := answer["job"].(object)
	for range 5 {
		if j["status"].(float64) >= 3 {
			return j
		}
		j = c.ok("GET", "/api/jobs/"+j["id"].(string), "")["job"].(object)
	}
	c.t.Fatalf("job %v does not end", j)
	return nil
}

func TestARunIsAJob(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, version string) {
		c.ok("POST", "/api/queries", `{"name":"q","query":"select {{ n }}","data_source_id":1,"options":{"parameters":[{"name":"n","type":"number","value":1}]}}`)
		one := c.ok("POST", "/api/queries/1/results", `{"parameters":{"n":2},"max_age":0}`)
		two := c.ok("POST", "/api/queries/1/results", `{"parameters":{"n":2},"max_age":0}`)
		if one["job"].(object)["id"] != two["job"].(object)["id"] || one["job"].(object)["status"] != 1.0 {
			t.Errorf("%v, %v", one, two)
		}
		if j := c.finished(one); j["status"] != 3.0 || j["query_result_id"] != 1.0 || c.ok("GET", "/api/queries/1", "")["latest_query_data_id"] != nil {
			t.Errorf("%v: of other values than the saved ones", j)
		}
		c.finished(c.ok("POST", "/api/queries/1/results", `{"parameters":{"n":1},"max_age":0}`))
		if q := c.ok("GET", "/api/queries/1", ""); q["latest_query_data_id"] != map[bool]any{false: 2.0}[version == V10] {
			t.Errorf("%v", q)
		}
		if r := c.ok("POST", "/api/queries/1/results", `{"parameters":{"n":2},"max_age":-1}`); r["query_result"].(object)["id"] != 1.0 {
			t.Errorf("%v", r)
		}
		c.s.Answer = func(string) ([]map[string]any, error) { return nil, errors.New("no table") }
		if j := c.finished(c.ok("POST", "/api/queries/1/results", `{"parameters":{"n":3},"max_age":0}`)); j["status"] != 4.0 || j["error"] != "no table" {
			t.Errorf("%v", j)
		}
		c.s.NoWorker = true
		j := c.ok("POST", "/api/queries/1/results", `{"parameters":{"n":4},"max_age":0}`)["job"].(object)
		for range 3 {
			j = c.ok("GET", "/api/jobs/"+j["id"].(string), "")["job"].(object)
		}
		if j["status"] != 1.0 {
			t.Errorf("%v", j)
		}
	})
}

func TestParametersAreChecked(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, _ string) {
		c.s.Answer = func(string) ([]map[string]any, error) {
			return []map[string]any{{"name": "The API", "value": "api"}}, nil
		}
		c.ok("POST", "/api/queries", `{"name":"choices","query":"select 1","data_source_id":1}`)
		c.ok("POST", "/api/queries", `{"name":"q","query":"{{ e }} {{ n }} {{ q }} {{ r.start }} {{ m }}","data_source_id":1,"options":{"parameters":[
			{"name":"e","type":"enum","enumOptions":"a\nb","value":"a"},{"name":"n","type":"number","value":1},{"name":"q","type":"query","queryId":1,"value":"api"},
			{"name":"r","type":"date-range","value":"d_last_90_days"},
			{"name":"m","type":"enum","enumOptions":"a\nb","value":"a","multiValuesOptions":{"prefix":"'","suffix":"'","separator":","}}]}}`)
		good := object{"e": "a", "n": "2", "q": "api", "r": object{"start": "2026-01-01", "end": "2026-02-01"}, "m": []any{"a", "b"}}
		run := func(change object) string {
			values := object{}
			for k, v := range good {
				values[k] = v
			}
			for k, v := range change {
				values[k] = v
				if v == nil {
					delete(values, k)
				}
			}
			text, _ := json.Marshal(object{"parameters": values, "max_age": 0})
			return string(text)
		}
		const incompatible = "The following parameter values are incompatible with their definitions: "
		c.refused(400, incompatible+"q", "POST", "/api/queries/2/results", run(nil)) // its choices have not been run
		c.finished(c.ok("POST", "/api/queries/1/results", `{"parameters":{},"max_age":0}`))
		c.finished(c.ok("POST", "/api/queries/2/results", run(nil)))
		for name, v := range map[string]any{"e": "c", "n": "x", "q": "web", "r": "d_last_90_days", "other": 1, "m": "c"} {
			c.refused(400, incompatible+name, "POST", "/api/queries/2/results", run(object{name: v}))
		}
		c.refused(400, "Missing parameter value for: n", "POST", "/api/queries/2/results", run(object{"n": nil}))
		c.refused(400, "Missing parameter value for: e, m, n, q, r", "POST", "/api/queries/2/refresh", "")
		c.ok("POST", "/api/queries/2", `{"schedule":{"interval":60,"time":null,"until":null,"day_of_week":null}}`)
		c.ok("POST", "/api/queries/1", `{"schedule":{"interval":60}}`)
		c.s.Tick()
		if c.s.Failures(2) != 1 { // browsers alone know what the last 90 days are
			t.Error("a schedule ran by a default that only browsers resolve")
		}
		if q := c.ok("GET", "/api/queries/1", ""); q["schedule"].(object)["disabled"] != true {
			t.Errorf("a schedule that lacks keys is on: %v", q["schedule"])
		}
		c.refused(500, internal, "POST", "/api/queries", `{"name":"q","query":"x","data_source_id":1,"schedule":[]}`)
		c.ok("POST", "/api/queries", `{"name":"q","query":"{{ t }}","data_source_id":1,"options":{"parameters":[{"name":"t","type":"text","value":""}]}}`)
		if c.ok("GET", "/api/queries/3", "")["is_safe"] != false || c.ok("GET", "/api/queries/2", "")["is_safe"] != true {
			t.Error("free text is safe, or a choice is not")
		}
	})
}

func TestDataSources(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, version string) {
		d := c.ok("POST", "/api/data_sources", `{"name":"w","type":"bigquery","options":{"projectId":"p","jsonKeyFile":"c2VjcmV0"}}`)
		if d["options"].(object)["jsonKeyFile"] != mask || !cmp.Equal(d["groups"], any(object{"2": false})) {
			t.Errorf("%v", d)
		}
		d = c.ok("POST", "/api/data_sources/2", `{"name":"w","type":"bigquery","options":{"jsonKeyFile":"--------","location":"eu"}}`)
		if o := d["options"].(object); o["projectId"] != "p" || o["location"] != "eu" || c.s.sources[2].options["jsonKeyFile"] != "c2VjcmV0" {
			t.Errorf("%v", d)
		}
		for _, b := range []string{`{"name":"w","type":"bigquery","options":{}}`, `{"name":"w","type":"nonsense","options":{}}`, `{"type":"pg","options":{"dbname":"x"}}`} {
			c.refused(400, "", "POST", "/api/data_sources", b)
		}
		status, list, _ := c.do("GET", "/api/data_sources", "")
		names := []any{}
		for _, d := range list.([]any) {
			names = append(names, d.(object)["name"])
		}
		if status != 200 || !cmp.Equal(names, []any{"w", "w"}) {
			t.Errorf("%v", list)
		}
		_, types, _ := c.do("GET", "/api/data_sources/types", "")
		if has := slices.ContainsFunc(types.([]any), func(x any) bool { return x.(object)["type"] == "duckdb" }); has != (version == V26) {
			t.Errorf("duckdb in %s: %t", version, has)
		}
		c.s.AddSource("file", "duckdb")
		c.s.Locked = true
		c.refused(500, internal, "GET", "/api/data_sources", "")
	})
}

func TestEachShareIsANewKey(t *testing.T) {
	servers(t, func(t *testing.T, c *caller, _ string) {
		c.ok("POST", "/api/dashboards", `{"name":"d"}`)
		one, two := c.ok("POST", "/api/dashboards/1/share", "{}"), c.ok("POST", "/api/dashboards/1/share", "{}")
		if one["api_key"] == two["api_key"] || c.ok("GET", "/api/dashboards/1", "")["public_url"] != two["public_url"] {
			t.Errorf("%v, %v", one, two)
		}
		c.ok("DELETE", "/api/dashboards/1/share", "")
		if _, shared := c.ok("GET", "/api/dashboards/1", "")["public_url"]; shared {
			t.Error("still shared")
		}
	})
}

func TestRequestsFailAndLoseTheirAnswers(t *testing.T) {
	s := New(V25)
	c := over(t, s)
	s.Fail(1, 503)
	s.Fail(2, 0)
	s.Lose(3)
	c.refused(503, "Service Unavailable", "POST", "/api/dashboards", `{"name":"one"}`)
	for _, name := range []string{"two", "three"} {
		if status, _, _ := c.do("POST", "/api/dashboards", `{"name":"`+name+`"}`); status != 0 {
			t.Errorf("%s is answered: %d", name, status)
		}
	}
	if l := c.ok("GET", "/api/dashboards/my", ""); l["count"] != 1.0 || l["results"].([]any)[0].(object)["name"] != "three" {
		t.Errorf("%v", l)
	}
	if s.Writes() != 3 || len(s.Requests()) != 4 || s.Requests()[0].Status != 0 || s.Requests()[2].Status != 200 {
		t.Errorf("%v", s.Requests())
	}
}
