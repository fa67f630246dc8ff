package web

import (
	"testing"

	"fourfold/dashboards"
)

func TestAPageReadsOfAListWhatItShowsAndOneRowMore(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	s := h.(*Dashboard).server
	m, err := s.open(t.Context(), "b-20261125-0830", at(""), filter{Period: defaultPeriod})
	if err != nil {
		t.Fatal(err)
	}
	list := &dashboards.Panel{Key: "list", Query: "failures", Chart: dashboards.Grid, Columns: []dashboards.Column{{Name: "x", Role: dashboards.Label}}}
	chart := &dashboards.Panel{Key: "chart", Query: "failures", Chart: dashboards.Bars, Columns: []dashboards.Column{{Name: "x", Role: dashboards.X}, {Name: "y", Role: dashboards.Y}}}
	table := &dashboards.Panel{Key: "table", Query: "failures", Chart: dashboards.Grid, Columns: []dashboards.Column{{Name: "x", Role: dashboards.Label}, {Name: "y", Role: dashboards.Y}}}
	incidents := s.pages.catalogue.Panel("incidents")
	for _, c := range []struct {
		name  string
		shown []*dashboards.Panel
		query string
		want  int
	}{
		{"a list", []*dashboards.Panel{list}, "failures", rowsShown + 1},
		{"another query", []*dashboards.Panel{list}, "counted", s.RowLimit},
		{"a chart", []*dashboards.Panel{chart}, "failures", s.RowLimit},
		{"numbers", []*dashboards.Panel{table}, "failures", s.RowLimit},
		{"a list, and a chart of the same", []*dashboards.Panel{list, chart}, "failures", s.RowLimit},
		{"a chart, and a list of the same", []*dashboards.Panel{chart, list}, "failures", s.RowLimit},
		{"a view of its own", []*dashboards.Panel{incidents}, incidents.Query, s.RowLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			var shown []placedPanel
			for _, p := range c.shown {
				shown = append(shown, placed(p, 12))
			}
			if got := s.pageParams(m, shown)(c.query)["row_limit"]; got != int64(c.want) {
				t.Errorf("%v rows are asked for, not %d", got, c.want)
			}
		})
	}
}
