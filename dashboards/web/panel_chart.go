package web

import (
	"fourfold/dashboards"
	"fourfold/dashboards/chart"
)

// chartView is a chart of a panel in each of its sizes; the title is there where a panel has several.
type chartView struct {
	Title    string
	Drawings []*chart.Drawing
}

func (m *maker) charts(p *dashboards.Panel, t *Table) ([]chartView, []legendKey) { return nil, nil }

func (s *server) asSVG(e export) ([]byte, error) { return nil, errNothing }
