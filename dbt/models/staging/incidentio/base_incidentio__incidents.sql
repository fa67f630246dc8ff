{#- Incidents have many versions, with long texts: a build goes on from the rows of the one before it. -#}
{{
    config(
        materialized = 'incremental' if target.type == 'bigquery' else 'ephemeral',
        unique_key = 'id',
        cluster_by = ['id']
    )
}}

{%- set columns = [
    'reference', 'name', 'mode', 'visibility', 'status_id', 'status_name', 'status_category', 'severity_id',
    'severity_name', 'severity_rank', 'incident_type_id', 'incident_type_name', 'creator_id', 'creator_name', 'lead_id',
    'lead_name', 'summary', 'permalink', 'created_at', 'updated_at', 'last_activity_at', 'timestamps', 'custom_fields',
    'roles', 'duration_metrics', 'team_ids', 'postmortem_document_ids', 'postmortem_document_url', 'debriefs',
    'external_issue_provider', 'external_issue_name', 'external_issue_url', 'workload_minutes_total',
    'workload_minutes_working', 'workload_minutes_late', 'workload_minutes_sleeping',
] -%}

{%- set goes = goes_on() -%}
{%- set had = this if goes else none -%}
{%- set since = carried_since('_observed_at') if goes else none -%}

{{ latest(source('incidentio', 'incidentio_incidents'), columns, had, since) }}
