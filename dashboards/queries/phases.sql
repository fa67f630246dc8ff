-- How long counted incidents of the range stay in each category of status: the median, and the ninth decile, of those that
-- were in it.
with

measured as (
    select
        intervals.incident_id as object_id,
        intervals.status_category as part,
        cast(@from_date as date) as period_start,
        cast(sum(intervals.seconds) as int64) as seconds
    from {marts}fct_incident_status_intervals as intervals
    inner join {marts}fct_incidents as incidents
        on intervals.incident_id = incidents.incident_id
    where
        intervals.seconds is not null
        and intervals.status_category in ('triage', 'live', 'learning')
        and {parts/counted_incidents}
    group by
        intervals.incident_id,
        intervals.status_category
),

{parts/spread}

select
    part as status_category,
    sample_size,
    median_seconds,
    p90_seconds
from spread
order by case part when 'triage' then 1 when 'live' then 2 else 3 end
