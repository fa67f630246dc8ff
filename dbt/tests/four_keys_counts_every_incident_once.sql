-- The totals of four_keys, month by month, are the counted incidents of fct_incidents, each once however many services
-- it has. Said in other words than the metric template's, so that neither can go wrong alone.
with

incidents as (
    select
        {{ date_floor(local_date('incidents.started_at'), 'month') }} as period_start,
        count(*) as incident_count
    from {{ ref('fct_incidents') }} as incidents
    cross join {{ ref('publication') }} as publication
    where
        incidents.is_counted
        and incidents.started_at is not null
        and {{ local_date('incidents.started_at') }} between date '1970-01-01' and publication.as_of_date
    group by period_start
),

totals as (
    select
        period_start,
        value
    from {{ ref('four_keys') }}
    where metric = 'incidents' and period = 'month' and dimension = 'all'
)

select
    incidents.incident_count,
    totals.value,
    coalesce(incidents.period_start, totals.period_start) as period_start
from incidents
full outer join totals on incidents.period_start = totals.period_start
where coalesce(incidents.incident_count, 0) <> coalesce(totals.value, 0)
