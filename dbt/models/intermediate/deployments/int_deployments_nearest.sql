-- The latest counted deployment of an affected service that finished at or before an incident's start, however long
-- before; of any service where the incident names none. A member of a group that would count is one by its own finish
-- (D5). One pass over each service in the order of time, deployments before incidents of the same instant.
with

deployments as (
    select
        service,
        deployment_id,
        source_id,
        {{ sortable('source_id') }} as sortable_id,
        created_at,
        finished_at
    from {{ ref('int_deployments_judged') }}
    where counted_deployment_id is not null
),

incidents as (
    select
        incidents.incident_id,
        incidents.started_at,
        coalesce(affected.service, '') as service
    from {{ ref('fct_incidents') }} as incidents
    left join {{ ref('int_incident_services_matched') }} as affected
        on incidents.incident_id = affected.incident_id
    where incidents.started_at is not null
),

events as (
    select
        service,
        finished_at as happened_at,
        0 as is_incident,
        created_at,
        sortable_id,
        deployment_id,
        cast(null as string) as incident_id
    from deployments
    union all
    select distinct
        '' as service,
        finished_at as happened_at,
        0 as is_incident,
        created_at,
        sortable_id,
        deployment_id,
        cast(null as string) as incident_id
    from deployments
    union all
    select
        service,
        started_at as happened_at,
        1 as is_incident,
        cast(null as {{ type_instant() }}) as created_at,
        cast(null as string) as sortable_id,
        cast(null as string) as deployment_id,
        incident_id
    from incidents
),

ordered as (
    select
        events.*,
        last_value(events.deployment_id ignore nulls) over (
            partition by events.service
            order by
                events.happened_at,
                events.is_incident,
                events.created_at,
                events.sortable_id,
                events.deployment_id,
                events.incident_id
            rows between unbounded preceding and current row
        ) as latest_deployment_id
    from events
),

final as (
    select
        ordered.incident_id,
        ordered.happened_at as started_at,
        ordered.service = '' as names_no_service,
        deployments.deployment_id,
        deployments.source_id,
        deployments.service,
        deployments.created_at,
        deployments.finished_at,
        {{ micros_between('deployments.finished_at', 'ordered.happened_at') }} as micros
    from ordered
    inner join deployments
        on
            ordered.latest_deployment_id = deployments.deployment_id
            and ordered.service in (deployments.service, '')
    where ordered.is_incident = 1
    qualify
        row_number() over (
            partition by ordered.incident_id
            order by
                deployments.finished_at desc,
                deployments.created_at desc,
                deployments.sortable_id desc,
                deployments.deployment_id desc,
                deployments.service asc
        ) = 1
)

select * from final
