package incidentio

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// incidents answers GET /v2/incidents: without a mode only standard and retrospective ones, without a status category
// none that was declined, merged or canceled, whatever else is asked.
func (c *call) incidents() (object, *apiError) {
	var given []filter
	modes, hidden := []string{"standard", "retrospective"}, []string{"declined", "merged", "canceled"}
	for _, f := range c.query.filters {
		switch f.name {
		case "mode":
			modes = f.values
		case "status_category":
			hidden = nil
			given = append(given, f)
		default:
			given = append(given, f)
		}
	}
	for _, f := range given {
		if err := c.checkIncidentFilter(f); err != nil {
			return nil, err
		}
	}
	var out []row
	for _, i := range c.o.Incidents {
		category := ""
		if s := c.statuses[i.Status]; s != nil {
			category = s.Category
		}
		if !c.sees(i) || !slices.Contains(modes, i.Mode) || slices.Contains(hidden, category) || !c.passes(given, i, category) {
			continue
		}
		out = append(out, row{id: i.ID, at: i.CreatedAt, make: func() object { return c.incident(i) }})
	}
	return c.page(out, c.query.values["sort_by"] != "created_at_oldest_first")
}

// passes joins the filters by and, or by or with filter_mode=any.
func (c *call) passes(given []filter, i *Incident, category string) bool {
	any := c.query.values["filter_mode"] == "any" && len(given) > 0
	for _, f := range given {
		if c.matches(f, i, category) == any {
			return any
		}
	}
	return !any
}

func (c *call) checkIncidentFilter(f filter) *apiError {
	switch f.name {
	case "created_at", "updated_at":
		_, err := matchDate(f, time.Time{})
		return err
	case "severity":
		if (f.op == "gte" || f.op == "lte") && c.severities[f.values[0]] == nil {
			return invalid(f.name, "invalid_value", "the severity is not known")
		}
	}
	return nil
}

func (c *call) matches(f filter, i *Incident, category string) bool {
	switch f.name {
	case "created_at":
		ok, _ := matchDate(f, i.CreatedAt) // checked before
		return ok
	case "updated_at":
		ok, _ := matchDate(f, i.UpdatedAt)
		return ok
	case "status":
		return matchSet(f, i.Status)
	case "status_category":
		return matchSet(f, category)
	case "incident_type":
		return matchSet(f, i.Type)
	case "severity":
		if f.op == "one_of" || f.op == "not_in" {
			return matchSet(f, i.Severity)
		}
		own, limit := c.severities[i.Severity], c.severities[f.values[0]]
		return own != nil && (f.op == "gte" && own.Rank >= limit.Rank || f.op == "lte" && own.Rank <= limit.Rank)
	case "incident_role":
		var holders []string
		for _, a := range i.Roles {
			if a.Role == f.id {
				holders = append(holders, a.User)
			}
		}
		return matchSet(f, holders...)
	default: // custom_field
		var values []string
		for _, v := range i.Fields {
			if v.Field == f.id {
				values = append(values, v.Options...)
				values = append(values, v.Entries...)
				for _, text := range []string{v.Text, v.Link, v.Numeric} {
					if text != "" {
						values = append(values, text)
					}
				}
			}
		}
		return matchSet(f, values...)
	}
}

func matchSet(f filter, own ...string) bool {
	if f.op == "is_blank" {
		return (len(own) == 0) == (f.values[0] == "true")
	}
	found := slices.ContainsFunc(own, func(v string) bool { return slices.Contains(f.values, v) })
	return found == (f.op == "one_of")
}

// matchDate compares the UTC date of an instant; both ends are inside.
func matchDate(f filter, at time.Time) (bool, *apiError) {
	from, to, err := bounds(f, func(text string) (time.Time, error) { return time.Parse(time.DateOnly, text) })
	if err != nil {
		return false, err
	}
	day := at.UTC().Truncate(24 * time.Hour)
	return (from.IsZero() || !day.Before(from)) && (to.IsZero() || !day.After(to)), nil
}

// matchInstant compares exact instants; a date_range is half-open and counts in whole milliseconds.
func matchInstant(f filter, at time.Time) (bool, *apiError) {
	from, to, err := bounds(f, func(text string) (time.Time, error) {
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return time.Parse(time.DateOnly, text)
		}
		return t, nil
	})
	if err != nil {
		return false, err
	}
	if f.op == "date_range" {
		at, from, to = at.Truncate(time.Millisecond), from.Truncate(time.Millisecond), to.Truncate(time.Millisecond)
		return !at.Before(from) && at.Before(to), nil
	}
	return (from.IsZero() || !at.Before(from)) && (to.IsZero() || !at.After(to)), nil
}

// bounds reads the values of gte, lte and date_range (<start>~<end>).
func bounds(f filter, parse func(string) (time.Time, error)) (from, to time.Time, bad *apiError) {
	value := f.values[0]
	read := func(text string) time.Time {
		t, err := parse(text)
		if err != nil {
			bad = invalid(f.name, "invalid_value", fmt.Sprintf("%q is not a value for %s[%s]", value, f.name, f.op))
		}
		return t
	}
	switch f.op {
	case "gte":
		from = read(value)
	case "lte":
		to = read(value)
	case "date_range":
		start, end, _ := strings.Cut(value, "~")
		from, to = read(start), read(end)
	}
	return from, to, bad
}
