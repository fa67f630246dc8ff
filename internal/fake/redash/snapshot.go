package redash

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Snapshot is all that is not archived, in words and without ids or times: two servers that look alike have the same.
func (s *Server) Snapshot() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, q := range s.queries {
		if q.archived {
			continue
		}
		options := maps.Clone(q.options)
		var parameters []string
		for _, p := range q.parameters() {
			p = maps.Clone(p)
			if id, isNumber := p["queryId"].(float64); isNumber {
				p["queryId"] = "?"
				if of := s.queries[int(id)]; of != nil && !of.archived {
					p["queryId"] = of.name
				}
			}
			parameters = append(parameters, fmt.Sprint(p))
		}
		options["parameters"] = parameters
		say("query %q of %d by %d: draft %t, tags %v, schedule %v, options %v, ran %t, description %v: %s", q.name, q.source, q.user, q.draft, q.tags, q.schedule,
			options, q.latest != 0, q.description, hash(q.text))
		for _, v := range s.visuals {
			if v.query == q.id {
				say("query %q of %d by %d: %s %q %v %v", q.name, q.source, q.user, v.kind, v.name, v.description, v.options)
			}
		}
	}
	for _, d := range s.dashboards {
		if d.archived {
			continue
		}
		say("dashboard %q by %d: draft %t, tags %v, options %v", d.name, d.user, d.draft, d.tags, d.options)
		for _, w := range s.widgets {
			if w.dashboard != d.id {
				continue
			}
			shown := "text"
			if v := s.visuals[w.visual]; v != nil {
				shown = fmt.Sprintf("%q of %q", v.name, s.queries[v.query].name)
			}
			say("dashboard %q by %d: %s %v: %s", d.name, d.user, shown, w.options, strings.ReplaceAll(fmt.Sprint(w.text), "\n", " "))
		}
	}
	for i, line := range out { // an address of a dashboard is a name, too
		out[i] = address.ReplaceAllStringFunc(line, func(m string) string {
			id, _ := strconv.Atoi(address.FindStringSubmatch(m)[1])
			if d := s.dashboards[id]; d != nil && !d.archived {
				return "/dashboards/" + d.name
			}
			return "/dashboards/?"
		})
	}
	slices.Sort(out)
	return out
}

var address = regexp.MustCompile(`/dashboards/(\d+)`)
