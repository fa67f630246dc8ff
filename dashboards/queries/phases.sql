-- How long counted incidents of the range stay in each category of status: the median, and the ninth decile, of those that
-- were in it, by rank.
with

stays as (
    select
        intervals.incident_id,
        intervals.status_category,
        cast(sum(intervals.seconds) as int64) as seconds
    from {marts}fct_incident_status_intervals as intervals
    inner join {marts}fct_incidents as incidents
        on intervals.incident_id = incidents.incident_id
    where
        intervals.seconds is not null
        and intervals.status_category in ('triage', 'live', 'learning')
        and incidents.is_counted
        and incidents.started_at >= @from_at
        and incidents.started_at < @to_at
        and {parts/incident_filter}
    group by
        intervals.incident_id,
        intervals.status_category
),

ranked as (
    select
        status_category,
        seconds,
        row_number() over (
            partition by status_category
            order by seconds, incident_id
        ) as place,
        count(*) over (partition by status_category) as sample_size
    from stays
),

final as (
    select
        status_category,
        max(sample_size) as sample_size,
        max(case when place = floor((sample_size + 1) / 2) then seconds end) as median_seconds,
        max(case when place = ceil(0.9 * sample_size) then seconds end) as p90_seconds
    from ranked
    group by status_category
)

select
    status_category,
    sample_size,
    median_seconds,
    p90_seconds
from final
order by case status_category when 'triage' then 1 when 'live' then 2 else 3 end
