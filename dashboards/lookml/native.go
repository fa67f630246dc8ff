package lookml

import (
	"fmt"

	"fourfold/dashboards"
)

// native is how a panel is asked of an explore over the marts: lists of rows and counts of them, which people then filter, sort
// and drill into as they are used to. Every other panel is a derived table of its query.
type native struct {
	explore string
	columns map[string]string // the field of a column where it is not that of the same name
	filters []pair
	sorts   []string
	listen  map[string]string // the field that a filter of the dashboard (date_range, service ...) sets
}

// natives are those panels. A test compares their columns with the catalogue's.
var natives = map[string]native{
	"incidents": {
		explore: "fct_incidents", sorts: []string{"fct_incidents.started_time desc"},
		listen: incidentFilters("fct_incidents.begun_date"),
	},
	"open_incidents": {
		explore: "fct_incidents", sorts: []string{"fct_incidents.started_time"},
		filters: []pair{{"fct_incidents.is_counted", "Yes"}, {"fct_incidents.restored_date", "NULL"}, {"fct_incidents.status_category", "triage,live,paused"}},
		listen:  incidentFilters(""),
	},
	"counted": {
		explore: "fct_incidents", sorts: []string{"fct_incidents.all_incidents desc"},
		columns: map[string]string{"incidents": "fct_incidents.all_incidents", "unrestored": "fct_incidents.unrestored_incidents"},
		listen:  incidentFilters("fct_incidents.begun_date"),
	},
	"drills": {
		explore: "fct_drills", sorts: []string{"fct_drills.started_time desc"},
		listen: incidentFilters("fct_drills.started_date"),
	},
	"deployments": {
		explore: "fct_deployments", sorts: []string{"fct_deployments.finished_time desc"},
		listen: deliveryFilters("fct_deployments"),
	},
	"changes": {
		explore: "fct_changes", sorts: []string{"fct_changes.deployed_time desc"},
		listen: deliveryFilters("fct_changes"),
	},
	"reminders": {
		explore: "rpt_follow_up_reminders", sorts: []string{"rpt_follow_up_reminders.is_overdue desc", "rpt_follow_up_reminders.due_time"},
		listen: followUpFilters("rpt_follow_up_reminders"),
	},
	"unlinked": {
		explore: "fct_unlinked_incidents", sorts: []string{"fct_unlinked_incidents.started_time desc"},
		columns: map[string]string{"permalink": "fct_incidents.permalink"},
		listen:  incidentFilters("fct_unlinked_incidents.started_date"),
	},
	"quality": {
		explore: "data_quality", sorts: []string{"data_quality.severity", "data_quality.findings desc"},
		columns: map[string]string{"findings": "data_quality.findings", "example": "data_quality.example", "example_ja": "data_quality.example_ja"},
	},
	"findings": {explore: "data_quality", sorts: []string{"data_quality.severity", "data_quality.rule"}},
	"metrics":  {explore: "dim_metrics", sorts: []string{"dim_metrics.metric"}},
}

func incidentFilters(date string) map[string]string {
	f := map[string]string{
		"service": "fct_incident_services.service", "team": "fct_incident_services.team", "severity": "fct_incidents.severity",
		"incident_type": "fct_incidents.incident_type", "field": "fct_incident_fields.field", "field_value": "fct_incident_fields.value",
	}
	if date != "" {
		f["date_range"] = date
	}
	return f
}

// followUpFilters go by the team of the follow-up and, for the rest, by its incident.
func followUpFilters(view string) map[string]string {
	f := incidentFilters("")
	f["team"] = view + ".team"
	return f
}

func deliveryFilters(view string) map[string]string {
	return map[string]string{
		"date_range": view + ".happened_date", "service": view + ".service", "team": view + ".team", "repository": view + ".repository",
	}
}

// field is the field that shows a column of a panel.
func (n native) field(tables map[string]*table, c dashboards.Column) (string, error) {
	if f, ok := n.columns[c.Name]; ok {
		return f, nil
	}
	t, ok := tables[n.explore]
	if !ok {
		return "", fmt.Errorf("lookml: there is no mart %s", n.explore)
	}
	return t.field(c.Name)
}
