-- When each merged pull request was first before the users of each service: shipped by a deployment, or there already
-- when the first known one came (C2, C4, C7).
with

arrivals as (
    select
        pulls.pull_request_id,
        shipped.service,
        shipped.deployment_id,
        shipped.source_id,
        shipped.created_at,
        shipped.finished_at,
        shipped.follows_unknown,
        false as is_baseline
    from {{ ref('stg_github__pull_requests') }} as pulls
    inner join {{ ref('int_commits_shipped') }} as shipped
        on
            pulls.repository_id = shipped.repository_id
            and pulls.merge_oid = shipped.sha
    union all
    select
        baseline.pull_request_id,
        baseline.service,
        deployments.deployment_id,
        deployments.source_id,
        deployments.created_at,
        deployments.finished_at,
        false as follows_unknown,
        true as is_baseline
    from {{ source('ship', 'ship_baseline_pull_requests') }} as baseline
    inner join {{ ref('int_deployments_judged') }} as deployments
        on
            baseline.service = deployments.service
            and baseline.repository_id = deployments.repository_id
            and baseline.environment = deployments.environment
            and deployments.kind = 'baseline'
    where deployments.is_effective
),

final as (
    select
        pull_request_id,
        service,
        case when not is_baseline then deployment_id end as deployment_id,
        case when not is_baseline then finished_at end as deployed_at,
        follows_unknown,
        is_baseline
    from arrivals
    where true
    qualify
        row_number() over (
            partition by pull_request_id, service
            order by finished_at, created_at, {{ sortable('source_id') }}
        ) = 1
)

select * from final
