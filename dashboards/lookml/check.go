package lookml

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What Looker resolves and no parser does: every field that something names is there.

// fieldSet is what a view offers: fields by name, with the timeframes of groups, and its sets.
type fieldSet struct {
	fields map[string]string // what each is: dimension, measure, filter, parameter
	sets   map[string]bool
}

type checker struct {
	views    map[string]*fieldSet
	explores map[string][]string // the views of an explore, its own first
	errs     []error
}

func (c *checker) fail(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

// check finds what is declared twice or named and not there.
func (p *project) check() error {
	c := &checker{views: map[string]*fieldSet{}, explores: map[string][]string{}}
	for _, f := range p.views {
		for _, n := range f.nodes {
			c.declareView(n)
		}
	}
	for _, f := range p.explores {
		for _, n := range f.nodes {
			c.declareExplore(n)
		}
	}
	for _, f := range p.views {
		for _, n := range f.nodes {
			c.view(n)
		}
	}
	for _, f := range p.explores {
		for _, n := range f.nodes {
			c.explore(n)
		}
	}
	for _, n := range p.tests {
		c.test(n)
	}
	c.model(p.manifest, p.model)
	seen := map[string]bool{}
	for _, d := range p.dashboards {
		if seen[d.Dashboard] {
			c.fail("dashboard %s is there twice", d.Dashboard)
		}
		seen[d.Dashboard] = true
		c.dashboard(d)
	}
	c.addresses(p, seen)
	return errors.Join(c.errs...)
}

var fieldKeys = []string{"dimension", "dimension_group", "measure", "filter", "parameter"}

func (c *checker) declareView(n *node) {
	if n.key != "view" {
		c.fail("%s %s stands where views do", n.key, n.name)
		return
	}
	if c.views[n.name] != nil {
		c.fail("view %s is there twice", n.name)
		return
	}
	f := &fieldSet{fields: map[string]string{}, sets: map[string]bool{}}
	c.views[n.name] = f
	declare := func(name, what string) {
		if f.fields[name] != "" {
			c.fail("view %s: field %s is there twice", n.name, name)
		}
		f.fields[name] = what
	}
	for _, k := range n.kids {
		switch {
		case k.key == "dimension_group":
			frames := k.get("timeframes")
			if k.value("type") != "time" || frames == nil {
				c.fail("view %s: group %s has no timeframes", n.name, k.name)
				continue
			}
			for _, t := range frames.list {
				declare(k.name+"_"+t, "dimension")
			}
		case slices.Contains(fieldKeys, k.key):
			declare(k.name, k.key)
		case k.key == "set":
			f.sets[k.name] = true
		}
	}
}

func (c *checker) declareExplore(n *node) {
	if n.key != "explore" {
		c.fail("%s %s stands where explores do", n.key, n.name)
		return
	}
	if c.explores[n.name] != nil {
		c.fail("explore %s is there twice", n.name)
	}
	views := []string{n.name}
	for _, k := range n.kids {
		if k.key == "join" {
			if slices.Contains(views, k.name) {
				c.fail("explore %s joins %s twice", n.name, k.name)
			}
			views = append(views, k.name)
		}
	}
	for _, v := range views {
		if c.views[v] == nil {
			c.fail("explore %s: there is no view %s", n.name, v)
		}
	}
	c.explores[n.name] = views
}

var (
	substitution = regexp.MustCompile(`\$\{([^}]*)\}`)
	liquidValue  = regexp.MustCompile(`\b([a-z_0-9]+)\.([a-z_0-9]+)\._(?:value|is_filtered|rendered_value)`)
	constantUse  = regexp.MustCompile(`@\{([^}]*)\}`)
)

// field says what is wrong with the name of a field, in a view or with one before it.
func (c *checker) field(where, view, name string) {
	if v, f, ok := strings.Cut(name, "."); ok {
		view, name = v, f
	}
	set := c.views[view]
	switch {
	case set == nil:
		c.fail("%s names %s.%s: there is no such view", where, view, name)
	case strings.HasSuffix(name, "*"):
		if !set.sets[strings.TrimSuffix(name, "*")] {
			c.fail("%s names %s.%s: there is no such set", where, view, name)
		}
	case set.fields[name] == "":
		c.fail("%s names %s.%s: there is no such field", where, view, name)
	}
}

// within is field, for a name that must be one of an explore's.
func (c *checker) within(where, explore, name string) {
	view, _, ok := strings.Cut(name, ".")
	views := c.explores[explore]
	switch {
	case views == nil:
		c.fail("%s: there is no explore %s", where, explore)
	case !ok:
		c.fail("%s: %s has no view before it", where, name)
	case !slices.Contains(views, view):
		c.fail("%s names %s, which explore %s has not", where, name, explore)
	default:
		c.field(where, "", name)
	}
}

func (c *checker) texts(where, view string, n *node) {
	for _, m := range substitution.FindAllStringSubmatch(n.text, -1) {
		if m[1] != "TABLE" {
			c.field(where, view, m[1])
		}
	}
	for _, m := range liquidValue.FindAllStringSubmatch(n.text, -1) {
		c.field(where, "", m[1]+"."+m[2])
	}
}

func (c *checker) view(n *node) {
	keys := 0
	for _, k := range n.kids {
		where := "view " + n.name + ", " + strings.TrimSpace(k.key+" "+k.name)
		if k.value("primary_key") == yes {
			keys++
		}
		switch {
		case k.key == "derived_table":
			c.derived(where, n, k.value("sql"))
		case k.key == "set":
			for _, f := range k.get("fields").list {
				c.field(where, n.name, f)
			}
		case slices.Contains(fieldKeys, k.key):
			c.fieldBlock(where, n.name, k)
		}
	}
	if n.get("derived_table") == nil && keys != 1 {
		c.fail("view %s has %d primary keys", n.name, keys)
	}
}

func (c *checker) fieldBlock(where, view string, k *node) {
	if k.value("label") == "" {
		c.fail("%s has no label", where)
	}
	for _, p := range k.kids {
		at := where + ", " + p.key
		c.texts(at, view, p)
		for _, inner := range p.kids {
			c.texts(at, view, inner)
		}
		switch p.key {
		case "drill_fields", "required_fields":
			for _, f := range p.list {
				c.field(at, view, f)
			}
		case "order_by_field":
			c.field(at, view, p.text)
		case "filters":
			for _, r := range p.rows {
				c.field(at, view, r.key)
			}
		case "suggest_dimension":
			c.within(at, k.value("suggest_explore"), p.text)
		}
	}
}

// derived checks that the filters of a query are the view's, and the view's those of the query.
func (c *checker) derived(where string, view *node, text string) {
	uses := usedBy(text)
	for _, name := range uses {
		if kind := c.views[view.name].fields[name]; kind != "filter" && kind != "parameter" {
			c.fail("%s uses %s, which is no filter of the view", where, name)
		}
	}
	for _, k := range view.kids {
		if (k.key == "filter" || k.key == "parameter") && !slices.Contains(uses, k.name) {
			c.fail("%s does not use the view's %s %s", where, k.key, k.name)
		}
	}
	if token.MatchString(text) {
		c.fail("%s: %s is no parameter of Looker", where, token.FindString(text))
	}
}

var relationships = []string{manyToOne, oneToMany, oneToOne, manyToMany}

func (c *checker) explore(n *node) {
	before := []string{n.name}
	for _, k := range n.kids {
		where := "explore " + n.name + ", " + strings.TrimSpace(k.key+" "+k.name)
		switch k.key {
		case "join":
			before = append(before, k.name)
			if !slices.Contains(relationships, k.value("relationship")) {
				c.fail("%s has relationship %q", where, k.value("relationship"))
			}
			on := k.value("sql_on")
			names := substitution.FindAllStringSubmatch(on, -1)
			own := false
			for _, m := range names {
				view, _, _ := strings.Cut(m[1], ".")
				if !slices.Contains(before, view) {
					c.fail("%s names %s before it is joined", where, m[1])
				}
				own = own || view == k.name
				c.field(where, n.name, m[1])
			}
			if !own {
				c.fail("%s is joined by none of its fields", where)
			}
		case "conditionally_filter":
			for _, p := range k.kids {
				for _, r := range p.rows {
					c.within(where, n.name, r.key)
				}
				for _, f := range p.list {
					c.within(where, n.name, f)
				}
			}
		}
	}
}

func (c *checker) test(n *node) {
	where := "test " + n.name
	source := n.get("explore_source")
	if source == nil || c.explores[source.name] == nil {
		c.fail("%s has no explore", where)
		return
	}
	for _, k := range source.kids {
		c.within(where, source.name, k.value("field"))
	}
	for _, k := range n.kids {
		for _, inner := range k.kids {
			c.texts(where, source.name, inner)
		}
	}
}

// model checks the constants and what persists by which datagroup.
func (c *checker) model(manifest, model []*node) {
	constants, groups := map[string]bool{}, map[string]bool{}
	for _, n := range manifest {
		if n.key == "constant" {
			if constants[n.name] {
				c.fail("constant %s is there twice", n.name)
			}
			constants[n.name] = true
		}
	}
	for _, n := range model {
		if n.key == "datagroup" {
			groups[n.name] = true
		}
	}
	for _, n := range model {
		if n.key == "persist_with" && !groups[n.text] {
			c.fail("the model persists with %s: there is no such datagroup", n.text)
		}
		for _, inner := range append([]*node{n}, n.kids...) {
			c.constants("model", constants, inner)
		}
	}
}

func (c *checker) constants(where string, known map[string]bool, n *node) {
	for _, m := range constantUse.FindAllStringSubmatch(n.text, -1) {
		if !known[m[1]] {
			c.fail("%s names the constant %s, which there is not", where, m[1])
		}
	}
	for _, k := range n.kids {
		c.constants(where+", "+strings.TrimSpace(k.key+" "+k.name), known, k)
	}
}
