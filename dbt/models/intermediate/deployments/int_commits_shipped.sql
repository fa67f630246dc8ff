-- Where each commit was shipped to production, environment by environment (C1): what links and lead times look at.
with

final as (
    select
        shipped.service,
        shipped.repository_id,
        shipped.sha,
        shipped.is_merge,
        deployments.deployment_id,
        deployments.source_id,
        deployments.repository,
        deployments.team,
        deployments.environment,
        deployments.created_at,
        deployments.finished_at,
        deployments.follows_unknown
    from {{ source('ship', 'shipped_commits') }} as shipped
    inner join {{ ref('int_deployments_judged') }} as deployments
        on
            shipped.deployment_id = deployments.deployment_id
            and shipped.service = deployments.service
    where deployments.is_effective
)

select * from final
