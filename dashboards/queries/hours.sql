-- Counted incidents of the range by the weekday (1 is Monday) and the hour of the configured time zone at which they began.
with

begun as (
    select
        incidents.incident_id,
        {local_weekday incidents.started_at} as weekday,
        {local_hour incidents.started_at} as hour_of_day
    from {marts}fct_incidents as incidents
    cross join {marts}publication as publication
    where
        {parts/counted_incidents}
)

select
    weekday,
    hour_of_day,
    count(*) as incidents
from begun
group by
    weekday,
    hour_of_day
order by
    weekday,
    hour_of_day
