package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// misread is a part of an address that was not understood. Pages say so and show something else; files, which nobody reads
// before they are used, are refused.
type misread struct {
	Parameter string `json:"parameter"`
	Value     string `json:"value"`
	Problem   string `json:"problem"` // for who wrote the address, in English
	kind      string // of what a page says about it
}

// The parameters of an address, and what the form adds to them.
var parameters = []string{
	"period", "range", "from", "to", "severity", "type", "field", "service", "team", "repository", "key", "counted", "incident", "lang", "theme", "kiosk", "screen", "dated",
}

// reading takes an address apart and notes what it does not understand.
type reading struct {
	q     url.Values
	wrong []misread
}

func (r *reading) misread(kind, parameter, value, problem string) {
	r.wrong = append(r.wrong, misread{parameter, printable(value), problem, kind})
}

// printable makes a text that can be shown whatever it is.
func printable(s string) string {
	const long = 60
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if utf8.RuneCountInString(s) > long {
		s = string([]rune(s)[:long]) + "…"
	}
	return s
}

// one gives the value of a parameter; "" where there is none.
func (r *reading) one(parameter string) string {
	values := slices.DeleteFunc(slices.Clone(r.q[parameter]), func(v string) bool { return v == "" })
	if len(values) == 0 {
		return ""
	}
	v := values[0]
	switch {
	case len(v) > maxChoice:
		r.misread("left", parameter, v, fmt.Sprintf("it is longer than %d bytes", maxChoice))
		return ""
	case strings.ContainsRune(v, 0) || !utf8.ValidString(v):
		r.misread("left", parameter, v, "it is no text in UTF-8")
		return ""
	}
	if slices.ContainsFunc(values, func(other string) bool { return other != v }) {
		r.misread("several", parameter, v, "it is given several times; give one value")
	}
	return v
}

// of gives a value that is one of some.
func (r *reading) of(parameter string, choices []string, otherwise string) string {
	v := r.one(parameter)
	if slices.Contains(choices, v) {
		return v
	}
	if v != "" {
		r.misread("choice", parameter, v, "choose one of "+strings.Join(choices, ", "))
	}
	return otherwise
}

func (r *reading) date(parameter string) string {
	v := r.one(parameter)
	if v == "" {
		return ""
	}
	if _, err := parseDay(v); err != nil {
		r.misread("choice", parameter, v, "write a date as 2026-11-25")
		return ""
	}
	return v
}

// unknown notes the parameters that there are not. What other programs put to any address is theirs: campaigns, and numbers against caches.
func (r *reading) unknown() {
	var names []string
	for name := range r.q {
		if !slices.Contains(parameters, name) && !strings.HasPrefix(name, "_") && !strings.HasPrefix(name, "utm_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		r.misread("unknown", printable(name), r.q.Get(name), "there is no such parameter; there are "+strings.Join(parameters[:len(parameters)-1], ", "))
	}
}

// filterOf reads the address of a request.
func filterOf(r *http.Request) filter {
	q, err := url.ParseQuery(r.URL.RawQuery)
	read := reading{q: q}
	if err != nil {
		read.misread("malformed", "", r.URL.RawQuery, "a part of it is malformed: "+err.Error())
	}
	return read.filter()
}

// wrong are the parts of the address that were not understood.
func (f filter) wrong(b buildInfo) []misread {
	var out []misread
	for _, line := range strings.Split(f.misread, "\n") {
		var m [4]string
		if line == "" {
			continue
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			panic("web: " + err.Error()) // it was written by keep
		}
		out = append(out, misread{m[0], m[1], m[2], m[3]})
	}
	if f.From > b.AsOfDate.String() {
		out = append(out, misread{"from", f.From, "the data ends on " + b.AsOfDate.String(), "future"})
	}
	return out
}

// keep writes what was not understood as a text, so that filters can be compared.
func (r *reading) keep() string {
	var lines []string
	for _, m := range r.wrong {
		line, err := json.Marshal([4]string{m.Parameter, m.Value, m.Problem, m.kind})
		if err != nil {
			panic("web: " + err.Error()) // texts only
		}
		lines = append(lines, string(line))
	}
	return strings.Join(lines, "\n")
}

// misreadText says what of the address was not understood, and what is shown in its place; "" where all was.
func (m *maker) misreadText(asked filter) string {
	var items []string
	for _, x := range asked.wrong(m.b) {
		given := x.Parameter + "=" + x.Value
		switch x.kind {
		case "unknown":
			items = append(items, m.l.t("misread_unknown", "parameter", x.Parameter))
		case "malformed":
			items = append(items, m.l.t("misread_malformed"))
		case "several":
			items = append(items, m.l.t("misread_several", "parameter", x.Parameter, "value", x.Value))
		case "order", "alone", "future":
			items = append(items, m.l.t("misread_"+x.kind, "given", given, "shown", m.shownFor("range")))
		default:
			if shown := m.shownFor(x.Parameter); x.kind == "choice" && shown != "" {
				items = append(items, m.l.t("misread_shown", "given", given, "shown", shown))
			} else {
				items = append(items, m.l.t("misread_left", "given", given))
			}
		}
	}
	if items == nil {
		return ""
	}
	return m.l.t("misread_text", "what", strings.Join(items, m.l.t("misread_joint")))
}

// shownFor is what is shown where a parameter is not understood; "" where it is as if it were not there.
func (m *maker) shownFor(parameter string) string {
	switch parameter {
	case "period":
		return m.l.t("choice_" + m.f.Period)
	case "range", "from", "to":
		if m.f.From != "" {
			return m.l.t("interval", "low", m.l.Date(m.span.From), "high", m.l.Date(m.span.AsOf))
		}
		return m.l.t("choice_" + m.f.Range)
	case "lang":
		return m.l.t("lang_" + m.l.Code)
	}
	return ""
}

// nowhere says which values that were chosen the build does not have: nothing is shown of them.
func (m *maker) nowhere(filters []string, board string) []string {
	var out []string
	for _, c := range choosers {
		value := c.value(m.f)
		if value == "" || !slices.Contains(filters, c.parameter) || m.has(c, value) {
			continue
		}
		key := "filter_nowhere"
		if c.parameter == "field" || c.parameter == "team" && board == "follow_ups" { // what is offered is not all that there is
			key = "filter_not_listed"
		}
		out = append(out, m.l.t(key, "filter", m.l.t("filter_"+c.name), "value", printable(value)))
	}
	return out
}

// has says whether a filter offers a value.
func (m *maker) has(c chooser, value string) bool {
	if c.parameter == "field" {
		return slices.ContainsFunc(m.b.Fields, func(v fieldValue) bool { return v.text() == value })
	}
	return slices.Contains(m.b.Choices[c.parameter], value)
}

// misreadError is why a file is refused.
type misreadError struct{ parts []misread }

func (e misreadError) Error() string {
	var parts []string
	for _, m := range e.parts {
		parts = append(parts, strings.TrimPrefix(m.Parameter+"="+m.Value, "=")+": "+m.Problem)
	}
	return "the address was not understood: " + strings.Join(parts, "; ")
}

// understood is an error where a part of the address was not understood.
func (f filter) understood(b buildInfo) error {
	if parts := f.wrong(b); parts != nil {
		return misreadError{parts}
	}
	return nil
}

// serveMisread refuses an address, and says why as JSON; false where that is not what failed.
func serveMisread(w http.ResponseWriter, r *http.Request, err error) bool {
	var wrong misreadError
	if !errors.As(err, &wrong) {
		return false
	}
	body, err := json.Marshal(map[string]any{"error": wrong.Error(), "parameters": wrong.parts})
	if err != nil {
		panic("web: " + err.Error()) // texts only
	}
	w.Header().Del("ETag")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	write(w, r, http.StatusBadRequest, append(body, '\n'))
	return true
}
