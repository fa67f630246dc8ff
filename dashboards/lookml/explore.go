package lookml

// The model's name, by which dashboards are addressed, and its file's.
const modelName = "fourfold"

func dashboardAddress(key string) string { return "/dashboards/" + modelName + "::" + key }

// join is a view beside that of the explore.
type join struct {
	view, relationship, on string
	label                  string // of its fields, "" for the view's own
}

const (
	manyToOne  = "many_to_one"
	oneToMany  = "one_to_many"
	oneToOne   = "one_to_one"
	manyToMany = "many_to_many"
)

// same is the condition that columns are equal, the first of which is named by its views.
func same(left, right string, columns ...string) string {
	on := ""
	for i, c := range columns {
		if i > 0 {
			on += " and "
		}
		on += "${" + left + "." + c + "} = ${" + right + "." + c + "}"
	}
	return on
}

// ofIncidents are joined to incidents wherever those are.
func ofIncidents() []join {
	return []join{
		{view: "fct_incident_services", relationship: oneToMany, on: same("fct_incidents", "fct_incident_services", "incident_id")},
		{view: "fct_incident_fields", relationship: oneToMany, on: same("fct_incidents", "fct_incident_fields", "incident_id")},
	}
}

// explores are what people begin with. Each is named after the view that it begins with, so that a refinement of one stays.
func explores() []explore {
	return []explore{
		{view: "metric", label: "Metrics", group: "Metrics", description: "Any metric under any filter, by service, team, repository, severity or type: the very query that makes the published numbers.", joins: []join{
			{view: "dim_metrics", relationship: manyToOne, on: "${metric.metric_name} = ${dim_metrics.metric}"},
		}, usually: pair{"metric.date_range", "12 months"}},
		{view: "four_keys", label: "Metrics by period", group: "Metrics", description: "Every metric for every group and period, as published. A value is that of one row: choose a period, a dimension and a metric.", joins: []join{
			{view: "dim_metrics", relationship: manyToOne, on: same("four_keys", "dim_metrics", "metric")},
		}, usually: pair{"four_keys.period_start_date", "12 months"}, more: []pair{{"four_keys.period", "month"}, {"four_keys.dimension", "all"}}},
		{view: "fct_measures", label: "Measures", group: "Metrics", description: "What each object gives each metric: the rows behind the numbers.", usually: pair{"fct_measures.local_date", "90 days"}},
		{view: "dim_metrics", label: "Metric definitions", group: "Metrics", description: "What each metric means."},
		{view: "fct_incidents", label: "Incidents", group: "Incidents", description: "Incidents with their services, custom fields, timestamps, phases, causes and follow-ups.", joins: append(ofIncidents(),
			join{view: "fct_incident_timestamps", relationship: oneToMany, on: same("fct_incidents", "fct_incident_timestamps", "incident_id")},
			join{view: "fct_incident_durations", relationship: oneToMany, on: same("fct_incidents", "fct_incident_durations", "incident_id")},
			join{view: "fct_incident_status_intervals", relationship: oneToMany, on: same("fct_incidents", "fct_incident_status_intervals", "incident_id")},
			join{view: "fct_incident_deployments", relationship: oneToMany, on: same("fct_incidents", "fct_incident_deployments", "incident_id")},
			join{view: "fct_deployments", relationship: oneToMany, on: same("fct_incident_deployments", "fct_deployments", "deployment_id"), label: "Deployments that caused or fixed"},
			join{view: "fct_follow_ups", relationship: oneToMany, on: same("fct_incidents", "fct_follow_ups", "incident_id")},
			join{view: "fct_postmortems", relationship: oneToMany, on: same("fct_incidents", "fct_postmortems", "incident_id")},
			join{view: "fct_unlinked_incidents", relationship: oneToOne, on: same("fct_incidents", "fct_unlinked_incidents", "incident_id")},
		), usually: pair{"fct_incidents.started_date", "90 days"}, unless: []string{"fct_incidents.begun_date", "fct_incidents.created_date", "fct_incidents.restored_date", "fct_incidents.reference"}},
		{view: "fct_unlinked_incidents", label: "Unlinked incidents", group: "Incidents", description: "Counted incidents without a deployment that caused them, and what would link each.", joins: append([]join{
			{view: "fct_incidents", relationship: oneToOne, on: same("fct_unlinked_incidents", "fct_incidents", "incident_id")},
		}, ofIncidents()...), usually: pair{"fct_unlinked_incidents.started_date", "90 days"}},
		{view: "fct_drills", label: "Drills", group: "Incidents", description: "Test and tutorial incidents, apart from all numbers.", joins: append([]join{
			{view: "fct_incidents", relationship: oneToOne, on: same("fct_drills", "fct_incidents", "incident_id")},
		}, ofIncidents()...), usually: pair{"fct_drills.started_date", "365 days"}},
		{view: "fct_follow_ups", label: "Follow-ups", group: "Follow-ups", description: "Follow-ups and the incidents that they come from.", joins: append([]join{
			{view: "fct_incidents", relationship: manyToOne, on: same("fct_follow_ups", "fct_incidents", "incident_id")},
		}, ofIncidents()...), usually: pair{"fct_follow_ups.created_date", "365 days"}, unless: []string{"fct_follow_ups.is_open"}},
		{view: "rpt_follow_up_reminders", label: "Follow-ups to chase", group: "Follow-ups", description: "Open follow-ups, the most overdue first.", joins: append([]join{
			{view: "fct_incidents", relationship: manyToOne, on: same("rpt_follow_up_reminders", "fct_incidents", "incident_id")},
		}, ofIncidents()...)},
		{view: "rpt_follow_ups", label: "Follow-ups by group", group: "Follow-ups", description: "How many follow-ups are open, overdue and done, by group."},
		{view: "fct_deployments", label: "Deployments", group: "Delivery", description: "Deployments, a row for each service, and the incidents that they caused or fixed.", joins: []join{
			{view: "dim_repositories", relationship: manyToOne, on: same("fct_deployments", "dim_repositories", "repository")},
			{view: "fct_incident_deployments", relationship: manyToMany, on: same("fct_deployments", "fct_incident_deployments", "deployment_id")},
			{view: "fct_incidents", relationship: manyToOne, on: same("fct_incident_deployments", "fct_incidents", "incident_id"), label: "Incidents caused or fixed"},
			{view: "fct_changes", relationship: oneToMany, on: same("fct_deployments", "fct_changes", "deployment_id", "service")},
		}, usually: pair{"fct_deployments.finished_date", "90 days"}, unless: []string{"fct_deployments.happened_date", "fct_deployments.created_date", "fct_deployments.deployment_id"}},
		{view: "fct_changes", label: "Changes", group: "Delivery", description: "Pull requests and commits without one, a row for each service, and the deployments that shipped them.", joins: []join{
			{view: "dim_repositories", relationship: manyToOne, on: same("fct_changes", "dim_repositories", "repository")},
			{view: "fct_deployments", relationship: manyToOne, on: same("fct_changes", "fct_deployments", "deployment_id", "service")},
		}, usually: pair{"fct_changes.deployed_date", "90 days"}, unless: []string{"fct_changes.happened_date", "fct_changes.merged_date", "fct_changes.change_id"}},
		{view: "fct_commits", label: "Commits", group: "Delivery", description: "Commits that were shipped, a row for each service.", joins: []join{
			{view: "fct_changes", relationship: manyToOne, on: same("fct_commits", "fct_changes", "change_id", "service")},
			{view: "fct_deployments", relationship: manyToOne, on: same("fct_commits", "fct_deployments", "deployment_id", "service")},
		}, usually: pair{"fct_commits.deployed_date", "30 days"}, unless: []string{"fct_commits.sha"}},
		{view: "dim_services", label: "Services", group: "Delivery", description: "Services and their teams."},
		{view: "dim_repositories", label: "Repositories", group: "Delivery", description: "Repositories."},
		{view: "dim_severities", label: "Severities", group: "Incidents", description: "Severities that are defined now."},
		{view: "data_quality", label: "Data quality", group: "Trust", description: "Findings about the data and the configuration."},
		{view: "publication", label: "Build", group: "Trust", description: "The build that is published: what everything here is of."},
	}
}

// explore is where people begin.
type explore struct {
	view, label, group, description string
	joins                           []join
	usually                         pair   // the filter that is set until another is
	more                            []pair // that are set with it
	unless                          []string
}

// node gives the explore in LookML.
func (e explore) node() *node {
	n := block("explore", e.view, str("label", e.label), str("group_label", "Fourfold: "+e.group), str("description", e.description))
	if e.usually.key != "" {
		c := block("conditionally_filter", "", filtersOf(append([]pair{e.usually}, e.more...)...))
		if len(e.unless) > 0 {
			c.add(list("unless", e.unless...))
		}
		n.add(c)
	}
	for _, j := range e.joins {
		b := block("join", j.view)
		if j.label != "" {
			b.add(str("view_label", j.label))
		}
		n.add(b.add(word("type", "left_outer"), word("relationship", j.relationship), sql("sql_on", j.on)))
	}
	return n
}

// hiddenExplore lets dashboards ask a panel's view.
func hiddenExplore(v *panelView) *node {
	return block("explore", v.name, word("hidden", yes), str("label", v.view.value("label")))
}
