package lookml

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// dashboard checks what its filters and elements name, and that no element lies on another.
func (c *checker) dashboard(d dashboard) {
	filters, elements := map[string]bool{}, map[string]bool{}
	listened := map[string]bool{}
	for _, f := range d.Filters {
		where := "dashboard " + d.Dashboard + ", filter " + f.Name
		if filters[f.Name] {
			c.fail("%s is there twice", where)
		}
		filters[f.Name] = true
		if f.Type == "field_filter" {
			c.within(where, f.Explore, f.Field)
		}
	}
	taken := map[[2]int]string{}
	for _, e := range d.Elements {
		where := "dashboard " + d.Dashboard + ", element " + e.Name
		if elements[e.Name] {
			c.fail("%s is there twice", where)
		}
		elements[e.Name] = true
		for _, name := range slices.Sorted(maps.Keys(e.Listen)) {
			if !filters[name] {
				c.fail("%s listens to %s, which the dashboard has not", where, name)
			}
			listened[name] = true
		}
		c.element(where, e)
		for x := e.Col; x < e.Col+e.Width; x++ {
			for y := e.Row; y < e.Row+e.Height; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					c.fail("%s lies on %s", where, other)
				}
				taken[[2]int{x, y}] = e.Name
			}
		}
		if e.Width < 1 || e.Height < 1 || e.Col < 0 || e.Col+e.Width > newspaperColumns {
			c.fail("%s has no place among the %d columns", where, newspaperColumns)
		}
	}
	for name := range filters {
		if !listened[name] {
			c.fail("dashboard %s, filter %s: nothing listens to it", d.Dashboard, name)
		}
	}
}

func (c *checker) element(where string, e dbElement) {
	if len(e.Fields) == 0 {
		c.fail("%s shows nothing", where)
	}
	seen := map[string]bool{}
	for _, f := range e.Fields {
		if seen[f] {
			c.fail("%s shows %s twice", where, f)
		}
		seen[f] = true
		c.within(where, e.Explore, f)
		if view, name, _ := strings.Cut(f, "."); c.views[view] != nil {
			if kind := c.views[view].fields[name]; kind == "filter" || kind == "parameter" {
				c.fail("%s shows %s, which is a %s", where, f, kind)
			}
		}
	}
	shown := func(what, name string) {
		if !seen[name] {
			c.fail("%s %s %s, which it does not show", where, what, name)
		}
	}
	for _, f := range e.Pivots {
		shown("is turned by", f)
	}
	for _, f := range e.Hidden {
		shown("hides", f)
	}
	for _, s := range e.Sorts {
		shown("is sorted by", strings.TrimSuffix(s, " desc"))
	}
	for _, f := range slices.Sorted(maps.Keys(e.Labels)) {
		if _, of, ok := strings.Cut(f, seriesOf); ok {
			f = of
		}
		shown("names", f)
	}
	for _, f := range slices.Sorted(maps.Keys(e.Filters)) {
		c.within(where, e.Explore, f)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Listen)) {
		c.within(where, e.Explore, e.Listen[name])
	}
}

var dashboardLink = regexp.MustCompile(`^/dashboards/` + modelName + `::([a-z_0-9]+)(?:\?([A-Za-z+]+)=)?`)

// addresses checks the links to dashboards and the filters that they set.
func (c *checker) addresses(p *project, known map[string]bool) {
	filters := map[string]bool{}
	for _, d := range p.dashboards {
		for _, f := range d.Filters {
			filters[d.Dashboard+"?"+strings.ReplaceAll(f.Name, " ", "+")] = true
		}
	}
	constants := map[string]bool{}
	for _, n := range p.manifest {
		if n.key == "constant" {
			constants[n.name] = true
		}
	}
	for _, f := range append(slices.Clone(p.views), p.explores...) {
		for _, v := range f.nodes {
			c.constants(v.key+" "+v.name, constants, v)
			for _, k := range v.kids {
				for _, l := range k.kids {
					address := l.value("url")
					if l.key != "link" || !strings.HasPrefix(address, "/dashboards/") {
						continue
					}
					m := dashboardLink.FindStringSubmatch(address)
					if m == nil || !known[m[1]] || (m[2] != "" && !filters[m[1]+"?"+m[2]]) {
						c.fail("view %s, %s: a link leads to %s, which is not there", v.name, k.name, address)
					}
				}
			}
		}
	}
}
