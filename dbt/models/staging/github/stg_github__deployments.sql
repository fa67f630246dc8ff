with

present as (
    {{ present(source('github', 'github_deployments')) }}
)

select
    id as source_id,
    repository_id,
    sha,
    ref,
    lower(coalesce(nullif(task, ''), 'deploy')) as task,
    environment,
    original_environment,
    coalesce(is_transient, false) as is_transient,
    description,
    creator,
    url,
    log_url,
    created_at,
    updated_at,
    finished_at,
    coalesce(latest_state, 'pending') as latest_state,
    statuses as statuses_json,
    deployment_payload as payload_json,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
