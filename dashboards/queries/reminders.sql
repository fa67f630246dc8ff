-- Open follow-ups to chase, the most overdue first.
select
    reminders.follow_up_id,
    reminders.incident_id,
    reminders.incident_reference,
    reminders.title,
    reminders.priority,
    reminders.assignee,
    reminders.team,
    reminders.external_issue_url,
    reminders.created_at,
    reminders.due_at,
    reminders.is_overdue,
    reminders.overdue_seconds
from {marts}rpt_follow_up_reminders as reminders
where
    (@team = '' or reminders.team = @team)
    and (@severity = '' or reminders.severity = @severity)
order by reminders.position
limit @row_limit
