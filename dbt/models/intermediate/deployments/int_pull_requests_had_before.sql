-- Pull requests that the baseline of a production environment of a service had already: nobody knows when they came
-- there (C2).
with

final as (
    select
        had.service,
        had.pull_request_id,
        deployments.deployment_id,
        deployments.source_id,
        deployments.created_at,
        deployments.finished_at
    from {{ source('ship', 'ship_baseline_pull_requests') }} as had
    inner join {{ ref('int_deployments_judged') }} as deployments
        on
            had.service = deployments.service
            and had.repository_id = deployments.repository_id
            and had.environment = deployments.environment
            and deployments.kind = 'baseline'
    where deployments.is_effective
)

select * from final
