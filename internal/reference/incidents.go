package reference

import (
	"slices"
	"sort"
	"strings"
	"time"
)

// Incident is what the rules make of one incident.
type Incident struct {
	ID, Reference  string
	Counted        bool
	Why            string // the rule that keeps it from counting: I1, I2, I3 or I7
	Severity, Type string // empty if it has none
	Declared       string // the severity that it was declared with
	Services       []string
	Teams          []string
	Fields         []FieldValue
	Mode, Category string

	Created    time.Time
	Start      time.Time
	StartBasis string
	End        time.Time // zero while it is open
	EndBasis   string
	Accepted   time.Time // zero if it was not
	AckBasis   string
	Closed     time.Time
	Reopened   int

	Restore     *int64 // seconds; nil while it is open, or if the end is before the start
	Acknowledge *int64 // seconds; nil if it was not, or before the start
	Durations   []Between

	raw map[string]any
}

// FieldValue is a value of a custom field, each once.
type FieldValue struct {
	Field, Value string
	Select       bool   // of a field with options
	former       string // what the field was called before, a line each
}

// isOf tells whether it is of the field that the configuration names, perhaps as it was called before.
func (f FieldValue) isOf(name string) bool {
	return same(f.Field, name) || slices.ContainsFunc(strings.Split(f.former, "\n"), func(x string) bool { return x != "" && same(x, name) })
}

// Between is one of the further durations that an incident has both ends of.
type Between struct {
	Name     string
	From, To time.Time
	Seconds  *int64 // nil if the end is before the start (C5)
}

// Incidents applies the rules to every incident that may be in an output; private ones are left out unless they count
// (I3). Ordered by id.
func Incidents(o Objects, s Settings) []Incident {
	history := statusHistory(o)
	floor := severityFloor(o, s)
	declared := declaredSeverities(o)
	var out []Incident
	for _, raw := range o["incidents"] {
		if text(raw, "visibility") == "private" && !s.Private {
			continue
		}
		i := one(raw, history[text(raw, "id")], s, floor)
		i.Declared = declaredAs(raw, declared[i.ID])
		out = append(out, i)
	}
	sort.Slice(out, func(a, b int) bool { return out[a].ID < out[b].ID })
	return out
}

func one(raw map[string]any, history []step, s Settings, floor int64) Incident {
	i := Incident{
		ID: text(raw, "id"), Reference: text(raw, "reference"), Severity: text(raw, "severity", "name"), Type: text(raw, "incident_type", "name"),
		Mode: text(raw, "mode"), Category: text(raw, "incident_status", "category"), Created: instant(text(raw, "created_at")), raw: raw,
	}
	i.Why = excluded(raw, s, floor)
	i.Counted = i.Why == ""
	i.Fields = fields(raw)
	i.Services, i.Teams = services(raw, i.Fields, s)

	work := workHistory(history)
	words := map[string]time.Time{"created_at": i.Created, "left_live": work.firstLeft, "entered_live": work.entered}
	i.Start, i.StartBasis = first(raw, s.Start, words)
	i.Reopened = work.reopened
	if work.reopened > 0 { // I5
		if !work.liveAtLast {
			i.End, i.EndBasis = work.lastLeft, "left_live"
		}
	} else {
		i.End, i.EndBasis = first(raw, s.End, words)
	}
	// What a file says itself comes before the timestamps.
	if at := instant(text(raw, "started_at")); !at.IsZero() {
		i.Start, i.StartBasis = at, "started_at"
	}
	if at := instant(text(raw, "restored_at")); !at.IsZero() {
		i.End, i.EndBasis = at, "restored_at"
	}
	i.Accepted, i.AckBasis = first(raw, s.Acknowledge, words)
	i.Restore, i.Acknowledge = seconds(i.Start, i.End), seconds(i.Start, i.Accepted)
	if i.Closed = stamp(raw, "Closed at"); i.Closed.IsZero() && i.Category == "closed" {
		i.Closed = work.lastClosed
	}
	if work.reopened > 0 { // I5
		words["left_live"] = time.Time{}
		if !work.liveAtLast {
			words["left_live"] = work.lastLeft
		}
	}
	for _, d := range s.Durations {
		from, _ := first(raw, []string{d.From}, words)
		to, _ := first(raw, []string{d.To}, words)
		if !from.IsZero() && !to.IsZero() {
			i.Durations = append(i.Durations, Between{d.Name, from, to, seconds(from, to)})
		}
	}
	return i
}

// nothing are the categories of incidents that are not, not yet or not any more (I2).
var nothing = []string{"triage", "declined", "merged", "canceled"}

func cameToNothing(i Incident) bool { return slices.Contains(nothing, i.Category) }

// excluded names the first rule that the incident fails.
func excluded(raw map[string]any, s Settings, floor int64) string {
	if !slices.Contains(s.Modes, text(raw, "mode")) {
		return "I1"
	}
	if slices.Contains(nothing, text(raw, "incident_status", "category")) {
		return "I2"
	}
	severity, has := raw["severity"].(map[string]any)
	rank, _ := whole(severity["rank"])
	if s.SeveritiesFrom != "" && has && rank < floor || !has && !s.WithoutSeverity {
		return "I7"
	}
	for _, name := range s.ExcludeTypes {
		if same(name, text(raw, "incident_type", "name")) {
			return "I7"
		}
	}
	return ""
}

// severityFloor is the rank from which severities count (I7).
func severityFloor(o Objects, s Settings) int64 {
	for _, severity := range o["severities"] {
		if same(text(severity, "name"), s.SeveritiesFrom) {
			rank, _ := whole(severity["rank"])
			return rank
		}
	}
	return 0
}

// fields gives the values of the custom fields, each once and in order.
func fields(raw map[string]any) []FieldValue {
	seen := map[FieldValue]bool{}
	var out []FieldValue
	for _, e := range list(raw, "custom_field_entries") {
		kind := text(e, "custom_field", "field_type")
		for _, v := range list(e, "values") {
			f := FieldValue{text(e, "custom_field", "name"), fieldText(v), kind == "single_select" || kind == "multi_select", strings.Join(texts(e, "former"), "\n")}
			if f.Value != "" && !seen[f] {
				seen[f] = true
				out = append(out, f)
			}
		}
	}
	slices.SortFunc(out, func(a, b FieldValue) int { return compareTexts(a.Field, b.Field, a.Value, b.Value) })
	return out
}

// fieldText is what one value of a custom field says.
func fieldText(v map[string]any) string {
	for _, at := range [][]string{{"value_option", "value"}, {"value_catalog_entry", "name"}, {"value_numeric"}, {"value_text"}, {"value_link"}} {
		if t := scalar(follow(v, at...)); t != "" {
			return t
		}
	}
	return ""
}

// services gives the configured services that the custom fields name (I8), or a file's row does, and their teams, each
// once and sorted.
func services(raw map[string]any, fields []FieldValue, s Settings) (names, teams []string) {
	named := func(service Service) bool {
		if slices.ContainsFunc(texts(raw, "services"), func(name string) bool { return same(name, service.Name) }) {
			return true
		}
		for field, wanted := range service.Values {
			for _, f := range fields {
				if f.isOf(field) && slices.ContainsFunc(wanted, func(w string) bool { return same(w, f.Value) }) {
					return true
				}
			}
		}
		return false
	}
	for _, service := range s.Services {
		if named(service) {
			names = append(names, service.Name)
			if service.Team != "" {
				teams = append(teams, service.Team)
			}
		}
	}
	slices.Sort(names)
	slices.Sort(teams)
	return names, slices.Compact(teams)
}

// first gives the first present of the names: a word that is known by itself, or a named timestamp (I4, I6).
func first(raw map[string]any, names []string, words map[string]time.Time) (time.Time, string) {
	for _, name := range names {
		if at, reserved := words[name]; reserved {
			if !at.IsZero() {
				return at, name
			}
			continue
		}
		if at := stamp(raw, name); !at.IsZero() {
			return at, name
		}
	}
	return time.Time{}, ""
}

// stamp is a named timestamp. A timestamp is known by its id, and so by the names that it had before: world.go writes
// those that no other has now into former.
func stamp(raw map[string]any, name string) time.Time {
	return instant(text(stampValue(raw, name), "value", "value"))
}

func stampValue(raw map[string]any, name string) map[string]any {
	for _, v := range list(raw, "incident_timestamp_values") {
		names := append([]string{text(v, "incident_timestamp", "name")}, texts(v, "former")...)
		if !instant(text(v, "value", "value")).IsZero() && slices.ContainsFunc(names, func(x string) bool { return same(x, name) }) {
			return v
		}
	}
	return nil
}

// calledNow is the present name of a timestamp.
func calledNow(raw map[string]any, name string) string {
	return text(stampValue(raw, name), "incident_timestamp", "name")
}

// step is a status reached at an instant.
type step struct {
	at           time.Time
	id, category string
}

// statusHistory gives the steps of each incident, ordered by (time, id) (I5).
func statusHistory(o Objects) map[string][]step {
	out := map[string][]step{}
	for _, u := range o["incident_updates"] {
		if category := text(u, "new_incident_status", "category"); category != "" {
			id := text(u, "incident_id")
			out[id] = append(out[id], step{instant(text(u, "created_at")), text(u, "id"), category})
		}
	}
	for _, steps := range out {
		slices.SortFunc(steps, func(a, b step) int {
			if c := a.at.Compare(b.at); c != 0 {
				return c
			}
			return strings.Compare(a.id, b.id)
		})
	}
	return out
}

// work is what the history says of live work (live and paused).
type work struct {
	entered, firstLeft, lastLeft time.Time
	lastClosed                   time.Time
	reopened                     int
	liveAtLast                   bool
}

// workHistory walks through the steps. A first step into learning or closed is a move out of live work, whatever was
// before it.
func workHistory(steps []step) work {
	var w work
	before, was := "", "" // the category of the step before; in live work or after it
	for _, x := range steps {
		if before == "triage" && x.category == "live" && w.entered.IsZero() {
			w.entered = x.at
		}
		if x.category == "closed" && before != "closed" {
			w.lastClosed = x.at
		}
		before = x.category
		now := map[string]string{"live": "in", "paused": "in", "learning": "after", "closed": "after"}[x.category]
		if now == "" {
			continue
		}
		if now == "after" && was != "after" {
			if w.firstLeft.IsZero() {
				w.firstLeft = x.at
			}
			w.lastLeft = x.at
		}
		if now == "in" && was == "after" {
			w.reopened++
		}
		was = now
	}
	w.liveAtLast = was == "in"
	return w
}
