package web

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// filter is what a visitor chose. Everything is in the address, so a page can be shared.
type filter struct {
	Period   string // week, month or quarter
	Range    string // 12w, 26w, 6m, 12m, 18m, 24m or all; "" where nobody chose
	From, To string // local dates that take the place of Range where there is a From, both inclusive; To "" is today
	Severity string // "" for all, here and below
	Type     string // of incidents
	Field    string // "NAME: VALUE" of a custom field of incidents
	Service  string
	Team     string
	// Repository narrows what is deployed: incidents name none.
	Repository string
	Key        string // the key whose trend is shown; "" for all
	Counted    string // "" or all: list incidents that do not count, too
	Incident   string // an incident to show whether or not it is among the latest
	Lang       string // "" for the configured one
	Theme      string // light or dark; "" is what the visitor's system has
	Kiosk      string // for a screen on a wall: on, or rotate to go on to the next page; "" for people at a desk
	Screen     int    // of the page on a wall, from 1 on; 0 for the first
	misread    string // what of the address was not understood, as reading keeps it
}

var (
	periodChoices = []string{"week", "month", "quarter"}
	rangeChoices  = []string{"12w", "26w", "6m", "12m", "18m", "24m", "all"}
)

const (
	defaultPeriod = "month"
	defaultRange  = "12m"
	maxChoice     = 1000 // bytes of a value; more is not a name
)

// parseFilter reads an address. What cannot be understood is as if it were not there, so that an old link still works; it is said.
func parseFilter(q url.Values) filter {
	r := reading{q: q}
	return r.filter()
}

func (r *reading) filter() filter {
	f := filter{
		Period:     r.of("period", periodChoices, defaultPeriod),
		Range:      r.of("range", rangeChoices, ""),
		From:       r.date("from"),
		To:         r.date("to"),
		Severity:   r.one("severity"),
		Type:       r.one("type"),
		Field:      r.one("field"),
		Service:    r.one("service"),
		Team:       r.one("team"),
		Repository: r.one("repository"),
		Key:        r.of("key", keyNames(), ""),
		Counted:    r.of("counted", []string{"all"}, ""),
		Incident:   r.one("incident"),
		Lang:       r.of("lang", languages, ""),
		Theme:      r.of("theme", themes, ""),
	}
	if v := r.q.Get("kiosk"); v == "1" || v == "true" || v == "" && r.q.Has("kiosk") { // ?kiosk alone
		f.Kiosk = kioskOn
	} else {
		f.Kiosk = r.of("kiosk", []string{kioskOn, kioskRotate}, "")
	}
	f.Screen = r.screen(f.Kiosk)
	// The form has a range and dates: what was not there before is what somebody chose.
	switch {
	case f.Range != "" && r.q.Get("dated") != "":
		f.From, f.To = "", ""
	case f.From == "":
		if f.To != "" && r.q.Get("from") == "" {
			r.misread("alone", "to", f.To, "give from as well")
		}
		f.To = ""
	case f.To != "" && f.To < f.From:
		r.misread("order", "to", f.To, "it is before from="+f.From)
		f.From, f.To = "", ""
	}
	if f.From != "" {
		f.Range = ""
	}
	r.unknown()
	f.misread = r.keep()
	return f
}

var themes = []string{"light", "dark"}

// screen is the number of a screen of a page; 0 for the first, and where there is no wall.
func (r *reading) screen(kiosk string) int {
	v := r.one("screen")
	n, err := strconv.Atoi(v)
	switch {
	case v == "" || kiosk == "" && err == nil:
		return 0
	case err != nil || n < 1 || n > 1000:
		r.misread("left", "screen", v, "give a number from 1 on")
		return 0
	case n == 1:
		return 0
	}
	return n
}

// What a screen on a wall does.
const (
	kioskOn     = "on"
	kioskRotate = "rotate"
)

// query is the shortest address of the filter; the same filter always has the same one.
func (f filter) query() string {
	q := url.Values{}
	set := func(key, value, usual string) {
		if value != usual {
			q.Set(key, value)
		}
	}
	set("period", f.Period, defaultPeriod)
	set("range", f.Range, "")
	set("from", f.From, "")
	set("to", f.To, "")
	set("type", f.Type, "")
	set("field", f.Field, "")
	set("theme", f.Theme, "")
	set("kiosk", f.Kiosk, "")
	set("screen", strconv.Itoa(f.Screen), "0")
	set("severity", f.Severity, "")
	set("service", f.Service, "")
	set("team", f.Team, "")
	set("repository", f.Repository, "")
	set("key", f.Key, "")
	set("counted", f.Counted, "")
	set("incident", f.Incident, "")
	set("lang", f.Lang, "")
	return q.Encode()
}

// link is an address relative to the page, which works behind any proxy and prefix.
func (f filter) link(path string) string {
	if q := f.query(); q != "" {
		return path + "?" + q
	}
	if path == "" {
		return "./"
	}
	return path
}

// alone is a filter that narrows nothing: what of the address is not about the data stays.
func (f filter) alone() filter {
	return filter{Period: defaultPeriod, Lang: f.Lang, Theme: f.Theme, Kiosk: f.Kiosk}
}

// field is the custom field and the value that were chosen, as the build has them; what it has not is cut at the first colon.
func (f filter) field(b buildInfo) (name, value string) {
	for _, x := range b.Fields {
		if x.text() == f.Field {
			return x.Name, x.Value
		}
	}
	name, value, _ = strings.Cut(f.Field, fieldJoint)
	return name, value
}

// fieldValue is a value that incidents have in a custom field.
type fieldValue struct{ Name, Value string }

const fieldJoint = ": "

func (v fieldValue) text() string { return v.Name + fieldJoint + v.Value }

// chosen gives the range where nobody chose one: the usual one, or everything if that would be empty because the data
// ends before it.
func (f filter) chosen(b buildInfo) filter {
	if f.From > b.AsOfDate.String() {
		f.From, f.To = "", "" // nothing is known of it yet
	}
	if f.From != "" {
		f.Range = ""
		return f
	}
	if f.Range != "" {
		return f
	}
	f.Range = defaultRange
	if from := f.span(b.Calendar, b.AsOfDate, b.FirstDate).From; from.after(b.LastDate) {
		f.Range = "all"
	}
	return f
}

// span is the time that a filter covers, in local dates.
type span struct {
	From, AsOf day       // both inclusive; From begins a period
	FromAt     time.Time // the instant at which From begins
	BeforeFrom day       // the days before From, as many as the range has, to compare with; none for everything
	BeforeTo   day
	ToAt       time.Time // the instant at which the day after AsOf begins
}

// span gives the range: the days that were asked for, or whole periods, the open one and those before it that the range covers.
func (f filter) span(cal calendar, asOf, first day) span {
	if from, err := parseDay(f.From); err == nil && !from.after(asOf) {
		if first.after(from) {
			from = first // there is nothing before it
		}
		to := asOf
		if until, err := parseDay(f.To); err == nil && !until.after(asOf) && !from.after(until) {
			to = until
		}
		return span{
			From: from, AsOf: to, FromAt: cal.midnight(from), ToAt: cal.midnight(to.addDays(1)),
			BeforeFrom: from.addDays(-from.daysTo(to) - 1), BeforeTo: from.addDays(-1),
		}
	}
	if f.Range == "" {
		f.Range = defaultRange
	}
	open := cal.start(f.Period, asOf)
	from := first
	if f.Range != "all" {
		n, err := strconv.Atoi(f.Range[:len(f.Range)-1])
		if err != nil {
			panic("web: range " + f.Range) // rangeChoices are numbers and a unit
		}
		if strings.HasSuffix(f.Range, "w") {
			from = open.addDays(-7 * n)
		} else {
			from = open.addMonths(-n)
		}
	}
	from = cal.start(f.Period, from)
	if from.after(open) {
		from = open
	}
	sp := span{From: from, AsOf: asOf, FromAt: cal.midnight(from), ToAt: cal.midnight(asOf.addDays(1)), BeforeFrom: from, BeforeTo: from.addDays(-1)}
	if f.Range != "all" {
		sp.BeforeFrom = from.addDays(-from.daysTo(asOf) - 1)
	}
	return sp
}

// params are the parameters of the catalogue's queries.
func (f filter) params(b buildInfo, sp span, latest, rowLimit int) map[string]any {
	field, value := f.field(b)
	return map[string]any{
		"incident_type":    f.Type,
		"field":            field,
		"field_value":      value,
		"period":           f.Period,
		"from_date":        sp.From.String(),
		"as_of_date":       sp.AsOf.String(),
		"from_at":          sp.FromAt,
		"to_at":            sp.ToAt,
		"as_of":            b.AsOf,
		"severity":         f.Severity,
		"service":          f.Service,
		"team":             f.Team,
		"repository":       f.Repository,
		"before_from_date": sp.BeforeFrom.String(),
		"before_to_date":   sp.BeforeTo.String(),
		"counted":          f.Counted,
		"incident":         f.Incident,
		"latest":           int64(latest),
		"row_limit":        int64(rowLimit),
		"week_anchor":      b.Calendar.weekAnchor(),
	}
}
