package explain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fourfold/dashboards/calendar"
)

// RequestError is a question that has no answer whatever the data: its times exclude each other, or the metric's objects
// have no such dimension.
type RequestError struct{ error }

func (e RequestError) Unwrap() error { return e.error }

// usualDays is the length of the time that a number is of where nobody says: that of the dashboard's Four Keys.
const usualDays = 90

// span finds the days that are asked for, in the time zone of the build.
func (r *reader) span(m *Metric, req MetricRequest) error {
	for _, x := range r.rows(`select build_id, as_of_date, timezone, week_start from publication`) {
		m.BuildID, m.Timezone, m.WeekStart = text(x[0]), text(x[2]), text(x[3])
		asOf, err := time.Parse(time.DateOnly, day(x[1]))
		if err != nil {
			return fmt.Errorf("publication: as_of_date %s: %w", day(x[1]), err)
		}
		m.asOf = asOf
	}
	if r.err != nil {
		return r.err
	}
	zone, err := time.LoadLocation(m.Timezone)
	if err != nil {
		return fmt.Errorf("publication: timezone %s: %w", m.Timezone, err)
	}
	m.zone = zone
	week := calendar.Weekday(m.WeekStart)
	m.anchor = calendar.WeekAnchor(week)
	if req.Period != "" && (!req.From.IsZero() || !req.To.IsZero()) {
		return RequestError{errors.New("a period and a range of days are two times: give --period and --start, or --from and --to")}
	}
	switch {
	case req.Period == "" && !req.Start.IsZero():
		return RequestError{fmt.Errorf("--start %s needs a --period: %s", req.Start.Format(time.DateOnly), strings.Join(calendar.Periods, ", "))}
	case req.Period == "":
		m.Period, m.from, m.to = "range", req.From, req.To
		if m.to.IsZero() {
			m.to = m.asOf
		}
		if m.from.IsZero() {
			m.from = m.to.AddDate(0, 0, 1-usualDays)
		}
		if m.to.Before(m.from) {
			return RequestError{fmt.Errorf("--from %s is after --to %s", m.from.Format(time.DateOnly), m.to.Format(time.DateOnly))}
		}
	case !slices.Contains(calendar.Periods, req.Period):
		return RequestError{fmt.Errorf("--period %q is not known: use %s", req.Period, strings.Join(calendar.Periods, ", "))}
	default:
		start := req.Start
		if start.IsZero() {
			start = m.asOf
		}
		m.Period = req.Period
		m.from = calendar.Start(req.Period, start, week)
		m.to = calendar.Next(req.Period, m.from).AddDate(0, 0, -1)
	}
	if m.from.After(m.asOf) {
		return fmt.Errorf("%s is after the day of the build, %s: there is nothing yet", m.from.Format(time.DateOnly), m.asOf.Format(time.DateOnly))
	}
	if !m.to.Before(m.asOf) {
		m.IsOpen, m.to = m.Period != "range", m.asOf
	}
	m.FromDate, m.ToDate = m.from.Format(time.DateOnly), m.to.Format(time.DateOnly)
	return nil
}

// instants are the half-open bounds of the days (P1).
func (m *Metric) instants() (from, to time.Time) {
	return calendar.Midnight(m.from, m.zone), calendar.Midnight(m.to.AddDate(0, 0, 1), m.zone)
}

// dimension is a way to narrow a metric.
type dimension struct {
	key, flag string
	value     string
	of        []string // the objects that have it; nil is all
	known     string   // the values that there are, and what their query asks for
	args      []any
}

// narrow resolves the filters to the spelling of the marts.
func (r *reader) narrow(m *Metric, req MetricRequest) error {
	code, incidents := []string{"deployment", "change", "commit"}, []string{"incident"}
	for _, d := range []dimension{
		{"service", "--service", req.Service, nil, `select service from dim_services union distinct select distinct service from fct_measures where service is not null`, nil},
		{"team", "--team", req.Team, nil, `select distinct team from fct_measures where team is not null union distinct select distinct team from dim_services where team is not null`, nil},
		{"repository", "--repository", req.Repository, code, `select distinct repository from fct_measures where repository is not null`, nil},
		{"severity", "--severity", req.Severity, incidents, `select distinct severity from fct_incidents where severity is not null`, nil},
		{"incident_type", "--type", req.IncidentType, incidents, `select distinct incident_type from fct_incidents where incident_type is not null`, nil},
		{"field", "--field", req.Field, incidents, `select distinct field from fct_incident_fields`, nil},
	} {
		if d.value == "" {
			continue
		}
		if d.of != nil && !slices.Contains(d.of, m.object) {
			return RequestError{fmt.Errorf("%s %q: %s is made of %ss, which have no %s", d.flag, d.value, m.Metric, m.object, strings.ReplaceAll(d.key, "_", " "))}
		}
		value, err := r.spelled(d)
		if err != nil {
			return err
		}
		m.Filters[d.key] = value
	}
	if m.Filters["field"] != "" {
		value, err := r.spelled(dimension{
			"field_value", "--field " + m.Filters["field"], req.FieldValue, incidents,
			`select distinct value from fct_incident_fields where field = $1`,
			[]any{m.Filters["field"]},
		})
		if err != nil {
			return err
		}
		m.Filters["field_value"] = value
	}
	return r.err
}

// spelled finds a value among those that there are, in any case.
func (r *reader) spelled(d dimension) (string, error) {
	var known []string
	for _, x := range r.rows(d.known+` order by 1`, d.args...) {
		known = append(known, text(x[0]))
	}
	if r.err != nil {
		return "", r.err
	}
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for _, k := range known {
			if same(k, strings.TrimSpace(d.value)) {
				return k, nil
			}
		}
	}
	if len(known) == 0 {
		return "", fmt.Errorf("%s %q: %w: there is none at all", d.flag, d.value, ErrNotFound)
	}
	more := ""
	if len(known) > mostCandidates {
		more = fmt.Sprintf(" and %d more", len(known)-mostCandidates)
	}
	return "", fmt.Errorf("%s %q: %w: there are %s%s", d.flag, d.value, ErrNotFound, strings.Join(known[:min(len(known), mostCandidates)], ", "), more)
}
