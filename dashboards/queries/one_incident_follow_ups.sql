-- What was decided after one incident: what is open first, then by when it is due.
select
    follow_ups.follow_up_id,
    follow_ups.title,
    follow_ups.status,
    follow_ups.priority,
    follow_ups.assignee,
    follow_ups.team,
    follow_ups.external_issue_url,
    follow_ups.created_at,
    follow_ups.due_at,
    follow_ups.completed_at,
    follow_ups.age_seconds,
    follow_ups.is_open,
    follow_ups.is_overdue,
    follow_ups.is_late
from {marts}fct_follow_ups as follow_ups
where follow_ups.incident_id = @incident
order by
    case when follow_ups.is_open then 0 else 1 end,
    coalesce(follow_ups.due_at, @as_of),
    follow_ups.created_at,
    follow_ups.follow_up_id
limit @row_limit
