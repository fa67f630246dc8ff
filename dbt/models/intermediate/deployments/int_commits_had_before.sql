-- Commits that the baseline of one production environment of a service had before a deployment to another shipped them:
-- nobody knows when they came there (C2, C7).
with

final as (
    select
        had.service,
        had.repository_id,
        had.sha,
        deployments.source_id,
        deployments.created_at,
        deployments.finished_at
    from {{ source('ship', 'ship_baseline_commits') }} as had
    inner join {{ ref('int_deployments_judged') }} as deployments
        on
            had.service = deployments.service
            and had.repository_id = deployments.repository_id
            and had.environment = deployments.environment
            and deployments.kind = 'baseline'
    where deployments.is_effective
)

select * from final
