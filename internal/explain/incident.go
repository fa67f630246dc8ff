// Package explain says what stands behind a number: the timestamps, rules and rows that made it, read from the published
// marts. It computes nothing that the marts do not hold.
package explain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"fourfold/internal/render"
	"fourfold/load"
)

// Querier runs one SELECT over the published marts.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (*load.Rows, error)
}

// ErrNotFound says that the published marts have no such object.
var ErrNotFound = errors.New("not in the published marts")

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
	Services       []Service `json:"services"`
	Timestamps     []Stamp   `json:"timestamps"`
	Stays          []Stay    `json:"status_intervals"`
	Fields         []Field   `json:"fields"`
	Measures       []Measure `json:"measures"`
	Findings       []Finding `json:"findings"`
	BuildID        string    `json:"build_id"`
}

// Moment is a point that a duration begins or ends at, and where it was found: the first of Order that is present.
type Moment struct {
	At    *time.Time `json:"at"`
	Basis string     `json:"basis"`
	Rule  string     `json:"rule"`
	Order []string   `json:"order_of_precedence"`
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

// Measure is what the incident gives one metric in one service.
type Measure struct {
	Metric    string    `json:"metric"`
	Service   string    `json:"service"`
	At        time.Time `json:"at"`
	LocalDate string    `json:"local_date"`
	Value     *float64  `json:"value"`
	Rule      string    `json:"rule"`
}

// Finding is what the checks found about the incident.
type Finding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Detail   string `json:"detail"`
}

// Precedence is the configured order in which the points of an incident are looked for.
type Precedence struct{ Start, End, Acknowledge []string }

// FindIncident explains the incident with an id, a reference (INC-123) or its number.
func FindIncident(ctx context.Context, q Querier, id string, p Precedence) (*Incident, error) {
	r := reader{ctx: ctx, q: q}
	found := r.rows(`select incident_id, reference, name, permalink, mode, visibility, severity, incident_type, status, status_category, is_counted,
    exclusion_reason, reopened_count, started_at, restore_start_basis, restored_at, restore_end_basis, acknowledged_at, acknowledge_basis,
    time_to_restore_seconds, time_to_acknowledge_seconds, build_id
from fct_incidents where incident_id = $1 or lower(reference) = lower($1) or lower(reference) = 'inc-' || $1`, id)
	if r.err != nil {
		return nil, r.err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("incident %s: %w: give its id, its reference (INC-123) or its number; private ones are left out unless privacy.private_incidents says otherwise", id, ErrNotFound)
	}
	x := found[0]
	i := &Incident{
		ID: text(x[0]), Reference: text(x[1]), Name: text(x[2]), Permalink: text(x[3]), Mode: text(x[4]), Visibility: text(x[5]), Severity: text(x[6]),
		IncidentType: text(x[7]), Status: text(x[8]), StatusCategory: text(x[9]), Counted: x[10] == true, Exclusion: text(x[11]), ReopenedCount: number(x[12]),
		Start:        Moment{instant(x[13]), text(x[14]), "I4", p.Start},
		End:          Moment{instant(x[15]), text(x[16]), "I6", p.End},
		Acknowledged: Moment{instant(x[17]), text(x[18]), "time to acknowledge", p.Acknowledge},
		Restore:      whole(x[19]), Acknowledge: whole(x[20]), BuildID: text(x[21]),
		Services: []Service{}, Timestamps: []Stamp{}, Stays: []Stay{}, Fields: []Field{}, Measures: []Measure{}, Findings: []Finding{},
	}
	if i.ReopenedCount > 0 {
		i.End.Rule = "I5"
	}
	for _, x := range r.rows(`select service, team from fct_incident_services where incident_id = $1 order by service`, i.ID) {
		i.Services = append(i.Services, Service{text(x[0]), text(x[1])})
	}
	for _, x := range r.rows(`select name, "at" from fct_incident_timestamps where incident_id = $1 and "at" is not null order by "at", name`, i.ID) {
		i.Timestamps = append(i.Timestamps, Stamp{text(x[0]), *instant(x[1])})
	}
	for _, x := range r.rows(`select status, status_category, started_at, ended_at from fct_incident_status_intervals where incident_id = $1
order by started_at, ended_at nulls last, status`, i.ID) {
		i.Stays = append(i.Stays, Stay{text(x[0]), text(x[1]), *instant(x[2]), instant(x[3])})
	}
	for _, x := range r.rows(`select field, value from fct_incident_fields where incident_id = $1 order by field, value`, i.ID) {
		i.Fields = append(i.Fields, Field{text(x[0]), text(x[1])})
	}
	for _, x := range r.rows(`select metric, service, "at", local_date::varchar, value::double, rule from fct_measures
where object_type = 'incident' and object_id = $1 order by metric, service`, i.ID) {
		m := Measure{Metric: text(x[0]), Service: text(x[1]), At: *instant(x[2]), LocalDate: text(x[3]), Rule: text(x[5])}
		if v, ok := x[4].(float64); ok {
			m.Value = &v
		}
		i.Measures = append(i.Measures, m)
	}
	for _, x := range r.rows(`select rule, severity, detail from data_quality where object_type = 'incident' and object_id = $1 order by rule, detail`, i.ID) {
		i.Findings = append(i.Findings, Finding{text(x[0]), text(x[1]), text(x[2])})
	}
	return i, r.err
}

// reader runs queries until one fails.
type reader struct {
	ctx context.Context
	q   Querier
	err error
}

func (r *reader) rows(sql string, args ...any) [][]any {
	if r.err != nil {
		return nil
	}
	rows, err := r.q.Query(r.ctx, sql, args...)
	if err != nil {
		r.err = err
		return nil
	}
	var out [][]any
	for row, err := range rows.All {
		if err != nil {
			r.err = err
			return nil
		}
		out = append(out, append([]any(nil), row...))
	}
	return out
}

func text(v any) string { return render.Text(v) }

func instant(v any) *time.Time {
	if t, ok := v.(time.Time); ok {
		return &t
	}
	return nil
}

func whole(v any) *int64 {
	if n, ok := v.(int64); ok {
		return &n
	}
	return nil
}

func number(v any) int64 {
	n, _ := v.(int64)
	return n
}

// Write says it in words, with instants in a time zone.
func (i *Incident) Write(w io.Writer, zone *time.Location) error {
	var b strings.Builder
	local := func(t *time.Time) string {
		if t == nil {
			return "not yet"
		}
		return t.In(zone).Format("2006-01-02 15:04:05.999999 MST")
	}
	fmt.Fprintf(&b, "%s  %s\n", i.Reference, orNone(i.Name))
	if i.Permalink != "" {
		fmt.Fprintln(&b, i.Permalink)
	}
	b.WriteByte('\n')
	fmt.Fprintf(&b, "mode %s, severity %s, type %s, status %s (%s)\n", i.Mode, orNone(i.Severity), orNone(i.IncidentType), i.Status, i.StatusCategory)
	if i.Counted {
		b.WriteString("It counts (I1, I2, I3 and I7 let it).\n")
	} else {
		fmt.Fprintf(&b, "It does not count: %s.\n", i.Exclusion)
	}
	var services []string
	for _, s := range i.Services {
		services = append(services, strings.TrimSuffix(s.Service+" ("+s.Team+")", " ()"))
	}
	fmt.Fprintf(&b, "services: %s\n\n", orNone(strings.Join(services, ", ")))
	for _, m := range []struct {
		name string
		Moment
	}{{"start", i.Start}, {"acknowledged", i.Acknowledged}, {"end", i.End}} {
		fmt.Fprintf(&b, "%-14s%s", m.name, local(m.At))
		if m.Basis != "" {
			fmt.Fprintf(&b, ", by %s", m.Basis)
		}
		if m.Rule == "I5" {
			fmt.Fprintf(&b, "  (I5: it was reopened %s, so status history decides)\n", times(i.ReopenedCount))
			continue
		}
		fmt.Fprintf(&b, "  (%s: the first present of %s)\n", m.Rule, strings.Join(m.Order, ", "))
	}
	fmt.Fprintf(&b, "\ntime to acknowledge  %s  = acknowledged − start\n", seconds(i.Acknowledge))
	fmt.Fprintf(&b, "time to restore      %s  = end − start (R3)\n", seconds(i.Restore))
	section(&b, "timestamps", len(i.Timestamps), func(n int) string {
		return fmt.Sprintf("%s  %s", local(&i.Timestamps[n].At), i.Timestamps[n].Name)
	})
	section(&b, "status history", len(i.Stays), func(n int) string {
		s := i.Stays[n]
		until := "on"
		if s.EndedAt != nil {
			until = "to " + local(s.EndedAt)
		}
		return fmt.Sprintf("%s  %-26s  %s (%s)", local(&s.StartedAt), until, s.Status, s.Category)
	})
	section(&b, "fields", len(i.Fields), func(n int) string { return i.Fields[n].Field + " = " + i.Fields[n].Value })
	section(&b, "what it gives the metrics", len(i.Measures), func(n int) string {
		m := i.Measures[n]
		value := "—"
		if m.Value != nil {
			value = render.Text(*m.Value)
		}
		return fmt.Sprintf("%-34s %12s  on %s  service %s  %s", m.Metric, value, m.LocalDate, orNone(m.Service), m.Rule)
	})
	section(&b, "findings", len(i.Findings), func(n int) string {
		return fmt.Sprintf("%s: %s: %s", i.Findings[n].Severity, i.Findings[n].Rule, i.Findings[n].Detail)
	})
	// Names are other people's text: each line stays one, and none steers the terminal.
	for line := range strings.Lines(b.String()) {
		if _, err := io.WriteString(w, render.Line(strings.TrimSuffix(line, "\n"))+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func section(b *strings.Builder, title string, n int, line func(int) string) {
	if n == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for i := range n {
		fmt.Fprintf(b, "  %s\n", line(i))
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// seconds writes a duration as seconds and in words.
func seconds(n *int64) string {
	if n == nil {
		return "none yet"
	}
	return fmt.Sprintf("%d s (%s)", *n, time.Duration(*n)*time.Second)
}
