package bigquery

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// guarded answers each request, by its method and what follows the project in its path, and as BigQuery does if it is not
// told how: that it is not there.
func guarded(t *testing.T, answers map[string]func() (int, map[string]any)) (c *Client, said *bytes.Buffer) {
	t.Helper()
	said = &bytes.Buffer{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, what, _ := strings.Cut(r.URL.Path, "/projects/p/")
		status, body := failed(http.StatusNotFound, "notFound", "Not found: "+what)
		if answer, ok := answers[r.Method+" "+what]; ok {
			status, body = answer()
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}))
	t.Cleanup(s.Close)
	c, err := Connect(t.Context(), Options{Project: "p", Dataset: "ff", Location: "EU", Endpoint: s.URL, Log: slog.New(slog.NewTextHandler(said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	c.opts.Endpoint = "" // as with Google's own, from here on
	t.Cleanup(func() { c.Close() })
	return c, said
}

func deny(permission, what string) func() (int, map[string]any) {
	return func() (int, map[string]any) {
		return failed(http.StatusForbidden, "accessDenied", "Access Denied: "+what+": Permission "+permission+" denied on "+strings.ToLower(what[:1])+what[1:]+" (or it may not exist).")
	}
}

func dataset(name string, access ...any) func() (int, map[string]any) {
	return func() (int, map[string]any) {
		return http.StatusOK, map[string]any{
			"id": "p:" + name, "etag": "e", "location": "EU", "datasetReference": map[string]string{"projectId": "p", "datasetId": name}, "access": access,
		}
	}
}

// views are the access of the marts' views to builds.
func views() map[string]any {
	return map[string]any{"dataset": map[string]any{"dataset": map[string]string{"projectId": "p", "datasetId": "ff_marts"}, "targetTypes": []string{"VIEWS"}}}
}

func already() (int, map[string]any) {
	return failed(http.StatusConflict, "duplicate", "Already Exists: Dataset p:ff_raw")
}

type guards = map[string]func() (int, map[string]any)

func TestADatasetThatMayNotBeLookedAtIsMadeIfItIsNotThere(t *testing.T) {
	hidden := deny("bigquery.datasets.get", "Dataset p:ff_raw")
	for name, x := range map[string]struct {
		make func() (int, map[string]any)
		want []string
	}{
		"it is not there": {dataset("ff_raw"), nil},
		"it is there":     {already, []string{"bigquery.datasets.get is missing", "on schema `p.ff_raw`", "(the dataset is there)"}},
		"it may not be made, either": {deny("bigquery.datasets.create", "Project p"), []string{
			"dataset p.ff_raw: if it is there: ", "bigquery.datasets.get is missing", "if it is not: ", "bigquery.datasets.create is missing", "roles/bigquery.user on the project",
		}},
	} {
		c, _ := guarded(t, guards{"GET datasets/ff_raw": hidden, "POST datasets": x.make})
		err := c.ensureDataset(t.Context(), "ff_raw", "")
		if (err == nil) != (x.want == nil) {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range x.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
	}
}

func TestWhatMayNotBeLookedAtMayNotBeThere(t *testing.T) {
	c, _ := guarded(t, guards{
		"GET datasets/ff_raw/tables/_state": deny("bigquery.tables.get", "Table p:ff_raw._state"), "GET datasets/ff_marts": deny("bigquery.datasets.get", "Dataset p:ff_marts"),
	})
	_, _, stateErr := c.state(t.Context())
	_, existsErr := Exists(t.Context(), c)
	_, _, markErr := Mark(t.Context(), c)
	_, readErr := NewReader(c).Published(t.Context())
	_, buildErr := NewBuilds(c, time.Now).Published(t.Context())
	for what, x := range map[string]struct {
		err  error
		want []string
	}{
		"state":           {stateErr, []string{"bigquery.tables.get is missing", "on schema `p.ff_raw`", "or nothing has been synced yet", "`fourfold sync`"}},
		"exists":          {existsErr, []string{"bigquery.tables.get is missing", "or nothing has been synced yet"}},
		"mark":            {markErr, []string{"bigquery.tables.get is missing", "or nothing has been synced yet"}},
		"published":       {readErr, []string{"bigquery.datasets.get is missing", "on schema `p.ff_marts`", "or nothing has been published", "`fourfold run`"}},
		"published build": {buildErr, []string{"bigquery.datasets.get is missing", "or nothing has been published"}},
	} {
		for _, want := range x.want {
			if x.err == nil || !strings.Contains(x.err.Error(), want) {
				t.Errorf("%s: %v, want %s", what, x.err, want)
			}
		}
	}
}

// The first run of an account that may make datasets, and look at no table.
func TestLedgersThatAreNotThereAndMayNotBeLookedAtAreMade(t *testing.T) {
	made := false
	c, _ := guarded(t, guards{
		"GET datasets/ff_raw/tables/_state": deny("bigquery.tables.get", "Table p:ff_raw._state"), "GET datasets/ff_raw": deny("bigquery.datasets.get", "Dataset p:ff_raw"),
		"POST datasets": func() (int, map[string]any) {
			made = true
			return failed(http.StatusBadRequest, "invalid", "enough for this test")
		},
	})
	if _, err := Open(t.Context(), c); !made || err == nil || !strings.Contains(err.Error(), "enough for this test") {
		t.Errorf("made %t, %v", made, err)
	}
}

func TestReadersThatCannotBeLetInAreSpokenOfOnce(t *testing.T) {
	owner := map[string]any{"role": "OWNER", "userByEmail": "a@b"}
	for name, x := range map[string]struct {
		dataset func() (int, map[string]any)
		change  func() (int, map[string]any)
	}{
		"it may not be changed": {dataset("ff_build", owner), deny("bigquery.datasets.update", "Dataset p:ff_build")},
		"it may not be read": {dataset("ff_build"), func() (int, map[string]any) {
			t.Error("who has access was replaced by one entry")
			return dataset("ff_build", views())()
		}},
	} {
		c, said := guarded(t, guards{"GET datasets/ff_build": x.dataset, "PATCH datasets/ff_build": x.change})
		b := NewBuilds(c, time.Now)
		for range 2 {
			if err := b.authorise(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Count(said.String(), "level=WARN") != 1 {
			t.Errorf("%s: said:\n%s", name, said)
		}
		for _, want := range []string{"will be refused", "`roles/bigquery.dataOwner` on schema `p.ff_build`", "roles/bigquery.dataViewer on ff_build"} {
			if !strings.Contains(said.String(), want) {
				t.Errorf("%s: said %s, want %s", name, said, want)
			}
		}
	}
}

func TestWhoHasAccessToBuildsKeepsItWithItsConditions(t *testing.T) {
	bound := map[string]any{"role": "READER", "groupByEmail": "g@b", "condition": map[string]any{"expression": "request.time < timestamp('2027-01-01T00:00:00Z')", "title": "this year"}}
	var asked []string
	var got struct{ Access json.RawMessage }
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Query().Get("accessPolicyVersion")+" "+r.Header.Get("If-Match"))
		if r.Method == http.MethodPatch {
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Error(err)
			}
		}
		_, body := dataset("ff_build", bound)()
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(body)
	}))
	defer s.Close()
	c, err := Connect(t.Context(), Options{Project: "p", Dataset: "ff", Location: "EU", Endpoint: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.opts.Endpoint = ""
	if err := NewBuilds(c, time.Now).authorise(t.Context()); err != nil {
		t.Fatal(err)
	}
	compare(t, "asked", asked, []string{"GET 3 ", "PATCH 3 e"})
	want, err := json.Marshal([]any{bound, views()})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "access", string(got.Access), string(want))
}

func TestALookSaysWhatTheAccountMayDo(t *testing.T) {
	may := func(permissions ...string) func() (int, map[string]any) {
		return func() (int, map[string]any) { return http.StatusOK, map[string]any{"permissions": permissions} }
	}
	const rights = "POST datasets/ff_raw/tables/_cursors:testIamPermissions"
	owner := map[string]any{"role": "OWNER", "userByEmail": "a@b"}
	for _, x := range []struct {
		name   string
		guards guards
		want   string
	}{
		{"nothing yet", guards{}, "BigQuery, project p; the next run makes ff_raw, ff_build, ff_marts"},
		{"all of it", guards{
			"GET datasets/ff_raw": dataset("ff_raw"), "GET datasets/ff_build": dataset("ff_build", owner, views()), "GET datasets/ff_marts": dataset("ff_marts"),
			rights: may("bigquery.tables.getData", "bigquery.tables.updateData"),
		}, "BigQuery, project p: ff_raw, ff_build, ff_marts in EU; ledgers may be read and changed"},
		{"views that are not let in", guards{
			"GET datasets/ff_raw": dataset("ff_raw"), "GET datasets/ff_build": dataset("ff_build", owner), "GET datasets/ff_marts": dataset("ff_marts"),
			rights: may("bigquery.tables.getData", "bigquery.tables.updateData"),
		}, "BigQuery, project p: ff_raw, ff_build, ff_marts in EU; ledgers may be read and changed; who may read ff_marts only is refused until the next build lets its views into ff_build"},
		{"a reader", guards{
			"GET datasets/ff_raw": dataset("ff_raw"), "GET datasets/ff_build": dataset("ff_build"), "GET datasets/ff_marts": dataset("ff_marts"), rights: may("bigquery.tables.getData"),
		}, "BigQuery, project p: ff_raw, ff_build, ff_marts in EU; ledgers may be read and not changed: rounds need roles/bigquery.dataEditor on ff_raw"},
		{
			"somebody else",
			guards{"GET datasets/ff_raw": dataset("ff_raw"), rights: may()},
			"BigQuery, project p: ff_raw in EU; the next run makes ff_build, ff_marts; ledgers may not be read: rounds need roles/bigquery.dataEditor on ff_raw, and `sql --raw` roles/bigquery.dataViewer",
		},
	} {
		x.guards["POST jobs"] = func() (int, map[string]any) { return dryRunOf("SELECT") }
		c, _ := guarded(t, x.guards)
		got, err := Look(t.Context(), c)
		if err != nil || got != x.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", x.name, err, got, x.want)
		}
	}
}

func TestALookAtADatasetInAnotherLocationIsRefused(t *testing.T) {
	c, _ := guarded(t, guards{"GET datasets/ff_build": dataset("ff_build"), "POST jobs": func() (int, map[string]any) { return dryRunOf("SELECT") }})
	c.opts.Location = "asia-northeast1"
	const want = "dataset p.ff_build is in EU, and warehouse.location says asia-northeast1: a dataset cannot move: set warehouse.location to EU, or warehouse.dataset to another name"
	for what, err := range map[string]error{
		"a look": func() error { _, err := Look(t.Context(), c); return err }(), "a build": c.ensureDataset(t.Context(), "ff_build", ""),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
