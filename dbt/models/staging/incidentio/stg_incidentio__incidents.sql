with

present as (
    {{ present(source('incidentio', 'incidentio_incidents')) }}
)

select
    id as incident_id,
    reference,
    name,
    mode,
    visibility,
    status_id,
    status_name,
    status_category,
    severity_id,
    severity_name,
    severity_rank,
    incident_type_id,
    incident_type_name,
    creator_id,
    creator_name,
    lead_id,
    lead_name,
    summary,
    permalink,
    created_at,
    updated_at,
    last_activity_at,
    timestamps as timestamps_json,
    custom_fields as custom_fields_json,
    roles as roles_json,
    duration_metrics as duration_metrics_json,
    team_ids as team_ids_json,
    postmortem_document_ids as postmortem_document_ids_json,
    postmortem_document_url,
    debriefs as debriefs_json,
    external_issue_provider,
    external_issue_name,
    external_issue_url,
    workload_minutes_total,
    workload_minutes_working,
    workload_minutes_late,
    workload_minutes_sleeping,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
