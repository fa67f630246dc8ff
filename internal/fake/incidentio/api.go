package incidentio

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"
)

//go:embed api.json
var apiJSON []byte

// api is the description that requests and answers are held against.
type api struct {
	Endpoints []*endpoint        `json:"endpoints"`
	Schemas   map[string]*schema `json:"schemas"`
}

type endpoint struct {
	Method     string   `json:"method"`
	Path       string   `json:"path"`
	Query      []*param `json:"query"`
	PathParams []string `json:"path_params"`
	Response   struct {
		Key       string   `json:"key"`
		Schema    string   `json:"schema"`
		List      bool     `json:"list"`
		Envelope  string   `json:"envelope"`
		OtherKeys []string `json:"other_keys"`
	} `json:"response"`
	Pagination struct {
		Kind string `json:"kind"`
	} `json:"pagination"`
	Permission         []string `json:"permission"`
	RateLimitPerMinute int      `json:"rate_limit_per_minute"`

	segments []string
}

type param struct {
	Name         string   `json:"name"`
	Type         string   `json:"type"`
	Required     bool     `json:"required"`
	Enum         []string `json:"enum"`
	Operators    []string `json:"operators"`
	Values       []string `json:"values"`
	Wire         string   `json:"wire"`
	Min          *int     `json:"min"`
	Max          *int     `json:"max"`
	EffectiveMax int      `json:"effective_max"`
	Default      any      `json:"default"`
}

// keyed tells a parameter of the form name[<id>][<operator>].
func (p *param) keyed() bool { return strings.Contains(p.Wire, "[<id>]") }

// timed tells a filter on a time: the only ones that know date_range.
func (p *param) timed() bool {
	for _, o := range p.Operators {
		if o == "date_range" {
			return true
		}
	}
	return false
}

// schema is one type of the description: an object with fields, or the type of a field.
type schema struct {
	Type      string             `json:"type"`
	Ref       string             `json:"ref"`
	Fields    map[string]*schema `json:"fields"`
	Items     *schema            `json:"items"`
	MapOf     *schema            `json:"map_of"`
	Enum      []string           `json:"enum"`
	Format    string             `json:"format"`
	MaxLength int                `json:"maxLength"`
	Required  bool               `json:"required"`
	Nullable  bool               `json:"nullable"`
}

// description reads the embedded api.json once.
var description = sync.OnceValue(func() *api {
	a := &api{}
	if err := json.Unmarshal(apiJSON, a); err != nil {
		panic("incidentio fake: the embedded api.json is broken: " + err.Error())
	}
	for _, e := range a.Endpoints {
		e.segments = strings.Split(strings.Trim(e.Path, "/"), "/")
	}
	return a
})

// route finds the endpoint of a path and its path parameters; a literal segment wins over a parameter. The endpoint is
// nil if there is none.
func (a *api) route(path string) (*endpoint, map[string]string) {
	got := strings.Split(strings.Trim(path, "/"), "/")
	var best *endpoint
	var params map[string]string
	for _, e := range a.Endpoints {
		if p, ok := match(e.segments, got); ok && (best == nil || len(p) < len(params)) {
			best, params = e, p
		}
	}
	return best, params
}

func match(want, got []string) (map[string]string, bool) {
	if len(want) != len(got) {
		return nil, false
	}
	params := map[string]string{}
	for i, w := range want {
		switch {
		case strings.HasPrefix(w, "{"):
			if got[i] == "" {
				return nil, false
			}
			params[strings.Trim(w, "{}")] = got[i]
		case w != got[i]:
			return nil, false
		}
	}
	return params, true
}

// minimal is the smallest value that a schema accepts: for what the organisation does not hold.
func (a *api) minimal(s *schema) any {
	if s.Ref != "" {
		return a.minimal(a.Schemas[s.Ref])
	}
	switch s.Type {
	case "array":
		return []any{}
	case "string":
		if len(s.Enum) > 0 {
			return s.Enum[0]
		}
		if s.Format == "date-time" {
			return "2024-01-01T00:00:00Z"
		}
		return ""
	case "integer", "number":
		return 0
	case "boolean":
		return false
	}
	object := map[string]any{}
	for name, f := range s.Fields {
		if f.Required {
			object[name] = a.minimal(f)
		}
	}
	return object
}
