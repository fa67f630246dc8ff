package lookml

// about is what LookML wants to know of a mart that dbt does not say.
type about struct {
	label    string
	counted  string // name of the measure that counts its objects; "" for none
	objects  string // what that counts: a dimension, "" for the key
	date     string // column of the instant or date by which it is filtered; "" for none
	link     string // column that links to the address in ...
	address  string // ... this column
	rows     bool   // whether its seconds are of single objects, so that a median of them is one
	figures  []string
	fields   []*node // further dimensions
	measures []*node
	hidden   bool // nobody asks it by itself
	// detail are the columns that are shown of its rows where somebody drills down.
	detail []string
}

var yes = "yes"

// countedOnly keeps to what counts for the metrics.
var countedOnly = pair{"is_counted", yes}

const oncePerService = " An object of several services is a row in each; the metrics (explore Metrics) count it once in totals."

// marts are those of the dbt project. One that is not here has no measure but its count.
func marts() map[string]about {
	return map[string]about{
		"fct_incidents": {
			label: "Incidents", counted: "all_incidents", date: "started_at", link: "reference", address: "permalink", rows: true,
			detail: []string{"reference", "name", "severity", "status", "started_at", "restored_at", "time_to_restore_seconds", "is_counted"},
			fields: []*node{begun("begun", "Begun", "When it started or, where that is not known, was declared.", "started", "created")},
			measures: []*node{
				described(countDistinct("incidents", "Incidents", "incident_id", countedOnly), "Incidents that count for the metrics (I7)."),
				described(countDistinct("unrestored_incidents", "Unrestored incidents", "incident_id", countedOnly, pair{"restored_time", "NULL"}), "Counted incidents that have not ended."),
				described(countDistinct("reopened_incidents", "Reopened incidents", "incident_id", countedOnly, pair{"reopened_count", ">0"}), "Counted incidents that went back into live work (I5)."),
				described(ratio("reopened_share", "Reopened share", "reopened_incidents", "incidents"), "Reopened incidents by counted ones."),
			},
		},
		"fct_deployments": {
			label: "Deployments", counted: "all_deployments", objects: "deployment_id", date: "finished_at", link: "sha", address: "url", rows: true,
			detail: []string{"deployment_id", "service", "environment", "sha", "finished_at", "status", "kind", "is_change_failure"},
			fields: []*node{begun("happened", "Happened", "When it finished or, where it did not, began.", "finished", "created")},
			measures: []*node{
				described(countDistinct("deployments", "Deployments", "deployment_id", countedOnly), "Deployments to production that count (D1, D4, D5)."),
				described(countDistinct("failed_deployments", "Failed deployments", "deployment_id", countedOnly, pair{"is_change_failure", yes}), "Counted deployments that failed (F1, F2)."),
				described(countDistinct("rework_deployments", "Rework deployments", "deployment_id", countedOnly, pair{"is_rework", yes}), "Counted deployments that were rework (W)."),
				described(ratio("change_failure_rate", "Change failure rate", "failed_deployments", "deployments"), "Failed deployments by counted ones (F3)."),
				described(ratio("rework_rate", "Rework rate", "rework_deployments", "deployments"), "Rework deployments by counted ones (W)."),
			},
		},
		"fct_changes": {
			label: "Changes", counted: "all_changes", objects: "change_id", date: "deployed_at", link: "title", address: "url", rows: true,
			detail: []string{"title", "service", "repository", "merged_at", "deployed_at", "lead_time_seconds", "is_counted"},
			fields: []*node{begun("happened", "Happened", "When it was deployed or, where it was not, merged.", "deployed", "merged")},
			measures: []*node{
				described(countDistinct("changes", "Changes", "change_id", countedOnly), "Changes that are in lead times (C4)."),
				described(countDistinct("bot_changes", "Changes by bots", "change_id", countedOnly, pair{"is_bot", yes}), "Counted changes that a bot made."),
				described(ratio("bot_share", "Share by bots", "bot_changes", "changes"), "Changes by bots by counted ones."),
			},
		},
		"fct_commits": {
			label: "Commits", counted: "all_commits", objects: "sha", date: "deployed_at", rows: true,
			detail:   []string{"sha", "repository", "service", "authored_at", "deployed_at", "lead_time_seconds"},
			measures: []*node{described(countDistinct("commits", "Commits", "sha", countedOnly), "Commits that are in commit lead times (C1).")},
		},
		"fct_follow_ups": {
			label: "Follow-ups", counted: "all_follow_ups", date: "created_at", link: "title", address: "external_issue_url", rows: true,
			detail: []string{"incident_reference", "title", "status", "priority", "team", "created_at", "due_at", "is_overdue"},
			measures: []*node{
				described(countDistinct("follow_ups", "Follow-ups", "follow_up_id", pair{"is_drill", "no"}), "Follow-ups, without those of drills."),
				described(countDistinct("open_follow_ups", "Open follow-ups", "follow_up_id", pair{"is_drill", "no"}, pair{"is_open", yes}), "Follow-ups that are not done, without those of drills."),
				described(countDistinct("overdue_follow_ups", "Overdue follow-ups", "follow_up_id", pair{"is_drill", "no"}, pair{"is_open", yes}, pair{"is_overdue", yes}), "Open follow-ups that should have been done."),
				described(ratio("overdue_share", "Overdue share", "overdue_follow_ups", "open_follow_ups"), "Overdue follow-ups by open ones."),
			},
		},
		"fct_drills": {
			label: "Drills", counted: "drills", date: "started_at", rows: true,
			detail: []string{"reference", "name", "severity", "started_at", "time_to_accept_seconds", "time_to_close_seconds"},
		},
		"fct_postmortems": {
			label: "Post-mortems", counted: "postmortems", date: "created_at", link: "title", address: "url",
			detail: []string{"title", "status", "created_at"},
		},
		"fct_incident_services":   {label: "Incident services", counted: "incident_service_links", hidden: true, detail: []string{"service", "team"}},
		"fct_incident_fields":     {label: "Incident custom fields", counted: "field_values", hidden: true, detail: []string{"field", "value"}},
		"fct_incident_timestamps": {label: "Incident timestamps", counted: "timestamps", hidden: true, detail: []string{"name", "at"}},
		"fct_incident_durations": {
			label: "Incident durations", counted: "durations", hidden: true, detail: []string{"duration", "from_at", "to_at"},
			fields: []*node{lasted("elapsed", "Elapsed")},
			measures: []*node{
				ofOne(median("median_elapsed", "Median elapsed", "elapsed"), "duration"), ofOne(ninthDecile("p90_elapsed", "P90 elapsed", "elapsed"), "duration"),
			},
		},
		"fct_incident_status_intervals": {
			label: "Incident status phases", counted: "stays", hidden: true, detail: []string{"status", "status_category", "started_at", "ended_at"},
			fields: []*node{lasted("stay", "Stay")},
			measures: []*node{
				ofOne(median("median_stay", "Median stay", "stay"), "status_category"), ofOne(ninthDecile("p90_stay", "P90 stay", "stay"), "status_category"),
			},
		},
		"fct_incident_deployments": {
			label: "Causes and fixes", counted: "links", hidden: true, detail: []string{"incident_id", "deployment_id", "role", "method", "confidence", "evidence"},
		},
		"fct_unlinked_incidents": {
			label: "Unlinked incidents", counted: "unlinked_incidents", date: "started_at", detail: []string{"reference", "started_at", "services", "reason", "what_would_link"},
		},
		"fct_measures": {
			label: "Measures", date: "local_date", detail: []string{"metric", "object_type", "object_id", "at", "service", "rule"},
			measures: []*node{described(countDistinct("objects", "Objects", "object_id"), "What was measured, each once."+oncePerService)},
		},
		"four_keys": {
			label: "Metrics by period", date: "period_start", figures: []string{"value", "low", "high", "sample_size"},
			detail: []string{"metric", "period", "period_start", "dimension", "dimension_value", "value", "sample_size"},
		},
		"dim_metrics":      {label: "Metric definitions", counted: "metrics", detail: []string{"metric", "title_en", "description_en", "rules"}},
		"dim_limits":       {label: "Limits of intervals", hidden: true, detail: []string{"n"}},
		"dim_services":     {label: "Services", counted: "services", detail: []string{"service", "team"}},
		"dim_severities":   {label: "Severities", counted: "severities", detail: []string{"severity", "description"}},
		"dim_repositories": {label: "Repositories", counted: "repositories", link: "repository", address: "url", detail: []string{"repository", "default_branch", "visibility"}},
		"rpt_follow_ups": {
			label: "Follow-ups by group", detail: []string{"dimension", "dimension_value"},
			figures: []string{
				"total", "open_count", "overdue_count", "completed_count", "late_count", "not_doing_count", "completion_rate",
				"open_age_median_seconds", "completion_median_seconds",
			},
		},
		"rpt_follow_up_reminders": {
			label: "Follow-ups to chase", counted: "reminders", link: "title", address: "external_issue_url",
			detail: []string{"incident_reference", "title", "priority", "team", "due_at", "is_overdue"},
		},
		"data_quality": {
			label: "Data quality", counted: "findings", detail: []string{"severity", "rule", "object_type", "object_id", "detail"},
			fields: []*node{
				block("dimension", "severity_order", word("hidden", "yes"), str("label", "Severity order"), word("type", "number"),
					sql("sql", "case ${severity} when 'error' then 1 when 'warn' then 2 else 3 end")),
			},
			measures: []*node{
				block("measure", "example", str("label", "Example"), str("description", "One of the findings, in words."), word("type", "string"), sql("sql", "min(${detail})")),
				block("measure", "example_ja", str("label", "Example ja"), str("description", "One of the findings, in words, in Japanese."), word("type", "string"), sql("sql", "min(${detail_ja})")),
			},
		},
		"publication": {label: "Build", counted: "builds", detail: []string{"build_id", "built_at", "as_of", "timezone", "program_version"}},
	}
}

// begun is the first of two times that is known.
func begun(name, label, description, first, second string) *node {
	return block("dimension_group", name, str("label", label), str("description", description), word("type", "time"),
		list("timeframes", instantFrames...), word("datatype", "timestamp"), sql("sql", "coalesce(${"+first+"_raw}, ${"+second+"_raw})"))
}

// lasted shows the column seconds.
func lasted(name, label string) *node {
	return block("dimension", name, str("label", label), str("description", "How long it lasted."), word("type", "number"),
		str("value_format", durationFormat), sql("sql", "${seconds} / "+secondsADay))
}

// ofOne makes a measure ask for a dimension: without it unlike things would be mixed.
func ofOne(n *node, dimension string) *node { return n.add(list("required_fields", dimension)) }
