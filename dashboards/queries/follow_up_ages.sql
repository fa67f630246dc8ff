-- Open follow-ups by how old they are and by priority ('' where there is none).
with

aged as (
    select
        follow_ups.follow_up_id,
        coalesce(follow_ups.priority, '') as priority,
        follow_ups.is_overdue,
        case
            when follow_ups.age_seconds < 7 * 86400 then 1
            when follow_ups.age_seconds < 30 * 86400 then 2
            when follow_ups.age_seconds < 90 * 86400 then 3
            else 4
        end as age_class
    from {marts}fct_follow_ups as follow_ups
    inner join {marts}fct_incidents as incidents
        on follow_ups.incident_id = incidents.incident_id
    where
        follow_ups.is_open
        and not follow_ups.is_drill
        and {parts/follow_up_filter}
)

select
    age_class,
    case age_class when 1 then '< 7 d' when 2 then '7-30 d' when 3 then '30-90 d' else '>= 90 d' end as age,
    priority,
    count(*) as follow_ups,
    count(case when is_overdue then 1 end) as overdue
from aged
group by
    age_class,
    priority
order by
    age_class,
    priority
