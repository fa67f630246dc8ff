package propose

import (
	"fmt"
	"slices"
	"strings"

	"fourfold/extract/github"
)

// service is one that is proposed.
type service struct {
	name, team string
	repos      []github.Seen
	named      []naming
	notes      []string // where it came from
}

// naming is a field and what of its values names the service.
type naming struct {
	field  string
	values []string
}

// most are how many services are proposed.
const most = 100

// services are those of repositories that deploy, then those that incident.io alone knows.
type services struct {
	list  []*service
	field string // that names services first of all
	left  int    // that there was no room for
}

func newServices(code *codebase, incidents *account) *services {
	s := &services{}
	if code != nil {
		for _, r := range code.deploying("") {
			s.ofRepository(r)
		}
	}
	if incidents != nil {
		s.fromFields(incidents.fields)
	}
	if n := len(s.list) - most; n > 0 {
		s.list, s.left = s.list[:most], n
	}
	for _, x := range s.list {
		if len(x.repos) == 0 && code != nil && len(code.seen) > 0 {
			x.notes = append(x.notes, "no repository with deployments has this name")
		}
	}
	return s
}

func (s *services) names() []string {
	out := make([]string, len(s.list))
	for i, x := range s.list {
		out[i] = x.name
	}
	return out
}

// ofRepository adds the service of a repository: the last part of its name, as it has by default. Repositories of one
// name are one service.
func (s *services) ofRepository(r github.Seen) {
	name := lastPartOf(r.Name)
	for _, x := range s.list {
		if strings.EqualFold(x.name, name) {
			x.repos = append(x.repos, r)
			return
		}
	}
	s.list = append(s.list, &service{name: name, repos: []github.Seen{r}})
}

// fromFields finds the fields whose values name services. The one that suits best, and those that are called so, may add
// services of their own; of the others a value counts only where it names one that is there already.
func (s *services) fromFields(fields []field) {
	known := s.names()
	best, bestScore := -1, 0
	scores := make([]int, len(fields))
	for i := range fields {
		f := &fields[i]
		if !f.isSelect() || len(f.values) == 0 {
			continue
		}
		matched := 0
		for _, v := range f.values {
			if at, _ := matchAny(v, known); at >= 0 {
				matched++
			}
		}
		if scores[i] = 2 * f.suits(); matched >= 2 || matched > 0 && 2*matched >= len(f.values) {
			scores[i] += min(matched, 3)
		}
		if scores[i] > bestScore {
			best, bestScore = i, scores[i]
		}
	}
	if best < 0 {
		return
	}
	s.field = fields[best].Name
	s.fromField(&fields[best], true)
	taken := []string{strings.ToLower(s.field)}
	for i := range fields {
		name := strings.ToLower(fields[i].Name)
		if i != best && scores[i] > 0 && !slices.Contains(taken, name) {
			s.fromField(&fields[i], fields[i].suits() > 1)
			taken = append(taken, name)
		}
	}
}

// matchAny tries a value, then what else an entry is called.
func matchAny(v value, names []string) (at int, guess bool) {
	if at, guess = match(v.text, names); at >= 0 && !guess {
		return at, false
	}
	for _, other := range v.also {
		if k, g := match(other, names); k >= 0 && (at < 0 || !g) {
			at, guess = k, g
		}
	}
	return at, guess
}

func (s *services) fromField(f *field, add bool) {
	what := fmt.Sprintf("option of %q", f.Name)
	if f.catalog != nil {
		what = fmt.Sprintf("entry of the catalog type %q, which fills %q", f.catalog.Name, f.Name)
	}
	known := s.names()
	var seen []string
	for _, v := range f.values {
		text := strings.TrimSpace(v.text)
		if text == "" || slices.Contains(seen, strings.ToLower(text)) {
			continue
		}
		seen = append(seen, strings.ToLower(text))
		at, guess := matchAny(v, known)
		if at < 0 && (!add || slices.ContainsFunc(s.list, func(x *service) bool { return strings.EqualFold(x.name, text) })) {
			continue
		}
		if at < 0 {
			at = len(s.list)
			s.list = append(s.list, &service{name: text})
		}
		x := s.list[at]
		x.name2value(f.Name, v.text)
		if guess {
			x.notes = append(x.notes, fmt.Sprintf("%q is a guess, by a name that is nearly the same (%s)", text, what))
		} else if add {
			x.notes = append(x.notes, "from incident.io: "+what)
		}
		if v.team != "" && x.team == "" {
			x.team = v.team
			x.notes = append(x.notes, fmt.Sprintf("team: its attribute %q in the catalog", v.which))
		}
	}
}

func (x *service) name2value(field, value string) {
	if n := len(x.named); n > 0 && x.named[n-1].field == field {
		x.named[n-1].values = append(x.named[n-1].values, value)
		return
	}
	x.named = append(x.named, naming{field, []string{value}})
}
