package redash

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

type dashboard struct {
	id       int
	name     string
	user     int
	layout   any
	filters  any
	options  object
	tags     []string
	draft    bool
	archived bool
	version  int
	shareKey string
	created  string
	updated  string
}

type widget struct {
	id        int
	dashboard int
	visual    int // 0 for a text box
	text      any
	width     any
	options   object
	created   string
	updated   string
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slug is made of the name, and is no more unique than that.
func (d *dashboard) slug() string {
	return strings.Trim(notSlug.ReplaceAllString(strings.ToLower(d.name), "-"), "-")
}

func (s *Server) dashboardObject(d *dashboard, widgets bool) object {
	out := object{
		"id": d.id, "slug": d.slug(), "name": d.name, "user_id": d.user, "user": s.user(d.user).object(), "layout": d.layout,
		"dashboard_filters_enabled": d.filters, "options": d.options, "widgets": nil, "is_archived": d.archived, "is_draft": d.draft,
		"tags": slices.Clone(d.tags), "version": d.version, "created_at": d.created, "updated_at": d.updated,
	}
	if !widgets {
		return out
	}
	list := []object{}
	for _, id := range slices.Sorted(maps.Keys(s.widgets)) {
		if w := s.widgets[id]; w.dashboard == d.id {
			list = append(list, s.widgetObject(w))
		}
	}
	out["widgets"] = list
	if d.shareKey != "" {
		out["api_key"], out["public_url"] = d.shareKey, "http://redash/public/dashboards/"+d.shareKey
	}
	return out
}

func (s *Server) widgetObject(w *widget) object {
	out := object{
		"id": w.id, "dashboard_id": w.dashboard, "text": w.text, "width": w.width, "options": w.options, "created_at": w.created, "updated_at": w.updated,
	}
	if v := s.visuals[w.visual]; v != nil {
		shown := v.object()
		shown["query"] = s.queryObject(s.queries[v.query], false)
		out["visualization"] = shown
	}
	return out
}

func (s *Server) visibleDashboards(c *call, own bool) []*dashboard {
	var out []*dashboard
	for _, id := range slices.Sorted(maps.Keys(s.dashboards)) {
		d := s.dashboards[id]
		mine := d.user == c.user.id
		if d.archived || !mine && (own || d.draft || !s.shows(d, c.user)) {
			continue
		}
		out = append(out, d)
	}
	return out
}

func (s *Server) dashboardList(c *call, own bool) reply {
	all := []object{}
	part := strings.ToLower(c.query.Get("q"))
	for _, d := range s.visibleDashboards(c, own) {
		if tagged(c, d.tags) && strings.Contains(strings.ToLower(d.name), part) {
			all = append(all, s.dashboardObject(d, false))
		}
	}
	return paged(c, ordered(c, all))
}

func (s *Server) listDashboards(c *call) reply { return s.dashboardList(c, false) }

func (s *Server) myDashboards(c *call) reply { return s.dashboardList(c, true) }

func (s *Server) dashboardTags(c *call) reply {
	var lists [][]string
	for _, d := range s.visibleDashboards(c, false) {
		lists = append(lists, d.tags)
	}
	return countTags(lists)
}

// createDashboard takes the name and nothing else.
func (s *Server) createDashboard(c *call) reply {
	name, isText := c.body["name"].(string)
	if !isText {
		return broken()
	}
	d := &dashboard{
		id: s.next("dashboard"), name: name, user: c.user.id, layout: []any{}, filters: false, options: object{}, tags: []string{}, draft: true, version: 1, created: s.tick(),
	}
	d.updated = d.created
	s.dashboards[d.id] = d
	return ok(s.dashboardObject(d, false))
}

// dashboard finds the one that a request names by its id, or with ?legacy by its slug; a slug without that is an error of the server.
func (s *Server) dashboard(c *call) (*dashboard, reply) {
	if c.query.Has("legacy") {
		for _, id := range slices.Sorted(maps.Keys(s.dashboards)) {
			if d := s.dashboards[id]; d.slug() == c.path[1] {
				return d, reply{}
			}
		}
		return nil, notFound()
	}
	id, isNumber := c.id()
	switch {
	case !isNumber:
		return nil, broken()
	case s.dashboards[id] == nil:
		return nil, notFound()
	}
	return s.dashboards[id], reply{}
}

func (s *Server) getDashboard(c *call) reply {
	d, refused := s.dashboard(c)
	if d == nil {
		return refused
	}
	return ok(s.dashboardObject(d, true))
}

func (s *Server) updateDashboard(c *call) reply {
	d, refused := s.dashboard(c)
	switch {
	case d == nil:
		return refused
	case !c.user.mine(d.user):
		return forbidden()
	}
	if v, given := c.body["version"]; given && v != float64(d.version) {
		return stale()
	}
	changed := *d
	for k, v := range c.body {
		good := true
		switch k { // the others are ignored
		case "name":
			changed.name, good = v.(string)
		case "layout":
			changed.layout = v
		case "tags":
			changed.tags = tagsOf(v)
		case "is_draft":
			changed.draft, good = v.(bool)
		case "is_archived":
			changed.archived, good = v.(bool)
		case "dashboard_filters_enabled":
			changed.filters = v
		case "options":
			changed.options, good = v.(object)
		}
		if !good {
			return broken()
		}
	}
	changed.version++
	changed.updated = s.tick()
	*d = changed
	return ok(s.dashboardObject(d, true))
}

func (s *Server) archiveDashboard(c *call) reply {
	d, refused := s.dashboard(c)
	switch {
	case d == nil:
		return refused
	case !c.user.mine(d.user):
		return forbidden()
	}
	d.archived, d.updated = true, s.tick()
	d.version++
	return ok(s.dashboardObject(d, true))
}

// share makes a new key with each call.
func (s *Server) share(c *call) reply {
	d, refused := s.dashboard(c)
	switch {
	case d == nil:
		return refused
	case !c.user.mine(d.user):
		return forbidden()
	}
	d.shareKey = "share-key-" + itoa(s.next("share"))
	return ok(object{"public_url": "http://redash/public/dashboards/" + d.shareKey, "api_key": d.shareKey})
}

func (s *Server) unshare(c *call) reply {
	d, refused := s.dashboard(c)
	switch {
	case d == nil:
		return refused
	case !c.user.mine(d.user):
		return forbidden()
	}
	d.shareKey = ""
	return ok(nil)
}

func (s *Server) createWidget(c *call) reply {
	needed := []string{"dashboard_id", "visualization_id", "width"}
	if s.major() < 25 {
		needed = append(needed, "options")
	}
	n, isNumber := c.body["dashboard_id"].(float64)
	d := s.dashboards[int(n)]
	if !c.has(needed...) || !isNumber || d == nil {
		return broken()
	}
	w := &widget{dashboard: d.id, text: c.body["text"], width: c.body["width"], options: object{}}
	if o, given := c.body["options"]; given {
		if w.options, given = o.(object); !given {
			return broken()
		}
	}
	if v := c.body["visualization_id"]; v != nil {
		id, isNumber := v.(float64)
		if !isNumber || s.visuals[int(id)] == nil {
			return broken()
		}
		w.visual = int(id)
	}
	if !c.user.mine(d.user) {
		return forbidden()
	}
	w.id, w.created = s.next("widget"), s.tick()
	w.updated = w.created
	s.widgets[w.id] = w
	return ok(s.widgetObject(w))
}

func (s *Server) widget(c *call) (*widget, reply) {
	id, err := strconv.Atoi(c.path[1])
	w := s.widgets[id]
	switch {
	case err != nil || w == nil:
		return nil, notFound()
	case !c.user.mine(s.dashboards[w.dashboard].user):
		return nil, forbidden()
	}
	return w, reply{}
}

// updateWidget changes the text and the options, whatever else it is told.
func (s *Server) updateWidget(c *call) reply {
	w, refused := s.widget(c)
	if w == nil {
		return refused
	}
	options, isObject := c.body["options"].(object)
	if !c.has("text", "options") || !isObject {
		return broken()
	}
	w.text, w.options, w.updated = c.body["text"], options, s.tick()
	return ok(s.widgetObject(w))
}

func (s *Server) deleteWidget(c *call) reply {
	w, refused := s.widget(c)
	if w == nil {
		return refused
	}
	delete(s.widgets, w.id)
	return ok(nil)
}
