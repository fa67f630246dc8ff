package incidentio

import (
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// query is a request's query string after it passed the checks.
type query struct {
	values   map[string]string // scalar parameters
	filters  []filter
	pageSize int
	after    string
}

// filter is one name[operator]=value or name[id][operator]=value, with all its values.
type filter struct {
	name, id, op string
	values       []string
}

// loose are the operators as bare parameter names: what a client sends that encodes a filter as exploded form. The real
// API ignores them, and so answers everything.
var loose = []string{"one_of", "not_in", "all_of", "gte", "lte", "date_range", "is", "is_blank", "starts_with"}

// checkQuery holds a query string against the endpoint's parameters in api.json.
func checkQuery(e *endpoint, given url.Values) (*query, *apiError) {
	q := &query{values: map[string]string{}}
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if slices.Contains(loose, name) {
			continue
		}
		base, keys, ok := brackets(name)
		p := e.param(base)
		if !ok || p == nil {
			return nil, invalid(name, "unknown_parameter", fmt.Sprintf("%s has no query parameter %q", e.Path, name))
		}
		var err *apiError
		if p.Type == "object" {
			err = q.addFilter(p, name, keys, given[name])
		} else {
			err = q.addScalar(p, name, keys, given[name])
		}
		if err != nil {
			return nil, err
		}
	}
	if err := q.checkBounds(e); err != nil {
		return nil, err
	}
	return q, q.checkRequired(e)
}

func (e *endpoint) param(name string) *param {
	for _, p := range e.Query {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// brackets takes name[a][b] apart.
func brackets(name string) (base string, keys []string, ok bool) {
	base, rest, _ := strings.Cut(name, "[")
	if rest == "" {
		return base, nil, base == name && base != ""
	}
	if !strings.HasSuffix(rest, "]") {
		return base, nil, false
	}
	return base, strings.Split(strings.TrimSuffix(rest, "]"), "]["), true
}

func (q *query) addFilter(p *param, name string, keys, values []string) *apiError {
	want := 1
	if p.keyed() {
		want = 2
	}
	if len(keys) != want {
		return invalid(name, "invalid_value", fmt.Sprintf("give %s as %s", p.Name, p.Wire))
	}
	f := filter{name: p.Name, op: keys[want-1], values: values}
	if p.keyed() {
		f.id = keys[0]
	}
	known := p.Operators
	if len(known) == 0 {
		known = []string{"one_of", "not_in", "is_blank"}
	}
	if !slices.Contains(known, f.op) {
		return invalid(name, "unknown_operator", fmt.Sprintf("%s knows the operators %s", p.Name, strings.Join(known, ", ")))
	}
	for _, v := range values {
		if v == "" || len(p.Values) > 0 && !slices.Contains(p.Values, v) {
			return invalid(name, "invalid_value", fmt.Sprintf("%q is none of %s", v, strings.Join(p.Values, ", ")))
		}
	}
	if f.op != "one_of" && f.op != "not_in" && f.op != "all_of" && len(values) > 1 {
		return invalid(name, "invalid_value", f.op+" takes one value")
	}
	q.filters = append(q.filters, f)
	return nil
}

func (q *query) addScalar(p *param, name string, keys, values []string) *apiError {
	if len(keys) > 0 {
		return invalid(name, "unknown_operator", p.Name+" takes no operator")
	}
	if len(values) > 1 && p.Type != "array" {
		return invalid(name, "invalid_value", p.Name+" is given more than once")
	}
	v := values[0]
	switch {
	case p.Type == "integer":
		n, err := strconv.Atoi(v)
		least := 1
		if p.Min != nil {
			least = *p.Min
		}
		if err != nil || n < least || p.Max != nil && n > *p.Max {
			return invalid(name, "invalid_value", fmt.Sprintf("%s must be a whole number from %d to the most that is allowed", name, least))
		}
		if name == "page_size" {
			q.pageSize = n
			if p.EffectiveMax > 0 {
				q.pageSize = min(n, p.EffectiveMax)
			}
		}
	case p.Type == "boolean" && v != "true" && v != "false":
		return invalid(name, "invalid_value", name+" must be true or false")
	case len(p.Enum) > 0 && !slices.Contains(p.Enum, v):
		return invalid(name, "invalid_value", fmt.Sprintf("%s must be one of %s", name, strings.Join(p.Enum, ", ")))
	case name == "after":
		if _, ok := idTime(v); !ok {
			return invalid(name, "invalid_value", "after is no cursor of this API")
		}
		q.after = v
	}
	q.values[p.Name] = v
	return nil
}

// checkBounds refuses gte together with lte on one time.
func (q *query) checkBounds(e *endpoint) *apiError {
	ops := map[string]int{}
	for _, f := range q.filters {
		if e.param(f.name).timed() {
			ops[f.name]++
		}
		if ops[f.name] > 1 {
			return invalid(f.name, "invalid_value", "Use date_range to give two bounds.")
		}
	}
	return nil
}

func (q *query) checkRequired(e *endpoint) *apiError {
	for _, p := range e.Query {
		if _, here := q.values[p.Name]; p.Required && !here {
			return invalid(p.Name, "is_required", p.Name+" is required")
		}
	}
	if p := e.param("page_size"); p != nil && q.pageSize == 0 {
		q.pageSize = 25
		if d, ok := p.Default.(float64); ok {
			q.pageSize = int(d)
		}
	}
	return nil
}
