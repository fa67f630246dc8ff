package file

import (
	"strings"

	"github.com/valyala/fastjson"
)

// visibility is public where the file says that or nothing: another word, such as confidential, must not make an
// incident public.
func (j *judge) visibility() {
	v := j.value("visibility")
	j.private = v.kind != absent && fold(v.text) != "public"
	if j.private {
		j.put("visibility", "private")
	} else {
		j.put("visibility", "public")
	}
}

// incident writes the members of an incident after its id. Modes and categories pass as they are: the rules I1 and I2
// name those that they do not know.
func (j *judge) incident() {
	for _, name := range [...]string{"reference", "name"} {
		j.text(name)
	}
	j.link("permalink")
	if s, ok := j.scalar("mode"); ok {
		j.put("mode", fold(s))
	}
	j.text("severity")
	j.integer("severity_rank")
	j.text("incident_type")
	j.text("status")
	if s, ok := j.scalar("status_category"); ok {
		if s = fold(s); s == "cancelled" {
			s = "canceled"
		}
		j.put("status_category", s)
	}
	if s, ok := j.scalar("lead"); ok {
		j.member("lead")
		j.out = person(j.out, s)
	}
	j.services()
	j.times()
}

// times writes the times of an incident. Histories often do not say when an incident was declared: then it was when it was
// reported or, where that is not said either, when it started.
func (j *judge) times() {
	declared := ""
	for _, name := range [...]string{"created_at", "reported_at", "started_at", "impact_started_at"} {
		if at, ok := j.moment(name); ok && declared == "" {
			if declared = name; name != "created_at" {
				j.put("created_at", at.UTC().Format(instantLayout))
			}
		}
	}
	for _, name := range [...]string{"acknowledged_at", "restored_at", "closed_at"} {
		j.moment(name)
	}
	if declared == "" && !j.aside {
		j.reject("created_at", "missing: no column says when it was declared, reported or started")
	}
}

// person appends a person as the privacy policy knows one.
func person(dst []byte, who string) []byte {
	dst = append(dst, `{"email":`...)
	if strings.Contains(who, "@") {
		dst = quoted(dst, who)
	} else {
		dst = append(dst, `""`...)
	}
	dst = append(dst, `,"name":`...)
	return append(quoted(dst, who), '}')
}

// services writes the names of the services: a list, or a text with , ; or | between them, or the text of a JSON array.
func (j *judge) services() {
	names := serviceNames(j.value("services"))
	if len(names) == 0 && j.set.Service != "" {
		names = []string{j.set.Service}
	}
	if v := j.value("services"); v.kind == nested {
		j.leave("services", j.unfit("names of services", v))
	}
	j.member("services")
	j.out = append(j.out, '[')
	for i, name := range names {
		if i > 0 {
			j.out = append(j.out, ',')
		}
		j.out = quoted(j.out, name)
	}
	j.out = append(j.out, ']')
}

func serviceNames(v value) []string {
	var items []string
	switch v.kind {
	case list:
		items = v.items
	case text, literal:
		items = strings.FieldsFunc(v.text, func(r rune) bool { return strings.ContainsRune(",;|、", r) })
		if strings.HasPrefix(v.text, "[") {
			if parsed, err := fastjson.Parse(v.text); err == nil {
				if x := decoded(parsed); x.kind == list {
					items = x.items
				}
			}
		}
	}
	var names []string
	seen := map[string]bool{}
	for _, item := range items {
		if item = strings.TrimSpace(item); item != "" && !seen[fold(item)] {
			seen[fold(item)] = true
			names = append(names, item)
		}
	}
	return names
}
