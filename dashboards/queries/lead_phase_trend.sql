-- How long changes stay in each phase, by period of their deployment: the median, of those of which it is known.
with

{parts/change_phases},

dated as (
    select
        phases.change_id,
        phases.phase,
        phases.seconds,
        {local_date phases.deployed_at} as local_date
    from phases
    cross join {marts}publication as publication
    where phases.deployed_at >= @from_at and phases.deployed_at < @to_at
),

measured as (
    select
        dated.change_id as object_id,
        dated.phase as part,
        {period_of dated.local_date} as period_start,
        dated.seconds
    from dated
    cross join {marts}publication as publication
),

{parts/spread}

select
    spread.period_start,
    case spread.part when 'coding' then 1 when 'review' then 2 else 3 end as phase_class,
    spread.part as phase,
    spread.median_seconds,
    spread.sample_size,
    spread.period_start = {period_of publication.as_of_date} as is_open
from spread
cross join {marts}publication as publication
order by
    spread.period_start,
    phase_class
