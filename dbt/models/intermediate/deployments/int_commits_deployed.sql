-- In each service the deployment that brought a commit first to any of its production environments (C7). A commit
-- that was in one with the baseline, before it was shipped to another, has none (C2). What git says of the commit, and
-- which pull request brought it, is joined here once for all; its title only where it is a change itself (C4).
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
        arrivals.service,
        arrivals.team,
        arrivals.repository_id,
        arrivals.repository,
        arrivals.sha,
        arrivals.is_merge,
        arrivals.deployment_id,
        arrivals.finished_at as deployed_at,
        arrivals.follows_unknown,
        commits.authored_at,
        commits.is_bot,
        brought.pull_request_id,
        case when brought.sha is null and not arrivals.is_merge then commits.title end as title
    from first_arrivals as arrivals
    inner join {{ ref('stg_github__commits') }} as commits
        on
            arrivals.repository_id = commits.repository_id
            and arrivals.sha = commits.sha
    left join {{ source('ship', 'ship_commit_pull_requests') }} as brought
        on
            arrivals.repository_id = brought.repository_id
            and arrivals.sha = brought.sha
    where arrivals.deployment_id is not null
)

select * from final
