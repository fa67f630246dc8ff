with

present as (
    {{ present(source('github', 'github_commits')) }}
)

select
    repository_id,
    sha,
    parents,
    authored_at,
    committed_at,
    author,
    is_bot,
    title,
    reverts as reverts_json,
    paths as paths_json,
    _observed_at as observed_at
from present
