with

closings as (
    select
        incident_id,
        max(happened_at) as closed_at
    from {{ ref('int_incident_status_changes') }}
    where status_category = 'closed' and coalesce(prior_category, '') <> 'closed'
    group by incident_id
),

drills as (
    select
        incidents.incident_id,
        incidents.reference,
        incidents.name,
        incidents.mode,
        incidents.severity,
        incidents.status,
        incidents.started_at,
        incidents.acknowledged_at as accepted_at,
        incidents.acknowledge_basis as accepted_basis,
        coalesce(
            incidents.closed_at,
            case when incidents.status_category = 'closed' then closings.closed_at end
        ) as closed_at,
        case
            when incidents.closed_at is not null then 'Closed at'
            when incidents.status_category = 'closed' and closings.closed_at is not null then 'move into closed'
        end as closed_basis
    from {{ ref('fct_incidents') }} as incidents
    left join closings on incidents.incident_id = closings.incident_id
    where
        lower(incidents.mode) in ('test', 'tutorial')
        and coalesce(incidents.status_category, '') in ('live', 'paused', 'learning', 'closed')
),

final as (
    select
        incident_id,
        reference,
        name,
        mode,
        severity,
        status,
        started_at,
        accepted_at,
        accepted_basis,
        closed_at,
        closed_basis,
        case
            when accepted_at >= started_at then {{ seconds_between('started_at', 'accepted_at') }}
        end as time_to_accept_seconds,
        case
            when closed_at >= started_at then {{ seconds_between('started_at', 'closed_at') }}
        end as time_to_close_seconds,
        {{ build_id() }} as build_id
    from drills
)

select * from final
