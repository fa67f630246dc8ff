-- Each follow-up of a present incident: who is to do it, until when, and how old it is. Its team is the one that it is
-- assigned to, else that of the first service, by name, that the incident affected.
with

due_defaults as (
    select max(due_seconds) as due_seconds
    from {{ ref('config_follow_ups') }}
    where coalesce(priority, '') = ''
),

teams as (
    select
        incident_id,
        team
    from {{ ref('int_incident_services_matched') }}
    where team is not null
    qualify
        row_number() over (
            partition by incident_id
            order by service
        ) = 1
),

joined as (
    select
        follow_ups.follow_up_id,
        follow_ups.incident_id,
        incidents.reference as incident_reference,
        incidents.severity,
        coalesce(lower(incidents.mode) in ('test', 'tutorial'), false) as is_drill,
        case when not incidents.is_redacted then follow_ups.title end as title,
        follow_ups.status,
        follow_ups.priority_name as priority,
        follow_ups.category_name as category,
        case when not incidents.is_redacted then follow_ups.assignee_name end as assignee,
        follow_ups.assignee_team_name as assignee_team,
        coalesce(follow_ups.assignee_team_name, teams.team) as team,
        follow_ups.external_issue_url,
        follow_ups.created_at,
        follow_ups.completed_at,
        follow_ups.completed_at is null
        and coalesce(follow_ups.status, '') not in ('completed', 'not_doing') as is_open,
        coalesce(due.due_seconds, due_defaults.due_seconds) as due_seconds,
        coalesce(follow_ups.completed_at, {{ as_of() }}) as aged_until
    from {{ ref('stg_incidentio__follow_ups') }} as follow_ups
    inner join {{ ref('int_incidents_joined') }} as incidents
        on follow_ups.incident_id = incidents.incident_id
    cross join due_defaults
    left join {{ ref('config_follow_ups') }} as due
        on lower(follow_ups.priority_name) = lower(due.priority)
    left join teams
        on follow_ups.incident_id = teams.incident_id
    where coalesce(follow_ups.status, '') <> 'deleted'
),

timed as (
    select
        joined.*,
        case
            when joined.due_seconds > 0 then {{ plus_seconds('joined.created_at', 'joined.due_seconds') }}
        end as due_at
    from joined
),

final as (
    select
        follow_up_id,
        incident_id,
        incident_reference,
        severity,
        is_drill,
        title,
        status,
        priority,
        category,
        assignee,
        assignee_team,
        team,
        external_issue_url,
        created_at,
        due_at,
        completed_at,
        case when aged_until >= created_at then {{ seconds_between('created_at', 'aged_until') }} end as age_seconds,
        case when completed_at >= created_at then {{ seconds_between('created_at', 'completed_at') }} end
            as completion_seconds,
        is_open,
        is_open and coalesce({{ as_of() }} > due_at, false) as is_overdue,
        case when due_at is not null and completed_at is not null then completed_at > due_at end as is_late
    from timed
)

select * from final
