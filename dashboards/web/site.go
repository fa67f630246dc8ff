package web

import (
	"strings"

	"fourfold/dashboards"
)

// place is an address of the dashboard: where its root is from there, and its path under it. All links are relative, so that they
// hold behind any proxy and prefix.
type place struct {
	root string // "./", "../" …
	path string // "", "incidents", "incidents/01J…"
}

// at makes the place of a path under the root.
func at(path string) place {
	if up := strings.Count(path, "/"); up > 0 {
		return place{strings.Repeat("../", up), path}
	}
	return place{"./", path}
}

// of gives the address of another path from here, with what is chosen.
func (p place) of(path string, f filter) string {
	return f.link(p.root + path)
}

// boardPath is the path of a dashboard of the catalogue: the first is at the root.
func boardPath(c *dashboards.Catalogue, d *dashboards.Dashboard) string {
	if d.Key == c.Dashboards[0].Key {
		return ""
	}
	return strings.ReplaceAll(d.Key, "_", "-")
}

// boardAt finds the dashboard at a path; nil if there is none.
func boardAt(c *dashboards.Catalogue, path string) *dashboards.Dashboard {
	for i := range c.Dashboards {
		if boardPath(c, &c.Dashboards[i]) == path {
			return &c.Dashboards[i]
		}
	}
	return nil
}

// Paths of single objects and panels.
func incidentPath(id string) string   { return "incidents/" + segment(id) }
func deploymentPath(id string) string { return "deployments/" + segment(id) }
func panelPath(key string) string     { return "panels/" + key }

// navLink leads to a page.
type navLink struct {
	Text, Href string
	Current    bool // the page itself; Within: a page under it
	Within     bool
}

// nav leads to each dashboard of the catalogue with what is chosen, except what is about one page only.
func (p *pages) nav(l *language, here place, f filter) []navLink {
	f.Incident, f.Key, f.Counted, f.Screen = "", "", "", 0
	var out []navLink
	for i := range p.catalogue.Dashboards {
		d := &p.catalogue.Dashboards[i]
		path := boardPath(p.catalogue, d)
		out = append(out, navLink{
			Text: d.Title.In(l.Code), Href: here.of(path, f), Current: path == here.path,
			Within: path != "" && strings.HasPrefix(here.path, path+"/"),
		})
	}
	return out
}
