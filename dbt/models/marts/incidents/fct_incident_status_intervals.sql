with

stays as (
    select
        incident_id,
        position,
        status,
        status_category,
        started_at,
        lead(started_at) over (
            partition by incident_id
            order by position
        ) as ended_at
    from {{ ref('int_incident_status_changes') }}
),

final as (
    select
        incident_id,
        position,
        coalesce(status, status_category) as status,
        status_category,
        started_at,
        ended_at,
        {{ seconds_between('started_at', 'ended_at') }} as seconds,
        {{ build_id() }} as build_id
    from stays
)

select * from final
