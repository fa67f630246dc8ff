-- One metric over a period (or, as 'whole', over a range of days), under any filter.
with

by_period as (
{metric
    period: cast(@period as string)
    from_date: cast(@from_date as date)
    to_date: cast(@to_date as date)
    filters: {parts/any_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: (@field = '')
    metrics: metrics.metric = @metric
}
)

select
    metric,
    period_start,
    value,
    sample_size,
    low,
    high,
    level,
    is_open
from by_period
where period_start <= cast(@to_date as date)
order by period_start
