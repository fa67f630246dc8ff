package transform

import (
	"github.com/valyala/fastjson"
)

// The raw tables of incident.io. The facts behind them (paths, what is volatile) are those of the API's public schema.

// embedded lists the fields of definitions that incidents and updates repeat in full and that are streams of their own:
// only the id below each of these is part of a version.
func embedded(prefix string) []string {
	out := make([]string, 0, 8)
	for _, f := range []string{
		"name", "description", "rank", "category", "created_at", "updated_at", "is_default", "create_in_triage",
		"private_incidents_only", "instructions", "role_type", "shortform", "required", "field_type", "options", "owning_team_ids",
		"value", "sort_key", "custom_field_id",
	} {
		out = append(out, prefix+"."+f)
	}
	return out
}

// person lists what of an embedded user is the users stream's business.
func person(prefix string) []string {
	return []string{prefix + ".name", prefix + ".email", prefix + ".role", prefix + ".slack_user_id"}
}

func join(lists ...[]string) []string {
	var out []string
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// IncidentioIncidents is one row per version of an incident, all modes and all status categories.
var IncidentioIncidents = declare(&Table{
	Name: "incidentio_incidents", Source: "incidentio", Stream: "incidents", UpdatedAt: "updated_at",
	Doc: "Incidents of every mode and status category.",
	Columns: []Column{
		must(text("reference", "The number people use, INC-123.", "reference")),
		must(text("name", "Title of the incident.", "name")),
		must(text("mode", "standard, retrospective, test or tutorial; later ones are kept as they come.", "mode")),
		must(text("visibility", "public or private.", "visibility")),
		must(text("status_id", "Id of the present status.", "incident_status", "id")),
		text("status_name", "Name of the present status when this version was seen.", "incident_status", "name"),
		must(text("status_category", "Category of the present status: triage, live, paused, learning, closed, declined, merged, canceled.", "incident_status", "category")),
		text("severity_id", "Id of the severity; null where none is set.", "severity", "id"),
		text("severity_name", "Name of the severity when this version was seen.", "severity", "name"),
		integer("severity_rank", "Rank of the severity when this version was seen; a higher rank is more severe.", "severity", "rank"),
		text("incident_type_id", "Id of the incident type; null where types are not used.", "incident_type", "id"),
		text("incident_type_name", "Name of the incident type when this version was seen.", "incident_type", "name"),
		text("creator_id", "Id of the person who declared it, as the privacy policy allows; null for a workflow, an alert or a key.", "creator", "user", "id"),
		text("creator_name", "Name of the person who declared it, as the privacy policy allows.", "creator", "user", "name"),
		{Name: "lead_id", Type: String, Doc: "Id of the person in the lead role, as the privacy policy allows; null where nobody is.", get: lead("id")},
		{Name: "lead_name", Type: String, Doc: "Name of the person in the lead role, as the privacy policy allows.", get: lead("name")},
		text("summary", "Summary, Markdown.", "summary"),
		text("permalink", "Address of the incident in incident.io.", "permalink"),
		must(instant("created_at", "When it was declared, UTC.", "created_at")),
		must(instant("updated_at", "When incident.io says that it last changed, UTC; children and definitions change without moving it.", "updated_at")),
		instant("last_activity_at", "Last activity of any kind, UTC; changes by itself and makes no version.", "last_activity_at"),
		{Name: "timestamps", Type: JSON, Doc: "Named timestamps: id, name, rank, and at where it is set.", project: projectTimestamps, check: checkTimestamps},
		projection("custom_fields", "Custom fields with values: id, name, type, values of id and value as text.", projectCustomFields),
		projection("roles", "Role assignments: id, name, role_type, and the assignee where there is one.", projectRoles),
		projection("duration_metrics", "The durations that incident.io computed itself: id, name, status, value_seconds; changes by itself.", projectDurations),
		projection("team_ids", "Ids of the teams that the incident belongs to.", asReceived("team_ids")),
		projection("postmortem_document_ids", "Ids of the post-mortem documents.", asReceived("postmortem_document_ids")),
		text("postmortem_document_url", "Address of the post-mortem.", "postmortem_document_url"),
		projection("debriefs", "Debriefs: id, start_at, end_at.", asReceived("debriefs")),
		text("external_issue_provider", "Issue tracker of the linked issue.", "external_issue_reference", "provider"),
		text("external_issue_name", "Key of the linked issue.", "external_issue_reference", "issue_name"),
		text("external_issue_url", "Address of the linked issue.", "external_issue_reference", "issue_permalink"),
		number("workload_minutes_total", "Person-minutes spent; changes by itself.", "workload_minutes_total"),
		number("workload_minutes_working", "Person-minutes in working hours; changes by itself.", "workload_minutes_working"),
		number("workload_minutes_late", "Person-minutes late in the day; changes by itself.", "workload_minutes_late"),
		number("workload_minutes_sleeping", "Person-minutes in sleeping hours; changes by itself.", "workload_minutes_sleeping"),
	},
	Volatile: join(
		[]string{
			"last_activity_at", "duration_metrics", "workload_minutes_total", "workload_minutes_working", "workload_minutes_late", "workload_minutes_sleeping",
			"incident_timestamp_values.incident_timestamp.name", "incident_timestamp_values.incident_timestamp.rank",
		},
		embedded("severity"), embedded("incident_status"), embedded("incident_type"), embedded("incident_role_assignments.role"),
		embedded("custom_field_entries.custom_field"), embedded("custom_field_entries.values.value_option"),
		person("creator.user"), person("incident_role_assignments.assignee"),
	),
	Kept: []string{
		"id", "reference", "mode", "visibility", "incident_status", "severity", "incident_type", "created_at", "updated_at", "last_activity_at",
		"permalink", "incident_timestamp_values", "duration_metrics", "team_ids", "custom_field_entries", "workload_minutes_total",
		"workload_minutes_working", "workload_minutes_late", "workload_minutes_sleeping",
	},
	Placeholder: map[string]string{"name": "(private)"},
})

// IncidentioSeverities is one row per version of a severity.
var IncidentioSeverities = declare(&Table{
	Name: "incidentio_severities", Source: "incidentio", Stream: "severities", UpdatedAt: "updated_at",
	Doc: "Severities as configured; a higher rank is more severe.",
	Columns: []Column{
		must(text("name", "Name of the severity.", "name")),
		text("description", "What it means.", "description"),
		must(integer("rank", "Order of the severities; a higher rank is more severe.", "rank")),
		instant("created_at", "When it was made, UTC.", "created_at"),
		instant("updated_at", "When it last changed, UTC.", "updated_at"),
	},
})

// IncidentioIncidentStatuses is one row per version of a lifecycle status.
var IncidentioIncidentStatuses = declare(&Table{
	Name: "incidentio_incident_statuses", Source: "incidentio", Stream: "incident_statuses", UpdatedAt: "updated_at",
	Doc: "Lifecycle statuses as configured, each in a category.",
	Columns: []Column{
		must(text("name", "Name of the status.", "name")),
		text("description", "What it means.", "description"),
		must(text("category", "triage, live, paused, learning, closed, declined, merged or canceled.", "category")),
		integer("rank", "Order of the statuses in their category.", "rank"),
		instant("created_at", "When it was made, UTC.", "created_at"),
		instant("updated_at", "When it last changed, UTC.", "updated_at"),
	},
})

// IncidentioIncidentTypes is one row per version of an incident type.
var IncidentioIncidentTypes = declare(&Table{
	Name: "incidentio_incident_types", Source: "incidentio", Stream: "incident_types", UpdatedAt: "updated_at",
	Doc: "Incident types as configured.",
	Columns: []Column{
		must(text("name", "Name of the type.", "name")),
		text("description", "What it means.", "description"),
		boolean("is_default", "Whether new incidents get it.", "is_default"),
		text("create_in_triage", "always or optional.", "create_in_triage"),
		boolean("private_incidents_only", "Whether incidents of this type are always private.", "private_incidents_only"),
		instant("created_at", "When it was made, UTC.", "created_at"),
		instant("updated_at", "When it last changed, UTC.", "updated_at"),
	},
})

// IncidentioIncidentTimestamps is one row per version of a timestamp definition: a new name is a new version.
var IncidentioIncidentTimestamps = declare(&Table{
	Name: "incidentio_incident_timestamps", Source: "incidentio", Stream: "incident_timestamps",
	Doc: "Timestamps that incidents can have, as configured.",
	Columns: []Column{
		must(text("name", "Name of the timestamp.", "name")),
		integer("rank", "Order in which they are shown.", "rank"),
	},
})

// IncidentioIncidentRoles is one row per version of a role.
var IncidentioIncidentRoles = declare(&Table{
	Name: "incidentio_incident_roles", Source: "incidentio", Stream: "incident_roles", UpdatedAt: "updated_at",
	Doc: "Roles that people take in an incident.",
	Columns: []Column{
		must(text("name", "Name of the role.", "name")),
		text("role_type", "lead, reporter or custom.", "role_type"),
		text("shortform", "Short name used in chat.", "shortform"),
		text("description", "What the role does.", "description"),
		instant("created_at", "When it was made, UTC.", "created_at"),
		instant("updated_at", "When it last changed, UTC.", "updated_at"),
	},
})

// IncidentioCustomFields is one row per version of a custom field.
var IncidentioCustomFields = declare(&Table{
	Name: "incidentio_custom_fields", Source: "incidentio", Stream: "custom_fields", UpdatedAt: "updated_at",
	Doc: "Custom fields as configured.",
	Columns: []Column{
		must(text("name", "Name of the field.", "name")),
		must(text("field_type", "single_select, multi_select, text, link or numeric.", "field_type")),
		text("description", "What it is for.", "description"),
		text("catalog_type_id", "The catalog type that gives its values; null for options of its own.", "catalog_type_id"),
		instant("created_at", "When it was made, UTC.", "created_at"),
		instant("updated_at", "When it last changed, UTC.", "updated_at"),
	},
})

// IncidentioCustomFieldOptions is one row per version of an option of a select field.
var IncidentioCustomFieldOptions = declare(&Table{
	Name: "incidentio_custom_field_options", Source: "incidentio", Stream: "custom_field_options",
	Doc: "Options of the select fields that have options of their own.",
	Columns: []Column{
		must(text("custom_field_id", "The field.", "custom_field_id")),
		must(text("value", "What the option says.", "value")),
		integer("sort_key", "Order in which options are shown.", "sort_key"),
	},
})

// IncidentioIncidentUpdates is one row per update: the status and severity history of incidents.
var IncidentioIncidentUpdates = declare(&Table{
	Name: "incidentio_incident_updates", Source: "incidentio", Stream: "incident_updates", Parent: "incident_id",
	Doc: "Updates of incidents: each says the status, and perhaps the severity, that the incident then had.",
	Columns: []Column{
		must(text("incident_id", "The incident.", "incident_id")),
		must(text("status_id", "Id of the status after the update.", "new_incident_status", "id")),
		text("status_name", "Name of that status when this version was seen.", "new_incident_status", "name"),
		must(text("status_category", "Category of that status.", "new_incident_status", "category")),
		text("severity_id", "Id of the severity after the update; null where the update says none.", "new_severity", "id"),
		text("severity_name", "Name of that severity when this version was seen.", "new_severity", "name"),
		integer("severity_rank", "Rank of that severity when this version was seen.", "new_severity", "rank"),
		text("merged_into_incident_id", "The incident that this one was merged into.", "merged_into_incident_id"),
		text("updater_id", "Id of the person who wrote it, as the privacy policy allows.", "updater", "user", "id"),
		text("updater_name", "Name of the person who wrote it, as the privacy policy allows.", "updater", "user", "name"),
		text("message", "What the update says, Markdown.", "message"),
		must(instant("created_at", "When it was posted, UTC.", "created_at")),
	},
	Volatile: join(embedded("new_incident_status"), embedded("new_severity"), person("updater.user")),
	Kept:     []string{"id", "incident_id", "new_incident_status", "new_severity", "merged_into_incident_id", "created_at"},
})

// IncidentioFollowUps is one row per version of a follow-up.
var IncidentioFollowUps = declare(&Table{
	Name: "incidentio_follow_ups", Source: "incidentio", Stream: "follow_ups", UpdatedAt: "updated_at", Parent: "incident_id",
	Doc: "Follow-ups of incidents of every mode.",
	Columns: []Column{
		must(text("incident_id", "The incident.", "incident_id")),
		must(text("title", "What is to be done.", "title")),
		text("description", "More on it, Markdown.", "description"),
		must(text("status", "outstanding, completed, deleted or not_doing.", "status")),
		text("priority_id", "Id of the priority.", "priority", "id"),
		text("priority_name", "Name of the priority.", "priority", "name"),
		integer("priority_rank", "Rank of the priority.", "priority", "rank"),
		text("category_name", "Name of the category.", "category", "name"),
		text("assignee_id", "Id of the person who is to do it, as the privacy policy allows.", "assignee", "id"),
		text("assignee_name", "Name of the person who is to do it, as the privacy policy allows.", "assignee", "name"),
		text("assignee_team_id", "Id of the team that is to do it.", "assignee_team", "id"),
		text("assignee_team_name", "Name of the team that is to do it.", "assignee_team", "name"),
		text("creator_id", "Id of the person who wrote it, as the privacy policy allows.", "creator", "user", "id"),
		text("creator_name", "Name of the person who wrote it, as the privacy policy allows.", "creator", "user", "name"),
		projection("labels", "Labels.", asReceived("labels")),
		text("external_issue_provider", "Issue tracker of the linked issue.", "external_issue_reference", "provider"),
		text("external_issue_name", "Key of the linked issue.", "external_issue_reference", "issue_name"),
		text("external_issue_url", "Address of the linked issue.", "external_issue_reference", "issue_permalink"),
		instant("completed_at", "When it was completed, UTC; null while it is not.", "completed_at"),
		must(instant("created_at", "When it was written, UTC.", "created_at")),
		must(instant("updated_at", "When it last changed, UTC.", "updated_at")),
	},
	Volatile:    join(person("assignee"), person("creator.user")),
	Kept:        []string{"id", "incident_id", "status", "priority", "category", "assignee_team", "completed_at", "created_at", "updated_at"},
	Placeholder: map[string]string{"title": "(private)"},
})

// IncidentioIncidentAttachments is one row per thing attached to an incident.
var IncidentioIncidentAttachments = declare(&Table{
	Name: "incidentio_incident_attachments", Source: "incidentio", Stream: "incident_attachments", Parent: "incident_id",
	Doc: "Things attached to incidents: pull requests, alerts, issues, addresses.",
	Columns: []Column{
		must(text("incident_id", "The incident.", "incident_id")),
		must(text("resource_type", "What it is: github_pull_request, sentry_issue and others.", "resource", "resource_type")),
		text("external_id", "Its id where it comes from.", "resource", "external_id"),
		text("permalink", "Its address.", "resource", "permalink"),
		text("title", "Its title.", "resource", "title"),
	},
	Kept: []string{"id", "incident_id", "resource"},
})

// IncidentioPostmortems is one row per version of a post-mortem document; its text is not read.
var IncidentioPostmortems = declare(&Table{
	Name: "incidentio_postmortem_documents", Source: "incidentio", Stream: "postmortem_documents", UpdatedAt: "updated_at", Parent: "incident_id",
	Doc: "Post-mortem documents of incidents, without their text.",
	Columns: []Column{
		must(text("incident_id", "The incident.", "incident_id")),
		text("title", "Its title.", "title"),
		text("type", "in_app or external.", "type"),
		text("status", "in_progress, in_review or completed.", "status"),
		text("document_url", "Its address.", "document_url"),
		projection("exported_urls", "Addresses that it was exported to, a JSON array.", asReceived("exported_urls")),
		must(instant("created_at", "When it was begun, UTC.", "created_at")),
		instant("updated_at", "When it last changed, UTC.", "updated_at"),
	},
	Volatile:    []string{"editors"},
	Kept:        []string{"id", "incident_id", "type", "status", "created_at", "updated_at"},
	Placeholder: map[string]string{"title": "(private)"},
})

// IncidentioUsers is one row per version of a user, as the privacy policy allows.
var IncidentioUsers = declare(&Table{
	Name: "incidentio_users", Source: "incidentio", Stream: "users", Person: true,
	Doc: "Users, deactivated ones included, as the privacy policy allows.",
	Columns: []Column{
		text("name", "Name, or the pseudonym that stands for it.", "name"),
		text("email", "Email address; null unless people: include.", "email"),
		text("role", "viewer, responder, administrator, owner or unset.", "role"),
		text("slack_user_id", "Id in Slack; null unless people: include.", "slack_user_id"),
		boolean("is_active", "Whether the account is active.", "is_active"),
	},
})

// Incidentio lists the raw tables of incident.io in the order in which their streams run.
var Incidentio = []*Table{
	IncidentioSeverities, IncidentioIncidentStatuses, IncidentioIncidentTypes, IncidentioIncidentTimestamps, IncidentioIncidentRoles,
	IncidentioCustomFields, IncidentioCustomFieldOptions, IncidentioUsers, IncidentioIncidents, IncidentioIncidentUpdates,
	IncidentioFollowUps, IncidentioIncidentAttachments, IncidentioPostmortems,
}

// lead finds a field of whoever has the lead role; the first, should there be several.
func lead(field string) func(*fastjson.Value) *fastjson.Value {
	return func(v *fastjson.Value) *fastjson.Value {
		for _, a := range v.GetArray("incident_role_assignments") {
			if string(a.GetStringBytes("role", "role_type")) == "lead" && a.Exists("assignee", "id") {
				return a.Get("assignee", field)
			}
		}
		return nil
	}
}
