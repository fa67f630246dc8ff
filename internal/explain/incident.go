package explain

import (
	"context"
	"fmt"
	"time"
)

// Incident is what made an incident's numbers.
type Incident struct {
	ID             string    `json:"incident_id"`
	Reference      string    `json:"reference"`
	Name           string    `json:"name"`
	Permalink      string    `json:"permalink"`
	Mode           string    `json:"mode"`
	Visibility     string    `json:"visibility"`
	Severity       string    `json:"severity"`
	IncidentType   string    `json:"incident_type"`
	Status         string    `json:"status"`
	StatusCategory string    `json:"status_category"`
	Counted        bool      `json:"is_counted"`
	Exclusion      string    `json:"exclusion_reason"`
	ReopenedCount  int64     `json:"reopened_count"`
	Start          Moment    `json:"start"`
	End            Moment    `json:"end"`
	Acknowledged   Moment    `json:"acknowledged"`
	Restore        *int64    `json:"time_to_restore_seconds"`
	Acknowledge    *int64    `json:"time_to_acknowledge_seconds"`
	Durations      []Lasting `json:"durations"` // those of metrics.durations
	Services       []Service `json:"services"`
	Timestamps     []Stamp   `json:"timestamps"`
	Stays          []Stay    `json:"status_intervals"`
	Fields         []Field   `json:"fields"`
	Links          []Link    `json:"deployments"`
	// Unlinked says, rule by rule, why no deployment is linked as its cause (L4).
	Unlinked []Step    `json:"unlinked"`
	Measures []Measure `json:"measures"`
	Findings []Finding `json:"findings"`
	BuildID  string    `json:"build_id"`
}

// Moment is a point that a duration begins or ends at, and where it was found: the first of Order that is present.
type Moment struct {
	At    *time.Time `json:"at"`
	Basis string     `json:"basis"`
	Rule  string     `json:"rule"`
	Order []string   `json:"order_of_precedence"`
}

// Lasting is one of the durations of metrics.durations. Seconds is nil where it is negative (C5).
type Lasting struct {
	Duration string     `json:"duration"`
	From     *time.Time `json:"from_at"`
	To       *time.Time `json:"to_at"`
	Seconds  *int64     `json:"seconds"`
}

// Service is a service that the incident affected.
type Service struct {
	Service string `json:"service"`
	Team    string `json:"team"`
}

// Stamp is a named timestamp.
type Stamp struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// Stay is a stay in a status; it has not ended where EndedAt is nil.
type Stay struct {
	Status    string     `json:"status"`
	Category  string     `json:"status_category"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
}

// Field is a value of a custom field.
type Field struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// Rules are the configured ones that an incident's numbers and links were made by.
type Rules struct {
	Start, End, Acknowledge []string // the order in which each point is looked for
	CauseField              string   // metrics.cause_field, "" if it is not used
	FailureWindow           string   // metrics.failure_window as it is written
	FailureWindowOff        bool
	AnyService              bool // an incident that names no service may be linked to any service's deployment
}

// FindIncident explains the incident with an id, a reference (INC-123) or its number.
func FindIncident(ctx context.Context, q Querier, id string, rules Rules) (*Incident, error) {
	r := reader{ctx: ctx, q: q}
	found := r.rows(`select incident_id, reference, name, permalink, mode, visibility, severity, incident_type, status, status_category, is_counted,
    exclusion_reason, reopened_count, started_at, restore_start_basis, restored_at, restore_end_basis, acknowledged_at, acknowledge_basis,
    time_to_restore_seconds, time_to_acknowledge_seconds, build_id
from fct_incidents where incident_id = $1 or lower(reference) = lower($1) or lower(reference) = 'inc-' || $1 or lower(permalink) = lower($1)`, id)
	if r.err != nil {
		return nil, r.err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("incident %s: %w: give its id, its reference (INC-123), its number or its address; private ones are left out unless privacy.private_incidents says otherwise", id, ErrNotFound)
	}
	x := found[0]
	i := &Incident{
		ID: text(x[0]), Reference: text(x[1]), Name: text(x[2]), Permalink: text(x[3]), Mode: text(x[4]), Visibility: text(x[5]), Severity: text(x[6]),
		IncidentType: text(x[7]), Status: text(x[8]), StatusCategory: text(x[9]), Counted: x[10] == true, Exclusion: text(x[11]), ReopenedCount: number(x[12]),
		Start:        Moment{instant(x[13]), text(x[14]), "I4", rules.Start},
		End:          Moment{instant(x[15]), text(x[16]), "I6", rules.End},
		Acknowledged: Moment{instant(x[17]), text(x[18]), "time to acknowledge", rules.Acknowledge},
		Restore:      whole(x[19]), Acknowledge: whole(x[20]), BuildID: text(x[21]),
		Durations: []Lasting{}, Services: []Service{}, Timestamps: []Stamp{}, Stays: []Stay{}, Fields: []Field{},
	}
	if i.ReopenedCount > 0 {
		i.End.Rule = "I5"
	}
	for _, x := range r.rows(`select duration, from_at, to_at, seconds from fct_incident_durations where incident_id = $1 order by duration`, i.ID) {
		i.Durations = append(i.Durations, Lasting{text(x[0]), instant(x[1]), instant(x[2]), whole(x[3])})
	}
	for _, x := range r.rows(`select service, team from fct_incident_services where incident_id = $1 order by service`, i.ID) {
		i.Services = append(i.Services, Service{text(x[0]), text(x[1])})
	}
	for _, x := range r.rows(`select t.name, t.at from fct_incident_timestamps as t where t.incident_id = $1 and t.at is not null order by t.at, t.name`, i.ID) {
		i.Timestamps = append(i.Timestamps, Stamp{text(x[0]), *instant(x[1])})
	}
	for _, x := range r.rows(`select status, status_category, started_at, ended_at from fct_incident_status_intervals where incident_id = $1
order by started_at, ended_at nulls last, status`, i.ID) {
		i.Stays = append(i.Stays, Stay{text(x[0]), text(x[1]), *instant(x[2]), instant(x[3])})
	}
	for _, x := range r.rows(`select field, value from fct_incident_fields where incident_id = $1 order by field, value`, i.ID) {
		i.Fields = append(i.Fields, Field{text(x[0]), text(x[1])})
	}
	i.Links = r.linksOf(i.ID)
	i.Unlinked = r.unlinked(i, rules)
	i.Measures, i.Findings = r.measures(i.ID, "incident"), r.findings("incident", i.ID)
	return i, r.err
}
