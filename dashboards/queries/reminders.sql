-- Open follow-ups to chase, the most overdue first.
select
    follow_ups.follow_up_id,
    follow_ups.incident_id,
    follow_ups.incident_reference,
    follow_ups.title,
    follow_ups.priority,
    follow_ups.assignee,
    follow_ups.team,
    follow_ups.external_issue_url,
    follow_ups.created_at,
    follow_ups.due_at,
    follow_ups.is_overdue,
    follow_ups.overdue_seconds
from {marts}rpt_follow_up_reminders as follow_ups
inner join {marts}fct_incidents as incidents
    on follow_ups.incident_id = incidents.incident_id
where {parts/follow_up_filter}
order by follow_ups.position
limit @row_limit
