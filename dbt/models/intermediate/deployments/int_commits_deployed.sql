-- In each service the deployment that brought a commit first to any of its production environments (C7).
with

final as (
    select
        service,
        team,
        repository_id,
        repository,
        sha,
        is_merge,
        deployment_id,
        finished_at as deployed_at,
        follows_unknown
    from {{ ref('int_commits_shipped') }}
    where true
    qualify
        row_number() over (
            partition by service, repository_id, sha
            order by finished_at, created_at, {{ sortable('source_id') }}
        ) = 1
)

select * from final
