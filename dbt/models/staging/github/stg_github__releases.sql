with

present as (
    {{ present(source('github', 'github_releases')) }}
)

select
    id as release_id,
    repository_id,
    tag_name,
    name,
    is_prerelease,
    author,
    url,
    web_url,
    created_at,
    published_at,
    _observed_at as observed_at
from present
