package redash

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

type source struct {
	id      int
	name    string
	kind    string
	options object
	groups  []int
}

// required are the options that a type of data source cannot do without, and secret are those that are masked.
var (
	required = map[string][]string{"pg": {"dbname"}, "bigquery": {"projectId"}, "duckdb": {"dbpath"}, "sqlite": {"dbpath"}, "results": nil}
	secret   = []string{"password", "jsonKeyFile"}
)

const mask = "--------"

// types are the types of data sources of a version.
func (s *Server) types() map[string][]string {
	out := maps.Clone(required)
	if s.major() < 26 {
		delete(out, "duckdb")
	}
	return out
}

// AddSource adds a data source that the default group sees, whatever the version knows, and gives its id.
func (s *Server) AddSource(name, kind string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.next("source")
	s.sources[id] = &source{id: id, name: name, kind: kind, options: object{}, groups: []int{2}}
	return id
}

// sees says whether a user is in a group of a data source.
func (u *user) sees(d *source) bool {
	return u.admin || slices.ContainsFunc(d.groups, func(g int) bool { return slices.Contains(u.groups, g) })
}

func (d *source) object(whole bool) object {
	out := object{"id": d.id, "name": d.name, "type": d.kind, "syntax": "sql", "paused": 0, "pause_reason": nil, "view_only": false}
	if whole {
		options := maps.Clone(d.options)
		for k := range options {
			if slices.Contains(secret, k) {
				options[k] = mask
			}
		}
		groups := object{}
		for _, g := range d.groups {
			groups[itoa(g)] = false
		}
		out["options"], out["groups"] = options, groups
	}
	return out
}

func (s *Server) listSources(c *call) reply {
	if s.Locked && slices.ContainsFunc(slices.Collect(maps.Values(s.sources)), func(d *source) bool { return d.kind == "duckdb" }) {
		return broken()
	}
	out := []object{}
	for _, id := range slices.Sorted(maps.Keys(s.sources)) {
		if d := s.sources[id]; c.user.sees(d) {
			out = append(out, d.object(false))
		}
	}
	return ok(out)
}

func (s *Server) sourceTypes(c *call) reply {
	if !c.user.admin {
		return forbidden()
	}
	out := []object{}
	known := s.types()
	for _, kind := range slices.Sorted(maps.Keys(known)) {
		out = append(out, object{"type": kind, "name": strings.ToUpper(kind), "configuration_schema": object{"type": "object", "required": known[kind]}})
	}
	return ok(out)
}

// options reads the options of a data source; it is false if something required is missing.
func (s *Server) sourceOptions(c *call) (string, object, bool) {
	kind, _ := c.body["type"].(string)
	options, isObject := c.body["options"].(object)
	needed, known := s.types()[kind]
	if !known || !isObject || !c.has("name") {
		return "", nil, false
	}
	for _, k := range needed {
		if _, found := options[k]; !found {
			return "", nil, false
		}
	}
	return kind, options, true
}

func (s *Server) createSource(c *call) reply {
	if !c.user.admin {
		return forbidden()
	}
	kind, options, good := s.sourceOptions(c)
	name, _ := c.body["name"].(string)
	if !good {
		return problem(http.StatusBadRequest, "Bad Request")
	}
	d := &source{id: s.next("source"), name: name, kind: kind, options: options, groups: []int{2}}
	s.sources[d.id] = d
	return ok(d.object(true))
}

func (s *Server) updateSource(c *call) reply {
	id, _ := c.id()
	d := s.sources[id]
	switch {
	case !c.user.admin:
		return forbidden()
	case d == nil:
		return notFound()
	}
	options, _ := c.body["options"].(object)
	for k, v := range options {
		if v != mask {
			d.options[k] = v
		}
	}
	if name, isText := c.body["name"].(string); isText {
		d.name = name
	}
	return ok(d.object(true))
}

func (s *Server) testSource(c *call) reply {
	id, _ := c.id()
	if s.sources[id] == nil {
		return notFound()
	}
	return ok(object{"ok": true, "message": "success"})
}
