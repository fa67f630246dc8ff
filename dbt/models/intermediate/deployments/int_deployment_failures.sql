-- Which counted deployments failed, why, and when their failure was over (F1, F2, F4, R1, R2, R4); one row a deployment
-- and service.
with

rollback_setting as (
    select coalesce(max(lower(value)), 'true') <> 'false' as is_failure
    from {{ ref('config_settings') }}
    where name = 'rollback_is_failure'
),

caused as (
    select
        links.deployment_id,
        count(*) as incident_count,
        sum(case when links.method <> 'proximity' then 1 else 0 end) as evident_count,
        sum(case when incidents.restored_at is null then 1 else 0 end) as open_count,
        max(incidents.restored_at) as restored_at,
        string_agg(
            coalesce(incidents.reference, incidents.incident_id) || ' (' || links.method || ')', ', '
            order by incidents.incident_id
        ) as named
    from {{ ref('int_incident_deployments_linked') }} as links
    inner join {{ ref('fct_incidents') }} as incidents
        on links.incident_id = incidents.incident_id
    where links.role = 'cause' and incidents.is_counted
    group by links.deployment_id
),

rollbacks as (
    select
        culprit_deployment_id as deployment_id,
        service,
        deployment_id as rollback_deployment_id,
        finished_at
    from {{ ref('int_deployments_judged') }}
    where kind = 'rollback' and is_effective and culprit_deployment_id is not null
    qualify
        row_number() over (
            partition by culprit_deployment_id, service
            order by finished_at, created_at, {{ sortable('source_id') }}
        ) = 1
),

final as (
    select
        deployments.deployment_id,
        deployments.service,
        case
            when caused.deployment_id is not null then 'F1 caused ' || caused.named
            else 'F2 was rolled back by ' || rollbacks.rollback_deployment_id
        end as failure_reason,
        coalesce(caused.evident_count, 0) > 0
        or (rollbacks.deployment_id is not null and rollback_setting.is_failure) as is_evident,
        case
            when caused.deployment_id is null then rollbacks.finished_at
            when caused.open_count = 0 then caused.restored_at
        end as recovered_at,
        case when caused.deployment_id is null then 'R2' else 'R1' end as recovery_rule
    from {{ ref('int_deployments_judged') }} as deployments
    cross join rollback_setting
    left join caused on deployments.deployment_id = caused.deployment_id
    left join rollbacks
        on
            deployments.deployment_id = rollbacks.deployment_id
            and deployments.service = rollbacks.service
    where
        deployments.is_counted
        and (caused.deployment_id is not null or (rollbacks.deployment_id is not null and rollback_setting.is_failure))
)

select * from final
