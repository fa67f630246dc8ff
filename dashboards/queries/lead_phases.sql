-- How long changes of the range stay in each phase: the median and the ninth decile, of those of which it is known.
with

{parts/change_phases},

measured as (
    select
        change_id as object_id,
        phase as part,
        cast(@from_date as date) as period_start,
        seconds
    from phases
    where deployed_at >= @from_at and deployed_at < @to_at
),

{parts/spread}

select
    case part when 'coding' then 1 when 'review' then 2 else 3 end as phase_class,
    part as phase,
    sample_size,
    median_seconds,
    p90_seconds
from spread
order by phase_class
