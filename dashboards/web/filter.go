package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// filter is what a visitor chose. Everything is in the address, so a page can be shared.
type filter struct {
	Period   string // week, month or quarter
	Range    string // 12w, 26w, 6m, 12m, 18m, 24m or all; "" where nobody chose
	Severity string // "" for all, here and below
	Service  string
	Team     string
	// Repository narrows what is deployed: incidents name none.
	Repository string
	Key        string // the key whose trend is shown; "" for all
	Counted    string // "" or all: list incidents that do not count, too
	Incident   string // an incident to show whether or not it is among the latest
	Lang       string // "" for the configured one
}

var (
	periodChoices = []string{"week", "month", "quarter"}
	rangeChoices  = []string{"12w", "26w", "6m", "12m", "18m", "24m", "all"}
)

const (
	defaultPeriod = "month"
	defaultRange  = "12m"
	maxChoice     = 200 // bytes of a value; more is not a name
)

// parseFilter reads an address. What cannot be understood is as if it were not there, so that an old link still works.
func parseFilter(q url.Values) filter {
	one := func(key string) string {
		v := q.Get(key)
		if len(v) > maxChoice || strings.ContainsRune(v, 0) {
			return ""
		}
		return v
	}
	of := func(key string, choices []string, otherwise string) string {
		if v := one(key); slices.Contains(choices, v) {
			return v
		}
		return otherwise
	}
	return filter{
		Period:     of("period", periodChoices, defaultPeriod),
		Range:      of("range", rangeChoices, ""),
		Severity:   one("severity"),
		Service:    one("service"),
		Team:       one("team"),
		Repository: one("repository"),
		Key:        of("key", keyNames(), ""),
		Counted:    of("counted", []string{"all"}, ""),
		Incident:   one("incident"),
		Lang:       of("lang", languages, ""),
	}
}

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

// chosen gives the range where nobody chose one: the usual one, or everything if that would be empty because the data
// ends before it.
func (f filter) chosen(b buildInfo) filter {
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

// span gives the range in whole periods: the open one and those before it that the range covers.
func (f filter) span(cal calendar, asOf, first day) span {
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
	return map[string]any{
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
		"incident_type":    "",
		"field":            "",
		"field_value":      "",
		"before_from_date": sp.BeforeFrom.String(),
		"before_to_date":   sp.BeforeTo.String(),
		"counted":          f.Counted,
		"incident":         f.Incident,
		"latest":           int64(latest),
		"row_limit":        int64(rowLimit),
		"week_anchor":      b.Calendar.weekAnchor(),
	}
}
