with

present as (
    {{ present(source('github', 'github_tags')) }}
)

select
    id as tag_id,
    repository_id,
    name,
    sha,
    tagged_at,
    _observed_at as observed_at
from present
