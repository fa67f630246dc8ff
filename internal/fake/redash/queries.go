package redash

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
)

type query struct {
	id          int
	name        string
	description any
	text        string
	source      int
	options     object
	schedule    any // an object, or nil
	tags        []string
	draft       bool
	archived    bool
	version     int
	user        int
	latest      int // id of its latest result, 0 for none
	failures    int
	saved       string // hash of the text with the saved values of its parameters
	created     string
	updated     string
}

func itoa(n int) string { return strconv.Itoa(n) }

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

func (s *Server) queryObject(q *query, visuals bool) object {
	out := object{
		"id": q.id, "name": q.name, "description": q.description, "query": q.text, "query_hash": hash(q.text), "data_source_id": q.source, "options": q.options,
		"schedule": q.schedule, "tags": slices.Clone(q.tags), "is_draft": q.draft, "is_archived": q.archived, "version": q.version, "user": s.user(q.user).object(),
		"latest_query_data_id": nil, "api_key": "query-key-" + itoa(q.id), "created_at": q.created, "updated_at": q.updated, "is_safe": q.safe(),
	}
	if q.latest != 0 {
		out["latest_query_data_id"] = q.latest
	}
	if visuals {
		list := []object{}
		for _, id := range slices.Sorted(maps.Keys(s.visuals)) {
			if v := s.visuals[id]; v.query == q.id {
				list = append(list, v.object())
			}
		}
		out["visualizations"] = list
	}
	return out
}

// safe says whether no parameter is free text.
func (q *query) safe() bool {
	return !slices.ContainsFunc(q.parameters(), func(p object) bool { return p["type"] == "text" })
}

func (q *query) parameters() []object {
	var out []object
	list, _ := q.options["parameters"].([]any)
	for _, p := range list {
		if o, isObject := p.(object); isObject {
			out = append(out, o)
		}
	}
	return out
}

func (s *Server) visibleQueries(c *call) []*query {
	var out []*query
	for _, id := range slices.Sorted(maps.Keys(s.queries)) {
		q := s.queries[id]
		d := s.sources[q.source]
		if q.archived || q.draft && q.user != c.user.id || d == nil || !c.user.sees(d) {
			continue
		}
		out = append(out, q)
	}
	return out
}

func (s *Server) listQueries(c *call) reply {
	all := []object{}
	words := strings.Fields(strings.ToLower(c.query.Get("q")))
	for _, q := range s.visibleQueries(c) {
		description, _ := q.description.(string)
		whole := strings.ToLower(q.name + " " + description + " " + q.text)
		if tagged(c, q.tags) && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(whole, w) }) {
			all = append(all, s.queryObject(q, false))
		}
	}
	return paged(c, ordered(c, all))
}

func (s *Server) queryTags(c *call) reply {
	var lists [][]string
	for _, q := range s.visibleQueries(c) {
		lists = append(lists, q.tags)
	}
	return countTags(lists)
}

var queryFields = []string{"name", "query", "data_source_id", "options", "schedule", "description", "tags", "is_draft", "is_archived", "version"}

// fill takes what a body says of a query; it is false if that is malformed.
func (s *Server) fill(q *query, c *call) bool {
	for k, v := range c.body {
		good := true
		switch k {
		case "name":
			q.name, good = v.(string)
		case "query":
			q.text, good = v.(string)
		case "data_source_id":
			n, isNumber := v.(float64)
			q.source = int(n)
			good = isNumber && s.sources[q.source] != nil
		case "options":
			q.options, good = v.(object)
		case "schedule":
			if v != nil {
				_, good = v.(object)
			}
			q.schedule = v
		case "description":
			q.description = v
		case "tags":
			q.tags = tagsOf(v)
		case "is_draft":
			q.draft, good = v.(bool)
		case "is_archived":
			q.archived, good = v.(bool)
		}
		if !good {
			return false
		}
	}
	return true
}

func (s *Server) createQuery(c *call) reply {
	q := &query{options: object{}, tags: []string{}, version: 1, user: c.user.id}
	if !c.only(queryFields...) || !c.has("name", "query", "data_source_id") || !s.fill(q, c) {
		return broken()
	}
	if !c.user.sees(s.sources[q.source]) {
		return forbidden()
	}
	q.id, q.created = s.next("query"), s.tick()
	q.updated, q.draft, q.archived = q.created, true, false
	s.queries[q.id] = q
	s.point(q)
	v := &visual{id: s.next("visual"), query: q.id, kind: "TABLE", name: "Table", description: "", options: object{}, created: s.tick()}
	v.updated = v.created
	s.visuals[v.id] = v
	return ok(s.queryObject(q, true))
}

// known finds the query that a request names.
func (s *Server) known(c *call) *query {
	id, isNumber := c.id()
	if !isNumber {
		return nil
	}
	return s.queries[id]
}

func (s *Server) getQuery(c *call) reply {
	q := s.known(c)
	if q == nil {
		return notFound()
	}
	if d := s.sources[q.source]; d == nil || !c.user.sees(d) {
		return forbidden()
	}
	return ok(s.queryObject(q, true))
}

// mine says whether a user may edit what another one owns.
func (u *user) mine(owner int) bool { return u.admin || u.id == owner }

func (s *Server) updateQuery(c *call) reply {
	q := s.known(c)
	switch {
	case q == nil:
		return notFound()
	case !c.user.mine(q.user):
		return forbidden()
	case !c.only(queryFields...):
		return broken()
	}
	if v, given := c.body["version"]; given && v != float64(q.version) {
		return stale()
	}
	changed := *q
	if !s.fill(&changed, c) {
		return broken()
	}
	changed.updated = s.tick() // even if nothing differs, and the version stays
	*q = changed
	s.point(q)
	return ok(s.queryObject(q, true))
}

func (s *Server) archiveQuery(c *call) reply {
	q := s.known(c)
	switch {
	case q == nil:
		return notFound()
	case !c.user.mine(q.user):
		return forbidden()
	}
	q.archived, q.schedule, q.updated = true, nil, s.tick()
	for _, v := range s.visuals {
		if v.query == q.id {
			s.dropWidgets(v.id)
		}
	}
	return ok(nil)
}

// Tick is a minute of the scheduler: a schedule that lacks a key is disabled, one whose query cannot run by the saved values of
// its parameters fails, and the others run.
func (s *Server) Tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.queries)) {
		q := s.queries[id]
		schedule, isSet := q.schedule.(object)
		if !isSet || schedule["disabled"] == true {
			continue
		}
		c := call{body: schedule}
		if !c.has("interval", "time", "until", "day_of_week") {
			schedule["disabled"] = true
			continue
		}
		sql, refused := s.put(q, q.defaults())
		if refused != nil {
			q.failures++
			continue
		}
		s.finish(s.start(q, sql))
	}
}

// Failures is how often the scheduler could not run a query.
func (s *Server) Failures(id int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queries[id].failures
}
