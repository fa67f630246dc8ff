-- L3: the latest counted deployment of an affected service that finished at or before the start, within the window.
-- One pass over each service in the order of time, deployments before incidents of the same instant.
with

settings as (
    select
        coalesce(max(case when name = 'failure_window' then lower(value) end), '86400') as failure_window,
        max(case when name = 'failure_window_seconds' then cast(nullif(value, '') as int64) end) * 1000000 as micros,
        max(case when name = 'unattributed' then value end) as unattributed
    from {{ ref('config_settings') }}
),

lone_service as (
    select count(*) = 1 as is_lone from {{ source('ship', 'ship_services') }}
),

deployments as (
    select
        service,
        deployment_id,
        source_id,
        created_at,
        finished_at
    from {{ ref('int_deployments_judged') }}
    where is_counted
),

incidents as (
    select
        incidents.incident_id,
        incidents.started_at,
        coalesce(affected.service, '') as service
    from {{ ref('fct_incidents') }} as incidents
    cross join settings
    cross join lone_service
    left join {{ ref('int_incident_services_matched') }} as affected
        on incidents.incident_id = affected.incident_id
    where
        incidents.started_at is not null
        and (affected.service is not null or lone_service.is_lone or lower(settings.unattributed) = 'any')
),

events as (
    select
        service,
        finished_at as happened_at,
        0 as is_incident,
        created_at,
        {{ sortable('source_id') }} as sortable_id,
        deployment_id,
        cast(null as string) as incident_id
    from deployments
    union all
    select distinct
        '' as service,
        finished_at as happened_at,
        0 as is_incident,
        created_at,
        {{ sortable('source_id') }} as sortable_id,
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
            order by events.happened_at, events.is_incident, events.created_at, events.sortable_id, events.incident_id
            rows between unbounded preceding and current row
        ) as latest_deployment_id
    from events
),

final as (
    select
        ordered.incident_id,
        deployments.deployment_id,
        deployments.source_id,
        deployments.created_at,
        deployments.finished_at,
        'it finished ' || cast({{ seconds_between('deployments.finished_at', 'ordered.happened_at') }} as string)
        || ' seconds before the start, as the latest counted deployment of ' || deployments.service as evidence
    from ordered
    inner join deployments
        on
            ordered.latest_deployment_id = deployments.deployment_id
            and ordered.service in (deployments.service, '')
    cross join settings
    where
        ordered.is_incident = 1
        and settings.failure_window <> 'off'
        and (
            settings.failure_window = 'unlimited'
            or {{ micros_between('deployments.finished_at', 'ordered.happened_at') }} <= settings.micros
        )
    qualify
        row_number() over (
            partition by ordered.incident_id
            order by
                deployments.finished_at desc,
                deployments.created_at desc,
                {{ sortable('deployments.source_id') }} desc,
                deployments.service asc
        ) = 1
)

select * from final
