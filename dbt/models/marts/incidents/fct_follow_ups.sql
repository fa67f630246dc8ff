with

final as (
    select
        follow_ups.follow_up_id,
        follow_ups.incident_id,
        case when not incidents.is_redacted then follow_ups.title end as title,
        follow_ups.status,
        follow_ups.priority_name as priority,
        follow_ups.created_at,
        follow_ups.completed_at,
        case
            when coalesce(follow_ups.completed_at, {{ as_of() }}) >= follow_ups.created_at
                then {{ seconds_between('follow_ups.created_at', 'coalesce(follow_ups.completed_at, ' ~ as_of() ~ ')') }}
        end as age_seconds,
        follow_ups.completed_at is null and coalesce(follow_ups.status, '') not in ('completed', 'not_doing') as is_open,
        {{ build_id() }} as build_id
    from {{ ref('stg_incidentio__follow_ups') }} as follow_ups
    inner join {{ ref('int_incidents_joined') }} as incidents
        on follow_ups.incident_id = incidents.incident_id
    where coalesce(follow_ups.status, '') <> 'deleted'
)

select * from final
