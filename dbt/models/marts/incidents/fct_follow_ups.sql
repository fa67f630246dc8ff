with

follow_ups as (
    select
        follow_ups.follow_up_id,
        follow_ups.incident_id,
        follow_ups.status,
        follow_ups.priority_name as priority,
        follow_ups.created_at,
        follow_ups.completed_at,
        case when not incidents.is_redacted then follow_ups.title end as title,
        coalesce(follow_ups.completed_at, {{ as_of() }}) as aged_until
    from {{ ref('stg_incidentio__follow_ups') }} as follow_ups
    inner join {{ ref('int_incidents_joined') }} as incidents
        on follow_ups.incident_id = incidents.incident_id
    where coalesce(follow_ups.status, '') <> 'deleted'
),

final as (
    select
        follow_up_id,
        incident_id,
        title,
        status,
        priority,
        created_at,
        completed_at,
        case
            when aged_until >= created_at
                then {{ seconds_between('created_at', 'aged_until') }}
        end as age_seconds,
        completed_at is null and coalesce(status, '') not in ('completed', 'not_doing') as is_open,
        {{ build_id() }} as build_id
    from follow_ups
)

select * from final
