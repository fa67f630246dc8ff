package expect

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
	Services       []string
	Teams          []string

	Start      time.Time
	StartBasis string
	End        time.Time // zero while it is open
	EndBasis   string
	Reopened   int

	Restore     *int64 // seconds; nil while it is open, or if the end is before the start
	Acknowledge *int64 // seconds; nil if it was not, or before the start
}

// Incidents applies the rules to every incident that may be in an output; private ones are left out unless they count.
// Ordered by id.
func Incidents(o Objects, s Settings) []Incident {
	history := statusHistory(o)
	var out []Incident
	for _, raw := range o["incidents"] {
		if text(raw, "visibility") == "private" && !s.Private {
			continue
		}
		out = append(out, one(raw, history[text(raw, "id")], s, severityFloor(o, s)))
	}
	sort.Slice(out, func(a, b int) bool { return out[a].ID < out[b].ID })
	return out
}

func one(raw map[string]any, history []step, s Settings, floor float64) Incident {
	i := Incident{ID: text(raw, "id"), Reference: text(raw, "reference"), Severity: text(raw, "severity", "name"), Type: text(raw, "incident_type", "name")}
	i.Why = excluded(raw, s, floor)
	i.Counted = i.Why == ""
	i.Services, i.Teams = services(raw, s)

	work := workHistory(history)
	i.Start, i.StartBasis = first(raw, s.Start, map[string]time.Time{"created_at": instant(text(raw, "created_at"))})
	i.Reopened = work.reopened
	if work.reopened > 0 {
		if !work.liveAtLast {
			i.End, i.EndBasis = work.lastLeft, "left_live"
		}
	} else {
		i.End, i.EndBasis = first(raw, s.End, map[string]time.Time{"left_live": work.firstLeft})
	}
	ack, _ := first(raw, s.Acknowledge, map[string]time.Time{"entered_live": work.entered})
	i.Restore, i.Acknowledge = seconds(i.Start, i.End), seconds(i.Start, ack)
	return i
}

// excluded names the first rule that the incident fails.
func excluded(raw map[string]any, s Settings, floor float64) string {
	if !slices.Contains(s.Modes, text(raw, "mode")) {
		return "I1"
	}
	if slices.Contains([]string{"triage", "declined", "merged", "canceled"}, text(raw, "incident_status", "category")) {
		return "I2"
	}
	severity, has := raw["severity"].(map[string]any)
	if s.SeveritiesFrom != "" && has && severity["rank"].(float64) < floor || !has && !s.WithoutSeverity {
		return "I7"
	}
	for _, name := range s.ExcludeTypes {
		if strings.EqualFold(name, text(raw, "incident_type", "name")) {
			return "I7"
		}
	}
	return ""
}

func severityFloor(o Objects, s Settings) float64 {
	for _, severity := range o["severities"] {
		if strings.EqualFold(text(severity, "name"), s.SeveritiesFrom) {
			return severity["rank"].(float64)
		}
	}
	return 0
}

// services gives the configured services that the custom fields name, and their teams, each once and sorted.
func services(raw map[string]any, s Settings) (names, teams []string) {
	for _, service := range s.Services {
		for _, e := range list(raw, "custom_field_entries") {
			field := text(e, "custom_field", "name")
			for name, wanted := range service.Values {
				if !strings.EqualFold(name, field) {
					continue
				}
				for _, v := range list(e, "values") {
					got := text(v, "value_option", "value") + text(v, "value_catalog_entry", "name") + text(v, "value_text")
					if slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, got) }) {
						names = append(names, service.Name)
						if service.Team != "" {
							teams = append(teams, service.Team)
						}
					}
				}
			}
		}
	}
	slices.Sort(names)
	slices.Sort(teams)
	return slices.Compact(names), slices.Compact(teams)
}

// first gives the first present of the names: a word that is known by itself, or a named timestamp.
func first(raw map[string]any, names []string, words map[string]time.Time) (time.Time, string) {
	for _, name := range names {
		if at, reserved := words[name]; reserved {
			if !at.IsZero() {
				return at, name
			}
			continue
		}
		for _, v := range list(raw, "incident_timestamp_values") {
			if at := text(v, "value", "value"); at != "" && strings.EqualFold(text(v, "incident_timestamp", "name"), name) {
				return instant(at), name
			}
		}
	}
	return time.Time{}, ""
}

// seconds is the floor of the difference in microseconds; nil if an end is missing or before the start.
func seconds(start, end time.Time) *int64 {
	if start.IsZero() || end.IsZero() || end.Before(start) {
		return nil
	}
	n := end.Sub(start).Microseconds() / 1_000_000
	return &n
}

// step is a status reached at an instant.
type step struct {
	at           time.Time
	id, category string
}

// statusHistory gives the steps of each incident, ordered by (time, id).
func statusHistory(o Objects) map[string][]step {
	out := map[string][]step{}
	for _, u := range o["incident_updates"] {
		if category := text(u, "new_incident_status", "category"); category != "" {
			id := text(u, "incident_id")
			out[id] = append(out[id], step{instant(text(u, "created_at")), text(u, "id"), category})
		}
	}
	for _, steps := range out {
		sort.Slice(steps, func(a, b int) bool {
			if !steps[a].at.Equal(steps[b].at) {
				return steps[a].at.Before(steps[b].at)
			}
			return steps[a].id < steps[b].id
		})
	}
	return out
}

// work is what the history says of live work (live and paused).
type work struct {
	entered, firstLeft, lastLeft time.Time
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

// text follows keys down to a string; empty if anything on the way is missing.
func text(o map[string]any, keys ...string) string {
	var v any = o
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[k]
	}
	s, _ := v.(string)
	return s
}

func list(o map[string]any, key string) []map[string]any {
	var out []map[string]any
	items, _ := o[key].([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// instant reads an RFC 3339 time; zero if it is none.
func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
