with

drills as (
    select
        incident_id,
        reference,
        name,
        mode,
        severity,
        status,
        status_category,
        started_at,
        acknowledged_at as accepted_at,
        acknowledge_basis as accepted_basis,
        coalesce(closed_at, restored_at) as closed_at,
        case
            when closed_at is not null then 'Closed at'
            when restored_at is not null then restore_end_basis
        end as closed_basis
    from {{ ref('fct_incidents') }}
    where lower(mode) in ('test', 'tutorial')
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
    where coalesce(status_category, '') not in ('declined', 'merged', 'canceled')
)

select * from final
