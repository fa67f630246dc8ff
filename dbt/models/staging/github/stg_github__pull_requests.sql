with

present as (
    {{ present(source('github', 'github_pull_requests')) }}
)

select
    id as pull_request_id,
    repository_id,
    number,
    title,
    url,
    author,
    is_bot,
    base_ref,
    head_ref,
    head_oid,
    merge_oid,
    created_at as opened_at,
    merged_at,
    first_review_at,
    first_commit_at,
    labels as labels_json,
    reverts as reverts_json,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
