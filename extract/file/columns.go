package file

import (
	"slices"
	"strings"
)

// Kind is what the rows of a file are.
type Kind string

// The kinds of rows; they are the names of the streams, too.
const (
	Incidents   Kind = "incidents"
	Deployments Kind = "deployments"
)

// The columns that a file may have, by our names; their order is that of fields of a row. Columns that are other names
// for one before stand in other.
var (
	incidentColumns = []string{
		"id", "reference", "name", "permalink", "mode", "visibility", "severity", "severity_rank", "incident_type", "status",
		"status_category", "lead", "services", "created_at", "started_at", "reported_at", "impact_started_at",
		"acknowledged_at", "restored_at", "closed_at",
	}
	deploymentColumns = []string{
		"id", "service", "repository", "environment", "sha", "ref", "status", "url", "created_at", "finished_at",
	}
	other = map[Kind]map[string]string{
		Incidents:   {"incident_id": "id", "service": "services"},
		Deployments: {"deployment_id": "id"},
	}
)

// Columns are all names that a column of ours has.
func (k Kind) Columns() []string {
	out := slices.Clone(k.own())
	for name := range other[k] {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func (k Kind) own() []string {
	if k == Incidents {
		return incidentColumns
	}
	return deploymentColumns
}

// index gives the place of a column among the fields of a row.
func (k Kind) index(name string) int {
	if first, ok := other[k][name]; ok {
		name = first
	}
	return slices.Index(k.own(), name)
}

// fold makes names equal that differ in case only.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// binder finds for the columns of files what they are to us. It is for one set of files.
type binder struct {
	kind   Kind
	mapped map[string][]int // by the files' folded names
	taken  []bool           // columns of ours that the mapping gives another name
	known  map[string][]int // by the files' names as they are written: what was found before
	strays []string         // names that are nothing to us, in the order in which they came
}

func newBinder(s *Set) *binder {
	b := &binder{kind: s.Kind, mapped: map[string][]int{}, taken: make([]bool, len(s.Kind.own())), known: map[string][]int{}}
	for ours, theirs := range s.Mapping {
		i := s.Kind.index(ours)
		if i < 0 {
			continue // the configuration was checked
		}
		b.taken[i] = true
		b.mapped[fold(theirs)] = append(b.mapped[fold(theirs)], i)
	}
	return b
}

// places gives the fields that a column of a file fills; none for one that is nothing to us.
func (b *binder) places(name string) []int {
	places, ok := b.known[name]
	if ok {
		return places
	}
	places = slices.Clone(b.mapped[fold(name)])
	if i := b.kind.index(fold(name)); i >= 0 && !b.taken[i] {
		places = append(places, i)
	}
	slices.Sort(places)
	if len(b.known) < mostNames {
		b.known[strings.Clone(name)] = places
		if len(places) == 0 && name != "" {
			b.strays = append(b.strays, strings.Clone(name))
		}
	}
	return places
}

// mostNames bounds what is kept of the names of a file whose rows name their columns themselves.
const mostNames = 10_000

// fields puts the cells of a row where they belong. The problem is a column that stands twice.
func (b *binder) fields(cells []cell, out []value) (problem string) {
	clear(out)
	for _, c := range cells {
		for _, i := range b.places(c.name) {
			if out[i].kind != absent && c.value.kind != absent && out[i].text != c.value.text {
				return "has two columns for " + b.kind.own()[i] + ", which differ"
			}
			if c.value.kind != absent {
				out[i] = c.value
			}
		}
	}
	return ""
}
