-- Where each pull request of a service was shipped to production, environment by environment: by the deployment that
-- was the first to bring its merge commit there (C1, C4).
with

final as (
    select
        shipped.service,
        shipped.repository_id,
        shipped.pull_request_id,
        deployments.deployment_id,
        deployments.source_id,
        deployments.repository,
        deployments.environment,
        deployments.created_at,
        deployments.finished_at,
        deployments.follows_unknown
    from {{ source('ship', 'shipped_pull_requests') }} as shipped
    inner join {{ ref('int_deployments_judged') }} as deployments
        on
            shipped.deployment_id = deployments.deployment_id
            and shipped.service = deployments.service
    where deployments.is_effective
)

select * from final
