with

present as (
    {{ present(source('github', 'github_workflow_runs')) }}
)

select
    id as workflow_run_id,
    repository_id,
    name,
    workflow_path,
    event,
    branch,
    sha,
    title,
    run_number,
    run_attempt,
    status,
    conclusion,
    url,
    web_url,
    created_at,
    updated_at,
    finished_at,
    _observed_at as observed_at
from present
