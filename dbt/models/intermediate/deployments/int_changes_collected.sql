-- Merged pull requests, and shipped commits that came without one, in each service of their repository (C4); in a
-- service with paths those that touch them (C3).
with

pull_requests as (
    select
        homes.repository || '#' || cast(pulls.number as string) as change_id,
        'pull_request' as kind,
        homes.repository_id,
        homes.repository,
        homes.service,
        pulls.pull_request_id,
        pulls.number as pull_request,
        pulls.head_oid as sha,
        pulls.merge_oid as merge_sha,
        pulls.title,
        pulls.url,
        pulls.is_bot,
        coalesce(ship.first_commit_at, pulls.first_commit_at) as first_commit_at,
        pulls.opened_at,
        pulls.first_review_at,
        pulls.merged_at,
        coalesce(ship.is_known, false) as is_known,
        deployed.deployment_id,
        deployed.deployed_at,
        coalesce(deployed.follows_unknown, false) as follows_unknown,
        coalesce(deployed.is_baseline, false) as is_baseline
    from {{ ref('stg_github__pull_requests') }} as pulls
    inner join {{ source('ship', 'ship_repositories') }} as homes
        on pulls.repository_id = homes.repository_id
    left join {{ source('ship', 'ship_pull_requests') }} as ship
        on pulls.pull_request_id = ship.pull_request_id
    left join {{ ref('int_pull_requests_deployed') }} as deployed
        on
            pulls.pull_request_id = deployed.pull_request_id
            and homes.service = deployed.service
    left join {{ source('ship', 'ship_path_pull_requests') }} as touching
        on
            pulls.pull_request_id = touching.pull_request_id
            and homes.service = touching.service
    where not homes.has_paths or touching.pull_request_id is not null
),

commits as (
    select
        deployed.repository || '@' || deployed.sha as change_id,
        'commit' as kind,
        deployed.repository_id,
        deployed.repository,
        deployed.service,
        cast(null as string) as pull_request_id,
        cast(null as int64) as pull_request,
        deployed.sha,
        cast(null as string) as merge_sha,
        deployed.title,
        repositories.url || '/commit/' || deployed.sha as url,
        deployed.is_bot,
        deployed.authored_at as first_commit_at,
        cast(null as {{ type_instant() }}) as opened_at,
        cast(null as {{ type_instant() }}) as first_review_at,
        cast(null as {{ type_instant() }}) as merged_at,
        true as is_known,
        deployed.deployment_id,
        deployed.deployed_at,
        deployed.follows_unknown,
        false as is_baseline
    from {{ ref('int_commits_deployed') }} as deployed
    left join {{ ref('stg_github__repositories') }} as repositories
        on deployed.repository_id = repositories.repository_id
    where deployed.pull_request_id is null and not deployed.is_merge
),

final as (
    select * from pull_requests
    union all
    select * from commits
)

select * from final
