package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards/web"
)

// What nobody has chosen a page does not ask about, nor what an answer does not need.
func TestAPageReadsTheColumnsThatItShowsWhereNothingIsChosen(t *testing.T) {
	t.Parallel()
	sql, err := pageSQL("hours")
	if err != nil {
		t.Fatal(err)
	}
	tables := []table{
		{"fourfold.fourfold_build.fct_incidents", []column{
			{"incident_id", "STRING"}, {"started_at", "TIMESTAMP"}, {"is_counted", "BOOL"}, {"severity", "STRING"}, {"incident_type", "STRING"}, {"name", "STRING"},
		}},
		{"fourfold.fourfold_build.fct_incident_services", []column{{"incident_id", "STRING"}, {"service", "STRING"}, {"team", "STRING"}}},
		{"fourfold.fourfold_build.fct_incident_fields", []column{{"incident_id", "STRING"}, {"field", "STRING"}, {"value", "STRING"}}},
		{"fourfold.fourfold_build.publication", []column{{"timezone", "STRING"}, {"week_start", "STRING"}, {"build_id", "STRING"}}},
	}
	want := reads{"fourfold.fourfold_build.fct_incidents": {"is_counted", "started_at"}, "fourfold.fourfold_build.publication": {"timezone"}}
	if diff := cmp.Diff(want, readAll(t, tables, []statement{{Name: "hours", SQL: sql}})[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDashboardsTogetherAskNothingTwice(t *testing.T) {
	t.Parallel()
	b := build{
		[]statement{{Name: "both"}, {Name: "both", kind: "page"}, {Name: "first", kind: "page"}, {Name: "second", kind: "page"}, {Name: "one", kind: "page"}},
		[]reads{{"d.t": {"a", "b"}}, {"d.t": {"a"}}, {"d.t": {"b"}, "d.u": {"a"}}, {"d.u": {"a"}}, {"d.u": {"a"}}},
	}
	m := measurement{"t": {Rows: 1 << 20, Bytes: map[string]float64{"a": 20, "b": 30}}, "u": {Rows: 1 << 20, Bytes: map[string]float64{"a": 1}}}
	const mib = 1 << 20
	want := []pageCost{
		{cost{51 * mib, 60 * mib}, 2, 3},
		{cost{21 * mib, 30 * mib}, 2, 2},
		{cost{21 * mib, 30 * mib}, 2, 2},
		{cost{52 * mib, 70 * mib}, 3, 4}, // the dashboards
	}
	asked := []web.PageQueries{{Path: "/", Queries: []string{"both", "first"}}, {Path: "/second", Queries: []string{"both", "second"}}, {Path: "/objects/ID", Queries: []string{"both", "one"}}}
	if diff := cmp.Diff(want, b.bills(asked, m), cmp.AllowUnexported(pageCost{}, cost{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
