-- How many changes each deployment shipped to its own environment, production or not: pull requests by their merge
-- commit, and commits that came without one (C1, C2, C4).
with

commits as (
    select
        shipped.deployment_id,
        shipped.service,
        count(*) as change_count
    from {{ source('ship', 'shipped_commits') }} as shipped
    left join {{ source('ship', 'ship_commit_pull_requests') }} as brought
        on
            shipped.repository_id = brought.repository_id
            and shipped.sha = brought.sha
    where brought.sha is null and not shipped.is_merge
    group by shipped.deployment_id, shipped.service
),

pull_requests as (
    select
        deployment_id,
        service,
        count(*) as change_count
    from {{ source('ship', 'shipped_pull_requests') }}
    group by deployment_id, service
),

changes as (
    select * from commits
    union all
    select * from pull_requests
),

final as (
    select
        deployment_id,
        service,
        cast(sum(change_count) as int64) as changes_shipped
    from changes
    group by deployment_id, service
)

select * from final
