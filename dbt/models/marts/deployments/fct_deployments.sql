with

final as (
    select
        deployments.deployment_id,
        deployments.source,
        deployments.aliases,
        deployments.group_id,
        deployments.repository,
        deployments.service,
        deployments.team,
        deployments.environment,
        deployments.sha,
        deployments.ref,
        deployments.url,
        deployments.created_at,
        deployments.finished_at,
        deployments.status,
        deployments.kind,
        deployments.is_diverged,
        deployments.previous_deployment_id,
        deployments.culprit_deployment_id,
        deployments.commits_shipped,
        case when deployments.kind is not null then coalesce(changes.changes_shipped, 0) end as changes_shipped,
        deployments.is_counted,
        deployments.exclusion_reason,
        failures.deployment_id is not null as is_change_failure,
        failures.failure_reason,
        rework.deployment_id is not null as is_rework,
        rework.rework_reason,
        failures.recovered_at,
        case
            when failures.recovered_at >= deployments.finished_at
                then {{ seconds_between('deployments.finished_at', 'failures.recovered_at') }}
        end as recovery_seconds,
        {{ build_id() }} as build_id
    from {{ ref('int_deployments_judged') }} as deployments
    left join {{ ref('int_deployment_changes_counted') }} as changes
        on
            deployments.deployment_id = changes.deployment_id
            and deployments.service = changes.service
    left join {{ ref('int_deployment_failures') }} as failures
        on
            deployments.deployment_id = failures.deployment_id
            and deployments.service = failures.service
    left join {{ ref('int_deployment_rework') }} as rework
        on
            deployments.deployment_id = rework.deployment_id
            and deployments.service = rework.service
)

select * from final
