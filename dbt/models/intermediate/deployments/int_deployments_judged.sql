-- Every deployment in each service of its repository, and whether it counts (D1, D4): the first rule that it fails.
-- `is_effective` says that it put its commit before users: it passes D1, redeployments included.
with

joined as (
    select
        ship.deployment_id,
        ship.source,
        ship.source_id,
        ship.repository_id,
        ship.repository,
        ship.service,
        services.team,
        ship.environment,
        ship.is_production,
        deployments.sha,
        deployments.ref,
        deployments.task,
        deployments.is_transient,
        deployments.url,
        deployments.created_at,
        deployments.finished_at,
        case when deployments.finished_at is not null then 'success' else deployments.latest_state end as status,
        ship.kind,
        ship.is_diverged,
        ship.is_known,
        ship.follows_unknown,
        ship.previous_deployment_id,
        ship.culprit_deployment_id,
        ship.commits_shipped
    from {{ source('ship', 'ship_deployments') }} as ship
    inner join {{ ref('stg_github__deployments') }} as deployments
        on ship.source_id = deployments.source_id
    left join {{ source('ship', 'ship_services') }} as services
        on ship.service = services.service
    where ship.source = 'deployments'
),

redeploys as (
    select coalesce(max(lower(value)), 'true') <> 'false' as are_counted
    from {{ ref('config_settings') }}
    where name = 'count_redeploys'
),

judged as (
    select
        joined.*,
        case
            when not joined.is_production then 'D1 environment ' || joined.environment
            when joined.is_transient then 'D1 transient environment'
            when joined.task <> 'deploy' then 'D1 task ' || joined.task
            when joined.finished_at is null then 'D1 status ' || joined.status
        end as not_effective,
        case
            when joined.kind = 'redeploy' and not redeploys.are_counted then 'D4 redeploy'
        end as not_wanted
    from joined
    cross join redeploys
),

final as (
    select
        deployment_id,
        source,
        source_id,
        repository_id,
        repository,
        service,
        team,
        environment,
        sha,
        ref,
        url,
        created_at,
        finished_at,
        status,
        kind,
        is_diverged,
        is_known,
        follows_unknown,
        previous_deployment_id,
        culprit_deployment_id,
        commits_shipped,
        not_effective is null as is_effective,
        coalesce(not_effective, not_wanted) is null as is_counted,
        coalesce(not_effective, not_wanted) as exclusion_reason
    from judged
)

select * from final
