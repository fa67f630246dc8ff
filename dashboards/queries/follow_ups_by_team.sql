-- Follow-ups as they stand at the build, by team ('' where there is none): open, overdue, done and given up,
-- which are all of them, and the share that is done.
with

by_team as (
    select
        coalesce(follow_ups.team, '') as team,
        count(*) as follow_ups,
        count(case when follow_ups.is_open then 1 end) as open_count,
        count(case when follow_ups.is_overdue then 1 end) as overdue_count,
        count(case when not follow_ups.is_open and follow_ups.completed_at is null and follow_ups.status = 'not_doing' then 1 end) as given_up_count
    from {marts}fct_follow_ups as follow_ups
    inner join {marts}fct_incidents as incidents
        on follow_ups.incident_id = incidents.incident_id
    where
        not follow_ups.is_drill
        and {parts/follow_up_filter}
    group by 1
)

select
    team,
    open_count - overdue_count as in_time_count,
    overdue_count,
    open_count,
    follow_ups - open_count - given_up_count as completed_count,
    given_up_count,
    follow_ups,
    (follow_ups - open_count - given_up_count) / follow_ups as completion_rate
from by_team
order by
    overdue_count desc,
    open_count desc,
    team
limit @row_limit
