-- Counted incidents that ended in the range, by severity: how many have a post-mortem, and how long after the restoration it
-- was begun.
with

ended as (
    select
        incidents.incident_id,
        coalesce(incidents.severity, '') as severity,
        incidents.severity_rank
    from {marts}fct_incidents as incidents
    where
        incidents.is_counted
        and incidents.restored_at >= @from_at
        and incidents.restored_at < @to_at
        and {parts/incident_filter}
),

written as (
    select
        incident_id,
        min(seconds_after_restoration) as seconds
    from {marts}fct_postmortems
    group by incident_id
),

measured as (
    select
        ended.incident_id as object_id,
        ended.severity as part,
        cast(@from_date as date) as period_start,
        written.seconds
    from ended
    inner join written
        on ended.incident_id = written.incident_id
    where written.seconds is not null
),

{parts/spread},

totals as (
    select
        ended.severity,
        max(ended.severity_rank) as severity_rank,
        count(*) as sample_size,
        count(written.incident_id) as hits
    from ended
    left join written
        on ended.incident_id = written.incident_id
    group by ended.severity
),

final as (
    select
        totals.severity,
        totals.severity_rank,
        totals.sample_size,
        totals.hits,
        spread.median_seconds,
        spread.p90_seconds
    from totals
    left join spread
        on totals.severity = spread.part
)

select
    coalesce(severity_rank, 0) as severity_rank,
    severity,
    hits as with_postmortem,
    hits / sample_size as value,
    sample_size,
    {parts/wilson_low} as low,
    {parts/wilson_high} as high,
    median_seconds,
    p90_seconds
from final
order by
    severity_rank desc,
    severity
