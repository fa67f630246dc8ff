select
    repository_id,
    repository,
    default_branch,
    is_archived,
    is_fork,
    visibility,
    url,
    created_at,
    {{ build_id() }} as build_id
from {{ ref('stg_github__repositories') }}
