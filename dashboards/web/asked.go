package web

import "slices"

// PageQueries are the queries of the catalogue that a page asks of a build which nobody has asked anything before, each once.
type PageQueries struct {
	Path    string // of the page; ID stands for that of an object
	Queries []string
}

// Asked tells what pages ask, so that it can be said what they cost where reading costs: first the dashboards, in their order.
// A page under another filter asks all of it anew, but for what it reads of the build itself.
func Asked() ([]PageQueries, error) {
	p, err := loadPages("", "", false)
	if err != nil {
		return nil, err
	}
	s := &server{pages: p}
	var out []PageQueries
	add := func(path string, queries ...string) {
		queries = append(slices.Clone(buildQueries), queries...)
		slices.Sort(queries)
		out = append(out, PageQueries{"/" + path, slices.Compact(queries)})
	}
	for i := range p.catalogue.Dashboards {
		d := &p.catalogue.Dashboards[i]
		add(boardPath(p.catalogue, d), s.boardQueries(d, s.shownPanels(d))...)
	}
	add(incidentPath("ID"), append([]string{"one_incident"}, incidentQueries...)...)
	add(deploymentPath("ID"), deploymentQueries...)
	return out, nil
}
