package bigquery

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	fake "fourfold/internal/fake/bigquery"
)

// viewed serves views to somebody who may not read builds. What is published, and what the views are of, changes when the
// test says so, at the earliest when the query is run.
type viewed struct {
	published, views string
	during           func()
	guards           guards
}

func newViewed(t *testing.T) (*viewed, *Reader) {
	t.Helper()
	v := &viewed{published: "b1", views: "b1"}
	denied, answered := deny("bigquery.tables.getData", "Table p:ff_build.fct_things__b1"), func() (int, map[string]any) {
		if v.during != nil {
			v.during()
		}
		return http.StatusOK, map[string]any{
			"jobComplete": true, "totalRows": "1", "schema": map[string]any{"fields": []any{map[string]any{"name": "build_id", "type": "STRING"}}},
			"rows": []any{map[string]any{"f": []any{map[string]any{"v": v.views}}}}, "jobReference": map[string]string{"projectId": "p", "jobId": "q"},
		}
	}
	v.guards = guards{
		"GET datasets/ff_marts": func() (int, map[string]any) {
			status, body := dataset("ff_marts")()
			note, err := json.Marshal(published{Build: v.published, Marts: []string{"publication", "fct_things"}})
			if err != nil {
				t.Error(err)
			}
			body["description"] = "Marts" + stateMark + string(note)
			return status, body
		},
		"GET datasets/ff_marts/tables/fct_things": func() (int, map[string]any) {
			return http.StatusOK, map[string]any{"type": "VIEW", "view": map[string]any{"query": "select * from `p.ff_build.fct_things__" + v.views + "`"}}
		},
		"GET queries/q": answered,
	}
	asked := 0
	v.guards["POST jobs"] = func() (int, map[string]any) {
		if asked++; asked == 2 { // after the dry run: of the builds themselves
			return denied()
		}
		return dryRunDone()
	}
	c, _ := guarded(t, v.guards)
	r := NewReader(c)
	r.marts["b1"], r.marts["b2"] = []string{"publication", "fct_things"}, []string{"publication", "fct_things"}
	return v, r
}

// dryRunDone is a job that is as well a dry run as one that has ended.
func dryRunDone() (int, map[string]any) {
	status, body := dryRunOf("SELECT")
	body["jobReference"] = map[string]any{"projectId": "p", "jobId": "q"}
	return status, body
}

func TestViewsAnswerForTheBuildThatTheyAreOf(t *testing.T) {
	v, r := newViewed(t)
	ask := func(build string) ([]string, error) {
		rows, err := r.Query(t.Context(), build, "select build_id from fct_things")
		if err != nil {
			return nil, err
		}
		return lines(t, rows, nil), nil
	}
	good := func(what, build string) {
		t.Helper()
		got, err := ask(build)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		compare(t, what, got, []string{`["` + build + `"]`})
	}
	refused := func(what, build string) {
		t.Helper()
		if got, err := ask(build); !errors.Is(err, errReplaced) {
			t.Errorf("%s: %s, %v", what, got, err)
		}
	}
	good("the first time", "b1")
	good("the next time", "b1")
	refused("another build", "b2")
	v.views = "b2"
	refused("the views are replaced, and that is not noted yet", "b1")
	v.published = "b2"
	refused("the build before", "b1")
	good("the new build", "b2")
	v.during = func() { v.views = "b3" }
	refused("views that are replaced meanwhile", "b2")
	v.views, v.during = "b2", func() { v.views, v.published = "b3", "b3" }
	refused("a build that is published meanwhile", "b2")
}

// What cannot be told to read a build reads the views.
func TestWhatBeginsWithABracketIsOfThePublishedBuildOnly(t *testing.T) {
	m := newMaking(t, fake.Start(t))
	r := NewReader(m.c)
	first := m.build()
	const sql = "(select build_id from fct_things) order by 1"
	rows, err := r.Query(t.Context(), first, sql)
	compare(t, "the published build", lines(t, rows, err), []string{`["` + first + `"]`})
	second := m.build()
	if _, err := r.Query(t.Context(), first, sql); !errors.Is(err, errReplaced) {
		t.Errorf("the build before: %v", err)
	}
	rows, err = r.Query(t.Context(), second, sql)
	compare(t, "the next build", lines(t, rows, err), []string{`["` + second + `"]`})
}
