package redash

import "slices"

type visual struct {
	id          int
	query       int
	kind        string
	name        string
	description any
	options     object
	created     string
	updated     string
}

func (v *visual) object() object {
	return object{"id": v.id, "type": v.kind, "name": v.name, "description": v.description, "options": v.options, "created_at": v.created, "updated_at": v.updated}
}

var visualFields = []string{"query_id", "type", "name", "description", "options"}

func (v *visual) fill(c *call) bool {
	for k, value := range c.body {
		good := true
		switch k {
		case "type":
			v.kind, good = value.(string) // whatever it says: none is checked
		case "name":
			v.name, good = value.(string)
		case "description":
			v.description = value
		case "options":
			v.options, good = value.(object) // in place of what was there
		}
		if !good {
			return false
		}
	}
	return true
}

func (s *Server) createVisual(c *call) reply {
	v := &visual{description: "", options: object{}}
	needed := []string{"query_id", "type", "name"}
	if s.major() < 25 {
		needed = append(needed, "options")
	}
	n, isNumber := c.body["query_id"].(float64)
	q := s.queries[int(n)]
	if !c.only(visualFields...) || !c.has(needed...) || !isNumber || q == nil || !v.fill(c) {
		return broken()
	}
	if !c.user.mine(q.user) {
		return forbidden()
	}
	v.id, v.query, v.created = s.next("visual"), q.id, s.tick()
	v.updated = v.created
	s.visuals[v.id] = v
	return ok(v.object())
}

func (s *Server) visual(c *call) (*visual, reply) {
	id, _ := c.id()
	v := s.visuals[id]
	switch {
	case v == nil:
		return nil, notFound()
	case !c.user.mine(s.queries[v.query].user):
		return nil, forbidden()
	}
	return v, reply{}
}

func (s *Server) updateVisual(c *call) reply {
	v, refused := s.visual(c)
	if v == nil {
		return refused
	}
	changed := *v
	if !c.only(visualFields...) || !changed.fill(c) {
		return broken()
	}
	changed.updated = s.tick()
	*v = changed
	return ok(v.object())
}

func (s *Server) deleteVisual(c *call) reply {
	v, refused := s.visual(c)
	if v == nil {
		return refused
	}
	s.dropWidgets(v.id)
	delete(s.visuals, v.id)
	return ok(nil)
}

// dropWidgets removes the widgets that show a visualization.
func (s *Server) dropWidgets(visual int) {
	for id, w := range s.widgets {
		if w.visual == visual {
			delete(s.widgets, id)
		}
	}
}

// showsSource says whether a dashboard shows something of a data source that a user sees.
func (s *Server) shows(d *dashboard, u *user) bool {
	for _, w := range s.widgets {
		if w.dashboard != d.id || w.visual == 0 {
			continue
		}
		source := s.sources[s.queries[s.visuals[w.visual].query].source]
		if source != nil && slices.ContainsFunc(source.groups, func(g int) bool { return slices.Contains(u.groups, g) }) {
			return true
		}
	}
	return false
}
