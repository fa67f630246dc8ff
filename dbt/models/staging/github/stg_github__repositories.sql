with

present as (
    {{ present(source('github', 'github_repositories')) }}
)

select
    id as repository_id,
    name as repository,
    node_id,
    default_branch,
    is_archived,
    is_fork,
    visibility,
    url,
    created_at,
    _observed_at as observed_at
from present
