-- Which counted deployments failed, why, and when their failure was over (F1, F2, F4, R1, R2, R4); one row a deployment
-- and service. Links and rollbacks name members of groups, the failure is the counted one's (D5). A deployment fails in
-- all its services, whichever of them was rolled back: what it is in totals must not hang on which service comes first.
with

rollback_setting as (
    select coalesce(max(lower(value)), 'true') <> 'false' as is_failure
    from {{ ref('config_settings') }}
    where name = 'rollback_is_failure'
),

members as (
    select
        deployment_id,
        service,
        counted_deployment_id,
        case when deployment_id <> counted_deployment_id then deployment_id end as other_member
    from {{ ref('int_deployments_judged') }}
    where counted_deployment_id is not null
),

caused as (
    select
        members.counted_deployment_id,
        members.service,
        sum(case when links.method <> 'proximity' then 1 else 0 end) as evident_count,
        sum(case when incidents.restored_at is null then 1 else 0 end) as open_count,
        max(incidents.restored_at) as restored_at,
        string_agg(
            coalesce(incidents.reference, incidents.incident_id) || ' (' || links.method
            || coalesce(', by ' || members.other_member, '') || ')', ', '
            order by incidents.incident_id, links.deployment_id
        ) as named
    from {{ ref('int_incident_deployments_linked') }} as links
    inner join {{ ref('fct_incidents') }} as incidents
        on links.incident_id = incidents.incident_id
    inner join members on links.deployment_id = members.deployment_id
    where links.role = 'cause' and incidents.is_counted
    group by members.counted_deployment_id, members.service
),

-- Of a group the first that took one of its members back ended the failure.
rollbacks as (
    select
        members.counted_deployment_id,
        members.service,
        rollbacks.finished_at,
        coalesce(members.other_member || ' ', '') || 'was rolled back by ' || rollbacks.deployment_id as words
    from {{ ref('int_deployments_judged') }} as rollbacks
    inner join members on rollbacks.culprit_deployment_id = members.deployment_id
    cross join rollback_setting
    where rollbacks.kind = 'rollback' and rollbacks.is_effective and rollback_setting.is_failure
    qualify
        row_number() over (
            partition by members.counted_deployment_id, members.service
            order by
                rollbacks.finished_at,
                rollbacks.created_at,
                {{ sortable('rollbacks.source_id') }},
                rollbacks.deployment_id
        ) = 1
),

final as (
    select
        coalesce(caused.counted_deployment_id, rollbacks.counted_deployment_id) as deployment_id,
        coalesce(caused.service, rollbacks.service) as service,
        coalesce('F1 caused ' || caused.named, 'F2 ' || rollbacks.words) as failure_reason,
        coalesce(caused.evident_count, 0) > 0 or rollbacks.service is not null as is_evident,
        case
            when caused.service is null then rollbacks.finished_at
            when caused.open_count = 0 then caused.restored_at
        end as recovered_at,
        case when caused.service is null then 'R2' else 'R1' end as recovery_rule
    from caused
    full outer join rollbacks
        on
            caused.counted_deployment_id = rollbacks.counted_deployment_id
            and caused.service = rollbacks.service
)

select * from final
