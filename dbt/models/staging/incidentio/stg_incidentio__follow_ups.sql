with

present as (
    {{ present(source('incidentio', 'incidentio_follow_ups')) }}
)

select
    id as follow_up_id,
    incident_id,
    title,
    description,
    status,
    priority_id,
    priority_name,
    priority_rank,
    category_name,
    assignee_id,
    assignee_name,
    assignee_team_id,
    assignee_team_name,
    creator_id,
    creator_name,
    labels as labels_json,
    external_issue_provider,
    external_issue_name,
    external_issue_url,
    completed_at,
    created_at,
    updated_at,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
