{#-
    The keys of models that no build tests: what reaches a mart is tested there, by every build. A key is columns or
    expressions; none is null, no combination comes twice. Findings need none: data_quality keeps one of those that are equal.
    Ephemeral models are in the test beside this one: dbt would have to put their text into this long one.
-#}
{%- set keys = {
    'stg_files__deployments': ['source_id'],
    'stg_files__incidents': ['incident_id'],
    'stg_fourfold__reconciliations': ['stream_id'],
    'stg_fourfold__rejected': ['rejection_id'],
    'stg_fourfold__runs': ['run_id', 'source', 'stream'],
    'stg_github__commits': ['repository_id', 'sha'],
    'stg_github__pull_requests': ['pull_request_id'],
    'stg_github__repositories': ['repository_id'],
    'stg_github__tags': ['tag_id'],
    'stg_incidentio__custom_field_options': ['option_id'],
    'stg_incidentio__custom_fields': ['field_id'],
    'stg_incidentio__follow_ups': ['follow_up_id'],
    'stg_incidentio__incident_attachments': ['attachment_id'],
    'stg_incidentio__incident_statuses': ['status_id'],
    'stg_incidentio__incident_timestamps': ['timestamp_id'],
    'stg_incidentio__incident_types': ['incident_type_id'],
    'stg_incidentio__incident_updates': ['update_id'],
    'stg_incidentio__incidents': ['incident_id'],
    'stg_incidentio__postmortem_documents': ['postmortem_document_id'],
    'stg_incidentio__severities': ['severity_id'],
    'int_attachments_unlinked': ['incident_id'],
    'int_changes_collected': ['change_id', 'service'],
    'int_commits_deployed': ['service', 'repository_id', 'sha'],
    'int_commits_had_before': ['service', 'repository_id', 'sha'],
    'int_commits_shipped': ['service', 'repository_id', 'environment', 'sha'],
    'int_deployment_changes_counted': ['deployment_id', 'service'],
    'int_deployment_failures': ['deployment_id', 'service'],
    'int_deployment_measures': ['measure', 'deployment_id', 'service'],
    'int_deployment_rework': ['deployment_id', 'service'],
    'int_deployments_judged': ['deployment_id', 'service'],
    'int_deployments_nearest': ['incident_id'],
    'int_fixes_found': ['incident_id', 'thing', 'deployment_id'],
    'int_incident_deployments_linked': ['incident_id', 'deployment_id', 'role'],
    'int_incident_mentions': [
        'incident_id', 'place', 'words', 'mention', "coalesce(commit_repository, '')", "coalesce(commit_sha, '')",
    ],
    'int_incidents_unlinked': ['incident_id'],
    'int_links_by_attachment': ['incident_id', 'deployment_id', 'role', 'method'],
    'int_links_by_field': ['incident_id'],
    'int_links_by_proximity': ['incident_id'],
    'int_links_by_revert': ['incident_id'],
    'int_manual_links_resolved': ['line'],
    'int_mentions_found': ['incident_id', 'place', 'words', 'thing', "coalesce(repository_id, '')"],
    'int_mentions_named': ['incident_id', 'deployment_id', 'evidence'],
    'int_mentions_shipped': ['incident_id', 'place', 'words', 'thing', 'deployment_id'],
    'int_pull_requests_deployed': ['pull_request_id', 'service'],
    'int_pull_requests_had_before': ['pull_request_id', 'service', 'deployment_id'],
    'int_pull_requests_hotfix': ['pull_request_id'],
    'int_pull_requests_shipped': ['pull_request_id', 'service', 'environment'],
    'int_repository_names': ['name'],
    'int_reverts_resolved': ['incident_id', 'fix', 'thing', "coalesce(repository_id, '')"],
    'int_unlinked_incidents_judged': ['incident_id'],
    'int_custom_field_names_meant': ['configured_name', 'name'],
    'int_custom_field_values_meant': ["coalesce(option_id, '')", 'configured_value', 'value'],
    'int_follow_ups_measured': ['follow_up_id'],
    'int_incident_durations_measured': ['incident_id', 'slug'],
    'int_incident_fields_unnested': ['incident_id', "coalesce(field_id, '')", "coalesce(value_id, '')", 'field', 'value'],
    'int_incident_history_summarised': ['incident_id'],
    'int_incident_measures': ['measure', 'incident_id'],
    'int_measures': ['measure', 'object_id', "coalesce(service, '')"],
    'int_incident_severities_declared': ['incident_id'],
    'int_incident_services_matched': ['incident_id', 'service'],
    'int_incident_status_changes': ['incident_id', 'position'],
    'int_incident_times_chosen': ['incident_id'],
    'int_incident_timestamps_of_files': ['incident_id', 'timestamp_id'],
    'int_incident_timestamps_unnested': ['incident_id', 'timestamp_id'],
    'int_incidents_counted': ['incident_id'],
    'int_incidents_joined': ['incident_id'],
    'int_incidents_of_files': ['incident_id'],
    'int_timestamp_names_defined': ['purpose', 'position'],
    'int_timestamp_names_embedded': ['timestamp_id', 'name'],
    'int_timestamp_names_resolved': ['purpose', 'position', "coalesce(timestamp_id, '')"],
    'int_duration_metrics_compared': ['incident_id', 'duration_metric'],
    'int_duration_metrics_defined': ['duration_metric'],
    'int_duration_metrics_unnested': ['incident_id', 'duration_metric'],
    'int_streams_freshness': ['source', 'stream'],
} -%}

{%- for name, columns in keys.items() %}
select
    '{{ name }}' as model,
    count(*) as wrong_keys
from (
    {{ test_key(ref(name), columns) }}
) as wrong
having count(*) > 0
{{ 'union all' if not loop.last }}
{%- endfor %}
