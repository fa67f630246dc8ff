-- In each service the deployment that brought a commit first to any of its production environments (C7). A commit
-- that was in one with the baseline, before it was shipped to another, has none (C2).
with

arrivals as (
    select
        service,
        team,
        repository_id,
        repository,
        sha,
        is_merge,
        deployment_id,
        source_id,
        created_at,
        finished_at,
        follows_unknown
    from {{ ref('int_commits_shipped') }}
    union all
    select
        service,
        cast(null as string) as team,
        repository_id,
        cast(null as string) as repository,
        sha,
        cast(null as bool) as is_merge,
        cast(null as string) as deployment_id,
        source_id,
        created_at,
        finished_at,
        false as follows_unknown
    from {{ ref('int_commits_had_before') }}
),

first_arrivals as (
    select *
    from arrivals
    where true
    qualify
        row_number() over (
            partition by service, repository_id, sha
            order by finished_at, created_at, {{ sortable('source_id') }}, deployment_id
        ) = 1
),

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
    from first_arrivals
    where deployment_id is not null
)

select * from final
