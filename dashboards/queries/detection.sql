-- How long it took from the impact until it was declared (reported or, where that is not set, created), from there to the acknowledgement, and from there to the restoration: the
-- median and the ninth decile, of counted incidents of the range of which both are known and in that order.
with

begun as (
    select
        incidents.incident_id,
        incidents.impact_started_at,
        coalesce(incidents.reported_at, incidents.created_at) as declared_at,
        incidents.acknowledged_at,
        incidents.restored_at
    from {marts}fct_incidents as incidents
    where
        {parts/counted_incidents}
),

timed as (
    select
        begun.incident_id,
        {seconds_between begun.impact_started_at begun.declared_at} as detect,
        {seconds_between begun.declared_at begun.acknowledged_at} as acknowledge,
        {seconds_between begun.acknowledged_at begun.restored_at} as restore
    from begun
),

measured as (
    select
        incident_id as object_id,
        'detect' as part,
        cast(@from_date as date) as period_start,
        detect as seconds
    from timed
    where detect >= 0
    union all
    select
        incident_id as object_id,
        'acknowledge' as part,
        cast(@from_date as date) as period_start,
        acknowledge as seconds
    from timed
    where acknowledge >= 0
    union all
    select
        incident_id as object_id,
        'restore' as part,
        cast(@from_date as date) as period_start,
        restore as seconds
    from timed
    where restore >= 0
),

{parts/spread}

select
    case part when 'detect' then 1 when 'acknowledge' then 2 else 3 end as phase_class,
    part as phase,
    sample_size,
    median_seconds,
    p90_seconds
from spread
order by phase_class
