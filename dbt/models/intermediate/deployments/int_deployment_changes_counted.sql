-- How many changes each deployment shipped to its own environment, production or not: pull requests by their merge
-- commit, and commits that came without one (C1, C2, C4).
with

final as (
    select
        shipped.deployment_id,
        shipped.service,
        cast(
            count(distinct pulls.pull_request_id)
            + sum(case when brought.sha is null and not shipped.is_merge then 1 else 0 end) as int64
        ) as changes_shipped
    from {{ source('ship', 'shipped_commits') }} as shipped
    left join {{ source('ship', 'ship_commit_pull_requests') }} as brought
        on
            shipped.repository_id = brought.repository_id
            and shipped.sha = brought.sha
    left join {{ ref('stg_github__pull_requests') }} as pulls
        on
            shipped.repository_id = pulls.repository_id
            and shipped.sha = pulls.merge_oid
    group by shipped.deployment_id, shipped.service
)

select * from final
