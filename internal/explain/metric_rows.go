package explain

import (
	"fmt"
	"strings"
	"time"

	"fourfold/internal/render"
)

// describe says of each row what it is, and of a duration where its ends were found.
func (r *reader) describe(m *Metric) {
	switch m.object {
	case "deployment":
		r.describeDeployments(m)
	case "change":
		r.describeChanges(m)
	case "commit":
		r.describeCommits(m)
	default:
		r.describeIncidents(m)
	}
}

// key is a row of a mart that has one for each service.
type key struct{ id, service string }

// inRange limits a mart to what can be among the rows: their objects were deployed, or began or ended, in the days asked for.
func (r *reader) inRange(m *Metric, sql string) [][]any {
	from, to := m.instants()
	return r.rows(sql, from, to)
}

func (r *reader) describeDeployments(m *Metric) {
	found := map[key][]any{}
	for _, x := range r.inRange(m, `select deployment_id, service, repository, environment, sha, kind, finished_at, is_change_failure, failure_reason,
    rework_reason, recovered_at from fct_deployments where is_counted and finished_at >= $1 and finished_at < $2`) {
		found[key{text(x[0]), text(x[1])}] = x
	}
	for i := range m.Rows {
		row := &m.Rows[i]
		x, ok := found[key{row.ObjectID, row.Service}]
		if !ok {
			continue
		}
		row.Name = strings.Join(nonEmpty(text(x[2]), short(text(x[4])), "to "+text(x[3]), text(x[5])), " ")
		switch {
		case m.measure == "rework_rate":
			row.Why = text(x[9])
		case m.measure == "change_failure_rate_evidence" && x[7] == true && row.numerator == 0:
			row.Why = "not in this rate: only by proximity (L3): " + text(x[8])
		case m.measure == "change_failure_rate", m.measure == "change_failure_rate_evidence":
			row.Why = text(x[8])
		case m.Kind == "duration":
			row.From = &Bound{instant(x[6]), "finish of the deployment"}
			row.To = &Bound{instant(x[10]), recoveryBasis(row.Rule)}
			row.Why = text(x[8])
		}
	}
}

func recoveryBasis(rule string) string {
	if rule == "R2" {
		return "finish of the rollback"
	}
	return "last restoration of what it caused"
}

func (r *reader) describeChanges(m *Metric) {
	found := map[key][]any{}
	for _, x := range r.inRange(m, `select change_id, service, title, first_commit_at, opened_at, deployed_at, deployment_id from fct_changes
where is_counted and deployed_at >= $1 and deployed_at < $2`) {
		found[key{text(x[0]), text(x[1])}] = x
	}
	for i := range m.Rows {
		row := &m.Rows[i]
		x, ok := found[key{row.ObjectID, row.Service}]
		if !ok {
			continue
		}
		row.Name = text(x[2])
		first, opened := instant(x[3]), instant(x[4])
		row.From = &Bound{first, "first commit"}
		if first == nil || opened != nil && opened.Before(*first) {
			row.From = &Bound{opened, "opening"}
		}
		row.To = &Bound{instant(x[5]), "finish of " + text(x[6])}
	}
}

func (r *reader) describeCommits(m *Metric) {
	found := map[key][]any{}
	for _, x := range r.inRange(m, `select repository, sha, service, authored_at, deployed_at, deployment_id, change_id from fct_commits
where is_counted and deployed_at >= $1 and deployed_at < $2`) {
		found[key{text(x[0]) + "@" + text(x[1]), text(x[2])}] = x
	}
	for i := range m.Rows {
		row := &m.Rows[i]
		x, ok := found[key{row.ObjectID, row.Service}]
		if !ok {
			continue
		}
		if change := text(x[6]); change != row.ObjectID {
			row.Name = "of " + change
		}
		row.From = &Bound{instant(x[3]), "authored"}
		row.To = &Bound{instant(x[4]), "finish of " + text(x[5])}
	}
}

func (r *reader) describeIncidents(m *Metric) {
	from, to := m.instants()
	found := map[string][]any{}
	for _, x := range r.rows(`select incident_id, reference, name, started_at, restore_start_basis, restored_at, restore_end_basis, acknowledged_at, acknowledge_basis
from fct_incidents
where incident_id in (select m.object_id from fct_measures as m where m.metric = $1 and m.at >= $2 and m.at < $3)`, m.measure, from, to) {
		found[text(x[0])] = x
	}
	durations := r.durations(m, from, to)
	for i := range m.Rows {
		row := &m.Rows[i]
		x, ok := found[row.ObjectID]
		if !ok {
			continue
		}
		row.Name = strings.Join(nonEmpty(text(x[1]), text(x[2])), " ")
		if m.Kind != "duration" {
			row.Why = "its start is by " + text(x[4])
			continue
		}
		row.From = &Bound{instant(x[3]), text(x[4])}
		switch m.measure {
		case "time_to_restore_median_seconds":
			row.To = &Bound{instant(x[5]), text(x[6])}
		case "time_to_acknowledge_median_seconds":
			row.To = &Bound{instant(x[7]), text(x[8])}
		default:
			if d, ok := durations[row.ObjectID]; ok {
				row.From, row.To = &d[0], &d[1]
			}
		}
	}
}

// durations are the ends of a configured duration (metrics.durations) by incident.
func (r *reader) durations(m *Metric, from, to time.Time) map[string][2]Bound {
	switch m.measure {
	case "incidents", "time_to_restore_median_seconds", "time_to_acknowledge_median_seconds":
		return nil
	}
	out := map[string][2]Bound{}
	for _, x := range r.rows(`select incident_id, from_at, to_at, duration from fct_incident_durations
where measure = $1 and from_at >= $2 and from_at < $3`, m.measure, from, to) {
		out[text(x[0])] = [2]Bound{{instant(x[1]), "beginning of " + text(x[3])}, {instant(x[2]), "end of it"}}
	}
	return out
}

// metricExcluded reads the objects of the same days that are in no count of the metric, each with the rule that kept it
// out. One that counts in another service is not among them.
func (r *reader) metricExcluded(m *Metric) {
	counted := map[string]bool{}
	for _, row := range m.Rows {
		counted[row.ObjectID] = true
	}
	from, to := m.instants()
	add := func(rows [][]any) {
		for _, x := range rows {
			id := text(x[0])
			if counted[id] {
				continue
			}
			counted[id] = true
			m.Excluded = append(m.Excluded, ExcludedRow{m.object, id, text(x[1]), instant(x[2]), text(x[3])})
		}
	}
	f := m.Filters
	switch m.object {
	case "deployment":
		where := ` and ($3 = '' or service = $3) and ($4 = '' or team = $4) and ($5 = '' or repository = $5) order by 3, 1, 4`
		add(r.rows(`select deployment_id, repository || ' to ' || environment, coalesce(finished_at, created_at), exclusion_reason from fct_deployments
where not is_counted and coalesce(finished_at, created_at) >= $1 and coalesce(finished_at, created_at) < $2`+where, from, to, f["service"], f["team"], f["repository"]))
		if m.measure == "failed_deployment_recovery_median_seconds" {
			add(r.rows(`select deployment_id, repository || ' to ' || environment, finished_at,
    case when not is_change_failure then 'F3 did not fail' when recovered_at is null then 'R4 what it caused is not over' else 'C5 what it caused was over before it finished' end
from fct_deployments
where is_counted and finished_at >= $1 and finished_at < $2`+where, from, to, f["service"], f["team"], f["repository"]))
		}
	case "change":
		add(r.rows(`select change_id, title, coalesce(deployed_at, merged_at), exclusion_reason from fct_changes
where not is_counted and coalesce(deployed_at, merged_at) >= $1 and coalesce(deployed_at, merged_at) < $2
    and ($3 = '' or service = $3) and ($4 = '' or team = $4) and ($5 = '' or repository = $5) order by 3, 1, 4`, from, to, f["service"], f["team"], f["repository"]))
	case "commit":
		add(r.rows(`select repository || '@' || sha, coalesce(change_id, ''), deployed_at, exclusion_reason from fct_commits
where not is_counted and deployed_at >= $1 and deployed_at < $2 and ($3 = '' or service = $3) and ($5 = '' or repository = $5)
    and ($4 = '' or service in (select service from dim_services where team = $4)) order by 3, 1, 4`, from, to, f["service"], f["team"], f["repository"]))
	default:
		add(r.rows(`select incident_id, case when reference is null or name is null then coalesce(reference, name) else reference || ' ' || name end, coalesce(started_at, created_at),
    coalesce(exclusion_reason, case
        when started_at is null then 'I4 has no start'
        when $8 = 'time_to_restore_median_seconds' and restored_at is null then 'R3 has not ended'
        when $8 = 'time_to_restore_median_seconds' and time_to_restore_seconds is null then 'C5 ended before it started'
        when $8 = 'time_to_restore_median_seconds' then 'R3 ended on other days'
        when $8 = 'time_to_acknowledge_median_seconds' and acknowledged_at is null then 'I4 was not acknowledged'
        when $8 = 'time_to_acknowledge_median_seconds' then 'C5 was acknowledged before it started'
        else 'I4 lacks one of the two timestamps'
    end)
from fct_incidents
where coalesce(started_at, created_at) >= $1 and coalesce(started_at, created_at) < $2
    and ($3 = '' or severity = $3) and ($4 = '' or incident_type = $4)
    and (($5 = '' and $6 = '') or incident_id in (select incident_id from fct_incident_services where ($5 = '' or service = $5) and ($6 = '' or team = $6)))
    and ($7 = '' or incident_id in (select incident_id from fct_incident_fields where field = $7 and value = $9))
order by 3, 1`, from, to, f["severity"], f["incident_type"], f["service"], f["team"], f["field"], m.measure, f["field_value"]))
	}
}

func nonEmpty(all ...string) []string {
	var out []string
	for _, s := range all {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out
}

// calculate says how the value comes of the rows, so that a person can do it again.
func (m *Metric) calculate() {
	say := func(format string, args ...any) { m.Calculation = append(m.Calculation, fmt.Sprintf(format, args...)) }
	n := len(m.Rows)
	switch {
	case m.Aggregate == "count":
		say("%s: the value is their number", render.Count(int64(n), "row"))
	case m.Aggregate == "per_day":
		days := int(m.to.Sub(m.from).Hours()/24) + 1
		say("%s / %s = %s", render.Count(int64(n), "row"), render.Count(int64(days), "local day"), decimal(m.Value))
	case m.Aggregate == "rate" && *m.Denominator == 0:
		say("nothing in the denominator: the rate of nothing is null")
	case m.Aggregate == "rate":
		say("%s in the numerator / %d in the denominator = %s", render.Count(*m.Numerator, "row"), *m.Denominator, decimal(m.Value))
	case n == 0:
		say("no rows: the %s of nothing is null", m.Aggregate)
	case m.Aggregate == "mean":
		var sum int64
		for _, row := range m.Rows {
			sum += *row.Value
		}
		say("sum %d / %s = %s", sum, render.Count(int64(n), "row"), decimal(m.Value))
	default:
		m.calculateQuantile(say)
	}
	if m.Low != nil && m.High != nil {
		say("95%% interval %s to %s (%s, M2)", rounded(m.Low), rounded(m.High), intervals[m.Aggregate])
	}
}

// intervals say how limits are made (M2).
var intervals = map[string]string{
	"count": "exact Poisson", "per_day": "exact Poisson, by day", "rate": "Wilson", "median": "order statistics", "p90": "order statistics",
}
